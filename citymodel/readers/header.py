"""What a CityGML file says before its first member: version, encoding, namespaces, system."""

from __future__ import annotations

import re
from dataclasses import dataclass
from mmap import mmap
from pathlib import Path
from typing import Final

import numpy as np

from citykernel.arrays import UInt8Array
from citykernel.errors import ReadError

from .fast.children import (
    CLOSED,
    CUT,
    DEEP,
    FORBIDDEN,
    LENGTHY,
    MONSTROUS,
    MOST_DEPTH,
    MOST_TAG_BYTES,
    MOST_TEXT_BYTES,
    UNNESTED,
    Children,
)
from .unit import Header
from .xml import declared_encoding, line_at, parse_document, refuse_doctype

VERSION: Final = re.compile(
    r"http://www\.opengis\.net/citygml/(?:profiles/base/)?([0-9]\.[0-9])"
)
VERSIONS: Final = ("1.0", "2.0", "3.0")
GML: Final = ("{http://www.opengis.net/gml}", "{http://www.opengis.net/gml/3.2}")
# Children of the root that describe the model and are no members.
DESCRIBING: Final = {
    b"name", b"description", b"descriptionReference", b"boundedBy", b"metaDataProperty",
    b"identifier", b"location", b"engineeringCRS",
}  # fmt: skip
_MISC = re.compile(rb"(?:\s+|<!--.*?-->|<\?.*?\?>)*", re.DOTALL)
_ROOT = re.compile(
    rb"""<((?:[A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*))"""
    rb"""(?:\s+[^\s=<>/]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*\s*(/?)>"""
)
_LOCAL_NAME = re.compile(rb"<(?:[^\s<>/:]+:)?([^\s<>/:]+)")
_MOST_HEADER_BYTES = 4 * 2**20


@dataclass(frozen=True, slots=True)
class Span:
    """Where the contents of a file stand.

    Parameters
    ----------
    header : Header
        What the file says of itself.
    text : (n,) uint8
        The file, mapped.
    start, stop : int
        From the first child of the root that is a member to the end tag of the root; equal
        where there is none.
    """

    header: Header
    text: UInt8Array
    start: int
    stop: int


def local_name(text: UInt8Array, start: int) -> bytes:
    """Name without prefix of the tag that begins at a byte.

    Parameters
    ----------
    text : (n,) uint8
        The file.
    start : int
        Byte of its ``<``.

    Returns
    -------
    bytes
        The name, b"" if there is none.
    """
    found = _LOCAL_NAME.match(text[start : start + 256].tobytes())
    return found[1] if found else b""


def walk_error(
    state: int, mapped: bytes | mmap, position: int, shown_path: str, root: str
) -> ReadError:
    """Say why the walk over the children of the root stopped.

    Parameters
    ----------
    state : int
        State of the walk, any but ``MORE`` and ``CLOSED``.
    mapped : bytes or mmap
        The file.
    position : int
        Where it stopped.
    shown_path : str
        The file's name for messages.
    root : str
        Name of the root element.

    Returns
    -------
    ReadError
        To be raised.
    """
    if state == CUT:
        return ReadError(
            f"ends before its root element <{root}> is closed: the file is truncated, "
            "fetch it again",
            path=shown_path,
            line=line_at(mapped, len(mapped)),
        )
    said = {
        FORBIDDEN: "a declaration (<!...) stands inside the model, which is refused",
        MONSTROUS: f"a tag is longer than {MOST_TAG_BYTES // 1024} kB, which is refused",
        LENGTHY: f"a text is longer than {MOST_TEXT_BYTES // 10**6} MB, which is refused",
        UNNESTED: "an element begins here that is not closed within the model",
        DEEP: f"elements are nested deeper than {MOST_DEPTH}, which is refused",
    }
    return ReadError(said[state], path=shown_path, line=line_at(mapped, position))


def read_header(path: Path, shown_path: str, mapped: mmap) -> Span:
    """Read what stands before the first member.

    Parameters
    ----------
    path : Path
        The file on disk.
    shown_path : str
        Its name for messages.
    mapped : mmap
        Its contents.

    Returns
    -------
    Span
        Header and bounds of the members.

    Raises
    ------
    ReadError
        The file is not XML, its root is no CityModel, its version is not known, it has a
        document type, or it is truncated.
    """
    encoding = declared_encoding(mapped, shown_path)
    refuse_doctype(mapped[: 64 * 1024], shown_path)
    root = _find_root(mapped, shown_path)
    opening = _opening(mapped, root)
    name = root[1].decode("ascii", "replace")
    version = _version(opening, name, shown_path, root[3] == b"/")
    text = np.frombuffer(mapped, np.uint8)
    if root[3]:
        header = Header(path, shown_path, version, encoding, opening, b"", "")
        return Span(header, text, root.end(), root.end())
    closing = b"</" + root[1] + b">"
    stop = _find_closing(mapped, text, root, shown_path)
    start, describing = _first_member(mapped, text[:stop], root, shown_path)
    crs_name, description = _describe(opening, describing, closing, shown_path)
    header = Header(
        path, shown_path, version, encoding, opening, closing, crs_name, description
    )
    return Span(header, text, start, stop)


