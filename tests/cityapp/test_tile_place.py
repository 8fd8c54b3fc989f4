"""cityapp.jobs.place and prepare: where a town lands, how high, and in which detail."""

from __future__ import annotations

import dataclasses
import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import pytest
from click.testing import CliRunner

from cityapp.cli import main
from cityapp.jobs.tile_town import TileOptions, tile_town
from citykernel.errors import CrsError, ReadError
from citykernel.geoid import egm96

PLAIN = TileOptions(compress=False, with_terrain=False)
EAST, NORTH, HEIGHT = 438_100.1, 5_714_200.2, 95.21
FAR_EAST, FAR_NORTH = 500_000.4, 5_700_000.3  # beyond Soest, at nine degrees


def lowest(look: Any, target: Path) -> tuple[float, float, float]:
    """The lowest corner of the leaves: longitude, latitude, ellipsoidal height."""
    tileset = look.tileset(target)
    points = np.concatenate([c.points for c in tileset.contents() if c.leaf])
    degrees = tileset.degrees(points)
    lon, lat, height = degrees[np.argmin(degrees[:, 2])]
    return float(lon), float(lat), float(height)


def house(nrw: Any, folder: Path, **options: Any) -> Path:
    """A file of one house at Soest."""
    return Path(nrw.write(folder, nrw.house("one", EAST, NORTH), **options))


@pytest.mark.parametrize("metres", ["46.9", "-20.25"])
def test_a_given_undulation_is_added_to_every_height(
    look: Any, nrw: Any, tmp_path: Path, metres: str
) -> None:
    """And the report says that it was given, and that its accuracy is not known."""
    options = dataclasses.replace(PLAIN, geoid=metres)
    report = tile_town([house(nrw, tmp_path)], tmp_path / "out", options)
    assert lowest(look, tmp_path / "out")[2] == pytest.approx(HEIGHT + float(metres), abs=2e-3)
    assert report["height"] == {
        "vertical_crs": "DHHN2016",
        "method": f"given undulation {float(metres):.3f} m",
        "accuracy_m": None,
    }


def gtx(path: Path) -> Path:
    """A tilted grid about Soest: 40 m at 8 E, 50 m at 9 E, the same to the north."""
    head = struct.pack(">ddddii", 51.0, 8.0, 0.5, 0.5, 3, 3)
    path.write_bytes(head + np.tile(np.array([40, 45, 50], ">f4"), 3).tobytes())
    return path


def test_a_grid_is_read_at_each_place(look: Any, nrw: Any, tmp_path: Path) -> None:
    """Two houses of one height, a kilometre apart, end at two ellipsoidal heights."""
    west = nrw.house("west", 438_010.3, NORTH)
    east = nrw.house("east", 438_980.3, NORTH)
    source = nrw.write(tmp_path, west, east)
    options = dataclasses.replace(
        PLAIN, geoid=str(gtx(tmp_path / "tilted.gtx")), require_grid=True
    )
    report = tile_town([source], tmp_path / "out", options)
    tileset = look.tileset(tmp_path / "out")
    points = np.concatenate([c.points for c in tileset.contents() if c.leaf])
    lon, _, height = tileset.degrees(points).T
    ground = height - (40 + 10 * (lon - 8))
    assert ground.min() == pytest.approx(HEIGHT, abs=2e-3)
    assert ground.max() == pytest.approx(HEIGHT + 6, abs=2e-3)
    bases = height[np.abs(ground - HEIGHT) < 0.01]
    assert np.ptp(bases) == pytest.approx(970 / 69_200 * 10, abs=0.01)
    assert report["height"]["method"] == "grid tilted.gtx"


def test_without_a_grid_that_is_required_nothing_is_made(nrw: Any, tmp_path: Path) -> None:
    """The message names the cure, and the exit code is 1."""
    source, target = house(nrw, tmp_path), tmp_path / "out"
    told = CliRunner().invoke(main, ["tile", str(source), "-o", str(target), "--require-grid"])
    assert told.exit_code == 1
    (line,) = told.stderr.splitlines()
    assert line.startswith("stadtbild: no geoid grid")
    assert "stadtbild fetch --product geoid" in line
    assert "--geoid" in line
    assert not target.exists()


