"""citymodel.readers.reference: colours and pictures on the right surfaces."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from citymodel import Appearances, CityModel
from citymodel.readers.reference import read_reference
from citymodel.readers.reference.pictures import Pictures, safe_name
from citymodel.readers.unit import ReadOptions, UnitResult
from citymodel.readers.units import list_units

ROOF = [(0, 0, 3), (8, 0, 3), (8, 6, 3), (0, 6, 3)]
FRONT = [(0, 0, 0), (8, 0, 0), (8, 0, 3), (0, 0, 3)]
CLOSED = "0 0 1 0 1 1 0 1 0 0"


def the_model(result: UnitResult) -> CityModel:
    assert result.model is not None
    return result.model


def the_appearances(result: UnitResult) -> Appearances:
    found = the_model(result).appearances
    assert found is not None
    return found


def house(gml: Any) -> str:
    wall = gml.bound("WallSurface", gml.polygon(FRONT, "front", ring_id="front_ring"))
    wall = wall.replace("<bldg:WallSurface>", '<bldg:WallSurface gml:id="wall">')
    roof = gml.bound("RoofSurface", gml.polygon(ROOF, "roof", ring_id="roof_ring"))
    roof = roof.replace("<gml:MultiSurface>", '<gml:MultiSurface gml:id="roofs">')
    building: str = gml.building(wall, roof)
    return building


def theme(*data: str, name: str = "summer", version: str = "2.0") -> str:
    prop = "surfaceData" if version == "3.0" else "surfaceDataMember"
    inside = "".join(f"<app:{prop}>{one}</app:{prop}>" for one in data)
    member = "core:appearanceMember" if version == "3.0" else "app:appearanceMember"
    inside = f"<app:theme>{name}</app:theme>{inside}"
    return f"<{member}><app:Appearance>{inside}</app:Appearance></{member}>"


def colour(*targets: str, rgb: str = "1 0.5 0", more: str = "") -> str:
    to = "".join(f"<app:target>{target}</app:target>" for target in targets)
    inside = f"{more}<app:diffuseColor>{rgb}</app:diffuseColor>{to}"
    return f"<app:X3DMaterial>{inside}</app:X3DMaterial>"


def texture(image: str, target: str, coordinates: str) -> str:
    return (
        f"<app:ParameterizedTexture><app:imageURI>{image}</app:imageURI>"
        "<app:wrapMode>mirror</app:wrapMode>"
        f'<app:target uri="{target}">{coordinates}</app:target>'
        "</app:ParameterizedTexture>"
    )


def ring_list(ring: str, numbers: str = CLOSED) -> str:
    inside = f'<app:textureCoordinates ring="#{ring}">{numbers}</app:textureCoordinates>'
    return f"<app:TexCoordList>{inside}</app:TexCoordList>"


@pytest.fixture
def picture(gml: Any) -> str:
    """A picture of 40 by 20 pixels beside the source."""
    folder = gml.folder / "pictures"
    folder.mkdir()
    Image.new("RGB", (40, 20)).save(folder / "wall.png")
    return "pictures/wall.png"


@pytest.mark.parametrize("target", ["#wall", "#front", "#front_ring"])
def test_a_colour_is_worn_by_polygon_ring_or_whole_wall(gml: Any, target: str) -> None:
    result = gml.read(house(gml), more=theme(colour(target)))
    found = the_appearances(result)
    assert found.surface_material.tolist() == [0, -1]
    assert found.materials[0].diffuse == (1.0, 0.5, 0.0)
    assert np.isnan(found.texture_coordinates).all()


def test_a_colour_is_worn_by_all_surfaces_of_an_aggregate(gml: Any) -> None:
    found = the_appearances(gml.read(house(gml), more=theme(colour("#roofs"))))
    assert found.surface_material.tolist() == [-1, 0]


def test_transparency_is_the_rest_of_opacity(gml: Any) -> None:
    more = "<app:transparency>0.25</app:transparency>"
    found = the_appearances(gml.read(house(gml), more=theme(colour("#wall", more=more))))
    assert found.materials[0].opacity == 0.75


def test_the_back_of_a_surface_has_no_colour_of_its_own_here(gml: Any) -> None:
    back = colour("#wall", more="<app:isFront>false</app:isFront>")
    assert the_model(gml.read(house(gml), more=theme(back))).appearances is None


def test_texture_coordinates_follow_the_corners(gml: Any, picture: str) -> None:
    """The repeated last pair goes with the repeated last corner."""
    wall = texture(picture, "#wall", ring_list("front_ring"))
    found = the_appearances(gml.read(house(gml), more=theme(wall)))
    assert found.surface_material.tolist() == [0, -1]
    assert found.materials[0].image == picture
    assert found.materials[0].wrap == "mirror"
    np.testing.assert_array_equal(
        found.texture_coordinates[:4], [[0, 0], [1, 0], [1, 1], [0, 1]]
    )
    assert np.isnan(found.texture_coordinates[4:]).all()


def test_texture_coordinates_turn_round_with_a_flipped_surface(gml: Any, picture: str) -> None:
    polygon = gml.polygon(ROOF, "roof", ring_id="roof_ring")
    turned = (
        f'<gml:OrientableSurface orientation="-"><gml:baseSurface>{polygon}</gml:baseSurface>'
        "</gml:OrientableSurface>"
    )
    inside = f"<bldg:lod2MultiSurface>{gml.multi(turned)}</bldg:lod2MultiSurface>"
    markup = theme(texture(picture, "#roof", ring_list("roof_ring")))
    found = the_appearances(gml.read(gml.building(inside), more=markup))
    np.testing.assert_array_equal(found.texture_coordinates, [[0, 1], [1, 1], [1, 0], [0, 0]])


def test_citygml_3_says_the_same_in_other_words(gml: Any, picture: str) -> None:
    coordinates = (
        f"<app:TexCoordList><app:textureCoordinates>{CLOSED}</app:textureCoordinates>"
        "<app:ring>#roof_ring</app:ring></app:TexCoordList>"
    )
    association = (
        "<app:TextureAssociation><app:target>#roof</app:target><app:textureParameterization>"
        f"{coordinates}</app:textureParameterization></app:TextureAssociation>"
    )
    data = (
        f"<app:ParameterizedTexture><app:imageURI>{picture}</app:imageURI>"
        f"<app:textureParameterization>{association}</app:textureParameterization>"
        "</app:ParameterizedTexture>"
    )
    polygon = gml.multi(gml.polygon(ROOF, "roof", ring_id="roof_ring"))
    inside = f"<core:lod2MultiSurface>{polygon}</core:lod2MultiSurface>"
    result = gml.read(gml.building(inside), version="3.0", more=theme(data, version="3.0"))
    assert the_appearances(result).texture_coordinates[2].tolist() == [1, 1]


def test_a_matrix_projects_the_world_onto_the_picture(gml: Any, picture: str) -> None:
    """Along the front: s grows with the easting, t with the height over the ground."""
    east, _, height = gml.at(0, 0, 0)
    matrix = f"0.125 0 0 {-east / 8} 0 0 0.3333333333 {-height / 3} 0 0 0 1"
    generated = (
        f"<app:TexCoordGen><app:worldToTexture>{matrix}</app:worldToTexture></app:TexCoordGen>"
    )
    found = the_appearances(
        gml.read(house(gml), more=theme(texture(picture, "#wall", generated)))
    )
    turned = np.cos(0.3)
    expected = [[0, 0], [turned, 0], [turned, 1], [0, 1]]
    np.testing.assert_allclose(found.texture_coordinates[:4], expected, atol=1e-3)


def georeferenced(image: str, more: str = "") -> str:
    return (
        f"<app:GeoreferencedTexture><app:imageURI>{image}</app:imageURI>{more}"
        "<app:target>#roof</app:target></app:GeoreferencedTexture>"
    )


@pytest.mark.parametrize("where", ["model", "world file", "both"])
def test_a_picture_from_above_lies_where_its_reference_says(
    gml: Any, picture: str, where: str
) -> None:
    """40 x 20 pixels of half a metre; the model's own word goes before the world file."""
    east, north, _ = gml.at(0, 0, 3)
    east, north = east + 0.25, north - 0.25  # centre of the upper left pixel
    inside = ""
    if where != "world file":
        inside = (
            "<app:referencePoint><gml:Point><gml:pos>"
            f"{east} {north}</gml:pos></gml:Point></app:referencePoint>"
            "<app:orientation>0.5 0 0 -0.5</app:orientation>"
        )
    if where != "model":
        lines = [0.5, 0, 0, -0.5, east, north] if where == "world file" else [9, 0, 0, -9, 0, 0]
        text = "\n".join(map(str, lines))
        (gml.folder / picture).with_suffix(".pgw").write_text(text, encoding="ascii")
    result = gml.read(house(gml), more=theme(georeferenced(picture, inside)))
    coordinates = the_appearances(result).texture_coordinates[4:]
    placed = np.array([gml.at(*corner) for corner in ROOF])[:, :2] - (east - 0.25, north + 0.25)
    np.testing.assert_allclose(coordinates, placed / (20, 10) + (0, 1), atol=1e-5)


