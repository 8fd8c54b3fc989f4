"""A glTF document while it grows: buffer views, accessors, and the binary container.

Every vertex attribute has a bufferView of its own whose rows are multiples of four bytes;
the glTF validator does not accept less, and a second 16-bit feature id packed behind the
first is the classical fault.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from meshopt import encode_gltf_buffer

from citykernel.arrays import Int32Array

UNSIGNED_BYTE, UNSIGNED_SHORT, UNSIGNED_INT, FLOAT, BYTE = 5121, 5123, 5125, 5126, 5120
ARRAY_BUFFER, ELEMENT_ARRAY_BUFFER = 34962, 34963
LARGEST_U16 = 65535


@dataclass(slots=True)
class GltfBuffers:
    """The JSON and the bytes while they grow.

    Parameters
    ----------
    compress : bool
        Vertices and indices go through EXT_meshopt_compression.
    views, accessors : list of dict
        As in the document.
    blob : bytearray
        The binary chunk.
    fallback_bytes : int
        Size of the buffer that decoders fill.
    """

    compress: bool
    views: list[dict[str, Any]] = field(default_factory=list)
    accessors: list[dict[str, Any]] = field(default_factory=list)
    blob: bytearray = field(default_factory=bytearray)
    fallback_bytes: int = 0

    def add_bytes(self, data: bytes, **more: Any) -> int:
        """Store bytes at a multiple of eight; returns the bufferView's number."""
        self.blob.extend(b"\0" * (-len(self.blob) % 8))
        view = {"buffer": 0, "byteOffset": len(self.blob), "byteLength": len(data), **more}
        self.blob.extend(data)
        self.views.append(view)
        return len(self.views) - 1

    def add_view(self, rows: np.ndarray, *, indices: bool, filtered: bool = False) -> int:
        """Vertices or indices, compressed where wanted."""
        target = ELEMENT_ARRAY_BUFFER if indices else ARRAY_BUFFER
        stride = rows.itemsize if indices else rows.itemsize * rows.shape[1]
        layout = {} if indices else {"byteStride": stride}
        if not self.compress:
            return self.add_bytes(rows.tobytes(), target=target, **layout)
        mode = "TRIANGLES" if indices else "ATTRIBUTES"
        encoded = encode_gltf_buffer(rows, mode)
        self.blob.extend(b"\0" * (-len(self.blob) % 8))
        view = {
            "buffer": 1,
            "byteOffset": self.fallback_bytes,
            "byteLength": rows.nbytes,
            "target": target,
            **layout,
            "extensions": {
                "EXT_meshopt_compression": {
                    "buffer": 0,
                    "byteOffset": len(self.blob),
                    "byteLength": len(encoded),
                    "byteStride": stride,
                    "mode": mode,
                    "count": rows.size if indices else len(rows),
                    **({"filter": "EXPONENTIAL"} if filtered else {}),
                }
            },
        }
        self.blob.extend(encoded)
        self.fallback_bytes += rows.nbytes + (-rows.nbytes % 8)
        self.views.append(view)
        return len(self.views) - 1

    def add_attribute(
        self, rows: np.ndarray, kind: int, shape: str, *, filtered: bool = False, **more: Any
    ) -> int:
        """Store an accessor over rows padded to four bytes."""
        width = rows.shape[1] * rows.itemsize
        padding = -width % 4 // rows.itemsize
        padded = np.pad(rows, ((0, 0), (0, padding))) if padding else np.ascontiguousarray(rows)
        accessor = {
            "bufferView": self.add_view(padded, indices=False, filtered=filtered),
            "componentType": kind,
            "count": len(rows),
            "type": shape,
            **more,
        }
        self.accessors.append(accessor)
        return len(self.accessors) - 1

    def add_indices(self, triangles: Int32Array, vertices: int) -> int:
        """Store triangles in as few bytes as the vertices allow; returns the accessor."""
        small = vertices <= LARGEST_U16
        rows = triangles.astype(np.uint16 if small else np.uint32).ravel()
        self.accessors.append(
            {
                "bufferView": self.add_view(rows, indices=True),
                "componentType": UNSIGNED_SHORT if small else UNSIGNED_INT,
                "count": int(rows.size),
                "type": "SCALAR",
            }
        )
        return len(self.accessors) - 1


def glb_container(document: dict[str, Any], blob: bytes) -> bytes:
    """Join a document and its buffer to a glb.

    References
    ----------
    Khronos glTF 2.0, section 4.4 (binary glTF layout).
    """
    text = json.dumps(document, separators=(",", ":"), allow_nan=False).encode()
    # The binary chunk starts 28 bytes later, and numbers in it want multiples of eight.
    text += b" " * ((4 - len(text)) % 8)
    blob += b"\0" * (-len(blob) % 4)
    total = 12 + 8 + len(text) + 8 + len(blob)
    return (
        struct.pack("<4sIIII", b"glTF", 2, total, len(text), 0x4E4F534A)
        + text
        + struct.pack("<II", len(blob), 0x004E4942)
        + blob
    )
