"""cityapp.jobs.tile_terrain: the ground below a town, from a model or made up and said so."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from click.testing import CliRunner

from cityapp.cli import main
from cityapp.jobs.tile_town import TileOptions, tile_town

DERIVED = "Gelände aus den Gebäudehöhen abgeleitet, kein Geländemodell"
PLAIN = TileOptions(compress=False)
HEIGHT, SLOPE = 95.21, 0.01  # the towns of these tests fall by a centimetre a metre northwards
SOUTH = 5_714_040


def dgm1(path: Path, *, above: float = 0.0, crs: str = "EPSG:25832") -> Path:
    """A terrain model of a kilometre: the plane on which the houses stand, or above it."""
    north = 5_715_000 - (np.arange(1000) + 0.5)
    heights = np.repeat((HEIGHT - SLOPE * (north - SOUTH) + above)[:, None], 1000, axis=1)
    path.parent.mkdir(parents=True, exist_ok=True)
    with rasterio.open(
        path, "w", driver="GTiff", width=1000, height=1000, count=1, dtype="float32",
        crs=crs, transform=rasterio.Affine(1, 0, 438_000, 0, -1, 5_715_000), nodata=-9999.0,
    ) as raster:  # fmt: skip
        raster.write(heights.astype(np.float32), 1)
    return path


def town(nrw: Any, folder: Path, **options: Any) -> Path:
    """A square whose houses stand on the plane, 16 rows of them."""
    houses = [
        nrw.house(
            f"h{column}-{row}", 438_040.0 + 115 * column, SOUTH + 115.0 * row,
            height=HEIGHT - SLOPE * 115 * row,
        )
        for column in range(8)
        for row in range(8)
    ]  # fmt: skip
    return Path(nrw.write(folder, *houses, **options))


def layers(target: Path) -> dict[str, dict[str, Any]]:
    """The scene's layers by kind."""
    scene = json.loads((target / "scene.json").read_text("utf-8"))
    return {layer["kind"]: layer for layer in scene["layers"]}


def ground(look: Any, target: Path) -> np.ndarray[Any, Any]:
    """Vertices of the finest ground, skirts left out: degrees and ellipsoidal height."""
    tileset = look.tileset(target / "terrain")
    leaves = [content for content in tileset.contents() if content.leaf]
    return np.asarray(np.concatenate([tileset.degrees(leaf.points) for leaf in leaves]))


def test_a_terrain_model_becomes_a_tileset_of_its_own(
    look: Any, nrw: Any, tmp_path: Path
) -> None:
    """At the right height, named by the scene, with no word of being made up."""
    source, target = town(nrw, tmp_path), tmp_path / "out"
    options = TileOptions(compress=False, terrain=(dgm1(tmp_path / "dgm1.tif"),))
    report = tile_town([source], target, options)
    assert report["terrain"]["source"] == "model"
    assert report["terrain"]["resolution_m"] == 1.0
    assert report["terrain"]["notice"] == report["notice"] == ""
    assert layers(target)["terrain"]["href"] == "terrain/tileset.json"
    document = look.tileset(target / "terrain").document
    assert document["metadata"]["properties"]["notice"] == ""
    heights = ground(look, target)[:, 2]
    top = HEIGHT + SLOPE * 40 + 46.28
    assert heights.max() == pytest.approx(top, abs=0.2)
    assert not look.missing(target / "terrain")
    written = [*(target / "terrain").glob("content/*"), target / "terrain" / "tileset.json"]
    assert report["terrain"]["tiles"] == len(written) - 1
    assert report["terrain"]["bytes"] == sum(path.stat().st_size for path in written)


def test_no_vertex_of_the_ground_lies_outside_of_its_tile(
    look: Any, nrw: Any, tmp_path: Path
) -> None:
    """Skirts included; and parents hold their children."""
    target = tmp_path / "out"
    tile_town([town(nrw, tmp_path)], target, PLAIN)
    tileset = look.tileset(target / "terrain")
    for content in tileset.contents():
        assert (content.points >= content.low).all(), content.uri
        assert (content.points <= content.high).all(), content.uri
    for tile, parent, _ in tileset.tiles():
        if parent is not None:
            low, high = look.box_of(tile)
            parent_low, parent_high = look.box_of(parent)
            assert (low >= parent_low - 1e-9).all()
            assert (high <= parent_high + 1e-9).all()


@pytest.mark.parametrize(("above", "floating"), [(0.0, 0.0), (-2.0, 1.0), (3.0, 0.0)])
def test_the_report_says_how_buildings_meet_the_ground(
    nrw: Any, tmp_path: Path, above: float, floating: float
) -> None:
    """A terrain two metres too low leaves all houses in the air, and the report says so."""
    terrain = dgm1(tmp_path / "dgm1.tif", above=above)
    options = TileOptions(compress=False, terrain=(terrain,))
    report = tile_town([town(nrw, tmp_path)], tmp_path / "out", options)
    bases = report["terrain"]["bases"]
    assert bases["compared"] == 64
    assert bases["median_below_ground_m"] == pytest.approx(above, abs=0.15)
    assert bases["floating_share"] == floating


