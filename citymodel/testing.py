"""Small city models of known area and volume, and a comparison that names the difference.

Houses stand askew at UTM coordinates: an axis-parallel roof let a real fault of precision
pass that the same roof, turned by 0.3 rad, showed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np

from citykernel.arrays import Float64Array, offsets_from_counts
from citykernel.crs import CompoundCrs, parse_crs

from .codes import GeometryType, ObjectType, SurfaceType
from .model import Addresses, CityModel, Column, ObjectTable

SOEST_CRS: CompoundCrs = parse_crs("urn:adv:crs:ETRS89_UTM32*DE_DHHN2016_NH")
# Beside Soest station; easting, northing, DHHN2016.
SOEST = (437_954.13, 5_714_530.57, 95.21)
TURN_RAD = 0.3

Point = tuple[float, float, float]
Ring = Sequence[Point]
Attributes = dict[str, str | float]
GROUND, WALL, ROOF, CLOSURE = (
    SurfaceType.GROUND_SURFACE,
    SurfaceType.WALL_SURFACE,
    SurfaceType.ROOF_SURFACE,
    SurfaceType.CLOSURE_SURFACE,
)


@dataclass(frozen=True, slots=True)
class Piece:
    """One city object for :func:`build_model`.

    Parameters
    ----------
    id : str
        Its gml:id.
    faces : sequence of (SurfaceType, sequence of rings)
        Surfaces; the first ring is the exterior, counter-clockwise from outside.
    type : ObjectType
        What it is.
    parent : str
        Id of a piece that stands before it, "" for a top-level object.
    lod : int
        Level of detail of its one geometry; without faces there is none.
    geometry : GeometryType
        How the faces hang together.
    attributes : mapping of str to str or float
        Values; a text makes a column of texts.
    street, number : str
        Address; none without a street.
    """

    id: str
    faces: Sequence[tuple[SurfaceType, Sequence[Ring]]] = ()
    type: ObjectType = ObjectType.BUILDING
    parent: str = ""
    lod: int = 2
    geometry: GeometryType = GeometryType.SOLID
    attributes: Mapping[str, str | float] = field(default_factory=dict)
    street: str = ""
    number: str = ""


def gable_house(id_: str = "gable", *, at: Point = (0.0, 0.0, 0.0)) -> list[Piece]:
    """Build a house of 8 m by 10 m with eaves at 3 m and a ridge at 6 m (pitch 3 in 4).

    Parameters
    ----------
    id_ : str
        Its gml:id.
    at : (float, float, float)
        Metres to set it off by, before it is turned.

    Returns
    -------
    list of one Piece
        Volume 360 m3; ground 80 m2, walls 132 m2, roof 100 m2; 10 corners, 7 surfaces.
    """
    a, b, c, d = _floor(0, 0, 8, 10, 0)
    e, f, g, h = _floor(0, 0, 8, 10, 3)
    south, north = (4.0, 0.0, 6.0), (4.0, 10.0, 6.0)
    faces = [
        (GROUND, [[d, c, b, a]]),
        (WALL, [[a, b, f, south, e]]),
        (WALL, [[b, c, g, f]]),
        (WALL, [[c, d, h, north, g]]),
        (WALL, [[d, a, e, h]]),
        (ROOF, [[f, g, north, south]]),
        (ROOF, [[h, e, south, north]]),
    ]
    attributes: Attributes = {
        "function": "31001_1010",
        "roof_type": "3100",
        "measured_height": 6.0,
    }
    return [
        _moved(
            Piece(id_, faces, attributes=attributes, street="Walburgerstraße", number="7"), at
        )
    ]


def house_with_parts(id_: str = "parts", *, at: Point = (0.0, 0.0, 0.0)) -> list[Piece]:
    """Build a house of two parts with a closure surface between them, as NRW writes it.

    Parameters
    ----------
    id_ : str
        Id of the building; its parts are ``<id>-main`` and ``<id>-annex``.
    at : (float, float, float)
        Metres to set it off by, before it is turned.

    Returns
    -------
    list of three Piece
        A building without geometry; a part like :func:`gable_house` (360 m3); a part of
        4 m by 10 m with a flat roof at 3 m (120 m3). Each part closes with its own copy of
        the 30 m2 between them.
    """
    function: Attributes = {"function": "31001_2463"}
    building = Piece(id_, attributes=function, street="Osthofenstraße", number="12a")
    (gable,) = gable_house(f"{id_}-main")
    faces = [*gable.faces]
    faces[2] = (CLOSURE, faces[2][1])
    main = replace(
        gable,
        faces=faces,
        type=ObjectType.BUILDING_PART,
        parent=id_,
        attributes={"roof_type": "3100", "measured_height": 6.0},
        street="",
        number="",
    )
    box = _prism(_floor(8, 0, 12, 10, 0), 3.0)
    box[-1] = (CLOSURE, box[-1][1])
    annex = Piece(
        f"{id_}-annex", box, ObjectType.BUILDING_PART, id_,
        attributes={"roof_type": "1000", "measured_height": 3.0},
    )  # fmt: skip
    return [_moved(piece, at) for piece in (building, main, annex)]


def courtyard_house(id_: str = "courtyard", *, at: Point = (0.0, 0.0, 0.0)) -> list[Piece]:
    """Build a house of 20 m by 20 m round a court of 10 m by 10 m, 5 m high, flat.

    Parameters
    ----------
    id_ : str
        Its gml:id.
    at : (float, float, float)
        Metres to set it off by, before it is turned.

    Returns
    -------
    list of one Piece
        Volume 1500 m3; ground and roof 300 m2 each, each with one hole of 100 m2; walls
        600 m2; 10 surfaces of 12 rings.
    """
    outside, court = _floor(0, 0, 20, 20, 0), _floor(5, 5, 15, 15, 0)
    outer, inner = _prism(outside, 5.0), _prism(court[::-1], 5.0)
    faces = [
        (GROUND, [outside[::-1], court]),
        (ROOF, [_raised(outside, 5.0), _raised(court[::-1], 5.0)]),
        *outer[2:],
        *inner[2:],
    ]
    attributes: Attributes = {
        "function": "31001_3012",
        "roof_type": "1000",
        "measured_height": 5.0,
    }
    return [_moved(Piece(id_, faces, attributes=attributes), at)]


def askew_house() -> CityModel:
    """Build the model of one gable house, the smallest model that can go wrong.

    Returns
    -------
    CityModel
        :func:`gable_house` at Soest station, turned by 0.3 rad.
    """
    return build_model(gable_house())


def askew_hamlet() -> CityModel:
    """Build the model of all three houses beside each other.

    Returns
    -------
    CityModel
        Five objects, four geometries, 30 surfaces, 32 rings; one building has no geometry.
    """
    return build_model(
        gable_house() + house_with_parts(at=(20, 0, 0)) + courtyard_house(at=(50, 5, 1))
    )


def build_model(
    pieces: Sequence[Piece],
    *,
    place: Point = SOEST,
    origin: Point | None = None,
    turn_rad: float = TURN_RAD,
    crs: CompoundCrs = SOEST_CRS,
) -> CityModel:
    """Build a model of pieces; every ring corner gets a vertex of its own, as readers do.

    Parameters
    ----------
    pieces : sequence of Piece
        Objects, parents before children.
    place : (float, float, float)
        Easting, northing, height of the pieces' zero.
    origin : (float, float, float), optional
        The model's origin; by default ``place``.
    turn_rad : float
        Turn about the vertical, counter-clockwise.
    crs : CompoundCrs
        The system of ``place``.

    Returns
    -------
    CityModel
        The model.
    """
    rings, ring_counts, kinds, surface_counts = [], [], [], []
    for piece in pieces:
        for kind, face in piece.faces:
            kinds.append(kind)
            ring_counts.append(len(face))
            rings += [np.asarray(ring, np.float64) for ring in face]
        if piece.faces:
            surface_counts.append(len(piece.faces))
    with_geometry = [row for row, piece in enumerate(pieces) if piece.faces]
    cos, sin = np.cos(turn_rad), np.sin(turn_rad)
    turn = np.array([[cos, sin, 0], [-sin, cos, 0], [0, 0, 1]])
    zero = np.array(place if origin is None else origin, np.float64)
    flat = np.concatenate(rings) if rings else np.empty((0, 3))
    return CityModel(
        crs=crs,
        origin=zero,
        vertices=flat @ turn + (np.array(place) - zero),
        ring_vertices=np.arange(len(flat), dtype=np.int32),
        ring_offsets=offsets_from_counts(np.array([len(ring) for ring in rings], np.int32)),
        surface_offsets=offsets_from_counts(np.array(ring_counts, np.int32)),
        surface_type=np.array(kinds, np.uint8),
        geometry_offsets=offsets_from_counts(np.array(surface_counts, np.int32)),
        geometry_lod=np.array([pieces[row].lod for row in with_geometry], np.uint8),
        geometry_type=np.array([pieces[row].geometry for row in with_geometry], np.uint8),
        geometry_object=np.array(with_geometry, np.int32),
        objects=_object_table(pieces),
    )


def _object_table(pieces: Sequence[Piece]) -> ObjectTable:
    rows = {piece.id: row for row, piece in enumerate(pieces)}
    attributes = {}
    for name in sorted({name for piece in pieces for name in piece.attributes}):
        values = [piece.attributes.get(name) for piece in pieces]
        if any(isinstance(value, str) for value in values):
            texts = np.array(["" if value is None else value for value in values], object)
            attributes[name] = Column(texts)
        else:
            numbers = np.array([np.nan if value is None else value for value in values])
            attributes[name] = Column(numbers, kind="measure", unit="m")
    homes = [(row, piece) for row, piece in enumerate(pieces) if piece.street]
    blank = np.array([""] * len(homes), object)
    addresses = Addresses(
        object_ix=np.array([row for row, _ in homes], np.int32),
        country=blank,
        locality=np.array(["Musterstadt"] * len(homes), object),
        postcode=blank,
        thoroughfare=np.array([piece.street for _, piece in homes], object),
        number=np.array([piece.number for _, piece in homes], object),
    )
    return ObjectTable(
        id=np.array([piece.id for piece in pieces], object),
        type=np.array([piece.type for piece in pieces], np.uint8),
        parent=np.array(
            [rows[piece.parent] if piece.parent else -1 for piece in pieces], np.int32
        ),
        attributes=attributes,
        addresses=addresses,
    )


def _floor(west: float, south: float, east: float, north: float, height: float) -> list[Point]:
    """Corners counter-clockwise from above, from the south-west."""
    return [
        (west, south, height),
        (east, south, height),
        (east, north, height),
        (west, north, height),
    ]


def _raised(ring: Ring, height: float) -> list[Point]:
    return [(x, y, z + height) for x, y, z in ring]


def _prism(floor: Ring, height: float) -> list[tuple[SurfaceType, Sequence[Ring]]]:
    """Ground, roof, then the walls, the last one back to the floor's first corner."""
    top = _raised(floor, height)
    count = len(floor)
    walls = [
        [floor[i], floor[(i + 1) % count], top[(i + 1) % count], top[i]] for i in range(count)
    ]
    return [(GROUND, [floor[::-1]]), (ROOF, [top]), *((WALL, [wall]) for wall in walls)]


