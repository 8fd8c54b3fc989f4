"""Areas to fetch: a box, and the kilometre squares it touches."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from citykernel.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

TILE_M = 1000
# Buildings belong to the tile of their box's centre and reach up to 170 m out of it
# (measured over 6,631 buildings): the neighbours within 200 m have to be asked, too.
OVERHANG_M = 200.0
# About a quarter of NRW; a larger box is a slip of the keyboard.
MOST_TILES = 10_000
# Six digits east, seven digits north: what UTM coordinates look like.
EAST_END_M, NORTH_END_M = 1_000_000, 10_000_000

Square = tuple[int, int]
"""Lower left corner of a tile in whole kilometres: east, north."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in EPSG:25832, metres.

    Parameters
    ----------
    west, south, east, north : float
        Its sides.

    Raises
    ------
    InputError
        The sides are not finite, in the wrong order, outside of the zone, or enclose more
        than :data:`MOST_TILES` tiles.
    """

    west: float
    south: float
    east: float
    north: float

    def __post_init__(self) -> None:
        """Refuse what can only be a slip."""
        sides = (self.west, self.south, self.east, self.north)
        text = ",".join(f"{side:g}" for side in sides)
        if not all(map(math.isfinite, sides)):
            raise InputError(f"box {text}: a side is not a finite number")
        if self.west >= self.east or self.south >= self.north:
            raise InputError(
                f"box {text}: wanted west,south,east,north with west < east, south < north"
            )
        if not (self.west > 0 and self.east < EAST_END_M and 0 < self.south < NORTH_END_M):
            raise InputError(
                f"box {text}: not metres of EPSG:25832 (Soest is 436000,5711000,441000,5717000)"
            )
        count = (self.east - self.west) * (self.north - self.south) / TILE_M**2
        if count > MOST_TILES:
            raise InputError(f"box {text}: {count:.0f} km2 are too many, at most {MOST_TILES}")

    def squares(self, *, grown_m: float = OVERHANG_M) -> Iterator[Square]:
        """Kilometre squares that the grown box touches with its inside.

        Parameters
        ----------
        grown_m : float
            Metres to grow the box to each side.

        Yields
        ------
        (int, int)
            East and north of the lower left corner in kilometres, row by row.
        """
        west, east = self.west - grown_m, self.east + grown_m
        south, north = self.south - grown_m, self.north + grown_m
        for north_km in range(math.floor(south / TILE_M), math.ceil(north / TILE_M)):
            for east_km in range(math.floor(west / TILE_M), math.ceil(east / TILE_M)):
                yield east_km, north_km
