"""Roofs that bulge outwards everywhere: a prism over a convex footprint, cut by planes.

Each form takes a footprint, (n, 2) float64 metres on whole millimetres, counter-clockwise,
and a :class:`~.roofs.Roof`, and returns a closed :class:`~.solids.Solid` from height 0 up.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .polytope import cut_prism

if TYPE_CHECKING:
    from citykernel.arrays import Float64Array

    from .roofs import Roof
    from .solids import Solid

# Pitch of the lower slopes of a mansard roof and of hipped ends, in degrees.
MANSARD_LOWER_DEG = 70.0
HIP_END_STEEPER_DEG = 8.0


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


def lean_to(footprint: Float64Array, roof: Roof) -> Solid:
    """One slope, rising to the left of the axis."""
    axes = _axes(footprint, roof.axis_deg)
    slope = math.tan(math.radians(roof.pitch_deg))
    top = roof.eaves + slope * (axes.v_max - axes.v_min) + 1
    return cut_prism(footprint, [axes.plane(0, slope, roof.eaves - slope * axes.v_min)], top)


def gable(footprint: Float64Array, roof: Roof) -> Solid:
    """Two slopes that meet in a ridge."""
    axes = _axes(footprint, roof.axis_deg)
    top = roof.eaves + _rise(axes, roof.pitch_deg) + 1
    return cut_prism(footprint, _slopes(axes, roof.eaves, roof.pitch_deg), top)


def hip(footprint: Float64Array, roof: Roof) -> Solid:
    """Slopes from all sides; the ends are a little steeper, as carpenters like them."""
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


def half_hip(footprint: Float64Array, roof: Roof) -> Solid:
    """A gable whose tips are cut by small slopes."""
    axes = _axes(footprint, roof.axis_deg)
    rise = _rise(axes, roof.pitch_deg)
    foot = roof.eaves + rise * (1 - roof.share)
    planes = _slopes(axes, roof.eaves, roof.pitch_deg) + _ends(axes, foot, roof.pitch_deg)
    return cut_prism(footprint, planes, roof.eaves + rise + 1)


def mansard(footprint: Float64Array, roof: Roof) -> Solid:
    """Two slopes on either side, the lower ones steep."""
    axes = _axes(footprint, roof.axis_deg)
    width = axes.v_max - axes.v_min
    # The break lies a seventh of the width inside the walls.
    break_height = roof.eaves + math.tan(math.radians(MANSARD_LOWER_DEG)) * width / 7
    slope = math.tan(math.radians(roof.pitch_deg))
    foot = break_height - slope * width / 7
    planes = _slopes(axes, roof.eaves, MANSARD_LOWER_DEG) + _slopes(axes, foot, roof.pitch_deg)
    return cut_prism(footprint, planes, break_height + slope * width / 2 + 1)
