"""Roof forms: a footprint and a roof's parameters become a closed solid.

The codes are those of the AdV code list ``roofType`` used in the NRW files. Forms that bulge
outwards everywhere are cut from a prism (:mod:`.roof_planes`); forms with steps and valleys
are extruded profiles over rectangles, and towers, cones and domes are stacks of scaled rings
(:mod:`.roof_profiles`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .roof_planes import gable, half_hip, hip, lean_to, mansard
from .roof_profiles import (
    butterfly,
    cross_gable,
    dome,
    flat,
    offset_lean_to,
    sawtooth,
    stack,
    tent,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from citykernel.arrays import Float64Array

    from .solids import Solid

FLAT, LEAN_TO, OFFSET_LEAN_TO = "1000", "2100", "2200"
GABLE, HIP, HALF_HIP, MANSARD = "3100", "3200", "3300", "3400"
TENT, CONE, DOME, SAWTOOTH = "3500", "3600", "3700", "3800"
SPIRE, MIXED, OTHER = "4000", "5000", "9999"


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


FORMS: dict[str, Callable[[Float64Array, Roof], Solid]] = {
    FLAT: flat,
    LEAN_TO: lean_to,
    OFFSET_LEAN_TO: offset_lean_to,
    GABLE: gable,
    HIP: hip,
    HALF_HIP: half_hip,
    MANSARD: mansard,
    TENT: tent,
    CONE: tent,
    DOME: dome,
    SAWTOOTH: sawtooth,
    SPIRE: tent,
    MIXED: cross_gable,
    OTHER: butterfly,
}


def build_solid(volume: Volume) -> Solid:
    """Closed solid of a volume, its ground at height 0.

    Parameters
    ----------
    volume : Volume
        Convex footprints for the cut forms (2100, 3100 to 3400; a hip roof over more than
        four corners rises from every side but the first), rectangles for the profile
        forms (2200, 3800, 9999) and the main body of 5000; any simple ring for 1000 and for
        stacks.

    Returns
    -------
    Solid
        Outward faces, corners on whole millimetres.
    """
    roof = volume.roof
    if roof.profile:
        return stack(volume.footprint, roof)
    return FORMS[roof.code](volume.footprint, roof)
