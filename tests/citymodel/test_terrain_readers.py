"""citymodel.terrain: files of heights, and the lattice they make together."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from numpy.testing import assert_allclose, assert_array_equal

from citykernel.crs import parse_crs
from citykernel.errors import ReadError
from citymodel.terrain import HeightGrid, Terrain, ground_heights, open_terrain, read_terrain
from citymodel.terrain import text_grid as text_grid_module

UTM = parse_crs("EPSG:25832")
WEST, NORTH = 438_000.0, 5_714_000.0


def slope(rows: int = 4, columns: int = 5) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Heights that differ in every cell: 95 m, 1 m more per row, 0.1 m more per column."""
    return np.add.outer(95 + np.arange(rows), np.arange(columns) / 10).astype(np.float32)


def write_tif(path: Path, heights: Any, **options: Any) -> Path:
    """Write a GeoTIFF north of Soest's cathedral, 1 m cells unless told otherwise."""
    tags = {"AREA_OR_POINT": options.pop("kind", "Area")}
    scale = options.pop("scale", None)
    bands = np.atleast_3d(np.asarray(heights).T).T
    settings = {
        "driver": "GTiff",
        "crs": "EPSG:25832",
        "transform": rasterio.Affine(1, 0, WEST, 0, -1, NORTH),
        "count": len(bands),
        "height": bands.shape[1],
        "width": bands.shape[2],
        "dtype": bands.dtype,
    }
    with rasterio.open(path, "w", **(settings | options)) as raster:
        raster.write(bands)
        raster.update_tags(**tags)
        if scale:
            raster.scales, raster.offsets = [scale[0]], [scale[1]]
    return path


def write_asc(path: Path, head: str, body: str) -> Path:
    """Write a text grid."""
    path.write_text(head + body)
    return path


@pytest.mark.parametrize("kind", ["Area", "Point"])
def test_geotiff_heights_stand_at_cell_centres(tmp_path: Path, kind: str) -> None:
    """Half a metre in from the corner, whichever of the two ways the file says so."""
    tif = write_tif(tmp_path / "a.tif", slope(), kind=kind)
    centre = np.array([[WEST + 0.5, NORTH - 0.5], [WEST + 4.5, NORTH - 3.5]])
    assert_allclose(ground_heights(open_terrain(tif), centre), [95.0, 98.4], atol=1e-5)


def test_xyz_heights_stand_at_their_coordinates(tmp_path: Path) -> None:
    """The lattice points of NRW's XYZ are places: half a cell from the GeoTIFF's."""
    rows = [
        f"{WEST + c:.2f} {NORTH - r:.2f} {slope()[r, c]:.2f}"
        for r in range(4)
        for c in range(5)
    ]
    (tmp_path / "a.xyz").write_text("\n".join(rows) + "\n")
    (grid,) = read_terrain(tmp_path / "a.xyz", crs="EPSG:25832")
    assert (grid.west, grid.north) == (WEST - 0.5, NORTH + 0.5)
    assert_allclose(grid.heights_dhhn2016, slope(), atol=1e-5)
    assert_allclose(
        ground_heights([grid], np.array([[WEST + 2, NORTH - 1]])), [96.2], atol=1e-5
    )


def test_ascii_grid_tells_corner_from_centre(tmp_path: Path) -> None:
    """Xllcorner and xllcenter are half a cell apart."""
    body = "1 2 3\n4 5 6\n"
    sides = "ncols 3\nnrows 2\n"
    corner = f"{sides}xllcorner {WEST}\nyllcorner {NORTH}\ncellsize 20\nNODATA_value 5\n"
    centre = corner.replace("corner", "center")
    (one,) = read_terrain(write_asc(tmp_path / "a.asc", corner, body), crs="EPSG:25832")
    (two,) = read_terrain(write_asc(tmp_path / "b.asc", centre, body), crs="EPSG:25832")
    assert (one.west, one.north) == (WEST, NORTH + 40)
    assert (two.west, two.north) == (WEST - 10, NORTH + 30)
    assert_array_equal(one.heights_dhhn2016, [[1, 2, 3], [4, np.nan, 6]])


def test_real_ascii_grid_of_nrw(open_data: Path) -> None:
    """50 x 50 cells of 20 m near Wesel, whose first row begins 17.42 17.47."""
    source = open_data / "terrain" / "nrw_grid" / "3dm_32_324_5729_1_nw_min.asc"
    (grid,) = read_terrain(source, crs="EPSG:25832")
    assert (grid.shape, grid.west, grid.north) == ((50, 50), 324_000, 5_730_000)
    assert_allclose(grid.heights_dhhn2016[0, :2], [17.42, 17.47], atol=1e-5)
    at = np.array([[324_010.0, 5_729_990.0]])
    assert_allclose(ground_heights([grid], at), [17.42], atol=1e-5)


