"""Vertices in metres and without copies: what lengths, edges and volumes are measured on."""

from __future__ import annotations

import numpy as np

from citykernel.arrays import Float64Array, Int32Array
from citykernel.frame import ECCENTRICITY_SQUARED, SEMI_MAJOR_AXIS_M

from .model import CityModel

# What one millimetre is to the sources: they write three decimals.
TOLERANCE_M = 0.001


def metric_vertices(model: CityModel) -> Float64Array:
    """Vertices in metres from the origin, also where the model's own are degrees.

    Parameters
    ----------
    model : CityModel
        The model.

    Returns
    -------
    (v, 3) float64
        Metres east, north and up of the origin. For geographic systems by the radii of
        curvature at the origin: true to 1e-4 of the distance within some ten kilometres,
        enough to compare lengths, not to place anything.

    References
    ----------
    Radii of curvature M (meridian) and N (prime vertical): IOGP Guidance Note 7-2.
    """
    if not model.crs.is_geographic:
        return model.vertices
    latitude = np.radians(model.origin[1])
    bend = 1 - ECCENTRICITY_SQUARED * np.sin(latitude) ** 2
    prime_vertical = SEMI_MAJOR_AXIS_M / np.sqrt(bend)
    meridian = SEMI_MAJOR_AXIS_M * (1 - ECCENTRICITY_SQUARED) / bend**1.5
    scale = np.radians([prime_vertical * np.cos(latitude), meridian])
    return np.asarray(model.vertices * [*scale, 1.0], np.float64)


def merged_vertices(points: Float64Array, tolerance_m: float = TOLERANCE_M) -> Int32Array:
    """Say for each vertex which one stands for it and its neighbours.

    Neighbours are found by distance, not by rounding to a grid: two copies of a corner may
    lie on both sides of a grid line, however near they are. Chains of neighbours count as
    one place.

    Parameters
    ----------
    points : (v, 3) float64
        Metres.
    tolerance_m : float
        Most that neighbours are apart; 0 merges exact copies only.

    Returns
    -------
    (v,) int32
        Row of the first vertex of each place.
    """
    if not len(points):
        return np.empty(0, np.int32)
    # Most vertices are exact copies of others: taken first, they cost no neighbour search.
    exact, first, place = np.unique(points, axis=0, return_index=True, return_inverse=True)
    place = place.ravel()
    if tolerance_m > 0 and len(exact) > 1:
        # Here, because importing scipy takes longer than tiling a village, which needs none.
        from scipy.sparse import coo_array  # noqa: PLC0415
        from scipy.sparse.csgraph import connected_components  # noqa: PLC0415
        from scipy.spatial import cKDTree  # noqa: PLC0415

        near = cKDTree(exact).query_pairs(tolerance_m, output_type="ndarray")
        if len(near):
            links = coo_array(
                (np.ones(len(near), np.int8), (near[:, 0], near[:, 1])),
                (len(exact), len(exact)),
            )
            count, group = connected_components(links, directed=False)
            earliest = np.full(count, len(points))
            np.minimum.at(earliest, group, first)
            first = earliest[group]
    return np.asarray(first[place], np.int32)
