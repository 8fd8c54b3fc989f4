"""citymodel.readers.reference: references, and what they must not do."""

from __future__ import annotations

from typing import Any

import pytest

from citymodel import CityModel, SurfaceType, area_vectors
from citymodel.readers.fast.ids import element_finder
from citymodel.readers.reference import read_reference
from citymodel.readers.unit import ReadOptions, UnitResult
from citymodel.readers.units import list_units

WALL = [(8, 0, 0), (8, 6, 0), (8, 6, 3), (8, 0, 3)]
ROOF = [(0, 0, 3), (8, 0, 3), (8, 6, 3), (0, 6, 3)]


def the_model(result: UnitResult) -> CityModel:
    assert result.model is not None
    return result.model


def codes(result: UnitResult) -> list[str]:
    return [issue.code for issue in result.issues]


def multi(gml: Any, *members: str, gml_id: str = "house") -> str:
    geometry = gml.multi(*members)
    inside = f"<bldg:lod2MultiSurface>{geometry}</bldg:lod2MultiSurface>"
    building: str = gml.building(inside, gml_id=gml_id)
    return building


@pytest.mark.parametrize("order", ["forwards", "backwards"])
def test_a_wall_two_houses_share_belongs_to_both(gml: Any, order: str) -> None:
    """The second refers to it turned round, across members."""
    first = gml.building(gml.bound("WallSurface", gml.polygon(WALL, "shared")), gml_id="first")
    turned = (
        '<gml:OrientableSurface orientation="-"><gml:baseSurface xlink:href="#shared"/>'
        "</gml:OrientableSurface>"
    )
    solid = f"<bldg:lod2Solid>{gml.solid(turned, gml.polygon(ROOF))}</bldg:lod2Solid>"
    second = gml.building(solid, gml_id="second")
    members = (first, second) if order == "backwards" else (second, first)
    model = the_model(gml.read(*members))
    assert sorted(model.surface_type.tolist()) == [SurfaceType.SURFACE, 2, 2]
    walls = model.surface_type == SurfaceType.WALL_SURFACE
    vectors = area_vectors(model.corners, model.ring_offsets)[walls]
    assert abs(vectors.sum(axis=0)).max() < 1e-9


def test_a_shared_wall_is_found_in_another_unit_of_the_file(gml: Any) -> None:
    first = gml.building(gml.bound("WallSurface", gml.polygon(WALL, "shared")), gml_id="first")
    second = multi(gml, "#shared", gml_id="second")
    path = gml.write(first, second)
    _, unit = list_units(path, "town.gml", unit_bytes=100)
    alone = read_reference(unit, ReadOptions())
    assert codes(alone) == ["xlink-dangling", "geometry-left-out"]
    found = read_reference(unit, ReadOptions(), find_element=element_finder(path))
    assert found.issues == ()
    assert len(the_model(found).surface_type) == 1


def test_the_finder_gives_the_whole_element_and_nothing_for_strangers(gml: Any) -> None:
    path = gml.write(multi(gml, gml.polygon(ROOF, "a.b")))
    find = element_finder(path)
    element = find("a.b")
    assert element is not None
    assert element.startswith(b"<gml:Polygon")
    assert element.endswith(b"</gml:Polygon>")
    assert find("axb") is None
    assert find("") is None


def test_a_reference_to_nothing_is_told_with_its_id(gml: Any) -> None:
    result = gml.read(multi(gml, "#nobody", gml.polygon(ROOF)))
    (issue,) = result.issues
    assert (issue.code, issue.gml_id, issue.severity) == ("xlink-dangling", "house", "error")
    assert "#nobody" in issue.message
    assert issue.line > 1
    assert len(the_model(result).surface_type) == 1


@pytest.mark.parametrize(
    "href", ["http://example.org/a.gml#b", "other.gml#b", "#", "file:///etc/passwd"]
)
def test_other_files_are_never_fetched(gml: Any, href: str) -> None:
    """The guard of the test run refuses connections; a file beside is not opened either."""
    result = gml.read(
        gml.building(
            "<bldg:lod2MultiSurface><gml:MultiSurface>"
            f'<gml:surfaceMember xlink:href="{href}"/>'
            f"{gml.members(gml.polygon(ROOF))}</gml:MultiSurface></bldg:lod2MultiSurface>"
        )
    )
    assert codes(result) == ["xlink-dangling" if href == "#" else "xlink-remote"]
    assert len(the_model(result).surface_type) == 1


def composite(gml: Any, gml_id: str, *members: str) -> str:
    inside = gml.members(*members)
    return f'<gml:CompositeSurface gml:id="{gml_id}">{inside}</gml:CompositeSurface>'


def test_a_surface_that_contains_itself_ends_with_an_issue(gml: Any) -> None:
    result = gml.read(multi(gml, composite(gml, "me", gml.polygon(ROOF), "#me")))
    assert codes(result) == ["xlink-cycle"]
    assert len(the_model(result).surface_type) == 1


