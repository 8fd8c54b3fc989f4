"""Greedy insertion: a Delaunay triangulation of as few samples as an error bound allows.

The sample that a triangle misses worst becomes a vertex, until no triangle misses any sample
by more than the bound. Which border samples are vertices is decided before, from the border
alone (:mod:`.profile`), so that two neighbours meet in the same vertices.

Samples stand on a lattice, so that all predicates are exact in 64-bit integers: a lattice of
2,048 x 2,048 needs 2**46. NaN samples are void; triangles that touch one are split until they
are small and are then left out.

References
----------
M. Garland, P. S. Heckbert: Fast Polygonal Approximation of Terrains and Height Fields.
Carnegie Mellon University, CMU-CS-95-181 (1995), section 4 (greedy insertion), with the
worst triangle taken in turn instead of by rank: 2 % more triangles over the four DGM1 tiles
of Munich, and no heap.
C. L. Lawson: Software for C1 Surface Interpolation. Mathematical Software III (1977):
restoring the Delaunay property by edge flips.
"""

# ruff: noqa: PLR0917 - compiled functions take no keywords, coordinates need names

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from citykernel.arrays import Float32Array, Int32Array

from .compiled import compiled

CORNERS = 4
NONE = -1


class _Mesh(NamedTuple):
    """A triangulation under construction; half-edge ``3 t + k`` leaves corner k of triangle t.

    Parameters
    ----------
    x, y : (vertices,) int64
        Column and row of each vertex.
    corner : (3 * triangles,) int32
        Vertex each half-edge starts at; triangles run counter-clockwise.
    twin : (3 * triangles,) int32
        The half-edge in the other direction, -1 at the border.
    border : (vertices,) int32
        The border half-edge that leaves a border vertex.
    stack, dirty : (triangles,) int32
        Half-edges to be checked; triangles changed by the insertion at hand.
    stamp : (triangles,) int32
        Number of the insertion that last changed a triangle.
    """

    x: Any
    y: Any
    corner: Any
    twin: Any
    border: Any
    stack: Any
    dirty: Any
    stamp: Any


@compiled
def _next(edge: int) -> int:
    return edge - edge % 3 + (edge + 1) % 3


@compiled
def _turn(mesh: _Mesh, a: int, b: int, x: int, y: int) -> Any:
    """Twice the signed area of the triangle a, b, (x, y)."""
    return (mesh.x[b] - mesh.x[a]) * (y - mesh.y[a]) - (mesh.y[b] - mesh.y[a]) * (x - mesh.x[a])


@compiled
def _in_circle(mesh: _Mesh, a: int, b: int, c: int, d: int) -> Any:
    """Whether d lies inside of the circle through a, b, c (counter-clockwise)."""
    ax, ay = mesh.x[a] - mesh.x[d], mesh.y[a] - mesh.y[d]
    bx, by = mesh.x[b] - mesh.x[d], mesh.y[b] - mesh.y[d]
    cx, cy = mesh.x[c] - mesh.x[d], mesh.y[c] - mesh.y[d]
    aa, bb, cc = ax * ax + ay * ay, bx * bx + by * by, cx * cx + cy * cy
    return ax * (by * cc - bb * cy) - ay * (bx * cc - bb * cx) + aa * (bx * cy - by * cx) > 0


@compiled
def _join(mesh: _Mesh, edge: int, twin: int) -> None:
    mesh.twin[edge] = twin
    if twin == NONE:
        mesh.border[mesh.corner[edge]] = edge
    else:
        mesh.twin[twin] = edge


@compiled
def _place(mesh: _Mesh, triangle: int, a: int, b: int, c: int) -> None:
    mesh.corner[3 * triangle] = a
    mesh.corner[3 * triangle + 1] = b
    mesh.corner[3 * triangle + 2] = c


@compiled
def _mark(mesh: _Mesh, triangle: int, insertion: int, dirty_count: int) -> int:
    if mesh.stamp[triangle] == insertion:
        return dirty_count
    mesh.stamp[triangle] = insertion
    mesh.dirty[dirty_count] = triangle
    return dirty_count + 1


