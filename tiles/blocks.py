"""What stands for a house at a distance: a block on its footprint, or a box about it.

How far each is off is measured, not assumed, because it becomes the tiles' geometric
error: a client decides by it what to load.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from citykernel.arrays import (
    Float64Array,
    Int32Array,
    Int64Array,
    UInt8Array,
    offsets_from_counts,
    run_indices,
)
from citymodel import CityModel, SurfaceType, Triangulation, following_corners

from .colours import WALL, linear
from .mesh import FeatureMesh
from .min_rectangle import rectangles

# Corners 0-3 below, 4-7 above, counter-clockwise from above; no bottom: nobody sees it.
# A wall begins where the one before it ends: equal neighbours cost the codec nothing.
_BOX_FACES = np.array([[4, 0, 1, 5], [5, 1, 2, 6], [6, 2, 3, 7], [7, 3, 0, 4], [4, 5, 6, 7]])
_QUAD = np.array([[0, 1, 2], [0, 2, 3]], np.int32)


@dataclass(frozen=True, slots=True)
class Simplified:
    """Stand-ins of features.

    Parameters
    ----------
    block, box : FeatureMesh
        Footprint extruded to the middle of the roof; smallest rectangle likewise.
    block_error_m, box_error_m : (f,) float64
        How far each is from the feature.
    size_m : (f,) float64
        What is missing where the feature is left out: its height, or half of its width.
    """

    block: FeatureMesh
    box: FeatureMesh
    block_error_m: Float64Array
    box_error_m: Float64Array
    size_m: Float64Array


def simplify_features(
    model: CityModel,
    enu: Float64Array,
    shape: Triangulation,
    mesh: FeatureMesh,
    order: Int64Array,
    surface_bounds: Int64Array,
) -> Simplified:
    """Build the stand-ins of all features.

    Parameters
    ----------
    model : CityModel
        The model.
    enu : (v, 3) float64
        Its vertices in the tileset's frame, metres.
    shape : Triangulation
        Of all its surfaces.
    mesh : FeatureMesh
        The features' own triangles.
    order : (d,) int64
        Drawn surfaces, feature after feature.
    surface_bounds : (f + 1,) int64
        Feature to ``order``.

    Returns
    -------
    Simplified
        Blocks, boxes and how far they are off.
    """
    features = len(surface_bounds) - 1
    starts = mesh.vertex_offsets[:-1]
    if not features:
        nothing = np.empty(0)
        return Simplified(mesh, mesh, nothing, nothing, nothing)
    z = mesh.positions[:, 2]
    is_roof = mesh.classes == SurfaceType.ROOF_SURFACE
    top = np.maximum.reduceat(z, starts)
    bottom = np.minimum.reduceat(z, starts)
    eaves = np.minimum.reduceat(np.where(is_roof, z, np.inf), starts)
    eaves = np.where(np.isfinite(eaves), eaves, top)
    height = (eaves + top) / 2
    off = top - height
    roof_colour = _roof_colours(mesh, is_roof, starts)

    grounds, ground_feature = _grounds(model, order, surface_bounds)
    box, apart = _boxes(model, enu, mesh, grounds, ground_feature, bottom, height, roof_colour)
    block = _blocks(model, enu, shape, grounds, ground_feature, height, roof_colour, features)
    low = np.minimum.reduceat(mesh.positions, starts)
    high = np.maximum.reduceat(mesh.positions, starts)
    has_ground = np.bincount(ground_feature, minlength=features) > 0
    beyond = _beyond_footprint(model, enu, grounds, ground_feature, low, high)
    block_error = np.where(has_ground, np.maximum(off, beyond), np.inf)
    return Simplified(
        block,
        box,
        block_error,
        np.maximum(off, apart) + np.where(has_ground, beyond, 0),
        np.maximum(
            high[:, 2] - low[:, 2], np.linalg.norm(high[:, :2] - low[:, :2], axis=1) / 2
        ),
    )


def _grounds(
    model: CityModel, order: Int64Array, surface_bounds: Int64Array
) -> tuple[Int64Array, Int64Array]:
    feature = np.repeat(np.arange(len(surface_bounds) - 1), np.diff(surface_bounds))
    is_ground = model.surface_type[order] == SurfaceType.GROUND_SURFACE
    return order[is_ground], feature[is_ground]


def _roof_colours(mesh: FeatureMesh, is_roof: np.ndarray, starts: Int32Array) -> UInt8Array:
    """Mean colour of each feature's roof, of its whole where it has none."""
    weight = is_roof.astype(np.float64)
    counts = np.add.reduceat(weight, starts)
    weight = np.where(np.repeat(counts == 0, np.diff(mesh.vertex_offsets)), 1.0, weight)
    total = np.add.reduceat(weight, starts)
    sums = np.add.reduceat(mesh.colours * weight[:, None], starts)
    return np.asarray(np.round(sums / total[:, None]), np.uint8)


