"""What one writes without us: lxml for the rings, WKB, and py3dtiles for the tiles.

Usage: ``lxml_py3dtiles.py INPUT.gml OUTPUT``. Runs in an environment of its own, with lxml,
numpy and py3dtiles. No attributes but the id, no heights above the ellipsoid, no levels.
"""

from __future__ import annotations

import struct
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from lxml import etree
from py3dtiles.export import wkbs_to_tileset

POLYGON_Z, MULTIPOLYGON_Z = 1003, 1006
# py3dtiles numbers the vertices of one geometry with eight bits: what has more is cut.
MOST_CORNERS = 200


def rings_of(member: etree._Element, origin: np.ndarray) -> Iterator[list[np.ndarray]]:
    """Yield the rings of each drawn polygon as arrays, (n, 3), first corner repeated."""
    for polygon in member.iter("{*}Polygon"):
        if next(polygon.iterancestors("{*}ClosureSurface"), None) is not None:
            continue
        rings = []
        for positions in polygon.iter("{*}posList"):
            corners = np.array((positions.text or "").split(), dtype=np.float64).reshape(-1, 3)
            # py3dtiles writes what it gets, and glTF's second axis is the height.
            rings.append((corners - origin)[:, [0, 2, 1]] * (1, 1, -1))
        yield rings


def wkb(polygons: list[list[np.ndarray]]) -> bytes:
    """Return a multipolygon with heights as well-known binary."""
    parts = [struct.pack("<BII", 1, MULTIPOLYGON_Z, len(polygons))]
    for rings in polygons:
        parts.append(struct.pack("<BII", 1, POLYGON_Z, len(rings)))
        for ring in rings:
            parts += [struct.pack("<I", len(ring)), ring.astype("<f8").tobytes()]
    return b"".join(parts)


def geometries(path: str) -> Iterator[tuple[str, bytes]]:
    """Yield id and WKB of each building, of large ones several."""
    origin = None
    for _, member in etree.iterparse(path, tag="{*}cityObjectMember", huge_tree=True):
        gml_id = member[0].get("{http://www.opengis.net/gml}id")
        if origin is None:
            first = next(member.iter("{*}posList")).text.split()[:3]
            origin = np.array(first, dtype=np.float64)
        some: list[list[np.ndarray]] = []
        corners = 0
        for rings in rings_of(member, origin):
            size = sum(map(len, rings))
            if some and corners + size > MOST_CORNERS:
                yield gml_id, wkb(some)
                some, corners = [], 0
            some.append(rings)
            corners += size
        if some:
            yield gml_id, wkb(some)
        member.clear()
        while member.getprevious() is not None:
            del member.getparent()[0]


def main(source: str, target: str) -> None:
    """Read, convert, write."""
    Path(target).mkdir(parents=True, exist_ok=True)
    ids, wkbs = zip(*geometries(source), strict=True)
    wkbs_to_tileset(list(wkbs), list(ids), np.identity(4).flatten(), Path(target))
    print(len(set(ids)))


main(sys.argv[1], sys.argv[2])
