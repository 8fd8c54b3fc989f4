"""citymodel.sample_town: Muster-Soest is a town in the exact form of the official files."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import tarfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import rasterio
import shapely
from lxml import etree

from citykernel.arrays import Float64Array
from citykernel.errors import OutputError
from citymodel.sample_town import (
    LABEL,
    SampleTown,
    SampleTownReport,
    make_sample_town,
    write_sample_town,
)
from citymodel.sample_town.places import (
    ORIGIN_EAST,
    ORIGIN_NORTH,
    RAILWAY,
    SPORTS_GROUND,
    STRABAG_SITE,
)
from citymodel.sample_town.roofs import FORMS
from citymodel.sample_town.solids import CLOSURE, ground_rings, open_edges, volume
from citymodel.sample_town.write_nrw import Identifiers, tile_text

GML = "{http://www.opengis.net/gml}"
CORE = "{http://www.opengis.net/citygml/1.0}"
BLDG = "{http://www.opengis.net/citygml/building/1.0}"
GEN = "{http://www.opengis.net/citygml/generics/1.0}"
XAL = "{urn:oasis:names:tc:ciq:xsdschema:xAL:2.0}"
HREF = "{http://www.w3.org/1999/xlink}href"
XS = "{http://www.w3.org/2001/XMLSchema}"
TILES = [(437, 5713), (437, 5714), (438, 5713), (438, 5714)]


@pytest.fixture(scope="module")
def town() -> SampleTown:
    """The town of seed 1, in memory."""
    return make_sample_town(seed=1)


@dataclass(frozen=True)
class Written:
    """The town of seed 1 on disk."""

    folder: Path
    report: SampleTownReport
    told: list[tuple[float, str]]

    def tile(self, east_km: int, north_km: int) -> etree._Element:
        """Root of one parsed tile."""
        path = self.folder / f"LoD2_32_{east_km}_{north_km}_1_NW.gml"
        return etree.parse(path, etree.XMLParser(no_network=True, huge_tree=True)).getroot()


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Written:
    """Written once for all tests of this file."""
    folder = tmp_path_factory.mktemp("soest")
    told: list[tuple[float, str]] = []
    report = write_sample_town(folder, seed=1, progress=lambda s, what: told.append((s, what)))
    return Written(folder, report, told)


@pytest.fixture(scope="module")
def roots(written: Written) -> list[etree._Element]:
    """All four tiles, parsed."""
    return [written.tile(*tile) for tile in TILES]


def footprints(town: SampleTown) -> list[shapely.Polygon]:
    """Ground faces of all bodies, in the town's frame."""
    return [
        shapely.Polygon(ring)
        for structure in town.structures
        for body in structure.bodies
        for ring in ground_rings(body.solid)
    ]


def child(element: etree._Element | None, path: str) -> etree._Element:
    """Find the first element at a path, which must be there."""
    assert element is not None
    found = element.find(path)
    assert found is not None, path
    return found


def words(element: etree._Element) -> str:
    """Text of an element, which must have some."""
    assert element.text is not None, element.tag
    return element.text


def attribute(element: etree._Element, name: str) -> str:
    """Value of an attribute, which must be there."""
    value = element.get(name)
    assert value is not None, name
    return value


