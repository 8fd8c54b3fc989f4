"""Oriented: surfaces face outwards, roofs look up, grounds look down."""

from __future__ import annotations

import numpy as np

from citykernel.arrays import BoolArray
from citykernel.issues import Issue

from ..boundary import area_vectors
from ..codes import GeometryType, SurfaceType
from ..metric import metric_vertices
from ..model import CityModel
from ..solids import SolidEdges, solid_edges, solid_volumes

# Upright surfaces may tip over by rounding: below 5 degrees from upright nothing is said.
LEAST_TILT = np.sin(np.radians(5.0))


def check_oriented(model: CityModel, *, edges: SolidEdges | None = None) -> list[Issue]:
    """Find surfaces that are turned over.

    Parameters
    ----------
    model : CityModel
        The model; each ring has three corners at least.
    edges : SolidEdges, optional
        What :func:`~citymodel.solids.solid_edges` found, where it is known already.

    Returns
    -------
    list of Issue
        ``solid-inside-out``, ``surfaces-turned``, ``roof-faces-down`` and
        ``ground-faces-up``, all warnings, one of each an object.

    Raises
    ------
    BoundaryError
        A ring has fewer than three corners.
    """
    edges = solid_edges(model) if edges is None else edges
    solid = model.geometry_type == GeometryType.SOLID
    volumes = solid_volumes(model, edges=edges)
    issues = [
        Issue(
            "solid-inside-out",
            "warning",
            f"the solid's surfaces face inwards (volume {volumes[row]:.1f} m3)",
            gml_id=str(model.objects.id[model.geometry_object[row]]),
        )
        for row in np.flatnonzero(solid & (volumes < 0))
    ]
    issues += [
        Issue(
            "surfaces-turned",
            "warning",
            f"neighbouring surfaces run the same way along {edges.turned_edges[row]} edges: "
            "one of each two is turned over",
            gml_id=str(model.objects.id[model.geometry_object[row]]),
        )
        for row in np.flatnonzero(solid & (edges.turned_edges > 0))
    ]
    tilt = _tilt(model)
    roofs_down = (model.surface_type == SurfaceType.ROOF_SURFACE) & (tilt < -LEAST_TILT)
    grounds_up = (model.surface_type == SurfaceType.GROUND_SURFACE) & (tilt > LEAST_TILT)
    issues += _each_object(model, roofs_down, "roof-faces-down", "roof surfaces that look down")
    issues += _each_object(model, grounds_up, "ground-faces-up", "ground surfaces that look up")
    return issues


def _tilt(model: CityModel) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Upward part of each surface's normal, -1 to 1; 0 without area."""
    if not len(model.surface_type):
        return np.empty(0)
    vectors = area_vectors(metric_vertices(model)[model.ring_vertices], model.ring_offsets)
    outer = vectors[model.surface_offsets[:-1]]
    length = np.linalg.norm(outer, axis=1)
    tilt: np.ndarray[tuple[int], np.dtype[np.float64]] = np.divide(
        outer[:, 2], length, out=np.zeros(len(outer)), where=length > 0
    )
    return tilt


def _each_object(model: CityModel, found: BoolArray, code: str, text: str) -> list[Issue]:
    counts = np.bincount(model.surface_object[found], minlength=len(model.objects))
    return [
        Issue(code, "warning", f"{text}: {counts[row]}", gml_id=str(model.objects.id[row]))
        for row in np.flatnonzero(counts)
    ]
