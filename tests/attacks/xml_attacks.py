"""Hostile and broken documents, written on demand: ``python xml_attacks.py NAME FOLDER``.

Each generator writes one small source into a folder (the large ones are large only while
they are written, or when somebody trusts them) and says what the refusal must name.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from pathlib import Path

ROOT = (
    '<core:CityModel xmlns:core="http://www.opengis.net/citygml/2.0"'
    ' xmlns:bldg="http://www.opengis.net/citygml/building/2.0"'
    ' xmlns:gml="http://www.opengis.net/gml" xmlns:xlink="http://www.w3.org/1999/xlink"'
    ' xmlns:xi="http://www.w3.org/2001/XInclude">'
    '<gml:boundedBy><gml:Envelope srsName="urn:adv:crs:ETRS89_UTM32*DE_DHHN2016_NH"/>'
    "</gml:boundedBy>"
)
MEMBER = (
    '<core:cityObjectMember><bldg:Building gml:id="h">{}</bldg:Building>'
    "</core:cityObjectMember>"
)
END = "</core:CityModel>"
NAME = "<gml:name>{}</gml:name>"
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
CHUNK = 1 << 20

Attack = Callable[[Path], Path]


def _write(folder: Path, *parts: str | bytes | Iterable[bytes], name: str = "town.gml") -> Path:
    path = folder / name
    with path.open("wb") as file:
        for part in parts:
            if isinstance(part, str):
                file.write(part.encode())
            elif isinstance(part, bytes):
                file.write(part)
            else:
                file.writelines(part)
    return path


def _with_type(folder: Path, doctype: str, inside: str = "&a;") -> Path:
    return _write(folder, DECLARATION, doctype, ROOT, MEMBER.format(NAME.format(inside)), END)


def billion_laughs(folder: Path) -> Path:
    lines = ['<!ENTITY a0 "ha">']
    lines += [f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10)]
    return _with_type(folder, f"<!DOCTYPE a [{''.join(lines)}]>", "&a9;")


def quadratic_blow_up(folder: Path) -> Path:
    return _with_type(folder, f'<!DOCTYPE a [<!ENTITY a "{"x" * 50_000}">]>', "&a;" * 50_000)


def external_entity_file(folder: Path) -> Path:
    (folder / "secret.txt").write_text("geheim")
    uri = (folder / "secret.txt").as_uri()
    return _with_type(folder, f'<!DOCTYPE a [<!ENTITY a SYSTEM "{uri}">]>')


def external_entity_http(folder: Path) -> Path:
    return _with_type(folder, '<!DOCTYPE a [<!ENTITY a SYSTEM "http://192.0.2.1/x">]>')


def parameter_entity(folder: Path) -> Path:
    return _with_type(
        folder, '<!DOCTYPE a [<!ENTITY % p SYSTEM "http://192.0.2.1/x"> %p;]>', ""
    )


def document_type_only(folder: Path) -> Path:
    return _with_type(folder, "<!DOCTYPE CityModel>", "")


def document_type_late(folder: Path) -> Path:
    """Behind a comment longer than any head that is looked at."""
    return _with_type(folder, f"<!--{' ' * 300_000}--><!DOCTYPE CityModel>", "")


def document_type_inside(folder: Path) -> Path:
    return _write(folder, ROOT, MEMBER.format("<!DOCTYPE a [<!ENTITY a 'b'>]>"), END)


def depth_of_a_million(folder: Path) -> Path:
    deep = [b"<gml:name>" * 100_000] * 10
    return _write(folder, ROOT, MEMBER[: MEMBER.index("{")], deep, END)


def text_of_300_megabytes(folder: Path) -> Path:
    open_, close = MEMBER.format(NAME).split("{}")
    return _write(folder, ROOT, open_, (b"x" * CHUNK for _ in range(300)), close, END)


def million_attributes(folder: Path) -> Path:
    attributes = (
        b"".join(b' a%d=""' % k for k in range(n, n + 1000)) for n in range(0, 10**6, 1000)
    )
    return _write(folder, ROOT, "<core:cityObjectMember><bldg:Building", attributes, "/>", END)


def million_attributes_of_the_root(folder: Path) -> Path:
    attributes = (
        b"".join(b' a%d=""' % k for k in range(n, n + 1000)) for n in range(0, 10**6, 1000)
    )
    return _write(folder, "<core:CityModel", attributes, ">", END)


def utf_7(folder: Path) -> Path:
    text = '<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE a+AD4-' + ROOT + END
    return _write(folder, text)


def utf_16(folder: Path) -> Path:
    return _write(folder, (ROOT + END).encode("utf-16"))


def wrong_encoding(folder: Path) -> Path:
    """Says UTF-8, is Latin-1."""
    member = MEMBER.format(NAME.format("Söst"))
    return _write(folder, DECLARATION, ROOT, member.encode("latin-1"), END)


def zero_bytes(folder: Path) -> Path:
    return _write(folder, ROOT, MEMBER.format(NAME.format("a\0b")), END)


def truncated(folder: Path) -> Path:
    return _write(folder, ROOT, MEMBER.format(NAME.format("a"))[:-30])


def truncated_in_the_root(folder: Path) -> Path:
    return _write(folder, ROOT[:100])


def page_of_a_portal(folder: Path) -> Path:
    return _write(folder, "<!doctype html><html><body>404 Not Found</body></html>")


def no_xml(folder: Path) -> Path:
    return _write(folder, "Gebäude: 12\n")


def nothing(folder: Path) -> Path:
    return _write(folder)


def other_root(folder: Path) -> Path:
    return _write(folder, '<FeatureCollection xmlns="http://www.opengis.net/wfs/2.0"/>')


def older_version(folder: Path) -> Path:
    return _write(folder, '<CityModel xmlns="http://www.citygml.org/citygml/0/4/0"/>')


def no_object(folder: Path) -> Path:
    return _write(folder, ROOT, END)


def xinclude_only(folder: Path) -> Path:
    (folder / "secret.txt").write_text("geheim")
    uri = (folder / "secret.txt").as_uri()
    return _write(folder, ROOT, f'<xi:include href="{uri}" parse="text"/>', END)


def wrong_nesting(folder: Path) -> Path:
    return _write(folder, ROOT, "\n", MEMBER.format("<gml:name></gml:description>"), END)


def picture_named_gml(folder: Path) -> Path:
    return _write(folder, b"\x89PNG\r\n\x1a\n" + bytes(64))


# Name -> generator and what the message must say.
ATTACKS: dict[str, tuple[Attack, str]] = {
    attack.__name__: (attack, said)
    for attack, said in (
        (billion_laughs, "document type"),
        (quadratic_blow_up, "document type"),
        (external_entity_file, "document type"),
        (external_entity_http, "document type"),
        (parameter_entity, "document type"),
        (document_type_only, "document type"),
        (document_type_late, "document type"),
        (document_type_inside, "document type|declaration"),
        (depth_of_a_million, "nested deeper|closed"),
        (text_of_300_megabytes, "text is longer"),
        (million_attributes, "tag is longer"),
        (million_attributes_of_the_root, "root element was wanted"),
        (utf_7, "encoding UTF-7"),
        (utf_16, "UTF-16"),
        (wrong_encoding, "not well-formed"),
        (zero_bytes, "not well-formed"),
        (truncated, "truncated"),
        (truncated_in_the_root, "root element was wanted"),
        (page_of_a_portal, "document type"),
        (no_xml, "is something else|neither XML"),
        (nothing, "empty"),
        (other_root, "FeatureCollection.*wanted"),
        (older_version, "wanted version 1.0"),
        (no_object, "no city object"),
        (xinclude_only, "no city object"),
        (wrong_nesting, "not well-formed"),
        (picture_named_gml, "ends in .gml"),
    )
}

if __name__ == "__main__":
    print(ATTACKS[sys.argv[1]][0](Path(sys.argv[2])))  # noqa: T201 - a script
