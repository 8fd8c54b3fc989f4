"""The tree of errors, drawn once.

::

    CityError
    |- InputError        ReadError . CrsError . BoundaryError
    |- OutputError       TilesetError
    |- LiveError         SourceUnavailable
    |- SettingsError
    `- InstallationError

Issues are data, errors are exceptions: a check returns :class:`~citykernel.issues.Issue`
objects; an error says that nothing could be made. A message says what was found, where,
and what was wanted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class CityError(Exception):
    """Root of everything Stadtbild raises on purpose."""


class InputError(CityError):
    """What came in cannot be used."""


class ReadError(InputError):
    """A file cannot be read.

    Parameters
    ----------
    message : str
        What was found and what was wanted.
    path : Path or str, optional
        The file, or the member of an archive.
    line : int, optional
        Line in the file, counted from 1.
    gml_id : str, optional
        The city object concerned.
    """

    def __init__(
        self,
        message: str,
        *,
        path: Path | str | None = None,
        line: int | None = None,
        gml_id: str | None = None,
    ) -> None:
        self.path = None if path is None else str(path)
        self.line = line
        self.gml_id = gml_id
        where = self.path or ""
        if line is not None:
            where += f":{line}"
        if gml_id:
            where += f" [{gml_id}]" if where else f"[{gml_id}]"
        super().__init__(f"{where}: {message}" if where else message)


class CrsError(InputError):
    """A coordinate reference system is missing, unknown or does not fit its coordinates."""


class BoundaryError(InputError):
    """Rings, surfaces or offsets contradict each other."""


class OutputError(CityError):
    """A result cannot be written."""


class TilesetError(OutputError):
    """A tileset cannot be built or written."""


class LiveError(CityError):
    """The world outside does not answer as it should."""


class SourceUnavailable(LiveError):  # noqa: N818 - the name says the state, as the field does
    """A remote source cannot be reached or answers with a fault."""


class SettingsError(CityError):
    """A setting is unknown or has a value it cannot have."""


class InstallationError(CityError):
    """The installation is broken, for example by another distribution."""
