"""citymodel.readers.reference: what objects say of themselves."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from citykernel.errors import ReadError
from citymodel import CityModel, Column
from citymodel.readers.reference.attributes import to_number, ucum
from citymodel.readers.unit import UnitResult

XAL2 = (
    "<bldg:address><core:Address><core:xalAddress><xAL:AddressDetails><xAL:Country>"
    "<xAL:CountryName>Germany</xAL:CountryName><xAL:Locality Type='Town'>"
    "<xAL:LocalityName>Soest</xAL:LocalityName><xAL:Thoroughfare Type='Street'>"
    "<xAL:ThoroughfareNumber>12</xAL:ThoroughfareNumber>"
    "<xAL:ThoroughfareNumberSuffix>a</xAL:ThoroughfareNumberSuffix>"
    "<xAL:ThoroughfareName>Jakobistraße</xAL:ThoroughfareName></xAL:Thoroughfare>"
    "<xAL:PostalCode><xAL:PostalCodeNumber>59494</xAL:PostalCodeNumber></xAL:PostalCode>"
    "</xAL:Locality></xAL:Country></xAL:AddressDetails></core:xalAddress></core:Address>"
    "</bldg:address>"
)
XAL3 = (
    "<bldg:address><core:Address><core:xalAddress><xAL3:Address>"
    "<xAL3:Country><xAL3:NameElement>Germany</xAL3:NameElement></xAL3:Country>"
    "<xAL3:Locality><xAL3:NameElement>Soest</xAL3:NameElement></xAL3:Locality>"
    "<xAL3:Thoroughfare><xAL3:Number>12a</xAL3:Number>"
    "<xAL3:NameElement>Jakobistraße</xAL3:NameElement></xAL3:Thoroughfare>"
    "<xAL3:PostCode><xAL3:Identifier>59494</xAL3:Identifier></xAL3:PostCode>"
    "</xAL3:Address></core:xalAddress></core:Address></bldg:address>"
)


def the_model(result: UnitResult) -> CityModel:
    assert result.model is not None
    return result.model


def columns(gml: Any, *inside: str, version: str = "2.0") -> dict[str, Column]:
    return the_model(gml.read(gml.building(*inside), version=version)).objects.attributes


def generic(kind: str, value: str, name: str = "A", uom: str = "") -> str:
    unit = f' uom="{uom}"' if uom else ""
    return (
        f'<gen:{kind}Attribute name="{name}"><gen:value{unit}>{value}</gen:value>'
        f"</gen:{kind}Attribute>"
    )


def generic3(kind: str, value: str, name: str = "A", uom: str = "") -> str:
    unit = f' uom="{uom}"' if uom else ""
    return (
        f"<core:genericAttribute><gen:{kind.capitalize()}Attribute><gen:name>{name}</gen:name>"
        f"<gen:value{unit}>{value}</gen:value></gen:{kind.capitalize()}Attribute>"
        "</core:genericAttribute>"
    )


@pytest.mark.parametrize("version", ["1.0", "2.0", "3.0"])
@pytest.mark.parametrize(
    ("kind", "value", "expected", "typed"),
    [
        ("string", "Fachwerk &lt;b&gt;", "Fachwerk <b>", "string"),
        ("int", "3", 3.0, "integer"),
        ("double", "2.5", 2.5, "number"),
        ("date", "2026-02-09", "2026-02-09", "date"),
        ("uri", "http://example.org/", "http://example.org/", "uri"),
    ],
)
def test_generic_attributes_keep_their_type(
    gml: Any, version: str, kind: str, value: str, expected: object, typed: str
) -> None:
    write = generic3 if version == "3.0" else generic
    column = columns(gml, write(kind, value), version=version)["A"]
    assert (column.values[0], column.kind, column.source) == (expected, typed, "generic")


@pytest.mark.parametrize("version", ["2.0", "3.0"])
def test_generic_measures_keep_their_unit(gml: Any, version: str) -> None:
    write = generic3 if version == "3.0" else generic
    column = columns(gml, write("measure", "42", uom="m2"), version=version)["A"]
    assert (column.values[0], column.kind, column.unit) == (42.0, "measure", "m2")


def test_sets_of_generic_attributes_are_named_after_the_set(gml: Any) -> None:
    inside = generic("string", "x", "b")
    markup = f'<gen:genericAttributeSet name="S">{inside}</gen:genericAttributeSet>'
    assert columns(gml, markup)["S.b"].values[0] == "x"
    inside = generic3("string", "x", "b").replace(
        "core:genericAttribute>", "gen:genericAttribute>"
    )
    markup = (
        "<core:genericAttribute><gen:GenericAttributeSet><gen:name>S</gen:name>"
        f"{inside}</gen:GenericAttributeSet></core:genericAttribute>"
    )
    assert columns(gml, markup, version="3.0")["S.b"].values[0] == "x"


def test_a_generic_attribute_does_not_hide_a_standard_one(gml: Any) -> None:
    found = columns(
        gml, generic("string", "mine", "function"), "<bldg:function>1000</bldg:function>"
    )
    assert found["function"].values[0] == "1000"
    assert found["generic:function"].values[0] == "mine"


def test_standard_properties_have_snake_case_names_and_types(gml: Any) -> None:
    found = columns(
        gml,
        "<gml:name>Hof\n   Meier</gml:name><core:creationDate>2026-02-09</core:creationDate>",
        "<bldg:class>1000</bldg:class><bldg:roofType>3100</bldg:roofType>",
        "<bldg:yearOfConstruction>1625</bldg:yearOfConstruction>",
        "<bldg:storeysAboveGround>2</bldg:storeysAboveGround>",
        '<bldg:measuredHeight uom="urn:adv:uom:m">9.5</bldg:measuredHeight>',
    )
    assert {name: column.values[0] for name, column in found.items()} == {
        "name": "Hof Meier", "creation_date": "2026-02-09", "class": "1000",
        "roof_type": "3100", "year_of_construction": 1625, "storeys_above_ground": 2,
        "measured_height": 9.5,
    }  # fmt: skip
    assert found["measured_height"].unit == "m"
    assert found["storeys_above_ground"].kind == "integer"


def test_several_texts_are_joined_and_empty_ones_are_none(gml: Any) -> None:
    found = columns(gml, "<bldg:usage>1</bldg:usage><bldg:usage>2</bldg:usage><bldg:roofType/>")
    assert found["usage"].values[0] == "1; 2"
    assert "roof_type" not in found


@pytest.mark.parametrize(
    ("text", "code"),
    [("-3", "height-out-of-bounds"), ("8000", "height-out-of-bounds"), ("NaN", "not-a-number"),
     ("inf", "not-a-number"), ("hoch", "not-a-number")],
)  # fmt: skip
def test_an_absurd_height_is_an_issue_and_never_nan_by_accident(
    gml: Any, text: str, code: str
) -> None:
    height = f'<bldg:measuredHeight uom="m">{text}</bldg:measuredHeight>'
    result = gml.read(gml.building(height))
    (issue,) = result.issues
    assert (issue.code, issue.gml_id) == (code, "house")
    value = the_model(result).objects.attributes["measured_height"].values[0]
    assert np.isnan(value) == (code == "not-a-number")


def test_heights_of_two_units_do_not_share_a_column(gml: Any) -> None:
    first = gml.building(generic("measure", "3", uom="m"), gml_id="a")
    second = gml.building(generic("measure", "9", uom="[ft_i]"), gml_id="b")
    found = the_model(gml.read(first, second)).objects.attributes
    assert found["A"].values[0] == 3
    assert found["A [[ft_i]]"].values[1] == 9


@pytest.mark.parametrize(
    ("uom", "code"),
    [("urn:adv:uom:m", "m"), ("#m", "m"), ("m", "m"), ("urn:ogc:def:uom:EPSG::9001", "m"),
     ("#m2", "m2"), ("Scheffel", "Scheffel")],
)  # fmt: skip
def test_units_are_ucum_where_they_are_known(uom: str, code: str) -> None:
    assert ucum(uom) == code


def test_years_may_carry_a_zone() -> None:
    assert to_number("1925+01:00", year=True) == 1925
    assert np.isnan(to_number("1_0"))


def height3(value: str, status: str = "measured", high: str = "highestRoofEdge") -> str:
    return (
        f"<con:height><con:Height><con:highReference>{high}</con:highReference>"
        f"<con:lowReference>lowestGroundPoint</con:lowReference><con:status>{status}</con:status>"
        f'<con:value uom="#m">{value}</con:value></con:Height></con:height>'
    )


def test_a_height_of_citygml_3_is_the_measured_height(gml: Any) -> None:
    found = columns(
        gml, height3("9.5"), height3("6", high="generalEave"),
        "<con:dateOfConstruction>1929-01-01</con:dateOfConstruction>", version="3.0",
    )  # fmt: skip
    assert found["measured_height"].values[0] == 9.5
    assert found["height.generalEave"].values[0] == 6
    assert found["year_of_construction"].values[0] == 1929


def test_a_status_citygml_3_does_not_know_drops_the_object(gml: Any) -> None:
    """Alone it is an error with line and id; beside sound objects it is an issue."""
    bad = gml.building(height3("9.5", "unknown"))
    with pytest.raises(ReadError, match=r"unknown.*estimated or measured") as caught:
        gml.read(bad, version="3.0")
    assert caught.value.gml_id == "house"
    assert caught.value.line is not None
    result = gml.read(bad, gml.building(gml_id="sound"), version="3.0")
    assert the_model(result).objects.id.tolist() == ["sound"]
    (issue,) = result.issues
    assert (issue.gml_id, issue.dropped, issue.code) == ("house", True, "invalid-object")


def test_data_types_of_citygml_3_are_told_leaf_by_leaf(gml: Any) -> None:
    markup = (
        "<core:qualifiedArea><core:QualifiedArea><core:area uom='m2'>120</core:area>"
        "<core:typeOfArea>footprint</core:typeOfArea></core:QualifiedArea></core:qualifiedArea>"
    )
    found = columns(gml, markup, version="3.0")
    assert found["qualified_area.area"].values[0] == 120
    assert found["qualified_area.type_of_area"].values[0] == "footprint"


@pytest.mark.parametrize(("markup", "version"), [(XAL2, "1.0"), (XAL2, "2.0"), (XAL3, "3.0")])
def test_addresses_are_read_with_the_number_before_the_name(
    gml: Any, markup: str, version: str
) -> None:
    table = the_model(gml.read(gml.building(markup), version=version)).objects.addresses
    row = [
        c[0]
        for c in (
            table.country,
            table.locality,
            table.postcode,
            table.thoroughfare,
            table.number,
        )
    ]
    assert row == ["Germany", "Soest", "59494", "Jakobistraße", "12a"]
    assert table.object_ix.tolist() == [0]


def test_several_addresses_stay_with_their_objects(gml: Any) -> None:
    part = gml.building(XAL2, gml_id="part", kind="BuildingPart")
    of_part = f"<bldg:consistsOfBuildingPart>{part}</bldg:consistsOfBuildingPart>"
    table = the_model(gml.read(gml.building(XAL2, XAL2, of_part))).objects.addresses
    assert table.object_ix.tolist() == [0, 0, 1]


def test_external_references_of_all_versions(gml: Any) -> None:
    old = (
        "<core:externalReference><core:informationSystem>http://alkis</core:informationSystem>"
        "<core:externalObject><core:name>DENW1</core:name></core:externalObject>"
        "</core:externalReference>"
    )
    new = (
        "<core:externalReference><core:ExternalReference><core:targetResource>DENW1"
        "</core:targetResource><core:informationSystem>http://alkis</core:informationSystem>"
        "</core:ExternalReference></core:externalReference>"
    )
    for markup, version in ((old, "1.0"), (old, "2.0"), (new, "3.0")):
        table = the_model(
            gml.read(gml.building(markup), version=version)
        ).objects.external_references
        assert (table.system[0], table.name[0]) == ("http://alkis", "DENW1")


def test_attribute_names_without_end_are_cut_off_aloud(
    gml: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("citymodel.readers.reference.attributes.MOST_COLUMNS", 3)
    result = gml.read(gml.building(*(generic("int", "1", f"a{n}") for n in range(5))))
    assert list(the_model(result).objects.attributes) == ["a0", "a1", "a2"]
    assert [issue.code for issue in result.issues] == ["too-many-attributes"]


def test_what_an_extension_says_in_one_word_is_kept_the_rest_counted(gml: Any) -> None:
    result = gml.read(
        gml.building(
            "<ade:noise uom='dB'>58.1</ade:noise><ade:owner>Stadt</ade:owner><ade:empty/>",
            "<ade:detail><ade:Detail><ade:a>1</ade:a></ade:Detail></ade:detail>",
        )
    )
    found = the_model(result).objects.attributes
    assert (found["noise"].values[0], found["noise"].unit, found["noise"].source) == (
        58.1,
        "dB",
        "ade",
    )
    assert (found["owner"].values[0], found["owner"].source) == ("Stadt", "ade")
    assert result.skipped == {
        "{http://example.org/ade}empty": 1, "{http://example.org/ade}Detail": 1,
    }  # fmt: skip