def test_prj_beside_the_grid_names_its_system(tmp_path: Path) -> None:
    """Esri writes the system into a file of its own."""
    head = f"ncols 2\nnrows 1\nxllcorner {WEST}\nyllcorner {NORTH}\ncellsize 1\n"
    path = write_asc(tmp_path / "a.asc", head, "95 96\n")
    with pytest.raises(ReadError, match="names no CRS; give one with --crs"):
        read_terrain(path)
    wkt = rasterio.crs.CRS.from_epsg(25832).to_wkt()
    path.with_suffix(".prj").write_text(wkt)
    assert read_terrain(path)[0].crs.horizontal == 25832


def test_packed_text_is_read_as_it_is(tmp_path: Path) -> None:
    """.xyz.gz, in any order, with gaps, a line of words on top, parted by semicolons."""
    lines = ["x;y;z"] + [
        f"{WEST + c};{NORTH + r};{90 + c + r}" for c in range(3) for r in range(3)
    ]
    del lines[5]
    (tmp_path / "a.xyz.gz").write_bytes(gzip.compress("\n".join(reversed(lines[1:])).encode()))
    (tmp_path / "b.xyz").write_text("\n".join(lines))
    one, two = read_terrain(tmp_path, crs="EPSG:25832")
    assert_array_equal(one.heights_dhhn2016, [[92, 93, 94], [91, np.nan, 93], [90, 91, 92]])
    assert_array_equal(two.heights_dhhn2016, one.heights_dhhn2016)


def test_undeclared_nodata_is_void(tmp_path: Path) -> None:
    """-9999, 3.4e38 and NaN are no ground, declared or not; nor is the declared value."""
    heights = np.array([[95, -9999, 3.4e38], [np.nan, 0, 96]], np.float32)
    (plain,) = read_terrain(write_tif(tmp_path / "a.tif", heights))
    assert_array_equal(
        np.isnan(plain.heights_dhhn2016), [[False, True, True], [True, False, False]]
    )
    (told,) = read_terrain(write_tif(tmp_path / "b.tif", heights, nodata=0.0))
    assert np.isnan(told.heights_dhhn2016[1, 1])


def test_scaled_integers_become_metres(tmp_path: Path) -> None:
    """Centimetres in 16 bits with an offset, as some surveys deliver them."""
    raw = np.array([[100, 250], [-1, 300]], np.int16)
    tif = write_tif(tmp_path / "a.tif", raw, nodata=-1, scale=(0.01, 90.0))
    assert_allclose(
        read_terrain(tif)[0].heights_dhhn2016, [[91, 92.5], [np.nan, 93]], rtol=1e-6
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"crs": None}, "no CRS; give one with --crs"),
        ({"crs": "EPSG:4326"}, "counts degrees"),
        ({"crs": "EPSG:2263"}, "does not count metres"),
        (
            {"transform": rasterio.Affine(1, 0.1, WEST, 0, -1, NORTH)},
            "do not run from west to east",
        ),
        ({"transform": rasterio.Affine(1, 0, WEST, 0, -2, NORTH)}, "wanted squares"),
    ],
)
def test_geotiff_in_a_system_that_is_no_plan_is_refused(
    tmp_path: Path, options: dict[str, Any], message: str
) -> None:
    """Cells are upright squares of metres, and the message says what was found."""
    with pytest.raises(ReadError, match=message):
        open_terrain(write_tif(tmp_path / "a.tif", slope(), **options))


def test_missing_system_can_be_given(tmp_path: Path) -> None:
    """--crs fills what a file does not say."""
    tif = write_tif(tmp_path / "a.tif", slope(), crs=None)
    assert open_terrain(tif, crs="EPSG:25832").crs.horizontal == 25832
    with pytest.raises(ReadError, match="not a coordinate reference system"):
        open_terrain(tif, crs="Soest")


