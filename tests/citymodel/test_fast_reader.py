"""The fast reader gives what the reference reader gives, to the bit, or nothing."""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import Any

import pytest

from citykernel.errors import CityError
from citymodel import SurfaceType
from citymodel.readers.fast import read_fast
from citymodel.readers.fast.names import bound_prefixes
from citymodel.readers.reference import read_reference
from citymodel.readers.unit import ReadOptions, UnitResult
from citymodel.readers.units import list_units
from citymodel.testing import assert_models_equal

ALL = [f"#p{number}" for number in range(6)]
ROOF = [(20, 0, 3), (32, 0, 3), (32, 12, 3), (20, 12, 3)]
COURT = [(24, 4, 3), (24, 8, 3), (28, 8, 3), (28, 4, 3)]
GABLE = [(0, 0, 0), (8, 0, 0), (8, 0, 3), (4, 0, 6), (0, 0, 3)]
BETWEEN = [(8, 0, 0), (8, 6, 0), (8, 6, 3), (8, 0, 3)]
ADDRESS = """<bldg:address><core:Address gml:id="a1"><core:xalAddress><xAL:AddressDetails>
  <xAL:Country><xAL:CountryName>Germany</xAL:CountryName><xAL:Locality Type="Town">
  <xAL:LocalityName>Soest</xAL:LocalityName><xAL:Thoroughfare Type="Street">
  <xAL:ThoroughfareNumber>12 a</xAL:ThoroughfareNumber>
  <xAL:ThoroughfareName>Jakobi&amp;Söhne-Gäßchen</xAL:ThoroughfareName>
  </xAL:Thoroughfare></xAL:Locality></xAL:Country></xAL:AddressDetails></core:xalAddress>
  </core:Address></bldg:address>"""
REGISTER = """<core:externalReference>
  <core:informationSystem>http://repository.gdi-de.org/schemas/adv#_9100</core:informationSystem>
  <core:externalObject><core:name>DENW34AL0000daeR</core:name></core:externalObject>
  </core:externalReference>"""
TERRAIN = """<bldg:lod2TerrainIntersection><gml:MultiCurve><gml:curveMember><gml:LineString>
  <gml:posList srsDimension="3">437954.13 5714530.57 95.3 437955.0 5714531.25 95.31
  </gml:posList></gml:LineString></gml:curveMember></gml:MultiCurve>
  </bldg:lod2TerrainIntersection>"""
HEIGHT = '<bldg:measuredHeight uom="urn:adv:uom:m">{}</bldg:measuredHeight>'


def generic(name: str, value: str, kind: str = "string") -> str:
    attribute = f"gen:{kind}Attribute"
    return f'<{attribute} name="{name}"><gen:value>{value}</gen:value></{attribute}>'


@pytest.fixture
def house(gml: Any, box_bounds: str) -> str:
    """A house as the survey delivers it, with all that a tile has."""
    return str(
        gml.building(
            "<core:creationDate>2026-02-09</core:creationDate>",
            REGISTER,
            generic("Gemeindeschluessel", "05974040"),
            "<bldg:function>31001_1010</bldg:function><bldg:roofType>1000</bldg:roofType>",
            HEIGHT.format("3.0"),
            f"<bldg:lod2Solid>{gml.solid(*reversed(ALL))}</bldg:lod2Solid>",
            TERRAIN,
            box_bounds,
            ADDRESS,
            gml_id="DENW34AL0000daeR",
        )
    )


@pytest.fixture
def group(gml: Any) -> str:
    """A building of two parts with a closure between them, and a courtyard of its own."""
    parts = [
        gml.building(
            generic("DatenquelleDachhoehe", "1000"),
            HEIGHT.format("6.25"),
            f"<bldg:lod2Solid>{gml.solid(f'#q{number}', f'#r{number}')}</bldg:lod2Solid>",
            gml.bound("WallSurface", gml.polygon(GABLE, f"q{number}")),
            gml.bound("ClosureSurface", gml.polygon(BETWEEN, f"r{number}")),
            gml_id=f"part{number}",
            kind="BuildingPart",
        )
        for number in range(2)
    ]
    inside = "".join(
        f"<bldg:consistsOfBuildingPart>{part}</bldg:consistsOfBuildingPart>" for part in parts
    )
    return str(
        gml.building(
            generic("Gemeindeschluessel", "05974040"),
            "<bldg:function>31001_2463</bldg:function>",
            gml.bound("RoofSurface", gml.polygon(ROOF, "court", holes=[COURT])),
            inside,
            gml_id="group",
        )
    )


