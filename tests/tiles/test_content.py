"""tiles.content."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from PIL import Image

from citykernel.crs import Geocentric
from citykernel.frame import LocalFrame
from citymodel import Appearances, CityModel, Material
from citymodel.testing import askew_hamlet, askew_house, build_model, gable_house
from tiles import ContentOptions, Features, build_features
from tiles.columns import TextColumn
from tiles.content import TileContent, build_content, feature_offsets
from tiles.properties import COARSE_PROPERTIES, PROPERTIES
from tiles.subdivide import Cell

Decode = Callable[[bytes], Any]
Featured = Callable[[CityModel], Features]
BOTH = pytest.mark.parametrize("compress", [True, False], ids=["compressed", "plain"])


def _content(
    parts: list[Features], cell: Cell, options: ContentOptions | None = None
) -> TileContent:
    options = options or ContentOptions()
    return build_content(dict(enumerate(parts)), feature_offsets(parts), cell, options)


def _leaf(rows: int | list[int]) -> Cell:
    wanted = np.arange(rows) if isinstance(rows, int) else np.array(rows)
    return Cell(3, 0, 0, 512.0, wanted)


def _coarse(count: int, side_m: float) -> Cell:
    return Cell(0, 0, 0, side_m, np.arange(count), (_leaf(count),))


@BOTH
def test_a_leaf_has_every_triangle_and_every_property(
    decode: Decode,
    featured: Featured,
    compress: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """Whatever order the features were put in, ids and rows of the table agree."""
    features = featured(askew_hamlet())
    content = _content([features], _leaf(4), ContentOptions(compress))
    back = decode(content.glb)
    (primitive,), table = back.primitives, back.tables[0]
    assert content.triangles == len(primitive["triangles"]) == len(features.mesh.triangles)
    assert content.features == 4
    assert content.error_m == 0
    assert set(table) == set(PROPERTIES)
    names = features.columns["gml_id"]
    assert isinstance(names, TextColumn)
    for row, name in enumerate(names.texts()):
        there = table["gml_id"].index(name)
        own = primitive["POSITION"][primitive["_FEATURE_ID_0"][:, 0] == there]
        assert_allclose(own.min(axis=0), features.low[row], atol=0.002)
        assert_allclose(own.max(axis=0), features.high[row], atol=0.002)


@BOTH
@pytest.mark.parametrize("side_m", [512.0, 2048.0, 8192.0])
def test_bounds_hold_every_vertex_as_it_is_stored(
    decode: Decode,
    featured: Featured,
    compress: bool,  # noqa: FBT001 - as above
    side_m: float,
) -> None:
    """Rounding moves vertices; a client culls by the bounds."""
    features = featured(askew_hamlet())
    cells = [_leaf(4), _coarse(4, side_m)]
    for cell in cells:
        content = _content([features], cell, ContentOptions(compress))
        if not content.glb:
            continue
        for primitive in decode(content.glb).primitives:
            assert (primitive["POSITION"] >= np.array(content.bounds.low) - 1e-9).all()
            assert (primitive["POSITION"] <= np.array(content.bounds.high) + 1e-9).all()


def test_bounds_hold_what_was_left_out(featured: Featured) -> None:
    """The children show it, and a parent holds its children."""
    features = featured(askew_hamlet())
    content = _content([features], _coarse(4, 65_536.0))
    assert content.glb == b""
    assert content.triangles == content.features == 0
    assert (np.array(content.bounds.low) <= features.low.min(axis=0)).all()
    assert (np.array(content.bounds.high) >= features.high.max(axis=0)).all()
    assert content.error_m >= features.simplified.size_m.max()


def test_a_coarse_tile_says_how_far_it_is_off(featured: Featured) -> None:
    """More than nothing, and what the stand-ins are off at most, rounding added."""
    features = featured(askew_hamlet())
    content = _content([features], _coarse(4, 2048.0))
    assert 0 < content.triangles < len(features.mesh.triangles)
    assert content.error_m > 0


def test_a_coarse_tile_carries_only_what_identifies_a_house(
    decode: Decode, featured: Featured
) -> None:
    """The rest comes with the leaf."""
    back = decode(_content([featured(askew_hamlet())], _coarse(4, 2048.0)).glb)
    assert tuple(back.tables[0]) == COARSE_PROPERTIES


def test_features_of_several_parts_meet_in_one_tile(decode: Decode, featured: Featured) -> None:
    """Rows count through all parts; only the parts that are needed are opened."""
    parts = [featured(build_model(gable_house(f"h{n}", at=(30.0 * n, 0, 0)))) for n in range(3)]
    content = build_content(
        {0: parts[0], 2: parts[2]}, feature_offsets(parts), _leaf([2, 0]), ContentOptions()
    )
    assert sorted(decode(content.glb).tables[0]["gml_id"]) == ["h0", "h2"]


def test_the_same_features_give_the_same_bytes(featured: Featured) -> None:
    """Contents are named by their hash."""
    one, two = (_content([featured(askew_hamlet())], _leaf(4)) for _ in range(2))
    assert one == two


def _papered(model: CityModel) -> CityModel:
    """Every surface with a picture named wall.png."""
    counts = np.diff(model.ring_offsets)
    coordinates = np.concatenate([np.linspace([0, 0], [1, 1], count) for count in counts])
    materials = (Material(image="wall.png"),)
    wears = np.zeros(len(model.surface_type), np.int32)
    return replace(
        model, appearances=Appearances(materials, wears, coordinates.astype(np.float32))
    )


def test_each_part_finds_its_own_pictures(
    decode: Decode, geocentric: Geocentric, frame: LocalFrame, tmp_path: Path
) -> None:
    """Two sources name a picture alike and mean two files."""
    parts: list[Features] = []
    for name, colour in (("a", (200, 0, 0)), ("b", (0, 0, 200))):
        (tmp_path / name).mkdir()
        Image.new("RGB", (16, 16), colour).save(tmp_path / name / "wall.png")
        model = _papered(build_model(gable_house(name, at=(0.0, 40.0 * len(parts), 0))))
        folder = tmp_path / name
        parts.append(build_features(model, geocentric, frame, picture_folder=folder)[0])
    content = _content(parts, _leaf(2))
    back = decode(content.glb)
    assert content.issues == ()
    assert len(back.document["images"]) == 1
    names = back.tables[0]["gml_id"]
    (primitive,) = back.primitives
    middle = {
        name: primitive["TEXCOORD_0"][primitive["_FEATURE_ID_0"][:, 0] == row].mean(axis=0)
        for row, name in enumerate(names)
    }
    assert not np.allclose(middle["a"], middle["b"], atol=0.1)


def test_pictures_that_cannot_be_used_are_told(
    decode: Decode, geocentric: Geocentric, frame: LocalFrame, tmp_path: Path
) -> None:
    """And the house keeps its colours."""
    model = _papered(askew_house())
    features, _ = build_features(model, geocentric, frame, picture_folder=tmp_path)
    content = _content([features], _leaf(1))
    assert [issue.code for issue in content.issues] == ["picture-not-used"]
    assert "images" not in decode(content.glb).document


def test_coarse_tiles_wear_no_pictures(
    decode: Decode, geocentric: Geocentric, frame: LocalFrame, tmp_path: Path
) -> None:
    """They are seen from far away, and must be small."""
    Image.new("RGB", (16, 16), (200, 0, 0)).save(tmp_path / "wall.png")
    model = _papered(askew_hamlet())
    features, _ = build_features(model, geocentric, frame, picture_folder=tmp_path)
    assert "images" in decode(_content([features], _leaf(4)).glb).document
    assert "images" not in decode(_content([features], _coarse(4, 2048.0)).glb).document
