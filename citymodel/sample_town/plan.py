"""Plan: the streets of the town and the blocks between them.

The old town has radial streets from the market to the gates and lanes that run round the
middle, each sector's at distances of its own, all bent by one smooth displacement, so that
nothing is quite straight and crossings are rarely opposite each other. Outside, main roads go
on from the gates, and every area between them has its own curved, staggered pattern.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import shapely

from .chance import Chance
from .places import (
    CENTRE,
    GATES_DEG,
    RAILWAY,
    RAILWAY_HALF_WIDTH,
    SPORTS_GROUND,
    STRABAG_SITE,
    STREAM,
    STREAM_HALF_WIDTH,
    Street,
    on_ring,
    rounded,
    wall_radius,
)
from .street_names import OLD_TOWN_LANES, OUTER_STREETS, RING_ROADS, WALL_STREETS, NamesLeft

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from citykernel.arrays import Float64Array

# Offsets from the wall's line, metres: street inside the wall, end of the green belt, ring.
WALL_STREET, INNER_EDGE, GREEN_BELT, RING_ROAD = -19.0, -13.0, 40.0, 52.0
EDGE = 1016.0
# The last metres of a radial street, through wall and ditch, run straight.
GATE_APPROACH = 115.0
# Smaller areas between main roads have no streets of their own.
LEAST_AREA_M2 = 9000.0
# Strip between street and blocks: the blocks' outline is simplified and houses are straight,
# so that fronts reach up to 0.95 m beyond a bent outline.
FOOTPATH = 1.0

MAIN_ROADS = {
    "Opmünder Weg": ("Osthofen", [[900, 10], [1100, 45]]),
    "Oestinghauser Straße": ("Walburger", [[462, 470], [470, 575], [500, 760], [560, 1100]]),
    "Weslarner Weg": ("Brüder", [[-400, 400], [-452, 545], [-520, 760], [-640, 1100]]),
    "Paradieser Weg": ("Nötten", [[-700, -80], [-1100, -30]]),
    "Werler Landstraße": ("Jakobi", [[-520, -600], [-800, -770], [-1100, -900]]),
    "Arnsberger Straße": ("Grandweger", [[262, -880], [300, -1100]]),
    "Niederbergheimer Straße": ("Thomä", [[760, -640], [1100, -820]]),
}
CROSS_ROADS = {
    "Bahnhofstraße": [[-418, 470], [-300, 492], [-46, 504], [180, 508], [466, 506]],
    "Am Güterbahnhof": [[-524, 790], [-300, 822], [0, 828], [380, 818], [512, 806]],
    "Senator-Schwartz-Ring": [[-800, -772], [-560, -880], [-200, -950], [270, -925],
                              [620, -900], [900, -730], [1000, -400], [1005, 30]],
    "Windmühlenweg": [[-452, 545], [-640, 480], [-830, 300], [-860, 60], [-840, -60]],
    "Troyesweg": [[-840, -60], [-860, -300], [-790, -560], [-690, -700]],
    "Niederweg": [[470, 640], [700, 655], [900, 650], [1100, 640]],
    "Nordring": [[-640, 905], [-300, 930], [60, 938], [350, 925], [535, 905]],
    "Lübecker Ring": [[905, 12], [880, 200], [905, 400], [930, 540]],
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Plan:
    """Streets and the ground between them.

    Parameters
    ----------
    streets : tuple of Street
        All of them.
    old_blocks, new_blocks : tuple of shapely.Polygon
        Ground for houses inside the wall and outside the ring road, counter-clockwise.
    paved : shapely.Geometry
        All streets with their widths.
    """

    streets: tuple[Street, ...]
    old_blocks: tuple[shapely.Polygon, ...]
    new_blocks: tuple[shapely.Polygon, ...]
    paved: shapely.Geometry


class Bend:
    """A smooth displacement of the plane by a sum of waves.

    Parameters
    ----------
    chance : Chance
        Draws the waves.
    reach : float
        Greatest displacement in metres.
    lengths : tuple of float
        Shortest and longest wave in metres.
    """

    def __init__(self, chance: Chance, reach: float, lengths: tuple[float, float]) -> None:
        self._waves = []
        for _ in range(6):
            number = 2 * np.pi / chance.between(*lengths)
            turn = chance.between(0, 2 * np.pi)
            shift = np.array([chance.between(-1, 1), chance.between(-1, 1)]) * reach / 2
            wave = number * np.array([np.cos(turn), np.sin(turn)])
            self._waves.append((wave, chance.between(0, 2 * np.pi), shift))

    def __call__(self, points: Float64Array) -> Float64Array:
        """Displacement of each point, (n, 2) metres."""
        moved = np.zeros_like(points)
        for wave, phase, shift in self._waves:
            moved += np.sin(points @ wave + phase)[:, None] * shift
        return moved


def make_plan(chance: Chance, reserved: Sequence[shapely.Polygon]) -> Plan:
    """Lay out the town.

    Parameters
    ----------
    chance : Chance
        Source of all that is not fixed in :mod:`.places`.
    reserved : sequence of shapely.Polygon
        Ground of the landmarks: minor streets end there and no block reaches into it.

    Returns
    -------
    Plan
        Streets and blocks.
    """
    kept_free = shapely.union_all(list(reserved))
    ring_roads = _ring_roads()
    main = list(_main_roads())
    streets = list(_old_town(chance, kept_free))
    streets += ring_roads + main
    streets += _outer(chance, [street.line for street in ring_roads + main], kept_free)
    paved, with_paths = _paved(streets, 0.0), _paved(streets, FOOTPATH)
    inner = shapely.Polygon(on_ring(_directions(720), INNER_EDGE))
    beyond = shapely.Polygon(on_ring(_directions(720), RING_ROAD))
    stream = shapely.LineString(STREAM).buffer(STREAM_HALF_WIDTH)
    free = shapely.union_all([with_paths, kept_free, stream])
    town = shapely.box(-EDGE, -EDGE, EDGE, EDGE)
    outside = town.difference(shapely.union_all([beyond, free, *_without_houses()]))
    return Plan(tuple(streets), _blocks(inner.difference(free)), _blocks(outside), paved)


def _without_houses() -> list[shapely.Geometry]:
    rails = shapely.LineString(RAILWAY).buffer(RAILWAY_HALF_WIDTH + 2, cap_style="flat")
    sites = [shapely.Polygon(STRABAG_SITE).buffer(3), shapely.Polygon(SPORTS_GROUND).buffer(3)]
    return [rails, *sites]


def _paved(streets: Sequence[Street], beside: float) -> shapely.Geometry:
    """All streets with their widths and so much more on either side."""
    bands = []
    for street in streets:
        line, reach = shapely.LineString(street.line), street.width / 2 + beside
        bands.append(line.buffer(reach, cap_style="square", join_style="mitre"))
    return shapely.union_all(bands)


def _blocks(ground: shapely.Geometry) -> tuple[shapely.Polygon, ...]:
    """The pieces of ground, without slivers, counter-clockwise, from west to east."""
    opened = ground.buffer(-3.0, join_style="mitre").buffer(3.0, join_style="mitre")
    pieces = [p for p in shapely.get_parts(opened.intersection(ground)) if p.area > 250]  # noqa: PLR2004 - square metres
    oriented = [shapely.geometry.polygon.orient(p.simplify(0.6), 1.0) for p in pieces]
    return tuple(sorted(oriented, key=lambda p: p.bounds))


def _directions(count: int) -> Float64Array:
    return np.linspace(0, 2 * np.pi, count, endpoint=False)


def _ring_roads() -> list[Street]:
    """The ring road, a name for each stretch between two gates."""
    gates = sorted(GATES_DEG.values())
    streets = []
    for name, begin, end in zip(RING_ROADS, gates, [*gates[1:], gates[0] + 360], strict=True):
        angles = np.radians(np.linspace(begin, end, 30))
        streets.append(Street(name, on_ring(angles, RING_ROAD), 14.0))
    return streets


def _main_roads() -> Iterator[Street]:
    for name, (gate, onward) in MAIN_ROADS.items():
        start = on_ring(np.radians([GATES_DEG[gate]]), RING_ROAD)
        yield Street(name, rounded(np.vstack([start, np.array(onward, np.float64)])), 12.0)
    for name, line in CROSS_ROADS.items():
        yield Street(name, rounded(np.array(line, np.float64)), 10.0)


class _Radial:
    """A street from the market to a gate: its direction at every distance.

    Parameters
    ----------
    degrees : float
        Direction of the gate.
    swing : float
        How many degrees it strays on the way.
    """

    def __init__(self, degrees: float, swing: float) -> None:
        self.reach = float(wall_radius(np.radians(np.array([degrees])))[0] + RING_ROAD)
        self._degrees = degrees
        self._swing = swing

    def angle(self, radius: Float64Array) -> Float64Array:
        """Directions in radians at distances from the middle."""
        share = np.clip(radius / (self.reach - GATE_APPROACH), 0, 1)
        strays = self._swing * np.sin(np.pi * share) * (1 - 0.4 * share)
        return np.asarray(np.radians(self._degrees + strays))


def _old_town(chance: Chance, kept_free: shapely.Geometry) -> Iterator[Street]:
    bend = Bend(chance, 15.0, (130.0, 330.0))
    names = NamesLeft(OLD_TOWN_LANES)
    gates = sorted(GATES_DEG.items(), key=lambda item: item[1])
    radials = [_Radial(degrees, chance.between(-8, 8)) for _, degrees in gates]
    for (gate, _), radial in zip(gates, radials, strict=True):
        radius = np.linspace(34.0, radial.reach, 28)
        name = {"Grandweger": "Grandweg"}.get(gate, f"{gate}straße")
        line = _bent(radius, radial.angle(radius), bend)
        for piece in _pieces(line, kept_free):
            yield Street(name, piece, 8.6)
    for k, radial in enumerate(radials):
        following = radials[(k + 1) % len(radials)]
        turn = 2 * np.pi if k + 1 == len(radials) else 0.0
        begin, end = np.radians(gates[k][1]), np.radians(gates[(k + 1) % len(gates)][1]) + turn
        yield Street(WALL_STREETS[k], on_ring(np.linspace(begin, end, 28), WALL_STREET), 6.0)
        for line in _sector_lanes(chance, _Sector(radial, following, turn), bend):
            for piece in _pieces(line, kept_free):
                yield Street(names.next(), piece, chance.between(4.6, 6.4))


def _bent(radius: Float64Array, angle: Float64Array, bend: Bend) -> Float64Array:
    """Points by radius and angle, displaced between the market and the wall only."""
    points = CENTRE + radius[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    inside = wall_radius(angle) - radius
    share = np.clip((inside - 20) / 90, 0, 1) * np.clip(radius / 110, 0, 1)
    return np.asarray(points + share[:, None] * bend(points))


@dataclass(frozen=True, slots=True)
class _Sector:
    """The ground between two radial streets; ``turn`` is a full circle where angles wrap."""

    begin: _Radial
    end: _Radial
    turn: float

    def angle(self, share: Float64Array, radius: Float64Array) -> Float64Array:
        """Directions of points by share of the way between the two streets."""
        first, last = self.begin.angle(radius), self.end.angle(radius) + self.turn
        return np.asarray(first + share * (last - first))

    def width(self, radius: float) -> float:
        """Length of the arc between the two streets in metres."""
        at = np.array([radius])
        return float(self.angle(np.ones(1), at)[0] - self.angle(np.zeros(1), at)[0]) * radius


@dataclass(frozen=True, slots=True)
class _Lane:
    """A lane round the middle: its distance there, and how far it swings between."""

    distance: float
    swing: float = 0.0

    def radius(self, share: Float64Array) -> Float64Array:
        """Distances from the middle by share of the way between the sector's streets."""
        return np.asarray(self.distance * (1 + self.swing * np.sin(np.pi * share)))


