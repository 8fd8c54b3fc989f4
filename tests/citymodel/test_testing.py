"""citymodel.testing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose

from citymodel import CityModel, Column, SurfaceType
from citymodel.boundary import area_vectors
from citymodel.testing import (
    SOEST,
    askew_hamlet,
    askew_house,
    assert_models_equal,
    build_model,
    courtyard_house,
    gable_house,
    house_with_parts,
)


def _area_m2(model: CityModel, kind: SurfaceType) -> float:
    """Area of all surfaces of a kind, holes taken off."""
    lengths = np.linalg.norm(area_vectors(model.corners, model.ring_offsets), axis=1)
    sign = np.full(len(lengths), -1.0)
    sign[model.surface_offsets[:-1]] = 1.0
    areas = np.add.reduceat(lengths * sign, model.surface_offsets[:-1])
    return float(areas[model.surface_type == kind].sum())


@pytest.mark.parametrize(
    ("model", "ground_m2", "wall_m2", "roof_m2"),
    [
        (askew_house(), 80, 132, 100),
        (build_model(house_with_parts()), 120, 156, 140),
        (build_model(courtyard_house()), 300, 600, 300),
    ],
)
def test_areas_are_as_told(
    model: CityModel, ground_m2: float, wall_m2: float, roof_m2: float
) -> None:
    """Whoever tests with these houses relies on the numbers of their docstrings."""
    assert_allclose(_area_m2(model, SurfaceType.GROUND_SURFACE), ground_m2)
    assert_allclose(_area_m2(model, SurfaceType.WALL_SURFACE), wall_m2)
    assert_allclose(_area_m2(model, SurfaceType.ROOF_SURFACE), roof_m2)


def test_counts_of_the_hamlet_are_as_told() -> None:
    """Objects, geometries, surfaces, rings."""
    model = askew_hamlet()
    assert len(model.objects) == 5
    assert len(model.geometry_lod) == 4
    assert len(model.surface_type) == 30
    assert len(model.ring_offsets) - 1 == 32
    assert list(model.objects.parent) == [-1, -1, 1, 1, -1]
    assert set(range(5)) - set(model.geometry_object.tolist()) == {1}


def test_houses_stand_askew_in_soest() -> None:
    """No edge of the ground is parallel to an axis, and the place is real."""
    model = askew_house()
    ground = model.corners[:4]
    edges = np.abs(ground - np.roll(ground, 1, axis=0))[:, :2]
    assert edges.min() > 2
    assert_allclose(model.vertices.min(axis=0) + model.origin, SOEST, atol=8)


def test_a_model_equals_itself_with_another_origin_within_a_tolerance() -> None:
    """Only places count then; to the bit, origins count too."""
    model = askew_house()
    other = build_model(gable_house(), origin=(437_000.0, 5_714_000.0, 0.0))
    assert_models_equal(model, model)
    assert_models_equal(other, model, tolerance_m=1e-8)
    with pytest.raises(AssertionError, match="vertices"):
        assert_models_equal(other, model)


def test_a_difference_is_named_with_its_place() -> None:
    """The message says which column differs, and where first."""
    model = askew_house()
    vertices = model.vertices.copy()
    vertices[3, 2] += 0.002
    kinds = model.surface_type.copy()
    kinds[5] = SurfaceType.WALL_SURFACE
    ids = np.array(["other"], object)
    heights = dict(model.objects.attributes)
    heights["measured_height"] = Column(np.array([5.0]), "measure", "m")
    for changed, message in (
        (replace(model, vertices=vertices), r"vertices\[3, 2\]"),
        (replace(model, surface_type=kinds), r"surface_type\[5\]"),
        (replace(model, objects=replace(model.objects, id=ids)), r"objects\.id\[0\]"),
        (
            replace(model, objects=replace(model.objects, attributes=heights)),
            r"objects\.attributes\.measured_height\.values\[0\]",
        ),
        (replace(model, terrain_points=np.zeros((1, 3))), "terrain_points"),
    ):
        with pytest.raises(AssertionError, match=message):
            assert_models_equal(changed, model, tolerance_m=0.001)
