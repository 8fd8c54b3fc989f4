"""The smallest rectangle round a footprint, and how far the two are apart."""

from __future__ import annotations

import numpy as np

from citykernel.arrays import Float64Array, Int32Array, Int64Array
from citykernel.compiled import compiled

_NO_LENGTH_M = 1e-9


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
def _inner_distance(box: Float64Array, a: Float64Array, b: Float64Array) -> float:
    """Largest distance of a segment within a rectangle from the rectangle's nearest side.

    The distances from the sides are linear along the segment, so their least is largest at
    an end or where two of them are equal.
    """
    at_a, at_b = np.empty(4), np.empty(4)
    for c in range(4):
        ex, ey = box[(c + 1) % 4, 0] - box[c, 0], box[(c + 1) % 4, 1] - box[c, 1]
        length = np.hypot(ex, ey)
        if length < _NO_LENGTH_M:
            return 0.0
        at_a[c] = (ex * (a[1] - box[c, 1]) - ey * (a[0] - box[c, 0])) / length
        at_b[c] = (ex * (b[1] - box[c, 1]) - ey * (b[0] - box[c, 0])) / length
    worst = max(at_a.min(), at_b.min())
    for c in range(4):
        for d in range(c + 1, 4):
            slope = (at_b[c] - at_a[c]) - (at_b[d] - at_a[d])
            if slope != 0.0:
                t = (at_a[d] - at_a[c]) / slope
                if 0.0 < t < 1.0:
                    worst = max(worst, (at_a + t * (at_b - at_a)).min())
    return float(max(worst, 0.0))


@compiled
def _doubled_area(ring: Float64Array) -> float:
    doubled = 0.0
    for i in range(len(ring)):
        j = (i + 1) % len(ring)
        doubled += (ring[i, 0] - ring[0, 0]) * (ring[j, 1] - ring[0, 1])
        doubled -= (ring[i, 1] - ring[0, 1]) * (ring[j, 0] - ring[0, 0])
    return doubled


@compiled
def _uncovered_reach(
    box: Float64Array, hull: Float64Array, area_m2: float, rings: int
) -> float:
    """How far a point of a rectangle may be from the footprint within: an upper bound.

    A circle about such a point that reaches just up to the footprint is empty. At least a
    quarter of it lies in the rectangle, or of an ellipse as narrow as the rectangle, so that
    the empty area bounds its radius. Likewise within the hull of one ring, where at least
    half of it does, as each empty pocket has one side of the hull; and the corners of the
    rectangle are the points farthest from the hull, because it is convex.
    """
    empty = max(_doubled_area(box) / 2 - area_m2, 0.0)
    narrow = min(
        np.hypot(box[1, 0] - box[0, 0], box[1, 1] - box[0, 1]),
        np.hypot(box[3, 0] - box[0, 0], box[3, 1] - box[0, 1]),
    )
    if narrow < _NO_LENGTH_M:
        return 0.0
    quarter = 4 * empty / np.pi
    in_box = max(np.sqrt(quarter), quarter / narrow)
    if rings != 1:
        return float(in_box)
    to_hull = 0.0
    for c in range(4):
        least = np.inf
        for i in range(len(hull)):
            j = (i + 1) % len(hull)
            least = min(least, _to_segment(
                box[c, 0], box[c, 1], hull[i, 0], hull[i, 1], hull[j, 0], hull[j, 1]
            ))  # fmt: skip
        to_hull = max(to_hull, least)
    in_hull = max(_doubled_area(hull) / 2 - area_m2, 0.0)
    return float(min(in_box, to_hull + np.sqrt(2 * in_hull / np.pi)))


@compiled
def rectangles(
    points: Float64Array, point_offsets: Int64Array, closes: Int64Array, area_m2: Float64Array
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
    area_m2 : (f,) float64
        Area of each footprint, less its holes; 0 where only points are known.

    Returns
    -------
    (f, 4, 2) float64
        Corners, counter-clockwise.
    (f,) float64
        How far footprint and rectangle are apart, metres: no point of the footprint's
        outline is farther from the rectangle's, none of the rectangle farther from the
        footprint.
    """
    count = len(point_offsets) - 1
    corners = np.empty((count, 4, 2))
    apart = np.zeros(count)
    for f in range(count):
        first, last = point_offsets[f], point_offsets[f + 1]
        hull = _hull(points[first:last])
        _rectangle(hull, corners[f])
        # Within a ring each corner but the last is closed by a later one.
        rings = (closes[first:last] <= np.arange(first, last)).sum()
        worst = _uncovered_reach(corners[f], hull, area_m2[f], rings)
        for i in range(first, last):
            worst = max(worst, _inner_distance(corners[f], points[i], points[closes[i]]))
        apart[f] = worst
    return corners, apart


@compiled
def reach_beyond(
    points: Float64Array, point_offsets: Int32Array | Int64Array,
    ends: Float64Array, end_offsets: Int64Array,
) -> Float64Array:  # fmt: skip
    """How far points lie outside footprints.

    Parameters
    ----------
    points : (p, 2) float64
        Of the features, metres.
    point_offsets : (f + 1,) int32 or int64
        Feature to points.
    ends : (e, 4) float64
        Edges of the footprints: x and y of one end, x and y of the other.
    end_offsets : (f + 1,) int64
        Feature to edges.

    Returns
    -------
    (f,) float64
        Largest distance of a feature's point from its footprint, metres; 0 where all lie
        within or there is no footprint.
    """
    reach = np.zeros(len(point_offsets) - 1)
    for f in range(len(reach)):
        if end_offsets[f] == end_offsets[f + 1]:
            continue
        for p in range(point_offsets[f], point_offsets[f + 1]):
            x, y = points[p, 0], points[p, 1]
            least, inside = np.inf, False
            for e in range(end_offsets[f], end_offsets[f + 1]):
                ax, ay, bx, by = ends[e, 0], ends[e, 1], ends[e, 2], ends[e, 3]
                if (ay > y) != (by > y) and x < ax + (y - ay) * (bx - ax) / (by - ay):
                    inside = not inside
                least = min(least, _to_segment(x, y, ax, ay, bx, by))
            if not inside:
                reach[f] = max(reach[f], least)
    return reach
