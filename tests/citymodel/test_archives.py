"""Rules of citymodel.readers.archives that the attack corpus does not tell."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from citykernel.errors import ReadError
from citykernel.settings import LimitSettings
from citymodel.readers.archives import archive_kind, printable, size_text, unpack_zip


def test_archives_are_known_by_their_first_bytes() -> None:
    assert archive_kind(b"PK\x03\x04rest") == "zip"
    assert archive_kind(b"\x1f\x8b\x08") == "gzip"
    assert archive_kind(bytes(257) + b"ustar\0") == "tar"
    assert archive_kind(b"<xml/>") == ""


def test_sizes_are_written_for_people() -> None:
    assert [size_text(n) for n in (12, 1500, 500_000_000, 4_000_000_000)] == [
        "12 bytes", "1.5 kB", "500 MB", "4 GB",
    ]  # fmt: skip


def test_foreign_names_are_written_harmlessly() -> None:
    assert printable("a\x1b[2J\u202eb\n") == "a?[2J?b?"
    assert len(printable("x" * 1000)) == 200


def test_a_file_that_packs_well_by_chance_is_no_bomb(tmp_path: Path) -> None:
    """Below a megabyte the ratio does not count: blanks pack a thousand times."""
    packed = tmp_path / "town.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("town.gml", b"<a>" + b" " * 900_000 + b"</a>")
    target = tmp_path / "out"
    target.mkdir()
    ((path, name),) = unpack_zip(packed, "town.zip", target, LimitSettings())
    assert (path, name) == (target / "town.gml", "town.gml")
    assert path.stat().st_size == 900_007


def test_sizes_are_counted_over_all_entries(tmp_path: Path) -> None:
    """What the directory says is added up before anything is unpacked."""
    packed = tmp_path / "town.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for number in range(3):
            archive.writestr(f"{number}.gml", b"x" * 100)
    with pytest.raises(ReadError, match="more than 250 bytes"):
        unpack_zip(packed, "town.zip", tmp_path, LimitSettings(zip_unpacked_bytes=250))
    assert list(tmp_path.iterdir()) == [packed]
