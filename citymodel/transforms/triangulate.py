"""Triangulation of all surfaces of a model at once, by the best-fit plane of each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from citykernel.arrays import BoolArray, Float64Array, Int32Array, Int64Array, run_indices

from ..boundary import area_vectors, following_corners
from .ear_clipping import clip_ears


@dataclass(frozen=True, slots=True)
class Triangulation:
    """Triangles of surfaces.

    Parameters
    ----------
    triangles : (t, 3) int64
        Rows of the corners, counter-clockwise about the surface's normal.
    triangle_offsets : (s + 1,) int64
        Surface to triangles; a surface without area has none.
    area_vectors : (s, 3) float64
        Of the surface (exterior less interior rings), square metres.
    doubtful : (d,) int64
        Surfaces whose outline crosses itself by more than a millimetre: their triangles may
        overlap or leave a part out.
    """

    triangles: Int64Array
    triangle_offsets: Int64Array
    area_vectors: Float64Array
    doubtful: Int64Array


# Below a tenth of a square millimetre a polygon has no plane to speak of.
LEAST_AREA_M2 = 1e-7
# A line of 60 m is bent by this much where it follows the Earth (length^2 / 12 radii): what is
# not wider is a line. None is longer than the longest building.
_LINE_M = 5e-5
_LONGEST_LINE_M = 1000.0
# A corner that stands out by less lies on a straight edge, as far as a fan may care: its
# triangle could collapse when positions are rounded to 16 bits.
_STRAIGHT_M = 0.01


def surface_area_vectors(
    corners: Float64Array, ring_offsets: Int32Array, surface_offsets: Int32Array
) -> Float64Array:
    """Area vectors of surfaces: the exterior ring's less the holes', whatever way they turn.

    Parameters
    ----------
    corners : (c, 3) float64
        Ring corners in metres.
    ring_offsets, surface_offsets : (r + 1,), (s + 1,) int32
        Rings to corners, surfaces to rings.

    Returns
    -------
    (s, 3) float64
        Square metres, perpendicular to the exterior ring's best plane.

    Raises
    ------
    BoundaryError
        A ring has fewer than three corners.
    """
    rings = area_vectors(corners, ring_offsets)
    if not len(surface_offsets) - 1:
        return np.empty((0, 3))
    outer = rings[surface_offsets[:-1]]
    if len(rings) == len(outer):
        return outer
    length = np.linalg.norm(rings, axis=1)
    whole = np.add.reduceat(length, surface_offsets[:-1])
    outer_length = length[surface_offsets[:-1]]
    # whole = exterior + holes, so the holes take (whole - exterior) off the exterior.
    share = 2 - whole / np.where(outer_length > 0, outer_length, 1)
    return np.asarray(outer * share[:, None], np.float64)


def _fans(
    starts: Int64Array, counts: Int64Array, into: Int64Array, triangles: Int64Array
) -> None:
    each = counts - 2
    first = np.repeat(starts, each)
    step = np.arange(each.sum()) - np.repeat(np.cumsum(each) - each, each)
    rows = np.repeat(into, each) + step
    triangles[rows, 0] = first
    triangles[rows, 1] = first + step + 1
    triangles[rows, 2] = first + step + 2


def _has_area(
    corners: Float64Array, ring_offsets: Int32Array, surface_offsets: Int32Array,
    vectors: Float64Array,
) -> BoolArray:  # fmt: skip
    """Whether exterior rings are more than lines."""
    area = np.linalg.norm(vectors, axis=1)
    has_area = np.asarray(area > LEAST_AREA_M2, np.bool_)
    narrow = np.flatnonzero(has_area & (area < _LINE_M * _LONGEST_LINE_M))
    if narrow.size:
        first = ring_offsets[surface_offsets[:-1][narrow]].astype(np.int64)
        counts = ring_offsets[surface_offsets[:-1][narrow] + 1] - first
        at = run_indices(first, counts)
        after = following_corners(ring_offsets)[at]
        length = np.linalg.norm(corners[after] - corners[at], axis=1)
        half_round = np.add.reduceat(length, np.cumsum(counts) - counts) / 2
        has_area[narrow] = area[narrow] > _LINE_M * half_round
    return has_area


def _is_convex(
    corners: Float64Array, ring_offsets: Int32Array, surface_offsets: Int32Array,
    normals: Float64Array,
) -> BoolArray:  # fmt: skip
    """Whether a surface is one ring that turns left, and never straight on, at each corner."""
    ring_counts = np.diff(ring_offsets)
    following = following_corners(ring_offsets)
    edge = corners[following] - corners
    after = edge[following]
    ring_surface = np.repeat(np.arange(len(surface_offsets) - 1), np.diff(surface_offsets))
    normal = np.repeat(normals[ring_surface], ring_counts, axis=0)
    turn = (edge[:, 1] * after[:, 2] - edge[:, 2] * after[:, 1]) * normal[:, 0]
    turn += (edge[:, 2] * after[:, 0] - edge[:, 0] * after[:, 2]) * normal[:, 1]
    turn += (edge[:, 0] * after[:, 1] - edge[:, 1] * after[:, 0]) * normal[:, 2]
    # Twice the area of the triangle at the corner, over its base: the corner's height.
    base = edge + after
    least = _STRAIGHT_M * np.sqrt((base * base).sum(axis=1) * (normal * normal).sum(axis=1))
    bent = np.logical_and.reduceat(turn > least, ring_offsets[:-1])
    # A ring may turn left everywhere and still wind twice about its centre. One that winds
    # once goes forth and back along its first edge once each.
    first = np.repeat(edge[ring_offsets[:-1]], ring_counts, axis=0)
    forth = edge[:, 0] * first[:, 0] + edge[:, 1] * first[:, 1] + edge[:, 2] * first[:, 2] >= 0
    turns_back = np.add.reduceat(
        (forth != forth[following]).astype(np.int32), ring_offsets[:-1]
    )
    fan = bent & (turns_back <= 2) | (ring_counts == 3)  # noqa: PLR2004
    single = np.diff(surface_offsets) == 1
    return np.asarray(single & fan[surface_offsets[:-1]], np.bool_)


def triangulate(
    corners: Float64Array, ring_offsets: Int32Array, surface_offsets: Int32Array
) -> Triangulation:
    """Triangulate surfaces, holes and corners on straight edges kept.

    Parameters
    ----------
    corners : (c, 3) float64
        Ring corners in metres (any frame).
    ring_offsets, surface_offsets : (r + 1,), (s + 1,) int32
        Rings to corners, surfaces to rings, the exterior first.

    Returns
    -------
    Triangulation
        A surface of n corners and h holes has n + 2 h - 2 triangles; a corner that repeats
        the one before counts once, and so does one that a hole shares with the outline.

    Raises
    ------
    BoundaryError
        A ring has fewer than three corners.
    """
    vectors = surface_area_vectors(corners, ring_offsets, surface_offsets)
    surfaces = len(surface_offsets) - 1
    if not surfaces:
        empty = np.empty(0, np.int64)
        return Triangulation(np.empty((0, 3), np.int64), np.zeros(1, np.int64), vectors, empty)
    rings = area_vectors(corners, ring_offsets)[surface_offsets[:-1]]
    corner_counts = np.diff(ring_offsets[surface_offsets]).astype(np.int64)
    holes = np.diff(surface_offsets) - 1
    has_area = _has_area(corners, ring_offsets, surface_offsets, rings)
    counts = np.where(has_area, corner_counts + 2 * holes - 2, 0)
    offsets = np.concatenate([[0], np.cumsum(counts)])
    triangles = np.empty((offsets[-1], 3), np.int64)

    convex = has_area & _is_convex(corners, ring_offsets, surface_offsets, rings)
    starts = ring_offsets[surface_offsets[:-1]].astype(np.int64)
    _fans(starts[convex], corner_counts[convex], offsets[:-1][convex], triangles)
    rest = np.flatnonzero(has_area & ~convex)
    proper, made = np.ones(len(rest), np.uint8), counts[rest].copy()
    if rest.size:
        own = np.concatenate([[0], np.cumsum(counts[rest])])
        clipped = np.empty((own[-1], 3), np.int64)
        clip_ears(
            corners, rings, ring_offsets, surface_offsets, rest, own, clipped, made, proper
        )
        step = np.arange(own[-1]) - np.repeat(own[:-1], counts[rest])
        triangles[np.repeat(offsets[:-1][rest], counts[rest]) + step] = clipped
        if (made < counts[rest]).any():
            kept = np.repeat(offsets[:-1], counts)
            counts[rest] = made
            kept = np.arange(len(triangles)) - kept < np.repeat(counts, np.diff(offsets))
            triangles, offsets = triangles[kept], np.concatenate([[0], np.cumsum(counts)])
    return Triangulation(triangles, offsets, vectors, rest[proper == 0])
