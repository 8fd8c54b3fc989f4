"""The building site: what has been built so far, and whether there is room for more."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import shapely

from .roof_profiles import cross_gable_footprint
from .roofs import MIXED, Volume

if TYPE_CHECKING:
    from citykernel.arrays import Float64Array

    from .roofs import Roof

CELL = 40.0
# Overlap that rounding to millimetres makes along a wall of some ten metres, square metres.
ROUNDING_M2 = 0.03


@dataclass(slots=True)
class Building:
    """A building before it has a number, an identifier and a height.

    Parameters
    ----------
    volumes : list of Volume
        One, or one for each part.
    function : str
        ALKIS code with the prefix of its object type.
    door : (2,) float64 or None
        Where the house meets its street; None: it has no address.
    name : str
        Proper name, or "".
    storeys : int or None
        Storeys above ground, where they are known.
    own_id : bool
        False for structures that come from ATKIS instead of the cadastre.
    address : tuple of str
        Number and street, ("", "") until numbered.
    """

    volumes: list[Volume]
    function: str
    door: Float64Array | None = None
    name: str = ""
    storeys: int | None = None
    own_id: bool = True
    address: tuple[str, str] = ("", "")


@dataclass(slots=True)
class Site:
    """All buildings, and their footprints by grid cell."""

    buildings: list[Building] = field(default_factory=list)
    _cells: dict[tuple[int, int], list[shapely.Polygon]] = field(default_factory=dict)

    def is_free(self, footprint: shapely.Polygon, gap: float = 0.0) -> bool:
        """Whether a footprint overlaps nothing and keeps its distance.

        Parameters
        ----------
        footprint : shapely.Polygon
            What is to be built.
        gap : float
            Metres to any other building; 0 allows a shared wall.

        Returns
        -------
        bool
            True when it can be built.
        """
        wanted = footprint.buffer(gap, quad_segs=2) if gap > 0 else footprint
        near = self._near(wanted)
        if not near:
            return True
        return float(shapely.area(shapely.intersection(near, wanted)).max()) < ROUNDING_M2

    def build(self, building: Building) -> None:
        """Add a building."""
        self.buildings.append(building)
        for volume in building.volumes:
            self.occupy(shapely.Polygon(volume.footprint))

    def occupy(self, footprint: shapely.Polygon) -> None:
        """Keep ground from being built on from now on."""
        for cell in _cells(footprint):
            self._cells.setdefault(cell, []).append(footprint)

    def _near(self, footprint: shapely.Polygon) -> list[shapely.Polygon]:
        return [p for cell in _cells(footprint) for p in self._cells.get(cell, ())]


def _cells(footprint: shapely.Polygon) -> list[tuple[int, int]]:
    west, south, east, north = (int(v // CELL) for v in footprint.bounds)
    return [(i, j) for i in range(west, east + 1) for j in range(south, north + 1)]


def on_millimetres(ring: Float64Array) -> Float64Array:
    """Corners as the files store them.

    Parameters
    ----------
    ring : (n, 2) float64
        Metres.

    Returns
    -------
    (n, 2) float64
        Metres, rounded to three decimals.
    """
    return np.asarray(np.rint(ring * 1000) / 1000)


def rectangle(
    corner: Float64Array, along: Float64Array, length: float, depth: float
) -> Float64Array:
    """A rectangle to the left of its first side.

    Parameters
    ----------
    corner : (2,) float64
        Where the first side begins.
    along : (2,) float64
        Unit vector of the first side.
    length, depth : float
        Metres.

    Returns
    -------
    (4, 2) float64
        Counter-clockwise, on millimetres.
    """
    left = np.array([-along[1], along[0]])
    return on_millimetres(
        np.array(
            [
                corner,
                corner + along * length,
                corner + along * length + left * depth,
                corner + left * depth,
            ]
        )
    )


def volume_on(ring: Float64Array, roof: Roof) -> Volume:
    """A volume over a ring; a mixed roof adds its wing to the ring.

    Parameters
    ----------
    ring : (n, 2) float64
        Counter-clockwise; a rectangle for mixed roofs.
    roof : Roof
        Its roof.

    Returns
    -------
    Volume
        On millimetres.
    """
    if roof.code == MIXED:
        return Volume(cross_gable_footprint(ring, roof.wing), roof)
    return Volume(on_millimetres(ring), roof)
