"""Borders of terrain squares: which of their samples both neighbours take as vertices.

The choice depends on the samples of the border alone, so that two squares of one level meet
without a crack however their insides differ.
"""

from __future__ import annotations

import numpy as np

from citykernel.arrays import Float32Array, Int32Array
from citykernel.compiled import compiled

NONE = -1


@compiled
def _worst_between(profile: Float32Array, first: int, last: int, bound: float) -> int:
    """Sample farthest from the straight line, -1 if none is farther than the bound."""
    rise = (np.float64(profile[last]) - profile[first]) / (last - first)
    worst, at = bound, NONE
    for i in range(first + 1, last):
        missed = abs(profile[i] - (profile[first] + rise * (i - first)))
        if missed > worst:
            worst, at = missed, i
    return at


@compiled
def _void_between(profile: Float32Array, first: int, last: int) -> int:
    """Void nearest to the middle, -1 if there is none."""
    nearest, at = 2 * len(profile), NONE
    for i in range(first + 1, last):
        away = abs(2 * i - first - last)
        if np.isnan(profile[i]) and away < nearest:
            nearest, at = away, i
    return at


@compiled
def _height_beside(profile: Float32Array, first: int, last: int) -> int:
    """Height nearest to the void end, -1 if there is none."""
    backwards = np.isnan(profile[last]) and not np.isnan(profile[first])
    for k in range(1, last - first):
        i = last - k if backwards else first + k
        if not np.isnan(profile[i]):
            return i
    return NONE


@compiled
def _split(profile: Float32Array, first: int, last: int, bound: float, void_length: int) -> int:
    if np.isnan(profile[first]) or np.isnan(profile[last]):
        return _height_beside(profile, first, last)
    at = _worst_between(profile, first, last, bound)
    if at == NONE and last - first > void_length:
        return _void_between(profile, first, last)
    return at


@compiled
def simplify_profile(profile: Float32Array, bound: float, void_length: int) -> Int32Array:
    """Choose samples of a profile so that straight lines between them miss none by much.

    Parameters
    ----------
    profile : (n,) float32
        Heights at equal distances, n >= 2; NaN is void.
    bound : float
        Metres by which a sample may be missed, measured vertically.
    void_length : int
        A line over void that is longer is split at the void.

    Returns
    -------
    (m,) int32
        Positions, ascending, the first and the last included.

    References
    ----------
    D. Douglas, T. Peucker: Algorithms for the reduction of the number of points required to
    represent a digitized line. Cartographica 10 (1973), pp. 112-122; distances vertical.
    """
    count = len(profile)
    kept = np.zeros(count, np.bool_)
    kept[0] = kept[count - 1] = True
    waiting = np.empty((count, 2), np.int32)
    waiting[0, 0], waiting[0, 1] = 0, count - 1
    length = 1
    while length:
        length -= 1
        first, last = waiting[length, 0], waiting[length, 1]
        at = _split(profile, first, last, bound, void_length) if last - first > 1 else NONE
        if at != NONE:
            kept[at] = True
            waiting[length, 0], waiting[length, 1] = first, at
            waiting[length + 1, 0], waiting[length + 1, 1] = at, last
            length += 2
    return np.flatnonzero(kept).astype(np.int32)
