"""A pyramid of terrain meshes: few triangles from afar, a bounded error at each level.

The area is cut into squares, four to each square of the level above. A square is meshed in
blocks of at most about a kilometre, so that memory is bounded by a block and not by the
town; blocks and squares of one level meet in the same vertices (:mod:`.profile`). Between
levels a skirt hangs from each square's rim, as deep as both errors together can gape.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from citykernel.arrays import Float32Array, Float64Array, Int32Array, UInt32Array
from citykernel.errors import BoundaryError, ReadError

from .deviation import worst_deviation
from .insertion import triangulate_samples
from .mosaic import Terrain
from .profile import simplify_profile

# DGM1 tiles are cut at whole kilometres: squares that start there read as few as possible.
ANCHOR_M = 1000.0
# 1,024 x 1,024 samples: 4 MB of heights and, for the roughest ground, 100 MB of mesh.
MOST_BLOCK_CELLS = 1024
# Cells to each side over which the coarsest levels take slopes for their normals.
MOST_REACH = 16
# Squares as large as most of a street block, but never of fewer samples than this to a side.
LEAF_M, LEAST_LEAF_CELLS = 250.0, 64


@dataclass(frozen=True, slots=True, eq=False)
class TerrainTile:
    """One square of the pyramid as a triangle mesh.

    Parameters
    ----------
    level, x, y : int
        Level, 0 being the root; column eastwards and row northwards within the level. The
        children of (level, x, y) are (level + 1, 2 x + 0 or 1, 2 y + 0 or 1).
    west, south, size_m : float
        The square, metres of the CRS. Vertices at its rim stand exactly on it.
    max_error_m : float
        Largest vertical distance from any sample in the square to the mesh: measured.
    bound_m : float
        What it was built to keep; void borders apart, ``max_error_m`` is not larger.
    vertices : (n, 3) float64
        Easting, northing, height; first those of the ground, then those of the skirt.
    normals : (n, 3) float32
        Unit vectors in the same axes, from the samples around a vertex and not from its
        triangles: neighbours shade a vertex they share alike. A skirt has its rim's.
    triangles : (m, 3) uint32
        Counter-clockwise seen from above or from outside; ground first, then skirt.
    ground_vertices, ground_triangles : int
        Number of those that belong to the ground.
    skirt_m : float
        How far the skirt hangs down.
    """

    level: int
    x: int
    y: int
    west: float
    south: float
    size_m: float
    max_error_m: float
    bound_m: float
    vertices: Float64Array
    normals: Float32Array
    triangles: UInt32Array
    ground_vertices: int
    ground_triangles: int
    skirt_m: float


@dataclass(frozen=True, slots=True)
class _Plan:
    """How an area is cut: all numbers in cells, counted from sample (i, j)."""

    terrain: Terrain
    i: int
    j: int
    leaf_cells: int
    depth: int
    leaf_error_m: float
    error_growth: float
    coarsest_error_m: float

    def bound_m(self, level: int) -> float:
        """Error a level may have."""
        grown = self.leaf_error_m * self.error_growth ** (self.depth - level)
        return max(self.leaf_error_m, min(grown, self.coarsest_error_m))

    def size_cells(self, level: int) -> int:
        """Side of a square."""
        return self.leaf_cells << (self.depth - level)

    def block_cells(self, level: int) -> int:
        """Side of the blocks a square is meshed in."""
        size = self.size_cells(level)
        while size > MOST_BLOCK_CELLS and size > self.leaf_cells:
            size //= 2
        return size


def triangulate_terrain(
    terrain: Terrain,
    *,
    leaf_m: float | None = None,
    leaf_error_m: float = 0.25,
    error_growth: float = 2.5,
    coarsest_error_m: float = 6.0,
) -> Iterator[TerrainTile]:
    """Mesh a terrain as a pyramid of squares.

    Parameters
    ----------
    terrain : Terrain
        The ground.
    leaf_m : float, optional
        Side of the smallest squares; rounded down to whole cells, at least 8 and at most
        1,024 of them. By default 250 m, or 64 cells if that is more.
    leaf_error_m : float
        Metres by which the finest meshes may miss a sample.
    error_growth : float
        Factor from one level to the coarser one. 2.5 keeps the number of triangles of a
        square about the same through all levels (measured over Munich: 37,000 triangles per
        square kilometre at 0.25 m, 15,500 at 0.5 m, 6,500 at 1 m, 2,500 at 2 m, 430 at 4 m).
    coarsest_error_m : float
        No level is coarser, however large the town: houses stand at their true height, and
        a ground that is farther off shows below them even from afar.

    Yields
    ------
    TerrainTile
        Squares that hold any ground, each before its children; always in the same order.

    Raises
    ------
    BoundaryError
        An option is not positive, or the growth is below 1.
    ReadError
        There is no height at all, or a file is damaged.
    """
    if leaf_m is None:
        leaf_m = max(LEAF_M, LEAST_LEAF_CELLS * terrain.resolution_m)
    if not (leaf_m > 0 and leaf_error_m > 0 and error_growth >= 1):
        raise BoundaryError(
            f"squares of {leaf_m} m, error {leaf_error_m} m growing by {error_growth}: wanted "
            "positive numbers and a growth of at least 1"
        )
    plan = _plan(terrain, leaf_m, leaf_error_m, error_growth, coarsest_error_m)
    empty = True
    for tile in _descend(plan, 0, 0, 0):
        empty = False
        yield tile
    if empty:
        raise ReadError("the terrain has no height anywhere", path=terrain.grids[0].source)


def _plan(
    terrain: Terrain, leaf_m: float, leaf_error_m: float, growth: float, coarsest_m: float
) -> _Plan:
    cell = terrain.resolution_m
    leaf_cells = min(max(int(leaf_m / cell + 1e-9), 8), MOST_BLOCK_CELLS)
    # The first sample at or after the kilometre line west (south) of the area.
    i = math.ceil((_line_below(terrain.west, cell) - terrain.easting(0)) / cell - 1e-6)
    j = math.ceil((_line_below(terrain.south, cell) - terrain.northing(0)) / cell - 1e-6)
    leaves = max(terrain.columns - 1 - i, terrain.rows - 1 - j) / leaf_cells
    depth = max(0, math.ceil(math.log2(max(leaves, 1.0)) - 1e-12))
    return _Plan(terrain, i, j, leaf_cells, depth, leaf_error_m, growth, coarsest_m)


def _line_below(edge: float, cell: float) -> float:
    """Kilometre line below the first cell centre."""
    return math.floor((edge + cell / 2) / ANCHOR_M) * ANCHOR_M


def _descend(plan: _Plan, level: int, x: int, y: int) -> Iterator[TerrainTile]:
    size = plan.size_cells(level)
    if (
        plan.i + x * size >= plan.terrain.columns - 1
        or plan.j + y * size >= plan.terrain.rows - 1
    ):
        return
    tile = _mesh_square(plan, level, x, y)
    if tile is None:
        return
    yield tile
    if level < plan.depth:
        for child_y in (2 * y, 2 * y + 1):
            for child_x in (2 * x, 2 * x + 1):
                yield from _descend(plan, level + 1, child_x, child_y)


def _mesh_square(plan: _Plan, level: int, x: int, y: int) -> TerrainTile | None:
    """Mesh a square block by block and sew the blocks together."""
    size, block = plan.size_cells(level), plan.block_cells(level)
    i, j = plan.i + x * size, plan.j + y * size
    meshes = []
    for block_j in range(j, j + size, block):
        for block_i in range(i, i + size, block):
            mesh = _mesh_block(plan, level, block_i, block_j, block)
            if mesh is not None:
                meshes.append(mesh)
    if not meshes:
        return None
    samples, heights, normals, triangles = _sew(meshes)
    terrain, cell = plan.terrain, plan.terrain.resolution_m
    ground = np.stack(
        [
            terrain.west + (samples[:, 0] + 0.5) * cell,
            terrain.south + (samples[:, 1] + 0.5) * cell,
            heights,
        ],
        axis=1,
    )
    bound = plan.bound_m(level)
    # A neighbour may be as coarse as the root: both errors together can gape.
    skirt = bound + plan.bound_m(0)
    rim, walls = _skirt(triangles)
    hanging = ground[rim] - [0.0, 0.0, skirt]
    return TerrainTile(
        level,
        x,
        y,
        terrain.easting(i),
        terrain.northing(j),
        size * cell,
        max(mesh.max_error_m for mesh in meshes),
        bound,
        np.concatenate([ground, hanging]),
        np.concatenate([normals, normals[rim]]),
        np.concatenate([triangles, walls]).astype(np.uint32),
        len(ground),
        len(triangles),
        skirt,
    )


class _Block(NamedTuple):
    """Part of a square's ground."""

    samples: Int32Array
    heights: Float64Array
    normals: Float32Array
    triangles: Int32Array
    max_error_m: float


