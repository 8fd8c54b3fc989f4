"""Appearances as they stand in a document: themes, materials, textures and their targets."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from lxml import etree

from citykernel.arrays import Float64Array

from ...model import Material
from .attributes import to_number
from .document import Document, href_of, text_of
from .names import GML_32, GML_311, MEANINGS, Kind
from .pictures import Pictures

_MATRIX_3X4 = 12
_MATRIX_2X2 = 4


class Target(NamedTuple):
    """What wears a surface data, and how.

    Parameters
    ----------
    uri : str
        Reference to a polygon, ring, aggregate or thematic surface.
    coordinates : dict of str to (n, 2) float64
        Texture coordinates by the id of a ring.
    matrix : (3, 4) float64 or None
        From the model's system to texture space (TexCoordGen).
    """

    uri: str
    coordinates: dict[str, Float64Array]
    matrix: Float64Array | None = None


class Georeference(NamedTuple):
    """From the model's system to a picture seen from above.

    Parameters
    ----------
    orientation : (2, 2) float64
        From columns and rows of pixels to the model's system.
    reference : (2,) float64
        Centre of the upper left pixel.
    size : tuple of 2 int
        Width and height in pixels.
    """

    orientation: Float64Array
    reference: Float64Array
    size: tuple[int, int]


@dataclass(eq=False, slots=True)
class SurfaceData:
    """A material or a texture of one theme.

    Parameters
    ----------
    material : Material
        Colour or picture.
    is_texture : bool
        A texture covers a colour of the same theme.
    targets : list of Target
        What wears it.
    georeference : Georeference, optional
        Of a picture seen from above.
    """

    material: Material
    is_texture: bool
    targets: list[Target] = field(default_factory=list)
    georeference: Georeference | None = None


def read_surface_data(document: Document) -> dict[str, list[SurfaceData]]:
    """List what the appearances of a unit say, by theme.

    Parameters
    ----------
    document : Document
        The unit.

    Returns
    -------
    dict of str to list of SurfaceData
        Themes in document order; surface data for the back of surfaces are left out.
    """
    themes: dict[str, list[SurfaceData]] = {}
    pictures = Pictures(document.unit.header.path.parent)
    for appearance in document.root.iter("{*}Appearance"):
        if MEANINGS[appearance.tag].kind is not Kind.ASIDE:
            continue
        theme = next((text_of(c) for c in appearance if _local(c) == "theme"), "")
        for prop in appearance:
            if _local(prop) not in ("surfaceDataMember", "surfaceData"):
                continue
            for element in _values(document, prop):
                data = _surface_data(document, element, theme, pictures)
                if data is not None:
                    themes.setdefault(theme, []).append(data)
    return themes


def _local(element: etree._Element) -> str:
    return MEANINGS[element.tag].local


def _values(document: Document, prop: etree._Element) -> list[etree._Element]:
    if len(prop) or not href_of(prop):
        return list(prop)
    target = document.resolve(href_of(prop), prop, "")
    return [] if target is None else [target]


def _surface_data(
    document: Document, element: etree._Element, theme: str, pictures: Pictures
) -> SurfaceData | None:
    child = {_local(below): below for below in element}
    front = child.get("isFront")
    if front is not None and text_of(front) in ("false", "0"):
        return None
    kind = _local(element)
    if kind == "X3DMaterial":
        data = SurfaceData(_colour(child, theme), is_texture=False)
        data.targets = [Target(text_of(t), {}) for t in element if _local(t) == "target"]
        return data
    if kind not in ("ParameterizedTexture", "GeoreferencedTexture"):
        return None
    data = SurfaceData(_picture(document, child, theme, pictures), is_texture=True)
    if kind == "GeoreferencedTexture":
        data.targets = [Target(text_of(t), {}) for t in element if _local(t) == "target"]
        data.georeference = _georeference(document, child, data.material.image, pictures)
        return data
    for below in element:
        if _local(below) in ("target", "textureParameterization"):
            data.targets.extend(_texture_targets(document, below))
    return data


def _colour(child: dict[str, etree._Element], theme: str) -> Material:
    plain = Material()
    transparency = _numbers(child.get("transparency"))
    rgb = np.clip(_numbers(child.get("diffuseColor")), 0, 1)
    fits = len(rgb) == len(plain.diffuse) and bool(np.isfinite(rgb).all())
    opacity = 1.0
    if len(transparency) and np.isfinite(transparency[0]):
        opacity = 1.0 - float(np.clip(transparency[0], 0, 1))
    diffuse = (float(rgb[0]), float(rgb[1]), float(rgb[2])) if fits else plain.diffuse
    return Material(diffuse, opacity, theme=theme)


def _picture(
    document: Document, child: dict[str, etree._Element], theme: str, pictures: Pictures
) -> Material:
    uri = text_of(child["imageURI"]) if "imageURI" in child else ""
    wrap = text_of(child["wrapMode"]) if "wrapMode" in child else "wrap"
    image = pictures.find(uri)
    if not image:
        document.issue(
            "picture-missing", "warning",
            f"the picture '{uri}' is not in the source's folder; its surfaces stay plain",
            at=child.get("imageURI"),
        )  # fmt: skip
        return Material(theme=theme)
    return Material((1.0, 1.0, 1.0), 1.0, image, wrap, theme)


def _texture_targets(document: Document, element: etree._Element) -> list[Target]:
    uri = element.get("uri") or ""  # 1.0 and 2.0; an empty one means what it contains
    values = _values(document, element)
    if values and _local(values[0]) == "TextureAssociation":  # 3.0
        inner = {_local(below): below for below in values[0]}
        uri = text_of(inner["target"]) if "target" in inner else ""
        wrapped = inner.get("textureParameterization")
        values = [] if wrapped is None else _values(document, wrapped)
    return [Target(uri, _ring_coordinates(value), _world_to_texture(value)) for value in values]


def _ring_coordinates(element: etree._Element) -> dict[str, Float64Array]:
    lists = [below for below in element if _local(below) == "textureCoordinates"]
    rings = [text_of(below) for below in element if _local(below) == "ring"]  # 3.0
    if not rings:
        rings = [below.get("ring") or "" for below in lists]
    return {
        ring.removeprefix("#"): numbers.reshape(-1, 2)
        for ring, numbers in zip(rings, map(_numbers, lists), strict=False)
        if len(numbers) % 2 == 0 and np.isfinite(numbers).all()
    }


def _world_to_texture(element: etree._Element) -> Float64Array | None:
    for below in element:
        if _local(below) == "worldToTexture":
            numbers = _numbers(below)
            if len(numbers) == _MATRIX_3X4 and np.isfinite(numbers).all():
                return numbers.reshape(3, 4)
    return None


def _georeference(
    document: Document, child: dict[str, etree._Element], image: str, pictures: Pictures
) -> Georeference | None:
    # What stands in the model goes before a world file (appearance.xsd of CityGML 2.0).
    orientation = _numbers(child.get("orientation"))
    point = child.get("referencePoint")
    reference = _numbers(None)
    if point is not None:
        names = (f"{{{GML_311}}}pos", f"{{{GML_32}}}pos", f"{{{GML_311}}}coordinates")
        reference = next((_numbers(pos)[:2] for pos in point.iter(*names)), reference)
    size = pictures.size(image) if image else None
    if size is None:
        return None
    stated = (orientation.reshape(2, 2), reference) if len(orientation) == _MATRIX_2X2 else None
    placed = stated if stated and len(reference) == 2 else pictures.world_file(image)  # noqa: PLR2004 - x, y
    if placed is None or not np.isfinite(placed[0]).all() or not np.linalg.det(placed[0]):
        document.issue(
            "texture-without-georeference", "warning",
            f"the picture '{image}' has neither orientation and reference point nor a world "
            "file; its surfaces stay plain",
            at=child.get("imageURI"),
        )  # fmt: skip
        return None
    return Georeference(*placed, size)


def _numbers(element: etree._Element | None) -> Float64Array:
    words = [] if element is None else text_of(element).replace(",", " ").split()
    return np.array([to_number(word) for word in words], np.float64)
