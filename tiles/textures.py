"""Pictures on surfaces: a tile's triangles parted by texture, its pictures on atlases."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np

from citykernel.arrays import BoolArray, Float32Array, Float64Array, Int32Array
from citykernel.errors import ReadError
from citykernel.issues import Issue

from .atlas import GUTTER_PX, cell_size, draw, pack
from .glb import TilePrimitive
from .materials import AlphaMode, Texture
from .pictures import (
    WHOLE,
    Box,
    Picture,
    cut_pixels,
    encoded,
    open_picture,
    picture_size,
    scaled_size,
)

# Coordinates are written with few digits and pushed over the edge by rounding: up to here
# they mean the edge. Beyond it a picture is a pattern that repeats.
EDGE_TOLERANCE = 0.01
_ALPHA_MODES: tuple[AlphaMode, ...] = ("OPAQUE", "MASK", "BLEND")

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class TextureOptions:
    """Sizes of pictures in tiles.

    Parameters
    ----------
    largest_px : int
        Longest side of one picture, on an atlas with the edge that is continued about it.
    atlas_px : int
        Longest side of an atlas, rounded down to a power of two.
    tile_px : int
        Pixels of all pictures of a tile: where there are more, all are scaled down. Four
        million are about a megabyte of JPEG and one atlas of 2048 by 2048.
    """

    largest_px: int = 512
    atlas_px: int = 2048
    tile_px: int = 2048 * 2048

    @property
    def sheet_px(self) -> int:
        """Longest side of an atlas as it is made."""
        return 1 << (max(self.atlas_px, 16).bit_length() - 1)


@dataclass(slots=True)
class _Worn:
    """What a tile wears of one picture file."""

    path: str
    used: Box
    repeats: bool
    picture: Picture | None = None


def textured_primitives(
    whole: TilePrimitive,
    textures: Int32Array,
    pictures: tuple[str, ...],
    options: TextureOptions,
) -> tuple[list[TilePrimitive], tuple[Texture, ...], tuple[Issue, ...]]:
    """Part a tile's triangles by the texture they wear.

    Pictures whose coordinates stay within the picture share atlases; a pattern that repeats
    gets a texture of its own.

    Parameters
    ----------
    whole : TilePrimitive
        All triangles of the tile, with glTF's texture coordinates where a vertex wears a
        picture.
    textures : (v,) int32
        Row in ``pictures``, -1 for none; the same for all vertices of a triangle.
    pictures : tuple of str
        Paths.
    options : TextureOptions
        Sizes.

    Returns
    -------
    list of TilePrimitive
        First the triangles without a picture, if there are any, in their own colours; then
        one primitive a texture, in white, because glTF multiplies colour and texture.
    tuple of Texture
        What the primitives refer to.
    tuple of Issue
        Pictures that cannot be used; their triangles keep their own colours.
    """
    picture_of, worn = _worn(whole.texture_coordinates, textures, pictures)
    issues = _read(worn, options)
    made: list[Texture] = []
    texture_of_worn = np.full(len(worn) + 1, -1, np.int32)  # the last row: no picture
    scale, shift = np.ones((len(worn) + 1, 2)), np.zeros((len(worn) + 1, 2))
    for mode in _ALPHA_MODES:
        rows = [
            row
            for row, w in enumerate(worn)
            if w.picture and not w.repeats and w.picture.alpha_mode == mode
        ]
        sheets, sheet_of, scale[rows], shift[rows] = _atlases(
            [p for p in (worn[row].picture for row in rows) if p], options
        )
        texture_of_worn[rows] = sheet_of + len(made)
        made += [encoded(sheet, mode) for sheet in sheets]
    for row, w in enumerate(worn):
        if w.picture and w.repeats:
            texture_of_worn[row] = len(made)
            made.append(encoded(w.picture.pixels, w.picture.alpha_mode, repeat=True))
    coordinates = whole.texture_coordinates.astype(np.float64)
    repeats = np.array([*(w.repeats for w in worn), True])[picture_of]
    coordinates[~repeats] = np.clip(coordinates[~repeats], 0, 1)
    coordinates = coordinates * scale[picture_of] + shift[picture_of]
    whole = replace(whole, texture_coordinates=coordinates.astype(np.float32))
    return _parted(whole, texture_of_worn[picture_of]), tuple(made), issues


def _worn(
    coordinates: Float32Array, textures: Int32Array, pictures: tuple[str, ...]
) -> tuple[Int32Array, list[_Worn]]:
    """Picture files in the order of their first use, and which one each vertex wears."""
    rows = np.unique(textures[textures >= 0])
    # Several materials and several parts of a town may name the same file.
    paths = list(dict.fromkeys(pictures[row] for row in rows.tolist()))
    place = {path: number for number, path in enumerate(paths)}
    number_of = np.full(len(pictures) + 1, -1, np.int32)
    number_of[rows] = [place[pictures[row]] for row in rows.tolist()]
    picture_of = number_of[textures]  # -1 takes the last row, which is -1 again
    worn = []
    for number, path in enumerate(paths):
        own = coordinates[picture_of == number].astype(np.float64)
        low, high = own.min(axis=0), own.max(axis=0)
        if (low < -EDGE_TOLERANCE).any() or (high > 1 + EDGE_TOLERANCE).any():
            worn.append(_Worn(path, WHOLE, repeats=True))
            continue
        (left, top), (right, bottom) = np.clip([low, high], 0, 1).tolist()
        worn.append(_Worn(path, (left, top, right, bottom), repeats=False))
    return picture_of, worn


def _read(worn: Sequence[_Worn], options: TextureOptions) -> tuple[Issue, ...]:
    """Read all pictures at the scale that the caps allow."""
    issues: list[Issue] = []
    cuts: dict[int, tuple[int, int]] = {}
    for row, w in enumerate(worn):
        size = _told(issues, w.path, partial(picture_size, w.path))
        if size:
            left, top, right, bottom = cut_pixels(size, w.used)
            cuts[row] = right - left, bottom - top
    # On an atlas the gutter counts: 512 pixels fill a sheet of 512 and not of 1024.
    most = min(options.largest_px, options.sheet_px)
    largest = [most if w.repeats else max(most - 2 * GUTTER_PX, 1) for w in worn]
    scales = {row: min(1.0, largest[row] / max(size)) for row, size in cuts.items()}
    shrink = _shrink([(size, scales[row]) for row, size in cuts.items()], options.tile_px)
    for row, scale in scales.items():
        w = worn[row]
        read = partial(open_picture, w.path, w.used, scale * shrink)
        w.picture = _told(issues, w.path, read)
    return tuple(issues)


def _shrink(sizes: list[tuple[tuple[int, int], float]], most_px: int) -> float:
    """Factor on all scales under which a tile's pictures keep to their pixels."""
    cells = [cell_size(scaled_size(size, scale)) for size, scale in sizes]
    total = sum(width * height for width, height in cells)
    return min(1.0, (most_px / total) ** 0.5) if total else 1.0