def _mesh_block(plan: _Plan, level: int, i: int, j: int, cells: int) -> _Block | None:
    # Slopes are taken over a distance that grows with the mesh's triangles.
    reach = min(2 << (plan.depth - level), MOST_REACH)
    around = plan.terrain.window(i - reach, j - reach, *[cells + 1 + 2 * reach] * 2)
    heights = around[reach:-reach, reach:-reach]
    west, east, south, north = _extent(heights)
    if east - west < 1 or north - south < 1:
        return None
    bound = plan.bound_m(level)
    void = bool(np.isnan(heights[south : north + 1, west : east + 1]).any())
    void_length = 2 << (plan.depth - level)
    columns, rows, sides = _border(heights, (west, east, south, north), bound, void_length)
    inside = np.ascontiguousarray(heights[south : north + 1, west : east + 1])
    void_area2 = 2 * void_length**2 if void else 0
    x, y, triangles = triangulate_samples(inside, columns, rows, sides, bound, void_area2)
    if void:
        triangles = triangles[~np.isnan(inside[y, x])[triangles].any(axis=1)]
        if not len(triangles):
            return None
        used, places = np.unique(triangles, return_inverse=True)
        x, y, triangles = x[used], y[used], places.reshape(-1, 3)
    z = inside[y, x].astype(np.float64)
    worst = worst_deviation(inside, x, y, z, triangles.astype(np.int32))
    samples = np.stack([x + (i + west), y + (j + south)], axis=1).astype(np.int32)
    normals = _normals(around, x + west + reach, y + south + reach, reach)
    normals[:, :2] /= plan.terrain.resolution_m
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    return _Block(samples, z, normals, triangles.astype(np.int32), worst)


