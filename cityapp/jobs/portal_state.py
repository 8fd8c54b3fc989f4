"""What is remembered of a folder's files, so that a second run asks only for news."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from citykernel.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

STATE_NAME = ".fetch-state"
# RFC 9110 section 8.8.3. What does not look like this is never sent back to a server.
_ETAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e]*"')
_HTTP_DATE = re.compile(r"[A-Za-z0-9,: ]{20,40}")


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a remote file, by the server's own marks.

    Parameters
    ----------
    etag, last_modified : str
        The header fields of that name, "" where the server sent none (or none that is well
        formed).
    size_bytes : int
        Length of the whole file, -1 where it is unknown.
    """

    etag: str = ""
    last_modified: str = ""
    size_bytes: int = -1

    @classmethod
    def from_headers(cls, headers: Mapping[str, str], size_bytes: int) -> Version:
        """Take the marks from a response, leaving out malformed ones.

        Parameters
        ----------
        headers : mapping
            Header fields of the response.
        size_bytes : int
            Length of the whole file, -1 if unknown.

        Returns
        -------
        Version
            The marks.
        """
        return cls(
            _well_formed(_ETAG, headers.get("ETag", "")),
            _well_formed(_HTTP_DATE, headers.get("Last-Modified", "")),
            size_bytes,
        )

    @property
    def for_range(self) -> str:
        """Mark for If-Range, "" if none identifies the bytes (RFC 9110 section 13.1.5)."""
        if self.etag:
            return "" if self.etag.startswith("W/") else self.etag
        return self.last_modified

    def asking_for_news(self) -> dict[str, str]:
        """Return the header fields that ask for the file only if it changed."""
        if self.etag:
            return {"If-None-Match": self.etag}
        return {"If-Modified-Since": self.last_modified} if self.last_modified else {}


@dataclass(slots=True)
class FolderState:
    """Marks of the complete and of the partial files of one folder.

    Parameters
    ----------
    folder : Path
        The folder; the state lies in it as ``.fetch-state``.
    complete, partial : dict
        Version by file name.
    """

    folder: Path
    complete: dict[str, Version] = field(default_factory=dict)
    partial: dict[str, Version] = field(default_factory=dict)

    @classmethod
    def read(cls, folder: Path) -> FolderState:
        """Read the state of a folder; an absent or unreadable one is empty.

        Parameters
        ----------
        folder : Path
            The folder, which need not exist.

        Returns
        -------
        FolderState
            An unreadable state costs a download, never an abort.
        """
        try:
            stored = json.loads((folder / STATE_NAME).read_text("utf-8"))
            return cls(folder, _versions(stored["complete"]), _versions(stored["partial"]))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return cls(folder)

    def write(self) -> None:
        """Write the state beside the files, at once or not at all.

        Raises
        ------
        OutputError
            The folder cannot be written to.
        """
        stored = {
            kind: {name: asdict(version) for name, version in sorted(versions.items())}
            for kind, versions in (("complete", self.complete), ("partial", self.partial))
        }
        text = json.dumps(stored, indent=1) + "\n"
        write_atomically(self.folder / STATE_NAME, text.encode())


def write_atomically(path: Path, content: bytes) -> None:
    """Write a small file beside its place and rename it.

    Parameters
    ----------
    path : Path
        The file.
    content : bytes
        All of it.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    beside = path.with_name(path.name + ".part")
    try:
        beside.write_bytes(content)
        beside.replace(path)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror}") from error


def _versions(stored: dict[str, dict[str, Any]]) -> dict[str, Version]:
    return {
        name: Version(
            _well_formed(_ETAG, row["etag"]),
            _well_formed(_HTTP_DATE, row["last_modified"]),
            int(row["size_bytes"]),
        )
        for name, row in stored.items()
    }


def _well_formed(pattern: re.Pattern[str], text: str) -> str:
    return text if pattern.fullmatch(text) else ""
