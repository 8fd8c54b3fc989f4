"""What a user points at (a file, a folder, an archive) as a list of files to be read.

The first bytes decide what a file is; an extension that says something else is refused.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from citykernel.errors import ReadError
from citykernel.settings import LimitSettings

from .archives import archive_kind, printable, size_text, unpack_gzip, unpack_zip

# What an extension promises. Others are decided by content where a file is named itself,
# and passed over in folders and archives.
PROMISES: Final = {
    ".gml": "xml", ".xml": "xml", ".citygml": "xml",
    ".json": "json", ".jsonl": "json", ".cityjson": "json",
    ".zip": "zip", ".gz": "gzip",
}  # fmt: skip
# These extensions stand for other things too: in a folder they are read only if their
# beginning says that they are a city model.
_DOUBTFUL: Final = {".xml": b"CityModel", ".json": b"CityJSON", ".jsonl": b"CityJSON"}
_HEAD_BYTES: Final = 64 * 1024
_NAMES: Final = {"xml": "XML", "json": "JSON", "zip": "zip archive", "gzip": "gzip file"}


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file to be read.

    Parameters
    ----------
    path : Path
        On disk; pictures it names are found beside it.
    shown_path : str
        The name for messages, for example ``town.zip/LoD2_32_437_5714_1_NW.gml``.
    kind : {"xml", "json"}
        By its first bytes.
    size : int
        Bytes.
    """

    path: Path
    shown_path: str
    kind: str
    size: int


@dataclass(frozen=True, slots=True)
class OpenSource:
    """The files of a source.

    Parameters
    ----------
    files : tuple of SourceFile
        Sorted by name.
    passed_over : Counter
        Files that are no city models, counted by extension.
    refused : tuple of (str, ReadError)
        Files of a folder that cannot be taken, by shown path, and why: they stop nothing
        but themselves, and must be told.
    """

    files: tuple[SourceFile, ...]
    passed_over: Counter[str] = field(default_factory=Counter)
    refused: tuple[tuple[str, ReadError], ...] = ()


@contextmanager
def open_source(
    source: Path, *, workspace: Path | None = None, limits: LimitSettings | None = None
) -> Iterator[OpenSource]:
    """List the files of a source, unpacking archives for as long as it is open.

    Parameters
    ----------
    source : Path
        A file, a folder (with all below it), a ``.zip`` or ``.gz`` archive.
    workspace : Path, optional
        Folder in which archives are unpacked, in a fresh folder that is removed at the end;
        the system's folder for temporary files where nothing is given.
    limits : LimitSettings, optional
        How much is accepted.

    Yields
    ------
    OpenSource
        The files.

    Raises
    ------
    ReadError
        Nothing is there, or nothing to be read is in it. The file named is too large, its
        extension and its first bytes contradict each other, or it is a hostile or damaged
        archive; of a folder, every file is.
    """
    if workspace is not None:
        workspace.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="stadtbild-", dir=workspace) as fresh:
        collected = _Collection(Path(fresh), limits or LimitSettings())
        try:
            collected.take(source)
        except OSError as error:
            raise ReadError(
                f"cannot be read ({error.strerror or error})", path=source.name
            ) from error
        collected.require_something(source)
        yield OpenSource(
            tuple(collected.files), collected.passed_over, tuple(collected.refused)
        )


