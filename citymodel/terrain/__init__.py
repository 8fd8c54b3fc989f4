"""The ground: height grids, the lattice they make, and a pyramid of triangle meshes of it."""

from .derived import terrain_from_points
from .height_grid import HeightGrid, HeightSource
from .mosaic import Terrain, list_terrain_files, open_terrain, read_terrain
from .pyramid import TerrainTile, triangulate_terrain
from .sample import ground_heights

__all__ = [
    "HeightGrid",
    "HeightSource",
    "Terrain",
    "TerrainTile",
    "ground_heights",
    "list_terrain_files",
    "open_terrain",
    "read_terrain",
    "terrain_from_points",
    "triangulate_terrain",
]
