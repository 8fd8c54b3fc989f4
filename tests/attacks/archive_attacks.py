"""Hostile and broken archives, written on demand: ``python archive_attacks.py NAME FOLDER``."""

from __future__ import annotations

import gzip
import io
import stat
import struct
import sys
import tarfile
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

MODEL = (
    b'<core:CityModel xmlns:core="http://www.opengis.net/citygml/2.0"'
    b' xmlns:bldg="http://www.opengis.net/citygml/building/2.0"'
    b' xmlns:gml="http://www.opengis.net/gml">'
    b'<gml:boundedBy><gml:Envelope srsName="EPSG:25832"/></gml:boundedBy>'
    b'<core:cityObjectMember><bldg:Building gml:id="h"/></core:cityObjectMember>'
    b"</core:CityModel>"
)
MEGABYTE = bytes(1 << 20)

Attack = Callable[[Path], Path]


def _zip(folder: Path, *entries: tuple[str | zipfile.ZipInfo, bytes], method: int = 8) -> Path:
    path = folder / "town.zip"
    with zipfile.ZipFile(path, "w", method) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # two entries of one name
        for name, data in entries:
            archive.writestr(name, data)
    return path


def _patched(path: Path, *changes: tuple[bytes, int, str, int]) -> Path:
    """Change numbers in all records that begin with a signature."""
    data = bytearray(path.read_bytes())
    for signature, offset, form, value in changes:
        at = data.find(signature)
        while at >= 0:
            struct.pack_into(form, data, at + offset, value)
            at = data.find(signature, at + 4)
    path.write_bytes(data)
    return path


def bomb(folder: Path) -> Path:
    """300 MB out of 0.3 MB, and the directory says so."""
    path = folder / "town.zip"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("town.gml", "w") as file,
    ):
        for _ in range(300):
            file.write(MEGABYTE)
    return path


def lying_size(folder: Path) -> Path:
    """Says it unpacks to 1000 bytes, holds 20 MB."""
    path = _zip(folder, ("town.gml", MEGABYTE * 20))
    return _patched(path, (b"PK\x01\x02", 24, "<I", 1000), (b"PK\x03\x04", 22, "<I", 1000))


def huge_declared_size(folder: Path) -> Path:
    path = _zip(folder, ("a.gml", MODEL), ("b.gml", MODEL))
    return _patched(path, (b"PK\x01\x02", 24, "<I", 0xFFFFFFF0))


def overlapping_entries(folder: Path) -> Path:
    """Two directory entries that share the bytes of one file."""
    path = _zip(folder, ("a.gml", MODEL), ("b.gml", MODEL))
    return _patched(path, (b"PK\x01\x02", 42, "<I", 0))


def hundred_thousand_entries(folder: Path) -> Path:
    path = folder / "town.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(100_000):
            archive.writestr(f"{number}.gml", b"")
    return path


def leads_out(folder: Path) -> Path:
    return _zip(folder, ("../../evil.gml", MODEL))


def leads_out_backwards(folder: Path) -> Path:
    return _zip(folder, ("..\\..\\evil.gml", MODEL))


def absolute_name(folder: Path) -> Path:
    return _zip(folder, ("/etc/evil.gml", MODEL))


def drive_name(folder: Path) -> Path:
    return _zip(folder, ("C:/evil.gml", MODEL))


def symbolic_link(folder: Path) -> Path:
    entry = zipfile.ZipInfo("town.gml")
    entry.create_system = 3
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return _zip(folder, (entry, b"/etc/passwd"))


def nested_zip(folder: Path) -> Path:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("town.gml", MODEL)
    return _zip(folder, ("inner.zip", inner.getvalue()))


def nested_archive_in_disguise(folder: Path) -> Path:
    return _zip(folder, ("town.gml", gzip.compress(MODEL)))


def control_characters(folder: Path) -> Path:
    return _zip(folder, ("town\x1b[2J.gml", MODEL))