def test_a_picture_from_above_without_reference_stays_plain(gml: Any, picture: str) -> None:
    result = gml.read(house(gml), more=theme(georeferenced(picture)))
    assert the_model(result).appearances is None
    assert [issue.code for issue in result.issues] == ["texture-without-georeference"]


def test_a_missing_picture_is_told_once_and_leaves_a_plain_colour(gml: Any) -> None:
    data = [
        texture("gone.jpg", t, ring_list(r))
        for t, r in (("#wall", "front_ring"), ("#roof", "roof_ring"))
    ]
    result = gml.read(house(gml), more=theme(*data))
    found = the_appearances(result)
    assert [issue.code for issue in result.issues] == ["picture-missing"]
    assert {found.materials[row].image for row in found.surface_material} == {""}


def test_a_picture_covers_a_colour_but_a_missing_one_does_not(gml: Any, picture: str) -> None:
    data = [
        texture(picture, "#wall", ring_list("front_ring")),
        texture("gone.jpg", "#roof", ring_list("roof_ring")),
        colour("#wall", "#roof"),
    ]
    found = the_appearances(gml.read(house(gml), more=theme(*data)))
    assert [found.materials[row].image for row in found.surface_material] == [picture, ""]
    assert found.materials[found.surface_material[1]].diffuse == (1.0, 0.5, 0.0)


