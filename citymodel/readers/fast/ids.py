"""Where the elements of a file stand, by gml:id: an index made in one walk over the bytes.

References that leave a work unit are rare, but a file can be made of nothing else: each is
answered from the index, never by a search of the file.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from citykernel.arrays import Int64Array, UInt8Array
from citykernel.compiled import compiled

from .children import walk_children
from .letters import APOSTROPHE, EQUALS, QUOTE
from .lexical import hash_of
from .names import fnv

_COLON: Final = ord(":")
_I: Final = ord("i")
_D: Final = ord("d")
# The start tag of an element begins at most so far before its id.
_LONGEST_TAG: Final = 1 << 16
# What is referred to from elsewhere is a surface or a solid, at most a building.
_LONGEST_ELEMENT: Final = 1 << 24


@compiled
def _list_ids(text: UInt8Array, hashes: NDArray[np.uint64], positions: Int64Array) -> int:
    """Fill hash and position of each ``:id="..."``; their number, also of what did not fit."""
    count, i, n = 0, 0, len(text) - 5
    while i < n:
        if (
            text[i] == _COLON
            and text[i + 1] == _I
            and text[i + 2] == _D
            and text[i + 3] == EQUALS
            and text[i + 4] in (QUOTE, APOSTROPHE)
        ):
            quote, start = text[i + 4], i + 5
            i = start
            while i < n and text[i] != quote:
                i += 1
            if count < len(hashes):
                hashes[count], positions[count] = hash_of(text, start, i), start
            count += 1
        i += 1
    return count


@dataclass(frozen=True, slots=True)
class _Index:
    text: UInt8Array
    hashes: NDArray[np.uint64]
    positions: Int64Array

    def find(self, gml_id: str) -> bytes | None:
        wanted = gml_id.encode("utf-8")
        key = np.uint64(fnv(wanted))
        first = int(np.searchsorted(self.hashes, key))
        while first < len(self.hashes) and self.hashes[first] == key:
            start = int(self.positions[first])
            if self.text[start : start + len(wanted)].tobytes() == wanted:
                return self._element(start)
            first += 1
        return None

    def _element(self, inside: int) -> bytes | None:
        """The element whose start tag holds a position."""
        low = max(0, inside - _LONGEST_TAG)
        at = self.text[low:inside].tobytes().rfind(b"<")
        if at < 0:
            return None
        stop = min(len(self.text), low + at + _LONGEST_ELEMENT)
        bounds, _, _ = walk_children(self.text[:stop], low + at, 1)
        return self.text[slice(*bounds[0])].tobytes() if len(bounds) else None


@lru_cache(maxsize=2)
def _index(path: Path, size: int, changed_ns: int) -> _Index:
    del size, changed_ns  # another file under the same name has another index
    with path.open("rb") as file:
        text = np.frombuffer(mmap(file.fileno(), 0, access=ACCESS_READ), np.uint8)
    count = _list_ids(text, np.empty(0, np.uint64), np.empty(0, np.int64))
    hashes, positions = np.empty(count, np.uint64), np.empty(count, np.int64)
    _list_ids(text, hashes, positions)
    order = np.argsort(hashes, kind="stable")
    return _Index(text, hashes[order], positions[order])


def element_finder(path: Path) -> Callable[[str], bytes | None]:
    """Make a function that finds the elements of a file by gml:id.

    Parameters
    ----------
    path : Path
        A CityGML file in an encoding that writes ASCII as ASCII.

    Returns
    -------
    callable
        Takes a gml:id and gives the bytes of the first element that bears it, start tag to
        end tag, or None. The first call indexes the file: about a second a gigabyte, 16
        bytes of memory an id; it is kept for the next unit of the file.
    """

    def find(gml_id: str) -> bytes | None:
        about = path.stat()
        if not about.st_size:
            return None
        return _index(path, about.st_size, about.st_mtime_ns).find(gml_id)

    return find
