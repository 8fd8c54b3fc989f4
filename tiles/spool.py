"""Features on disk between reading and tiling, so that memory holds a tile and not a town."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, fields
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from citykernel.arrays import Float64Array, Int64Array

from .blocks import Simplified
from .columns import FeatureColumns, NumberColumn, TextColumn
from .features import Features
from .mesh import FeatureMesh

T = TypeVar("T")

_MESHES = ("mesh", "block", "box")
_ARRAYS, _LAYOUT = "features.bin", "features.json"
_ALIGNMENT_BYTES = 16


@dataclass(frozen=True, slots=True)
class FeatureIndex:
    """What the tree needs to know of all features, in memory.

    Parameters
    ----------
    low, high : (f, 3) float64
        Bounds.
    vertices, triangles : (f,) int64
        Size of each feature's own mesh.
    size_m, box_error_m, block_error_m : (f,) float64
        See :class:`~tiles.blocks.Simplified`.
    """

    low: Float64Array
    high: Float64Array
    vertices: Int64Array
    triangles: Int64Array
    size_m: Float64Array
    box_error_m: Float64Array
    block_error_m: Float64Array


def index_of(features: Features) -> FeatureIndex:
    """Return the index of features."""
    return FeatureIndex(
        features.low,
        features.high,
        np.diff(features.mesh.vertex_offsets).astype(np.int64),
        np.diff(features.mesh.triangle_offsets).astype(np.int64),
        features.simplified.size_m,
        features.simplified.box_error_m,
        features.simplified.block_error_m,
    )


def concatenate_indices(indices: list[FeatureIndex]) -> FeatureIndex:
    """Put indices behind each other, in order; at least one."""
    columns = {
        column.name: np.concatenate([getattr(index, column.name) for index in indices])
        for column in fields(FeatureIndex)
    }
    return FeatureIndex(**columns)


def write_features(features: Features, folder: Path) -> None:
    """Write features as plain arrays into a new folder.

    One file holds them all: with a file for each array, opening took longer than writing.

    Parameters
    ----------
    features : Features
        Of one work unit.
    folder : Path
        Is made; must not exist.
    """
    folder.mkdir(parents=True)
    arrays = _arrays_of(features)
    layout: dict[str, tuple[str, tuple[int, ...], int]] = {}
    with (folder / _ARRAYS).open("wb") as file:
        place = file.write(bytes(_ALIGNMENT_BYTES))  # an empty file cannot be mapped
        for name, array in arrays.items():
            layout[name] = (array.dtype.str, array.shape, place)
            place += file.write(np.ascontiguousarray(array).data)
            place += file.write(bytes(-place % _ALIGNMENT_BYTES))
    document = {"arrays": layout, "pictures": features.pictures}
    (folder / _LAYOUT).write_text(json.dumps(document), encoding="utf-8")


def _arrays_of(features: Features) -> dict[str, np.ndarray]:
    """All arrays of features by name, those of the index first."""
    parts: dict[str, Any] = {"index": index_of(features)}
    meshes = (features.mesh, features.simplified.block, features.simplified.box)
    parts.update(zip(_MESHES, meshes, strict=True))
    arrays = {
        f"{name}.{column.name}": getattr(part, column.name)
        for name, part in parts.items()
        for column in fields(part)
    }
    for name, values in features.columns.items():
        if isinstance(values, TextColumn):
            arrays |= {f"text.{name}": values.text, f"offsets.{name}": values.offsets}
        else:
            arrays[f"number.{name}"] = values.values
    return arrays


class _Spooled:
    """The arrays of a folder, mapped from disk and read when touched."""

    def __init__(self, folder: Path) -> None:
        document = json.loads((folder / _LAYOUT).read_text(encoding="utf-8"))
        self.pictures = tuple(document["pictures"])
        self.names = tuple(document["arrays"])
        self._layout = document["arrays"]
        with (folder / _ARRAYS).open("rb") as file:
            self._mapped = mmap(file.fileno(), 0, access=ACCESS_READ)

    def __getitem__(self, name: str) -> np.ndarray:
        dtype, shape, place = self._layout[name]
        count = math.prod(shape)
        return np.frombuffer(self._mapped, dtype, count, place).reshape(shape)

    def part(self, kind: type[T], name: str) -> T:
        """Return a dataclass of arrays."""
        return kind(**{column.name: self[f"{name}.{column.name}"] for column in fields(kind)})  # type: ignore[arg-type]

    def columns(self) -> FeatureColumns:
        """Return the properties, in their order."""
        columns: FeatureColumns = {}
        for kind, _, name in (key.partition(".") for key in self.names):
            if kind == "text":
                columns[name] = TextColumn(self[f"text.{name}"], self[f"offsets.{name}"])
            elif kind == "number":
                columns[name] = NumberColumn(self[f"number.{name}"])
        return columns


def read_features(folder: Path) -> Features:
    """Open features; their arrays are mapped from disk and read when touched.

    Parameters
    ----------
    folder : Path
        As written by :func:`write_features`.

    Returns
    -------
    Features
        The same features.
    """
    spooled = _Spooled(folder)
    mesh, block, box = (spooled.part(FeatureMesh, name) for name in _MESHES)
    index = spooled.part(FeatureIndex, "index")
    simplified = Simplified(block, box, index.block_error_m, index.box_error_m, index.size_m)
    return Features(
        mesh, index.low, index.high, spooled.columns(), simplified, spooled.pictures
    )


def read_index(folder: Path) -> FeatureIndex:
    """Read the index of features only, into memory."""
    index = _Spooled(folder).part(FeatureIndex, "index")
    return FeatureIndex(**{c.name: getattr(index, c.name).copy() for c in fields(index)})
