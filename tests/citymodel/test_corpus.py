"""Every open city model there is: all it holds arrives, or the right error is raised.

The truth side is plain counting with xml.etree, which shares nothing with the reader.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from xml.etree.ElementTree import iterparse

import numpy as np
import pytest

from citykernel.crs import Geocentric
from citykernel.errors import CrsError, ReadError
from citykernel.geoid import Undulation
from citymodel import CityModel, ObjectType, area_vectors
from citymodel.readers.cityjson import read_cityjson
from citymodel.readers.reference import read_reference
from citymodel.readers.unit import ReadOptions, UnitResult
from citymodel.readers.units import list_units

OPEN = Path(__file__).resolve().parents[3] / "shared" / "data" / "open"
FILES = sorted(
    path.relative_to(OPEN / "citygml").as_posix()
    for suffix in (".gml", ".xml", ".citygml")
    for path in (OPEN / "citygml").rglob(f"*{suffix}")
)
INVALID = "citygml4j/invalid_building_v3.gml"
READABLE = [name for name in FILES if name != INVALID]
pytestmark = pytest.mark.skipif(not FILES, reason="the open data are not beside the repository")

WITHOUT_CRS = {
    "citygml3/ParkingGarage_CityGML3.0_LOD2_with_CityObjectRelations.gml",
    "citygml4j/LOD2_Buildings_v100.gml",
    "ogc20_building/Building_LOD1-LocalEngineeringCRS.gml",
    "xlink/1_SimpleBuilding_CityGML_2.gml",
    "xlink/1_SimpleBuilding_CityGML_3.gml",
    "xlink/b1_lod2_cs_w_sem.gml",
}
# Files of which some geometry is left out on purpose: other levels of detail, interiors,
# and geometry inside of extensions.
PARTLY = {
    "ade_energy/FZKHouseLoD2-ADE-results.gml",
    "citygml3/53394517_bldg_6697_2_op_CityGML2.gml",
    "citygml3/BuildingUnits_Storeys_xlink.gml",
    "lod0/FZK-Haus-LoD0-KIT-IAI-KHH-B36-V1.gml",
    "ogc20_appearance/Appearance-EPSG25832.gml",
    "ogc20_building/Building_LOD0-EPSG25832.gml",
    "ogc20_building/Building_LOD4-EPSG25832.gml",
    "plateau/52397519_bldg_6697_op.gml",
}
# Class of CityGML -> what the model calls it.
CLASSES = {
    "Building": "BUILDING", "BuildingPart": "BUILDING_PART",
    "BuildingInstallation": "BUILDING_INSTALLATION", "Room": "ROOM", "BuildingRoom": "ROOM",
    "BuildingFurniture": "BUILDING_FURNITURE", "Storey": "STOREY",
    "BuildingUnit": "BUILDING_UNIT", "Road": "ROAD", "Square": "SQUARE", "Section": "SECTION",
    "Intersection": "INTERSECTION", "TrafficSpace": "TRAFFIC_SPACE",
    "AuxiliaryTrafficSpace": "AUXILIARY_TRAFFIC_SPACE", "WaterBody": "WATER_BODY",
    "ReliefFeature": "RELIEF_FEATURE", "TINRelief": "TIN_RELIEF",
    "CityObjectGroup": "CITY_OBJECT_GROUP", "LandscapeZone": "UNKNOWN",
}  # fmt: skip


@dataclass
class Truth:
    """What a file holds by plain XML."""

    objects: Counter[str] = field(default_factory=Counter)
    polygons: int = 0
    patches: int = 0
    corners: int = 0
    usable: int = 0
    holes_m2: list[float] = field(default_factory=list)


@cache
def truth(path: Path) -> Truth:
    """Count."""
    found = Truth()
    rings: list[np.ndarray[tuple[int, int], np.dtype[np.float64]]] = []
    numbers: list[float] = []
    for _, element in iterparse(path):  # noqa: S314 - our own test data
        name = element.tag.rpartition("}")[2]
        if name in CLASSES and "/citygml" in element.tag + "/citygml" * (
            name == "LandscapeZone"
        ):
            found.objects[CLASSES[name]] += 1
        elif name in ("pos", "posList"):
            numbers += map(float, (element.text or "").split())
        elif name == "LinearRing":
            rings.append(corners_of(numbers))
            numbers = []
        elif name in ("LineString", "Point", "Envelope"):
            numbers = []
        elif name in ("Polygon", "PolygonPatch", "Triangle"):
            found.polygons += name == "Polygon"
            found.patches += name != "Polygon"
            if len(np.unique(rings[0], axis=0)) > 2:
                found.usable += 1
                found.corners += sum(len(ring) for ring in rings)
                found.holes_m2 += [area(ring) for ring in rings[1:]]
            rings = []
    return found


def corners_of(numbers: list[float]) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    corners = np.array(numbers).reshape(-1, 3)
    return corners[:-1] if (corners[0] == corners[-1]).all() else corners


def area(ring: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> float:
    """Area of a flat ring: half the length of the sum of its triangles' cross products."""
    near = ring - ring[0]
    return float(np.linalg.norm(np.cross(near[1:-1], near[2:]).sum(axis=0)) / 2)


