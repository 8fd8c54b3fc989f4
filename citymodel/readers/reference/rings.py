"""Rings: from the texts of a document to arrays, all of a unit at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np
from lxml import etree

from citykernel.arrays import (
    BoolArray,
    Float64Array,
    Int32Array,
    Int64Array,
    UInt8Array,
    offsets_from_counts,
    run_indices,
)

from .attributes import to_number
from .document import Document
from .found import Found, Placed
from .implicit import Placement
from .ringtext import EXTERIOR, INTERIOR, POS_LIST, CurvedRingError, dimension_of, ring_text

# No system in metres or degrees has larger numbers; no ground or roof is higher or lower.
ABSURD: Final = 1.0e8
ABSURD_HEIGHT_M: Final = 2.0e4
_TRIANGLE: Final = 3
# Code and text of what can be wrong with a ring, in the order of looking.
FAULTS: Final = (
    ("", ""),
    ("no-exterior", "the polygon has no outer ring"),
    ("curved-ring", "the ring has arcs, which are not read"),
    ("two-dimensional", "the coordinates have two dimensions, wanted three"),
    ("coordinate-count", "the number of coordinates is not a multiple of three"),
    ("not-a-number", "a coordinate is not a finite number"),
    ("absurd-coordinates", "a coordinate lies outside of any place on Earth"),
    ("ring-too-short", "the ring has fewer than three different corners"),
)
_NO_EXTERIOR, _CURVED, _FLAT, _COUNT, _NUMBER, _ABSURD, _SHORT = range(1, len(FAULTS))


class _Surface(NamedTuple):
    """A surface as collected."""

    found: Found
    placed: Placed


@dataclass(frozen=True, slots=True)
class Boundary:
    """Rings and surfaces that can be used.

    Parameters
    ----------
    corners : (c, 3) float64
        Coordinates in the source's order of axes; the first corner of a ring is not repeated.
    ring_offsets : (r + 1,) int32
        Ring to corners.
    surface_offsets : (s + 1,) int32
        Surface to rings, exterior first.
    surface_type : (s,) uint8
        :class:`~citymodel.codes.SurfaceType`.
    surface_row : (s,) int32
        Row of the object.
    polygons : list of lxml.etree._Element
        The polygon of each surface.
    rings : list of lxml.etree._Element
        The element of each ring.
    ring_flipped : (r,) bool
        The corners run against the source's order.
    """

    corners: Float64Array
    ring_offsets: Int32Array
    surface_offsets: Int32Array
    surface_type: UInt8Array
    surface_row: Int32Array
    polygons: list[etree._Element]
    rings: list[etree._Element]
    ring_flipped: BoolArray


@dataclass(eq=False)
class Rings:
    """Collects the rings of surfaces as texts and turns them into arrays in one go.

    Parameters
    ----------
    document : Document
        For references and issues.
    """

    document: Document
    _texts: list[str] = field(default_factory=list)
    _elements: list[etree._Element] = field(default_factory=list)
    _faults: dict[int, int] = field(default_factory=dict)
    _ring_counts: list[int] = field(default_factory=list)
    _surfaces: list[_Surface] = field(default_factory=list)

    def add(self, found: Found, placed: Placed) -> None:
        """Take a surface of an object; objects come in the order of their rows."""
        outer: list[etree._Element] = []
        inner: list[etree._Element] = []
        for boundary in placed.polygon:
            if boundary.tag in EXTERIOR:
                outer.extend(boundary)
            elif boundary.tag in INTERIOR:
                inner.extend(boundary)
        self._surfaces.append(_Surface(found, placed))
        if len(outer) != 1:
            self._faults[len(self._texts)] = _NO_EXTERIOR
            outer = [placed.polygon]
            inner = []
        self._ring_counts.append(1 + len(inner))
        for ring in (*outer, *inner):
            self._ring(ring)

    def _ring(self, ring: etree._Element) -> None:
        at = len(self._texts)
        self._elements.append(ring)
        text = ""
        if at in self._faults:
            pass
        elif self.document.has_other_dimensions and dimension_of(ring) != "3":
            self._faults[at] = _FLAT
        elif len(ring) == 1 and ring[0].tag in POS_LIST:
            text = ring[0].text or ""
        else:
            try:
                text = ring_text(self.document, ring)
            except CurvedRingError:
                self._faults[at] = _CURVED
        self._texts.append(text)

    def boundary(self, placements: list[Placement]) -> Boundary:
        """Make the arrays and drop what cannot be used, each with an issue.

        Parameters
        ----------
        placements : list of Placement
            Where the surfaces of implicit geometries stand.

        Returns
        -------
        Boundary
            Surfaces in the order of adding.
        """
        values, counts = self._numbers()
        corners = values.reshape(-1, 3)
        ring_surface = np.repeat(np.arange(len(self._surfaces)), self._ring_counts)
        starts = np.cumsum(counts) - counts
        self._place(corners, starts, counts, ring_surface, placements)
        faults = self._found_faults(corners, starts, counts)
        lengths = counts - _closed(corners, starts, counts)
        kept = self._drop(faults, ring_surface)
        flipped = np.array([s.placed.flipped for s in self._surfaces], bool)[ring_surface]
        picked = _picked(starts[kept], lengths[kept], flipped[kept])
        surfaces, ring_counts = np.unique(ring_surface[kept], return_counts=True)
        return Boundary(
            corners=corners[picked],
            ring_offsets=offsets_from_counts(lengths[kept]),
            surface_offsets=offsets_from_counts(ring_counts),
            surface_type=np.array(
                [self._surfaces[s].placed.surface_type for s in surfaces], np.uint8
            ),
            surface_row=np.array([self._surfaces[s].found.row for s in surfaces], np.int32),
            polygons=[self._surfaces[s].placed.polygon for s in surfaces],
            rings=[self._elements[r] for r in np.flatnonzero(kept)],
            ring_flipped=flipped[kept],
        )

    def _numbers(self) -> tuple[Float64Array, Int64Array]:
        """All coordinates, (3 c,) float64, and corners a ring, (r,) int64."""
        words: list[str] = []
        counts = np.zeros(len(self._texts), np.int64)
        for ring, text in enumerate(self._texts):
            split = text.split()
            if len(split) % 3:
                self._faults.setdefault(ring, _COUNT)
                continue
            counts[ring] = len(split) // 3
            words.extend(split)
        # Python reads 1_0 as ten, XML does not.
        strict = any("_" in text for text in self._texts)
        self._texts.clear()
        try:
            values = np.array(words if not strict else _strict_numbers(words), np.float64)
        except ValueError:  # rare: a word that is no number; it becomes NaN and is told later
            values = np.array(_strict_numbers(words), np.float64)
        return values, counts

    def _place(
        self,
        corners: Float64Array,
        starts: Int64Array,
        counts: Int64Array,
        ring_surface: Int64Array,
        placements: list[Placement],
    ) -> None:
        if not placements:
            return
        placement = np.array([s.placed.placement for s in self._surfaces])[ring_surface]
        for row in np.unique(placement[placement >= 0]):
            rings = placement == row
            at = run_indices(starts[rings], counts[rings])
            corners[at] = placements[row].apply(corners[at])

    def _found_faults(
        self, corners: Float64Array, starts: Int64Array, counts: Int64Array
    ) -> UInt8Array:
        """Say what is wrong with each ring, (r,) uint8 into FAULTS."""
        faults = np.zeros(len(counts), np.uint8)
        faults[list(self._faults)] = list(self._faults.values())
        some = np.flatnonzero(counts > 0)
        if len(some):
            at = starts[some]
            ring = np.repeat(some, counts[some])
            finite = np.isfinite(corners).all(axis=1)
            sane = (np.abs(corners) < (ABSURD, ABSURD, ABSURD_HEIGHT_M)).all(axis=1)
            checks = (
                (_NUMBER, np.logical_and.reduceat(finite, at)),
                (_ABSURD, np.logical_and.reduceat(sane, at)),
                (_SHORT, _three_different(corners, at, ring, starts)),
            )
            for fault, passed in checks:
                faults[some] = np.where((faults[some] == 0) & ~passed, fault, faults[some])
        faults[(counts == 0) & (faults == 0)] = _SHORT
        return faults

    def _drop(self, faults: UInt8Array, ring_surface: Int64Array) -> BoolArray:
        """Tell the faults; the rings that remain, (r,) bool."""
        bad_ring = np.zeros(len(faults), bool)
        bad_surface = np.zeros(len(self._surfaces), bool)
        first = np.diff(ring_surface, prepend=-1) > 0
        for ring in np.flatnonzero(faults):
            row = ring_surface[ring]
            if bad_surface[row] and not first[ring]:
                continue  # told with its outer ring
            hole_only = bool(faults[ring] == _SHORT and not first[ring])
            bad_ring[ring] = True
            bad_surface[row] |= not hole_only
            self._tell(int(ring), self._surfaces[row], int(faults[ring]), hole_only=hole_only)
        return ~bad_ring & ~bad_surface[ring_surface]

    def _tell(self, ring: int, surface: _Surface, fault: int, *, hole_only: bool) -> None:
        code, text = FAULTS[fault]
        name = surface.placed.polygon.get(self.document.id_name)
        what = "a hole" if hole_only else "a surface"
        which = f" (polygon {name})" if name else ""
        self.document.issue(
            code,
            "warning" if hole_only else "error",
            f"{what} was dropped: {text}{which}",
            gml_id=surface.found.id,
            at=self._elements[ring],
        )


def _strict_numbers(words: list[str]) -> list[float]:
    return [to_number(word) for word in words]


def _closed(corners: Float64Array, starts: Int64Array, counts: Int64Array) -> Int64Array:
    """1 for each ring whose last corner repeats the first, (r,) int64."""
    closed = np.zeros(len(counts), np.int64)
    long = counts > 1
    first, last = starts[long], starts[long] + counts[long] - 1
    closed[long] = (corners[first] == corners[last]).all(axis=1)
    return closed


def _three_different(
    corners: Float64Array, at: Int64Array, ring: Int64Array, starts: Int64Array
) -> BoolArray:
    """Whether the rings that begin at ``at`` have three different corners, (n,) bool."""
    count = len(corners)
    first = corners[starts[ring]]
    other = (corners != first).any(axis=1)
    # The second different corner is the first that differs from the ring's first one.
    position = np.where(other, np.arange(count), count - 1)
    second = np.zeros(len(starts), np.int64)
    second[ring[at]] = np.minimum.reduceat(position, at)
    third = other & (corners != corners[second[ring]]).any(axis=1)
    return np.asarray(np.logical_or.reduceat(third, at), bool)


def _picked(starts: Int64Array, lengths: Int64Array, flipped: BoolArray) -> Int64Array:
    """Positions of the kept corners, flipped rings backwards, (c,) int64."""
    forward = run_indices(starts, lengths)
    begin = np.repeat(starts, lengths)
    backward = begin + np.repeat(lengths, lengths) - 1 - (forward - begin)
    return np.where(np.repeat(flipped, lengths), backward, forward)
