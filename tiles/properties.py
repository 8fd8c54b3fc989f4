"""What a click on a house shows: the properties each feature carries into the tiles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from citykernel.arrays import BoolArray, Float64Array, Int64Array, ObjectArray
from citymodel import (
    CityModel,
    ObjectType,
    SurfaceType,
    function_name,
    roof_type_name,
)

from .columns import FeatureColumns, NumberColumn, TextColumn


@dataclass(frozen=True, slots=True)
class Property:
    """One column of the property table.

    Parameters
    ----------
    kind : {"STRING", "FLOAT32", "INT32"}
        Type in EXT_structural_metadata; no 64-bit integers, clients cannot read them.
    title : str
        Human-readable name.
    unit : str
        Unit of a number, "" for texts.
    semantic : str
        A semantic of the 3D Metadata Specification, "" where none fits.
    """

    kind: Literal["STRING", "FLOAT32", "INT32"]
    title: str
    unit: str = ""
    semantic: str = ""


PROPERTIES: dict[str, Property] = {
    "gml_id": Property("STRING", "gml:id of the object", semantic="ID"),
    "building_id": Property("STRING", "gml:id of the top-level object"),
    "object_type": Property("STRING", "CityGML class"),
    "name": Property("STRING", "Name", semantic="NAME"),
    "function": Property("STRING", "Function, code"),
    "function_name": Property("STRING", "Funktion"),
    "roof_type": Property("STRING", "Roof type, code"),
    "roof_type_name": Property("STRING", "Dachform"),
    "measured_height": Property("FLOAT32", "Höhe", "m"),
    "storeys": Property("INT32", "Geschosse über Grund"),
    "year_of_construction": Property("INT32", "Baujahr"),
    "address": Property("STRING", "Adresse"),
    "municipality_key": Property("STRING", "Amtlicher Gemeindeschlüssel"),
    "ground_height_dhhn2016": Property("FLOAT32", "Geländehöhe am Gebäude", "m"),
    "roof_height_dhhn2016": Property("FLOAT32", "Höhe des höchsten Dachpunkts", "m"),
}
# Coarse tiles carry only what identifies a house: a click there leads to the house itself.
COARSE_PROPERTIES = ("building_id",)

NO_NUMBER = {"FLOAT32": -9999.0, "INT32": -9999}
MUNICIPALITY_KEYS = ("Gemeindeschluessel", "gemeindeschluessel", "AGS")


def feature_properties(
    model: CityModel, rows: Int64Array, ground: Float64Array, roof: Float64Array
) -> FeatureColumns:
    """Properties of the objects that become features.

    Parameters
    ----------
    model : CityModel
        The model.
    rows : (f,) int64
        Rows of its objects.
    ground, roof : (f,) float64
        Lowest and highest height of each, metres in the model's height system.

    Returns
    -------
    dict of str to column
        The columns of ``PROPERTIES``, ``f`` rows each; what the source does not say is ""
        or NaN.
    """
    objects = model.objects
    top = model.top_level.astype(np.int64)[rows]
    function = _inherited(model, "function", rows, top)
    roof_type = _texts(model, "roof_type", rows)
    types = [ObjectType(code) for code in objects.type[rows].tolist()]
    key = next((k for k in MUNICIPALITY_KEYS if k in objects.attributes), "")
    return {
        "gml_id": TextColumn.of(objects.id[rows]),
        "building_id": TextColumn.of(objects.id[top]),
        "object_type": _mapped(types, lambda t: t.citygml_name),
        "name": TextColumn.of(_inherited(model, "name", rows, top)),
        "function": TextColumn.of(function),
        "function_name": _mapped(function.tolist(), lambda c: function_name(c) if c else ""),
        "roof_type": TextColumn.of(roof_type),
        "roof_type_name": _mapped(roof_type.tolist(), lambda c: roof_type_name(c) if c else ""),
        "measured_height": NumberColumn(_numbers(model, "measured_height", rows)),
        "storeys": NumberColumn(_numbers(model, "storeys_above_ground", rows)),
        "year_of_construction": NumberColumn(_numbers(model, "year_of_construction", rows)),
        "address": TextColumn.of(_addresses(model, rows, top)),
        "municipality_key": TextColumn.of(_inherited(model, key, rows, top)),
        "ground_height_dhhn2016": NumberColumn(ground),
        "roof_height_dhhn2016": NumberColumn(roof),
    }


def _mapped(values, name) -> TextColumn:  # type: ignore[no-untyped-def]  # noqa: ANN001
    names = {value: name(value) for value in set(values)}
    return TextColumn.of(np.array([names[value] for value in values], object))


def _texts(model: CityModel, name: str, rows: Int64Array) -> ObjectArray:
    column = model.objects.attributes.get(name)
    if column is None:
        return np.full(len(rows), "", object)
    values = column.values[rows]
    if values.dtype == object:
        return np.array([value or "" for value in values.tolist()], object)
    return np.array([f"{v:g}" if np.isfinite(v) else "" for v in values.tolist()], object)


def _inherited(model: CityModel, name: str, rows: Int64Array, top: Int64Array) -> ObjectArray:
    own = _texts(model, name, rows)
    missing = own == ""
    own[missing] = _texts(model, name, top[missing])
    return own


def _numbers(model: CityModel, name: str, rows: Int64Array) -> Float64Array:
    column = model.objects.attributes.get(name)
    if column is None:
        return np.full(len(rows), np.nan)
    values = column.values[rows]
    if values.dtype != object:
        return np.asarray(values, np.float64)
    return np.array([_number(text) for text in values.tolist()])


def _number(text: str) -> float:
    try:
        # Years come as dates too: 1974, 1974-05-01, 1974-01-01Z.
        return float(text[:4]) if text[4:5] == "-" else float(text)
    except (TypeError, ValueError):
        return float("nan")


def _addresses(model: CityModel, rows: Int64Array, top: Int64Array) -> ObjectArray:
    table = model.objects.addresses
    lines: dict[int, list[str]] = {}
    parts = zip(
        table.object_ix.tolist(), table.thoroughfare.tolist(), table.number.tolist(),
        table.postcode.tolist(), table.locality.tolist(), strict=True,
    )  # fmt: skip
    for row, street, number, postcode, locality in parts:
        line = f"{street} {number}" if street and number else street or number
        place = f"{postcode} {locality}" if postcode and locality else postcode or locality
        text = f"{line}, {place}" if line and place else line or place
        if text and text not in lines.setdefault(row, []):
            lines[row].append(text)
    texts = [
        "; ".join(lines.get(own) or lines.get(above) or [])
        for own, above in zip(rows.tolist(), top.tolist(), strict=True)
    ]
    return np.array(texts, object) if texts else np.empty(0, object)


def drawn_surfaces(model: CityModel) -> BoolArray:
    """Surfaces that are drawn: all but the closures between parts, (s,) bool."""
    closures = [SurfaceType.CLOSURE_SURFACE, SurfaceType.WATER_CLOSURE_SURFACE]
    drawn: BoolArray = ~np.isin(model.surface_type, closures)
    return drawn