def read(name: str, **options: object) -> tuple[CityModel, UnitResult]:
    path = OPEN / "citygml" / name
    (unit,) = list_units(path, name)
    result = read_reference(unit, ReadOptions(**options))  # type: ignore[arg-type]
    assert result.model is not None
    return result.model, result


def read_all(name: str) -> tuple[CityModel, UnitResult] | None:
    """Read a file that can be read, with an option where it needs one; None if it is empty."""
    if not list_units(OPEN / "citygml" / name, name):
        return None
    return read(name, **({"crs": "EPSG:25832+7837"} if name in WITHOUT_CRS else {}))


@pytest.mark.parametrize("name", READABLE)
def test_objects_in_are_objects_out(name: str) -> None:
    expected = truth(OPEN / "citygml" / name)
    found = read_all(name)
    if found is None:
        assert not expected.objects
        return
    model, result = found
    types = Counter(ObjectType(kind).name for kind in model.objects.type)
    assert types == expected.objects
    assert result.polygons == expected.polygons
    assert not [issue for issue in result.issues if issue.dropped]
    assert len(set(model.objects.id)) == len(model.objects)


@pytest.mark.parametrize("name", READABLE)
def test_no_object_has_two_geometries(name: str) -> None:
    found = read_all(name)
    if found is not None:
        rows = found[0].geometry_object
        assert len(np.unique(rows)) == len(rows)
        assert (found[0].objects.parent < np.arange(len(found[0].objects))).all()


@pytest.mark.parametrize("name", sorted(set(READABLE) - PARTLY))
def test_each_surface_arrives_once_with_all_its_corners(name: str) -> None:
    expected = truth(OPEN / "citygml" / name)
    found = read_all(name)
    if found is None:
        return
    model, result = found
    dropped = [issue for issue in result.issues if "a surface was dropped" in issue.message]
    assert len(model.surface_type) == expected.usable
    assert len(model.surface_type) + len(dropped) == expected.polygons + expected.patches
    assert len(model.ring_vertices) == expected.corners


@pytest.mark.parametrize("name", READABLE)
def test_holes_keep_their_area(name: str) -> None:
    """Shoelace against shoelace, to a thousandth of a square metre."""
    expected = sorted(truth(OPEN / "citygml" / name).holes_m2)
    found = read_all(name)
    if found is None:
        return
    model = found[0]
    inner = np.ones(len(model.ring_offsets) - 1, bool)
    inner[model.surface_offsets[:-1]] = False
    areas = np.linalg.norm(area_vectors(model.corners, model.ring_offsets), axis=1)
    holes = np.sort(areas[inner])
    if name in PARTLY:
        nearest = [min(abs(hole - other) for other in expected) for hole in holes]
        assert max(nearest, default=0) < 1e-3
    else:
        np.testing.assert_allclose(holes, expected, atol=1e-3)


