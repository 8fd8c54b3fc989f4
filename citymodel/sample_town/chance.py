"""Chance: the few kinds of draws the town is made with, from one seeded generator."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

T = TypeVar("T")


class Chance:
    """Draws from PCG64, whose stream numpy guarantees across versions and machines.

    Parameters
    ----------
    seed : int
        The town's seed.
    stage : int
        Which stage of the work draws, so that a change in one leaves the others as they are.
    """

    def __init__(self, seed: int, stage: int) -> None:
        self.generator = np.random.Generator(np.random.PCG64([seed, stage]))

    def between(self, low: float, high: float) -> float:
        """Any number from ``low`` to ``high``, all equally likely."""
        return low + (high - low) * float(self.generator.random())

    def happens(self, probability: float) -> bool:
        """Whether something of this probability happens."""
        return float(self.generator.random()) < probability

    def whole(self, low: int, high: int) -> int:
        """A whole number from ``low`` to ``high``, both included."""
        return low + int(self.generator.random() * (high - low + 1))

    def one_of(self, choices: Sequence[T]) -> T:
        """One of the choices, all equally likely."""
        return choices[self.whole(0, len(choices) - 1)]

    def weighted(self, weights: Mapping[T, float]) -> T:
        """One of the keys, as likely as its weight."""
        left = float(self.generator.random()) * sum(weights.values())
        for choice, weight in weights.items():
            left -= weight
            if left < 0:
                return choice
        return next(reversed(list(weights)))
