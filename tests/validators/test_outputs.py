"""What we write, judged by programs that others wrote."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import pytest
import shapely
from lxml import etree

from .conftest import Judge, tile

pytestmark = pytest.mark.browser

GML = "{http://www.opengis.net/gml}"
BUILDING = "{http://www.opengis.net/citygml/building/1.0}"
# A real house of each tile: easting, northing of a ground corner and its DHHN2016 height are
# read from the file, so nothing is written down here.
SOURCES = {
    "textured": ("citygml/citygml4j/lod3_building_v2.gml",),
    "citygml3": ("citygml/citygml4j/lod2_buildings_v3.gml",),
    "appearance": ("citygml/ogc20_appearance/Appearance-EPSG25832.gml",),
    "courtyards": ("citygml/bavaria/DEBY_LOD2_4959457.gml",),
}


def expected_triangles(paths: list[Path]) -> tuple[int, int]:
    """Buildings, and triangles of n corners and h holes without closures, by lxml alone."""
    buildings = triangles = 0
    for path in paths:
        tree = etree.parse(path)
        buildings += sum(1 for _ in tree.iter(f"{BUILDING}Building"))
        for polygon in tree.iter(f"{GML}Polygon"):
            if any(a.tag == f"{BUILDING}ClosureSurface" for a in polygon.iterancestors()):
                continue
            rings = list(polygon.iter(f"{GML}posList"))
            corners = sum(len(ring.text.split()) // 3 - 1 for ring in rings)
            triangles += corners + 2 * (len(rings) - 1) - 2
    return buildings, triangles


def nrw_files(open_data: Path) -> list[Path]:
    return sorted((open_data / "citygml" / "nrw").glob("LoD2_32_32[6-9]_*.gml"))


def test_nrw_tiles_are_whole_in_three_js(nrw_town: Path, open_data: Path, judge: Judge) -> None:
    """Every triangle of the input is in a leaf, inside its tile's volume, in Wesel."""
    _, triangles = expected_triangles(nrw_files(open_data))
    verdict = judge(
        "tiles3d_probe.mjs", "--tileset", nrw_town / "tileset.json", "--all",
        "--bbox", "6.4,51.6,6.6,51.7", "--heights", "55,140",
        "--camera", "6.5095,51.6635,400,30,-35",
    )  # fmt: skip
    assert triangles <= verdict["leaf_triangles"] + 1  # one surface of the input has no area
    assert verdict["leaf_triangles"] <= 1.02 * triangles
    assert verdict["nan"] == 0
    assert verdict["degenerate"] <= 0.001 * verdict["triangles"]
    assert verdict["outside_own_volume_m"] <= 0.01
    assert verdict["child_outside_parent_m"] <= 0.01


def test_every_nrw_building_arrives_in_cesium(
    nrw_town: Path, open_data: Path, judge: Judge, request: pytest.FixtureRequest
) -> None:
    """CesiumJS draws each Building of the input exactly once."""
    buildings, _ = expected_triangles(nrw_files(open_data))
    shot = request.config.rootpath / "test-output" / "nrw-cesium.png"
    shot.parent.mkdir(exist_ok=True)
    judge(
        "cesium_probe.mjs", "--tileset", nrw_town / "tileset.json", "--all",
        "--id-property", "building_id", "--ids", buildings, "--shot", shot,
    )  # fmt: skip


def flat_roofs(path: Path, most: int = 4) -> list[tuple[float, float, float]]:
    """Middles of large level roofs and their DHHN2016 heights, straight from the XML."""
    found = []
    for roof in etree.parse(path).iter(f"{BUILDING}RoofSurface"):
        for ring in roof.iter(f"{GML}posList"):
            assert ring.text is not None
            corners = np.array(ring.text.split(), float).reshape(-1, 3)[:-1]
            if len(corners) >= 4 and np.ptp(corners[:, 2]) == 0:
                outline = shapely.Polygon(corners[:, :2])
                middle = outline.representative_point()
                if outline.area > 100 and outline.exterior.distance(middle) > 3:
                    found.append((middle.x, middle.y, float(corners[0, 2])))
    return found[:most]


def test_heights_in_cesium_are_dhhn2016_plus_the_declared_undulation(
    nrw_town: Path, open_data: Path, judge: Judge
) -> None:
    """Roofs sampled in CesiumJS lie within 0.1 m of what the file and EGM96 say."""
    roofs = [roof for path in nrw_files(open_data) for roof in flat_roofs(path)][:6]
    assert len(roofs) >= 3
    to_degrees = pyproj.Transformer.from_crs(25832, 4326, always_xy=True)
    places = [to_degrees.transform(e, n) for e, n, _ in roofs]
    text = ";".join(f"{lon:.9f},{lat:.9f}" for lon, lat in places)
    verdict = judge(
        "cesium_probe.mjs", "--tileset", nrw_town / "tileset.json", "--all", "--sample", text
    )
    scene = json.loads((nrw_town / "scene.json").read_text())
    undulation = scene["height"]["undulation_m"]  # declared for the scene's origin
    for (_, _, height_dhhn2016), sample in zip(roofs, verdict["samples"], strict=True):
        assert sample["height"] == pytest.approx(height_dhhn2016 + undulation, abs=0.1)


