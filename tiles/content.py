"""The content of one tile: its features gathered, chosen and encoded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from citykernel.arrays import Float64Array, Int64Array, offsets_from_counts
from citykernel.issues import Issue

from .columns import FeatureColumns, concatenate_columns
from .features import Features
from .geometric_error import choose, tolerated_error_m
from .glb import TilePrimitive, glb_bytes, quantisation_step_m
from .materials import Texture
from .mesh import FeatureMesh, concatenate_meshes
from .properties import COARSE_PROPERTIES
from .structure import Bounds
from .subdivide import Cell, curve_order
from .textures import TextureOptions, textured_primitives

# Survey coordinates are given to the millimetre: two are kept.
LEAST_STEP_M = 2**-9
COARSE_STEPS = 8


@dataclass(frozen=True, slots=True)
class TileContent:
    """A tile's glb and what must be said about it.

    Parameters
    ----------
    glb : bytes
        Empty where nothing is large enough to be shown.
    bounds : Bounds
        Of its vertices, grown by the rounding of the quantisation.
    error_m : float
        Measured distance from the truth.
    triangles, features : int
        Counts.
    issues : tuple of Issue
        Pictures that could not be used.
    """

    glb: bytes
    bounds: Bounds
    error_m: float
    triangles: int
    features: int
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True, slots=True)
class ContentOptions:
    """How contents are encoded.

    Parameters
    ----------
    compress : bool
        Quantisation and meshopt.
    copyright_text : str
        Attribution within each glb.
    textures : TextureOptions
        Sizes of atlases.
    """

    compress: bool = True
    copyright_text: str = ""
    textures: TextureOptions = field(default_factory=TextureOptions)


def build_content(
    parts: Mapping[int, Features], part_offsets: Int64Array, cell: Cell, options: ContentOptions
) -> TileContent:
    """Build the content of a cell.

    Parameters
    ----------
    parts : mapping of int to Features
        The parts of the town that the cell needs, by number; usually mapped from disk.
    part_offsets : (p + 1,) int64
        Part to the rows that cells count in.
    cell : Cell
        The cell; its height decides how coarse the content is.
    options : ContentOptions
        Encoding.

    Returns
    -------
    TileContent
        The glb with its bounds and measured error.
    """
    meshes: list[FeatureMesh] = []
    columns: list[FeatureColumns] = []
    pictures: list[str] = []
    low: list[Float64Array] = []
    high: list[Float64Array] = []
    error = 0.0
    tolerance = tolerated_error_m(cell.side_m) if cell.children else 0.0
    part_of = np.searchsorted(part_offsets, cell.rows, side="right") - 1
    for number in np.unique(part_of).tolist():
        part = parts[number]
        rows = cell.rows[part_of == number] - part_offsets[number]
        s = part.simplified
        chosen = choose(tolerance, s.size_m[rows], s.box_error_m[rows], s.block_error_m[rows])
        error = max(error, chosen.error_m)
        low.append(part.low[rows])
        high.append(part.high[rows])
        names = tuple(part.columns) if not cell.children else COARSE_PROPERTIES
        for mesh, some in (
            (part.mesh, chosen.full),
            (s.block, chosen.block),
            (s.box, chosen.box),
        ):
            if some.any():
                taken = mesh.take(rows[some])
                meshes.append(_shifted(taken, len(pictures)))
                columns.append({name: part.columns[name].take(rows[some]) for name in names})
        pictures.extend(part.pictures)
    bounds = Bounds.around(np.concatenate([*low, *high]))
    if not meshes:
        return TileContent(b"", bounds, error, 0, 0)
    mesh, table = concatenate_meshes(meshes), concatenate_columns(columns)
    order = curve_order(_centres(mesh))
    mesh = mesh.take(order)
    table = {name: column.take(order) for name, column in table.items()}
    primitives, textures, issues = _primitives(mesh, tuple(pictures), cell, options)
    # Rounding moves vertices by half a step; what is coarse is rounded coarsely too, because
    # small differences compress.
    least_step = tolerance / COARSE_STEPS if cell.children else _leaf_step_m(mesh)
    step = quantisation_step_m(mesh.positions, least_step) if options.compress else 1e-3
    bounds = Bounds.around(mesh.positions, margin_m=step + 1e-3).union(bounds)
    if cell.children:
        error += step
    glb = glb_bytes(
        primitives,
        columns=table,
        textures=textures,
        compress=options.compress,
        step_m=least_step,
        copyright_text=options.copyright_text,
    )
    return TileContent(glb, bounds, error, len(mesh.triangles), len(mesh), issues)


def _leaf_step_m(mesh: FeatureMesh) -> float:
    """Two millimetres, and finer where 16 bits over a small tile give more."""
    return min(LEAST_STEP_M, quantisation_step_m(mesh.positions))


def _shifted(mesh: FeatureMesh, first_picture: int) -> FeatureMesh:
    if not first_picture or not len(mesh.textures):
        return mesh
    textures = np.where(mesh.textures >= 0, mesh.textures + first_picture, -1).astype(np.int32)
    return FeatureMesh(
        mesh.positions,
        mesh.normals,
        mesh.colours,
        mesh.classes,
        mesh.triangles,
        mesh.vertex_offsets,
        mesh.triangle_offsets,
        mesh.texture_coordinates,
        textures,
    )


def _centres(mesh: FeatureMesh) -> np.ndarray:
    starts = mesh.vertex_offsets[:-1]
    low = np.minimum.reduceat(mesh.positions[:, :2], starts)
    high = np.maximum.reduceat(mesh.positions[:, :2], starts)
    return np.asarray((low + high) / 2)


def _primitives(
    mesh: FeatureMesh, pictures: tuple[str, ...], cell: Cell, options: ContentOptions
) -> tuple[list[TilePrimitive], tuple[Texture, ...], tuple[Issue, ...]]:
    whole = TilePrimitive(
        mesh.positions,
        mesh.normals,
        mesh.colours,
        mesh.absolute_triangles.astype(np.int32),
        mesh.vertex_feature.astype(np.int32),
        mesh.classes,
        mesh.texture_coordinates,
    )
    if not mesh.is_textured or cell.children:
        return [whole], (), ()
    return textured_primitives(whole, mesh.textures, pictures, options.textures)


def feature_offsets(parts: Sequence[Features]) -> Int64Array:
    """Part to rows of all features, (p + 1,) int64."""
    return offsets_from_counts(np.array([len(part) for part in parts])).astype(np.int64)
