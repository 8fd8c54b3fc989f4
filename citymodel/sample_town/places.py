"""Places: what stands where in Muster-Soest, in the town's own frame.

The frame's origin is E 438000 N 5714000 of EPSG:25832, the middle of the four tiles; its
axes are east and north. Positions named after real places lie where these lie, roughly
(public descriptions of the town); everything between them is made up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from citykernel.arrays import Float64Array

ORIGIN_EAST, ORIGIN_NORTH = 438_000, 5_714_000
MUNICIPALITY_KEY = "05974040"
LOCALITY = "Soest"
LABEL = "Musterdaten, nicht das amtliche Modell"


def rounded(points: Float64Array) -> Float64Array:
    """A line with its corners cut three times, its ends kept.

    Parameters
    ----------
    points : (n, 2) float64
        Metres.

    Returns
    -------
    (m, 2) float64
        Metres.

    References
    ----------
    G. M. Chaikin, An algorithm for high-speed curve generation (1974).
    """
    for _ in range(3):
        cut = np.empty((2 * len(points) - 2, 2))
        cut[0::2] = 0.75 * points[:-1] + 0.25 * points[1:]
        cut[1::2] = 0.25 * points[:-1] + 0.75 * points[1:]
        points = np.vstack([points[:1], cut, points[-1:]])
    return points


# Middle of the old town: the middle of a circle of its 102 ha that touches the east gate.
CENTRE = np.array([150.0, -150.0])

# Gates by direction from the middle, degrees counter-clockwise from east.
GATES_DEG = {
    "Osthofen": 11.6,
    "Walburger": 60.0,
    "Schültinger": 101.0,
    "Brüder": 138.0,
    "Nötten": 176.0,
    "Jakobi": 214.0,
    "Grandweger": 279.0,
    "Thomä": 322.0,
}
# The wall was pulled down in the north: nothing of it between these directions.
GAP_DEG = (33.0, 152.0)
KATTENTURM_DEG = 252.0
OSTHOFENTOR = np.array([732.0, -12.0])

# Tracks, in the middle of their corridor.
RAILWAY = rounded(
    np.array(
        [
            [-1100, 500],
            [-700, 522],
            [-330, 556],
            [-46, 568],
            [300, 576],
            [700, 574],
            [1100, 556],
        ],
        dtype=np.float64,
    )
)
RAILWAY_HALF_WIDTH = 17.0
STATION = np.array([-46.0, 530.0])

# Directly north of station and tracks, about 8 ha, empty.
STRABAG_SITE = np.array(
    [[-262, 590], [-40, 598], [168, 604], [170, 700], [150, 798], [-120, 800], [-268, 778]],
    dtype=np.float64,
)
# Middle and half axes of the planted hill on it, and its height, metres.
HILL = (-150.0, 700.0, 70.0, 52.0)
HILL_HEIGHT = 4.0
SPORTS_GROUND = np.array([[190, 606], [372, 612], [372, 770], [190, 770]], dtype=np.float64)

# The Soestbach's valley, and the part of the stream that runs in the open: from the springs
# at the pond in the old town to the north, round the west end of the Strabag site.
VALLEY = rounded(
    np.array(
        [[330, -1100], [300, -860], [255, -700], [270, -520], [240, -300], [235, -60]],
        dtype=np.float64,
    )
)
STREAM = rounded(np.array(
    [[235, -60], [205, 55], [165, 180], [112, 300], [70, 390], [15, 462], [-150, 486],
     [-292, 535], [-314, 625], [-338, 760], [-352, 870], [-420, 1100]],
    dtype=np.float64,
))  # fmt: skip
STREAM_HALF_WIDTH = 3.5


@dataclass(frozen=True, slots=True)
class Street:
    """A street.

    Parameters
    ----------
    name : str
        As it stands in addresses.
    line : (n, 2) float64
        Centre line, metres in the town's frame.
    width : float
        From house front to house front in the old town, between front gardens elsewhere.
    """

    name: str
    line: Float64Array
    width: float


def wall_radius(angle: Float64Array) -> Float64Array:
    """Distance of the town wall from the middle of the old town.

    Parameters
    ----------
    angle : (...) float64
        Directions in radians, counter-clockwise from east.

    Returns
    -------
    (...) float64
        Metres: 568 on the average (102 ha), drawn out to the Osthofentor, drawn in to the
        railway.
    """
    return np.asarray(
        568.0
        + 24.0 * np.cos(2 * angle - np.radians(26.6))
        + 6.0 * np.sin(3 * angle + np.radians(50.0))
    )


def on_ring(angle: Float64Array, offset: float = 0.0) -> Float64Array:
    """Points of a ring round the old town.

    Parameters
    ----------
    angle : (n,) float64
        Directions in radians.
    offset : float
        Metres outside the wall; inside when negative.

    Returns
    -------
    (n, 2) float64
        Metres in the town's frame.
    """
    radius = wall_radius(angle) + offset
    directions = np.column_stack([np.cos(angle), np.sin(angle)])
    return np.asarray(CENTRE + radius[:, None] * directions)
