"""citykernel.crs."""

from __future__ import annotations

import numpy as np
import pyproj
import pytest
from numpy.testing import assert_allclose

from citykernel.crs import ELLIPSOIDAL, CompoundCrs, Geocentric, check_area, parse_crs
from citykernel.errors import CrsError
from citykernel.geoid import Undulation

ZERO = Undulation("none", 0.0, constant_m=0.0)
SOEST_STATION = (437_954.4, 5_714_530.3)

# Every srsName that real files bear: horizontal and vertical code, latitude first.
NAMES = [
    ("urn:adv:crs:ETRS89_UTM32*DE_DHHN2016_NH*GCG2016", 25832, 7837, False),
    ("urn:adv:crs:ETRS89_UTM32*DE_DHHN2016_NH", 25832, 7837, False),
    ("urn:adv:crs:ETRS89_UTM32*DE_DHHN92_NH", 25832, 5783, False),
    ("urn:adv:crs:ETRS89_UTM32", 25832, 0, False),
    ("urn:adv:crs:DE_DHDN_3GK4*DE_DHHN92_NH", 31468, 5783, False),
    ("urn:ogc:def:crs,crs:EPSG::25832,crs:EPSG::5783", 25832, 5783, False),
    ("urn:ogc:def:crs,crs:EPSG:6.12:31466,crs:EPSG:6.12:5783", 31466, 5783, False),
    ("EPSG:25833", 25833, 0, False),
    ("urn:ogc:def:crs:EPSG::25833", 25833, 0, False),
    ("EPSG:25832", 25832, 0, False),
    ("EPSG:32632", 32632, 0, False),
    ("http://www.opengis.net/def/crs/EPSG/0/6697", 6668, 6695, True),
    ("EPSG:3946", 3946, 0, False),
    ("EPSG:32755", 32755, 0, False),
    ("EPSG:25832+7837", 25832, 7837, False),
    ("EPSG:25832+EPSG:7837", 25832, 7837, False),
    ("EPSG:4979", 4979, ELLIPSOIDAL, True),
    ("EPSG:4326", 4326, 0, True),
    ("urn:ogc:def:crs:EPSG:6.12:25832", 25832, 0, False),
    ("  EPSG:25832\n", 25832, 0, False),
]


@pytest.mark.parametrize(("name", "horizontal", "vertical", "latitude_first"), NAMES)
def test_every_name_of_real_files_is_understood(
    name: str, horizontal: int, vertical: int, *, latitude_first: bool
) -> None:
    """AdV, OGC and EPSG spellings; height zero means that the name states none."""
    crs = parse_crs(name)
    assert (crs.horizontal, crs.vertical) == (horizontal, vertical)
    assert crs.latitude_first is latitude_first
    assert crs.name == name.strip()


def test_both_spellings_of_the_survey_are_the_same_system() -> None:
    """The 2020 and the 2026 tiles differ in ``*GCG2016`` only."""
    old, new = (parse_crs(name) for name in (NAMES[0][0], NAMES[1][0]))
    assert str(old) == str(new) == "EPSG:25832+7837"
    assert old.vertical_name == "DHHN2016"


@pytest.mark.parametrize(
    "name",
    ["#local-CRS-1", "", "urn:adv:crs:ETRS89_UTM99", "urn:adv:crs:ETRS89_UTM32*DE_NN",
     "EPSG:999999", "EPSG:", "urn:ogc:def:crs,crs:EPSG::25832,crs:LOCAL::1", "nonsense"],
)  # fmt: skip
def test_a_local_or_unknown_name_is_refused(name: str) -> None:
    """Never taken for anything: another tool put such towns into Japan."""
    with pytest.raises(CrsError):
        parse_crs(name)


def test_a_height_system_alone_is_no_place() -> None:
    """Somebody gave --crs EPSG:7837."""
    with pytest.raises(CrsError, match="no horizontal part"):
        parse_crs("EPSG:7837")


def test_what_is_not_stated_is_said() -> None:
    """A report must not make up a height system."""
    assert "unknown" in parse_crs("EPSG:25832").vertical_name
    assert parse_crs("EPSG:4979").vertical_name == "ellipsoidal"
    assert CompoundCrs(25832, 5621).vertical_name == "EPSG:5621"


def test_metres_and_degrees_are_told_apart() -> None:
    """Who measures lengths needs to know."""
    assert parse_crs("http://www.opengis.net/def/crs/EPSG/0/6697").is_geographic
    assert not parse_crs("EPSG:25832").is_geographic


def test_coordinates_of_the_system_pass() -> None:
    """A tile of Soest, and a town a little outside of its zone."""
    utm = parse_crs("EPSG:25832")
    check_area(utm, np.array([437_000.0, 438_000.0]), np.array([5_713_000.0, 5_714_000.0]))
    check_area(utm, np.empty(0), np.empty(0))
    japan = parse_crs("http://www.opengis.net/def/crs/EPSG/0/6697")
    check_area(japan, np.array([139.7]), np.array([35.7]))


