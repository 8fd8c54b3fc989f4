"""Properties of features, as the columns a property table wants: texts as bytes + offsets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from citykernel.arrays import Float64Array, Int64Array, ObjectArray, UInt8Array, run_indices


@dataclass(frozen=True, slots=True)
class TextColumn:
    """Texts of features.

    Parameters
    ----------
    text : (b,) uint8
        UTF-8 of all texts behind each other.
    offsets : (f + 1,) int64
        Feature to bytes.
    """

    text: UInt8Array
    offsets: Int64Array

    @classmethod
    def of(cls, values: ObjectArray) -> TextColumn:
        """Encode texts, (f,) object of ``str``."""
        texts = [str(value) for value in values.tolist()]
        whole = "".join(texts).encode()
        # Of ASCII each letter is a byte; else each text is measured by itself.
        ascii_only = len(whole) == sum(map(len, texts))
        counts = [len(text if ascii_only else text.encode()) for text in texts]
        offsets = np.zeros(len(texts) + 1, np.int64)
        np.cumsum(counts, out=offsets[1:])
        return cls(np.frombuffer(whole, np.uint8), offsets)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def take(self, rows: Int64Array) -> TextColumn:
        """Return some rows, (k,) int64, in the given order."""
        counts = np.diff(self.offsets)[rows]
        offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        return TextColumn(self.text[run_indices(self.offsets[:-1][rows], counts)], offsets)

    def texts(self) -> list[str]:
        """Decode all rows."""
        whole, bounds = self.text.tobytes(), self.offsets.tolist()
        return [whole[a:b].decode() for a, b in pairwise(bounds)]


@dataclass(frozen=True, slots=True)
class NumberColumn:
    """Numbers of features, NaN where missing: (f,) float64."""

    values: Float64Array

    def __len__(self) -> int:
        return len(self.values)

    def take(self, rows: Int64Array) -> NumberColumn:
        """Return some rows, (k,) int64, in the given order."""
        return NumberColumn(self.values[rows])


FeatureColumn = TextColumn | NumberColumn
FeatureColumns = dict[str, FeatureColumn]


def concatenate_columns(parts: Sequence[FeatureColumns]) -> FeatureColumns:
    """Put the features of several tables of the same columns behind each other.

    Parameters
    ----------
    parts : sequence of dict
        At least one; all with the same column names.

    Returns
    -------
    dict of str to column
        The rows of all, in order.
    """
    if len(parts) == 1:
        return parts[0]
    joined: FeatureColumns = {}
    for name in parts[0]:
        columns = [part[name] for part in parts]
        texts = [column for column in columns if isinstance(column, TextColumn)]
        numbers = [column for column in columns if isinstance(column, NumberColumn)]
        if numbers:
            joined[name] = NumberColumn(np.concatenate([c.values for c in numbers]))
            continue
        counts = np.concatenate([np.diff(c.offsets) for c in texts])
        offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        joined[name] = TextColumn(np.concatenate([c.text for c in texts]), offsets)
    return joined
