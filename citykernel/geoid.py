"""Undulations: how far the height reference lies above the ellipsoid at a place.

The method actually used is carried along with its accuracy, because a silent fallback is
the classical fault: without the GCG2016 grid PROJ leaves DHHN2016 heights unchanged, and
the town stands 46 m below its ground.
"""

from __future__ import annotations

import hashlib
import lzma
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
from pyproj.datadir import get_data_dir, get_user_data_dir  # type: ignore[attr-defined]
from pyproj.exceptions import ProjError

from citykernel.arrays import Float64Array
from citykernel.errors import CrsError
from citykernel.geoid_text import SUFFIXES as TEXT_SUFFIXES
from citykernel.geoid_text import read_geoid_text

GCG2016_GRID = "de_bkg_gcg2016.tif"
GCG2016_SHA256 = "598f18324dea7f8e72421d18add7ac6228259adf91eeb335cc9c27d98484f7ac"
# BKG states 1 cm (2 cm in the Alps) for GCG2016; the difference of a grid's
# interpolation is below that.
GCG2016_ACCURACY_M = 0.02
# EGM96 against GCG2016: a few decimetres in Germany (NIMA TR8350.2 gives 0.5 to 1 m globally).
EGM96_ACCURACY_M = 0.5
# The geoid on Earth lies between -107 m (south of India) and +86 m (New Guinea): EGM96.
LOWEST_M, HIGHEST_M = -110.0, 90.0


@dataclass(frozen=True, slots=True)
class Undulation:
    """A source of undulations with its name and accuracy.

    Parameters
    ----------
    method : str
        What was used, for reports and tileset metadata.
    accuracy_m : float
        One sigma of the resulting ellipsoidal height in metres, NaN if unknown.
    constant_m : float
        The undulation in metres where it is one number, else NaN.
    grid : str
        Path or PROJ name of a grid, "" where none is used.
    """

    method: str
    accuracy_m: float
    constant_m: float = float("nan")
    grid: str = ""

    def at(self, longitude_deg: Float64Array, latitude_deg: Float64Array) -> Float64Array:
        """Undulations at places.

        Parameters
        ----------
        longitude_deg, latitude_deg : (n,) float64
            Degrees on GRS 80 or WGS 84.

        Returns
        -------
        (n,) float64
            Metres to add to a physical height to get an ellipsoidal one.

        Raises
        ------
        CrsError
            The grid does not cover a place, or cannot be read.
        """
        if np.isfinite(self.constant_m):
            return np.full(len(longitude_deg), self.constant_m)
        if Path(self.grid).suffix.lower() in TEXT_SUFFIXES:
            height = read_geoid_text(Path(self.grid)).at(longitude_deg, latitude_deg)
            return _covered(height, self.grid, longitude_deg, latitude_deg)
        if self.grid:
            return _from_proj_grid(self.grid, longitude_deg, latitude_deg)
        return egm96(longitude_deg, latitude_deg)


@cache
def _egm96_table() -> Float64Array:
    packed = resources.files("citykernel").joinpath("egm96_15min.i16.xz").read_bytes()
    steps = np.frombuffer(lzma.decompress(packed), "<i2").reshape(721, 1440).astype(np.int64)
    return np.asarray(steps.cumsum(1).cumsum(0) * 0.01, np.float64)


def egm96(longitude_deg: Float64Array, latitude_deg: Float64Array) -> Float64Array:
    """EGM96 geoid undulations, bilinear in the 15' grid.

    Parameters
    ----------
    longitude_deg, latitude_deg : (n,) float64
        Degrees; longitudes of any turn.

    Returns
    -------
    (n,) float64
        Metres above the WGS 84 ellipsoid, to a centimetre of the grid.

    References
    ----------
    NGA/NASA EGM96, grid WW15MGH (public domain); stored here as second differences in
    centimetres.

    Examples
    --------
    >>> egm96(np.array([8.104589]), np.array([51.578419])).round(1)
    array([46.3])
    """
    table = _egm96_table()
    x = (np.asarray(longitude_deg, np.float64) + 180.0) % 360.0 / 0.25
    y = np.clip((90.0 - np.asarray(latitude_deg, np.float64)) / 0.25, 0.0, 720.0)
    west = np.floor(x).astype(np.int64) % 1440
    north = np.minimum(np.floor(y).astype(np.int64), 719)
    east, dx, dy = (west + 1) % 1440, x - np.floor(x), y - north
    upper = table[north, west] * (1 - dx) + table[north, east] * dx
    lower = table[north + 1, west] * (1 - dx) + table[north + 1, east] * dx
    return np.asarray(upper * (1 - dy) + lower * dy, np.float64)


