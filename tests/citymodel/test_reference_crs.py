"""citymodel.readers.reference: which system coordinates are in."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from citykernel.errors import CrsError
from citymodel import CityModel
from citymodel.readers.unit import ReadOptions, UnitResult

ROOF = [(0, 0, 3), (8, 0, 3), (8, 6, 3), (0, 6, 3)]


def the_model(result: UnitResult) -> CityModel:
    assert result.model is not None
    return result.model


def house(gml: Any, name: str = "") -> str:
    geometry = gml.multi(gml.polygon(ROOF))
    if name:
        geometry = geometry.replace(
            "<gml:MultiSurface>", f'<gml:MultiSurface srsName="{name}">'
        )
    inside = f"<bldg:lod2MultiSurface>{geometry}</bldg:lod2MultiSurface>"
    building: str = gml.building(inside)
    return building


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("urn:adv:crs:ETRS89_UTM32*DE_DHHN2016_NH*GCG2016", "EPSG:25832+7837"),
        ("urn:ogc:def:crs,crs:EPSG::25832,crs:EPSG::5783", "EPSG:25832+5783"),
        ("EPSG:25832", "EPSG:25832"),
    ],
)
def test_the_envelope_says_the_system(gml: Any, name: str, known: str) -> None:
    assert str(the_model(gml.read(house(gml), crs=name)).crs) == known


def test_a_geometry_says_it_where_the_envelope_does_not(gml: Any) -> None:
    assert str(the_model(gml.read(house(gml, "EPSG:25832"), crs="")).crs) == "EPSG:25832"


def test_none_at_all_asks_for_the_option_and_takes_it(gml: Any) -> None:
    with pytest.raises(CrsError, match=r"town0\.gml: no coordinate.*--crs"):
        gml.read(house(gml), crs="")
    model = the_model(gml.read(house(gml), crs="", options=ReadOptions(crs="EPSG:25832+7837")))
    assert str(model.crs) == "EPSG:25832+7837"


def test_a_local_system_asks_for_the_option_and_gives_way_to_it(gml: Any) -> None:
    with pytest.raises(CrsError, match=r"#local-CRS-1.*--crs"):
        gml.read(house(gml), crs="#local-CRS-1")
    options = ReadOptions(crs="EPSG:25832")
    assert (
        str(the_model(gml.read(house(gml), crs="#local-CRS-1", options=options)).crs)
        == "EPSG:25832"
    )


def test_what_the_source_says_goes_before_the_option(gml: Any) -> None:
    options = ReadOptions(crs="EPSG:25833")
    assert the_model(gml.read(house(gml), options=options)).crs.horizontal == 25832


def test_two_systems_in_one_file_are_refused_by_both_names(gml: Any) -> None:
    with pytest.raises(CrsError, match="EPSG:25833") as caught:
        gml.read(house(gml, "EPSG:25833"))
    assert "ETRS89_UTM32" in str(caught.value)


def test_two_names_of_one_system_are_one(gml: Any) -> None:
    """The one that knows the heights is kept."""
    model = the_model(gml.read(house(gml, "EPSG:25832")))
    assert str(model.crs) == "EPSG:25832+7837"


def test_an_address_point_in_degrees_does_not_count(gml: Any) -> None:
    point = (
        '<bldg:address><core:Address><core:multiPoint><gml:MultiPoint srsName="EPSG:4326">'
        "<gml:pointMember><gml:Point><gml:pos>51.5 8.1 0</gml:pos></gml:Point>"
        "</gml:pointMember>"
        "</gml:MultiPoint></core:multiPoint></core:Address></bldg:address>"
    )
    markup = house(gml).replace("</bldg:Building>", f"{point}</bldg:Building>")
    assert the_model(gml.read(markup)).crs.horizontal == 25832


def test_latitude_first_is_turned_to_longitude_first(gml: Any) -> None:
    text = "35.2 139.7 3 35.2 139.7001 3 35.2001 139.7001 3 35.2 139.7 3"
    ring = f"<gml:LinearRing><gml:posList>{text}</gml:posList></gml:LinearRing>"
    polygon = f"<gml:Polygon><gml:exterior>{ring}</gml:exterior></gml:Polygon>"
    markup = gml.building(
        f"<bldg:lod2MultiSurface>{gml.multi(polygon)}</bldg:lod2MultiSurface>"
    )
    model = the_model(gml.read(markup, crs="http://www.opengis.net/def/crs/EPSG/0/6697"))
    np.testing.assert_allclose(model.corners[0] + model.origin, (139.7, 35.2, 3))
