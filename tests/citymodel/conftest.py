"""Small CityGML documents written by hand: askew houses at UTM coordinates."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from math import cos, sin
from pathlib import Path

import pytest

from citymodel.readers.fast.ids import element_finder
from citymodel.readers.reference import read_reference
from citymodel.readers.unit import ReadOptions, UnitResult
from citymodel.readers.units import list_units

Point = tuple[float, float, float]
SOEST = "urn:adv:crs:ETRS89_UTM32*DE_DHHN2016_NH"
EAST, NORTH, HEIGHT = 437_954.13, 5_714_530.57, 95.21
TURN_RAD = 0.3
_MODULES = (
    "building", "bridge", "tunnel", "transportation", "landuse", "vegetation", "waterbody",
    "cityfurniture", "relief", "generics", "appearance", "cityobjectgroup", "construction",
)  # fmt: skip


def _prefix(module: str) -> str:
    short = {
        "building": "bldg", "bridge": "brid", "tunnel": "tun", "transportation": "tran",
        "landuse": "luse", "vegetation": "veg", "waterbody": "wtr", "cityfurniture": "frn",
        "relief": "dem", "generics": "gen", "appearance": "app", "cityobjectgroup": "grp",
        "construction": "con",
    }  # fmt: skip
    return short[module]


class Gml:
    """Writes markup and reads it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._files = count()

    def at(self, x: float, y: float, z: float) -> Point:
        """Place a point of a house that stands askew beside Soest station."""
        east = EAST + x * cos(TURN_RAD) - y * sin(TURN_RAD)
        north = NORTH + x * sin(TURN_RAD) + y * cos(TURN_RAD)
        return round(east, 3), round(north, 3), round(HEIGHT + z, 3)

    def numbers(self, points: Sequence[Point], *, closed: bool = True) -> str:
        """Coordinates of points, the first repeated at the end."""
        placed = [self.at(*point) for point in points]
        if closed:
            placed.append(placed[0])
        return " ".join(f"{e:.3f} {n:.3f} {h:.3f}" for e, n, h in placed)

    def ring(self, points: Sequence[Point], gml_id: str = "") -> str:
        """Write a LinearRing with a posList."""
        attribute = f' gml:id="{gml_id}"' if gml_id else ""
        text = self.numbers(points)
        return f"<gml:LinearRing{attribute}><gml:posList>{text}</gml:posList></gml:LinearRing>"

    def polygon(
        self,
        points: Sequence[Point],
        gml_id: str = "",
        *,
        holes: Sequence[Sequence[Point]] = (),
        ring_id: str = "",
    ) -> str:
        """Write a Polygon."""
        attribute = f' gml:id="{gml_id}"' if gml_id else ""
        inner = "".join(f"<gml:interior>{self.ring(hole)}</gml:interior>" for hole in holes)
        outer = f"<gml:exterior>{self.ring(points, ring_id)}</gml:exterior>"
        return f"<gml:Polygon{attribute}>{outer}{inner}</gml:Polygon>"

    def multi(self, *members: str) -> str:
        """Write a MultiSurface; a member that begins with "#" becomes a reference."""
        return f"<gml:MultiSurface>{self.members(*members)}</gml:MultiSurface>"

    def members(self, *members: str) -> str:
        """Write surfaceMember properties."""
        return "".join(
            f'<gml:surfaceMember xlink:href="{member}"/>'
            if member.startswith(("#", "http", "other"))
            else f"<gml:surfaceMember>{member}</gml:surfaceMember>"
            for member in members
        )

    def solid(self, *members: str) -> str:
        """Write a Solid."""
        inside = f"<gml:CompositeSurface>{self.members(*members)}</gml:CompositeSurface>"
        return f"<gml:Solid><gml:exterior>{inside}</gml:exterior></gml:Solid>"

    def bound(self, kind: str, *members: str, lod: int = 2, more: str = "") -> str:
        """Write a boundary surface of a building of CityGML 1.0 and 2.0."""
        geometry = (
            f"<bldg:lod{lod}MultiSurface>{self.multi(*members)}</bldg:lod{lod}MultiSurface>"
        )
        return f"<bldg:boundedBy><bldg:{kind}>{geometry}{more}</bldg:{kind}></bldg:boundedBy>"

    def building(self, *inside: str, gml_id: str = "house", kind: str = "Building") -> str:
        """Write a Building."""
        return f'<bldg:{kind} gml:id="{gml_id}">{"".join(inside)}</bldg:{kind}>'

    def write(
        self, *members: str, version: str = "2.0", crs: str = SOEST, more: str = ""
    ) -> Path:
        """Write a file with these members."""
        gml = "http://www.opengis.net/gml" + ("/3.2" if version == "3.0" else "")
        modules = "".join(
            f' xmlns:{_prefix(m)}="http://www.opengis.net/citygml/{m}/{version}"'
            for m in _MODULES
        )
        name = f' srsName="{crs}"' if crs else ""
        corners = (
            "<gml:lowerCorner>0 0 0</gml:lowerCorner><gml:upperCorner>1 1 1</gml:upperCorner>"
        )
        envelope = (
            f"<gml:boundedBy><gml:Envelope{name}>{corners}</gml:Envelope></gml:boundedBy>"
        )
        body = "\n".join(f"<core:cityObjectMember>{m}</core:cityObjectMember>" for m in members)
        text = (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f'<core:CityModel xmlns:core="http://www.opengis.net/citygml/{version}"'
            f' xmlns:gml="{gml}" xmlns:xlink="http://www.w3.org/1999/xlink"'
            ' xmlns:xAL="urn:oasis:names:tc:ciq:xsdschema:xAL:2.0"'
            ' xmlns:xAL3="urn:oasis:names:tc:ciq:xal:3" xmlns:ade="http://example.org/ade"'
            f"{modules}>\n{envelope if crs else ''}\n{body}\n{more}\n</core:CityModel>\n"
        )
        path = self.folder / f"town{next(self._files)}.gml"
        path.write_text(text, encoding="utf-8")
        return path

    def read(
        self,
        *members: str,
        version: str = "2.0",
        crs: str = SOEST,
        more: str = "",
        options: ReadOptions | None = None,
    ) -> UnitResult:
        """Write a file and read it as one unit."""
        path = self.write(*members, version=version, crs=crs, more=more)
        (unit,) = list_units(path, path.name)
        return read_reference(unit, options or ReadOptions(), find_element=element_finder(path))