def _beyond_footprint(
    model: CityModel,
    enu: Float64Array,
    grounds: Int64Array,
    ground_feature: Int64Array,
    low: Float64Array,
    high: Float64Array,
) -> Float64Array:
    """How far a feature's bounds reach beyond its grounds' (roof overhangs, tunnels)."""
    reach = np.zeros(len(low))
    if not len(grounds):
        return reach
    starts = model.ring_offsets[model.surface_offsets].astype(np.int64)
    counts = np.diff(starts)[grounds]
    at = run_indices(starts[:-1][grounds], counts)
    xy = enu[model.ring_vertices[at]][:, :2]
    features, first = np.unique(np.repeat(ground_feature, counts), return_index=True)
    inner_low = np.minimum.reduceat(xy, first)
    inner_high = np.maximum.reduceat(xy, first)
    outside = np.maximum(inner_low - low[features, :2], high[features, :2] - inner_high)
    reach[features] = np.maximum(outside.max(axis=1), 0)
    return reach


def _boxes(
    model: CityModel,
    enu: Float64Array,
    mesh: FeatureMesh,
    grounds: Int64Array,
    ground_feature: Int64Array,
    bottom: Float64Array,
    height: Float64Array,
    roof_colour: UInt8Array,
) -> tuple[FeatureMesh, Float64Array]:
    features = len(bottom)
    starts = model.ring_offsets[model.surface_offsets].astype(np.int64)
    counts = np.diff(starts)[grounds]
    at = run_indices(starts[:-1][grounds], counts)
    following = following_corners(model.ring_offsets)
    back = np.full(len(model.ring_vertices), -1)
    back[at] = np.arange(len(at))
    points = enu[model.ring_vertices[at]][:, :2]
    closes = back[following[at]]
    owner = np.repeat(ground_feature, counts)
    # Where there is no ground surface all corners stand for the footprint; their distance
    # to the rectangle is then measured corner by corner.
    bare = np.flatnonzero(np.bincount(ground_feature, minlength=features) == 0)
    bare_counts = np.diff(mesh.vertex_offsets)[bare]
    take = run_indices(mesh.vertex_offsets[:-1][bare], bare_counts)
    own = np.arange(len(take)) + len(points)
    points = np.concatenate([points, mesh.positions[take][:, :2]])
    closes = np.concatenate([closes, own])
    owner = np.concatenate([owner, np.repeat(bare, bare_counts)])
    sorted_rows = np.argsort(owner, kind="stable")
    back = np.empty(len(sorted_rows), np.int64)
    back[sorted_rows] = np.arange(len(sorted_rows))
    offsets = np.concatenate([[0], np.cumsum(np.bincount(owner, minlength=features))])
    corners, apart = rectangles(points[sorted_rows], offsets, back[closes[sorted_rows]])

    cube = np.empty((features, 8, 3))
    cube[:, :4, :2] = cube[:, 4:, :2] = corners
    cube[:, :4, 2] = bottom[:, None]
    cube[:, 4:, 2] = height[:, None]
    faces = cube[:, _BOX_FACES].reshape(-1, 4, 3)
    colours = np.tile(linear(WALL), (features, 5, 4, 1))
    colours[:, 4] = roof_colour[:, None]
    classes = np.full((features, 5, 4), SurfaceType.WALL_SURFACE, np.uint8)
    classes[:, 4] = SurfaceType.ROOF_SURFACE
    counts = np.full(features, 5)
    mesh = _quads(faces, colours.reshape(-1, 3), classes.ravel(), counts)
    return mesh, apart