def both(path: Path, options: ReadOptions | None = None) -> UnitResult | None:
    """Read with the fast reader; where it gives something, the reference gives the same."""
    options = options or ReadOptions()
    (unit,) = list_units(path, path.name)
    fast = read_fast(unit, options)
    if fast is None:
        return None
    reference = read_reference(unit, options)
    assert fast.issues == reference.issues
    assert fast.polygons == reference.polygons
    assert fast.skipped == reference.skipped
    assert (fast.model is None) == (reference.model is None)
    if fast.model is not None and reference.model is not None:
        assert_models_equal(fast.model, reference.model)
        assert list(fast.model.objects.attributes) == list(reference.model.objects.attributes)
        assert fast.model.vertices.tobytes() == reference.model.vertices.tobytes()
    return fast


@pytest.mark.parametrize("terrain_lines", [False, True])
@pytest.mark.parametrize("version", ["1.0", "2.0"])
def test_houses_of_a_survey_are_read_as_the_reference_reads_them(
    gml: Any, house: str, group: str, version: str, *, terrain_lines: bool
) -> None:
    """Parts, courtyard, closure, address with umlaut and &amp;, references, both versions."""
    path = gml.write(house, group, version=version)
    result = both(path, ReadOptions(terrain_lines=terrain_lines))
    assert result is not None
    assert result.model is not None
    model = result.model
    assert model.objects.id.tolist() == ["DENW34AL0000daeR", "group", "part0", "part1"]
    assert model.objects.parent.tolist() == [-1, -1, 1, 1]
    assert model.objects.attributes["function"].values.tolist()[1:] == ["31001_2463"] * 3
    assert model.objects.addresses.thoroughfare.tolist() == ["Jakobi&Söhne-Gäßchen"]
    assert model.surface_type.tolist().count(SurfaceType.CLOSURE_SURFACE) == 2
    assert len(model.ring_offsets) - 1 == len(model.surface_type) + 1, "the courtyard is a hole"
    assert len(model.terrain_points) == (2 if terrain_lines else 0)


@pytest.mark.parametrize("terrain_lines", [False, True])
def test_every_official_tile_is_read_as_the_reference_reads_it(
    open_data: Path, *, terrain_lines: bool
) -> None:
    tiles = sorted((open_data / "citygml" / "nrw").glob("*.gml"))
    assert len(tiles) == 11
    read = 0
    for tile in tiles:
        if list_units(tile):
            assert both(tile, ReadOptions(terrain_lines=terrain_lines)) is not None, tile.name
            read += 1
    assert read == 10, "one tile is empty"


# What may be written otherwise without meaning anything else: (pattern, replacement).
SPELLINGS = {
    "comment": ("<bldg:function>", "<!-- ein Haus -- -->".replace(" -- ", " - ") + r"\g<0>"),
    "single quotes": ('gml:id="p0"', "gml:id='p0'"),
    "blanks in tags": ('gml:id="p0"', ' gml:id = "p0" '),
    "carriage returns": ("><", ">\r\n<"),
    "blanks around text": (">31001_1010<", ">\n  31001_1010\t<"),
    "numeric entity": ("Soest", "S&#xF6;st&#33;"),
    "exponent": ("95.3 ", "9.53e1 "),
    "plus sign": ("95.3 ", "+95.3 "),
    "leading point": ("95.3 ", ".953E+2 "),
    "many digits": ("95.3 ", "95.29999999999999999999 "),
    "long mantissa": ("95.3 ", "95.300000000000004 "),
    "other prefix": ("bldg:", "b:"),
    "empty text": (">31001_1010<", "><"),
    "empty element": ("<bldg:function>31001_1010</bldg:function>", "<bldg:function/>"),
    "code space": ("<bldg:function>", '<bldg:function codeSpace="http://x/y">'),
    "two functions": ("<bldg:roofType>", r"<bldg:function>9</bldg:function>\g<0>"),
    "no unit": (' uom="urn:adv:uom:m"', ""),
    "no solid": (r"<bldg:lod2Solid>.*?</bldg:lod2Solid>", ""),
    "solid of fewer": ('<gml:surfaceMember xlink:href="#p3"/>', ""),
    "dimension": ("<gml:posList>", '<gml:posList srsDimension="3">'),
    "other numbers": (
        "<bldg:roofType>",
        generic("n", "-7", "int") + generic("x", "2.5e3", "double") + r"\g<0>",
    ),
    "dates": ("<bldg:roofType>", generic("d", "2020-07-01", "date") + r"\g<0>"),
    "years": (
        "<bldg:roofType>",
        r"<bldg:yearOfConstruction>1888</bldg:yearOfConstruction>\g<0>",
    ),
    "nothing said": ("<core:creationDate>2026-02-09</core:creationDate>", ""),
    "non-breaking blank": (">31001_1010<", ">\u00a031001_1010\u00a0<"),
    "second address": (re.escape(ADDRESS), r"\g<0>" + ADDRESS.replace("a1", "a2")),
}  # fmt: skip


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_other_spellings_of_the_same_are_read(gml: Any, house: str, spelling: str) -> None:
    """Such a file is read fast, and as the reference reads it."""
    path = gml.write(house)
    text = path.read_text("utf-8")
    pattern, replacement = SPELLINGS[spelling]
    if spelling == "other prefix":
        text = text.replace("xmlns:bldg", "xmlns:b")
    changed = re.sub(pattern, replacement, text, flags=re.DOTALL)
    assert changed != text
    path.write_bytes(changed.encode())
    assert both(path, ReadOptions(terrain_lines=True)) is not None


