"""What stands for a house at a distance: a block on its footprint, or a box about it.

How far each is off is measured, not assumed, because it becomes the tiles' geometric
error: a client decides by it what to load.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from citykernel.arrays import (
    BoolArray,
    Float64Array,
    Int32Array,
    Int64Array,
    UInt8Array,
    offsets_from_counts,
    run_indices,
)
from citymodel import CityModel, SurfaceType, Triangulation, following_corners

from .box_mesh import box_mesh
from .box_roofs import FLAT, RIDGE, RIDGE_ACROSS, choose_roofs
from .colours import WALL, linear
from .mesh import FeatureMesh
from .min_rectangle import reach_beyond, rectangles

# Cosines: what is steeper than 80 degrees is no roof, what is steeper than 45 no ground.
_LOOKS_UP, _LOOKS_DOWN = 0.17, 0.7
_QUAD = np.array([[0, 1, 2], [0, 2, 3]], np.int32)


@dataclass(frozen=True, slots=True)
class Simplified:
    """Stand-ins of features.

    Parameters
    ----------
    block, box : FeatureMesh
        Footprint extruded to the middle of the roof; smallest rectangle likewise, or with a
        ridge where that comes nearer.
    block_error_m, box_error_m : (f,) float64
        How far each is from the feature at most, and the feature from it, seen from
        anywhere above; as long as its walls rise from its ground to its roof.
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
    low = np.minimum.reduceat(mesh.positions, starts)
    high = np.maximum.reduceat(mesh.positions, starts)
    is_roof = _roofs(mesh)
    eaves = np.minimum.reduceat(np.where(is_roof, z, np.inf), starts)
    eaves = np.where(np.isfinite(eaves), eaves, low[:, 2])
    top = high[:, 2]
    roof_colour = _roof_colours(mesh, is_roof, starts)

    grounds, ground_feature = _grounds(model, shape, order, surface_bounds)
    footprint = _Footprint.of(model, enu, shape, grounds, ground_feature, features)
    box, box_error = _boxes(mesh, footprint, is_roof, low[:, 2], eaves, top, roof_colour)
    block = _blocks(
        model, enu, shape, grounds, ground_feature, (eaves + top) / 2, roof_colour, features
    )
    # What stands on no ground is cut off lower than it should be, what overhangs is missing.
    sunk = np.where(footprint.has_ground, footprint.highest - low[:, 2], 0)
    beyond = reach_beyond(
        mesh.positions[:, :2], mesh.vertex_offsets, footprint.edges, footprint.offsets
    )
    block_off = np.maximum((top - eaves) / 2, sunk)
    return Simplified(
        block,
        box,
        np.where(footprint.has_ground, np.hypot(beyond, block_off), np.inf),
        np.maximum(box_error, sunk),
        np.maximum(
            high[:, 2] - low[:, 2], np.linalg.norm(high[:, :2] - low[:, :2], axis=1) / 2
        ),
    )


def _roofs(mesh: FeatureMesh) -> BoolArray:
    """Vertices of roofs; where a feature has none that are called so, of what looks up."""
    is_roof = mesh.classes == SurfaceType.ROOF_SURFACE
    called = np.logical_or.reduceat(is_roof, mesh.vertex_offsets[:-1])
    looks_up = mesh.normals[:, 2] > _LOOKS_UP
    called = np.repeat(called, np.diff(mesh.vertex_offsets))
    return np.asarray(np.where(called, is_roof, looks_up), np.bool_)


def _grounds(
    model: CityModel, shape: Triangulation, order: Int64Array, surface_bounds: Int64Array
) -> tuple[Int64Array, Int64Array]:
    """Ground surfaces; where a feature has none that are called so, what looks down."""
    feature = np.repeat(np.arange(len(surface_bounds) - 1), np.diff(surface_bounds))
    is_ground = model.surface_type[order] == SurfaceType.GROUND_SURFACE
    called = np.bincount(feature[is_ground], minlength=len(surface_bounds) - 1) > 0
    vectors = shape.area_vectors[order]
    looks_down = vectors[:, 2] < -_LOOKS_DOWN * np.linalg.norm(vectors, axis=1)
    is_ground = np.where(called[feature], is_ground, looks_down)
    return order[is_ground], feature[is_ground]