@compiled
def _flip_until_delaunay(mesh: _Mesh, waiting: int, insertion: int, dirty_count: int) -> int:
    """Flip edges opposite of the new vertex until all circles are empty."""
    while waiting:
        waiting -= 1
        edge = mesh.stack[waiting]
        twin = mesh.twin[edge]
        if twin == NONE:
            continue
        # edge runs from a to b below the new vertex p, twin from b to a below d.
        to_p, from_p = _next(edge), _next(_next(edge))
        twin_1, twin_2 = _next(twin), _next(_next(twin))
        a, b, p, d = (
            mesh.corner[edge],
            mesh.corner[to_p],
            mesh.corner[from_p],
            mesh.corner[twin_2],
        )
        if not _in_circle(mesh, a, b, p, d):
            continue
        beyond_pa, beyond_ad, beyond_db = (
            mesh.twin[from_p],
            mesh.twin[twin_1],
            mesh.twin[twin_2],
        )
        mesh.corner[edge] = d  # triangle d, b, p
        mesh.corner[twin] = p  # triangle p, a, d
        _join(mesh, edge, beyond_db)
        _join(mesh, twin, beyond_pa)
        _join(mesh, twin_1, beyond_ad)
        _join(mesh, from_p, twin_2)
        if mesh.twin[to_p] == NONE:
            mesh.border[b] = to_p
        dirty_count = _mark(mesh, edge // 3, insertion, dirty_count)
        dirty_count = _mark(mesh, twin // 3, insertion, dirty_count)
        mesh.stack[waiting] = edge
        mesh.stack[waiting + 1] = twin_1
        waiting += 2
    return dirty_count


@compiled
def _insert_inside(mesh: _Mesh, triangle: int, p: int, count: int, insertion: int) -> int:
    """Cut a triangle into three; return how many triangles changed."""
    first, second, third = 3 * triangle, 3 * triangle + 1, 3 * triangle + 2
    a, b, c = mesh.corner[first], mesh.corner[second], mesh.corner[third]
    beyond_bc, beyond_ca = mesh.twin[second], mesh.twin[third]
    u, v = count, count + 1
    _place(mesh, triangle, a, b, p)
    _place(mesh, u, b, c, p)
    _place(mesh, v, c, a, p)
    _join(mesh, 3 * u, beyond_bc)
    _join(mesh, 3 * v, beyond_ca)
    _join(mesh, second, 3 * u + 2)
    _join(mesh, 3 * u + 1, 3 * v + 2)
    _join(mesh, 3 * v + 1, third)
    dirty_count = _mark(mesh, triangle, insertion, 0)
    dirty_count = _mark(mesh, u, insertion, dirty_count)
    dirty_count = _mark(mesh, v, insertion, dirty_count)
    mesh.stack[0], mesh.stack[1], mesh.stack[2] = first, 3 * u, 3 * v
    return _flip_until_delaunay(mesh, 3, insertion, dirty_count)


@compiled
def _insert_on_edge(mesh: _Mesh, edge: int, p: int, count: int, insertion: int) -> int:
    """Cut the one or two triangles at an edge into two each; return how many changed."""
    twin = mesh.twin[edge]
    to_c, to_a = _next(edge), _next(_next(edge))
    a, b, c = mesh.corner[edge], mesh.corner[to_c], mesh.corner[to_a]
    beyond_bc, beyond_ca = mesh.twin[to_c], mesh.twin[to_a]
    t, u = edge // 3, count
    d, beyond_ad, beyond_db = NONE, NONE, NONE
    if twin != NONE:
        twin_1, twin_2 = _next(twin), _next(_next(twin))
        d, beyond_ad, beyond_db = mesh.corner[twin_2], mesh.twin[twin_1], mesh.twin[twin_2]
    _place(mesh, t, a, p, c)
    _place(mesh, u, p, b, c)
    _join(mesh, 3 * t + 2, beyond_ca)
    _join(mesh, 3 * u + 1, beyond_bc)
    _join(mesh, 3 * t + 1, 3 * u + 2)
    dirty_count = _mark(mesh, t, insertion, 0)
    dirty_count = _mark(mesh, u, insertion, dirty_count)
    mesh.stack[0], mesh.stack[1] = 3 * t + 2, 3 * u + 1
    if twin == NONE:
        _join(mesh, 3 * t, NONE)
        _join(mesh, 3 * u, NONE)
        return _flip_until_delaunay(mesh, 2, insertion, dirty_count)
    s, v = twin // 3, count + 1
    _place(mesh, s, p, a, d)
    _place(mesh, v, b, p, d)
    _join(mesh, 3 * t, 3 * s)
    _join(mesh, 3 * u, 3 * v)
    _join(mesh, 3 * s + 1, beyond_ad)
    _join(mesh, 3 * v + 2, beyond_db)
    _join(mesh, 3 * s + 2, 3 * v + 1)
    dirty_count = _mark(mesh, s, insertion, dirty_count)
    dirty_count = _mark(mesh, v, insertion, dirty_count)
    mesh.stack[2], mesh.stack[3] = 3 * s + 1, 3 * v + 2
    return _flip_until_delaunay(mesh, 4, insertion, dirty_count)


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
def _scan(mesh: _Mesh, heights: Float32Array, triangle: int) -> Any:
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
def _scan_void(mesh: _Mesh, heights: Float32Array, triangle: int, least_area2: int) -> Any:
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
    mesh: _Mesh, heights: Float32Array, triangle: int, bound: float, void_area2: int
) -> Any:
    """Sample to insert into a triangle, -1 if it is good enough."""
    worst, at = _scan(mesh, heights, triangle)
    if worst > bound:
        return at
    return _scan_void(mesh, heights, triangle, void_area2) if void_area2 > 0 else NONE


@compiled
def _insert(mesh: _Mesh, triangle: int, p: int, count: int, insertion: int) -> int:
    """Insert a vertex that lies in or on the border of a triangle; return how many changed."""
    for edge in range(3 * triangle, 3 * triangle + 3):
        start, end = mesh.corner[edge], mesh.corner[_next(edge)]
        if _turn(mesh, start, end, mesh.x[p], mesh.y[p]) == 0:
            return _insert_on_edge(mesh, edge, p, count, insertion)
    return _insert_inside(mesh, triangle, p, count, insertion)


@compiled
def _start(mesh: _Mesh, border_x: Int32Array, border_y: Int32Array, sides: Int32Array) -> Any:
    """Triangulate the border; return the number of vertices and of triangles."""
    for v in range(len(border_x)):
        mesh.x[v], mesh.y[v] = border_x[v], border_y[v]
    _place(mesh, 0, 0, 1, 2)
    _place(mesh, 1, 0, 2, 3)
    _join(mesh, 2, 3)
    for edge in (0, 1, 4, 5):
        _join(mesh, edge, NONE)
    vertices, triangles = CORNERS, 2
    for side in range(CORNERS):
        before = side
        for _ in range(sides[side]):
            _insert_on_edge(mesh, mesh.border[before], vertices, triangles, vertices)
            before = vertices
            vertices += 1
            triangles += 1
    return vertices, triangles


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
    mesh = _Mesh(
        np.empty(most_vertices, np.int64),
        np.empty(most_vertices, np.int64),
        np.empty(3 * most_triangles, np.int32),
        np.empty(3 * most_triangles, np.int32),
        np.empty(most_vertices, np.int32),
        np.empty(most_triangles, np.int32),
        np.empty(most_triangles, np.int32),
        np.zeros(most_triangles, np.int32),
    )
    vertices, triangles = _start(mesh, border_x, border_y, sides)
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
        changed = _insert(mesh, t, vertices, triangles, vertices)
        vertices += 1
        triangles += 2
    return (
        mesh.x[:vertices].astype(np.int32),
        mesh.y[:vertices].astype(np.int32),
        mesh.corner[: 3 * triangles].copy().reshape(-1, 3),
    )