def positions(element: etree._Element) -> Float64Array:
    """Corners of all position lists below an element."""
    texts = [words(p) for p in element.iter(f"{GML}posList")]
    return np.array(" ".join(texts).split(), np.float64).reshape(-1, 3)


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 of every file."""
    return {
        p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(folder.iterdir())
    }


# The town ------------------------------------------------------------------------------------


def test_is_a_town_of_about_4500_buildings(town: SampleTown) -> None:
    """Large enough for honest measurements; about a tenth has parts, some four and more."""
    parts = Counter(len(s.bodies) for s in town.structures)
    assert 4200 <= len(town.structures) <= 4900
    assert 0.08 < 1 - parts[1] / len(town.structures) < 0.15
    assert max(parts) >= 5
    assert all(parts[n] for n in (2, 3, 5))


def test_every_roof_form_stands_somewhere(town: SampleTown) -> None:
    """All types of the AdV list, gables and flat roofs most of all."""
    forms = Counter(body.roof_type for s in town.structures for body in s.bodies)
    assert set(forms) == set(FORMS)
    assert {code for code, _ in forms.most_common(2)} == {"1000", "3100"}


def test_every_solid_is_closed_and_looks_outwards(town: SampleTown) -> None:
    """Edge for edge, inner walls included, with a positive volume."""
    for structure in town.structures:
        for body in structure.bodies:
            assert open_edges(body.solid) == [], structure.gml_id
            assert volume(body.solid) > 0, structure.gml_id


def test_every_face_is_planar(town: SampleTown) -> None:
    """To three millimetres: rounding, and inner walls that two parts share."""
    worst = 0.0
    for structure in town.structures:
        for body in structure.bodies:
            for face in body.solid.faces:
                ring = body.solid.vertices[list(face)] - body.solid.vertices[face[0]]
                normal = np.cross(ring, np.roll(ring, -1, axis=0)).sum(axis=0)
                off = (ring - ring.mean(axis=0)) @ (normal / np.linalg.norm(normal))
                worst = max(worst, float(np.abs(off).max()))
    assert worst < 0.003


def test_parts_of_a_building_share_inner_walls(town: SampleTown) -> None:
    """Every part touches another one, and the shared wall is a closure of both."""
    for structure in town.structures:
        if len(structure.bodies) > 1:
            for body in structure.bodies:
                assert CLOSURE in body.solid.kinds, (structure.gml_id, structure.name)


def test_no_two_footprints_overlap(town: SampleTown) -> None:
    """Joined houses share their walls; more than 0.05 m2 would be a fault."""
    shapes = np.array(footprints(town), object)
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    one, other = one[one < other], other[one < other]
    shared = shapely.area(shapely.intersection(shapes[one], shapes[other]))
    assert shared.max() < 0.05
    joined = shapely.length(shapely.intersection(shapes[one], shapes[other].tolist()))
    assert (joined > 3).sum() > 500


def test_streets_tracks_and_the_strabag_site_are_free(town: SampleTown) -> None:
    """Nothing stands on a street, in the track corridor, on the site or the sports ground."""
    shapes = np.array(footprints(town), object)
    assert shapely.area(shapely.intersection(shapes, town.plan.paved)).max() < 0.05
    tracks = shapely.LineString(RAILWAY).buffer(17)
    for ground in (tracks, shapely.Polygon(STRABAG_SITE), shapely.Polygon(SPORTS_GROUND)):
        assert not shapely.intersects(shapes, ground).any()
    assert 7.5e4 < shapely.Polygon(STRABAG_SITE).area < 9.4e4


def test_landmarks_stand_where_they_stand(town: SampleTown) -> None:
    """St. Patrokli's tower is 77 m high; station and east gate lie where they really do."""
    by_name = {s.name: s for s in town.structures if s.name}
    patrokli = by_name["St. Patrokli"].bodies
    assert max(np.ptp(b.solid.vertices[:, 2]) for b in patrokli) == pytest.approx(77.0)
    for name, east, north in (
        ("Bahnhof Soest", 437_954, 5_714_530),
        ("Osthofentor", 438_732, 5_713_988),
    ):
        corners = np.vstack([b.solid.vertices for b in by_name[name].bodies])
        middle = (corners.min(axis=0) + corners.max(axis=0)) / 2
        away = np.hypot(middle[0] + ORIGIN_EAST - east, middle[1] + ORIGIN_NORTH - north)
        assert away < 10, name


