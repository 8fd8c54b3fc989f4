"""tiles.structure."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from citykernel.frame import LocalFrame
from tiles import Bounds, Tile, enclose, tileset_dict

metres = st.floats(-5000, 5000).map(lambda value: round(value, 4))
points = st.lists(st.tuples(metres, metres, metres), min_size=1, max_size=10)


def _inside(point: np.ndarray, box: list[float]) -> bool:
    """Whether a point lies in a 3D Tiles box, whatever its axes."""
    centre, axes = np.array(box[:3]), np.array(box[3:]).reshape(3, 3)
    along = axes @ (point - centre)
    return bool((np.abs(along) <= (axes * axes).sum(axis=1) + 1e-9).all())


@given(points, st.floats(0.001, 2))
def test_the_box_holds_its_points(
    cloud: list[tuple[float, float, float]], margin_m: float
) -> None:
    """Also after rounding to millimetres, which the margin pays for."""
    box = Bounds.around(np.array(cloud), margin_m=margin_m).box()
    assert len(box) == 12
    assert all(_inside(np.array(point), box) for point in cloud)


@given(points, points)
def test_a_union_holds_both(
    one: list[tuple[float, float, float]], two: list[tuple[float, float, float]]
) -> None:
    """And nothing more: it is the bounds of all points."""
    union = Bounds.around(np.array(one)).union(Bounds.around(np.array(two)))
    assert union == Bounds.around(np.array(one + two))


def _tree() -> Tile:
    """A parent smaller and surer than its children: what must not be written."""
    far = Tile(Bounds((10, 0, 0), (20, 5, 3)), 2.0, "far.glb")
    overhanging = Tile(Bounds((-3, -1, 0), (5, 5, 30)), 0.0, "near.glb")
    middle = Tile(Bounds((0, 0, 0), (5, 5, 5)), 1.0, "middle.glb", [overhanging, far])
    return Tile(Bounds((0, 0, 0), (1, 1, 1)), 0.5, "", [middle])


def test_parents_hold_their_children() -> None:
    """However far a house overhangs its cell."""
    root = enclose(_tree())
    assert root.bounds == Bounds((-3, -1, 0), (20, 5, 30))
    assert root.children[0].bounds == root.bounds


def test_errors_never_grow_downwards() -> None:
    """A client would stop at the parent and never load the better child."""
    root = enclose(_tree())
    assert root.geometric_error_m == 2.0
    assert root.children[0].geometric_error_m == 2.0
    assert [child.geometric_error_m for child in root.children[0].children] == [0.0, 2.0]


def test_contents_are_listed_from_the_top() -> None:
    """A tile without content is not among them."""
    assert _tree().contents() == ["middle.glb", "near.glb", "far.glb"]


def test_a_tileset_says_where_it_stands_and_who_made_the_data() -> None:
    """The frame's matrix, REPLACE, the attribution, and plain JSON without NaN."""
    frame = LocalFrame(8.1, 51.57, 140.0)
    town = {"title": 'Soest "am Hellweg" 🏠', "copyright": "Geobasis NRW"}
    document = tileset_dict(enclose(_tree()), frame, town)
    text = json.dumps(document, allow_nan=False)
    assert json.loads(text) == document
    assert document["asset"]["version"] == "1.1"
    assert document["asset"]["copyright"] == "Geobasis NRW"
    assert document["root"]["refine"] == "REPLACE"
    matrix = np.array(document["root"]["transform"]).reshape(4, 4).T
    assert_allclose(matrix @ [1, 2, 3, 1], [*frame.to_earth(np.array([[1, 2, 3]]))[0], 1])
    values = document["metadata"]["properties"]
    assert values["title"] == town["title"]
    assert values["height_accuracy_m"] == -9999.0
    assert set(values) == set(document["schema"]["classes"]["town"]["properties"])


@pytest.mark.parametrize("accuracy_m", [0.0, 0.02])
def test_a_known_accuracy_is_told(accuracy_m: float) -> None:
    """Zero is a number and not a missing one."""
    town = {"height_accuracy_m": accuracy_m}
    document = tileset_dict(_tree(), LocalFrame(8.1, 51.57, 140.0), town)
    assert document["metadata"]["properties"]["height_accuracy_m"] == accuracy_m


def test_the_tilesets_error_is_the_whole_town() -> None:
    """Without the tileset everything is missing: the diagonal of its bounds."""
    document = tileset_dict(enclose(_tree()), LocalFrame(8.1, 51.57, 140.0), {})
    assert_allclose(document["geometricError"], np.linalg.norm([23, 6, 30]), atol=1e-3)


def test_a_box_written_down_still_holds_the_boxes_in_it() -> None:
    """Rounding centre and half axes each for itself moved one side in three inwards."""
    rng = np.random.default_rng(7)
    for low, high, share in zip(
        rng.uniform(-3000, 0, (300, 3)), rng.uniform(1, 3000, (300, 3)), rng.random((300, 3)),
        strict=True,
    ):  # fmt: skip
        inner = Bounds(tuple((low * share).tolist()), tuple(high.tolist()))
        numbers = [
            np.array(box).reshape(4, 3)
            for box in (inner.box(), Bounds(tuple(low.tolist()), inner.high).box())
        ]
        (small, large) = ((box[0], np.diag(box[1:])) for box in numbers)
        assert (small[0] - small[1] <= inner.low).all()
        assert (small[0] + small[1] >= inner.high).all()
        assert (large[0] - large[1] <= small[0] - small[1] + 1e-9).all()
        assert (large[0] + large[1] >= small[0] + small[1] - 1e-9).all()
