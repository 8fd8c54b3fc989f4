"""Terrain intersection curves: real ground heights around a house."""

from __future__ import annotations

import numpy as np

from citykernel.arrays import Float64Array

from .attributes import to_number
from .document import Document
from .found import Found
from .names import GML_32, GML_311

_POSITIONS = tuple(
    f"{{{namespace}}}{name}" for namespace in (GML_311, GML_32) for name in ("posList", "pos")
)


def terrain_corners(document: Document, rows: list[Found]) -> Float64Array:
    """Corners of all terrain intersection curves, where they were asked for.

    Parameters
    ----------
    document : Document
        For options and issues.
    rows : list of Found
        The objects.

    Returns
    -------
    (t, 3) float64
        Coordinates in the source's order of axes; lines that are no numbers are left out
        with an issue.
    """
    if not document.options.terrain_lines:
        return np.empty((0, 3))
    lines: list[Float64Array] = []
    for found in rows:
        for prop in found.terrain:
            for position in prop.iter(*_POSITIONS):
                words = (position.text or "").split()
                numbers = np.array([to_number(word) for word in words], np.float64)
                if len(numbers) % 3 or not np.isfinite(numbers).all():
                    document.issue(
                        "terrain-line", "warning", "a terrain line is not made of triples",
                        gml_id=found.id, at=position,
                    )  # fmt: skip
                    continue
                lines.append(numbers.reshape(-1, 3))
    return np.concatenate(lines) if lines else np.empty((0, 3))
