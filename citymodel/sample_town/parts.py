"""Parts of one building: where two parts touch, the shared wall becomes a ClosureSurface.

The official files close every part by itself: the piece of wall that two parts share is an
inner wall, carried by both, facing each its own outside.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from .solids import CLOSURE, WALL, Solid, make_solid, open_edges

if TYPE_CHECKING:
    from citykernel.arrays import Float64Array

# Rounding to millimetres leaves corners of neighbours this far off each other's walls.
TOUCH = 0.003
# Smaller shared pieces, square metres, are rounding, not wall; what is left of a wall is kept
# however small, because the solid would not close without it.
LEAST_AREA_M2 = 0.02


@dataclass(frozen=True, slots=True)
class _WallPlane:
    """A vertical plane with its own coordinates: metres along it, height."""

    start: Float64Array
    along: Float64Array

    def flat(self, ring: Float64Array) -> Float64Array:
        return np.column_stack([(ring[:, :2] - self.start) @ self.along, ring[:, 2]])

    def off(self, ring: Float64Array) -> Float64Array:
        across = np.array([-self.along[1], self.along[0]])
        return np.asarray((ring[:, :2] - self.start) @ across)


def close_between(solids: list[Solid]) -> list[Solid]:
    """Split the walls that parts of one building share.

    Parameters
    ----------
    solids : list of Solid
        Closed solids that touch along vertical planes and do not overlap.

    Returns
    -------
    list of Solid
        The same bodies; shared pieces of wall are of kind ``"Closure"``. Each stays closed
        edge for edge; a part whose walls cannot be split cleanly keeps them whole.
    """
    return [
        _with_closures(solid, solids[:i] + solids[i + 1 :]) for i, solid in enumerate(solids)
    ]


def _wall_rings(solid: Solid) -> list[Float64Array]:
    return [
        solid.vertices[list(face)]
        for face, kind in zip(solid.faces, solid.kinds, strict=True)
        if kind == WALL
    ]


def _plane_of(ring: Float64Array) -> _WallPlane:
    """Plane of a wall; ``along`` runs to the right for who looks at it from outside."""
    origin = ring.mean(axis=0)
    relative = ring - origin
    normal = np.cross(relative, np.roll(relative, -1, axis=0)).sum(axis=0)
    along = np.array([-normal[1], normal[0]]) / np.hypot(normal[0], normal[1])
    return _WallPlane(ring[0, :2], along)


def _with_closures(solid: Solid, others: list[Solid]) -> Solid:
    neighbours = [ring for other in others for ring in _wall_rings(other)]
    corners = list(solid.vertices)
    faces: list[tuple[str, list[int]]] = []
    changed = False
    for face, kind in zip(solid.faces, solid.kinds, strict=True):
        ring = solid.vertices[list(face)]
        pieces = _split(ring, neighbours) if kind == WALL else None
        if pieces is None:
            faces.append((kind, list(face)))
            continue
        changed = True
        for piece_kind, piece in pieces:
            faces.append((piece_kind, [_numbered(corner, corners) for corner in piece]))
    if not changed:
        return solid
    split = _with_corners_on_edges(make_solid(corners, faces))
    return solid if open_edges(split) else split


def _numbered(corner: Float64Array, corners: list[Float64Array]) -> int:
    """Number of a corner; one that lies where another is takes its place."""
    distances = np.abs(np.array(corners) - corner).max(axis=1)
    nearest = int(distances.argmin())
    if distances[nearest] <= TOUCH:
        return nearest
    corners.append(corner)
    return len(corners) - 1


def _split(
    ring: Float64Array, neighbours: list[Float64Array]
) -> list[tuple[str, Float64Array]] | None:
    """Closures and remaining walls of one wall, or None when nothing touches it."""
    plane = _plane_of(ring)
    whole = shapely.Polygon(plane.flat(ring))
    known = [ring]
    shared = []
    for other in neighbours:
        if np.abs(plane.off(other)).max() > TOUCH or _plane_of(other).along @ plane.along > 0:
            continue
        common = shapely.intersection(
            whole, shapely.Polygon(plane.flat(other)), grid_size=0.001
        )
        pieces = [p for p in shapely.get_parts(common) if p.area > LEAST_AREA_M2]
        if pieces:
            shared += pieces
            known.append(other)
    if not shared:
        return None
    rest = shapely.difference(whole, shapely.union_all(shared), grid_size=0.001)
    remaining = [p for p in shapely.get_parts(rest) if p.area > 0]
    points = np.vstack(known)
    return [
        (kind, _lifted(polygon, plane, points))
        for kind, polygons in ((CLOSURE, shared), (WALL, remaining))
        for polygon in polygons
    ]


def _lifted(polygon: shapely.Polygon, plane: _WallPlane, points: Float64Array) -> Float64Array:
    """Ring of a piece in space, on corners of the walls wherever one is meant.

    Rings run counter-clockwise in the plane's own coordinates, and therefore seen from
    outside.
    """
    oriented = shapely.geometry.polygon.orient(polygon, sign=1.0)
    flat = np.asarray(oriented.exterior.coords)[:-1]
    lifted = np.column_stack([plane.start + flat[:, :1] * plane.along, flat[:, 1]])
    for corner in lifted:
        distances = np.abs(points - corner).max(axis=1)
        nearest = int(distances.argmin())
        if distances[nearest] <= TOUCH:
            corner[:] = points[nearest]
    return lifted


def _with_corners_on_edges(solid: Solid) -> Solid:
    """Insert into each face the corners of other faces that lie on its edges."""
    loose = sorted({corner for edge in open_edges(solid) for corner in edge})
    points = solid.vertices[loose]
    faces = []
    for kind, face in zip(solid.kinds, solid.faces, strict=True):
        ring: list[int] = []
        for i, j in zip(face, face[1:] + face[:1], strict=True):
            ring.append(i)
            ring += [loose[k] for k in _between(points, solid.vertices[i], solid.vertices[j])]
        faces.append((kind, ring))
    return make_solid(solid.vertices, faces)


def _between(points: Float64Array, start: Float64Array, end: Float64Array) -> list[int]:
    """Points strictly between the ends of an edge, in order along it."""
    edge = end - start
    length = float(np.sqrt(edge @ edge))
    relative = points - start
    along = relative @ edge / length
    off = np.linalg.norm(relative - np.outer(along / length, edge), axis=1)
    # Half a millimetre: two corners of the files that differ at all lie further apart.
    inside = (along > 0.0005) & (along < length - 0.0005)  # noqa: PLR2004 - metres
    on = np.flatnonzero((off <= TOUCH) & inside)
    return [int(k) for k in on[np.argsort(along[on])]]
