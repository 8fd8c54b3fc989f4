"""tiles.subdivide."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from citykernel.arrays import Float64Array
from tiles.subdivide import BASE_CELL_M, GRID_M, SMALLEST_CELL_M, Cell, curve_order, subdivide

metres = st.floats(-6000, 6000).map(lambda value: round(value, 3))
towns = st.lists(st.tuples(metres, metres), min_size=1, max_size=200)
EMPTY = np.empty((0, 3))


def _town(places: list[tuple[float, float]]) -> tuple[Float64Array, Float64Array]:
    """Bounds of houses of 10 m by 10 m about places."""
    centre = np.column_stack([np.array(places), np.zeros(len(places))])
    return centre - np.array([5, 5, 0]), centre + np.array([5, 5, 8])


def _divided(places: list[tuple[float, float]], leaf_weight: int = 100) -> Cell:
    return subdivide(*_town(places), np.full(len(places), 24), leaf_weight=leaf_weight)


def _leaves(cell: Cell) -> list[Cell]:
    return [leaf for c in cell.children for leaf in _leaves(c)] if cell.children else [cell]


def _all(cell: Cell) -> list[Cell]:
    return [cell, *(below for child in cell.children for below in _all(child))]


@settings(deadline=None)
@given(towns)
def test_every_feature_is_in_exactly_one_leaf(places: list[tuple[float, float]]) -> None:
    """And in each cell above it: whole houses, never cut, never lost."""
    root = _divided(places)
    rows = np.concatenate([leaf.rows for leaf in _leaves(root)])
    assert_array_equal(np.sort(rows), np.arange(len(places)))
    for cell in _all(root):
        if cell.children:
            below = np.concatenate([child.rows for child in cell.children])
            assert_array_equal(np.sort(below), np.sort(cell.rows))


@settings(deadline=None)
@given(towns)
def test_leaves_are_light_or_as_small_as_they_get(places: list[tuple[float, float]]) -> None:
    """And never larger than 16 bits resolve."""
    for leaf in _leaves(_divided(places)):
        assert len(leaf.rows) * 24 <= 100 or leaf.side_m <= SMALLEST_CELL_M
        assert leaf.side_m <= BASE_CELL_M


@settings(deadline=None)
@given(towns)
def test_names_are_never_given_twice(places: list[tuple[float, float]]) -> None:
    """They become file names."""
    names = [cell.name for cell in _all(_divided(places))]
    assert len(names) == len(set(names))


@settings(deadline=None)
@given(towns)
def test_a_cell_holds_the_centres_of_its_features(places: list[tuple[float, float]]) -> None:
    """Within its square of the grid."""
    centre = np.array(places)
    root = _divided(places)
    for cell in _all(root):
        corner = np.floor(centre.min(axis=0) / GRID_M) * GRID_M
        low = corner + np.array([cell.x, cell.y]) * cell.side_m
        own = centre[cell.rows]
        assert (own >= low - 1e-6).all()
        assert (own <= low + cell.side_m + 1e-6).all()


def _rows_by_name(root: Cell) -> dict[str, list[int]]:
    return {cell.name: cell.rows.tolist() for cell in _all(root)}


def test_a_moved_house_changes_only_its_own_branch() -> None:
    """The grid does not follow the houses: other cells keep name and content."""
    rng = np.random.default_rng(7)
    places = [(float(x), float(y)) for x, y in rng.uniform(-4000, 4000, (400, 2))]
    moved = list(places)
    moved[123] = (places[123][0] + 20, places[123][1] + 10)
    before, after = _rows_by_name(_divided(places)), _rows_by_name(_divided(moved))
    changed = {
        name for name in before.keys() | after.keys() if before.get(name) != after.get(name)
    }
    touched = {n for tree in (before, after) for n in tree if 123 in tree[n]}
    # A cell is divided by its weight: with the house it may gain or lose its children.
    allowed = touched | {
        cell.name
        for root in (_divided(places), _divided(moved))
        for cell in _all(root)
        if cell.name in touched
        for cell in _all(cell)
    }
    assert changed <= allowed
    assert len(changed) < len(before) / 5


def test_no_features_are_one_empty_cell() -> None:
    """The empty tile."""
    root = subdivide(EMPTY, EMPTY, np.empty(0, np.int64))
    assert not root.children
    assert not len(root.rows)


def test_houses_in_one_place_end_in_the_smallest_cell() -> None:
    """More houses at one point than a leaf may hold: the division ends."""
    root = _divided([(100.0, 100.0)] * 50)
    (leaf,) = _leaves(root)
    assert leaf.side_m == SMALLEST_CELL_M
    assert len(leaf.rows) == 50


@given(towns)
def test_the_curve_visits_each_point_once(places: list[tuple[float, float]]) -> None:
    """An order, whatever the points."""
    order = curve_order(np.array(places))
    assert_array_equal(np.sort(order), np.arange(len(places)))


def test_the_curve_is_mortons() -> None:
    """Sixteen points of a grid of 4 m in the order of interleaved bits."""
    grid = np.array([(x * 4.0, y * 4.0) for y in range(4) for x in range(4)]) + 1000
    order = curve_order(grid)
    expected = [0, 1, 4, 5, 2, 3, 6, 7, 8, 9, 12, 13, 10, 11, 14, 15]
    assert order.tolist() == expected


def test_no_points_have_no_order() -> None:
    """The empty tile."""
    assert curve_order(np.empty((0, 2))).tolist() == []
