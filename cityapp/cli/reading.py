"""Walking through a source unit by unit, for the commands that only look at it."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from citykernel.issues import Issue
    from citymodel.readers import SourceFile, UnitResult, WorkUnit

_Command = TypeVar("_Command", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Step:
    """One unit of a source, read; or a file that has none.

    Parameters
    ----------
    file : SourceFile
        The file.
    unit : WorkUnit or None
        None for a file without members.
    result : UnitResult or None
        None where there is no unit, or its file was refused.
    issues : tuple of Issue
        What reading found; a refused file is ``file-refused``.
    """

    file: SourceFile
    unit: WorkUnit | None
    result: UnitResult | None
    issues: tuple[Issue, ...]


def source_options(command: _Command) -> _Command:
    """Add the argument and the options that say what is read.

    Parameters
    ----------
    command : callable
        A function that takes ``source``, ``lod`` and ``crs``.

    Returns
    -------
    callable
        The same, decorated.
    """
    for decorate in (
        click.option(
            "--crs", default="", metavar="CODE",
            help="System of sources that name none, e.g. EPSG:25832+7837.",
        ),
        click.option(
            "--lod", type=click.IntRange(0, 4),
            help="Level of detail; the highest of each object up to 3 if not given.",
        ),
        click.argument("source", type=click.Path(path_type=Path)),
    ):  # fmt: skip
        command = decorate(command)
    return command


def walk_source(
    source: Path, *, lod: int | None, crs: str, settings_path: Path | None
) -> Iterator[Step]:
    """Read a source unit by unit; memory is bounded by the unit.

    Parameters
    ----------
    source : Path
        A file, folder or archive.
    lod : int or None
        Level of detail, None = the highest of each object up to 3.
    crs : str
        System of sources that name none, "" if they all do.
    settings_path : Path or None
        Settings file, for the limits of input.

    Yields
    ------
    Step
        File by file.

    Raises
    ------
    InputError
        The source cannot be opened, or no file of it can be read.
    SettingsError
        The settings cannot be.
    """
    from citykernel.errors import InputError
    from citykernel.settings import load_settings
    from citymodel.readers import ReadOptions, open_source

    limits = load_settings(settings_path, environment=os.environ).limits
    options = ReadOptions(lod=lod, crs=crs)
    first: InputError | None = None
    any_read = False
    with (
        open_source(source, limits=limits) as opened,
        click.progressbar(
            opened.files, label="Reading", file=sys.stderr, hidden=not sys.stderr.isatty()
        ) as files,
    ):
        for file in files:
            try:
                yield from _steps(file, options)
            except InputError as error:
                first = first or error
                yield Step(file, None, None, (_refused(file, error),))
            else:
                any_read = True
    if first is not None and not any_read:
        raise first


def _steps(file: SourceFile, options: Any) -> Iterator[Step]:
    from citymodel.readers import list_units, read_unit

    units = list_units(file.path, file.shown_path)
    if not units:
        yield Step(file, None, None, ())
    for unit in units:
        result = read_unit(unit, options)
        issues = (
            issue if issue.path else replace(issue, path=file.shown_path)
            for issue in result.issues
        )
        yield Step(file, unit, result, tuple(issues))


def _refused(file: SourceFile, error: Exception) -> Issue:
    from citykernel.issues import Issue

    # The error says where for itself; an issue has places of its own for that.
    place = rf"{re.escape(file.shown_path)}(:[0-9]+)?( \[[^]]*\])?: "
    return Issue(
        "file-refused",
        "error",
        re.sub(f"^{place}", "", str(error)),
        path=file.shown_path,
        line=getattr(error, "line", None) or 0,
        gml_id=getattr(error, "gml_id", None) or "",
    )
