"""Which stand-in a feature gets at a level of the tree, and the error that follows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from citykernel.arrays import BoolArray, Float64Array

# A cell may be off by this share of its side: 10 m for a town of 2.4 km, which is three
# pixels where the town just fills the picture; and never by less than a block on its
# footprint is, half a roof's height, or nothing would become simpler.
TOLERATED_SHARE = 1 / 240
LEAST_TOLERATED_M = 4.0


@dataclass(frozen=True, slots=True)
class Choice:
    """What stands for each feature.

    Parameters
    ----------
    full, block, box : (f,) bool
        At most one is true; none: the feature is left out.
    error_m : float
        The largest distance between what is shown and what is.
    """

    full: BoolArray
    block: BoolArray
    box: BoolArray
    error_m: float


def tolerated_error_m(side_m: float) -> float:
    """Metres that a coarse cell of this side may be off."""
    return max(side_m * TOLERATED_SHARE, LEAST_TOLERATED_M)


def choose(
    tolerance_m: float,
    size_m: Float64Array,
    box_error_m: Float64Array,
    block_error_m: Float64Array,
) -> Choice:
    """Choose the coarsest stand-in within a tolerance.

    Parameters
    ----------
    tolerance_m : float
        Metres that the tile may be off; 0 shows everything as it is.
    size_m, box_error_m, block_error_m : (f,) float64
        What is missing without the feature, and how far its box and block are off.

    Returns
    -------
    Choice
        Its error is measured over what was chosen, so it never understates.
    """
    if tolerance_m <= 0:
        nothing = np.zeros(len(size_m), bool)
        return Choice(~nothing, nothing, nothing, 0.0)
    left_out = size_m <= tolerance_m
    box = ~left_out & (box_error_m <= tolerance_m)
    block = ~left_out & ~box & (block_error_m <= tolerance_m)
    full = ~(left_out | box | block)
    errors = np.where(left_out, size_m, 0.0)
    errors = np.where(box, box_error_m, errors)
    errors = np.where(block, block_error_m, errors)
    return Choice(full, block, box, float(errors.max(initial=0.0)))
