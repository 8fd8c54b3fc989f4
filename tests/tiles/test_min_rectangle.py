"""tiles.min_rectangle."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from citykernel.arrays import Float64Array
from tiles.min_rectangle import reach_beyond, rectangles

UTM = np.array([437_954.13, 5_714_530.57])
metres = st.floats(-30, 30).map(lambda value: round(value, 3))
clouds = st.lists(st.tuples(metres, metres), min_size=3, max_size=25)


def _one(points: Float64Array) -> tuple[Float64Array, float]:
    """Rectangle of one ring and how far the two are apart."""
    count = len(points)
    closes = np.roll(np.arange(count), -1)
    area = np.array([abs(_area_m2(points))])
    corners, apart = rectangles(points, np.array([0, count]), closes, area)
    return corners[0], float(apart[0])


def _area_m2(corners: Float64Array) -> float:
    """Shoelace area, positive when counter-clockwise."""
    x, y = (corners - corners[0]).T
    return float(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1)) / 2)


def _turned(width: float, depth: float, angle_rad: float) -> Float64Array:
    cos, sin = np.cos(angle_rad), np.sin(angle_rad)
    flat = np.array([[0, 0], [width, 0], [width, depth], [0, depth]], np.float64)
    return np.asarray(flat @ np.array([[cos, sin], [-sin, cos]]))


@settings(max_examples=150, deadline=None)
@given(clouds)
def test_it_is_as_small_as_shapelys(cloud: list[tuple[float, float]]) -> None:
    """Rotating calipers of another library find the same area."""
    points = np.array(cloud)
    corners, _ = _one(points)
    expected = shapely.minimum_rotated_rectangle(shapely.multipoints(points)).area
    assert_allclose(_area_m2(corners), expected, rtol=1e-9, atol=1e-9)


@settings(max_examples=50, deadline=None)
@given(clouds)
def test_no_angle_gives_a_smaller_one(cloud: list[tuple[float, float]]) -> None:
    """Brute force: rectangles at 720 angles are all at least as large."""
    points = np.array(cloud)
    corners, _ = _one(points)
    angles = np.arange(720) * np.pi / 1440
    along = points @ np.stack([np.cos(angles), np.sin(angles)])
    across = points @ np.stack([-np.sin(angles), np.cos(angles)])
    assert _area_m2(corners) <= (np.ptp(along, axis=0) * np.ptp(across, axis=0)).min() + 1e-9


@settings(max_examples=100, deadline=None)
@given(clouds)
def test_it_holds_all_points(cloud: list[tuple[float, float]]) -> None:
    """No point lies outside by more than rounding."""
    points = np.array(cloud)
    corners, _ = _one(points)
    edges = np.roll(corners, -1, axis=0) - corners
    for corner, edge in zip(corners, edges, strict=True):
        length = float(np.hypot(*edge))
        if length > 1e-6:
            to_points = points - corner
            left = edge[0] * to_points[:, 1] - edge[1] * to_points[:, 0]
            assert left.min() / length > -1e-6


def _sampled_m(points: Float64Array, corners: Float64Array) -> float:
    """How far outline and rectangle are apart, found by shapely at many places."""
    footprint = shapely.polygons(points)
    outline = shapely.segmentize(shapely.get_exterior_ring(footprint), 0.5)
    rectangle = shapely.get_exterior_ring(shapely.polygons(corners))
    from_outline = shapely.distance(shapely.points(shapely.get_coordinates(outline)), rectangle)
    along, across = np.meshgrid(np.linspace(0, 1, 40), np.linspace(0, 1, 40))
    places = corners[0] + np.stack([along.ravel(), across.ravel()], 1) @ np.stack(
        [corners[1] - corners[0], corners[3] - corners[0]]
    )
    from_rectangle = shapely.distance(shapely.points(places), footprint)
    return float(max(from_outline.max(), from_rectangle.max()))


radii = st.lists(st.floats(2, 20), min_size=4, max_size=14)


@settings(max_examples=100, deadline=None)
@given(radii, st.floats(0, 3), st.floats(0.1, 1))
def test_apart_is_never_less_than_what_sampling_finds(
    lengths: list[float], turn_rad: float, flatness: float
) -> None:
    """Stars, flattened and turned: spikes, bays, courts open to one side."""
    angles = np.arange(len(lengths)) / len(lengths) * 2 * np.pi
    star = np.array(lengths)[:, None] * np.column_stack([np.cos(angles), np.sin(angles)])
    cos, sin = np.cos(turn_rad), np.sin(turn_rad)
    star = star * [1, flatness] @ np.array([[cos, sin], [-sin, cos]])
    corners, apart = _one(star)
    assert _sampled_m(star, corners) <= apart + 1e-6


def test_a_court_behind_a_narrow_gate_counts() -> None:
    """Its walls stand near the rectangle, but its middle is far from any of them."""
    ring = np.array(
        [
            *([0, 0], [50, 0], [50, 50], [26, 50], [26, 45], [45, 45], [45, 5], [5, 5]),
            *([5, 45], [24, 45], [24, 50], [0, 50.0]),
        ]
    )
    corners, apart = _one(ring)
    assert _sampled_m(ring, corners) > 19
    assert apart > 20


def test_two_houses_of_one_feature_leave_a_gap() -> None:
    """Two rings: the rectangle spans the yard between them."""
    one = np.array([[0, 0], [1, 0], [1, 1], [0, 1.0]])
    points = np.concatenate([one, one + np.array([21, 0])])
    closes = np.array([1, 2, 3, 0, 5, 6, 7, 4])
    _, apart = rectangles(points, np.array([0, 8]), closes, np.array([2.0]))
    assert apart[0] >= 10


@pytest.mark.parametrize(
    "ring",
    [
        [[0, 0], [12, 0], [12, 8], [0, 8]],
        [[0, 0], [10, 0], [11, 8], [0, 8]],
        [[0, 0], [10, 0], [5, 7]],
    ],
    ids=["rectangle", "trapezium", "triangle"],
)
def test_a_convex_footprint_is_measured_exactly(ring: list[list[float]]) -> None:
    """Its rectangle's corners are the farthest points."""
    points = np.array(ring, np.float64)
    corners, apart = _one(points)
    far = shapely.distance(shapely.points(corners), shapely.polygons(points)).max()
    near = _sampled_m(points, corners)
    assert near - 1e-6 <= apart <= max(far, near) + 0.2


