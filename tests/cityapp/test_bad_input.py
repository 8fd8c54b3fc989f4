"""``stadtbild tile`` on every kind of bad input: one clear message, or a line in the report."""

from __future__ import annotations

import json
import os
import re
import resource
import runpy
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from cityapp.cli import main

ROOT = Path(__file__).resolve().parents[2]
ATTACKS = {
    name: attack
    for family in ("xml_attacks", "archive_attacks")
    for name, (attack, _) in runpy.run_path(str(ROOT / "tests" / "attacks" / f"{family}.py"))[
        "ATTACKS"
    ].items()
}
# Kind of bad input -> what the message must say, beside the file's name.
REFUSED = {
    "truncated": r":1: .*truncated",
    "truncated_in_a_house": r"town\.gml:\d\d+: .*truncated",
    "no_xml": "XML",
    "nothing": "empty",
    "other_root": "FeatureCollection.*wanted",
    "page_of_a_portal": "document type",
    "document_type_only": "document type",
    "document_type_late": "document type",
    "billion_laughs": "document type",
    "external_entity_file": "document type",
    "parameter_entity": "document type",
    "leads_out": r"evil\.gml: leads out",
    "absolute_name": "absolute",
    "symbolic_link": "symbolic link",
    "bomb": "zip bomb",
    "overlapping_entries": "zip bomb",
    "gzip_bomb": "zip bomb",
    "truncated_zip": "truncated",
    "nested_zip": "inside an archive",
    "no_object": "no city object",
    "unknown_crs": "EPSG:99999 is not a coordinate reference system",
    "local_crs": r"local-crs.*--crs",
    "no_crs": r"--crs",
    "out_of_area": r"51\.6 to .* outside the area of EPSG:25832",
    "swapped_axes": r"outside the area of EPSG:25832",
    "not_numbers": r":\d+ \[one\]: .*not a finite number",
    "infinite": r":\d+ \[one\]: .*not a finite number",
    "words_for_numbers": r":\d+ \[one\]: .*not a finite number",
    "only_two_points": r":\d+ \[one\]: .*fewer than three different corners",
    "only_dangling": r":\d+ \[one\]: .*'#nowhere' points to nothing",
    "only_itself": r":\d+ \[one\]: .*'#me' leads back to itself",
}


