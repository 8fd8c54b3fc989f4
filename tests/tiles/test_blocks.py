"""tiles.blocks, tiles.box_mesh and tiles.box_roofs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from citykernel.arrays import Float64Array
from citymodel import CityModel, SurfaceType
from citymodel.testing import (
    Piece,
    Point,
    askew_hamlet,
    build_model,
    courtyard_house,
    gable_house,
    house_with_parts,
)
from tiles import FeatureMesh, Features
from tiles.box_roofs import FLAT, RIDGE, RIDGE_ACROSS, choose_roofs

Featured = Callable[[CityModel], Features]
GROUND, WALL, ROOF = (
    SurfaceType.GROUND_SURFACE,
    SurfaceType.WALL_SURFACE,
    SurfaceType.ROOF_SURFACE,
)


def _house(
    floor: Sequence[tuple[float, float]],
    roofs: Sequence[Sequence[Point]],
    *,
    wall_m: float = 3.0,
    closed: bool = True,
) -> list[Piece]:
    """Build a house on a floor (counter-clockwise) under roofs of its own."""
    below = [(x, y, 0.0) for x, y in floor]
    above = [(x, y, wall_m) for x, y in floor]
    n = len(floor)
    walls = [
        (WALL, [[below[i], below[(i + 1) % n], above[(i + 1) % n], above[i]]]) for i in range(n)
    ]
    ground = [(GROUND, [below[::-1]])] if closed else []
    return [Piece("house", [*ground, *walls, *((ROOF, [list(r)]) for r in roofs)])]


def _hip(width: float, depth: float, run: float, eaves: float, ridge: float) -> list[Piece]:
    """Build a hipped house, its ridge ``run`` metres shorter at each end."""
    x = width / 2
    s, n = (x, run, ridge), (x, depth - run, ridge)
    sw, se = (0.0, 0.0, eaves), (width, 0.0, eaves)
    ne, nw = (width, depth, eaves), (0.0, depth, eaves)
    roofs = [[sw, se, s], [se, ne, n, s], [ne, nw, n], [nw, sw, s, n]]
    floor = [(0, 0), (width, 0), (width, depth), (0, depth)]
    return _house(floor, roofs, wall_m=eaves)


OVERHANG: list[list[Point]] = [
    [(-0.6, 10.4, 2.55), (-0.6, -0.4, 2.55), (4, -0.4, 6), (4, 10.4, 6)],
    [(4, 10.4, 6), (4, -0.4, 6), (8.6, -0.4, 2.55), (8.6, 10.4, 2.55)],
]


def _overhanging() -> list[Piece]:
    """Build the gable house under a roof that overhangs it on all sides."""
    (house,) = gable_house()
    closed = [face for face in house.faces if face[0] != ROOF]
    return [replace(house, faces=[*closed, *((ROOF, [roof]) for roof in OVERHANG)])]


RECTANGLE = [(0.0, 0.0), (8.0, 0.0), (8.0, 10.0), (0.0, 10.0)]
L_FLOOR = [(0.0, 0.0), (14.0, 0.0), (14.0, 6.0), (6.0, 6.0), (6.0, 12.0), (0.0, 12.0)]
HOUSES = {
    "gable": gable_house(),
    "overhang": _overhanging(),
    "hip": _hip(8, 14, 4, 3, 7),
    "tent": _hip(8, 8, 3.9, 3, 7),
    "shed roof": _house(RECTANGLE, [[(0, 0, 3), (8, 0, 5), (8, 10, 5), (0, 10, 3)]]),
    "corner": _house(L_FLOOR, [[(x, y, 3.0) for x, y in L_FLOOR]]),
    "court": courtyard_house(),
    "without ground": _house(RECTANGLE, [[(x, y, 3.0) for x, y in RECTANGLE]], closed=False),
}


def _samples(mesh: FeatureMesh, per_side: int = 12) -> Float64Array:
    """Points all over the triangles."""
    steps = np.arange(per_side + 1) / per_side
    pairs = np.array([(u, v) for u in steps for v in steps if u + v <= 1 + 1e-9])
    a, b, c = (mesh.positions[mesh.absolute_triangles[:, i]] for i in range(3))
    u, v = pairs[:, :1], pairs[:, 1:]
    return np.concatenate(
        [p + u * (q - p) + v * (r - p) for p, q, r in zip(a, b, c, strict=True)]
    )


def _to_segments(p: Float64Array, a: Float64Array, b: Float64Array) -> Float64Array:
    along = b - a
    share = np.sum((p[:, None] - a) * along, axis=2) / np.sum(along * along, axis=1)
    near = a + np.clip(share, 0, 1)[..., None] * along
    return np.asarray(np.linalg.norm(p[:, None] - near, axis=2))


def _distance_m(points: Float64Array, mesh: FeatureMesh) -> float:
    """Largest distance of points from the nearest triangle."""
    a, b, c = (mesh.positions[mesh.absolute_triangles[:, i]] for i in range(3))
    least = np.minimum.reduce([_to_segments(points, *e) for e in ((a, b), (b, c), (c, a))])
    normal = np.cross(b - a, c - a)
    square = np.sum(normal * normal, axis=1)
    away = points[:, None] - a
    first = np.sum(np.cross(away, c - a) * normal, axis=2) / square
    second = np.sum(np.cross(b - a, away) * normal, axis=2) / square
    over = (first >= 0) & (second >= 0) & (first + second <= 1)
    plane = np.abs(np.sum(away * normal, axis=2)) / np.sqrt(square)
    return float(np.where(over, np.minimum(plane, least), least).min(axis=1).max())


def _apart_m(own: FeatureMesh, stand_in: FeatureMesh) -> float:
    """Hausdorff distance as far as sampling sees it; nobody looks at a house from below."""
    seen = own.absolute_triangles
    up = own.normals[seen[:, 0], 2] > -0.5
    above = replace(
        own,
        triangles=seen[up].astype(np.int32),
        vertex_offsets=np.array([0, len(own.positions)], np.int32),
        triangle_offsets=np.array([0, up.sum()], np.int32),
    )
    there = _distance_m(_samples(above), stand_in)
    return max(there, _distance_m(_samples(stand_in), own))


@pytest.mark.parametrize("name", HOUSES)
def test_the_stated_error_is_never_less_than_the_measured(
    featured: Featured, name: str
) -> None:
    """Brute force: points all over house and stand-in, each to the other's triangles."""
    features = featured(build_model(HOUSES[name]))
    own, stand_ins = features.mesh, features.simplified
    assert _apart_m(own, stand_ins.box) <= stand_ins.box_error_m[0] + 1e-6
    if np.isfinite(stand_ins.block_error_m[0]):
        assert _apart_m(own, stand_ins.block) <= stand_ins.block_error_m[0] + 1e-6


