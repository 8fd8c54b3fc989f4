"""Rules of citymodel.readers.fast.ids: elements of a file found by their gml:id."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from lxml import etree

from citymodel.readers.fast.ids import element_finder

TEXT = """<m xmlns:gml="g"><a gml:id="one"><b gml:id='two'/>text &lt; <!-- </a> --></a>
<a gml:id="three" x="1"><a gml:id="inner"></a></a><c gml:id="one">second</c>
<open gml:id="never"></m>"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "town.gml"
    file.write_text(TEXT, "utf-8")
    return file


def test_elements_are_found_from_start_tag_to_end_tag(path: Path) -> None:
    """With comments inside, with children of the same name; the first where an id is double."""
    find = element_finder(path)
    assert find("one") == b"<a gml:id=\"one\"><b gml:id='two'/>text &lt; <!-- </a> --></a>"
    assert find("two") == b"<b gml:id='two'/>"
    assert find("three") == b'<a gml:id="three" x="1"><a gml:id="inner"></a></a>'
    assert find("inner") == b'<a gml:id="inner"></a>'


@pytest.mark.parametrize("gml_id", ["on", "one ", "", "four", "never", "x"])
def test_what_is_not_there_or_not_whole_is_not_found(path: Path, gml_id: str) -> None:
    assert element_finder(path)(gml_id) is None


def test_a_changed_file_is_indexed_again(path: Path) -> None:
    find = element_finder(path)
    assert find("new") is None
    path.write_text(TEXT.replace("three", "new"), "utf-8")
    os.utime(path, ns=(1, 1))
    assert find("new") is not None


def test_an_empty_file_holds_nothing(tmp_path: Path) -> None:
    (tmp_path / "empty.gml").write_bytes(b"")
    assert element_finder(tmp_path / "empty.gml")("one") is None


def test_the_index_finds_what_lxml_finds(open_data: Path) -> None:
    """Every tenth polygon of a real tile."""
    tile = open_data / "citygml" / "nrw" / "LoD2_32_326_5726_1_NW.gml"
    polygons = list(etree.parse(tile).iter("{http://www.opengis.net/gml}Polygon"))
    index = element_finder(tile)
    assert len(polygons) > 100
    for polygon in polygons[::10]:
        found = index(str(polygon.get("{http://www.opengis.net/gml}id")))
        assert found is not None
        (ring,) = polygon.iter("{http://www.opengis.net/gml}posList")
        assert f">{ring.text}</gml:posList>".encode() in found
        assert found.startswith(b"<gml:Polygon")
        assert found.endswith(b"</gml:Polygon>")
