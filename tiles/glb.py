"""Binary glTF: one primitive a tile, features and their properties with it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from meshopt import reorder_mesh

from citykernel.arrays import Float32Array, Float64Array, Int32Array, UInt8Array, least_and_most

from .columns import FeatureColumns
from .gltf_buffers import (
    BYTE,
    FLOAT,
    LARGEST_U16,
    UNSIGNED_BYTE,
    UNSIGNED_SHORT,
    GltfBuffers,
    glb_container,
)
from .materials import Texture, add_textures, materials
from .metadata import SURFACE_CLASSES, metadata_extension

MODE_TRIANGLES = 4


@dataclass(frozen=True, slots=True)
class TilePrimitive:
    """One draw call.

    Parameters
    ----------
    positions : (v, 3) float64
        Metres east, north, up.
    normals : (v, 3) float32
        Unit vectors.
    colours : (v, 3) uint8
        Linear.
    triangles : (t, 3) int32
        Rows of the vertices.
    feature_id : (v,) int32
        Row of the property table; empty for ground without features.
    surface_class : (v,) uint8
        Surface type; empty as above.
    texture_coordinates : (v, 2) float32
        glTF's; empty without a texture.
    texture : int
        Row in the tile's textures, -1 for none.
    """

    positions: Float64Array
    normals: Float32Array
    colours: UInt8Array
    triangles: Int32Array
    feature_id: Int32Array = field(default_factory=lambda: np.empty(0, np.int32))
    surface_class: UInt8Array = field(default_factory=lambda: np.empty(0, np.uint8))
    texture_coordinates: Float32Array = field(
        default_factory=lambda: np.empty((0, 2), np.float32)
    )
    texture: int = -1


def glb_bytes(
    primitives: list[TilePrimitive],
    *,
    columns: FeatureColumns | None = None,
    textures: tuple[Texture, ...] = (),
    compress: bool = True,
    step_m: float = 0.0,
    copyright_text: str = "",
) -> bytes:
    """Encode a tile's content.

    Parameters
    ----------
    primitives : list of TilePrimitive
        At least one, in metres east, north, up of the tileset's frame.
    columns : dict of str to column, optional
        Properties of the features, one row each.
    textures : tuple of Texture
        Pictures that primitives refer to.
    compress : bool
        KHR_mesh_quantization and EXT_meshopt_compression; else plain floats that every
        client reads.
    step_m : float
        Positions are kept to this: as 16-bit integers where they suffice, else as floats
        of few bits; 0 for 16 bits over the tile's extent whatever they leave.
    copyright_text : str
        Attribution that clients show.

    Returns
    -------
    bytes
        A glb whose axes are glTF's (y up): 3D Tiles turns them back to z up.

    References
    ----------
    Khronos glTF 2.0, KHR_mesh_quantization, EXT_meshopt_compression; Cesium
    EXT_mesh_features, EXT_structural_metadata.
    """
    gltf = GltfBuffers(compress)
    every = _y_up(np.concatenate([p.positions for p in primitives]))
    low, high = least_and_most(every)
    # One scale for all axes: another would bend the normals.
    lattice = _lattice(low, high, step_m) if compress else None
    offset = low if compress else (low + high) / 2
    has_features = columns is not None and len(primitives[0].feature_id) > 0
    worn = sorted({p.texture for p in primitives if p.texture >= 0})
    meshes = [
        _primitive(gltf, p, offset, lattice, worn, columns if has_features else None)
        for p in primitives
    ]
    node: dict[str, Any] = {"mesh": 0, "translation": [float(v) for v in offset]}
    if lattice is not None and not lattice.as_floats:
        node["scale"] = [lattice.step_m] * 3
    used = {"KHR_mesh_quantization", "EXT_meshopt_compression"} if compress else set()
    required = sorted(used)
    document: dict[str, Any] = {
        "asset": {"version": "2.0", "generator": "Stadtbild"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [node],
        "meshes": [{"primitives": meshes}],
        "materials": materials(worn, textures),
    }
    if copyright_text:
        document["asset"]["copyright"] = copyright_text
    if textures:
        add_textures(document, textures, gltf.add_bytes)
    if has_features and columns is not None:
        used |= {"EXT_mesh_features", "EXT_structural_metadata"}
        document["extensions"] = metadata_extension(columns, gltf.add_bytes)
    document["accessors"] = gltf.accessors
    document["bufferViews"] = gltf.views
    document["buffers"] = [{"byteLength": len(gltf.blob)}]
    if compress:
        fallback = {"EXT_meshopt_compression": {"fallback": True}}
        document["buffers"].append({"byteLength": gltf.fallback_bytes, "extensions": fallback})
    if used:
        document["extensionsUsed"] = sorted(used)
    if required:
        document["extensionsRequired"] = required
    return glb_container(document, bytes(gltf.blob))


@dataclass(frozen=True, slots=True)
class _Lattice:
    """Where positions may stand.

    Parameters
    ----------
    step_m : float
        A power of two where positions are floats.
    as_floats : bool
        Floats with few bits that meshopt's exponential filter packs, instead of 16-bit
        integers: real walls are as narrow as a millimetre, and rounded to the centimetre
        that 16 bits leave in a kilometre they would lose their area.
    """

    step_m: float
    as_floats: bool


def _lattice(low: Float64Array, high: Float64Array, step_m: float) -> _Lattice:
    span = max(float((high - low).max()), 1e-3)
    if step_m <= 0:
        return _Lattice(span / LARGEST_U16, as_floats=False)
    if span / step_m <= LARGEST_U16:
        return _Lattice(step_m, as_floats=False)
    power_of_two = 2.0 ** math.floor(math.log2(step_m))
    return _Lattice(max(power_of_two, _finest(span)), as_floats=True)


def _finest(span_m: float) -> float:
    """The finest power of two that 23 bits and a sign hold over a span."""
    return float(2.0 ** math.ceil(math.log2(span_m / 2**23)))


def quantisation_step_m(positions: Float64Array, step_m: float = 0.0) -> float:
    """Metres between two neighbouring positions of a compressed tile.

    Parameters
    ----------
    positions : (v, 3) float64
        Metres.
    step_m : float
        What was asked for; 0 for 16 bits over the largest extent.

    Returns
    -------
    float
        At most ``step_m``, unless the extent is beyond 16 km.
    """
    return _lattice(*least_and_most(positions), step_m).step_m


def _y_up(points: Float64Array) -> Float64Array:
    """East, north, up to glTF's x, y, z: x east, y up, z south."""
    return np.stack([points[..., 0], points[..., 2], -points[..., 1]], axis=-1)


