"""Rules of citymodel.concatenate: models put together are the sum of their parts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from citykernel.crs import parse_crs
from citykernel.errors import CrsError
from citymodel import Appearances, CityModel, Column, Material, concatenate
from citymodel.readers import list_units, read_unit
from citymodel.testing import assert_models_equal


def house(gml: Any, name: str, *, east: int = 0, more: str = "") -> str:
    roof = [(east, 0, 3), (east + 8, 0, 3), (east + 8, 6, 3), (east, 6, 3)]
    wall = [(east, 0, 0), (east + 8, 0, 0), (east + 8, 0, 3), (east, 0, 3)]
    return str(
        gml.building(
            more,
            gml.bound("RoofSurface", gml.polygon(roof, f"{name}r")),
            gml.bound("WallSurface", gml.polygon(wall, f"{name}w")),
            gml_id=name,
        )
    )


FUNCTION = "<bldg:function>31001_1010</bldg:function>"
ADDRESS = """<bldg:address><core:Address><core:xalAddress><xAL:AddressDetails><xAL:Country>
  <xAL:Locality Type="Town"><xAL:LocalityName>Soest</xAL:LocalityName></xAL:Locality>
  </xAL:Country></xAL:AddressDetails></core:xalAddress></core:Address></bldg:address>"""


def read(path: Path, unit_bytes: int = 1 << 24) -> list[CityModel]:
    results = [read_unit(unit) for unit in list_units(path, unit_bytes=unit_bytes)]
    return [result.model for result in results if result.model is not None]


def test_a_file_read_in_parts_is_the_file_read_whole(gml: Any) -> None:
    """To the bit, also where only some parts have an attribute or an address."""
    parts = ("", FUNCTION, "", FUNCTION + ADDRESS, ADDRESS)
    members = [house(gml, f"h{n}", east=n * 1000, more=parts[n % 5]) for n in range(12)]
    path = gml.write(*members)
    (whole,) = read(path)
    pieces = read(path, 3000)
    assert len(pieces) > 3
    assert_models_equal(concatenate(pieces), whole)


def test_an_official_tile_read_in_parts_is_the_tile_read_whole(open_data: Path) -> None:
    path = open_data / "citygml" / "nrw" / "LoD2_32_326_5726_1_NW.gml"
    (whole,) = read(path)
    pieces = read(path, 50_000)
    assert len(pieces) > 3
    assert_models_equal(concatenate(pieces), whole)


def test_one_model_is_itself_and_none_is_an_error(gml: Any) -> None:
    (model,) = read(gml.write(house(gml, "h")))
    assert concatenate([model]) is model
    with pytest.raises(ValueError, match="no model"):
        concatenate([])


def test_two_systems_are_refused(gml: Any) -> None:
    (model,) = read(gml.write(house(gml, "h")))
    with pytest.raises(CrsError, match="two coordinate reference systems"):
        concatenate([model, replace(model, crs=parse_crs("EPSG:25833+7837"))])
    with pytest.raises(CrsError, match="two coordinate reference systems"):
        concatenate([model, replace(model, crs=parse_crs("EPSG:25832+5783"))])
    assert (
        concatenate([replace(model, crs=parse_crs("EPSG:25832")), model]).crs.vertical == 7837
    )


def test_an_object_without_place_moves_nothing(gml: Any) -> None:
    """A model without coordinates has zeros for an origin."""
    (placed,) = read(gml.write(house(gml, "h")))
    (bare,) = read(gml.write(gml.building(gml_id="bare")))
    both = concatenate([bare, placed])
    np.testing.assert_array_equal(both.origin, placed.origin)
    assert both.geometry_object.tolist() == [1]


def with_column(model: CityModel, name: str, column: Column) -> CityModel:
    return replace(model, objects=replace(model.objects, attributes={name: column}))


def test_numbers_and_texts_of_one_name_become_texts(gml: Any) -> None:
    """Nothing is lost where one file has a number and another a word."""
    (model,) = read(gml.write(house(gml, "h")))
    numbers = with_column(model, "storeys", Column(np.array([2.0]), "integer"))
    halves = with_column(model, "storeys", Column(np.array([2.5]), "number"))
    texts = with_column(model, "storeys", Column(np.array(["zwei"], object)))
    column = concatenate([numbers, texts, halves, model]).objects.attributes["storeys"]
    assert column.values.tolist() == ["2", "zwei", "2.5", ""]
    assert column.kind == "string"


def test_numbers_in_two_units_stay_apart(gml: Any) -> None:
    (model,) = read(gml.write(house(gml, "h")))
    metres = with_column(model, "area", Column(np.array([20.0]), "measure", "m2"))
    feet = with_column(model, "area", Column(np.array([200.0]), "measure", "[sft_i]"))
    columns = concatenate([metres, feet]).objects.attributes
    np.testing.assert_array_equal(columns["area"].values, [20.0, np.nan])
    np.testing.assert_array_equal(columns["area [[sft_i]]"].values, [np.nan, 200.0])


def test_materials_are_shared_and_surfaces_keep_theirs(gml: Any) -> None:
    (model,) = read(gml.write(house(gml, "h")))
    red, blue = Material(diffuse=(0.8, 0.1, 0.1)), Material(diffuse=(0.1, 0.1, 0.8))
    corners = np.full((8, 2), 0.5, np.float32)
    first = replace(
        model, appearances=Appearances((red, blue), np.array([1, -1], np.int32), corners)
    )
    second = replace(
        model, appearances=Appearances((blue, red), np.array([0, 1], np.int32), corners)
    )
    worn = concatenate([first, model, second]).appearances
    assert worn is not None
    assert worn.materials == (red, blue)
    assert worn.surface_material.tolist() == [1, -1, -1, -1, 1, 0]
    assert (
        np.isnan(worn.texture_coordinates).all(axis=1).tolist()
        == [False] * 8 + [True] * 8 + [False] * 8
    )