def _find_root(mapped: mmap, shown_path: str) -> re.Match[bytes]:
    start = 3 if mapped[:3] == b"\xef\xbb\xbf" else 0
    misc = _MISC.match(mapped, start)
    start = misc.end() if misc else start
    root = _ROOT.match(mapped, start, min(len(mapped), start + MOST_TAG_BYTES))
    if root is None:
        refuse_doctype(mapped, shown_path)
        found = (
            bytes(mapped[start : start + 40]).decode("ascii", "replace").strip() or "nothing"
        )
        raise ReadError(
            f"is not well-formed XML: '{found}' stands where the root element was wanted",
            path=shown_path,
            line=line_at(mapped, start),
        )
    return root


def _opening(mapped: mmap, root: re.Match[bytes]) -> bytes:
    start = 3 if mapped[:3] == b"\xef\xbb\xbf" else 0
    declaration = re.compile(rb"<\?xml\s.*?\?>", re.DOTALL).match(mapped, start)
    # The lines between declaration and root are kept, so that lines can be told.
    kept = declaration[0] if declaration else b""
    between = mapped[declaration.end() if declaration else start : root.start()]
    tag = root[0]
    if root[3]:
        tag = tag[:-2] + b">"
    return kept + b"\n" * between.count(b"\n") + tag


def _version(opening: bytes, name: str, shown_path: str, empty: bool) -> str:  # noqa: FBT001 - two cases of one thing
    document = opening + b"</" + name.encode() + b">"
    tag = str(parse_document(document, shown_path).tag)
    namespace, _, local = tag.rpartition("}")
    namespace = namespace.lstrip("{")
    line = opening.count(b"\n") + 1
    found = VERSION.fullmatch(namespace)
    if local != "CityModel" or ("citygml" not in namespace.lower()):
        known = " (an empty element)" if empty else ""
        raise ReadError(
            f"the root element is <{name}> of '{namespace or 'no namespace'}'{known}; wanted "
            "the CityModel of CityGML 1.0, 2.0 or 3.0",
            path=shown_path,
            line=line,
        )
    if found is None or found[1] not in VERSIONS:
        raise ReadError(
            f"is CityGML of the namespace '{namespace}'; wanted version 1.0, 2.0 or 3.0",
            path=shown_path,
            line=line,
        )
    return found[1]


def _find_closing(
    mapped: mmap, text: UInt8Array, root: re.Match[bytes], shown_path: str
) -> int:
    """Position of the root's end tag."""
    at = mapped.rfind(b"</" + root[1])
    tail = re.compile(rb"</" + re.escape(root[1]) + rb"\s*>").match(mapped, max(at, 0))
    if at >= root.end() and tail:
        misc = _MISC.match(mapped, tail.end())
        if misc and misc.end() == len(mapped):
            return at
    children = Children(text, root.end())
    for _ in children:
        pass
    if children.state != CLOSED:
        raise walk_error(
            children.state, mapped, children.position, shown_path, root[1].decode()
        )
    return children.position


def _first_member(
    mapped: mmap, text: UInt8Array, root: re.Match[bytes], shown_path: str
) -> tuple[int, bytes]:
    """Start of the first child that does not describe the model, and those that do.

    ``text`` ends before the end tag of the root.
    """
    children = Children(text, root.end(), at_once=4)
    describing: list[bytes] = []
    for first, last in children:
        if local_name(text, first) not in DESCRIBING:
            return first, b"".join(describing)
        describing.append(mapped[first:last])
        if sum(map(len, describing)) > _MOST_HEADER_BYTES:
            raise ReadError(
                f"more than {_MOST_HEADER_BYTES >> 20} MB stand before the first member",
                path=shown_path,
                line=line_at(mapped, first),
            )
    # Since the end tag is cut off, a walk to the end stops as if the file were cut there.
    if children.state not in (CUT, UNNESTED):
        raise walk_error(
            children.state, mapped, children.position, shown_path, root[1].decode()
        )
    # Tags that do not nest are left to the XML parser, which says best what is wrong.
    rest = mapped[children.position : len(text)]
    anything = b"<" in _without_comments(rest)
    return children.position if anything else len(text), b"".join(describing)


def _without_comments(data: bytes) -> bytes:
    return re.sub(rb"<!--.*?-->|<\?.*?\?>", b"", data, flags=re.DOTALL)


def _describe(
    opening: bytes, describing: bytes, closing: bytes, shown_path: str
) -> tuple[str, str]:
    """Name of the coordinate reference system, and what the model says of itself."""
    root = parse_document(opening + describing + closing, shown_path)
    crs_name, said = "", []
    for gml in GML:
        envelope = root.find(f"{gml}boundedBy/{gml}Envelope")
        if envelope is not None:
            crs_name = crs_name or envelope.get("srsName", "").strip()
        for word in ("name", "description"):
            said += [" ".join((found.text or "").split()) for found in root.findall(gml + word)]
    return crs_name, ". ".join(text for text in said if text)
