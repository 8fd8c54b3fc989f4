"""tiles.textures, tiles.pictures, tiles.atlas and tiles.materials."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from PIL import Image

from citykernel.errors import ReadError
from tiles import pictures as module
from tiles.atlas import GUTTER_PX, cell_size, draw, pack, power_of_two
from tiles.columns import TextColumn
from tiles.glb import TilePrimitive, glb_bytes
from tiles.materials import Texture
from tiles.pictures import WHOLE, cut_pixels, open_picture, picture_size
from tiles.textures import TextureOptions, textured_primitives

Decode = Callable[[bytes], Any]
RED, GREEN, BLUE = (220, 20, 20), (20, 180, 40), (30, 40, 200)
Quad = list[tuple[float, float]]
FULL: Quad = [(0, 1), (1, 1), (1, 0), (0, 0)]


def _halves(path: Path, left: tuple[int, ...], right: tuple[int, ...], side: int = 64) -> str:
    """A picture with two colours, left and right."""
    pixels = np.empty((side, side, len(left)), np.uint8)
    pixels[:, : side // 2], pixels[:, side // 2 :] = left, right
    Image.fromarray(pixels).save(path)
    return str(path)


def _whole(coordinates: Sequence[Quad | None]) -> TilePrimitive:
    """One quad a feature, with the texture coordinates of its four corners."""
    count = len(coordinates)
    quad = np.array([[0, 0, 0], [4, 0, 0], [4, 0, 3], [0, 0, 3.0]])
    first = np.arange(count)[:, None, None]
    rows = [c if c is not None else [(np.nan, np.nan)] * 4 for c in coordinates]
    return TilePrimitive(
        (quad[None] + np.arange(count)[:, None, None] * [5.0, 2.0, 0]).reshape(-1, 3),
        np.tile(np.array([0, -1, 0], np.float32), (4 * count, 1)),
        np.repeat(np.arange(count)[:, None] * 10 + 5, 4, axis=0).repeat(3, 1).astype(np.uint8),
        (first * 4 + np.array([[0, 1, 2], [0, 2, 3]])).reshape(-1, 3).astype(np.int32),
        np.repeat(np.arange(count), 4).astype(np.int32),
        np.full(4 * count, 2, np.uint8),
        np.array(rows, np.float32).reshape(-1, 2),
    )


def _rows(rows: list[int]) -> np.ndarray:
    return np.repeat(rows, 4).astype(np.int32)


def _image(texture: Texture) -> np.ndarray:
    with Image.open(io.BytesIO(texture.image)) as image:
        return np.asarray(image).astype(np.float64)


def _seen(primitive: TilePrimitive, texture: Texture, feature: int) -> np.ndarray:
    """Colours at a quarter and at three quarters of a feature's quad, from its texture."""
    corners = primitive.texture_coordinates[primitive.feature_id == feature].astype(np.float64)
    image = _image(texture)
    height, width = image.shape[:2]
    seen = []
    for share in (0.25, 0.75):
        u, v = corners[0] + (corners[1] - corners[0]) * share + (corners[3] - corners[0]) / 2
        seen.append(image[int(v % 1 * height) % height, int(u % 1 * width) % width])
    return np.array(seen)


@pytest.fixture
def red_blue(tmp_path: Path) -> str:
    """Red on the left, blue on the right."""
    return _halves(tmp_path / "red_blue.png", RED, BLUE)


@pytest.fixture
def green_red(tmp_path: Path) -> str:
    """Green on the left, red on the right."""
    return _halves(tmp_path / "green_red.png", GREEN, RED)