def one_name_twice(folder: Path) -> Path:
    return _zip(folder, ("town.gml", MODEL), ("town.gml", MODEL))


def one_name_twice_but_for_case(folder: Path) -> Path:
    return _zip(folder, ("town.gml", MODEL), ("TOWN.gml", MODEL))


def encrypted(folder: Path) -> Path:
    path = _zip(folder, ("town.gml", MODEL))
    return _patched(path, (b"PK\x01\x02", 8, "<H", 1), (b"PK\x03\x04", 6, "<H", 1))


def other_method(folder: Path) -> Path:
    return _zip(folder, ("town.gml", MODEL), method=zipfile.ZIP_LZMA)


def truncated_zip(folder: Path) -> Path:
    path = _zip(folder, ("town.gml", MODEL))
    path.write_bytes(path.read_bytes()[:-30])
    return path


def damaged_zip(folder: Path) -> Path:
    path = _zip(folder, ("town.gml", MODEL))
    data = bytearray(path.read_bytes())
    data[60:80] = bytes(20)
    path.write_bytes(data)
    return path


def wrong_extension(folder: Path) -> Path:
    path = _zip(folder, ("town.gml", MODEL))
    return path.rename(folder / "town.gml")


def gzip_named_zip(folder: Path) -> Path:
    path = folder / "town.zip"
    path.write_bytes(gzip.compress(MODEL))
    return path


def without_a_model(folder: Path) -> Path:
    return _zip(folder, ("readme.txt", b"hello"), ("roof.png", b"\x89PNG"))


def gzip_bomb(folder: Path) -> Path:
    path = folder / "town.gml.gz"
    with gzip.open(path, "wb") as file:
        for _ in range(300):
            file.write(MEGABYTE)
    return path


def truncated_gzip(folder: Path) -> Path:
    path = folder / "town.gml.gz"
    path.write_bytes(gzip.compress(MODEL)[:-12])
    return path


def gzip_in_gzip(folder: Path) -> Path:
    path = folder / "town.gml.gz"
    path.write_bytes(gzip.compress(gzip.compress(MODEL)))
    return path


def tar_in_gzip(folder: Path) -> Path:
    path = folder / "town.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        entry = tarfile.TarInfo("../evil.gml")
        entry.size = len(MODEL)
        archive.addfile(entry, io.BytesIO(MODEL))
    return path


# Name -> generator and what the message must say.
ATTACKS: dict[str, tuple[Attack, str]] = {
    attack.__name__: (attack, said)
    for attack, said in (
        (bomb, "bomb"),
        (lying_size, "lie|damaged|bomb"),
        (huge_declared_size, "unpacks to more than"),
        (overlapping_entries, "shares its bytes"),
        (hundred_thousand_entries, "100000 entries"),
        (leads_out, "leads out"),
        (leads_out_backwards, "leads out"),
        (absolute_name, "absolute"),
        (drive_name, "absolute"),
        (symbolic_link, "symbolic link"),
        (nested_zip, "inside an archive"),
        (nested_archive_in_disguise, "inside an archive"),
        (control_characters, "control characters"),
        (one_name_twice, "twice"),
        (one_name_twice_but_for_case, "twice"),
        (encrypted, "encrypted"),
        (other_method, "other than deflate"),
        (truncated_zip, "truncated"),
        (damaged_zip, "damaged"),
        (wrong_extension, "ends in .gml but is zip archive"),
        (gzip_named_zip, "ends in .zip but is gzip"),
        (without_a_model, "no city model"),
        (gzip_bomb, "bomb"),
        (truncated_gzip, "damaged gzip"),
        (gzip_in_gzip, "inside an archive"),
        (tar_in_gzip, "inside an archive"),
    )
}

if __name__ == "__main__":
    print(ATTACKS[sys.argv[1]][0](Path(sys.argv[2])))  # noqa: T201 - a script
