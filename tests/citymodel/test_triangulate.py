"""citymodel.transforms.triangulate and ear_clipping."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from citykernel.arrays import Float64Array, offsets_from_counts
from citykernel.errors import BoundaryError
from citymodel import Triangulation, triangulate
from citymodel.testing import SOEST, askew_hamlet

Flat = Sequence[tuple[float, float]]
SQUARE: Flat = [(0, 0), (10, 0), (10, 10), (0, 10)]
# UTM coordinates of 5.7 million metres leave a nanometre; areas of 100 m2 a few 1e-8 m2.
AREA_M2 = 1e-6


def _frame(plane: tuple[float, float, float]) -> Float64Array:
    """Rows: two axes of a plane and its normal, turned by three angles in radians."""
    a, b, c = plane
    first = np.array([[np.cos(a), np.sin(a), 0], [-np.sin(a), np.cos(a), 0], [0, 0, 1]])
    tilt = np.array([[1, 0, 0], [0, np.cos(b), np.sin(b)], [0, -np.sin(b), np.cos(b)]])
    last = np.array([[np.cos(c), np.sin(c), 0], [-np.sin(c), np.cos(c), 0], [0, 0, 1]])
    return np.asarray(first @ tilt @ last)


def _surface(
    rings: Sequence[Flat], plane: tuple[float, float, float] = (0.3, 0.9, 1.1)
) -> tuple[Float64Array, Triangulation, Float64Array]:
    """Corners, triangles and normal of one surface in a plane that stands askew in Soest."""
    frame = _frame(plane)
    flat = np.concatenate([np.array(ring, np.float64) for ring in rings])
    corners = flat @ frame[:2] + np.array(SOEST)
    offsets = offsets_from_counts(np.array([len(ring) for ring in rings]))
    shape = triangulate(corners, offsets, np.array([0, len(rings)], np.int32))
    return corners, shape, frame[2]


def _signed_areas(
    corners: Float64Array, shape: Triangulation, normal: Float64Array
) -> Float64Array:
    a, b, c = (corners[shape.triangles[:, i]] for i in range(3))
    return np.asarray(np.cross(b - a, c - a) @ normal / 2)


def _shoelace(ring: Flat) -> float:
    x, y = np.array(ring, np.float64).T
    return float(np.abs(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1))) / 2)


def _assert_covers(rings: Sequence[Flat], *, touching: int = 0) -> None:
    """Triangle count and covered area are right, and no triangle looks the other way."""
    for plane in ((0.3, 0.0, 0.0), (0.3, 0.9, 1.1), (2.0, np.pi / 2, 0.4), (1, 2.5, 0.2)):
        corners, shape, normal = _surface(rings, plane)
        exterior = np.array(rings[0], np.float64)
        x, y = exterior.T
        way = np.sign(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1)))
        signed = _signed_areas(corners, shape, normal * way)
        area = _shoelace(rings[0]) - sum(_shoelace(hole) for hole in rings[1:])
        holes = len(rings) - 1
        assert len(shape.triangles) == sum(map(len, rings)) + 2 * (holes - touching) - 2
        assert signed.min() > -AREA_M2
        assert_allclose(signed.sum(), area, atol=AREA_M2)
        assert_allclose(np.linalg.norm(shape.area_vectors[0]), area, atol=AREA_M2)
        assert not shape.doubtful.size


def _star(radii: Sequence[float], at: tuple[float, float] = (0, 0)) -> Flat:
    angles = np.arange(len(radii)) / len(radii) * 2 * np.pi
    x, y = np.array(radii) * np.cos(angles) + at[0], np.array(radii) * np.sin(angles) + at[1]
    return [(float(a), float(b)) for a, b in zip(x, y, strict=True)]


@pytest.mark.parametrize(
    "ring",
    [
        SQUARE,
        SQUARE[::-1],
        [(0, 0), (10, 0), (10, 4), (4, 4), (4, 10), (0, 10)],
        [(0, 0), (5, 0), (10, 0), (10, 10), (0, 10)],
        [(0, 0), (2, 0), (4, 0), (6, 0), (10, 0), (10, 5), (10, 10), (0, 10), (0, 5)],
        [(0, 0), (10, 0), (10, 10), (6, 10), (6, 2), (4, 2), (4, 10), (0, 10)],
        [(0, 0), (4, 0), (2, 6)],
        [(0, 0), (2, 0), (4, 0), (2, 6)],
    ],
)
def test_each_corner_but_two_gives_a_triangle(ring: Flat) -> None:
    """Also a corner on a straight edge, because the next wall may end there."""
    _assert_covers([ring])


def test_every_corner_is_used() -> None:
    """A corner on a straight edge that no triangle uses would open a crack."""
    ring = [(0, 0), (5, 0), (10, 0), (10, 5), (10, 10), (0, 10), (0, 5)]
    _, shape, _ = _surface([ring])
    assert_array_equal(np.unique(shape.triangles), np.arange(7))


@pytest.mark.parametrize(
    "holes",
    [
        [[(4, 4), (4, 6), (6, 6), (6, 4)]],
        [[(4, 4), (6, 4), (6, 6), (4, 6)]],
        [[(1, 1), (1, 2), (2, 2), (2, 1)], [(7, 1), (7, 2), (8, 2), (8, 1)]],
        [[(1, 7), (2, 8), (3, 7)], [(4, 7), (5, 8), (6, 7)], [(7, 7), (8, 8), (9, 7)]],
        [
            [(x, y), (x, y + 1), (x + 1, y + 1), (x + 1, y)]
            for x in (1, 4, 7)
            for y in (1, 4, 7)
        ],
    ],
    ids=["clockwise", "counter-clockwise", "two", "three in a row", "nine in rows"],
)
def test_each_hole_adds_its_corners_and_two(holes: list[Flat]) -> None:
    """Whatever way a hole turns and however many stand in one line."""
    _assert_covers([SQUARE, *holes])


@pytest.mark.parametrize(
    "hole",
    [[(0, 0), (5, 6), (6, 5)], [(10, 10), (4, 5), (5, 4)], [(10, 0), (4, 4), (6, 6)]],
)
def test_a_hole_that_touches_the_outline_needs_no_bridge(hole: Flat) -> None:
    """At a common corner the rings join, which saves two triangles."""
    _assert_covers([SQUARE, hole], touching=1)


def test_two_holes_that_touch_each_other_are_cut_out() -> None:
    """The second joins the first at their common corner."""
    holes = [[(2, 2), (2, 5), (5, 5), (5, 2)], [(5, 5), (5, 8), (8, 8), (8, 5)]]
    _assert_covers([SQUARE, *holes], touching=1)


def test_a_keyhole_outline_is_triangulated() -> None:
    """Some writers cut a hole into the outline and walk the cut twice."""
    ring = [(0, 0), (10, 0), (10, 10), (0, 10), (0, 0), (4, 4), (4, 6), (6, 6), (6, 4), (4, 4)]
    corners, shape, normal = _surface([ring])
    signed = _signed_areas(corners, shape, normal)
    assert len(shape.triangles) == len(ring) - 2
    assert signed.min() > -AREA_M2
    assert_allclose(signed.sum(), 96, atol=AREA_M2)


radius = st.floats(1, 20).map(lambda value: round(value, 3))
angle = st.floats(-3, 3).map(lambda value: round(value, 3))


@settings(max_examples=150, deadline=None)
@given(st.lists(radius, min_size=3, max_size=40), st.tuples(angle, angle, angle))
def test_stars_in_any_plane_are_covered(
    radii: list[float], plane: tuple[float, float, float]
) -> None:
    """Random outlines round a point: triangles add up to the shoelace area, none negative."""
    ring = _star(radii)
    # With three corners or with wide gaps the centre may lie outside; the outline stays simple.
    corners, shape, normal = _surface([ring], plane)
    signed = _signed_areas(corners, shape, normal)
    assert len(shape.triangles) == len(ring) - 2
    assert signed.min() > -AREA_M2
    assert_allclose(signed.sum(), _shoelace(ring), atol=AREA_M2)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.floats(12, 20), min_size=6, max_size=24),
    st.lists(st.lists(st.floats(0.5, 2.0), min_size=3, max_size=9), min_size=1, max_size=6),
    st.tuples(angle, angle, angle),
)
def test_stars_with_holes_in_any_plane_are_covered(
    radii: list[float], holes: list[list[float]], plane: tuple[float, float, float]
) -> None:
    """Random holes, one on each of six places."""
    places = [(0, 0), (5, 0), (0, 5), (-5, 0), (0, -5), (5, 5)]
    rings = [_star(radii), *(_star(h, at) for h, at in zip(holes, places, strict=False))]
    corners, shape, normal = _surface(rings, plane)
    signed = _signed_areas(corners, shape, normal)
    area = _shoelace(rings[0]) - sum(map(_shoelace, rings[1:]))
    assert len(shape.triangles) == sum(map(len, rings)) + 2 * len(holes) - 2
    assert signed.min() > -AREA_M2
    assert_allclose(signed.sum(), area, atol=AREA_M2)


@pytest.mark.parametrize("off_m", [0.0, 0.00002])
@pytest.mark.parametrize("turned", [False, True])
def test_a_corner_that_repeats_the_one_before_counts_once(
    off_m: float,
    turned: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """At the beginning, in the middle, three times, at the end, in a hole, as a hole."""
    ring = [
        (0, 0),
        (off_m, 0),
        (10, 0),
        (10, off_m),
        (10, off_m),
        (10, 10),
        (0, 10),
        (0, off_m),
    ]
    hole = [(4, 4), (4, 4 + off_m), (4, 6), (6, 6), (6, 4), (4, 4)]
    point = [(8, 8), (8 + off_m, 8), (8, 8)]
    rings = [r[::-1] if turned else r for r in (ring, hole, point)]
    corners, shape, normal = _surface(rings)
    signed = _signed_areas(corners, shape, normal) * (-1 if turned else 1)
    assert len(shape.triangles) == 4 + 4 + 2 - 2
    assert signed.min() > 0.1
    assert_allclose(signed.sum(), 96, atol=1e-2)
    assert not shape.doubtful.size


def test_a_step_across_the_plane_is_no_repeated_corner() -> None:
    """Two corners above each other, as real roofs have them: the next wall needs both."""
    ring = np.array(
        [[0, 0, 3], [5, 0, 3], [9, 0, 3], [9, 0, 2.999], [12, 0, 3], [12, 7, 3], [0, 7, 3]]
    )
    corners = ring + np.array(SOEST)
    shape = triangulate(corners, np.array([0, 7], np.int32), np.array([0, 1], np.int32))
    assert_array_equal(np.unique(shape.triangles), np.arange(7))


@pytest.mark.parametrize("off_m", [-0.0005, 0.0005, 0.0])
def test_a_nearly_straight_corner_makes_no_sliver(off_m: float) -> None:
    """Slivers collapse when tiles round their positions; other diagonals avoid them."""
    ring = [
        (0, 0),
        (4, off_m),
        (6, off_m),
        (10, 0),
        (10, 6),
        (10 + off_m, 7),
        (10, 10),
        (0, 10),
    ]
    corners, shape, _ = _surface([ring])
    a, b, c = (corners[shape.triangles[:, i]] for i in range(3))
    area = np.linalg.norm(np.cross(b - a, c - a), axis=1)
    sides = np.linalg.norm(np.stack([b - a, c - b, a - c]), axis=2)
    assert (area / sides.max(axis=0)).min() > 0.5


def test_a_large_outline_with_teeth_is_covered() -> None:
    """More corners than the best ear is searched for."""
    teeth = [(float(x), 5.0 if x % 2 else 1.0) for x in range(200, -1, -1)]
    _assert_covers([[(0.0, 0.0), (200.0, 0.0), *teeth]])


@pytest.mark.parametrize(
    "ring",
    [
        [(0, 0), (10, 10), (10, 0), (0, 6)],
        [(0, 0), (10, 0), (10, 10), (5, 10), (12, 5), (12, 12), (0, 12)],
    ],
)
def test_an_outline_that_crosses_itself_is_called_doubtful(ring: Flat) -> None:
    """It crosses itself; it still gets its triangles, because something should be seen."""
    _, shape, _ = _surface([ring])
    assert shape.doubtful.tolist() == [0]
    assert len(shape.triangles) == len(ring) - 2


def test_a_ring_that_winds_twice_is_covered_twice() -> None:
    """It turns left at every corner; what its area vector says is what is drawn."""
    angles = np.arange(9) / 9 * 4 * np.pi
    ring = [(float(np.cos(a)), float(np.sin(a))) for a in angles]
    corners, shape, normal = _surface([ring])
    assert_allclose(_signed_areas(corners, shape, normal).sum(), _shoelace(ring), atol=AREA_M2)


def test_a_surface_without_area_has_no_triangles() -> None:
    """Its neighbours keep theirs."""
    corners = np.array([[0, 0, 0], [4, 0, 0], [2, 0, 0], *([0, 0, 3], [4, 0, 3], [4, 4, 3])])
    shape = triangulate(
        corners + np.array(SOEST), np.array([0, 3, 6], np.int32), np.array([0, 1, 2], np.int32)
    )
    assert shape.triangle_offsets.tolist() == [0, 0, 1]
    assert shape.triangles.tolist() == [[3, 4, 5]]


@pytest.mark.parametrize("length_m", [0.5, 4, 60])
def test_a_line_that_follows_the_earth_is_still_a_line(length_m: float) -> None:
    """Bent into the Earth's frame it has an area; a strip of a millimetre is wider."""
    along = np.array([0, 0.25, 0.5, 1]) * length_m
    sagitta = along * (length_m - along) / (2 * 6.37e6)
    for width_m, triangles in ((0.0, 0), (0.001, 4)):
        there = np.column_stack([along, np.zeros(4), sagitta])
        back = np.array([[length_m, 0, width_m], [0, 0, width_m]])
        corners = np.concatenate([there, back]) + np.array(SOEST)
        shape = triangulate(corners, np.array([0, 6], np.int32), np.array([0, 1], np.int32))
        assert len(shape.triangles) == triangles


