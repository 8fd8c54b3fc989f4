"""A progress bar for work in several steps, on stderr."""

from __future__ import annotations

import sys
from typing import Self

import click

_PARTS = 1000


class StepBar:
    """A bar that takes a step's name and its share done.

    Parameters
    ----------
    title : str
        Stands before each step's name.
    """

    def __init__(self, title: str) -> None:
        self._title = title
        self._step = ""
        # In a log a bar is noise: what is said there are results and errors.
        self._bar = click.progressbar(
            length=_PARTS, label=title, file=sys.stderr, hidden=not sys.stderr.isatty()
        )

    def __enter__(self) -> Self:
        self._bar.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._bar.render_finish()

    def tell(self, step: str, share: float) -> None:
        """Show a step's share done, 0 to 1."""
        # A bar only grows: the next step begins at the left again.
        if step != self._step:
            self._step = step
            self._bar.pos = 0
            self._bar.label = f"{self._title}: {step}"
        self._bar.update(round(share * _PARTS) - self._bar.pos)
