"""citymodel.terrain.pyramid: meshes of the ground with a measured error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from citykernel.crs import parse_crs
from citykernel.errors import BoundaryError, ReadError
from citymodel.terrain import (
    HeightGrid,
    Terrain,
    TerrainTile,
    open_terrain,
    triangulate_terrain,
)
from citymodel.terrain.deviation import worst_deviation

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

UTM = parse_crs("EPSG:25832")
WEST, NORTH = 438_000.0, 5_714_000.0


def hills(columns: int, rows: int, seed: int = 1) -> NDArray[np.float32]:
    """Rough ground: slopes askew, waves, a bank of 3 m, and noise of a few centimetres."""
    x, y = np.meshgrid(np.arange(columns), np.arange(rows))
    heights = 95 + 0.013 * x - 0.021 * y + 2 * np.sin(x / 17 + y / 29) + np.cos(y / 11)
    heights += np.where(x + 0.4 * y > columns * 0.6, 3.0, 0.0)
    heights += np.random.default_rng(seed).normal(0, 0.05, x.shape)
    return np.asarray(heights, np.float32)


def terrain_of(heights: NDArray[np.float32], **place: Any) -> Terrain:
    """Terrain of 1 m cells from a kilometre's corner to the south-east, unless told."""
    options = {"west": WEST, "north": NORTH, "resolution_m": 1.0} | place
    return Terrain([HeightGrid(heights, crs=UTM, **options)])


def town_of(columns: int, rows: int) -> Terrain:
    """Hills whose south-western corner is a kilometre's."""
    return terrain_of(hills(columns, rows), north=NORTH + rows)


def areas(tile: TerrainTile) -> NDArray[np.float64]:
    """Areas of the ground triangles seen from above."""
    a, b, c = (tile.vertices[tile.triangles[: tile.ground_triangles, k], :2] for k in range(3))
    u, v = b - a, c - a
    return 0.5 * (u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0])


def deviation(tile: TerrainTile, terrain: Terrain) -> float:
    """Distance of every sample from the mesh, by plain barycentric weights in numpy."""
    size = round(tile.size_m / terrain.resolution_m)
    i = round((tile.west - terrain.easting(0)) / terrain.resolution_m)
    j = round((tile.south - terrain.northing(0)) / terrain.resolution_m)
    heights = terrain.window(i, j, size + 1, size + 1)
    rows, columns = np.nonzero(np.isfinite(heights))
    points = np.stack([tile.west + columns, tile.south + rows], axis=1)
    best = np.full(len(points), np.inf)
    for a, b, c in tile.vertices[tile.triangles[: tile.ground_triangles]]:
        matrix = np.array([b[:2] - a[:2], c[:2] - a[:2]]).T
        weights = np.linalg.solve(matrix, (points - a[:2]).T)
        inside = (weights >= -1e-9).all(axis=0) & (weights.sum(axis=0) <= 1 + 1e-9)
        mesh = a[2] + weights[0, inside] * (b[2] - a[2]) + weights[1, inside] * (c[2] - a[2])
        missed = np.abs(mesh - heights[rows, columns][inside])
        best[inside] = np.minimum(best[inside], missed)
    return float(best.max())


def test_measured_error_is_the_error_and_keeps_the_bound() -> None:
    """What a tile states is what an independent look at every sample finds."""
    terrain = town_of(81, 81)
    tiles = list(triangulate_terrain(terrain, leaf_m=40, leaf_error_m=0.2, error_growth=2))
    assert {tile.level for tile in tiles} == {0, 1}
    for tile in tiles:
        assert_allclose(tile.max_error_m, deviation(tile, terrain), atol=1e-6)
        assert tile.max_error_m <= tile.bound_m + 1e-6
        assert tile.bound_m == (0.4, 0.2)[tile.level]


def test_ground_covers_its_square_once() -> None:
    """Areas add up to the square, all triangles look up, every edge has two sides or is rim."""
    for tile in triangulate_terrain(town_of(129, 129), leaf_m=32, leaf_error_m=0.1):
        assert areas(tile).min() > 0
        assert_allclose(areas(tile).sum(), tile.size_m**2)
        ground = tile.triangles[: tile.ground_triangles].astype(np.int64)
        edges = np.concatenate([ground[:, [0, 1]], ground[:, [1, 2]], ground[:, [2, 0]]])
        assert len(np.unique(edges, axis=0)) == len(edges)


