"""Small towns in the form of the NRW survey, written by hand, and tilesets read back."""

from __future__ import annotations

import hashlib
import json
import math
import re
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import numpy as np
import pytest

from citykernel import geoid
from citykernel.arrays import Float64Array
from citymodel import SurfaceType
from citymodel.testing import Piece, gable_house, house_with_parts

ADV = "urn:adv:crs:ETRS89_UTM32*DE_DHHN2016_NH"
# Beside Soest: the middle of the first square, in metres of EPSG:25832 and DHHN2016.
EAST_KM, NORTH_KM = 438, 5714
HEIGHT = 95.21
TURN_RAD = 0.3

HEAD = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<core:CityModel xmlns:core="http://www.opengis.net/citygml/1.0"
  xmlns:bldg="http://www.opengis.net/citygml/building/1.0"
  xmlns:gen="http://www.opengis.net/citygml/generics/1.0"
  xmlns:gml="http://www.opengis.net/gml" xmlns:xlink="http://www.w3.org/1999/xlink"
  xmlns:xal="urn:oasis:names:tc:ciq:xsdschema:xAL:2.0">
  <gml:description>{description}</gml:description>
  <gml:name>{name}</gml:name>
  <gml:boundedBy><gml:Envelope{crs}>
    <gml:lowerCorner srsDimension="3">{west}.0 {south}.0 {low}</gml:lowerCorner>
    <gml:upperCorner srsDimension="3">{east}.0 {north}.0 {high}</gml:upperCorner>
  </gml:Envelope></gml:boundedBy>