def test_sample_town_is_whole_in_both_engines(
    sample_town: Path, judge: Judge, request: pytest.FixtureRequest
) -> None:
    """The sample stands at Soest, its towers up, and every house arrives."""
    report = json.loads((sample_town / "report.json").read_text())
    shots = request.config.rootpath / "test-output"
    shots.mkdir(exist_ok=True)
    verdict = judge(
        "tiles3d_probe.mjs", "--tileset", sample_town / "tileset.json", "--all",
        "--bbox", "8.08,51.55,8.14,51.60", "--heights", "125,245",
        "--camera", "8.107,51.562,450,0,-30", "--shot", shots / "sample-three.png",
    )  # fmt: skip
    assert verdict["leaf_triangles"] == report["output"]["triangles"]
    assert verdict["degenerate"] <= 0.001 * verdict["triangles"]
    judge(
        "cesium_probe.mjs", "--tileset", sample_town / "tileset.json", "--all",
        "--id-property", "building_id", "--ids", report["output"]["top_level_objects"],
        "--shot", shots / "sample-cesium.png",
    )  # fmt: skip


def test_terrain_has_no_fault(sample_town: Path, judge: Judge) -> None:
    """The ground loads to its last square, inside its volumes."""
    verdict = judge(
        "tiles3d_probe.mjs", "--tileset", sample_town / "terrain" / "tileset.json", "--all",
        "--bbox", "8.08,51.55,8.14,51.60", "--heights", "120,165",
    )  # fmt: skip
    assert verdict["degenerate"] <= 0.001 * verdict["triangles"]


def test_first_view_of_the_town_is_small(sample_town: Path, judge: Judge) -> None:
    """The whole town is seen with at most 400 kB of buildings and ground, in few tiles."""
    loaded = 0
    for tileset in ("tileset.json", "terrain/tileset.json"):
        # The automatic camera fits the whole town into the picture.
        verdict = judge("cesium_probe.mjs", "--tileset", sample_town / tileset)
        document = json.loads((sample_town / tileset).read_text())
        root = (sample_town / tileset).parent / document["root"]["content"]["uri"]
        assert verdict["tiles_loaded"] == 1, "more than the root was wanted"
        loaded += root.stat().st_size + (sample_town / tileset).stat().st_size
    assert loaded <= 400_000


@pytest.mark.parametrize("name", sorted(SOURCES))
def test_other_sources_are_whole_in_both_engines(
    name: str, open_data: Path, tmp_path: Path, judge: Judge
) -> None:
    """Textures, CityGML 3.0, appearances and courtyards load without a fault."""
    report = tile(tmp_path, *(open_data / path for path in SOURCES[name]), "--no-terrain")
    assert report["dropped"] == []
    tileset = tmp_path / "tileset.json"
    judge("tiles3d_probe.mjs", "--tileset", tileset, "--all")
    wanted = report["output"]["top_level_objects"]
    judge(
        "cesium_probe.mjs", "--tileset", tileset, "--all",
        "--id-property", "building_id", "--ids", wanted,
    )  # fmt: skip
    judge("gltf_check.mjs", "--strict", tmp_path)


@pytest.mark.parametrize("town", ["nrw_town", "sample_town"])
def test_contents_and_tilesets_are_valid(
    town: str, judge: Judge, open_data: Path, request: pytest.FixtureRequest
) -> None:
    """The Khronos validator and the 3D Tiles schemas find nothing, not even a warning."""
    folder: Path = request.getfixturevalue(town)
    summary: dict[str, Any] = judge("gltf_check.mjs", "--strict", folder)
    assert summary["errors"] == summary["warnings"] == 0
    schemas = open_data / "schemas" / "3d-tiles"
    judge(
        "tileset_schema.py", schemas, folder / "tileset.json", folder / "terrain/tileset.json"
    )


def test_no_content_is_too_large(sample_town: Path) -> None:
    """Largest tile at most 2 MiB."""
    assert max(path.stat().st_size for path in sample_town.rglob("*.glb")) <= 2 * 2**20


def test_py3dtiles_opens_the_plain_output(open_data: Path, tmp_path: Path) -> None:
    """A second opinion from Python: every tile and every vertex of the plain tileset."""
    python = os.environ.get("PY3DTILES_PYTHON", "")
    if not python:
        pytest.skip("PY3DTILES_PYTHON names no Python that has py3dtiles: make validators")
    report = tile(tmp_path, *nrw_files(open_data), "--no-terrain", "--plain")
    script = Path(__file__).with_name("read_with_py3dtiles.py")
    done = subprocess.run(
        [python, script, tmp_path / "tileset.json"], capture_output=True, text=True, check=True
    )
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["tiles"] == report["output"]["tiles"]
    vertices = 0
    for path in (tmp_path / "content").glob("*.glb"):
        data = path.read_bytes()
        size = int.from_bytes(data[12:16], "little")
        document = json.loads(data[20 : 20 + size])
        for primitive in document["meshes"][0]["primitives"]:
            vertices += document["accessors"][primitive["attributes"]["POSITION"]]["count"]
    assert found["vertices"] == vertices > 30_000
