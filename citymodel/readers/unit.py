"""Work units: the part of a file that is read at a time, and what reading it gives.

Memory is bounded by the unit, not by the file; units are independent of each other, so
that processes can share a town among themselves.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from citykernel.issues import Issue

from ..model import CityModel

UNIT_BYTES = 16 * 2**20


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What is wanted of a source.

    Parameters
    ----------
    lod : int or None
        The level of detail; None = the highest each object has, up to 3. Never two levels
        of one object.
    crs : str
        The coordinate reference system to take where the source names none (or a local one).
    terrain_lines : bool
        Keep the corners of terrain intersection curves.
    """

    lod: int | None = None
    crs: str = ""
    terrain_lines: bool = False


@dataclass(frozen=True, slots=True)
class Header:
    """What a CityGML file says before its first member.

    Parameters
    ----------
    path : Path
        The file on disk (an unpacked one for archives).
    shown_path : str
        The name for messages, for example ``town.zip/LoD2_32_437_5714_1_NW.gml``.
    version : str
        CityGML version "1.0", "2.0" or "3.0".
    encoding : str
        As declared, "UTF-8" where nothing is.
    opening : bytes
        XML declaration and start tag of the root with its namespaces: opening + members +
        closing is a document of its own.
    closing : bytes
        End tag of the root.
    crs_name : str
        srsName of the model's envelope, "" if there is none.
    description : str
        gml:description and gml:name of the model, "" if none: where sample data say so.
    """

    path: Path
    shown_path: str
    version: str
    encoding: str
    opening: bytes
    closing: bytes
    crs_name: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class WorkUnit:
    """Members of one file that are read together.

    Parameters
    ----------
    header : Header
        Of the file.
    start, stop : int
        Bytes of the file, at bounds of members (for CityJSON: the whole file, 0 to size;
        for CityJSONSeq: lines).
    reader : {"citygml", "cityjson", "cityjsonseq"}
        Which reader understands it.
    shared : tuple of (int, int)
        Bytes of the file outside ``start:stop`` that this unit needs too: top-level members
        that are no city objects, such as the appearances of the whole model. Empty where a
        file is one unit. What they say about objects of other units is not for this one.
    """

    header: Header
    start: int
    stop: int
    reader: str = "citygml"
    shared: tuple[tuple[int, int], ...] = ()

    def document(self) -> bytes:
        """Read the unit from the file as a document of its own.

        Returns
        -------
        bytes
            Opening, members, shared members, closing.
        """
        parts = [self.header.opening]
        with self.header.path.open("rb") as file:
            for start, stop in ((self.start, self.stop), *self.shared):
                file.seek(start)
                parts.append(file.read(stop - start))
        return b"".join((*parts, self.header.closing))

    def line_before(self) -> int:
        """Lines to add to a line of :meth:`document` for the line of the file.

        Returns
        -------
        int
            Lines; it reads the file up to the unit, so ask only where a line is to be told.
        """
        lines, left = 0, self.start
        with self.header.path.open("rb") as file:
            while left > 0 and (chunk := file.read(min(left, 1 << 24))):
                lines += chunk.count(b"\n")
                left -= len(chunk)
        return lines - self.header.opening.count(b"\n")


@dataclass(frozen=True, slots=True)
class UnitResult:
    """What reading a unit gives.

    Parameters
    ----------
    model : CityModel or None
        None where the unit holds no city object.
    issues : tuple of Issue
        Everything dropped or mended, and why.
    polygons : int
        Polygons met (each once, also those of other levels of detail).
    skipped : Counter
        Elements of application schemas that were not understood, by qualified name.
    """

    model: CityModel | None
    issues: tuple[Issue, ...] = ()
    polygons: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
