"""Attributes of objects: standard properties, generic ones and those of extensions."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import islice
from typing import Final, NamedTuple

import numpy as np
from lxml import etree

from citykernel.arrays import Float64Array

from ...model import Column, ColumnKind
from .document import Document, text_of
from .found import Found
from .names import MEANINGS, PARTS, Kind

# Kinds of standard properties that are not plain text (CityGML 2.0, sections 10.2 to 10.9).
STANDARD_KINDS: Final[dict[str, ColumnKind]] = {
    "measured_height": "measure",
    "storeys_above_ground": "integer",
    "storeys_below_ground": "integer",
    "year_of_construction": "integer",
    "year_of_demolition": "integer",
    "average_height": "measure",
    "height": "measure",
    "trunk_diameter": "measure",
    "crown_diameter": "measure",
    "creation_date": "date",
    "termination_date": "date",
    "valid_from": "date",
    "valid_to": "date",
    "date_of_construction": "date",
    "date_of_demolition": "date",
}
# UCUM codes for the last word of a uom (AdV, OGC, SIG 3D and plain spellings).
UCUM: Final = {
    "m": "m", "metre": "m", "meter": "m", "9001": "m", "m2": "m2", "sqm": "m2", "m^2": "m2",
    "m²": "m2", "m3": "m3", "m^3": "m3", "m³": "m3", "cm": "cm", "mm": "mm", "km": "km",
    "ft": "[ft_i]", "deg": "deg", "degree": "deg", "rad": "rad", "%": "%", "percent": "%",
    "scale": "1", "1": "1", "a": "a", "kwh": "kW.h", "kwh/a": "kW.h/a", "w": "W", "c": "Cel",
}  # fmt: skip
# How high a building can be; Burj Khalifa's 828 m stand outside of what this product is for.
HEIGHT_BOUNDS_M: Final = (0.0, 500.0)
# Every column has a cell for every object; real models have about a hundred.
MOST_COLUMNS: Final = 2_000
INHERITED: Final = ("function", "Gemeindeschluessel")
HEIGHT_STATUS: Final = ("estimated", "measured")  # CityGML 3.0, HeightStatusValue


class Value(NamedTuple):
    """One value of one object, as it stands in the document."""

    found: Found
    name: str
    kind: ColumnKind
    text: str
    unit: str
    source: str
    at: etree._Element


def ucum(uom: str) -> str:
    """Unit by its UCUM code.

    Parameters
    ----------
    uom : str
        As the source writes it, for example ``urn:adv:uom:m`` or ``#m``.

    Returns
    -------
    str
        UCUM code, the source's own text where it names no unit known here.

    Examples
    --------
    >>> ucum("urn:adv:uom:m"), ucum("#m2"), ucum("bushel")
    ('m', 'm2', 'bushel')
    """
    last = uom.strip().rpartition("#")[2].rpartition(":")[2].lower()
    return UCUM.get(last, uom.strip())


@dataclass(eq=False)
class Attributes:
    """Collects values and makes columns of them.

    Parameters
    ----------
    document : Document
        For issues.
    values : list of Value
        In document order.
    """

    document: Document
    values: list[Value] = field(default_factory=list)

    def standard(self, found: Found, name: str, element: etree._Element) -> None:
        """Take a property of the standard; a date of 3.0 also as the year of 1.0 and 2.0."""
        if name in ("date_of_construction", "date_of_demolition"):
            self.add(found, name.replace("date", "year", 1), "integer", element)
        unit = element.get("uom") or ""
        kind: ColumnKind = STANDARD_KINDS.get(name, "string")
        if unit and kind == "string" and is_number(text_of(element)):
            kind = "measure"
        self.add(found, name, kind, element, unit=unit)

    def add(
        self,
        found: Found,
        name: str,
        kind: ColumnKind,
        element: etree._Element,
        *,
        unit: str = "",
        source: str = "citygml",
    ) -> None:
        """Take a value; an empty text is no value."""
        text = " ".join((element.text or "").split())
        if text:
            unit = ucum(unit) if unit else "m" if kind == "measure" else ""
            self.values.append(Value(found, name, kind, text, unit, source, element))

    def generic(self, found: Found, element: etree._Element, prefix: str = "") -> None:
        """Take a generic attribute of any version, or a set of them."""
        name = element.get("name") or ""
        value: etree._Element | None = None
        inside: list[etree._Element] = []
        for child in element:
            meaning = MEANINGS[child.tag]
            if meaning.local == "name":
                name = text_of(child)
            elif meaning.local == "value":
                value = child
            elif meaning.local == "genericAttribute":  # 3.0 wraps each in a property
                inside.extend(child)
            elif meaning.kind in (Kind.GENERIC, Kind.GENERIC_SET):
                inside.append(child)
        full = f"{prefix}{name}"
        for child in inside:
            self.generic(found, child, f"{full}.")
        if value is not None and full:
            kind: ColumnKind = MEANINGS[element.tag].text or "string"  # type: ignore[assignment]
            self.add(found, full, kind, value, unit=value.get("uom") or "", source="generic")

    def data(self, found: Found, prefix: str, element: etree._Element) -> None:
        """Take a data type of CityGML 3.0, leaf by leaf; heights by their own rule."""
        if MEANINGS[element.tag].local == "Height":
            self._height(found, element)
            return
        for child in element:
            name = f"{prefix}.{MEANINGS[child.tag].text or MEANINGS[child.tag].local}"
            if len(child):
                for below in child:
                    self.data(found, name, below)
            else:
                self.standard(found, name, child)

    def _height(self, found: Found, element: etree._Element) -> None:
        leaf = {MEANINGS[child.tag].local: child for child in element}
        status = leaf.get("status")
        if status is not None and text_of(status) not in HEIGHT_STATUS:
            raise self.document.error(
                f"con:status is '{text_of(status)}'; wanted {' or '.join(HEIGHT_STATUS)}",
                status,
                found.id,
            )
        value = leaf.get("value")
        if value is None:
            return
        known = any(
            v.found is found and v.name == "measured_height"
            for v in reversed(self.values[-64:])
        )
        name = "measured_height"
        if known:  # a building may state several heights; the first is the one compared
            high = leaf.get("highReference")
            name = f"height.{text_of(high)}" if high is not None else "height"
        self.add(found, name, "measure", value, unit=value.get("uom") or "")

    def columns(self, count: int) -> dict[str, Column]:
        """Make the columns.

        Parameters
        ----------
        count : int
            Number of objects; values of objects without a row are left out.

        Returns
        -------
        dict of str to Column
            In the order in which their names first appear. A generic attribute whose name a
            standard property has is called ``generic:name``, one with a second unit
            ``name [unit]``; several texts of one object are joined by "; ".
        """
        standard = {v.name for v in self.values if v.source == "citygml"}
        grouped: dict[str, list[Value]] = {}
        units: dict[str, str] = {}
        for value in self.values:
            if value.found.row < 0:
                continue
            name = value.name
            if value.source != "citygml" and name in standard:
                name = f"{value.source}:{name}"
            if units.setdefault(name, value.unit) != value.unit:
                name = f"{name} [{value.unit}]"
                units[name] = value.unit
            grouped.setdefault(name, []).append(value)
        if len(grouped) > MOST_COLUMNS:
            self.document.issue(
                "too-many-attributes", "warning",
                f"there are {len(grouped)} attribute names; the first {MOST_COLUMNS} are kept",
            )  # fmt: skip
        kept = islice(grouped.items(), MOST_COLUMNS)
        return {name: self._column(name, group, count) for name, group in kept}

    def _column(self, name: str, group: list[Value], count: int) -> Column:
        kinds = {value.kind for value in group}
        kind = kinds.pop() if len(kinds) == 1 else "string"
        source, unit = group[0].source, group[0].unit
        if kind in ("integer", "number", "measure"):
            return Column(self._numbers(name, group, count), kind, unit, source)
        texts = np.full(count, "", object)
        for value in group:
            before = texts[value.found.row]
            texts[value.found.row] = f"{before}; {value.text}" if before else value.text
        return Column(texts, kind, unit, source)

    def _numbers(self, name: str, group: list[Value], count: int) -> Float64Array:
        numbers = np.full(count, np.nan)
        for value in group:
            number = to_number(value.text, year=name.startswith("year_of"))
            if not math.isfinite(number):
                self._issue("not-a-number", value, f"{name} is '{value.text}', not a number")
                continue
            if name == "measured_height" and not _is_height(number):
                low, high = HEIGHT_BOUNDS_M
                message = (
                    f"{name} is {number:g} m; between {low:g} and {high:g} m were expected"
                )
                self._issue("height-out-of-bounds", value, message)
            if math.isnan(numbers[value.found.row]):
                numbers[value.found.row] = number
            elif numbers[value.found.row] != number:
                self._issue(
                    "several-values", value, f"{name} stands more than once; the first is kept"
                )
        return numbers

    def _issue(self, code: str, value: Value, message: str) -> None:
        self.document.issue(code, "warning", message, gml_id=value.found.id, at=value.at)


def is_number(text: str) -> bool:
    """Whether a text is a finite number."""
    return math.isfinite(to_number(text))


def to_number(text: str, *, year: bool = False) -> float:
    """Number that a text states, NaN where it states none.

    Parameters
    ----------
    text : str
        A number, or a year with or without a time zone (``1925+01:00``).
    year : bool
        Take the first four digits.

    Returns
    -------
    float
        NaN, never an infinity, where there is no number.
    """
    try:
        number = float(text[:4] if year else text)
    except ValueError:
        return math.nan
    return number if math.isfinite(number) and "_" not in text else math.nan


def _is_height(number: float) -> bool:
    return HEIGHT_BOUNDS_M[0] <= number <= HEIGHT_BOUNDS_M[1]


def inherit(columns: dict[str, Column], rows: list[Found]) -> None:
    """Give parts the function and the municipality key of the object they are parts of.

    Parameters
    ----------
    columns : dict of str to Column
        Changed in place, before the model freezes them.
    rows : list of Found
        The objects by row, parents first.
    """
    for name in INHERITED:
        column = columns.get(name)
        if column is None or column.values.dtype != object:
            continue
        for found in rows:
            if (
                found.type in PARTS
                and found.parent is not None
                and not column.values[found.row]
            ):
                column.values[found.row] = column.values[found.parent.row]
