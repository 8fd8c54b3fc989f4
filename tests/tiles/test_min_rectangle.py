"""tiles.min_rectangle."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from citykernel.arrays import Float64Array
from tiles.min_rectangle import rectangles

UTM = np.array([437_954.13, 5_714_530.57])
metres = st.floats(-30, 30).map(lambda value: round(value, 3))
clouds = st.lists(st.tuples(metres, metres), min_size=3, max_size=25)


def _one(points: Float64Array) -> tuple[Float64Array, float]:
    """Rectangle of one ring and how far the two are apart."""
    count = len(points)
    corners, apart = rectangles(points, np.array([0, count]), np.roll(np.arange(count), -1))
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


@settings(max_examples=60, deadline=None)
@given(clouds)
def test_apart_is_not_less_than_what_sampling_finds(cloud: list[tuple[float, float]]) -> None:
    """Distance at all corners, measured by shapely."""
    points = np.array(cloud)
    corners, apart = _one(points)
    outline = shapely.linestrings(np.vstack([points, points[:1]]))
    rectangle = shapely.linestrings(np.vstack([corners, corners[:1]]))
    from_corners = shapely.distance(shapely.points(corners), outline).max()
    from_points = shapely.distance(shapely.points(points), rectangle).max()
    assert_allclose(apart, max(from_corners, from_points), atol=1e-6)


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
    """10 m by 10 m with a quarter of 4 m by 4 m missing: its corner lies 4 m inside."""
    ring = np.array([[0, 0], [10, 0], [10, 6], [6, 6], [6, 10], [0, 10.0]])
    corners, apart = _one(ring)
    assert_allclose(_area_m2(corners), 100)
    assert_allclose(apart, 4)


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
    corners, apart = rectangles(points, offsets, closes)
    for row, ring in enumerate(rings):
        own, own_apart = _one(ring)
        assert_allclose(corners[row], own)
        assert_allclose(apart[row], own_apart)
