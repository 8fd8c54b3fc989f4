"""What a viewer streams: 3D Tiles 1.1 made from a city model."""

from .content import ContentOptions
from .features import FeatureReport, Features, build_features
from .mesh import FeatureMesh
from .spool import read_features, write_features
from .structure import Bounds, Tile, enclose, tileset_dict
from .terrain import write_terrain_tileset
from .write import TilesetReport, store_content, write_features_tileset, write_json

__all__ = [
    "Bounds",
    "ContentOptions",
    "FeatureMesh",
    "FeatureReport",
    "Features",
    "Tile",
    "TilesetReport",
    "build_features",
    "enclose",
    "read_features",
    "store_content",
    "tileset_dict",
    "write_features",
    "write_features_tileset",
    "write_json",
    "write_terrain_tileset",
]
