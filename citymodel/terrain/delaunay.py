"""A Delaunay triangulation of lattice points that grows by one vertex at a time.

All predicates are exact in 64-bit integers: a lattice of 2,048 x 2,048 needs 2**46.

References
----------
C. L. Lawson: Software for C1 Surface Interpolation. Mathematical Software III (1977):
restoring the Delaunay property by edge flips.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from citykernel.arrays import Int32Array
from citykernel.compiled import compiled

CORNERS = 4
NONE = -1


class Mesh(NamedTuple):
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
def _turn(mesh: Mesh, a: int, b: int, x: int, y: int) -> Any:
    """Twice the signed area of the triangle a, b, (x, y)."""
    return (mesh.x[b] - mesh.x[a]) * (y - mesh.y[a]) - (mesh.y[b] - mesh.y[a]) * (x - mesh.x[a])


@compiled
def _in_circle(mesh: Mesh, a: int, b: int, c: int, d: int) -> Any:
    """Whether d lies inside of the circle through a, b, c (counter-clockwise)."""
    ax, ay = mesh.x[a] - mesh.x[d], mesh.y[a] - mesh.y[d]
    bx, by = mesh.x[b] - mesh.x[d], mesh.y[b] - mesh.y[d]
    cx, cy = mesh.x[c] - mesh.x[d], mesh.y[c] - mesh.y[d]
    aa, bb, cc = ax * ax + ay * ay, bx * bx + by * by, cx * cx + cy * cy
    return ax * (by * cc - bb * cy) - ay * (bx * cc - bb * cx) + aa * (bx * cy - by * cx) > 0


@compiled
def _join(mesh: Mesh, edge: int, twin: int) -> None:
    mesh.twin[edge] = twin
    if twin == NONE:
        mesh.border[mesh.corner[edge]] = edge
    else:
        mesh.twin[twin] = edge


@compiled
def _place(mesh: Mesh, triangle: int, a: int, b: int, c: int) -> None:
    mesh.corner[3 * triangle] = a
    mesh.corner[3 * triangle + 1] = b
    mesh.corner[3 * triangle + 2] = c


@compiled
def _mark(mesh: Mesh, triangle: int, insertion: int, dirty_count: int) -> int:
    if mesh.stamp[triangle] == insertion:
        return dirty_count
    mesh.stamp[triangle] = insertion
    mesh.dirty[dirty_count] = triangle
    return dirty_count + 1


@compiled
def _flip_until_delaunay(mesh: Mesh, waiting: int, insertion: int, dirty_count: int) -> int:
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
def _insert_inside(mesh: Mesh, triangle: int, p: int, count: int, insertion: int) -> int:
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
def _insert_on_edge(mesh: Mesh, edge: int, p: int, count: int, insertion: int) -> int:
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
def insert_vertex(mesh: Mesh, triangle: int, p: int, count: int, insertion: int) -> int:
    """Insert a vertex into a triangle and restore the Delaunay property.

    Parameters
    ----------
    mesh : Mesh
        It is changed.
    triangle : int
        A triangle in which, or on whose edge, the vertex lies.
    p : int
        The vertex; its place stands in the mesh already.
    count : int
        Number of triangles so far; two more are made (one at the border).
    insertion : int
        A number no other insertion has.

    Returns
    -------
    int
        How many triangles changed; they stand at the start of ``mesh.dirty``.
    """
    for edge in range(3 * triangle, 3 * triangle + 3):
        start, end = mesh.corner[edge], mesh.corner[_next(edge)]
        if _turn(mesh, start, end, mesh.x[p], mesh.y[p]) == 0:
            return _insert_on_edge(mesh, edge, p, count, insertion)
    return _insert_inside(mesh, triangle, p, count, insertion)


@compiled
def start_mesh(
    mesh: Mesh, border_x: Int32Array, border_y: Int32Array, sides: Int32Array
) -> Any:
    """Triangulate the border alone.

    Parameters
    ----------
    mesh : Mesh
        Empty; it is filled.
    border_x, border_y : (n,) int32
        The four corners counter-clockwise, then the vertices within each side.
    sides : (4,) int32
        Number of vertices within each side.

    Returns
    -------
    (int, int)
        Number of vertices and of triangles.
    """
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