def test_a_circle_of_surfaces_ends_with_an_issue(gml: Any) -> None:
    there = composite(gml, "there", "#back")
    back = composite(gml, "back", gml.polygon(ROOF), "#there")
    result = gml.read(multi(gml, there, back))
    assert "xlink-cycle" in codes(result)
    assert len(the_model(result).surface_type) == 1


def test_references_that_multiply_do_not_multiply_work(gml: Any) -> None:
    """Forty levels that name the next twice would be 10^12 polygons."""
    levels = [composite(gml, f"l{n}", f"#l{n + 1}", f"#l{n + 1}") for n in range(40)]
    last = composite(gml, "l40", gml.polygon(ROOF))
    result = gml.read(multi(gml, *levels, last))
    assert len(the_model(result).surface_type) == 1


def test_a_chain_too_long_is_cut_before_the_stack_ends(gml: Any) -> None:
    levels = [composite(gml, f"l{n}", f"#l{n + 1}") for n in range(3000)]
    last = composite(gml, "l3000", gml.polygon(ROOF))
    path = gml.building('<bldg:lod2MultiSurface xlink:href="#l0"/>', gml_id="chain")
    result = gml.read(path, multi(gml, *levels, last))
    assert "xlink-cycle" in codes(result)


def test_a_surface_that_fills_itself_ends_with_an_issue(gml: Any) -> None:
    wall = gml.bound("WallSurface", gml.polygon(WALL))
    wall = wall.replace("<bldg:WallSurface>", '<bldg:WallSurface gml:id="w">').replace(
        "</bldg:WallSurface>", '<bldg:opening xlink:href="#w"/></bldg:WallSurface>'
    )
    result = gml.read(gml.building(wall))
    assert codes(result) == ["xlink-cycle"]
    assert len(the_model(result).surface_type) == 1


def test_a_property_may_take_the_geometry_of_another(gml: Any) -> None:
    """As the OGC example of a traffic area whose surface is another's."""
    first = multi(gml, gml.polygon(ROOF)).replace(
        "<gml:MultiSurface>", '<gml:MultiSurface gml:id="m">'
    )
    second = gml.building('<bldg:lod2MultiSurface xlink:href="#m"/>', gml_id="second")
    model = the_model(gml.read(first, second))
    assert model.geometry_object.tolist() == [0, 1]


@pytest.mark.parametrize("target", ["wall", "property"])
def test_a_reference_to_a_thematic_surface_or_property_means_its_geometry(
    gml: Any, target: str
) -> None:
    wall = gml.bound("WallSurface", gml.polygon(WALL))
    wall = wall.replace("<bldg:WallSurface>", '<bldg:WallSurface gml:id="wall">').replace(
        "<bldg:lod2MultiSurface>", '<bldg:lod2MultiSurface gml:id="property">'
    )
    solid = f"<bldg:lod2Solid>{gml.solid(f'#{target}')}</bldg:lod2Solid>"
    result = gml.read(gml.building(wall, gml_id="first"), gml.building(solid, gml_id="second"))
    assert the_model(result).surface_type.tolist() == [2, 2]


def test_a_part_named_by_reference_stands_below_its_building(gml: Any) -> None:
    """It is a member of its own; it becomes a part and is not read twice."""
    part = gml.building(
        f"<bldg:lod2MultiSurface>{gml.multi(gml.polygon(ROOF))}</bldg:lod2MultiSurface>",
        gml_id="part", kind="BuildingPart",
    )  # fmt: skip
    whole = gml.building('<bldg:consistsOfBuildingPart xlink:href="#part"/>', gml_id="whole")
    for members in ((part, whole), (whole, part)):
        objects = the_model(gml.read(*members)).objects
        assert objects.id.tolist() == ["whole", "part"]
        assert objects.parent.tolist() == [-1, 0]


def test_an_object_named_as_its_own_part_ends_with_an_issue(gml: Any) -> None:
    part = gml.building(
        '<bldg:consistsOfBuildingPart xlink:href="#me"/>',
        f"<bldg:lod2MultiSurface>{gml.multi(gml.polygon(ROOF))}</bldg:lod2MultiSurface>",
        gml_id="me",
    )
    result = gml.read(part)
    assert codes(result) == ["xlink-cycle"]
    assert the_model(result).objects.parent.tolist() == [-1]


def test_a_polygon_many_objects_refer_to_costs_no_more_than_they_are(gml: Any) -> None:
    """Three thousand holders of one polygon: each asks its own line, not all the others."""
    others = [multi(gml, "#one", gml_id=f"b{n}") for n in range(3000)]
    model = the_model(gml.read(multi(gml, gml.polygon(ROOF, "one")), *others))
    assert len(model.geometry_object) == 3001


def test_shapes_placed_without_end_are_cut_off_aloud(
    gml: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("citymodel.readers.reference.geometry.MOST_SURFACES", 5)
    others = [multi(gml, "#one", gml_id=f"b{n}") for n in range(9)]
    result = gml.read(multi(gml, gml.polygon(ROOF, "one"), gml_id="a"), *others)
    assert len(the_model(result).geometry_object) == 5
    lost = [issue.gml_id for issue in result.issues if issue.dropped]
    assert lost == ["b4", "b5", "b6", "b7", "b8"]