def _primitive(
    gltf: GltfBuffers,
    primitive: TilePrimitive,
    offset: Float64Array,
    lattice: _Lattice | None,
    worn: list[int],
    columns: FeatureColumns | None,
) -> dict[str, Any]:
    triangles = primitive.triangles
    keep = np.arange(len(primitive.positions))
    if gltf.compress:
        triangles = _by_class(primitive)
        triangles, keep = _reordered(triangles, len(keep))
    positions = _y_up(primitive.positions[keep]) - offset
    normals = _y_up(primitive.normals[keep].astype(np.float64))
    attributes = (
        _plain(gltf, positions, normals)
        if lattice is None
        else _quantised(gltf, positions, normals, lattice)
    )
    colours = np.column_stack([primitive.colours[keep], np.full(len(keep), 255, np.uint8)])
    attributes["COLOR_0"] = gltf.add_attribute(colours, UNSIGNED_BYTE, "VEC4", normalized=True)
    if primitive.texture >= 0:
        attributes["TEXCOORD_0"] = _texture_coordinates(gltf, primitive, keep)
    result: dict[str, Any] = {
        "attributes": attributes,
        "indices": gltf.add_indices(triangles, len(keep)),
        "material": 0 if primitive.texture < 0 else 1 + worn.index(primitive.texture),
        "mode": MODE_TRIANGLES,
    }
    if columns is not None:
        result["extensions"] = {
            "EXT_mesh_features": {
                "featureIds": _feature_ids(gltf, primitive, keep, attributes, columns)
            }
        }
    return result


def _by_class(primitive: TilePrimitive) -> Int32Array:
    """Triangles with all walls first, then all roofs: colours and classes hardly change."""
    if not len(primitive.surface_class):
        return primitive.triangles
    kinds = primitive.surface_class[primitive.triangles[:, 0]]
    return primitive.triangles[np.argsort(kinds, kind="stable")]