def test_a_closing_corner_may_be_missing(gml: Any, house: str) -> None:
    """A ring that does not repeat its first corner loses none."""
    path = gml.write(house)
    text = path.read_text("utf-8")
    path.write_text(re.sub(r" \S+ \S+ \S+</gml:posList>", "</gml:posList>", text), "utf-8")
    result = both(path)
    assert result is not None
    assert result.model is not None
    assert (result.model.ring_offsets[1:] - result.model.ring_offsets[:-1] == 4).all()


@pytest.mark.parametrize("encoding", ["ISO-8859-1", "ISO-8859-15"])
def test_older_encodings_are_read(gml: Any, house: str, encoding: str) -> None:
    path = gml.write(house)
    text = path.read_text("utf-8").replace('encoding="UTF-8"', f'encoding="{encoding}"')
    path.write_bytes(text.encode(encoding))
    result = both(path)
    assert result is not None
    assert result.model is not None
    assert result.model.objects.addresses.thoroughfare.tolist() == ["Jakobi&Söhne-Gäßchen"]


def test_a_default_namespace_is_read(gml: Any, house: str) -> None:
    """Names are compared by namespace, never by prefix."""
    path = gml.write(house)
    text = path.read_text("utf-8").replace("xmlns:bldg", "xmlns").replace("bldg:", "")
    path.write_text(text, "utf-8")
    assert both(path) is not None


def test_latitude_comes_second_in_the_model(gml: Any, house: str) -> None:
    """Both readers swap what comes latitude first."""
    path = gml.write(house, crs="http://www.opengis.net/def/crs/EPSG/0/6697")
    text = path.read_text("utf-8").replace("437954.13 5714530.57", "35.5 139.25")
    result = both(path) if path.write_text(text, "utf-8") else None
    assert result is not None
    assert result.model is not None
    assert result.model.crs.latitude_first


# The first coordinate of a ring.
FIRST = r"(<gml:posList>)\S+ "
# What only the reference reader knows, or what is no XML at all: (pattern, replacement).
UNKNOWN = {
    "element": ("<bldg:roofType>", r"<bldg:storeyHeightsAboveGround/>\g<0>"),
    "namespace": ("<bldg:roofType>", r"<ade:roofType>1</ade:roofType>\g<0>"),
    "name in another namespace": ("bldg:roofType>", "gen:roofType>"),
    "attribute": ("<bldg:roofType>", '<bldg:roofType gml:remoteSchema="x">'),
    "attribute twice": ('<gml:Polygon gml:id="p0"', r'\g<0> gml:id="z"'),
    "prefix bound again": ("<bldg:roofType>", '<bldg:roofType xmlns:bldg="http://x">'),
    "default namespace bound": ("<bldg:roofType>", '<bldg:roofType xmlns="http://x">'),
    "named entity": ("Soest", "S&ouml;st"),
    "character data": ("Soest", "<![CDATA[Soest]]>"),
    "processing instruction": ("<bldg:roofType>", r"<?go?>\g<0>"),
    "comment in a text": ("Soest", "So<!-- -->est"),
    "comment in a ring": ("<gml:posList>", r"\g<0><!-- x -->"),
    "text between": ("<bldg:roofType>", r"stray\g<0>"),
    "positions": (r"<gml:posList>.*?</gml:posList>", "<gml:pos>1 2 3</gml:pos>"),
    "not a number": (FIRST, r"\1NaN "),
    "infinity": (FIRST, r"\1INF "),
    "comma": (FIRST, r"\1437954,13 "),
    "underscore": (FIRST, r"\1437_954.13 "),
    "two coordinates": (FIRST, r"\1"),
    "absurd": (FIRST, r"\1437954130000 "),
    "point for a ring": (r"(<gml:posList>)(\S+ \S+ \S+) .*?<", r"\1\2 \2 \2 \2<"),
    "system on a geometry": ("<gml:MultiSurface>", '<gml:MultiSurface srsName="EPSG:25832">'),
    "two dimensions": ("<gml:posList>", '<gml:posList srsDimension="2">'),
    "reference to nothing": ("#p3", "#p99"),
    "reference elsewhere": ("#p3", "other.gml#p3"),
    "reference to a wall": ('"p3"', '"p33"'),
    "id twice": ('gml:id="p3"', 'gml:id="p2"'),
    "no id": (' gml:id="DENW34AL0000daeR"', ""),
    "level of detail": ("lod2MultiSurface", "lod3MultiSurface"),
    "opening": ("</bldg:WallSurface>", r"<bldg:opening/>\g<0>"),
    "appearance": ("</bldg:Building>", r"<app:appearance/>\g<0>"),
    "implicit geometry": ("</bldg:Building>", r"<bldg:lod2ImplicitRepresentation/>\g<0>"),
    "height in words": (">3.0<", ">drei<"),
    "height of a mountain": (">3.0<", ">3000.0<"),
    "two heights": ("<bldg:roofType>", HEIGHT.format("4.0") + r"\g<0>"),
    "generic like standard": ("Gemeindeschluessel", "function"),
    "broken letter": ("Söhne", "S\udcf6hne"),
    "control character": ("Soest", "So\x01est"),
    "zero": ("Soest", "So\x00est"),
    "wrong nesting": ("</bldg:roofType>", "</bldg:function>"),
    "unclosed": ("</bldg:roofType>", ""),
    "less in an attribute": ('gml:id="p0"', 'gml:id="p<0"'),
    "no quotes": ('gml:id="p0"', "gml:id=p0"),
    "attributes without blank": ('gml:id="p0"', 'gml:id="p0"gml:name="x"'),
    "interior first": ("gml:exterior><gml:LinearRing", "gml:interior><gml:LinearRing"),
    "empty ring": (r"<gml:posList>.*?</gml:posList>", ""),
    "two rings": (r"<gml:LinearRing>.*?</gml:LinearRing>", r"\g<0>\g<0>"),
    "no polygon": (r"<gml:Polygon.*?</gml:Polygon>", ""),
    "address of two streets": ("</xAL:ThoroughfareName>", r"\g<0><xAL:ThoroughfareName>B</xAL:ThoroughfareName>"),  # noqa: E501
    "road": ("bldg:Building", "tran:Road"),
}  # fmt: skip