def _quads(
    faces: Float64Array, colours: UInt8Array, classes: UInt8Array, counts: Int64Array
) -> FeatureMesh:
    """Return a mesh of four-cornered faces, ``counts`` of them each feature."""
    normal = np.cross(faces[:, 1] - faces[:, 0], faces[:, 3] - faces[:, 0])
    length = np.linalg.norm(normal, axis=1)
    normal = normal / np.where(length > 0, length, 1)[:, None]
    first = np.repeat(np.cumsum(counts) - counts, counts)
    place = (np.arange(len(faces)) - first).astype(np.int32)
    return FeatureMesh(
        faces.reshape(-1, 3),
        np.repeat(normal, 4, axis=0).astype(np.float32),
        colours,
        classes,
        (place[:, None, None] * 4 + _QUAD).reshape(-1, 3).astype(np.int32),
        offsets_from_counts(counts * 4),
        offsets_from_counts(counts * 2),
        np.empty((0, 2), np.float32),
        np.empty(0, np.int32),
    )


def _blocks(
    model: CityModel,
    enu: Float64Array,
    shape: Triangulation,
    grounds: Int64Array,
    ground_feature: Int64Array,
    height: Float64Array,
    roof_colour: UInt8Array,
    features: int,
) -> FeatureMesh:
    """Grounds pulled up to the middle of the roof: walls, then the top."""
    starts = model.ring_offsets[model.surface_offsets].astype(np.int64)
    counts = np.diff(starts)[grounds]
    at = run_indices(starts[:-1][grounds], counts)
    owner = np.repeat(ground_feature, counts)
    here = enu[model.ring_vertices[at]]
    there = enu[model.ring_vertices[following_corners(model.ring_offsets)[at]]]
    up = height[owner]
    # A ground looks down, so its rings run clockwise from above: walls run against them.
    faces = np.stack([there, there, here, here], axis=1)
    faces[:, [0, 3], 2] = up[:, None]
    walls = _quads(
        faces,
        np.tile(linear(WALL), (len(faces) * 4, 1)),
        np.full(len(faces) * 4, SurfaceType.WALL_SURFACE, np.uint8),
        np.bincount(owner, minlength=features),
    )
    caps = here.copy()
    caps[:, 2] = up
    triangle_counts = np.diff(shape.triangle_offsets)[grounds]
    rows = run_indices(shape.triangle_offsets[:-1][grounds], triangle_counts)
    moved = np.cumsum(counts) - counts - starts[:-1][grounds]
    triangles = shape.triangles[rows][:, ::-1] + np.repeat(moved, triangle_counts)[:, None]
    per_feature = np.bincount(owner, minlength=features)
    first = np.cumsum(per_feature) - per_feature
    triangle_owner = np.repeat(ground_feature, triangle_counts)
    tops = FeatureMesh(
        caps,
        np.tile(np.array([0, 0, 1], np.float32), (len(caps), 1)),
        roof_colour[owner],
        np.full(len(caps), SurfaceType.ROOF_SURFACE, np.uint8),
        (triangles - first[triangle_owner][:, None]).astype(np.int32),
        offsets_from_counts(per_feature),
        offsets_from_counts(np.bincount(triangle_owner, minlength=features)),
        np.empty((0, 2), np.float32),
        np.empty(0, np.int32),
    )
    return _joined(walls, tops)


def _joined(first: FeatureMesh, second: FeatureMesh) -> FeatureMesh:
    """Join two meshes of the same features, feature by feature."""
    features = len(first)
    both_v = np.stack([np.diff(first.vertex_offsets), np.diff(second.vertex_offsets)], 1)
    both_t = np.stack([np.diff(first.triangle_offsets), np.diff(second.triangle_offsets)], 1)
    starts_v = np.stack(
        [first.vertex_offsets[:-1], second.vertex_offsets[:-1] + len(first.positions)], 1
    )
    starts_t = np.stack(
        [first.triangle_offsets[:-1], second.triangle_offsets[:-1] + len(first.triangles)], 1
    )
    v = run_indices(starts_v.ravel(), both_v.ravel())
    t = run_indices(starts_t.ravel(), both_t.ravel())
    later = np.repeat(both_v[:, 0], both_t[:, 1])
    shifted = second.triangles + later[:, None]
    assert features == len(second)  # noqa: S101 - both are made above from the same features
    return FeatureMesh(
        np.concatenate([first.positions, second.positions])[v],
        np.concatenate([first.normals, second.normals])[v],
        np.concatenate([first.colours, second.colours])[v],
        np.concatenate([first.classes, second.classes])[v],
        np.concatenate([first.triangles, shifted])[t].astype(np.int32),
        offsets_from_counts(both_v.sum(1)),
        offsets_from_counts(both_t.sum(1)),
        np.empty((0, 2), np.float32),
        np.empty(0, np.int32),
    )
