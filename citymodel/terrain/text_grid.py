"""Terrain as text: ESRI ASCII grids and XYZ lists of a regular lattice, also gzipped."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

import numpy as np

from citykernel.arrays import Float64Array
from citykernel.crs import CompoundCrs, parse_crs
from citykernel.errors import CrsError, ReadError

from .height_grid import MOST_CELLS, HeightGrid, check_metric, without_void

BLOCK_BYTES = 8_000_000
# Unpacked size: gzip shrinks text to a thousandth, so the packed size says nothing.
MOST_BYTES = 2_000_000_000
HEADER_LINES = 6
# A tenth of this share of a cell is the rounding of coordinates to millimetres.
LATTICE_TOLERANCE = 0.01
_HEADER_KEYS = {
    "ncols", "nrows", "xllcorner", "yllcorner", "xllcenter", "yllcenter", "cellsize",
    "nodata_value",
}  # fmt: skip


def read_ascii_grid(path: Path, crs: str = "") -> HeightGrid:
    """Read an ESRI ASCII grid.

    Parameters
    ----------
    path : Path
        The file, ``.asc`` or ``.asc.gz``; a ``.prj`` beside it names its system.
    crs : str
        System to take where there is no ``.prj``.

    Returns
    -------
    HeightGrid
        Its heights.

    Raises
    ------
    ReadError
        The header or a number is missing or malformed, or no metric system is known.

    References
    ----------
    Esri ASCII raster format: xllcorner is the corner, xllcenter the centre of the
    south-western cell; NODATA_value is -9999 unless given.
    """
    system = _system(path, crs)
    blocks = _blocks(path)
    text = next(blocks, b"")
    header, start = _header(text, path)
    rows, columns = _count(header, "nrows", path), _count(header, "ncols", path)
    if rows * columns > MOST_CELLS:
        raise ReadError(f"{rows} x {columns} cells, at most {MOST_CELLS} are read", path=path)
    parts = [_numbers(text[start:], path)]
    parts.extend(_numbers(block, path) for block in blocks)
    values = np.concatenate(parts)
    if values.size != rows * columns:
        raise ReadError(
            f"{values.size} heights, wanted {rows} rows of {columns} = {rows * columns}",
            path=path,
        )
    cell = _number(header, "cellsize", path)
    half = cell / 2
    west = (
        header["xllcorner"]
        if "xllcorner" in header
        else _number(header, "xllcenter", path) - half
    )
    south = (
        header["yllcorner"]
        if "yllcorner" in header
        else _number(header, "yllcenter", path) - half
    )
    heights = without_void(values.reshape(rows, columns), header.get("nodata_value", -9999.0))
    return HeightGrid(heights, west, south + rows * cell, cell, system, path.name)


def read_xyz(path: Path, crs: str = "") -> HeightGrid:
    """Read a list of points on a regular lattice, in any order, with gaps.

    Parameters
    ----------
    path : Path
        The file, ``.xyz`` or ``.xyz.gz``: easting, northing, height per line, parted by
        blanks, commas or semicolons; a line of words may stand on top.
    crs : str
        System of the coordinates; the format names none.

    Returns
    -------
    HeightGrid
        A cell around each point; missing points are void.

    Raises
    ------
    ReadError
        A line is not three numbers, the points are no lattice of square cells, or no metric
        system is known.
    """
    system = _system(path, crs)
    points = np.concatenate(
        [_triples(block, at, path) for at, block in enumerate(_blocks(path))]
    )
    if len(points) < 4:  # noqa: PLR2004 - a lattice of 2 x 2 is the smallest that shows its step
        raise ReadError(f"{len(points)} points are no lattice", path=path)
    step_x, step_y = _step(points[:, 0], path), _step(points[:, 1], path)
    if abs(step_x - step_y) > LATTICE_TOLERANCE * step_x:
        raise ReadError(
            f"its points are {step_x} m by {step_y} m apart, wanted squares", path=path
        )
    west, north = points[:, 0].min(), points[:, 1].max()
    column = _positions(points[:, 0] - west, step_x, path)
    row = _positions(north - points[:, 1], step_x, path)
    rows, columns = int(row.max()) + 1, int(column.max()) + 1
    if rows * columns > 100 * len(points):
        raise ReadError(
            f"{len(points)} points in a lattice of {rows} x {columns} are no terrain",
            path=path,
        )
    heights = np.full((rows, columns), np.nan, np.float32)
    heights[row, column] = points[:, 2]
    half = step_x / 2
    return HeightGrid(
        without_void(heights, None),
        float(west - half),
        float(north + half),
        step_x,
        system,
        path.name,
    )


def _system(path: Path, given: str) -> CompoundCrs:
    name = given
    beside = path.with_name(path.name.removesuffix(".gz")).with_suffix(".prj")
    if not name and beside.is_file():
        name = _epsg_of_prj(beside)
    if not name:
        raise ReadError("the format names no CRS; give one with --crs", path=path)
    try:
        crs = parse_crs(name)
    except CrsError as error:
        raise ReadError(str(error), path=path) from error
    check_metric(crs, str(path))
    return crs


def _epsg_of_prj(path: Path) -> str:
    import pyproj  # noqa: PLC0415 - rarely needed

    try:
        code = pyproj.CRS.from_wkt(path.read_text("utf-8", "replace")).to_epsg(
            min_confidence=25
        )
    except pyproj.exceptions.CRSError as error:
        raise ReadError(f"no coordinate reference system: {error}", path=path) from error
    if code is None:
        raise ReadError("a system without an EPSG code; give one with --crs", path=path)
    return f"EPSG:{code}"


def _blocks(path: Path) -> Iterator[bytes]:
    """Whole lines, some megabytes at a time."""
    try:
        with _opened(path) as file:
            rest, total = b"", 0
            while block := file.read(BLOCK_BYTES):
                total += len(block)
                if total > MOST_BYTES:
                    raise ReadError(f"more than {MOST_BYTES} bytes of text", path=path)
                end = block.rfind(b"\n") + 1
                if not end and len(rest) > BLOCK_BYTES:
                    raise ReadError("a line of more than 8 MB", path=path)
                lines, rest = (rest + block[:end], block[end:]) if end else (b"", rest + block)
                if lines:
                    yield lines
            if rest:
                yield rest
    except (OSError, EOFError) as error:
        raise ReadError(f"cannot be read: {error}", path=path) from error


def _opened(path: Path) -> IO[bytes]:
    if path.suffix == ".gz":
        return cast("IO[bytes]", gzip.open(path, "rb"))
    return path.open("rb")


def _header(text: bytes, path: Path) -> tuple[dict[str, float], int]:
    """Return the header's values and where the heights start."""
    header: dict[str, float] = {}
    at = 0
    for line in range(1, HEADER_LINES + 1):
        end = text.find(b"\n", at)
        words = text[at : end if end >= 0 else len(text)].split()
        key = words[0].decode("ascii", "replace").lower() if words else ""
        if key not in _HEADER_KEYS or end < 0:
            break
        try:
            header[key] = float(words[1])
        except (ValueError, IndexError) as error:
            raise ReadError(f"{key} has no number", path=path, line=line) from error
        at = end + 1
    if not header:
        raise ReadError(
            f"no ESRI ASCII grid: wanted ncols, found {text[:20]!r}", path=path, line=1
        )
    return header, at


