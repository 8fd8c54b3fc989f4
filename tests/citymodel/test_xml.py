"""Rules of citymodel.readers.xml."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from lxml import etree

from citykernel.errors import InstallationError, ReadError
from citymodel.readers import xml

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("citykernel", "citymodel", "tiles", "viewer", "cityapp")
# Everything of lxml, of the standard library and of pandas-like readers that parses XML.
PARSERS = {
    "XMLParser",
    "iterparse",
    "XMLPullParser",
    "HTMLParser",
    "ETCompatXMLParser",
    "XMLID",
}
# xml.sax.saxutils only writes entities.
MODULES = {"xml.etree", "xml.dom", "xml.sax", "xml.parsers", "expat", "html5lib", "bs4"}


def _foreign_parsers(source: str) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and node.attr in PARSERS:
            found.append(node.attr)
        if isinstance(node, ast.Call) and len(node.args) + len(node.keywords) < 2:
            called = ast.unparse(node.func)
            if called.endswith((".fromstring", ".parse", ".XML")) and "etree" in called:
                found.append(called)
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names = [node.module or ""]
            found += [alias.name for alias in node.names if alias.name in PARSERS]
        found += [n for n in names if n.startswith(tuple(MODULES)) and n != "xml.sax.saxutils"]
    return found


def test_no_other_module_makes_an_xml_parser() -> None:
    """Outside xml.py every parser comes from safe_parser: one is handed in everywhere."""
    own = ROOT / "citymodel" / "readers" / "xml.py"
    offenders = {}
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if path == own or "node_modules" in path.parts:
                continue
            if found := _foreign_parsers(path.read_text(encoding="utf-8")):
                offenders[str(path.relative_to(ROOT))] = found
    assert offenders == {}


def test_the_walk_finds_a_parser() -> None:
    """The walk above is no empty promise."""
    assert _foreign_parsers("from lxml import etree\netree.iterparse(f)")
    assert _foreign_parsers("from lxml import etree\netree.fromstring(b'')")
    assert _foreign_parsers("import xml.etree.ElementTree as ET")
    assert not _foreign_parsers("from lxml import etree\netree.fromstring(b'', safe_parser())")


@pytest.mark.parametrize("word", [b"<!DOCTYPE a>", b'<!ENTITY x "y">', b"<!doctype html>"])
def test_a_document_type_is_refused_with_its_line(word: bytes) -> None:
    with pytest.raises(ReadError, match=r"town\.gml:3: .*document type"):
        xml.refuse_doctype(b'<?xml version="1.0"?>\n\n' + word + b"<a/>", "town.gml")


def test_a_document_type_behind_the_head_is_refused() -> None:
    with pytest.raises(ReadError, match="document type"):
        xml.refuse_doctype(b"<a>" + b" " * 200_000 + b"<!DOCTYPE a></a>", "town.gml")


@pytest.mark.parametrize("encoding", ["UTF-16", "UTF-16LE", "UTF-16BE", "UTF-32"])
def test_wide_encodings_are_refused_because_they_hide_words(encoding: str) -> None:
    with pytest.raises(ReadError, match="UTF-16"):
        xml.refuse_doctype('<?xml version="1.0"?><a/>'.encode(encoding), "town.gml")


def test_utf_7_is_refused_because_it_hides_words() -> None:
    hidden = b'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE a+AD4APA-a/+AD4-'
    with pytest.raises(ReadError, match="encoding UTF-7"):
        xml.refuse_doctype(hidden, "town.gml")


@pytest.mark.parametrize("encoding", ["UTF-8", "ISO-8859-1", "iso-8859-15", "windows-1252"])
def test_common_encodings_are_accepted(encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?><a>Müller</a>'.encode(encoding)
    assert xml.declared_encoding(text, "town.gml") == encoding
    assert xml.parse_document(text, "town.gml").text == "Müller"


def test_a_byte_order_mark_is_accepted() -> None:
    assert xml.parse_document("\ufeff<a>ß</a>".encode(), "town.gml").text == "ß"


def test_the_strict_options_cannot_be_loosened() -> None:
    with pytest.raises(TypeError, match="huge_tree"):
        xml.safe_parser(huge_tree=True)


def test_entities_stay_unresolved(tmp_path: Path) -> None:
    """Second fence: a parser that is handed a document type all the same leaks nothing."""
    secret = tmp_path / "secret"
    secret.write_text("geheim")
    attack = f'<!DOCTYPE a [<!ENTITY x SYSTEM "{secret.as_uri()}">]><a>&x;</a>'.encode()
    root = etree.fromstring(attack, xml.safe_parser())
    assert b"geheim" not in etree.tostring(root)
    for _, element in xml.safe_iterparse(attack):
        assert "geheim" not in (element.text or "")


def test_old_libraries_are_refused() -> None:
    with pytest.raises(InstallationError, match=r"lxml 5\.3\.0"):
        xml._check_versions((5, 3, 0), (2, 14, 0))
    with pytest.raises(InstallationError, match=r"libxml2 2\.9\.14"):
        xml._check_versions((6, 1, 0), (2, 9, 14))


def test_a_syntax_error_names_file_and_line() -> None:
    with pytest.raises(ReadError, match=r"town\.gml:12: is not well-formed"):
        xml.parse_document(b"<a>\n<b></a>", "town.gml", line_before=10)
