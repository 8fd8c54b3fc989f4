"""citymodel.checks.planar."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose

from citymodel import CityModel, SurfaceType
from citymodel.checks import check_planar, deviations_from_plane
from citymodel.testing import Piece, Ring, askew_hamlet, build_model


def _roof(*rings: Ring) -> CityModel:
    return build_model([Piece("roof", [(SurfaceType.ROOF_SURFACE, rings)])])


def _bent(by: float) -> CityModel:
    """A square of 4 m with corners alternately raised and lowered: off by half of that."""
    return _roof([(0, 0, by), (4, 0, 0), (4, 4, by), (0, 4, 0)])


@pytest.mark.parametrize(
    ("off_m", "severity"),
    [(0.009, None), (0.011, "info"), (0.06, "warning"), (0.98, "warning")],
)
def test_severity_follows_the_deviation(off_m: float, severity: str | None) -> None:
    """Above 1 cm it is told, above 5 cm it is doubtful, with the value."""
    issues = check_planar(_bent(2 * off_m))
    assert [issue.severity for issue in issues] == ([severity] if severity else [])
    for issue in issues:
        assert issue.gml_id == "roof"
        assert f"a RoofSurface leaves its best plane by {off_m:.3f} m" in issue.message


def test_the_plane_is_the_best_one_not_that_of_the_first_corners() -> None:
    """One corner of a square 4 cm high: every corner shares the deviation of 1 cm."""
    model = _roof([(0, 0, 0), (4, 0, 0), (4, 4, 0), (0, 4, 0.04)])
    assert_allclose(deviations_from_plane(model), [0.01], rtol=1e-3)


def test_corners_of_holes_count() -> None:
    """A hole that leaves the roof's plane is a fault of the surface."""
    ring = [(0, 0, 5), (9, 0, 5), (9, 9, 5), (0, 9, 5)]
    hole = [(3, 3, 5), (3, 6, 5.2), (6, 6, 5), (6, 3, 5.2)]
    assert deviations_from_plane(_roof(ring))[0] < 1e-9
    assert deviations_from_plane(_roof(ring, hole))[0] > 0.09


def test_pitched_and_upright_surfaces_are_planar_wherever_they_stand() -> None:
    """Turned and at UTM coordinates: no surface of the hamlet is off by a micrometre."""
    model = askew_hamlet()
    assert deviations_from_plane(model).max() < 1e-6
    far = replace(model, vertices=model.vertices + model.origin, origin=np.zeros(3))
    assert deviations_from_plane(far).max() < 1e-6


def test_triangles_are_always_planar() -> None:
    """Nothing to fit."""
    model = _roof([(0, 0, 0), (4, 0, 3), (4, 4, 9)])
    assert deviations_from_plane(model).tolist() == [0.0]
