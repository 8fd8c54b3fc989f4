"""Geometry of CityJSON: nested lists of vertex numbers, flattened to surfaces."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import numpy as np

from citykernel.arrays import Float64Array
from citykernel.crs import CompoundCrs
from citykernel.issues import Issue

from ..codes import GeometryType, SurfaceType
from .cityjson_document import Entry
from .reference.implicit import Placement, metric_axes
from .reference.names import INTERIOR, PARTS, SUBDIVISIONS, SURFACES
from .unit import ReadOptions

# How deep the lists of surfaces lie (CityJSON 2.0, 3.2).
_DEPTH: Final = {
    "MultiSurface": 0,
    "CompositeSurface": 0,
    "Solid": 1,
    "MultiSolid": 2,
    "CompositeSolid": 2,
}
_FORMS: Final = {
    "MultiSurface": GeometryType.MULTI_SURFACE,
    "CompositeSurface": GeometryType.COMPOSITE_SURFACE,
}
_HIGHEST: Final = 4.0  # LoD 0 to 3.x; interiors are read when LoD 4 is asked for
_INTERIOR_LOD: Final = 4
_TRIANGLE: Final = 3
_INSTANCE: Final = "GeometryInstance"


class Surface(NamedTuple):
    """A surface of a geometry, flattened.

    Parameters
    ----------
    rings : list of list of int
        Vertex numbers, exterior first.
    surface_type : SurfaceType
        By its semantics.
    wears : dict
        Material rows and texture rings by theme: ("material", theme) to a number,
        ("texture", theme) to lists of numbers.
    """

    rings: list[list[int]]
    surface_type: SurfaceType
    wears: dict[tuple[str, str], Any]


@dataclass(eq=False)
class Shapes:
    """Surfaces of all objects, vertices of all sheets."""

    path: str
    options: ReadOptions
    crs: CompoundCrs
    issues: list[Issue] = field(default_factory=list)
    blocks: list[Float64Array] = field(default_factory=list)
    vertex_count: int = 0
    surfaces: list[tuple[int, Surface, int]] = field(default_factory=list)
    lods: dict[int, tuple[int, GeometryType]] = field(default_factory=dict)
    wanted: set[int] = field(default_factory=set)
    _bases: dict[int, int] = field(default_factory=dict)
    _left_out: Counter[str] = field(default_factory=Counter)

    def collect(self, entries: list[Entry]) -> None:
        """Take the geometry of all objects, one level of detail each.

        Parameters
        ----------
        entries : list of Entry
            By row.
        """
        chosen = [self._choose(entry) for entry in entries]
        for row, entry in enumerate(entries):
            if self._is_redundant(entry, row, entries, chosen):
                self._left_out["a coarser or finer division of what was taken"] += 1
                chosen[row] = []
        for row, entry in enumerate(entries):
            for geometry in chosen[row]:
                self._take(row, entry, geometry)
        for reason, count in self._left_out.items():
            message = f"{count} objects: {reason}"
            self.issues.append(Issue("geometry-left-out", "info", message, "", self.path))

    def _choose(self, entry: Entry) -> list[dict[str, Any]]:
        found = [g for g in entry.json.get("geometry") or () if isinstance(g, dict)]
        usable = [g for g in found if g.get("type") in _DEPTH or g.get("type") == _INSTANCE]
        asked = self.options.lod
        if entry.type in INTERIOR and asked != _INTERIOR_LOD:
            self._left_out["the interior is read with LoD 4 only"] += bool(usable)
            return []
        limit = _HIGHEST if asked is None else asked + 1.0
        lods = sorted({lod for g in usable if (lod := _lod(g, entry)) < limit}, reverse=True)
        if not lods:
            reason = "no surface at the level of detail asked for, or none at all"
            self._left_out[reason] += bool(found)
            return []
        return [g for g in usable if _lod(g, entry) == lods[0]]

    def _is_redundant(
        self, entry: Entry, row: int, entries: list[Entry], chosen: list[list[dict[str, Any]]]
    ) -> bool:
        if not chosen[row]:
            return False
        own = _lod(chosen[row][0], entry)
        parts = [c for c in entry.children if entries[c].type in PARTS and chosen[c]]
        if own < 2 and any(_lod(chosen[c][0], entries[c]) >= int(own) + 1 for c in parts):  # noqa: PLR2004 - LoD 2 shows roofs
            return True
        above, hull = entry.parent, False
        while above >= 0:
            hull = hull or bool(chosen[above])
            above = entries[above].parent
        return entry.type in SUBDIVISIONS and hull

    def _take(self, row: int, entry: Entry, geometry: dict[str, Any]) -> None:
        before = len(self.surfaces)
        self.wanted.add(row)
        try:
            lod = int(_lod(geometry, entry))
            if geometry["type"] == _INSTANCE:
                form = self._take_instance(row, entry, geometry)
            else:
                base = self._base(entry)
                count = len(entry.sheet.vertices)
                form = self._flatten(row, entry, geometry, base, count)
        except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
            del self.surfaces[before:]
            self._issue(
                "geometry-malformed", entry, f"a geometry was dropped: malformed ({error})"
            )
            return
        old = self.lods.get(row)
        self.lods[row] = (lod, form if old is None or form is GeometryType.SOLID else old[1])

    def _take_instance(self, row: int, entry: Entry, geometry: dict[str, Any]) -> GeometryType:
        template = entry.sheet.templates[geometry["template"]]
        reference = entry.sheet.vertices[geometry["boundaries"][0]]
        matrix = np.array(geometry["transformationMatrix"], np.float64).reshape(4, 4)
        placement = Placement(matrix, reference, metric_axes(self.crs, reference))
        placed = placement.apply(entry.sheet.template_vertices)
        base = self._add(placed)
        return self._flatten(row, entry, template, base, len(placed))

    def _flatten(
        self, row: int, entry: Entry, geometry: dict[str, Any], base: int, count: int
    ) -> GeometryType:
        for surface in flatten(geometry):
            rings = [self._ring(ring, entry, count) for ring in surface.rings]
            if not rings or not rings[0]:
                continue
            good = [number for number, ring in enumerate(rings) if ring]
            if len(good) < len(rings):
                surface = _with_rings(surface, good)  # noqa: PLW2901 - the same without bad holes
            kept = surface._replace(rings=[rings[number] for number in good])
            self.surfaces.append((row, kept, base))
        return _FORMS.get(geometry["type"], GeometryType.SOLID)

    def _ring(self, ring: list[int], entry: Entry, count: int) -> list[int]:
        """Return the ring, empty if it cannot be used."""
        closed = len(ring) > 1 and ring[0] == ring[-1]
        corners = ring[:-1] if closed else ring
        fits = all(isinstance(c, int) and 0 <= c < count for c in corners)
        if fits and len(set(corners)) >= _TRIANGLE:
            return corners
        self._issue(
            "ring-too-short", entry,
            "a ring was dropped: it has fewer than three different corners, or names a vertex "
            "that is not there",
        )  # fmt: skip
        return []

    def _base(self, entry: Entry) -> int:
        key = id(entry.sheet)
        if key not in self._bases:
            self._bases[key] = self._add(entry.sheet.vertices)
        return self._bases[key]

    def _add(self, vertices: Float64Array) -> int:
        base = self.vertex_count
        self.blocks.append(vertices)
        self.vertex_count += len(vertices)
        return base

    def _issue(self, code: str, entry: Entry, message: str) -> None:
        line = entry.sheet.line
        self.issues.append(Issue(code, "error", message, entry.id, self.path, line))


def _lod(geometry: dict[str, Any], entry: Entry) -> float:
    if geometry.get("type") == _INSTANCE:  # the template states it
        index = geometry.get("template")
        templates = entry.sheet.templates
        if isinstance(index, int) and 0 <= index < len(templates):
            geometry = templates[index]
    try:
        return float(geometry.get("lod", "nan"))
    except (TypeError, ValueError):
        return float("inf")


def flatten(geometry: dict[str, Any]) -> Iterator[Surface]:
    """List the surfaces of a geometry with what belongs to each.

    Parameters
    ----------
    geometry : dict
        MultiSurface, CompositeSurface, Solid, MultiSolid or CompositeSolid.

    Yields
    ------
    Surface
        In document order.

    Raises
    ------
    KeyError, TypeError, IndexError
        The lists are not nested as the type wants it.
    """
    depth = _DEPTH[geometry["type"]]
    semantics = geometry.get("semantics") or {}
    kinds = [_surface_type(s) for s in semantics.get("surfaces", ())]
    worn = {
        (what, theme): stated
        for what in ("material", "texture")
        for theme, stated in (geometry.get(what) or {}).items()
    }
    for path, rings in _leaves(geometry["boundaries"], depth):
        number = _at(semantics.get("values"), path)
        kind = kinds[number] if isinstance(number, int) else SurfaceType.SURFACE
        wears = {
            key: stated["value"] if "value" in stated else _at(stated.get("values"), path)
            for key, stated in worn.items()
        }
        yield Surface(rings, kind, wears)


def _with_rings(surface: Surface, good: list[int]) -> Surface:
    """Keep the texture coordinates of some rings only."""
    wears = {
        key: [stated[number] for number in good if number < len(stated)]
        if key[0] == "texture" and isinstance(stated, list)
        else stated
        for key, stated in surface.wears.items()
    }
    return surface._replace(wears=wears)


def _surface_type(semantics: dict[str, Any]) -> SurfaceType:
    return SURFACES.get(str(semantics.get("type")), SurfaceType.SURFACE)


def _leaves(lists: Any, depth: int) -> Iterator[tuple[tuple[int, ...], Any]]:
    for number, inner in enumerate(lists):
        if depth:
            for path, leaf in _leaves(inner, depth - 1):
                yield (number, *path), leaf
        else:
            yield (number,), inner


def _at(lists: Any, path: tuple[int, ...]) -> Any:
    for number in path:
        if not isinstance(lists, list):  # null stands for everything below it
            return None
        lists = lists[number]
    return lists
