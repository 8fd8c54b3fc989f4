"""cityapp.cli.inspect and cityapp.cli.check."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cityapp.cli import main

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<CityModel xmlns="http://www.opengis.net/citygml/2.0"
  xmlns:bldg="http://www.opengis.net/citygml/building/2.0"
  xmlns:gml="http://www.opengis.net/gml">
  <gml:description>{description}</gml:description>
  <gml:boundedBy><gml:Envelope srsName="{crs}" srsDimension="3">
    <gml:lowerCorner>438000 5714000 90</gml:lowerCorner>
    <gml:upperCorner>438020 5714020 99</gml:upperCorner></gml:Envelope></gml:boundedBy>
"""
SURVEY = "urn:adv:crs:ETRS89_UTM32*DE_DHHN2016_NH"
# A box of 4 by 3 by 5 m, turned: ground, roof and four walls, each facing outwards.
A, B, C, D = "8 1", "11.821 2.182", "10.935 5.048", "7.114 3.866"


def _corner(place: str, height: float) -> str:
    east, north = map(float, place.split())
    return f"{438000 + east:.3f} {5714000 + north:.3f} {height}"


def _surface(kind: str, *corners: tuple[str, float]) -> str:
    ring = " ".join(_corner(*corner) for corner in (*corners, corners[0]))
    return (
        f"<bldg:boundedBy><bldg:{kind}><bldg:lod2MultiSurface><gml:MultiSurface>"
        f"<gml:surfaceMember><gml:Polygon><gml:exterior><gml:LinearRing>"
        f"<gml:posList>{ring}</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon>"
        f"</gml:surfaceMember></gml:MultiSurface></bldg:lod2MultiSurface></bldg:{kind}>"
        f"</bldg:boundedBy>"
    )


def _building(id_: str, *, height: float = 5.0, warp: float = 0.0) -> str:
    walls = [
        _surface("WallSurface", (a, 90), (b, 90), (b, 95), (a, 95))
        for a, b in ((A, B), (B, C), (C, D), (D, A))
    ]
    roof = _surface("RoofSurface", (A, 95), (B, 95 + warp), (C, 95), (D, 95 + warp))
    return (
        f'<cityObjectMember><bldg:Building gml:id="{id_}">'
        "<bldg:function>31001_2463</bldg:function><bldg:roofType>1000</bldg:roofType>"
        f'<bldg:measuredHeight uom="m">{height}</bldg:measuredHeight>'
        f"{_surface('GroundSurface', (D, 90), (C, 90), (B, 90), (A, 90))}{roof}"
        f"{''.join(walls)}</bldg:Building></cityObjectMember>"
    )


def _write(
    path: Path, *members: str, crs: str = SURVEY, description: str = "Musterdaten"
) -> Path:
    head = HEAD.format(crs=crs, description=description)
    path.write_text(f"{head}{''.join(members)}\n</CityModel>\n", encoding="utf-8")
    return path


def _run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def _json(*arguments: object, exit_code: int = 0) -> Any:
    told = _run(*arguments, "--json")
    assert told.exit_code == exit_code, told.stderr
    return json.loads(told.stdout)


@pytest.fixture
def town(tmp_path: Path) -> Path:
    """Two sound files of three houses, and an empty one."""
    folder = tmp_path / "town"
    folder.mkdir()
    _write(folder / "a.gml", _building("one"), _building("two", height=6.5))
    _write(folder / "b.gml", _building("three"))
    _write(folder / "c.gml")
    return folder


def test_inspect_says_what_is_in_the_files(town: Path) -> None:
    """Counts, places, names of codes, and how often attributes are filled."""
    found = _json("inspect", town)
    assert [(f["path"], f["format"], f["objects"]) for f in found["files"]] == [
        ("town/a.gml", "CityGML 2.0", 2),
        ("town/b.gml", "CityGML 2.0", 1),
        ("town/c.gml", "", 0),
    ]
    assert found["objects"] == {"Building": 3}
    assert found["lods"] == {"2": 3}
    assert found["surfaces"] == {"WallSurface": 12, "GroundSurface": 3, "RoofSurface": 3}
    assert (found["polygons"], found["holes"]) == (18, 0)
    assert found["functions"] == {"31001_2463": {"name": "Garage", "count": 3}}
    assert found["roof_types"] == {"1000": {"name": "Flachdach", "count": 3}}
    height = found["attributes"]["measured_height"]
    assert (height["filled"], height["fill_rate"], height["unit"]) == (3, 1.0, "m")
    (system,) = found["systems"].items()
    assert system[0] == "EPSG:25832+7837"
    assert system[1]["height_system"] == "DHHN2016"
    assert system[1]["envelope"] == [438007.114, 5714001, 90, 438011.821, 5714005.048, 95]
    assert found["issues"] == {}


def test_inspect_is_readable_for_people(town: Path) -> None:
    """A table, with the word that says that data are samples."""
    told = _run("inspect", town)
    assert told.exit_code == 0
    for line in (
        r"town/a.gml +CityGML 2.0 +0.0\d MB +2 objects",
        r"town/c.gml +no objects",
        r"Musterdaten",
        r"EPSG:25832\+7837 +heights: DHHN2016 .* 90.00 to 95.00 m",
        r"LoD2 +3",
        r"1000 +Flachdach +3",
        r"measured_height +measure \[m\] +citygml +3 filled +100.0%",
    ):
        assert re.search(line, told.stdout), line


def test_names_in_a_file_cannot_drive_the_terminal(tmp_path: Path) -> None:
    """Escape sequences are blanked wherever foreign text is shown."""
    _write(tmp_path / "a.gml", _building("x"), description="\u009b2Jwiped\u202e")
    told = _run("inspect", tmp_path / "a.gml")
    assert "2Jwiped" in told.stdout
    assert not set("\u009b\u202e\x1b") & set(told.stdout)