def test_a_grid_that_lies_elsewhere_is_an_error(nrw: Any, tmp_path: Path) -> None:
    """Never a height that is wrong by 46 m in silence."""
    source = nrw.write(tmp_path, nrw.house("one", 700_000, 5_714_200), east_km=700)
    options = dataclasses.replace(PLAIN, geoid=str(gtx(tmp_path / "soest.gtx")))
    with pytest.raises((CrsError, ReadError), match=r"soest\.gtx does not cover"):
        tile_town([source], tmp_path / "out", options)
    assert not (tmp_path / "out").exists()


def test_the_declared_undulation_holds_in_its_municipality(
    look: Any, nrw: Any, tmp_path: Path
) -> None:
    """Soest's own value at Soest."""
    report = tile_town([house(nrw, tmp_path)], tmp_path / "out", PLAIN)
    assert report["height"]["method"] == "declared undulation 46.28 m (EGM96)"
    assert lowest(look, tmp_path / "out")[2] == pytest.approx(HEIGHT + 46.28, abs=2e-3)


def test_elsewhere_the_undulation_is_that_of_egm96(look: Any, nrw: Any, tmp_path: Path) -> None:
    """Sixty kilometres on Soest's own value would be wrong, whatever the settings say."""
    far = nrw.house("far", FAR_EAST, FAR_NORTH)
    source = nrw.write(tmp_path, far, east_km=500, north_km=5700)
    report = tile_town([source], tmp_path / "out", PLAIN)
    assert report["height"]["method"] == "EGM96, 15' grid"
    assert report["height"]["accuracy_m"] == 0.5
    lon, lat, height = lowest(look, tmp_path / "out")
    wanted = float(egm96(np.array([lon]), np.array([lat]))[0])
    assert abs(wanted - 46.28) > 0.1, "the place must tell the two apart"
    assert height == pytest.approx(HEIGHT + wanted, abs=0.005)


def test_the_method_is_in_tileset_scene_and_report(nrw: Any, tmp_path: Path) -> None:
    """Whoever holds one of the three files knows how the heights were made."""
    target = tmp_path / "out"
    report = tile_town([house(nrw, tmp_path)], target, dataclasses.replace(PLAIN, geoid="46.5"))
    tileset = json.loads((target / "tileset.json").read_text("utf-8"))
    scene = json.loads((target / "scene.json").read_text("utf-8"))
    method = "given undulation 46.500 m"
    assert report["height"]["method"] == method
    assert tileset["metadata"]["properties"]["height_method"] == method
    assert tileset["metadata"]["properties"]["height_accuracy_m"] == -9999.0
    assert scene["height"] == {
        "vertical_crs": "DHHN2016",
        "method": method,
        "accuracy_m": None,
        "undulation_m": 46.5,
    }
    assert scene["crs"] == "EPSG:25832+7837"


def test_a_file_without_a_system_is_read_with_the_one_given(
    look: Any, nrw: Any, tmp_path: Path
) -> None:
    """Without it the message names the option; with it the town lies where it should."""
    source = house(nrw, tmp_path, crs="")
    with pytest.raises(CrsError, match="--crs"):
        tile_town([source], tmp_path / "out", PLAIN)
    given = dataclasses.replace(PLAIN, crs="EPSG:25832+7837")
    report = tile_town([source], tmp_path / "out", given)
    tile_town([house(nrw, tmp_path / "named")], tmp_path / "named-out", PLAIN)
    assert lowest(look, tmp_path / "out") == pytest.approx(
        lowest(look, tmp_path / "named-out"), abs=1e-8
    )
    assert report["input"]["crs"] == ["EPSG:25832+7837"]


