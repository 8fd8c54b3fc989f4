"""The town wall where it is kept, its half-round towers, the Osthofentor, the Kattenturm."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import shapely

from .churches import ChurchFrame, helm
from .places import CENTRE, GAP_DEG, KATTENTURM_DEG, OSTHOFENTOR, on_ring, wall_radius
from .roofs import FLAT, HIP, TENT, Roof, Volume
from .site import Building, on_millimetres

if TYPE_CHECKING:
    from collections.abc import Iterator

    from citykernel.arrays import Float64Array

    from .site import Site

# Thickness of the wall, and lengths of the pieces in which it is mapped, metres.
THICKNESS = 1.7
PIECE, PIECES_TO_A_TOWER = 19.0, 6
CITY_WALL, GATE_TOWER, CASTLE_TOWER = "51007_1510", "51001_1008", "51001_1011"
GATE_CLEARANCE = 5.0


def build_fortification(site: Site, paved: shapely.Geometry) -> None:
    """Build gate, towers and wall, leaving the streets through.

    Parameters
    ----------
    site : Site
        Gets the structures.
    paved : shapely.Geometry
        All streets.
    """
    site.build(osthofentor())
    site.build(kattenturm())
    streets = paved.buffer(GATE_CLEARANCE)
    shapely.prepare(streets)
    for building in _wall():
        footprint = shapely.Polygon(building.volumes[0].footprint)
        if not footprint.intersects(streets) and site.is_free(footprint):
            site.build(building)


def osthofentor() -> Building:
    """The east gate: a tall house with a steep hipped roof and two low wings."""
    direction = math.degrees(math.atan2(*(OSTHOFENTOR - CENTRE)[::-1]))
    f = ChurchFrame(float(OSTHOFENTOR[0]), float(OSTHOFENTOR[1]), direction + 90)
    volumes = [
        f.box((-6.5, 6.5), (-4.8, 4.8), Roof(HIP, 13.5, 58.0)),
        f.box((-9.5, -6.5), (-2.6, 2.6), helm(9.0, ((1.0, 0.0), (0.0, 5.5)))),
        f.box((6.5, 9.5), (-2.6, 2.6), helm(9.0, ((1.0, 0.0), (0.0, 5.5)))),
    ]
    return Building(volumes, GATE_TOWER, name="Osthofentor", own_id=False)


def kattenturm() -> Building:
    """The last standing tower of the wall, half round, under a steep roof."""
    ring = _half_round(math.radians(KATTENTURM_DEG), 5.6, 0.0)
    roof = Roof(TENT, 12.0, profile=((1.0, 12.0), (0.0, 19.5)))
    return Building([Volume(ring, roof)], CASTLE_TOWER, name="Kattenturm", own_id=False)


def _half_round(angle: float, radius: float, offset: float) -> Float64Array:
    """A half circle before the wall's outer face."""
    at = on_ring(np.array([angle]), offset)[0]
    turns = angle + np.radians(np.linspace(-90, 90, 9))
    circle = np.column_stack([np.cos(turns), np.sin(turns)])
    return on_millimetres(at + radius * circle)


def _wall() -> Iterator[Building]:
    """Pieces of wall, and a tower before every sixth."""
    begin, end = math.radians(GAP_DEG[1]), math.radians(GAP_DEG[0] + 360)
    angle, count = begin, 0
    while angle < end:
        radius = float(wall_radius(np.array([angle]))[0])
        step = PIECE / radius
        angles = np.linspace(angle, min(angle + step, end), 5)
        inner = on_ring(angles, -THICKNESS / 2)
        outer = on_ring(angles, THICKNESS / 2)
        # The wall has been lowered here and rebuilt there.
        height = round(4.6 + 1.5 * math.sin(5.3 * angle) + 0.6 * math.sin(23.0 * angle), 2)
        ring = on_millimetres(np.vstack([outer, inner[::-1]]))
        yield Building([Volume(ring, Roof(FLAT, height))], CITY_WALL, own_id=False)
        count += 1
        if count % PIECES_TO_A_TOWER == 0:
            tower = _half_round(angle + step / 2, 4.2, THICKNESS / 2 + 0.12)
            yield Building(
                [Volume(tower, Roof(FLAT, round(height + 1.4, 2)))], CASTLE_TOWER, own_id=False
            )
        angle += step