@dataclass(frozen=True, slots=True)
class _Footprint:
    """Outlines of grounds, feature after feature.

    Parameters
    ----------
    edges : (e, 4) float64
        From x, y to x, y, metres.
    closes : (e,) int64
        The edge that follows each edge in its ring.
    offsets : (f + 1,) int64
        Feature to edges.
    area_m2 : (f,) float64
        Holes taken off.
    highest : (f,) float64
        Height of the highest corner.
    """

    edges: Float64Array
    closes: Int64Array
    offsets: Int64Array
    area_m2: Float64Array
    highest: Float64Array

    @classmethod
    def of(
        cls,
        model: CityModel,
        enu: Float64Array,
        shape: Triangulation,
        grounds: Int64Array,
        ground_feature: Int64Array,
        features: int,
    ) -> _Footprint:
        starts = model.ring_offsets[model.surface_offsets].astype(np.int64)
        counts = np.diff(starts)[grounds]
        at = run_indices(starts[:-1][grounds], counts)
        owner = np.repeat(ground_feature, counts)
        following = following_corners(model.ring_offsets)[at]
        place = np.empty(len(model.ring_vertices), np.int64)
        place[at] = np.arange(len(at))
        here, there = enu[model.ring_vertices[at]], enu[model.ring_vertices[following]]
        offsets = np.concatenate([[0], np.cumsum(np.bincount(owner, minlength=features))])
        highest = np.full(features, -np.inf)
        np.maximum.at(highest, owner, here[:, 2])
        area_m2 = np.bincount(
            ground_feature, np.abs(shape.area_vectors[grounds, 2]), minlength=features
        )
        return cls(
            np.column_stack([here[:, :2], there[:, :2]]),
            place[following],
            offsets,
            np.asarray(area_m2, np.float64),
            highest,
        )

    @property
    def has_ground(self) -> BoolArray:
        """Which features have a footprint, (f,) bool."""
        return np.diff(self.offsets) > 0


def _roof_colours(mesh: FeatureMesh, is_roof: np.ndarray, starts: Int32Array) -> UInt8Array:
    """Mean colour of each feature's roof, of its whole where it has none."""
    weight = is_roof.astype(np.float64)
    counts = np.add.reduceat(weight, starts)
    weight = np.where(np.repeat(counts == 0, np.diff(mesh.vertex_offsets)), 1.0, weight)
    total = np.add.reduceat(weight, starts)
    sums = np.add.reduceat(mesh.colours * weight[:, None], starts)
    return np.asarray(np.round(sums / total[:, None]), np.uint8)


def _boxes(
    mesh: FeatureMesh,
    footprint: _Footprint,
    is_roof: BoolArray,
    bottom: Float64Array,
    eaves: Float64Array,
    top: Float64Array,
    roof_colour: UInt8Array,
) -> tuple[FeatureMesh, Float64Array]:
    """Boxes on the smallest rectangle, and how far each is off, metres."""
    points, closes, offsets = _outlines(mesh, footprint)
    corners, apart = rectangles(points, offsets, closes, footprint.area_m2)
    rows = mesh.absolute_triangles
    of_roof = is_roof[rows[:, 0]]
    owner = mesh.vertex_feature[rows[of_roof, 0]]
    roof_offsets = np.concatenate([[0], np.cumsum(np.bincount(owner, minlength=len(mesh)))])
    roofs = mesh.positions[rows[of_roof]]
    kind, foot, rise, off = choose_roofs(corners, roofs, roof_offsets, eaves, top)
    edges = np.concatenate([corners, np.roll(corners, -1, axis=1)], axis=2).reshape(-1, 4)
    beyond = reach_beyond(
        mesh.positions[:, :2], mesh.vertex_offsets, edges, np.arange(0, len(edges) + 1, 4)
    )
    level = np.maximum(apart, beyond)
    # Where the two are apart sideways a sloped roof has another height there.
    sides = np.linalg.norm(corners[:, [3, 1]] - corners[:, :1], axis=2)
    width = np.where(kind == RIDGE, sides[:, 0], sides[:, 1])
    slope = np.where(kind == FLAT, 0, 2 * rise / np.maximum(width, 1e-9))
    error = np.hypot(level, off + slope * level)
    corners = np.where((kind == RIDGE_ACROSS)[:, None, None], np.roll(corners, -1, 1), corners)
    return box_mesh(corners, bottom, foot, rise, roof_colour), error


def _outlines(
    mesh: FeatureMesh, footprint: _Footprint
) -> tuple[Float64Array, Int64Array, Int64Array]:
    """Corners of footprints, what closes each, and features to corners.

    Where there is no footprint all vertices stand for it, each closed by itself.
    """
    bare = np.flatnonzero(~footprint.has_ground)
    bare_counts = np.diff(mesh.vertex_offsets)[bare]
    take = run_indices(mesh.vertex_offsets[:-1][bare], bare_counts)
    edges = len(footprint.edges)
    points = np.concatenate([footprint.edges[:, :2], mesh.positions[take][:, :2]])
    closes = np.concatenate([footprint.closes, edges + np.arange(len(take))])
    owner = np.concatenate(
        [
            np.repeat(np.arange(len(mesh)), np.diff(footprint.offsets)),
            np.repeat(bare, bare_counts),
        ]
    )
    rows = np.argsort(owner, kind="stable")
    back = np.empty(len(rows), np.int64)
    back[rows] = np.arange(len(rows))
    offsets = np.concatenate([[0], np.cumsum(np.bincount(owner, minlength=len(mesh)))])
    return points[rows], back[closes[rows]], offsets


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
