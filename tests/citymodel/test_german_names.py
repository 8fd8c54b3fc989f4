"""citymodel.german_names."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from citymodel import ObjectType, SurfaceType
from citymodel.german_names import (
    function_name,
    object_type_name,
    roof_type_name,
    surface_type_name,
)


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("31001_1000", "Wohngebäude"),
        ("31001_1010", "Wohnhaus"),
        ("31001_2463", "Garage"),
        ("31001_2720", "Land- und forstwirtschaftliches Betriebsgebäude"),
        ("31001_2721", "Scheune"),
        ("31001_2723", "Schuppen"),
        ("31001_3041", "Kirche"),
        ("31001_9998", "Nach Quellenlage nicht zu spezifizieren"),
        ("51001_1001", "Wasserturm"),
        ("51001_9999", "Sonstiges (Turm)"),
        ("51002_1220", "Windrad"),
        ("51009_1610", "Überdachung"),
        ("53001_1800", "Brücke"),
    ],
)
def test_a_function_code_has_the_name_of_the_official_list(code: str, name: str) -> None:
    """The object type's number belongs to the code."""
    assert function_name(code) == name


@pytest.mark.parametrize("code", ["31001_1011", "99999_1000", "1010", "31001", "51009_1000"])
def test_an_unknown_code_stays_a_code(code: str) -> None:
    """Nothing is invented, and a code without its list could mean several things."""
    assert function_name(code) == f"Code {code}"


def test_a_text_that_is_no_code_is_readable_already() -> None:
    """Sources other than the survey write words."""
    assert function_name("residential building") == "residential building"
    assert roof_type_name("Walmdach") == "Walmdach"
    assert (function_name(""), roof_type_name("")) == ("", "")


def test_the_key_of_a_group_is_no_function() -> None:
    """The data file keeps the object type's name among the codes."""
    assert function_name("31001_object_type") == "31001_object_type"


@pytest.mark.parametrize(
    ("code", "name"),
    [("1000", "Flachdach"), ("3800", "Sheddach"), ("4000", "Turmdach"), ("5000", "Mischform"),
     ("1130", "Mischform"), ("1040", "Walmdach"), ("4711", "Code 4711")],
)  # fmt: skip
def test_a_roof_code_of_either_list_has_a_name(code: str, name: str) -> None:
    """The AdV's codes and those of CityGML 2.0 do not contradict each other."""
    assert roof_type_name(code) == name


def test_every_kind_of_object_and_surface_has_its_own_name() -> None:
    """A new member of the enumeration needs a word, too."""
    objects = [object_type_name(kind) for kind in ObjectType]
    surfaces = [surface_type_name(kind) for kind in SurfaceType]
    assert len(set(objects)) == len(ObjectType)
    assert len(set(surfaces)) == len(SurfaceType)
    assert object_type_name(ObjectType.BUILDING_PART) == "Gebäudeteil"
    assert surface_type_name(SurfaceType.ROOF_SURFACE) == "Dachfläche"


def test_every_code_of_the_open_tiles_is_known(open_data: Path) -> None:
    """What the survey of NRW writes is readable in every tile at hand."""
    unknown = set()
    for path in sorted((open_data / "citygml" / "nrw").rglob("*.gml")):
        text = path.read_text("utf-8")
        for code in re.findall(r"<bldg:function[^>]*>([^<]+)<", text):
            unknown |= {code} if function_name(code).startswith("Code") else set()
        for code in re.findall(r"<bldg:roofType[^>]*>([^<]+)<", text):
            unknown |= {code} if roof_type_name(code).startswith("Code") else set()
    assert unknown == set()