def test_triangles_are_as_round_as_their_vertices_allow() -> None:
    """Delaunay: no vertex lies in the circle around a triangle, so that slivers are rare."""
    (tile,) = triangulate_terrain(town_of(65, 65), leaf_m=64, leaf_error_m=0.2)
    points = np.rint(tile.vertices[: tile.ground_vertices, :2] - [WEST + 0.5, NORTH + 0.5])
    for corners in tile.triangles[: tile.ground_triangles]:
        sides = points[corners][:, None] - points[None]
        rows = np.concatenate([sides, (sides**2).sum(axis=2, keepdims=True)], axis=2)
        assert np.linalg.det(rows.transpose(1, 0, 2)).max() < 0.5


def rim(tile: TerrainTile, axis: int, at: float) -> NDArray[np.float64]:
    """Ground vertices on one side of a square, in order."""
    ground = tile.vertices[: tile.ground_vertices]
    line = ground[ground[:, axis] == at]
    return np.asarray(line[np.argsort(line[:, 1 - axis])])


def test_neighbours_of_a_level_meet_in_the_same_vertices() -> None:
    """No crack, not even of a millimetre, however rough the ground on either side."""
    tiles = {
        (tile.level, tile.x, tile.y): tile
        for tile in triangulate_terrain(town_of(257, 257), leaf_m=32, leaf_error_m=0.15)
    }
    met = 0
    for (level, x, y), tile in tiles.items():
        for axis, neighbour in ((0, (level, x + 1, y)), (1, (level, x, y + 1))):
            if neighbour in tiles:
                at = (tile.west, tile.south)[axis] + tile.size_m
                assert_array_equal(rim(tile, axis, at), rim(tiles[neighbour], axis, at))
                met += 1
    assert met == 2 * (2 * 1 + 4 * 3 + 8 * 7)


def test_blocks_of_a_square_are_sewn_without_a_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    """A square meshed in several blocks has no inner rim and no vertex twice."""
    monkeypatch.setattr("citymodel.terrain.pyramid.MOST_BLOCK_CELLS", 32)
    root = next(triangulate_terrain(town_of(129, 129), leaf_m=32, leaf_error_m=0.1))
    ground = root.vertices[: root.ground_vertices]
    assert len(np.unique(ground[:, :2], axis=0)) == len(ground)
    walls = root.triangles[root.ground_triangles :]
    upper = np.unique(walls[walls < root.ground_vertices])
    outside = (ground[upper, :2] == [root.west, root.south]) | (
        ground[upper, :2] == [root.west + 128, root.south + 128]
    )
    assert outside.any(axis=1).all()
    assert_allclose(areas(root).sum(), 128**2)


def test_skirt_hangs_from_the_whole_rim_and_looks_outwards() -> None:
    """As deep as the tile's and the coarsest tile's errors together, closed all around."""
    for tile in triangulate_terrain(town_of(129, 129), leaf_m=64, leaf_error_m=0.3):
        walls = tile.triangles[tile.ground_triangles :].astype(np.int64)
        a, b, c = (tile.vertices[walls[:, k]] for k in range(3))
        outwards = np.cross(b - a, c - a)[:, :2]
        middle = np.array([tile.west, tile.south]) + tile.size_m / 2
        assert (np.einsum("ij,ij->i", outwards, a[:, :2] - middle) > 0).all()
        assert_allclose(np.abs(outwards).sum() / 2, 4 * tile.size_m * tile.skirt_m)
        assert tile.skirt_m >= tile.max_error_m + 0.3 * 2.5
        hanging = tile.vertices[tile.ground_vertices :]
        assert len(np.unique(hanging, axis=0)) == len(hanging)


def test_plane_is_two_triangles() -> None:
    """A plane that is askew needs its four corners and nothing else."""
    x, y = np.meshgrid(np.arange(65), np.arange(65))
    # Steps of 1/64 and 1/32 are exact in binary: no rounding makes a bump.
    plane = (95 + x / 64 - y / 32).astype(np.float32)
    (tile,) = triangulate_terrain(terrain_of(plane, north=NORTH + 65), leaf_m=64)
    assert (tile.ground_triangles, tile.max_error_m) == (2, 0.0)


