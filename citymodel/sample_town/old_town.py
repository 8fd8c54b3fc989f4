"""The old town: rows of joined houses along crooked streets, wings and sheds behind them.

Houses stand between dividing lines that run from the street into the block. Neighbours share
such a line, and with it their wall; depths differ from house to house. Towards the wall the
rows open and gardens come between.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import shapely

from .frontages import Frontage, frontages
from .places import CENTRE
from .roofs import FLAT, GABLE, HALF_HIP, HIP, LEAN_TO, MANSARD, MIXED, OTHER, Roof, Volume
from .site import Building, Site, on_millimetres, rectangle, volume_on

if TYPE_CHECKING:
    from collections.abc import Iterator

    from citykernel.arrays import Float64Array

    from .chance import Chance
    from .frontages import StreetFinder

EDGE_OF_TOWN = 560.0
LEAST_WIDTH = 4.2
# Narrower fronts have no room for a cross gable.
LEAST_CROSS_GABLED = 8.0
# How far a straight house front may stand before a bent frontage.
TOLERANCE = 0.35

MAIN_FORMS = {GABLE: 78.0, HALF_HIP: 8.0, HIP: 5.0, MANSARD: 4.5, MIXED: 2.5, FLAT: 2.0}
SHOP_FUNCTIONS = {
    "31001_1123": 40.0,  # dwelling and business
    "31001_1010": 30.0,
    "31001_2010": 8.0,
    "31001_2054": 6.0,
    "31001_2081": 6.0,
    "31001_2020": 6.0,
    "31001_2071": 3.0,
}
HOUSE_FUNCTIONS = {"31001_1010": 86.0, "31001_1123": 8.0, "31001_2120": 2.0, "31001_2081": 2.0}


def build_old_town(
    site: Site, chance: Chance, blocks: tuple[shapely.Polygon, ...], finder: StreetFinder
) -> None:
    """Fill the blocks inside the wall.

    Parameters
    ----------
    site : Site
        Gets the buildings.
    chance : Chance
        Draws them.
    blocks : tuple of shapely.Polygon
        Ground between the streets, counter-clockwise.
    finder : StreetFinder
        Knows the streets.
    """
    for block in blocks:
        _BlockOfHouses(site, chance, block).build(frontages(block, finder))


class _BlockOfHouses:
    """Builds along one block's sides."""

    def __init__(self, site: Site, chance: Chance, block: shapely.Polygon) -> None:
        self.site = site
        self.chance = chance
        self.ground = block.buffer(TOLERANCE, join_style="mitre")
        shapely.prepare(self.ground)

    def build(self, sides: list[Frontage]) -> None:
        """One row of houses along every side that faces a street."""
        begin = 0.0
        for k, side in enumerate(sides):
            corner_depth = 0.0
            if side.street >= 0 and side.length > LEAST_WIDTH + 1:
                corner_depth = self._row(side, sides[(k + 1) % len(sides)], begin)
            begin = corner_depth

    def _row(self, side: Frontage, following: Frontage, begin: float) -> float:
        """Build along one side; returns how far its corner house reaches round the corner."""
        chance = self.chance
        station, divider = begin, None
        depth = 0.0
        while station < side.length - LEAST_WIDTH:
            away = float(np.hypot(*(side.at(station) - CENTRE))) / EDGE_OF_TOWN
            if chance.happens(0.08 + 0.62 * min(1.0, away) ** 1.5):
                station += chance.between(2.5, 6.0 + 18.0 * away)
                divider = None
                continue
            gable_first = chance.happens(0.62)
            width = chance.between(5.4, 10.4) if gable_first else chance.between(9.0, 16.5)
            if chance.happens(0.05):
                width = chance.between(LEAST_WIDTH, 4.8)
            end = station + width
            if side.length - end < LEAST_WIDTH:
                end = side.length
            if end - station > 18 or end > side.length:  # noqa: PLR2004 - metres
                end = min(side.length, station + 9.0)
            quad = self._lot(side, following, (station, end), divider, gable_first=gable_first)
            if quad is None:
                station += 2.0
                divider = None
                continue
            self._house(quad, away, gable_first=gable_first)
            far = quad[2] - quad[1]
            depth = float(np.hypot(*far)) if end == side.length else 0.0
            divider = far / np.hypot(*far)
            station = end
        return depth

    def _lot(
        self,
        side: Frontage,
        following: Frontage,
        stations: tuple[float, float],
        divider: Float64Array | None,
        *,
        gable_first: bool,
    ) -> Float64Array | None:
        """Footprint between two dividing lines, or None where there is no room."""
        begin, end = stations
        first = divider if divider is not None else _inward(side, begin)
        last = _inward(side, end)
        if end == side.length and math.radians(50) < side.end_turn < math.radians(130):
            street = following.along(0.0)
            if street @ last > math.cos(math.radians(32)):
                last = street
        depth = (
            self.chance.between(11.0, 17.0) if gable_first else self.chance.between(8.5, 13.0)
        )
        p, q = side.at(begin), side.at(end)
        for shorter in (1.0, 0.78, 0.6):
            d = depth * shorter
            quad = on_millimetres(np.array([p, q, q + last * d, p + first * d]))
            polygon = shapely.Polygon(quad)
            if _is_convex(quad) and self.ground.covers(polygon) and self.site.is_free(polygon):
                return quad
        return None

    def _house(self, quad: Float64Array, away: float, *, gable_first: bool) -> None:
        chance = self.chance
        front = (quad[1] - quad[0]) / np.hypot(*(quad[1] - quad[0]))
        middle = (quad[2] + quad[3] - quad[0] - quad[1]) / 2
        along_street = math.degrees(math.atan2(front[1], front[0]))
        into_block = math.degrees(math.atan2(middle[1], middle[0]))
        storeys = chance.weighted({2: 55.0, 3: 40.0 * (1.15 - away), 1: 12.0 * away})
        roof = Roof(
            code=chance.weighted(MAIN_FORMS),
            eaves=round(storeys * chance.between(2.65, 3.1) + chance.between(0.2, 0.8), 2),
            pitch_deg=round(chance.between(45, 55), 1),
            axis_deg=into_block if gable_first else along_street,
            share=chance.between(0.25, 0.45),
        )
        main = self._main_body(quad, roof)
        functions = SHOP_FUNCTIONS if away < 0.42 else HOUSE_FUNCTIONS  # noqa: PLR2004
        building = Building(
            [main],
            chance.weighted(functions),
            door=(quad[0] + quad[1]) / 2,
            storeys=storeys if chance.happens(0.03) else None,
        )
        # A cross-gabled body is a rectangle that ends before its lot does.
        behind = [] if main.roof.code == MIXED else list(self._behind(quad, roof))
        for volume, joined in behind:
            if joined:
                building.volumes.append(volume)
        self.site.build(building)
        for volume, joined in behind:
            if not joined:
                function = chance.weighted(
                    {"31001_2723": 60.0, "31001_1010": 25.0, "31001_2120": 6.0}
                )
                self.site.build(Building([volume], function))

    def _main_body(self, quad: Float64Array, roof: Roof) -> Volume:
        """The house itself; forms that need a rectangle become gables on crooked lots."""
        if roof.code == FLAT:
            return volume_on(quad, Roof(FLAT, roof.eaves + 1.5))
        if roof.code == MANSARD:
            return volume_on(quad, Roof(MANSARD, roof.eaves, 32.0, roof.axis_deg))
        if roof.code != MIXED:
            return volume_on(quad, roof)
        along = (quad[1] - quad[0]) / np.hypot(*(quad[1] - quad[0]))
        width = float(np.hypot(*(quad[1] - quad[0])))
        depth = min(float(np.hypot(*(quad[3] - quad[0]))), 11.0)
        straight = rectangle(quad[0], along, width, depth)
        lot = shapely.Polygon(quad).buffer(0.02)
        if width < LEAST_CROSS_GABLED or not lot.covers(shapely.Polygon(straight)):
            return volume_on(quad, Roof(GABLE, roof.eaves, roof.pitch_deg, roof.axis_deg))
        wing = (round(width * 0.3, 3), round(width * 0.3 + min(4.5, width * 0.4), 3), 0.0)
        return volume_on(straight, Roof(MIXED, roof.eaves, roof.pitch_deg, wing=wing))

    def _behind(self, quad: Float64Array, roof: Roof) -> Iterator[tuple[Volume, bool]]:
        """A wing at the back, part of the house or a building of its own, and its shed."""
        chance = self.chance
        if not chance.happens(0.36):
            return
        back = quad[3] - quad[2]
        width = float(np.hypot(*back))
        length = chance.between(3.2, max(3.3, min(6.5, width * 0.75)))
        if length > width - 0.4:
            return
        along = back / width
        begin = chance.one_of((0.0, width - length, (width - length) / 2))
        reach = chance.between(3.5, 9.5)
        # The first side of the ring lies on the back wall, so the wing is to its right.
        outward = np.array([along[1], -along[0]])
        corner = quad[2] + along * begin
        ring = rectangle(corner + along * length, -along, length, reach)
        if begin == 0.0:
            ring[1] = quad[2]
        if begin + length >= width - 1e-9:
            ring[0] = quad[3]
        polygon = shapely.Polygon(ring)
        if not (self.ground.covers(polygon) and self.site.is_free(polygon)):
            return
        eaves = round(min(roof.eaves - 0.2, chance.between(2.6, 6.0)), 2)
        axis = math.degrees(math.atan2(outward[1], outward[0]))
        code = chance.weighted({GABLE: 48.0, LEAN_TO: 24.0, FLAT: 24.0, HIP: 4.0, OTHER: 1.0})
        pitch = {LEAN_TO: chance.between(12, 28), OTHER: 9.0}.get(code, chance.between(38, 50))
        volume = volume_on(ring, Roof(code, eaves, round(pitch, 1), axis))
        joined = chance.happens(0.62)
        yield volume, joined
        if joined and chance.happens(0.4):
            yield from self._annexe(ring, eaves)

    def _annexe(self, ring: Float64Array, eaves: float) -> Iterator[tuple[Volume, bool]]:
        """A low part at the end of a wing."""
        along = (ring[3] - ring[2]) / np.hypot(*(ring[3] - ring[2]))
        length = float(np.hypot(*(ring[3] - ring[2])))
        reach = self.chance.between(2.2, 4.0)
        annexe = rectangle(ring[2] + along * length, -along, length, reach)
        annexe[0], annexe[1] = ring[3], ring[2]
        polygon = shapely.Polygon(annexe)
        if self.ground.covers(polygon) and self.site.is_free(polygon):
            low = Roof(FLAT, round(min(2.8, eaves - 0.3), 2))
            yield volume_on(annexe, low), True


def _inward(side: Frontage, station: float) -> Float64Array:
    along = side.along(station)
    return np.array([-along[1], along[0]])


def _is_convex(ring: Float64Array) -> bool:
    edges = np.roll(ring, -1, axis=0) - ring
    following = np.roll(edges, -1, axis=0)
    turns = edges[:, 0] * following[:, 1] - edges[:, 1] * following[:, 0]
    return bool((turns > 0.5).all())  # noqa: PLR2004 - square metres: not nearly straight either
