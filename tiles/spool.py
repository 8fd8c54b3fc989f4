"""Features on disk between reading and tiling, so that memory holds a tile and not a town."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from citykernel.arrays import Float64Array, Int64Array

from .blocks import Simplified
from .columns import FeatureColumns, NumberColumn, TextColumn
from .features import Features
from .mesh import FeatureMesh

_MESHES = ("mesh", "block", "box")


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

    Parameters
    ----------
    features : Features
        Of one work unit.
    folder : Path
        Is made; must not exist.
    """
    folder.mkdir(parents=True)
    meshes = (features.mesh, features.simplified.block, features.simplified.box)
    for name, mesh in zip(_MESHES, meshes, strict=True):
        for column in fields(FeatureMesh):
            np.save(folder / f"{name}.{column.name}.npy", getattr(mesh, column.name))
    for name, values in features.columns.items():
        if isinstance(values, TextColumn):
            np.save(folder / f"text.{name}.npy", values.text)
            np.save(folder / f"offsets.{name}.npy", values.offsets)
        else:
            np.save(folder / f"number.{name}.npy", values.values)
    index = index_of(features)
    for column in fields(FeatureIndex):
        np.save(folder / f"index.{column.name}.npy", getattr(index, column.name))
    names = {name: isinstance(c, TextColumn) for name, c in features.columns.items()}
    document = {"columns": names, "pictures": features.pictures}
    (folder / "features.json").write_text(json.dumps(document), encoding="utf-8")


def _array(folder: Path, name: str) -> np.ndarray:
    path = folder / f"{name}.npy"
    try:
        mapped: np.ndarray = np.load(path, mmap_mode="r")
    except ValueError:  # an empty array cannot be mapped
        return np.asarray(np.load(path))
    return mapped


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
    document = json.loads((folder / "features.json").read_text(encoding="utf-8"))
    columns: FeatureColumns = {
        name: TextColumn(_array(folder, f"text.{name}"), _array(folder, f"offsets.{name}"))
        if is_text
        else NumberColumn(_array(folder, f"number.{name}"))
        for name, is_text in document["columns"].items()
    }
    meshes = [
        FeatureMesh(**{c.name: _array(folder, f"{name}.{c.name}") for c in fields(FeatureMesh)})
        for name in _MESHES
    ]
    index = read_index(folder)
    simplified = Simplified(
        meshes[1], meshes[2], index.block_error_m, index.box_error_m, index.size_m
    )
    return Features(
        meshes[0], index.low, index.high, columns, simplified, tuple(document["pictures"])
    )


def read_index(folder: Path) -> FeatureIndex:
    """Read the index of features only, into memory."""
    return FeatureIndex(
        **{c.name: np.load(folder / f"index.{c.name}.npy") for c in fields(FeatureIndex)}
    )
