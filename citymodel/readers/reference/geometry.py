"""From a geometry property to its polygons: aggregates opened, references followed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, NamedTuple

from lxml import etree

from citykernel.crs import CompoundCrs

from .document import Document, href_of
from .found import Found
from .implicit import Placement, read_placement
from .names import MEANINGS, Kind

# Aggregates within aggregates; real data nest four deep. Python's stack must never decide.
DEEPEST: Final = 100
# A unit of 16 MB holds about 20,000 polygons; shapes placed often and references may multiply
# them, but not without end: half a million take about 800 MB (measured).
MOST_SURFACES: Final = 500_000


class Polygon(NamedTuple):
    """A polygon met on the way.

    Parameters
    ----------
    element : lxml.etree._Element
        Polygon, patch, triangle or rectangle.
    flipped : bool
        An odd number of OrientableSurfaces with orientation "-" lies above it.
    placement : int
        Row in the table of placements, -1 = its coordinates are those of the model.
    by_reference : bool
        An xlink:href led to it.
    """

    element: etree._Element
    flipped: bool
    placement: int = -1
    by_reference: bool = False


@dataclass(eq=False)
class _Way:
    """One walk through one property: what was met, and what is open above."""

    owner: Found
    placement: int = -1
    polygons: list[Polygon] = field(default_factory=list)
    open: set[etree._Element] = field(default_factory=set)
    followed: set[tuple[etree._Element, bool]] = field(default_factory=set)


@dataclass(eq=False)
class Geometry:
    """Follows geometry properties of a document.

    Parameters
    ----------
    document : Document
        Where references point into.
    crs : CompoundCrs
        System of the coordinates.
    placements : list of Placement
        Placements of implicit geometries met so far.
    """

    document: Document
    crs: CompoundCrs
    placements: list[Placement] = field(default_factory=list)
    _met: int = 0

    def polygons(self, prop: etree._Element, owner: Found) -> list[Polygon]:
        """List the polygons of a property.

        Parameters
        ----------
        prop : lxml.etree._Element
            For example ``bldg:lod2Solid``.
        owner : Found
            The object it belongs to.

        Returns
        -------
        list of Polygon
            In document order; each reference is followed once, so that references that
            multiply do not multiply work.
        """
        way = _Way(owner)
        if self._met < MOST_SURFACES:
            self._property(prop, way, flipped=False, by_reference=False)
            self._met += len(way.polygons)
            return way.polygons
        self.document.issue(
            "too-many-surfaces", "error",
            f"the unit places more than {MOST_SURFACES} surfaces by reference; this object's "
            "were left out",
            gml_id=owner.id, at=owner.element, dropped=True,
        )  # fmt: skip
        return []

    def _property(
        self, prop: etree._Element, way: _Way, *, flipped: bool, by_reference: bool
    ) -> None:
        if len(prop):
            for child in prop:
                self._geometry(child, way, flipped=flipped, by_reference=by_reference)
            return
        href = href_of(prop)
        target = self.document.resolve(href, prop, way.owner.id) if href else None
        if target is None:
            return
        if target in way.open or len(way.open) > DEEPEST:
            self.document.issue(
                "xlink-cycle", "error", f"'{href}' leads back to itself, or too deep",
                gml_id=way.owner.id, at=prop,
            )  # fmt: skip
        elif (target, flipped) not in way.followed:
            way.followed.add((target, flipped))
            self._geometry(target, way, flipped=flipped, by_reference=True)

    def _geometry(
        self, element: etree._Element, way: _Way, *, flipped: bool, by_reference: bool
    ) -> None:
        kind = MEANINGS[element.tag].kind
        if kind is Kind.POLYGON:
            way.polygons.append(Polygon(element, flipped, way.placement, by_reference))
        elif kind in (Kind.AGGREGATE, Kind.ORIENTABLE):
            if kind is Kind.ORIENTABLE and element.get("orientation") == "-":
                flipped = not flipped
            way.open.add(element)
            for prop in element:
                self._property(prop, way, flipped=flipped, by_reference=by_reference)
            way.open.discard(element)
        elif kind is Kind.IMPLICIT:
            self._implicit(element, way)
        elif kind in (Kind.SURFACE, Kind.GEOMETRY, Kind.OBJECT) and by_reference:
            self._wrong_target(element, way, flipped=flipped)

    def _wrong_target(self, element: etree._Element, way: _Way, *, flipped: bool) -> None:
        # A reference to a thematic surface or to a property is not valid, but says clearly
        # which geometry is meant.
        if MEANINGS[element.tag].kind is Kind.GEOMETRY:
            self._property(element, way, flipped=flipped, by_reference=True)
            return
        way.open.add(element)
        for prop in element:
            if MEANINGS[prop.tag].kind is Kind.GEOMETRY:
                self._property(prop, way, flipped=flipped, by_reference=True)
        way.open.discard(element)

    def _implicit(self, element: etree._Element, way: _Way) -> None:
        if way.placement >= 0:
            self.document.issue(
                "implicit-nested", "error", "an implicit geometry contains another; left out",
                gml_id=way.owner.id, at=element,
            )  # fmt: skip
            return
        placement, relative = read_placement(self.document, element, way.owner.id, self.crs)
        if placement is None or relative is None:
            return
        self.placements.append(placement)
        way.placement = len(self.placements) - 1
        self._property(relative, way, flipped=False, by_reference=True)
        way.placement = -1
