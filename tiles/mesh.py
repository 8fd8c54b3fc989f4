"""Meshes of features: flat arrays in which each feature owns a run of vertices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from citykernel.arrays import (
    Float32Array,
    Float64Array,
    Int32Array,
    Int64Array,
    UInt8Array,
    offsets_from_counts,
    run_indices,
)


@dataclass(frozen=True, slots=True)
class FeatureMesh:
    """Triangles of many features.

    Parameters
    ----------
    positions : (v, 3) float64
        Metres east, north, up of the tileset's frame.
    normals : (v, 3) float32
        Unit normals in the same axes.
    colours : (v, 3) uint8
        Linear red, green, blue (glTF's COLOR_0 is linear).
    classes : (v,) uint8
        Surface type of each vertex.
    triangles : (t, 3) int32
        Vertices, counted from the feature's first.
    vertex_offsets, triangle_offsets : (f + 1,) int32
        Feature to vertices and triangles.
    texture_coordinates : (v, 2) float32
        glTF's (origin upper left), NaN where a vertex wears no picture; (0, 2) where no
        feature has pictures.
    textures : (v,) int32
        Row in the list of pictures, -1 for none; (0,) as above.
    """

    positions: Float64Array
    normals: Float32Array
    colours: UInt8Array
    classes: UInt8Array
    triangles: Int32Array
    vertex_offsets: Int32Array
    triangle_offsets: Int32Array
    texture_coordinates: Float32Array
    textures: Int32Array

    def __len__(self) -> int:
        return len(self.vertex_offsets) - 1

    @property
    def is_textured(self) -> bool:
        """Whether any vertex wears a picture."""
        return bool(len(self.textures) and (self.textures >= 0).any())

    @property
    def vertex_feature(self) -> Int64Array:
        """Feature of each vertex, (v,) int64."""
        return np.repeat(np.arange(len(self)), np.diff(self.vertex_offsets))

    @property
    def absolute_triangles(self) -> Int64Array:
        """Triangles as rows of all vertices, (t, 3) int64."""
        first = np.repeat(self.vertex_offsets[:-1], np.diff(self.triangle_offsets))
        return self.triangles.astype(np.int64) + first[:, None]

    def take(self, rows: Int64Array) -> FeatureMesh:
        """Return some features in the given order.

        Parameters
        ----------
        rows : (k,) int64
            Rows of features.

        Returns
        -------
        FeatureMesh
            With ``k`` features.
        """
        vertex_counts = np.diff(self.vertex_offsets)[rows]
        triangle_counts = np.diff(self.triangle_offsets)[rows]
        v = run_indices(self.vertex_offsets[:-1][rows], vertex_counts)
        t = run_indices(self.triangle_offsets[:-1][rows], triangle_counts)
        textured = len(self.textures) > 0
        return FeatureMesh(
            self.positions[v],
            self.normals[v],
            self.colours[v],
            self.classes[v],
            self.triangles[t],
            offsets_from_counts(vertex_counts),
            offsets_from_counts(triangle_counts),
            self.texture_coordinates[v] if textured else self.texture_coordinates,
            self.textures[v] if textured else self.textures,
        )


def without_pictures(mesh: FeatureMesh) -> FeatureMesh:
    """Return the mesh in its colours only."""
    return replace(
        mesh,
        texture_coordinates=np.empty((0, 2), np.float32),
        textures=np.empty(0, np.int32),
    )


def empty_mesh(features: int = 0) -> FeatureMesh:
    """Return a mesh of features without triangles."""
    none = np.zeros(features + 1, np.int32)
    return FeatureMesh(
        np.empty((0, 3)),
        np.empty((0, 3), np.float32),
        np.empty((0, 3), np.uint8),
        np.empty(0, np.uint8),
        np.empty((0, 3), np.int32),
        none,
        none,
        np.empty((0, 2), np.float32),
        np.empty(0, np.int32),
    )


def concatenate_meshes(meshes: Sequence[FeatureMesh]) -> FeatureMesh:
    """Put the features of several meshes behind each other.

    Parameters
    ----------
    meshes : sequence of FeatureMesh
        In one frame; their pictures are rows of one list.

    Returns
    -------
    FeatureMesh
        The features of all, in order.
    """
    if not meshes:
        return empty_mesh()
    if len(meshes) == 1:
        return meshes[0]
    textured = any(len(mesh.textures) for mesh in meshes)
    columns: dict[str, Any] = {}
    for column in fields(FeatureMesh):
        parts = [getattr(mesh, column.name) for mesh in meshes]
        if column.name.endswith("_offsets"):
            columns[column.name] = offsets_from_counts(
                np.concatenate([np.diff(p) for p in parts])
            )
            continue
        if textured and column.name in {"texture_coordinates", "textures"}:
            parts = [_padded(mesh, column.name) for mesh in meshes]
        columns[column.name] = np.concatenate(parts)
    return FeatureMesh(**columns)


def _padded(mesh: FeatureMesh, name: str) -> Float32Array | Int32Array:
    if len(mesh.textures):
        return mesh.texture_coordinates if name == "texture_coordinates" else mesh.textures
    count = len(mesh.positions)
    if name == "texture_coordinates":
        return np.full((count, 2), np.nan, np.float32)
    return np.full(count, -1, np.int32)