def _sector_lanes(chance: Chance, sector: _Sector, bend: Bend) -> Iterator[Float64Array]:
    """Lanes round the middle at distances of the sector's own, and staggered links."""
    edge = (sector.begin.reach + sector.end.reach) / 2 - RING_ROAD + WALL_STREET
    rounds = [chance.between(84, 100)]
    while rounds[-1] < edge - 105:
        rounds.append(rounds[-1] + chance.between(66, 90))
    lanes = [_Lane(distance, chance.between(-0.05, 0.05)) for distance in rounds]
    share = np.linspace(0, 1, 24)
    for lane in lanes:
        radius = lane.radius(share)
        yield _bent(radius, sector.angle(share, radius), bend)
    for inner, outer in pairwise([*lanes, _Lane(edge)]):
        width = sector.width((inner.distance + outer.distance) / 2)
        count = round(width / chance.between(95, 130))
        for i in range(1, count):
            middle = (i + chance.between(-0.16, 0.16)) / count
            tilt = chance.between(-0.07, 0.07)
            shares = np.linspace(middle - tilt, middle + tilt, 8)
            way = np.linspace(0, 1, 8)
            radius = inner.radius(shares) * (1 - way) + outer.radius(shares) * way
            yield _bent(radius, sector.angle(shares, radius), bend)


