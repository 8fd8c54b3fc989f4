"""Attributes and addresses of CityJSON objects as columns."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from ..model import Addresses, Column, ColumnKind, no_addresses
from .cityjson_document import Entry
from .reference.attributes import INHERITED, STANDARD_KINDS, ucum
from .reference.names import PARTS, snake_case

_STANDARD: Final = frozenset(STANDARD_KINDS) | {
    "class", "function", "usage", "roof_type", "name", "description",
    "storey_heights_above_ground", "storey_heights_below_ground", "species", "conservation",
}  # fmt: skip
# CityJSON leaves the keys of an address open; these are the ones of its own examples and
# those xAL uses, in lower case.
_ADDRESS: Final = {
    "country": ("country", "countryname"),
    "locality": ("locality", "localityname", "city", "town"),
    "postcode": ("postcode", "postalcode", "postalcodenumber", "zip"),
    "thoroughfare": ("thoroughfare", "thoroughfarename", "street"),
    "number": ("number", "thoroughfarenumber", "housenumber"),
}


def make_columns(entries: list[Entry]) -> dict[str, Column]:
    """Make the attribute columns.

    Parameters
    ----------
    entries : list of Entry
        By row.

    Returns
    -------
    dict of str to Column
        Standard names in snake case, all others as they stand; nested objects as
        ``outer.inner``, lists as texts with blanks.
    """
    grouped: dict[str, dict[int, tuple[Any, str]]] = {}
    for row, entry in enumerate(entries):
        for key, value, unit in _leaves(entry.json.get("attributes") or {}):
            name = snake_case(key)
            name = name if name in _STANDARD else key
            grouped.setdefault(name, {})[row] = (value, unit)
            if name in ("date_of_construction", "date_of_demolition"):
                year = str(value)[:4]
                if year.isdigit():
                    grouped.setdefault(name.replace("date", "year", 1), {})[row] = (
                        int(year),
                        "",
                    )
    columns = {name: _column(name, cells, len(entries)) for name, cells in grouped.items()}
    _inherit(columns, entries)
    return columns


def _leaves(attributes: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any, str]]:
    waiting = [(f"{prefix}{key}", value) for key, value in reversed(attributes.items())]
    while waiting:
        key, value = waiting.pop()
        if isinstance(value, dict) and "value" in value and isinstance(value.get("uom"), str):
            yield key, value["value"], ucum(value["uom"])
        elif isinstance(value, dict):
            waiting.extend((f"{key}.{k}", v) for k, v in reversed(value.items()))
        elif isinstance(value, list):
            yield key, " ".join(_text(item) for item in value), ""
        elif value is not None:
            yield key, value, ""


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _column(name: str, cells: dict[int, tuple[Any, str]], count: int) -> Column:
    source = "citygml" if name in _STANDARD or name.startswith("year_of_") else "generic"
    values = [value for value, _ in cells.values()]
    numeric = all(isinstance(v, int | float) and not isinstance(v, bool) for v in values)
    kind: ColumnKind = STANDARD_KINDS.get(name, "string")
    if not numeric:
        texts = np.full(count, "", object)
        for row, (value, _) in cells.items():
            texts[row] = _text(value)
        return Column(texts, "date" if kind == "date" else "string", "", source)
    units = {unit for _, unit in cells.values()} - {""}
    unit = units.pop() if len(units) == 1 else "m" if kind == "measure" else ""
    if kind == "string":
        whole = all(isinstance(v, int) for v in values)
        kind = "measure" if unit else "integer" if whole else "number"
    numbers = np.full(count, np.nan)
    for row, (value, _) in cells.items():
        numbers[row] = float(value) if math.isfinite(value) else np.nan
    return Column(numbers, kind, unit, source)


def _inherit(columns: dict[str, Column], entries: list[Entry]) -> None:
    for name in INHERITED:
        column = columns.get(name)
        if column is None or column.values.dtype != object:
            continue
        for row, entry in enumerate(entries):
            if entry.type in PARTS and entry.parent >= 0 and not column.values[row]:
                column.values[row] = column.values[entry.parent]


def make_addresses(entries: list[Entry]) -> Addresses:
    """Make the address table.

    Parameters
    ----------
    entries : list of Entry
        By row.

    Returns
    -------
    Addresses
        One row an address; keys that are not known are left out.
    """
    rows: list[int] = []
    table: list[list[str]] = []
    for row, entry in enumerate(entries):
        stated = entry.json.get("address")
        for address in stated if isinstance(stated, list) else [stated]:
            if not isinstance(address, dict):
                continue
            lower = {k.lower(): _text(v) for k, v in address.items() if _is_plain(v)}
            found = [
                next((lower[k] for k in keys if k in lower), "") for keys in _ADDRESS.values()
            ]
            if any(found):
                rows.append(row)
                table.append(found)
    if not rows:
        return no_addresses()
    columns = np.array(table, object).T
    return Addresses(np.array(rows, np.int32), *(column.copy() for column in columns))


def _is_plain(value: Any) -> bool:
    return isinstance(value, str | int | float)