def test_squares_start_at_kilometres() -> None:
    """An area that starts anywhere is cut at the same lines, so that more data move none."""
    heights = hills(400, 300)
    moved = terrain_of(heights, west=WEST + 300, north=NORTH + 700)
    tiles = list(triangulate_terrain(moved, leaf_m=250, leaf_error_m=0.5))
    leaves = [tile for tile in tiles if tile.level == max(t.level for t in tiles)]
    assert {tile.west for tile in leaves} == {WEST + 250.5, WEST + 500.5}
    assert {tile.south for tile in leaves} == {NORTH + 250.5, NORTH + 500.5}
    assert_allclose(sum(areas(tile).sum() for tile in leaves), 399 * 299)


def test_vertices_stand_on_samples() -> None:
    """A vertex has the place of a cell centre and its height to the bit."""
    terrain = town_of(65, 65)
    (tile,) = triangulate_terrain(terrain, leaf_m=64, leaf_error_m=0.1)
    ground = tile.vertices[: tile.ground_vertices]
    heights = terrain.window(0, 0, 65, 65)
    column, row = (ground[:, :2] - [WEST + 0.5, NORTH + 0.5]).astype(int).T
    assert_array_equal(ground[:, 2], heights[row, column])


@pytest.mark.parametrize("missing", [(0, 0), (1, 0), (0, 1), (1, 1)])
def test_missing_tile_stays_missing(missing: tuple[int, int]) -> None:
    """Of four tiles one is not there: nothing covers it, its edges stay straight and cheap."""
    whole = hills(200, 200)
    there = [square for square in ((0, 0), (1, 0), (0, 1), (1, 1)) if square != missing]
    parts = []
    for x, y in there:
        rows, columns = slice(100 - 100 * y, 200 - 100 * y), slice(100 * x, 100 * x + 100)
        place = (WEST + 100 * x, NORTH + 100 + 100 * y, 1.0)
        parts.append(HeightGrid(whole[rows, columns].copy(), *place, UTM))
    full = triangulate_terrain(terrain_of(whole, north=NORTH + 200), leaf_m=100)
    same = {(tile.level, tile.x, tile.y): tile.ground_triangles for tile in full}
    tiles = list(triangulate_terrain(Terrain(parts), leaf_m=100))
    assert {(tile.x, tile.y) for tile in tiles if tile.level} == set(there)
    lost = np.array([WEST, NORTH]) + 100 * np.array(missing)
    for tile in tiles:
        assert tile.ground_triangles <= 1.25 * same[tile.level, tile.x, tile.y]
        assert tile.max_error_m <= tile.bound_m + 1e-6
        if tile.level:
            assert_allclose(areas(tile).sum(), tile.size_m**2, rtol=0.03)
        middle = tile.vertices[tile.triangles[: tile.ground_triangles]].mean(axis=1)[:, :2]
        assert not ((middle > lost + 1) & (middle < lost + 99)).all(axis=1).any()


def test_neighbours_shade_a_shared_vertex_alike() -> None:
    """Normals come from the samples around a vertex, so that no seam is seen in the light."""
    tiles = {
        (tile.level, tile.x, tile.y): tile
        for tile in triangulate_terrain(town_of(129, 129), leaf_m=32, leaf_error_m=0.1)
    }
    for one, other in (((2, 1, 1), (2, 2, 1)), ((1, 0, 0), (1, 1, 0))):
        at = tiles[other].west
        shaded = []
        for tile in (tiles[one], tiles[other]):
            upper = slice(0, tile.ground_vertices)
            rim = tile.vertices[upper, 0] == at
            order = np.argsort(tile.vertices[upper][rim, 1])
            shaded.append(tile.normals[upper][rim][order])
        assert_array_equal(*shaded)
        assert len(shaded[0]) > 3
    for tile in tiles.values():
        assert_allclose(np.linalg.norm(tile.normals, axis=1), 1, atol=1e-6)
        assert (tile.normals[:, 2] > 0.1).all()


def test_hole_is_left_out_and_its_border_is_close() -> None:
    """A lake without heights: no vertex in it, open to some cells, the rest covered."""
    heights = hills(129, 129)
    y, x = np.mgrid[:129, :129]
    lake = (x - 60) ** 2 + (y - 70) ** 2 < 25**2
    heights[lake] = np.nan
    terrain = terrain_of(heights, north=NORTH + 129)
    tiles = list(triangulate_terrain(terrain, leaf_m=64, leaf_error_m=0.2))
    assert len(tiles) == 5
    for tile in tiles:
        assert np.isfinite(tile.vertices).all()
        assert areas(tile).min() > 0
    finest = sum(areas(tile).sum() for tile in tiles if tile.level == 1)
    border = 2 * np.pi * 25
    assert abs(finest - (128**2 - np.pi * 25**2)) < 2 * border


