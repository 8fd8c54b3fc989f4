"""What the tests of tiles share: a frame beside Soest, and a glb read by hand."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from meshopt import decode_gltf_buffer

from citykernel.arrays import Float64Array
from citykernel.crs import Geocentric
from citykernel.frame import LocalFrame
from citykernel.geoid import Undulation
from citymodel import CityModel
from citymodel.testing import SOEST, SOEST_CRS
from tiles import Features, build_features

Decode = Callable[[bytes], "Decoded"]
Featured = Callable[[CityModel], Features]

DTYPES = {
    5120: np.int8,
    5121: np.uint8,
    5122: np.int16,
    5123: np.uint16,
    5125: np.uint32,
    5126: np.float32,
}
WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4}


@dataclass
class Decoded:
    """A glb, its numbers as they were before encoding."""

    document: dict[str, Any]
    blob: bytes
    primitives: list[dict[str, np.ndarray]] = field(default_factory=list)
    tables: list[dict[str, list[Any]]] = field(default_factory=list)


def _view(document: dict[str, Any], blob: bytes, row: int) -> bytes:
    view = document["bufferViews"][row]
    packed = view.get("extensions", {}).get("EXT_meshopt_compression")
    if packed is None:
        return blob[view["byteOffset"] : view["byteOffset"] + view["byteLength"]]
    data = blob[packed["byteOffset"] : packed["byteOffset"] + packed["byteLength"]]
    plain = decode_gltf_buffer(
        data, packed["count"], packed["byteStride"], packed["mode"], packed.get("filter")
    )
    if plain.dtype != np.uint8:
        plain = plain.astype({2: np.uint16, 4: np.uint32}[packed["byteStride"]])
    assert len(plain.tobytes()) == view["byteLength"]
    return bytes(plain.tobytes())


def _accessor(document: dict[str, Any], blob: bytes, row: int) -> np.ndarray:
    accessor = document["accessors"][row]
    data = _view(document, blob, accessor["bufferView"])
    kind, width = np.dtype(DTYPES[accessor["componentType"]]), WIDTHS[accessor["type"]]
    stride = document["bufferViews"][accessor["bufferView"]].get("byteStride")
    stride = stride or kind.itemsize * width
    rows = np.frombuffer(data, np.uint8).reshape(-1, stride)[:, : kind.itemsize * width]
    assert len(rows) == accessor["count"]
    values = np.ascontiguousarray(rows).view(kind)
    if accessor.get("normalized"):
        largest = {1: 127, 2: 32767}[kind.itemsize] * (2 if kind.kind == "u" else 1)
        largest += kind.kind == "u"
        return np.asarray(np.maximum(values / largest, -1.0))
    return np.asarray(values)


def _z_up(points: np.ndarray) -> Float64Array:
    return np.stack([points[:, 0], -points[:, 2], points[:, 1]], axis=1).astype(np.float64)


def _primitive(document: dict[str, Any], blob: bytes, entry: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {
        name: _accessor(document, blob, row) for name, row in entry["attributes"].items()
    }
    node = document["nodes"][0]
    placed = found["POSITION"] * np.array(node.get("scale", [1, 1, 1])) + node["translation"]
    found["POSITION"], found["NORMAL"] = _z_up(placed), _z_up(found["NORMAL"])
    found["triangles"] = _accessor(document, blob, entry["indices"]).reshape(-1, 3)
    found["material"] = entry["material"]
    return found


def _table(document: dict[str, Any], blob: bytes, row: int) -> dict[str, list[Any]]:
    metadata = document["extensions"]["EXT_structural_metadata"]
    table = metadata["propertyTables"][row]
    kinds = metadata["schema"]["classes"][table["class"]]["properties"]
    columns: dict[str, list[Any]] = {}
    for name, entry in table["properties"].items():
        data = _view(document, blob, entry["values"])
        if kinds[name]["type"] == "STRING":
            width = {"UINT16": np.uint16, "UINT32": np.uint32}[entry["stringOffsetType"]]
            bounds = np.frombuffer(_view(document, blob, entry["stringOffsets"]), width)
            columns[name] = [data[a:b].decode() for a, b in pairwise(bounds.tolist())]
        else:
            kind = {"FLOAT32": np.float32, "INT32": np.int32}[kinds[name]["componentType"]]
            columns[name] = np.frombuffer(data, kind).tolist()
        assert len(columns[name]) == table["count"]
    return columns


def _decode(glb: bytes) -> Decoded:
    magic, version, length, size, kind = struct.unpack_from("<4sIIII", glb)
    assert (magic, version, length, kind) == (b"glTF", 2, len(glb), 0x4E4F534A)
    document = json.loads(glb[20 : 20 + size])
    blob_size, blob_kind = struct.unpack_from("<II", glb, 20 + size)
    assert blob_kind == 0x004E4942
    assert 28 + size + blob_size == len(glb)
    decoded = Decoded(document, glb[28 + size :])
    for entry in document["meshes"][0]["primitives"]:
        decoded.primitives.append(_primitive(document, decoded.blob, entry))
    metadata = document.get("extensions", {}).get("EXT_structural_metadata")
    for row in range(len(metadata["propertyTables"]) if metadata else 0):
        decoded.tables.append(_table(document, decoded.blob, row))
    return decoded


@pytest.fixture(scope="session")
def decode() -> Decode:
    """Read a glb by hand: JSON, meshopt, accessors, property tables."""
    return _decode


@pytest.fixture(scope="session")
def geocentric() -> Geocentric:
    """From EPSG:25832 with heights of DHHN2016 to the Earth's centre."""
    undulation = Undulation("declared for tests", 1.0, constant_m=46.28)
    return Geocentric(SOEST_CRS, undulation)


@pytest.fixture(scope="session")
def frame(geocentric: Geocentric) -> LocalFrame:
    """A frame 300 m from the houses, as houses of a town stand in its frame."""
    lon, lat, height = geocentric.degrees(np.array([SOEST]) + np.array([200.0, 220.0, 0.0]))[0]
    return LocalFrame(float(lon), float(lat), float(height))


@pytest.fixture(scope="session")
def featured(geocentric: Geocentric, frame: LocalFrame) -> Featured:
    """Features of a model in the frame."""
    return lambda model: build_features(model, geocentric, frame)[0]