def _pieces(line: Float64Array, kept_free: shapely.Geometry) -> Iterator[Float64Array]:
    """What is left of a lane outside the reserved ground."""
    path = shapely.LineString(line)
    for part in shapely.get_parts(path.difference(kept_free)):
        if part.length > 25:  # noqa: PLR2004 - metres: shorter ones are no street
            yield shapely.get_coordinates(part)


def _outer(
    chance: Chance, boundaries: Sequence[Float64Array], kept_free: shapely.Geometry
) -> list[Street]:
    """The streets of every area between the main roads."""
    names = NamesLeft(OUTER_STREETS)
    lines = [shapely.LineString(line) for line in boundaries]
    lines += [area.boundary for area in _without_houses()]
    lines.append(shapely.box(-EDGE - 30, -EDGE - 30, EDGE + 30, EDGE + 30).boundary)
    areas = sorted(shapely.get_parts(shapely.polygonize([shapely.union_all(lines)])),
                   key=lambda p: p.bounds)  # fmt: skip
    inside = shapely.Polygon(on_ring(_directions(720), RING_ROAD - 2))
    never = shapely.union_all([kept_free, inside, *_without_houses()])
    # A minor street does not run beside a main road.
    beside = shapely.union_all(lines).buffer(34)
    streets = []
    for area in areas:
        if area.difference(never).area < LEAST_AREA_M2:
            continue
        pieces = []
        for line in _pattern(chance, area):
            path = shapely.LineString(line).intersection(area).difference(never)
            pieces += [
                part
                for part in shapely.get_parts(path)
                if part.length > 45  # noqa: PLR2004 - metres
                and part.intersection(beside).length < 0.4 * part.length
            ]
        streets += [
            Street(names.next(), shapely.get_coordinates(part), 7.6)
            for part in _connected(pieces, lines)
        ]
    return streets


