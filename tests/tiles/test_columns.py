"""tiles.columns."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiles.columns import FeatureColumns, NumberColumn, TextColumn, concatenate_columns

HOSTILE = ["", "Münsterstraße 7", "</script><b>", "a\"b'c", "\u0000", "🏠", "a\nb", "日本"]
# Surrogates are no text: lxml never gives them, and UTF-8 cannot hold them.
texts = st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=12), max_size=12)


@given(texts)
def test_texts_come_back_as_they_were(values: list[str]) -> None:
    """Whatever letters a name has, empty ones and none at all."""
    column = TextColumn.of(np.array([*values, ""], object)[:-1])
    assert column.texts() == values
    assert len(column) == len(values)
    assert column.offsets[-1] == len("".join(values).encode())


@given(st.lists(st.integers(0, len(HOSTILE) - 1), max_size=20))
def test_rows_are_taken_in_the_given_order(rows: list[int]) -> None:
    """Twice the same row, none, any order."""
    column = TextColumn.of(np.array(HOSTILE, object))
    taken = column.take(np.array(rows, np.int64))
    assert taken.texts() == [HOSTILE[row] for row in rows]


def test_numbers_are_taken_in_the_given_order() -> None:
    """As texts are, NaN for missing."""
    column = NumberColumn(np.array([1.5, np.nan, 3.0]))
    np.testing.assert_array_equal(column.take(np.array([2, 1])).values, [3.0, np.nan])
    assert len(column) == 3


def test_tables_are_put_behind_each_other() -> None:
    """Texts and numbers, a part without rows among them."""
    parts: list[FeatureColumns] = [
        {
            "name": TextColumn.of(np.array(names, object)),
            "height": NumberColumn(np.array(heights, np.float64)),
        }
        for names, heights in ((["a", "🏠"], [1, 2]), ([], []), (["ü"], [np.nan]))
    ]
    joined = concatenate_columns(parts)
    names, heights = joined["name"], joined["height"]
    assert isinstance(names, TextColumn)
    assert isinstance(heights, NumberColumn)
    assert names.texts() == ["a", "🏠", "ü"]
    np.testing.assert_array_equal(heights.values, [1, 2, np.nan])


def test_tables_of_different_columns_are_refused() -> None:
    """A missing column would shift every later row."""
    one: FeatureColumns = {"name": TextColumn.of(np.array(["a"], object))}
    with pytest.raises(KeyError):
        concatenate_columns([one, {}])
