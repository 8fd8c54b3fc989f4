"""The loop over the bytes of a unit: tags by the closed table, numbers parsed in place.

It stops at whatever the table does not hold; then nothing of the unit is used. Numbers
come out exactly as Python's float() gives them: a mantissa up to 2**53 divided by a power
of ten up to 10**22 is the nearest double, since both are exact (W. D. Clinger, How to read
floating point numbers accurately, 1990); all others are noted and read by float() later.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from citykernel.arrays import Float64Array, Int32Array, Int64Array, UInt8Array
from citykernel.compiled import compiled

from .grammar import Mark, Take, Text
from .letters import AMPERSAND, CLOSE, EXCLAMATION, GREATER, HASH, LESS, SLASH
from .lexical import (
    comment_end,
    hash_of,
    is_blank,
    look_up,
    name_end,
    read_attribute,
    read_numbers,
    trimmed,
)
from .names import FNV_OFFSET, FNV_PRIME

_MOST_DEPTH: Final = 32
_THREE: Final = ord("3")

_TEXT_IGNORED = int(Text.IGNORED)
_TEXT_TAKEN = int(Text.TAKEN)
_TEXT_RING = int(Text.RING)
_TEXT_TERRAIN = int(Text.TERRAIN)
_OBJECT = int(Mark.OBJECT)
_SURFACE = int(Mark.SURFACE)
_POLYGON = int(Mark.POLYGON)
_EXTERIOR = int(Mark.EXTERIOR)
_INTERIOR = int(Mark.INTERIOR)
_SOLID = int(Mark.SOLID)
_ADDRESS = int(Mark.ADDRESS)
_REFERENCE = int(Mark.REFERENCE)
_GENERIC = int(Mark.GENERIC)
_RING = int(Mark.RING)
_TAKE_IGNORED = int(Take.IGNORED)
_TAKE_ID = int(Take.ID)
_TAKE_HREF = int(Take.HREF)
_TAKE_NAME = int(Take.NAME)
_TAKE_UNIT = int(Take.UNIT)
_TAKE_THREE = int(Take.THREE)

# Columns of the table of captured texts.
FIELD, OWNER, START, STOP, ASIDE_START, ASIDE_STOP, ROW = range(7)
# Rows of the counters that the scan gives back.
(
    N_OBJECTS, N_SURFACES, N_RINGS, N_FLOATS, N_TERRAIN, N_TEXTS, N_IDS, N_HREFS, N_ODD,
    N_ADDRESSES, N_REFERENCES, STATUS, POSITION,
) = range(13)  # fmt: skip
UNKNOWN: Final = 1


@compiled
def scan(  # noqa: C901, PLR0911, PLR0912, PLR0915 - one loop, or it is not fast
    text: UInt8Array,
    element_keys: NDArray[np.uint64],
    element_numbers: UInt8Array,
    attribute_keys: NDArray[np.uint64],
    attribute_numbers: UInt8Array,
    following: UInt8Array,
    take: UInt8Array,
    text_of: UInt8Array,
    mark_of: UInt8Array,
    number_of: UInt8Array,
    want_terrain: bool,  # noqa: FBT001 - compiled functions have no keywords
    objects: Int64Array,
    surfaces: Int64Array,
    ring_offsets: Int32Array,
    values: Float64Array,
    terrain: Float64Array,
    texts: Int64Array,
    ids: NDArray[np.uint64],
    hrefs: NDArray[np.uint64],
    odd: Int64Array,
    counts: Int64Array,
) -> None:
    """Scan a unit.

    Parameters
    ----------
    text : (n,) uint8
        Members of the model.
    element_keys, element_numbers, attribute_keys, attribute_numbers
        Tables of names, see :class:`~citymodel.readers.fast.names.NameTable`.
    following, take, text_of, mark_of, number_of
        The grammar, see :class:`~citymodel.readers.fast.grammar.Tables`.
    want_terrain : bool
        Read terrain lines.
    objects : (o, 6) int64
        Filled: type, parent, start and stop of the id, whether it has a solid, its last
        surface + 1.
    surfaces : (s, 3) int64
        Filled: object, surface type, first ring.
    ring_offsets : (r + 1,) int32
        Filled: ring to values; three values a corner.
    values, terrain : (v,) float64
        Filled: coordinates of rings and of terrain lines.
    texts : (t, 7) int64
        Filled: captured texts, columns FIELD to ROW.
    ids, hrefs : (i, 2) uint64
        Filled: hash of each gml:id and 1 + its surface if it is a polygon's; hash of each
        reference and its object.
    odd : (k, 3) int64
        Filled: values to be read by float(): position (negative - 1 for terrain), start, stop.
    counts : (13,) int64
        Filled: how many rows of each; STATUS 0, or UNKNOWN with the POSITION.
    """
    n = len(text)
    states = np.zeros(_MOST_DEPTH, np.int64)
    name_starts = np.zeros(_MOST_DEPTH, np.int64)
    name_stops = np.zeros(_MOST_DEPTH, np.int64)
    # The child that stood last in each state: mostly it is the next one too.
    last_starts = np.zeros(len(following), np.int64)
    last_lengths = np.zeros(len(following), np.int64)
    last_states = np.zeros(len(following), np.int64)
    states[0] = 1
    depth, i = 0, 0
    n_objects, n_surfaces, n_rings, n_values, n_terrain = 0, 0, 0, 0, 0
    n_texts, n_ids, n_hrefs, n_odd, n_addresses, n_references = 0, 0, 0, 0, 0, 0
    current, surface_type, surfaces_before, terrain_owner = -1, 0, 0, -1
    polygon_ring, boundary_ring, ring_before = 0, 0, 0
    generic_start, generic_stop = 0, 0
    unit_start, unit_stop = 0, 0
    counts[STATUS] = UNKNOWN
    while True:
        state = states[depth]
        kind = text_of[state]
        # Between tags: nothing but blanks, unless the text is ignored.
        if kind == _TEXT_IGNORED:
            while i < n and text[i] != LESS:
                if text[i] == AMPERSAND:
                    counts[POSITION] = i
                    return
                i += 1
        else:
            while i < n and is_blank(text[i]):
                i += 1
        counts[POSITION] = i
        if i >= n:
            break
        if text[i] != LESS or i + 4 > n:
            return
        letter = text[i + 1]
        if letter == SLASH:
            start, stop = name_starts[depth], name_stops[depth]
            length = stop - start
            i += 2
            if depth == 0 or i + length >= n:
                return
            for k in range(length):
                if text[i + k] != text[start + k]:
                    return
            i += length
            while i < n and is_blank(text[i]):
                i += 1
            if i >= n or text[i] != GREATER:
                return
            i += 1
        elif letter == EXCLAMATION:
            if kind in (_TEXT_TAKEN, _TEXT_RING, _TEXT_TERRAIN):
                return
            i = comment_end(text, i)
            if i < 0:
                return
            continue
        else:
            # A start tag: its name ...
            start = i + 1
            i = name_end(text, start, last_starts[state], last_lengths[state])
            if i >= 0:
                next_state = last_states[state]
            else:
                i = start
                key = FNV_OFFSET
                while i < n:
                    letter = text[i]
                    if letter in (GREATER, SLASH) or is_blank(letter):
                        break
                    key = (key ^ np.uint64(letter)) * FNV_PRIME
                    i += 1
                element = look_up(element_keys, element_numbers, key)
                next_state = np.int64(following[state, element])
                last_starts[state], last_lengths[state] = start, i - start
                last_states[state] = next_state
            if next_state == 0 or depth + 1 == _MOST_DEPTH:
                return
            state = next_state
            depth += 1
            states[depth], name_starts[depth], name_stops[depth] = state, start, i
            mark = mark_of[state]
            id_start, id_stop, seen = 0, 0, 0
            name_start, name_stop = 0, 0
            unit_start, unit_stop = 0, 0
            # ... its attributes ...
            while True:
                attribute, key, first, last, i = read_attribute(
                    text, i, attribute_keys, attribute_numbers
                )
                if i < 0:
                    return
                if attribute < 0:
                    break
                what = take[state, attribute]
                if what == 0 or (seen >> attribute) & 1:
                    return
                seen |= 1 << attribute
                if what == _TAKE_ID:
                    if first == last or n_ids == len(ids):
                        return
                    id_start, id_stop = first, last
                    ids[n_ids, 0] = key
                    ids[n_ids, 1] = np.uint64(n_surfaces + 1 if mark == _POLYGON else 0)
                    n_ids += 1
                elif what == _TAKE_HREF:
                    if text[first] != HASH or n_hrefs == len(hrefs) or current < 0:
                        return
                    hrefs[n_hrefs, 0] = hash_of(text, first + 1, last)
                    hrefs[n_hrefs, 1] = np.uint64(current)
                    n_hrefs += 1
                elif what == _TAKE_NAME:
                    name_start, name_stop = first, last
                elif what == _TAKE_UNIT:
                    unit_start, unit_stop = first, last
                elif what == _TAKE_THREE and (last - first != 1 or text[first] != _THREE):
                    return
            # ... and its end.
            closed = text[i] == SLASH
            if closed:
                i += 1
                if i >= n or text[i] != GREATER:
                    return
            i += 1
            if mark == _OBJECT:
                if id_stop == id_start or n_objects == len(objects):
                    return
                objects[n_objects, 0] = number_of[state]
                objects[n_objects, 1] = current
                objects[n_objects, 2], objects[n_objects, 3] = id_start, id_stop
                objects[n_objects, 4], objects[n_objects, 5] = 0, 0
                current = n_objects
                n_objects += 1
            elif mark == _SURFACE:
                surface_type, surfaces_before = number_of[state], n_surfaces
            elif mark == _POLYGON:
                if n_surfaces == len(surfaces):
                    return
                # Surfaces of an object must follow each other: none may have come between.
                if n_surfaces and surfaces[n_surfaces - 1, 0] > current:
                    return
                surfaces[n_surfaces, 0], surfaces[n_surfaces, 1] = current, surface_type
                surfaces[n_surfaces, 2] = n_rings
                n_surfaces += 1
                polygon_ring = n_rings
            elif mark in (_EXTERIOR, _INTERIOR):
                # The exterior comes once and first, interiors follow.
                if (n_rings == polygon_ring) != (mark == _EXTERIOR):
                    return
                boundary_ring = n_rings
            elif mark == _RING:
                ring_before = n_rings
            elif mark == _SOLID:
                objects[current, 4] = 1
            elif mark == _ADDRESS:
                n_addresses += 1
            elif mark == _REFERENCE:
                n_references += 1
            elif mark == _GENERIC:
                generic_start, generic_stop = name_start, name_stop
            kind = text_of[state]
            if not closed and kind == _TEXT_TAKEN:
                start = i
                while i < n and text[i] != LESS:
                    if text[i] == CLOSE:
                        counts[POSITION] = i
                        return
                    i += 1
                if n_texts == len(texts):
                    return
                first, last = trimmed(text, start, i)
                if last > first:
                    field = number_of[state]
                    texts[n_texts, FIELD], texts[n_texts, OWNER] = field, current
                    texts[n_texts, START], texts[n_texts, STOP] = first, last
                    if 20 <= field < 30:  # noqa: PLR2004 - generic attributes
                        texts[n_texts, ASIDE_START] = generic_start
                        texts[n_texts, ASIDE_STOP] = generic_stop
                    else:
                        texts[n_texts, ASIDE_START] = unit_start
                        texts[n_texts, ASIDE_STOP] = unit_stop
                    row = n_addresses if field < 40 else n_references  # noqa: PLR2004
                    texts[n_texts, ROW] = row - 1
                    n_texts += 1
            elif not closed and kind == _TEXT_RING:
                if n_rings + 1 >= len(ring_offsets):
                    return
                start = n_values
                i, n_values, n_odd = read_numbers(text, i, values, n_values, odd, n_odd)
                if i < 0 or (n_values - start) % 3 or n_values == start:
                    return
                n_rings += 1
                ring_offsets[n_rings] = n_values
            elif not closed and kind == _TEXT_TERRAIN:
                if want_terrain:
                    # Lines come in the order of the objects.
                    if current < terrain_owner:
                        return
                    terrain_owner, odd_before = current, n_odd
                    start = n_terrain
                    i, n_terrain, n_odd = read_numbers(text, i, terrain, n_terrain, odd, n_odd)
                    if i < 0 or (n_terrain - start) % 3:
                        return
                    for k in range(odd_before, n_odd):
                        odd[k, 0] = -odd[k, 0] - 1
                else:
                    while i < n and text[i] != LESS:
                        i += 1
            elif closed and kind == _TEXT_RING:
                return
            if not closed:
                continue
        # The element ends.
        state = states[depth]
        mark = mark_of[state]
        depth -= 1
        if mark == _OBJECT:
            objects[current, 5] = n_surfaces
            current = objects[current, 1]
        elif (
            (mark == _SURFACE and n_surfaces == surfaces_before)
            or (mark == _POLYGON and n_rings == polygon_ring)
            or (mark in (_EXTERIOR, _INTERIOR) and n_rings != boundary_ring + 1)
            or (mark == _RING and n_rings != ring_before + 1)
        ):
            return
    if depth:
        return
    counts[N_OBJECTS], counts[N_SURFACES], counts[N_RINGS] = n_objects, n_surfaces, n_rings
    counts[N_FLOATS], counts[N_TERRAIN], counts[N_TEXTS] = n_values, n_terrain, n_texts
    counts[N_IDS], counts[N_HREFS], counts[N_ODD] = n_ids, n_hrefs, n_odd
    counts[N_ADDRESSES], counts[N_REFERENCES] = n_addresses, n_references
    counts[STATUS] = 0
