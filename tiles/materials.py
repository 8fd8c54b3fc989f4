"""Materials of a glb: plain ones coloured by their vertices, and those that wear pictures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

REPEAT, CLAMP = 10497, 33071
LINEAR, LINEAR_MIPMAP_LINEAR = 9729, 9987

AlphaMode = Literal["OPAQUE", "MASK", "BLEND"]


@dataclass(frozen=True, slots=True)
class Texture:
    """A picture, how it continues beyond its edges, and what its transparency means.

    Parameters
    ----------
    image : bytes
        The encoded file.
    mime_type : str
        ``image/jpeg`` or ``image/png``: glTF's core knows no other.
    repeat : bool
        Whether it continues beyond its edges; else its edge does.
    alpha_mode : {"OPAQUE", "MASK", "BLEND"}
        glTF's: no transparency, holes (fences, leaves), or glass.
    """

    image: bytes
    mime_type: str
    repeat: bool = False
    alpha_mode: AlphaMode = "OPAQUE"


def materials(worn: list[int], textures: tuple[Texture, ...]) -> list[dict[str, Any]]:
    """Return glTF materials: the plain one, then one for each worn texture.

    Parameters
    ----------
    worn : list of int
        Rows of the textures that primitives refer to.
    textures : tuple of Texture
        All textures of the tile.

    Returns
    -------
    list of dict
        ``1 + len(worn)`` materials.
    """
    return [_material({}), *(_pictured(row, textures[row]) for row in worn)]


def _pictured(row: int, texture: Texture) -> dict[str, Any]:
    material = _material({"baseColorTexture": {"index": row}})
    if texture.alpha_mode != "OPAQUE":
        material["alphaMode"] = texture.alpha_mode
    return material


def _material(surface: dict[str, Any]) -> dict[str, Any]:
    # Double-sided: the orientation of multi-surfaces is not stated by every source.
    return {
        "doubleSided": True,
        "pbrMetallicRoughness": {"metallicFactor": 0, "roughnessFactor": 1, **surface},
    }


def add_textures(
    document: dict[str, Any], textures: tuple[Texture, ...], add_bytes: Callable[[bytes], int]
) -> None:
    """Add images, samplers and textures to a glTF document.

    Parameters
    ----------
    document : dict
        Is changed.
    textures : tuple of Texture
        At least one.
    add_bytes : callable
        Stores bytes and returns the bufferView's number.
    """
    wraps = sorted({texture.repeat for texture in textures})
    document["images"] = [
        {"bufferView": add_bytes(t.image), "mimeType": t.mime_type} for t in textures
    ]
    document["samplers"] = [
        {
            "magFilter": LINEAR,
            "minFilter": LINEAR_MIPMAP_LINEAR,
            "wrapS": REPEAT if repeat else CLAMP,
            "wrapT": REPEAT if repeat else CLAMP,
        }
        for repeat in wraps
    ]
    document["textures"] = [
        {"source": row, "sampler": wraps.index(t.repeat)} for row, t in enumerate(textures)
    ]
