"""citymodel.terrain.derived: ground worked out from where buildings stand."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray

from citykernel.crs import parse_crs
from citykernel.errors import BoundaryError, ReadError
from citymodel.terrain import Terrain, ground_heights, terrain_from_points, triangulate_terrain

UTM = parse_crs("EPSG:25832")
CORNER = np.array([437_900.0, 5_713_600.0])


def falling_ground(places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Ground that falls gently to the north-west, askew to the grid."""
    x, y = (places - CORNER).T
    return np.asarray(98.0 + 0.011 * x - 0.017 * y)


def house_corners(count: int = 400, seed: int = 4) -> NDArray[np.float64]:
    """Ground points of houses that stand askew all over half a kilometre."""
    rng = np.random.default_rng(seed)
    centres = CORNER + rng.uniform(0, 500, (count, 2))
    turns = rng.uniform(0, np.pi, count)
    across = 6 * np.stack([np.cos(turns), np.sin(turns)], axis=1)
    places = np.concatenate([centres + across, centres - across, centres])
    return np.column_stack([places, falling_ground(places)])


def test_even_ground_comes_back() -> None:
    """Within the houses' hull a slope is met to centimetres, though no house stands there."""
    grid = terrain_from_points(house_corners(), crs=UTM)
    places = CORNER + np.random.default_rng(9).uniform(60, 440, (200, 2))
    assert_allclose(ground_heights([grid], places), falling_ground(places), atol=0.1)
    assert grid.source == "derived"
    assert grid.resolution_m == 10
    assert grid.west % 10 == grid.north % 10 == 0


def test_house_in_the_air_and_cellar_make_no_hill() -> None:
    """Single houses 30 m too high and 15 m too low are strays: the ground does not follow."""
    points = house_corners()
    points[7::90, 2] += 30.0
    points[40::120, 2] -= 15.0
    places = CORNER + np.random.default_rng(9).uniform(60, 440, (200, 2))
    found = ground_heights([terrain_from_points(points, crs=UTM)], places)
    assert_allclose(found, falling_ground(places), atol=0.2)


def test_steep_ground_is_not_taken_for_strays() -> None:
    """A quarter on a slope of one in four keeps its heights."""
    points = house_corners()
    points[:, 2] = 100 + (points[:, 0] - CORNER[0]) / 4
    places = CORNER + np.random.default_rng(9).uniform(60, 440, (200, 2))
    found = ground_heights([terrain_from_points(points, crs=UTM)], places)
    assert_allclose(found, 100 + (places[:, 0] - CORNER[0]) / 4, atol=1.5)


def test_ground_ends_at_the_margin() -> None:
    """Outside of the houses the ground goes on near theirs, and then is void."""
    points = house_corners()
    grid = terrain_from_points(points, crs=UTM, margin_m=100)
    beside = CORNER + np.array([[-60.0, 250.0], [250.0, 560.0]])
    assert_allclose(ground_heights([grid], beside), falling_ground(beside), atol=2.5)
    middle_to_corner = CORNER + np.array([[-90.0, -90.0]])
    assert np.isnan(ground_heights([grid], middle_to_corner)).all()


def test_few_points_make_ground_too() -> None:
    """One house, or houses along one line, have no hull: the nearest heights count."""
    one = terrain_from_points(np.array([[*CORNER, 95.0]]), crs=UTM, margin_m=50)
    assert_allclose(ground_heights([one], CORNER[None] + 20), [95.0])
    along = CORNER + np.arange(20)[:, None] * [10.0, 10.0]
    row = terrain_from_points(np.column_stack([along, falling_ground(along)]), crs=UTM)
    assert_allclose(ground_heights([row], along[5:15]), falling_ground(along[5:15]), atol=0.2)


def test_order_of_points_does_not_matter() -> None:
    """The same houses in another order give the same ground."""
    points = house_corners()
    mixed = points[np.random.default_rng(2).permutation(len(points))]
    one, two = (terrain_from_points(some, crs=UTM).heights_dhhn2016 for some in (points, mixed))
    assert_allclose(one, two, atol=1e-4)


def test_derived_ground_can_be_meshed() -> None:
    """It goes the same way as surveyed ground."""
    grid = terrain_from_points(house_corners(), crs=UTM)
    tiles = list(triangulate_terrain(Terrain([grid])))
    assert all(tile.max_error_m <= tile.bound_m + 1e-6 for tile in tiles)
    assert all(np.isfinite(tile.vertices).all() for tile in tiles)


def test_points_that_make_no_ground_are_refused() -> None:
    """None at all, none with a height, one on another continent, degrees, cells of nothing."""
    nothing = np.array([[np.nan, 0.0, 95.0], [*CORNER, np.inf], [*CORNER, -9999.0]])
    for points in (np.empty((0, 3)), nothing):
        with pytest.raises(BoundaryError, match="none of"):
            terrain_from_points(points, crs=UTM)
    far = np.vstack([house_corners(5), [[0.0, 0.0, 95.0]]])
    with pytest.raises(BoundaryError, match="a point lies far off"):
        terrain_from_points(far, crs=UTM)
    with pytest.raises(ReadError, match="counts degrees"):
        terrain_from_points(house_corners(5), crs=parse_crs("EPSG:4326"))
    with pytest.raises(BoundaryError, match="cannot be"):
        terrain_from_points(house_corners(5), crs=UTM, resolution_m=0)
