"""Array types and the few operations on offsets that everything shares."""

from __future__ import annotations

from typing import Any, TypeAlias, TypeVar

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
N = TypeVar("N", bound=np.number[Any])


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


def least_and_most(rows: NDArray[N]) -> tuple[NDArray[N], NDArray[N]]:
    """Least and largest value of each column.

    Column by column: numpy's ``min(axis=0)`` takes five times as long where rows are short.

    Parameters
    ----------
    rows : (n, m) number
        Points, for example; at least one.

    Returns
    -------
    (m,), (m,) number
        Of the same type; NaN where a column holds one.

    Examples
    --------
    >>> least_and_most(np.array([[1.0, 7.0], [3.0, 2.0]]))
    (array([1., 2.]), array([3., 7.]))
    """
    columns = range(rows.shape[1])
    least = np.array([rows[:, column].min() for column in columns], rows.dtype)
    return least, np.array([rows[:, column].max() for column in columns], rows.dtype)


def read_only(array: NDArray[np.generic]) -> None:
    """Forbid writing to an array: models share columns, so nobody may change one."""
    array.setflags(write=False)
