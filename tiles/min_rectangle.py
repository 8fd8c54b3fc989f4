"""The smallest rectangle round a footprint, and how far the two are apart."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from citykernel.arrays import Float64Array, Int64Array

_NO_LENGTH_M = 1e-9

compiled: Any = njit(cache=True, nogil=True, error_model="numpy")


@compiled
def _hull(points: Float64Array) -> Float64Array:
    """Convex hull, counter-clockwise (A. M. Andrew's monotone chain, 1979)."""
    order = np.argsort(points[:, 0], kind="mergesort")
    # Equal x sorted by y: insertion, as runs of equal x are short.
    for i in range(1, len(order)):
        j = i
        while (
            j > 0
            and points[order[j], 0] == points[order[j - 1], 0]
            and (points[order[j], 1] < points[order[j - 1], 1])
        ):
            order[j], order[j - 1] = order[j - 1], order[j]
            j -= 1
    n = len(order)
    hull = np.empty((2 * n + 2, 2))
    k = 0
    for half in range(2):
        least = k + 1 if half else 0
        for step in range(n):
            p = points[order[n - 1 - step if half else step]]
            while k - least >= (1 if half else 2) and (
                (hull[k - 1, 0] - hull[k - 2, 0]) * (p[1] - hull[k - 2, 1])
                - (hull[k - 1, 1] - hull[k - 2, 1]) * (p[0] - hull[k - 2, 0])
                <= 0.0
            ):
                k -= 1
            hull[k] = p
            k += 1
        k -= 1
    return hull[: max(k, 1)]


@compiled
def _to_segment(px: float, py: float, ax: float, ay: float, bx: float, by: float) -> float:
    dx, dy = bx - ax, by - ay
    length = dx * dx + dy * dy
    t = 0.0 if length == 0.0 else ((px - ax) * dx + (py - ay) * dy) / length
    t = min(1.0, max(0.0, t))
    return float(np.hypot(px - ax - t * dx, py - ay - t * dy))


@compiled
def _rectangle(hull: Float64Array, out: Float64Array) -> None:
    """Corners of the smallest rectangle that has a side along one of the hull's."""
    best = np.inf
    n = len(hull)
    out[:] = hull[0]  # what stays where all points stand in one place
    for i in range(n):
        j = (i + 1) % n
        ux, uy = hull[j, 0] - hull[i, 0], hull[j, 1] - hull[i, 1]
        length = np.hypot(ux, uy)
        if length < _NO_LENGTH_M:
            continue
        ux, uy = ux / length, uy / length
        a, b, c, d = np.inf, -np.inf, np.inf, -np.inf
        for k in range(n):
            along = hull[k, 0] * ux + hull[k, 1] * uy
            across = hull[k, 1] * ux - hull[k, 0] * uy
            a, b = min(a, along), max(b, along)
            c, d = min(c, across), max(d, across)
        area = (b - a) * (d - c)
        if area < best:
            best = area
            for corner, (along, across) in enumerate(((a, c), (b, c), (b, d), (a, d))):
                out[corner, 0] = along * ux - across * uy
                out[corner, 1] = along * uy + across * ux


@compiled
def rectangles(
    points: Float64Array, point_offsets: Int64Array, closes: Int64Array
) -> tuple[Float64Array, Float64Array]:
    """Smallest rectangles of many footprints.

    Parameters
    ----------
    points : (p, 2) float64
        Corners of the footprints' rings, metres.
    point_offsets : (f + 1,) int64
        Footprint to corners; none is empty.
    closes : (p,) int64
        The corner that follows each corner in its ring.

    Returns
    -------
    (f, 4, 2) float64
        Corners, counter-clockwise.
    (f,) float64
        Largest distance between the outlines of footprint and rectangle at their corners,
        metres.
    """
    count = len(point_offsets) - 1
    corners = np.empty((count, 4, 2))
    apart = np.zeros(count)
    for f in range(count):
        first, last = point_offsets[f], point_offsets[f + 1]
        _rectangle(_hull(points[first:last]), corners[f])
        box = corners[f]
        worst = 0.0
        for c in range(4):
            least = np.inf
            for i in range(first, last):
                j = closes[i]
                least = min(least, _to_segment(
                    box[c, 0], box[c, 1], points[i, 0], points[i, 1], points[j, 0], points[j, 1]
                ))  # fmt: skip
            worst = max(worst, least)
        for i in range(first, last):
            least = np.inf
            for c in range(4):
                d = (c + 1) % 4
                least = min(least, _to_segment(
                    points[i, 0], points[i, 1], box[c, 0], box[c, 1], box[d, 0], box[d, 1]
                ))  # fmt: skip
            worst = max(worst, least)
        apart[f] = worst
    return corners, apart
