"""CityGML 1.0 as North Rhine-Westphalia writes it in 2026, one file for each square kilometre.

Order, names, prefixes and number format follow the official LoD2 tiles: a solid that holds
links only, one boundary surface for each polygon, string attributes, the terrain intersection
with a corner at each line of the 1 m grid, number before street name in addresses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID
from xml.sax.saxutils import escape

from .places import LABEL, LOCALITY, MUNICIPALITY_KEY, ORIGIN_EAST, ORIGIN_NORTH
from .solids import CLOSURE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from citykernel.arrays import Float64Array

    from .chance import Chance
    from .erect import Body, Structure
    from .solids import Solid

SRS_NAME = "urn:adv:crs:ETRS89_UTM32*DE_DHHN2016_NH"
CREATED, SURVEYED = "2026-02-09", "2025-07-01"
CATALOGUE = "http://repository.gdi-de.org/schemas/adv/citygml/fdv/art.htm#_9100"

_NAMESPACES = {
    "xal": "urn:oasis:names:tc:ciq:xsdschema:xAL:2.0",
    "bldg": "http://www.opengis.net/citygml/building/1.0",
    "gml": "http://www.opengis.net/gml",
    "grp": "http://www.opengis.net/citygml/cityobjectgroup/1.0",
    "app": "http://www.opengis.net/citygml/appearance/1.0",
    "core": "http://www.opengis.net/citygml/1.0",
    "gen": "http://www.opengis.net/citygml/generics/1.0",
    "xlink": "http://www.w3.org/1999/xlink",
    "xsi": "http://www.w3.org/2001/XMLSchema-instance",
}
_ADV = "http://repository.gdi-de.org/schemas/adv/citygml/"
_SCHEMAS = {
    "building/1.0": "building/1.0/buildingLoD2.xsd",
    "cityobjectgroup/1.0": "cityobjectgroup/1.0/cityObjectGroupLoD2.xsd",
    "appearance/1.0": "appearance/1.0/appearanceLoD2.xsd",
    "1.0": "1.0/cityGMLBaseLoD2.xsd",
    "generics/1.0": "generics/1.0/genericsLoD2.xsd",
}
# Data sources as the official files state them: heights from laser points, position from the
# cadastre, ground from the terrain model.
_SOURCES_BUILDING = (
    ("DatenquelleDachhoehe", "1000"),
    ("Geometrietyp2DReferenz", "3000"),
    ("DatenquelleLage", "1000"),
    ("DatenquelleBodenhoehe", "1100"),
)
_SOURCES_PART = (
    ("DatenquelleDachhoehe", "1000"),
    ("DatenquelleBodenhoehe", "1100"),
    ("DatenquelleLage", "1000"),
)


class Identifiers:
    """Version 4 UUIDs from the town's own stream of chance.

    Parameters
    ----------
    chance : Chance
        The stream.
    """

    def __init__(self, chance: Chance) -> None:
        self._generator = chance.generator
        self._pool: list[str] = []

    def next(self) -> str:
        """A UUID in its usual spelling."""
        if not self._pool:
            raw = self._generator.bytes(16 * 4096)
            self._pool = [
                str(UUID(bytes=raw[k : k + 16], version=4)) for k in range(0, len(raw), 16)
            ]
        return self._pool.pop()


def tile_name(east_km: int, north_km: int) -> str:
    """Name of a tile without its extension, as the survey authority gives it."""
    return f"LoD2_32_{east_km}_{north_km}_1_NW"


def tile_text(
    east_km: int, north_km: int, structures: Sequence[Structure], identifiers: Identifiers
) -> Iterator[str]:
    """The text of one tile.

    Parameters
    ----------
    east_km, north_km : int
        Lower-left corner in kilometres of EPSG:25832.
    structures : sequence of Structure
        Buildings whose bounding box has its middle in the tile.
    identifiers : Identifiers
        For parts, surfaces, polygons and addresses.

    Yields
    ------
    str
        The head, one text for each building, the foot.
    """
    yield _head(east_km, north_km, structures)
    for structure in structures:
        yield "".join(_building(structure, identifiers))
    yield "</core:CityModel>\n"


def _head(east_km: int, north_km: int, structures: Sequence[Structure]) -> str:
    solids = [body.solid.vertices[:, 2] for s in structures for body in s.bodies]
    low = min((float(z.min()) for z in solids), default=float("nan"))
    high = max((float(z.max()) for z in solids), default=float("nan"))
    spaces = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in _NAMESPACES.items())
    schemas = " ".join(
        f"http://www.opengis.net/citygml/{module} {_ADV}{file}"
        for module, file in _SCHEMAS.items()
    )
    e, n = east_km * 1000, north_km * 1000
    lower = _number(low) if structures else "NaN"
    upper = _number(high) if structures else "NaN"
    return f"""<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<core:CityModel {spaces} xsi:schemaLocation="{schemas}">
  <gml:description>{LABEL}</gml:description>
  <gml:name>{tile_name(east_km, north_km)}</gml:name>
  <gml:boundedBy>
    <gml:Envelope srsName="{SRS_NAME}">
      <gml:lowerCorner srsDimension="3">{e}.0 {n}.0 {lower}</gml:lowerCorner>
      <gml:upperCorner srsDimension="3">{e + 1000}.0 {n + 1000}.0 {upper}</gml:upperCorner>
    </gml:Envelope>
  </gml:boundedBy>