def test_every_feature_sees_its_own_picture(red_blue: str, green_red: str) -> None:
    """From one atlas, through its new coordinates; those without keep their colour."""
    whole = _whole([FULL, None, FULL])
    parts, textures, issues = textured_primitives(
        whole, _rows([0, -1, 1]), (red_blue, green_red), TextureOptions()
    )
    assert issues == ()
    assert [part.texture for part in parts] == [-1, 0]
    assert len(textures) == 1
    assert_allclose(_seen(parts[1], textures[0], 0), [RED, BLUE], atol=12)
    assert_allclose(_seen(parts[1], textures[0], 2), [GREEN, RED], atol=12)
    assert_array_equal(parts[0].colours, whole.colours[4:8])
    assert (parts[1].colours == 255).all()


def test_nothing_else_of_a_vertex_changes(red_blue: str, green_red: str) -> None:
    """Place, normal, feature and class; and each triangle is in one primitive."""
    whole = _whole([FULL, None, FULL, [(0, 3), (3, 3), (3, 0), (0, 0)]])
    parts, _, _ = textured_primitives(
        whole, _rows([0, -1, 1, 1]), (red_blue, green_red), TextureOptions()
    )
    found = [
        (
            int(part.feature_id[corner]),
            int(part.surface_class[corner]),
            *part.positions[corner].tolist(),
            *part.normals[corner].tolist(),
        )
        for part in parts
        for corner in part.triangles.ravel()
    ]
    expected = [
        (
            int(whole.feature_id[corner]),
            2,
            *whole.positions[corner].tolist(),
            *whole.normals[corner].tolist(),
        )
        for corner in whole.triangles.ravel()
    ]
    assert sorted(found) == sorted(expected)


def test_a_pattern_that_repeats_gets_a_texture_of_its_own(red_blue: str) -> None:
    """Its coordinates stay; an atlas cannot repeat."""
    bricks: Quad = [(0, 3), (4, 3), (4, 0), (0, 0)]
    parts, textures, _ = textured_primitives(
        _whole([bricks]), _rows([0]), (red_blue,), TextureOptions()
    )
    assert [texture.repeat for texture in textures] == [True]
    assert parts[0].texture_coordinates.tolist() == [list(pair) for pair in bricks]
    assert _image(textures[0]).shape == (64, 64, 3)


def test_coordinates_just_over_the_edge_mean_the_edge(red_blue: str) -> None:
    """Rounding in the source makes no pattern of a picture."""
    over = [(-0.004, 1.004), (1.004, 1.004), (1.004, -0.004), (-0.004, -0.004)]
    parts, textures, _ = textured_primitives(
        _whole([over, FULL]), _rows([0, 0]), (red_blue,), TextureOptions()
    )
    assert not textures[0].repeat
    first, second = np.split(parts[0].texture_coordinates, 2)
    assert_array_equal(first, second)


