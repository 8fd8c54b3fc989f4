"""Roof forms: a footprint and a roof's parameters become a closed solid.

The codes are those of the AdV code list ``roofType`` used in the NRW files. Forms that bulge
outwards everywhere are cut from a prism (:mod:`.polytope`); forms with steps and valleys are
extruded profiles over rectangles; towers, cones and domes are stacks of scaled rings, whose
quadrilaterals are planar because their edges stay parallel.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .polytope import cut_prism
from .solids import GROUND, ROOF, WALL, Solid, make_solid

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from citykernel.arrays import Float64Array

FLAT, LEAN_TO, OFFSET_LEAN_TO = "1000", "2100", "2200"
GABLE, HIP, HALF_HIP, MANSARD = "3100", "3200", "3300", "3400"
TENT, CONE, DOME, SAWTOOTH = "3500", "3600", "3700", "4000"
MIXED, OTHER = "5000", "9999"

# Pitch of the lower slopes of a mansard roof and of hipped ends, in degrees.
MANSARD_LOWER_DEG = 70.0
HIP_END_STEEPER_DEG = 8.0


@dataclass(frozen=True, slots=True)
class Roof:
    """Form and measures of a roof.

    Parameters
    ----------
    code : str
        AdV ``roofType``.
    eaves : float
        Height of the eaves above the ground surface in metres (of the lower eaves, if they
        differ).
    pitch_deg : float
        Pitch of the main slopes.
    axis_deg : float
        Direction of the ridge against east, counter-clockwise; a lean-to roof rises to the
        left of it.
    share : float
        Form's own proportion between 0 and 1: how much of the rise a half hip cuts, where a
        stepped profile steps.
    bays : int
        Teeth of a sawtooth roof.
    wing : tuple of float
        Cross gable of a mixed roof: begin and end along the front and how far it projects,
        metres.
    profile : tuple of (float, float)
        Stack of rings: scale of the footprint, height in metres, from the eaves upwards.
    lean : tuple of float
        How far the top of a stack stands off its middle, metres east and north.
    """

    code: str
    eaves: float
    pitch_deg: float = 0.0
    axis_deg: float = 0.0
    share: float = 0.4
    bays: int = 4
    wing: tuple[float, float, float] = (0.0, 0.0, 0.0)
    profile: tuple[tuple[float, float], ...] = ()
    lean: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Volume:
    """A footprint under a roof.

    Parameters
    ----------
    footprint : (n, 2) float64
        Ring in metres on whole millimetres, counter-clockwise.
    roof : Roof
        Its roof.
    """

    footprint: Float64Array
    roof: Roof


def build_solid(volume: Volume) -> Solid:
    """Closed solid of a volume, its ground at height 0.

    Parameters
    ----------
    volume : Volume
        Convex footprints for the cut forms (2100, 3100 to 3400; a hip roof over more than
        four corners rises from every side but the first), rectangles for the profile
        forms (2200, 4000, 9999) and the main body of 5000; any simple ring for 1000 and for
        stacks.

    Returns
    -------
    Solid
        Outward faces, corners on whole millimetres.
    """
    roof = volume.roof
    if roof.profile:
        return _stack(volume.footprint, roof)
    return FORMS[roof.code](volume.footprint, roof)


def _flat(footprint: Float64Array, roof: Roof) -> Solid:
    n = len(footprint)
    low = np.column_stack([footprint, np.zeros(n)])
    high = np.column_stack([footprint, np.full(n, roof.eaves)])
    faces: list[tuple[str, Sequence[int]]] = [(GROUND, range(n - 1, -1, -1))]
    faces += [(WALL, (i, (i + 1) % n, n + (i + 1) % n, n + i)) for i in range(n)]
    faces.append((ROOF, range(n, 2 * n)))
    return make_solid(np.vstack([low, high]), faces)


@dataclass(frozen=True, slots=True)
class _Axes:
    """The ridge's frame: u along it, v to its left, and how far the footprint reaches."""

    along: tuple[float, float]
    u_min: float
    u_max: float
    v_min: float
    v_max: float

    def plane(self, slope_u: float, slope_v: float, c: float) -> tuple[float, float, float]:
        """The plane z = slope_u u + slope_v v + c in east and north."""
        e, n = self.along
        return slope_u * e - slope_v * n, slope_u * n + slope_v * e, c


