"""Open a tileset with py3dtiles, in py3dtiles' own environment, and say what it found.

usage: read_with_py3dtiles.py tileset.json
"""

import json
import sys
from pathlib import Path


def walk(tile, folder, found):
    """Add up the contents of a tile and of all below it."""
    content = tile.get_or_fetch_content(folder)
    found["tiles"] += 1
    found["vertices"] += int(content.get_vertex_count())
    for child in tile.children:
        walk(child, folder, found)
    return found


if __name__ == "__main__":
    from py3dtiles.tileset import TileSet

    path = Path(sys.argv[1])
    tileset = TileSet.from_file(path)
    print(json.dumps(walk(tileset.root_tile, path.parent, {"tiles": 0, "vertices": 0})))  # noqa: T201