"""
ADDRESS = """<bldg:address><core:Address><core:xalAddress><xal:AddressDetails><xal:Country>
<xal:CountryName>Germany</xal:CountryName><xal:Locality Type="Town">
<xal:LocalityName>Soest</xal:LocalityName><xal:Thoroughfare Type="Street">
<xal:ThoroughfareNumber>{number}</xal:ThoroughfareNumber>
<xal:ThoroughfareName>{street}</xal:ThoroughfareName></xal:Thoroughfare></xal:Locality>
</xal:Country></xal:AddressDetails></core:xalAddress></core:Address></bldg:address>
"""
KEY = (
    '<gen:stringAttribute name="Gemeindeschluessel"><gen:value>05974040</gen:value>'
    "</gen:stringAttribute>\n"
)


class Nrw:
    """Writes towns as the survey authority does: a square kilometre, a file."""

    adv = ADV

    def house(
        self,
        gml_id: str,
        east: float,
        north: float,
        *,
        height: float = HEIGHT,
        parts: bool = False,
        length: float = 8.0,
        turn: float = TURN_RAD,
        street: str = "Osthofenstraße",
        raised: float = 1.0,
    ) -> str:
        """A member: a gabled house that stands askew with its first corner at a place.

        ``length`` stretches it, ``raised`` stretches it upwards, ``parts`` gives it a part
        beside the main one with closure surfaces between them.
        """
        make = house_with_parts if parts else gable_house
        scale = (length / 8.0, 1.0, raised)
        placed = [
            replace(piece, faces=_placed(piece, (east, north, height), scale, turn))
            for piece in make(gml_id)
        ]
        top, *below = placed
        inside = f"<gml:name>Haus Größe {escape(gml_id)}</gml:name>\n{KEY}"
        inside += "<bldg:function>31001_1010</bldg:function>\n"
        if below:
            inside += "".join(
                f'<bldg:consistsOfBuildingPart><bldg:BuildingPart gml:id="{part.id}">\n'
                f"{_body(part)}</bldg:BuildingPart></bldg:consistsOfBuildingPart>\n"
                for part in below
            )
        else:
            inside += _body(top)
        inside += ADDRESS.format(number="7a", street=escape(street))
        return self.member(f'<bldg:Building gml:id="{gml_id}">\n{inside}</bldg:Building>')

    def member(self, inside: str) -> str:
        """Anything as a member of the model."""
        return f"<core:cityObjectMember>\n{inside}</core:cityObjectMember>\n"

    def polygon(self, gml_id: str, *points: Sequence[float], digits: int = 3) -> str:
        """A building of one wall with these corners."""
        return self.member(
            f'<bldg:Building gml:id="{gml_id}">'
            + _bound("Wall", f"{gml_id}-p", [*points, points[0]], digits)
            + "</bldg:Building>"
        )

    def write(
        self,
        folder: Path,
        *members: str,
        east_km: int = EAST_KM,
        north_km: int = NORTH_KM,
        crs: str = ADV,
        description: str = "",
        name: str = "",
        more: str = "",
    ) -> Path:
        """A file of the square kilometre whose south-western corner is given."""
        folder.mkdir(parents=True, exist_ok=True)
        name = name or f"LoD2_32_{east_km}_{north_km}_1_NW"
        head = HEAD.format(
            description=description,
            name=name,
            crs=f' srsName="{crs}"' if crs else "",
            west=east_km * 1000,
            south=north_km * 1000,
            east=east_km * 1000 + 1000,
            north=north_km * 1000 + 1000,
            low=HEIGHT,
            high=HEIGHT + 6,
        )
        path = folder / f"{name}.gml"
        path.write_text(f"{head}{''.join(members)}{more}</core:CityModel>\n", encoding="utf-8")
        return path

    def square(self, east_km: int, north_km: int, count: int = 12) -> list[str]:
        """Houses in rows all over a square kilometre, some of them with parts."""
        side = math.ceil(math.sqrt(count))
        step = 900 / side
        return [
            self.house(
                f"DENW{east_km}{north_km}{number:03d}",
                east_km * 1000 + 40 + number % side * step,
                north_km * 1000 + 40 + number // side * step,
                parts=number % 3 == 2,
                turn=TURN_RAD + 0.1 * number,
                height=HEIGHT - 0.01 * (number // side) * step,
            )
            for number in range(count)
        ]

    def town(self, folder: Path, squares: int = 3, count: int = 12) -> list[Path]:
        """Several neighbouring squares."""
        places = [(438, 5714), (437, 5714), (437, 5713), (438, 5713)][:squares]
        return [
            self.write(folder, *self.square(e, n, count), east_km=e, north_km=n)
            for e, n in places
        ]


def _placed(
    piece: Piece, at: Sequence[float], scale: Sequence[float], turn: float
) -> list[tuple[SurfaceType, list[list[tuple[float, float, float]]]]]:
    cos, sin = math.cos(turn), math.sin(turn)

    def place(point: Sequence[float]) -> tuple[float, float, float]:
        x, y, z = (value * by for value, by in zip(point, scale, strict=True))
        return at[0] + x * cos - y * sin, at[1] + x * sin + y * cos, at[2] + z

    return [(kind, [[place(p) for p in ring] for ring in face]) for kind, face in piece.faces]


def _positions(ring: Sequence[Sequence[float]], digits: int = 3) -> str:
    return " ".join(f"{value:.{digits}f}" for point in ring for value in point)


def _bound(kind: str, polygon_id: str, ring: Sequence[Sequence[float]], digits: int = 3) -> str:
    positions = _positions(ring, digits)
    return (
        f"<bldg:boundedBy><bldg:{kind}Surface><bldg:lod2MultiSurface><gml:MultiSurface>"
        f'<gml:surfaceMember><gml:Polygon gml:id="{polygon_id}"><gml:exterior>'
        f'<gml:LinearRing><gml:posList srsDimension="3">{positions}</gml:posList>'
        "</gml:LinearRing></gml:exterior></gml:Polygon></gml:surfaceMember>"
        f"</gml:MultiSurface></bldg:lod2MultiSurface></bldg:{kind}Surface></bldg:boundedBy>\n"
    )


def _body(piece: Piece) -> str:
    """Roof type, height, a solid of links, terrain intersection, boundary surfaces."""
    names = [f"{piece.id}-{number}" for number in range(len(piece.faces))]
    links = "".join(f'<gml:surfaceMember xlink:href="#{name}"/>' for name in names)
    ground = next(face[0] for kind, face in piece.faces if kind == SurfaceType.GROUND_SURFACE)
    bounds = "".join(
        _bound(kind.citygml_name.removesuffix("Surface"), name, [*face[0], face[0][0]])
        for name, (kind, face) in zip(names, piece.faces, strict=True)
    )
    return (
        f"<bldg:roofType>{piece.attributes['roof_type']}</bldg:roofType>\n"
        f'<bldg:measuredHeight uom="urn:adv:uom:m">{piece.attributes["measured_height"]}'
        "</bldg:measuredHeight>\n"
        "<bldg:lod2Solid><gml:Solid><gml:exterior><gml:CompositeSurface>"
        f"{links}</gml:CompositeSurface></gml:exterior></gml:Solid></bldg:lod2Solid>\n"
        "<bldg:lod2TerrainIntersection><gml:MultiCurve><gml:curveMember><gml:LineString>"
        f'<gml:posList srsDimension="3">{_positions([*ground, ground[0]])}</gml:posList>'
        "</gml:LineString></gml:curveMember></gml:MultiCurve></bldg:lod2TerrainIntersection>\n"
        f"{bounds}"
    )


@dataclass
class Content:
    """A tile's content as it was written with ``--plain``."""

    uri: str
    low: Float64Array  # box of the tile in the frame, metres
    high: Float64Array
    level: int
    leaf: bool
    points: Float64Array  # (n, 3) float64 in the frame, metres
    triangles: int
    tables: list[dict[str, list[str]]]