def _axes(footprint: Float64Array, axis_deg: float) -> _Axes:
    e, n = math.cos(math.radians(axis_deg)), math.sin(math.radians(axis_deg))
    u = footprint @ np.array([e, n])
    v = footprint @ np.array([-n, e])
    return _Axes((e, n), float(u.min()), float(u.max()), float(v.min()), float(v.max()))


def _slopes(axes: _Axes, eaves: float, pitch_deg: float) -> list[tuple[float, float, float]]:
    """The two slopes that rise from the long sides."""
    slope = math.tan(math.radians(pitch_deg))
    return [
        axes.plane(0, slope, eaves - slope * axes.v_min),
        axes.plane(0, -slope, eaves + slope * axes.v_max),
    ]


def _ends(axes: _Axes, foot: float, pitch_deg: float) -> list[tuple[float, float, float]]:
    """The two slopes that rise from the short sides, from height ``foot``."""
    slope = math.tan(math.radians(pitch_deg))
    return [
        axes.plane(slope, 0, foot - slope * axes.u_min),
        axes.plane(-slope, 0, foot + slope * axes.u_max),
    ]


def _rise(axes: _Axes, pitch_deg: float) -> float:
    return math.tan(math.radians(pitch_deg)) * (axes.v_max - axes.v_min) / 2


def _lean_to(footprint: Float64Array, roof: Roof) -> Solid:
    axes = _axes(footprint, roof.axis_deg)
    slope = math.tan(math.radians(roof.pitch_deg))
    top = roof.eaves + slope * (axes.v_max - axes.v_min) + 1
    return cut_prism(footprint, [axes.plane(0, slope, roof.eaves - slope * axes.v_min)], top)


def _gable(footprint: Float64Array, roof: Roof) -> Solid:
    axes = _axes(footprint, roof.axis_deg)
    top = roof.eaves + _rise(axes, roof.pitch_deg) + 1
    return cut_prism(footprint, _slopes(axes, roof.eaves, roof.pitch_deg), top)


def _hip(footprint: Float64Array, roof: Roof) -> Solid:
    axes = _axes(footprint, roof.axis_deg)
    if len(footprint) > 4:  # noqa: PLR2004 - a choir: every side but the first has its slope
        slope = math.tan(math.radians(roof.pitch_deg))
        planes = [_from_side(footprint, i, roof.eaves, slope) for i in range(1, len(footprint))]
        return cut_prism(footprint, planes, roof.eaves + _rise(axes, roof.pitch_deg) + 1)
    end_deg = min(roof.pitch_deg + HIP_END_STEEPER_DEG, 80.0)
    planes = _slopes(axes, roof.eaves, roof.pitch_deg) + _ends(axes, roof.eaves, end_deg)
    return cut_prism(footprint, planes, roof.eaves + _rise(axes, roof.pitch_deg) + 1)


def _from_side(
    footprint: Float64Array, side: int, eaves: float, slope: float
) -> tuple[float, float, float]:
    """The slope that rises from one side of a ring."""
    start, end = footprint[side], footprint[(side + 1) % len(footprint)]
    along = (end - start) / np.hypot(*(end - start))
    a, b = -along[1] * slope, along[0] * slope
    return float(a), float(b), float(eaves - a * start[0] - b * start[1])


def _half_hip(footprint: Float64Array, roof: Roof) -> Solid:
    axes = _axes(footprint, roof.axis_deg)
    rise = _rise(axes, roof.pitch_deg)
    foot = roof.eaves + rise * (1 - roof.share)
    planes = _slopes(axes, roof.eaves, roof.pitch_deg) + _ends(axes, foot, roof.pitch_deg)
    return cut_prism(footprint, planes, roof.eaves + rise + 1)


def _mansard(footprint: Float64Array, roof: Roof) -> Solid:
    axes = _axes(footprint, roof.axis_deg)
    width = axes.v_max - axes.v_min
    # The break lies a seventh of the width inside the walls.
    break_height = roof.eaves + math.tan(math.radians(MANSARD_LOWER_DEG)) * width / 7
    slope = math.tan(math.radians(roof.pitch_deg))
    foot = break_height - slope * width / 7
    planes = _slopes(axes, roof.eaves, MANSARD_LOWER_DEG) + _slopes(axes, foot, roof.pitch_deg)
    return cut_prism(footprint, planes, break_height + slope * width / 2 + 1)


