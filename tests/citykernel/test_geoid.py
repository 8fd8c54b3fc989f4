"""citykernel.geoid."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import rasterio
from numpy.testing import assert_allclose

from citykernel import geoid
from citykernel.errors import CrsError
from citykernel.geoid import Undulation, as_report, choose_undulation, egm96

STATION = np.array([8.104589]), np.array([51.578419])
CATHEDRAL = np.array([8.10778]), np.array([51.57196])


def _gtx(path: Path, height: float) -> Path:
    """A vertical grid of 1 degree about Soest (PROJ's GTX: lower left, steps, rows, cells)."""
    head = struct.pack(">ddddii", 51.0, 7.5, 0.5, 0.5, 3, 3)
    path.write_bytes(head + np.full(9, height, ">f4").tobytes())
    return path


def _geotiff(path: Path, height: float) -> Path:
    """The same as a GeoTIFF of PROJ's kind (pixel is point)."""
    with rasterio.open(
        path, "w", driver="GTiff", width=3, height=3, count=1, dtype="float32",
        crs="EPSG:4979", transform=rasterio.Affine(0.5, 0, 7.25, 0, -0.5, 52.25),
    ) as grid:  # fmt: skip
        grid.write(np.full((3, 3), height, np.float32), 1)
        grid.update_tags(AREA_OR_POINT="Point", TYPE="VERTICAL_OFFSET_GEOGRAPHIC_TO_VERTICAL")
        grid.update_tags(1, DESCRIPTION="geoid_undulation")
    return path


@pytest.fixture(autouse=True)
def _without_grids_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(geoid, "proj_grid_available", lambda: False)


def test_egm96_at_soest() -> None:
    """46.267 m at the station, 46.295 m at the cathedral, to a centimetre of interpolation."""
    assert_allclose(egm96(*STATION), [46.267], atol=0.01)
    assert_allclose(egm96(*CATHEDRAL), [46.295], atol=0.01)


@pytest.mark.parametrize(
    ("lon", "lat", "height"),
    # The six test points that NGA published with its program for the grid WW15MGH.
    [
        (269.7791550, 38.6281550, -31.628),
        (305.0211140, -14.6212170, -2.969),
        (102.4487290, 46.8743190, -43.575),
        (133.8747120, -23.6174460, 15.871),
        (359.9995000, 38.6254730, 50.066),
        (0.0023000, -0.4667440, 17.329),
    ],
)
def test_egm96_agrees_with_the_published_test_values(
    lon: float, lat: float, height: float
) -> None:
    """Over the whole Earth; NGA's program interpolates by splines, we bilinearly."""
    assert_allclose(egm96(np.array([lon]), np.array([lat])), [height], atol=0.06)


def test_a_longitude_means_the_same_after_a_turn() -> None:
    """Also at the date line, where the grid's columns end."""
    lon, lat = np.array([8.1, 179.9, -180.0]), np.array([51.6, 10.0, -45.0])
    assert_allclose(egm96(lon + 360, lat), egm96(lon, lat), atol=1e-9)
    assert_allclose(egm96(lon - 360, lat), egm96(lon, lat), atol=1e-9)
    beside = egm96(np.array([179.9999, -179.9999]), np.array([20.0, 20.0]))
    assert abs(beside[0] - beside[1]) < 0.01


def test_at_the_poles_all_longitudes_agree() -> None:
    """The grid's last rows are one point each."""
    for pole in (90.0, -90.0):
        values = egm96(np.linspace(-180, 170, 36), np.full(36, pole))
        assert np.ptp(values) < 0.02


def test_without_anything_egm96_is_used_and_said() -> None:
    """Method and accuracy go with the numbers."""
    chosen = choose_undulation()
    assert as_report(chosen) == {"method": "EGM96, 15' grid", "accuracy_m": 0.5}
    assert_allclose(chosen.at(*STATION), egm96(*STATION))


def test_a_declared_value_of_the_town_beats_egm96() -> None:
    """And names its source."""
    chosen = choose_undulation(declared_m=46.28, declared_source="EGM96, stated by the town")
    assert chosen.at(*STATION).tolist() == [46.28]
    assert "46.28 m (EGM96, stated by the town)" in chosen.method


def test_the_grid_of_proj_beats_the_declared_value(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is better than GCG2016 for DHHN2016."""
    monkeypatch.setattr(geoid, "proj_grid_available", lambda: True)
    chosen = choose_undulation(declared_m=46.28, require_grid=True)
    assert chosen.grid == "de_bkg_gcg2016.tif"
    assert as_report(chosen)["accuracy_m"] == 0.02


@pytest.mark.parametrize("name", ["with space.gtx", "plain.gtx"])
def test_a_grid_may_lie_at_any_path(name: str, tmp_path: Path) -> None:
    """PROJ parts its strings at spaces; a path may have them."""
    chosen = choose_undulation(str(_gtx(tmp_path / name, 46.5)))
    assert_allclose(chosen.at(np.array([8.1]), np.array([51.57])), [46.5])


@pytest.mark.parametrize("make", [_gtx, _geotiff])
def test_a_grid_file_is_used_as_it_is(
    tmp_path: Path, make: Callable[[Path, float], Path]
) -> None:
    """Undulations are added: +46.5 in the grid is +46.5 here, not -46.5."""
    path = make(tmp_path / ("g.gtx" if make is _gtx else "g.tif"), 46.5)
    chosen = choose_undulation(str(path), require_grid=True)
    assert_allclose(chosen.at(*STATION), [46.5], atol=1e-4)
    assert path.name in chosen.method
    assert as_report(chosen)["accuracy_m"] is None


def test_the_official_grid_is_known_by_its_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever it is called; any other file has an unknown accuracy."""
    path = _gtx(tmp_path / "renamed.gtx", 46.4)
    assert "GCG2016" not in choose_undulation(str(path)).method
    own = hashlib.sha256(path.read_bytes()).hexdigest()
    monkeypatch.setattr(geoid, "GCG2016_SHA256", own)
    assert choose_undulation(str(path)).method == "GCG2016 (renamed.gtx)"


def test_a_place_off_the_grid_is_an_error_with_the_place(tmp_path: Path) -> None:
    """Never a silent zero: the town would stand 46 m below its ground."""
    chosen = choose_undulation(str(_gtx(tmp_path / "g.gtx", 46.5)))
    with pytest.raises(CrsError, match=r"does not cover 13\.40000 E 52\.50000 N"):
        chosen.at(np.array([8.0, 13.4]), np.array([51.5, 52.5]))


def test_a_number_is_a_constant() -> None:
    """--geoid 46.3 for who knows it better."""
    chosen = choose_undulation("46.3")
    assert chosen.at(*STATION).tolist() == [46.3]
    assert as_report(chosen) == {"method": "given undulation 46.300 m", "accuracy_m": None}


@pytest.mark.parametrize("number", ["460", "-200", "nan", "inf"])
def test_a_number_that_no_place_on_earth_has_is_refused(number: str) -> None:
    """A slip, or feet."""
    with pytest.raises(CrsError, match="no place on Earth"):
        choose_undulation(number)


def test_require_grid_accepts_nothing_less(tmp_path: Path) -> None:
    """Neither a number, nor the town's value, nor EGM96."""
    with pytest.raises(CrsError, match=r"stadtbild fetch --product geoid"):
        choose_undulation(declared_m=46.28, require_grid=True)
    with pytest.raises(CrsError, match=r"wants a grid file, not the number 46\.3"):
        choose_undulation("46.3", require_grid=True)
    with pytest.raises(CrsError, match="no such geoid grid"):
        choose_undulation(str(tmp_path / "absent.gtx"), require_grid=True)


def test_a_file_that_is_no_grid_is_refused(tmp_path: Path) -> None:
    """By its name, and by what is in it."""
    text = tmp_path / "grid.txt"
    text.write_text("46.3", encoding="ascii")
    with pytest.raises(CrsError, match="GeoTIFF"):
        choose_undulation(str(text))
    broken = tmp_path / "broken.gtx"
    broken.write_bytes(b"no grid")
    with pytest.raises(CrsError, match=r"broken\.gtx"):
        choose_undulation(str(broken)).at(*STATION)


def test_many_places_at_once() -> None:
    """A constant fills an array of the same length."""
    places = np.zeros(5)
    assert Undulation("x", 0.0, constant_m=1.5).at(places, places).tolist() == [1.5] * 5