class Tileset:
    """Reads a tileset with plain contents; nothing of the product helps."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.document: dict[str, Any] = json.loads((folder / "tileset.json").read_text("utf-8"))
        self.transform = np.array(self.document["root"]["transform"]).reshape(4, 4).T

    def tiles(self) -> Iterator[tuple[dict[str, Any], dict[str, Any] | None, int]]:
        """Each tile, its parent, and its level."""
        waiting: list[tuple[dict[str, Any], dict[str, Any] | None, int]]
        waiting = [(self.document["root"], None, 0)]
        while waiting:
            tile, parent, level = waiting.pop()
            yield tile, parent, level
            waiting += [(child, tile, level + 1) for child in tile.get("children", ())]

    def uris(self) -> set[str]:
        """All contents."""
        return {tile["content"]["uri"] for tile, _, _ in self.tiles() if "content" in tile}

    def contents(self) -> list[Content]:
        """All contents, read."""
        return [
            _content(self.folder, tile, level)
            for tile, _, level in self.tiles()
            if "content" in tile
        ]

    def texts(self, name: str) -> set[str]:
        """All values of a property of the objects in the leaves."""
        return {
            value
            for content in self.contents()
            if content.leaf
            for value in content.tables[0].get(name, [])
        }

    def degrees(self, points: Float64Array) -> Float64Array:
        """Longitude, latitude and ellipsoidal height by Bowring's closed formula (1985)."""
        earth = points @ self.transform[:3, :3].T + self.transform[:3, 3]
        a, f = 6_378_137.0, 1 / 298.257223563
        b, e2 = a * (1 - f), f * (2 - f)
        p = np.hypot(earth[:, 0], earth[:, 1])
        u = np.arctan2(earth[:, 2] * a, p * b)
        lat = np.arctan2(
            earth[:, 2] + e2 / (1 - e2) * b * np.sin(u) ** 3, p - e2 * a * np.cos(u) ** 3
        )
        radius = a / np.sqrt(1 - e2 * np.sin(lat) ** 2)
        height = p / np.cos(lat) - radius
        lon = np.arctan2(earth[:, 1], earth[:, 0])
        return np.stack([np.degrees(lon), np.degrees(lat), height], axis=1)


