"""Boxes with a flat roof or a ridge, as meshes."""

from __future__ import annotations

import numpy as np

from citykernel.arrays import Float64Array, UInt8Array
from citymodel import SurfaceType

from .colours import WALL, linear
from .mesh import FeatureMesh, concatenate_meshes

# Corners 0-3 below and 4-7 above, counter-clockwise from above; 8 and 9 the ends of the ridge
# above the sides 3-0 and 1-2. No bottom: nobody sees it.
# A wall begins where the one before it ends: equal neighbours cost the codec nothing.
_FLAT_WALLS = ((4, 0, 1, 5), (5, 1, 2, 6), (6, 2, 3, 7), (7, 3, 0, 4))
_FLAT_ROOF = ((4, 5, 6, 7),)
_GABLE_WALLS = ((4, 0, 1, 5), (5, 1, 2, 6, 9), (6, 2, 3, 7), (7, 3, 0, 4, 8))
_GABLE_ROOF = ((4, 5, 9, 8), (8, 9, 6, 7))

Faces = tuple[tuple[int, ...], ...]


def box_mesh(
    corners: Float64Array,
    bottom: Float64Array,
    foot: Float64Array,
    rise: Float64Array,
    roof_colour: UInt8Array,
) -> FeatureMesh:
    """Build boxes.

    Parameters
    ----------
    corners : (f, 4, 2) float64
        Counter-clockwise, metres; a ridge runs along the first side.
    bottom, foot : (f,) float64
        Heights where walls begin and where the roof does.
    rise : (f,) float64
        Height of the ridge above the roof's foot, 0 for a flat roof.
    roof_colour : (f, 3) uint8
        Linear.

    Returns
    -------
    FeatureMesh
        10 triangles for a flat box, 14 for one with a ridge.
    """
    points = np.empty((len(corners), 10, 3))
    points[:, :4, :2] = points[:, 4:8, :2] = corners
    points[:, :4, 2], points[:, 4:8, 2] = bottom[:, None], foot[:, None]
    points[:, 8, :2] = (corners[:, 3] + corners[:, 0]) / 2
    points[:, 9, :2] = (corners[:, 1] + corners[:, 2]) / 2
    points[:, 8:, 2] = (foot + rise)[:, None]
    ridged = rise > 0
    flat, gabled = np.flatnonzero(~ridged), np.flatnonzero(ridged)
    mesh = concatenate_meshes(
        [
            _solids(points[flat], roof_colour[flat], _FLAT_WALLS, _FLAT_ROOF),
            _solids(points[gabled], roof_colour[gabled], _GABLE_WALLS, _GABLE_ROOF),
        ]
    )
    return mesh.take(np.argsort(np.concatenate([flat, gabled])))


def _solids(
    points: Float64Array, roof_colour: UInt8Array, walls: Faces, roofs: Faces
) -> FeatureMesh:
    """All boxes of one form."""
    faces = walls + roofs
    count, corners = len(points), sum(map(len, faces))
    first = np.cumsum([0, *map(len, faces)])
    fans = [
        (a, a + k, a + k + 1)
        for a, f in zip(first, faces, strict=False)
        for k in range(1, len(f) - 1)
    ]
    normals = np.stack([_normal(points[:, list(face)]) for face in faces], axis=1)
    roof_first = int(first[len(walls)])
    colours = np.tile(linear(WALL), (count, corners, 1))
    colours[:, roof_first:] = roof_colour[:, None]
    classes = np.full((count, corners), SurfaceType.WALL_SURFACE, np.uint8)
    classes[:, roof_first:] = SurfaceType.ROOF_SURFACE
    place = np.arange(count + 1, dtype=np.int32)
    return FeatureMesh(
        points[:, [corner for face in faces for corner in face]].reshape(-1, 3),
        np.repeat(normals, [len(f) for f in faces], axis=1).reshape(-1, 3).astype(np.float32),
        colours.reshape(-1, 3),
        classes.ravel(),
        np.tile(np.array(fans, np.int32), (count, 1)),
        place * corners,
        place * len(fans),
        np.empty((0, 2), np.float32),
        np.empty(0, np.int32),
    )


def _normal(face: Float64Array) -> Float64Array:
    """Unit normals of plane faces, (f, k, 3) float64 to (f, 3); zero without area."""
    normal = np.cross(face[:, 1] - face[:, 0], face[:, -1] - face[:, 0])
    length = np.linalg.norm(normal, axis=1)
    return np.asarray(normal / np.where(length > 0, length, 1)[:, None], np.float64)
