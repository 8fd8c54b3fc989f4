"""cityapp.jobs.tile_town: what goes in comes out, at once, in any order, and again."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cityapp.jobs.tile_town import TileOptions, tile_town
from tiles.subdivide import subdivide

PLAIN = TileOptions(compress=False, with_terrain=False)
WEST_DEG, EAST_DEG = 8.07, 8.13  # two squares beside Soest, in degrees


@pytest.fixture(scope="module")
def sources(nrw: Any, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three squares, some houses with parts, one house that overhangs by 170 m."""
    folder = tmp_path_factory.mktemp("squares")
    long_house = nrw.house("overhang", 438_999.5, 5_714_500.4, length=178.0, turn=0.3)
    made = nrw.town(folder, 2)
    first = nrw.write(folder, *nrw.square(438, 5714), long_house)
    umlauts = nrw.house("Größe-Ä", 437_500.7, 5_713_500.2, street="Äußerer Bültenweg & Söhne")
    third = nrw.write(folder, *nrw.square(437, 5713, 4), umlauts, east_km=437, north_km=5713)
    return [first, made[1], third]


@pytest.fixture(scope="module")
def town(sources: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The squares, tiled plainly."""
    target = tmp_path_factory.mktemp("town")
    with pytest.MonkeyPatch.context() as patch:
        # A handful of houses shall be a tree of several levels.
        patch.setattr(subdivide, "__kwdefaults__", {"leaf_weight": 300})
        tile_town(sources, target, PLAIN)
    return target


def report_of(target: Path) -> dict[str, Any]:
    report: dict[str, Any] = json.loads((target / "report.json").read_text("utf-8"))
    return report


def test_objects_in_are_objects_out(look: Any, sources: list[Path], town: Path) -> None:
    """Every building's id and every part's is in the leaves, and only those."""
    report = report_of(town)
    counted = look.counted(*sources)
    assert report["input"]["objects"] == counted
    assert report["output"]["top_level_objects"] == counted["Building"]
    tileset = look.tileset(town)
    assert len(tileset.texts("building_id")) == counted["Building"]
    with_parts = counted["BuildingPart"] // 2
    drawn = counted["Building"] - with_parts + counted["BuildingPart"]
    assert report["output"]["objects"] == drawn == len(tileset.texts("gml_id"))
    assert report["dropped"] == report["issues"] == report["input"]["failed"] == []


def test_triangles_are_those_of_the_surfaces_without_closures(look: Any, town: Path) -> None:
    """A gabled house has 16 triangles; beside a part it has two fewer, and the part ten."""
    report, leaves = report_of(town), 0
    houses = report["input"]["objects"]["Building"]
    with_parts = report["input"]["objects"]["BuildingPart"] // 2
    leaves = sum(c.triangles for c in look.tileset(town).contents() if c.leaf)
    wanted = 16 * (houses - with_parts) + (14 + 10) * with_parts
    assert report["output"]["triangles"] == leaves == wanted


def test_umlauts_and_marks_arrive(look: Any, town: Path) -> None:
    """Names, ids and streets are text, whatever letters they hold."""
    tileset = look.tileset(town)
    assert "Äußerer Bültenweg & Söhne 7a, Soest" in tileset.texts("address")
    assert "Größe-Ä" in tileset.texts("gml_id")
    assert "Haus Größe Größe-Ä" in tileset.texts("name")


def test_no_vertex_lies_outside_of_its_tile(look: Any, town: Path) -> None:
    """Also not of the house that overhangs its square by 170 m."""
    tileset = look.tileset(town)
    wide = 0.0
    for content in tileset.contents():
        assert (content.points >= content.low).all(), content.uri
        assert (content.points <= content.high).all(), content.uri
        if content.leaf and "overhang" in content.tables[0]["gml_id"]:
            wide = float(tileset.degrees(content.points)[:, 0].max())
    corner, _ = _utm32(438_999.5 + 178 * np.cos(0.3), 5_714_500.4 + 178 * np.sin(0.3))
    assert wide == pytest.approx(corner, abs=1e-7)


def test_boxes_of_parents_contain_those_of_children(look: Any, town: Path) -> None:
    """And errors never grow downwards, leaves have none."""
    inner = 0
    for tile, parent, _ in look.tileset(town).tiles():
        if parent is None:
            continue
        low, high = look.box_of(tile)
        parent_low, parent_high = look.box_of(parent)
        assert (low >= parent_low - 1e-9).all()
        assert (high <= parent_high + 1e-9).all()
        assert tile["geometricError"] <= parent["geometricError"]
        inner += 1
    assert inner >= 2


def test_houses_stand_where_their_coordinates_say(look: Any, town: Path) -> None:
    """UTM 32N by its own series here, heights by the declared undulation of Soest."""
    tileset = look.tileset(town)
    degrees = np.concatenate([tileset.degrees(c.points) for c in tileset.contents() if c.leaf])
    assert degrees[:, 0].min() > WEST_DEG
    assert degrees[:, 0].max() < EAST_DEG
    # The first house's corner: 438040 5714040 95.21, by the Transverse Mercator series.
    lon, lat = _utm32(438_040.0, 5_714_040.0)
    away_m = np.hypot((degrees[:, 0] - lon) * 69_200, (degrees[:, 1] - lat) * 111_300)
    nearest = degrees[away_m < 0.01]
    assert len(nearest)
    assert nearest[:, 2].min() == pytest.approx(95.21 + 46.28, abs=0.005)


def _utm32(east: float, north: float) -> tuple[float, float]:
    """Inverse Transverse Mercator by Krueger's series, after Karney (2011), in degrees."""
    n = 1 / (2 * 298.257222101 - 1)
    radius = 6_378_137.0 / (1 + n) * (1 + n**2 / 4 + n**4 / 64)
    xi, eta = north / (0.9996 * radius), (east - 500_000) / (0.9996 * radius)
    beta = (n / 2 - 2 * n**2 / 3 + 37 * n**3 / 96, n**2 / 48 + n**3 / 15, 17 * n**3 / 480)
    xi_0 = xi - sum(
        b * np.sin(2 * k * xi) * np.cosh(2 * k * eta) for k, b in enumerate(beta, 1)
    )
    eta_0 = eta - sum(
        b * np.cos(2 * k * xi) * np.sinh(2 * k * eta) for k, b in enumerate(beta, 1)
    )
    chi = np.arcsin(np.sin(xi_0) / np.cosh(eta_0))
    delta = (2 * n - 2 * n**2 / 3 - 2 * n**3, 7 * n**2 / 3 - 8 * n**3 / 5, 56 * n**3 / 15)
    latitude = chi + sum(d * np.sin(2 * k * chi) for k, d in enumerate(delta, 1))
    longitude = np.arctan2(np.sinh(eta_0), np.cos(xi_0))
    return 9 + float(np.degrees(longitude)), float(np.degrees(latitude))


FIELDS = {
    "input": {"files", "bytes", "objects", "polygons"},
    "output": {"tiles", "bytes", "objects", "triangles"},
    "height": {"vertical_crs", "method", "accuracy_m"},
}


def test_the_report_has_the_fields_others_count_on(sources: list[Path], town: Path) -> None:
    """And their numbers are those of the files on disk."""
    report = report_of(town)
    for part, names in FIELDS.items():
        assert names <= report[part].keys()
    assert {"dropped", "seconds"} <= report.keys()
    assert report["input"]["files"] == 3
    assert report["input"]["bytes"] == sum(path.stat().st_size for path in sources)
    text = "".join(path.read_text("utf-8") for path in sources)
    assert report["input"]["polygons"] == text.count("<gml:Polygon ")
    written = [town / "tileset.json", *town.glob("content/*")]
    assert report["output"]["tiles"] == len(written) - 1
    assert report["output"]["bytes"] == sum(path.stat().st_size for path in written)
    assert report["output"]["bytes_written"] == report["output"]["bytes"]
    assert report["height"] == {
        "vertical_crs": "DHHN2016",
        "method": "declared undulation 46.28 m (EGM96)",
        "accuracy_m": 0.5,
    }
    assert report["seconds"] > 0


def test_what_is_returned_is_what_is_written(sources: list[Path], tmp_path: Path) -> None:
    """Whoever calls the job from Python reads no file."""
    returned = tile_town(sources[:1], tmp_path, PLAIN)
    assert returned == report_of(tmp_path)


def test_a_dropped_object_is_named_with_its_reason(nrw: Any, tmp_path: Path) -> None:
    """A building without any surface is in the report by id."""
    bare = nrw.member('<bldg:Building gml:id="bare"/>')
    path = nrw.write(tmp_path, nrw.house("good", 438_100, 5_714_100), bare)
    report = tile_town([path], tmp_path / "out", PLAIN)
    (dropped,) = report["dropped"]
    assert dropped["id"] == "bare"
    assert "no surface" in dropped["reason"]
    assert dropped["path"] == path.name
    assert report["input"]["objects"] == {"Building": 2}
    assert report["output"]["top_level_objects"] == 1


def test_two_runs_give_the_same_bytes(look: Any, sources: list[Path], tmp_path: Path) -> None:
    """No clock, no path, no order of a dict is in the output; compressed and with ground."""
    for name in ("one", "two"):
        tile_town(sources, tmp_path / name)
    first, second = (look.hashes(tmp_path / name) for name in ("one", "two"))
    assert first == second
    assert any(name.startswith("terrain/") for name in first)
    assert len(first) > 10


def test_the_number_of_processes_changes_no_byte(
    look: Any, sources: list[Path], tmp_path: Path
) -> None:
    """Work is shared, the result is one."""
    tile_town(sources, tmp_path / "one", TileOptions(jobs=1))
    tile_town(sources, tmp_path / "two", TileOptions(jobs=2))
    assert look.hashes(tmp_path / "one") == look.hashes(tmp_path / "two")
    reports = [report_of(tmp_path / name) for name in ("one", "two")]
    for report in reports:
        del report["seconds"]
    assert reports[0] == reports[1]


def test_neither_order_nor_place_of_the_sources_changes_a_byte(
    look: Any, sources: list[Path], tmp_path: Path
) -> None:
    """A shell's glob and a script's list name the same town."""
    moved = [Path(shutil.copy(path, tmp_path)) for path in sources]
    tile_town(sources, tmp_path / "one")
    tile_town(moved[::-1], tmp_path / "two")
    assert look.hashes(tmp_path / "one") == look.hashes(tmp_path / "two")


def test_files_of_one_name_are_ordered_by_what_they_hold(
    look: Any, nrw: Any, tmp_path: Path
) -> None:
    """Two folders may each have a town.gml; which comes first must not matter."""
    for folder, place in (("a", 438_100), ("b", 438_300), ("c", 438_500)):
        house = nrw.house(f"h{place}", place, 5_714_100)
        nrw.write(tmp_path / folder, house, name="town")
    paths = [tmp_path / folder / "town.gml" for folder in "abc"]
    tile_town(paths, tmp_path / "one", PLAIN)
    tile_town([paths[1], paths[2], paths[0]], tmp_path / "two", PLAIN)
    assert look.hashes(tmp_path / "one") == look.hashes(tmp_path / "two")


def test_a_file_named_twice_is_taken_once(sources: list[Path], tmp_path: Path) -> None:
    """A folder and a file in it, or a link: houses do not stand in each other."""
    link = tmp_path / "link.gml"
    link.symlink_to(sources[0])
    again = [sources[0].parent, sources[0], link]
    report = tile_town(again, tmp_path / "out", PLAIN)
    assert report["input"]["files"] == 3
    assert report["output"]["top_level_objects"] == 30


def test_a_folder_and_an_archive_give_what_the_files_give(
    look: Any, sources: list[Path], tmp_path: Path
) -> None:
    """How the files come is of no account."""
    archive = shutil.make_archive(str(tmp_path / "soest"), "zip", sources[0].parent)
    tile_town([sources[0].parent], tmp_path / "one", PLAIN)
    tile_town([Path(archive)], tmp_path / "two", PLAIN)
    assert look.hashes(tmp_path / "one") == look.hashes(tmp_path / "two")
    assert not [path for path in (tmp_path / "two").iterdir() if path.name.startswith(".")]
