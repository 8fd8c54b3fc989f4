"""The roof of a box: flat, or a ridge along one of its sides, whichever is less off.

Measured in height. A roof's triangle and the box's roof are both made of planes, so that the
difference between them is largest at a corner of the triangle or where one of its edges
crosses a bend of the box's roof: its ridge, or a side, beyond which its height stays.
"""

from __future__ import annotations

import numpy as np

from citykernel.arrays import Float64Array, Int64Array, UInt8Array
from citykernel.compiled import compiled

FLAT, RIDGE, RIDGE_ACROSS = 0, 1, 2
# A ridge costs six vertices: it is worth them where it comes nearer by this.
_WORTH_M = 1.0


@compiled
def _under_ridge(across: float, width: float, rise: float) -> float:
    """Height above the eaves; beyond the sides it stays at zero."""
    half = width / 2
    return 0.0 if half <= 0 else max(rise * (1 - abs(across - half) / half), 0.0)


@compiled
def _spread(
    triangles: Float64Array, at: Float64Array, axis: Float64Array, width: float,
    eaves: float, rise: float,
) -> tuple[float, float]:  # fmt: skip
    """Least and largest height of triangles above a ridged roof, metres."""
    low, high = np.inf, -np.inf
    across, height = np.empty(3), np.empty(3)
    for t in range(len(triangles)):
        for k in range(3):
            across[k] = (triangles[t, k, 0] - at[0]) * axis[0] + (
                triangles[t, k, 1] - at[1]
            ) * axis[1]
            height[k] = triangles[t, k, 2] - eaves
        for k in range(3):
            above = height[k] - _under_ridge(across[k], width, rise)
            low, high = min(low, above), max(high, above)
            n = (k + 1) % 3
            for bend in (0.0, width / 2, width):
                one, two = across[k] - bend, across[n] - bend
                if one * two < 0:
                    share = one / (one - two)
                    z = height[k] + share * (height[n] - height[k])
                    above = z - _under_ridge(bend, width, rise)
                    low, high = min(low, above), max(high, above)
    return low, high


@compiled
def choose_roofs(
    corners: Float64Array,
    triangles: Float64Array,
    triangle_offsets: Int64Array,
    eaves: Float64Array,
    top: Float64Array,
) -> tuple[UInt8Array, Float64Array, Float64Array, Float64Array]:
    """Choose the roof of each box.

    Parameters
    ----------
    corners : (f, 4, 2) float64
        Of the boxes, counter-clockwise, metres.
    triangles : (t, 3, 3) float64
        Of the features' roofs.
    triangle_offsets : (f + 1,) int64
        Feature to triangles.
    eaves, top : (f,) float64
        Lowest and highest height of each roof.

    Returns
    -------
    (f,) uint8
        ``FLAT``, ``RIDGE`` along the first side, ``RIDGE_ACROSS`` along the second.
    (f,) float64
        Height of the box's eaves: of all of its roof where it is flat.
    (f,) float64
        Rise of the ridge above them, 0 where it is flat.
    (f,) float64
        Largest difference in height, metres.
    """
    count = len(corners)
    kind = np.zeros(count, np.uint8)
    foot, rise = (eaves + top) / 2, np.zeros(count)
    off = (top - eaves) / 2
    for f in range(count):
        own = triangles[triangle_offsets[f] : triangle_offsets[f + 1]]
        best = off[f] - _WORTH_M
        for way in (RIDGE, RIDGE_ACROSS):
            # Across the ridge: from the first corner to the last, or to the second.
            side = corners[f, 3 if way == RIDGE else 1] - corners[f, 0]
            width = np.hypot(side[0], side[1])
            if width <= 0 or not len(own):
                continue
            up = top[f] - eaves[f]
            low, high = _spread(own, corners[f, 0], side / width, width, eaves[f], up)
            if (high - low) / 2 < best:
                best = (high - low) / 2
                # In the middle between what lies above it and what below.
                kind[f], rise[f], off[f] = way, up, best
                foot[f] = eaves[f] + (high + low) / 2
    return kind, foot, rise, off
