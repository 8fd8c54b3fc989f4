"""The figures that are promised, each beside what was measured."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure.

    Parameters
    ----------
    name : str
        What was measured, and on what.
    value : float
        The figure.
    unit : str
        Its unit; "x" for a ratio of CPU seconds.
    target : float or None
        What it must reach; None where nothing is promised.
    better : {"less", "more"}
        On which side of the target it must be.
    """

    name: str
    value: float
    unit: str
    target: float | None = None
    better: Literal["less", "more"] = "less"

    @property
    def is_met(self) -> bool | None:
        """Whether the promise is kept, None where nothing is promised."""
        if self.target is None:
            return None
        return self.value <= self.target if self.better == "less" else self.value >= self.target

    def as_dict(self) -> dict[str, Any]:
        """Return the figure for the results file, rounded to four digits."""
        return {**asdict(self), "value": float(f"{self.value:.4g}"), "met": self.is_met}


def table(figures: Iterable[Figure]) -> str:
    """Draw figures as a table, one a line."""
    rows = [("figure", "measured", "", "target", "")]
    for figure in figures:
        sign = "<=" if figure.better == "less" else ">="
        target = "" if figure.target is None else f"{sign} {figure.target:g}"
        verdict = {True: "met", False: "NOT MET", None: ""}[figure.is_met]
        rows.append((figure.name, f"{figure.value:.4g}", figure.unit, target, verdict))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for name, value, *others in rows:
        cells = [name.ljust(widths[0]), value.rjust(widths[1])]
        cells += [text.ljust(width) for text, width in zip(others, widths[2:], strict=True)]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)