@dataclass
class Kitchen:
    """Makes bad files, and tiles them over an older town."""

    nrw: Any
    look: Any
    folder: Path
    target: Path
    before: dict[str, str]

    def make(self, name: str) -> Path:
        """Write a bad file."""
        made = self.folder / name
        made.mkdir()
        own: Callable[[Path], Path] | None = getattr(self, name, None)
        path: Path = own(made) if own else ATTACKS[name](made)
        return path

    def house(self, gml_id: str = "one", **options: Any) -> str:
        """A good house."""
        return str(self.nrw.house(gml_id, 438_100.1, 5_714_200.2, **options))

    def spoilt(self, folder: Path, spoil: Callable[[str], str]) -> Path:
        """A file of one house of which something was changed."""
        path: Path = self.nrw.write(folder, spoil(self.house()), name="town")
        return path

    def truncated_in_a_house(self, folder: Path) -> Path:
        """Cut in the second house."""
        path: Path = self.nrw.write(folder, self.house("one"), self.house("two"), name="town")
        data = path.read_bytes()
        path.write_bytes(data[: len(data) * 3 // 4])
        return path

    def unknown_crs(self, folder: Path) -> Path:
        """A code that no registry knows."""
        return Path(self.nrw.write(folder, self.house(), crs="EPSG:99999", name="town"))

    def local_crs(self, folder: Path) -> Path:
        """The name of a system on site."""
        return Path(self.nrw.write(folder, self.house(), crs="local-crs", name="town"))

    def no_crs(self, folder: Path) -> Path:
        """A file that does not say where it lies."""
        return Path(self.nrw.write(folder, self.house(), crs="", name="town"))

    def out_of_area(self, folder: Path) -> Path:
        """Degrees that are said to be metres."""
        house = self.nrw.house("one", 8.1, 51.6)
        return Path(self.nrw.write(folder, house, name="town"))

    def swapped_axes(self, folder: Path) -> Path:
        """Northing before easting."""
        house = self.nrw.house("one", 5_714_200.2, 438_100.1)
        return Path(self.nrw.write(folder, house, name="town"))

    def not_numbers(self, folder: Path) -> Path:
        """A house whose northings are NaN."""
        return self.spoilt(folder, lambda text: re.sub(r"5714\d\d\d\.\d+", "NaN", text))

    def infinite(self, folder: Path) -> Path:
        """A house whose northings are infinite."""
        return self.spoilt(folder, lambda text: re.sub(r"5714\d\d\d\.\d+", "INF", text))

    def words_for_numbers(self, folder: Path) -> Path:
        """A house whose northings are words."""
        return self.spoilt(folder, lambda text: re.sub(r"5714\d\d\d\.\d+", "Soest", text))

    def only_two_points(self, folder: Path) -> Path:
        """A house that is a polygon of two points."""
        wall = self.nrw.polygon("one", (438_100, 5_714_200, 95), (438_108, 5_714_203, 95))
        return Path(self.nrw.write(folder, wall, name="town"))

    def only_dangling(self, folder: Path) -> Path:
        """A house that is a link to nowhere."""
        return self._links(folder, "#nowhere")

    def only_itself(self, folder: Path) -> Path:
        """A house that is a link to itself."""
        return self._links(folder, "#me")

    def _links(self, folder: Path, href: str) -> Path:
        solid = (
            '<bldg:Building gml:id="one"><bldg:lod2Solid><gml:Solid><gml:exterior>'
            f'<gml:CompositeSurface gml:id="me"><gml:surfaceMember xlink:href="{href}"/>'
            "</gml:CompositeSurface></gml:exterior></gml:Solid></bldg:lod2Solid></bldg:Building>"
        )
        return Path(self.nrw.write(folder, self.nrw.member(solid), name="town"))

    def tile(self, *sources: Path, exit_code: int = 0, target: Path | None = None) -> str:
        """Run the command over the older town; give what was said."""
        arguments = ["tile", *map(str, sources), "-o", str(target or self.target)]
        told = CliRunner().invoke(main, [*arguments, "--jobs", "1", "--plain"])
        assert told.exception is None or isinstance(told.exception, SystemExit), told.exception
        assert told.exit_code == exit_code, told.output
        return told.stderr

    def report(self) -> dict[str, Any]:
        """The report in the target."""
        found: dict[str, Any] = json.loads((self.target / "report.json").read_text("utf-8"))
        return found

    def assert_untouched(self) -> None:
        """The older town is whole, and nothing lies beside it."""
        assert self.look.hashes(self.target, "**/*") == self.before
        assert not self.look.missing(self.target)
        assert not list(self.target.rglob(".*"))


@pytest.fixture
def kitchen(nrw: Any, look: Any, tmp_path: Path) -> Iterator[Kitchen]:
    """A target that holds an older town."""
    source = nrw.write(tmp_path / "old", nrw.house("old", 438_500, 5_714_500))
    target = tmp_path / "out"
    kitchen = Kitchen(nrw, look, tmp_path, target, {})
    kitchen.tile(source)
    kitchen.before = look.hashes(target, "**/*")
    yield kitchen
    assert not list(target.rglob(".*")), "a workspace was left"


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_made_is_refused_in_one_line(kitchen: Kitchen, name: str) -> None:
    """It names the file and the reason, the exit code is 1, the older town stands."""
    source = kitchen.make(name)
    (line,) = kitchen.tile(source, exit_code=1).splitlines()
    assert line.startswith(f"stadtbild: {source.name}")
    assert re.search(REFUSED[name], line), line
    assert line.count(source.name) == 1, "the file is named once"
    assert str(kitchen.folder) not in line, "and not the folder it was unpacked in"
    kitchen.assert_untouched()


@pytest.mark.parametrize("name", ["truncated", "leads_out", "no_crs", "only_dangling"])
def test_where_nothing_was_nothing_is(kitchen: Kitchen, name: str, tmp_path: Path) -> None:
    """A run that fails makes no folder: the next program would take it for a town."""
    target = tmp_path / "new"
    kitchen.tile(kitchen.make(name), exit_code=1, target=target)
    assert not target.exists()


@pytest.mark.parametrize("name", [name for name in REFUSED if name != "no_object"])
def test_a_bad_file_among_good_ones_is_told_and_the_town_is_made(
    kitchen: Kitchen, name: str
) -> None:
    """Exit code 0, the reason on stderr and in the report, all good houses there."""
    bad = kitchen.make(name)
    good = [
        kitchen.nrw.write(kitchen.folder / "good", kitchen.house(f"good{k}"), name=f"z{k}")
        for k in range(2)
    ]
    said = kitchen.tile(bad, *good)
    said_among_others = REFUSED[name].replace(r":\d+ \[one", r" \[one")
    assert re.search(said_among_others, said), said
    assert "Traceback" not in said
    report = kitchen.report()
    ids = kitchen.look.tileset(kitchen.target).texts("gml_id")
    assert ids == {"good0", "good1"}
    told = [*report["input"]["failed"], *report["dropped"]]
    (entry,) = told
    assert bad.name in entry["path"]
    assert re.search(said_among_others, f" [{entry.get('id')}]: {entry['reason']}"), entry


def test_a_bad_file_in_a_folder_is_told_too(kitchen: Kitchen) -> None:
    """Files that are refused before they are read are not lost in silence."""
    folder = kitchen.folder / "both"
    kitchen.nrw.write(folder, kitchen.house("good"), name="good")
    (folder / "bad.gml").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64))
    (folder / "bad.zip").write_bytes(b"PK\x03\x04" + bytes(64))
    said = kitchen.tile(folder)
    failed = kitchen.report()["input"]["failed"]
    assert [entry["path"] for entry in failed] == ["both/bad.gml", "both/bad.zip"]
    assert "both/bad.gml" in said
    assert "both/bad.zip" in said


