"""tiles.colours."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from citymodel import Appearances, CityModel, Material, SurfaceType, triangulate
from citymodel.testing import askew_hamlet, askew_house
from tiles.colours import FLAT_ROOF, PITCHED_ROOF, WALL, linear, linear_bytes, surface_colours
from tiles.features import unit_normals


def _colours(model: CityModel) -> np.ndarray:
    shape = triangulate(model.corners, model.ring_offsets, model.surface_offsets)
    return surface_colours(model, unit_normals(shape.area_vectors))


def test_grey_bytes_follow_the_standard() -> None:
    """IEC 61966-2-1 by hand: 0.5 in sRGB is 0.214 of the light, the foot is a straight line."""
    assert linear_bytes(np.array([0.0, 0.5, 1.0])).tolist() == [0, 55, 255]
    assert linear_bytes(np.array([10 / 255])).tolist() == [round(10 / 12.92)]


def test_colours_beyond_one_are_clipped() -> None:
    """X3DMaterial forbids them, files have them."""
    assert linear_bytes(np.array([-0.5, 1.5])).tolist() == [0, 255]


def test_a_gable_roof_is_red_and_a_flat_one_grey() -> None:
    """By pitch, because the code of a mixed roof says nothing of its parts."""
    model = askew_hamlet()
    colours = _colours(model)
    roofs = np.flatnonzero(model.surface_type == SurfaceType.ROOF_SURFACE)
    red = (colours[roofs] == linear(PITCHED_ROOF)).all(axis=1)
    grey = (colours[roofs] == linear(FLAT_ROOF)).all(axis=1)
    assert red.tolist() == [True, True, True, True, False, False]
    assert_array_equal(red, ~grey)


def test_walls_are_render_cream() -> None:
    """All of them."""
    model = askew_house()
    walls = model.surface_type == SurfaceType.WALL_SURFACE
    assert_array_equal(_colours(model)[walls], np.tile(linear(WALL), (4, 1)))


def test_surfaces_without_semantics_are_told_by_where_they_look() -> None:
    """What looks up is a roof, what stands is a wall."""
    model = askew_house()
    plain = replace(model, surface_type=np.zeros_like(model.surface_type))
    colours = _colours(plain)
    walls = model.surface_type == SurfaceType.WALL_SURFACE
    roofs = model.surface_type == SurfaceType.ROOF_SURFACE
    assert_array_equal(colours[walls], np.tile(linear(WALL), (4, 1)))
    assert_array_equal(colours[roofs], np.tile(linear(PITCHED_ROOF), (2, 1)))


@pytest.mark.parametrize("image", ["", "roof.jpg"])
def test_the_sources_own_colour_wins_where_there_is_no_picture(image: str) -> None:
    """A picture's material has no colour of its own: its surface keeps that of its kind."""
    model = askew_house()
    wears = np.full(len(model.surface_type), -1, np.int32)
    wears[1] = 0
    appearances = Appearances(
        (Material(diffuse=(1.0, 0.0, 0.5), image=image),),
        wears,
        np.full((len(model.ring_vertices), 2), np.nan, np.float32),
    )
    before, after = _colours(model), _colours(replace(model, appearances=appearances))
    assert_array_equal(after[1], before[1] if image else [255, 0, 55])
    rest = wears < 0
    assert_array_equal(after[rest], before[rest])
