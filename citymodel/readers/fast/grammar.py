"""What the fast reader knows: which element may stand where, and what is done with it.

A closed table. Whatever is not in it (another element, another attribute, text where none
belongs) makes the scanner stop and hand the unit over to the reference reader.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from itertools import pairwise
from typing import Final

import numpy as np

from citykernel.arrays import UInt8Array

from ...codes import ObjectType, SurfaceType

CORE: Final = "http://www.opengis.net/citygml/{version}"
BUILDING: Final = "http://www.opengis.net/citygml/building/{version}"
GENERICS: Final = "http://www.opengis.net/citygml/generics/{version}"
GML: Final = "http://www.opengis.net/gml"
XAL: Final = "urn:oasis:names:tc:ciq:xsdschema:xAL:2.0"
XLINK: Final = "http://www.w3.org/1999/xlink"


class Text(IntEnum):
    """What is done with the text of an element."""

    BLANK = 0  # there must be none
    IGNORED = 1
    TAKEN = 2
    RING = 3  # coordinates of a ring
    TERRAIN = 4  # coordinates of a terrain line: taken where they are asked for


class Mark(IntEnum):
    """What the beginning of an element means."""

    NOTHING = 0
    OBJECT = 1
    SURFACE = 2
    POLYGON = 3
    EXTERIOR = 4
    INTERIOR = 5
    SOLID = 6
    ADDRESS = 7
    REFERENCE = 8
    GENERIC = 9
    RING = 10


class Take(IntEnum):
    """What is done with an attribute."""

    REFUSED = 0
    IGNORED = 1
    ID = 2
    HREF = 3
    NAME = 4  # of a generic attribute
    UNIT = 5
    THREE = 6  # must be "3"


# Captured texts: what they are, by number. The first are properties of the standard, in the
# order of no importance; columns come in the order of the document.
STANDARD: Final = {
    "class": 1, "function": 2, "usage": 3, "year_of_construction": 4, "year_of_demolition": 5,
    "roof_type": 6, "measured_height": 7, "storeys_above_ground": 8, "storeys_below_ground": 9,
    "creation_date": 10, "termination_date": 11, "name": 12, "description": 13,
}  # fmt: skip
GENERIC: Final = {"string": 20, "integer": 21, "number": 22, "date": 23, "uri": 24}
ADDRESS: Final = {
    "country": 30, "locality": 31, "postcode": 32, "thoroughfare": 33, "number": 34,
}  # fmt: skip
REFERENCE: Final = {"system": 40, "name": 41, "uri": 42}

Name = tuple[str, str]


@dataclass(eq=False)
class Node:
    """An element in its place."""

    text: Text = Text.BLANK
    mark: Mark = Mark.NOTHING
    number: int = 0  # ObjectType, SurfaceType or number of the captured text
    attributes: dict[Name, Take] = field(default_factory=dict)
    children: dict[Name, Node] = field(default_factory=dict)


_ID: Final = {(GML, "id"): Take.ID}
_DIMENSION: Final = {("", "srsDimension"): Take.THREE}


def _taken(number: int, attributes: dict[Name, Take] | None = None) -> Node:
    code_space = {("", "codeSpace"): Take.IGNORED}
    return Node(Text.TAKEN, number=number, attributes=code_space | (attributes or {}))


def _chain(*steps: tuple[Name, Node]) -> dict[Name, Node]:
    """Elements each of which contains the next."""
    for (_, outer), inner in pairwise(steps):
        outer.children[inner[0]] = inner[1]
    return dict(steps[:1])


def _polygon() -> Node:
    def ring(mark: Mark) -> Node:
        positions = Node(Text.RING, attributes=_DIMENSION)
        linear = Node(mark=Mark.RING, attributes=_ID, children={(GML, "posList"): positions})
        return Node(mark=mark, children={(GML, "LinearRing"): linear})

    return Node(
        mark=Mark.POLYGON,
        attributes=_ID,
        children={
            (GML, "exterior"): ring(Mark.EXTERIOR),
            (GML, "interior"): ring(Mark.INTERIOR),
        },
    )


def _surfaces() -> dict[Name, Node]:
    """Thematic surfaces: their polygons are read, what is said about them is passed over."""
    multi = _chain(
        ((BUILDING, "lod2MultiSurface"), Node()),
        ((GML, "MultiSurface"), Node(attributes=_ID)),
        ((GML, "surfaceMember"), Node()),
        ((GML, "Polygon"), _polygon()),
    )
    ignored = Node(Text.IGNORED)
    generic = Node(
        attributes={("", "name"): Take.IGNORED}, children={(GENERICS, "value"): ignored}
    )
    said = {
        (CORE, "creationDate"): ignored,
        (GML, "name"): ignored,
        (GML, "description"): ignored,
        (GENERICS, "stringAttribute"): generic,
    }
    kinds = (
        SurfaceType.WALL_SURFACE, SurfaceType.ROOF_SURFACE, SurfaceType.GROUND_SURFACE,
        SurfaceType.CLOSURE_SURFACE, SurfaceType.OUTER_CEILING_SURFACE,
        SurfaceType.OUTER_FLOOR_SURFACE,
    )  # fmt: skip
    return {
        (BUILDING, kind.citygml_name): Node(
            mark=Mark.SURFACE, number=int(kind), attributes=_ID, children=said | multi
        )
        for kind in kinds
    }


def _address() -> Node:
    texts = {
        "CountryName": "country", "LocalityName": "locality", "PostalCodeNumber": "postcode",
        "ThoroughfareName": "thoroughfare", "ThoroughfareNumber": "number",
    }  # fmt: skip
    leaf = {name: {(XAL, name): _taken(ADDRESS[key])} for name, key in texts.items()}
    kind = {("", "Type"): Take.IGNORED}
    street = Node(
        attributes=kind, children=leaf["ThoroughfareNumber"] | leaf["ThoroughfareName"]
    )
    postal = Node(children=leaf["PostalCodeNumber"])
    place = Node(
        attributes=kind,
        children=leaf["LocalityName"]
        | {(XAL, "Thoroughfare"): street, (XAL, "PostalCode"): postal},
    )
    country = Node(children=leaf["CountryName"] | {(XAL, "Locality"): place})
    chain = _chain(
        ((CORE, "Address"), Node(mark=Mark.ADDRESS, attributes=_ID)),
        ((CORE, "xalAddress"), Node()),
        ((XAL, "AddressDetails"), Node()),
        ((XAL, "Country"), country),
    )
    return Node(children=chain)


def _properties() -> dict[Name, Node]:
    """Properties that buildings and their parts share."""
    unit = {("", "uom"): Take.UNIT}
    named = {
        "class": "class", "function": "function", "usage": "usage", "roofType": "roof_type",
        "yearOfConstruction": "year_of_construction", "yearOfDemolition": "year_of_demolition",
        "storeysAboveGround": "storeys_above_ground",
        "storeysBelowGround": "storeys_below_ground",
    }  # fmt: skip
    properties = {(BUILDING, local): _taken(STANDARD[name]) for local, name in named.items()}
    properties[BUILDING, "measuredHeight"] = _taken(STANDARD["measured_height"], unit)
    properties[CORE, "creationDate"] = _taken(STANDARD["creation_date"])
    properties[CORE, "terminationDate"] = _taken(STANDARD["termination_date"])
    properties[GML, "name"] = _taken(STANDARD["name"])
    properties[GML, "description"] = _taken(STANDARD["description"])
    kinds = {
        "string": "string",
        "int": "integer",
        "double": "number",
        "date": "date",
        "uri": "uri",
    }
    for local, kind in kinds.items():
        value = Node(Text.TAKEN, number=GENERIC[kind])
        properties[GENERICS, f"{local}Attribute"] = Node(
            mark=Mark.GENERIC,
            attributes={("", "name"): Take.NAME},
            children={(GENERICS, "value"): value},
        )
    outside = {(CORE, key): _taken(REFERENCE[key]) for key in ("name", "uri")}
    properties[CORE, "externalReference"] = Node(
        mark=Mark.REFERENCE,
        children={
            (CORE, "informationSystem"): _taken(REFERENCE["system"]),
            (CORE, "externalObject"): Node(children=outside),
        },
    )
    return properties


def _geometry() -> dict[Name, Node]:
    member = Node(attributes={(XLINK, "href"): Take.HREF})
    solid = _chain(
        ((BUILDING, "lod2Solid"), Node(mark=Mark.SOLID)),
        ((GML, "Solid"), Node(attributes=_ID)),
        ((GML, "exterior"), Node()),
        ((GML, "CompositeSurface"), Node(attributes=_ID)),
        ((GML, "surfaceMember"), member),
    )
    terrain = _chain(
        ((BUILDING, "lod2TerrainIntersection"), Node()),
        ((GML, "MultiCurve"), Node(attributes=_ID)),
        ((GML, "curveMember"), Node()),
        ((GML, "LineString"), Node(attributes=_ID)),
        ((GML, "posList"), Node(Text.TERRAIN, attributes=_DIMENSION)),
    )
    return solid | terrain | {(BUILDING, "boundedBy"): Node(children=_surfaces())}


def city_model() -> Node:
    """Make the grammar of the contents of a CityModel.

    Returns
    -------
    Node
        The root element.
    """
    shared = _properties() | _geometry() | {(BUILDING, "address"): _address()}
    part = Node(
        mark=Mark.OBJECT,
        number=int(ObjectType.BUILDING_PART),
        attributes=_ID,
        children=shared,
    )
    parts = Node(children={(BUILDING, "BuildingPart"): part})
    building = Node(
        mark=Mark.OBJECT,
        number=int(ObjectType.BUILDING),
        attributes=_ID,
        children=shared | {(BUILDING, "consistsOfBuildingPart"): parts},
    )
    member = Node(children={(BUILDING, "Building"): building})
    return Node(children={(CORE, "cityObjectMember"): member, (GML, "featureMember"): member})


@dataclass(frozen=True, slots=True)
class Tables:
    """The grammar as arrays; states are numbered, the root is 1, 0 = not allowed.

    Parameters
    ----------
    elements, attributes : dict of Name to int
        Numbers of element and attribute names, from 1.
    following : (states, elements) uint8
        State that an element leads to.
    take : (states, attributes) uint8
        :class:`Take` of an attribute.
    text, mark, number : (states,) uint8
        Of :class:`Node`.
    """

    elements: dict[Name, int]
    attributes: dict[Name, int]
    following: UInt8Array
    take: UInt8Array
    text: UInt8Array
    mark: UInt8Array
    number: UInt8Array


def tables(root: Node) -> Tables:
    """Number the grammar.

    Parameters
    ----------
    root : Node
        The root element.

    Returns
    -------
    Tables
        For the scanner.
    """
    nodes: list[Node] = []
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if not any(node is known for known in nodes):
            nodes.append(node)
            waiting.extend(node.children.values())
    elements = sorted({name for node in nodes for name in node.children})
    attributes = sorted({name for node in nodes for name in node.attributes})
    element_number = {name: i for i, name in enumerate(elements, start=1)}
    attribute_number = {name: i for i, name in enumerate(attributes, start=1)}
    state = {id(node): i for i, node in enumerate(nodes, start=1)}
    following = np.zeros((len(nodes) + 1, len(elements) + 1), np.uint8)
    take = np.zeros((len(nodes) + 1, len(attributes) + 1), np.uint8)
    for node in nodes:
        for name, child in node.children.items():
            following[state[id(node)], element_number[name]] = state[id(child)]
        for name, what in node.attributes.items():
            take[state[id(node)], attribute_number[name]] = what
    column = {
        key: np.array([0, *(getattr(node, key) for node in nodes)], np.uint8)
        for key in ("text", "mark", "number")
    }
    return Tables(element_number, attribute_number, following, take, **column)


TABLES: Final = tables(city_model())
