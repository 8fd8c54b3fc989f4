"""citymodel.readers.reference: the ways GML writes surfaces, and what is wrong with them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from citymodel import CityModel, GeometryType, area_vectors
from citymodel.readers.unit import UnitResult

SQUARE = [(0, 0, 3), (4, 0, 3), (4, 4, 3), (0, 4, 3)]
TRIANGLE = [(0, 0, 3), (4, 0, 3), (4, 4, 3)]


def the_model(result: UnitResult) -> CityModel:
    assert result.model is not None
    return result.model


def areas(result: UnitResult) -> list[float]:
    """Signed areas seen from above, outer rings and holes."""
    model = the_model(result)
    return [round(float(a), 6) for a in area_vectors(model.corners, model.ring_offsets)[:, 2]]


def house(gml: Any, geometry: str, prop: str = "lod2MultiSurface") -> str:
    building: str = gml.building(f"<bldg:{prop}>{geometry}</bldg:{prop}>")
    return building


def ring_of(gml: Any, inside: str, tag: str = "LinearRing") -> str:
    ring = f"<gml:{tag}>{inside}</gml:{tag}>"
    polygon = f"<gml:Polygon><gml:exterior>{ring}</gml:exterior></gml:Polygon>"
    surface: str = gml.multi(polygon)
    return surface


def positions(gml: Any) -> list[str]:
    words = gml.numbers(SQUARE).split()
    return [" ".join(words[i : i + 3]) for i in range(0, len(words), 3)]


def written(gml: Any, how: str) -> str:
    corners = positions(gml)
    if how == "pos":
        return "".join(f"<gml:pos>{c}</gml:pos>" for c in corners)
    if how == "coordinates":
        return (
            "<gml:coordinates>"
            + " ".join(c.replace(" ", ",") for c in corners)
            + "</gml:coordinates>"
        )
    if how == "decimal comma":
        text = ";".join(c.replace(".", ",").replace(" ", ":") for c in corners)
        return f'<gml:coordinates decimal="," cs=":" ts=";">{text}</gml:coordinates>'
    points = (f"<gml:Point><gml:pos>{c}</gml:pos></gml:Point>" for c in corners)
    return "".join(f"<gml:pointProperty>{p}</gml:pointProperty>" for p in points)


@pytest.mark.parametrize("how", ["pos", "coordinates", "decimal comma", "pointProperty"])
def test_all_ways_of_writing_corners_give_the_same_ring(gml: Any, how: str) -> None:
    result = gml.read(house(gml, ring_of(gml, written(gml, how))))
    expected = gml.read(house(gml, gml.multi(gml.polygon(SQUARE))))
    assert (the_model(result).corners == the_model(expected).corners).all()
    assert result.issues == ()


def test_a_ring_of_straight_curves_is_read_without_doubled_corners(gml: Any) -> None:
    def curve(points: list[tuple[float, float, float]]) -> str:
        text = gml.numbers(points, closed=False)
        return (
            f"<gml:curveMember><gml:LineString><gml:posList>{text}</gml:posList>"
            "</gml:LineString></gml:curveMember>"
        )

    inside = curve([SQUARE[0], SQUARE[1], SQUARE[2]]) + curve([SQUARE[2], SQUARE[3], SQUARE[0]])
    result = gml.read(house(gml, ring_of(gml, inside, "Ring")))
    assert len(the_model(result).corners) == 4
    assert areas(result) == [pytest.approx(16, abs=0.02)]


def patches(gml: Any, kind: str) -> str:
    outer = f"<gml:exterior>{gml.ring(TRIANGLE)}</gml:exterior>"
    if kind == "Surface":
        inside = f"<gml:PolygonPatch>{outer}</gml:PolygonPatch>"
        return f"<gml:Surface><gml:patches>{inside}</gml:patches></gml:Surface>"
    if kind == "Rectangle":
        whole = f"<gml:exterior>{gml.ring(SQUARE)}</gml:exterior>"
        inside = f"<gml:Rectangle>{whole}</gml:Rectangle>"
        return f"<gml:Surface><gml:patches>{inside}</gml:patches></gml:Surface>"
    prop = "trianglePatches" if kind != "3.0" else "patches"
    name = "Tin" if kind == "Tin" else "TriangulatedSurface"
    triangle = f"<gml:Triangle>{outer}</gml:Triangle>"
    return f"<gml:{name}><gml:{prop}>{triangle}</gml:{prop}></gml:{name}>"


@pytest.mark.parametrize("kind", ["Surface", "Rectangle", "Tin", "TriangulatedSurface", "3.0"])
def test_surfaces_of_patches_are_read(gml: Any, kind: str) -> None:
    result = gml.read(house(gml, gml.multi(patches(gml, kind))))
    area = 16 if kind == "Rectangle" else 8
    assert areas(result) == [pytest.approx(area, abs=0.02)]


def test_aggregates_may_lie_in_each_other(gml: Any) -> None:
    inner = f"<gml:CompositeSurface>{gml.members(gml.polygon(SQUARE))}</gml:CompositeSurface>"
    members = gml.members(inner, gml.polygon(TRIANGLE))
    middle = f"<gml:CompositeSurface>{members}</gml:CompositeSurface>"
    assert len(areas(gml.read(house(gml, gml.multi(middle))))) == 2


@pytest.mark.parametrize("kind", ["MultiSolid", "CompositeSolid"])
def test_several_solids_are_one_solid_geometry(gml: Any, kind: str) -> None:
    members = "".join(
        f"<gml:solidMember>{gml.solid(gml.polygon(points))}</gml:solidMember>"
        for points in (SQUARE, [(x, y, z + 3) for x, y, z in SQUARE])
    )
    result = gml.read(house(gml, f"<gml:{kind}>{members}</gml:{kind}>", "lod2Solid"))
    assert len(areas(result)) == 2
    assert the_model(result).geometry_type.tolist() == [GeometryType.SOLID]


def test_an_orientable_surface_turns_its_base_round(gml: Any) -> None:
    once = (
        '<gml:OrientableSurface orientation="-"><gml:baseSurface>'
        f"{gml.polygon(SQUARE)}</gml:baseSurface></gml:OrientableSurface>"
    )
    twice = (
        '<gml:OrientableSurface orientation="-"><gml:baseSurface>'
        f"{once}</gml:baseSurface></gml:OrientableSurface>"
    )
    plus = once.replace('"-"', '"+"')
    assert areas(gml.read(house(gml, gml.multi(once)))) == [pytest.approx(-16, abs=0.02)]
    assert areas(gml.read(house(gml, gml.multi(twice)))) == [pytest.approx(16, abs=0.02)]
    assert areas(gml.read(house(gml, gml.multi(plus)))) == [pytest.approx(16, abs=0.02)]


def test_holes_keep_their_area_to_a_thousandth(gml: Any) -> None:
    hole = [(1, 1, 3), (1, 2, 3), (3, 2, 3), (3, 1, 3)]
    result = gml.read(
        house(
            gml,
            gml.multi(
                gml.polygon(SQUARE, holes=[hole, [(0.2, 0.2, 3), (0.2, 0.8, 3), (0.8, 0.2, 3)]])
            ),
        )
    )
    model = the_model(result)
    assert np.diff(model.surface_offsets).tolist() == [3]
    assert areas(result) == [
        pytest.approx(16, abs=0.02),
        pytest.approx(-2, abs=0.01),
        pytest.approx(-0.18, abs=0.01),
    ]
    exact = np.array([gml.at(*point) for point in hole])
    first = model.ring_offsets[1]
    np.testing.assert_array_equal(model.corners[first : first + 4] + model.origin, exact)


def raw(gml: Any, text: str, attribute: str = "") -> str:
    good = gml.polygon([(x, y, z + 1) for x, y, z in SQUARE])
    ring = f"<gml:LinearRing><gml:posList{attribute}>{text}</gml:posList></gml:LinearRing>"
    bad = f'<gml:Polygon gml:id="bad"><gml:exterior>{ring}</gml:exterior></gml:Polygon>'
    return house(gml, gml.multi(bad, good))


BAD = {
    "coordinate-count": "1 2 3 4 5 6 7 8 9 1 2",
    "not-a-number": "437954 5714530 95 437955 5714530 NaN 437955 5714531 95 437954 5714530 95",
    "ring-too-short": "437954 5714530 95 437955 5714530 95 437954 5714530 95",
    "absurd-coordinates": (
        "437954 5714530 95 437955 5714530 99999 437955 5714531 95 437954 5714530 95"
    ),
}


@pytest.mark.parametrize("code", list(BAD))
def test_a_surface_that_cannot_be_used_is_dropped_and_told(gml: Any, code: str) -> None:
    """File, line, object and polygon are named; the rest of the house stays."""
    result = gml.read(raw(gml, BAD[code]))
    assert len(the_model(result).surface_type) == 1
    (issue,) = result.issues
    assert (issue.code, issue.severity, issue.gml_id) == (code, "error", "house")
    assert issue.path.endswith(".gml")
    assert issue.line > 1
    assert "bad" in issue.message
    assert not issue.dropped


@pytest.mark.parametrize("word", ["inf", "-inf", "1e999", "abc", "1_0", "--3"])
def test_words_that_are_no_finite_numbers_are_faults(gml: Any, word: str) -> None:
    text = BAD["not-a-number"].replace("NaN", word)
    assert [issue.code for issue in gml.read(raw(gml, text)).issues] == ["not-a-number"]


def test_coordinates_of_two_dimensions_are_refused_by_the_surface(gml: Any) -> None:
    """Six pairs look like four triples: only srsDimension tells them apart."""
    text = "437954 5714530 437955 5714530 437955 5714531 "
    text += "437954 5714531 437954 5714532 437954 5714530"
    result = gml.read(raw(gml, text, ' srsDimension="2"'))
    assert [issue.code for issue in result.issues] == ["two-dimensional"]
    assert len(the_model(result).surface_type) == 1


def test_arcs_are_told_not_cut_short(gml: Any) -> None:
    arc = (
        "<gml:curveMember><gml:Curve><gml:segments><gml:Arc><gml:posList>"
        f"{gml.numbers(TRIANGLE)}</gml:posList></gml:Arc></gml:segments></gml:Curve>"
        "</gml:curveMember>"
    )
    other = (
        "<gml:surfaceMember>" + gml.polygon(SQUARE) + "</gml:surfaceMember></gml:MultiSurface>"
    )
    markup = ring_of(gml, arc, "Ring").replace("</gml:MultiSurface>", other)
    assert [issue.code for issue in gml.read(house(gml, markup)).issues] == ["curved-ring"]


def test_a_hole_without_area_is_left_out_of_its_surface(gml: Any) -> None:
    dot = [(1, 1, 3), (2, 1, 3)]
    result = gml.read(house(gml, gml.multi(gml.polygon(SQUARE, holes=[dot]))))
    assert np.diff(the_model(result).surface_offsets).tolist() == [1]
    (issue,) = result.issues
    assert (issue.code, issue.severity) == ("ring-too-short", "warning")


def test_a_polygon_without_an_outer_ring_is_told(gml: Any) -> None:
    markup = gml.multi('<gml:Polygon gml:id="empty"/>', gml.polygon(SQUARE))
    assert [i.code for i in gml.read(house(gml, markup)).issues] == ["no-exterior"]


def test_an_object_that_loses_all_its_surfaces_is_dropped_aloud(gml: Any) -> None:
    short = gml.polygon([(0, 0, 0), (1, 0, 0)])
    lost = house(gml, gml.multi(short)).replace('"house"', '"lost"')
    result = gml.read(lost, house(gml, gml.multi(gml.polygon(SQUARE))))
    (issue,) = [issue for issue in result.issues if issue.dropped]
    assert (issue.gml_id, issue.code) == ("lost", "object-without-surfaces")
    assert the_model(result).geometry_object.tolist() == [1]


def test_a_ring_that_is_not_closed_keeps_all_its_corners(gml: Any) -> None:
    text = gml.numbers(SQUARE, closed=False)
    markup = ring_of(gml, f"<gml:posList>{text}</gml:posList>")
    assert areas(gml.read(house(gml, markup))) == [pytest.approx(16, abs=0.02)]


def test_flipped_rings_run_backwards_from_the_same_corners(gml: Any) -> None:
    flipped = (
        '<gml:OrientableSurface orientation="-"><gml:baseSurface>'
        f"{gml.polygon(SQUARE)}</gml:baseSurface></gml:OrientableSurface>"
    )
    back = the_model(gml.read(house(gml, gml.multi(flipped))))
    forth = the_model(gml.read(house(gml, gml.multi(gml.polygon(SQUARE)))))
    assert (back.corners == forth.corners[::-1]).all()
