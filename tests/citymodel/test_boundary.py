"""citymodel.boundary."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from citykernel.errors import BoundaryError
from citymodel.boundary import area_vectors, following_corners
from citymodel.testing import SOEST, askew_hamlet, askew_house

TWO_RINGS = np.array([0, 4, 7], np.int32)


def test_the_last_corner_of_a_ring_is_followed_by_its_first() -> None:
    """Ring by ring."""
    assert following_corners(TWO_RINGS).tolist() == [1, 2, 3, 0, 5, 6, 4]


def test_length_is_area() -> None:
    """Ground, gables, sides and roof halves of the gable house."""
    model = askew_house()
    lengths = np.linalg.norm(area_vectors(model.corners, model.ring_offsets), axis=1)
    assert_allclose(lengths, [80, 36, 30, 36, 30, 50, 50])


def test_the_vector_points_to_where_the_ring_runs_counter_clockwise() -> None:
    """The ground looks down, roofs look up, walls to the side."""
    model = askew_house()
    upwards = area_vectors(model.corners, model.ring_offsets)[:, 2]
    assert_allclose(upwards, [-80, 0, 0, 0, 0, 40, 40], atol=1e-9)


def test_a_closed_surface_sums_to_nothing() -> None:
    """What faces one way, faces the other way too; holes are taken off by themselves."""
    model = askew_hamlet()
    assert_allclose(area_vectors(model.corners, model.ring_offsets).sum(axis=0), 0, atol=1e-9)


def test_digits_are_kept_at_utm_coordinates() -> None:
    """A naive sum of products loses half of them there."""
    model = askew_house()
    near = area_vectors(model.corners, model.ring_offsets)
    far = area_vectors(model.corners + np.array(SOEST), model.ring_offsets)
    assert_allclose(far, near, atol=1e-7)


@given(
    st.lists(
        st.tuples(st.floats(-50, 50), st.floats(-50, 50), st.floats(-50, 50)),
        min_size=3, max_size=9,
    ),
    st.integers(0, 8),
)  # fmt: skip
def test_the_first_corner_does_not_matter(
    ring: list[tuple[float, float, float]], shift: int
) -> None:
    """A ring is a circle of corners, planar or not; backwards, its vector turns over."""
    offsets = np.array([0, len(ring)], np.int32)
    corners = np.array(ring)
    vector = area_vectors(corners, offsets)
    assert_allclose(area_vectors(np.roll(corners, shift, axis=0), offsets), vector, atol=1e-8)
    assert_allclose(area_vectors(corners[::-1].copy(), offsets), -vector, atol=1e-8)


def test_no_rings_have_no_vectors() -> None:
    """The empty case keeps its form."""
    assert area_vectors(np.empty((0, 3)), np.zeros(1, np.int32)).shape == (0, 3)


def test_a_ring_of_two_corners_is_refused() -> None:
    """With its number."""
    with pytest.raises(BoundaryError, match="ring 1 has fewer than three corners"):
        area_vectors(np.zeros((6, 3)), np.array([0, 4, 6], np.int32))


@pytest.mark.parametrize("offsets", [[0, 4], [1, 5], [0, 4, 8]])
def test_offsets_that_do_not_cover_the_corners_are_refused(offsets: list[int]) -> None:
    """Otherwise corners are lost in silence."""
    with pytest.raises(BoundaryError, match="there are 5 corners"):
        area_vectors(np.zeros((5, 3)), np.array(offsets, np.int32))
