"""Pictures on surfaces: primitives by picture, the pictures scaled down to a cap."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from citykernel.arrays import Int32Array, Int64Array

from .glb import Texture, TilePrimitive


@dataclass(frozen=True, slots=True)
class TextureOptions:
    """Sizes of pictures in tiles.

    Parameters
    ----------
    largest_px : int
        Longest side of one picture.
    atlas_px : int
        Longest side of an atlas.
    """

    largest_px: int = 512
    atlas_px: int = 2048


def textured_primitives(
    whole: TilePrimitive,
    textures: Int32Array,
    pictures: tuple[str, ...],
    options: TextureOptions,
) -> tuple[list[TilePrimitive], tuple[Texture, ...]]:
    raise NotImplementedError
