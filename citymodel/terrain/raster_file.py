"""GeoTIFF terrain, read window by window so that memory does not grow with the file."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.windows import Window

from citykernel.arrays import Float32Array
from citykernel.crs import CompoundCrs, parse_crs
from citykernel.errors import CrsError, ReadError

from .height_grid import check_metric, check_place, without_void


class RasterFile:
    """A GeoTIFF of heights on disk.

    Parameters
    ----------
    path : Path
        The file.
    crs : str
        System to take where the file names none, "" to insist on the file's own.

    Raises
    ------
    ReadError
        It is no GeoTIFF, has no place, no metric system, more than one band, oblong or
        turned cells.
    """

    def __init__(self, path: Path, crs: str = "") -> None:
        self.path = path
        self.source = path.name
        with _opened(path) as raster:
            self.crs = _system(raster, crs, path)
            _check_form(raster, path)
            self.west, self.north = float(raster.transform.c), float(raster.transform.f)
            self.resolution_m = float(raster.transform.a)
            self.shape = (int(raster.height), int(raster.width))
            self._nodata = raster.nodata
            self._scale, self._offset = float(raster.scales[0]), float(raster.offsets[0])
        check_place(self)

    def read_window(self, row: int, column: int, rows: int, columns: int) -> Float32Array:
        """Heights of a window that lies inside.

        Parameters
        ----------
        row, column, rows, columns : int
            Its north-western cell and its size.

        Returns
        -------
        (rows, columns) float32
            Metres, NaN is void.

        Raises
        ------
        ReadError
            The file is cut or damaged.
        """
        with _opened(self.path) as raster:
            try:
                values = raster.read(1, window=Window(column, row, columns, rows))
            except RasterioError as error:
                raise ReadError(
                    f"its heights cannot be read: {error}", path=self.path
                ) from error
        if (self._scale, self._offset) == (1.0, 0.0):
            return without_void(values, self._nodata)
        void = (
            np.zeros(values.shape, np.bool_) if self._nodata is None else values == self._nodata
        )
        heights = without_void(values * self._scale + self._offset, None)
        heights[void] = np.nan
        return heights


def _opened(path: Path) -> Any:
    try:
        with warnings.catch_warnings():
            # A file without a place is refused by _system, in words.
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            # Only this driver: a virtual raster would follow what the file says.
            return rasterio.open(path, driver="GTiff")
    except RasterioError as error:
        raise ReadError(f"this is no GeoTIFF that can be read: {error}", path=path) from error


def _system(raster: Any, given: str, path: Path) -> CompoundCrs:
    if raster.transform.is_identity:
        raise ReadError("the GeoTIFF does not say where it lies", path=path)
    found = raster.crs
    code = found.to_epsg() if found else None
    if code is None and not given:
        what = (
            f"a system without an EPSG code ({found.to_wkt()[:60]}...)" if found else "no CRS"
        )
        raise ReadError(f"the GeoTIFF names {what}; give one with --crs", path=path)
    try:
        crs = parse_crs(f"EPSG:{code}" if code else given)
    except CrsError as error:
        raise ReadError(str(error), path=path) from error
    check_metric(crs, str(path))
    if found and found.is_projected and found.linear_units_factor[1] != 1.0:
        raise ReadError(f"{crs} does not count metres, but {found.linear_units}", path=path)
    return crs


def _check_form(raster: Any, path: Path) -> None:
    if raster.count != 1:
        raise ReadError(f"wanted one band of heights, found {raster.count}", path=path)
    cell = raster.transform
    if cell.b or cell.d or cell.a <= 0 or cell.e >= 0:
        raise ReadError("its rows do not run from west to east and north to south", path=path)
    if abs(cell.a + cell.e) > 1e-6 * cell.a:
        raise ReadError(f"its cells are {cell.a} m by {-cell.e} m, wanted squares", path=path)
