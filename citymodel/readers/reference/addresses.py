"""Addresses (xAL 2 and 3) and references into other registers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from lxml import etree

from ...model import Addresses, ExternalReferences, no_addresses, no_external_references
from .document import text_of
from .found import Found
from .names import XAL

# Element of xAL 2 -> column of the table.
_XAL2 = {
    "CountryName": "country",
    "LocalityName": "locality",
    "PostalCodeNumber": "postcode",
    "ThoroughfareName": "thoroughfare",
    "ThoroughfareNumber": "number",
    "ThoroughfareNumberSuffix": "suffix",
    "DependentLocalityName": "district",
    "PremiseName": "premise",
    "PremiseNumber": "premise_number",
    "AddressLine": "line",
}
# xAL 3 names the value after its parent.
_XAL3 = {
    ("Country", "NameElement"): "country",
    ("Locality", "NameElement"): "locality",
    ("SubLocality", "NameElement"): "district",
    ("PostCode", "Identifier"): "postcode",
    ("Thoroughfare", "NameElement"): "thoroughfare",
    ("Thoroughfare", "Number"): "number",
    ("Number", "Identifier"): "number",
    ("Premises", "NameElement"): "premise",
    ("Premises", "Number"): "premise_number",
    ("FreeTextAddress", "AddressLine"): "line",
}
COLUMNS = ("country", "locality", "postcode", "thoroughfare", "number")


class Address(NamedTuple):
    """One address of one object."""

    found: Found
    fields: dict[str, str]


class Reference(NamedTuple):
    """One link of one object into another register."""

    found: Found
    system: str
    name: str


@dataclass(eq=False)
class Registers:
    """Collects addresses and references and makes tables of them."""

    addresses: list[Address] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)

    def address(self, found: Found, element: etree._Element) -> None:
        """Take a core:Address; number and name in whatever order they stand."""
        fields: dict[str, str] = {}
        for below in element.iter(etree.Element):
            column = _column(below)
            text = text_of(below)
            if column and text:
                joint = "" if column == "suffix" else ", "
                fields[column] = f"{fields[column]}{joint}{text}" if column in fields else text
        if fields:
            self.addresses.append(Address(found, _completed(fields)))

    def reference(self, found: Found, element: etree._Element) -> None:
        """Take an externalReference of 1.0, 2.0 or an ExternalReference of 3.0."""
        system = name = ""
        for below in element.iter(etree.Element):
            local = etree.QName(below).localname
            if local == "informationSystem":
                system = text_of(below)
            elif local in ("name", "uri", "targetResource"):
                name = name or text_of(below)
        if system or name:
            self.references.append(Reference(found, system, name))

    def address_table(self) -> Addresses:
        """Return the table of addresses of objects that have a row."""
        kept = [address for address in self.addresses if address.found.row >= 0]
        if not kept:
            return no_addresses()
        rows = np.array([address.found.row for address in kept], np.int32)
        columns = (_texts([a.fields.get(column, "") for a in kept]) for column in COLUMNS)
        return Addresses(rows, *columns)

    def reference_table(self) -> ExternalReferences:
        """Return the table of references of objects that have a row."""
        kept = [reference for reference in self.references if reference.found.row >= 0]
        if not kept:
            return no_external_references()
        rows = np.array([reference.found.row for reference in kept], np.int32)
        systems = _texts([reference.system for reference in kept])
        return ExternalReferences(rows, systems, _texts([reference.name for reference in kept]))


def _column(element: etree._Element) -> str:
    namespace, _, local = element.tag[1:].rpartition("}")
    if namespace == XAL[0]:
        return _XAL2.get(local, "")
    if namespace == XAL[1]:
        above = element.getparent()
        outer = etree.QName(above).localname if above is not None else ""
        return _XAL3.get((outer, local), "")
    return ""


def _completed(fields: dict[str, str]) -> dict[str, str]:
    # A free text or a premise stands in where there is no street; a district where there is
    # no town.
    number = fields.get("number", "") or fields.get("premise_number", "")
    street = fields.get("thoroughfare") or fields.get("premise") or fields.get("line", "")
    locality = fields.get("locality") or fields.get("district", "")
    return fields | {
        "number": number + fields.get("suffix", ""),
        "thoroughfare": street,
        "locality": locality,
    }


def _texts(values: list[str]) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    column = np.empty(len(values), object)
    column[:] = values
    return column
