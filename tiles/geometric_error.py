"""Which stand-in a feature gets at a level of the tree, and the error that follows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from citykernel.arrays import BoolArray, Float64Array

# Metres tolerated one level above the leaves; it doubles with each level. A block on its
# footprint is off by half of its roof's height: 4 m takes in houses, not churches.
FIRST_LEVEL_M = 4.0


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


def tolerated_error_m(height: int) -> float:
    """Metres that a cell so many levels above its leaves may be off."""
    return FIRST_LEVEL_M * 2 ** (height - 1) if height > 0 else 0.0


def choose(
    height: int,
    size_m: Float64Array,
    box_error_m: Float64Array,
    block_error_m: Float64Array,
) -> Choice:
    """Choose the coarsest stand-in within the level's tolerance.

    Parameters
    ----------
    height : int
        Levels above the leaves; 0 shows everything.
    size_m, box_error_m, block_error_m : (f,) float64
        What is missing without the feature, and how far its box and block are off.

    Returns
    -------
    Choice
        Its error is measured over what was chosen, so it never understates.
    """
    tolerance = tolerated_error_m(height)
    if height == 0:
        nothing = np.zeros(len(size_m), bool)
        return Choice(~nothing, nothing, nothing, 0.0)
    left_out = size_m <= tolerance
    box = ~left_out & (box_error_m <= tolerance)
    block = ~left_out & ~box & (block_error_m <= tolerance)
    full = ~(left_out | box | block)
    errors = np.where(left_out, size_m, 0.0)
    errors = np.where(box, box_error_m, errors)
    errors = np.where(block, block_error_m, errors)
    return Choice(full, block, box, float(errors.max(initial=0.0)))
