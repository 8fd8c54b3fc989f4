"""DGM1: terrain heights as the survey authority delivers them, one GeoTIFF per kilometre."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import rasterio
from rasterio import Affine
from rasterio.crs import CRS

from .places import LABEL

if TYPE_CHECKING:
    from pathlib import Path

    from citykernel.arrays import Float64Array

NO_DATA = -9999.0
YEAR = 2026


def dgm1_name(east_km: int, north_km: int) -> str:
    """Name of a terrain tile, as the survey authority gives it."""
    return f"dgm1_32_{east_km}_{north_km}_1_nw_{YEAR}.tif"


def write_dgm1(path: Path, heights: Float64Array, east_km: int, north_km: int) -> None:
    """Write one tile of terrain.

    Parameters
    ----------
    path : Path
        The file; it is written at once, the caller renames.
    heights : (1000, 1000) float64
        DHHN2016 metres, northernmost row first.
    east_km, north_km : int
        Lower-left corner in kilometres of EPSG:25832.
    """
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=1000,
        height=1000,
        count=1,
        dtype="float32",
        crs=CRS.from_epsg(25832),
        transform=Affine(1.0, 0.0, east_km * 1000, 0.0, -1.0, north_km * 1000 + 1000),
        nodata=NO_DATA,
        compress="deflate",
        predictor=3,
        zlevel=6,
        tiled=False,
    ) as raster:
        raster.write(heights.astype(np.float32), 1)
        raster.update_tags(TIFFTAG_IMAGEDESCRIPTION=LABEL, HINWEIS=LABEL)
        raster.set_band_description(1, "Höhe über NHN (DHHN2016) in Metern")
