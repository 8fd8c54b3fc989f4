"""Works and halls beside the tracks: large flat, shallow and sawtooth roofs, sheds, offices."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import shapely

from .frontages import frontages
from .roofs import CONE, DOME, FLAT, GABLE, LEAN_TO, SAWTOOTH, Roof, Volume
from .site import Building, Site, on_millimetres, rectangle, volume_on

if TYPE_CHECKING:
    from citykernel.arrays import Float64Array

    from .chance import Chance
    from .frontages import Frontage, StreetFinder

FUNCTIONS = {
    "31001_2111": 20.0,  # factory
    "31001_2112": 25.0,  # works building
    "31001_2143": 35.0,  # storage hall
    "31001_2120": 10.0,  # workshop
    "31001_2010": 10.0,  # trade and services
}


def build_works(
    site: Site, chance: Chance, blocks: list[shapely.Polygon], finder: StreetFinder
) -> None:
    """Fill the blocks beside the tracks.

    Parameters
    ----------
    site : Site
        Gets the buildings.
    chance : Chance
        Draws them.
    blocks : list of shapely.Polygon
        Ground between the streets, counter-clockwise.
    finder : StreetFinder
        Knows the streets.
    """
    for block in blocks:
        ground = block.buffer(-1.0)
        if ground.is_empty:
            continue
        shapely.prepare(ground)
        for side in frontages(block, finder):
            if side.length > 30:  # noqa: PLR2004 - metres
                _along(site, chance, ground, side)


def _along(site: Site, chance: Chance, ground: shapely.Geometry, side: Frontage) -> None:
    station = chance.between(3.0, 8.0)
    while station < side.length - 14:
        length = min(chance.between(18.0, 62.0), side.length - station - 2)
        along = side.along(station + length / 2, 20.0)
        left = np.array([-along[1], along[0]])
        begin = side.at(station + length / 2) - along * length / 2
        for shorter in (1.0, 0.6, 0.4):
            depth = chance.between(22.0, 44.0) * shorter
            corner = begin + left * chance.between(5.0, 10.0)
            ring = rectangle(corner, along, length, depth)
            polygon = shapely.Polygon(ring)
            if ground.covers(polygon) and site.is_free(polygon, 5.0):
                door = side.at(station + length / 2) if side.street >= 0 else None
                site.build(_hall(chance, ring, along, door))
                if chance.happens(0.12):
                    _silos(site, chance, ground, ring[2] + along * 6.0)
                station += length
                break
        station += chance.between(6.0, 16.0)


def _hall(
    chance: Chance, ring: Float64Array, along: Float64Array, door: Float64Array | None
) -> Building:
    """A hall, sometimes with offices before its end."""
    axis = math.degrees(math.atan2(along[1], along[0]))
    length = float(np.hypot(*(ring[1] - ring[0])))
    depth = float(np.hypot(*(ring[3] - ring[0])))
    eaves = round(chance.between(5.2, 9.5), 2)
    code = chance.weighted({FLAT: 48.0, GABLE: 27.0, SAWTOOTH: 17.0, LEAN_TO: 8.0})
    function = chance.weighted(FUNCTIONS)
    if length > 34 and chance.happens(0.35):  # noqa: PLR2004 - metres
        cut = on_millimetres(ring[0] + along * 9.0), on_millimetres(ring[3] + along * 9.0)
        office = volume_on(
            np.array([ring[0], cut[0], cut[1], ring[3]]), Roof(FLAT, round(eaves + 2.4, 2))
        )
        hall = np.array([cut[0], ring[1], ring[2], cut[1]])
        return Building([_roofed(hall, code, eaves, axis, depth), office], function, door=door)
    return Building([_roofed(ring, code, eaves, axis, depth)], function, door=door)


def _roofed(
    ring: Float64Array, code: str, eaves: float, axis_deg: float, depth: float
) -> Volume:
    if code == SAWTOOTH:
        bays = max(2, round(depth / 7.5))
        return volume_on(ring, Roof(SAWTOOTH, eaves, 26.0, axis_deg, bays=bays))
    pitch = {GABLE: 11.0, LEAN_TO: 4.0}.get(code, 0.0)
    return volume_on(ring, Roof(code, eaves, pitch, axis_deg))


def _silos(site: Site, chance: Chance, ground: shapely.Geometry, place: Float64Array) -> None:
    """Two round silos with a cone or a dome on top."""
    radius = chance.between(2.6, 4.2)
    for k in range(2):
        ring = round_footprint(place + np.array([k * (2 * radius + 1.2), 0.0]), radius, 14)
        polygon = shapely.Polygon(ring)
        if ground.covers(polygon) and site.is_free(polygon, 1.0):
            code = (CONE, DOME)[k]
            roof = Roof(code, round(chance.between(8.0, 14.0), 2), 30.0)
            site.build(Building([Volume(ring, roof)], "51003_1201", own_id=False))


def round_footprint(middle: Float64Array, radius: float, corners: int) -> Float64Array:
    """A regular polygon.

    Parameters
    ----------
    middle : (2,) float64
        Metres.
    radius : float
        Metres to the corners.
    corners : int
        How many.

    Returns
    -------
    (corners, 2) float64
        Counter-clockwise, on millimetres.
    """
    angle = np.linspace(0, 2 * np.pi, corners, endpoint=False) + 0.21
    circle = np.column_stack([np.cos(angle), np.sin(angle)])
    return on_millimetres(middle + radius * circle)