def test_check_has_nothing_to_say_of_sound_files(town: Path) -> None:
    """Exit code 0."""
    found = _json("check", town)
    assert found["issues"] == []
    assert (found["files"], found["objects"]) == (3, 3)
    assert "Nothing to complain about." in _run("check", town).stdout


def test_check_groups_by_code_and_keeps_a_few_examples(tmp_path: Path) -> None:
    """All are counted; warnings stand before what is only worth knowing."""
    warped = [_building(f"w{i}", warp=0.3) for i in range(5)]
    slightly = _building("slightly", warp=0.04)
    _write(tmp_path / "a.gml", *warped, slightly, _building("tall", height=900.0))
    found = _json("check", tmp_path / "a.gml", "--examples", 2)
    kinds = [
        (k["severity"], k["code"], k["count"], len(k["examples"])) for k in found["issues"]
    ]
    assert kinds == [
        ("warning", "height-out-of-bounds", 1, 1),
        ("warning", "surface-not-planar", 5, 2),
        ("info", "surface-not-planar", 1, 1),
    ]
    example = found["issues"][1]["examples"][0]
    assert (example["gml_id"], example["path"]) == ("w0", "a.gml")
    told = _run("check", tmp_path / "a.gml", "--examples", 2).stdout
    assert "a.gml [w0]: a RoofSurface leaves its best plane by 0.150 m" in told
    assert "... and 3 more" in told


def test_an_id_that_stands_in_two_files_is_found(town: Path) -> None:
    """Though each file is read for itself; the second bearer is named."""
    _write(town / "d.gml", _building("one"), _building("four"))
    (kind,) = _json("check", town)["issues"]
    assert (kind["code"], kind["severity"], kind["count"]) == ("duplicate-id", "warning", 1)
    assert kind["examples"][0]["gml_id"] == "one"
    assert kind["examples"][0]["path"] == "town/d.gml"


def test_one_bad_file_of_several_is_told_and_stops_nothing_but_itself(town: Path) -> None:
    """The check ends with 1, for something is lost; inspect says so and shows the rest."""
    (town / "d.gml").write_text("<CityModel", encoding="utf-8")
    found = _json("check", town, exit_code=1)
    assert found["objects"] == 3
    (kind,) = found["issues"]
    assert (kind["severity"], kind["code"]) == ("error", "file-refused")
    assert kind["examples"][0]["path"] == "town/d.gml"
    assert "town/d.gml" not in kind["examples"][0]["message"]
    inspected = _json("inspect", town)
    assert inspected["objects"] == {"Building": 3}
    assert inspected["files"][-1]["refused"]


@pytest.mark.parametrize("command", ["inspect", "check"])
def test_where_nothing_can_be_read_the_command_fails_with_one_line(
    command: str, tmp_path: Path
) -> None:
    """A missing file, text that is no XML, a file without coordinate system."""
    bad = tmp_path / "bad.gml"
    bad.write_text("no XML at all", encoding="utf-8")
    lost = _write(tmp_path / "lost.gml", _building("x"), crs="#local-CRS-1")
    for path in (tmp_path / "absent.gml", bad, lost):
        told = _run(command, path)
        assert told.exit_code == 1
        assert told.stdout == ""
        assert told.stderr.startswith("stadtbild: ")
        assert path.name in told.stderr
        assert told.stderr.count("\n") == 1


def test_a_system_can_be_given_for_files_that_name_none(tmp_path: Path) -> None:
    """The message of the failure says so; this is the cure."""
    path = _write(tmp_path / "lost.gml", _building("x"), crs="#local-CRS-1")
    found = _json("inspect", path, "--crs", "EPSG:25832+7837")
    assert list(found["systems"]) == ["EPSG:25832+7837"]


def test_limits_of_the_settings_hold(town: Path, tmp_path: Path) -> None:
    """A file above the limit is refused before it is read."""
    settings = tmp_path / "small.toml"
    settings.write_text("[limits]\ndocument_bytes = 100\n", encoding="utf-8")
    told = _run("--settings", settings, "check", town / "a.gml")
    assert told.exit_code == 1
    assert "100" in told.stderr


def test_counts_of_the_open_tiles_are_those_of_the_text(open_data: Path) -> None:
    """Counted without any parser; and as many solids close as were measured elsewhere."""
    folder = open_data / "citygml" / "nrw"
    words: Counter[str] = Counter()
    for path in folder.glob("*.gml"):
        text = path.read_text("utf-8")
        words.update(re.findall(r"<(bldg:\w+|gml:Polygon|gml:interior|core:Address)\b", text))
        for kind, inside in re.findall(r"<bldg:(\w+Surface)\b(.*?)</bldg:\1>", text, re.DOTALL):
            words[kind] += inside.count("<gml:Polygon")
    found = _json("inspect", folder)
    assert found["objects"]["Building"] == words["bldg:Building"]
    assert found["objects"]["BuildingPart"] == words["bldg:BuildingPart"]
    assert found["polygons"] == words["gml:Polygon"]
    assert found["holes"] == words["gml:interior"]
    assert found["addresses"] == words["core:Address"]
    for kind in ("WallSurface", "RoofSurface", "GroundSurface", "ClosureSurface"):
        assert found["surfaces"][kind] == words[kind]
    checked = _json("check", folder)
    assert checked["solids"] == words["bldg:lod2Solid"]
    assert 0.8 < checked["closed_solids"] / checked["solids"] < 0.95
