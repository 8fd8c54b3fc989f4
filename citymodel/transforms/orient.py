"""Orient: surfaces face outwards, holes run against their exterior ring."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from citykernel.arrays import BoolArray
from citykernel.issues import Issue

from ..boundary import area_vectors
from ..codes import GeometryType
from ..metric import metric_vertices
from ..model import CityModel
from ..solids import solid_volumes


def orient(model: CityModel) -> tuple[CityModel, list[Issue]]:
    """Turn over holes that run like their exterior ring, and solids that are inside out.

    Only solids that close are turned: of others it is not known what is inside. Surfaces of
    rooms and the like face inwards by right; they are no solids.

    Parameters
    ----------
    model : CityModel
        The model; each ring has three corners at least.

    Returns
    -------
    CityModel
        The same corners, those of turned rings in reverse order from the same first corner.
    list of Issue
        ``hole-turned`` and ``solid-turned`` (warning), one of each an object.

    Raises
    ------
    BoundaryError
        A ring has fewer than three corners.
    """
    if not len(model.ring_vertices):
        return model, []
    holes = _wrong_holes(model)
    mended = _turned(model, holes)
    volumes = solid_volumes(mended)
    inside_out = (mended.geometry_type == GeometryType.SOLID) & (volumes < 0)
    surface_flag = np.repeat(inside_out, np.diff(model.geometry_offsets))
    rings = np.repeat(surface_flag, np.diff(model.surface_offsets))
    surface_of_ring = np.repeat(
        np.arange(len(model.surface_type)), np.diff(model.surface_offsets)
    )
    with_holes = np.unique(model.surface_object[surface_of_ring[holes]])
    issues = [
        Issue(
            "hole-turned",
            "warning",
            "holes ran the same way as the ring about them and were turned",
            gml_id=str(model.objects.id[row]),
        )
        for row in with_holes
    ]
    issues += [
        Issue(
            "solid-turned",
            "warning",
            f"the solid was inside out (volume {volumes[row]:.1f} m3) and was turned",
            gml_id=str(model.objects.id[model.geometry_object[row]]),
        )
        for row in np.flatnonzero(inside_out)
    ]
    return _turned(mended, rings), issues


def _wrong_holes(model: CityModel) -> BoolArray:
    vectors = area_vectors(metric_vertices(model)[model.ring_vertices], model.ring_offsets)
    exterior = np.repeat(model.surface_offsets[:-1], np.diff(model.surface_offsets))
    wrong = np.einsum("ij,ij->i", vectors, vectors[exterior]) > 0
    wrong[model.surface_offsets[:-1]] = False
    return np.asarray(wrong, bool)


def _turned(model: CityModel, rings: BoolArray) -> CityModel:
    if not rings.any():
        return model
    counts = np.diff(model.ring_offsets)
    start = np.repeat(model.ring_offsets[:-1], counts)
    count = np.repeat(counts, counts)
    place = np.arange(len(start))
    backwards = start + (start - place) % count
    order = np.where(np.repeat(rings, counts), backwards, place)
    appearances = model.appearances
    if appearances is not None:
        coordinates = appearances.texture_coordinates[order]
        appearances = replace(appearances, texture_coordinates=coordinates)
    return replace(model, ring_vertices=model.ring_vertices[order], appearances=appearances)
