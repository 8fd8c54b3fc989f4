"""Unpacking zip and gzip archives that may be hostile.

Everything is counted twice: what the archive says before it is opened, and what really
comes out while it is unpacked. Nothing leaves the fresh folder it is unpacked into.
"""

from __future__ import annotations

import gzip
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO, Final

from citykernel.errors import ReadError
from citykernel.settings import LimitSettings

CHUNK_BYTES: Final = 1 << 18
# CityGML packs 9 to 20 times (measured), deflate reaches 1032 on bombs.
MOST_RATIO: Final = 200
ARCHIVES: Final = {
    b"PK\x03\x04": "zip", b"PK\x05\x06": "zip", b"\x1f\x8b": "gzip", b"7z\xbc\xaf": "7z",
    b"Rar!": "rar", b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"(\xb5/\xfd": "zstandard",
}  # fmt: skip
# A name that is taken over: letters of any language, digits and a few marks. Others (with
# control characters, for example) are replaced, so no name can play tricks on a terminal.
_PLAIN_NAME = re.compile(r"[\w(\[][\w ()\[\]+,.@~-]{0,120}", re.UNICODE)
_END_RECORD = b"PK\x05\x06"
_END_RECORD_64 = b"PK\x06\x06"
_ENTRY_BYTES = 46  # least size of an entry in a zip's directory (APPNOTE 4.3.12)
_LOCAL_BYTES = 30  # least size of the header before an entry's data (APPNOTE 4.3.7)
_ENCRYPTED = 0x1


def archive_kind(head: bytes) -> str:
    """Name the kind of archive by its first bytes.

    Parameters
    ----------
    head : bytes
        The first bytes of a file, 262 or more for tar.

    Returns
    -------
    str
        ``zip``, ``gzip``, another kind that is not unpacked, or "".
    """
    if head[257:262] == b"ustar":
        return "tar"
    return next((kind for mark, kind in ARCHIVES.items() if head.startswith(mark)), "")


def size_text(size: int) -> str:
    """Write a number of bytes for a person.

    Parameters
    ----------
    size : int
        Bytes.

    Returns
    -------
    str
        For example ``500 MB``.
    """
    for step, unit in ((10**9, "GB"), (10**6, "MB"), (10**3, "kB")):
        if size >= step:
            return f"{size / step:.4g} {unit}"
    return f"{size} bytes"


def _copy(
    source: IO[bytes] | gzip.GzipFile,
    target: Path,
    shown_path: str,
    *,
    most: int,
    packed: int,
) -> int:
    """Copy counting, refuse too much and nested archives; give the number of bytes."""
    copied = 0
    # Small things may pack well by chance: the ratio counts beyond the first megabyte.
    most_by_ratio = max(packed * MOST_RATIO, 2**20)
    with target.open("xb") as file:
        while chunk := source.read(CHUNK_BYTES):
            if not copied and (kind := archive_kind(chunk)):
                raise ReadError(
                    f"is an archive ({kind}) inside an archive, which is refused; "
                    "unpack the outer one first",
                    path=shown_path,
                )
            copied += len(chunk)
            if copied > most_by_ratio:
                raise ReadError(
                    f"grows to more than {MOST_RATIO} times its packed size of "
                    f"{size_text(packed)}: a zip bomb, refused",
                    path=shown_path,
                )
            if copied > most:
                raise ReadError(
                    f"unpacks to more than {size_text(most)}, which is the limit",
                    path=shown_path,
                )
            file.write(chunk)
    return copied


def unpack_gzip(source: Path, shown_path: str, folder: Path, limits: LimitSettings) -> Path:
    """Unpack a gzip file.

    Parameters
    ----------
    source : Path
        The file.
    shown_path : str
        Its name for messages.
    folder : Path
        A fresh folder.
    limits : LimitSettings
        What is accepted.

    Returns
    -------
    Path
        The file that came out.

    Raises
    ------
    ReadError
        Too large, damaged, or an archive inside.
    """
    packed = source.stat().st_size
    if packed > limits.gzip_bytes:
        raise ReadError(
            f"has {size_text(packed)}; at most {size_text(limits.gzip_bytes)} are accepted",
            path=shown_path,
        )
    target = folder / _own_name(source.name.removesuffix(".gz"), 0)
    try:
        with gzip.open(source, "rb") as stream:
            most = limits.gzip_unpacked_bytes
            _copy(stream, target, shown_path, most=most, packed=packed)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ReadError(
            f"is a damaged gzip file ({error}); fetch it again", path=shown_path
        ) from error
    return target


def unpack_zip(
    source: Path, shown_path: str, folder: Path, limits: LimitSettings
) -> list[tuple[Path, str]]:
    """Unpack a zip file after checking everything its directory says.

    Parameters
    ----------
    source : Path
        The file.
    shown_path : str
        Its name for messages.
    folder : Path
        A fresh folder; names that are not plain are replaced by names of ours.
    limits : LimitSettings
        What is accepted.

    Returns
    -------
    list of (Path, str)
        What came out, and its name in the archive, in the order of the names.

    Raises
    ------
    ReadError
        Too large, damaged, encrypted; an entry that would leave the folder, is a link,
        overlaps another, lies about its size, comes twice, or is an archive itself.
    """
    packed = source.stat().st_size
    if packed > limits.zip_bytes:
        raise ReadError(
            f"has {size_text(packed)}; at most {size_text(limits.zip_bytes)} are accepted",
            path=shown_path,
        )
    _check_count(source, shown_path, limits)
    try:
        with source.open("rb") as file, zipfile.ZipFile(file) as archive:
            entries = list(_checked(archive, shown_path, limits))
            _check_overlaps(file, archive, shown_path)
            return _unpack(archive, entries, shown_path, folder, limits)
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        struct.error,
        NotImplementedError,
    ) as error:
        raise ReadError(
            f"is a damaged zip file ({error}), or its sizes lie; fetch it again",
            path=shown_path,
        ) from error