def _number(header: dict[str, float], key: str, path: Path) -> float:
    if key not in header:
        raise ReadError(f"the header lacks {key}", path=path)
    return header[key]


def _count(header: dict[str, float], key: str, path: Path) -> int:
    value = _number(header, key, path)
    if not (value.is_integer() and value > 0):
        raise ReadError(f"{key} is {value:g}, wanted a positive whole number", path=path)
    return int(value)


def _numbers(text: bytes, path: Path) -> Float64Array:
    try:
        return np.array(text.split(), np.float64)
    except ValueError as error:
        raise ReadError(f"a height is no number: {error}", path=path) from error


def _triples(text: bytes, block: int, path: Path) -> Float64Array:
    if block == 0 and not re.match(rb"\s*[-+0-9.]", text):
        text = text[text.find(b"\n") + 1 :]
    table = text.translate(bytes.maketrans(b",;", b"  "))
    values = _numbers(table, path)
    lines = [line for line in table.splitlines() if line.strip()] if values.size % 3 else []
    if values.size % 3 or (lines and len(lines) * 3 != values.size):
        bad = next((line for line in lines if len(line.split()) != 3), b"")  # noqa: PLR2004 - x, y, z
        raise ReadError(f"wanted easting, northing, height, found {bad[:60]!r}", path=path)
    return values.reshape(-1, 3)


def _step(coordinates: Float64Array, path: Path) -> float:
    apart = np.diff(np.unique(coordinates))
    if not apart.size or not np.isfinite(coordinates).all():
        raise ReadError("its points stand on one line, or a coordinate is no number", path=path)
    return float(round(float(apart.min()), 6))


def _positions(
    away: Float64Array, step: float, path: Path
) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    places = away / step
    whole = np.round(places)
    if np.abs(places - whole).max() > LATTICE_TOLERANCE:
        raise ReadError(f"its points do not stand on a lattice of {step} m", path=path)
    return whole.astype(np.int64)
