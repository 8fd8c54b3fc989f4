"""Rules of citymodel.readers.units and header: files are cut at the bounds of members."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from lxml import etree

from citykernel.errors import ReadError
from citymodel.readers.fast.children import CLOSED, CUT, walk_children
from citymodel.readers.unit import WorkUnit
from citymodel.readers.units import list_units

CORE = "http://www.opengis.net/citygml/2.0"
CRS = "urn:adv:crs:ETRS89_UTM32*DE_DHHN2016_NH"
ROOT = (
    f'<core:CityModel xmlns:core="{CORE}" xmlns:gml="http://www.opengis.net/gml"\n'
    ' xmlns:bldg="http://www.opengis.net/citygml/building/2.0"'
    ' xmlns:app="http://www.opengis.net/citygml/appearance/2.0">\n'
)
ENVELOPE = (
    "<gml:name>Muster-Soest</gml:name>\n<gml:description>Musterdaten</gml:description>"
    f'<gml:boundedBy><gml:Envelope srsName="{CRS}"><gml:lowerCorner>437000.0 5714000.0 NaN'
    "</gml:lowerCorner></gml:Envelope></gml:boundedBy>\n"
)
END = "</core:CityModel>\n"
FAKE = "<core:cityObjectMember><bldg:Building gml:id='fake'/></core:cityObjectMember>"


def member(number: int, inside: str = "") -> str:
    house = f'<bldg:Building gml:id="h{number}">{inside}</bldg:Building>'
    return f"<core:cityObjectMember>\n{house}\n</core:cityObjectMember>\n"


@pytest.fixture
def town(tmp_path: Path) -> Path:
    return tmp_path / "town.gml"


def write(path: Path, *parts: str, encoding: str = "utf-8") -> Path:
    path.write_bytes("".join(parts).encode(encoding))
    return path


def ids(units: list[WorkUnit]) -> list[list[str]]:
    """The gml:ids of the members of each unit, read by an XML parser."""
    found = []
    for unit in units:
        root = etree.fromstring(unit.document(), etree.XMLParser(resolve_entities=False))
        houses = root.iter("{http://www.opengis.net/citygml/building/2.0}Building")
        found.append([str(house.get("{http://www.opengis.net/gml}id")) for house in houses])
    return found


def flat(units: list[WorkUnit]) -> list[str]:
    return [gml_id for unit in ids(units) for gml_id in unit]


def test_a_small_file_is_one_unit(town: Path) -> None:
    (unit,) = list_units(write(town, ROOT, ENVELOPE, member(1), member(2), END), "shown.gml")
    assert unit.header.version == "2.0"
    assert unit.header.encoding == "UTF-8"
    assert unit.header.crs_name == CRS
    assert unit.header.description == "Muster-Soest. Musterdaten"
    assert unit.header.shown_path == "shown.gml"
    assert unit.shared == ()
    assert ids([unit]) == [["h1", "h2"]]


def test_a_large_file_is_cut_between_members_and_loses_none(town: Path) -> None:
    """Every member is in exactly one unit, in order."""
    write(town, ROOT, ENVELOPE, *(member(number) for number in range(100)), END)
    units = list_units(town, unit_bytes=1000)
    assert len(units) > 5
    assert all(unit.stop - unit.start <= 1000 for unit in units)
    assert flat(units) == [f"h{number}" for number in range(100)]


def test_a_member_larger_than_a_unit_is_not_cut(town: Path) -> None:
    write(town, ROOT, member(1), member(2, f"<gml:name>{'x' * 5000}</gml:name>"), END)
    assert ids(list_units(town, unit_bytes=1000)) == [["h1"], ["h2"]]


def test_appearances_of_the_model_go_with_every_unit(town: Path) -> None:
    """They stand before, between and after the members."""
    looks = [
        f'<app:appearanceMember><app:Appearance gml:id="a{n}"/></app:appearanceMember>\n'
        for n in range(3)
    ]
    members = [member(number) for number in range(30)]
    write(town, ROOT, ENVELOPE, looks[0], *members[:15], looks[1], *members[15:], looks[2], END)
    units = list_units(town, unit_bytes=600)
    assert flat(units) == [f"h{number}" for number in range(30)]
    for unit in units:
        assert [f"a{n}".encode() in unit.document() for n in range(3)] == [True] * 3
        assert unit.document().count(b"app:Appearance ") == 3


def test_the_appearances_of_a_small_file_stay_where_they_are(town: Path) -> None:
    looks = "<app:appearanceMember><app:Appearance/></app:appearanceMember>"
    for parts in ((looks, member(1)), (member(1), looks)):
        (unit,) = list_units(write(town, ROOT, ENVELOPE, *parts, END))
        assert unit.document().count(b"<app:Appearance/>") == 1


@pytest.mark.parametrize(
    "hidden", [f"<!-- {FAKE} -->", f"<gml:name><![CDATA[{FAKE}]]></gml:name>", f"<?x {FAKE}?>"]
)
@pytest.mark.parametrize("unit_bytes", [100, 10_000])
def test_members_in_comments_and_character_data_fool_nobody(
    town: Path, hidden: str, unit_bytes: int
) -> None:
    """Neither between members nor within one."""
    outside = hidden if not hidden.startswith("<gml") else ""
    write(town, ROOT, outside, member(1, hidden), outside, member(2), outside, END, outside)
    units = list_units(town, unit_bytes=unit_bytes)
    assert flat(units) == ["h1", "h2"]
    assert len(units) == (2 if unit_bytes == 100 else 1)


def test_a_greater_sign_in_an_attribute_is_no_end(town: Path) -> None:
    write(town, ROOT, member(1, '<gml:name x="a />"></gml:name>'), member(2), END)
    assert flat(list_units(town, unit_bytes=100)) == ["h1", "h2"]


def test_any_prefix_is_a_prefix(town: Path) -> None:
    parts = [ROOT, ENVELOPE, *(member(n) for n in range(20)), END]
    text = "".join(parts).replace("core:", "").replace("xmlns:core", "xmlns")
    units = list_units(write(town, text), unit_bytes=500)
    assert len(units) > 2
    assert flat(units) == [f"h{number}" for number in range(20)]


@pytest.mark.parametrize("version", ["1.0", "2.0", "3.0"])
def test_versions_are_told_by_namespace(town: Path, version: str) -> None:
    text = "".join((ROOT, member(1), END)).replace("/2.0", f"/{version}")
    assert list_units(write(town, text))[0].header.version == version


@pytest.mark.parametrize(
    ("namespace", "said"),
    [
        ("http://www.opengis.net/citygml/4.0", "wanted version 1.0, 2.0 or 3.0"),
        ("http://www.citygml.org/citygml/0/4/0", "wanted version 1.0, 2.0 or 3.0"),
        ("http://www.opengis.net/gml", "wanted the CityModel"),
        ("", "wanted the CityModel"),
    ],
)
def test_other_roots_are_refused(town: Path, namespace: str, said: str) -> None:
    write(town, f'<?xml version="1.0"?>\n<CityModel xmlns="{namespace}"></CityModel>')
    with pytest.raises(ReadError, match=said) as caught:
        list_units(town, "town.gml")
    assert caught.value.line == 2


def test_the_empty_tile_has_no_units(town: Path) -> None:
    """Its envelope says NaN."""
    assert list_units(write(town, ROOT, ENVELOPE, END)) == []
    assert list_units(write(town, ROOT, END)) == []
    assert list_units(write(town, ROOT.strip()[:-1] + "/>")) == []


@pytest.mark.parametrize("encoding", ["ISO-8859-1", "ISO-8859-15", "utf-8-sig"])
def test_encodings_and_byte_order_marks_are_read(town: Path, encoding: str) -> None:
    declared = "UTF-8" if encoding == "utf-8-sig" else encoding
    declaration = f'<?xml version="1.0" encoding="{declared}"?>\n'
    envelope = ENVELOPE.replace("Muster-", "Müster-")
    write(town, declaration, ROOT, envelope, member(1), END, encoding=encoding)
    (unit,) = list_units(town)
    assert unit.header.encoding == declared
    assert unit.header.description.startswith("Müster-Soest")
    assert ids([unit]) == [["h1"]]


def test_a_truncated_file_is_refused_with_its_last_line(town: Path) -> None:
    whole = "".join((ROOT, ENVELOPE, member(1), member(2)))
    for stop in (len(whole), len(whole) - 10, len(ROOT) + 5):
        write(town, whole[:stop])
        with pytest.raises(ReadError, match="truncated") as caught:
            list_units(town, "town.gml")
        assert caught.value.line == whole[:stop].count("\n") + 1


def test_an_unclosed_element_is_named_by_its_line(town: Path) -> None:
    """The root is closed, so the file is not truncated."""
    write(town, ROOT, *(member(n) for n in range(20)), "<gml:name>", END)
    with pytest.raises(ReadError, match="not closed") as caught:
        list_units(town, "town.gml", unit_bytes=500)
    assert caught.value.line == ROOT.count("\n") + 20 * 3 + 1


def test_lines_of_a_unit_are_lines_of_the_file(town: Path) -> None:
    declaration = '<?xml version="1.0"?>\n<!-- written\nby hand -->\n'
    write(town, declaration, ROOT, ENVELOPE, *(member(n) for n in range(40)), END)
    lines = town.read_text().splitlines()
    for unit in list_units(town, unit_bytes=500):
        root = etree.fromstring(unit.document(), etree.XMLParser(resolve_entities=False))
        for house in root.iter("{http://www.opengis.net/citygml/building/2.0}Building"):
            line = int(str(house.sourceline)) + unit.line_before()
            assert str(house.get("{http://www.opengis.net/gml}id")) in lines[line - 1]


def test_a_walk_ends_at_the_end_tag_or_at_the_cut() -> None:
    text = np.frombuffer(b"<a/> <b>t</b><!-- <c/> --></x>", np.uint8)
    bounds, position, state = walk_children(text, 0, 10)
    assert bounds.tolist() == [[0, 4], [5, 13]]
    assert (position, state) == (len(text) - 4, CLOSED)
    assert walk_children(text[:11], 0, 10)[2] == CUT


def test_every_tile_has_the_members_an_xml_parser_counts(open_data: Path) -> None:
    """An independent count, over all CityGML there is."""
    paths = sorted(p for p in (open_data / "citygml").rglob("*.*ml") if p.is_file())
    assert len(paths) > 40
    for path in paths:
        root = etree.parse(path, etree.XMLParser(resolve_entities=False)).getroot()
        wanted = sum(1 for child in root if "Member" in str(child.tag))
        for unit_bytes in (20_000, 10**9):
            units = list_units(path, unit_bytes=unit_bytes)
            found = 0
            for unit in units:
                part = etree.fromstring(
                    unit.document(), etree.XMLParser(resolve_entities=False)
                )
                found += sum(1 for child in part if "Member" in str(child.tag))
                found -= len(unit.shared)
            shared = len(units[0].shared) if units else 0
            assert found + shared == wanted, (path.name, unit_bytes)


def test_cityjson_is_one_unit_and_a_sequence_is_cut_by_lines(tmp_path: Path) -> None:
    whole = tmp_path / "town.json"
    whole.write_text(json.dumps({"type": "CityJSON", "version": "2.0", "CityObjects": {}}))
    (unit,) = list_units(whole)
    assert (unit.reader, unit.start, unit.stop) == ("cityjson", 0, whole.stat().st_size)
    assert unit.header.version == "2.0"
    lines = [json.dumps({"type": "CityJSON", "version": "2.0", "CityObjects": {}})]
    lines += [json.dumps({"type": "CityJSONFeature", "id": f"f{n}"}) for n in range(50)]
    sequence = tmp_path / "town.jsonl"
    sequence.write_text("\n".join(lines) + "\n")
    units = list_units(sequence, unit_bytes=500)
    data = sequence.read_bytes()
    read = [line for u in units for line in data[u.start : u.stop].decode().splitlines()]
    assert len(units) > 2
    assert {unit.reader for unit in units} == {"cityjsonseq"}
    assert read == lines[1:]
    assert units[0].header.opening.decode() == lines[0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"type": "FeatureCollection"}', "no CityJSON"),
        ('{"type": "CityJSON", "x": [1,', "trunc"),
    ],
)
def test_other_or_truncated_json_is_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "town.json"
    path.write_text(text)
    with pytest.raises(ReadError, match=said):
        list_units(path, "town.json")
