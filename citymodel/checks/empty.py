"""Empty: a building has geometry, its own or its parts'."""

from __future__ import annotations

import numpy as np

from citykernel.issues import Issue

from ..boundary import area_vectors
from ..codes import BUILDING_TYPES, ObjectType
from ..metric import metric_vertices
from ..model import CityModel

# Below a square millimetre nothing can be seen or measured.
LEAST_AREA_M2 = 1e-6


def check_empty(model: CityModel) -> list[Issue]:
    """Find buildings without geometry, and geometry without area.

    Parameters
    ----------
    model : CityModel
        The model; each ring has three corners at least.

    Returns
    -------
    list of Issue
        ``no-geometry`` (warning): a building or part that has none, nor has anything below
        it. ``geometry-without-area`` (warning), one a geometry.

    Raises
    ------
    BoundaryError
        A ring has fewer than three corners.
    """
    area = _areas(model)
    filled = np.zeros(len(model.objects), bool)
    filled[model.geometry_object[np.diff(model.geometry_offsets) > 0]] = True
    for row in range(len(filled) - 1, -1, -1):  # children stand behind their parents
        parent = model.objects.parent[row]
        if filled[row] and parent >= 0:
            filled[parent] = True
    building = np.isin(model.objects.type, [int(kind) for kind in BUILDING_TYPES])
    issues = [
        Issue(
            "no-geometry",
            "warning",
            f"the {ObjectType(model.objects.type[row]).citygml_name} has no geometry of this "
            "level of detail, nor have its parts",
            gml_id=str(model.objects.id[row]),
        )
        for row in np.flatnonzero(building & ~filled)
    ]
    issues += [
        Issue(
            "geometry-without-area",
            "warning",
            "the surfaces of the geometry have no area",
            gml_id=str(model.objects.id[model.geometry_object[row]]),
        )
        for row in np.flatnonzero(area < LEAST_AREA_M2)
    ]
    return issues


def _areas(model: CityModel) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Sum of the exterior rings' areas of each geometry, square metres."""
    geometries = len(model.geometry_lod)
    if not len(model.surface_type):
        return np.zeros(geometries)
    vectors = area_vectors(metric_vertices(model)[model.ring_vertices], model.ring_offsets)
    outer = np.linalg.norm(vectors[model.surface_offsets[:-1]], axis=1)
    geometry = np.repeat(np.arange(geometries), np.diff(model.geometry_offsets))
    areas: np.ndarray[tuple[int], np.dtype[np.float64]] = np.bincount(
        geometry, outer, minlength=geometries
    ).astype(np.float64)
    return areas