def test_coordinates_that_do_not_fit_their_ring_leave_it_plain(gml: Any, picture: str) -> None:
    wall = texture(picture, "#wall", ring_list("front_ring", "0 0 1 0 1 1"))
    result = gml.read(house(gml), more=theme(wall))
    assert the_model(result).appearances is None
    assert [issue.code for issue in result.issues] == ["texture-coordinates"]


def test_of_several_themes_the_one_that_covers_most_is_taken_and_told(gml: Any) -> None:
    more = theme(colour("#wall", rgb="0 0 1"), name="noise") + theme(colour("#wall", "#roof"))
    result = gml.read(house(gml), more=more)
    assert {m.theme for m in the_appearances(result).materials} == {"summer"}
    (issue,) = result.issues
    assert issue.code == "theme-chosen"
    assert "'noise'" in issue.message


def test_surface_data_of_another_theme_may_be_referred_to(gml: Any) -> None:
    named = colour("#wall", rgb="0 0 1")
    named = named.replace("<app:X3DMaterial>", '<app:X3DMaterial gml:id="m">')
    first = theme(named, name="walls")
    more = first + theme(colour("#roof"), name="full").replace(
        "</app:Appearance>", '<app:surfaceDataMember xlink:href="#m"/></app:Appearance>'
    )
    found = the_appearances(gml.read(house(gml), more=more))
    worn = [found.materials[row].diffuse for row in found.surface_material]
    assert worn == [(0.0, 0.0, 1.0), (1.0, 0.5, 0.0)]


@pytest.mark.parametrize(
    "uri",
    ["../secret.png", "/etc/passwd", "C:\\secret.png", "http://example.org/a.png", "", "a\0b"],
)
def test_no_name_leads_out_of_the_folder(uri: str) -> None:
    assert safe_name(uri) == ""


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret.png"
    Image.new("RGB", (1, 1)).save(secret)
    folder = tmp_path / "town"
    folder.mkdir()
    (folder / "link.png").symlink_to(secret)
    assert Pictures(folder).find("link.png") == ""


def test_a_picture_is_found_beside_the_source_by_its_last_name(tmp_path: Path) -> None:
    Image.new("RGB", (3, 2)).save(tmp_path / "a.png")
    pictures = Pictures(tmp_path)
    assert pictures.find("elsewhere/a.png") == "a.png"
    assert pictures.size("a.png") == (3, 2)
    (tmp_path / "b.png").write_bytes(b"no picture")
    assert pictures.size("b.png") is None


def test_targets_that_are_not_there_are_counted(gml: Any) -> None:
    result = gml.read(house(gml), more=theme(colour("#wall", "#nobody")))
    assert the_appearances(result).surface_material.tolist() == [0, -1]
    (issue,) = result.issues
    assert (issue.code, issue.severity) == ("appearance-target", "info")
    assert "#nobody" in issue.message


def test_appearances_of_the_whole_model_reach_every_unit(gml: Any) -> None:
    """They stand once, behind the last member; targets in other units are no fault."""
    first = house(gml)
    second = house(gml)
    for name in ("wall", "front", "front_ring", "roof", "roof_ring", "roofs", "house"):
        second = second.replace(f'"{name}"', f'"{name}2"')
    path = gml.write(first, second, more=theme(colour("#wall"), colour("#wall2", rgb="0 0 1")))
    units = list_units(path, "town.gml", unit_bytes=100)
    assert len(units) == 2
    for unit, rgb in zip(units, ((1.0, 0.5, 0.0), (0.0, 0.0, 1.0)), strict=True):
        result = read_reference(unit, ReadOptions())
        found = the_appearances(result)
        assert found.materials[found.surface_material[0]].diffuse == rgb
        assert result.issues == ()
