"""From a city model to features: one mesh and one row of properties an object."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from citykernel.arrays import (
    Float64Array,
    Int32Array,
    Int64Array,
    ObjectArray,
    offsets_from_counts,
    run_indices,
)
from citykernel.crs import Geocentric
from citykernel.frame import LocalFrame
from citykernel.issues import Issue
from citymodel import CityModel, SurfaceType, Triangulation, triangulate

from .blocks import Simplified, simplify_features
from .colours import surface_colours
from .columns import FeatureColumns
from .mesh import FeatureMesh, without_pictures
from .properties import drawn_surfaces, feature_properties


@dataclass(frozen=True, slots=True)
class Features:
    """What a tileset shows of a model or of a part of it.

    Parameters
    ----------
    mesh : FeatureMesh
        Every triangle.
    low, high : (f, 3) float64
        Bounds of each feature, metres in the tileset's frame.
    columns : dict of str to column
        Properties.
    simplified : Simplified
        What stands for the features at a distance, and how far it is off.
    pictures : tuple of str
        Paths of the pictures that ``mesh.textures`` refers to.
    """

    mesh: FeatureMesh
    low: Float64Array
    high: Float64Array
    columns: FeatureColumns
    simplified: Simplified
    pictures: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.low)


@dataclass(frozen=True, slots=True)
class FeatureReport:
    """What became of the objects.

    Parameters
    ----------
    issues : tuple of Issue
        Surfaces that could not be drawn, outlines that cross themselves.
    without_geometry : int
        Objects that have no drawn surface of their own (a Building with parts).
    """

    issues: tuple[Issue, ...]
    without_geometry: int


def build_features(
    model: CityModel,
    geocentric: Geocentric,
    frame: LocalFrame,
    *,
    picture_folder: Path | None = None,
) -> tuple[Features, FeatureReport]:
    """Turn objects with geometry of their own into features.

    Parameters
    ----------
    model : CityModel
        One level of detail an object.
    geocentric : Geocentric
        From the model's system to the Earth's centre.
    frame : LocalFrame
        The tileset's frame.
    picture_folder : Path, optional
        What the paths of pictures are relative to: the source's folder. Without it nothing
        wears a picture.

    Returns
    -------
    Features, FeatureReport
        The features in the order of the objects, and what was left out.

    Raises
    ------
    BoundaryError
        The model's rings have fewer than three corners.
    """
    enu = frame.from_earth(geocentric(model.vertices + model.origin))
    corners = enu[model.ring_vertices]
    shape = triangulate(corners, model.ring_offsets, model.surface_offsets)
    surface_object = model.surface_object
    has_triangles = np.diff(shape.triangle_offsets) > 0
    drawn = drawn_surfaces(model)
    order = np.flatnonzero(drawn & has_triangles)
    order = order[np.argsort(surface_object[order], kind="stable")]
    object_rows, first = np.unique(surface_object[order], return_index=True)
    surface_bounds = np.append(first, len(order))

    mesh = _mesh(model, corners, shape, order, surface_bounds)
    if picture_folder is None:
        mesh = without_pictures(mesh)
    low, high = _bounds(mesh)
    heights = model.vertices[model.ring_vertices, 2] + model.origin[2]
    ground, roof = _heights(model, heights, order, surface_bounds)
    rows = object_rows.astype(np.int64)
    columns = feature_properties(model, rows, ground, roof)
    simplified = simplify_features(model, enu, shape, mesh, order, surface_bounds)
    flat = drawn & ~has_triangles
    report = FeatureReport(
        _issues(model, shape, flat, surface_object, rows), len(model.objects) - len(rows)
    )
    pictures: tuple[str, ...] = ()
    if model.appearances is not None and len(mesh.textures):
        images = [material.image for material in model.appearances.materials]
        pictures = tuple(str((picture_folder or Path()) / i) if i else "" for i in images)
    return Features(mesh, low, high, columns, simplified, pictures), report


def unit_normals(area_vectors: Float64Array) -> Float64Array:
    """Area vectors at length one, (s, 3) float64; zero where there is no area."""
    length = np.linalg.norm(area_vectors, axis=1)
    return np.asarray(area_vectors / np.where(length > 0, length, 1)[:, None], np.float64)


def _mesh(
    model: CityModel,
    corners: Float64Array,
    shape: Triangulation,
    order: Int64Array,
    surface_bounds: Int64Array,
) -> FeatureMesh:
    corner_starts = model.ring_offsets[model.surface_offsets].astype(np.int64)
    corner_counts = np.diff(corner_starts)[order]
    take = run_indices(corner_starts[:-1][order], corner_counts)
    normals = unit_normals(shape.area_vectors)
    colours = surface_colours(model, normals)
    owner = np.repeat(order, corner_counts)
    own_offsets = offsets_from_counts(corner_counts)
    vertex_offsets = own_offsets[surface_bounds]
    triangle_counts = np.diff(shape.triangle_offsets)[order]
    triangle_rows = run_indices(shape.triangle_offsets[:-1][order], triangle_counts)
    triangle_offsets = offsets_from_counts(triangle_counts)[surface_bounds]
    # A triangle's corners are rows of the model; its surface moved to another place here,
    # and is counted from its feature's first vertex.
    feature = np.repeat(np.arange(len(surface_bounds) - 1), np.diff(surface_bounds))
    moved = own_offsets[:-1] - corner_starts[:-1][order] - vertex_offsets[:-1][feature]
    triangles = shape.triangles[triangle_rows] + np.repeat(moved, triangle_counts)[:, None]
    uv, textures = _texture(model, take, owner)
    return FeatureMesh(
        corners[take],
        normals[owner].astype(np.float32),
        colours[owner],
        model.surface_type[owner],
        triangles.astype(np.int32),
        vertex_offsets,
        triangle_offsets,
        uv,
        textures,
    )


def _texture(
    model: CityModel, take: Int64Array, owner: Int64Array
) -> tuple[np.ndarray, np.ndarray]:
    appearances = model.appearances
    if appearances is None or not any(m.image for m in appearances.materials):
        return np.empty((0, 2), np.float32), np.empty(0, np.int32)
    uv = appearances.texture_coordinates[take].copy()
    uv[:, 1] = 1 - uv[:, 1]  # CityGML counts from the lower left, glTF from the upper left
    textures = appearances.surface_material[owner].copy()
    has_image = np.array([bool(material.image) for material in appearances.materials])
    worn = textures >= 0
    worn[worn] = has_image[textures[worn]]
    # A surface with a corner that has no coordinates wears nothing: a triangle has one texture.
    complete = np.ones(len(model.surface_type), bool)
    complete[owner[~np.isfinite(uv).all(axis=1)]] = False
    worn &= complete[owner]
    textures[~worn] = -1
    uv[~worn] = np.nan
    return uv, textures


def _bounds(mesh: FeatureMesh) -> tuple[Float64Array, Float64Array]:
    if not len(mesh):
        return np.empty((0, 3)), np.empty((0, 3))
    starts = mesh.vertex_offsets[:-1]
    low = np.minimum.reduceat(mesh.positions, starts)
    return low, np.maximum.reduceat(mesh.positions, starts)


def _heights(
    model: CityModel, heights: Float64Array, order: Int64Array, surface_bounds: Int64Array
) -> tuple[Float64Array, Float64Array]:
    """Lowest and highest height of each feature in the model's own height system."""
    if not len(order):
        return np.empty(0), np.empty(0)
    starts = model.ring_offsets[model.surface_offsets[:-1]]
    low = np.minimum.reduceat(heights, starts)[order]
    high = np.maximum.reduceat(heights, starts)[order]
    is_ground = model.surface_type[order] == SurfaceType.GROUND_SURFACE
    ground_only = np.where(is_ground, low, np.inf)
    ground = np.minimum.reduceat(ground_only, surface_bounds[:-1])
    lowest = np.minimum.reduceat(low, surface_bounds[:-1])
    highest = np.maximum.reduceat(high, surface_bounds[:-1])
    return np.where(np.isfinite(ground), ground, lowest), highest


def _issues(
    model: CityModel,
    shape: Triangulation,
    flat: np.ndarray,
    surface_object: Int32Array,
    rows: Int64Array,
) -> tuple[Issue, ...]:
    ids: ObjectArray = model.objects.id
    issues = [
        Issue(
            "surface-without-area", "warning", "a surface has no area and is not drawn", ids[o]
        )
        for o in surface_object[flat].tolist()
    ]
    issues += [
        Issue("outline-crosses-itself", "warning", "a surface's outline crosses itself", ids[o])
        for o in surface_object[shape.doubtful].tolist()
    ]
    lost = np.setdiff1d(np.unique(surface_object[flat]), rows)
    issues += [
        Issue("nothing-to-draw", "error", "no surface of it has an area", ids[o], dropped=True)
        for o in lost.tolist()
    ]
    return tuple(issues)