def _told(issues: list[Issue], path: str, read: Callable[[], _T]) -> _T | None:
    try:
        return read()
    except ReadError as error:
        text = f"{error}; its surfaces keep the colours of their kind"
        # Where the file lies is nobody's business outside this machine.
        issues.append(Issue("picture-not-used", "warning", text, path=Path(path).name))
        return None


def _atlases(
    pictures: list[Picture], options: TextureOptions
) -> tuple[list[np.ndarray], Int32Array, Float64Array, Float64Array]:
    """Draw sheets; the sheet of each picture, and the way of its coordinates there."""
    count = len(pictures)
    scale, shift = np.empty((count, 2)), np.empty((count, 2))
    if not pictures:
        return [], np.empty(0, np.int32), scale, shift
    sizes = [(p.pixels.shape[1], p.pixels.shape[0]) for p in pictures]
    places, sheets = pack(sizes, options.sheet_px)
    for row, (picture, place) in enumerate(zip(pictures, places, strict=True)):
        low, high = np.array(picture.cut[:2]), np.array(picture.cut[2:])
        size, sheet = np.array(sizes[row]), np.array(sheets[place.sheet])
        scale[row] = size / (high - low) / sheet
        shift[row] = (np.array([place.x, place.y]) + GUTTER_PX) / sheet - low * scale[row]
    drawn = draw([p.pixels for p in pictures], places, sheets)
    return drawn, np.array([p.sheet for p in places], np.int32), scale, shift


def _parted(whole: TilePrimitive, texture_of: Int32Array) -> list[TilePrimitive]:
    """One primitive for each texture, the untextured one first."""
    wears = texture_of[whole.triangles[:, 0]]
    return [
        _part(whole, texture_of == texture, wears == texture, texture)
        for texture in np.unique(wears).tolist()
    ]


def _part(
    whole: TilePrimitive, vertices: BoolArray, triangles: BoolArray, texture: int
) -> TilePrimitive:
    row = np.cumsum(vertices, dtype=np.int32) - 1
    colours = whole.colours[vertices]
    coordinates = np.empty((0, 2), np.float32)
    if texture >= 0:
        colours = np.full_like(colours, 255)
        coordinates = whole.texture_coordinates[vertices]
    return TilePrimitive(
        whole.positions[vertices],
        whole.normals[vertices],
        colours,
        row[whole.triangles[triangles]].astype(np.int32),
        whole.feature_id[vertices] if len(whole.feature_id) else whole.feature_id,
        whole.surface_class[vertices] if len(whole.surface_class) else whole.surface_class,
        coordinates,
        texture,
    )