def _tent(footprint: Float64Array, roof: Roof) -> Solid:
    """All slopes meet in one point over the middle."""
    middle = footprint.mean(axis=0)
    reach = float(np.hypot(*(footprint - middle).T).min())
    top = roof.eaves + math.tan(math.radians(roof.pitch_deg)) * reach
    stacked = Roof(
        roof.code, roof.eaves, profile=((1.0, roof.eaves), (0.0, top)), lean=roof.lean
    )
    return _stack(footprint, stacked)


def _dome(footprint: Float64Array, roof: Roof) -> Solid:
    """Quarter circles in five steps."""
    middle = footprint.mean(axis=0)
    radius = float(np.hypot(*(footprint - middle).T).max())
    steps = [math.radians(90 * i / 5) for i in range(5)]
    profile = [(math.cos(a), roof.eaves + radius * math.sin(a)) for a in steps]
    profile.append((0.0, roof.eaves + radius))
    return _stack(footprint, Roof(roof.code, roof.eaves, profile=tuple(profile)))


def _stack(footprint: Float64Array, roof: Roof) -> Solid:
    """Rings of scaled footprints above each other, the last one a point or a flat top."""
    n = len(footprint)
    middle = footprint.mean(axis=0)
    bottom, top = roof.profile[0][1], roof.profile[-1][1]
    levels = [(1.0, 0.0), *roof.profile]
    rings = []
    for scale, height in levels:
        risen = max(0.0, (height - bottom) / (top - bottom)) if top > bottom else 0.0
        plan = middle + (footprint - middle) * scale + np.array(roof.lean) * risen
        rings.append(np.column_stack([plan, np.full(n, height)]))
    faces: list[tuple[str, Sequence[int]]] = [(GROUND, range(n - 1, -1, -1))]
    for level in range(len(levels) - 1):
        kind = WALL if level == 0 else ROOF
        for i in range(n):
            j = (i + 1) % n
            low, high = level * n, (level + 1) * n
            faces.append((kind, (low + i, low + j, high + j, high + i)))
    if roof.profile[-1][0] > 0:
        faces.append((ROOF, range((len(levels) - 1) * n, len(levels) * n)))
    return make_solid(np.vstack(rings), faces)


def _profile_prism(rectangle: Float64Array, profile: Sequence[tuple[float, float]]) -> Solid:
    """Extrude a profile across a rectangle.

    ``profile`` gives (share of the way from the first to the last side, height); two points
    at one share make a vertical step.
    """
    a, b, c, d = rectangle
    m = len(profile)
    west = [(*(a + f * (d - a)), z) for f, z in profile]
    east = [(*(b + f * (c - b)), z) for f, z in profile]
    corners = [(*p, 0.0) for p in (a, b, c, d)] + west + east
    w, e = 4, 4 + m
    faces: list[tuple[str, Sequence[int]]] = [
        (GROUND, (3, 2, 1, 0)),
        (WALL, (0, 1, e, w)),
        (WALL, (2, 3, w + m - 1, e + m - 1)),
        (WALL, (3, 0, *range(w, w + m))),
        (WALL, (1, 2, *range(e + m - 1, e - 1, -1))),
    ]
    for j in range(m - 1):
        kind = WALL if profile[j][0] == profile[j + 1][0] else ROOF
        faces.append((kind, (w + j, e + j, e + j + 1, w + j + 1)))
    return make_solid(corners, faces)


def _depth(rectangle: Float64Array) -> float:
    return float(np.hypot(*(rectangle[3] - rectangle[0])))


def _offset_lean_to(rectangle: Float64Array, roof: Roof) -> Solid:
    """Two lean-to roofs, one ridge higher than the other."""
    slope = math.tan(math.radians(roof.pitch_deg))
    depth = _depth(rectangle)
    high = roof.eaves + slope * depth * roof.share
    low = roof.eaves + slope * depth * (1 - roof.share)
    if abs(high - low) < 0.5:  # noqa: PLR2004 - metres: a step that a storey's light needs
        high += 1.0
    return _profile_prism(
        rectangle, [(0, roof.eaves), (roof.share, high), (roof.share, low), (1, roof.eaves)]
    )


