"""Geoid grids as text: one place and its undulation a line, as BKG delivers GCG2016.

PROJ reads such grids only after a conversion (its own GeoTIFF of GCG2016 was made from
'XYZ/ASCII', says the README of its data); here they are taken as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from citykernel.arrays import Float64Array, read_only
from citykernel.errors import CrsError

SUFFIXES = frozenset({".txt", ".asc", ".xyz", ".dat"})
# GCG2016 has about a million nodes of some 30 characters.
MOST_BYTES = 500_000_000
LEAST_NODES = 4
# Latitudes and longitudes of Germany do not overlap, so the order of columns is seen.
GERMAN_LATITUDES, GERMAN_LONGITUDES = (45.0, 57.0), (2.0, 18.0)
# A grid's coordinates are rounded to some digits; its steps are equal to this share.
STEP_TOLERANCE = 0.02


@dataclass(frozen=True, slots=True, eq=False)
class GeoidText:
    """A grid of undulations over Germany.

    Parameters
    ----------
    west_deg, south_deg : float
        Its south-western node.
    step_longitude_deg, step_latitude_deg : float
        Distance of nodes.
    undulations_m : (rows, columns) float64
        Row 0 is the southernmost; NaN where the file has no node.
    """

    west_deg: float
    south_deg: float
    step_longitude_deg: float
    step_latitude_deg: float
    undulations_m: Float64Array

    def at(self, longitude_deg: Float64Array, latitude_deg: Float64Array) -> Float64Array:
        """Undulations at places, bilinear between four nodes.

        Parameters
        ----------
        longitude_deg, latitude_deg : (n,) float64
            Degrees.

        Returns
        -------
        (n,) float64
            Metres; NaN outside of the grid and beside a missing node.
        """
        rows, columns = self.undulations_m.shape
        x = (np.asarray(longitude_deg) - self.west_deg) / self.step_longitude_deg
        y = (np.asarray(latitude_deg) - self.south_deg) / self.step_latitude_deg
        inside = (x >= 0) & (y >= 0) & (x <= columns - 1) & (y <= rows - 1)
        x, y = np.where(inside, x, 0.0), np.where(inside, y, 0.0)
        i = np.minimum(x.astype(np.int64), columns - 2)
        j = np.minimum(y.astype(np.int64), rows - 2)
        u, v = x - i, y - j
        table = self.undulations_m
        lower = table[j, i] * (1 - u) + table[j, i + 1] * u
        upper = table[j + 1, i] * (1 - u) + table[j + 1, i + 1] * u
        return np.asarray(np.where(inside, lower * (1 - v) + upper * v, np.nan), np.float64)


@lru_cache(maxsize=2)
def read_geoid_text(path: Path) -> GeoidText:
    """Read a grid of undulations.

    Parameters
    ----------
    path : Path
        Lines of latitude, longitude, undulation or longitude, latitude, undulation, in
        degrees and metres, parted by blanks or semicolons, in any order; words may stand
        above them.

    Returns
    -------
    GeoidText
        The grid.

    Raises
    ------
    CrsError
        The file cannot be read, a line is not three numbers, or the nodes are no grid over
        Germany.
    """
    nodes = _nodes(path)
    longitude, latitude = _places(nodes, path)
    step_longitude, step_latitude = _step(longitude, path), _step(latitude, path)
    west, south = float(longitude.min()), float(latitude.min())
    column = _positions(longitude - west, step_longitude, path)
    row = _positions(latitude - south, step_latitude, path)
    rows, columns = int(row.max()) + 1, int(column.max()) + 1
    if rows * columns > 4 * len(nodes):
        raise CrsError(f"{path}: {len(nodes)} scattered places are no geoid grid")
    table = np.full((rows, columns), np.nan)
    table[row, column] = nodes[:, 2]
    read_only(table)
    return GeoidText(west, south, step_longitude, step_latitude, table)


def _nodes(path: Path) -> Float64Array:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise CrsError(f"{path}: more than {MOST_BYTES} bytes are no geoid of Germany")
        lines = path.read_bytes().replace(b";", b" ").splitlines()
    except OSError as error:
        raise CrsError(f"{path}: cannot be read: {error.strerror}") from error
    first = next((n for n, line in enumerate(lines) if _is_node(line)), len(lines))
    try:
        rows = np.array([line.split() for line in lines[first:] if line.strip()], np.float64)
    except ValueError as error:
        bad = next(
            n for n in range(first, len(lines)) if lines[n].strip() and not _is_node(lines[n])
        )
        raise CrsError(
            f"{path}:{bad + 1}: wanted latitude, longitude, undulation, "
            f"found {lines[bad][:60]!r}"
        ) from error
    if rows.ndim != 2 or len(rows) < LEAST_NODES or not np.isfinite(rows).all():  # noqa: PLR2004 - a table
        raise CrsError(
            f"{path}: no geoid grid: wanted a GeoTIFF, a .gtx file, or lines of latitude, "
            "longitude, undulation"
        )
    return rows


def _is_node(line: bytes) -> bool:
    try:
        return len([float(word) for word in line.split()]) == 3  # noqa: PLR2004 - place and value
    except ValueError:
        return False


def _places(nodes: Float64Array, path: Path) -> tuple[Float64Array, Float64Array]:
    """Longitudes and latitudes, whichever comes first."""

    def within(column: int, bounds: tuple[float, float]) -> bool:
        values = nodes[:, column]
        return bool(bounds[0] <= values.min() and values.max() <= bounds[1])

    if within(0, GERMAN_LATITUDES) and within(1, GERMAN_LONGITUDES):
        return nodes[:, 1], nodes[:, 0]
    if within(0, GERMAN_LONGITUDES) and within(1, GERMAN_LATITUDES):
        return nodes[:, 0], nodes[:, 1]
    low, high = nodes[:, :2].min(axis=0), nodes[:, :2].max(axis=0)
    raise CrsError(
        f"{path}: its places run from {low} to {high}; wanted degrees of latitude and "
        "longitude in Germany"
    )


def _step(values: Float64Array, path: Path) -> float:
    distinct = np.unique(values)
    if len(distinct) < 2:  # noqa: PLR2004 - two lines of nodes
        raise CrsError(f"{path}: its places stand on one line")
    apart = float(np.median(np.diff(distinct)))
    # Over the whole width rounding does not add up.
    return float(
        (distinct[-1] - distinct[0]) / max(round((distinct[-1] - distinct[0]) / apart), 1)
    )


def _positions(
    away: Float64Array, step: float, path: Path
) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    whole = np.round(away / step)
    if np.abs(away / step - whole).max() > STEP_TOLERANCE:
        raise CrsError(f"{path}: its places do not stand on a grid of {step:.6f} degrees")
    return whole.astype(np.int64)