def _reordered(triangles: Int32Array, vertices: int) -> tuple[Int32Array, np.ndarray]:
    """Vertices in the order of their first use: what the codec's differences like."""
    renumbered, place, used = reorder_mesh(triangles.astype(np.uint32).ravel(), False, False)
    keep = np.empty(used, np.int64)
    place = place[:vertices]
    there = place < used
    keep[place[there]] = np.flatnonzero(there)
    return renumbered.reshape(-1, 3).astype(np.int32), keep


def _quantised(
    gltf: GltfBuffers, positions: Float64Array, normals: Float64Array, lattice: _Lattice
) -> dict[str, int]:
    turned = np.round(normals * 127).astype(np.int8)
    normal = gltf.add_attribute(turned, BYTE, "VEC3", normalized=True)
    steps = np.round(positions / lattice.step_m).astype(np.int32)
    if lattice.as_floats:
        # The filter's rows: a signed exponent of two above a signed mantissa of 24 bits.
        exponent = round(math.log2(lattice.step_m))
        rows = np.int32(exponent << 24) | (steps & 0xFFFFFF)
        low, high = least_and_most((steps * lattice.step_m).astype(np.float32))
        return {
            "POSITION": gltf.add_attribute(
                rows,
                FLOAT,
                "VEC3",
                filtered=True,
                min=[float(v) for v in low],
                max=[float(v) for v in high],
            ),
            "NORMAL": normal,
        }
    small = np.clip(steps, 0, LARGEST_U16).astype(np.uint16)
    least, most = least_and_most(small)
    return {
        "POSITION": gltf.add_attribute(
            small,
            UNSIGNED_SHORT,
            "VEC3",
            min=least.tolist(),
            max=most.tolist(),
        ),
        "NORMAL": normal,
    }


def _plain(gltf: GltfBuffers, positions: Float64Array, normals: Float64Array) -> dict[str, int]:
    small = positions.astype(np.float32)
    least, most = least_and_most(small)
    return {
        "POSITION": gltf.add_attribute(
            small,
            FLOAT,
            "VEC3",
            min=[float(v) for v in least],
            max=[float(v) for v in most],
        ),
        "NORMAL": gltf.add_attribute(normals.astype(np.float32), FLOAT, "VEC3"),
    }


def _texture_coordinates(gltf: GltfBuffers, primitive: TilePrimitive, keep: np.ndarray) -> int:
    """Fractions of an atlas in 16 bits (a thirtieth of a pixel); patterns as floats."""
    uv = primitive.texture_coordinates[keep].astype(np.float32)
    if gltf.compress and uv.min() >= 0 and uv.max() <= 1:
        small = np.round(uv * LARGEST_U16).astype(np.uint16)
        return gltf.add_attribute(small, UNSIGNED_SHORT, "VEC2", normalized=True)
    return gltf.add_attribute(uv, FLOAT, "VEC2")


def _feature_ids(
    gltf: GltfBuffers,
    primitive: TilePrimitive,
    keep: np.ndarray,
    attributes: dict[str, int],
    columns: FeatureColumns,
) -> list[dict[str, Any]]:
    count = len(next(iter(columns.values())))
    ids = primitive.feature_id[keep][:, None]
    if count <= LARGEST_U16:
        rows, kind = ids.astype(np.uint16), UNSIGNED_SHORT
    else:  # vertex attributes know no 32-bit integers; a float is exact up to 2^24
        rows, kind = ids.astype(np.float32), FLOAT
    attributes["_FEATURE_ID_0"] = gltf.add_attribute(rows, kind, "SCALAR")
    classes = primitive.surface_class[keep][:, None]
    attributes["_FEATURE_ID_1"] = gltf.add_attribute(classes, UNSIGNED_BYTE, "SCALAR")
    return [
        {"featureCount": count, "attribute": 0, "propertyTable": 0, "label": "object"},
        {
            "featureCount": len(SURFACE_CLASSES),
            "attribute": 1,
            "propertyTable": 1,
            "label": "surface_class",
        },
    ]
