"""Solids: whether the surfaces of a geometry enclose a space, and how large it is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from citykernel.arrays import BoolArray, Float64Array, Int32Array

from .boundary import following_corners
from .metric import TOLERANCE_M, merged_vertices, metric_vertices
from .model import CityModel


@dataclass(frozen=True, slots=True)
class SolidEdges:
    """Edges of each geometry that have no partner running the other way.

    Parameters
    ----------
    open_edges : (g,) int32
        Edges used an odd number of times: a surface is missing, or a neighbour has a corner
        within the edge.
    turned_edges : (g,) int32
        Edges used by pairs of surfaces that run along them the same way: one of the two is
        turned over.
    closed : (g,) bool
        Neither of both, and there are surfaces at all.
    """

    open_edges: Int32Array
    turned_edges: Int32Array
    closed: BoolArray


def corner_geometry(model: CityModel) -> Int32Array:
    """Geometry of each ring corner.

    Parameters
    ----------
    model : CityModel
        The model.

    Returns
    -------
    (c,) int32
        Row of the geometry.
    """
    corners_before = model.ring_offsets[model.surface_offsets[model.geometry_offsets]]
    rows = np.arange(len(model.geometry_lod), dtype=np.int32)
    return np.repeat(rows, np.diff(corners_before))


def solid_edges(model: CityModel, *, tolerance_m: float = TOLERANCE_M) -> SolidEdges:
    """Look along all edges for their partners.

    Parameters
    ----------
    model : CityModel
        The model; no ring is empty.
    tolerance_m : float
        Corners nearer than this are the same.

    Returns
    -------
    SolidEdges
        Counts for each geometry.
    """
    geometries = len(model.geometry_lod)
    if not len(model.ring_vertices):
        none = np.zeros(geometries, np.int32)
        return SolidEdges(none, none, np.zeros(geometries, bool))
    place = merged_vertices(metric_vertices(model), tolerance_m)
    start = place[model.ring_vertices].astype(np.int64)
    end = start[following_corners(model.ring_offsets)]
    geometry = corner_geometry(model)
    real = start != end
    start, end, geometry = start[real], end[real], geometry[real]
    pair = np.minimum(start, end) * len(place) + np.maximum(start, end)
    _, pair = np.unique(pair, return_inverse=True)
    pairs = int(pair.max()) + 1 if len(pair) else 0
    # One number for geometry and edge: neither product comes near 2^63 for what fits memory.
    edges, edge = np.unique(geometry.astype(np.int64) * pairs + pair, return_inverse=True)
    uses = np.bincount(edge, minlength=len(edges))
    balance = np.bincount(edge, np.where(start < end, 1.0, -1.0), minlength=len(edges))
    edge_geometry = edges // max(pairs, 1)
    odd = uses % 2 == 1
    turned = ~odd & (np.abs(balance) > 0.5)  # noqa: PLR2004 - whole numbers as floats
    open_edges = np.bincount(edge_geometry[odd], minlength=geometries).astype(np.int32)
    turned_edges = np.bincount(edge_geometry[turned], minlength=geometries).astype(np.int32)
    filled = np.bincount(edge_geometry, minlength=geometries) > 0
    return SolidEdges(
        open_edges, turned_edges, filled & (open_edges == 0) & (turned_edges == 0)
    )


def signed_volumes(model: CityModel) -> Float64Array:
    """Sum of the pyramids over all surfaces, with sign: right where a geometry is closed.

    Parameters
    ----------
    model : CityModel
        The model.

    Returns
    -------
    (g,) float64
        Cubic metres; positive where surfaces face outwards.

    References
    ----------
    Divergence theorem; a surface is fanned from the first corner of each of its rings.
    """
    geometries = len(model.geometry_lod)
    if not len(model.ring_vertices):
        return np.zeros(geometries)
    geometry = corner_geometry(model)
    corners = metric_vertices(model)[model.ring_vertices]
    first_corner = model.ring_offsets[model.surface_offsets[model.geometry_offsets[:-1]]]
    # From a corner of the same geometry: far from zero, the products would lose the volume.
    known = np.minimum(first_corner, len(corners) - 1)
    near = corners - corners[known][geometry]
    after = near[following_corners(model.ring_offsets)]
    apex = np.repeat(near[model.ring_offsets[:-1]], np.diff(model.ring_offsets), axis=0)
    pyramids = np.einsum("ij,ij->i", apex, np.cross(near, after)) / 6
    volumes = np.bincount(geometry, pyramids, minlength=geometries)
    return np.asarray(volumes, np.float64)


def solid_volumes(model: CityModel, *, edges: SolidEdges | None = None) -> Float64Array:
    """Volume of each geometry that closes.

    Parameters
    ----------
    model : CityModel
        The model.
    edges : SolidEdges, optional
        What :func:`solid_edges` found, where it is known already.

    Returns
    -------
    (g,) float64
        Cubic metres, NaN where the surfaces do not close; negative where they face inwards.

    Examples
    --------
    >>> from citymodel.testing import askew_house
    >>> solid_volumes(askew_house()).round(6)
    array([360.])
    """
    edges = solid_edges(model) if edges is None else edges
    return np.where(edges.closed, signed_volumes(model), np.nan)
