"""Roofs with steps and valleys, extruded over rectangles; towers and domes as stacks.

The quadrilaterals between two scaled rings of a stack are planar, because scaling and
shifting a ring leaves its edges parallel.

Each form takes a footprint, (n, 2) float64 metres on whole millimetres, counter-clockwise,
and a :class:`~.roofs.Roof`, and returns a closed :class:`~.solids.Solid` from height 0 up.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from .solids import GROUND, ROOF, WALL, Solid, make_solid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from citykernel.arrays import Float64Array

    from .roofs import Roof


def flat(footprint: Float64Array, roof: Roof) -> Solid:
    """A prism over any simple ring."""
    n = len(footprint)
    low = np.column_stack([footprint, np.zeros(n)])
    high = np.column_stack([footprint, np.full(n, roof.eaves)])
    faces: list[tuple[str, Sequence[int]]] = [(GROUND, range(n - 1, -1, -1))]
    faces += [(WALL, (i, (i + 1) % n, n + (i + 1) % n, n + i)) for i in range(n)]
    faces.append((ROOF, range(n, 2 * n)))
    return make_solid(np.vstack([low, high]), faces)


def tent(footprint: Float64Array, roof: Roof) -> Solid:
    """All slopes meet in one point over the middle."""
    middle = footprint.mean(axis=0)
    reach = float(np.hypot(*(footprint - middle).T).min())
    top = roof.eaves + math.tan(math.radians(roof.pitch_deg)) * reach
    return stack(footprint, replace(roof, profile=((1.0, roof.eaves), (0.0, top))))


def dome(footprint: Float64Array, roof: Roof) -> Solid:
    """Quarter circles in five steps."""
    middle = footprint.mean(axis=0)
    radius = float(np.hypot(*(footprint - middle).T).max())
    steps = [math.radians(90 * i / 5) for i in range(5)]
    profile = [(math.cos(a), roof.eaves + radius * math.sin(a)) for a in steps]
    profile.append((0.0, roof.eaves + radius))
    return stack(footprint, replace(roof, profile=tuple(profile)))


def stack(footprint: Float64Array, roof: Roof) -> Solid:
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


def offset_lean_to(rectangle: Float64Array, roof: Roof) -> Solid:
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


def sawtooth(rectangle: Float64Array, roof: Roof) -> Solid:
    """Bays that rise with the pitch and fall upright: the glass looks one way."""
    rise = math.tan(math.radians(roof.pitch_deg)) * _depth(rectangle) / roof.bays
    profile = [(0.0, roof.eaves)]
    for bay in range(roof.bays):
        profile.append(((bay + 1) / roof.bays, roof.eaves + rise))
        if bay + 1 < roof.bays:
            profile.append(((bay + 1) / roof.bays, roof.eaves))
    return _profile_prism(rectangle, profile)


def butterfly(rectangle: Float64Array, roof: Roof) -> Solid:
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


def cross_gable(footprint: Float64Array, roof: Roof) -> Solid:
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
