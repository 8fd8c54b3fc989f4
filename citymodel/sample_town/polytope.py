"""Convex solids: a prism over a convex footprint, cut by planes.

Most roofs are the lower envelope of a few planes. Cutting the prism with each plane in turn
gives faces that are planar and closed by construction, over any convex footprint, however
crooked the parcel is.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeAlias

from .solids import GROUND, ROOF, WALL, Solid, make_solid

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from citykernel.arrays import Float64Array

# Corners nearer than this to a cutting plane count as lying in it, so that no edge shorter
# than the rounding of the files comes into being.
ON_PLANE = 0.004

Corner: TypeAlias = tuple[float, float, float]
Face: TypeAlias = tuple[str, list[int]]


def cut_prism(
    footprint: Float64Array, planes: Sequence[tuple[float, float, float]], top: float
) -> Solid:
    """Cut the prism over a convex footprint from above.

    Parameters
    ----------
    footprint : (n, 2) float64
        Convex ring in metres, counter-clockwise.
    planes : sequence of (a, b, c)
        Nothing is left above ``z = a x + b y + c``.
    top : float
        Height of the prism in metres before the cuts.

    Returns
    -------
    Solid
        From height 0 upwards.
    """
    n = len(footprint)
    corners: list[Corner] = [(float(x), float(y), 0.0) for x, y in footprint]
    corners += [(x, y, top) for x, y, _ in corners[:n]]
    faces: list[Face] = [(GROUND, list(range(n - 1, -1, -1)))]
    for i in range(n):
        j = (i + 1) % n
        faces.append((WALL, [i, j, n + j, n + i]))
    faces.append((ROOF, list(range(n, 2 * n))))
    for plane in planes:
        faces = _cut(corners, faces, plane)
    return make_solid(corners, faces)


def _cut(
    corners: list[Corner], faces: list[Face], plane: tuple[float, float, float]
) -> list[Face]:
    """Cut away what lies above the plane; new corners are appended to ``corners``."""
    a, b, c = plane
    scale = 1 / math.sqrt(1 + a * a + b * b)
    distances = [(z - a * x - b * y - c) * scale for x, y, z in corners]
    if all(distance <= ON_PLANE for distance in distances):
        return faces
    cuts: dict[tuple[int, int], int] = {}

    def crossing(i: int, j: int) -> int:
        key = (i, j) if i < j else (j, i)
        if key not in cuts:
            p, q = corners[key[0]], corners[key[1]]
            share = distances[key[0]] / (distances[key[0]] - distances[key[1]])
            cuts[key] = len(corners)
            corners.append(
                (
                    p[0] + share * (q[0] - p[0]),
                    p[1] + share * (q[1] - p[1]),
                    p[2] + share * (q[2] - p[2]),
                )
            )
        return cuts[key]

    kept = []
    for kind, face in faces:
        ring = _below(face, distances, crossing)
        if ring:
            kept.append((kind, ring))
    cap = _cap(kept)
    if cap:
        kept.append((ROOF, cap))
    return kept


def _below(
    face: list[int], distances: list[float], crossing: Callable[[int, int], int]
) -> list[int]:
    """The part of a face that does not lie above the plane."""
    if not any(distances[i] < -ON_PLANE for i in face):
        return []
    ring: list[int] = []
    for i, j in zip(face, face[1:] + face[:1], strict=True):
        if distances[i] <= ON_PLANE:
            ring.append(i)
        if (distances[i] < -ON_PLANE and distances[j] > ON_PLANE) or (
            distances[i] > ON_PLANE and distances[j] < -ON_PLANE
        ):
            ring.append(crossing(i, j))
    return ring


def _cap(faces: list[Face]) -> list[int]:
    """The face that closes the cut: the edges left without a partner, the other way."""
    edges = {edge for _, face in faces for edge in zip(face, face[1:] + face[:1], strict=True)}
    onward = {j: i for i, j in edges if (j, i) not in edges}
    if len(onward) < 3:  # noqa: PLR2004 - a cut along an edge opens nothing
        return []
    start = min(onward)
    ring = [start]
    while onward[ring[-1]] != start:
        ring.append(onward[ring[-1]])
    return ring
