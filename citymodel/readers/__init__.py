"""Readers: from files to :class:`~citymodel.model.CityModel`.

A source is opened (``source``), its files are cut into units (``units``), and each unit is
read by the fast reader or, where that one does not know something, by the reference reader.
"""

from .read import iter_units, read_citymodel, read_unit
from .source import OpenSource, SourceFile, open_source
from .unit import UNIT_BYTES, Header, ReadOptions, UnitResult, WorkUnit
from .units import list_units

__all__ = [
    "UNIT_BYTES",
    "Header",
    "OpenSource",
    "ReadOptions",
    "SourceFile",
    "UnitResult",
    "WorkUnit",
    "iter_units",
    "list_units",
    "open_source",
    "read_citymodel",
    "read_unit",
]