def _moved(piece: Piece, by: Point) -> Piece:
    faces = [
        (kind, [[(x + by[0], y + by[1], z + by[2]) for x, y, z in ring] for ring in face])
        for kind, face in piece.faces
    ]
    return replace(piece, faces=faces)


def assert_models_equal(
    actual: CityModel, expected: CityModel, *, tolerance_m: float = 0.0
) -> None:
    """Fail where two models differ, naming the column and the first place.

    Parameters
    ----------
    actual, expected : CityModel
        What is there and what should be.
    tolerance_m : float
        Most that a vertex may be off; origins may then differ, only places count.

    Raises
    ------
    AssertionError
        A difference.
    """
    assert actual.crs == expected.crs, f"crs: {actual.crs} instead of {expected.crs}"  # noqa: S101 - an assertion is its work
    _compare(
        "vertices", _places(actual, tolerance_m), _places(expected, tolerance_m), tolerance_m
    )
    compared = {"crs", "origin", "vertices", "objects", "appearances", "terrain_points"}
    if tolerance_m == 0:
        _compare("origin", actual.origin, expected.origin, 0.0)
    for item in fields(CityModel):
        if item.name not in compared:
            _compare(item.name, getattr(actual, item.name), getattr(expected, item.name), 0.0)
    _compare("terrain_points", actual.terrain_points, expected.terrain_points, tolerance_m)
    _compare_parts("objects", actual.objects, expected.objects)
    _compare_parts("appearances", actual.appearances, expected.appearances)


