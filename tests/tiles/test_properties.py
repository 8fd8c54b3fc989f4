"""tiles.properties."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from citymodel import CityModel, Column, SurfaceType
from citymodel.testing import SOEST, askew_hamlet, build_model, gable_house, house_with_parts
from tiles import Features
from tiles.columns import NumberColumn, TextColumn
from tiles.properties import PROPERTIES, drawn_surfaces

Featured = Callable[[CityModel], Features]


def _texts(features: Features, name: str) -> list[str]:
    column = features.columns[name]
    assert isinstance(column, TextColumn)
    return column.texts()


def _numbers(features: Features, name: str) -> np.ndarray:
    column = features.columns[name]
    assert isinstance(column, NumberColumn)
    return column.values


def test_every_feature_has_every_property(featured: Featured) -> None:
    """In the order of the table."""
    features = featured(askew_hamlet())
    assert tuple(features.columns) == tuple(PROPERTIES)
    assert {len(column) for column in features.columns.values()} == {4}


def test_parts_name_their_building(featured: Featured) -> None:
    """A click on a part leads to the house."""
    features = featured(askew_hamlet())
    assert _texts(features, "gml_id") == ["gable", "parts-main", "parts-annex", "courtyard"]
    assert _texts(features, "building_id") == ["gable", "parts", "parts", "courtyard"]
    kinds = ["Building", "BuildingPart", "BuildingPart", "Building"]
    assert _texts(features, "object_type") == kinds


def test_parts_inherit_what_only_their_building_says(featured: Featured) -> None:
    """Function and address stand at the building, roof and height at the part."""
    features = featured(askew_hamlet())
    assert _texts(features, "function")[1:3] == ["31001_2463"] * 2
    addresses = _texts(features, "address")
    assert addresses[1:3] == ["Osthofenstraße 12a, Musterstadt"] * 2
    assert addresses[3] == ""
    assert _texts(features, "roof_type") == ["3100", "3100", "1000", "1000"]
    assert_array_equal(_numbers(features, "measured_height"), [6, 6, 3, 5])


def test_codes_are_said_in_german_too(featured: Featured) -> None:
    """Beside the code, which stays."""
    features = featured(askew_hamlet())
    assert _texts(features, "roof_type_name") == [
        "Satteldach",
        "Satteldach",
        "Flachdach",
        "Flachdach",
    ]
    assert all(_texts(features, "function_name"))


def test_missing_values_are_empty_or_nan(featured: Featured) -> None:
    """Nothing is invented."""
    features = featured(askew_hamlet())
    assert set(_texts(features, "name")) == {""}
    assert set(_texts(features, "municipality_key")) == {""}
    assert np.isnan(_numbers(features, "storeys")).all()
    assert np.isnan(_numbers(features, "year_of_construction")).all()


def test_heights_are_those_of_the_source(featured: Featured) -> None:
    """DHHN2016, whatever the tileset's frame: ground 95.21 m, ridge 6 m above."""
    features = featured(build_model(gable_house()))
    assert_allclose(_numbers(features, "ground_height_dhhn2016"), SOEST[2], atol=1e-6)
    assert_allclose(_numbers(features, "roof_height_dhhn2016"), SOEST[2] + 6, atol=1e-6)


HOSTILE = ["Münster & Söhne", "</script><img src=x onerror=alert(1)>", "a\"b'c", "🏠 日本"]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_stay_as_they_are(featured: Featured, name: str) -> None:
    """What is shown escapes them; what is stored does not touch them."""
    features = featured(build_model(gable_house(name)))
    assert _texts(features, "gml_id") == [name]


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("1974", 1974),
        ("1974-05-01", 1974),
        ("1974-01-01Z", 1974),
        ("", None),
        ("um 1900", None),
    ],
)
def test_years_come_as_years_or_dates(featured: Featured, text: str, year: int | None) -> None:
    """CityGML 1.0 writes a year, 3.0 a date; what is neither is missing."""
    model = build_model(gable_house())
    attributes = {"year_of_construction": Column(np.array([text], object), kind="date")}
    model = replace(model, objects=replace(model.objects, attributes=attributes))
    expected = np.nan if year is None else year
    assert_array_equal(_numbers(featured(model), "year_of_construction"), [expected])


def test_the_municipality_key_is_a_generic_attribute(featured: Featured) -> None:
    """NRW writes it at the building; parts inherit it."""
    model = build_model(house_with_parts())
    key = Column(np.array(["05974040", "", ""], object), source="generic")
    objects = replace(
        model.objects, attributes={**model.objects.attributes, "Gemeindeschluessel": key}
    )
    features = featured(replace(model, objects=objects))
    assert _texts(features, "municipality_key") == ["05974040"] * 2


def test_closures_are_not_drawn() -> None:
    """Both copies of the surface between two parts."""
    model = askew_hamlet()
    hidden = ~drawn_surfaces(model)
    assert hidden.sum() == 2
    assert set(model.surface_type[hidden]) == {SurfaceType.CLOSURE_SURFACE}
