"""citykernel.arrays."""

from __future__ import annotations

import numpy as np
import pytest

from citykernel.arrays import offsets_from_counts, read_only, run_indices


def test_offsets_begin_at_zero_and_end_at_the_sum() -> None:
    """Also without any run, and with empty ones."""
    assert offsets_from_counts(np.array([4, 0, 3])).tolist() == [0, 4, 4, 7]
    assert offsets_from_counts(np.empty(0, np.int32)).tolist() == [0]
    assert offsets_from_counts(np.array([2])).dtype == np.int32


def test_runs_are_laid_one_after_the_other() -> None:
    """In any order, overlapping, empty."""
    starts, counts = np.array([10, 3, 5, 3]), np.array([2, 3, 0, 1])
    assert run_indices(starts, counts).tolist() == [10, 11, 3, 4, 5, 3]
    assert run_indices(np.empty(0, np.int64), np.empty(0, np.int64)).tolist() == []


def test_a_column_that_is_read_only_cannot_be_written() -> None:
    """Models share columns."""
    column = np.zeros(3)
    read_only(column)
    with pytest.raises(ValueError, match="read-only"):
        column[0] = 1