def _places(model: CityModel, tolerance_m: float) -> Float64Array:
    return model.vertices if tolerance_m == 0 else model.vertices + model.origin


def _compare_parts(name: str, actual: Any, expected: Any) -> None:
    """Compare tables of arrays, tables within tables, and mappings of them."""
    if isinstance(expected, np.ndarray) and isinstance(actual, np.ndarray):
        _compare(name, actual, expected, 0.0)
    elif isinstance(expected, dict) and isinstance(actual, dict):
        keys = f"{sorted(actual)} instead of {sorted(expected)}"
        assert actual.keys() == expected.keys(), f"{name}: {keys}"  # noqa: S101 - as above
        for key, value in expected.items():
            _compare_parts(f"{name}.{key}", actual[key], value)
    elif type(actual) is type(expected) and hasattr(expected, "__dataclass_fields__"):
        for item in fields(expected):
            part = getattr(actual, item.name), getattr(expected, item.name)
            _compare_parts(f"{name}.{item.name}", *part)
    else:
        assert actual == expected, f"{name}: {actual!r} instead of {expected!r}"  # noqa: S101 - as above


def _compare(
    name: str, actual: np.ndarray[Any, Any], expected: np.ndarray[Any, Any], tolerance: float
) -> None:
    kinds = f"{actual.dtype}{actual.shape} instead of {expected.dtype}{expected.shape}"
    same_form = actual.dtype == expected.dtype and actual.shape == expected.shape
    assert same_form, f"{name}: {kinds}"  # noqa: S101 - as above
    if expected.dtype.kind == "f":
        near = np.isclose(actual, expected, rtol=0.0, atol=tolerance, equal_nan=True)
    else:
        near = actual == expected
    if not near.all():
        at = tuple(int(part[0]) for part in np.nonzero(~near))
        place = ", ".join(map(str, at))
        found, wanted = actual[at], expected[at]
        raise AssertionError(f"{name}[{place}]: {found!r} instead of {wanted!r}")