def test_wall_is_kept_but_for_the_north(town: SampleTown) -> None:
    """Two thirds of the ring, with gaps where streets leave; none of it in the north."""
    pieces = [s for s in town.structures if s.function == "51007_1510"]
    length = sum(
        shapely.Polygon(ring).length / 2
        for s in pieces
        for body in s.bodies
        for ring in ground_rings(body.solid)
    )
    assert 1900 < length < 2600
    middles = np.array([s.bodies[0].solid.vertices[:, :2].mean(axis=0) for s in pieces])
    turns = np.degrees(np.arctan2(middles[:, 1] + 150, middles[:, 0] - 150)) % 360
    assert not ((turns > 36) & (turns < 150)).any()


def test_house_numbers_are_unique_and_keep_their_side(town: SampleTown) -> None:
    """No address twice; odd numbers on one side, even ones on the other, without gaps."""
    addresses = [s.address for s in town.structures if s.address[1]]
    assert len(set(addresses)) == len(addresses) > 2000
    streets: dict[str, list[int]] = {}
    for number, street in addresses:
        streets.setdefault(street, []).append(int(number))
    grandweg = sorted(streets["Grandweg"])
    odd = [n for n in grandweg if n % 2]
    assert odd == list(range(1, 2 * len(odd), 2))


def test_bases_meet_the_ground(town: SampleTown) -> None:
    """A ground face lies under the lowest terrain at the building, by centimetres at most."""
    for structure in town.structures:
        lines = np.vstack([line for b in structure.bodies for line in b.terrain_lines])
        rings = [ring for b in structure.bodies for ring in ground_rings(b.solid)]
        lowest = min([lines[:, 2].min(), *(town.terrain.lowest(ring) for ring in rings)])
        for body in structure.bodies:
            assert 0 < lowest - body.solid.vertices[:, 2].min() < 0.01


def test_another_seed_gives_another_town() -> None:
    """And one that keeps the rules that are hardest to keep."""
    other = make_sample_town(seed=7)
    assert 4200 <= len(other.structures) <= 4900
    shapes = np.array(footprints(other), object)
    assert shapely.area(shapely.intersection(shapes, other.plan.paved)).max() < 0.05
    assert {b.roof_type for s in other.structures for b in s.bodies} == set(FORMS)
    assert all(not open_edges(b.solid) for s in other.structures for b in s.bodies)


# The files -----------------------------------------------------------------------------------


def test_report_names_what_lies_there(written: Written, roots: list[etree._Element]) -> None:
    """Four models, four terrains, one note; counts are those of the files."""
    names = [path.name for path in written.report.files]
    assert sorted(names) == sorted(p.name for p in written.folder.iterdir())
    assert len(names) == 9
    assert written.report.buildings == sum(len(r.findall(f".//{BLDG}Building")) for r in roots)
    assert written.report.parts == sum(len(r.findall(f".//{BLDG}BuildingPart")) for r in roots)


def test_progress_runs_from_nothing_to_all(written: Written) -> None:
    """Shares never fall, and the last one is 1."""
    shares = [share for share, _ in written.told]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)


def test_command_gives_the_same_bytes_and_reports_them(
    written: Written, tmp_path: Path
) -> None:
    """Also in another process with another order of hashing, GeoTIFF included; one JSON
    document on stdout, talk on stderr.
    """
    done = subprocess.run(
        [sys.executable, "-m", "cityapp", "sample", "soest", "-o", str(tmp_path), "--json"],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONHASHSEED": "4711"},
        cwd=Path(__file__).resolve().parents[2],
    )
    assert digests(tmp_path) == digests(written.folder)
    report = json.loads(done.stdout)
    assert report["label"] == LABEL
    assert report["buildings"] == written.report.buildings
    assert report["parts"] == written.report.parts
    assert all(Path(path).is_file() for path in report["files"])
    assert "Muster-Soest" in done.stderr