def test_only_the_worn_part_of_a_picture_is_kept(tmp_path: Path) -> None:
    """A corner of an aerial picture, at its full resolution."""
    side = 400
    ramp = (np.arange(side) * 255 // side)[None, :, None] * np.ones((side, 1, 3))
    path = tmp_path / "ramp.png"
    Image.fromarray(ramp.astype(np.uint8)).save(path)
    corner = [(0.5, 0.25), (0.75, 0.25), (0.75, 0.0), (0.5, 0.0)]
    parts, textures, _ = textured_primitives(
        _whole([corner]), _rows([0]), (str(path),), TextureOptions()
    )
    assert max(_image(textures[0]).shape) == 128
    left, right = _seen(parts[0], textures[0], 0)[:, 0]
    assert_allclose([left, right], [255 * 0.5625, 255 * 0.6875], atol=3)


def test_two_rows_of_one_file_share_its_pixels(red_blue: str) -> None:
    """Parts of a town and materials name the same file again and again."""
    _, once, _ = textured_primitives(_whole([FULL]), _rows([0]), (red_blue,), TextureOptions())
    _, twice, _ = textured_primitives(
        _whole([FULL, FULL]), _rows([0, 2]), (red_blue, "", red_blue), TextureOptions()
    )
    assert once == twice


def test_the_same_input_gives_the_same_bytes(red_blue: str, green_red: str) -> None:
    """Contents are named by their hash."""
    one, two = (
        textured_primitives(
            _whole([FULL, FULL]), _rows([0, 1]), (red_blue, green_red), TextureOptions()
        )[1]
        for _ in range(2)
    )
    assert one == two


@pytest.mark.parametrize(("alpha", "mode"), [(0, "MASK"), (120, "BLEND"), (255, "OPAQUE")])
def test_transparency_is_kept_and_told(tmp_path: Path, alpha: int, mode: str) -> None:
    """Holes, glass, or an alpha channel that says nothing."""
    path = _halves(tmp_path / "fence.png", (*RED, 255), (*BLUE, alpha))
    _, textures, _ = textured_primitives(_whole([FULL]), _rows([0]), (path,), TextureOptions())
    assert [texture.alpha_mode for texture in textures] == [mode]
    wanted = "image/jpeg" if mode == "OPAQUE" else "image/png"
    assert textures[0].mime_type == wanted


def test_opaque_and_transparent_pictures_do_not_share_an_atlas(
    red_blue: str, tmp_path: Path
) -> None:
    """One fence would make a whole street transparent."""
    fence = _halves(tmp_path / "fence.png", (*RED, 255), (*BLUE, 0))
    parts, textures, _ = textured_primitives(
        _whole([FULL, FULL]), _rows([0, 1]), (red_blue, fence), TextureOptions()
    )
    assert [texture.alpha_mode for texture in textures] == ["OPAQUE", "MASK"]
    assert [part.feature_id[0] for part in parts] == [0, 1]


def _flood(path: Path) -> None:
    """A PNG of a few kilobytes that says it has 100 megapixels."""
    Image.new("1", (10_000, 10_000)).save(path)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "no such file"),
        (b"", "cannot be read"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "cannot be read"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "cannot be read"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 40, "cannot be read"),
        ("truncated", "cannot be read"),
        ("flood", "more than 50 million"),
    ],
    ids=["missing", "empty", "svg", "postscript", "broken", "truncated", "flood"],
)
def test_a_picture_that_cannot_be_used_leaves_the_colours(
    red_blue: str, tmp_path: Path, content: bytes | str | None, reason: str
) -> None:
    """And is told once, by its name and not by its path; the others are worn."""
    bad = tmp_path / "bad.jpg"
    if content == "flood":
        _flood(bad.with_suffix(".png"))
        bad = bad.with_suffix(".png")
    elif content == "truncated":
        stream = io.BytesIO()
        Image.effect_noise((64, 64), 50).convert("RGB").save(stream, "PNG")
        bad.write_bytes(stream.getvalue()[:500])
    elif isinstance(content, bytes):
        bad.write_bytes(content)
    whole = _whole([FULL, FULL, FULL])
    parts, textures, issues = textured_primitives(
        whole, _rows([0, 1, 0]), (str(bad), red_blue), TextureOptions()
    )
    assert [issue.code for issue in issues] == ["picture-not-used"]
    assert reason in issues[0].message
    assert issues[0].path == bad.name
    assert str(tmp_path) not in issues[0].message
    assert [part.texture for part in parts] == [-1, 0]
    assert_array_equal(parts[0].colours, np.concatenate([whole.colours[:4], whole.colours[8:]]))
    assert len(textures) == 1


def test_where_no_picture_can_be_used_one_primitive_is_left() -> None:
    """The whole tile in its colours."""
    whole = _whole([FULL, None])
    parts, textures, issues = textured_primitives(
        whole, _rows([0, -1]), ("/nowhere/wall.jpg",), TextureOptions()
    )
    assert len(parts) == 1
    assert textures == ()
    assert len(issues) == 1
    assert_array_equal(parts[0].triangles, whole.triangles)


