"""The words of XML as loops over bytes: numbers, attributes, comments, blanks."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from citykernel.arrays import Float64Array, Int32Array, Int64Array, UInt8Array
from citykernel.compiled import compiled

from .letters import (
    AMPERSAND,
    APOSTROPHE,
    BLANK,
    EQUALS,
    EXCLAMATION,
    GREATER,
    HYPHEN,
    LESS,
    NEWLINE,
    NINE,
    POINT,
    QUOTE,
    RETURN,
    SLASH,
    TAB,
    ZERO,
)
from .names import FNV_OFFSET, FNV_PRIME

_MOST_MANTISSA: Final = 2**53
_MOST_DIGITS: Final = 18  # of a mantissa that fits 64 bits
_MOST_FRACTION: Final = 22
POWERS_OF_TEN: Final = 10.0 ** np.arange(_MOST_FRACTION + 1)
_SHIFT: Final = np.uint64(20)


@compiled
def hash_of(text: UInt8Array, start: int, stop: int) -> np.uint64:
    """Hash bytes, see :func:`~citymodel.readers.fast.names.fnv`."""
    value = FNV_OFFSET
    for i in range(start, stop):
        value = (value ^ np.uint64(text[i])) * FNV_PRIME
    return value


@compiled
def look_up(keys: NDArray[np.uint64], numbers: UInt8Array, key: np.uint64) -> int:
    """Find the number of a name by its hash, 0 if it is unknown."""
    mask = np.uint64(len(keys) - 1)
    slot = (key ^ (key >> _SHIFT)) & mask
    while numbers[slot]:
        if keys[slot] == key:
            return int(numbers[slot])
        slot = (slot + np.uint64(1)) & mask
    return 0


@compiled
def is_blank(letter: int) -> bool:
    """Whether XML takes a letter for white space (others below were refused before)."""
    return letter <= BLANK


@compiled
def name_end(text: UInt8Array, start: int, known: int, length: int) -> int:
    """Position after the name at ``start`` if it is the one at ``known``, else -1.

    Comparing with the name that stood in this place last is three times as fast as hashing.
    """
    stop = start + length
    if length == 0 or stop >= len(text):
        return -1
    for k in range(length):
        if text[start + k] != text[known + k]:
            return -1
    letter = text[stop]
    return stop if letter <= BLANK or letter in (GREATER, SLASH) else -1


@compiled
def trimmed(text: UInt8Array, start: int, stop: int) -> tuple[int, int]:
    """Bounds of a text without the blanks around it."""
    while start < stop and is_blank(text[start]):
        start += 1
    while stop > start and is_blank(text[stop - 1]):
        stop -= 1
    return start, stop


@compiled
def _odd_number_end(text: UInt8Array, i: int) -> int:
    """Position after a number with other letters than digits, -1 if it is none."""
    while i < len(text) and not is_blank(text[i]) and text[i] != LESS:
        i += 1
        if i == len(text):
            return -1
    return i


@compiled
def _read_number(text: UInt8Array, i: int) -> tuple[float, int]:
    """Read a plain number; its value and the position after it, -1 if it is not plain."""
    n = len(text)
    negative = text[i] == HYPHEN
    if negative:
        i += 1
    mantissa, start, fraction = np.int64(0), i, 0
    while i < n and ZERO <= text[i] <= NINE:
        mantissa = mantissa * 10 + (text[i] - ZERO)
        i += 1
    digits = i - start
    if i < n and text[i] == POINT:
        i += 1
        start = i
        while i < n and ZERO <= text[i] <= NINE:
            mantissa = mantissa * 10 + (text[i] - ZERO)
            i += 1
        fraction = i - start
        digits += fraction
    plain = i < n and (text[i] <= BLANK or text[i] == LESS)
    if not plain or digits == 0 or digits > _MOST_DIGITS or mantissa > _MOST_MANTISSA:
        return 0.0, -1
    value = float(mantissa) / POWERS_OF_TEN[fraction]
    return (-value if negative else value), i


@compiled
def read_numbers(
    text: UInt8Array,
    i: int,
    values: Float64Array,
    count: int,
    odd: Int64Array,
    odd_count: int,
) -> tuple[int, int, int]:
    """Read numbers up to the next tag.

    Position of the tag (-1: not to be read), number of values, number of odd values.
    """
    n = len(text)
    while True:
        while i < n and text[i] <= BLANK:
            i += 1
        if i >= n:
            return -1, count, odd_count
        if text[i] == LESS:
            return i, count, odd_count
        if count >= len(values):
            return -1, count, odd_count
        value, stop = _read_number(text, i)
        if stop < 0:
            stop = _odd_number_end(text, i)
            if stop < 0 or odd_count == len(odd):
                return -1, count, odd_count
            odd[odd_count, 0], odd[odd_count, 1], odd[odd_count, 2] = count, i, stop
            odd_count += 1
        values[count] = value
        count += 1
        i = stop


@compiled
def comment_end(text: UInt8Array, i: int) -> int:
    """Position after the comment that begins at ``i``, -1 if there is none."""
    if not (text[i + 1] == EXCLAMATION and text[i + 2] == HYPHEN and text[i + 3] == HYPHEN):
        return -1
    for k in range(i + 4, len(text) - 2):
        if text[k] == HYPHEN and text[k + 1] == HYPHEN:
            return k + 3 if text[k + 2] == GREATER else -1
    return -1


@compiled
def read_attribute(  # noqa: C901, PLR0911 - the steps of one rule
    text: UInt8Array, i: int, keys: NDArray[np.uint64], numbers: UInt8Array
) -> tuple[int, np.uint64, int, int, int]:
    """Read the next attribute of a tag.

    Its number (0: unknown, -1: the tag ends here), hash of its value, start and stop of the
    value, position after it (-1: not to be read).
    """
    n, gap, failed = len(text), i, (0, FNV_OFFSET, 0, 0, -1)
    while i < n and is_blank(text[i]):
        i += 1
    if i >= n:
        return failed
    if text[i] in (GREATER, SLASH):
        return -1, FNV_OFFSET, 0, 0, i
    if gap == i:
        return failed
    key = FNV_OFFSET
    while i < n and text[i] not in (EQUALS, GREATER, SLASH) and not is_blank(text[i]):
        key = (key ^ np.uint64(text[i])) * FNV_PRIME
        i += 1
    number = look_up(keys, numbers, key)
    while i < n and is_blank(text[i]):
        i += 1
    if i >= n or text[i] != EQUALS:
        return failed
    i += 1
    while i < n and is_blank(text[i]):
        i += 1
    if i >= n or text[i] not in (QUOTE, APOSTROPHE):
        return failed
    quote = text[i]
    i += 1
    start = i
    key = FNV_OFFSET
    while i < n and text[i] != quote:
        if text[i] in (LESS, AMPERSAND) or text[i] < BLANK:
            return failed
        key = (key ^ np.uint64(text[i])) * FNV_PRIME
        i += 1
    if i >= n:
        return failed
    return number, key, start, i, i + 1


@compiled
def look_over(text: UInt8Array) -> tuple[bool, bool]:
    """Whether there are letters that XML forbids, and whether there are any beyond ASCII."""
    control, all_bits = np.uint8(0), np.uint8(0)
    for i in range(len(text)):
        letter = text[i]
        forbidden = (letter < BLANK) & (letter != TAB) & (letter != NEWLINE)
        control |= np.uint8(forbidden & (letter != RETURN))
        all_bits |= letter
    return bool(control), bool(all_bits > 127)  # noqa: PLR2004 - ASCII has seven bits


@compiled
def gather(text: UInt8Array, starts: Int64Array, stops: Int64Array, target: UInt8Array) -> None:
    """Write slices one after the other, each followed by a zero byte."""
    k = 0
    for row in range(len(starts)):
        for i in range(starts[row], stops[row]):
            target[k] = text[i]
            k += 1
        target[k] = 0
        k += 1


@compiled
def hash_slices(
    text: UInt8Array, starts: Int64Array, stops: Int64Array, hashes: NDArray[np.uint64]
) -> None:
    """Hash slices."""
    for row in range(len(starts)):
        hashes[row] = hash_of(text, starts[row], stops[row])


@compiled
def measure_rings(values: Float64Array, offsets: Int32Array, lengths: Int64Array) -> bool:
    """Corners of each ring without a repeated first one; False if one is unusable.

    ``offsets`` divide ``values``, three a corner. Unusable are rings with fewer than three
    different corners.
    """
    for ring in range(len(lengths)):
        start, stop = offsets[ring], offsets[ring + 1]
        count = (stop - start) // 3
        second, different = start, 1
        for k in range(start + 3, stop, 3):
            if different < 3 and not _same(values, k, start):  # noqa: PLR2004 - a triangle
                if different == 1:
                    second, different = k, 2
                elif not _same(values, k, second):
                    different = 3
        if different < 3:  # noqa: PLR2004
            return False
        lengths[ring] = count - 1 if _same(values, stop - 3, start) else count
    return True


@compiled
def _same(values: Float64Array, a: int, b: int) -> bool:
    return bool(
        values[a] == values[b]
        and values[a + 1] == values[b + 1]
        and values[a + 2] == values[b + 2]
    )
