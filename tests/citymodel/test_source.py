"""Rules of citymodel.readers.source: a file, a folder, an archive as a list of files."""

from __future__ import annotations

import gzip
import os
import zipfile
from pathlib import Path

import pytest

from citykernel.errors import ReadError
from citykernel.settings import LimitSettings
from citymodel.readers.source import open_source

GML = b'<CityModel xmlns="http://www.opengis.net/citygml/2.0"></CityModel>'
JSON = b'{"type": "CityJSON", "version": "2.0"}'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Tiles, a texture folder, and things that are no city models."""
    town = tmp_path / "town"
    (town / "west" / "textures").mkdir(parents=True)
    (town / "b.gml").write_bytes(GML)
    (town / "a.GML").write_bytes(GML)
    (town / "west" / "c.citygml").write_bytes(b"\xef\xbb\xbf \n" + GML)
    (town / "west" / "textures" / "roof.png").write_bytes(b"\x89PNG")
    (town / "model.json").write_bytes(JSON)
    (town / "tileset.json").write_bytes(b'{"asset": {"version": "1.1"}}')
    (town / "metadata.xml").write_bytes(b"<MD_Metadata/>")
    (town / "read.txt").write_text("Lizenz")
    (town / "dgm.tif").write_bytes(b"II*\0")
    (town / "LICENCE").write_text("zero")
    return town


def shown(source: Path, **options: object) -> list[str]:
    with open_source(source, **options) as opened:  # type: ignore[arg-type]
        return [file.shown_path for file in opened.files]


def test_a_folder_is_listed_with_all_below_in_order(folder: Path) -> None:
    """What is no city model is passed over and counted, never silently."""
    with open_source(folder) as opened:
        names = [file.shown_path for file in opened.files]
        assert names == ["town/a.GML", "town/b.gml", "town/model.json", "town/west/c.citygml"]
        assert [file.kind for file in opened.files] == ["xml", "xml", "json", "xml"]
        assert opened.files[1].size == len(GML)
        assert opened.passed_over == {
            ".png": 1, ".json": 1, ".xml": 1, ".txt": 1, ".tif": 1, "no extension": 1,
        }  # fmt: skip
        assert opened.refused == ()


def test_a_file_is_itself(folder: Path) -> None:
    with open_source(folder / "b.gml") as opened:
        (file,) = opened.files
        assert file.path == folder / "b.gml"
        assert file.shown_path == "b.gml"


def test_an_archive_keeps_its_pictures_beside_the_model(folder: Path, tmp_path: Path) -> None:
    """Folder names inside the archive stay, so that textures are found."""
    packed = tmp_path / "town.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            archive.write(path, path.relative_to(folder))
        archive.writestr("__MACOSX/._b.gml", b"\0\5\x16\7")
    with open_source(packed, workspace=tmp_path / "work") as opened:
        names = [file.shown_path for file in opened.files]
        assert names[0] == "town.zip/a.GML"
        assert names[-1] == "town.zip/west/c.citygml"
        picture = opened.files[-1].path.parent / "textures" / "roof.png"
        assert picture.read_bytes() == b"\x89PNG"
        assert opened.passed_over[".gml"] == 1
        assert all(tmp_path / "work" in file.path.parents for file in opened.files)
    assert list((tmp_path / "work").iterdir()) == []


def test_names_that_are_not_plain_are_replaced(tmp_path: Path) -> None:
    """A name of ours is on disk, the archive's own is shown."""
    packed = tmp_path / "town.zip"
    odd = "Straße*;$(x).gml"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(odd, GML)
        archive.writestr("Köln (Süd).gml", GML)
    with open_source(packed, workspace=tmp_path / "work") as opened:
        assert [file.path.name for file in opened.files] == [
            "Köln (Süd).gml",
            "entry-00001.gml",
        ]


