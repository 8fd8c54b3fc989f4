"""citymodel.transforms.orient."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.testing import assert_allclose

from citymodel import Appearances, CityModel, GeometryType, Material
from citymodel.solids import solid_volumes
from citymodel.testing import (
    Piece,
    askew_hamlet,
    askew_house,
    assert_models_equal,
    build_model,
    courtyard_house,
    gable_house,
)
from citymodel.transforms import orient


def _inside_out(piece: Piece) -> Piece:
    """Turn over every ring, each from the same first corner."""
    faces = [(kind, [[r[0], *r[:0:-1]] for r in face]) for kind, face in piece.faces]
    return replace(piece, faces=faces)


def _with_texture(model: CityModel) -> CityModel:
    numbers = np.arange(len(model.ring_vertices) * 2, dtype=np.float32).reshape(-1, 2)
    worn = np.zeros(len(model.surface_type), np.int32)
    return replace(model, appearances=Appearances((Material(),), worn, numbers))


def test_a_right_model_is_left_alone() -> None:
    """The same object comes back, and nothing is told."""
    model = askew_hamlet()
    same, issues = orient(model)
    assert same is model
    assert issues == []


def test_a_solid_that_is_inside_out_is_turned_and_told() -> None:
    """Its volume is positive afterwards, corner for corner what it was meant to be."""
    wrong = build_model([_inside_out(gable_house()[0])])
    assert_allclose(solid_volumes(wrong), [-360])
    mended, issues = orient(wrong)
    assert (mended.corners == askew_house().corners).all()
    assert [(issue.code, issue.severity, issue.gml_id) for issue in issues] == [
        ("solid-turned", "warning", "gable")
    ]
    assert "-360.0 m3" in issues[0].message


def test_only_the_wrong_solid_of_several_is_turned() -> None:
    """A neighbour keeps its rings."""
    right = gable_house("right", at=(30, 0, 0))
    mended, issues = orient(build_model([_inside_out(gable_house()[0]), *right]))
    assert (mended.corners == build_model([*gable_house(), *right]).corners).all()
    assert [issue.gml_id for issue in issues] == ["gable"]


def test_an_open_solid_is_not_guessed_at() -> None:
    """Without its ground it is not known what is inside."""
    piece = _inside_out(gable_house()[0])
    model = build_model([replace(piece, faces=piece.faces[1:])])
    same, issues = orient(model)
    assert_models_equal(same, model)
    assert issues == []


def test_surfaces_that_are_no_solid_may_face_inwards() -> None:
    """The walls of a room do so by right."""
    piece = replace(_inside_out(gable_house()[0]), geometry=GeometryType.MULTI_SURFACE)
    model = build_model([piece])
    assert orient(model)[1] == []


def test_a_hole_that_runs_like_its_ring_is_turned() -> None:
    """And the solid closes again: its edges have partners the other way."""
    (piece,) = courtyard_house()
    kind, (ring, hole) = piece.faces[1]
    faces = [*piece.faces]
    faces[1] = (kind, [ring, [hole[0], *hole[:0:-1]]])
    wrong = build_model([replace(piece, faces=faces)])
    assert np.isnan(solid_volumes(wrong)).all()
    mended, issues = orient(wrong)
    assert (mended.corners == build_model([piece]).corners).all()
    assert [(issue.code, issue.gml_id) for issue in issues] == [("hole-turned", "courtyard")]


def test_texture_coordinates_turn_with_their_corners() -> None:
    """Each corner keeps its own pair."""
    wrong = _with_texture(build_model([_inside_out(gable_house()[0])]))
    mended, _ = orient(wrong)
    assert wrong.appearances is not None
    assert mended.appearances is not None
    before = dict(
        zip(wrong.ring_vertices, wrong.appearances.texture_coordinates[:, 0], strict=True)
    )
    after = dict(
        zip(mended.ring_vertices, mended.appearances.texture_coordinates[:, 0], strict=True)
    )
    assert before == after


def test_a_model_without_geometry_is_left_alone() -> None:
    """Nothing to turn."""
    model = build_model([Piece("bare")])
    assert orient(model) == (model, [])
