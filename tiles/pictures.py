"""Pictures as found beside a source: opened with care, cut, scaled down, encoded."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from citykernel.arrays import UInt8Array
from citykernel.errors import ReadError

from .materials import AlphaMode, Texture

# Decoders of formats that run programs or load several files (EPS, WMF...) stay closed.
FORMATS = ("JPEG", "PNG", "TIFF", "BMP", "GIF", "WEBP", "TGA", "SGI")
# 50 megapixels are 200 MB when unpacked, more than a worker may hold besides its tile.
LARGEST_PIXELS = 50_000_000
JPEG_QUALITY = 85
# A picture is cut where at least half of it is not worn: below, the margins eat the gain.
_WORTH_CUTTING = 0.5
# Alpha from 25 to 230 is neither a hole nor opaque; a cut-out has such pixels along its
# edges only, glass has them all over.
_HOLE, _OPAQUE = 25, 230
_GLASS_SHARE = 0.05

Box = tuple[float, float, float, float]
WHOLE: Box = (0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture ready for a texture.

    Parameters
    ----------
    pixels : (h, w, 3 or 4) uint8
        sRGB, with alpha where it is used.
    cut : (float, float, float, float)
        Which part of the original it is: left, top, right, bottom, 0 to 1.
    alpha_mode : {"OPAQUE", "MASK", "BLEND"}
        What its transparency means.
    """

    pixels: UInt8Array
    cut: Box
    alpha_mode: AlphaMode


def _opened(path: str) -> Image.Image:
    image = Image.open(path, formats=FORMATS)
    width, height = image.size
    if width * height > LARGEST_PIXELS:
        image.close()
        raise ReadError(
            f"the picture has {width} x {height} pixels, "
            f"more than {LARGEST_PIXELS // 1_000_000} million",
            path=Path(path).name,
        )
    return image


def picture_size(path: str) -> tuple[int, int]:
    """Read the size of a picture, not its pixels.

    Parameters
    ----------
    path : str
        The file.

    Returns
    -------
    (int, int)
        Width and height in pixels.

    Raises
    ------
    ReadError
        It is missing, no picture of a known format, or too large to unpack.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with _opened(path) as image:
                return image.size
    except ReadError:
        raise
    except Exception as error:  # decoders of broken files fail in any way they like
        raise _unreadable(path, error) from error


def cut_pixels(size: tuple[int, int], used: Box) -> tuple[int, int, int, int]:
    """Which pixels of a picture are kept.

    Parameters
    ----------
    size : (int, int)
        Width and height.
    used : (float, float, float, float)
        Left, top, right, bottom of what is worn, 0 to 1.

    Returns
    -------
    (int, int, int, int)
        Left, top, right, bottom: what is worn with one pixel about it, or everything where
        a cut would not save half of it.

    Examples
    --------
    >>> cut_pixels((100, 100), (0.5, 0.5, 0.75, 1.0))
    (49, 49, 76, 100)
    >>> cut_pixels((100, 100), (0.0, 0.0, 0.75, 1.0))
    (0, 0, 100, 100)
    """
    width, height = size
    left, top = max(int(used[0] * width) - 1, 0), max(int(used[1] * height) - 1, 0)
    right = min(int(np.ceil(used[2] * width)) + 1, width)
    bottom = min(int(np.ceil(used[3] * height)) + 1, height)
    if (right - left) * (bottom - top) > _WORTH_CUTTING * width * height:
        return 0, 0, width, height
    return left, top, right, bottom


def scaled_size(size: tuple[int, int], scale: float) -> tuple[int, int]:
    """Width and height scaled, at least one pixel."""
    return max(round(size[0] * scale), 1), max(round(size[1] * scale), 1)


def open_picture(path: str, used: Box, scale: float) -> Picture:
    """Read the part of a picture that is worn.

    Parameters
    ----------
    path : str
        The file.
    used : (float, float, float, float)
        Left, top, right, bottom of what is worn, 0 to 1.
    scale : float
        Pixels of the result for one of the file, at most 1.

    Returns
    -------
    Picture
        Cut and scaled.

    Raises
    ------
    ReadError
        It is missing, no picture of a known format, broken, or too large to unpack.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with _opened(path) as image:
                return _cut_and_scaled(image, used, scale)
    except ReadError:
        raise
    except Exception as error:  # as above
        raise _unreadable(path, error) from error


def _unreadable(path: str, error: Exception) -> ReadError:
    found = "no such file" if isinstance(error, FileNotFoundError) else type(error).__name__
    return ReadError(f"the picture cannot be read ({found})", path=Path(path).name)


def _cut_and_scaled(image: Image.Image, used: Box, scale: float) -> Picture:
    left, top, right, bottom = cut_pixels(image.size, used)
    size = scaled_size((right - left, bottom - top), scale)
    # A JPEG is decoded at an eighth, a quarter or half where that is enough.
    image.draft(image.mode, scaled_size(image.size, scale))
    width, height = image.size
    box = cut_pixels(image.size, used)
    part = image.crop(box)
    part = part.convert("RGBA" if image.has_transparency_data else "RGB")
    alpha_mode: AlphaMode = "OPAQUE"
    if part.mode == "RGBA":
        alpha_mode = _alpha_mode(np.asarray(part)[..., 3])
        if alpha_mode == "OPAQUE":
            part = part.convert("RGB")
    if part.size != size:
        part = part.resize(size, Image.Resampling.LANCZOS)
    cut = (box[0] / width, box[1] / height, box[2] / width, box[3] / height)
    return Picture(np.asarray(part), cut, alpha_mode)


def _alpha_mode(alpha: UInt8Array) -> AlphaMode:
    if alpha.min(initial=255) > _OPAQUE:
        return "OPAQUE"
    between = (alpha > _HOLE) & (alpha < _OPAQUE)
    return "BLEND" if between.mean() > _GLASS_SHARE else "MASK"


def encoded(pixels: UInt8Array, alpha_mode: AlphaMode, *, repeat: bool = False) -> Texture:
    """Encode pixels: JPEG, or PNG where there is transparency.

    Parameters
    ----------
    pixels : (h, w, 3 or 4) uint8
        sRGB, four channels unless opaque.
    alpha_mode : {"OPAQUE", "MASK", "BLEND"}
        What its transparency means.
    repeat : bool
        Whether the texture continues beyond its edges.

    Returns
    -------
    Texture
        The same pixels give the same bytes.
    """
    stream = io.BytesIO()
    image = Image.fromarray(np.ascontiguousarray(pixels))
    if alpha_mode == "OPAQUE":
        image.save(stream, "JPEG", quality=JPEG_QUALITY, optimize=True)
        return Texture(stream.getvalue(), "image/jpeg", repeat)
    image.save(stream, "PNG")
    return Texture(stream.getvalue(), "image/png", repeat, alpha_mode)
