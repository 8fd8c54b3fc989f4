"""What the walk through a document finds, before it becomes columns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from lxml import etree

from ...codes import GeometryType, ObjectType, SurfaceType


class GeometryProperty(NamedTuple):
    """A property that holds or names surfaces, not yet followed.

    Parameters
    ----------
    lod : int
        Level of detail, -1 where the object states it beside.
    form : str
        The property's name without its LoD: "Solid", "MultiSurface", "FootPrint"...
    element : lxml.etree._Element
        The property.
    surface_type : int
        :class:`~citymodel.codes.SurfaceType` of the thematic surface, SURFACE for the
        object's own geometry.
    """

    lod: int
    form: str
    element: etree._Element
    surface_type: int = int(SurfaceType.SURFACE)


class Placed(NamedTuple):
    """A polygon that belongs to an object of the result.

    Parameters
    ----------
    polygon : lxml.etree._Element
        Polygon or patch.
    flipped : bool
        Its rings run the other way round (OrientableSurface).
    surface_type : int
        :class:`~citymodel.codes.SurfaceType`.
    placement : int
        Row in the table of placements of implicit geometries, -1 = none.
    """

    polygon: etree._Element
    flipped: bool
    surface_type: int
    placement: int = -1


@dataclass(eq=False, slots=True)
class Found:
    """A city object as found.

    Parameters
    ----------
    element : lxml.etree._Element
        Where it stands.
    id : str
        Its gml:id, or one made from its class and line.
    type : int
        :class:`~citymodel.codes.ObjectType`.
    parent : Found, optional
        The object it is a part of.
    children : list of Found
        Its parts, in document order.
    own, bounds : list of GeometryProperty
        Geometry of the object itself, and of its thematic surfaces and openings.
    terrain : list of lxml.etree._Element
        Properties with terrain intersection curves.
    lod : int
        The chosen level of detail, -1 while there is none.
    form : int
        :class:`~citymodel.codes.GeometryType` of the chosen geometry.
    placed : list of Placed
        Its surfaces in the result.
    row : int
        Row in the object table, -1 while it has none.
    inside : bool
        It says that it lies inside (``con:relationToConstruction`` of 3.0).
    """

    element: etree._Element
    id: str
    type: int
    parent: Found | None = None
    children: list[Found] = field(default_factory=list)
    own: list[GeometryProperty] = field(default_factory=list)
    bounds: list[GeometryProperty] = field(default_factory=list)
    terrain: list[etree._Element] = field(default_factory=list)
    lod: int = -1
    form: int = int(GeometryType.MULTI_SURFACE)
    placed: list[Placed] = field(default_factory=list)
    row: int = -1
    inside: bool = False

    def lineage(self) -> list[Found]:
        """Return the object and everything above it."""
        line, above = [self], self.parent
        while above is not None:
            line.append(above)
            above = above.parent
        return line

    def tree(self) -> list[Found]:
        """Return the object and everything below it, parents first, in document order."""
        rows, waiting = [], [self]
        while waiting:
            found = waiting.pop()
            rows.append(found)
            waiting.extend(reversed(found.children))
        return rows


IS_GROUP = int(ObjectType.CITY_OBJECT_GROUP)