def test_a_large_picture_is_scaled_down(tmp_path: Path) -> None:
    """To the largest side, its gutter counted; the colours stay where they were."""
    path = _halves(tmp_path / "large.png", RED, BLUE, side=1500)
    parts, textures, _ = textured_primitives(
        _whole([FULL]), _rows([0]), (path,), TextureOptions(largest_px=256)
    )
    assert _image(textures[0]).shape == (256, 256, 3)
    assert_allclose(_seen(parts[0], textures[0], 0), [RED, BLUE], atol=12)


def test_a_large_jpeg_is_scaled_down(tmp_path: Path) -> None:
    """Its decoder may scale already; coordinates and colours stay."""
    path = tmp_path / "large.jpg"
    pixels = np.empty((1000, 1501, 3), np.uint8)
    pixels[:, :750], pixels[:, 750:] = RED, BLUE
    Image.fromarray(pixels).save(path, quality=95)
    corner = [(0.25, 0.5), (0.75, 0.5), (0.75, 0.1), (0.25, 0.1)]
    parts, textures, _ = textured_primitives(
        _whole([corner]), _rows([0]), (str(path),), TextureOptions(largest_px=128)
    )
    assert_allclose(_seen(parts[0], textures[0], 0), [RED, BLUE], atol=15)


def test_the_pixels_of_a_tile_are_capped(tmp_path: Path) -> None:
    """Many pictures are all scaled down together, so that a tile stays loadable."""
    paths = tuple(_halves(tmp_path / f"{n}.png", RED, BLUE, side=200) for n in range(30))
    options = TextureOptions(tile_px=512 * 512)
    parts, textures, _ = textured_primitives(
        _whole([FULL] * 30), _rows(list(range(30))), paths, options
    )
    pixels = sum(int(np.prod(_image(texture).shape[:2])) for texture in textures)
    assert pixels <= 2 * options.tile_px
    by_texture = {part.texture: part for part in parts}
    for feature in range(30):
        part = next(p for p in parts if feature in p.feature_id)
        assert by_texture[part.texture] is part
        assert_allclose(_seen(part, textures[part.texture], feature), [RED, BLUE], atol=20)