@settings(max_examples=25, deadline=None)
@given(st.floats(4, 15), st.floats(4, 25), st.floats(0.1, 0.98), st.floats(0.5, 7))
def test_hipped_houses_of_any_size_are_not_understated(
    width: float, depth: float, share: float, rise: float
) -> None:
    """From tents to gables, with the ridge along either side."""
    run = share * depth / 2
    features = FEATURED(build_model(_hip(width, depth, run, 3, 3 + rise)))
    stand_ins = features.simplified
    assert _apart_m(features.mesh, stand_ins.box) <= stand_ins.box_error_m[0] + 1e-6
    assert _apart_m(features.mesh, stand_ins.block) <= stand_ins.block_error_m[0] + 1e-6


def FEATURED(model: CityModel) -> Features:  # noqa: N802 - hypothesis takes no fixtures
    """Features in a frame of their own."""
    from citykernel.crs import Geocentric  # noqa: PLC0415
    from citykernel.frame import LocalFrame  # noqa: PLC0415
    from citykernel.geoid import Undulation  # noqa: PLC0415
    from citymodel.testing import SOEST, SOEST_CRS  # noqa: PLC0415
    from tiles import build_features  # noqa: PLC0415

    geocentric = Geocentric(SOEST_CRS, Undulation("for tests", 1.0, constant_m=46.28))
    lon, lat, height = geocentric.degrees(np.array([SOEST]))[0]
    frame = LocalFrame(float(lon), float(lat), float(height))
    return build_features(model, geocentric, frame)[0]


def test_a_gable_house_keeps_its_ridge(featured: Featured) -> None:
    """A pitched roof looks pitched from afar, and its box is right to the millimetre."""
    stand_ins = featured(build_model(gable_house())).simplified
    assert stand_ins.box_error_m[0] < 0.005
    assert len(stand_ins.box.triangles) == 14
    assert_allclose(stand_ins.block_error_m, 1.5, atol=0.005)


def test_a_flat_house_stays_a_box(featured: Featured) -> None:
    """Its part and its block are as exact."""
    stand_ins = featured(build_model(house_with_parts())).simplified
    assert np.diff(stand_ins.box.triangle_offsets).tolist() == [14, 10]
    assert stand_ins.box_error_m[1] < 0.005
    assert stand_ins.block_error_m[1] < 0.005


def test_a_court_is_filled_by_the_box_and_kept_by_the_block(featured: Featured) -> None:
    """The middle of the court is 5 m from each wall."""
    stand_ins = featured(build_model(courtyard_house())).simplified
    assert stand_ins.box_error_m[0] >= 5
    assert stand_ins.block_error_m[0] < 0.005


def test_a_low_roof_is_not_worth_a_ridge(featured: Featured) -> None:
    """Half a metre of rise: six vertices more would show nothing."""
    stand_ins = featured(build_model(_hip(8, 14, 0.01, 3, 3.5))).simplified
    assert len(stand_ins.box.triangles) == 10
    assert_allclose(stand_ins.box_error_m, 0.25, atol=0.01)


def _surfaces(mesh: FeatureMesh) -> tuple[Float64Array, Float64Array]:
    """Middles and area vectors of all triangles."""
    a, b, c = (mesh.positions[mesh.absolute_triangles[:, i]] for i in range(3))
    return (a + b + c) / 3, np.cross(b - a, c - a) / 2