class _Collection:
    """Files found so far."""

    def __init__(self, fresh: Path, limits: LimitSettings) -> None:
        self.files: list[SourceFile] = []
        self.passed_over: Counter[str] = Counter()
        self.refused: list[tuple[str, ReadError]] = []
        self._fresh = fresh
        self._limits = limits

    def take(self, source: Path) -> None:
        if source.is_dir():
            for path in sorted(source.rglob("*")):
                if path.is_file():
                    self._take_of_folder(source, path)
        elif source.is_file():
            self._take_named(source, printable(source.name))
        else:
            raise ReadError("there is no such file or folder", path=source)

    def _take_of_folder(self, folder: Path, path: Path) -> None:
        shown = printable(f"{folder.name}/{path.relative_to(folder).as_posix()}")
        files, passed_over = len(self.files), self.passed_over.copy()
        try:
            self._take_one_of_many(path, shown, inside_archive=False)
        except ReadError as error:
            # Nothing of a refused archive is kept, also not what came out before.
            del self.files[files:]
            self.passed_over = passed_over
            self.refused.append((shown, error))

    def require_something(self, source: Path) -> None:
        if self.files:
            return
        if self.refused:
            raise self.refused[0][1]
        seen = ", ".join(f"{count} {name}" for name, count in sorted(self.passed_over.items()))
        raise ReadError(
            f"holds no city model (found: {seen or 'nothing'}); wanted .gml, .xml, .json, "
            ".jsonl, .zip or .gz",
            path=source.name,
        )

    def _take_named(self, path: Path, shown: str) -> None:
        """Take a file that a user has named: what it is must be clear."""
        content = _content(path)
        _check_promise(path, content, shown)
        if content in ("zip", "gzip"):
            self._take_archive(path, shown, content)
        elif content in ("xml", "json"):
            self._add(path, shown, content)
        else:
            raise ReadError(
                f"is {content or 'neither XML nor JSON'}; wanted CityGML, CityJSON, or a "
                ".zip or .gz archive of them",
                path=shown,
            )

    def _take_one_of_many(self, path: Path, shown: str, *, inside_archive: bool) -> None:
        suffix = path.suffix.lower()
        # macOS puts a companion "._town.gml" beside each file of an archive.
        promised = None if "/." in f"/{shown}" else PROMISES.get(suffix)
        word = _DOUBTFUL.get(suffix)
        if promised is None or (word is not None and word not in _head(path)):
            self.passed_over[suffix or "no extension"] += 1
            return
        content = _content(path)
        _check_promise(path, content, shown)
        if content in ("zip", "gzip"):
            if inside_archive:
                raise ReadError("is an archive inside an archive, which is refused", path=shown)
            self._take_archive(path, shown, content)
        else:
            self._add(path, shown, content)

    def _take_archive(self, path: Path, shown: str, kind: str) -> None:
        folder = self._fresh / f"{len(list(self._fresh.iterdir())):05d}"
        folder.mkdir()
        if kind == "gzip":
            unpacked = unpack_gzip(path, shown, folder, self._limits)
            self._take_unpacked_gzip(unpacked, f"{shown}/{printable(unpacked.name)}")
            return
        for unpacked, name in unpack_zip(path, shown, folder, self._limits):
            self._take_one_of_many(unpacked, f"{shown}/{printable(name)}", inside_archive=True)

    def _take_unpacked_gzip(self, path: Path, shown: str) -> None:
        content = _content(path)
        if content not in ("xml", "json"):
            raise ReadError(
                f"is {content or 'neither XML nor JSON'}; wanted CityGML or CityJSON",
                path=shown,
            )
        _check_promise(path, content, shown)
        self.files.append(SourceFile(path, shown, content, path.stat().st_size))

    def _add(self, path: Path, shown: str, content: str) -> None:
        size = path.stat().st_size
        if size > self._limits.document_bytes:
            raise ReadError(
                f"has {size_text(size)}; at most {size_text(self._limits.document_bytes)} are "
                "accepted in one file",
                path=shown,
            )
        self.files.append(SourceFile(path, shown, content, size))


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_HEAD_BYTES)


def _content(path: Path) -> str:
    """What a file is by its first bytes; "" for what is not known."""
    head = _head(path)
    if kind := archive_kind(head):
        return kind
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n")
    if text.startswith((b"{", b"[")):
        return "json"
    # UTF-16 is recognised here so that the XML reader can say what is wrong with it.
    if text.startswith((b"<", b"\xff\xfe", b"\xfe\xff", b"\x00<")):
        return "xml"
    return "" if text else "empty"


def _check_promise(path: Path, content: str, shown: str) -> None:
    promised = PROMISES.get(path.suffix.lower())
    if promised is not None and content != promised:
        found = _NAMES.get(content, content) or "something else"
        raise ReadError(
            f"ends in {path.suffix} but is {found} by its first bytes; "
            f"wanted {_NAMES[promised]}",
            path=shown,
            line=1 if promised in ("xml", "json") else None,
        )