def _normals(heights: Float32Array, x: Int32Array, y: Int32Array, reach: int) -> Float32Array:
    """Normals (n, 3) from slopes per cell, one-sided beside a void; not yet of length one."""
    here = heights[y, x]

    def slope(dx: int, dy: int) -> Float32Array:
        before, after = heights[y - dy, x - dx], heights[y + dy, x + dx]
        span = np.isfinite(before).astype(np.float32) + np.isfinite(after)
        rise = np.where(np.isfinite(after), after, here) - np.where(
            np.isfinite(before), before, here
        )
        return np.asarray(rise / (np.maximum(span, 1) * reach), np.float32)

    return np.stack([-slope(reach, 0), -slope(0, reach), np.ones(len(x), np.float32)], axis=1)


def _extent(heights: Float32Array) -> tuple[int, int, int, int]:
    """West, east, south, north of the part of a block that has heights."""
    there = np.isfinite(heights)
    columns, rows = np.flatnonzero(there.any(axis=0)), np.flatnonzero(there.any(axis=1))
    if not columns.size:
        return 0, 0, 0, 0
    return int(columns[0]), int(columns[-1]), int(rows[0]), int(rows[-1])


def _border(
    heights: Float32Array, extent: tuple[int, int, int, int], bound: float, void_length: int
) -> tuple[Int32Array, Int32Array, Int32Array]:
    """Border vertices of a block within its extent, for :func:`triangulate_samples`."""
    west, east, south, north = extent

    def kept(line: Float32Array, low: int, high: int) -> Int32Array:
        # The whole line is simplified, also where the extent is shorter: the neighbour does so.
        chosen = simplify_profile(np.ascontiguousarray(line), bound, void_length)
        inner: Int32Array = chosen[(chosen > low) & (chosen < high)] - np.int32(low)
        return inner

    below, above = kept(heights[south], west, east), kept(heights[north], west, east)
    right, left = kept(heights[:, east], south, north), kept(heights[:, west], south, north)
    width, height = east - west, north - south
    counts = [len(below), len(right), len(above), len(left)]
    columns = np.zeros(4 + sum(counts), np.int32)
    rows = np.zeros(4 + sum(counts), np.int32)
    columns[:4], rows[:4] = (0, width, width, 0), (0, 0, height, height)
    south_side, east_side, north_side, west_side = np.split(
        np.arange(4, len(columns)), np.cumsum(counts)[:3]
    )
    columns[south_side] = below
    columns[east_side], rows[east_side] = width, right
    columns[north_side], rows[north_side] = above[::-1], height
    rows[west_side] = left[::-1]
    return columns, rows, np.array(counts, np.int32)


def _sew(blocks: list[_Block]) -> tuple[Int32Array, Float64Array, Float32Array, Int32Array]:
    """Join blocks at the samples they share: samples, heights, normals, triangles."""
    samples = np.concatenate([block.samples for block in blocks])
    keys = (samples[:, 1].astype(np.int64) << 32) + samples[:, 0]
    # A sample that two blocks share is the same in both: the first stands for it.
    _, first, places = np.unique(keys, return_index=True, return_inverse=True)
    starts = np.cumsum([0] + [len(block.samples) for block in blocks])
    corners = [block.triangles + start for block, start in zip(blocks, starts, strict=False)]
    return (
        samples[first],
        np.concatenate([block.heights for block in blocks])[first],
        np.concatenate([block.normals for block in blocks])[first],
        places.astype(np.int32)[np.concatenate(corners)],
    )


def _skirt(triangles: Int32Array) -> tuple[Int32Array, Int32Array]:
    """Vertices at the rim, and the triangles that hang from it to their lowered copies."""
    count = int(triangles.max()) + 1
    edges = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    forth = edges[:, 0].astype(np.int64) * count + edges[:, 1]
    back = edges[:, 1].astype(np.int64) * count + edges[:, 0]
    rim = edges[~np.isin(forth, back)]
    rim = rim[np.lexsort((rim[:, 1], rim[:, 0]))]
    vertices, places = np.unique(rim, return_inverse=True)
    low = places.reshape(-1, 2) + count
    walls = np.concatenate(
        [
            np.stack([low[:, 0], low[:, 1], rim[:, 1]], axis=1),
            np.stack([low[:, 0], rim[:, 1], rim[:, 0]], axis=1),
        ]
    )
    return vertices.astype(np.int32), walls.astype(np.int32)
