"""Greedy insertion: a triangulation of as few samples as an error bound allows.

The sample that a triangle misses worst becomes a vertex, until no triangle misses any sample
by more than the bound. Which border samples are vertices is decided before, from the border
alone (:mod:`.profile`), so that two neighbours meet in the same vertices. NaN samples are
void; triangles that touch one are split until they are small and are then left out.

References
----------
M. Garland, P. S. Heckbert: Fast Polygonal Approximation of Terrains and Height Fields.
Carnegie Mellon University, CMU-CS-95-181 (1995), section 4 (greedy insertion), with the
worst triangle taken in turn instead of by rank: 2 % more triangles over the four DGM1 tiles
of Munich, and no heap.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from citykernel.arrays import Float32Array, Int32Array
from citykernel.compiled import compiled

from .delaunay import NONE, Mesh, insert_vertex, start_mesh


@compiled
def row_span(ax: int, ay: int, bx: int, by: int, cx: int, cy: int, y: int) -> Any:
    """First and last lattice column of row y inside of a counter-clockwise triangle.

    Parameters
    ----------
    ax, ay, bx, by, cx, cy : int
        Corners.
    y : int
        Row.

    Returns
    -------
    (int, int)
        Columns, edges included; the first exceeds the last where there is none.
    """
    low, high = min(ax, bx, cx), max(ax, bx, cx)
    for px, py, qx, qy in ((ax, ay, bx, by), (bx, by, cx, cy), (cx, cy, ax, ay)):
        # Inside is where slope * x + rest >= 0.
        slope = py - qy
        rest = (qx - px) * (y - py) - slope * px
        if slope > 0:
            low = max(low, -(rest // slope))
        elif slope < 0:
            high = min(high, rest // -slope)
        elif rest < 0:
            high = low - 1
    return low, high


@compiled
def _scan(mesh: Mesh, heights: Float32Array, triangle: int) -> Any:
    """Find the inner sample a triangle misses worst, and by how much."""
    a, b, c = (
        mesh.corner[3 * triangle],
        mesh.corner[3 * triangle + 1],
        mesh.corner[3 * triangle + 2],
    )
    ax, ay, bx, by, cx, cy = mesh.x[a], mesh.y[a], mesh.x[b], mesh.y[b], mesh.x[c], mesh.y[c]
    rows, columns = heights.shape
    za, zb, zc = (
        np.float64(heights[ay, ax]),
        np.float64(heights[by, bx]),
        np.float64(heights[cy, cx]),
    )
    area2 = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
    per_column = ((zb - za) * (cy - ay) - (zc - za) * (by - ay)) / area2
    per_row = ((zc - za) * (bx - ax) - (zb - za) * (cx - ax)) / area2
    worst, at = 0.0, NONE
    for y in range(max(1, min(ay, by, cy)), min(rows - 2, max(ay, by, cy)) + 1):
        low, high = row_span(ax, ay, bx, by, cx, cy, y)
        low, high = max(low, 1), min(high, columns - 2)
        z = za + per_column * (low - ax) + per_row * (y - ay)
        for x in range(low, high + 1):
            # NaN compares false: a void is never missed.
            missed = abs(heights[y, x] - z)
            if missed > worst:
                worst, at = missed, y * columns + x
            z += per_column
    return worst, at


@compiled
def _scan_void(mesh: Mesh, heights: Float32Array, triangle: int, least_area2: int) -> Any:
    """Where a triangle mixes void and height, give the sample to part them at."""
    a, b, c = (
        mesh.corner[3 * triangle],
        mesh.corner[3 * triangle + 1],
        mesh.corner[3 * triangle + 2],
    )
    ax, ay, bx, by, cx, cy = mesh.x[a], mesh.y[a], mesh.x[b], mesh.y[b], mesh.x[c], mesh.y[c]
    if (bx - ax) * (cy - ay) - (by - ay) * (cx - ax) <= least_area2:
        return NONE
    rows, columns = heights.shape
    # A triangle that stands on a void is cut at heights, one that stands on heights at voids.
    hollow = np.isnan(heights[ay, ax]) or np.isnan(heights[by, bx]) or np.isnan(heights[cy, cx])
    nearest, at = np.int64(1) << 60, NONE
    for y in range(max(1, min(ay, by, cy)), min(rows - 2, max(ay, by, cy)) + 1):
        low, high = row_span(ax, ay, bx, by, cx, cy, y)
        for x in range(max(low, 1), min(high, columns - 2) + 1):
            if np.isnan(heights[y, x]) == hollow:
                continue
            if (x == ax and y == ay) or (x == bx and y == by) or (x == cx and y == cy):
                continue
            away = (3 * x - ax - bx - cx) ** 2 + (3 * y - ay - by - cy) ** 2
            if away < nearest:
                nearest, at = away, y * columns + x
    return at


@compiled
def _worst_of(
    mesh: Mesh, heights: Float32Array, triangle: int, bound: float, void_area2: int
) -> Any:
    """Sample to insert into a triangle, -1 if it is good enough."""
    worst, at = _scan(mesh, heights, triangle)
    if worst > bound:
        return at
    return _scan_void(mesh, heights, triangle, void_area2) if void_area2 > 0 else NONE


@compiled
def triangulate_samples(
    heights: Float32Array,
    border_x: Int32Array,
    border_y: Int32Array,
    sides: Int32Array,
    bound: float,
    void_area2: int,
) -> Any:
    """Triangulate a block of samples so that no inner sample is missed by more than a bound.

    Parameters
    ----------
    heights : (rows, columns) float32
        Samples, at least 2 x 2, at most 2,048 x 2,048; row 0 is the southernmost; NaN is void.
    border_x, border_y : (n,) int32
        Columns and rows of the border vertices: the corners south-west, south-east,
        north-east, north-west, then those within each side, counter-clockwise.
    sides : (4,) int32
        Number of vertices within the southern, eastern, northern and western side.
    bound : float
        Metres by which an inner sample may be missed.
    void_area2 : int
        Twice the area in cells from which on a triangle with both void and height is split;
        0 if there is no void.

    Returns
    -------
    (m,) int32, (m,) int32, (t, 3) int32
        Column and row of each vertex; vertices of each triangle, counter-clockwise seen from
        above.
    """
    rows, columns = heights.shape
    most_vertices, most_triangles = rows * columns, 2 * rows * columns
    mesh = Mesh(
        np.empty(most_vertices, np.int64),
        np.empty(most_vertices, np.int64),
        np.empty(3 * most_triangles, np.int32),
        np.empty(3 * most_triangles, np.int32),
        np.empty(most_vertices, np.int32),
        np.empty(most_triangles, np.int32),
        np.empty(most_triangles, np.int32),
        np.zeros(most_triangles, np.int32),
    )
    vertices, triangles = start_mesh(mesh, border_x, border_y, sides)
    candidate = np.empty(most_triangles, np.int32)
    waits = np.zeros(most_triangles, np.bool_)
    # A ring: each triangle waits at most once, so it never overruns.
    queue = np.empty(most_triangles, np.int32)
    head, length = 0, 0
    changed = triangles
    for t in range(triangles):
        mesh.dirty[t] = t
    while True:
        for k in range(changed):
            t = mesh.dirty[k]
            candidate[t] = _worst_of(mesh, heights, t, bound, void_area2)
            if candidate[t] != NONE and not waits[t]:
                queue[(head + length) % most_triangles] = t
                length += 1
                waits[t] = True
        changed = 0
        if length == 0:
            break
        t = queue[head]
        head, length, waits[t] = (head + 1) % most_triangles, length - 1, False
        if candidate[t] == NONE:
            continue
        mesh.y[vertices], mesh.x[vertices] = candidate[t] // columns, candidate[t] % columns
        changed = insert_vertex(mesh, t, vertices, triangles, vertices)
        vertices += 1
        triangles += 2
    return (
        mesh.x[:vertices].astype(np.int32),
        mesh.y[:vertices].astype(np.int32),
        mesh.corner[: 3 * triangles].copy().reshape(-1, 3),
    )