@pytest.mark.parametrize("compress", [True, False])
def test_textures_come_back_from_a_glb(
    decode: Decode,
    red_blue: str,
    tmp_path: Path,
    compress: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """Images, samplers, alpha modes and coordinates, each primitive with its material."""
    fence = _halves(tmp_path / "fence.png", (*RED, 255), (*BLUE, 0))
    bricks: Quad = [(0.0, 3.0), (4.0, 3.0), (4.0, 0.0), (0.0, 0.0)]
    other = _halves(tmp_path / "bricks.png", GREEN, BLUE)
    parts, textures, _ = textured_primitives(
        _whole([FULL, FULL, bricks, None]),
        _rows([0, 1, 2, -1]),
        (red_blue, fence, other),
        TextureOptions(),
    )
    names = TextColumn.of(np.array(list("abcd"), object))
    back = decode(
        glb_bytes(parts, columns={"gml_id": names}, textures=textures, compress=compress)
    )
    document = back.document
    modes = [
        document["materials"][entry["material"]].get("alphaMode", "OPAQUE")
        for entry in document["meshes"][0]["primitives"]
    ]
    assert modes == ["OPAQUE", "OPAQUE", "MASK", "OPAQUE"]
    for part, entry, found in zip(
        parts, document["meshes"][0]["primitives"], back.primitives, strict=True
    ):
        material = document["materials"][entry["material"]]["pbrMetallicRoughness"]
        if part.texture < 0:
            assert "baseColorTexture" not in material
            assert "TEXCOORD_0" not in found
            continue
        texture = document["textures"][material["baseColorTexture"]["index"]]
        image = document["images"][texture["source"]]
        view = document["bufferViews"][image["bufferView"]]
        start = view["byteOffset"]
        data = back.blob[start : start + view["byteLength"]]
        assert data == textures[part.texture].image
        wrap = document["samplers"][texture["sampler"]]["wrapS"]
        assert wrap == (10497 if textures[part.texture].repeat else 33071)
        assert_allclose(
            np.sort(found["TEXCOORD_0"], axis=0),
            np.sort(part.texture_coordinates, axis=0),
            atol=1e-4,
        )


sizes = st.lists(st.tuples(st.integers(1, 250), st.integers(1, 250)), min_size=1, max_size=60)


@settings(deadline=None)
@given(sizes)
def test_packed_pictures_neither_overlap_nor_stick_out(pictures: list[tuple[int, int]]) -> None:
    """On sheets whose sides are powers of two and no larger than allowed."""
    places, sheets = pack(pictures, 256)
    taken = [np.zeros((height, width), np.int32) for width, height in sheets]
    for size, place in zip(pictures, places, strict=True):
        width, height = cell_size(size)
        assert place.x % 4 == place.y % 4 == 0
        cell = taken[place.sheet][place.y : place.y + height, place.x : place.x + width]
        assert cell.shape == (height, width)
        cell += 1
    for (width, height), sheet in zip(sheets, taken, strict=True):
        assert sheet.max() == 1
        assert {width, height} <= {2**n for n in range(9)}


def test_gutters_continue_the_edge() -> None:
    """So that filtering and mipmaps see the picture and not its neighbour."""
    red, blue = (np.full((8, 8, 3), colour, np.uint8) for colour in (RED, BLUE))
    places, sheets = pack([(8, 8), (8, 8)], 64)
    (sheet,) = draw([red, blue], places, sheets)
    width, height = cell_size((8, 8))
    for place, colour in zip(places, (RED, BLUE), strict=True):
        cell = sheet[place.y : place.y + height, place.x : place.x + width]
        assert (cell == colour).all()
    assert width >= 8 + 2 * GUTTER_PX


def test_powers_of_two() -> None:
    """The smallest that is not less."""
    assert [power_of_two(n) for n in (0, 1, 2, 3, 4, 5, 1000)] == [1, 1, 2, 4, 4, 8, 1024]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16"])
def test_pictures_of_every_kind_become_colours(tmp_path: Path, mode: str) -> None:
    """Bits, greys, palettes, print colours."""
    path = tmp_path / ("p.tif" if mode in {"CMYK", "I;16"} else "p.png")
    Image.new(mode if mode != "I;16" else "I;16", (10, 6)).save(path)
    picture = open_picture(str(path), WHOLE, 1.0)
    assert picture.pixels.shape[:2] == (6, 10)
    assert picture.pixels.shape[2] == (3 if picture.alpha_mode == "OPAQUE" else 4)


def test_the_limit_is_asked_before_pixels_are_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The header is enough."""
    path = _halves(tmp_path / "p.png", RED, BLUE)
    monkeypatch.setattr(module, "LARGEST_PIXELS", 64 * 64 - 1)
    monkeypatch.setattr(Image.Image, "load", lambda _: pytest.fail("pixels were unpacked"))
    with pytest.raises(ReadError, match="64 x 64 pixels"):
        picture_size(path)


@given(
    st.tuples(st.integers(1, 300), st.integers(1, 300)),
    st.tuples(*[st.floats(0, 1)] * 4),
)
def test_a_cut_holds_what_is_worn(
    size: tuple[int, int], used: tuple[float, float, float, float]
) -> None:
    """Whatever the picture's size, at least a pixel and within the picture."""
    left, right = sorted(used[:2])
    top, bottom = sorted(used[2:])
    cut = cut_pixels(size, (left, top, right, bottom))
    assert 0 <= cut[0] <= left * size[0]
    assert 0 <= cut[1] <= top * size[1]
    assert right * size[0] <= cut[2] <= size[0]
    assert bottom * size[1] <= cut[3] <= size[1]
    assert cut[2] > cut[0]
    assert cut[3] > cut[1]