def test_files_that_are_no_terrain_are_named(tmp_path: Path) -> None:
    """Not a TIFF, several bands, a cut file, an empty folder, a foreign suffix, nothing."""
    (tmp_path / "page.tif").write_bytes(b"<html>")
    with pytest.raises(ReadError, match=r"page.tif: this is no GeoTIFF"):
        open_terrain(tmp_path / "page.tif")
    with pytest.raises(ReadError, match="one band of heights, found 3"):
        open_terrain(write_tif(tmp_path / "rgb.tif", np.zeros((3, 4, 4), np.uint8)))
    whole = write_tif(tmp_path / "cut.tif", np.tile(slope(100, 100), (3, 3))).read_bytes()
    (tmp_path / "cut.tif").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ReadError, match=r"cut.tif"):
        open_terrain(tmp_path / "cut.tif").window(0, 0, 300, 300)
    (tmp_path / "empty").mkdir()
    with pytest.raises(ReadError, match=r"the folder has no terrain: wanted \.tif"):
        open_terrain(tmp_path / "empty")
    (tmp_path / "a.txt").write_text("1 2 3")
    with pytest.raises(ReadError, match="no terrain: wanted"):
        open_terrain(tmp_path / "a.txt")
    with pytest.raises(ReadError, match="no such file"):
        open_terrain(tmp_path / "nowhere")
    with pytest.raises(ReadError, match="no terrain grid"):
        Terrain([])


HEAD = "ncols 3\nnrows 2\nxllcorner 0\nyllcorner 0\ncellsize 1\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<html>", "no ESRI ASCII grid"),
        (HEAD + "1 2 3\n4 5\n", "5 heights, wanted 2 rows of 3 = 6"),
        (HEAD + "1 2 3\n4,5 5 6\n", "a height is no number"),
        (HEAD.replace("nrows 2\n", "") + "1 2 3\n", "lacks nrows"),
        (HEAD.replace("3", "2.5") + "1 2 3\n", "ncols is 2.5"),
        (HEAD.replace("ncols 3", "ncols") + "1 2 3\n", r"a.asc:1: ncols has no number"),
        (HEAD.replace("cellsize 1", "cellsize 0") + "1 2 3 4 5 6\n", "no grid lies at"),
        (HEAD.replace("3", "900000").replace("2", "900000"), "at most 1000000000"),
    ],
)
def test_malformed_ascii_grid_says_what_is_wrong(
    tmp_path: Path, text: str, message: str
) -> None:
    """Header and body are counted before they are believed."""
    (tmp_path / "a.asc").write_text(text)
    with pytest.raises(ReadError, match=message):
        read_terrain(tmp_path / "a.asc", crs="EPSG:25832")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1 1 95\n2 1 95\n1 2\n", "wanted easting, northing, height, found b'1 2'"),
        ("1 1 95\n2 1 zwei\n", "no number"),
        ("1 1 95\n2 1 95\n", "2 points are no lattice"),
        ("1 1 95\n2 1 95\n3 1 95\n4 1 95\n", "on one line"),
        ("1 1 95\n2 1 95\n1 2 95\n2.4 2 95\n", "wanted squares|do not stand on a lattice"),
        ("1 1 95\n2 1 95\n1 3 95\n2 3 95\n", "1.0 m by 2.0 m apart"),
        ("1 1 95\n2 2 95\n900 900 95\n40 70 95\n", "are no terrain"),
    ],
)
def test_points_that_are_no_lattice_are_refused(
    tmp_path: Path, text: str, message: str
) -> None:
    """XYZ is read as terrain only if its points make squares."""
    (tmp_path / "a.xyz").write_text(text)
    with pytest.raises(ReadError, match=message):
        read_terrain(tmp_path / "a.xyz", crs="EPSG:25832")


