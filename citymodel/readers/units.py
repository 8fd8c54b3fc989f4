"""From a file to its work units: cut at the bounds of members, without parsing it.

A file up to one and a half units is one unit, with everything that stands in it. A larger
one is cut; what stands at the top level and is no city object (above all the appearances
of the whole model) goes with each of its units, see :class:`~citymodel.readers.unit.WorkUnit`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from mmap import ACCESS_READ, MADV_DONTNEED, PAGESIZE, mmap
from pathlib import Path

from citykernel.errors import ReadError

from .fast.children import CLOSED, CUT, UNNESTED, Children
from .header import DESCRIBING, Span, local_name, read_header, walk_error
from .unit import UNIT_BYTES, Header, WorkUnit
from .xml import line_at

MEMBERS = {b"cityObjectMember", b"featureMember", b"featureMembers", b"cityObjectMembers"}
_RELEASE_BYTES = 32 * 2**20
_BLANKS = b" \t\r\n"
_VERSION = re.compile(rb'"version"\s*:\s*"([0-9]+\.[0-9]+)')


def list_units(
    path: Path, shown_path: str = "", *, unit_bytes: int = UNIT_BYTES
) -> list[WorkUnit]:
    """Cut a file into work units.

    Parameters
    ----------
    path : Path
        The file: CityGML, CityJSON or CityJSONSeq.
    shown_path : str
        Its name for messages; the path where nothing is given.
    unit_bytes : int
        Size of a unit; one member is never cut.

    Returns
    -------
    list of WorkUnit
        In the order of the file; none for a model without members.

    Raises
    ------
    ReadError
        The file is empty, neither XML nor JSON, no city model, of an unknown version, has a
        document type, or is truncated.
    """
    shown_path = shown_path or str(path)
    mapped = map_file(path, shown_path)
    first = bytes(mapped[: 64 * 1024]).removeprefix(b"\xef\xbb\xbf").lstrip(_BLANKS)[:1]
    if first in (b"{", b"["):
        return _json_units(path, shown_path, mapped, unit_bytes)
    # Everything else is for the XML header: it says what stands there and what was wanted.
    span = read_header(path, shown_path, mapped)
    if span.start == span.stop:
        return []
    if span.stop - span.start <= unit_bytes * 3 // 2:
        return [WorkUnit(span.header, span.start, span.stop)]
    return _cut(span, mapped, unit_bytes)


def map_file(path: Path, shown_path: str) -> mmap:
    """Map a file into memory, to be searched without being read.

    Parameters
    ----------
    path : Path
        The file.
    shown_path : str
        Its name for messages.

    Returns
    -------
    mmap
        Its bytes; closed when nothing looks at them any more.

    Raises
    ------
    ReadError
        It is empty or cannot be opened.
    """
    try:
        with path.open("rb") as file:
            return mmap(file.fileno(), 0, access=ACCESS_READ)
    except ValueError as error:
        raise ReadError("is empty; wanted a city model", path=shown_path) from error
    except OSError as error:
        raise ReadError(
            f"cannot be opened ({error.strerror or error})", path=shown_path
        ) from error


def _cut(span: Span, mapped: mmap, unit_bytes: int) -> list[WorkUnit]:
    children = Children(span.text, span.start)
    runs: list[list[int]] = []
    shared: list[tuple[int, int]] = []
    fresh, released = True, 0
    for start, stop in children:
        if start - released > _RELEASE_BYTES:
            released = _release(mapped, released, start)
        name = local_name(span.text, start)
        if name not in MEMBERS:
            if name not in DESCRIBING:
                shared.append((start, stop))
            fresh = True
        elif fresh or stop - runs[-1][0] > unit_bytes:
            runs.append([start, stop])
            fresh = False
        else:
            runs[-1][1] = stop
    if children.state != CLOSED:
        root = span.header.closing.decode()[2:-1]
        state = UNNESTED if children.state == CUT else children.state
        raise walk_error(state, mapped, children.position, span.header.shown_path, root)
    units = [WorkUnit(span.header, start, stop, shared=tuple(shared)) for start, stop in runs]
    shared_bytes = sum(stop - start for start, stop in shared)
    if shared_bytes > unit_bytes:
        # Each unit reads the shared members: with units as large as they are, at most half
        # of the work is done more than once.
        return _merged(units, shared_bytes)
    return units


def _release(mapped: mmap, start: int, stop: int) -> int:
    """Give back the memory of what was walked over; the bound up to which that was done."""
    stop -= stop % PAGESIZE
    mapped.madvise(MADV_DONTNEED, start, stop - start)
    return stop


def _merged(units: list[WorkUnit], unit_bytes: int) -> list[WorkUnit]:
    merged: list[WorkUnit] = []
    for unit in units:
        last = merged[-1] if merged else None
        between = () if last is None else unit.shared
        apart = any(last and last.stop <= start < unit.start for start, _ in between)
        if last and not apart and unit.stop - last.start <= unit_bytes:
            merged[-1] = replace(last, stop=unit.stop)
        else:
            merged.append(unit)
    return merged


def _json_units(path: Path, shown_path: str, mapped: mmap, unit_bytes: int) -> list[WorkUnit]:
    if mapped.find(b'"CityJSON') < 0:
        raise ReadError(
            "is JSON, but no CityJSON (the word is not in it); wanted CityGML or CityJSON",
            path=shown_path,
            line=1,
        )
    tail = bytes(mapped[-1024:]).rstrip(_BLANKS)
    if not tail.endswith(b"}"):
        raise ReadError(
            "ends in the middle of a value: the file is truncated, fetch it again",
            path=shown_path,
            line=line_at(mapped, len(mapped)),
        )
    line_stop = mapped.find(b"\n")
    line_stop = len(mapped) if line_stop < 0 else line_stop
    first_line = mapped[: min(line_stop, 1 << 24)].removeprefix(b"\xef\xbb\xbf").strip(_BLANKS)
    version = _VERSION.search(mapped)
    header = Header(
        path, shown_path, version[1].decode() if version else "", "UTF-8", first_line, b"", ""
    )
    is_sequence = first_line.endswith(b"}") and mapped.find(b'"CityJSONFeature"') >= 0
    if not is_sequence:
        header = replace(header, opening=b"")
        return [WorkUnit(header, 0, len(mapped), "cityjson")]
    lines = _line_runs(mapped, line_stop + 1, unit_bytes)
    return [WorkUnit(header, start, stop, "cityjsonseq") for start, stop in lines]


def _line_runs(mapped: mmap, start: int, unit_bytes: int) -> Iterator[tuple[int, int]]:
    """Runs of whole lines."""
    while start < len(mapped):
        stop = mapped.find(b"\n", min(start + unit_bytes, len(mapped)) - 1)
        stop = len(mapped) if stop < 0 else stop + 1
        if mapped[start:stop].strip(_BLANKS):
            yield start, stop
        start = stop