"""


def _number(value: float) -> str:
    """Three decimals at most, one at least: 99.5 and 99.123, as the official files do."""
    return repr(round(value, 3))


def _positions(ring: Float64Array) -> str:
    """A position list in EPSG:25832."""
    return " ".join(
        f"{round(x + ORIGIN_EAST, 3)!r} {round(y + ORIGIN_NORTH, 3)!r} {round(z, 3)!r}"
        for x, y, z in ring.tolist()
    )


def _attribute(indent: str, name: str, value: str) -> str:
    return (
        f'{indent}<gen:stringAttribute name="{name}">\n'
        f"{indent}  <gen:value>{value}</gen:value>\n"
        f"{indent}</gen:stringAttribute>\n"
    )


def _building(structure: Structure, identifiers: Identifiers) -> Iterator[str]:
    i = "      "
    gml_id = structure.gml_id
    yield f'  <core:cityObjectMember>\n    <bldg:Building gml:id="{gml_id}">\n'
    if structure.name:
        yield f"{i}<gml:name>{escape(structure.name)}</gml:name>\n"
    yield (
        f"{i}<core:creationDate>{CREATED}</core:creationDate>\n"
        f"{i}<core:externalReference>\n"
        f"{i}  <core:informationSystem>{CATALOGUE}</core:informationSystem>\n"
        f"{i}  <core:externalObject>\n"
        f"{i}    <core:name>{gml_id}</core:name>\n"
        f"{i}  </core:externalObject>\n"
        f"{i}</core:externalReference>\n"
    )
    has_parts = len(structure.bodies) > 1
    yield _attribute(i, "Gemeindeschluessel", MUNICIPALITY_KEY)
    sources = (("Geometrietyp2DReferenz", "3000"),) if has_parts else _SOURCES_BUILDING
    for name, value in (*sources, ("Grundrissaktualitaet", SURVEYED)):
        yield _attribute(i, name, value)
    yield f"{i}<bldg:function>{structure.function}</bldg:function>\n"
    if has_parts:
        if structure.storeys is not None:
            yield _storeys(i, structure.storeys)
        for body in structure.bodies:
            yield from _part(body, identifiers)
    else:
        yield from _body(i, structure.bodies[0], structure.storeys, identifiers)
    yield from _address(structure.address, identifiers)
    yield "    </bldg:Building>\n  </core:cityObjectMember>\n"


def _part(body: Body, identifiers: Identifiers) -> Iterator[str]:
    i = "          "
    yield (
        "      <bldg:consistsOfBuildingPart>\n"
        f'        <bldg:BuildingPart gml:id="UUID_{identifiers.next()}">\n'
        f"{i}<core:creationDate>{CREATED}</core:creationDate>\n"
    )
    for name, value in (*_SOURCES_PART, ("Grundrissaktualitaet", SURVEYED)):
        yield _attribute(i, name, value)
    yield from _body(i, body, None, identifiers)
    yield "        </bldg:BuildingPart>\n      </bldg:consistsOfBuildingPart>\n"


def _storeys(i: str, storeys: int) -> str:
    return f"{i}<bldg:storeysAboveGround>{storeys}</bldg:storeysAboveGround>\n"


def _body(i: str, body: Body, storeys: int | None, identifiers: Identifiers) -> Iterator[str]:
    """Roof type, height, solid of links, terrain intersection, boundary surfaces."""
    heights = body.solid.vertices[:, 2]
    yield (
        f"{i}<bldg:roofType>{body.roof_type}</bldg:roofType>\n"
        f'{i}<bldg:measuredHeight uom="urn:adv:uom:m">'
        f"{_number(float(heights.max() - heights.min()))}</bldg:measuredHeight>\n"
    )
    if storeys is not None:
        yield _storeys(i, storeys)
    polygons = [f"UUID_{identifiers.next()}" for _ in body.solid.faces]
    links = "".join(
        f'{i}        <gml:surfaceMember xlink:href="#{polygon}"/>\n' for polygon in polygons
    )
    yield (
        f"{i}<bldg:lod2Solid>\n{i}  <gml:Solid>\n{i}    <gml:exterior>\n"
        f"{i}      <gml:CompositeSurface>\n{links}{i}      </gml:CompositeSurface>\n"
        f"{i}    </gml:exterior>\n{i}  </gml:Solid>\n{i}</bldg:lod2Solid>\n"
    )
    yield from _terrain_intersection(i, body.terrain_lines)
    yield from _surfaces(i, body.solid, polygons, identifiers)


def _terrain_intersection(i: str, lines: Sequence[Float64Array]) -> Iterator[str]:
    if not lines:
        return
    yield f"{i}<bldg:lod2TerrainIntersection>\n{i}  <gml:MultiCurve>\n"
    for line in lines:
        yield (
            f"{i}    <gml:curveMember>\n{i}      <gml:LineString>\n"
            f'{i}        <gml:posList srsDimension="3">{_positions(line)}</gml:posList>\n'
            f"{i}      </gml:LineString>\n{i}    </gml:curveMember>\n"
        )
    yield f"{i}  </gml:MultiCurve>\n{i}</bldg:lod2TerrainIntersection>\n"


def _surfaces(
    i: str, solid: Solid, polygons: Sequence[str], identifiers: Identifiers
) -> Iterator[str]:
    """One boundary surface for each face; closures carry no identifiers but the polygon's."""
    for kind in ("Wall", "Roof", "Ground", CLOSURE):
        for face, face_kind, polygon in zip(solid.faces, solid.kinds, polygons, strict=True):
            if face_kind != kind:
                continue
            named = kind != CLOSURE
            own = f' gml:id="ID_{identifiers.next()}"' if named else ""
            multi = f' gml:id="ID_{identifiers.next()}"' if named else ""
            ring_id = f' gml:id="{polygon}_0_"' if named else ""
            positions = _positions(solid.vertices[[*face, face[0]]])
            yield (
                f"{i}<bldg:boundedBy>\n"
                f"{i}  <bldg:{kind}Surface{own}>\n"
                f"{i}    <bldg:lod2MultiSurface>\n"
                f"{i}      <gml:MultiSurface{multi}>\n"
                f"{i}        <gml:surfaceMember>\n"
                f'{i}          <gml:Polygon gml:id="{polygon}">\n'
                f"{i}            <gml:exterior>\n"
                f"{i}              <gml:LinearRing{ring_id}>\n"
                f'{i}                <gml:posList srsDimension="3">{positions}</gml:posList>\n'
                f"{i}              </gml:LinearRing>\n"
                f"{i}            </gml:exterior>\n"
                f"{i}          </gml:Polygon>\n"
                f"{i}        </gml:surfaceMember>\n"
                f"{i}      </gml:MultiSurface>\n"
                f"{i}    </bldg:lod2MultiSurface>\n"
                f"{i}  </bldg:{kind}Surface>\n"
                f"{i}</bldg:boundedBy>\n"
            )


def _address(address: tuple[str, str], identifiers: Identifiers) -> Iterator[str]:
    number, street = address
    if not street:
        return
    yield f"""      <bldg:address>
        <core:Address gml:id="UUID_{identifiers.next()}">
          <core:xalAddress>
            <xal:AddressDetails>
              <xal:Country>
                <xal:CountryName>Germany</xal:CountryName>
                <xal:Locality Type="Town">
                  <xal:LocalityName>{LOCALITY}</xal:LocalityName>
                  <xal:Thoroughfare Type="Street">
                    <xal:ThoroughfareNumber>{number}</xal:ThoroughfareNumber>
                    <xal:ThoroughfareName>{escape(street)}</xal:ThoroughfareName>
                  </xal:Thoroughfare>
                </xal:Locality>
              </xal:Country>
            </xal:AddressDetails>
          </core:xalAddress>
        </core:Address>
      </bldg:address>
"""
