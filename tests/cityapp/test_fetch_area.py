"""cityapp.jobs.portal_area."""

from __future__ import annotations

import pytest

from cityapp.jobs.portal_area import Box
from citykernel.errors import InputError
from citykernel.municipalities import find_municipality


def test_box_asks_for_the_neighbours_buildings_reach_out_of() -> None:
    """A building stands up to 170 m outside of its tile: 200 m around the box are asked for."""
    assert list(Box(437_500, 5_713_500, 437_900, 5_713_700).squares()) == [
        (437, 5713),
        (438, 5713),
    ]
    assert set(Box(437_100, 5_713_300, 437_700, 5_713_700).squares()) == {
        (436, 5713),
        (437, 5713),
    }


def test_edge_on_a_kilometre_does_not_ask_for_the_next_square() -> None:
    """The grown box touches squares with its inside only."""
    assert list(Box(437_200, 5_713_200, 437_800, 5_713_800).squares()) == [(437, 5713)]


def test_town_is_fetched_with_one_square_around_it() -> None:
    """Soest is 436-440 x 5711-5716; houses of the squares around reach into it."""
    box_m = find_municipality("soest").bbox_m
    assert box_m is not None
    squares = set(Box(*box_m).squares())
    assert {(437, 5714), (438, 5713), (435, 5710), (441, 5717)} <= squares
    assert len(squares) == 7 * 8


@pytest.mark.parametrize(
    ("sides", "message"),
    [
        ((438_000, 5_713_000, 437_000, 5_714_000), "west < east"),
        ((8.1, 51.5, 8.2, -51.6), "west < east"),
        ((float("nan"), 5_713_000, 437_000, 5_714_000), "finite"),
        ((437_000, 5_713_000, 4_380_000, 5_714_000), "not metres of EPSG:25832"),
        ((300_000, 5_600_000, 500_000, 5_800_000), "40000 km2 are too many"),
    ],
)
def test_box_that_is_a_slip_is_refused(
    sides: tuple[float, float, float, float], message: str
) -> None:
    """Order, finiteness, zone and size are checked before anything is asked."""
    with pytest.raises(InputError, match=message):
        Box(*sides)
