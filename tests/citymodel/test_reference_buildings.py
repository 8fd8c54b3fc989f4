"""citymodel.readers.reference: buildings, their parts and their levels of detail."""

from __future__ import annotations

import gc
from typing import Any

import numpy as np
import pytest
from lxml import etree

from citymodel import CityModel, GeometryType, ObjectType, SurfaceType
from citymodel.readers.unit import ReadOptions, UnitResult

ALL = [f"#p{number}" for number in range(6)]
ROOF = [(0, 0, 3), (8, 0, 3), (8, 6, 3), (0, 6, 3)]
FLOOR = [(0, 0, 0), (0, 6, 0), (8, 6, 0), (8, 0, 0)]
FRONT = [(0, 0, 0), (8, 0, 0), (8, 0, 3), (0, 0, 3)]
HOLE = [(2, 0, 1), (2, 0, 2), (4, 0, 2), (4, 0, 1)]
PANE = [(2, 0, 1), (4, 0, 1), (4, 0, 2), (2, 0, 2)]


def the_model(result: UnitResult) -> CityModel:
    assert result.model is not None
    return result.model


def kinds(result: UnitResult) -> list[SurfaceType]:
    return [SurfaceType(kind) for kind in the_model(result).surface_type]


def test_a_solid_of_references_takes_each_boundary_surface_once(
    gml: Any, box_bounds: str
) -> None:
    """The hrefs stand before the polygons, as in every NRW tile."""
    solid = f"<bldg:lod2Solid>{gml.solid(*ALL)}</bldg:lod2Solid>"
    result = gml.read(gml.building(solid, box_bounds), version="1.0")
    model = the_model(result)
    assert kinds(result) == [1, 3, 2, 2, 2, 2]
    assert model.geometry_type.tolist() == [GeometryType.SOLID]
    assert model.geometry_lod.tolist() == [2]
    assert result.polygons == 6
    assert result.issues == ()


def test_the_first_corner_is_not_repeated_and_the_origin_lies_below_all(
    gml: Any, box_bounds: str
) -> None:
    model = the_model(gml.read(gml.building(box_bounds)))
    assert np.diff(model.ring_offsets).tolist() == [4] * 6
    assert (model.origin == np.floor(model.corners.min(axis=0) + model.origin)).all()
    np.testing.assert_allclose(model.corners[0] + model.origin, (437954.13, 5714530.57, 95.21))


def test_boundary_surfaces_without_a_solid_are_a_multi_surface(
    gml: Any, box_bounds: str
) -> None:
    model = the_model(gml.read(gml.building(box_bounds)))
    assert model.geometry_type.tolist() == [GeometryType.MULTI_SURFACE]


def test_a_solid_without_semantics_has_surfaces_of_no_type(gml: Any) -> None:
    solid = gml.solid(gml.polygon(FLOOR), gml.polygon(ROOF))
    result = gml.read(gml.building(f"<bldg:lod1Solid>{solid}</bldg:lod1Solid>"))
    assert kinds(result) == [SurfaceType.SURFACE] * 2
    assert the_model(result).geometry_lod.tolist() == [1]


def test_a_solid_that_repeats_the_boundary_surfaces_inline_doubles_nothing(
    gml: Any, box_bounds: str
) -> None:
    inline = gml.solid(gml.polygon(FLOOR, "s1"), gml.polygon(ROOF, "s2"))
    result = gml.read(gml.building(f"<bldg:lod2Solid>{inline}</bldg:lod2Solid>", box_bounds))
    assert kinds(result) == [1, 3, 2, 2, 2, 2]


def test_a_polygon_of_the_solid_that_no_boundary_surface_holds_is_added(
    gml: Any, box_bounds: str
) -> None:
    inner = [(4, 0, 0), (4, 6, 0), (4, 6, 3), (4, 0, 3)]
    solid = gml.solid(*ALL, gml.polygon(inner, "inner"))
    result = gml.read(gml.building(f"<bldg:lod2Solid>{solid}</bldg:lod2Solid>", box_bounds))
    assert kinds(result) == [1, 3, 2, 2, 2, 2, SurfaceType.SURFACE]


def test_openings_are_surfaces_of_their_own_and_holes_stay(gml: Any) -> None:
    window = gml.multi(gml.polygon(PANE))
    opening = (
        "<bldg:opening><bldg:Window>"
        f"<bldg:lod3MultiSurface>{window}</bldg:lod3MultiSurface>"
        "</bldg:Window></bldg:opening>"
    )
    wall = gml.bound("WallSurface", gml.polygon(FRONT, holes=[HOLE]), lod=3, more=opening)
    result = gml.read(gml.building(wall))
    assert kinds(result) == [SurfaceType.WALL_SURFACE, SurfaceType.WINDOW]
    assert np.diff(the_model(result).surface_offsets).tolist() == [2, 1]


