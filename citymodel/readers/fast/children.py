"""Where the top-level members of a document begin and end, found without parsing it.

A walk from tag to tag that knows quotes, comments, CDATA and processing instructions, so
that no text in one of them is taken for a member.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from citykernel.arrays import Int64Array, UInt8Array
from citykernel.compiled import compiled

from .letters import (
    APOSTROPHE,
    BLANK,
    CLOSE,
    EXCLAMATION,
    GREATER,
    HYPHEN,
    LESS,
    OPEN,
    QUESTION,
    QUOTE,
    SLASH,
)

MORE: Final = 0  # the table is full, go on from the position
CLOSED: Final = 1  # the end tag of the enclosing element begins at the position
CUT: Final = 2  # the bytes end inside something
FORBIDDEN: Final = 3  # a declaration (DOCTYPE, ENTITY) begins at the position
MONSTROUS: Final = 4  # a tag longer than MOST_TAG_BYTES begins at the position
LENGTHY: Final = 5  # a text longer than MOST_TEXT_BYTES ends at the position
DEEP: Final = 6  # an element deeper than MOST_DEPTH begins at the position
UNNESTED: Final = 7  # the element that begins at the position is closed by another's end tag
# libxml2 takes 650 MB for a tag of 10 MB with a million attributes before it refuses them
# (measured); the longest real tag seen, a root with its schemaLocation, has 4 kB.
MOST_TAG_BYTES: Final = 256 * 1024
# Limits of libxml2 (XML_MAX_TEXT_LENGTH, xmlParserMaxDepth), kept here so that a hostile
# unit is refused before it is read into memory.
MOST_TEXT_BYTES: Final = 10_000_000
MOST_DEPTH: Final = 256


@compiled
def _after(text: UInt8Array, position: int, first: int, second: int, third: int) -> int:
    """Position after the next three bytes, -1 if they do not come."""
    for i in range(position, len(text) - 2):
        if text[i] == first and text[i + 1] == second and text[i + 2] == third:
            return i + 3
    return -1


@compiled
def _tag_end(text: UInt8Array, position: int, most: int) -> int:
    """Position of the ``>`` of a tag; -1: the bytes end before, -2: it is too long."""
    stop = min(len(text), position + most)
    i = position
    while i < stop:
        c = text[i]
        if c == GREATER:
            return i
        i += 1
        if c in (QUOTE, APOSTROPHE):
            while i < stop and text[i] != c:
                i += 1
            i += 1
    return -1 if stop == len(text) else -2


@compiled
def _after_special(text: UInt8Array, i: int) -> int:
    """Position after a comment, CDATA section or processing instruction beginning at ``i``.

    -1: the bytes end before; -2: it is a declaration.
    """
    if text[i + 1] == QUESTION:
        for k in range(i + 2, len(text) - 1):
            if text[k] == QUESTION and text[k + 1] == GREATER:
                return k + 2
        return -1
    if i + 3 >= len(text):
        return -1
    if text[i + 2] == HYPHEN and text[i + 3] == HYPHEN:
        return _after(text, i + 4, HYPHEN, HYPHEN, GREATER)
    if text[i + 2] == OPEN:
        return _after(text, i + 3, CLOSE, CLOSE, GREATER)
    return -2


@compiled
def _same_name(text: UInt8Array, a: int, b: int) -> bool:
    """Whether the same name stands at two places."""
    while _in_name(text[a]) and text[a] == text[b]:
        a += 1
        b += 1
    return not _in_name(text[a]) and not _in_name(text[b])


@compiled
def _in_name(letter: int) -> bool:
    return letter > BLANK and letter not in (SLASH, GREATER)


@compiled
def _walk(  # noqa: C901, PLR0911, PLR0912 - one loop is what makes it fast
    text: UInt8Array, start: int, bounds: Int64Array, most: int
) -> tuple[int, int, int]:
    count, depth, child, i, n = 0, 0, start, start, len(text)
    resume = start
    while True:
        stop = min(n, i + MOST_TEXT_BYTES + 1)
        while i < stop and text[i] != LESS:
            i += 1
        if i == stop and stop < n:
            return count, i, LENGTHY
        if i + 1 >= n:
            return count, resume, CUT
        c = text[i + 1]
        if c in (EXCLAMATION, QUESTION):
            after = _after_special(text, i)
            if after < 0:
                return count, i, CUT if after == -1 else FORBIDDEN
            i = after
            continue
        if c == SLASH and depth == 0:
            return count, i, CLOSED
        end = _tag_end(text, i + 1, most)
        if end < 0:
            return count, i, CUT if end == -1 else MONSTROUS
        if depth == 0:
            child = i
        if c == SLASH:
            depth -= 1
            if depth == 0 and not _same_name(text, child + 1, i + 2):
                return count, child, UNNESTED
        elif text[end - 1] != SLASH:
            depth += 1
            if depth > MOST_DEPTH:
                return count, i, DEEP
        i = end + 1
        if depth == 0:
            bounds[count, 0], bounds[count, 1] = child, i
            count += 1
            resume = i
            if count == len(bounds):
                return count, i, MORE


def walk_children(text: UInt8Array, start: int, count: int) -> tuple[Int64Array, int, int]:
    """Find the next children of an element.

    Parameters
    ----------
    text : (n,) uint8
        The file.
    start : int
        Where to begin: after the element's start tag or after a child.
    count : int
        The most children to find.

    Returns
    -------
    (k, 2) int64
        Start and stop byte of each child.
    int
        Where the walk came to: after the last child, at the end tag, or where it failed.
    int
        One of the states above.
    """
    bounds = np.empty((count, 2), np.int64)
    found, position, state = _walk(text, start, bounds, MOST_TAG_BYTES)
    return bounds[:found], position, state


class Children:
    """The children of an element, one after the other.

    Parameters
    ----------
    text : (n,) uint8
        The file.
    start : int
        After the element's start tag.
    at_once : int
        How many are looked for at a time.
    """

    def __init__(self, text: UInt8Array, start: int, *, at_once: int = 512) -> None:
        self._text = text
        self._at_once = at_once
        self.position = start
        self.state = MORE

    def __iter__(self) -> Iterator[tuple[int, int]]:
        while self.state == MORE:
            bounds, self.position, self.state = walk_children(
                self._text, self.position, self._at_once
            )
            yield from bounds.tolist()
