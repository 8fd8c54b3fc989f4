"""citymodel.sample_town.parts: the wall two parts share is a ClosureSurface of both."""

from __future__ import annotations

import math

import numpy as np
from numpy.testing import assert_allclose

from citykernel.arrays import Float64Array
from citymodel.sample_town.parts import close_between
from citymodel.sample_town.roofs import FLAT, GABLE, LEAN_TO, Roof, Volume, build_solid
from citymodel.sample_town.solids import CLOSURE, WALL, Solid, open_edges, volume

TURN_DEG = 17.2


def box(west: float, south: float, east: float, north: float, roof: Roof) -> Solid:
    """A part askew at UTM coordinates."""
    turn = math.radians(TURN_DEG)
    matrix = np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]])
    corners = np.array([(west, south), (east, south), (east, north), (west, north)], float)
    ring = np.rint((corners @ matrix + [438_000.13, 5_714_000.57]) * 1000) / 1000
    return build_solid(Volume(ring, roof))


def area_m2(solid: Solid, kind: str) -> float:
    """Area of the faces of one kind."""
    total = 0.0
    for face, of in zip(solid.faces, solid.kinds, strict=True):
        if of == kind:
            ring = solid.vertices[list(face)] - solid.vertices[face[0]]
            total += float(
                np.linalg.norm(np.cross(ring, np.roll(ring, -1, axis=0)).sum(axis=0)) / 2
            )
    return total


def closures(solid: Solid) -> list[Float64Array]:
    """Corners of the closure faces."""
    return [
        solid.vertices[list(face)]
        for face, kind in zip(solid.faces, solid.kinds, strict=True)
        if kind == CLOSURE
    ]


def test_house_with_a_wing_and_a_shed_keeps_closed_solids() -> None:
    """Splitting walls changes no volume and opens no edge."""
    parts = [
        box(0, 0, 10, 12, Roof(GABLE, 5, 45, TURN_DEG + 90)),
        box(10, 2, 16, 8, Roof(GABLE, 4, 45, TURN_DEG)),
        box(2, 12, 8, 20, Roof(LEAN_TO, 3, 20, TURN_DEG)),
        box(16, 3, 20, 8, Roof(FLAT, 3)),
    ]
    split = close_between(parts)
    assert [s.kinds.count(CLOSURE) for s in split] == [2, 2, 1, 1]
    for before, after in zip(parts, split, strict=True):
        assert open_edges(after) == []
        assert_allclose(volume(after), volume(before), atol=0.05)


def test_shared_wall_is_the_lower_parts_whole_wall() -> None:
    """The high part keeps what rises above, the low part has no wall left there."""
    high, low = close_between([box(0, 0, 8, 6, Roof(FLAT, 9)), box(8, 0, 12, 6, Roof(FLAT, 4))])
    assert_allclose(area_m2(high, CLOSURE), 6 * 4, rtol=1e-3)
    assert_allclose(area_m2(low, CLOSURE), 6 * 4, rtol=1e-3)
    assert_allclose(area_m2(high, WALL), 2 * (8 + 6) * 9 - 24, rtol=1e-3)
    assert low.kinds.count(WALL) == 3


def test_both_parts_carry_the_same_corners_the_other_way_round() -> None:
    """The inner wall is one polygon seen from two sides."""
    parts = [
        box(0, 0, 8, 10, Roof(GABLE, 5, 48, TURN_DEG + 90)),
        box(8, 3, 13, 8, Roof(GABLE, 4, 40, TURN_DEG)),
    ]
    (one,), (other,) = (closures(part) for part in close_between(parts))
    assert {tuple(corner) for corner in one.tolist()} == {
        tuple(corner) for corner in other.tolist()
    }
    normals = [
        np.cross(r - r[0], np.roll(r - r[0], -1, axis=0)).sum(axis=0) for r in (one, other)
    ]
    assert_allclose(normals[0], -normals[1], atol=0.05)


def test_parts_that_only_meet_at_a_corner_share_no_wall() -> None:
    """Touching along a line is no inner wall."""
    parts = [box(0, 0, 4, 4, Roof(FLAT, 3)), box(4, 4, 8, 8, Roof(FLAT, 3))]
    assert [part.kinds for part in close_between(parts)] == [part.kinds for part in parts]