def lod(gml: Any, number: int) -> str:
    top = [(x, y, 3.0 + number) for x, y, _ in ROOF]
    return f"<bldg:lod{number}Solid>{gml.solid(gml.polygon(top))}</bldg:lod{number}Solid>"


@pytest.mark.parametrize(
    ("there", "asked", "taken"),
    [
        ((1, 2), None, 2),
        ((1, 2, 3), None, 3),
        ((1,), None, 1),
        ((2, 4), None, 2),
        ((4,), None, 4),
        ((1, 2, 3), 2, 2),
        ((1, 3), 2, 1),
        ((3, 4), 4, 4),
    ],
)
def test_one_level_of_detail_is_read_never_two(
    gml: Any, there: tuple[int, ...], asked: int | None, taken: int
) -> None:
    """The highest up to 3, or what was asked for, or the next lower one."""
    geometry = [lod(gml, number) for number in there]
    result = gml.read(gml.building(*geometry), options=ReadOptions(lod=asked))
    model = the_model(result)
    assert model.geometry_lod.tolist() == [taken]
    assert len(model.surface_type) == 1
    assert model.corners[0, 2] + model.origin[2] == pytest.approx(95.21 + 3 + taken)
    assert result.polygons == len(there)


def test_nothing_above_the_level_asked_for_is_taken(gml: Any) -> None:
    result = gml.read(gml.building(lod(gml, 3)), options=ReadOptions(lod=1))
    assert the_model(result).geometry_lod.tolist() == []
    assert [issue.code for issue in result.issues] == ["geometry-left-out"]


def test_a_roof_edge_never_lies_on_top_of_a_footprint(gml: Any) -> None:
    footprint = f"<bldg:lod0FootPrint>{gml.multi(gml.polygon(FLOOR))}</bldg:lod0FootPrint>"
    edge = f"<bldg:lod0RoofEdge>{gml.multi(gml.polygon(ROOF))}</bldg:lod0RoofEdge>"
    both = the_model(gml.read(gml.building(footprint, edge)))
    assert both.corners[:, 2].max() + both.origin[2] == pytest.approx(95.21)
    alone = the_model(gml.read(gml.building(edge)))
    assert alone.corners[:, 2].max() + alone.origin[2] == pytest.approx(98.21)


def test_parts_stand_below_their_building_and_inherit(gml: Any, box_bounds: str) -> None:
    """Function and municipality key; the height is the part's own."""
    key = (
        '<gen:stringAttribute name="Gemeindeschluessel"><gen:value>05974040</gen:value>'
        "</gen:stringAttribute>"
    )
    height = '<bldg:measuredHeight uom="urn:adv:uom:m">3.0</bldg:measuredHeight>'
    part = gml.building(height, box_bounds, gml_id="part", kind="BuildingPart")
    of_part = f"<bldg:consistsOfBuildingPart>{part}</bldg:consistsOfBuildingPart>"
    function = "<bldg:function>31001_1010</bldg:function>"
    objects = the_model(gml.read(gml.building(key, function, of_part), version="1.0")).objects
    assert objects.id.tolist() == ["house", "part"]
    assert objects.type.tolist() == [ObjectType.BUILDING, ObjectType.BUILDING_PART]
    assert objects.parent.tolist() == [-1, 0]
    assert objects.attributes["function"].values.tolist() == ["31001_1010"] * 2
    assert objects.attributes["Gemeindeschluessel"].values.tolist() == ["05974040"] * 2
    heights = objects.attributes["measured_height"].values
    assert np.isnan(heights[0])
    assert heights[1] == 3


def test_a_building_and_its_part_both_keep_their_geometry(gml: Any) -> None:
    part = gml.building(lod(gml, 2), gml_id="part", kind="BuildingPart")
    of_part = f"<bldg:consistsOfBuildingPart>{part}</bldg:consistsOfBuildingPart>"
    other = f"<bldg:lod2Solid>{gml.solid(gml.polygon(FLOOR))}</bldg:lod2Solid>"
    model = the_model(gml.read(gml.building(other, of_part)))
    assert model.geometry_object.tolist() == [0, 1]


def test_a_block_is_not_drawn_over_the_roofs_of_its_own_parts(gml: Any) -> None:
    """LoD1 of the building beside LoD2 of its parts is the same house twice."""
    part = gml.building(lod(gml, 2), gml_id="part", kind="BuildingPart")
    of_part = f"<bldg:consistsOfBuildingPart>{part}</bldg:consistsOfBuildingPart>"
    result = gml.read(gml.building(lod(gml, 1), of_part))
    assert the_model(result).geometry_object.tolist() == [1]
    assert "coarser than their own parts" in result.issues[0].message