def _check_count(source: Path, shown_path: str, limits: LimitSettings) -> None:
    """Refuse a huge directory before it is read into memory."""
    size = source.stat().st_size
    with source.open("rb") as file:
        file.seek(max(0, size - 66_000))
        tail = file.read()
    at = tail.rfind(_END_RECORD)
    if at < 0 or len(tail) - at < 22:  # noqa: PLR2004 - size of the record
        raise ReadError("is a truncated zip file; fetch it again", path=shown_path)
    count, directory_bytes = struct.unpack_from("<HI", tail, at + 10)
    at_64 = tail.rfind(_END_RECORD_64)
    if at_64 >= 0 and len(tail) - at_64 >= 48:  # noqa: PLR2004 - up to the size
        count, directory_bytes = struct.unpack_from("<QQ", tail, at_64 + 32)
    if count > limits.zip_members or directory_bytes > limits.zip_members * 1024:
        found = max(count, directory_bytes // 1024)
        raise ReadError(
            f"holds {found} entries or more; at most {limits.zip_members} are accepted",
            path=shown_path,
        )


def _checked(
    archive: zipfile.ZipFile, shown_path: str, limits: LimitSettings
) -> Iterator[zipfile.ZipInfo]:
    """Entries that are files, each checked by what the directory says of it."""
    total, names = 0, set()
    for entry in archive.infolist():
        where = f"{shown_path}/{printable(entry.filename)}"
        _check_entry(entry, where)
        if entry.is_dir():
            continue
        if entry.filename.casefold() in names:
            raise ReadError("comes twice in the archive, which is refused", path=where)
        names.add(entry.filename.casefold())
        total += entry.file_size
        if total > limits.zip_unpacked_bytes:
            raise ReadError(
                f"unpacks to more than {size_text(limits.zip_unpacked_bytes)}, "
                "which is the limit",
                path=shown_path,
            )
        yield entry


def _check_entry(entry: zipfile.ZipInfo, where: str) -> None:
    name = entry.orig_filename
    parts = name.replace("\\", "/").split("/")
    mode = entry.external_attr >> 16
    kind = stat.S_IFMT(mode)
    faults = {
        "leads out of the archive (..)": ".." in parts,
        "has an absolute name": name.startswith(("/", "\\")) or ":" in parts[0],
        "has control characters in its name": any(ord(letter) < 32 for letter in name),  # noqa: PLR2004
        "is a symbolic link or a device": kind not in (0, stat.S_IFREG, stat.S_IFDIR),
        "is encrypted": bool(entry.flag_bits & _ENCRYPTED),
        "is packed by a method other than deflate": entry.compress_type
        not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED),
    }
    for fault, is_so in faults.items():
        if is_so:
            raise ReadError(f"{fault}, which is refused", path=where)


def _check_overlaps(file: IO[bytes], archive: zipfile.ZipFile, shown_path: str) -> None:
    """Refuse entries that share bytes: bombs that are not nested live on it."""
    end = 0
    for entry in sorted(archive.infolist(), key=lambda info: info.header_offset):
        if entry.header_offset < end:
            raise ReadError(
                "shares its bytes with another entry: a zip bomb, refused",
                path=f"{shown_path}/{printable(entry.filename)}",
            )
        file.seek(entry.header_offset)
        local = file.read(_LOCAL_BYTES)
        name_bytes, extra_bytes = struct.unpack_from("<HH", local, 26)
        end = entry.header_offset + _LOCAL_BYTES + name_bytes + extra_bytes
        end += entry.compress_size
    if end > archive.start_dir:
        raise ReadError("has entries that run into its directory, refused", path=shown_path)


def _unpack(
    archive: zipfile.ZipFile,
    entries: list[zipfile.ZipInfo],
    shown_path: str,
    folder: Path,
    limits: LimitSettings,
) -> list[tuple[Path, str]]:
    unpacked: list[tuple[Path, str]] = []
    left = limits.zip_unpacked_bytes
    for number, entry in enumerate(sorted(entries, key=lambda info: info.filename)):
        parts = PurePosixPath(entry.filename.replace("\\", "/")).parts
        plain = PurePosixPath(*(_own_name(part, number) for part in parts))
        target = folder / plain
        target.parent.mkdir(parents=True, exist_ok=True)
        where = f"{shown_path}/{printable(entry.filename)}"
        with archive.open(entry) as stream:
            copied = _copy(stream, target, where, most=left, packed=entry.compress_size)
        if copied != entry.file_size:
            raise ReadError(
                f"says it has {entry.file_size} bytes, but {copied} came out", path=where
            )
        left -= copied
        unpacked.append((target, entry.filename))
    return unpacked


def _own_name(name: str, number: int) -> str:
    """Give the name itself where it is plain, else a name of ours with its extension."""
    if _PLAIN_NAME.fullmatch(name) and not name.endswith((".", " ")):
        return name
    suffix = re.search(r"\.[A-Za-z0-9]{1,8}$", name)
    return f"entry-{number:05d}{suffix[0].lower() if suffix else ''}"


def printable(name: str) -> str:
    """Write a foreign name so that it cannot play tricks on a terminal or a log.

    Parameters
    ----------
    name : str
        The name.

    Returns
    -------
    str
        At most 200 characters, all printable.
    """
    shown = "".join(letter if letter.isprintable() else "?" for letter in name)
    return shown if len(shown) <= 200 else shown[:199] + "…"  # noqa: PLR2004 - a line
