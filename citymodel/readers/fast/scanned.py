"""One run of the scanner over a unit: its tables, cut to what was found."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from citykernel.arrays import Float64Array, Int32Array, Int64Array, UInt8Array

from .grammar import TABLES
from .lexical import look_over
from .names import NameTable
from .scan import (
    N_FLOATS,
    N_HREFS,
    N_IDS,
    N_OBJECTS,
    N_ODD,
    N_RINGS,
    N_SURFACES,
    N_TERRAIN,
    N_TEXTS,
    POSITION,
    STATUS,
    scan,
)

# Encodings that Python and libxml2 read alike.
ENCODINGS: Final = {"utf-8": "utf-8", "iso-8859-1": "latin-1", "iso-8859-15": "iso8859-15"}
# A number as XML Schema writes a double (without INF and NaN).
_NUMBER = re.compile(rb"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_CHUNK_BYTES = 1 << 16


class NotKnownError(Exception):
    """The unit holds something that the fast reader does not know."""


@dataclass(frozen=True, slots=True)
class Scanned:
    """What the scanner found; see :func:`~citymodel.readers.fast.scan.scan` for the columns.

    Parameters
    ----------
    text : (n,) uint8
        The unit.
    encoding : str
        Python's name of its encoding.
    objects : (o, 6) int64
    surfaces : (s, 3) int64
    ring_offsets : (r + 1,) int32
    values, terrain : (v,) float64
    texts : (t, 7) int64
    ids, hrefs : (i, 2) uint64
    """

    text: UInt8Array
    encoding: str
    objects: Int64Array
    surfaces: Int64Array
    ring_offsets: Int32Array
    values: Float64Array
    terrain: Float64Array
    texts: Int64Array
    ids: NDArray[np.uint64]
    hrefs: NDArray[np.uint64]


def check_letters(data: bytes, encoding: str) -> str:
    """Refuse what an XML parser would refuse about single letters.

    Parameters
    ----------
    data : bytes
        The unit.
    encoding : str
        As declared.

    Returns
    -------
    str
        Python's name of the encoding.

    Raises
    ------
    NotKnownError
        A control character, a broken letter, or an encoding that is not known here.
    """
    name = ENCODINGS.get(encoding.lower())
    if name is None:
        raise NotKnownError(f"the encoding {encoding}")
    control, beyond_ascii = look_over(np.frombuffer(data, np.uint8))
    if control:
        raise NotKnownError("a control character")
    if beyond_ascii and name == "utf-8":
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            for start in range(0, len(data), _CHUNK_BYTES):
                decoder.decode(data[start : start + _CHUNK_BYTES])
            decoder.decode(b"", final=True)
        except UnicodeDecodeError as error:
            raise NotKnownError("a broken letter") from error
    return name


def run_scan(
    data: bytes, encoding: str, names: tuple[NameTable, NameTable], *, want_terrain: bool
) -> Scanned:
    """Scan a unit.

    Parameters
    ----------
    data : bytes
        Members of the model.
    encoding : str
        Python's name of the encoding.
    names : NameTable, NameTable
        Of elements and of attributes.
    want_terrain : bool
        Read terrain lines.

    Returns
    -------
    Scanned
        What was found.

    Raises
    ------
    NotKnownError
        Something that the table does not hold.
    """
    text = np.frombuffer(data, np.uint8)
    n = len(text)
    # More rows than any real file has for its size; a unit that needs more is handed over.
    # Memory that is not written to is never taken from the system.
    objects = np.empty((n // 64 + 4, 6), np.int64)
    surfaces = np.empty((n // 64 + 4, 3), np.int64)
    ring_offsets = np.zeros(n // 48 + 4, np.int32)
    values = np.empty(n // 2 + 4)
    terrain = np.empty(n // 2 + 4 if want_terrain else 0)
    texts = np.empty((n // 24 + 4, 7), np.int64)
    ids = np.empty((n // 24 + 4, 2), np.uint64)
    hrefs = np.empty((n // 24 + 4, 2), np.uint64)
    odd = np.empty((n // 64 + 16, 3), np.int64)
    counts = np.zeros(13, np.int64)
    elements, attributes = names
    scan(
        text, elements.keys, elements.numbers, attributes.keys, attributes.numbers,
        TABLES.following, TABLES.take, TABLES.text, TABLES.mark, TABLES.number,
        want_terrain, objects, surfaces, ring_offsets, values, terrain, texts, ids, hrefs,
        odd, counts,
    )  # fmt: skip
    if counts[STATUS]:
        at = int(counts[POSITION])
        raise NotKnownError(data[at : at + 60].decode("ascii", "replace"))
    scanned = Scanned(
        text=text,
        encoding=encoding,
        objects=objects[: counts[N_OBJECTS]],
        surfaces=surfaces[: counts[N_SURFACES]],
        ring_offsets=ring_offsets[: counts[N_RINGS] + 1],
        values=values[: counts[N_FLOATS]],
        terrain=terrain[: counts[N_TERRAIN]],
        texts=texts[: counts[N_TEXTS]],
        ids=ids[: counts[N_IDS]],
        hrefs=hrefs[: counts[N_HREFS]],
    )
    _read_odd(data, odd[: counts[N_ODD]], scanned)
    return scanned


def _read_odd(data: bytes, odd: Int64Array, scanned: Scanned) -> None:
    """Read the numbers that are not plain."""
    for position, start, stop in odd.tolist():
        word = data[start:stop]
        if not _NUMBER.fullmatch(word):
            raise NotKnownError(word.decode("ascii", "replace"))
        if position >= 0:
            scanned.values[position] = float(word)
        else:
            scanned.terrain[-position - 1] = float(word)