def test_every_file_says_that_it_is_sample_data(
    written: Written, roots: list[etree._Element]
) -> None:
    """In the description of each model, in the tags of each raster, in the note."""
    assert LABEL == "Musterdaten, nicht das amtliche Modell"
    for root in roots:
        assert [first.tag for first in list(root)[:3]] == [
            f"{GML}description",
            f"{GML}name",
            f"{GML}boundedBy",
        ]
        assert root[0].text == LABEL
    for path in written.folder.glob("*.tif"):
        with rasterio.open(path) as raster:
            assert raster.tags()["TIFFTAG_IMAGEDESCRIPTION"] == LABEL
    assert (written.folder / "LIESMICH.txt").read_text(encoding="utf-8").startswith(LABEL)


def test_is_valid_against_the_citygml_schemas(
    open_data: Path, roots: list[etree._Element], tmp_path: Path
) -> None:
    """CityGML 1.0, all modules, schemas from disk only."""
    archive = open_data / "schemas" / "citygml_xsd_citygml4j.tar.gz"
    if not archive.is_file():
        pytest.skip(f"the CityGML schemas are not at {archive}")
    with tarfile.open(archive) as tar:
        tar.extractall(tmp_path, filter="data")
    (folder,) = tmp_path.rglob("citygml/1.0")
    together = etree.Element(f"{XS}schema", nsmap={"xs": XS[1:-1]})
    for xsd in sorted(folder.glob("*.xsd")):
        space = attribute(etree.parse(xsd).getroot(), "targetNamespace")
        etree.SubElement(together, f"{XS}import", namespace=space, schemaLocation=xsd.as_uri())
    parser = etree.XMLParser(no_network=True)
    parser.resolvers.add(_FromFolder(folder.parents[1]))
    schema = etree.XMLSchema(etree.fromstring(etree.tostring(together), parser))
    for root in roots:
        assert schema.validate(root), schema.error_log


class _FromFolder(etree.Resolver):
    """Finds an imported schema in a folder by the end of its address."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.files = sorted(folder.rglob("*.xsd"), key=lambda p: len(p.parts))

    def resolve(self, system_url: str, _public_id: str, context: object = None) -> object:
        """The file, or nothing when the address is a file's already."""
        if not system_url.startswith("http"):
            return None
        parts = Path(system_url.split("://", 1)[1]).parts
        for start in range(len(parts)):
            ending = parts[start:]
            for file in self.files:
                if file.parts[-len(ending) :] == ending:
                    return self.resolve_filename(  # type: ignore[attr-defined] # not in the stubs
                        str(file), context
                    )
        raise AssertionError(f"no local copy of {system_url}")


def test_envelope_is_the_tile_and_its_content(roots: list[etree._Element]) -> None:
    """East and north are exactly the square kilometre, z is what is inside."""
    for root, (east_km, north_km) in zip(roots, TILES, strict=True):
        envelope = child(root, f"{GML}boundedBy/{GML}Envelope")
        assert envelope.get("srsName") == "urn:adv:crs:ETRS89_UTM32*DE_DHHN2016_NH"
        assert envelope.get("srsDimension") is None
        lower, upper = (words(envelope[k]).split() for k in (0, 1))
        assert lower[:2] == [f"{east_km}000.0", f"{north_km}000.0"]
        assert upper[:2] == [f"{east_km + 1}000.0", f"{north_km + 1}000.0"]
        rings = [positions(surface)[:, 2] for surface in root.iter(f"{GML}MultiSurface")]
        heights = np.concatenate(rings)
        assert [float(lower[2]), float(upper[2])] == [heights.min(), heights.max()]


