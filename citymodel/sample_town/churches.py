"""Churches of green sandstone: towers and helms, naves, aisles, transepts, choirs.

A church lies in a frame of its own, u from its west front to the east, v to the north, and
is built of parts that share walls.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .roofs import FLAT, GABLE, HIP, LEAN_TO, OTHER, SPIRE, TENT, Roof, Volume
from .site import Building, on_millimetres

if TYPE_CHECKING:
    from collections.abc import Sequence

CHURCH, CHAPEL = "31001_3041", "31001_3043"

# Profiles of helms: scale of the tower's plan against height above the eaves in metres.
STEEP = ((1.0, 0.0), (0.74, 6.5), (0.0, 30.0))
BAROQUE = (
    (1.0, 0.0), (0.95, 2.2), (0.8, 4.4), (0.58, 6.0), (0.47, 7.6), (0.45, 12.0),
    (0.5, 12.4), (0.38, 14.6), (0.16, 17.0), (0.08, 20.0), (0.0, 25.0),
)  # fmt: skip
NEEDLE = ((1.0, 0.0), (0.66, 4.0), (0.0, 37.0))


@dataclass(frozen=True, slots=True)
class ChurchFrame:
    """Where a church's west front is and where it looks.

    Parameters
    ----------
    east, north : float
        Middle of the west front in the town's frame, metres.
    axis_deg : float
        Direction of the choir against east, counter-clockwise.
    """

    east: float
    north: float
    axis_deg: float

    def volume(self, corners: Sequence[tuple[float, float]], roof: Roof) -> Volume:
        """A volume over corners in u, v; the roof's axis counts from u."""
        turn = math.radians(self.axis_deg)
        cos, sin = math.cos(turn), math.sin(turn)
        ring = [
            (self.east + u * cos - v * sin, self.north + u * sin + v * cos) for u, v in corners
        ]
        turned = Roof(
            roof.code, roof.eaves, roof.pitch_deg, roof.axis_deg + self.axis_deg,
            share=roof.share, bays=roof.bays, profile=roof.profile, lean=roof.lean,
        )  # fmt: skip
        return Volume(on_millimetres(np.array(ring)), turned)

    def box(self, u: tuple[float, float], v: tuple[float, float], roof: Roof) -> Volume:
        """A volume over a rectangle."""
        return self.volume([(u[0], v[0]), (u[1], v[0]), (u[1], v[1]), (u[0], v[1])], roof)


def helm(
    eaves: float,
    profile: tuple[tuple[float, float], ...],
    *,
    code: str = SPIRE,
    stretch: float = 1.0,
    lean: tuple[float, float] = (0.0, 0.0),
) -> Roof:
    """A tower's roof by its profile.

    Parameters
    ----------
    eaves : float
        Height of the tower's walls in metres.
    profile : tuple of (scale, metres above the eaves)
        One of this module's helms.
    code : str
        AdV roof type.
    stretch : float
        Factor for the helm's height.
    lean : tuple of float
        How far the tip stands off, metres.

    Returns
    -------
    Roof
        A stack.
    """
    levels = tuple((scale, eaves + rise * stretch) for scale, rise in profile)
    return Roof(code, eaves, profile=levels, lean=lean)


def choir(frame: ChurchFrame, begin: float, length: float, half: float, eaves: float) -> Volume:
    """A choir with a five-sided end, its roof rising from every side but the nave's."""
    end = begin + length
    corners = [
        (begin, half), (begin, -half), (end, -half), (end + 0.66 * half, -0.42 * half),
        (end + 0.66 * half, 0.42 * half), (end, half),
    ]  # fmt: skip
    return frame.volume(corners, Roof(HIP, eaves, 52.0))


def st_patrokli() -> Building:
    """Minster with transept, and the west tower of 77 m with four corner turrets."""
    f = ChurchFrame(84.0, -214.0, 3.0)
    h, t = 7.6, 2.7  # half the tower's width, width of a turret
    inner = h - t
    cross = [
        (0, -inner), (t, -inner), (t, -h), (2 * h - t, -h), (2 * h - t, -inner),
        (2 * h, -inner), (2 * h, inner), (2 * h - t, inner), (2 * h - t, h), (t, h),
        (t, inner), (0, inner),
    ]  # fmt: skip
    turret = Roof(TENT, 49.0, profile=((1.0, 49.0), (0.0, 58.0)))
    w = 2 * h
    volumes = [f.volume(cross, helm(46.5, STEEP, stretch=30.5 / 30.0))]
    volumes += [f.box((u, u + t), (v, v + t), turret) for u in (0, w - t) for v in (-h, inner)]
    volumes += [
        f.box((-6.5, 0), (-h, h), Roof(LEAN_TO, 8.5, 28.0, 270.0)),
        f.box((w, w + 34), (-6.2, 6.2), Roof(GABLE, 17.0, 50.0)),
        f.box((w, w + 34), (-13.2, -6.2), Roof(LEAN_TO, 9.0, 32.0)),
        f.box((w, w + 34), (6.2, 13.2), Roof(LEAN_TO, 9.0, 32.0, 180.0)),
        f.box((w + 34, w + 46), (-17.5, 17.5), Roof(GABLE, 17.0, 48.0, 90.0)),
        choir(f, w + 46, 9.0, 6.2, 16.0),
    ]
    return Building(volumes, CHURCH, door=np.array([84.0, -231.0]), name="St. Patrokli")