def test_a_file_without_objects_among_good_ones_is_no_fault(kitchen: Kitchen) -> None:
    """A square of forest has no house: the survey delivers its file all the same."""
    empty = kitchen.nrw.write(kitchen.folder / "in", name="empty")
    good = kitchen.nrw.write(kitchen.folder / "in", kitchen.house("good"), name="good")
    said = kitchen.tile(empty, good)
    assert "empty" not in said
    report = kitchen.report()
    assert report["input"]["files"] == 2
    assert report["input"]["failed"] == report["dropped"] == []


def test_a_text_of_300_megabytes_is_refused_in_little_memory(
    kitchen: Kitchen, tmp_path: Path
) -> None:
    """The child may not have more than 2 GB of addresses, libraries and all."""
    source = kitchen.make("text_of_300_megabytes")

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (2 * 2**30, 2 * 2**30))

    done = subprocess.run(
        [
            *(sys.executable, "-m", "cityapp", "tile", str(source), "-o", str(kitchen.target)),
            *("--jobs", "1"),
        ],
        cwd=ROOT,
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1", "TMPDIR": str(tmp_path)},
        preexec_fn=limit,
        capture_output=True,
        text=True,
        check=False,
    )
    source.unlink()
    (line,) = done.stderr.splitlines()
    assert done.returncode == 1
    assert re.fullmatch(r"stadtbild: town\.gml:1: .*text is longer.*", line), line
    kitchen.assert_untouched()


def one_house_dropped(kitchen: Kitchen, bad: str, *ids: str) -> dict[str, Any]:
    """Tile a good house beside a bad one; give the report's line on it."""
    path = kitchen.nrw.write(kitchen.folder / "in", kitchen.house("good"), bad, name="town")
    said = kitchen.tile(path)
    report = kitchen.report()
    assert kitchen.look.tileset(kitchen.target).texts("gml_id") == {"good", *ids}
    assert "Traceback" not in said
    return report


@pytest.mark.parametrize("word", ["NaN", "INF", "-inf", "Soest", "1e400"])
def test_a_house_with_coordinates_that_are_no_numbers_is_dropped_by_name(
    kitchen: Kitchen, word: str
) -> None:
    """The others stand."""
    bad = re.sub(r"5714\d\d\d\.\d+", word, kitchen.house("bad"))
    report = one_house_dropped(kitchen, bad)
    (dropped,) = report["dropped"]
    assert dropped["id"] == "bad"
    assert dropped["path"] == "town.gml"
    assert dropped["reason"]


def test_a_surface_with_coordinates_that_are_no_numbers_is_told(kitchen: Kitchen) -> None:
    """One bad corner costs its polygon, not its house."""
    polygon = re.compile(r'(<gml:Polygon gml:id="bad-5">.*?srsDimension="3">\S+ )\S+')
    bad, count = polygon.subn(r"\1NaN", kitchen.house("bad"))
    assert count == 1
    report = one_house_dropped(kitchen, bad, "bad")
    assert report["dropped"] == []
    assert report["output"]["triangles"] == 16 + 14
    (issue,) = report["issues"]
    (example,) = issue["examples"]
    assert example["id"] == "bad"
    assert example["path"] == "town.gml"
    assert example["line"] > 0


def test_a_house_at_the_end_of_the_world_is_dropped_by_name(kitchen: Kitchen) -> None:
    """Coordinates in degrees, or none: neither moves the town nor its frame."""
    far = kitchen.nrw.house("far", 0.0, 0.0)
    report = one_house_dropped(kitchen, far)
    (dropped,) = report["dropped"]
    assert dropped["id"] == "far"
    assert dropped["code"] == "outside-area"
    assert "EPSG:25832" in dropped["reason"]
    assert report["input"]["objects"] == {"Building": 2}
    scene = json.loads((kitchen.target / "scene.json").read_text("utf-8"))
    assert scene["origin"]["longitude_deg"] == pytest.approx(8.1, abs=0.05)


