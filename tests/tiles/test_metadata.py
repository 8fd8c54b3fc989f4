"""tiles.metadata."""

from __future__ import annotations

import numpy as np
import pytest

from citymodel import SurfaceType
from tiles.columns import FeatureColumns, NumberColumn, TextColumn
from tiles.metadata import SURFACE_CLASSES, metadata_extension, object_class
from tiles.properties import COARSE_PROPERTIES, NO_NUMBER, PROPERTIES

HOSTILE = ["Osthofenstraße", "</script><script>alert(1)</script>", '"\\"', "🏠", ""]


def _stored(columns: FeatureColumns) -> tuple[dict[str, object], list[bytes]]:
    """The extension and the bytes that were stored, as bufferViews count them."""
    views: list[bytes] = []

    def add_bytes(data: bytes) -> int:
        views.append(data)
        return len(views) - 1

    found = metadata_extension(columns, add_bytes)["EXT_structural_metadata"]
    return found, views


def _texts(views: list[bytes], entry: dict[str, object]) -> list[str]:
    values, offsets = entry["values"], entry["stringOffsets"]
    assert isinstance(values, int)
    assert isinstance(offsets, int)
    kind = {"UINT16": np.uint16, "UINT32": np.uint32}[str(entry["stringOffsetType"])]
    bounds = np.frombuffer(views[offsets], kind).tolist()
    return [views[values][bounds[i] : bounds[i + 1]].decode() for i in range(len(bounds) - 1)]


def _table(
    columns: FeatureColumns, row: int
) -> tuple[dict[str, dict[str, object]], list[bytes]]:
    found, views = _stored(columns)
    tables = found["propertyTables"]
    assert isinstance(tables, list)
    return tables[row]["properties"], views


def test_hostile_texts_survive_byte_by_byte() -> None:
    """Umlauts, markup, quotes, emoji and nothing at all."""
    properties, views = _table({"name": TextColumn.of(np.array(HOSTILE, object))}, 0)
    assert _texts(views, properties["name"]) == HOSTILE


def test_texts_that_are_all_missing_still_have_a_byte() -> None:
    """A bufferView cannot be empty."""
    properties, views = _table({"name": TextColumn.of(np.array(["", ""], object))}, 0)
    assert all(views)
    assert _texts(views, properties["name"]) == ["", ""]


@pytest.mark.parametrize("length", [65_535, 65_536, 70_000])
def test_long_columns_get_wider_offsets(length: int) -> None:
    """The last offset is the length itself: 65,536 does not fit into 16 bits."""
    values = ["a" * (length - 3), "bcd"]
    properties, views = _table({"name": TextColumn.of(np.array(values, object))}, 0)
    assert _texts(views, properties["name"]) == values


def test_missing_numbers_become_the_declared_no_data_value() -> None:
    """Heights as floats, storeys as integers; JSON and clients know no NaN."""
    columns: FeatureColumns = {
        "measured_height": NumberColumn(np.array([9.5, np.nan, np.inf])),
        "storeys": NumberColumn(np.array([2.0, np.nan, 3.0])),
    }
    properties, views = _table(columns, 0)
    height, storeys = properties["measured_height"]["values"], properties["storeys"]["values"]
    assert isinstance(height, int)
    assert isinstance(storeys, int)
    assert np.frombuffer(views[height], np.float32).tolist() == [9.5, -9999.0, -9999.0]
    assert np.frombuffer(views[storeys], np.int32).tolist() == [2, -9999, 3]
    declared = object_class(tuple(columns))["properties"]
    assert declared["storeys"]["noData"] == NO_NUMBER["INT32"]
    assert declared["measured_height"]["noData"] == NO_NUMBER["FLOAT32"]


def test_no_property_is_a_64_bit_number() -> None:
    """JavaScript clients cannot read them."""
    for entry in object_class(tuple(PROPERTIES))["properties"].values():
        assert entry["type"] == "STRING" or entry["componentType"] in {"FLOAT32", "INT32"}


def test_the_table_of_classes_has_a_row_for_each_number() -> None:
    """Feature ids of the second set are surface types: the row is the number."""
    columns: FeatureColumns = {"name": TextColumn.of(np.array(["a"], object))}
    properties, views = _table(columns, 1)
    names = _texts(views, properties["name"])
    assert len(names) == len(SURFACE_CLASSES) == max(SurfaceType) + 1
    for kind in SurfaceType:
        assert names[kind] == kind.citygml_name
    assert _texts(views, properties["german_name"])[SurfaceType.ROOF_SURFACE] == "Dachfläche"


def test_coarse_properties_are_properties() -> None:
    """They are looked up in the table of all."""
    assert set(COARSE_PROPERTIES) <= set(PROPERTIES)
