"""The walk: city objects, their thematic surfaces and what they say of themselves.

Geometry is noted here, not followed: only the chosen level of detail is worth following.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from lxml import etree

from citykernel.errors import ReadError

from ...codes import ObjectType, SurfaceType
from ...model import ColumnKind
from .addresses import Registers
from .attributes import Attributes, is_number
from .document import Document, href_of, text_of
from .found import IS_GROUP, Found, GeometryProperty
from .names import MEANINGS, Kind, Name

# Properties that relate objects without making one a part of the other.
_RELATIONS = frozenset({"groupMember", "parent", "relatedTo", "generalizesTo"})
# Surfaces in surfaces by reference; an opening in a wall is one deep.
_DEEPEST = 20
# Classes may stand in properties only (GML 3.2.1, 7.1.3: the object-property rule).
_CLASSES = frozenset({Kind.OBJECT, Kind.SURFACE, Kind.ADDRESS, Kind.IMPLICIT, Kind.DATA})


@dataclass(eq=False)
class Walk:
    """Reads the objects of a document.

    Parameters
    ----------
    document : Document
        What to read.
    attributes : Attributes
        Takes the values.
    registers : Registers
        Takes addresses and references.
    tops : list of Found
        Top-level objects, in document order.
    """

    document: Document
    attributes: Attributes
    registers: Registers
    tops: list[Found] = field(default_factory=list)
    _by_element: dict[etree._Element, Found] = field(default_factory=dict)
    _adoptions: list[tuple[Found, etree._Element]] = field(default_factory=list)
    _open_surfaces: list[etree._Element] = field(default_factory=list)
    _nameless: int = 0

    def run(self) -> list[Found]:
        """Read all members.

        Returns
        -------
        list of Found
            Top-level objects; ``row`` is not yet set.

        Raises
        ------
        ReadError
            Markup that CityGML does not allow, in every object there is.
        """
        first_error: ReadError | None = None
        for member in self.document.root:
            for element in member:
                try:
                    self._member(element)
                except ReadError as error:
                    first_error = first_error or error
                    self._dropped(error, element)
        if first_error is not None and not self.tops:
            raise first_error
        self._adopt()
        if self._nameless:
            self.document.issue(
                "missing-id", "info",
                f"{self._nameless} objects without gml:id were named after class and line",
            )  # fmt: skip
        return self.tops

    def _dropped(self, error: ReadError, element: etree._Element) -> None:
        gml_id = element.get(self.document.id_name) or error.gml_id or ""
        reason = str(error).partition("]: ")[2] or str(error)
        line = error.line or 0
        self.document.issue_at("invalid-object", "error", reason, gml_id, line, dropped=True)

    def _member(self, element: etree._Element) -> None:
        meaning = MEANINGS[element.tag]
        if meaning.kind is Kind.OBJECT:
            self.tops.append(self._object(element, None, meaning.number))
        elif meaning.kind in (Kind.SURFACE, Kind.FOREIGN):
            found = self._unknown(element, None)
            if found is not None:
                self.tops.append(found)

    def _object(self, element: etree._Element, parent: Found | None, kind: int) -> Found:
        found = Found(element, self._id(element), kind, parent)
        stated_lod = -1
        for child in element:
            meaning = MEANINGS[child.tag]
            self._property(found, child, meaning)
            if meaning.local == "lod" and text_of(child).isdigit():
                stated_lod = int(text_of(child))  # relief states its LoD beside its geometry
            elif meaning.local == "relationToConstruction":
                found.inside = text_of(child) == "inside"
        found.own = [own if own.lod >= 0 else own._replace(lod=stated_lod) for own in found.own]
        self._by_element[element] = found
        return found

    def _id(self, element: etree._Element) -> str:
        gml_id = element.get(self.document.id_name)
        if gml_id:
            return gml_id
        self._nameless += 1
        name = MEANINGS[element.tag].local
        return f"{name}-{self.document.line(element)}-{self._nameless}"

    def _property(self, found: Found, child: etree._Element, meaning: Name) -> None:
        kind = meaning.kind
        if kind is Kind.GEOMETRY:
            found.own.append(GeometryProperty(meaning.number, meaning.text, child))
        elif kind is Kind.PLAIN:
            self._plain(found, child, meaning)
        elif kind in (Kind.GENERIC, Kind.GENERIC_SET):
            self.attributes.generic(found, child)
        elif kind is Kind.TERRAIN:
            found.terrain.append(child)
        elif kind is Kind.FOREIGN:
            self._foreign(found, child, meaning)
        elif kind in _CLASSES:
            raise self.document.error(
                f"{meaning.local} stands directly in {MEANINGS[found.element.tag].local}; "
                "wanted a property around it",
                child,
                found.id,
            )

    def _plain(self, found: Found, prop: etree._Element, meaning: Name) -> None:
        if meaning.local in _RELATIONS and not (len(prop) and found.type == IS_GROUP):
            return
        if not len(prop):
            if href_of(prop):
                self._reference(found, prop, meaning)
            else:
                self.attributes.standard(found, meaning.text, prop)
        elif meaning.local == "externalReference":
            self.registers.reference(found, prop)
        else:
            for child in prop:
                self._value(found, child, meaning)

    def _value(self, found: Found, child: etree._Element, prop: Name) -> None:
        meaning = MEANINGS[child.tag]
        kind = meaning.kind
        if kind is Kind.SURFACE:
            self._surface(found, child, meaning.number)
        elif kind is Kind.OBJECT:
            self._child(found, child, meaning.number)
        elif kind is Kind.ADDRESS:
            self.registers.address(found, child)
        elif kind in (Kind.GENERIC, Kind.GENERIC_SET):
            self.attributes.generic(found, child)
        elif kind is Kind.DATA:
            self.attributes.data(found, prop.text, child)
        elif kind in (Kind.FOREIGN, Kind.ASIDE):
            self._count(child)

    def _child(self, found: Found, element: etree._Element, kind: int) -> None:
        if found.type == IS_GROUP:  # a group names objects, it does not contain them
            self.tops.append(self._object(element, None, kind))
        else:
            found.children.append(self._object(element, found, kind))

    def _surface(self, found: Found, element: etree._Element, surface_type: int) -> None:
        if element in self._open_surfaces or len(self._open_surfaces) > _DEEPEST:
            self.document.issue(
                "xlink-cycle", "error", "the surface contains itself by reference",
                gml_id=found.id, at=element,
            )  # fmt: skip
            return
        self._open_surfaces.append(element)
        self._surface_properties(found, element, surface_type)
        self._open_surfaces.pop()

    def _surface_properties(
        self, found: Found, element: etree._Element, surface_type: int
    ) -> None:
        for child in element:
            meaning = MEANINGS[child.tag]
            if meaning.kind is Kind.GEOMETRY:
                found.bounds.append(
                    GeometryProperty(meaning.number, meaning.text, child, surface_type)
                )
            elif meaning.kind is Kind.PLAIN and len(child):
                for below in child:
                    inner = MEANINGS[below.tag]
                    if inner.kind is Kind.SURFACE:
                        self._surface(found, below, inner.number)
            elif meaning.kind is Kind.PLAIN and href_of(child):
                self._reference(found, child, meaning)
            elif meaning.kind is Kind.FOREIGN:
                self._count(child)

    def _reference(self, found: Found, prop: etree._Element, meaning: Name) -> None:
        if meaning.local == "externalReference":
            return
        target = self.document.resolve(href_of(prop), prop, found.id)
        if target is None:
            return
        kind = MEANINGS[target.tag]
        if kind.kind is Kind.SURFACE:
            self._surface(found, target, kind.number)
        elif kind.kind is Kind.ADDRESS:
            self.registers.address(found, target)
        elif kind.kind is Kind.OBJECT:
            self._adoptions.append((found, target))

    def _adopt(self) -> None:
        """Give objects that stand as members of their own to those that name them as parts."""
        tops = dict.fromkeys(self.tops)
        for parent, element in self._adoptions:
            found, line = self._by_element.get(element), parent.lineage()
            if found is None or found not in tops or line[-1] not in tops:
                continue
            if found in line or len(line) > _DEEPEST:
                self.document.issue(
                    "xlink-cycle", "error",
                    "the object is named as a part of itself, or too deep",
                    gml_id=found.id, at=element,
                )  # fmt: skip
                continue
            del tops[found]
            found.parent = parent
            parent.children.append(found)
        self.tops = list(tops)

    def _foreign(self, found: Found, prop: etree._Element, meaning: Name) -> None:
        if not len(prop):
            before = len(self.attributes.values)
            unit = prop.get("uom") or ""
            kind: ColumnKind = "measure" if unit and is_number(text_of(prop)) else "string"
            self.attributes.add(found, meaning.local, kind, prop, unit=unit, source="ade")
            if len(self.attributes.values) == before:
                self._count(prop)
            return
        for child in prop:
            inner = MEANINGS[child.tag]
            if inner.kind is Kind.OBJECT:
                self._child(found, child, inner.number)
            elif inner.kind is Kind.FOREIGN:
                unknown = self._unknown(child, found)
                if unknown is not None:
                    found.children.append(unknown)
            else:
                self._count(prop)

    def _unknown(self, element: etree._Element, parent: Found | None) -> Found | None:
        """Read an application's object if it carries geometry with a level of detail."""
        meaning = MEANINGS[element.tag]
        if meaning.kind is Kind.SURFACE:
            found = Found(element, self._id(element), int(ObjectType.UNKNOWN), parent)
            self._surface(found, element, meaning.number)
            return found
        if meaning.kind is not Kind.FOREIGN or not any(
            MEANINGS[below.tag].kind is Kind.GEOMETRY for below in element.iter(etree.Element)
        ):
            self._count(element)
            return None
        return self._object(element, parent, int(ObjectType.UNKNOWN))

    def _count(self, element: etree._Element) -> None:
        self.document.skipped[element.tag] += 1


def semantic_type(polygon: etree._Element) -> int:
    """Type of the thematic surface a polygon stands in, SURFACE if in none.

    Parameters
    ----------
    polygon : lxml.etree._Element
        Anywhere in a document.

    Returns
    -------
    int
        :class:`~citymodel.codes.SurfaceType`.
    """
    for above in polygon.iterancestors():
        meaning = MEANINGS[above.tag]
        if meaning.kind is Kind.SURFACE:
            return meaning.number
        if meaning.kind is Kind.OBJECT:
            break
    return int(SurfaceType.SURFACE)