def test_rooms_are_read_with_lod_4_only(gml: Any) -> None:
    room = (
        '<bldg:interiorRoom><bldg:Room gml:id="room">'
        f"<bldg:lod4Solid>{gml.solid(gml.polygon(FLOOR))}</bldg:lod4Solid>"
        "</bldg:Room></bldg:interiorRoom>"
    )
    outside = the_model(gml.read(gml.building(lod(gml, 4), room)))
    assert outside.objects.id.tolist() == ["house", "room"]
    assert outside.geometry_object.tolist() == [0]
    inside = the_model(gml.read(gml.building(lod(gml, 4), room), options=ReadOptions(lod=4)))
    assert inside.geometry_object.tolist() == [0, 1]


def test_what_an_installation_holds_is_not_held_again_by_the_building(gml: Any) -> None:
    """The building's solid refers to the dormer's polygons, as in the OGC examples."""
    dormer = gml.building(
        gml.bound("RoofSurface", gml.polygon(ROOF, "dormer")),
        gml_id="installation",
        kind="BuildingInstallation",
    )
    outer = f"<bldg:outerBuildingInstallation>{dormer}</bldg:outerBuildingInstallation>"
    solid = f"<bldg:lod2Solid>{gml.solid(gml.polygon(FLOOR), '#dormer')}</bldg:lod2Solid>"
    model = the_model(gml.read(gml.building(solid, outer)))
    assert model.geometry_object.tolist() == [0, 1]
    assert np.diff(model.geometry_offsets).tolist() == [1, 1]
    assert model.surface_type.tolist() == [SurfaceType.SURFACE, SurfaceType.ROOF_SURFACE]


def test_terrain_lines_are_kept_only_when_asked_for(gml: Any, box_bounds: str) -> None:
    line = gml.numbers([(0, 0, 0.5), (8, 0, 0.25)], closed=False)
    curve = (
        "<bldg:lod2TerrainIntersection><gml:MultiCurve><gml:curveMember><gml:LineString>"
        f"<gml:posList>{line}</gml:posList></gml:LineString></gml:curveMember></gml:MultiCurve>"
        "</bldg:lod2TerrainIntersection>"
    )
    markup = gml.building(curve, box_bounds)
    assert the_model(gml.read(markup)).terrain_points.shape == (0, 3)
    model = the_model(gml.read(markup, options=ReadOptions(terrain_lines=True)))
    heights = model.terrain_points[:, 2] + model.origin[2]
    np.testing.assert_allclose(heights, [95.71, 95.46])


def test_objects_without_an_id_get_one_and_that_is_told(gml: Any, box_bounds: str) -> None:
    result = gml.read(f"<bldg:Building>{box_bounds}</bldg:Building>")
    assert the_model(result).objects.id[0].startswith("Building-")
    assert [issue.code for issue in result.issues] == ["missing-id"]


def test_an_id_that_stands_twice_is_told(gml: Any, box_bounds: str) -> None:
    second = gml.building(lod(gml, 1))
    result = gml.read(gml.building(box_bounds), second)
    (issue,) = [issue for issue in result.issues if issue.code == "duplicate-id"]
    assert issue.gml_id == "house"
    assert issue.line > 1


def test_a_solid_and_a_multi_surface_that_say_the_same_are_one(gml: Any) -> None:
    """Both inline, both LoD1: the same house would be drawn twice."""
    solid = (
        f"<bldg:lod1Solid>{gml.solid(gml.polygon(FLOOR), gml.polygon(ROOF))}</bldg:lod1Solid>"
    )
    again = gml.multi(gml.polygon(ROOF), gml.polygon(FRONT))
    surfaces = f"<bldg:lod1MultiSurface>{again}</bldg:lod1MultiSurface>"
    model = the_model(gml.read(gml.building(solid, surfaces)))
    assert len(model.surface_type) == 3
    assert model.geometry_type.tolist() == [GeometryType.SOLID]


def test_an_installation_that_says_it_lies_inside_is_interior(gml: Any) -> None:
    def installation(where: str) -> str:
        geometry = (
            f"<core:lod3MultiSurface>{gml.multi(gml.polygon(ROOF))}</core:lod3MultiSurface>"
        )
        relation = f"<con:relationToConstruction>{where}</con:relationToConstruction>"
        inside = gml.building(geometry, relation, gml_id="i", kind="BuildingInstallation")
        return f"<bldg:buildingInstallation>{inside}</bldg:buildingInstallation>"

    for where, rows in (("inside", []), ("outside", [1])):
        result = gml.read(gml.building(installation(where)), version="3.0")
        assert the_model(result).geometry_object.tolist() == rows


def test_nothing_of_the_document_lives_on_after_reading(gml: Any, box_bounds: str) -> None:
    """Units are read one after the other: what stays would add up to the whole town."""
    part = gml.building(box_bounds, gml_id="part", kind="BuildingPart")
    whole = gml.building(f"<bldg:consistsOfBuildingPart>{part}</bldg:consistsOfBuildingPart>")

    def elements() -> int:
        return sum(isinstance(found, etree._Element) for found in gc.get_objects())

    before = elements()
    gc.disable()
    try:
        result = gml.read(whole)
        assert elements() == before
    finally:
        gc.enable()
    assert len(the_model(result).objects) == 2
