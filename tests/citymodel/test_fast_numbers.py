"""Numbers of the fast reader are those of Python's float(), to the bit."""

from __future__ import annotations

import random
import struct

import numpy as np
import pytest

from citykernel.arrays import Float64Array
from citymodel.readers.fast.lexical import measure_rings, read_numbers


def read(words: list[str]) -> tuple[Float64Array, list[int]]:
    """Values, and which of them were left to float()."""
    text = (" ".join(words) + "<").encode()
    values = np.full(len(words) + 1, np.nan)
    odd = np.zeros((len(words), 3), np.int64)
    position, count, odd_count = read_numbers(
        np.frombuffer(text, np.uint8), 0, values, 0, odd, 0
    )
    assert position == len(text) - 1
    assert count == len(words)
    for place, start, stop in odd[:odd_count].tolist():
        assert text[start:stop].decode() == words[place]
    return values[:count], odd[:odd_count, 0].tolist()


def test_numbers_are_the_nearest_doubles() -> None:
    """Twenty thousand numbers of one to eighteen digits; the point anywhere."""
    chance = random.Random(7837)  # noqa: S311 - numbers, not secrets
    words = []
    for _ in range(20_000):
        digits = "".join(chance.choices("0123456789", k=chance.randint(1, 18)))
        point = chance.randint(0, len(digits))
        sign = chance.choice(("", "", "-"))
        words.append(f"{sign}{digits[:point]}.{digits[point:]}" if point else f"{sign}{digits}")
    values, odd = read(words)
    left = set(odd)
    assert len(left) < len(words) / 2, "most numbers are read in place"
    for place, word in enumerate(words):
        if place not in left:
            assert struct.pack("d", values[place]) == struct.pack("d", float(word)), word


@pytest.mark.parametrize(
    "word", ["9007199254740993", "0.1234567890123456789", "1e5", "+1", "NaN", "1,5", "--1", "."]
)
def test_numbers_that_are_not_plain_are_left_to_python(word: str) -> None:
    """Above 2**53 a division of two exact numbers is no longer exact."""
    _, odd = read(["1.5", word, "2.5"])
    assert odd == [1]


def test_zero_keeps_its_sign() -> None:
    values, _ = read(["-0.0", "0", "-0"])
    assert np.signbit(values).tolist() == [True, False, True]


def test_text_that_ends_within_a_number_is_refused() -> None:
    values, odd = np.zeros(4), np.zeros((4, 3), np.int64)
    position, *_ = read_numbers(np.frombuffer(b"1.5 2", np.uint8), 0, values, 0, odd, 0)
    assert position == -1


def test_a_ring_is_measured_without_its_repeated_corner() -> None:
    square = [0, 0, 0, 1, 0, 0, 1, 1, 0, 0, 1, 0]
    values = np.array([*square, *square[:3], *square], np.float64)
    lengths = np.zeros(2, np.int64)
    assert measure_rings(values, np.array([0, 15, 27], np.int32), lengths)
    assert lengths.tolist() == [4, 4]


def test_a_ring_of_two_different_corners_is_refused() -> None:
    values = np.array([0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0], np.float64)
    assert not measure_rings(values, np.array([0, 12], np.int32), np.zeros(1, np.int64))
