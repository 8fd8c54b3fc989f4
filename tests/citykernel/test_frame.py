"""citykernel.frame."""

from __future__ import annotations

import numpy as np
import pyproj
import pytest
from numpy.testing import assert_allclose

from citykernel.frame import LocalFrame

SOEST = LocalFrame(8.104589, 51.578419, 141.5)
PLACES = [SOEST, LocalFrame(0, 0, 0), LocalFrame(144.96, -37.81, 30), LocalFrame(-75, 89.9, 5)]


@pytest.fixture
def points() -> np.ndarray:
    """Places within 20 km of the origin."""
    return np.random.default_rng(2).uniform(-20_000, 20_000, (200, 3)) * [1, 1, 0.02]


@pytest.mark.parametrize("frame", PLACES)
def test_there_and_back_is_the_same_to_a_micrometre(
    frame: LocalFrame, points: np.ndarray
) -> None:
    """At the Earth's radius a double has a nanometre left."""
    assert_allclose(frame.from_earth(frame.to_earth(points)), points, atol=1e-6, rtol=0)


@pytest.mark.parametrize("frame", PLACES)
def test_it_is_the_topocentric_frame_of_proj(frame: LocalFrame, points: np.ndarray) -> None:
    """East, north, up as +proj=topocentric has them."""
    earth = frame.to_earth(points)
    proj = pyproj.Transformer.from_pipeline(
        f"+proj=topocentric +ellps=WGS84 +lon_0={frame.longitude_deg} "
        f"+lat_0={frame.latitude_deg} +h_0={frame.height_ellipsoidal}"
    )
    expected = np.stack(proj.transform(*earth.T), axis=1)
    assert_allclose(frame.from_earth(earth), expected, atol=1e-6, rtol=0)


@pytest.mark.parametrize("frame", PLACES)
def test_the_origin_is_where_proj_puts_it(frame: LocalFrame) -> None:
    """EPSG:4979 to EPSG:4978."""
    to_earth = pyproj.Transformer.from_crs("EPSG:4979", "EPSG:4978", always_xy=True)
    place = (frame.longitude_deg, frame.latitude_deg, frame.height_ellipsoidal)
    assert_allclose(frame.origin(), to_earth.transform(*place), atol=1e-6, rtol=0)


def test_axes_are_a_right_handed_rotation() -> None:
    """Otherwise the town is mirrored."""
    axes = SOEST.axes()
    assert_allclose(axes @ axes.T, np.eye(3), atol=1e-15)
    assert np.linalg.det(axes) == pytest.approx(1)


def test_up_is_up_and_north_is_north() -> None:
    """A metre up is a metre of ellipsoidal height; a step north raises the latitude only."""
    to_degrees = pyproj.Transformer.from_crs("EPSG:4978", "EPSG:4979", always_xy=True)
    up, north = SOEST.to_earth(np.array([[0.0, 0, 1], [0, 10, 0]]))
    assert_allclose(to_degrees.transform(*up), (8.104589, 51.578419, 142.5), atol=1e-8)
    lon, lat, _ = to_degrees.transform(*north)
    assert lon == pytest.approx(8.104589, abs=1e-10)
    assert lat > 51.578419


def test_the_matrix_is_column_major_as_3d_tiles_wants_it(points: np.ndarray) -> None:
    """Sixteen numbers; the last column is the origin."""
    numbers = SOEST.matrix()
    assert len(numbers) == 16
    assert_allclose(numbers[12:15], SOEST.origin())
    assert numbers[3::4] == [0.0, 0.0, 0.0, 1.0]
    matrix = np.array(numbers).reshape(4, 4).T
    homogeneous = np.column_stack([points, np.ones(len(points))])
    assert_allclose((homogeneous @ matrix.T)[:, :3], SOEST.to_earth(points), atol=1e-8)