@pytest.mark.parametrize("which", ["box", "block"])
@pytest.mark.parametrize("name", ["gable", "corner", "hip"])
def test_walls_and_roofs_look_outwards(featured: Featured, name: str, which: str) -> None:
    """Volume by the divergence theorem, with the ground that is missing, is positive."""
    features = featured(build_model(HOUSES[name]))
    mesh = getattr(features.simplified, which)
    middle, area = _surfaces(mesh)
    bottom = features.low[0] + [0, 0, 0]
    volume = np.sum((middle - bottom) * area) / 3
    wide = {
        "gable": 80.0,
        "corner": 14 * 12 - 48.0 if which == "block" else 168.0,
        "hip": 112.0,
    }
    assert volume > wide[name] * 2.5
    classes = mesh.classes[mesh.absolute_triangles[:, 0]]
    assert (area[classes == ROOF, 2] > 0).all()
    assert_allclose(area[classes == WALL, 2], 0, atol=0.05)
    length = np.linalg.norm(area, axis=1)
    normals = mesh.normals[mesh.absolute_triangles[:, 0]]
    assert_allclose(np.sum(area * normals, axis=1) / length, 1, atol=1e-3)


def test_the_walls_of_a_court_look_into_it(featured: Featured) -> None:
    """The block's inner walls face the court's middle."""
    features = featured(build_model(courtyard_house()))
    mesh = features.simplified.block
    middle, area = _surfaces(mesh)
    centre = (features.low[0] + features.high[0]) / 2
    walls = mesh.classes[mesh.absolute_triangles[:, 0]] == WALL
    outwards = np.sum((middle - centre)[:, :2] * area[:, :2], axis=1)[walls]
    near = np.linalg.norm((middle - centre)[walls][:, :2], axis=1) < 8
    assert (outwards[near] < 0).all()
    assert (outwards[~near] > 0).all()


def test_stand_ins_stand_where_their_features_do(featured: Featured) -> None:
    """Feature by feature, within its bounds but for the ridge of a hip."""
    features = featured(askew_hamlet())
    for mesh in (features.simplified.box, features.simplified.block):
        assert len(mesh) == len(features)
        rows = mesh.vertex_feature
        assert (mesh.positions >= features.low[rows] - 0.01).all()
        assert (mesh.positions <= features.high[rows] + 0.01).all()


def test_stand_ins_wear_the_colour_of_their_roof(featured: Featured) -> None:
    """Red stays red from afar."""
    features = featured(build_model(gable_house()))
    own = features.mesh.colours[features.mesh.classes == ROOF]
    for mesh in (features.simplified.box, features.simplified.block):
        assert_array_equal(np.unique(mesh.colours[mesh.classes == ROOF], axis=0), own[:1])


def test_what_has_no_semantics_is_told_by_where_it_looks(featured: Featured) -> None:
    """The ground looks down, the roof up: the same stand-ins as with semantics."""
    named = build_model(gable_house())
    plain = replace(named, surface_type=np.zeros_like(named.surface_type))
    one, two = featured(named).simplified, featured(plain).simplified
    assert_allclose(two.box_error_m, one.box_error_m, atol=1e-6)
    assert_allclose(two.block_error_m, one.block_error_m, atol=1e-6)
    assert_allclose(two.box.positions, one.box.positions, atol=1e-6)


def test_a_single_wall_has_stand_ins_that_are_told_to_be_wrong(featured: Featured) -> None:
    """No ground, no roof, no width: nothing fails, nothing is called exact."""
    wall = [(0.0, 0.0, 0.0), (9.0, 0.0, 0.0), (9.0, 0.0, 4.0), (0.0, 0.0, 4.0)]
    features = featured(build_model([Piece("wall", [(WALL, [wall])])]))
    assert np.isfinite(features.simplified.box.positions).all()
    assert features.simplified.box_error_m[0] > 1.9
    assert np.isinf(features.simplified.block_error_m[0])


def test_a_ridge_runs_along_either_side() -> None:
    """Two slopes about a ridge along x, then along y, then a pyramid."""
    corners = np.array([[[0, 0], [8, 0], [8, 6], [0, 6.0]]] * 3)
    along = [
        [[0, 0, 3], [8, 0, 3], [8, 3, 6]],
        [[0, 3, 6], [8, 3, 6], [8, 6, 3]],
    ]
    across = [
        [[0, 0, 3], [4, 0, 6], [4, 6, 6]],
        [[4, 0, 6], [8, 0, 3], [8, 6, 3]],
    ]
    peak = [[[0, 0, 3], [8, 0, 3], [4, 3, 6]], [[8, 6, 3], [0, 6, 3], [4, 3, 6]]]
    kind, foot, rise, off = choose_roofs(
        corners,
        np.array(along + across + peak, np.float64),
        np.array([0, 2, 4, 6]),
        np.full(3, 3.0),
        np.full(3, 6.0),
    )
    assert kind[:2].tolist() == [RIDGE, RIDGE_ACROSS]
    assert_allclose(off[:2], 0, atol=1e-12)
    assert_allclose(foot[:2] + rise[:2], 6)
    assert kind[2] in {FLAT, RIDGE}
