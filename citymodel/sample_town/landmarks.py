"""Landmarks: buildings that stand where they stand, and the ground they keep free."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from .churches import ChurchFrame, churches
from .fortification import build_fortification
from .places import STATION
from .roofs import CONE, DOME, FLAT, GABLE, HIP, MANSARD, SAWTOOTH, TENT, Roof, Volume
from .site import Building
from .works import round_footprint

if TYPE_CHECKING:
    from .plan import Plan
    from .site import Site

STATION_HOUSE, TOWN_HALL, HOSPITAL, SCHOOL, SPORTS_HALL = (
    "31001_3091", "31001_3012", "31001_3051", "31001_3021", "31001_3211",
)  # fmt: skip
WATER_TOWER, SILO = "51001_1000", "51003_1201"
# Market square and pond: open ground in the old town.
MARKET = shapely.box(118, -178, 186, -132)
POND = shapely.Point(237, -70).buffer(24)


def landmark_grounds() -> list[shapely.Polygon]:
    """Ground that streets and houses leave free.

    Returns
    -------
    list of shapely.Polygon
        Church yards, market, pond, and the grounds of the large buildings.
    """
    grounds = [MARKET, POND]
    grounds += [_around(building, 9.0) for building in churches()]
    grounds += [_around(town_hall(), 9.0), _around(station(), 4.0)]
    grounds += [_around(building, 6.0) for building in (water_tower(), grain_silo())]
    grounds += [_around(building, 16.0) for building in (*school(), hospital())]
    return grounds


def build_landmarks(site: Site, plan: Plan) -> None:
    """Build them.

    Parameters
    ----------
    site : Site
        Gets the buildings, before any other.
    plan : Plan
        Its streets run through the gates.
    """
    for building in (
        *churches(),
        town_hall(),
        station(),
        hospital(),
        *school(),
        water_tower(),
        grain_silo(),
    ):
        site.build(building)
    build_fortification(site, plan.paved)


def _around(building: Building, distance: float) -> shapely.Polygon:
    parts = [shapely.Polygon(volume.footprint) for volume in building.volumes]
    return shapely.convex_hull(shapely.union_all(parts)).buffer(distance, join_style="mitre")


def station() -> Building:
    """The station: a middle house with two wings and end pavilions along the tracks."""
    f = ChurchFrame(float(STATION[0]), float(STATION[1]), 2.0)
    volumes = [
        f.box((-11, 11), (-7, 7), Roof(HIP, 10.2, 40.0)),
        f.box((-30, -11), (-5, 5), Roof(GABLE, 6.4, 36.0)),
        f.box((11, 34), (-5, 5), Roof(GABLE, 6.4, 36.0)),
        f.box((-41, -30), (-6, 6), Roof(TENT, 8.0, 38.0)),
        f.box((34, 52), (-4, 5), Roof(FLAT, 4.4)),
    ]
    door = STATION + np.array([0.0, -14.0])
    return Building(volumes, STATION_HOUSE, door=door, name="Bahnhof Soest", storeys=2)


def town_hall() -> Building:
    """The baroque town hall beside the churches, with a wing."""
    f = ChurchFrame(36.0, -152.0, -3.0)
    volumes = [
        f.box((0, 42), (-6.5, 6.5), Roof(MANSARD, 9.6, 30.0)),
        f.box((0, 13), (6.5, 22), Roof(GABLE, 8.4, 46.0, 90.0)),
    ]
    door = np.array([60.0, -164.0])
    return Building(volumes, TOWN_HALL, door=door, name="Rathaus", storeys=3)


def hospital() -> Building:
    """A hospital of five joined blocks."""
    f = ChurchFrame(520.0, -770.0, 34.0)
    volumes = [
        f.box((0, 78), (0, 16), Roof(FLAT, 21.5)),
        f.box((8, 24), (16, 52), Roof(FLAT, 14.6)),
        f.box((52, 68), (16, 58), Roof(FLAT, 14.6)),
        f.box((24, 52), (16, 34), Roof(FLAT, 7.2)),
        f.box((18, 44), (-20, 0), Roof(FLAT, 4.2)),
    ]
    door = np.array([560.0, -775.0])
    return Building(volumes, HOSPITAL, door=door, name="Klinikum", storeys=6)


def water_tower() -> Building:
    """A water tower beside the tracks, under a dome."""
    ring = round_footprint(np.array([-902.0, 566.0]), 6.6, 16)
    tower = Volume(ring, Roof(DOME, 26.0))
    return Building([tower], WATER_TOWER, name="Wasserturm", own_id=False)


def grain_silo() -> Building:
    """A grain silo beside it, under a cone."""
    ring = round_footprint(np.array([-872.0, 568.0]), 5.2, 16)
    return Building([Volume(ring, Roof(CONE, 19.0, 32.0))], SILO, own_id=False)


def school() -> list[Building]:
    """A school of three wings, and its sports hall."""
    f = ChurchFrame(-610.0, -330.0, 96.0)
    volumes = [
        f.box((0, 64), (0, 13), Roof(GABLE, 10.8, 34.0)),
        f.box((0, 13), (13, 44), Roof(GABLE, 10.8, 34.0, 90.0)),
        f.box((51, 64), (13, 40), Roof(FLAT, 7.4)),
    ]
    hall = f.box((84, 116), (2, 24), Roof(SAWTOOTH, 6.4, 16.0, bays=3))
    door = np.array([-600.0, -340.0])
    return [
        Building(volumes, SCHOOL, door=door, name="Gymnasium am Paradieser Weg", storeys=3),
        Building([hall], SPORTS_HALL),
    ]
