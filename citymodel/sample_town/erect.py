"""Erecting: buildings of the plan become solids on the ground, with number and identifier."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from .parts import close_between
from .places import ORIGIN_EAST, ORIGIN_NORTH
from .roofs import build_solid
from .solids import CLOSURE, ground_rings, raised

if TYPE_CHECKING:
    from collections.abc import Sequence

    from citykernel.arrays import Float64Array

    from .chance import Chance
    from .frontages import StreetFinder
    from .site import Building
    from .solids import Solid
    from .terrain import Terrain

# The ground surface lies this far under the lowest terrain at a building, metres, as in the
# official files: the bases meet the ground and never float.
BELOW_GROUND = 0.002
LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Body:
    """One closed solid of a building.

    Parameters
    ----------
    solid : Solid
        Town's frame, DHHN2016 heights, on millimetres.
    roof_type : str
        AdV code.
    terrain_lines : tuple of (n, 3) float64
        Where the outer walls meet the terrain.
    """

    solid: Solid
    roof_type: str
    terrain_lines: tuple[Float64Array, ...]


@dataclass(frozen=True, slots=True)
class Structure:
    """A building as it is written.

    Parameters
    ----------
    gml_id, name, function : str
        Identifier, proper name or "", ALKIS code.
    storeys : int or None
        Storeys above ground.
    address : (number, street)
        Empty strings when it has none.
    bodies : tuple of Body
        One, or one for each part.
    """

    gml_id: str
    name: str
    function: str
    storeys: int | None
    address: tuple[str, str]
    bodies: tuple[Body, ...]

    def tile(self) -> tuple[int, int]:
        """Kilometres of the tile in which the middle of the bounding box lies."""
        low = np.min([b.solid.vertices.min(axis=0) for b in self.bodies], axis=0)
        high = np.max([b.solid.vertices.max(axis=0) for b in self.bodies], axis=0)
        middle = (low + high) / 2
        return (
            int((middle[0] + ORIGIN_EAST) // 1000),
            int((middle[1] + ORIGIN_NORTH) // 1000),
        )


class CadastreIds:
    """Identifiers like those of the cadastre, none twice.

    Parameters
    ----------
    chance : Chance
        Draws them.
    """

    def __init__(self, chance: Chance) -> None:
        self._chance = chance
        self._given: set[str] = set()

    def next(self, *, own: bool) -> str:
        """``DENW``, two digits, ``AL`` and eight characters; ATKIS objects begin otherwise."""
        while True:
            tail = "".join(self._chance.one_of(LETTERS) for _ in range(5))
            gml_id = f"DENW29AL000{tail}" if own else f"DENWAT01D00{tail}"
            if gml_id not in self._given:
                self._given.add(gml_id)
                return gml_id


def erect(building: Building, terrain: Terrain, gml_id: str) -> Structure:
    """Put a building on the ground.

    Parameters
    ----------
    building : Building
        What stands there.
    terrain : Terrain
        What it stands on.
    gml_id : str
        Its identifier.

    Returns
    -------
    Structure
        All parts share one ground height.
    """
    solids = [build_solid(volume) for volume in building.volumes]
    if len(solids) > 1:
        solids = close_between(solids)
    outlines = [_outline(solid) for solid in solids]
    lines = [[_draped(edges, terrain) for edges in outline] for outline in outlines]
    lowest = min(float(line[:, 2].min()) for own in lines for line in own)
    lowest = min([lowest, *(terrain.lowest(ring) for s in solids for ring in ground_rings(s))])
    ground = np.floor(lowest * 1000) / 1000 - BELOW_GROUND
    bodies = tuple(
        Body(raised(solid, ground), volume.roof.code, tuple(own))
        for solid, volume, own in zip(solids, building.volumes, lines, strict=True)
    )
    return Structure(
        gml_id, building.name, building.function, building.storeys, building.address, bodies
    )


def _outline(solid: Solid) -> list[Float64Array]:
    """Lines at the foot of the outer walls: one closed ring, or chains between closures."""
    inner = {
        frozenset(edge)
        for face, kind in zip(solid.faces, solid.kinds, strict=True)
        if kind == CLOSURE
        for edge in zip(face, face[1:] + face[:1], strict=True)
    }
    (ring,) = [
        face[::-1]
        for face, kind in zip(solid.faces, solid.kinds, strict=True)
        if kind == "Ground"
    ]
    edges = list(zip(ring, ring[1:] + ring[:1], strict=True))
    outer = [frozenset(edge) not in inner for edge in edges]
    if all(outer):
        return [solid.vertices[[*ring, ring[0]], :2]]
    first = outer.index(False)
    chains: list[list[int]] = []
    running = False
    for k in range(len(edges)):
        edge, is_outer = edges[(first + k) % len(edges)], outer[(first + k) % len(edges)]
        if is_outer and not running:
            chains.append([edge[0]])
        if is_outer:
            chains[-1].append(edge[1])
        running = is_outer
    return [solid.vertices[chain, :2] for chain in chains]


def _draped(line: Float64Array, terrain: Terrain) -> Float64Array:
    """A line laid on the terrain, with a corner at each line of the 1 m grid."""
    pieces = []
    for start, end in pairwise(line):
        shares = np.unique(
            np.concatenate([[0.0], *(_crossings(start, end, k) for k in (0, 1))])
        )
        pieces.append(start + shares[:, None] * (end - start))
    points = np.vstack([*pieces, line[-1:]])
    points = np.rint(points * 1000) / 1000
    repeated = (points[1:] == points[:-1]).all(axis=1)
    points = points[np.concatenate([[True], ~repeated])]
    heights = np.rint(terrain.height_dhhn2016(points) * 1000) / 1000
    return np.column_stack([points, heights])


def _crossings(start: Float64Array, end: Float64Array, axis: int) -> Float64Array:
    """Shares of the way at which an edge crosses whole metres of one axis."""
    a, b = float(start[axis]), float(end[axis])
    low, high = min(a, b), max(a, b)
    whole = np.arange(np.floor(low) + 1, np.ceil(high))
    return np.asarray((whole - a) / (b - a)) if whole.size else np.empty(0)


def draw_number(order: int, *, left: bool) -> str:
    """House number of the n-th house of a side: odd on the left, even on the right."""
    return str(2 * order + (1 if left else 2))


def number_houses(buildings: Sequence[Building], finder: StreetFinder) -> None:
    """Give every building with a door its number and street.

    Parameters
    ----------
    buildings : sequence of Building
        Their ``address`` is set.
    finder : StreetFinder
        Knows the streets.

    Notes
    -----
    Numbers rise along a street's line, and over the pieces of a street of one name.
    """
    order: dict[tuple[str, bool], list[tuple[int, float, int]]] = {}
    for k, building in enumerate(buildings):
        if building.door is None:
            continue
        street = finder.nearest(building.door)
        station, left = finder.beside(
            street, building.door, building.volumes[0].footprint.mean(axis=0)
        )
        name = finder.streets[street].name
        order.setdefault((name, left), []).append((street, station, k))
    for (name, left), houses in order.items():
        for place, (_, _, k) in enumerate(sorted(houses)):
            buildings[k].address = (draw_number(place, left=left), name)