def test_each_building_is_in_the_tile_of_its_middle(roots: list[etree._Element]) -> None:
    """By the middle of its bounding box; some reach over the edge, none is in two tiles."""
    overhanging = 0
    seen: Counter[str] = Counter()
    for root, (east_km, north_km) in zip(roots, TILES, strict=True):
        for building in root.iter(f"{BLDG}Building"):
            corners = np.vstack([positions(m) for m in building.iter(f"{GML}MultiSurface")])
            low, high = corners.min(axis=0)[:2], corners.max(axis=0)[:2]
            middle = (low + high) / 2
            assert (int(middle[0] // 1000), int(middle[1] // 1000)) == (east_km, north_km)
            tile = np.array([east_km, north_km]) * 1000
            overhanging += bool((low < tile).any() or (high > tile + 1000).any())
            seen[attribute(building, f"{GML}id")] += 1
    assert overhanging > 5
    assert max(seen.values()) == 1


def test_identifiers_are_unique_and_have_the_cadastres_form(
    roots: list[etree._Element],
) -> None:
    """No gml:id twice in all four tiles."""
    ids = [e.get(f"{GML}id") for root in roots for e in root.iter() if e.get(f"{GML}id")]
    assert len(ids) == len(set(ids))
    forms = re.compile(r"DENW\d\dAL[0-9A-Za-z]{8}|DENWAT01[0-9A-Za-z]{8}")
    for root in roots:
        for building in root.iter(f"{BLDG}Building"):
            assert forms.fullmatch(attribute(building, f"{GML}id"))


def test_solids_hold_links_only_and_each_polygon_is_linked_once(
    roots: list[etree._Element],
) -> None:
    """Links stand before the polygons, within the same object, and all resolve."""
    for root in roots:
        for tag in (f"{BLDG}Building", f"{BLDG}BuildingPart"):
            for element in root.iter(tag):
                solid = element.find(f"{BLDG}lod2Solid")
                if solid is None:
                    continue
                linked = [attribute(m, HREF)[1:] for m in solid.iter(f"{GML}surfaceMember")]
                polygons = [
                    attribute(p, f"{GML}id")
                    for surface in element.findall(f"{BLDG}boundedBy")
                    for p in surface.iter(f"{GML}Polygon")
                ]
                assert not list(solid.iter(f"{GML}Polygon"))
                assert sorted(linked) == sorted(polygons)
                assert len(polygons) == len(element.findall(f"{BLDG}boundedBy"))


ORDER = [
    f"{GML}name",
    f"{CORE}creationDate",
    f"{CORE}externalReference",
    f"{GEN}stringAttribute",
    f"{BLDG}function",
    f"{BLDG}roofType",
    f"{BLDG}measuredHeight",
    f"{BLDG}storeysAboveGround",
    f"{BLDG}lod2Solid",
    f"{BLDG}lod2TerrainIntersection",
    f"{BLDG}boundedBy",
    f"{BLDG}consistsOfBuildingPart",
    f"{BLDG}address",
]


def test_children_and_attributes_are_the_official_ones(roots: list[etree._Element]) -> None:
    """Order of children; attributes of whole buildings, of buildings with parts, of parts."""
    whole = {
        "Gemeindeschluessel", "DatenquelleDachhoehe", "Geometrietyp2DReferenz",
        "DatenquelleLage", "DatenquelleBodenhoehe", "Grundrissaktualitaet",
    }  # fmt: skip
    with_parts = {"Gemeindeschluessel", "Geometrietyp2DReferenz", "Grundrissaktualitaet"}
    of_part = whole - {"Gemeindeschluessel", "Geometrietyp2DReferenz"}
    for root in roots:
        for element in root.iter(f"{BLDG}Building", f"{BLDG}BuildingPart"):
            places = [ORDER.index(child.tag) for child in element]
            assert places == sorted(places)
            names = {a.get("name") for a in element.findall(f"{GEN}stringAttribute")}
            has_parts = element.find(f"{BLDG}consistsOfBuildingPart") is not None
            is_part = element.tag == f"{BLDG}BuildingPart"
            assert names == (of_part if is_part else with_parts if has_parts else whole)
            assert (element.find(f"{BLDG}lod2Solid") is None) == has_parts
            assert (element.find(f"{BLDG}function") is None) == is_part


def test_addresses_have_the_number_before_the_street(roots: list[etree._Element]) -> None:
    """On the building, in Soest, without a postcode."""
    count = 0
    for root in roots:
        for street in root.iter(f"{XAL}Thoroughfare"):
            assert [c.tag for c in street] == [
                f"{XAL}ThoroughfareNumber",
                f"{XAL}ThoroughfareName",
            ]
            assert child(street.getparent(), f"{XAL}LocalityName").text == "Soest"
            count += 1
    assert count > 2000


def test_measured_height_is_that_of_the_solid(roots: list[etree._Element]) -> None:
    """From the ground to the highest corner, three decimals at most."""
    for root in roots:
        for height in root.iter(f"{BLDG}measuredHeight"):
            assert height.get("uom") == "urn:adv:uom:m"
            building = height.getparent()
            assert building is not None
            corners = np.vstack([positions(s) for s in building.findall(f"{BLDG}boundedBy")])
            assert float(words(height)) == pytest.approx(np.ptp(corners[:, 2]), abs=6e-4)


def test_terrain_lines_lie_on_the_delivered_terrain(
    written: Written, roots: list[etree._Element]
) -> None:
    """Heights are those of the GeoTIFFs, with a corner at every line of the 1 m grid."""
    with rasterio.open(written.folder / "dgm1_32_438_5713_1_nw_2026.tif") as raster:
        heights = raster.read(1)
        assert raster.crs.to_epsg() == 25832
        assert (raster.bounds.left, raster.bounds.bottom) == (438_000, 5_713_000)
        assert (raster.shape, raster.res, raster.nodata) == ((1000, 1000), (1, 1), -9999)
        assert raster.dtypes == ("float32",)
    root = roots[2]
    lines = list(root.iter(f"{GML}LineString"))
    assert len(lines) > 1500
    for line in lines:
        corners = positions(line)
        steps = np.diff(corners[:, :2], axis=0)
        assert np.abs(steps).max() < 1.0015
        x, y = corners[:, 0] - 438_000 - 0.5, 5_714_000 - corners[:, 1] - 0.5
        if min(x.min(), y.min()) < 0 or max(x.max(), y.max()) >= 999:
            continue
        i, j = np.floor(y).astype(int), np.floor(x).astype(int)
        v, u = y - i, x - j
        expected = (heights[i, j] * (1 - u) + heights[i, j + 1] * u) * (1 - v)
        expected += (heights[i + 1, j] * (1 - u) + heights[i + 1, j + 1] * u) * v
        assert np.abs(corners[:, 2] - expected).max() < 0.002


def test_terrain_tiles_meet(written: Written) -> None:
    """No step at the seam between two tiles beyond the slope of the land."""
    with (
        rasterio.open(written.folder / "dgm1_32_437_5714_1_nw_2026.tif") as west,
        rasterio.open(written.folder / "dgm1_32_438_5714_1_nw_2026.tif") as east,
    ):
        seam = west.read(1)[:, -1] - east.read(1)[:, 0]
    assert np.abs(seam).max() < 1.0
    assert np.median(np.abs(seam)) < 0.1


def test_empty_tile_has_an_envelope_that_is_no_number(town: SampleTown) -> None:
    """As the official empty tiles do: a head, a foot, no member."""
    del town
    text = "".join(tile_text(437, 5713, [], _no_identifiers()))
    root = etree.fromstring(text.encode())
    corner = child(root, f"{GML}boundedBy/{GML}Envelope/{GML}lowerCorner")
    assert corner.text == "437000.0 5713000.0 NaN"
    assert not root.findall(f"{CORE}cityObjectMember")


def _no_identifiers() -> Identifiers:
    from citymodel.sample_town.chance import Chance  # noqa: PLC0415 - of one test only

    return Identifiers(Chance(1, 99))


def test_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    """The error names the folder, and nothing is left behind."""
    target = tmp_path / "taken"
    target.write_text("a file")
    with pytest.raises(OutputError, match=r"taken.*cannot be written"):
        write_sample_town(target)
    assert [p.name for p in tmp_path.iterdir()] == ["taken"]