def test_scattered_voids_end() -> None:
    """Single voids everywhere neither hang the insertion nor reach a vertex."""
    heights = hills(65, 65)
    heights[np.random.default_rng(3).random((65, 65)) < 0.2] = np.nan
    for tile in triangulate_terrain(terrain_of(heights, north=NORTH + 65), leaf_m=64):
        assert np.isfinite(tile.vertices).all()


def test_same_ground_gives_the_same_bytes() -> None:
    """Two runs agree in order and in every byte."""

    def content() -> list[bytes]:
        tiles = triangulate_terrain(town_of(129, 129), leaf_m=32)
        return [tile.vertices.tobytes() + tile.triangles.tobytes() for tile in tiles]

    assert content() == content()


def test_noise_and_spikes_are_kept_within_the_bound() -> None:
    """Ground without any order is the worst case: still covered once, within the bound."""
    noise = np.random.default_rng(7).uniform(90, 110, (65, 65)).astype(np.float32)
    noise[30, 40] = 200
    (tile,) = triangulate_terrain(
        terrain_of(noise, north=NORTH + 65), leaf_m=64, leaf_error_m=0.01
    )
    assert tile.max_error_m <= 0.01 + 1e-6
    assert_allclose(areas(tile).sum(), 64**2)


def test_coarse_cells_make_larger_squares() -> None:
    """A square has at least eight cells to a side."""
    terrain = terrain_of(hills(40, 40), north=NORTH + 2000, resolution_m=50.0)
    tiles = list(triangulate_terrain(terrain, leaf_m=250))
    assert min(tile.size_m for tile in tiles) == 400


def test_no_level_is_coarser_than_allowed() -> None:
    """Errors grow up to a limit, and never fall below that of the finest level."""
    terrain = town_of(129, 129)
    bounds = {"leaf_m": 16, "leaf_error_m": 0.2, "error_growth": 2}
    for limit, expected in ((0.5, [0.5, 0.5, 0.4, 0.2]), (0.1, [0.2, 0.2, 0.2, 0.2])):
        tiles = triangulate_terrain(terrain, coarsest_error_m=limit, **bounds)
        found = {tile.level: tile.bound_m for tile in tiles}
        assert_allclose([found[level] for level in range(4)], expected)


def test_options_that_cannot_be_are_refused() -> None:
    """Sizes and errors are positive, errors do not shrink upwards; ground is needed."""
    terrain = town_of(20, 20)
    for options in ({"leaf_m": 0}, {"leaf_error_m": -1}, {"error_growth": 0.5}):
        with pytest.raises(BoundaryError, match="wanted"):
            list(triangulate_terrain(terrain, **options))
    void = terrain_of(np.full((20, 20), np.nan, np.float32))
    with pytest.raises(ReadError, match="no height anywhere"):
        list(triangulate_terrain(void))


def test_deviation_sees_borders_and_insides() -> None:
    """The measure itself: a bump on the rim, one within, both to the metre."""
    flat = np.zeros((5, 5), np.float32)
    x, y = np.array([0, 4, 4, 0], np.int32), np.array([0, 0, 4, 4], np.int32)
    mesh = np.zeros(4), np.array([[0, 1, 2], [0, 2, 3]], np.int32)
    for row, column in ((0, 2), (4, 1), (2, 2), (1, 3)):
        bumped = flat.copy()
        bumped[row, column] = -1.5
        assert worst_deviation(bumped, x, y, *mesh) == 1.5


def test_four_square_kilometres_of_munich(open_data: Path) -> None:
    """Real ground: bounds kept, a root of under 3,000 triangles, every square covered."""
    terrain = open_terrain(open_data / "terrain" / "dgm1_bavaria")
    tiles = list(triangulate_terrain(terrain))
    assert [sum(tile.level == level for tile in tiles) for level in range(4)] == [1, 4, 16, 64]
    assert all(tile.max_error_m <= tile.bound_m + 1e-6 for tile in tiles)
    assert tiles[0].ground_triangles < 3000
    for level in range(4):
        covered = sum(areas(tile).sum() for tile in tiles if tile.level == level)
        assert_allclose(covered, 1999**2)