def test_a_dangling_link_is_told_with_its_house(kitchen: Kitchen) -> None:
    """A solid that points nowhere beside boundary surfaces costs nothing but a line."""
    bad = kitchen.house("bad").replace('href="#bad-3"', 'href="#nowhere"')
    report = one_house_dropped(kitchen, bad, "bad")
    assert report["dropped"] == []
    told = json.dumps(report["issues"])
    assert '"bad"' in told
    assert "nowhere" in told


def test_links_in_a_circle_end(kitchen: Kitchen) -> None:
    """Two composites that name each other, and one that names itself."""
    circle = "".join(
        f'<gml:CompositeSurface gml:id="{name}"><gml:surfaceMember xlink:href="#{other}"/>'
        "</gml:CompositeSurface>"
        for name, other in (("a", "b"), ("b", "a"), ("c", "c"))
    )
    members = "".join(
        f"<gml:surfaceMember>{part}</gml:surfaceMember>"
        for part in re.findall(r"<gml:Comp.*?</gml:CompositeSurface>", circle)
    )
    bad = kitchen.nrw.member(
        '<bldg:Building gml:id="bad"><bldg:lod2MultiSurface><gml:MultiSurface>'
        f"{members}</gml:MultiSurface></bldg:lod2MultiSurface></bldg:Building>"
    )
    report = one_house_dropped(kitchen, bad)
    assert [dropped["id"] for dropped in report["dropped"]] == ["bad"]
    assert re.search("itself|circle|cycle", json.dumps(report["issues"]))


def test_a_polygon_of_two_points_is_told_with_its_house(kitchen: Kitchen) -> None:
    """The other surfaces of the house stand."""
    two = re.sub(
        r'(<gml:Polygon gml:id="bad-5">.*?srsDimension="3">)(\S+ \S+ \S+ \S+ \S+ \S+)[^<]*',
        r"\1\2",
        kitchen.house("bad"),
    )
    report = one_house_dropped(kitchen, two, "bad")
    assert report["dropped"] == []
    (issue,) = report["issues"]
    assert issue["count"] == 1
    (example,) = issue["examples"]
    assert example["id"] == "bad"
    assert example["path"] == "town.gml"
    assert report["output"]["triangles"] == 16 + 14


def test_a_roof_that_is_98_centimetres_from_flat_is_kept_and_checked(
    kitchen: Kitchen,
) -> None:
    """Official data hold such polygons: they are shown, and ``check`` names them."""
    corners = ((0, 0, 5), (10, 3, 5), (7, 13, 5), (-3, 10, 5))
    ring = [
        (438_100 + x, 5_714_200 + y, 95 + z + 1.96 * (number % 2))
        for number, (x, y, z) in enumerate(corners)
    ]
    crooked = kitchen.nrw.polygon("crooked", *ring).replace("Wall", "Roof")
    report = one_house_dropped(kitchen, crooked, "crooked")
    assert report["dropped"] == []
    assert report["output"]["triangles"] == 16 + 2
    path = kitchen.folder / "in" / "town.gml"
    told = CliRunner().invoke(main, ["check", str(path), "--json"])
    issues = {issue["code"]: issue for issue in json.loads(told.stdout)["issues"]}
    (example,) = issues["surface-not-planar"]["examples"]
    assert example["gml_id"] == "crooked"
    assert re.search(r"0\.98", example["message"]), example


def test_two_houses_of_one_id_are_both_shown_and_told(kitchen: Kitchen) -> None:
    """In one file, and in two."""
    twin = kitchen.nrw.house("twin", 438_200, 5_714_300)
    twin = twin.replace('Building gml:id="twin"', 'Building gml:id="good"')
    report = one_house_dropped(kitchen, twin)
    assert report["output"]["top_level_objects"] == 2
    assert report["output"]["triangles"] == 32
    (issue,) = [issue for issue in report["issues"] if issue["code"] == "duplicate-id"]
    assert issue["examples"][0]["id"] == "good"


def test_two_files_of_one_house_are_told(kitchen: Kitchen) -> None:
    """The same building in two neighbouring squares stands twice in one place."""
    for name in ("a", "b"):
        kitchen.nrw.write(kitchen.folder / "in", kitchen.house("good"), name=name)
    kitchen.tile(kitchen.folder / "in")
    report = kitchen.report()
    (issue,) = report["issues"]
    assert issue["code"] == "duplicate-id"
    assert issue["examples"][0]["id"] == "good"
    assert issue["examples"][0]["path"] == "in/b.gml"
