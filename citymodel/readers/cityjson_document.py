"""CityJSON 1.1 and 2.0 and CityJSONSeq as documents: parsed, checked, objects in order."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from citykernel.arrays import Float64Array
from citykernel.errors import ReadError

from ..codes import ObjectType
from .reference.names import OBJECTS
from .unit import Header, WorkUnit

VERSIONS: Final = ("1.1", "2.0")
_TRIPLE: Final = 3
TYPES: Final[dict[str, ObjectType]] = OBJECTS | {
    "BuildingStorey": ObjectType.STOREY,
    "TunnelHollowSpace": ObjectType.ROOM,
    "TransportSquare": ObjectType.SQUARE,
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """A CityJSON document, or one feature of a sequence.

    Parameters
    ----------
    objects : dict of str to dict
        CityObjects by id, in document order.
    vertices : (v, 3) float64
        In the model's system, transform applied.
    appearance : dict
        As it stands.
    templates : list of dict
        Geometry templates.
    template_vertices : (t, 3) float64
        In the templates' own coordinates.
    line : int
        Where it begins.
    """

    objects: dict[str, dict[str, Any]]
    vertices: Float64Array
    appearance: dict[str, Any]
    templates: list[dict[str, Any]]
    template_vertices: Float64Array
    line: int


@dataclass(eq=False, slots=True)
class Entry:
    """A city object and where it goes.

    Parameters
    ----------
    id : str
        Its key in CityObjects.
    json : dict
        As it stands.
    type : ObjectType
        What it is.
    sheet : Sheet
        The document it stands in.
    parent : int
        Row of its parent, -1 for a top-level object.
    children : list of int
        Rows of its parts.
    """

    id: str
    json: dict[str, Any]
    type: ObjectType
    sheet: Sheet
    parent: int = -1
    children: list[int] = field(default_factory=list)


def read_sheets(unit: WorkUnit) -> tuple[dict[str, Any], list[Sheet]]:
    """Parse a unit.

    Parameters
    ----------
    unit : WorkUnit
        A whole CityJSON file, or lines of a sequence.

    Returns
    -------
    head : dict
        The document with metadata and transform.
    sheets : list of Sheet
        One for a CityJSON file, one a feature for a sequence.

    Raises
    ------
    ReadError
        No valid JSON, another version, or a part of the document is missing or malformed.
    """
    header = unit.header
    with header.path.open("rb") as file:
        file.seek(unit.start)
        data = file.read(unit.stop - unit.start)
    if unit.reader == "cityjson":
        head = _parse(data, header, 1)
        _check_head(head, header)
        return head, [_sheet(head, head, header, 1)]
    head = _parse(header.opening, header, 1)
    _check_head(head, header)
    first_line = 1 + _lines_before(unit)
    sheets = [
        _sheet(_parse(line, header, number), head, header, number)
        for number, line in enumerate(data.split(b"\n"), first_line)
        if line.strip()
    ]
    return head, sheets


def _lines_before(unit: WorkUnit) -> int:
    with unit.header.path.open("rb") as file:
        return file.read(unit.start).count(b"\n")


def _parse(data: bytes, header: Header, line: int) -> dict[str, Any]:
    try:
        found = json.loads(data, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise ReadError(
            f"is not valid JSON ({error.msg})",
            path=header.shown_path,
            line=line + error.lineno - 1,
        ) from error
    except (ValueError, RecursionError) as error:
        raise ReadError(
            f"cannot be read as JSON ({error})", path=header.shown_path, line=line
        ) from error
    if not isinstance(found, dict):
        raise ReadError("wanted a JSON object", path=header.shown_path, line=line)
    return found


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not a number JSON knows")


def _check_head(head: dict[str, Any], header: Header) -> None:
    if head.get("type") != "CityJSON" or str(head.get("version")) not in VERSIONS:
        raise ReadError(
            f"is '{head.get('type')}' of version '{head.get('version')}'; "
            f"wanted CityJSON {' or '.join(VERSIONS)}",
            path=header.shown_path,
            line=1,
        )


def _sheet(part: dict[str, Any], head: dict[str, Any], header: Header, line: int) -> Sheet:
    try:
        transform = head["transform"]
        scale = _triples([transform["scale"]])[0]
        translate = _triples([transform["translate"]])[0]
        objects = {str(key): dict(value) for key, value in part["CityObjects"].items()}
        templates = part.get("geometry-templates") or head.get("geometry-templates") or {}
        return Sheet(
            objects=objects,
            vertices=_triples(part["vertices"]) * scale + translate,
            appearance=part.get("appearance") or head.get("appearance") or {},
            templates=list(templates.get("templates", [])),
            template_vertices=_triples(templates.get("vertices-templates", [])),
            line=line,
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ReadError(
            f"CityObjects, vertices or transform are missing or malformed ({error})",
            path=header.shown_path,
            line=line,
        ) from error


def _triples(rows: list[Any]) -> Float64Array:
    array = np.array(rows, np.float64).reshape(len(rows), -1) if rows else np.empty((0, 3))
    if array.shape[1] != _TRIPLE:
        raise ValueError("wanted three numbers a vertex")
    return array


def order_objects(sheets: list[Sheet]) -> list[Entry]:
    """Put the objects into rows: document order, parents before children.

    Parameters
    ----------
    sheets : list of Sheet
        The unit.

    Returns
    -------
    list of Entry
        By row; groups are nobody's parent.
    """
    entries: list[Entry] = []
    for sheet in sheets:
        placed: set[str] = set()
        inner = {name for name in sheet.objects if _parent_names(sheet, name)}
        # Objects in a circle of parents have no top: they are taken as tops themselves.
        for name in sorted(sheet.objects, key=lambda name: name in inner):
            _place(sheet, name, placed, entries)
    return entries


def _place(sheet: Sheet, name: str, placed: set[str], entries: list[Entry]) -> None:
    waiting = [(name, -1)]
    while waiting:
        current, parent = waiting.pop()
        if current in placed:
            continue
        placed.add(current)
        json_object = sheet.objects[current]
        row = len(entries)
        kind = TYPES.get(str(json_object.get("type")), ObjectType.UNKNOWN)
        entries.append(Entry(current, json_object, kind, sheet, parent))
        if parent >= 0:
            entries[parent].children.append(row)
        if kind is not ObjectType.CITY_OBJECT_GROUP:
            below = [c for c in json_object.get("children") or () if c in sheet.objects]
            waiting.extend((child, row) for child in reversed(below))


def _parent_names(sheet: Sheet, name: str) -> list[str]:
    """Parents that stand in the sheet and name the object as their child; no groups."""
    return [
        parent
        for parent in sheet.objects[name].get("parents") or ()
        if parent in sheet.objects
        and sheet.objects[parent].get("type") != "CityObjectGroup"
        and name in (sheet.objects[parent].get("children") or ())
    ]
