"""Terrain of many grids as one lattice of samples, read where it is needed."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from citykernel.arrays import Float32Array
from citykernel.crs import CompoundCrs
from citykernel.errors import ReadError

from .height_grid import HeightGrid, HeightSource
from .raster_file import RasterFile
from .text_grid import read_ascii_grid, read_xyz

# Cell centres of two grids may differ by this share of a cell and still be one lattice.
LATTICE_TOLERANCE = 0.02
# Files up to this size (2 km at 1 m) are decoded once and kept for a while, because
# neighbours share samples: 68 MB in all, or 16 tiles of DGM1.
KEPT_CELLS, ALL_KEPT_CELLS = 4_200_000, 17_000_000
SUFFIXES = (".tif", ".tiff", ".asc", ".asc.gz", ".xyz", ".xyz.gz")


class Terrain:
    """Several grids of one resolution and one system.

    Samples are numbered by whole cells: sample (i, j) stands at ``easting(i), northing(j)``,
    i growing eastwards, j northwards, both counted from the western- and southernmost cell.

    Parameters
    ----------
    grids : iterable of HeightSource
        Where they overlap, the first that has a height there is taken.

    Raises
    ------
    ReadError
        There is none, or they differ in system, cell size or the place of their lattice.
    """

    def __init__(self, grids: Iterable[HeightSource]) -> None:
        self.grids: Sequence[HeightSource] = tuple(grids)
        if not self.grids:
            raise ReadError("no terrain grid was given")
        first = self.grids[0]
        self.crs: CompoundCrs = first.crs
        self.resolution_m = first.resolution_m
        self.west = min(grid.west for grid in self.grids)
        self.south = min(_south(grid) for grid in self.grids)
        east = max(grid.west + grid.shape[1] * grid.resolution_m for grid in self.grids)
        north = max(grid.north for grid in self.grids)
        self.columns = round((east - self.west) / self.resolution_m)
        self.rows = round((north - self.south) / self.resolution_m)
        self._corners = [self._corner(grid) for grid in self.grids]
        self._kept: OrderedDict[int, Float32Array] = OrderedDict()

    def easting(self, i: float) -> float:
        """Easting of a sample column."""
        return self.west + (i + 0.5) * self.resolution_m

    def northing(self, j: float) -> float:
        """Northing of a sample row."""
        return self.south + (j + 0.5) * self.resolution_m

    def window(self, i: int, j: int, columns: int, rows: int) -> Float32Array:
        """Samples of a window, which may reach beyond the grids.

        Parameters
        ----------
        i, j : int
            Its south-western sample.
        columns, rows : int
            Its size.

        Returns
        -------
        (rows, columns) float32
            Heights, row 0 the southernmost; NaN where there is none.

        Raises
        ------
        ReadError
            A file is damaged.
        """
        window = np.full((rows, columns), np.nan, np.float32)
        for number, (west, south) in enumerate(self._corners):
            height, width = self.grids[number].shape
            left, right = max(i, west), min(i + columns, west + width)
            low, high = max(j, south), min(j + rows, south + height)
            if left >= right or low >= high:
                continue
            part = self._part(
                number, south + height - high, left - west, high - low, right - left
            )
            hole = window[low - j : high - j, left - i : right - i]
            np.copyto(hole, part[::-1], where=np.isnan(hole))
        return window

    def _part(
        self, number: int, row: int, column: int, rows: int, columns: int
    ) -> Float32Array:
        grid = self.grids[number]
        if isinstance(grid, HeightGrid) or grid.shape[0] * grid.shape[1] > KEPT_CELLS:
            return grid.read_window(row, column, rows, columns)
        if number not in self._kept:
            self._kept[number] = grid.read_window(0, 0, *grid.shape)
            while sum(kept.size for kept in self._kept.values()) > ALL_KEPT_CELLS:
                self._kept.popitem(last=False)
        self._kept.move_to_end(number)
        return self._kept[number][row : row + rows, column : column + columns]

    def _corner(self, grid: HeightSource) -> tuple[int, int]:
        """South-western sample of a grid; refuses one that does not fit."""
        first = self.grids[0]
        if (grid.crs.horizontal, grid.crs.vertical) != (
            first.crs.horizontal,
            first.crs.vertical,
        ):
            raise ReadError(
                f"is in {grid.crs}, but {first.source} in {first.crs}", path=grid.source
            )
        if abs(grid.resolution_m - self.resolution_m) > 1e-6 * self.resolution_m:
            raise ReadError(
                f"has cells of {grid.resolution_m:g} m, but {first.source} of "
                f"{self.resolution_m:g} m: give one of them",
                path=grid.source,
            )
        exact = np.array([grid.west - self.west, _south(grid) - self.south]) / self.resolution_m
        whole = np.round(exact)
        if np.abs(exact - whole).max() > LATTICE_TOLERANCE:
            raise ReadError(
                f"its cells lie {np.abs(exact - whole).max():.2f} of a cell beside those of "
                f"{first.source}: give one of them",
                path=grid.source,
            )
        return int(whole[0]), int(whole[1])


def _south(grid: HeightSource) -> float:
    return grid.north - grid.shape[0] * grid.resolution_m


def open_terrain(source: Path, *, crs: str = "") -> Terrain:
    """Open the terrain in a file or a folder; GeoTIFFs are read only where needed.

    Parameters
    ----------
    source : Path
        GeoTIFF (``.tif``), ESRI ASCII grid (``.asc``), XYZ (``.xyz``), the texts also with
        ``.gz``; of a folder all such files below it, in the order of their names.
    crs : str
        System of files that name none.

    Returns
    -------
    Terrain
        All grids as one.

    Raises
    ------
    ReadError
        There is no such file, one cannot be read, or they do not fit together.
    """
    return Terrain(_open_file(path, crs) for path in list_terrain_files(source))


def read_terrain(source: Path, *, crs: str = "") -> list[HeightGrid]:
    """Read all terrain of a file or a folder into memory.

    Parameters
    ----------
    source, crs
        As for :func:`open_terrain`.

    Returns
    -------
    list of HeightGrid
        One for each file, (rows, columns) float32 each.

    Raises
    ------
    ReadError
        As for :func:`open_terrain`.
    """
    return [
        HeightGrid(
            grid.read_window(0, 0, *grid.shape),
            grid.west,
            grid.north,
            grid.resolution_m,
            grid.crs,
            grid.source,
        )
        for grid in (_open_file(path, crs) for path in list_terrain_files(source))
    ]


def list_terrain_files(source: Path) -> list[Path]:
    """List the files of a source that hold terrain by their names.

    Parameters
    ----------
    source : Path
        A file or a folder.

    Returns
    -------
    list of Path
        The file itself, or all such files below the folder, sorted.

    Raises
    ------
    ReadError
        There is none.
    """
    if source.is_file():
        if not source.name.lower().endswith(SUFFIXES):
            raise ReadError(f"no terrain: wanted {', '.join(SUFFIXES)}", path=source)
        return [source]
    if not source.is_dir():
        raise ReadError("there is no such file or folder", path=source)
    files = sorted(
        path
        for path in source.rglob("*")
        if path.name.lower().endswith(SUFFIXES) and not path.name.startswith(".")
    )
    if not files:
        raise ReadError(f"the folder has no terrain: wanted {', '.join(SUFFIXES)}", path=source)
    return files


def _open_file(path: Path, crs: str) -> HeightSource:
    name = path.name.lower()
    if name.endswith((".tif", ".tiff")):
        return RasterFile(path, crs)
    return read_ascii_grid(path, crs) if ".asc" in name else read_xyz(path, crs)
