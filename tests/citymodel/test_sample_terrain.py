"""citymodel.sample_town.terrain: the ground of the sample town."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from citymodel.sample_town.places import (
    CENTRE,
    HILL,
    HILL_HEIGHT,
    RAILWAY,
    STRABAG_SITE,
    Street,
    on_ring,
)
from citymodel.sample_town.terrain import REACH, Terrain, build_terrain

STREET = Street("Grandweg", np.array([[-400.0, -700.0], [-200.0, -420.0], [40.0, -300.0]]), 8.0)


@pytest.fixture(scope="module")
def terrain() -> Terrain:
    """The town's ground with one street."""
    return build_terrain([STREET])


def height(terrain: Terrain, east: float, north: float) -> float:
    """Height at one point."""
    return float(terrain.height_dhhn2016(np.array([[east, north]]))[0])


def test_falls_gently_to_the_north(terrain: Terrain) -> None:
    """About 108 m in the south, about 88 m in the north, no step between."""
    south = terrain.tile(-1000, -1000)[-1].mean()
    north = terrain.tile(-1000, 0)[0].mean()
    assert 106 < south < 111
    assert 86 < north < 91
    steepest = np.abs(np.diff(terrain.heights, axis=0)).max()
    assert steepest < 1.0


def test_interpolation_meets_the_nodes_and_their_means(terrain: Terrain) -> None:
    """Nodes are the middles of the square metres; between them heights are bilinear."""
    row, column = REACH + 123, REACH - 457
    block = terrain.heights[row : row + 2, column : column + 2]
    assert_allclose(height(terrain, -456.5, 123.5), block[0, 0])
    assert_allclose(height(terrain, -456.0, 124.0), block.mean())


def test_tile_is_stored_from_the_north(terrain: Terrain) -> None:
    """The first row of an image is the northernmost."""
    tile = terrain.tile(0, -1000)
    assert tile.shape == (1000, 1000)
    assert_allclose(tile[0, 0], height(terrain, 0.5, -0.5))
    assert_allclose(tile[-1, -1], height(terrain, 999.5, -999.5))


def test_street_is_level_across(terrain: Terrain) -> None:
    """Both kerbs lie as high as the middle."""
    start, end = STREET.line[1], STREET.line[2]
    along = (end - start) / np.hypot(*(end - start))
    left = np.array([-along[1], along[0]])
    middle = (start + end) / 2
    heights = terrain.height_dhhn2016(middle + np.outer([-3.5, 0.0, 3.5], left))
    assert np.ptp(heights) < 0.1


def test_hill_stands_on_the_strabag_site(terrain: Terrain) -> None:
    """Four metres above what is beside it, and the rest of the site is nearly level."""
    east, north, reach_east, _ = HILL
    beside = [height(terrain, east + k * 1.15 * reach_east, north) for k in (-1, 1)]
    assert_allclose(height(terrain, east, north) - np.mean(beside), HILL_HEIGHT, atol=0.5)
    assert STRABAG_SITE[:, 0].min() < east < STRABAG_SITE[:, 0].max()


def test_ditch_lies_before_the_wall_and_a_bank_under_it(terrain: Terrain) -> None:
    """From inside to outside: bank, ditch, green belt."""
    angle = np.radians([300.0])
    inside, bank, ditch, belt = (
        float(terrain.height_dhhn2016(on_ring(angle, offset))[0])
        for offset in (-30.0, -3.0, 16.0, 45.0)
    )
    level = (inside + belt) / 2
    assert bank - level > 1.5
    assert level - ditch > 1.8
    assert float(np.hypot(*(on_ring(angle)[0] - CENTRE))) > 500


def test_tracks_are_level_across(terrain: Terrain) -> None:
    """A train does not lean on a straight."""
    at = RAILWAY[len(RAILWAY) // 2]
    heights = terrain.height_dhhn2016(at + np.array([[0.0, -8.0], [0.0, 0.0], [0.0, 8.0]]))
    assert np.ptp(heights) < 0.1


def test_lowest_node_in_a_ring_is_found(terrain: Terrain) -> None:
    """The lowest of the nodes strictly inside, infinity where there are none."""
    ring = np.array([[10.2, 20.1], [14.4, 21.0], [12.0, 25.3]])
    nodes = [
        (x + 0.5, y + 0.5)
        for x in range(10, 15)
        for y in range(20, 26)
        if _left_of_all(ring, np.array([x + 0.5, y + 0.5]))
    ]
    expected = min(height(terrain, *node) for node in nodes)
    assert_allclose(terrain.lowest(ring), expected)
    assert terrain.lowest(np.array([[0.6, 0.6], [0.9, 0.6], [0.9, 0.9]])) == float("inf")


def _left_of_all(ring: np.ndarray, point: np.ndarray) -> bool:
    edges = np.roll(ring, -1, axis=0) - ring
    relative = point - ring
    return bool((edges[:, 0] * relative[:, 1] - edges[:, 1] * relative[:, 0] > 0).all())
