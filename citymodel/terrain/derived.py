"""Ground without a terrain model: worked out from points where buildings meet the ground."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
from scipy.interpolate import LinearNDInterpolator
from scipy.spatial import ConvexHull, QhullError, cKDTree

from citykernel.arrays import BoolArray, Float64Array, Int64Array
from citykernel.crs import CompoundCrs
from citykernel.errors import BoundaryError, ReadError

from .height_grid import HIGHEST_M, LOWEST_M, HeightGrid

DERIVED = "derived"
MOST_DERIVED_CELLS = 25_000_000
# How many neighbours judge a point, and by how much it may differ from their median: three
# scaled median deviations (1.4826 makes them a standard deviation of normal errors), but
# never less than an embankment.
NEIGHBOURS, LEAST_STRAY_M, STRAY_DEVIATIONS = 12, 3.0, 3 * 1.4826
AROUND = 8


def terrain_from_points(
    points: Float64Array,
    *,
    crs: CompoundCrs,
    resolution_m: float = 10.0,
    margin_m: float = 200.0,
) -> HeightGrid:
    """Work out the ground between points that lie on it.

    Points are thinned to one median per cell, strays are left out, the ground between them is
    linear over a Delaunay triangulation, and outside of their hull it is a mean of the nearest
    points weighted by distance, up to a margin.

    Parameters
    ----------
    points : (n, 3) float64
        Easting, northing, height above DHHN2016: bases of buildings, vertices of terrain
        intersections.
    crs : CompoundCrs
        System of the points, projected in metres.
    resolution_m : float
        Side of a cell.
    margin_m : float
        How far the ground reaches beyond the points' hull.

    Returns
    -------
    HeightGrid
        (rows, columns) float32 with ``source`` "derived": cells farther than the margin from
        any point and outside of the hull are void.

    Raises
    ------
    BoundaryError
        There is no usable point, or they lie so far apart that the grid would be too large.
    """
    if crs.is_geographic:
        raise ReadError(f"{crs} counts degrees; ground is derived in metres")
    if not (resolution_m > 0 and margin_m >= 0):
        raise BoundaryError(
            f"cells of {resolution_m} m with a margin of {margin_m} m cannot be"
        )
    fine = np.isfinite(points).all(axis=1)
    fine &= (points[:, 2] >= LOWEST_M) & (points[:, 2] <= HIGHEST_M)
    if not fine.any():
        raise BoundaryError(f"none of {len(points)} points has a place and a height")
    low = points[fine, :2].min(axis=0) - margin_m
    high = points[fine, :2].max(axis=0) + margin_m
    west, south = np.floor(low / resolution_m) * resolution_m
    columns, rows = (int(count) for count in np.ceil((high - [west, south]) / resolution_m))
    if rows * columns > MOST_DERIVED_CELLS:
        raise BoundaryError(
            f"points from {low.round()} to {high.round()} need {rows} x {columns} cells of "
            f"{resolution_m} m, at most {MOST_DERIVED_CELLS}: a point lies far off, or take "
            "larger cells"
        )
    # At UTM coordinates the triangulation would lose half of its digits.
    known = _without_strays(_thinned(points[fine] - [west, south, 0.0], resolution_m))
    x, y = np.meshgrid(
        (np.arange(columns) + 0.5) * resolution_m, (np.arange(rows)[::-1] + 0.5) * resolution_m
    )
    heights = _ground_at(known, np.stack([x.ravel(), y.ravel()], axis=1), margin_m)
    return HeightGrid(
        heights.reshape(rows, columns).astype(np.float32),
        float(west),
        float(south + rows * resolution_m),
        resolution_m,
        crs,
        DERIVED,
    )


def _thinned(points: Float64Array, cell: float) -> Float64Array:
    """One point per cell: the middle of its points, at the median of their heights."""
    column, row = np.floor(points[:, 0] / cell), np.floor(points[:, 1] / cell)
    keys = row.astype(np.int64) * (1 << 32) + column.astype(np.int64)
    order = np.lexsort((points[:, 2], keys))
    _, starts, counts = np.unique(keys[order], return_index=True, return_counts=True)
    ordered = points[order]
    middle = np.add.reduceat(ordered, starts, axis=0) / counts[:, None]
    lower, upper = ordered[starts + (counts - 1) // 2, 2], ordered[starts + counts // 2, 2]
    return np.column_stack([middle[:, :2], (lower + upper) / 2])


def _without_strays(points: Float64Array) -> Float64Array:
    """Points whose height agrees with that of their neighbours."""
    if len(points) <= NEIGHBOURS:
        return points
    _, around = cKDTree(points[:, :2]).query(points[:, :2], k=NEIGHBOURS + 1)
    heights = points[around[:, 1:], 2]
    median = np.median(heights, axis=1)
    spread = np.median(np.abs(heights - median[:, None]), axis=1)
    agrees: BoolArray = np.abs(points[:, 2] - median) <= np.maximum(
        LEAST_STRAY_M, STRAY_DEVIATIONS * spread
    )
    return points[agrees] if agrees.any() else points


def _within_hull(known: Float64Array, places: Float64Array) -> Int64Array:
    """Places in the convex hull: for others the interpolator would try all triangles."""
    sides = ConvexHull(known).equations
    inside = np.ones(len(places), np.bool_)
    for x, y, offset in sides:
        inside &= places[:, 0] * x + places[:, 1] * y + offset <= 0
    return np.flatnonzero(inside)


def _ground_at(known: Float64Array, places: Float64Array, margin_m: float) -> Float64Array:
    heights = np.full(len(places), np.nan)
    # Fewer than three points, or all on one line: no hull, everything is outside.
    with suppress(QhullError, ValueError):
        inside = _within_hull(known[:, :2], places)
        heights[inside] = LinearNDInterpolator(known[:, :2], known[:, 2])(places[inside])
    outside = np.flatnonzero(np.isnan(heights))
    count = min(AROUND, len(known))
    away, nearest = cKDTree(known[:, :2]).query(places[outside], k=range(1, count + 1))
    weight = 1.0 / np.maximum(away, 1e-3) ** 2
    mean = (weight * known[nearest, 2]).sum(axis=1) / weight.sum(axis=1)
    heights[outside] = np.where(away[:, 0] <= margin_m, mean, np.nan)
    return heights