def test_a_deliberately_invalid_file_is_refused_with_line_and_id() -> None:
    """Its height says the status 'unknown', which CityGML 3.0 does not know (line 132)."""
    with pytest.raises(ReadError) as caught:
        read(INVALID, crs="EPSG:25832")
    assert caught.value.line == 132
    assert caught.value.gml_id == "1F3E679D-E226-4535-926C-7390977FB25A"


@pytest.mark.parametrize("name", sorted(WITHOUT_CRS & set(FILES)))
def test_files_without_a_system_ask_for_one(name: str) -> None:
    with pytest.raises(CrsError, match="--crs"):
        read(name)


@pytest.mark.parametrize(
    ("name", "longitude_deg", "latitude_deg"),
    [
        ("plateau/52397519_bldg_6697_op.gml", 139.72, 35.26),  # Yokosuka
        ("citygml3/Opera-Lyon_CityGML3.0_LOD2_with_xAL3_FreeText.gml", 4.836, 45.768),
        ("nrw/LoD2_32_329_5725_1_NW.gml", 6.53, 51.65),  # Wesel
        ("citygml3/citygml3_individual_section_1carriageway.gml", 144.95, -37.81),  # Melbourne
    ],
)
def test_models_land_where_they_stand(
    name: str, longitude_deg: float, latitude_deg: float
) -> None:
    """Latitude first would put Yokosuka into the Arctic sea, another zone Lyon into it too."""
    model, _ = read(name)
    earth = Geocentric(model.crs, Undulation("none", 0.0, 0.0))
    middle = model.corners.mean(axis=0) + model.origin
    degrees = earth.degrees(middle[None, :])[0]
    np.testing.assert_allclose(degrees[:2], (longitude_deg, latitude_deg), atol=0.03)


def test_attributes_of_a_survey_tile_arrive_as_counted() -> None:
    """Numbers of parts, heights and functions of a tile of Wesel."""
    model, _ = read("nrw/LoD2_32_329_5725_1_NW.gml")
    columns = model.objects.attributes
    parts = model.objects.type == ObjectType.BUILDING_PART
    assert parts.sum() == 46
    assert (columns["Gemeindeschluessel"].values == "05170048").all()
    assert (columns["function"].values != "").all()
    assert np.isfinite(columns["measured_height"].values[parts].astype(np.float64)).all()
    assert columns["measured_height"].unit == "m"
    assert not [c for c in columns.values() if c.source == "ade"]


def test_pictures_and_texture_coordinates_of_the_corpus_arrive() -> None:
    """The LoD3 house of citygml4j: 8 of 9 pictures are there, one is told missing."""
    model, result = read("citygml4j/lod3_building_v2.gml")
    assert model.appearances is not None
    images = {material.image for material in model.appearances.materials} - {""}
    assert len(images) == 7
    assert [i.code for i in result.issues] == ["picture-missing"]
    worn = model.appearances.surface_material
    assert (worn >= 0).all()
    textured = np.array([bool(model.appearances.materials[row].image) for row in worn])
    per_corner = np.repeat(
        np.repeat(textured, np.diff(model.surface_offsets)), np.diff(model.ring_offsets)
    )
    has = np.isfinite(model.appearances.texture_coordinates).all(axis=1)
    assert (has == per_corner).all()


def test_a_cityjson_town_arrives() -> None:
    path = OPEN / "cityjson" / "lod2_buildings_v2.json"
    (unit,) = list_units(path, path.name)
    model = read_cityjson(unit, ReadOptions()).model
    assert model is not None
    assert len(model.objects) == 100
    assert Counter(model.surface_type.tolist()) == {1: 100, 2: 400, 3: 200}
    assert len(model.vertices) == 1000
