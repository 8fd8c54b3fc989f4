"""How the open-data portal of NRW names its folders and tiles.

A product is a folder with an ``index.json`` that lists the names of its files. The year of
a survey is part of some names and known only from that index. Nothing of the index reaches
a path or an address unless it matches the product's own pattern as a whole.

The addresses were read in public code and not verified against the live service.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from citykernel.errors import SourceUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .portal_area import Square

BASE_URL = "https://www.opengeodata.nrw.de/produkte/geobasis/"

TIFF_STARTS = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")

ZERO_LICENCE = """\
{title}
Herausgeber: Geobasis NRW (Bezirksregierung Köln)
Lizenz: Datenlizenz Deutschland - Zero - Version 2.0
        https://www.govdata.de/dl-de/zero-2-0
Quelle: {source}

Licence: Data licence Germany - Zero - Version 2.0. Attribution is not required; please
name Geobasis NRW nevertheless.
"""
GEOID_LICENCE = """\
{title}
Herausgeber: Bundesamt für Kartographie und Geodäsie (BKG)
Lizenz: Creative Commons Namensnennung 4.0 International (CC BY 4.0)
        https://creativecommons.org/licenses/by/4.0/
Quelle: {source}

Licence: CC BY 4.0. Name the source: BKG, GCG2016, in the form of the PROJ data service.
"""


@dataclass(frozen=True, slots=True)
class Product:
    """One kind of data the portal offers.

    Parameters
    ----------
    name : str
        Word on the command line and folder below the target.
    title : str
        What it is, for the licence file.
    folders : tuple of str
        Folders below the portal's base address, the present one first.
    pattern : re.Pattern
        Matches a whole file name; groups ``east`` and ``north`` are the tile's lower left
        corner in kilometres, ``year`` (where there is one) that of the survey.
    starts : tuple of bytes
        One of them begins every proper file.
    most_bytes : int
        A file larger than this is refused while it arrives.
    licence : str
        Text of the licence file with ``{title}`` and ``{source}``.
    """

    name: str
    title: str
    folders: tuple[str, ...]
    pattern: re.Pattern[str]
    starts: tuple[bytes, ...]
    most_bytes: int
    licence: str = ZERO_LICENCE


PRODUCTS = {
    product.name: product
    for product in (
        Product(
            "lod2",
            "3D-Gebäudemodell LoD2 (CityGML) Nordrhein-Westfalen",
            ("3dg/lod2_gml/lod2_gml/",),
            re.compile(r"LoD2_32_(?P<east>[0-9]{3})_(?P<north>[0-9]{4})_1_NW\.gml"),
            (b"<", b"\xef\xbb\xbf<"),
            500_000_000,
        ),
        Product(
            "dgm1",
            "Digitales Geländemodell 1 m (DGM1) Nordrhein-Westfalen",
            ("hm/dgm1_tiff/dgm1_tiff/",),
            re.compile(
                r"dgm1_32_(?P<east>[0-9]{3})_(?P<north>[0-9]{4})_1_nw_(?P<year>[0-9]{4})\.tif"
            ),
            TIFF_STARTS,
            100_000_000,
        ),
        Product(
            "dop",
            "Digitale Orthophotos 10 cm (DOP10 RGBI) Nordrhein-Westfalen",
            # The second is the address of older public code.
            ("lusat/akt/dop/dop_jp2_f10/", "lusat/dop/dop_jp2_f10/"),
            re.compile(
                r"dop10rgbi_32_(?P<east>[0-9]{3})_(?P<north>[0-9]{4})_1_nw_"
                r"(?P<year>[0-9]{4})\.jp2"
            ),
            # JPEG 2000 signature box, ISO/IEC 15444-1 annex I.5.1, or a bare code stream.
            (b"\x00\x00\x00\x0cjP  ", b"\xff\x4f\xff\x51"),
            1_000_000_000,
        ),
    )
}

GEOID = Product(
    "geoid",
    "Quasigeoid der Bundesrepublik Deutschland GCG2016",
    ("",),
    re.compile(r"de_bkg_gcg2016\.tif"),
    TIFF_STARTS,
    100_000_000,
    GEOID_LICENCE,
)


def _names(index: Any) -> Iterator[str]:
    for dataset in index["datasets"]:
        for file in dataset["files"]:
            if isinstance(file["name"], str):
                yield file["name"]


def read_index(product: Product, content: bytes, *, source: str) -> dict[Square, str]:
    """Read which file a product has for each square.

    Parameters
    ----------
    product : Product
        Whose index it is.
    content : bytes
        The JSON text: ``{"datasets": [{"files": [{"name": ...}]}]}``.
    source : str
        Address of the index, for messages.

    Returns
    -------
    dict
        File name by square; of several years the latest. Names that do not match the
        product's pattern as a whole are left out.

    Raises
    ------
    SourceUnavailable
        The content is no index, or holds no name of the product.
    """
    try:
        names = list(_names(json.loads(content)))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        found = content[:60].decode("ascii", "replace")
        raise SourceUnavailable(
            f"{source}: no index of files: wanted JSON with datasets[].files[].name, "
            f"found {found!r}"
        ) from error
    files: dict[Square, str] = {}
    # Sorted, so that of two names of one square the later year remains.
    for name in sorted(names):
        match = product.pattern.fullmatch(name)
        if match:
            files[int(match["east"]), int(match["north"])] = name
    if not files:
        raise SourceUnavailable(
            f"{source}: none of its {len(names)} names is one of {product.name} "
            f"({product.pattern.pattern})"
        )
    return files
