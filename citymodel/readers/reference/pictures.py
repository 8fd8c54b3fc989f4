"""Pictures named by a city model: found beside it, never fetched, never outside its folder."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Final

import numpy as np
from PIL import Image, UnidentifiedImageError

from citykernel.arrays import Float64Array

from .attributes import to_number

# World files by the picture's suffix (ESRI's convention: first and last letter, then w).
_WORLD_SUFFIXES: Final = ("{0}{2}w", "{0}{1}{2}w", "wld")
_WORLD_LINES: Final = 6


@dataclass(eq=False)
class Pictures:
    """The folder of a source.

    Parameters
    ----------
    folder : Path
        Where the source lies.
    """

    folder: Path
    _names: dict[str, str] = field(default_factory=dict)

    def find(self, uri: str) -> str:
        """Path of a picture relative to the source's folder.

        Parameters
        ----------
        uri : str
            imageURI as it stands in the source.

        Returns
        -------
        str
            With "/" between folders; "" where there is no such file inside the folder.
        """
        if uri not in self._names:
            self._names[uri] = self._find(uri)
        return self._names[uri]

    def _find(self, uri: str) -> str:
        name = safe_name(uri)
        folder = self.folder.resolve()
        for candidate in dict.fromkeys((name, PurePosixPath(name).name)) if name else ():
            path = (folder / candidate).resolve()
            if path.is_relative_to(folder) and path.is_file():
                return candidate
        return ""

    def size(self, name: str) -> tuple[int, int] | None:
        """Width and height of a picture in pixels; only its header is read.

        Parameters
        ----------
        name : str
            As :meth:`find` gave it.

        Returns
        -------
        tuple of 2 int or None
            None where the file is no picture.
        """
        try:
            with Image.open(self.folder / name) as picture:
                return picture.size
        except (OSError, UnidentifiedImageError, Image.DecompressionBombError, ValueError):
            return None

    def world_file(self, name: str) -> tuple[Float64Array, Float64Array] | None:
        """Read the georeference beside a picture.

        Parameters
        ----------
        name : str
            As :meth:`find` gave it.

        Returns
        -------
        tuple or None
            Orientation, (2, 2) float64 from pixels to the model's system, and the centre of
            the upper left pixel, (2,) float64; None where there is no world file of six
            numbers.
        """
        path = self.folder / name
        suffix = path.suffix.lower().removeprefix(".")
        letters = (suffix[:1], suffix[1:-1], suffix[-1:])
        for pattern in _WORLD_SUFFIXES:
            beside = path.with_suffix("." + pattern.format(*letters))
            if beside.is_file() and beside.stat().st_size < 1 << 12:
                numbers = [
                    to_number(line) for line in beside.read_text("ascii", "replace").split()
                ]
                if len(numbers) == _WORLD_LINES and np.isfinite(numbers).all():
                    a, d, b, e, c, f = numbers
                    return np.array([[a, b], [d, e]]), np.array([c, f])
        return None


def safe_name(uri: str) -> str:
    r"""Path inside a folder that an imageURI names.

    Parameters
    ----------
    uri : str
        As it stands in the source.

    Returns
    -------
    str
        Relative, with "/"; "" where the URI has a scheme, is absolute, or leads upwards.

    Examples
    --------
    >>> safe_name("textures\\roof.jpg"), safe_name("../../etc/passwd"), safe_name("http://a/b")
    ('textures/roof.jpg', '', '')
    """
    name = uri.strip().replace("\\", "/")
    if (
        not name
        or "\0" in name
        or name.startswith("/")
        or re.match(r"[A-Za-z][\w+.\-]*:", name)
    ):
        return ""
    parts = [part for part in name.split("/") if part not in ("", ".")]
    return "" if ".." in parts else "/".join(parts)
