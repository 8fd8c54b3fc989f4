"""Rings as text: the several ways in which GML writes corners, brought to one."""

from __future__ import annotations

from typing import Final

from lxml import etree

from .document import Document, href_of
from .names import GML_32, GML_311

POS_LIST: Final = frozenset({f"{{{GML_311}}}posList", f"{{{GML_32}}}posList"})
EXTERIOR: Final = frozenset(
    {f"{{{GML_311}}}exterior", f"{{{GML_32}}}exterior", f"{{{GML_311}}}outerBoundaryIs"}
)
INTERIOR: Final = frozenset(
    {f"{{{GML_311}}}interior", f"{{{GML_32}}}interior", f"{{{GML_311}}}innerBoundaryIs"}
)
_CURVED: Final = ("Arc", "Circle", "Spline", "Bezier", "Geodesic", "Clothoid", "Conic")


class CurvedRingError(Exception):
    """A ring has arcs; within this package only, told as an issue."""


def ring_text(document: Document, ring: etree._Element) -> str:
    """Coordinates of a ring.

    Parameters
    ----------
    document : Document
        For references to points.
    ring : lxml.etree._Element
        LinearRing with posList, pos, coordinates, pointProperty or pointRep; or Ring with
        curve members of straight segments.

    Returns
    -------
    str
        Numbers with white space between them.

    Raises
    ------
    CurvedRingError
        A segment is not straight.
    """
    if len(ring) == 1 and ring[0].tag in POS_LIST:
        return ring[0].text or ""
    texts: list[str] = []
    for child in ring:
        texts.extend(_texts(document, child))
    if etree.QName(ring).localname == "Ring":
        return " ".join(_joined(texts))
    return " ".join(texts)


def _texts(document: Document, element: etree._Element, *, followed: bool = False) -> list[str]:
    local = etree.QName(element).localname
    if local in ("posList", "pos"):
        return [element.text or ""]
    if local == "coordinates":
        return [_coordinates(element)]
    if any(word in local for word in _CURVED):
        raise CurvedRingError(local)
    if not len(element) and href_of(element) and not followed:
        target = document.resolve(href_of(element), element, "")
        return [] if target is None else _texts(document, target, followed=True)
    reverse = local == "OrientableCurve" and element.get("orientation") == "-"
    texts = [text for child in element for text in _texts(document, child, followed=followed)]
    if not reverse:
        return texts
    return [_reversed(" ".join(texts))]


def _coordinates(element: etree._Element) -> str:
    """Write gml:coordinates (GML 3.1.1, 9.3.4) as a list with white space."""
    text = element.text or ""
    decimal = element.get("decimal") or "."
    separators = ((element.get("cs") or ","), (element.get("ts") or " "))
    for separator in separators:
        if separator.strip():
            text = text.replace(separator, " ")
    return text.replace(decimal, ".")


def _reversed(text: str) -> str:
    words = text.split()
    triples = [words[at : at + 3] for at in range(0, len(words), 3)]
    return " ".join(word for triple in reversed(triples) for word in triple)


def _joined(texts: list[str]) -> list[str]:
    # The last corner of a curve is the first of the next.
    words: list[str] = []
    for text in texts:
        new = text.split()
        words.extend(new[3:] if words and words[-3:] == new[:3] else new)
    return words


def outline(document: Document, polygon: etree._Element) -> frozenset[tuple[float, ...]]:
    """Corners of a polygon's outer ring, to the millimetre, in no order.

    Parameters
    ----------
    document : Document
        For references to points.
    polygon : lxml.etree._Element
        Polygon or patch.

    Returns
    -------
    frozenset of tuple of float
        Empty where there is no outer ring of numbers.
    """
    for boundary in polygon:
        if boundary.tag in EXTERIOR and len(boundary):
            try:
                numbers = [round(float(w), 3) for w in ring_text(document, boundary[0]).split()]
            except (ValueError, CurvedRingError):
                return frozenset()
            return frozenset(tuple(numbers[at : at + 3]) for at in range(0, len(numbers), 3))
    return frozenset()


def dimension_of(element: etree._Element) -> str:
    """Return the srsDimension that holds for a ring, "3" where none is stated.

    Parameters
    ----------
    element : lxml.etree._Element
        A ring; what its positions state counts before what stands above.
    """
    for below in element.iter(etree.Element):
        stated = below.get("srsDimension")
        if stated:
            return stated.strip()
    for above in element.iterancestors():
        stated = above.get("srsDimension")
        if stated:
            return stated.strip()
    return "3"
