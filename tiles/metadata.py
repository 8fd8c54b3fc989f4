"""EXT_structural_metadata: the schema and the property tables of a tile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from citymodel import SurfaceType, surface_type_name

from .columns import FeatureColumns, NumberColumn, TextColumn
from .properties import NO_NUMBER, PROPERTIES

# Surface types are feature ids of the second set, so the table has a row for each number.
SURFACE_CLASSES = tuple(SurfaceType(code) for code in range(max(SurfaceType) + 1))

AddBytes = Callable[[bytes], int]


def object_class(names: tuple[str, ...]) -> dict[str, Any]:
    """Class of the property table of city objects, with the given properties."""
    properties: dict[str, Any] = {}
    for name in names:
        column = PROPERTIES[name]
        if column.kind == "STRING":
            entry: dict[str, Any] = {"name": column.title, "type": "STRING"}
        else:
            entry = {
                "name": column.title,
                "type": "SCALAR",
                "componentType": column.kind,
                "noData": NO_NUMBER[column.kind],
            }
        if column.semantic:
            entry["semantic"] = column.semantic
        if column.unit:
            entry["description"] = f"in {column.unit}"
        properties[name] = entry
    return {"name": "City object", "properties": properties}


def surface_class() -> dict[str, Any]:
    """Class of the property table of surface types."""
    return {
        "name": "Surface class",
        "properties": {
            "name": {"name": "CityGML class", "type": "STRING"},
            "german_name": {"name": "Flächenart", "type": "STRING"},
        },
    }


def metadata_extension(columns: FeatureColumns, add_bytes: AddBytes) -> dict[str, Any]:
    """Return the extension object of a glb, its bytes stored through ``add_bytes``.

    Parameters
    ----------
    columns : dict of str to column
        Properties of the features, one row each.
    add_bytes : callable
        Stores bytes and returns the bufferView's number.

    Returns
    -------
    dict
        ``{"EXT_structural_metadata": ...}``.

    References
    ----------
    EXT_structural_metadata (Cesium vendor extension of glTF 2.0), binary table format of
    the 3D Metadata Specification (OGC 3D Tiles 1.1, annex).
    """
    count = len(next(iter(columns.values())))
    surfaces = {
        "name": TextColumn.of(np.array([t.citygml_name for t in SURFACE_CLASSES], object)),
        "german_name": TextColumn.of(
            np.array([surface_type_name(t) for t in SURFACE_CLASSES], object)
        ),
    }
    tables = [
        {
            "name": "objects",
            "class": "city_object",
            "count": count,
            "properties": {
                name: _values(name, column, add_bytes) for name, column in columns.items()
            },
        },
        {
            "name": "surface classes",
            "class": "surface_class",
            "count": len(SURFACE_CLASSES),
            "properties": {name: _text(c, add_bytes) for name, c in surfaces.items()},
        },
    ]
    schema = {
        "id": "stadtbild",
        "version": "1",
        "classes": {
            "city_object": object_class(tuple(columns)),
            "surface_class": surface_class(),
        },
    }
    return {"EXT_structural_metadata": {"schema": schema, "propertyTables": tables}}


def _values(
    name: str, column: TextColumn | NumberColumn, add_bytes: AddBytes
) -> dict[str, Any]:
    if isinstance(column, TextColumn):
        return _text(column, add_bytes)
    kind = PROPERTIES[name].kind
    filled = np.where(np.isfinite(column.values), column.values, NO_NUMBER[kind])
    rows = filled.astype(np.float32) if kind == "FLOAT32" else np.round(filled).astype(np.int32)
    return {"values": add_bytes(rows.tobytes())}


def _text(column: TextColumn, add_bytes: AddBytes) -> dict[str, Any]:
    # A bufferView cannot be empty: texts that are all missing still need a byte.
    values = add_bytes(column.text.tobytes() or b"\0")
    small = column.offsets[-1] < 2**16
    kind, name = (np.uint16, "UINT16") if small else (np.uint32, "UINT32")
    offsets = add_bytes(column.offsets.astype(kind).tobytes())
    return {"values": values, "stringOffsets": offsets, "stringOffsetType": name}
