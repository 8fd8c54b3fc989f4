"""citymodel.readers.reference: everything in a town that is no building."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from pyproj import Geod

from citykernel.errors import ReadError
from citymodel import CityModel, GeometryType, ObjectType, SurfaceType
from citymodel.readers.reference.names import MOST_NAMES, Meanings
from citymodel.readers.unit import ReadOptions, UnitResult

Point = tuple[float, float, float]
FIELD: list[Point] = [(0, 0, 0), (8, 0, 0), (8, 6, 0), (0, 6, 0)]
OTHER: list[Point] = [(10, 0, 0), (18, 0, 0), (18, 6, 0), (10, 6, 0)]


def the_model(result: UnitResult) -> CityModel:
    assert result.model is not None
    return result.model


def types(result: UnitResult) -> list[str]:
    return [ObjectType(kind).name for kind in the_model(result).objects.type]


PLAIN = [
    ("brid:Bridge", "brid:lod2MultiSurface", "BRIDGE"),
    ("tun:Tunnel", "tun:lod2MultiSurface", "TUNNEL"),
    ("tran:Road", "tran:lod2MultiSurface", "ROAD"),
    ("tran:Railway", "tran:lod2MultiSurface", "RAILWAY"),
    ("tran:Square", "tran:lod1MultiSurface", "SQUARE"),
    ("tran:Track", "tran:lod1MultiSurface", "TRACK"),
    ("tran:TransportationComplex", "tran:lod1MultiSurface", "TRANSPORTATION_COMPLEX"),
    ("luse:LandUse", "luse:lod1MultiSurface", "LAND_USE"),
    ("veg:PlantCover", "veg:lod1MultiSurface", "PLANT_COVER"),
    ("veg:SolitaryVegetationObject", "veg:lod2Geometry", "SOLITARY_VEGETATION_OBJECT"),
    ("wtr:WaterBody", "wtr:lod1MultiSurface", "WATER_BODY"),
    ("frn:CityFurniture", "frn:lod2Geometry", "CITY_FURNITURE"),
    ("gen:GenericCityObject", "gen:lod0Geometry", "GENERIC_CITY_OBJECT"),
]


@pytest.mark.parametrize(("tag", "prop", "kind"), PLAIN)
def test_each_module_has_its_type(gml: Any, tag: str, prop: str, kind: str) -> None:
    markup = f"<{tag} gml:id='x'><{prop}>{gml.multi(gml.polygon(FIELD))}</{prop}></{tag}>"
    result = gml.read(markup)
    assert types(result) == [kind]
    assert len(the_model(result).surface_type) == 1
    assert result.issues == ()


SPACES = [
    ("con:OtherConstruction", "OTHER_CONSTRUCTION"),
    ("tran:Waterway", "WATERWAY"),
    ("luse:LandUse", "LAND_USE"),
    ("brid:Bridge", "BRIDGE"),
    ("gen:GenericOccupiedSpace", "GENERIC_CITY_OBJECT"),
    ("frn:CityFurniture", "CITY_FURNITURE"),
]


@pytest.mark.parametrize(("tag", "kind"), SPACES)
def test_spaces_of_citygml_3_take_their_geometry_from_core(
    gml: Any, tag: str, kind: str
) -> None:
    prop = "core:lod2MultiSurface"
    markup = f"<{tag} gml:id='x'><{prop}>{gml.multi(gml.polygon(FIELD))}</{prop}></{tag}>"
    result = gml.read(markup, version="3.0")
    assert types(result) == [kind]
    assert len(the_model(result).surface_type) == 1


def bound3(gml: Any, tag: str, points: list[Point], more: str = "") -> str:
    geometry = gml.multi(gml.polygon(points))
    inside = f"<core:lod3MultiSurface>{geometry}</core:lod3MultiSurface>"
    return f"<core:boundary><{tag}>{inside}{more}</{tag}></core:boundary>"


def test_boundaries_and_fillings_of_citygml_3(gml: Any) -> None:
    window = (
        "<con:fillingSurface><con:WindowSurface><core:lod3MultiSurface>"
        f"{gml.multi(gml.polygon(OTHER))}</core:lod3MultiSurface></con:WindowSurface>"
        "</con:fillingSurface>"
    )
    result = gml.read(
        gml.building(bound3(gml, "con:WallSurface", FIELD, window)), version="3.0"
    )
    assert the_model(result).surface_type.tolist() == [
        SurfaceType.WALL_SURFACE,
        SurfaceType.WINDOW,
    ]
    assert the_model(result).geometry_lod.tolist() == [3]


def test_storeys_and_units_do_not_double_a_building_that_has_a_hull(gml: Any) -> None:
    geometry = gml.multi(gml.polygon(OTHER))
    storey = (
        "<bldg:buildingSubdivision><bldg:Storey gml:id='s'>"
        f"<core:lod2MultiSurface>{geometry}</core:lod2MultiSurface></bldg:Storey>"
        "</bldg:buildingSubdivision>"
    )
    hull = bound3(gml, "con:RoofSurface", FIELD)
    both = the_model(gml.read(gml.building(hull, storey), version="3.0"))
    assert both.geometry_object.tolist() == [0]
    alone = the_model(gml.read(gml.building(storey), version="3.0"))
    assert alone.geometry_object.tolist() == [1]


def test_a_road_is_made_of_traffic_areas(gml: Any) -> None:
    def area(tag: str, points: list[Point]) -> str:
        inside = (
            f"<tran:lod2MultiSurface>{gml.multi(gml.polygon(points))}</tran:lod2MultiSurface>"
        )
        prop = tag[0].lower() + tag[1:]
        return f"<tran:{prop}><tran:{tag}>{inside}</tran:{tag}></tran:{prop}>"

    areas = area("TrafficArea", FIELD) + area("AuxiliaryTrafficArea", OTHER)
    road = f"<tran:Road gml:id='r'>{areas}</tran:Road>"
    assert the_model(gml.read(road)).surface_type.tolist() == [
        SurfaceType.TRAFFIC_AREA, SurfaceType.AUXILIARY_TRAFFIC_AREA,
    ]  # fmt: skip


def test_sections_and_traffic_spaces_of_citygml_3_are_objects(gml: Any) -> None:
    space = (
        "<tran:trafficSpace><tran:TrafficSpace gml:id='t'>"
        f"{bound3(gml, 'tran:TrafficArea', FIELD)}</tran:TrafficSpace></tran:trafficSpace>"
    )
    section = f"<tran:section><tran:Section gml:id='s'>{space}</tran:Section></tran:section>"
    result = gml.read(f"<tran:Road gml:id='r'>{section}</tran:Road>", version="3.0")
    assert types(result) == ["ROAD", "SECTION", "TRAFFIC_SPACE"]
    assert the_model(result).objects.parent.tolist() == [-1, 0, 1]
    assert the_model(result).geometry_object.tolist() == [2]


def test_water_has_its_own_surfaces(gml: Any) -> None:
    geometry = f"<wtr:lod2Surface>{gml.polygon(FIELD)}</wtr:lod2Surface>"
    surface = f"<wtr:WaterSurface>{geometry}</wtr:WaterSurface>"
    markup = (
        f"<wtr:WaterBody gml:id='w'><wtr:boundedBy>{surface}</wtr:boundedBy></wtr:WaterBody>"
    )
    assert the_model(gml.read(markup)).surface_type.tolist() == [SurfaceType.WATER_SURFACE]


def test_relief_states_its_level_beside_its_triangles(gml: Any) -> None:
    triangle = (
        f"<gml:Triangle><gml:exterior>{gml.ring(FIELD[:3])}</gml:exterior></gml:Triangle>"
    )
    patches = f"<gml:trianglePatches>{triangle}</gml:trianglePatches>"
    tin = f"<gml:TriangulatedSurface>{patches}</gml:TriangulatedSurface>"
    relief = (
        "<dem:ReliefFeature gml:id='f'><dem:lod>2</dem:lod><dem:reliefComponent>"
        f"<dem:TINRelief gml:id='t'><dem:lod>2</dem:lod><dem:tin>{tin}</dem:tin>"
        "</dem:TINRelief></dem:reliefComponent></dem:ReliefFeature>"
    )
    result = gml.read(relief)
    assert types(result) == ["RELIEF_FEATURE", "TIN_RELIEF"]
    model = the_model(result)
    assert (model.geometry_lod[0], model.geometry_type[0]) == (2, GeometryType.TIN)


def test_a_group_needs_no_geometry_and_is_nobodys_parent(gml: Any) -> None:
    geometry = f"<luse:lod1MultiSurface>{gml.multi(gml.polygon(FIELD))}</luse:lod1MultiSurface>"
    inline = f"<luse:LandUse gml:id='in'>{geometry}</luse:LandUse>"
    group = (
        "<grp:CityObjectGroup gml:id='g'><grp:groupMember xlink:href='#house'/>"
        f"<grp:groupMember>{inline}</grp:groupMember></grp:CityObjectGroup>"
    )
    result = gml.read(gml.building(), group)
    assert sorted(types(result)) == ["BUILDING", "CITY_OBJECT_GROUP", "LAND_USE"]
    assert the_model(result).objects.parent.tolist() == [-1] * 3
    assert result.issues == ()


def test_parts_and_installations_of_bridges_and_tunnels(gml: Any) -> None:
    part = (
        "<brid:consistsOfBridgePart><brid:BridgePart gml:id='p'/></brid:consistsOfBridgePart>"
    )
    element = (
        "<brid:outerBridgeConstruction><brid:BridgeConstructionElement gml:id='e'/>"
        "</brid:outerBridgeConstruction>"
    )
    assert types(gml.read(f"<brid:Bridge gml:id='b'>{part}{element}</brid:Bridge>")) == [
        "BRIDGE", "BRIDGE_PART", "BRIDGE_CONSTRUCTION_ELEMENT",
    ]  # fmt: skip


def test_an_extensions_object_with_geometry_is_kept_as_unknown(gml: Any) -> None:
    geometry = gml.multi(gml.polygon(FIELD))
    zone = (
        "<ade:Zone gml:id='z'><gml:name>Altstadt</gml:name><ade:rule>Gestaltung</ade:rule>"
        f"<ade:lod1MultiSurface>{geometry}</ade:lod1MultiSurface></ade:Zone>"
    )
    result = gml.read(zone, "<ade:Nothing gml:id='n'><ade:a>1</ade:a></ade:Nothing>")
    assert types(result) == ["UNKNOWN"]
    model = the_model(result)
    assert model.objects.attributes["rule"].source == "ade"
    assert model.objects.attributes["name"].source == "citygml"
    assert len(model.surface_type) == 1
    assert result.skipped == {"{http://example.org/ade}Nothing": 1}


def test_a_class_directly_in_a_class_is_refused(gml: Any) -> None:
    """GML wants a property between them; nothing could be meant by it for sure."""
    bad = gml.building('<bldg:BuildingPart gml:id="p"/>')
    with pytest.raises(ReadError, match="BuildingPart stands directly in Building") as caught:
        gml.read(bad)
    assert caught.value.line is not None
    assert caught.value.gml_id == "house"


def implicit(gml: Any, relative: str, matrix: str = "0 -2 0 1 2 0 0 2 0 0 2 3 0 0 0 1") -> str:
    east, north, height = gml.at(0, 0, 0)
    return (
        "<frn:lod2ImplicitRepresentation><core:ImplicitGeometry>"
        f"<core:transformationMatrix>{matrix}</core:transformationMatrix>{relative}"
        "<core:referencePoint><gml:Point>"
        f"<gml:pos>{east} {north} {height}</gml:pos></gml:Point>"
        "</core:referencePoint></core:ImplicitGeometry></frn:lod2ImplicitRepresentation>"
    )


LOCAL = (
    '<gml:MultiSurface gml:id="shape"><gml:surfaceMember><gml:Polygon><gml:exterior>'
    "<gml:LinearRing><gml:posList>0 0 0 1 0 0 1 1 0 0 0 0</gml:posList></gml:LinearRing>"
    "</gml:exterior></gml:Polygon></gml:surfaceMember></gml:MultiSurface>"
)


def furniture(inside: str, gml_id: str = "f") -> str:
    return f"<frn:CityFurniture gml:id='{gml_id}'>{inside}</frn:CityFurniture>"


def test_a_shape_is_placed_by_its_matrix_row_by_row(gml: Any) -> None:
    """Turned by a right angle, doubled, moved by 1 2 3, then by the reference point."""
    relative = f"<core:relativeGeometry>{LOCAL}</core:relativeGeometry>"
    model = the_model(gml.read(furniture(implicit(gml, relative))))
    east, north, height = gml.at(0, 0, 0)
    expected = [[1, 2, 3], [1, 4, 3], [-1, 4, 3]]
    found = model.corners + model.origin - (east, north, height)
    assert abs(found - expected).max() < 1e-6


def test_one_shape_stands_at_several_places(gml: Any) -> None:
    first = f"<core:relativeGeometry>{LOCAL}</core:relativeGeometry>"
    second = '<core:relativeGeometry xlink:href="#shape"/>'
    result = gml.read(
        furniture(implicit(gml, first), "a"),
        furniture(implicit(gml, second, "1 0 0 50 0 1 0 0 0 0 1 0 0 0 0 1"), "b"),
    )
    model = the_model(result)
    assert model.geometry_object.tolist() == [0, 1]
    assert result.polygons == 1
    assert model.corners[3:, 0].min() - model.corners[:3, 0].min() > 40


def test_a_shape_in_metres_stands_right_in_a_system_of_degrees(gml: Any) -> None:
    """A tree of Japan's models: latitude first, its crown two metres east, three north."""
    relative = f"<core:relativeGeometry>{LOCAL}</core:relativeGeometry>"
    inside = implicit(gml, relative, "1 0 0 2 0 1 0 3 0 0 1 4 0 0 0 1")
    inside = re.sub("<gml:pos>.*?</gml:pos>", "<gml:pos>35.26 139.72 10</gml:pos>", inside)
    model = the_model(gml.read(furniture(inside), crs="EPSG:6697"))
    found = model.corners[0] + model.origin
    _, _, metres = Geod(ellps="GRS80").inv(139.72, 35.26, found[0], found[1])
    assert metres == pytest.approx(np.hypot(2, 3), abs=1e-4)
    assert found[0] > 139.72
    assert found[1] > 35.26
    assert found[2] == pytest.approx(14)


