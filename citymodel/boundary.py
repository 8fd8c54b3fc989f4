"""Boundaries: rings of corners, surfaces of rings, all as flat arrays."""

from __future__ import annotations

import numpy as np

from citykernel.arrays import Float64Array, Int32Array, Int64Array
from citykernel.errors import BoundaryError


def following_corners(ring_offsets: Int32Array) -> Int64Array:
    """Position of the corner after each corner, the last followed by the first.

    Parameters
    ----------
    ring_offsets : (r + 1,) int32
        Ring to corners, no ring empty.

    Returns
    -------
    (c,) int64
        Positions.
    """
    following = np.arange(1, ring_offsets[-1] + 1)
    following[ring_offsets[1:] - 1] = ring_offsets[:-1]
    return following


def area_vectors(corners: Float64Array, ring_offsets: Int32Array) -> Float64Array:
    """Area vectors of rings.

    The vector of a ring is perpendicular to its best plane, points to the side from which
    the ring runs counter-clockwise, and is as long as the ring's area.

    Parameters
    ----------
    corners : (c, 3) float64
        Ring corners in metres. The first corner of a ring is not repeated at its end.
    ring_offsets : (r + 1,) int32
        Ring ``i`` is ``corners[ring_offsets[i]:ring_offsets[i + 1]]``.

    Returns
    -------
    (r, 3) float64
        Area vectors in square metres.

    Raises
    ------
    BoundaryError
        A ring has fewer than three corners, or the offsets do not cover the corners.

    References
    ----------
    Newell's method: F. Tampieri, Graphics Gems III (1992).

    Examples
    --------
    >>> flat_roof = np.array([[0, 0, 5], [4, 0, 5], [4, 3, 5], [0, 3, 5]], dtype=np.float64)
    >>> area_vectors(flat_roof, np.array([0, 4], dtype=np.int32))
    array([[ 0.,  0., 12.]])
    """
    starts, ends = ring_offsets[:-1], ring_offsets[1:]
    if ring_offsets[0] != 0 or ring_offsets[-1] != len(corners):
        raise BoundaryError(
            f"ring offsets run from {ring_offsets[0]} to {ring_offsets[-1]}, "
            f"but there are {len(corners)} corners"
        )
    too_short = np.flatnonzero(ends - starts < 3)  # noqa: PLR2004 - a triangle
    if too_short.size:
        raise BoundaryError(f"ring {too_short[0]} has fewer than three corners")
    if not starts.size:
        return np.empty((0, 3))
    # Corners are taken relative to the first of their ring: at the size of UTM coordinates
    # the cross products would lose half of their digits.
    near = corners - np.repeat(corners[starts], ends - starts, axis=0)
    after = near[following_corners(ring_offsets)]
    # Written out: np.cross costs four times as much on arrays of this shape.
    cross = np.empty_like(near)
    cross[:, 0] = near[:, 1] * after[:, 2] - near[:, 2] * after[:, 1]
    cross[:, 1] = near[:, 2] * after[:, 0] - near[:, 0] * after[:, 2]
    cross[:, 2] = near[:, 0] * after[:, 1] - near[:, 1] * after[:, 0]
    return np.asarray(0.5 * np.add.reduceat(cross, starts, axis=0), np.float64)
