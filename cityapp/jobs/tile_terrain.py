"""The town's ground: from a terrain model, or worked out from where its buildings stand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from citykernel.arrays import Float64Array
from citykernel.crs import ELLIPSOIDAL, CompoundCrs, Geocentric
from citykernel.errors import BoundaryError, InputError
from citykernel.frame import LocalFrame
from citykernel.geoid import Undulation
from citymodel.terrain import (
    Terrain,
    ground_heights,
    open_terrain,
    terrain_from_points,
    triangulate_terrain,
)
from tiles import write_terrain_tileset

from .prepare import Prepared

DERIVED_NOTICE = "Gelände aus den Gebäudehöhen abgeleitet, kein Geländemodell"


def tile_terrain(
    sources: Sequence[Path],
    prepared: Sequence[Prepared],
    target: Path,
    frame: LocalFrame,
    undulation: Undulation,
    *,
    crs: str,
    town: dict[str, Any],
    compress: bool = True,
    progress: Callable[[float], None] | None = None,
) -> dict[str, Any] | None:
    """Write the ground as a tileset of its own.

    Parameters
    ----------
    sources : sequence of Path
        Terrain models (files or folders), none to derive the ground from the buildings.
    prepared : sequence of Prepared
        The buildings' units, with ground points.
    target : Path
        Folder, the ground's alone.
    frame : LocalFrame
        Shared by both tilesets.
    undulation : Undulation
        As for the buildings.
    crs : str
        System of terrain files that name none.
    town : dict
        Texts for the metadata.
    compress : bool
        As for the buildings.
    progress : callable, optional
        Is told the share done; it creeps, as the number of squares is not known before.

    Returns
    -------
    dict or None
        For the report: ``source``, sizes, and how far the buildings' bases are from the
        ground; None where there is nothing to make a ground of.

    Raises
    ------
    ReadError
        A terrain model cannot be read.
    """
    derived = not sources
    if derived:
        # Buildings of another system stand on ground of their own, which is not made up here.
        first = next((p.crs for p in prepared if p.crs and not p.crs.is_geographic), None)
        points = _points(prepared, first)
        if first is None or not len(points):
            return None
        try:
            terrain = Terrain([terrain_from_points(points, crs=first)])
        except BoundaryError:
            # Buildings strewn over a whole land: a ground between them would be invented.
            return None
        town = {
            **town,
            "notice": _joined(town["notice"], DERIVED_NOTICE),
            "copyright": _joined(town["copyright"], DERIVED_NOTICE),
        }
    else:
        terrain = Terrain([grid for s in sources for grid in open_terrain(s, crs=crs).grids])
    to_earth = Geocentric(terrain.crs, undulation)
    done = 0

    def creep(tiles: int) -> None:
        nonlocal done
        done = tiles
        if progress:
            progress(1 - 1 / (1 + done / 50))

    squares = triangulate_terrain(terrain)
    report = write_terrain_tileset(
        squares, target, to_earth, frame, town=town, compress=compress, progress=creep
    )
    if progress:
        progress(1.0)
    return {
        "source": "derived" if derived else "model",
        "notice": DERIVED_NOTICE if derived else "",
        "tiles": report.tiles,
        "bytes": report.bytes_in_all,
        "bytes_written": report.bytes_written,
        "triangles": report.triangles,
        "resolution_m": terrain.resolution_m,
        "bases": _bases(terrain, prepared),
    }


def _joined(*texts: str) -> str:
    return ". ".join(text for text in texts if text)


def _points(prepared: Sequence[Prepared], crs: CompoundCrs | None) -> Float64Array:
    """Corners of terrain intersections in a system, and bases where a unit has none."""
    parts = [p.ground if len(p.ground) else p.bases for p in prepared if _same(p.crs, crs)]
    return np.concatenate([np.empty((0, 3)), *parts])


def _same(one: CompoundCrs | None, other: CompoundCrs | None) -> bool:
    """Whether coordinates can be compared: a terrain model often names no height system."""
    return (
        one is not None
        and other is not None
        and one.horizontal == other.horizontal
        and (one.vertical == ELLIPSOIDAL) == (other.vertical == ELLIPSOIDAL)
    )


def _bases(terrain: Terrain, prepared: Sequence[Prepared]) -> dict[str, Any] | None:
    """How far the buildings' bases lie below (+) or above (-) the ground under them."""
    parts = [p.bases for p in prepared if _same(p.crs, terrain.crs)]
    bases = np.concatenate([np.empty((0, 3)), *parts])
    try:
        ground = ground_heights(terrain.grids, bases[:, :2])
    except InputError:
        return None
    below = ground - bases[:, 2]
    below = below[np.isfinite(below)]
    if not len(below):
        return None
    return {
        "compared": len(below),
        "median_below_ground_m": round(float(np.median(below)), 3),
        "floating_share": round(float((below < -0.5).mean()), 4),  # noqa: PLR2004 - half a metre shows
    }
