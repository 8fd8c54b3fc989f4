"""Muster-Soest: an invented town in the exact form of the official data of NRW.

The town stands where Soest stands, and some of its landmarks stand roughly where the real
ones do; everything else is made up from a seed. Every file says that it is sample data.
"""

from .places import LABEL
from .town import SampleTown, SampleTownReport, make_sample_town, write_sample_town

__all__ = ["LABEL", "SampleTown", "SampleTownReport", "make_sample_town", "write_sample_town"]