def _quoted(path: str) -> str:
    """A path as a PROJ string takes it: in quotes where it has spaces."""
    doubled = path.replace('"', '""')
    return f'"{doubled}"' if " " in path else path


def _from_proj_grid(
    grid: str, longitude_deg: Float64Array, latitude_deg: Float64Array
) -> Float64Array:
    try:
        shift = pyproj.Transformer.from_pipeline(
            f"+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad "
            f"+step +proj=vgridshift +grids={_quoted(grid)} +multiplier=1"
        )
        zero = np.zeros(len(longitude_deg))
        height = shift.transform(longitude_deg, latitude_deg, zero)[2]
    except ProjError as error:
        raise CrsError(f"the geoid grid {grid} cannot be used: {error}") from error
    return _covered(np.asarray(height, np.float64), grid, longitude_deg, latitude_deg)


def _covered(
    height: Float64Array, grid: str, longitude_deg: Float64Array, latitude_deg: Float64Array
) -> Float64Array:
    """Undulations of a grid, refused where it has none."""
    outside = np.flatnonzero(~np.isfinite(height))
    if outside.size:
        at = int(outside[0])
        raise CrsError(
            f"the geoid grid {grid} does not cover {longitude_deg[at]:.5f} E "
            f"{latitude_deg[at]:.5f} N"
        )
    return height


def proj_grid_available(name: str = GCG2016_GRID) -> bool:
    """Tell whether PROJ finds a grid in its data folders."""
    folders = [get_data_dir(), get_user_data_dir()]
    return any(Path(part, name).is_file() for folder in folders for part in folder.split(":"))


def choose_undulation(
    geoid: str = "",
    *,
    declared_m: float = float("nan"),
    declared_source: str = "",
    declared_accuracy_m: float = EGM96_ACCURACY_M,
    require_grid: bool = False,
) -> Undulation:
    """Choose where undulations come from: a given grid, PROJ's grid, a declared value, EGM96.

    Parameters
    ----------
    geoid : str
        Path of a grid file (GeoTIFF, GTX, or BKG ASCII), a number in metres, or "".
    declared_m, declared_source, declared_accuracy_m
        The municipality's own value in metres, where it comes from, and its accuracy.
    require_grid : bool
        Accept nothing less than a grid.

    Returns
    -------
    Undulation
        The best that is there.

    Raises
    ------
    CrsError
        The file is missing, or ``require_grid`` and there is no grid.
    """
    if geoid:
        return _given(geoid, require_grid=require_grid)
    if proj_grid_available():
        return Undulation(f"GCG2016 ({GCG2016_GRID})", GCG2016_ACCURACY_M, grid=GCG2016_GRID)
    if require_grid:
        raise CrsError(
            f"no geoid grid: PROJ does not find {GCG2016_GRID}; get it with "
            "'stadtbild fetch --product geoid' and give it with --geoid"
        )
    if np.isfinite(declared_m):
        method = f"declared undulation {declared_m:.2f} m ({declared_source})"
        return Undulation(method, declared_accuracy_m, constant_m=declared_m)
    return Undulation("EGM96, 15' grid", EGM96_ACCURACY_M)


def _given(geoid: str, *, require_grid: bool) -> Undulation:
    try:
        constant = float(geoid)
    except ValueError:
        pass
    else:
        if require_grid:
            raise CrsError(f"--require-grid wants a grid file, not the number {geoid}")
        if not LOWEST_M < constant < HIGHEST_M:
            raise CrsError(f"no place on Earth has an undulation of {constant} m")
        return Undulation(
            f"given undulation {constant:.3f} m", float("nan"), constant_m=constant
        )
    path = Path(geoid)
    if not path.is_file():
        raise CrsError(f"no such geoid grid: {path}")
    if path.suffix.lower() in TEXT_SUFFIXES:
        read_geoid_text(path.resolve())
    elif path.suffix.lower() not in {".tif", ".tiff", ".gtx"}:
        raise CrsError(
            f"{path}: a geoid grid is a GeoTIFF (.tif), a .gtx or a text file "
            f"({', '.join(sorted(TEXT_SUFFIXES))})"
        )
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if digest == GCG2016_SHA256:
        return Undulation(
            f"GCG2016 ({path.name})", GCG2016_ACCURACY_M, grid=str(path.resolve())
        )
    return Undulation(f"grid {path.name}", float("nan"), grid=str(path.resolve()))


def as_report(undulation: Undulation) -> dict[str, Any]:
    """Return method and accuracy as plain data; an unknown accuracy is None."""
    known = bool(np.isfinite(undulation.accuracy_m))
    return {"method": undulation.method, "accuracy_m": undulation.accuracy_m if known else None}
