"""citymodel.transforms.weld."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.testing import assert_allclose

from citymodel import Appearances, CityModel, Material, SurfaceType
from citymodel.metric import merged_vertices
from citymodel.solids import solid_volumes
from citymodel.testing import (
    Piece,
    Ring,
    askew_hamlet,
    askew_house,
    assert_models_equal,
    build_model,
    gable_house,
)
from citymodel.transforms import weld


def _slab(ring: Ring, *holes: Ring) -> CityModel:
    return build_model([Piece("slab", [(SurfaceType.ROOF_SURFACE, [ring, *holes])])])


def test_copies_of_a_corner_become_one_vertex() -> None:
    """A gable house has ten corners, however often its surfaces name them."""
    model = askew_house()
    welded, issues = weld(model)
    assert (len(model.vertices), len(welded.vertices)) == (30, 10)
    assert issues == []
    assert_allclose(welded.corners, model.corners, atol=0)


def test_volume_and_all_tables_survive() -> None:
    """Only vertices and the rows that point at them change."""
    model = askew_hamlet()
    welded, _ = weld(model)
    assert_allclose(solid_volumes(welded), [360, 360, 120, 1500])
    restored = replace(welded, vertices=model.vertices, ring_vertices=model.ring_vertices)
    assert_models_equal(restored, model)


def test_near_copies_merge_wherever_a_grid_line_would_run() -> None:
    """A hair to both sides of any place: neighbours are found by distance."""
    rng = np.random.default_rng(5)
    places = rng.uniform(0, 100, (2000, 3))
    hair = rng.uniform(-1, 1, (2000, 3)) * 2e-4
    merged = merged_vertices(np.concatenate([places, places + hair]), 0.001)
    assert (merged[:2000] == np.arange(2000)).all()
    assert (merged[2000:] == np.arange(2000)).all()


def test_what_is_farther_apart_than_the_tolerance_stays_apart() -> None:
    """Two millimetres are two places, with a larger tolerance one."""
    pair = np.array([[0.0, 0, 0], [0.0012, 0.0012, 0.0012]])
    assert merged_vertices(pair, 0.001).tolist() == [0, 1]
    assert merged_vertices(pair, 0.003).tolist() == [0, 0]


def test_no_vertex_moves_to_a_place_where_there_was_none() -> None:
    """The first of those that merge stays where it is."""
    model = askew_house()
    vertices = model.vertices.copy()
    vertices[7] += 0.0004
    welded, _ = weld(replace(model, vertices=vertices))
    known = {tuple(vertex) for vertex in vertices}
    assert {tuple(vertex) for vertex in welded.vertices} <= known


def test_an_edge_below_the_tolerance_is_closed_and_told() -> None:
    """The ring keeps its form with a corner less."""
    ring = [(0.0, 0, 5), (4, 0, 5), (4, 0.0005, 5), (4, 3, 5), (0, 3, 5)]
    welded, issues = weld(_slab(ring))
    assert np.diff(welded.ring_offsets).tolist() == [4]
    assert [(issue.code, issue.severity, issue.gml_id) for issue in issues] == [
        ("edge-closed", "info", "slab")
    ]
    assert "1 edges below 1 mm" in issues[0].message


def test_a_hole_that_collapses_leaves_the_surface() -> None:
    """A pinprick is no courtyard."""
    ring = [(0.0, 0, 5), (4, 0, 5), (4, 3, 5), (0, 3, 5)]
    pinprick = [(1, 1, 5), (1, 1.0004, 5), (1.0004, 1, 5)]
    welded, issues = weld(_slab(ring, pinprick))
    assert welded.surface_offsets.tolist() == [0, 1]
    assert [(issue.code, issue.severity) for issue in issues] == [("hole-collapsed", "warning")]


def test_a_surface_that_collapses_takes_its_holes_along() -> None:
    """Otherwise the hole would become an exterior ring."""
    sliver = [(0.0, 0, 5), (0.0004, 0, 5), (0, 0.0004, 5)]
    hole = [(1.0, 1, 5), (1, 2, 5), (2, 1, 5)]
    whole = gable_house()[0]
    piece = replace(whole, faces=[*whole.faces, (SurfaceType.WALL_SURFACE, [sliver, hole])])
    welded, issues = weld(build_model([piece]))
    assert len(welded.surface_type) == 7
    assert [issue.code for issue in issues] == ["surface-collapsed"]
    assert issues[0].gml_id == "gable"


def test_appearances_follow_corners_and_surfaces() -> None:
    """Texture coordinates belong to corners, materials to surfaces."""
    ring = [(0.0, 0, 5), (4, 0, 5), (4, 0.0005, 5), (4, 3, 5), (0, 3, 5)]
    model = _slab(ring)
    coordinates = np.arange(10, dtype=np.float32).reshape(5, 2)
    worn = Appearances((Material(),), np.zeros(1, np.int32), coordinates)
    welded, _ = weld(replace(model, appearances=worn))
    assert welded.appearances is not None
    assert len(welded.appearances.texture_coordinates) == 4
    assert set(welded.appearances.texture_coordinates[:, 0]) < {0.0, 2.0, 4.0, 6.0, 8.0}


def test_a_model_without_geometry_stays_empty() -> None:
    """Objects without geometry are nothing to weld."""
    model = build_model([Piece("bare")])
    welded, issues = weld(model)
    assert issues == []
    assert_models_equal(welded, model)
