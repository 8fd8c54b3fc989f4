"""citymodel.model and citymodel.codes."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields, replace
from typing import Any

import numpy as np
import pytest

from citykernel.errors import BoundaryError
from citymodel import CityModel, ObjectType, SurfaceType
from citymodel.testing import askew_hamlet, askew_house


def test_columns_cannot_be_written() -> None:
    """Transforms share them."""
    model = askew_house()
    for name in ("vertices", "origin", "ring_vertices", "surface_type", "geometry_object"):
        with pytest.raises(ValueError, match="read-only"):
            getattr(model, name)[0] = 0
    with pytest.raises(FrozenInstanceError):
        model.crs = model.crs  # type: ignore[misc]


@pytest.mark.parametrize(
    ("name", "values", "message"),
    [
        ("ring_offsets", [0, 4], "ring_offsets run from 0 to 4, but there are 30"),
        ("ring_offsets", [0, 9, 5, 30], "ring_offsets"),
        ("ring_offsets", [], "ring_offsets run from nothing"),
        ("surface_offsets", [1, 7], "surface_offsets"),
        ("geometry_offsets", [0, 3], "geometry_offsets"),
        ("ring_vertices", [30] * 30, "ring_vertices holds 30 to 30, wanted 0 to 29"),
        ("ring_vertices", [-1] * 30, "ring_vertices"),
        ("geometry_object", [1], "geometry_object"),
        ("geometry_object", [-1], "geometry_object"),
    ],
)
def test_offsets_and_rows_that_contradict_each_other_are_refused(
    name: str, values: list[int], message: str
) -> None:
    """A wrong number would move a wall to another house."""
    wrong: dict[str, Any] = {name: np.array(values, np.int32)}
    with pytest.raises(BoundaryError, match=message):
        replace(askew_house(), **wrong)


@pytest.mark.parametrize("parent", [[1], [-2]])
def test_a_parent_that_is_not_there_is_refused(parent: list[int]) -> None:
    """-1 is none, anything else a row."""
    model = askew_house()
    objects = replace(model.objects, parent=np.array(parent, np.int32))
    with pytest.raises(BoundaryError, match="parent"):
        replace(model, objects=objects)


def test_parts_belong_to_the_building_above_them() -> None:
    """Through as many generations as there are."""
    model = askew_hamlet()
    assert model.top_level.tolist() == [0, 1, 1, 1, 4]
    chain = np.array([-1, 0, 1, 2, -1], np.int32)
    deep = replace(model, objects=replace(model.objects, parent=chain))
    assert deep.top_level.tolist() == [0, 0, 0, 0, 4]


def test_surfaces_know_their_object() -> None:
    """By way of their geometry; a building without geometry owns none."""
    owners = askew_hamlet().surface_object
    assert np.bincount(owners, minlength=5).tolist() == [7, 0, 7, 6, 10]


def test_corners_are_vertices_in_the_order_of_rings() -> None:
    """What every calculation starts from."""
    model = askew_house()
    assert (model.corners == model.vertices[model.ring_vertices]).all()


def test_names_are_those_of_citygml() -> None:
    """As the standard writes its classes."""
    assert SurfaceType.OUTER_CEILING_SURFACE.citygml_name == "OuterCeilingSurface"
    assert ObjectType.TIN_RELIEF.citygml_name == "TINRelief"
    assert ObjectType.BRIDGE_CONSTRUCTION_ELEMENT.citygml_name == "BridgeConstructionElement"


def test_numbers_of_types_never_change() -> None:
    """Tiles that were written last year carry them; new ones get new numbers."""
    assert [int(kind) for kind in SurfaceType] == list(range(18))
    assert int(SurfaceType.ROOF_SURFACE) == 3
    kinds = (ObjectType.BUILDING, ObjectType.BUILDING_PART, ObjectType.BRIDGE)
    assert [int(kind) for kind in kinds] == [0, 1, 10]
    assert max(ObjectType) <= 255


def test_every_field_of_the_model_is_described() -> None:
    """Shape and unit stand in the docstring, or nobody can use it."""
    for item in fields(CityModel):
        assert CityModel.__doc__ is not None
        assert f"    {item.name} : " in CityModel.__doc__
