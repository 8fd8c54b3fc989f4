"""Texts of a unit: decoded in one go, made into columns, addresses and references."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from citykernel.arrays import Float64Array, Int64Array, ObjectArray

from ...codes import ObjectType
from ...model import (
    Addresses,
    Column,
    ColumnKind,
    ExternalReferences,
    no_addresses,
    no_external_references,
)
from ..reference.attributes import (
    HEIGHT_BOUNDS_M,
    INHERITED,
    STANDARD_KINDS,
    to_number,
    ucum,
)
from .grammar import ADDRESS, GENERIC, REFERENCE, STANDARD
from .lexical import gather, hash_slices
from .scan import ASIDE_START, ASIDE_STOP, FIELD, OWNER, ROW, START, STOP
from .scanned import NotKnownError, Scanned

_ENTITY = re.compile(r"&(?:(amp|lt|gt|quot|apos);|#([0-9]{1,7});|#x([0-9A-Fa-f]{1,6});)?")
_LETTERS: Final = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_STANDARD_NAMES: Final = {number: name for name, number in STANDARD.items()}
_GENERIC_KINDS: Final = {number: kind for kind, number in GENERIC.items()}
_NUMBERS: Final = {"integer", "number", "measure"}


def decode(scanned: Scanned, starts: Int64Array, stops: Int64Array) -> list[str]:
    """Decode slices of the unit.

    Parameters
    ----------
    scanned : Scanned
        The unit.
    starts, stops : (t,) int64
        Bounds of the slices.

    Returns
    -------
    list of str
        Texts with entities and line ends as XML means them.

    Raises
    ------
    NotKnownError
        An entity that is not XML's own.
    """
    if not len(starts):
        return []
    joined = np.empty(int((stops - starts).sum()) + len(starts), np.uint8)
    gather(scanned.text, starts, stops, joined)
    text = joined.tobytes().decode(scanned.encoding)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    texts = text.split("\0")
    texts.pop()
    if "&" in text:
        texts = [_ENTITY.sub(_letter, one) if "&" in one else one for one in texts]
    return texts


def _letter(entity: re.Match[str]) -> str:
    if entity[1]:
        return _LETTERS[entity[1]]
    number = int(entity[2]) if entity[2] else int(entity[3] or "0", 16)
    # Letters that XML 1.0 allows (section 2.2), without the rare ones beyond the first plane.
    if not (number in (9, 10, 13) or 32 <= number < 0xD800 or 0xE000 <= number < 0xFFFE):  # noqa: PLR2004
        raise NotKnownError(entity[0])
    return chr(number)


def _single_blanks(text: str) -> str:
    """Blanks between words as one, as the reference reader writes attributes."""
    plain = text.isascii() and text.isprintable() and "  " not in text
    return text if plain else " ".join(text.split())


def _all_plain(texts: Iterable[str]) -> bool:
    """Whether all space in texts is single blanks between words.

    Of all letters that Python counts as space only the blank is printable. Asked of all
    texts at once, as of a survey's files all are.
    """
    whole = f"|{'|'.join(texts)}|"
    odd = ("  ", "| ", " |")
    return whole.isprintable() and not any(pair in whole for pair in odd)


def _objects_of(texts: list[str]) -> ObjectArray:
    column = np.empty(len(texts), object)
    column[:] = texts
    return column


def taken_texts(scanned: Scanned) -> ObjectArray:
    """Texts of elements without the space around them.

    Parameters
    ----------
    scanned : Scanned
        The unit.

    Returns
    -------
    (t,) object
        One ``str`` a row of ``scanned.texts``, none empty.

    Raises
    ------
    NotKnownError
        An entity that is not XML's own, or a text of nothing but rare kinds of space.
    """
    texts = decode(scanned, scanned.texts[:, START], scanned.texts[:, STOP])
    # The scanner has cut off the blanks of XML; Unicode has more of them.
    if not _all_plain(texts):
        texts = [text if text.isascii() else text.strip() for text in texts]
    if not all(texts):
        raise NotKnownError("a text of spaces")
    return _objects_of(texts)


def make_columns(
    scanned: Scanned, texts: ObjectArray, types: NDArray[np.uint8], parent: NDArray[np.int32]
) -> dict[str, Column]:
    """Make the attributes of all objects.

    Parameters
    ----------
    scanned : Scanned
        The unit.
    texts : (t,) object
        From :func:`taken_texts`.
    types : (o,) uint8
        Types of the objects.
    parent : (o,) int32
        Their parents.

    Returns
    -------
    dict of str to Column
        In the order of the document.

    Raises
    ------
    NotKnownError
        What needs an issue or a rule of its own: two numbers for one, no number, two
        units, a generic attribute named as a standard one.
    """
    table = scanned.texts
    field = table[:, FIELD]
    rows = np.flatnonzero(field < min(ADDRESS.values()))
    if not _all_plain(texts):
        texts = _objects_of([_single_blanks(text) for text in texts])
    keys = field[rows].astype(np.uint64)
    named = rows[field[rows] >= min(GENERIC.values())]
    hashes = np.empty(len(named), np.uint64)
    hash_slices(scanned.text, table[named, ASIDE_START], table[named, ASIDE_STOP], hashes)
    keys[field[rows] >= min(GENERIC.values())] = hashes
    _, first, group, sizes = np.unique(
        keys, return_index=True, return_inverse=True, return_counts=True
    )
    grouped = np.split(rows[np.argsort(group, kind="stable")], np.cumsum(sizes)[:-1])
    columns: dict[str, Column] = {}
    for place in np.argsort(first, kind="stable").tolist():
        name, column = _column(scanned, texts, grouped[place], len(types))
        if name in columns:
            raise NotKnownError(f"a second attribute {name}")
        columns[name] = column
    _inherit(columns, types, parent)
    return columns


def _column(
    scanned: Scanned, texts: ObjectArray, rows: Int64Array, count: int
) -> tuple[str, Column]:
    table = scanned.texts
    fields = table[rows, FIELD]
    field = int(fields[0])
    if (fields != field).any():
        raise NotKnownError("an attribute of two kinds")
    kind: ColumnKind
    if field in _STANDARD_NAMES:
        name, source = _STANDARD_NAMES[field], "citygml"
        kind = STANDARD_KINDS.get(name, "string")
    else:
        name, source = decode(scanned, *table[rows[:1], ASIDE_START:ROW].T)[0], "generic"
        kind = _GENERIC_KINDS[field]  # type: ignore[assignment]
        if not name or name in STANDARD:
            raise NotKnownError(f"a generic attribute named '{name}'")
    owner = table[rows, OWNER]
    if kind not in _NUMBERS:
        values = np.full(count, "", object)
        _put(values, owner, texts[rows])
        return name, Column(values, kind, "", source)
    unit = _unit(scanned, rows) if kind == "measure" else ""
    return name, Column(_numbers(name, owner, texts[rows], count), kind, unit, source)


def _put(values: ObjectArray, owner: Int64Array, texts: ObjectArray) -> None:
    """Set texts; several of one object are joined."""
    if (np.diff(owner) > 0).all():
        values[owner] = texts
        return
    for row, text in zip(owner.tolist(), texts.tolist(), strict=True):
        values[row] = f"{values[row]}; {text}" if values[row] else text


def _numbers(name: str, owner: Int64Array, texts: ObjectArray, count: int) -> Float64Array:
    is_year = name.startswith("year_of")
    found = np.array([to_number(text, year=is_year) for text in texts], np.float64)
    low, high = HEIGHT_BOUNDS_M if name == "measured_height" else (-math.inf, math.inf)
    if not (np.isfinite(found) & (found >= low) & (found <= high)).all():
        raise NotKnownError(f"a doubtful {name}")
    if len(np.unique(owner)) != len(owner):
        raise NotKnownError(f"two values of {name}")
    values = np.full(count, np.nan)
    values[owner] = found
    return values


def _unit(scanned: Scanned, rows: Int64Array) -> str:
    table = scanned.texts[rows]
    data = scanned.text
    spellings = {
        data[start:stop].tobytes()
        for start, stop in np.unique(table[:, ASIDE_START:ROW], axis=0).tolist()
    }
    units = {ucum(spelling.decode(scanned.encoding)) or "m" for spelling in spellings}
    if len(units) != 1:
        raise NotKnownError("heights in two units")
    return units.pop()


def _inherit(
    columns: dict[str, Column], types: NDArray[np.uint8], parent: NDArray[np.int32]
) -> None:
    """Give parts what the building says for them."""
    for name in INHERITED:
        column = columns.get(name)
        if column is not None and column.values.dtype == object:
            values = column.values
            rows = np.flatnonzero((types == ObjectType.BUILDING_PART) & (values == ""))
            values[rows] = values[parent[rows]]


def make_addresses(scanned: Scanned, texts: ObjectArray) -> Addresses:
    """Make the table of addresses.

    Parameters
    ----------
    scanned : Scanned
        The unit.
    texts : (t,) object
        From :func:`taken_texts`.

    Returns
    -------
    Addresses
        In the order of the document.

    Raises
    ------
    NotKnownError
        An address says one thing twice.
    """
    found = _register(scanned, texts, ADDRESS)
    if found is None:
        return no_addresses()
    owner, columns = found
    return Addresses(owner, *(columns[name] for name in ADDRESS))


def make_references(scanned: Scanned, texts: ObjectArray) -> ExternalReferences:
    """Make the table of references into other registers.

    Parameters
    ----------
    scanned : Scanned
        The unit.
    texts : (t,) object
        From :func:`taken_texts`.

    Returns
    -------
    ExternalReferences
        In the order of the document.

    Raises
    ------
    NotKnownError
        A reference says one thing twice.
    """
    found = _register(scanned, texts, REFERENCE)
    if found is None:
        return no_external_references()
    owner, columns = found
    name, uri = columns["name"], columns["uri"]
    if ((name != "") & (uri != "")).any():
        raise NotKnownError("a reference with name and uri")
    return ExternalReferences(owner, columns["system"], np.where(name == "", uri, name))


def _register(
    scanned: Scanned, texts: ObjectArray, fields: dict[str, int]
) -> tuple[NDArray[np.int32], dict[str, ObjectArray]] | None:
    """Rows of a table whose texts share a row number, and their owners."""
    table = scanned.texts
    rows = np.flatnonzero(np.isin(table[:, FIELD], list(fields.values())))
    if not len(rows):
        return None
    _, first, place = np.unique(table[rows, ROW], return_index=True, return_inverse=True)
    columns: dict[str, ObjectArray] = {}
    for name, number in fields.items():
        of_field = table[rows, FIELD] == number
        at = place[of_field]
        if len(np.unique(at)) != len(at):
            raise NotKnownError(f"two texts for one {name}")
        column = np.full(len(first), "", object)
        column[at] = texts[rows[of_field]]
        columns[name] = column
    return table[rows[first], OWNER].astype(np.int32), columns