@pytest.mark.parametrize(
    ("name", "east", "north"),
    [
        ("EPSG:25832", 5_714_530.0, 437_954.0),  # swapped
        ("EPSG:25832", 0.0, 0.0),  # a local system
        ("EPSG:25832", 3_437_954.0, 5_714_530.0),  # Gauss-Krueger zone 3
        ("EPSG:31467", 437_954.0, 5_714_530.0),  # UTM declared as Gauss-Krueger
        ("http://www.opengis.net/def/crs/EPSG/0/6697", 35.7, 139.7),  # latitude first
    ],
)
def test_coordinates_of_another_system_are_refused(
    name: str, east: float, north: float
) -> None:
    """Swapped axes, local metres and wrong zones do not get onto the map."""
    with pytest.raises(CrsError, match="outside the area"):
        check_area(parse_crs(name), np.array([east]), np.array([north]))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_coordinates_that_are_no_numbers_are_refused(bad: float) -> None:
    """NaN would pass every comparison."""
    with pytest.raises(CrsError, match="not numbers"):
        check_area(parse_crs("EPSG:25832"), np.array([437_000.0, bad]), np.array([5e6, 5e6]))


def test_soest_station_is_where_it_is() -> None:
    """The railway's own position: 51.578419 N 8.104589 E (DB station data)."""
    way = Geocentric(parse_crs("EPSG:25832+7837"), Undulation("x", 0.0, constant_m=46.28))
    ((lon, lat, height),) = way.degrees(np.array([[*SOEST_STATION, 95.0]]))
    assert_allclose([lon, lat], [8.104589, 51.578419], atol=2e-6)
    assert height == pytest.approx(141.28)


@pytest.mark.parametrize(
    ("name", "point", "lon", "lat"),
    [
        ("EPSG:3946", (1_843_000.0, 5_175_000.0), 4.85, 45.75),  # Lyon
        ("EPSG:32755", (321_000.0, 5_813_000.0), 144.96, -37.81),  # Melbourne
        ("EPSG:25833", (391_000.0, 5_819_000.0), 13.4, 52.51),  # Berlin
        ("EPSG:31468", (4_468_000.0, 5_333_000.0), 11.57, 48.13),  # Munich
        ("http://www.opengis.net/def/crs/EPSG/0/6697", (139.7, 35.7), 139.7, 35.7),  # Tokyo
    ],
)
def test_towns_land_in_their_towns(
    name: str, point: tuple[float, float], lon: float, lat: float
) -> None:
    """Easting (longitude) first, to a hundredth of a degree."""
    ((found_lon, found_lat, _),) = Geocentric(parse_crs(name), ZERO).degrees(
        np.array([[*point, 0.0]])
    )
    assert_allclose([found_lon, found_lat], [lon, lat], atol=0.02)


def test_earth_centred_coordinates_are_those_of_proj() -> None:
    """The same by one pipeline of PROJ, to the micrometre."""
    way = Geocentric(parse_crs("EPSG:25832+7837"), Undulation("x", 0.0, constant_m=46.28))
    points = np.array([[*SOEST_STATION, 95.0], [438_732.0, 5_713_988.0, 102.5]])
    one = pyproj.Transformer.from_crs("EPSG:25832", "EPSG:4979", always_xy=True)
    lon, lat = one.transform(points[:, 0], points[:, 1])
    to_earth = pyproj.Transformer.from_crs("EPSG:4979", "EPSG:4978", always_xy=True)
    expected = np.stack(to_earth.transform(lon, lat, points[:, 2] + 46.28), axis=1)
    assert_allclose(way(points), expected, atol=1e-6, rtol=0)


def test_ellipsoidal_heights_get_no_undulation() -> None:
    """They would stand 46 m too high."""
    way = Geocentric(parse_crs("EPSG:4979"), Undulation("x", 0.0, constant_m=46.28))
    assert way.degrees(np.array([[8.1, 51.57, 141.0]]))[0, 2] == 141.0


def test_a_net_of_undulations_is_as_good_as_asking_everywhere() -> None:
    """Within a unit of some kilometres to a millimetre, also at its edges."""
    rng = np.random.default_rng(1)
    lon, lat = rng.uniform(8.05, 8.14, 500), rng.uniform(51.53, 51.60, 500)
    lon[:2], lat[:2] = (8.05, 8.14), (51.53, 51.60)
    points = np.stack([lon, lat, np.zeros(500)], axis=1)
    source = Undulation("EGM96", 0.5)
    way = Geocentric(CompoundCrs(4326, 5783), source)
    assert_allclose(way.degrees(points)[:, 2], source.at(lon, lat), atol=1e-3)


def test_points_over_a_wide_area_are_asked_one_by_one() -> None:
    """Over degrees the geoid bends: no net is laid."""
    lon, lat = np.linspace(6, 15, 200), np.linspace(47, 55, 200)
    source = Undulation("EGM96", 0.5)
    way = Geocentric(CompoundCrs(4326, 5783), source)
    heights = way.degrees(np.stack([lon, lat, np.zeros(200)], axis=1))[:, 2]
    assert_allclose(heights, source.at(lon, lat), atol=1e-9)