def test_packed_text_that_swells_is_cut_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unpacked bytes are counted, because gzip shrinks zeros a thousandfold."""
    monkeypatch.setattr(text_grid_module, "MOST_BYTES", 1_000_000)
    monkeypatch.setattr(text_grid_module, "BLOCK_BYTES", 100_000)
    (tmp_path / "a.xyz.gz").write_bytes(gzip.compress(b"1 1 95\n" * 1_000_000))
    with pytest.raises(ReadError, match="more than 1000000 bytes"):
        read_terrain(tmp_path / "a.xyz.gz", crs="EPSG:25832")
    (tmp_path / "b.xyz.gz").write_bytes(gzip.compress(b"1" * 900_000))
    with pytest.raises(ReadError, match="a line of more than"):
        read_terrain(tmp_path / "b.xyz.gz", crs="EPSG:25832")
    (tmp_path / "c.xyz.gz").write_bytes(b"not gzip")
    with pytest.raises(ReadError, match="cannot be read"):
        read_terrain(tmp_path / "c.xyz.gz", crs="EPSG:25832")


def grid(heights: Any, west: float = WEST, north: float = NORTH, **changed: Any) -> HeightGrid:
    """Make a grid of 1 m cells in memory."""
    options: dict[str, Any] = {"resolution_m": 1.0, "crs": UTM, "source": "test"} | changed
    return HeightGrid(np.array(heights, np.float32), west, north, **options)


def test_window_joins_grids_and_leaves_the_rest_void() -> None:
    """Two tiles with a gap north of the second; row 0 of a window is the southernmost."""
    terrain = Terrain([grid([[1, 2], [3, 4]]), grid([[5, 6]], WEST + 2, NORTH - 1)])
    assert (terrain.columns, terrain.rows) == (4, 2)
    assert_array_equal(terrain.window(0, 0, 4, 2), [[3, 4, 5, 6], [1, 2, np.nan, np.nan]])
    assert_array_equal(terrain.window(-1, 1, 2, 2), [[np.nan, 1], [np.nan, np.nan]])
    assert (terrain.easting(0), terrain.northing(0)) == (WEST + 0.5, NORTH - 1.5)


def test_first_grid_wins_and_the_next_fills_its_voids() -> None:
    """Where grids overlap the order decides, hole by hole."""
    terrain = Terrain([grid([[1, np.nan]]), grid([[7, 8]])])
    assert_array_equal(terrain.window(0, 0, 2, 1), [[1, 8]])


@pytest.mark.parametrize(
    ("other", "message"),
    [
        ({"resolution_m": 2.0}, "cells of 2 m"),
        ({"west": WEST + 2.5}, "0.50 of a cell beside"),
        ({"crs": parse_crs("EPSG:25833")}, "is in EPSG:25833, but test in EPSG:25832"),
    ],
)
def test_grids_that_do_not_fit_are_refused(other: dict[str, Any], message: str) -> None:
    """Mixing lattices would shift one of them in silence."""
    with pytest.raises(ReadError, match=message):
        Terrain([grid([[1, 2]]), grid([[1, 2]], **other)])


def test_grid_of_anything_but_rows_and_columns_is_refused() -> None:
    """A grid is two-dimensional, not empty, and nobody can change it."""
    for shape in ((0, 3), (3,), (2, 2, 2)):
        with pytest.raises(ReadError, match="wanted rows and columns"):
            grid(np.zeros(shape))
    with pytest.raises(ValueError, match="read-only"):
        grid([[1, 2]]).heights_dhhn2016[0, 0] = 3


def test_large_file_is_read_window_by_window(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file above the limit is never decoded as a whole, and gives the same heights."""
    rng = np.random.default_rng(5)
    tif = write_tif(tmp_path / "a.tif", rng.normal(95, 1, (60, 70)).astype(np.float32))
    whole = open_terrain(tif).window(3, 4, 50, 40)
    monkeypatch.setattr("citymodel.terrain.mosaic.KEPT_CELLS", 100)
    terrain = open_terrain(tif)
    assert_array_equal(terrain.window(3, 4, 50, 40), whole)
    assert not terrain._kept


def test_ground_between_centres_is_bilinear(open_data: Path) -> None:
    """Over the seam of four real tiles, against the four cells written out by hand."""
    terrain = open_terrain(open_data / "terrain" / "dgm1_bavaria")
    heights = {}
    for name, pixel in (
        ("690_5336", (999, 999)),
        ("691_5336", (999, 0)),
        ("690_5335", (0, 999)),
        ("691_5335", (0, 0)),
    ):
        with rasterio.open(open_data / "terrain" / "dgm1_bavaria" / f"{name}.tif") as raster:
            heights[name] = float(raster.read(1)[pixel])
    u, v = 0.3, 0.8
    upper = heights["690_5336"] * (1 - u) + heights["691_5336"] * u
    lower = heights["690_5335"] * (1 - u) + heights["691_5335"] * u
    at = np.array([[690_999.5 + u, 5_335_999.5 + v], [689_999.9, 5_336_000.0], [np.nan, 0]])
    assert_allclose(ground_heights(terrain, at), [lower * (1 - v) + upper * v, np.nan, np.nan])


def test_ground_beside_a_void_uses_what_is_there() -> None:
    """Within a cell that has a height there is ground, in a void there is none."""
    ground = [grid([[1, np.nan], [3, 4]])]
    places = np.array(
        [[WEST + 0.9, NORTH - 0.5], [WEST + 1.5, NORTH - 0.5], [WEST, NORTH - 0.1]]
    )
    assert_allclose(ground_heights(ground, places), [1, np.nan, 1])
    assert ground_heights(ground, np.empty((0, 2))).shape == (0,)
