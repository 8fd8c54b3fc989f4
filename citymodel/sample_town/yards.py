"""Yards and gardens: sheds, garages and summer houses where ground is left."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import shapely

from .roofs import FLAT, GABLE, LEAN_TO, TENT, Roof
from .site import Building, Site, rectangle, volume_on

if TYPE_CHECKING:
    from citykernel.arrays import Float64Array

    from .chance import Chance

GARAGE, SHED, SUMMER_HOUSE, CARPORT = "31001_2463", "31001_2723", "31001_1313", "51009_1611"
SIZES = {
    GARAGE: ((2.9, 3.4), (5.6, 6.8)),
    SHED: ((2.2, 5.0), (3.0, 7.5)),
    SUMMER_HOUSE: ((2.4, 4.2), (3.0, 5.2)),
    CARPORT: ((2.9, 5.6), (5.0, 6.0)),
}


def small_roof(chance: Chance, function: str, axis_deg: float) -> Roof:
    """Roof of a small building.

    Parameters
    ----------
    chance : Chance
        Draws it.
    function : str
        ALKIS code.
    axis_deg : float
        Direction of its longer side.

    Returns
    -------
    Roof
        Mostly flat.
    """
    if function in {GARAGE, CARPORT} and chance.happens(0.88):
        return Roof(FLAT, round(chance.between(2.4, 2.9), 2))
    code = chance.weighted({FLAT: 38.0, LEAN_TO: 30.0, GABLE: 30.0, TENT: 2.0})
    pitch = chance.between(8, 18) if code == LEAN_TO else chance.between(20, 38)
    return Roof(code, round(chance.between(2.1, 2.7), 2), round(pitch, 1), axis_deg)


def build_in_yards(
    site: Site,
    chance: Chance,
    block: shapely.Polygon,
    *,
    area_per_building_m2: float,
    functions: dict[str, float],
) -> None:
    """Scatter small buildings over what is left of a block.

    Parameters
    ----------
    site : Site
        Gets the buildings.
    chance : Chance
        Draws them.
    block : shapely.Polygon
        Ground between streets.
    area_per_building_m2 : float
        Square metres of block for one attempt.
    functions : dict
        ALKIS codes and how likely they are.
    """
    ground = block.buffer(-1.2)
    if ground.is_empty:
        return
    shapely.prepare(ground)
    outline = block.exterior
    west, south, east, north = ground.bounds
    for _ in range(round(block.area / area_per_building_m2)):
        middle = np.array([chance.between(west, east), chance.between(south, north)])
        function = chance.weighted(functions)
        if not shapely.Point(middle).within(ground):
            continue
        along = _direction_beside(outline, middle)
        (least_w, most_w), (least_d, most_d) = SIZES[function]
        ring = rectangle(
            middle, along, chance.between(least_w, most_w), chance.between(least_d, most_d)
        )
        polygon = shapely.Polygon(ring)
        if ground.covers(polygon) and site.is_free(polygon, 0.9):
            axis = math.degrees(math.atan2(along[1], along[0])) + 90
            roof = small_roof(chance, function, axis)
            site.build(Building([volume_on(ring, roof)], function))


def _direction_beside(outline: shapely.LinearRing, point: Float64Array) -> Float64Array:
    """Direction of the outline where it is nearest to a point."""
    station = outline.project(shapely.Point(point))
    a = outline.interpolate(max(0.0, station - 4.0))
    b = outline.interpolate(min(outline.length, station + 4.0))
    along = np.array([b.x - a.x, b.y - a.y])
    length = float(np.hypot(*along))
    return along / length if length > 0 else np.array([1.0, 0.0])
