"""citymodel.checks.closed, citymodel.checks.oriented and citymodel.solids."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.testing import assert_allclose

from citykernel.crs import parse_crs
from citymodel import GeometryType, SurfaceType
from citymodel.checks import check_closed, check_oriented
from citymodel.metric import metric_vertices
from citymodel.solids import solid_edges, solid_volumes
from citymodel.testing import (
    Piece,
    askew_hamlet,
    askew_house,
    build_model,
    gable_house,
    house_with_parts,
)


def _turned(piece: Piece, *rows: int) -> Piece:
    """Turn over some faces."""
    faces = [*piece.faces]
    for row in rows:
        kind, face = faces[row]
        faces[row] = (kind, [[*ring][::-1] for ring in face])
    return replace(piece, faces=faces)


def test_volumes_are_those_of_the_houses() -> None:
    """Gable house, its double as a part, annex, and a courtyard taken off."""
    assert_allclose(solid_volumes(askew_hamlet()), [360, 360, 120, 1500])


def test_volume_does_not_depend_on_where_the_origin_lies() -> None:
    """At the size of UTM coordinates a naive sum loses the volume."""
    far = build_model(gable_house(), origin=(0.0, 0.0, 0.0))
    assert_allclose(solid_volumes(far), [360], rtol=1e-7)


def test_a_solid_without_its_ground_is_open_and_has_no_volume() -> None:
    """Four edges lack their partner."""
    (piece,) = gable_house()
    model = build_model([replace(piece, faces=piece.faces[1:])])
    assert np.isnan(solid_volumes(model)).all()
    issues = check_closed(model)
    assert [(issue.code, issue.severity, issue.gml_id) for issue in issues] == [
        ("solid-open", "info", "gable")
    ]
    assert " 4 edges" in issues[0].message
    assert check_oriented(model) == []


def test_a_corner_within_a_neighbours_edge_opens_the_solid() -> None:
    """The T-vertices of real tiles: the outline is tight, the edges do not match."""
    (piece,) = gable_house()
    faces = [*piece.faces]
    a, b, *rest = faces[1][1][0]
    middle = tuple((x + y) / 2 for x, y in zip(a, b, strict=True))
    faces[1] = (faces[1][0], [[a, middle, b, *rest]])  # type: ignore[list-item]
    model = build_model([replace(piece, faces=faces)])
    assert solid_edges(model).open_edges.tolist() == [3]
    assert [issue.code for issue in check_closed(model)] == ["solid-open"]


def test_a_turned_surface_is_told_from_a_missing_one() -> None:
    """All edges are used twice, but the wrong way along one surface."""
    model = build_model([_turned(gable_house()[0], 2)])
    edges = solid_edges(model)
    assert (edges.open_edges.tolist(), edges.turned_edges.tolist()) == ([0], [4])
    assert not edges.closed.any()
    assert check_closed(model) == []
    issues = check_oriented(model)
    assert [issue.code for issue in issues] == ["surfaces-turned"]
    assert " 4 edges" in issues[0].message


def test_a_solid_that_is_inside_out_is_named_with_its_volume() -> None:
    """Its roof looks down and its ground up, too."""
    issues = check_oriented(build_model([_turned(gable_house()[0], *range(7))]))
    assert [issue.code for issue in issues] == [
        "solid-inside-out", "roof-faces-down", "ground-faces-up"
    ]  # fmt: skip
    assert "-360.0 m3" in issues[0].message
    assert issues[1].message == "roof surfaces that look down: 2"


def test_edges_of_different_solids_are_no_partners() -> None:
    """Two parts without the surfaces between them close together, but neither for itself."""
    pieces = [
        replace(piece, faces=[f for f in piece.faces if f[0] != SurfaceType.CLOSURE_SURFACE])
        for piece in house_with_parts()
    ]
    edges = solid_edges(build_model(pieces))
    assert edges.open_edges.tolist() == [4, 4]
    assert not edges.closed.any()


def test_near_corners_count_as_one() -> None:
    """Sources round to millimetres, each surface for itself."""
    model = askew_house()
    vertices = model.vertices + np.random.default_rng(3).uniform(-2e-4, 2e-4, (30, 3))
    shaken = replace(model, vertices=vertices)
    assert_allclose(solid_volumes(shaken), [360], atol=0.2)
    assert not solid_edges(shaken, tolerance_m=0.0).closed.any()


def test_a_closed_shell_that_is_no_solid_has_a_volume_but_no_issue() -> None:
    """Nobody claimed that it encloses anything."""
    piece = replace(
        _turned(gable_house()[0], 2, *range(5)), geometry=GeometryType.MULTI_SURFACE
    )
    assert check_closed(build_model([piece])) == []
    whole = replace(gable_house()[0], geometry=GeometryType.MULTI_SURFACE)
    assert_allclose(solid_volumes(build_model([whole])), [360])


def test_degrees_are_measured_in_metres() -> None:
    """A house of Japan in degrees has the same volume to 0.1 %."""
    model = askew_house()
    # One degree near 35.7 N: 90,500 m of longitude and 110,950 m of latitude, by the
    # geodesic of PROJ (pyproj.Geod, GRS80).
    degrees = model.vertices / [90_505.6, 110_954.8, 1.0]
    place = np.array([139.7, 35.7, 40.0])
    crs = parse_crs("http://www.opengis.net/def/crs/EPSG/0/6697")
    japan = replace(model, crs=crs, origin=place, vertices=degrees)
    assert_allclose(metric_vertices(japan), model.vertices, atol=0.01)
    assert_allclose(solid_volumes(japan), [360], rtol=1e-3)


def test_a_model_without_geometry_has_nothing_to_close() -> None:
    """Empty arrays in, empty arrays out."""
    model = build_model([Piece("bare")])
    assert solid_volumes(model).shape == (0,)
    assert check_closed(model) == check_oriented(model) == []
