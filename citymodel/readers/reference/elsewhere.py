"""Elements of a file found by their gml:id, without parsing the file."""

from __future__ import annotations

import re
from collections.abc import Callable
from mmap import ACCESS_READ, mmap
from pathlib import Path

_NAME = re.compile(rb"<([A-Za-z_][\w.\-]*:)?([A-Za-z_][\w.\-]*)[\s>/]")
_LONGEST_TAG = 1 << 16
_LONGEST_ELEMENT = 1 << 26


def element_finder(path: Path) -> Callable[[str], bytes | None]:
    """Make a function that finds elements of a file by gml:id.

    Parameters
    ----------
    path : Path
        A CityGML file in an encoding that writes ASCII as ASCII.

    Returns
    -------
    callable
        Takes a gml:id and gives the bytes of the element that bears it, start tag to end
        tag, or None. Each call searches the file from its beginning (about a second for two
        gigabytes); the file stays mapped, not read.
    """

    def find(gml_id: str) -> bytes | None:
        with path.open("rb") as file:
            if not path.stat().st_size:
                return None
            with mmap(file.fileno(), 0, access=ACCESS_READ) as data:
                return _find(data, gml_id.encode("utf-8"))

    return find


def _find(data: mmap, gml_id: bytes) -> bytes | None:
    for quote in (b'"', b"'"):
        at = data.find(b":id=" + quote + gml_id + quote)
        while at >= 0:
            start = data.rfind(b"<", max(0, at - _LONGEST_TAG), at)
            stop = _end(data, start) if start >= 0 else -1
            if stop > 0:
                return bytes(data[start:stop])
            at = data.find(b":id=" + quote + gml_id + quote, at + 1)
    return None


def _end(data: mmap, start: int) -> int:
    """Position after the end tag of the element that begins at ``start``, -1 if none."""
    found = _NAME.match(data, start)
    if not found:
        return -1
    name = re.escape((found[1] or b"") + found[2])
    tag = re.compile(rb"<(/?)" + name + rb"(?=[\s>/])[^>]*?(/?)>")
    depth = 0
    for match in tag.finditer(data, start, min(len(data), start + _LONGEST_ELEMENT)):
        depth += 0 if match[2] else (-1 if match[1] else 1)
        if depth == 0:
            return match.end()
    return -1
