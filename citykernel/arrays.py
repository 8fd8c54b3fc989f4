"""Array types and the few operations on offsets that everything shares."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Float64Array: TypeAlias = NDArray[np.float64]
Float32Array: TypeAlias = NDArray[np.float32]
Int32Array: TypeAlias = NDArray[np.int32]
Int64Array: TypeAlias = NDArray[np.int64]
UInt32Array: TypeAlias = NDArray[np.uint32]
UInt16Array: TypeAlias = NDArray[np.uint16]
UInt8Array: TypeAlias = NDArray[np.uint8]
BoolArray: TypeAlias = NDArray[np.bool_]
ObjectArray: TypeAlias = NDArray[np.object_]


def offsets_from_counts(counts: NDArray[np.integer]) -> Int32Array:
    """Offsets of consecutive runs of the given lengths.

    Parameters
    ----------
    counts : (n,) integer
        Length of each run.

    Returns
    -------
    (n + 1,) int32
        Run ``i`` is ``offsets[i]:offsets[i + 1]``.

    Examples
    --------
    >>> offsets_from_counts(np.array([4, 0, 3])).tolist()
    [0, 4, 4, 7]
    """
    offsets = np.zeros(len(counts) + 1, np.int32)
    np.cumsum(counts, out=offsets[1:])
    return offsets


def run_indices(starts: NDArray[np.integer], counts: NDArray[np.integer]) -> Int64Array:
    """Positions of all elements of several runs, one run after the other.

    Parameters
    ----------
    starts : (n,) integer
        First position of each run.
    counts : (n,) integer
        Length of each run.

    Returns
    -------
    (sum of counts,) int64
        Positions.

    Examples
    --------
    >>> run_indices(np.array([10, 3]), np.array([2, 3])).tolist()
    [10, 11, 3, 4, 5]
    """
    counts = np.asarray(counts, np.int64)
    total = int(counts.sum())
    before = np.cumsum(counts) - counts
    positions: Int64Array = np.arange(total) + np.repeat(
        np.asarray(starts, np.int64) - before, counts
    )
    return positions


def read_only(array: NDArray[np.generic]) -> None:
    """Forbid writing to an array: models share columns, so nobody may change one."""
    array.setflags(write=False)
