"""The ground as a tileset of its own: a pyramid of meshes, each with its measured error.

Neighbours of one level share their rim's vertices. To keep it so, positions are rounded to
a step that all tiles of a level have in common before they are quantised, which then costs
nothing more; what remains between levels is closed by the skirts.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from citykernel.arrays import Float32Array, Float64Array
from citykernel.crs import Geocentric
from citykernel.errors import TilesetError
from citykernel.frame import LocalFrame

from .colours import linear
from .glb import TilePrimitive, glb_bytes, quantisation_step_m
from .structure import Bounds, Tile, enclose, tileset_dict
from .write import TilesetReport, remove_unnamed, store_content, write_json

if TYPE_CHECKING:  # its readers are heavy, and the processes that read buildings need none
    from citymodel.terrain import TerrainTile

# The viewer's paper ground.
PAPER = "#e6e4d4"
# No finer than this: DGM1 heights are good for a decimetre.
LEAST_STEP_M = 1 / 128
# Quantised positions have 16 bits. A square is a little wider in the frame than on the map,
# by the meridian convergence (up to 3 degrees in a zone: 1.06), the scale and its height.
STEPS, WIDER = 65535, 1.1

_Place = tuple[int, int, int]


def write_terrain_tileset(
    squares: Iterable[TerrainTile],
    target: Path,
    to_earth: Geocentric,
    frame: LocalFrame,
    *,
    town: dict[str, Any],
    compress: bool = True,
    colour: str = PAPER,
    progress: Callable[[int], None] | None = None,
) -> TilesetReport:
    """Write a tileset of the ground.

    Parameters
    ----------
    squares : iterable of TerrainTile
        From :func:`citymodel.terrain.triangulate_terrain`: parents before their children.
    target : Path
        Folder of the tileset; is made if it is missing. It is the ground's alone: contents
        that are no longer named are removed from it.
    to_earth : Geocentric
        From the squares' coordinates and heights to the Earth.
    frame : LocalFrame
        The tileset's frame, best the buildings' own.
    town : dict
        Texts for the tileset's metadata, see :func:`~tiles.structure.tileset_dict`.
    compress : bool
        KHR_mesh_quantization and EXT_meshopt_compression.
    colour : str
        ``#rrggbb`` (sRGB) of the ground.
    progress : callable, optional
        Is told how many tiles are done.

    Returns
    -------
    TilesetReport
        Counts and sizes; ``triangles`` counts the ground of the finest squares.

    Raises
    ------
    TilesetError
        There is no square, a square comes before its parent, or the folder cannot be written.
    """
    tiles: dict[_Place, Tile] = {}
    triangles: dict[_Place, int] = {}
    in_all = written = 0
    try:
        target.mkdir(parents=True, exist_ok=True)
        for square in squares:
            place = (square.level, square.x, square.y)
            glb, bounds, error_m = _content(square, to_earth, frame, town, compress, colour)
            name = "terrain-" + "-".join(map(str, place))
            uri, new = store_content(target, name, glb)
            tiles[place] = Tile(bounds, error_m, uri)
            triangles[place] = square.ground_triangles
            in_all, written = in_all + len(glb), written + new
            if progress:
                progress(len(tiles))
        root = enclose(_tree(tiles, target))
        size = write_json(target / "tileset.json", tileset_dict(root, frame, town))
        remove_unnamed(target, set(root.contents()))
    except OSError as error:
        raise TilesetError(f"{target}: cannot be written: {error.strerror or error}") from error
    leaves = sum(count for place, count in triangles.items() if not tiles[place].children)
    return TilesetReport(len(tiles), size + in_all, size + written, 0, leaves)


def _tree(tiles: dict[_Place, Tile], target: Path) -> Tile:
    """Hang each tile below its parent; returns the root."""
    if (0, 0, 0) not in tiles:
        raise TilesetError(f"{target}: there is no ground to show")
    for (level, x, y), tile in tiles.items():
        if level:
            parent = tiles.get((level - 1, x // 2, y // 2))
            if parent is None:
                raise TilesetError(f"{target}: square {level}/{x}/{y} has no parent")
            parent.children.append(tile)
    return tiles[0, 0, 0]


def _content(
    square: TerrainTile,
    to_earth: Geocentric,
    frame: LocalFrame,
    town: dict[str, Any],
    compress: bool,  # noqa: FBT001 - private
    colour: str,
) -> tuple[bytes, Bounds, float]:
    step = _step_m(square.size_m)
    positions = np.round(frame.from_earth(to_earth(square.vertices)) / step) * step
    primitive = TilePrimitive(
        positions,
        _turned(square.normals, _grid_north(square, to_earth, frame)),
        np.tile(linear(colour), (len(positions), 1)),
        square.triangles.astype(np.int32),
    )
    glb = glb_bytes(
        [primitive],
        compress=compress,
        step_m=step,
        copyright_text=str(town.get("copyright", "")),
    )
    # Rounding moves a vertex by half a step along each axis.
    coarsest = quantisation_step_m(positions, step)
    return glb, Bounds.around(positions, margin_m=coarsest), square.max_error_m + coarsest


def _step_m(size_m: float) -> float:
    """Step of positions: a power of two, so that it is the same in all tiles of a level."""
    return max(LEAST_STEP_M, float(2 ** math.ceil(math.log2(size_m * WIDER / STEPS))))


def _grid_north(square: TerrainTile, to_earth: Geocentric, frame: LocalFrame) -> Float64Array:
    """Direction of the map's north in the frame, (2,) float64: it is not the frame's north."""
    height = square.vertices[0, 2]
    line = np.array(
        [
            [square.west, square.south, height],
            [square.west, square.south + square.size_m, height],
        ]
    )
    south, north = frame.from_earth(to_earth(line))
    along = (north - south)[:2]
    return np.asarray(along / np.linalg.norm(along))


def _turned(normals: Float32Array, north: Float64Array) -> Float32Array:
    """Normals (n, 3) from the map's axes to the frame's."""
    turn = np.array([[north[1], north[0], 0.0], [-north[0], north[1], 0.0], [0.0, 0.0, 1.0]])
    return np.asarray(normals @ turn.T, np.float32)