def test_a_ground_made_of_the_buildings_says_so_everywhere(
    look: Any, nrw: Any, tmp_path: Path
) -> None:
    """In the report, in the scene's layer and in the terrain's own tileset."""
    target = tmp_path / "out"
    report = tile_town([town(nrw, tmp_path)], target, PLAIN)
    assert report["terrain"]["source"] == "derived"
    assert report["terrain"]["notice"] == DERIVED
    assert layers(target)["terrain"]["attribution"] == f"Geobasis NRW. {DERIVED}"
    document = look.tileset(target / "terrain").document
    assert document["metadata"]["properties"]["notice"] == DERIVED
    tileset = look.tileset(target)
    assert tileset.document["metadata"]["properties"]["notice"] == "", "the houses are real"


def test_buildings_stand_on_the_ground_made_of_them(
    look: Any, nrw: Any, tmp_path: Path
) -> None:
    """On a plane that falls by a centimetre a metre, within decimetres everywhere."""
    target = tmp_path / "out"
    report = tile_town([town(nrw, tmp_path)], target, PLAIN)
    bases = report["terrain"]["bases"]
    assert bases["compared"] == 64
    assert abs(bases["median_below_ground_m"]) < 0.1
    assert bases["floating_share"] < 0.05
    assert ground(look, target)[:, 2].max() < HEIGHT + 46.28 + 3


def test_terrain_intersections_are_used_where_there_are_any(nrw: Any, tmp_path: Path) -> None:
    """They say where the ground is; the base of a house with a cellar does not."""
    house = nrw.house("one", 438_100, 5_714_100)
    with_line = nrw.write(tmp_path, house, name="line")
    line = "<bldg:lod2TerrainIntersection>"
    start = house.index(line)
    lifted = house[:start] + house[start:].replace(" 95.210", " 99.210", 5)
    assert lifted.count(" 99.210") == 5
    raised = nrw.write(tmp_path, lifted, name="raised")
    medians = [
        tile_town([path], tmp_path / "out", PLAIN)["terrain"]["bases"]["median_below_ground_m"]
        for path in (with_line, raised)
    ]
    assert medians == pytest.approx([0.0, 4.0], abs=0.2)


def test_two_terrain_models_are_one_ground(look: Any, nrw: Any, tmp_path: Path) -> None:
    """The option is given twice, or once with a folder."""
    source = town(nrw, tmp_path)
    west = dgm1(tmp_path / "dgm" / "west.tif")
    east = tmp_path / "dgm" / "east.tif"
    with rasterio.open(west) as raster:
        profile, heights = raster.profile, raster.read()
    profile["transform"] = rasterio.Affine(1, 0, 439_000, 0, -1, 5_715_000)
    with rasterio.open(east, "w", **profile) as raster:
        raster.write(heights)
    outs = [tmp_path / "twice", tmp_path / "folder"]
    for target, terrain in zip(outs, ((west, east), (tmp_path / "dgm",)), strict=True):
        tile_town([source], target, TileOptions(compress=False, terrain=terrain))
    lon = ground(look, outs[0])[:, 0]
    assert np.ptp(lon) * 69_200 > 1_900
    assert np.allclose(np.sort(lon), np.sort(ground(look, outs[1])[:, 0]))


def test_no_ground_is_made_where_none_is_wanted(nrw: Any, tmp_path: Path) -> None:
    """``--no-terrain``: neither folder nor layer."""
    target = tmp_path / "out"
    arguments = ["tile", str(town(nrw, tmp_path)), "-o", str(target), "--no-terrain"]
    told = CliRunner().invoke(main, [*arguments, "--jobs", "1", "--json"])
    assert told.exit_code == 0, told.stderr
    assert json.loads(told.stdout)["terrain"] is None
    assert layers(target).keys() == {"buildings"}
    assert not (target / "terrain").exists()


def test_a_town_strewn_over_a_land_gets_no_ground(nrw: Any, tmp_path: Path) -> None:
    """A ground between two houses 300 km apart would be an invention."""
    near = nrw.write(tmp_path, nrw.house("near", 438_100, 5_714_100), name="near")
    far = nrw.write(
        tmp_path, nrw.house("far", 638_100, 5_500_100), name="far", east_km=638, north_km=5500
    )
    target = tmp_path / "out"
    report = tile_town([near, far], target, PLAIN)
    assert report["terrain"] is None
    assert report["output"]["top_level_objects"] == 2
    assert layers(target).keys() == {"buildings"}


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda path: path.write_bytes(b"II*\0broken"), r"dgm1\.tif"),
        (lambda path: path.write_bytes(path.read_bytes()[:2_000_000]), r"dgm1\.tif"),
        (lambda path: path.write_text("<html/>"), r"dgm1\.tif"),
    ],
    ids=["broken", "cut", "page"],
)
def test_a_bad_terrain_model_is_refused_by_name(
    nrw: Any, tmp_path: Path, spoil: Any, said: str
) -> None:
    """One line, and no town without the ground that was asked for."""
    terrain, target = dgm1(tmp_path / "dgm1.tif"), tmp_path / "out"
    spoil(terrain)
    source = str(town(nrw, tmp_path))
    told = CliRunner().invoke(
        main, ["tile", source, "-o", str(target), "--terrain", str(terrain), "--jobs", "1"]
    )
    assert told.exit_code == 1, told.output
    (line,) = told.stderr.splitlines()
    assert line.startswith("stadtbild: ")
    assert said.replace("\\", "") in line
    assert not (target / "tileset.json").exists()
    assert not list(target.glob(".*"))
