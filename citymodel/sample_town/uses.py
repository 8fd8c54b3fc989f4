"""Uses: what a block outside the ring road is used for, by where it lies."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from .places import CENTRE, RAILWAY, wall_radius

if TYPE_CHECKING:
    import shapely

    from .chance import Chance

VILLAS, HOUSES, ROWS, SLABS, NEW, GARDENS, FIELDS = (
    "villas", "houses", "rows", "slabs", "new", "gardens", "fields",
)  # fmt: skip

# Metres: the belt of villas round the ring road, the strips of works south and north of the
# tracks, how far the new quarters behind the Strabag site and the old ones in the east reach.
VILLA_BELT, WORKS_SOUTH, WORKS_NORTH, NEW_NORTH, EAST_NORTH = 150.0, 95.0, 260.0, 400.0, 360.0


def outside_wall(block: shapely.Polygon) -> float:
    """Metres from the town wall to the middle of a block."""
    x, y = (float(v) for v in block.centroid.coords[0])
    angle = np.array([math.atan2(y - CENTRE[1], x - CENTRE[0])])
    return math.hypot(x - CENTRE[0], y - CENTRE[1]) - float(wall_radius(angle)[0])


def _place(block: shapely.Polygon) -> tuple[float, float, float]:
    """East and north of a block's middle, and how far north of the tracks it lies."""
    x, y = (float(v) for v in block.centroid.coords[0])
    return x, y, y - float(np.interp(x, RAILWAY[:, 0], RAILWAY[:, 1]))


def is_for_works(block: shapely.Polygon) -> bool:
    """Whether a block lies beside the tracks, but not at the station or the Strabag site.

    Parameters
    ----------
    block : shapely.Polygon
        Ground outside the ring road.

    Returns
    -------
    bool
        True for works and halls.
    """
    x, _, beyond = _place(block)
    if beyond > 0:
        return beyond < WORKS_NORTH and not -310 < x < 385  # noqa: PLR2004 - metres
    return beyond > -WORKS_SOUTH and not -480 < x < 480  # noqa: PLR2004 - metres


def use_of(block: shapely.Polygon, chance: Chance) -> str:
    """What a block is used for that is not for works.

    Parameters
    ----------
    block : shapely.Polygon
        Ground outside the ring road.
    chance : Chance
        Decides between uses that are equally sensible.

    Returns
    -------
    str
        One of this module's uses.
    """
    x, y, beyond = _place(block)
    if beyond > 0:
        return _use_north(x, beyond, chance)
    if outside_wall(block) < VILLA_BELT:
        return chance.weighted({VILLAS: 74.0, HOUSES: 18.0, SLABS: 8.0})
    if x < -860 or y < -900 or (x > 930 and y < 330):  # noqa: PLR2004 - metres
        return chance.weighted({FIELDS: 88.0, GARDENS: 6.0, HOUSES: 6.0})
    return chance.weighted({HOUSES: 60.0, ROWS: 10.0, SLABS: 7.0, GARDENS: 5.0, FIELDS: 18.0})


def _use_north(x: float, beyond: float, chance: Chance) -> str:
    """North of the tracks: new houses behind the Strabag site, older ones east, fields."""
    if beyond < NEW_NORTH and -560 < x < 540:  # noqa: PLR2004 - metres
        return chance.weighted({NEW: 80.0, ROWS: 12.0, SLABS: 8.0})
    if beyond < EAST_NORTH and x > 480:  # noqa: PLR2004 - metres
        return chance.weighted({HOUSES: 70.0, ROWS: 10.0, FIELDS: 20.0})
    return FIELDS
