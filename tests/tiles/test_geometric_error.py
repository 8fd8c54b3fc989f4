"""tiles.geometric_error."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from citykernel.arrays import Float64Array
from tiles.geometric_error import choose

metres = st.floats(0, 100)
features = st.lists(st.tuples(metres, metres, st.one_of(metres, st.just(np.inf))), max_size=30)


def _columns(rows: list[tuple[float, float, float]]) -> tuple[Float64Array, ...]:
    size, box, block = np.array(rows, np.float64).reshape(-1, 3).T
    return size, box, block


@given(st.floats(0.01, 64), features)
def test_the_error_is_never_less_than_that_of_any_feature(
    tolerance_m: float, rows: list[tuple[float, float, float]]
) -> None:
    """Feature by feature: what is shown for it, and how far that is off."""
    size, box, block = _columns(rows)
    choice = choose(tolerance_m, size, box, block)
    for row in range(len(rows)):
        shown = [choice.full[row], choice.box[row], choice.block[row]]
        assert sum(shown) <= 1
        own = [0.0, box[row], block[row]][shown.index(True)] if any(shown) else size[row]
        assert own <= choice.error_m <= tolerance_m


@given(features)
def test_without_tolerance_everything_is_shown_as_it_is(
    rows: list[tuple[float, float, float]],
) -> None:
    """The leaves."""
    choice = choose(0.0, *_columns(rows))
    assert choice.full.all()
    assert choice.error_m == 0


def test_the_coarsest_stand_in_within_tolerance_is_taken() -> None:
    """A shed is left out; a box comes before a block, a block before the whole house."""
    size = np.array([3.0, 20, 20, 20, 20])
    box = np.array([0.0, 4.0, 5.0, 5.0, 4.0])
    block = np.array([0.0, 2.0, 4.0, np.inf, np.inf])
    choice = choose(4.0, size, box, block)
    assert_array_equal(choice.box, [False, True, False, False, True])
    assert_array_equal(choice.block, [False, False, True, False, False])
    assert_array_equal(choice.full, [False, False, False, True, False])
    assert choice.error_m == 4.0
