"""``stadtbild tile`` on every open city model there is: all objects arrive, or it says why.

The truth side is plain counting of elements, which shares nothing with the readers.
"""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import iterparse

import pytest

from cityapp.jobs.tile_town import TileOptions, tile_town
from citykernel.errors import CityError

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "data" / "open" / "citygml"
ENDINGS = {".gml", ".xml", ".citygml", ".json", ".jsonl"}
FILES = sorted(
    path.relative_to(CORPUS).as_posix()
    for path in CORPUS.rglob("*")
    if path.suffix in ENDINGS and path.is_file()
)
pytestmark = pytest.mark.skipif(not FILES, reason="the open data are not beside the repository")
# What is said of files that cannot be shown as they are.
NO_SYSTEM = "no coordinate reference system is stated.*--crs"
REFUSED = {
    # Its coordinates are of the third zone, its srsName of the second.
    "ade/building_example.gml": r"3424175\.2 .* outside the area of EPSG:31466",
    "ade/road_example.gml": "no city object with a surface",
    "citygml3/ParkingGarage_CityGML3.0_LOD2_with_CityObjectRelations.gml": NO_SYSTEM,
    "citygml4j/LOD2_Buildings_v100.gml": NO_SYSTEM,
    "citygml4j/LOD2_CityObjectGroup_v100.gml": "outside the area of EPSG:31466",
    "citygml4j/invalid_building_v3.gml": r":132 .*con:status is 'unknown'; wanted",
    "nrw/LoD2_32_327_5726_1_NW.gml": "no city object in it",
    "ogc20_building/Building_LOD1-LocalEngineeringCRS.gml": "'#local-CRS-1'.*--crs",
    "xlink/1_SimpleBuilding_CityGML_2.gml": NO_SYSTEM,
    "xlink/1_SimpleBuilding_CityGML_3.gml": NO_SYSTEM,
    "xlink/b1_lod2_cs_w_sem.gml": NO_SYSTEM,
}
WITH_CRS = "EPSG:28992+5709"
# Files that lie where their numbers say only in a system of their own.
LOCAL = {name for name, said in REFUSED.items() if said == NO_SYSTEM or "local-CRS" in said}
# Local name of an element in a namespace of CityGML -> what the report calls it.
CLASSES = {
    name: name
    for name in (
        "Building", "BuildingPart", "BuildingInstallation", "BuildingFurniture", "Room",
        "BuildingUnit", "Storey", "Road", "Section", "TrafficSpace", "AuxiliaryTrafficSpace",
        "ReliefFeature", "TINRelief", "Intersection",
    )
} | {"BuildingRoom": "Room", "LandscapeZone": "Unknown"}  # fmt: skip
PLAIN = TileOptions(compress=False, with_terrain=False)


def counted(path: Path) -> tuple[Counter[str], int]:
    """Objects by class, and how many of them are members of the model."""
    objects: Counter[str] = Counter()
    top, depth = 0, 0
    for event, element in iterparse(path, ("start", "end")):  # noqa: S314 - our own test data
        space, _, name = element.tag.rpartition("}")
        depth += 1 if event == "start" else -1
        known = "citygml" in space or name == "LandscapeZone"
        if event == "start" and known and name in CLASSES:
            objects[CLASSES[name]] += 1
            top += depth == 3
    return objects, top


@pytest.mark.parametrize("name", [name for name in FILES if name not in REFUSED])
def test_objects_in_are_objects_out(look: Any, name: str, tmp_path: Path) -> None:
    """No object of any open file is lost between the file and the leaves."""
    objects, top = counted(CORPUS / name)
    report = tile_town([CORPUS / name], tmp_path, PLAIN)
    assert report["input"]["objects"] == dict(objects)
    assert report["dropped"] == report["input"]["failed"] == []
    assert report["input"]["top_level_objects"] == report["output"]["top_level_objects"] == top
    tileset = look.tileset(tmp_path)
    assert len(tileset.texts("building_id")) == top
    assert len(tileset.texts("gml_id")) == report["output"]["objects"]
    for content in tileset.contents():
        assert (content.points >= content.low).all(), content.uri
        assert (content.points <= content.high).all(), content.uri


@pytest.mark.parametrize("name", [name for name in REFUSED if name in FILES])
def test_what_cannot_be_shown_says_why(name: str, tmp_path: Path) -> None:
    """File and reason; nothing is written."""
    target = tmp_path / "out"
    with pytest.raises(CityError, match=REFUSED[name]) as told:
        tile_town([CORPUS / name], target, PLAIN)
    assert str(told.value).startswith(Path(name).name)
    assert not target.exists()


@pytest.mark.parametrize("name", sorted(LOCAL & set(FILES)))
def test_a_file_without_a_system_is_read_with_one(name: str, tmp_path: Path) -> None:
    """Local coordinates of some metres are places near the origin of the Dutch system."""
    objects, top = counted(CORPUS / name)
    options = dataclasses.replace(PLAIN, crs=WITH_CRS)
    report = tile_town([CORPUS / name], tmp_path, options)
    assert report["input"]["objects"] == dict(objects)
    assert report["input"]["crs"] == [WITH_CRS]
    assert report["output"]["top_level_objects"] == top


def test_the_whole_folder_is_one_town_with_what_failed_named(tmp_path: Path) -> None:
    """Twelve states and systems at once: what can be shown is, the rest has its line."""
    report = tile_town([CORPUS], tmp_path, PLAIN)
    failed = {entry["path"]: entry["reason"] for entry in report["input"]["failed"]}
    empty = {"nrw/LoD2_32_327_5726_1_NW.gml", "ade/road_example.gml"}
    assert failed.keys() == {f"citygml/{name}" for name in REFUSED.keys() - empty}
    for name, said in REFUSED.items():
        if name not in empty:
            assert re.search(said, failed[f"citygml/{name}"])
    (road,) = report["dropped"]
    assert road["path"] == "citygml/ade/road_example.gml"
