"""Outside the wall: villas, detached and semi-detached houses, rows, slabs, gardens, fields.

Along the streets plots follow each other, each with its house, and often a garage at the
boundary. The town grows outwards; what it has not reached is field.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import shapely

from .frontages import Frontage, frontages
from .roofs import (
    FLAT,
    GABLE,
    HALF_HIP,
    HIP,
    LEAN_TO,
    MANSARD,
    MIXED,
    OFFSET_LEAN_TO,
    OTHER,
    TENT,
    Roof,
    Volume,
)
from .site import Building, Site, on_millimetres, rectangle, volume_on
from .uses import FIELDS, GARDENS, HOUSES, NEW, ROWS, SLABS, VILLAS, outside_wall, use_of
from .yards import CARPORT, GARAGE, SHED, SUMMER_HOUSE, build_in_yards

if TYPE_CHECKING:
    from citykernel.arrays import Float64Array

    from .chance import Chance
    from .frontages import StreetFinder

TOLERANCE = 0.3

DETACHED_FORMS = {
    VILLAS: {HIP: 26.0, TENT: 16.0, MANSARD: 20.0, GABLE: 22.0, MIXED: 12.0, HALF_HIP: 4.0},
    HOUSES: {GABLE: 68.0, HIP: 10.0, HALF_HIP: 8.0, MIXED: 8.0, FLAT: 4.0, OFFSET_LEAN_TO: 2.0},
    NEW: {
        GABLE: 34.0, TENT: 18.0, FLAT: 16.0, OFFSET_LEAN_TO: 12.0, LEAN_TO: 10.0, HIP: 8.0,
        OTHER: 2.0,
    },
}  # fmt: skip
PITCH_DEG = {VILLAS: (38.0, 48.0), HOUSES: (32.0, 46.0), NEW: (22.0, 40.0)}


def build_suburbs(
    site: Site,
    chance: Chance,
    blocks: list[shapely.Polygon],
    finder: StreetFinder,
    *,
    most_buildings: int,
) -> None:
    """Fill the blocks outside the ring road, from the wall outwards.

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
    most_buildings : int
        When the town has so many, the blocks that are left stay fields.
    """
    for block in sorted(blocks, key=lambda b: (outside_wall(b), b.bounds)):
        if len(site.buildings) >= most_buildings:
            break
        use = use_of(block, chance)
        if use == GARDENS:
            build_in_yards(
                site, chance, block, area_per_building_m2=330.0, functions={SUMMER_HOUSE: 1.0}
            )
        elif use != FIELDS:
            _Plots(site, chance, block, use).build(frontages(block, finder))
            build_in_yards(
                site,
                chance,
                block,
                area_per_building_m2=1700.0,
                functions={SHED: 5.0, SUMMER_HOUSE: 5.0, CARPORT: 1.0},
            )


class _Plots:
    """Builds along one block's sides."""

    def __init__(self, site: Site, chance: Chance, block: shapely.Polygon, use: str) -> None:
        self.site = site
        self.chance = chance
        self.use = use
        self.ground = block.buffer(TOLERANCE, join_style="mitre")
        shapely.prepare(self.ground)

    def build(self, sides: list[Frontage]) -> None:
        """Houses along every side; short sides belong to the corner plots."""
        for side in sides:
            if side.street < 0 or side.length < 34:  # noqa: PLR2004 - metres
                continue
            station = self.chance.between(2.0, 7.0)
            while station < side.length - 10:
                if self.use == ROWS:
                    station = self._row(side, station)
                elif self.use == SLABS:
                    station = self._slab(side, station)
                elif self.use == HOUSES and self.chance.happens(0.22):
                    station = self._pair(side, station)
                else:
                    station = self._detached(side, station)

    def _free(self, ring: Float64Array, gap: float) -> bool:
        polygon = shapely.Polygon(ring)
        return bool(self.ground.covers(polygon)) and self.site.is_free(polygon, gap)

    def _standing(
        self, side: Frontage, station: float, width: float, depth: float, setback: float
    ) -> tuple[Float64Array, Float64Array, float]:
        """Rectangle behind a frontage, its direction, and that direction in degrees."""
        along = side.along(station + width / 2, 14.0)
        left = np.array([-along[1], along[0]])
        corner = side.at(station + width / 2) - along * width / 2 + left * setback
        ring = rectangle(corner, along, width, depth)
        return ring, along, math.degrees(math.atan2(along[1], along[0]))

    def _detached(self, side: Frontage, station: float) -> float:
        chance = self.chance
        big = self.use == VILLAS
        width = chance.between(10.5, 16.0) if big else chance.between(9.0, 13.5)
        depth = chance.between(10.0, 14.0) if big else chance.between(8.5, 11.5)
        setback = chance.between(3.5, 8.0)
        plot = width + chance.between(11.0, 23.0)
        if station + plot > side.length + 3 or chance.happens(0.10):
            return station + plot * 0.8
        ring, along, along_deg = self._standing(side, station, width, depth, setback)
        if not self._free(ring, 3.0):
            return station + 6.0
        code = chance.weighted(DETACHED_FORMS[self.use])
        storeys = 2 if big or chance.happens(0.25) or self.use == NEW else 1
        turned = code != MIXED and chance.happens(0.35)
        eaves = storeys * 2.85 + chance.between(0.3, 1.3) + (1.2 if big else 0.0)
        roof = self._roof(code, round(eaves, 2), along_deg + (90 if turned else 0), width)
        if turned and code in {OFFSET_LEAN_TO, OTHER}:
            ring = np.roll(ring, -1, axis=0)
        volumes = [volume_on(ring, roof)]
        volumes += self._extension(ring, along_deg, eaves)
        door = side.at(station + width / 2)
        function = chance.weighted({"31001_1010": 95.0, "31001_1123": 3.0, "31001_2020": 2.0})
        known = storeys if chance.happens(0.03) else None
        self.site.build(Building(volumes, function, door=door, storeys=known))
        if chance.happens(0.4):
            self._garage(ring, along, along_deg)
        return station + plot

    def _roof(self, code: str, eaves: float, axis_deg: float, width: float) -> Roof:
        chance = self.chance
        pitch = round(chance.between(*PITCH_DEG.get(self.use, (30.0, 45.0))), 1)
        if code == FLAT:
            return Roof(FLAT, round(eaves + 0.6, 2))
        if code in {LEAN_TO, OFFSET_LEAN_TO, OTHER}:
            pitch = round(chance.between(9, 20), 1)
            return Roof(code, eaves, pitch, axis_deg, share=chance.between(0.5, 0.66))
        if code == MANSARD:
            return Roof(MANSARD, eaves, 28.0, axis_deg)
        if code == MIXED:
            begin = round(chance.between(0.0, width * 0.5), 3)
            end = round(begin + min(4.6, width * 0.4), 3)
            wing = (begin, end, round(chance.between(1.2, 3.0), 3))
            return Roof(MIXED, eaves, pitch, axis_deg, wing=wing)
        return Roof(code, eaves, pitch, axis_deg, share=chance.between(0.25, 0.5))

    def _extension(self, ring: Float64Array, along_deg: float, eaves: float) -> list[Volume]:
        """A lower part behind the house, for one house in nine."""
        chance = self.chance
        if not chance.happens(0.16):
            return []
        back, corner = ring[-2], ring[-1]
        width = float(np.hypot(*(corner - back)))
        along = (corner - back) / width
        length, reach = width * chance.between(0.4, 0.7), chance.between(2.5, 5.0)
        annexe = rectangle(back + along * length, -along, length, reach)
        annexe[1] = back
        if not self._free(annexe, 0.0):
            return []
        if chance.happens(0.5):
            return [volume_on(annexe, Roof(FLAT, round(min(2.9, eaves - 0.3), 2)))]
        low = Roof(LEAN_TO, 2.3, 14.0, along_deg + 180)
        return [volume_on(annexe, low)]

    def _garage(self, house: Float64Array, along: Float64Array, along_deg: float) -> None:
        """A garage beside the house, touching it or at the plot's boundary."""
        chance = self.chance
        width, depth = chance.between(2.9, 3.6), chance.between(5.8, 7.5)
        if chance.happens(0.14):
            width = chance.between(5.6, 6.2)
        joined = chance.happens(0.4)
        back = np.array([-along[1], along[0]]) * chance.between(0.0, 3.0)
        b = len(house) - 3
        gap = 0.0 if joined else chance.between(1.6, 3.0)
        ring = rectangle(house[b] + along * gap + back, along, width, depth)
        if not self._free(ring, 0.0 if joined else 0.6):
            return
        if chance.happens(0.86):
            roof = Roof(FLAT, round(chance.between(2.4, 2.9), 2))
        else:
            roof = Roof(GABLE, 2.4, 32.0, along_deg + 90)
        self.site.build(Building([volume_on(ring, roof)], GARAGE))

    def _pair(self, side: Frontage, station: float) -> float:
        """Two houses under one ridge."""
        chance = self.chance
        width, depth = chance.between(6.4, 8.4), chance.between(9.0, 11.5)
        if station + 2 * width + 8 > side.length + 3:
            return station + 10.0
        ring, along, along_deg = self._standing(
            side, station, 2 * width, depth, chance.between(4.0, 7.0)
        )
        if not self._free(ring, 3.0):
            return station + 6.0
        eaves = round(chance.between(3.4, 6.2), 2)
        pitch = round(chance.between(38, 48), 1)
        self._joined(side, station, ring, (2, GABLE, eaves, pitch, along_deg))
        if chance.happens(0.6):
            self._garage(ring, along, along_deg)
        return station + 2 * width + chance.between(8.0, 13.0)

    def _row(self, side: Frontage, station: float) -> float:
        """Four to eight houses in a row."""
        chance = self.chance
        count, width = chance.whole(4, 8), chance.between(5.6, 6.8)
        while count > 2 and station + count * width > side.length:  # noqa: PLR2004 - houses
            count -= 1
        length = count * width
        ring, _, along_deg = self._standing(
            side, station, length, chance.between(9.5, 12.0), chance.between(4.0, 8.0)
        )
        if station + length > side.length + 3 or not self._free(ring, 3.0):
            return station + 8.0
        code = chance.weighted({GABLE: 76.0, FLAT: 14.0, LEAN_TO: 6.0, OFFSET_LEAN_TO: 4.0})
        pitch = chance.between(30, 45) if code == GABLE else chance.between(8, 14)
        eaves = round(chance.between(5.4, 6.4), 2)
        self._joined(side, station, ring, (count, code, eaves, round(pitch, 1), along_deg))
        if chance.happens(0.35):
            self._garages(side, station, along_deg, chance.whole(3, 6))
        return station + length + chance.between(6.0, 14.0)

    def _joined(
        self,
        side: Frontage,
        station: float,
        ring: Float64Array,
        form: tuple[int, str, float, float, float],
    ) -> None:
        """Cut a rectangle into houses that share their side walls."""
        count, code, eaves, pitch_deg, axis_deg = form
        shares = np.linspace(0, 1, count + 1)[:, None]
        front = on_millimetres(ring[0] + shares * (ring[1] - ring[0]))
        back = on_millimetres(ring[3] + shares * (ring[2] - ring[3]))
        length = float(np.hypot(*(ring[1] - ring[0])))
        for k in range(count):
            quad = np.array([front[k], front[k + 1], back[k + 1], back[k]])
            roof = Roof(code, eaves, pitch_deg, axis_deg, share=0.55)
            door = side.at(min(side.length, station + length * (k + 0.5) / count))
            self.site.build(Building([volume_on(quad, roof)], "31001_1010", door=door))

    def _garages(self, side: Frontage, station: float, axis_deg: float, count: int) -> None:
        """A row of joined garages in the depth of the plot."""
        length = count * 3.0
        ring, along, _ = self._standing(side, station, length, 6.0, self.chance.between(26, 30))
        if not self._free(ring, 1.0):
            return
        for k in range(count):
            garage = rectangle(ring[0] + along * 3.0 * k, along, 3.0, 6.0)
            roof = Roof(FLAT, 2.5, axis_deg=axis_deg)
            self.site.build(Building([volume_on(garage, roof)], GARAGE))

    def _slab(self, side: Frontage, station: float) -> float:
        """A block of flats, end-on or along the street, of two or three staggered parts."""
        chance = self.chance
        length, depth = chance.between(26.0, 48.0), chance.between(11.0, 12.8)
        ring, _, along_deg = self._standing(
            side, station, length, depth, chance.between(6.0, 11.0)
        )
        if station + length > side.length or not self._free(ring, 6.0):
            return station + 9.0
        floors = chance.whole(3, 5)
        code = chance.weighted({FLAT: 55.0, GABLE: 32.0, HIP: 13.0})
        count = chance.weighted({1: 50.0, 2: 30.0, 3: 20.0})
        shares = np.linspace(0, 1, count + 1)[:, None]
        front = on_millimetres(ring[0] + shares * (ring[1] - ring[0]))
        back = on_millimetres(ring[3] + shares * (ring[2] - ring[3]))
        volumes = []
        for k in range(count):
            quad = np.array([front[k], front[k + 1], back[k + 1], back[k]])
            eaves = round((floors - (k % 2)) * 2.85 + 0.9, 2)
            own = GABLE if code == HIP and count > 1 else code
            volumes.append(volume_on(quad, Roof(own, eaves, 30.0, along_deg)))
        door = side.at(station + length / 2)
        self.site.build(Building(volumes, "31001_1010", door=door, storeys=floors))
        self._garages(side, station, along_deg, chance.whole(2, 6))
        return station + length + chance.between(16.0, 28.0)