def test_no_surfaces_have_no_triangles() -> None:
    """The empty tile."""
    zero = np.zeros(1, np.int32)
    shape = triangulate(np.empty((0, 3)), zero, zero)
    assert shape.triangles.shape == (0, 3)
    assert shape.triangle_offsets.tolist() == [0]


def test_a_ring_of_two_corners_is_refused() -> None:
    """Readers drop them; whoever does not is told."""
    corners = np.array([[0, 0, 0], [4, 0, 0.0]])
    with pytest.raises(BoundaryError, match="fewer than three corners"):
        triangulate(corners, np.array([0, 2], np.int32), np.array([0, 1], np.int32))


def test_many_surfaces_give_what_each_gives_alone() -> None:
    """Convex ones, ones with holes and touching ones together: the offsets hold."""
    model = askew_hamlet()
    corners = model.corners + model.origin
    shape = triangulate(corners, model.ring_offsets, model.surface_offsets)
    for surface in range(len(model.surface_type)):
        first, last = model.surface_offsets[surface : surface + 2]
        base = model.ring_offsets[first]
        rings = model.ring_offsets[first : last + 1] - base
        own = corners[base : model.ring_offsets[last]]
        alone = triangulate(own, rings, np.array([0, last - first], np.int32))
        there = slice(*shape.triangle_offsets[surface : surface + 2])
        assert_array_equal(shape.triangles[there] - base, alone.triangles)


def test_holes_that_touch_leave_no_gap_in_the_triangles() -> None:
    """A surface that needs fewer triangles than there was room for, between two others."""
    rings = [SQUARE, SQUARE, [(0, 0), (5, 6), (6, 5)], SQUARE]
    flat = np.concatenate([np.array(ring, np.float64) for ring in rings])
    corners = np.column_stack([flat, np.zeros(len(flat))]) + np.array(SOEST)
    shape = triangulate(
        corners,
        offsets_from_counts(np.array([4, 4, 3, 4])),
        np.array([0, 1, 3, 4], np.int32),
    )
    assert shape.triangle_offsets.tolist() == [0, 2, 7, 9]
    signed = _signed_areas(corners, shape, np.array([0, 0, 1.0]))
    sums = np.add.reduceat(signed, shape.triangle_offsets[:-1])
    assert_allclose(sums, [100, 100 - _shoelace(rings[2]), 100], atol=AREA_M2)
    assert shape.triangles[-2:].min() == 11