def test_two_systems_in_one_run_both_land_at_their_places(
    look: Any, nrw: Any, tmp_path: Path
) -> None:
    """One house in UTM 32, its neighbour 300 m to the east in UTM 33, with a ground."""
    there = pyproj.Transformer.from_crs(25832, 25833).transform(EAST + 300, NORTH)
    first = house(nrw, tmp_path, name="a")
    other = nrw.house("two", *there)
    second = nrw.write(
        tmp_path, other, crs="EPSG:25833+7837", name="b",
        east_km=int(there[0] // 1000), north_km=int(there[1] // 1000),
    )  # fmt: skip
    options = TileOptions(compress=False)
    report = tile_town([first, second], tmp_path / "out", options)
    assert report["input"]["crs"] == ["EPSG:25832+7837", "EPSG:25833+7837"]
    tileset = look.tileset(tmp_path / "out")
    places = np.concatenate([tileset.degrees(c.points) for c in tileset.contents() if c.leaf])
    east, north = pyproj.Transformer.from_crs(4326, 25832, always_xy=True).transform(
        places[:, 0], places[:, 1]
    )
    for corner in (EAST, EAST + 300):
        away_m = np.hypot(east - corner, north - NORTH)
        assert away_m.min() < 0.01
        assert places[np.argmin(away_m), 2] == pytest.approx(HEIGHT + 46.28, abs=7)
    assert np.ptp(east) < 320
    # The ground is that of the first; coordinates of two zones in one grid made it 600 km wide.
    low, high = look.box_of(look.tileset(tmp_path / "out" / "terrain").document["root"])
    assert (high - low)[:2].max() < 2_000


def test_degrees_with_latitude_first_land_at_their_place(
    look: Any, nrw: Any, tmp_path: Path
) -> None:
    """EPSG:4258 counts latitude first; a town read the other way lies in Arabia."""
    lon, lat = pyproj.Transformer.from_crs(25832, 4258, always_xy=True).transform(EAST, NORTH)
    ring = [(lat, lon, 99), (lat, lon + 1e-4, 99), (lat + 1e-4, lon + 1e-4, 99)]
    text = nrw.polygon("one", *ring, digits=9)
    source = nrw.write(tmp_path, text, crs="urn:ogc:def:crs,crs:EPSG::4258,crs:EPSG::7837")
    tile_town([source], tmp_path / "out", PLAIN)
    found = lowest(look, tmp_path / "out")
    assert found[0] == pytest.approx(lon, abs=2e-4)
    assert found[1] == pytest.approx(lat, abs=2e-4)


@pytest.mark.parametrize(
    ("lower", "upper"), [("0 0", "1 1"), ("500000.0 5600000.0", "501000.0 5601000.0")]
)
def test_a_made_up_envelope_does_not_carry_the_frame_away(
    look: Any, nrw: Any, tmp_path: Path, lower: str, upper: str
) -> None:
    """Some exporters write 0 0 0 and 1 1 1: the frame stands at the houses all the same."""
    source = house(nrw, tmp_path)
    text = source.read_text("utf-8")
    head, rest = text.split("</gml:Envelope>")
    head = head.replace("438000.0 5714000.0", lower).replace("439000.0 5715000.0", upper)
    source.write_text(f"{head}</gml:Envelope>{rest}", "utf-8")
    tile_town([source], tmp_path / "out", PLAIN)
    scene = json.loads((tmp_path / "out" / "scene.json").read_text("utf-8"))
    assert scene["origin"]["longitude_deg"] == pytest.approx(8.11, abs=0.011)
    assert scene["origin"]["latitude_deg"] == pytest.approx(51.57, abs=0.011)
    assert lowest(look, tmp_path / "out")[2] == pytest.approx(HEIGHT + 46.28, abs=2e-3)


def test_an_envelope_that_says_nan_is_no_obstacle(look: Any, nrw: Any, tmp_path: Path) -> None:
    """The survey writes NaN where a square has no house, and the next square has some."""
    empty = nrw.write(tmp_path, name="a")
    text = empty.read_text("utf-8").replace("95.21<", "NaN<").replace("101.21<", "NaN<")
    empty.write_text(text, "utf-8")
    report = tile_town([empty, house(nrw, tmp_path, name="b")], tmp_path / "out", PLAIN)
    assert report["input"]["failed"] == []
    assert lowest(look, tmp_path / "out")[2] == pytest.approx(HEIGHT + 46.28, abs=2e-3)


def test_a_changed_house_does_not_move_the_frame(nrw: Any, tmp_path: Path) -> None:
    """Else it would move every tile: the frame is a round place, not a mean."""
    matrices = []
    for shift in (0.0, 7.3):
        source = nrw.write(tmp_path, nrw.house("one", EAST + shift, NORTH + shift))
        tile_town([source], tmp_path / "out", PLAIN)
        document = json.loads((tmp_path / "out" / "tileset.json").read_text("utf-8"))
        matrices.append(document["root"]["transform"])
    assert matrices[0] == matrices[1]


@pytest.mark.parametrize(
    ("lod", "triangles"), [(None, 16), (2, 16), (1, 12)], ids=["highest", "two", "one"]
)
def test_the_level_of_detail_is_chosen_and_only_one_is_shown(
    nrw: Any, tmp_path: Path, lod: int | None, triangles: int
) -> None:
    """A gabled house of 16 triangles that is also a block of 12: never both."""
    both = nrw.house("one", EAST, NORTH).replace(
        "<bldg:lod2Solid>", f"{_block()}<bldg:lod2Solid>"
    )
    source = nrw.write(tmp_path, both)
    report = tile_town([source], tmp_path / "out", dataclasses.replace(PLAIN, lod=lod))
    assert report["output"]["triangles"] == triangles
    assert report["input"]["polygons"] == 13


def test_a_level_above_those_of_an_object_is_told(nrw: Any, tmp_path: Path) -> None:
    """The next one below is shown, rather than a gap in the town."""
    options = dataclasses.replace(PLAIN, lod=4)
    report = tile_town([house(nrw, tmp_path)], tmp_path / "out", options)
    assert report["output"]["triangles"] == 16
    (issue,) = report["issues"]
    assert "LoD 4 is not there; LoD 2 was taken" in issue["examples"][0]["message"]


def test_a_level_below_those_of_all_objects_is_an_error(nrw: Any, tmp_path: Path) -> None:
    """Nothing can be made; the message names the house and the level."""
    source, target = house(nrw, tmp_path), tmp_path / "out"
    told = CliRunner().invoke(main, ["tile", str(source), "-o", str(target), "--lod", "1"])
    assert told.exit_code == 1
    (line,) = told.stderr.splitlines()
    assert line.startswith(f"stadtbild: {source.name} [one]: ")
    assert "level of detail" in line
    assert not target.exists()


def _block() -> str:
    """A box of LoD 1 as the sides of a solid."""
    a, b, c, d = ((0, 0), (8, 0), (8, 10), (0, 10))
    rings = [
        [(*p, 0) for p in (d, c, b, a)],
        [(*p, 5) for p in (a, b, c, d)],
        *([(*p, 0), (*q, 0), (*q, 5), (*p, 5)] for p, q in ((a, b), (b, c), (c, d), (d, a))),
    ]
    sides = "".join(
        "<gml:surfaceMember><gml:Polygon><gml:exterior><gml:LinearRing><gml:posList>"
        + " ".join(f"{EAST + x} {NORTH + y} {HEIGHT + z}" for x, y, z in [*ring, ring[0]])
        + "</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon></gml:surfaceMember>"
        for ring in rings
    )
    return (
        "<bldg:lod1Solid><gml:Solid><gml:exterior><gml:CompositeSurface>"
        f"{sides}</gml:CompositeSurface></gml:exterior></gml:Solid></bldg:lod1Solid>"
    )
