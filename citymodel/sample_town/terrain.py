"""Terrain of the sample town: a plain that falls to the north, with what people did to it.

Heights are DHHN2016 metres on a 1 m raster whose nodes are the middles of the square metres,
as in the official DGM1. Streets are level across, the railway stands on a low dam, the wall
on a bank behind its ditch, and the planted hill on the Strabag site is there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy import ndimage

from .places import (
    CENTRE,
    HILL,
    HILL_HEIGHT,
    RAILWAY,
    RAILWAY_HALF_WIDTH,
    STREAM,
    VALLEY,
    Street,
    wall_radius,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from citykernel.arrays import Float64Array

# The raster reaches this far beyond the four tiles, because houses overhang their edges.
MARGIN = 60
REACH = 1000 + MARGIN


@dataclass(frozen=True, slots=True)
class Terrain:
    """Heights on a 1 m raster.

    Parameters
    ----------
    heights : (n, n) float64
        DHHN2016 metres, rounded to centimetres; row 0 in the south, column 0 in the west, the
        first node half a metre inside the corner at (-REACH, -REACH) of the town's frame.
    """

    heights: Float64Array

    def height_dhhn2016(self, points: Float64Array) -> Float64Array:
        """Heights by bilinear interpolation.

        Parameters
        ----------
        points : (n, 2) float64
            Metres in the town's frame, within ``REACH`` of its origin.

        Returns
        -------
        (n,) float64
            DHHN2016 metres.
        """
        last = len(self.heights) - 2
        raster = points + (REACH - 0.5)
        cell = np.clip(np.floor(raster).astype(np.int64), 0, last)
        share = raster - cell
        i, j = cell[:, 1], cell[:, 0]
        x, y = share[:, 0], share[:, 1]
        z = self.heights
        south = z[i, j] * (1 - x) + z[i, j + 1] * x
        north = z[i + 1, j] * (1 - x) + z[i + 1, j + 1] * x
        return np.asarray(south * (1 - y) + north * y)

    def tile(self, east: int, north: int) -> Float64Array:
        """Square kilometre whose lower-left corner lies at (east, north) of the town's frame.

        Parameters
        ----------
        east, north : int
            Metres.

        Returns
        -------
        (1000, 1000) float64
            Heights, the northernmost row first, as images are stored.
        """
        row, column = north + REACH, east + REACH
        return self.heights[row : row + 1000, column : column + 1000][::-1]

    def lowest(self, ring: Float64Array) -> float:
        """Lowest raster node strictly inside a ring, infinity when there is none.

        Parameters
        ----------
        ring : (n, 2) float64
            Metres in the town's frame.

        Returns
        -------
        float
            DHHN2016 metres.
        """
        low = np.floor(ring.min(axis=0)).astype(int)
        high = np.ceil(ring.max(axis=0)).astype(int)
        columns, rows = np.arange(low[0], high[0]), np.arange(low[1], high[1])
        x, y = np.meshgrid(columns + 0.5, rows + 0.5)
        block = self.heights[np.ix_(rows + REACH, columns + REACH)]
        inside = block[_within(ring, x, y)]
        return float(inside.min()) if inside.size else float("inf")


def _within(ring: Float64Array, x: Float64Array, y: Float64Array) -> Float64Array:
    """Even-odd rule."""
    inside = np.zeros(x.shape, bool)
    for (x0, y0), (x1, y1) in zip(ring, np.roll(ring, -1, axis=0), strict=True):
        if y0 != y1:
            crosses = (y0 > y) != (y1 > y)
            inside ^= crosses & (x < x0 + (y - y0) * (x1 - x0) / (y1 - y0))
    return inside


def build_terrain(streets: Sequence[Street]) -> Terrain:
    """Shape the ground under a plan.

    Parameters
    ----------
    streets : sequence of Street
        Centre lines and widths in the town's frame.

    Returns
    -------
    Terrain
        For the four tiles and their margin.
    """
    nodes = np.arange(-REACH, REACH) + 0.5
    x, y = np.meshgrid(nodes, nodes)
    ground = _land(x, y)
    ground += _fortification(x, y)
    ground = _levelled(ground, [(s.line, s.width / 2) for s in streets], blend=5.0)
    ground = _levelled(ground, [(RAILWAY, RAILWAY_HALF_WIDTH)], blend=4.0, lift=0.6)
    ground += _hill(x, y)
    # Laser points are interpolated: no edge is sharper than a metre or two.
    ground = ndimage.gaussian_filter(ground, 1.0)
    return Terrain(np.rint(ground * 100) / 100)


def _land(x: Float64Array, y: Float64Array) -> Float64Array:
    """About 108 m in the south, 88 m in the north, soft waves, the stream's valley."""
    land = 98.0 - 10.0 * y / 1000 - 1.2 * np.sin(y / 420 + 0.4) + 0.8 * x / 1000
    land += 0.9 * np.sin(x / 260 + 0.5) * np.cos(y / 330) + 0.35 * np.sin((x - 0.6 * y) / 90)
    land += 0.12 * np.sin((x + 1.3 * y) / 37 + 1.0)
    land -= 1.8 * np.exp(-((_distance(np.vstack([VALLEY, STREAM])) / 110.0) ** 2))
    away = _distance(STREAM)
    land -= 1.1 * np.exp(-((away / 2.6) ** 4))
    return np.asarray(land)


