"""One work unit as a parsed document: where an element stands, what a reference points to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from lxml import etree

from citykernel.errors import ReadError
from citykernel.issues import Issue, Severity

from ..unit import ReadOptions, WorkUnit
from ..xml import parse_document
from .names import GML_32, GML_311, HREF

FindElement = Callable[[str], bytes | None]


@dataclass(eq=False)
class Document:
    """A parsed unit.

    Parameters
    ----------
    unit : WorkUnit
        What was read.
    options : ReadOptions
        What is wanted of it.
    root : lxml.etree._Element
        The model.
    find_element : callable, optional
        Gives the bytes of the element with an id elsewhere in the file, None if there is none.
    issues : list of Issue
        What was found so far, in the order of finding.
    skipped : Counter
        Elements of application schemas, by qualified name.
    """

    unit: WorkUnit
    options: ReadOptions
    root: etree._Element
    find_element: FindElement | None = None
    issues: list[Issue] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    _elsewhere: dict[str, etree._Element | None] = field(default_factory=dict)
    _told: set[tuple[str, str, str]] = field(default_factory=set)

    @property
    def path(self) -> str:
        """The file's name for messages."""
        return self.unit.header.shown_path

    @cached_property
    def id_name(self) -> str:
        """Qualified name of gml:id in this version."""
        return f"{{{GML_32 if self.unit.header.version == '3.0' else GML_311}}}id"

    @cached_property
    def line_before(self) -> int:
        """Lines to add to a line of the document for the line of the file."""
        return self.unit.line_before()

    @cached_property
    def by_id(self) -> dict[str, etree._Element]:
        """The elements of the unit by gml:id; the first where an id stands twice."""
        id_name = self.id_name
        index: dict[str, etree._Element] = {}
        for element in self.root.iter(etree.Element):
            gml_id = element.get(id_name)
            if gml_id and index.setdefault(gml_id, element) is not element:
                self.issue(
                    "duplicate-id",
                    "warning",
                    f"the gml:id stands a second time ({element.tag}); references to it mean "
                    "the first",
                    gml_id=gml_id,
                    at=element,
                )
        return index

    def index_ids(self) -> None:
        """Look at all ids now, so that those standing twice are told in any case."""
        _ = self.by_id

    @cached_property
    def has_other_dimensions(self) -> bool:
        """Whether any coordinates state another number of dimensions than three."""
        return bool(self.root.xpath("boolean(//@srsDimension[normalize-space(.)!='3'])"))

    def line(self, element: etree._Element) -> int:
        """Line of an element in the file, 0 if it stands outside the unit."""
        inside = element.getroottree().getroot() is self.root
        line: Any = element.sourceline  # the stubs call it an ellipsis
        return int(line) + self.line_before if inside and line else 0

    def issue(
        self,
        code: str,
        severity: Severity,
        message: str,
        *,
        gml_id: str = "",
        at: etree._Element | None = None,
        dropped: bool = False,
    ) -> None:
        """Note a finding; the same finding about the same reference is noted once."""
        line = self.line(at) if at is not None else 0
        self.issue_at(code, severity, message, gml_id, line, dropped=dropped)

    def issue_at(
        self,
        code: str,
        severity: Severity,
        message: str,
        gml_id: str,
        line: int,
        *,
        dropped: bool = False,
    ) -> None:
        """Note a finding whose line in the file is known."""
        if (code, gml_id, message) in self._told:
            return
        self._told.add((code, gml_id, message))
        self.issues.append(Issue(code, severity, message, gml_id, self.path, line, dropped))

    def error(
        self, message: str, at: etree._Element | None = None, gml_id: str = ""
    ) -> ReadError:
        """Make the error that says where something is wrong."""
        line = self.line(at) if at is not None else 0
        return ReadError(message, path=self.path, line=line or None, gml_id=gml_id or None)

    def resolve(self, href: str, at: etree._Element, owner: str) -> etree._Element | None:
        """Find what an xlink:href points to.

        Parameters
        ----------
        href : str
            The reference.
        at : lxml.etree._Element
            Where it stands.
        owner : str
            gml:id of the object it belongs to, for the issue.

        Returns
        -------
        lxml.etree._Element or None
            None with an issue where there is nothing, or where it points to another file:
            other files are never fetched.
        """
        if not href.startswith("#"):
            self.issue(
                "xlink-remote", "error",
                f"'{href}' points outside the file; it is not fetched",
                gml_id=owner, at=at,
            )  # fmt: skip
            return None
        target = self.by_id.get(href[1:])
        if target is None:
            target = self._find_elsewhere(href[1:])
        if target is None:
            self.issue(
                "xlink-dangling", "error", f"'{href}' points to nothing in the file",
                gml_id=owner, at=at,
            )  # fmt: skip
        return target

    def _find_elsewhere(self, gml_id: str) -> etree._Element | None:
        if gml_id not in self._elsewhere:
            found = self.find_element(gml_id) if self.find_element and gml_id else None
            self._elsewhere[gml_id] = None if found is None else self._parse(found, gml_id)
        return self._elsewhere[gml_id]

    def _parse(self, element: bytes, gml_id: str) -> etree._Element | None:
        header = self.unit.header
        root = parse_document(header.opening + element + header.closing, header.shown_path)
        for found in root.iter(etree.Element):
            if found.get(self.id_name) == gml_id:
                return found
        return None


def open_document(
    unit: WorkUnit,
    options: ReadOptions,
    document: bytes | None,
    find_element: FindElement | None,
) -> Document:
    """Parse a unit.

    Parameters
    ----------
    unit : WorkUnit
        What to read.
    options : ReadOptions
        What is wanted.
    document : bytes, optional
        The unit's document where the caller has it already.
    find_element : callable, optional
        See :class:`Document`.

    Returns
    -------
    Document
        Ready to be read.

    Raises
    ------
    ReadError
        It is not well-formed, has a document type, or an encoding that is not accepted.
    """
    data = unit.document() if document is None else document
    shown = unit.header.shown_path
    try:
        root = parse_document(data, shown, collect_ids=False, remove_blank_text=True)
    except ReadError:
        if unit.start:  # say the line of the file, not of the unit; rare, so parsed again
            parse_document(data, shown, line_before=unit.line_before())
        raise
    return Document(unit, options, root, find_element)


def text_of(element: etree._Element) -> str:
    """Return the element's own text without the space around it."""
    return (element.text or "").strip()


def href_of(element: etree._Element) -> str:
    """Return the element's xlink:href, "" if it has none."""
    return element.get(HREF) or ""