def _sawtooth(rectangle: Float64Array, roof: Roof) -> Solid:
    """Bays that rise with the pitch and fall upright: the glass looks one way."""
    rise = math.tan(math.radians(roof.pitch_deg)) * _depth(rectangle) / roof.bays
    profile = [(0.0, roof.eaves)]
    for bay in range(roof.bays):
        profile.append(((bay + 1) / roof.bays, roof.eaves + rise))
        if bay + 1 < roof.bays:
            profile.append(((bay + 1) / roof.bays, roof.eaves))
    return _profile_prism(rectangle, profile)


def _butterfly(rectangle: Float64Array, roof: Roof) -> Solid:
    """Two slopes that fall to the middle: none of the listed forms."""
    fall = math.tan(math.radians(roof.pitch_deg)) * _depth(rectangle)
    high = roof.eaves + fall * roof.share
    other = roof.eaves + fall * (1 - roof.share)
    return _profile_prism(rectangle, [(0, high), (roof.share, roof.eaves), (1, other)])


def cross_gable_footprint(
    rectangle: Float64Array, wing: tuple[float, float, float]
) -> Float64Array:
    """Outline of a rectangle with a wing before its first side.

    Parameters
    ----------
    rectangle : (4, 2) float64
        Counter-clockwise, the wing's side first.
    wing : (begin, end, projection)
        Metres along the first side and outwards.

    Returns
    -------
    (8, 2) float64
        ``a, begin, begin out, end out, end, b, c, d`` on whole millimetres.
    """
    a, b, c, d = rectangle
    along = (b - a) / np.hypot(*(b - a))
    out = np.array([along[1], -along[0]])
    begin, end, projection = wing
    p, q = a + along * begin, a + along * end
    ring = np.array([a, p, p + out * projection, q + out * projection, q, b, c, d])
    return np.asarray(np.rint(ring * 1000) / 1000)


def _cross_gable(footprint: Float64Array, roof: Roof) -> Solid:
    """A gabled body with a gabled wing of its own ridge: what the list calls mixed."""
    a, p, p_out, q_out, q, b, c, d = footprint
    slope = math.tan(math.radians(roof.pitch_deg))
    ridge = roof.eaves + slope * _depth(np.array([a, b, c, d])) / 2
    half = float(np.hypot(*(q - p))) / 2
    wing_ridge = min(roof.eaves + slope * half * 1.05, ridge - 0.2)
    inward = (d - a) / np.hypot(*(d - a))
    meets = (p + q) / 2 + inward * (wing_ridge - roof.eaves) / slope
    h = roof.eaves
    corners = [(*point, 0.0) for point in footprint]
    corners += [(*point, h) for point in footprint]
    corners += [
        (*((a + d) / 2), ridge),
        (*((b + c) / 2), ridge),
        (*((p_out + q_out) / 2), wing_ridge),
        (*meets, wing_ridge),
    ]
    west, east, apex, meet = 16, 17, 18, 19
    faces: list[tuple[str, Sequence[int]]] = [(GROUND, range(7, -1, -1))]
    faces += [(WALL, (i, i + 1, i + 9, i + 8)) for i in (0, 1, 3, 4, 6)]
    faces += [
        (WALL, (2, 3, 11, apex, 10)),
        (WALL, (5, 6, 14, east, 13)),
        (WALL, (7, 0, 8, west, 15)),
        (ROOF, (8, 9, meet, 12, 13, east, west)),
        (ROOF, (14, 15, west, east)),
        (ROOF, (9, 10, apex, meet)),
        (ROOF, (11, 12, meet, apex)),
    ]
    if roof.wing[2] <= 0:  # flush: the two short walls of the wing and its front are one wall
        faces = [face for face in faces if face[1] not in _FLUSH]
        faces.append((WALL, (0, 1, 4, 5, 13, 12, apex, 9, 8)))
    return make_solid(corners, faces)


_FLUSH = ((0, 1, 9, 8), (1, 2, 10, 9), (2, 3, 11, 18, 10), (3, 4, 12, 11), (4, 5, 13, 12))

FORMS: dict[str, Callable[[Float64Array, Roof], Solid]] = {
    FLAT: _flat,
    LEAN_TO: _lean_to,
    OFFSET_LEAN_TO: _offset_lean_to,
    GABLE: _gable,
    HIP: _hip,
    HALF_HIP: _half_hip,
    MANSARD: _mansard,
    TENT: _tent,
    CONE: _tent,
    DOME: _dome,
    SAWTOOTH: _sawtooth,
    MIXED: _cross_gable,
    OTHER: _butterfly,
}
