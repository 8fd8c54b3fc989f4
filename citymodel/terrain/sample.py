"""The height of the ground at places."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from citykernel.arrays import Float64Array

from .height_grid import HeightSource
from .mosaic import Terrain

# Places are read in squares of so many samples, so that memory is bounded by one of them.
SQUARE = 1024


def ground_heights(
    terrain: Terrain | Iterable[HeightSource], places: Float64Array
) -> Float64Array:
    """Heights of the ground, bilinear between the centres of four cells.

    Parameters
    ----------
    terrain : Terrain or iterable of HeightSource
        The ground.
    places : (n, 2) float64
        Easting and northing in the terrain's system.

    Returns
    -------
    (n,) float64
        Metres above DHHN2016; NaN where the cell a place lies in is void or missing. Beside a
        void or the outer edge the heights that are there count.

    Raises
    ------
    ReadError
        The grids do not fit together, or a file is damaged.
    """
    ground = terrain if isinstance(terrain, Terrain) else Terrain(terrain)
    heights = np.full(len(places), np.nan)
    usable = np.flatnonzero(np.isfinite(places).all(axis=1))
    x = (places[usable, 0] - ground.west) / ground.resolution_m
    y = (places[usable, 1] - ground.south) / ground.resolution_m
    inside = (x >= 0) & (x < ground.columns) & (y >= 0) & (y < ground.rows)
    # Heights stand at the centres of cells.
    x, y = x - 0.5, y - 0.5
    usable, x, y = usable[inside], x[inside], y[inside]
    square = np.floor(y / SQUARE).astype(np.int64) * (1 << 32) + np.floor(x / SQUARE).astype(
        np.int64
    )
    order = np.argsort(square, kind="stable")
    for group in np.split(order, np.flatnonzero(np.diff(square[order])) + 1):
        if group.size:
            heights[usable[group]] = _bilinear(ground, x[group], y[group])
    return heights


def _bilinear(ground: Terrain, x: Float64Array, y: Float64Array) -> Float64Array:
    i, j = np.floor(x).astype(np.int64), np.floor(y).astype(np.int64)
    west, south = int(i.min()), int(j.min())
    window = ground.window(west, south, int(i.max()) - west + 2, int(j.max()) - south + 2)
    u, v = x - i, y - j
    total, weights = np.zeros(len(x)), np.zeros(len(x))
    for du, dv, weight in (
        (0, 0, (1 - u) * (1 - v)),
        (1, 0, u * (1 - v)),
        (0, 1, (1 - u) * v),
        (1, 1, u * v),
    ):
        height = window[j - south + dv, i - west + du].astype(np.float64)
        there = np.isfinite(height)
        total[there] += weight[there] * height[there]
        weights[there] += weight[there]
    own_i, own_j = np.floor(x + 0.5).astype(np.int64), np.floor(y + 0.5).astype(np.int64)
    own = window[own_j - south, own_i - west]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(np.isfinite(own), total / weights, np.nan)
