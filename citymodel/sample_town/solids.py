"""Solids: corners, faces by corner number, and what each face is.

Faces refer to shared corners, so that a solid that is closed by its corner numbers stays
closed when its coordinates are rounded to the millimetre, as the official files round them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from citykernel.arrays import Float64Array

GROUND, WALL, ROOF, CLOSURE = "Ground", "Wall", "Roof", "Closure"


@dataclass(frozen=True, slots=True)
class Solid:
    """A polyhedron.

    Parameters
    ----------
    vertices : (n, 3) float64
        Corners in metres.
    faces : tuple of tuple of int
        Corner numbers of each face, counter-clockwise seen from outside, the first corner
        not repeated.
    kinds : tuple of str
        ``"Ground"``, ``"Wall"``, ``"Roof"`` or ``"Closure"``, one for each face.
    """

    vertices: Float64Array
    faces: tuple[tuple[int, ...], ...]
    kinds: tuple[str, ...]


def make_solid(
    corners: Sequence[Sequence[float]] | Float64Array,
    faces: Sequence[tuple[str, Sequence[int]]],
) -> Solid:
    """Round to the millimetre, weld what became one corner, drop what became a line.

    Parameters
    ----------
    corners : (n, 3) float
        Corners in metres.
    faces : sequence of (kind, corner numbers)
        Faces, counter-clockwise seen from outside.

    Returns
    -------
    Solid
        Only corners that a face uses, in order of their first use.
    """
    thousandths = np.rint(np.asarray(corners, np.float64) * 1000).astype(np.int64)
    keys = [tuple(row) for row in thousandths.tolist()]
    number: dict[tuple[int, ...], int] = {}
    kept_faces: list[tuple[int, ...]] = []
    kinds: list[str] = []
    for kind, face in faces:
        ring = _without_repeats([keys[corner] for corner in face])
        if len(ring) < 3:  # noqa: PLR2004 - a face of two corners is a line
            continue
        kept_faces.append(tuple(number.setdefault(key, len(number)) for key in ring))
        kinds.append(kind)
    vertices = np.array(list(number), np.float64).reshape(-1, 3) / 1000.0
    return Solid(vertices, tuple(kept_faces), tuple(kinds))


def _without_repeats(ring: list[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """Drop corners that repeat their predecessor, and spikes that return to it."""
    kept: list[tuple[int, ...]] = []
    for key in ring:
        if kept and kept[-1] == key:
            continue
        if len(kept) > 1 and kept[-2] == key:
            kept.pop()
            continue
        kept.append(key)
    while len(kept) > 1 and kept[0] == kept[-1]:
        kept.pop()
    return kept


def raised(solid: Solid, height: float) -> Solid:
    """Lift a solid.

    Parameters
    ----------
    solid : Solid
        Any solid.
    height : float
        Metres, rounded to millimetres.

    Returns
    -------
    Solid
        The same faces over raised corners, still on whole millimetres.
    """
    vertices = np.rint((solid.vertices + np.array([0.0, 0.0, height])) * 1000) / 1000
    return Solid(vertices, solid.faces, solid.kinds)


def volume(solid: Solid) -> float:
    """Volume enclosed by outward faces, by the divergence theorem.

    Parameters
    ----------
    solid : Solid
        A closed solid.

    Returns
    -------
    float
        Cubic metres; negative when the faces look inwards.
    """
    middle = solid.vertices.mean(axis=0)
    total = 0.0
    for face in solid.faces:
        ring = solid.vertices[list(face)] - middle
        following = np.roll(ring, -1, axis=0)
        area_vector = np.cross(ring, following).sum(axis=0) / 2
        total += float(area_vector @ ring.mean(axis=0)) / 3
    return total


def open_edges(solid: Solid) -> list[tuple[int, int]]:
    """Directed edges that no other face runs through the other way, exactly once.

    Parameters
    ----------
    solid : Solid
        Any solid.

    Returns
    -------
    list of (int, int)
        Corner numbers; empty when the solid is closed edge for edge.
    """
    count: dict[tuple[int, int], int] = {}
    for face in solid.faces:
        for edge in zip(face, face[1:] + face[:1], strict=True):
            count[edge] = count.get(edge, 0) + 1
    return [
        edge for edge, n in count.items() if n != count.get((edge[1], edge[0]), 0) or n != 1
    ]


def ground_rings(solid: Solid) -> list[Float64Array]:
    """Outlines of the ground faces as seen from above.

    Parameters
    ----------
    solid : Solid
        Any solid.

    Returns
    -------
    list of (n, 2) float64
        Counter-clockwise rings in metres.
    """
    return [
        solid.vertices[list(face)][::-1, :2]
        for face, kind in zip(solid.faces, solid.kinds, strict=True)
        if kind == GROUND
    ]
