"""From what a user names to work units: one bad file stops nothing but itself."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from citykernel.errors import InputError, ReadError
from citykernel.settings import LimitSettings
from citymodel import SourceFile, WorkUnit, list_units, open_source


@dataclass(slots=True)
class Gathered:
    """What a run has to read.

    Parameters
    ----------
    files : list of SourceFile
        By name, whatever the order in which they were given.
    units : list of WorkUnit
        Of all files, in their order.
    failures : list of (str, str)
        Files of which nothing can be read, by shown path, and why.
    passed_over : Counter
        Files that are no city models, by extension.
    """

    files: list[SourceFile] = field(default_factory=list)
    units: list[WorkUnit] = field(default_factory=list)
    failures: list[tuple[str, str]] = field(default_factory=list)
    passed_over: Counter[str] = field(default_factory=Counter)


def gather(
    sources: Sequence[Path], workspace: Path, stack: ExitStack, *, limits: LimitSettings
) -> Gathered:
    """List the work units of sources.

    Parameters
    ----------
    sources : sequence of Path
        Files, folders, archives; a file that is named twice is taken once.
    workspace : Path
        Where archives are unpacked.
    stack : ExitStack
        Keeps what was unpacked for as long as it is open.
    limits : LimitSettings
        How much input is accepted.

    Returns
    -------
    Gathered
        Sources and files that cannot be read are failures; nothing is raised for them.
    """
    found = Gathered()
    known: set[Path] = set()
    for source in sources:
        try:
            opened = stack.enter_context(
                open_source(source, workspace=workspace, limits=limits)
            )
        except ReadError as error:
            found.failures.append((source.name or str(source), str(error)))
            continue
        found.failures += [(path, str(error)) for path, error in opened.refused]
        found.passed_over += opened.passed_over
        for file in opened.files:
            if file.path.resolve() not in known:
                known.add(file.path.resolve())
                found.files.append(file)
    found.files = _in_order(found.files)
    for file in found.files:
        try:
            found.units.extend(list_units(file.path, file.shown_path))
        except InputError as error:
            found.failures.append((file.shown_path, str(error)))
    return found


def named(path: str, error: Exception) -> str:
    """Put a file's name before an error that does not begin with it.

    Parameters
    ----------
    path : str
        The file as messages show it.
    error : Exception
        What was said.

    Returns
    -------
    str
        One line that names the file once.

    Examples
    --------
    >>> named("town.gml", ValueError("no system"))
    'town.gml: no system'
    >>> named("town.gml", ReadError("truncated", path="town.gml", line=7))
    'town.gml:7: truncated'
    """
    text = str(error)
    return text if text.startswith(path) else f"{path}: {text}"


def _in_order(files: list[SourceFile]) -> list[SourceFile]:
    """Files by name, equal names by content: where they lie must not change a tile."""
    names = Counter(file.shown_path for file in files)

    def key(file: SourceFile) -> tuple[str, str]:
        if names[file.shown_path] == 1:
            return file.shown_path, ""
        with file.path.open("rb") as opened:
            return file.shown_path, hashlib.file_digest(opened, "sha256").hexdigest()

    return sorted(files, key=key)
