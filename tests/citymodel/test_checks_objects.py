"""citymodel.checks of ids, heights and emptiness, and all of them together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from citymodel import Column, ObjectType, SurfaceType
from citymodel.checks import (
    check_citymodel,
    check_duplicate_ids,
    check_empty,
    check_measured_height,
)
from citymodel.testing import Piece, askew_hamlet, build_model, gable_house, house_with_parts

FLAT = [(0.0, 0.0, 5.0), (4.0, 0.0, 5.0), (8.0, 0.0, 5.0), (2.0, 0.0, 5.0)]


def test_a_sound_model_has_no_issue() -> None:
    """Holes, parts, closure surfaces and pitched roofs are no faults."""
    assert check_citymodel(askew_hamlet()) == []


def test_an_id_that_two_objects_bear_is_named_once() -> None:
    """With the number of its bearers."""
    model = build_model([*gable_house(), *gable_house(at=(30, 0, 0)), *house_with_parts()])
    issues = check_duplicate_ids(model)
    assert [(issue.code, issue.gml_id) for issue in issues] == [("duplicate-id", "gable")]
    assert issues[0].message.startswith("2 objects")


def test_objects_without_id_are_no_duplicates() -> None:
    """Nothing can refer to them."""
    assert check_duplicate_ids(build_model([Piece(""), Piece("")])) == []


@pytest.mark.parametrize(
    ("height", "wrong"),
    [(-1.0, True), (0.0, True), (0.195, False), (84.098, False), (500.0, False),
     (500.1, True), (float("inf"), True), (float("nan"), False)],
)  # fmt: skip
def test_a_height_is_above_0_and_at_most_500_m(height: float, *, wrong: bool) -> None:
    """Missing is not wrong; infinite is."""
    (piece,) = gable_house()
    model = build_model([replace(piece, attributes={"measured_height": height})])
    issues = check_measured_height(model)
    assert [issue.code for issue in issues] == (["height-out-of-bounds"] if wrong else [])
    assert all(f"{height:g} m" in issue.message for issue in issues)


def test_heights_as_texts_and_models_without_heights_are_left_alone() -> None:
    """The reader tells of a text where a number should stand."""
    bare = build_model([Piece("bare")])
    texts = {"measured_height": Column(np.array(["high"], object))}
    assert check_measured_height(bare) == []
    worded = replace(bare, objects=replace(bare.objects, attributes=texts))
    assert check_measured_height(worded) == []


def test_a_building_whose_parts_have_geometry_is_not_empty() -> None:
    """But one without parts is, and so is a part."""
    assert check_empty(build_model(house_with_parts())) == []
    part = Piece("part", type=ObjectType.BUILDING_PART, parent="house")
    issues = check_empty(build_model([Piece("house"), part]))
    assert [(issue.code, issue.gml_id) for issue in issues] == [
        ("no-geometry", "house"), ("no-geometry", "part")
    ]  # fmt: skip


def test_geometry_is_seen_through_several_generations() -> None:
    """A window's owner's owner is not empty."""
    room = Piece("room", type=ObjectType.BUILDING_PART, parent="house")
    inner = replace(gable_house("inner")[0], type=ObjectType.BUILDING_PART, parent="room")
    assert check_empty(build_model([Piece("house"), room, inner])) == []


def test_other_objects_may_be_without_geometry() -> None:
    """A group or a road may be a mere name."""
    assert check_empty(build_model([Piece("group", type=ObjectType.CITY_OBJECT_GROUP)])) == []


def test_geometry_without_area_is_told() -> None:
    """All corners on one line."""
    model = build_model([Piece("line", [(SurfaceType.ROOF_SURFACE, [FLAT])])])
    issues = check_empty(model)
    assert [(issue.code, issue.gml_id) for issue in issues] == [
        ("geometry-without-area", "line")
    ]
    assert check_citymodel(model)[0] == issues[0]


def test_issues_come_check_by_check_in_the_same_order_each_time() -> None:
    """A report of the same model is the same report."""
    (piece,) = gable_house()
    broken = replace(piece, faces=piece.faces[1:], attributes={"measured_height": -1.0})
    model = build_model([broken, broken])
    codes = [issue.code for issue in check_citymodel(model)]
    assert codes == [
        "duplicate-id",
        "height-out-of-bounds",
        "height-out-of-bounds",
        "solid-open",
        "solid-open",
    ]
    assert check_citymodel(model) == check_citymodel(model)