def _fortification(x: Float64Array, y: Float64Array) -> Float64Array:
    """A bank of 2.2 m under the wall and a ditch of 2.8 m, 21 m wide, before it."""
    angle = np.arctan2(y - CENTRE[1], x - CENTRE[0])
    outside = np.hypot(x - CENTRE[0], y - CENTRE[1]) - wall_radius(angle)
    bank = 2.2 * np.exp(-(((outside + 2.5) / 5.0) ** 4))
    ditch = 2.8 * np.exp(-(((outside - 16.0) / 9.0) ** 4))
    return np.asarray(bank - ditch)


def _hill(x: Float64Array, y: Float64Array) -> Float64Array:
    """The planted hill, smooth at its foot and on its top."""
    east, north, reach_east, reach_north = HILL
    away = np.hypot((x - east) / reach_east, (y - north) / reach_north)
    slope = np.clip((1.0 - away) / 0.55, 0.0, 1.0)
    return np.asarray(HILL_HEIGHT * slope * slope * (3 - 2 * slope))


def _marked(line: Float64Array) -> tuple[Float64Array, Float64Array]:
    """Rows and columns of the raster that a line runs through."""
    path = shapely.LineString(line)
    along = np.arange(0.0, path.length, 0.5)
    points = shapely.get_coordinates(shapely.line_interpolate_point(path, along))
    cells = np.floor(points + REACH).astype(np.int64)
    cells = cells[((cells >= 0) & (cells < 2 * REACH)).all(axis=1)]
    return cells[:, 1], cells[:, 0]


def _distance(line: Float64Array) -> Float64Array:
    free = np.ones((2 * REACH, 2 * REACH), bool)
    free[_marked(line)] = False
    return np.asarray(ndimage.distance_transform_edt(free))


def _levelled(
    ground: Float64Array,
    bands: Sequence[tuple[Float64Array, float]],
    *,
    blend: float,
    lift: float = 0.0,
) -> Float64Array:
    """Make the ground level across each band, at the height of its centre line."""
    free = np.ones(ground.shape, bool)
    half_width = np.zeros(ground.shape)
    for line, half in bands:
        cells = _marked(line)
        free[cells] = False
        half_width[cells] = np.maximum(half_width[cells], half)
    away, nearest = ndimage.distance_transform_edt(free, return_indices=True)
    # Along the centre line the land's small waves are smoothed out, as road builders do.
    smooth = ndimage.uniform_filter(ground, 15)
    centre = smooth[nearest[0], nearest[1]] + lift
    share = np.clip((half_width[nearest[0], nearest[1]] + blend - away) / blend, 0.0, 1.0)
    share = share * share * (3 - 2 * share)
    levelled = ground * (1 - share) + centre * share
    return np.asarray(np.where(away < half_width.max() + blend, levelled, ground))
