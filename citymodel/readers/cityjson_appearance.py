"""Materials and textures of CityJSON put onto the surfaces of a model."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from citykernel.arrays import Int32Array
from citykernel.issues import Issue

from ..model import Appearances, Material
from .cityjson_document import Sheet
from .cityjson_geometry import Surface
from .reference.pictures import Pictures


class Wardrobe:
    """Materials of all sheets of a unit, each once."""

    def __init__(self, folder: Path, path: str) -> None:
        self.materials: dict[Material, int] = {}
        self.issues: list[Issue] = []
        self._pictures = Pictures(folder)
        self._path = path
        self._told: set[str] = set()

    def colour(self, sheet: Sheet, number: Any, theme: str) -> int:
        """Row of a material, -1 where there is none of that number."""
        stated = _item(sheet.appearance.get("materials"), number)
        if stated is None:
            return -1
        plain = Material()
        rgb = [float(min(max(c, 0), 1)) for c in stated.get("diffuseColor") or plain.diffuse]
        opacity = 1.0 - min(max(float(stated.get("transparency") or 0), 0), 1)
        return self._row(Material((rgb[0], rgb[1], rgb[2]), opacity, theme=theme))

    def picture(self, sheet: Sheet, number: Any, theme: str) -> int:
        """Row of a texture, -1 with an issue where its picture is missing."""
        stated = _item(sheet.appearance.get("textures"), number)
        if stated is None:
            return -1
        uri = str(stated.get("image", ""))
        image = self._pictures.find(uri)
        if not image:
            if uri not in self._told:
                self._told.add(uri)
                text = f"the picture '{uri}' is not in the source's folder; surfaces stay plain"
                self.issues.append(Issue("picture-missing", "warning", text, "", self._path))
            return -1
        wrap = str(stated.get("wrapMode") or "wrap")
        return self._row(Material((1.0, 1.0, 1.0), 1.0, image, wrap, theme))

    def _row(self, material: Material) -> int:
        return self.materials.setdefault(material, len(self.materials))


def _item(items: Any, number: Any) -> Any:
    fits = isinstance(items, list) and isinstance(number, int) and 0 <= number < len(items)
    return items[number] if fits else None


def make_appearances(
    worn: list[tuple[Sheet, Surface]], wardrobe: Wardrobe
) -> Appearances | None:
    """Make the appearances of a model.

    Parameters
    ----------
    worn : list of (Sheet, Surface)
        The surfaces in the model's order; rings as in the model.
    wardrobe : Wardrobe
        Collects materials and issues.

    Returns
    -------
    Appearances or None
        Of one material and one texture theme: those that most surfaces state.
    """
    materials, textures = (_theme(worn, what) for what in ("material", "texture"))
    if materials is None and textures is None:
        return None
    rows: Int32Array = np.full(len(worn), -1, np.int32)
    coordinates: list[list[tuple[float, float]]] = []
    for number, (sheet, surface) in enumerate(worn):
        if materials is not None:
            stated = surface.wears.get(("material", materials))
            rows[number] = wardrobe.colour(sheet, stated, materials)
        found = None if textures is None else _coordinates(sheet, surface, textures)
        if found is not None and textures is not None:
            picture = wardrobe.picture(sheet, found[0], textures)
            rows[number] = picture if picture >= 0 else rows[number]
            coordinates.extend(found[1])
        else:
            coordinates.extend([(np.nan, np.nan)] * len(ring) for ring in surface.rings)
    flat = [pair for ring in coordinates for pair in ring]
    return Appearances(
        tuple(wardrobe.materials), rows, np.array(flat, np.float32).reshape(-1, 2)
    )


def _theme(worn: list[tuple[Sheet, Surface]], what: str) -> str | None:
    themes = Counter(
        theme
        for _, surface in worn
        for (kind, theme), stated in surface.wears.items()
        if kind == what and stated is not None
    )
    return themes.most_common(1)[0][0] if themes else None


def _coordinates(
    sheet: Sheet, surface: Surface, theme: str
) -> tuple[int, list[list[tuple[float, float]]]] | None:
    """Texture number and a pair a corner, None where a ring has none."""
    stated = surface.wears.get(("texture", theme))
    points = sheet.appearance.get("vertices-texture")
    if not isinstance(stated, list) or not isinstance(points, list):
        return None
    rings: list[list[tuple[float, float]]] = []
    for ring, numbers in zip(surface.rings, stated, strict=False):
        pairs = [_item(points, number) for number in (numbers or [])[1:]]
        if len(pairs) < len(ring) or not all(isinstance(p, list) and len(p) > 1 for p in pairs):
            return None
        rings.append([(float(p[0]), float(p[1])) for p in pairs[: len(ring)]])
    first = stated[0][0] if len(rings) == len(surface.rings) and rings else None
    return (first, rings) if isinstance(first, int) else None
