"""citymodel.readers.cityjson: the same town in JSON."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from citykernel.errors import CrsError, ReadError
from citymodel import CityModel, GeometryType, ObjectType, SurfaceType, area_vectors
from citymodel.readers.cityjson import read_cityjson
from citymodel.readers.unit import ReadOptions, UnitResult
from citymodel.readers.units import list_units

EAST, NORTH, HEIGHT = 437_954.13, 5_714_530.57, 95.21
# A box of 8 m by 6 m by 3 m, askew (3-4-5), in centimetres from the translation.
FLOOR = [(0, 0), (640, 480), (280, 960), (-360, 480)]
VERTICES = [[x, y, z] for z in (0, 300) for x, y in FLOOR]
SHELL = [
    [[3, 2, 1, 0]], [[4, 5, 6, 7]],
    [[0, 1, 5, 4]], [[1, 2, 6, 5]], [[2, 3, 7, 6]], [[3, 0, 4, 7]],
]  # fmt: skip
KINDS = ["GroundSurface", "RoofSurface", "WallSurface"]


def solid(lod: str = "2", **more: Any) -> dict[str, Any]:
    semantics = {"surfaces": [{"type": kind} for kind in KINDS], "values": [[0, 1, 2, 2, 2, 2]]}
    return {"type": "Solid", "lod": lod, "boundaries": [SHELL], "semantics": semantics} | more


def document(**objects: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "CityJSON",
        "version": "2.0",
        "transform": {"scale": [0.01] * 3, "translate": [EAST, NORTH, HEIGHT]},
        "metadata": {"referenceSystem": "https://www.opengis.net/def/crs/EPSG/0/25832"},
        "CityObjects": objects or {"house": {"type": "Building", "geometry": [solid()]}},
        "vertices": deepcopy(VERTICES),
    }


def read(folder: Path, content: dict[str, Any] | str, **options: Any) -> UnitResult:
    path = folder / "town.city.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    (unit,) = list_units(path, "town.city.json")
    return read_cityjson(unit, ReadOptions(**options))


def the_model(result: UnitResult) -> CityModel:
    assert result.model is not None
    return result.model


def test_a_house_arrives_with_semantics_and_transform(tmp_path: Path) -> None:
    model = the_model(read(tmp_path, document()))
    assert model.surface_type.tolist() == [1, 3, 2, 2, 2, 2]
    assert model.geometry_type.tolist() == [GeometryType.SOLID]
    assert str(model.crs) == "EPSG:25832"
    assert len(model.vertices) == 8
    np.testing.assert_allclose(model.corners[3] + model.origin, (EAST, NORTH, HEIGHT))
    vectors = area_vectors(model.corners, model.ring_offsets)
    np.testing.assert_allclose(vectors.sum(axis=0), 0, atol=1e-6)
    assert np.linalg.norm(vectors[1]) == pytest.approx(48)


@pytest.mark.parametrize(("asked", "taken"), [(None, 2), (1, 1), (2, 2), (0, None)])
def test_one_level_of_detail_is_read(
    tmp_path: Path, asked: int | None, taken: int | None
) -> None:
    """Of 2.0 and 2.2 the finer one counts."""
    geometry = [solid("1.3"), solid("2.0"), solid("2.2")]
    house = {"type": "Building", "geometry": geometry}
    model = the_model(read(tmp_path, document(house=house), lod=asked))
    assert model.geometry_lod.tolist() == ([] if taken is None else [taken])
    assert len(model.surface_type) == (0 if taken is None else 6)


@pytest.mark.parametrize(
    "form", ["MultiSolid", "CompositeSolid", "MultiSurface", "CompositeSurface"]
)
def test_all_forms_are_flattened(tmp_path: Path, form: str) -> None:
    boundaries: Any = [[SHELL]] if "Solid" in form else SHELL
    values: Any = [[[0, 1, 2, 2, 2, 2]]] if "Solid" in form else [0, 1, 2, 2, 2, 2]
    semantics = {"surfaces": [{"type": kind} for kind in KINDS], "values": values}
    geometry = {"type": form, "lod": "2", "boundaries": boundaries, "semantics": semantics}
    model = the_model(
        read(tmp_path, document(house={"type": "Building", "geometry": [geometry]}))
    )
    assert model.surface_type.tolist() == [1, 3, 2, 2, 2, 2]


def test_holes_and_missing_semantics(tmp_path: Path) -> None:
    content = document()
    content["vertices"] += [[100, 200, 300], [200, 275, 300], [125, 375, 300]]
    surface = [[4, 5, 6, 7], [8, 10, 9]]
    geometry = {"type": "MultiSurface", "lod": "2", "boundaries": [surface]}
    content["CityObjects"]["house"]["geometry"] = [geometry]
    model = the_model(read(tmp_path, content))
    assert np.diff(model.surface_offsets).tolist() == [2]
    assert model.surface_type.tolist() == [SurfaceType.SURFACE]


def test_children_stand_below_their_parents_and_inherit(tmp_path: Path) -> None:
    objects: dict[str, dict[str, Any]] = {
        "part": {"type": "BuildingPart", "parents": ["house"], "geometry": [solid()]},
        "house": {
            "type": "Building", "children": ["part"], "attributes": {"function": "1000"},
        },
        "group": {"type": "CityObjectGroup", "children": ["house"]},
    }  # fmt: skip
    model = the_model(read(tmp_path, document(**objects)))
    assert model.objects.id.tolist() == ["house", "part", "group"]
    assert model.objects.parent.tolist() == [-1, 0, -1]
    assert model.objects.attributes["function"].values.tolist() == ["1000", "1000", ""]


def test_parents_in_a_circle_end(tmp_path: Path) -> None:
    objects = {
        "a": {"type": "Building", "children": ["b"], "parents": ["b"]},
        "b": {"type": "Building", "children": ["a"], "parents": ["a"]},
    }
    model = the_model(read(tmp_path, document(**objects)))
    assert model.objects.parent.tolist() == [-1, 0]


def test_attributes_have_types_units_and_names(tmp_path: Path) -> None:
    attributes = {
        "measuredHeight": 3.0, "roofType": "1000", "storeysAboveGround": 1, "listed": True,
        "area": {"value": 48, "uom": "m2"}, "owner": {"name": "Stadt"}, "heights": [2.5, 3],
        "dateOfConstruction": "1625-05-01", "nothing": None,
    }  # fmt: skip
    house = {"type": "Building", "attributes": attributes}
    found = the_model(read(tmp_path, document(house=house))).objects.attributes
    assert {k: (c.values[0], c.kind, c.unit, c.source) for k, c in found.items()} == {
        "measured_height": (3.0, "measure", "m", "citygml"),
        "roof_type": ("1000", "string", "", "citygml"),
        "storeys_above_ground": (1.0, "integer", "", "citygml"),
        "listed": ("true", "string", "", "generic"),
        "area": (48.0, "measure", "m2", "generic"),
        "owner.name": ("Stadt", "string", "", "generic"),
        "heights": ("2.5 3", "string", "", "generic"),
        "date_of_construction": ("1625-05-01", "date", "", "citygml"),
        "year_of_construction": (1625.0, "integer", "", "citygml"),
    }


def test_addresses(tmp_path: Path) -> None:
    address = {"CountryName": "Germany", "LocalityName": "Soest", "ThoroughfareName": "Markt",
               "ThoroughfareNumber": "1", "PostalCodeNumber": "59494"}  # fmt: skip
    house = {"type": "Building", "address": [address, {"unknown": 1}]}
    table = the_model(read(tmp_path, document(house=house))).objects.addresses
    assert table.object_ix.tolist() == [0]
    assert (table.thoroughfare[0], table.number[0], table.postcode[0]) == (
        "Markt",
        "1",
        "59494",
    )


def test_templates_are_placed_by_matrix_and_reference_point(tmp_path: Path) -> None:
    content = document(
        tree={
            "type": "SolitaryVegetationObject",
            "geometry": [{
                "type": "GeometryInstance", "template": 0, "boundaries": [1],
                "transformationMatrix": [2, 0, 0, 1, 0, 2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1],
            }],
        }
    )  # fmt: skip
    content["geometry-templates"] = {
        "templates": [{"type": "MultiSurface", "lod": "2", "boundaries": [[[0, 1, 2]]]}],
        "vertices-templates": [[0, 0, 0], [1, 0, 0], [0, 0, 1]],
    }
    model = the_model(read(tmp_path, content))
    found = model.corners + model.origin - (EAST + 6.4, NORTH + 4.8, HEIGHT)
    np.testing.assert_allclose(found, [[1, 0, 0], [3, 0, 0], [1, 0, 2]], atol=1e-6)
    assert model.objects.type.tolist() == [ObjectType.SOLITARY_VEGETATION_OBJECT]


def test_materials_and_textures(tmp_path: Path) -> None:
    Image.new("RGB", (4, 4)).save(tmp_path / "roof.png")
    content = document()
    texture = [[[[None]], [[0, 0, 1, 2, 3]], [[None]], [[None]], [[None]], [[None]]]]
    content["CityObjects"]["house"]["geometry"] = [
        solid(material={"red": {"value": 0}}, texture={"photo": {"values": texture}})
    ]
    content["appearance"] = {
        "materials": [{"name": "red", "diffuseColor": [1, 0, 0], "transparency": 0.5}],
        "textures": [{"type": "PNG", "image": "roof.png", "wrapMode": "wrap"}],
        "vertices-texture": [[0, 0], [1, 0], [1, 1], [0, 1]],
    }
    model = the_model(read(tmp_path, content))
    assert model.appearances is not None
    wears = [model.appearances.materials[row] for row in model.appearances.surface_material]
    assert [material.image for material in wears] == ["", "roof.png", "", "", "", ""]
    assert (wears[0].diffuse, wears[0].opacity) == ((1.0, 0.0, 0.0), 0.5)
    has = np.isfinite(model.appearances.texture_coordinates).all(axis=1)
    assert has.tolist() == [False] * 4 + [True] * 4 + [False] * 16


def test_a_missing_picture_is_told(tmp_path: Path) -> None:
    content = document()
    texture = [[[[0, 0, 1, 2, 3]]] * 6]
    content["CityObjects"]["house"]["geometry"] = [solid(texture={"t": {"values": texture}})]
    content["appearance"] = {
        "textures": [{"type": "PNG", "image": "../gone.png"}],
        "vertices-texture": [[0, 0], [1, 0], [1, 1], [0, 1]],
    }
    assert [issue.code for issue in read(tmp_path, content).issues] == ["picture-missing"]


def test_a_sequence_is_read_line_by_line(tmp_path: Path) -> None:
    """Each feature has its own vertices; transform and system stand in the first line."""
    head = document()
    head["CityObjects"], head["vertices"] = {}, []
    lines = [json.dumps(head)]
    for number in range(3):
        objects = {f"h{number}": {"type": "Building", "geometry": [solid()]}}
        vertices = [[x + 2000 * number, y, z] for x, y, z in VERTICES]
        lines.append(json.dumps({
            "type": "CityJSONFeature", "id": f"h{number}", "CityObjects": objects,
            "vertices": vertices,
        }))  # fmt: skip
    path = tmp_path / "town.city.jsonl"
    path.write_text("\n".join(lines), "utf-8")
    units = list_units(path, "town.city.jsonl")
    models = [the_model(read_cityjson(unit, ReadOptions())) for unit in units]
    ids = [name for model in models for name in model.objects.id]
    assert ids == ["h0", "h1", "h2"]
    east = np.concatenate([m.vertices[:, 0] + m.origin[0] for m in models])
    assert east.max() - east.min() == pytest.approx(50)


def test_a_malformed_geometry_is_dropped_aloud_the_rest_stays(tmp_path: Path) -> None:
    bad = {"type": "Solid", "lod": "2", "boundaries": [[[[0, 1, 99]]]]}
    worse = {"type": "Solid", "lod": "2", "boundaries": 5}
    objects = {
        "bad": {"type": "Building", "geometry": [bad]},
        "worse": {"type": "Building", "geometry": [worse]},
        "good": {"type": "Building", "geometry": [solid()]},
    }
    result = read(tmp_path, document(**objects))
    assert the_model(result).geometry_object.tolist() == [2]
    assert [i.gml_id for i in result.issues if i.dropped] == ["bad", "worse"]


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"version": "0.9"}, "wanted CityJSON 1.1 or 2.0"),
        ({"type": "Other", "CityJSON": 1}, "wanted CityJSON"),
        ({"transform": {"scale": [1]}}, "malformed"),
        ({"vertices": [[1, 2]]}, "malformed"),
        ({"CityObjects": {"a": 5}}, "malformed"),
    ],
)
def test_a_malformed_document_is_an_error(
    tmp_path: Path, change: dict[str, Any], text: str
) -> None:
    with pytest.raises(ReadError, match=text):
        read(tmp_path, document() | change)


@pytest.mark.parametrize(
    "broken", ['{"type": "CityJSON", oops}', '{"type": "CityJSON", "x": NaN}', '["CityJSON"]']
)
def test_what_is_no_json_object_is_an_error(tmp_path: Path, broken: str) -> None:
    with pytest.raises(ReadError):
        read(tmp_path, broken)


def test_depth_ends_with_an_error(tmp_path: Path) -> None:
    deep = '{"type": "CityJSON", "x": ' + "[" * 100_000 + "]" * 100_000 + "}"
    with pytest.raises(ReadError):
        read(tmp_path, deep)


def test_no_system_asks_for_one(tmp_path: Path) -> None:
    content = document()
    del content["metadata"]
    with pytest.raises(CrsError, match="--crs"):
        read(tmp_path, content)
    assert str(the_model(read(tmp_path, content, crs="EPSG:25832")).crs) == "EPSG:25832"