@pytest.mark.parametrize("angle_rad", [0.0, 0.3, 1.2, np.pi / 2, 2.5])
def test_a_rectangle_is_its_own(angle_rad: float) -> None:
    """At UTM coordinates too, and nothing is apart."""
    own = _turned(12, 8, angle_rad) + UTM
    corners, apart = _one(own)
    assert_allclose(_area_m2(corners), 96, rtol=1e-6)
    assert apart < 1e-6
    distance = np.linalg.norm(own[:, None] - corners[None], axis=2).min(axis=1)
    assert_allclose(distance, 0, atol=1e-6)


def test_the_notch_of_an_l_is_how_far_it_is_apart() -> None:
    """10 m by 10 m with 4 m by 4 m missing: the corner is 4 m away, the bound hardly more."""
    ring = np.array([[0, 0], [10, 0], [10, 6], [6, 6], [6, 10], [0, 10.0]])
    corners, apart = _one(ring)
    assert_allclose(_area_m2(corners), 100)
    assert 4 <= apart < 4.6


@pytest.mark.parametrize(
    "points",
    [[[1, 2], [1, 2], [1, 2]], [[0, 0], [3, 4], [6, 8]], [[0, 0], [0, 5], [0, 2]]],
    ids=["one place", "one line", "one upright line"],
)
def test_points_without_area_give_a_rectangle_without(points: list[list[float]]) -> None:
    """Features that are a single wall exist."""
    corners, apart = _one(np.array(points, np.float64))
    assert np.isfinite(corners).all()
    assert_allclose(_area_m2(corners), 0, atol=1e-9)
    assert apart < 1e-9


def test_many_footprints_give_what_each_gives_alone() -> None:
    """Offsets divide the points, and holes close onto themselves."""
    rings = [_turned(12, 8, 0.3), _turned(3, 30, 1.0), np.array([[0, 0], [9, 1], [4, 7.0]])]
    points = np.concatenate(rings)
    offsets = np.cumsum([0, *map(len, rings)])
    closes = np.concatenate(
        [np.roll(np.arange(len(r)), -1) + o for r, o in zip(rings, offsets, strict=False)]
    )
    area = np.array([abs(_area_m2(ring)) for ring in rings])
    corners, apart = rectangles(points, offsets, closes, area)
    for row, ring in enumerate(rings):
        own, own_apart = _one(ring)
        assert_allclose(corners[row], own)
        assert_allclose(apart[row], own_apart)


def test_points_within_a_footprint_do_not_reach_beyond_it() -> None:
    """Those outside do, by their distance; in a court they are outside."""
    outer = np.array([[0, 0], [20, 0], [20, 20], [0, 20.0]])
    court = np.array([[5, 5], [5, 15], [15, 15], [15, 5.0]])
    edges = np.concatenate([np.hstack([r, np.roll(r, -1, axis=0)]) for r in (outer, court)])
    points = np.array([[2, 2], [20, 20], [23, 10], [10, 9], [1, 1], [24, 23.0]])
    reach = reach_beyond(
        points,
        np.array([0, 2, 3, 4, 5, 6], np.int32),
        np.concatenate([edges] * 4),
        np.array([0, 8, 16, 24, 24, 32]),
    )
    assert_allclose(reach, [0, 3, 4, 0, 5], atol=1e-12)
