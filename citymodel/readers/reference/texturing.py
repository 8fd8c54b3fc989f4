"""Which surface wears what: the appearances of one theme put onto the surfaces of a model."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from lxml import etree

from citykernel.arrays import Float32Array, Float64Array, Int32Array

from ...model import Appearances, Material
from .appearance import Georeference, SurfaceData, Target, read_surface_data
from .document import Document, href_of
from .names import MEANINGS, Kind
from .rings import Boundary

# Elements looked at for the targets of one unit; each of its own would be about a million.
MOST_STEPS: Final = 20_000_000


def read_appearances(document: Document, boundary: Boundary) -> Appearances | None:
    """Read the appearances of a unit and put one theme onto its surfaces.

    Parameters
    ----------
    document : Document
        The unit.
    boundary : Boundary
        Its surfaces, with the elements they come from.

    Returns
    -------
    Appearances or None
        Of the theme that covers most surfaces (the first of equals; an info issue names the
        others); None where there are no appearances.
    """
    themes = read_surface_data(document)
    if not themes:
        return None
    wearers = _Wearers(document, boundary)
    covered = {
        theme: len({row for data in group for t in data.targets for row in wearers.rows(t.uri)})
        for theme, group in themes.items()
    }
    lost = wearers.unknown
    if lost and not document.unit.shared:
        document.issue(
            "appearance-target", "info",
            f"{len(lost)} targets of appearances are not in the file, first '{min(lost)}'",
        )  # fmt: skip
    chosen = max(covered, key=lambda theme: covered[theme])
    if len(themes) > 1:
        names = ", ".join(f"'{theme}'" for theme in themes)
        document.issue(
            "theme-chosen", "info",
            f"there are {len(themes)} themes ({names}); '{chosen}' covers most and was taken",
        )  # fmt: skip
    return _Dresser(document, boundary, wearers).dress(themes[chosen])


@dataclass(eq=False)
class _Wearers:
    """Finds the surfaces that a target means."""

    document: Document
    boundary: Boundary
    _by_polygon: dict[etree._Element, list[int]] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)
    _by_uri: dict[str, list[int]] = field(default_factory=dict)
    _spent: int = 0

    def __post_init__(self) -> None:
        for row, polygon in enumerate(self.boundary.polygons):
            self._by_polygon.setdefault(polygon, []).append(row)

    def rows(self, uri: str) -> list[int]:
        """Rows of the surfaces under a polygon, ring, aggregate or thematic surface."""
        if uri not in self._by_uri and self._spent > MOST_STEPS:
            self.document.issue(
                "appearance-too-large", "warning",
                "the appearances name too many surfaces to look at; the rest stays plain",
            )  # fmt: skip
            return []
        if uri not in self._by_uri:
            element = self.document.by_id.get(uri.removeprefix("#"))
            if element is None:
                self.unknown.add(uri)
            polygons = [] if element is None else self._polygons(element)
            self._by_uri[uri] = [
                row for polygon in polygons for row in self._by_polygon.get(polygon, ())
            ]
        rows = self._by_uri[uri]
        self._spent += len(rows)
        return rows if self._spent <= MOST_STEPS else []

    def _polygons(self, element: etree._Element) -> list[etree._Element]:
        above = element
        while MEANINGS[above.tag].local in ("LinearRing", "Ring", "exterior", "interior"):
            parent = above.getparent()
            if parent is None:
                return []
            above = parent
        found: dict[etree._Element, None] = {}
        seen, waiting = {above}, [above]
        while waiting:
            for below in waiting.pop().iter(etree.Element):
                self._spent += 1
                if MEANINGS[below.tag].kind is Kind.POLYGON:
                    found.setdefault(below)
                href = href_of(below)
                target = self.document.by_id.get(href[1:]) if href.startswith("#") else None
                if target is not None and target not in seen:
                    seen.add(target)
                    waiting.append(target)
        return list(found)


@dataclass(eq=False)
class _Dresser:
    """Puts the surface data of one theme on."""

    document: Document
    boundary: Boundary
    wearers: _Wearers
    materials: dict[Material, int] = field(default_factory=dict)

    def dress(self, group: list[SurfaceData]) -> Appearances | None:
        """Make the table; textures cover colours. None where no surface wears anything."""
        count = len(self.boundary.polygons)
        worn: Int32Array = np.full(count, -1, np.int32)
        coordinates: Float32Array = np.full((len(self.boundary.corners), 2), np.nan, np.float32)
        for data in sorted(group, key=lambda data: data.is_texture):
            material = self._row(data.material)
            for target in data.targets:
                rows = self.wearers.rows(target.uri)
                if not data.is_texture:
                    worn[rows] = material
                elif not data.material.image:
                    bare = [row for row in rows if worn[row] < 0]
                    worn[bare] = material
                else:
                    for row in rows:
                        if self._texture(row, data, target, coordinates):
                            worn[row] = material
        if (worn < 0).all():
            return None
        return Appearances(tuple(self.materials), worn, coordinates)

    def _row(self, material: Material) -> int:
        return self.materials.setdefault(material, len(self.materials))

    def _texture(
        self, row: int, data: SurfaceData, target: Target, coordinates: Float32Array
    ) -> bool:
        """Give each ring of a surface its coordinates; False if one has none."""
        new: list[tuple[slice, Float64Array]] = []
        first, last = self.boundary.surface_offsets[row : row + 2]
        for ring in range(first, last):
            corners = slice(*self.boundary.ring_offsets[ring : ring + 2])
            found = self._ring(ring, corners, data.georeference, target)
            if found is None:
                return False
            new.append((corners, found))
        for corners, found in new:
            coordinates[corners] = found
        return True

    def _ring(
        self, ring: int, corners: slice, georeference: Georeference | None, target: Target
    ) -> Float64Array | None:
        if georeference is not None:
            return from_above(self.boundary.corners[corners], georeference)
        if target.matrix is not None:
            return projected(self.boundary.corners[corners], target.matrix)
        element = self.boundary.rings[ring]
        name = element.get(self.document.id_name) or ""
        found = target.coordinates.get(name)
        count = corners.stop - corners.start
        if found is None or not count <= len(found) <= count + 1:
            if target.coordinates and found is not None:
                self.document.issue(
                    "texture-coordinates", "warning",
                    f"ring {name} has {count} corners but {len(found)} texture coordinates; "
                    "its surface stays plain",
                    at=element,
                )  # fmt: skip
            return None
        found = found[:count]  # the repeated last one is dropped with its corner
        return found[::-1] if self.boundary.ring_flipped[ring] else found


def projected(corners: Float64Array, matrix: Float64Array) -> Float64Array:
    """Texture coordinates by a projection (TexCoordGen; CityGML 2.0, 9.4).

    Parameters
    ----------
    corners : (n, 3) float64
        In the model's system.
    matrix : (3, 4) float64
        ``worldToTexture``.

    Returns
    -------
    (n, 2) float64
        ``(s', t') / q'`` of ``matrix @ (x, y, z, 1)``.
    """
    image = np.column_stack([corners, np.ones(len(corners))]) @ matrix.T
    return np.asarray(image[:, :2] / image[:, 2:], np.float64)


def from_above(corners: Float64Array, georeference: Georeference) -> Float64Array:
    """Texture coordinates in a picture seen from above.

    Parameters
    ----------
    corners : (n, 3) float64
        In the model's system.
    georeference : Georeference
        Where the picture lies; its reference is the centre of the upper left pixel.

    Returns
    -------
    (n, 2) float64
        Origin at the lower left of the picture.
    """
    inverse = np.linalg.inv(georeference.orientation)
    pixels = (corners[:, :2] - georeference.reference) @ inverse.T + 0.5
    width, height = georeference.size
    return np.column_stack([pixels[:, 0] / width, 1.0 - pixels[:, 1] / height])
