"""Frontages: the sides of a block that houses stand along."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Sequence

    from citykernel.arrays import Float64Array

    from .places import Street

CORNER_DEG = 28.0
# A frontage lies at its street's edge; the blocks' simplification moves it a little.
BESIDE_STREET = 2.5


@dataclass(frozen=True, slots=True)
class Frontage:
    """One side of a block, with the block to its left.

    Parameters
    ----------
    points : (n, 2) float64
        Corners in metres.
    stations : (n,) float64
        Distance of each corner from the first, metres.
    street : int
        Number of the street it faces, -1 for none.
    end_turn : float
        Radians by which the block's outline turns left where this side ends.
    """

    points: Float64Array
    stations: Float64Array
    street: int
    end_turn: float

    @property
    def length(self) -> float:
        """Metres."""
        return float(self.stations[-1])

    def at(self, station: float) -> Float64Array:
        """Point at a distance from the beginning, (2,) metres."""
        return np.array(
            [np.interp(station, self.stations, self.points[:, k]) for k in range(2)]
        )

    def along(self, station: float, reach: float = 5.0) -> Float64Array:
        """Direction of the frontage round a station, unit vector (2,)."""
        a = self.at(max(0.0, station - reach))
        b = self.at(min(self.length, station + reach))
        return np.asarray((b - a) / max(1e-9, float(np.hypot(*(b - a)))))


class StreetFinder:
    """Finds the street at a point.

    Parameters
    ----------
    streets : sequence of Street
        All streets.
    """

    def __init__(self, streets: Sequence[Street]) -> None:
        self.streets = streets
        self.lines = [shapely.LineString(s.line) for s in streets]
        self._tree = shapely.STRtree(self.lines)
        self._half = np.array([s.width / 2 for s in streets])

    def at(self, point: Float64Array) -> int:
        """Number of the street whose edge is nearest, -1 when none is within reach."""
        spot = shapely.Point(point)
        near = self._tree.query(spot, predicate="dwithin", distance=14.0)
        if not len(near):
            return -1
        away = shapely.distance([self.lines[k] for k in near], spot) - self._half[near]
        best = int(np.argmin(away))
        return int(near[best]) if away[best] <= BESIDE_STREET else -1

    def nearest(self, point: Float64Array) -> int:
        """Number of the nearest street."""
        return int(self._tree.nearest(shapely.Point(point)))

    def beside(
        self, street: int, door: Float64Array, house: Float64Array
    ) -> tuple[float, bool]:
        """How far along a street a door lies, and whether its house stands on the left.

        Parameters
        ----------
        street : int
            Its number.
        door, house : (2,) float64
            Where the house meets the street, and a point inside the house.

        Returns
        -------
        (float, bool)
            Metres from the street's beginning; True on the left.
        """
        line = self.lines[street]
        station = float(line.project(shapely.Point(door)))
        a = line.interpolate(max(0.0, station - 3.0))
        b = line.interpolate(min(line.length, station + 3.0))
        here = line.interpolate(station)
        turn = (b.x - a.x) * (house[1] - here.y) - (b.y - a.y) * (house[0] - here.x)
        return station, bool(turn > 0)


def frontages(block: shapely.Polygon, finder: StreetFinder) -> list[Frontage]:
    """Sides of a block between its corners.

    Parameters
    ----------
    block : shapely.Polygon
        Counter-clockwise.
    finder : StreetFinder
        Knows the streets.

    Returns
    -------
    list of Frontage
        In order round the block.
    """
    ring = np.asarray(block.exterior.coords)[:-1]
    edges = np.roll(ring, -1, axis=0) - ring
    heading = np.arctan2(edges[:, 1], edges[:, 0])
    turn = (heading - np.roll(heading, 1) + np.pi) % (2 * np.pi) - np.pi
    corners = np.flatnonzero(np.abs(turn) > np.radians(CORNER_DEG))
    if not corners.size:
        corners = np.array([0])
    sides = []
    for k, first in enumerate(corners):
        last = corners[(k + 1) % len(corners)]
        count = (last - first) % len(ring) or len(ring)
        points = ring[(first + np.arange(count + 1)) % len(ring)]
        lengths = np.hypot(*np.diff(points, axis=0).T)
        stations = np.concatenate([[0.0], np.cumsum(lengths)])
        side = Frontage(points, stations, -1, float(turn[last]))
        street = finder.at(side.at(side.length / 2))
        sides.append(Frontage(points, stations, street, float(turn[last])))
    return sides