@pytest.mark.parametrize("what", UNKNOWN)
def test_what_is_not_known_is_handed_over(gml: Any, house: str, what: str) -> None:
    """Not one thing outside of the closed table is guessed."""
    path = gml.write(house)
    text = path.read_text("utf-8")
    pattern, replacement = UNKNOWN[what]
    changed = re.sub(pattern, replacement, text, count=1, flags=re.DOTALL)
    if what == "road":
        changed = text.replace("bldg:Building", "tran:Road")
    assert changed != text
    path.write_bytes(changed.encode("utf-8", "surrogateescape"))
    assert both(path) is None


def test_other_levels_and_versions_are_handed_over(gml: Any, house: str) -> None:
    assert both(gml.write(house), ReadOptions(lod=1)) is None
    assert both(gml.write(house), ReadOptions(lod=2)) is not None
    assert both(gml.write(house, version="3.0")) is None


def test_an_unknown_system_is_handed_over(gml: Any, house: str) -> None:
    assert both(gml.write(house, crs="#local")) is None
    assert both(gml.write(house, crs="")) is None
    assert both(gml.write(house, crs=""), ReadOptions(crs="EPSG:25832+7837")) is not None


def test_a_town_of_damaged_files_is_never_read_otherwise(
    gml: Any, house: str, group: str
) -> None:
    """Four thousand damages: the fast reader agrees with the reference, or gives nothing."""
    path = gml.write(house, group)
    whole = path.read_bytes()
    chance = random.Random(5714)  # noqa: S311 - damages, not secrets
    first, known = whole.find(b"<core:cityObjectMember>"), 0
    letters = b" <>/\"'=&;.-+eE0159:#ax\r\n\t!?[]_\xc3\x00"
    for _ in range(4000):
        damaged = bytearray(whole)
        for _ in range(chance.choice((1, 1, 1, 1, 2))):
            at = chance.randrange(first, len(damaged) - 20)
            if chance.random() < 0.6:
                damaged[at] = chance.choice(letters)
            else:
                length = chance.randrange(1, 40)
                damaged[at : at + length] = damaged[at : at + length] * chance.choice((0, 2))
        path.write_bytes(damaged)
        try:
            units = list_units(path, path.name)
        except CityError:
            continue
        if units and read_fast(units[0], ReadOptions()) is not None:
            assert both(path) is not None
            known += 1
    assert known > 200, "some damages hurt nothing"


def test_prefixes_are_read_from_the_root() -> None:
    opening = b"""<c:M xmlns:c="http://a" xmlns='http://b' xmlns:d = "http://c">"""
    assert bound_prefixes(opening) == [
        (b"c", "http://a"),
        (b"", "http://b"),
        (b"d", "http://c"),
    ]
