"""The one place where XML parsers are made: everything that enters is hostile.

No document type, no entity, no network, no huge node: city models need none of them, and
each is a known way to read files, to fill memory or to call home (OWASP ASVS 5.0, 1.5.1).
A test walks the source for parsers made anywhere else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from mmap import mmap
from typing import Any, Final

from lxml import etree

from citykernel.errors import InstallationError, ReadError

# Before 6.1 lxml resolved external entities in iterparse() (CVE-2026-41066).
LEAST_LXML: Final = (6, 1, 0)
# Before 2.11 libxml2 had no limit on how much a document may grow by entities.
LEAST_LIBXML2: Final = (2, 11, 0)
# Encodings that write ASCII as ASCII: what is searched as bytes is what the parser sees. In
# UTF-7, UTF-16 or EBCDIC a document type would not be found by its letters.
ENCODINGS: Final = re.compile(
    r"(utf-8|us-ascii|ascii|iso-8859-([1-9]|1[0-6])|latin-?[1-9]|windows-125[0-8]|cp125[0-8])",
    re.IGNORECASE,
)
_DECLARATION = re.compile(
    rb"""^<\?xml\s[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']"""
)
_HEAD = 64 * 1024
_STRICT: Final[dict[str, Any]] = {
    "resolve_entities": False,
    "load_dtd": False,
    "no_network": True,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}


def _check_versions(
    lxml: tuple[int, ...] = etree.LXML_VERSION, libxml2: tuple[int, ...] = etree.LIBXML_VERSION
) -> None:
    if lxml < LEAST_LXML or libxml2 < LEAST_LIBXML2:
        raise InstallationError(
            f"lxml {'.'.join(map(str, lxml))} with libxml2 {'.'.join(map(str, libxml2))} is "
            f"installed, at least {'.'.join(map(str, LEAST_LXML))} with "
            f"{'.'.join(map(str, LEAST_LIBXML2))} is wanted: older ones follow entities; "
            "install the wheel from the package index (pip install --upgrade lxml)"
        )


def _strict(extra: dict[str, Any]) -> dict[str, Any]:
    _check_versions()
    loosened = sorted(set(extra) & set(_STRICT))
    if loosened:
        raise TypeError(f"{', '.join(loosened)} of the XML parser are not for choosing")
    return _STRICT | extra


def safe_parser(**extra: Any) -> etree.XMLParser:
    """Make a parser that resolves nothing, fetches nothing and refuses huge nodes.

    Parameters
    ----------
    **extra
        Further options of :class:`lxml.etree.XMLParser` (``remove_blank_text``,
        ``collect_ids``...). The strict ones cannot be changed.

    Returns
    -------
    lxml.etree.XMLParser
        A fresh parser, to be used by one thread.

    Raises
    ------
    InstallationError
        lxml or libxml2 is older than what is safe.
    TypeError
        An option that must stay strict was given.
    """
    return etree.XMLParser(**_strict(extra))


def safe_iterparse(source: bytes, **extra: Any) -> Iterator[tuple[str, Any]]:
    """Read a document as a stream of events, as strictly as :func:`safe_parser`.

    Parameters
    ----------
    source : bytes
        The document; it has passed :func:`refuse_doctype`.
    **extra
        Further options of :class:`lxml.etree.iterparse` (``events``, ``tag``...).

    Returns
    -------
    iterator of (str, element)
        Events.

    Raises
    ------
    InstallationError
        lxml or libxml2 is older than what is safe.
    """
    return iter(etree.iterparse(BytesIO(source), **_strict(extra)))