def box_of(tile: dict[str, Any]) -> tuple[Float64Array, Float64Array]:
    """Lowest and highest corner of a tile's box, whose axes are those of the frame."""
    numbers = np.array(tile["boundingVolume"]["box"])
    half = np.abs(numbers[3:].reshape(3, 3)).sum(axis=0)
    return numbers[:3] - half, numbers[:3] + half


def _content(folder: Path, tile: dict[str, Any], level: int) -> Content:
    data = (folder / tile["content"]["uri"]).read_bytes()
    (length,) = struct.unpack_from("<I", data, 12)
    document = json.loads(data[20 : 20 + length])
    blob = data[28 + length :]
    points, triangles = [], 0
    (node,) = [node for node in document["nodes"] if "mesh" in node]
    move = np.array(node.get("translation", [0.0, 0.0, 0.0]))
    assert not {"rotation", "scale", "matrix"} & node.keys()
    for primitive in document["meshes"][node["mesh"]]["primitives"]:
        accessor = document["accessors"][primitive["attributes"]["POSITION"]]
        view = document["bufferViews"][accessor["bufferView"]]
        rows = np.frombuffer(
            blob, np.uint8, count=view["byteLength"], offset=view.get("byteOffset", 0)
        ).reshape(accessor["count"], -1)[:, :12]
        local = np.ascontiguousarray(rows).view(np.float32).astype(np.float64) + move
        points.append(np.stack([local[:, 0], -local[:, 2], local[:, 1]], axis=1))
        triangles += document["accessors"][primitive["indices"]]["count"] // 3
    metadata = document.get("extensions", {}).get("EXT_structural_metadata", {})
    low, high = box_of(tile)
    return Content(
        tile["content"]["uri"],
        low,
        high,
        level,
        "children" not in tile,
        np.concatenate(points),
        triangles,
        [_table(document, blob, table) for table in metadata.get("propertyTables", [])],
    )


def _table(
    document: dict[str, Any], blob: bytes, table: dict[str, Any]
) -> dict[str, list[str]]:
    def view(number: int) -> bytes:
        entry = document["bufferViews"][number]
        start = entry.get("byteOffset", 0)
        return blob[start : start + entry["byteLength"]]

    texts = {}
    for name, found in table["properties"].items():
        if "stringOffsets" in found:
            kind = {"UINT16": np.uint16, "UINT32": np.uint32}[found["stringOffsetType"]]
            offsets = np.frombuffer(view(found["stringOffsets"]), kind)[: table["count"] + 1]
            data = view(found["values"])
            texts[name] = [data[a:b].decode() for a, b in pairwise(offsets.tolist())]
    return texts


def hashes(folder: Path, *patterns: str) -> dict[str, str]:
    """Digest of each file of a folder that fits a pattern, by its relative path."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for pattern in patterns or ("tileset.json", "content/*", "terrain/**/*")
        for path in sorted(folder.glob(pattern))
        if path.is_file()
    }


def missing(folder: Path) -> set[str]:
    """Contents that the tileset.json of a folder names and that are not there."""
    return {uri for uri in Tileset(folder).uris() if not (folder / uri).is_file()}


def counted(*paths: Path) -> dict[str, int]:
    """Objects of files by plain search: type to number."""
    found: dict[str, int] = {}
    for path in paths:
        for name in re.findall(r"<bldg:(Building|BuildingPart) ", path.read_text("utf-8")):
            found[name] = found.get(name, 0) + 1
    return found


@dataclass(frozen=True)
class Look:
    """The functions above, for tests that cannot import this file."""

    tileset = Tileset
    hashes = staticmethod(hashes)
    missing = staticmethod(missing)
    counted = staticmethod(counted)
    box_of = staticmethod(box_of)


@pytest.fixture(scope="module", autouse=True)
def _without_grids_of_this_machine() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(geoid, "proj_grid_available", lambda: False)
        yield


@pytest.fixture(scope="session")
def nrw() -> Nrw:
    """Writer of small towns."""
    return Nrw()


@pytest.fixture(scope="session")
def look() -> Look:
    """Ways to look at what was written."""
    return Look()