def st_petri() -> Building:
    """Opposite the minster: a tower with a baroque helm before a galleried nave."""
    f = ChurchFrame(4.0, -196.0, -4.0)
    volumes = [
        f.box((0, 11.6), (-5.8, 5.8), helm(37.0, BAROQUE, code=OTHER)),
        f.box((11.6, 41), (-6, 6), Roof(GABLE, 14.5, 49.0)),
        f.box((11.6, 41), (-12, -6), Roof(LEAN_TO, 8.2, 33.0)),
        f.box((11.6, 41), (6, 12), Roof(LEAN_TO, 8.2, 33.0, 180.0)),
        f.box((41, 50), (-14, 14), Roof(GABLE, 14.5, 47.0, 90.0)),
        choir(f, 50, 7.5, 5.6, 14.0),
    ]
    return Building(volumes, CHURCH, door=np.array([4.0, -210.0]), name="St. Petri")


def wiesenkirche() -> Building:
    """A hall church of late Gothic, with two slender spires at its west front."""
    f = ChurchFrame(408.0, 104.0, 6.0)
    needle = helm(41.0, NEEDLE)
    volumes = [
        f.box((0, 7.4), (-13, -5.6), needle),
        f.box((0, 7.4), (5.6, 13), needle),
        f.box((0, 7.4), (-5.6, 5.6), Roof(GABLE, 24.0, 55.0)),
        f.box((7.4, 35), (-13, 13), Roof(GABLE, 20.0, 50.0)),
        choir(f, 35, 8.0, 6.4, 19.0),
    ]
    return Building(volumes, CHURCH, door=np.array([404.0, 90.0]), name="St. Maria zur Wiese")


def hohnekirche() -> Building:
    """A broad hall church of early Gothic, its stout tower under a hipped helm."""
    f = ChurchFrame(497.0, -62.0, -5.0)
    volumes = [
        f.box((0, 10), (-5, 5), helm(22.0, ((1.0, 0.0), (0.0, 15.0)))),
        f.box((10, 34), (-11, 11), Roof(GABLE, 11.0, 44.0)),
        choir(f, 34, 6.0, 5.2, 10.5),
    ]
    return Building(volumes, CHURCH, door=np.array([494.0, -72.0]), name="St. Maria zur Höhe")


def nikolai_chapel() -> Building:
    """A small two-aisled chapel with a round choir."""
    f = ChurchFrame(166.0, -270.0, 0.0)
    volumes = [
        f.box((0, 16), (-4.8, 4.8), Roof(GABLE, 9.0, 50.0)),
        choir(f, 16, 1.5, 4.8, 8.6),
    ]
    return Building(volumes, CHAPEL, door=np.array([163.0, -270.0]), name="Nikolaikapelle")


def st_thomae() -> Building:
    """Alt-St. Thomä, whose spire leans to the south-west."""
    f = ChurchFrame(352.0, -446.0, 8.0)
    leaning = helm(21.0, ((1.0, 0.0), (0.7, 4.0), (0.0, 27.0)), lean=(-1.6, -1.5))
    volumes = [
        f.box((0, 8.8), (-4.4, 4.4), leaning),
        f.box((8.8, 30), (-5.5, 5.5), Roof(GABLE, 10.5, 50.0)),
        f.box((8.8, 30), (-10, -5.5), Roof(LEAN_TO, 6.2, 30.0)),
        f.box((8.8, 30), (5.5, 10), Roof(FLAT, 6.6)),
        choir(f, 30, 6.0, 4.6, 10.0),
    ]
    return Building(volumes, CHURCH, door=np.array([349.0, -456.0]), name="Alt-St. Thomä")


def churches() -> list[Building]:
    """All of them."""
    return [
        st_patrokli(),
        st_petri(),
        wiesenkirche(),
        hohnekirche(),
        nikolai_chapel(),
        st_thomae(),
    ]
