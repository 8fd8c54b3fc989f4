"""Height grids: ground heights in square cells, each height standing at its cell's centre.

Where a height stands differs by source, and half a metre shifts an embankment:

- GeoTIFF of NRW (and of Bavaria): cells; the height stands in the middle of the cell, at
  coordinates ending in .5. GDAL gives the corners of cells for both, *AREA* and *POINT*.
- XYZ of NRW: a lattice of points; the height stands at the coordinates given.
- ESRI ASCII grid: ``xllcorner`` is the corner of a cell, ``xllcenter`` its centre.

Source: Bezirksregierung Köln, Geobasis NRW, page "Digitales Geländemodell": with the change
to GeoTIFF the heights no longer refer to lattice points but to the centres of the raster
elements of 1 m x 1 m, at the 0.5 m positions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from citykernel.arrays import Float32Array, read_only
from citykernel.crs import CompoundCrs
from citykernel.errors import ReadError

# Dry land on Earth lies between the Dead Sea and Mount Everest; sources that forget to
# declare their nodata value write -9999, -32768 or 3.4e38.
LOWEST_M, HIGHEST_M = -500.0, 9000.0
# 31 km x 31 km at 1 m: a larger file is a slip or an attack.
MOST_CELLS = 1_000_000_000


class HeightSource(Protocol):
    """A grid that lies in memory or in a file.

    ``west`` and ``north`` are the outer edges of the north-western cell.
    """

    @property
    def west(self) -> float:
        """Western edge in metres of the CRS."""

    @property
    def north(self) -> float:
        """Northern edge in metres of the CRS."""

    @property
    def resolution_m(self) -> float:
        """Side of a cell."""

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""

    @property
    def crs(self) -> CompoundCrs:
        """System of the coordinates."""

    @property
    def source(self) -> str:
        """Where the heights come from."""

    def read_window(self, row: int, column: int, rows: int, columns: int) -> Float32Array:
        """Heights of a window that lies inside, (rows, columns) float32, row 0 in the north."""


@dataclass(frozen=True, slots=True, eq=False)
class HeightGrid:
    """A grid in memory.

    Parameters
    ----------
    heights_dhhn2016 : (rows, columns) float32
        Metres above DHHN2016 (or the height system ``crs`` names) at the centres of cells;
        row 0 is the northernmost; NaN is void. Made read-only.
    west, north : float
        Outer edges of the north-western cell, metres of the CRS.
    resolution_m : float
        Side of a cell.
    crs : CompoundCrs
        System of the coordinates.
    source : str
        Name of the file, or ``"derived"`` for ground that was worked out from buildings.

    Raises
    ------
    ReadError
        The array is not two-dimensional, is empty or too large, or the place is no number.
    """

    heights_dhhn2016: Float32Array
    west: float
    north: float
    resolution_m: float
    crs: CompoundCrs
    source: str = ""

    def __post_init__(self) -> None:
        heights = self.heights_dhhn2016
        if heights.ndim != 2 or not heights.size or heights.dtype != np.float32:  # noqa: PLR2004 - rows, columns
            raise ReadError(
                f"wanted rows and columns of float32, found {heights.dtype} of {heights.shape}",
                path=self.source,
            )
        check_place(self)
        read_only(heights)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        rows, columns = self.heights_dhhn2016.shape
        return rows, columns

    def read_window(self, row: int, column: int, rows: int, columns: int) -> Float32Array:
        """Heights of a window that lies inside.

        Parameters
        ----------
        row, column, rows, columns : int
            Its north-western cell and its size.

        Returns
        -------
        (rows, columns) float32
            A view.
        """
        return self.heights_dhhn2016[row : row + rows, column : column + columns]


def check_place(grid: HeightSource) -> None:
    """Refuse a grid whose place or size cannot be.

    Parameters
    ----------
    grid : HeightSource
        The grid.

    Raises
    ------
    ReadError
        It has too many cells, or its place or cell size is no number.
    """
    rows, columns = grid.shape
    if rows * columns > MOST_CELLS:
        raise ReadError(
            f"{rows} x {columns} cells, at most {MOST_CELLS} are read", path=grid.source
        )
    finite = bool(np.isfinite([grid.west, grid.north, grid.resolution_m]).all())
    if not finite or grid.resolution_m <= 0:
        raise ReadError(
            f"no grid lies at {grid.west}, {grid.north} with cells of {grid.resolution_m} m",
            path=grid.source,
        )


def check_metric(crs: CompoundCrs, source: str) -> None:
    """Refuse a system in which a cell is not square metres.

    Parameters
    ----------
    crs : CompoundCrs
        System of a grid.
    source : str
        Name of the file, for the message.

    Raises
    ------
    ReadError
        The system is geographic: its cells are degrees.
    """
    if crs.is_geographic:
        raise ReadError(
            f"{crs} counts degrees; terrain is read in a projected system in metres such as "
            "EPSG:25832",
            path=source,
        )


def without_void(values: NDArray[Any], nodata: float | None) -> Float32Array:
    """Heights with NaN wherever there is none.

    Parameters
    ----------
    values : (rows, columns) number
        As they stand in the file.
    nodata : float or None
        The value that means void.

    Returns
    -------
    (rows, columns) float32
        Values that are void, not finite, or on no land of this Earth are NaN.

    Examples
    --------
    >>> without_void(np.array([[95.5, -9999.0, 0.0]]), 0.0)
    array([[95.5, nan, nan]], dtype=float32)
    """
    heights = np.array(values, np.float32)
    with np.errstate(invalid="ignore"):
        void = ~((heights >= LOWEST_M) & (heights <= HIGHEST_M))
    if nodata is not None:
        void |= heights == np.float32(nodata)
    heights[void] = np.nan
    return heights