def parse_document(
    data: bytes, shown_path: str, *, line_before: int = 0, **extra: Any
) -> etree._Element:
    """Parse a whole document, refusing what is hostile or not well-formed.

    Parameters
    ----------
    data : bytes
        The document.
    shown_path : str
        The file's name for messages.
    line_before : int
        Lines of the file before ``data``, where it is a part.
    **extra
        Further options of the parser, see :func:`safe_parser`.

    Returns
    -------
    lxml.etree._Element
        The root.

    Raises
    ------
    ReadError
        A document type, an encoding that is not accepted, or XML that is not well-formed.
    """
    refuse_doctype(data, shown_path)
    try:
        return etree.fromstring(data, safe_parser(**extra))
    except etree.XMLSyntaxError as error:
        raise syntax_error(error, shown_path, line_before=line_before) from error


def syntax_error(
    error: etree.XMLSyntaxError, shown_path: str, *, line_before: int = 0
) -> ReadError:
    """Say what a parser found in the words of Stadtbild.

    Parameters
    ----------
    error : lxml.etree.XMLSyntaxError
        What the parser raised.
    shown_path : str
        The file's name for messages.
    line_before : int
        Lines of the file before what the parser was given.

    Returns
    -------
    ReadError
        To be raised ``from error``.
    """
    line = error.lineno or 0
    said = " ".join(str(error.msg or "nothing in it").split())
    found = re.sub(r", line \d+, column \d+.*$", "", said)
    return ReadError(
        f"is not well-formed XML ({found})", path=shown_path, line=line + line_before or None
    )


def declared_encoding(data: bytes | mmap, shown_path: str) -> str:
    """Read the encoding a document declares.

    Parameters
    ----------
    data : bytes or mmap
        The document, or at least its first bytes.
    shown_path : str
        The file's name for messages.

    Returns
    -------
    str
        Name of the encoding as declared, "UTF-8" where nothing is.

    Raises
    ------
    ReadError
        The encoding does not write ASCII as ASCII (UTF-16, UTF-7...), or is unknown.
    """
    head = bytes(data[:1024])
    marks = (
        b"\xff\xfe",
        b"\xfe\xff",
        b"\x00\x00\xfe\xff",
        b"<\x00",
        b"\x00<",
        b"\x4c\x6f\xa7\x94",
    )
    if head.startswith(marks):
        raise ReadError(
            "is written in UTF-16, UTF-32 or EBCDIC; wanted UTF-8 or ISO-8859-1, convert it "
            "first (iconv -f UTF-16 -t UTF-8)",
            path=shown_path,
            line=1,
        )
    declared = _DECLARATION.match(head.removeprefix(b"\xef\xbb\xbf"))
    name = declared[1].decode("ascii") if declared else "UTF-8"
    if not ENCODINGS.fullmatch(name):
        raise ReadError(
            f"declares the encoding {name}; wanted UTF-8, ISO-8859-1 to -16 or windows-125x",
            path=shown_path,
            line=1,
        )
    return name


def refuse_doctype(data: bytes | mmap, shown_path: str) -> None:
    """Refuse a document with a document type or an entity declaration, wherever it stands.

    Parameters
    ----------
    data : bytes or mmap
        The document (comments are searched too: no city model needs these words).
    shown_path : str
        The file's name for messages.

    Raises
    ------
    ReadError
        A DOCTYPE or ENTITY was found, or the encoding could hide one.
    """
    declared_encoding(data, shown_path)
    head = bytes(data[:_HEAD]).upper()
    for word in (b"<!DOCTYPE", b"<!ENTITY"):
        at = head.find(word)
        if at < 0:
            at = data.find(word)
        if at >= 0:
            raise ReadError(
                f"contains a document type declaration ({word.decode()}), which can name other "
                "files and grow without bound; no city model needs one, it is refused",
                path=shown_path,
                line=line_at(data, at),
            )


def line_at(data: bytes | mmap, position: int) -> int:
    """Line of a position, counted from 1.

    Parameters
    ----------
    data : bytes or mmap
        The file.
    position : int
        Byte in it.

    Returns
    -------
    int
        Its line.
    """
    step, lines = 1 << 24, 1
    for start in range(0, position, step):
        lines += data[start : min(start + step, position)].count(b"\n")
    return lines
