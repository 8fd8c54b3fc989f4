"""Qualified names as they are written in one file, for look-up by their bytes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from citykernel.arrays import UInt8Array

from .grammar import TABLES, Name

# FNV-1a, 64 bit (G. Fowler, L. C. Noll, K.-P. Vo; RFC 9923).
FNV_OFFSET: Final = np.uint64(0xCBF29CE484222325)
FNV_PRIME: Final = np.uint64(0x100000001B3)
_SLOTS: Final = 1024
_BOUND = re.compile(rb"""\sxmlns(?::([^\s=]+))?\s*=\s*(?:"([^"]*)"|'([^']*)')""")


@dataclass(frozen=True, slots=True)
class NameTable:
    """An open hash table from spellings to numbers.

    Parameters
    ----------
    keys : (1024,) uint64
        Hash of the spelling.
    numbers : (1024,) uint8
        Number of the name, 0 = free.
    """

    keys: NDArray[np.uint64]
    numbers: UInt8Array


def fnv(spelling: bytes) -> int:
    """Hash a spelling as the scanner does.

    Examples
    --------
    >>> hex(fnv(b"a"))
    '0xaf63dc4c8601ec8c'
    """
    value = int(FNV_OFFSET)
    for letter in spelling:
        value = ((value ^ letter) * int(FNV_PRIME)) & 0xFFFFFFFFFFFFFFFF
    return value


def bound_prefixes(opening: bytes) -> list[tuple[bytes, str]]:
    """Prefixes that a start tag binds, b"" for the default namespace.

    Parameters
    ----------
    opening : bytes
        Start tag of the root.

    Returns
    -------
    list of (bytes, str)
        Prefix and namespace.
    """
    return [
        (prefix, (double or single).decode("ascii", "replace"))
        for prefix, double, single in _BOUND.findall(opening)
    ]


@lru_cache(maxsize=16)
def name_tables(opening: bytes, version: str) -> tuple[NameTable, NameTable]:
    """Make the tables of element and attribute names for a file.

    Parameters
    ----------
    opening : bytes
        Start tag of the root, which binds the prefixes.
    version : str
        CityGML version, part of the namespaces.

    Returns
    -------
    NameTable, NameTable
        Of elements and of attributes.
    """
    bound = bound_prefixes(opening)
    return (
        _table(_spellings(TABLES.elements, bound, version, default=True)),
        _table(_spellings(TABLES.attributes, bound, version, default=False)),
    )


def _spellings(
    names: dict[Name, int], bound: list[tuple[bytes, str]], version: str, *, default: bool
) -> dict[bytes, int]:
    """All spellings of the names; a default namespace holds for elements only."""
    found: dict[bytes, int] = {}
    for (namespace, local), number in names.items():
        if not namespace:
            found[local.encode()] = number
            continue
        wanted = namespace.format(version=version)
        for prefix, uri in bound:
            if uri == wanted and (prefix or default):
                found[prefix + b":" + local.encode() if prefix else local.encode()] = number
    return found


def _table(spellings: dict[bytes, int]) -> NameTable:
    if len(spellings) > _SLOTS // 2:  # a root that binds one namespace many times
        spellings = {}
    keys, numbers = np.zeros(_SLOTS, np.uint64), np.zeros(_SLOTS, np.uint8)
    for spelling, number in spellings.items():
        key = fnv(spelling)
        slot = (key ^ (key >> 20)) % _SLOTS
        while numbers[slot]:
            slot = (slot + 1) % _SLOTS
        keys[slot], numbers[slot] = key, number
    return NameTable(keys, numbers)
