"""Which coordinate reference system the coordinates of a unit are in."""

from __future__ import annotations

from lxml import etree

from citykernel.crs import CompoundCrs, parse_crs
from citykernel.errors import CrsError

from .document import Document
from .names import MEANINGS, Kind

_GEOMETRY = frozenset({Kind.POLYGON, Kind.ORIENTABLE, Kind.AGGREGATE})
_POSITIONS = frozenset({"LinearRing", "posList", "pos"})


def choose_crs(document: Document) -> CompoundCrs:
    """Choose the system: the model's envelope, else the geometries, else what the caller says.

    Parameters
    ----------
    document : Document
        The unit.

    Returns
    -------
    CompoundCrs
        One system for all coordinates of the unit.

    Raises
    ------
    CrsError
        None is stated (or a local one) and none was given, or two systems are mixed.
    """
    names = _stated(document)
    given = document.options.crs
    systems: list[CompoundCrs] = []
    for name in names:
        try:
            systems.append(parse_crs(name))
        except CrsError as error:
            if not given:
                raise CrsError(f"{document.path}: {error}") from error
    if not systems:
        if not given:
            raise CrsError(
                f"{document.path}: no coordinate reference system is stated, neither on the "
                "envelope nor on a geometry; give one with --crs, for example EPSG:25832+7837"
            )
        return parse_crs(given)
    return _agreed(document, systems)


def _stated(document: Document) -> list[str]:
    """Names on the model's envelope and on surfaces, or on the objects' envelopes if none."""
    elements = document.root.xpath("//*[@srsName]")
    names = [document.unit.header.crs_name] if document.unit.header.crs_name else []
    envelopes: list[str] = []
    for element in elements if isinstance(elements, list) else []:
        if not isinstance(element, etree._Element):  # noqa: SLF001 - lxml names its type so
            continue
        meaning = MEANINGS[element.tag]
        name = element.get("srsName") or ""
        if meaning.kind in _GEOMETRY or _inside_ring(element, meaning.local):
            names.append(name)
        elif meaning.local == "Envelope":
            envelopes.append(name)
    return list(dict.fromkeys(names or envelopes[:1]))


def _inside_ring(element: etree._Element, local: str) -> bool:
    above = element.getparent()
    return local in _POSITIONS and above is not None and not above.tag.endswith("}Point")


def _agreed(document: Document, systems: list[CompoundCrs]) -> CompoundCrs:
    chosen = systems[0]
    for other in systems[1:]:
        same = (chosen.horizontal, chosen.latitude_first) == (
            other.horizontal,
            other.latitude_first,
        )
        heights = {chosen.vertical, other.vertical} - {0}
        if not same or len(heights) > 1:
            raise CrsError(
                f"{document.path}: two coordinate reference systems are mixed, "
                f"'{chosen.name}' and '{other.name}'; wanted one for the whole file"
            )
        if not chosen.vertical:
            chosen = other if other.vertical else chosen
    return chosen