@pytest.mark.parametrize(
    ("relative", "matrix", "code"),
    [
        ("<core:libraryObject>http://x/tree.glb</core:libraryObject>", "1", "library-object"),
        (
            f"<core:relativeGeometry>{LOCAL}</core:relativeGeometry>",
            "1 2 3",
            "implicit-geometry",
        ),
    ],
)
def test_a_shape_that_cannot_be_placed_is_told(
    gml: Any, relative: str, matrix: str, code: str
) -> None:
    result = gml.read(furniture(implicit(gml, relative, matrix)))
    assert code in [issue.code for issue in result.issues]
    assert len(the_model(result).surface_type) == 0


def test_the_level_asked_for_counts_for_shapes_too(gml: Any) -> None:
    relative = f"<core:relativeGeometry>{LOCAL}</core:relativeGeometry>"
    result = gml.read(furniture(implicit(gml, relative)), options=ReadOptions(lod=1))
    assert len(the_model(result).surface_type) == 0


def test_names_made_up_by_a_hostile_file_do_not_fill_the_memory() -> None:
    names = Meanings()
    for number in range(MOST_NAMES + 10):
        assert names[f"{{http://example.org/ade}}a{number}"].local == f"a{number}"
    assert len(names) == MOST_NAMES


def test_a_part_of_a_dropped_object_stays_an_object(gml: Any) -> None:
    """What refers to it was invalid; the part itself is not lost with it."""
    height = (
        "<con:height><con:Height><con:status>guessed</con:status></con:Height></con:height>"
    )
    whole = gml.building('<bldg:buildingPart xlink:href="#part"/>', height, gml_id="whole")
    part = gml.building(gml_id="part", kind="BuildingPart")
    result = gml.read(whole, part, version="3.0")
    assert the_model(result).objects.id.tolist() == ["part"]
    assert [issue.gml_id for issue in result.issues if issue.dropped] == ["whole"]
