"""What a town says of itself: sample data as such, official data with source and licence."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from cityapp.cli import main
from cityapp.jobs.tile_town import TileOptions, tile_town
from citykernel.scene import scene_from_dict
from citykernel.settings import DataSettings

LABEL = "Musterdaten, nicht das amtliche Modell"


def read(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return document


def glb_document(path: Path) -> dict[str, Any]:
    data = path.read_bytes()
    (length,) = struct.unpack_from("<I", data, 12)
    document: dict[str, Any] = json.loads(data[20 : 20 + length])
    return document


@pytest.fixture(scope="module")
def sample(nrw: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A town whose file says that it is made up, as ``stadtbild sample`` writes it."""
    folder = tmp_path_factory.mktemp("sample")
    houses = nrw.square(438, 5714)
    source = nrw.write(folder, *houses, description=f"Muster-Soest. {LABEL}")
    other = nrw.write(folder, *nrw.square(437, 5714), east_km=437)
    target = folder / "out"
    tile_town([other, source], target)
    return target


@pytest.mark.parametrize("name", ["tileset.json", "terrain/tileset.json"])
def test_every_tileset_of_the_sample_says_so(sample: Path, name: str) -> None:
    """In its metadata and its copyright line, also if only one of its files is made up."""
    document = read(sample / name)
    assert LABEL in document["metadata"]["properties"]["notice"]
    assert LABEL in document["asset"]["copyright"]


def test_every_content_of_the_sample_says_so(sample: Path) -> None:
    """A glb taken out of its tileset is still labelled."""
    contents = list(sample.glob("**/*.glb"))
    assert len(contents) > 5
    for path in contents:
        assert LABEL in glb_document(path)["asset"]["copyright"], path.name


def test_scene_and_report_of_the_sample_say_so(sample: Path) -> None:
    """What viewers show, and what officers file."""
    scene = read(sample / "scene.json")
    assert scene["notice"] == LABEL
    assert scene["title"] == "Muster-Soest"
    assert scene["id"] == "muster-soest"
    for layer in scene["layers"]:
        assert layer["licence"] == "CC0-1.0", "not the survey's"
    assert read(sample / "report.json")["notice"] == LABEL


def test_no_option_takes_the_label_away(nrw: Any, tmp_path: Path) -> None:
    """Neither another title nor another attribution in the settings."""
    settings = tmp_path / "settings.toml"
    settings.write_text('[data]\nattribution = "Stadt Soest"\n', "utf-8")
    source = nrw.write(tmp_path, nrw.house("one", 438_100, 5_714_100), description=LABEL)
    target = tmp_path / "out"
    arguments = ["tile", str(source), "-o", str(target), "--title", "Soest", "--jobs", "1"]
    told = CliRunner().invoke(main, ["--settings", str(settings), *arguments, "--no-terrain"])
    assert told.exit_code == 0, told.stderr
    assert LABEL in told.stderr
    scene = read(target / "scene.json")
    assert scene["title"] == "Soest"
    assert scene["notice"] == LABEL
    assert LABEL in read(target / "tileset.json")["asset"]["copyright"]


@pytest.mark.parametrize("command", ["check", "inspect"])
def test_what_is_said_of_sample_files_says_so(nrw: Any, tmp_path: Path, command: str) -> None:
    """Who reads the figures must not take them for the town's."""
    source = nrw.write(tmp_path, nrw.house("one", 438_100, 5_714_100), description=LABEL)
    for flags in ([], ["--json"]):
        told = CliRunner().invoke(main, [command, str(source), *flags])
        assert told.exit_code == 0, told.stderr
        assert LABEL in told.stdout


def test_official_data_carry_source_and_licence_of_the_settings(
    nrw: Any, tmp_path: Path
) -> None:
    """And no notice."""
    source = nrw.write(tmp_path, nrw.house("one", 438_100, 5_714_100))
    tile_town([source], tmp_path / "out", TileOptions(with_terrain=False))
    scene = read(tmp_path / "out" / "scene.json")
    data = DataSettings()
    assert scene["notice"] == ""
    (layer,) = scene["layers"]
    assert (layer["attribution"], layer["licence"]) == (data.attribution, data.licence)
    assert read(tmp_path / "out" / "tileset.json")["asset"]["copyright"] == data.attribution


def test_data_of_others_are_not_given_the_survey_s_licence(nrw: Any, tmp_path: Path) -> None:
    """An EPSG code says nothing of who made a file."""
    house = nrw.house("one", 438_100, 5_714_100)
    source = nrw.write(tmp_path, house, crs="EPSG:25832+7837", name="fremd")
    tile_town([source], tmp_path / "out", TileOptions(with_terrain=False))
    scene = read(tmp_path / "out" / "scene.json")
    assert scene["layers"][0]["attribution"] == scene["layers"][0]["licence"] == ""
    assert scene["title"] == "fremd"
    assert "copyright" not in read(tmp_path / "out" / "tileset.json")["asset"]


def test_the_scene_is_one_that_the_server_reads(sample: Path) -> None:
    """The contract between tiles, server and page."""
    scene = scene_from_dict(read(sample / "scene.json"))
    assert [layer.id for layer in scene.layers] == ["buildings", "terrain"]
    assert all((sample / layer.href).is_file() for layer in scene.layers)


def test_no_output_holds_a_path_of_this_machine(sample: Path) -> None:
    """Neither of the sources nor of the workspace."""
    for path in sample.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert str(sample.parent).encode() not in data, path.name
            assert b".stadtbild-" not in data, path.name