def _connected(
    pieces: list[shapely.LineString], roads: list[shapely.LineString]
) -> list[shapely.LineString]:
    """Pieces that begin or end at another street, however short they are cut."""
    kept = []
    for k, piece in enumerate(pieces):
        others = shapely.union_all([*roads, *pieces[:k], *pieces[k + 1 :]])
        if piece.boundary.distance(others) < 8:  # noqa: PLR2004 - metres
            kept.append(piece)
    return kept


def _pattern(chance: Chance, area: shapely.Polygon) -> Iterator[Float64Array]:
    """Curved streets along the area's longer side, staggered links between them."""
    box = shapely.get_coordinates(shapely.minimum_rotated_rectangle(area))
    sides = [box[1] - box[0], box[2] - box[1]]
    longer = sides[0] if np.hypot(*sides[0]) > np.hypot(*sides[1]) else sides[1]
    turn = np.arctan2(longer[1], longer[0]) + chance.between(-0.12, 0.12)
    along = np.array([np.cos(turn), np.sin(turn)])
    across = np.array([-along[1], along[0]])
    middle = box[:4].mean(axis=0)
    bend = Bend(chance, 20.0, (300.0, 620.0))
    reach = float(np.hypot(*sides[0]) + np.hypot(*sides[1])) / 2 + 60
    u = np.arange(-reach, reach, 18.0)
    bow = chance.between(-0.00035, 0.00035)
    spacing = chance.between(68, 80)

    def course(positions: Float64Array, v: Float64Array) -> Float64Array:
        v_bowed = v + bow * positions**2
        points = middle + positions[:, None] * along + v_bowed[:, None] * across
        return np.asarray(points + bend(points))

    rows = np.arange(-reach + chance.between(0, spacing), reach, spacing)
    for k, v in enumerate(rows):
        yield course(u, np.full(len(u), v))
        if k + 1 == len(rows):
            break
        at = -reach + chance.between(0, 150)
        while at < reach:
            positions = np.full(6, at) + np.linspace(0, chance.between(-12, 12), 6)
            yield course(positions, np.linspace(v, rows[k + 1], 6))
            at += chance.between(125, 215)
