"""Reading units and whole sources, each by the reader that knows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from citykernel.errors import ReadError
from citykernel.issues import Issue
from citykernel.settings import LimitSettings

from ..concatenate import concatenate
from ..model import CityModel
from .cityjson import read_cityjson
from .fast import read_fast
from .fast.children import CLOSED, CUT, MORE, UNNESTED, Children
from .fast.ids import element_finder
from .header import walk_error
from .reference import read_reference
from .source import open_source
from .unit import ReadOptions, UnitResult, WorkUnit
from .units import list_units, map_file

OnIssue = Callable[[Issue], None]


def read_unit(unit: WorkUnit, options: ReadOptions | None = None) -> UnitResult:
    """Read a work unit.

    Parameters
    ----------
    unit : WorkUnit
        From :func:`~citymodel.readers.units.list_units`.
    options : ReadOptions, optional
        What is wanted.

    Returns
    -------
    UnitResult
        The model (None without objects) and what was dropped or mended.

    Raises
    ------
    ReadError
        Not well-formed, hostile, or nothing but what the format does not allow.
    CrsError
        No usable coordinate reference system.
    """
    options = options or ReadOptions()
    if unit.reader != "citygml":
        return read_cityjson(unit, options)
    result = read_fast(unit, options)
    if result is not None:
        return result
    _refuse_monstrous(unit)
    finder = element_finder(unit.header.path)
    return read_reference(unit, options, find_element=finder)


def _refuse_monstrous(unit: WorkUnit) -> None:
    """Refuse what would fill the memory before a parser notices it."""
    header = unit.header
    mapped = map_file(header.path, header.shown_path)
    text = np.frombuffer(mapped, np.uint8)
    for start, stop in ((unit.start, unit.stop), *unit.shared):
        children = Children(text[:stop], start)
        for _ in children:
            pass
        if children.state not in (MORE, CLOSED, CUT, UNNESTED):
            root = header.closing.decode()[2:-1]
            raise walk_error(children.state, mapped, children.position, header.shown_path, root)


def iter_units(
    source: Path,
    options: ReadOptions | None = None,
    *,
    workspace: Path | None = None,
    limits: LimitSettings | None = None,
    on_issue: OnIssue | None = None,
) -> Iterator[UnitResult]:
    """Read a source unit by unit; memory is bounded by the unit.

    Parameters
    ----------
    source : Path
        A file, a folder, a ``.zip`` or ``.gz`` archive.
    options : ReadOptions, optional
        What is wanted.
    workspace : Path, optional
        Where archives are unpacked for the time of reading.
    limits : LimitSettings, optional
        How much is accepted.
    on_issue : callable, optional
        Is told each issue. Of many files one that cannot be read is an issue
        (``file-refused``); it stops nothing but itself.

    Yields
    ------
    UnitResult
        In the order of the files.

    Raises
    ------
    ReadError
        The source cannot be opened; its only file, or every one, cannot be read.
    CrsError
        No usable coordinate reference system.
    """
    tell = on_issue or (lambda _issue: None)
    with open_source(source, workspace=workspace, limits=limits) as opened:
        for shown_path, error in opened.refused:
            tell(Issue("file-refused", "error", str(error), path=shown_path))
        first_error: ReadError | None = None
        any_read = False
        for file in opened.files:
            try:
                for unit in list_units(file.path, file.shown_path):
                    result = read_unit(unit, options)
                    for issue in result.issues:
                        tell(issue)
                    yield result
            except ReadError as error:
                first_error = first_error or error
                if len(opened.files) > 1:
                    tell(Issue("file-refused", "error", str(error), path=file.shown_path))
                continue
            any_read = True
        if first_error is not None and not any_read:
            raise first_error


def read_citymodel(
    source: Path,
    *,
    lod: int | None = None,
    crs: str = "",
    terrain_lines: bool = False,
    workspace: Path | None = None,
    on_issue: OnIssue | None = None,
) -> CityModel:
    """Read a city model from a file, a folder, a ``.zip`` or ``.gz`` archive.

    Parameters
    ----------
    source : Path
        CityGML 1.0, 2.0, 3.0, CityJSON 1.1, 2.0 or CityJSONSeq.
    lod : int, optional
        Level of detail; the highest of each object up to 3 where nothing is given.
    crs : str
        Coordinate reference system for sources that name none.
    terrain_lines : bool
        Keep the corners of terrain intersection curves.
    workspace : Path, optional
        Where archives are unpacked for the time of reading.
    on_issue : callable, optional
        Is told each issue.

    Returns
    -------
    CityModel
        All city objects of the source, lengths in metres.

    Raises
    ------
    ReadError
        The source cannot be read, or there is no city object in it.
    CrsError
        A source does not say where it lies, or two systems are mixed.
    """
    options = ReadOptions(lod, crs, terrain_lines)
    results = iter_units(source, options, workspace=workspace, on_issue=on_issue)
    models = [result.model for result in results if result.model is not None]
    if not models:
        raise ReadError("there is no city object in it; wanted at least one", path=source.name)
    return concatenate(models)