def test_a_gzip_file_is_unpacked_for_the_time_of_reading(tmp_path: Path) -> None:
    packed = tmp_path / "town.gml.gz"
    packed.write_bytes(gzip.compress(GML) + gzip.compress(b"\n"))
    with open_source(packed, workspace=tmp_path / "work") as opened:
        (file,) = opened.files
        assert file.shown_path == "town.gml.gz/town.gml"
        assert file.path.read_bytes() == GML + b"\n"
    assert list((tmp_path / "work").iterdir()) == []


def test_the_workspace_is_empty_after_a_failure(tmp_path: Path) -> None:
    packed = tmp_path / "town.gml.gz"
    packed.write_bytes(gzip.compress(GML))
    with pytest.raises(ZeroDivisionError), open_source(packed, workspace=tmp_path / "work"):
        raise ZeroDivisionError
    assert list((tmp_path / "work").iterdir()) == []


def test_of_a_folder_one_bad_file_stops_only_itself(folder: Path) -> None:
    """It is told as refused, with its reason."""
    (folder / "picture.gml").write_bytes(b"\x89PNG")
    (folder / "broken.gml.gz").write_bytes(gzip.compress(GML)[:-9])
    with zipfile.ZipFile(folder / "evil.zip", "w") as archive:
        archive.writestr("a.gml", GML)
        archive.writestr("../evil.gml", GML)
    with open_source(folder) as opened:
        assert len(opened.files) == 4
        reasons = {name: str(error) for name, error in opened.refused}
    assert set(reasons) == {"town/picture.gml", "town/broken.gml.gz", "town/evil.zip"}
    assert "leads out" in reasons["town/evil.zip"]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.gml", JSON, "is JSON by its first bytes; wanted XML"),
        ("a.json", GML, "is XML by its first bytes; wanted JSON"),
        ("a.zip", GML, "is XML by its first bytes; wanted zip archive"),
        ("a.gml", b"PK\x03\x04", "is zip archive by its first bytes"),
        ("a.gml", b"", "is empty"),
        ("a.dat", b"\x00\x01", "neither XML nor JSON"),
        ("a.7z", b"7z\xbc\xaf\x27\x1c", "is 7z; wanted"),
    ],
)
def test_first_bytes_decide(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ReadError, match=said):
        shown(path)


def test_a_file_without_a_known_extension_is_taken_by_its_content(tmp_path: Path) -> None:
    path = tmp_path / "town.dat"
    path.write_bytes(GML)
    assert shown(path) == ["town.dat"]


def test_what_is_not_there_or_empty_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="no such file"):
        shown(tmp_path / "nowhere")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "a.txt").write_text("x")
    with pytest.raises(ReadError, match=r"holds no city model \(found: 1 \.txt\)"):
        shown(tmp_path / "folder")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "town.gml"
    path.write_bytes(GML)
    path.chmod(0)
    with pytest.raises(ReadError, match="cannot be read"):
        shown(path)


def test_limits_are_limits(tmp_path: Path) -> None:
    """Each is a setting, and its message says what was found and what is accepted."""
    gml, packed, zipped = (tmp_path / f"town.{end}" for end in ("gml", "gml.gz", "zip"))
    gml.write_bytes(GML)
    packed.write_bytes(gzip.compress(GML))
    with zipfile.ZipFile(zipped, "w") as archive:
        for number in range(3):
            archive.writestr(f"{number}.gml", GML)
    for path, limits, said in (
        (gml, LimitSettings(document_bytes=10), "at most 10 bytes"),
        (packed, LimitSettings(gzip_bytes=10), "at most 10 bytes"),
        (packed, LimitSettings(gzip_unpacked_bytes=10), "unpacks to more than 10 bytes"),
        (zipped, LimitSettings(zip_bytes=10), "at most 10 bytes"),
        (zipped, LimitSettings(zip_unpacked_bytes=100), "unpacks to more than 100 bytes"),
        (zipped, LimitSettings(zip_members=2), "holds 3 entries or more; at most 2"),
    ):
        with pytest.raises(ReadError, match=said):
            shown(path, limits=limits, workspace=tmp_path / "work")
        assert list((tmp_path / "work").iterdir()) == []
