"""What the elements of CityGML 1.0, 2.0, 3.0 and GML mean: by namespace, never by prefix.

Each qualified name is classified once; afterwards its meaning is one dictionary look-up.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from ...codes import ObjectType, SurfaceType

GML_311: Final = "http://www.opengis.net/gml"
GML_32: Final = "http://www.opengis.net/gml/3.2"
HREF: Final = "{http://www.w3.org/1999/xlink}href"
XAL: Final = ("urn:oasis:names:tc:ciq:xsdschema:xAL:2.0", "urn:oasis:names:tc:ciq:xal:3")
# http://www.opengis.net/citygml/2.0, .../citygml/building/2.0, .../citygml/profiles/base/2.0
CITYGML: Final = re.compile(
    r"https?://www\.(?:opengis\.net|citygml\.org)/citygml(?:/(?P<module>[a-z]+(?:/base)?))?"
    r"/(?P<version>[123]\.0)"
)


class Kind(IntEnum):
    """What an element is for."""

    OBJECT = 0  # a city object: number = ObjectType
    SURFACE = 1  # a thematic surface or opening: number = SurfaceType
    GEOMETRY = 2  # a property with surfaces: number = LoD (-1 = stated beside), text = form
    TERRAIN = 3  # a property with a terrain intersection curve: number = LoD
    PLAIN = 4  # any other property: text = its name in snake case
    GENERIC = 5  # a generic attribute of 1.0 and 2.0, or a value of 3.0: text = its kind
    GENERIC_SET = 6  # a set of generic attributes
    ADDRESS = 7
    EXTERNAL = 8  # ExternalReference of 3.0
    IMPLICIT = 9  # ImplicitGeometry
    DATA = 10  # a data type of CityGML, such as con:Height
    ASIDE = 11  # appearances, dynamizers, versions: not read with the objects
    SKIP = 12  # a property that says nothing for us, such as an envelope
    POLYGON = 13  # Polygon, PolygonPatch, Triangle, Rectangle
    ORIENTABLE = 14  # OrientableSurface, TexturedSurface: may flip its base
    AGGREGATE = 15  # any other surface or solid of GML
    CURVE = 16  # curves, points, grids: geometry without surfaces
    FOREIGN = 17  # an application's own element (ADE)


@dataclass(frozen=True, slots=True)
class Name:
    """Meaning of a qualified name.

    Parameters
    ----------
    kind : Kind
        What the element is for.
    local : str
        Name without namespace.
    text : str
        Snake-case name of a property, form of a geometry, kind of a generic attribute.
    number : int
        Level of detail, object type or surface type.
    """

    kind: Kind
    local: str
    text: str = ""
    number: int = -1


_SPECIAL_OBJECTS: Final = {
    # 3.0 renamed these, or has several classes for what 2.0 says with one.
    "TINRelief": ObjectType.TIN_RELIEF,
    "BuildingRoom": ObjectType.ROOM,
    "BridgeRoom": ObjectType.ROOM,
    "HollowSpace": ObjectType.ROOM,
    "BridgeFurniture": ObjectType.BUILDING_FURNITURE,
    "TunnelFurniture": ObjectType.BUILDING_FURNITURE,
    "IntBridgeInstallation": ObjectType.INT_BUILDING_INSTALLATION,
    "IntTunnelInstallation": ObjectType.INT_BUILDING_INSTALLATION,
    "BuildingConstructiveElement": ObjectType.BUILDING_INSTALLATION,
    "TunnelConstructiveElement": ObjectType.TUNNEL_INSTALLATION,
    "BridgeConstructiveElement": ObjectType.BRIDGE_CONSTRUCTION_ELEMENT,
    "ClearanceSpace": ObjectType.AUXILIARY_TRAFFIC_SPACE,
    "Hole": ObjectType.AUXILIARY_TRAFFIC_SPACE,
    "GenericOccupiedSpace": ObjectType.GENERIC_CITY_OBJECT,
    "GenericUnoccupiedSpace": ObjectType.GENERIC_CITY_OBJECT,
    "GenericLogicalSpace": ObjectType.GENERIC_CITY_OBJECT,
}
OBJECTS: Final[dict[str, ObjectType]] = {
    kind.citygml_name: kind for kind in ObjectType if kind is not ObjectType.UNKNOWN
} | _SPECIAL_OBJECTS
SURFACES: Final[dict[str, SurfaceType]] = {
    kind.citygml_name: kind for kind in SurfaceType if kind is not SurfaceType.SURFACE
} | {
    "WindowSurface": SurfaceType.WINDOW,
    "DoorSurface": SurfaceType.DOOR,
    "HoleSurface": SurfaceType.SURFACE,
    "GenericThematicSurface": SurfaceType.SURFACE,
}
INTERIOR: Final = frozenset(
    {ObjectType.ROOM, ObjectType.BUILDING_FURNITURE, ObjectType.INT_BUILDING_INSTALLATION}
)
SUBDIVISIONS: Final = frozenset({ObjectType.STOREY, ObjectType.BUILDING_UNIT})
PARTS: Final = frozenset(
    {ObjectType.BUILDING_PART, ObjectType.BRIDGE_PART, ObjectType.TUNNEL_PART}
)
# CityGML with its extensions has some thousand names; a hostile file could make up more.
MOST_NAMES: Final = 20_000
_ASIDE = {"Appearance", "Dynamizer", "Version", "VersionTransition", "PointCloud"}
_POLYGONS = {"Polygon", "PolygonPatch", "Triangle", "Rectangle"}
_AGGREGATES = {
    "Solid", "CompositeSolid", "MultiSolid", "Shell", "Surface", "CompositeSurface",
    "MultiSurface", "PolyhedralSurface", "TriangulatedSurface", "Tin", "MultiGeometry",
    "GeometricComplex",
}  # fmt: skip
_GENERIC_KINDS = {
    "string": "string", "int": "integer", "double": "number", "date": "date", "uri": "uri",
    "measure": "measure", "code": "string",
}  # fmt: skip
_LOD = re.compile(r"lod([0-4])([A-Z][A-Za-z]*)")
_WITH_SURFACES = {
    "Solid", "MultiSolid", "MultiSurface", "Surface", "Geometry", "FootPrint", "RoofEdge",
    "ImplicitRepresentation",
}  # fmt: skip
_WITHOUT_SURFACES = ("Curve", "Point", "Network", "BaseLine")
_SNAKE = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def snake_case(name: str) -> str:
    """Write a property's name as Python writes names.

    Examples
    --------
    >>> snake_case("storeysAboveGround")
    'storeys_above_ground'
    """
    return _SNAKE.sub("_", name).lower()


class Meanings(dict[str, Name]):
    """Qualified names and what they mean; each is looked at once."""

    def __missing__(self, tag: str) -> Name:
        """Classify a name that was not met before."""
        namespace, _, local = tag[1:].rpartition("}")
        if namespace in (GML_311, GML_32):
            name = _gml(local)
        elif CITYGML.fullmatch(namespace):
            name = _citygml(local)
        else:
            name = _foreign(local)
        if len(self) < MOST_NAMES:
            self[tag] = name
        return name


def _gml(local: str) -> Name:
    if local in _POLYGONS:
        return Name(Kind.POLYGON, local)
    if local == "OrientableSurface":
        return Name(Kind.ORIENTABLE, local)
    if local in _AGGREGATES:
        return Name(Kind.AGGREGATE, local)
    if local in ("name", "description", "identifier"):
        return Name(Kind.PLAIN, local, local)
    return Name(Kind.CURVE if local[:1].isupper() else Kind.SKIP, local)


def _citygml(local: str) -> Name:
    if local[:1].isupper():
        return _citygml_class(local)
    geometry = _geometry_property(local)
    if geometry is not None:
        return geometry
    if local == "genericAttributeSet":
        return Name(Kind.GENERIC_SET, local)
    generic = re.fullmatch(r"(string|int|double|date|uri|measure)Attribute", local)
    if generic:
        return Name(Kind.GENERIC, local, _GENERIC_KINDS[generic[1]])
    if local in ("appearance", "dynamizer", "extent"):
        return Name(Kind.SKIP, local)
    return Name(Kind.PLAIN, local, snake_case(local))


def _citygml_class(local: str) -> Name:
    if local in OBJECTS:
        return Name(Kind.OBJECT, local, number=OBJECTS[local])
    if local in SURFACES:
        return Name(Kind.SURFACE, local, number=SURFACES[local])
    special = {
        "Address": Kind.ADDRESS,
        "ExternalReference": Kind.EXTERNAL,
        "ImplicitGeometry": Kind.IMPLICIT,
        "TexturedSurface": Kind.ORIENTABLE,
        "GenericAttributeSet": Kind.GENERIC_SET,
    }
    if local in special:
        return Name(special[local], local)
    if local in _ASIDE:
        return Name(Kind.ASIDE, local)
    generic = re.fullmatch(r"(String|Int|Double|Date|Uri|Measure|Code)Attribute", local)
    if generic:
        return Name(Kind.GENERIC, local, _GENERIC_KINDS[generic[1].lower()])
    return Name(Kind.DATA, local, snake_case(local))


def _geometry_property(local: str) -> Name | None:
    if local == "tin":
        return Name(Kind.GEOMETRY, local, "Tin")
    lod = _LOD.fullmatch(local)
    if not lod:
        return None
    number, form = int(lod[1]), lod[2]
    if "TerrainIntersection" in form:
        return Name(Kind.TERRAIN, local, form, number)
    if form in _WITH_SURFACES:
        return Name(Kind.GEOMETRY, local, form, number)
    return Name(Kind.SKIP, local) if form.endswith(_WITHOUT_SURFACES) else None


def _foreign(local: str) -> Name:
    # An application's own class may carry geometry in properties named as CityGML names them.
    geometry = None if local[:1].isupper() else _geometry_property(local)
    return geometry or Name(Kind.FOREIGN, local, snake_case(local))


MEANINGS: Final = Meanings()
