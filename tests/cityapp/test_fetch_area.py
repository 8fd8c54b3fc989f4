"""cityapp.jobs.portal_area."""

from __future__ import annotations

import pytest

from cityapp.jobs.portal_area import Box, find_municipality
from citykernel.errors import InputError


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


def test_soest_is_known_by_name_and_by_key() -> None:
    """The town is 436-440 x 5711-5716, and one square around it for the overhang."""
    town = find_municipality("05974040")
    assert town == find_municipality("Soest")
    squares = set(town.box.squares())
    assert {(437, 5714), (438, 5713), (435, 5710), (441, 5717)} <= squares
    assert len(squares) == 7 * 8


def test_unknown_town_names_the_known_ones() -> None:
    """The message says what there is and what to do."""
    with pytest.raises(
        InputError, match=r"no municipality 'atlantis'; known are soest.*--bbox"
    ):
        find_municipality("atlantis")


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
