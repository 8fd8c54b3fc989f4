"""citymodel.sample_town: every roof form is a closed, outward, planar solid of known volume."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose

from citykernel.arrays import Float64Array
from citymodel.sample_town.polytope import cut_prism
from citymodel.sample_town.roof_profiles import cross_gable_footprint
from citymodel.sample_town.roofs import (
    CONE,
    DOME,
    FLAT,
    FORMS,
    GABLE,
    HALF_HIP,
    HIP,
    LEAN_TO,
    MANSARD,
    MIXED,
    OFFSET_LEAN_TO,
    OTHER,
    SAWTOOTH,
    SPIRE,
    TENT,
    Roof,
    Volume,
    build_solid,
)
from citymodel.sample_town.solids import (
    GROUND,
    ROOF,
    WALL,
    Solid,
    ground_rings,
    make_solid,
    open_edges,
    raised,
    volume,
)

SOEST = np.array([438_000.13, 5_714_000.57])
TURN_DEG = 17.2
LENGTH, DEPTH, EAVES = 12.0, 9.0, 5.0
SLOPE = 1.0  # 45 degrees
RISE = SLOPE * DEPTH / 2


def askew(corners: list[tuple[float, float]]) -> Float64Array:
    """Corners turned and moved to UTM coordinates, on whole millimetres."""
    turn = math.radians(TURN_DEG)
    matrix = np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]])
    return np.asarray(np.rint((np.array(corners) @ matrix + SOEST) * 1000) / 1000)


HOUSE = askew([(0, 0), (LENGTH, 0), (LENGTH, DEPTH), (0, DEPTH)])
TWELVE_CORNERS = askew(
    [(5 * math.cos(k * math.pi / 6), 5 * math.sin(k * math.pi / 6)) for k in range(12)]
)
TWELVE_CORNERED_M2 = 12 * 0.5 * 25 * math.sin(math.pi / 6)


def normal_offsets(solid: Solid) -> list[tuple[str, Float64Array, float]]:
    """Kind, area vector and greatest distance from the mean plane of each face."""
    found = []
    for face, kind in zip(solid.faces, solid.kinds, strict=True):
        ring = solid.vertices[list(face)] - solid.vertices[list(face)].mean(axis=0)
        vector = 0.5 * np.cross(ring, np.roll(ring, -1, axis=0)).sum(axis=0)
        off = np.abs(ring @ (vector / np.linalg.norm(vector))).max()
        found.append((kind, vector, float(off)))
    return found


def dome_volume() -> float:
    """Five frusta over the polygon."""
    areas = [TWELVE_CORNERED_M2 * math.cos(math.radians(18 * k)) ** 2 for k in range(6)]
    heights = [5 * math.sin(math.radians(18 * k)) for k in range(6)]
    total = TWELVE_CORNERED_M2 * EAVES
    for k in range(5):
        step = heights[k + 1] - heights[k]
        total += step / 3 * (areas[k] + areas[k + 1] + math.sqrt(areas[k] * areas[k + 1]))
    return total


BOX = LENGTH * DEPTH * EAVES
GABLED = BOX + LENGTH * DEPTH * RISE / 2
HIP_RUN = RISE / math.tan(math.radians(45 + 8))
MANSARD_BREAK = math.tan(math.radians(70)) * DEPTH / 7
# A cross gable 4 m wide rises 5 % above its own slopes' meeting point: 2.1 m.
CROSS_RISE = 2.1

CASES = {
    "flat": (HOUSE, Roof(FLAT, EAVES), BOX),
    "lean-to": (HOUSE, Roof(LEAN_TO, EAVES, 45, TURN_DEG), BOX + LENGTH * DEPTH**2 / 2),
    "offset lean-to": (
        HOUSE,
        Roof(OFFSET_LEAN_TO, EAVES, 45, share=0.6),
        BOX + LENGTH * DEPTH**2 * (0.6**2 + 0.4**2) / 2,
    ),
    "gable": (HOUSE, Roof(GABLE, EAVES, 45, TURN_DEG), GABLED),
    "hip": (HOUSE, Roof(HIP, EAVES, 45, TURN_DEG), GABLED - 2 * DEPTH * RISE * HIP_RUN / 6),
    "half-hip": (
        HOUSE,
        Roof(HALF_HIP, EAVES, 45, TURN_DEG, share=0.4),
        GABLED - 2 * (0.4 * DEPTH) * (0.4 * RISE) * (0.4 * RISE) / 6,
    ),
    "mansard": (
        HOUSE,
        Roof(MANSARD, EAVES, 45, TURN_DEG),
        BOX
        + LENGTH * MANSARD_BREAK * (DEPTH + DEPTH * 5 / 7) / 2
        + LENGTH * (DEPTH * 5 / 7) * (DEPTH * 5 / 14) / 2,
    ),
    "tent": (HOUSE, Roof(TENT, EAVES, 45), BOX + LENGTH * DEPTH * 7.5 / 3),
    "spire": (HOUSE, Roof(SPIRE, EAVES, 45), BOX + LENGTH * DEPTH * 7.5 / 3),
    "cone": (TWELVE_CORNERS, Roof(CONE, EAVES, 45), TWELVE_CORNERED_M2 * (EAVES + 5 / 3)),
    "dome": (TWELVE_CORNERS, Roof(DOME, EAVES), dome_volume()),
    "sawtooth": (
        HOUSE,
        Roof(SAWTOOTH, EAVES, 30, bays=3),
        BOX + LENGTH * DEPTH * (math.tan(math.radians(30)) * DEPTH / 3) / 2,
    ),
    "mixed, flush": (
        cross_gable_footprint(HOUSE, (3, 7, 0)),
        Roof(MIXED, EAVES, 45, wing=(3, 7, 0)),
        GABLED + (4 * CROSS_RISE / 2) * CROSS_RISE / 3,
    ),
    "mixed, with a wing": (
        cross_gable_footprint(HOUSE, (3, 7, 2.5)),
        Roof(MIXED, EAVES, 45, wing=(3, 7, 2.5)),
        GABLED + (4 * CROSS_RISE / 2) * CROSS_RISE / 3 + 2.5 * (4 * EAVES + 4 * CROSS_RISE / 2),
    ),
    "other": (
        HOUSE,
        Roof(OTHER, EAVES, 45, share=0.4),
        BOX + LENGTH * DEPTH**2 * (0.4**2 + 0.6**2) / 2,
    ),
}


@pytest.fixture(params=CASES, ids=list(CASES))
def case(request: pytest.FixtureRequest) -> tuple[Solid, float]:
    """A solid of each form, and its volume by the textbook."""
    footprint, roof, expected = CASES[request.param]
    return build_solid(Volume(footprint, roof)), expected


def test_every_form_has_a_case() -> None:
    """A form without a known volume would go untested."""
    assert {roof.code for _, roof, _ in CASES.values()} == set(FORMS)


def test_volume_is_the_textbooks(case: tuple[Solid, float]) -> None:
    """Corners on millimetres change a volume of some hundred cubic metres by litres."""
    solid, expected = case
    assert_allclose(volume(solid), expected, rtol=2e-4)


def test_is_closed_edge_for_edge(case: tuple[Solid, float]) -> None:
    """Every edge is run through once in each direction."""
    assert open_edges(case[0]) == []


def test_faces_are_planar_to_a_millimetre(case: tuple[Solid, float]) -> None:
    """Rounding is the only thing that bends a face."""
    assert max(off for _, _, off in normal_offsets(case[0])) < 0.0015


def test_faces_look_outwards(case: tuple[Solid, float]) -> None:
    """Roofs look up, the ground down, walls sideways."""
    for kind, vector, _ in normal_offsets(case[0]):
        upward = vector[2] / np.linalg.norm(vector)
        if kind == ROOF:
            assert upward > 0.05
        elif kind == GROUND:
            assert upward < -0.999
        else:
            assert kind == WALL
            assert abs(upward) < 1e-3


def test_stands_on_its_footprint(case: tuple[Solid, float]) -> None:
    """One ground face, at height 0, with walls straight above it."""
    solid, _ = case
    (ring,) = ground_rings(solid)
    assert solid.vertices[:, 2].min() == 0.0
    assert len({tuple(corner) for corner in ring.tolist()}) == len(ring)


def test_crooked_lot_keeps_planar_faces() -> None:
    """A lot without a right angle gets a gable whose every face is planar and closed."""
    lot = askew([(0, 0), (7.3, -0.4), (8.1, 13.2), (-0.9, 11.7)])
    solid = build_solid(Volume(lot, Roof(GABLE, 6.2, 52.0, TURN_DEG + 88)))
    assert open_edges(solid) == []
    assert max(off for _, _, off in normal_offsets(solid)) < 0.0015
    assert volume(solid) > 0


def test_choir_has_no_slope_towards_the_nave() -> None:
    """A hip over more than four corners rises from every side but the first."""
    choir = askew([(0, 4), (0, -4), (6, -4), (9, -1.7), (9, 1.7), (6, 4)])
    solid = build_solid(Volume(choir, Roof(HIP, 8.0, 45.0, TURN_DEG)))
    tops = sorted(
        solid.vertices[list(face), 2].max()
        for face, kind in zip(solid.faces, solid.kinds, strict=True)
        if kind == WALL
    )
    assert_allclose(tops, [8, 8, 8, 8, 8, 12], atol=0.003)


def test_leaning_spire_is_closed_and_leans() -> None:
    """A stack's tip stands off its middle by the lean."""
    tower = askew([(0, 0), (8, 0), (8, 8), (0, 8)])
    roof = Roof(TENT, 20.0, profile=((1.0, 20.0), (0.7, 24.0), (0.0, 47.0)), lean=(-1.6, -1.5))
    solid = build_solid(Volume(tower, roof))
    tip = solid.vertices[solid.vertices[:, 2].argmax()]
    assert_allclose(tip[:2] - tower.mean(axis=0), [-1.6, -1.5], atol=1e-3)
    assert open_edges(solid) == []
    assert max(off for _, _, off in normal_offsets(solid)) < 0.0015


def test_plane_above_the_prism_cuts_nothing() -> None:
    """A roof plane that passes over the whole prism leaves it as it is."""
    solid = cut_prism(HOUSE, [(0.0, 0.0, 99.0)], 5.0)
    assert len(solid.faces) == 6
    assert_allclose(volume(solid), BOX, rtol=1e-5)


def test_corners_that_round_to_one_are_welded() -> None:
    """An edge shorter than half a millimetre vanishes, and the faces with it."""
    corners = [(0, 0, 0), (4, 0, 0), (4, 3, 0), (4.0002, 3.0002, 0), (0, 3, 0)]
    solid = make_solid(corners, [(GROUND, (4, 3, 2, 1, 0)), (WALL, (2, 3, 2))])
    assert len(solid.vertices) == 4
    assert solid.kinds == (GROUND,)


def test_raised_solid_stays_on_millimetres() -> None:
    """Heights are rounded as the files round them."""
    solid = raised(build_solid(Volume(HOUSE, Roof(FLAT, 4.0))), 97.1234)
    assert sorted(set(solid.vertices[:, 2].tolist())) == [97.123, 101.123]
