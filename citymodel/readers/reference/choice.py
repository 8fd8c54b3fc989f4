"""Which geometry of an object is read, and which object a shared polygon belongs to.

Never two levels of detail of one object on top of each other, never one polygon twice
within an object and its parts.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from lxml import etree

from ...codes import GeometryType, SurfaceType
from .document import Document
from .found import Found, GeometryProperty, Placed
from .geometry import Geometry, Polygon
from .names import INTERIOR, PARTS, SUBDIVISIONS
from .objects import semantic_type
from .ringtext import outline

HIGHEST_LOD: Final = 3  # LoD4 adds rooms, which nobody sees from outside
INTERIOR_LOD: Final = 4


@dataclass(eq=False)
class _Chosen:
    """The polygons of one object at its level of detail."""

    bounds: list[tuple[Polygon, int]]
    own: list[Polygon]


@dataclass(eq=False, slots=True)
class _Holders:
    """Objects that hold a polygon, and all objects above them."""

    objects: set[Found] = field(default_factory=set)
    above: set[Found] = field(default_factory=set)

    def take(self, found: Found) -> bool:
        """Add an object unless it contains, or lies in, one that holds the polygon."""
        line = found.lineage()
        if found in self.above or not self.objects.isdisjoint(line):
            return False
        self.objects.add(found)
        self.above.update(line)
        return True


@dataclass(eq=False)
class Choice:
    """Chooses levels of detail and gives each polygon to an object.

    Parameters
    ----------
    document : Document
        For options and issues.
    geometry : Geometry
        Follows the properties.
    """

    document: Document
    geometry: Geometry
    _holders: dict[tuple[etree._Element, int], _Holders] = field(default_factory=dict)
    _types: dict[etree._Element, int] = field(default_factory=dict)
    _chosen: dict[Found, _Chosen] = field(default_factory=dict)
    _left_out: Counter[str] = field(default_factory=Counter)

    def run(self, tops: list[Found]) -> None:
        """Fill ``lod``, ``form`` and ``placed`` of all objects.

        Parameters
        ----------
        tops : list of Found
            Top-level objects with their children.
        """
        trees = [top.tree() for top in tops]
        everything = [found for tree in trees for found in tree]
        for found in everything:
            self._chosen[found] = self._choose(found)
        for found in everything:
            self._leave_out_coarser(found)
        for found in everything:
            self._place_bounds(found)
        for tree in trees:
            # Parts first: what a part holds is not held again by the whole. Storeys and
            # units last: they divide what the building shows already.
            order = tree[::-1]
            order.sort(key=lambda found: found.type in SUBDIVISIONS)
            for found in order:
                self._place_own(found, tree)
        for message, count in self._left_out.items():
            self.document.issue("geometry-left-out", "info", f"{count} objects: {message}")

    def _choose(self, found: Found) -> _Chosen:
        nothing = _Chosen([], [])
        if (
            found.inside or found.type in INTERIOR
        ) and self.document.options.lod != INTERIOR_LOD:
            if found.own or found.bounds:
                self._left_out["the interior is read with LoD 4 only"] += 1
            return nothing
        lods = {prop.lod for prop in (*found.own, *found.bounds) if prop.lod >= 0}
        for lod in self._order(lods):
            bounds = [
                (polygon, prop.surface_type)
                for prop in found.bounds
                if prop.lod == lod
                for polygon in self.geometry.polygons(prop.element, found)
            ]
            chosen = [prop for prop in found.own if prop.lod == lod]
            own = self._own_polygons(found, chosen)
            if bounds or own:
                found.lod, found.form = lod, int(_form(chosen))
                self._tell(found, lods)
                return _Chosen(bounds, own)
        if lods:
            self._left_out["no surface at the level of detail asked for, or none at all"] += 1
        return nothing

    def _order(self, lods: set[int]) -> list[int]:
        asked = self.document.options.lod
        if asked is not None:
            return sorted((lod for lod in lods if lod <= asked), reverse=True)
        low = sorted((lod for lod in lods if lod <= HIGHEST_LOD), reverse=True)
        return [*low, *(lod for lod in lods if lod > HIGHEST_LOD)]

    def _own_polygons(self, found: Found, chosen: list[GeometryProperty]) -> list[Polygon]:
        footprints = [prop for prop in chosen if prop.form != "RoofEdge"]
        polygons: list[Polygon] = []
        for prop in footprints or chosen:
            more = self.geometry.polygons(prop.element, found)
            if polygons and more:  # a solid and a multi surface that say the same twice
                held = {outline(self.document, polygon.element) for polygon in polygons}
                more = [
                    polygon
                    for polygon in more
                    if polygon.placement >= 0
                    or outline(self.document, polygon.element) not in held
                ]
            polygons.extend(more)
        return polygons

    def _tell(self, found: Found, lods: set[int]) -> None:
        asked = self.document.options.lod
        if asked is None and found.lod > HIGHEST_LOD:
            self._left_out["only LoD 4 is there; its outer hull was taken"] += 1
        elif asked is not None and found.lod != asked and max(lods) >= 0:
            self._left_out[f"LoD {asked} is not there; LoD {found.lod} was taken"] += 1

    def _leave_out_coarser(self, found: Found) -> None:
        parts = [part for part in found.children if part.type in PARTS and part.lod > found.lod]
        if parts and 0 <= found.lod <= 1:
            self._drop(found, "coarser than their own parts, which were taken")
        if found.type in SUBDIVISIONS and any(above.lod >= 0 for above in found.lineage()[1:]):
            self._drop(found, "divide a building that has a hull of its own, which was taken")

    def _drop(self, found: Found, reason: str) -> None:
        if found.lod >= 0:
            self._chosen[found] = _Chosen([], [])
            found.lod, found.form = -1, int(GeometryType.MULTI_SURFACE)
            self._left_out[reason] += 1

    def _place_bounds(self, found: Found) -> None:
        for polygon, surface_type in self._chosen[found].bounds:
            self._types.setdefault(polygon.element, surface_type)
            self._place(found, polygon, surface_type)

    def _place_own(self, found: Found, tree: list[Found]) -> None:
        own = self._chosen[found].own
        if not own:
            return
        held: set[frozenset[tuple[float, ...]]] | None = None
        for polygon in own:
            if polygon.by_reference or polygon.placement >= 0:
                self._place(found, polygon, self._type(polygon.element))
                continue
            if held is None:
                held = self._outlines(found, tree)
            if not held or outline(self.document, polygon.element) not in held:
                self._place(found, polygon, int(SurfaceType.SURFACE))

    def _type(self, element: etree._Element) -> int:
        kind = self._types.get(element)
        if kind is None:
            kind = self._types[element] = semantic_type(element)
        return kind

    def _outlines(self, found: Found, tree: list[Found]) -> set[frozenset[tuple[float, ...]]]:
        """Outlines of what thematic surfaces of the object and its parts hold already."""
        return {
            outline(self.document, polygon.element)
            for other in tree
            if found in other.lineage()
            for polygon, _ in self._chosen[other].bounds
        }

    def _place(self, found: Found, polygon: Polygon, surface_type: int) -> None:
        key = (polygon.element, polygon.placement)
        if not self._holders.setdefault(key, _Holders()).take(found):
            return
        found.placed.append(
            Placed(polygon.element, polygon.flipped, surface_type, polygon.placement)
        )


def _form(chosen: list[GeometryProperty]) -> GeometryType:
    """How the surfaces of the chosen properties hang together."""
    names = {prop.form for prop in chosen}
    if names & {"Solid", "MultiSolid"}:
        return GeometryType.SOLID
    if "Tin" in names:
        return GeometryType.TIN
    inner = {
        etree.QName(child).localname for prop in chosen for child in prop.element
    }  # lodNGeometry and lodNSurface leave open what they hold
    if inner & {"Solid", "MultiSolid", "CompositeSolid"}:
        return GeometryType.SOLID
    if inner & {"TriangulatedSurface", "Tin"}:
        return GeometryType.TIN
    if inner == {"CompositeSurface"}:
        return GeometryType.COMPOSITE_SURFACE
    return GeometryType.MULTI_SURFACE