FLOOR: list[Point] = [(0, 0, 0), (0, 6, 0), (8, 6, 0), (8, 0, 0)]
FLAT_ROOF: list[Point] = [(0, 0, 3), (8, 0, 3), (8, 6, 3), (0, 6, 3)]
FRONT: list[Point] = [(0, 0, 0), (8, 0, 0), (8, 0, 3), (0, 0, 3)]
RIGHT: list[Point] = [(8, 0, 0), (8, 6, 0), (8, 6, 3), (8, 0, 3)]
BACK: list[Point] = [(8, 6, 0), (0, 6, 0), (0, 6, 3), (8, 6, 3)]
LEFT: list[Point] = [(0, 6, 0), (0, 0, 0), (0, 0, 3), (0, 6, 3)]
BOX = {
    "GroundSurface": [FLOOR],
    "RoofSurface": [FLAT_ROOF],
    "WallSurface": [FRONT, RIGHT, BACK, LEFT],
}


@pytest.fixture
def gml(tmp_path: Path) -> Gml:
    """Writer and reader of small CityGML documents."""
    return Gml(tmp_path)


@pytest.fixture
def box_bounds(gml: Gml) -> str:
    """Boundary surfaces of a box of 8 m by 6 m by 3 m, polygons p0 to p5 (ground first)."""
    numbers = count()
    return "".join(
        gml.bound(kind, gml.polygon(points, f"p{next(numbers)}"))
        for kind, faces in BOX.items()
        for points in faces
    )
