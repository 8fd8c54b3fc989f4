"""tiles.terrain: the ground as a tileset."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import pytest
from meshopt import decode_gltf_buffer
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from citykernel.crs import Geocentric, parse_crs
from citykernel.errors import TilesetError
from citykernel.frame import LocalFrame
from citykernel.geoid import Undulation
from citymodel.terrain import HeightGrid, Terrain, TerrainTile, triangulate_terrain
from tiles.terrain import write_terrain_tileset

UTM = parse_crs("EPSG:25832+7837")
UNDULATION_M = 46.28
TO_EARTH = Geocentric(UTM, Undulation("declared", 0.3, constant_m=UNDULATION_M))
FRAME = LocalFrame(8.10, 51.57, 130.0)
WEST, SOUTH = 438_000.0, 5_713_000.0
TOWN = {"title": "Prüffeld", "attribution": "Musterdaten", "vertical_crs": "DHHN2016"}


def ground(rows: int = 257, columns: int = 257) -> Terrain:
    """Hills with a bank of two metres, south of Soest's cathedral."""
    x, y = np.meshgrid(np.arange(columns), np.arange(rows))
    heights = 95 + 3 * np.sin(x / 23 + y / 41) + np.where(x > 90 + y / 3, 2.0, 0.0)
    return Terrain([HeightGrid(heights.astype(np.float32), WEST, SOUTH + rows, 1.0, UTM)])


def squares() -> list[TerrainTile]:
    """A pyramid of 1 + 4 + 16 squares."""
    return list(triangulate_terrain(ground(), leaf_m=64, leaf_error_m=0.1))


def write(target: Path, **options: Any) -> Any:
    """Write the pyramid at Soest."""
    return write_terrain_tileset(squares(), target, TO_EARTH, FRAME, town=TOWN, **options)


def plain_rows(data: bytes, name: str) -> NDArray[np.float64]:
    """Rows of a float attribute in the frame's axes."""
    length = struct.unpack_from("<I", data, 12)[0]
    document, blob = json.loads(data[20 : 20 + length]), data[28 + length :]
    number = document["meshes"][0]["primitives"][0]["attributes"][name]
    view = document["bufferViews"][document["accessors"][number]["bufferView"]]
    start = view["byteOffset"]
    rows = np.frombuffer(blob[start : start + view["byteLength"]], np.float32).reshape(-1, 3)
    x, y, z = rows.astype(np.float64).T
    return np.stack([x, -z, y], axis=1)


def positions(path: Path) -> NDArray[np.float64]:
    """Vertices of a glb in the tileset's frame: metres east, north, up."""
    data = path.read_bytes()
    length = struct.unpack_from("<I", data, 12)[0]
    document, blob = json.loads(data[20 : 20 + length]), data[28 + length :]
    node = document["nodes"][0]
    number = document["meshes"][0]["primitives"][0]["attributes"]["POSITION"]
    accessor = document["accessors"][number]
    view = document["bufferViews"][accessor["bufferView"]]
    packed = view.get("extensions", {}).get("EXT_meshopt_compression")
    if packed:
        start = packed["byteOffset"]
        piece = bytes(blob[start : start + packed["byteLength"]])
        rows = decode_gltf_buffer(piece, packed["count"], packed["byteStride"], packed["mode"])
        whole = np.frombuffer(rows.tobytes(), np.uint16).reshape(packed["count"], -1)
        local = whole[:, :3].astype(np.float64) * node["scale"][0]
    else:
        plain = blob[view["byteOffset"] : view["byteOffset"] + view["byteLength"]]
        local = np.frombuffer(plain, np.float32).reshape(-1, 3).astype(np.float64)
    x, y, z = (local + node["translation"]).T
    return np.stack([x, -z, y], axis=1)


def tiles_of(target: Path) -> dict[str, dict[str, Any]]:
    """Tiles of tileset.json by the start of their content's name."""

    def walk(tile: dict[str, Any]) -> list[dict[str, Any]]:
        return [tile, *(one for child in tile.get("children", []) for one in walk(child))]

    root = json.loads((target / "tileset.json").read_text("utf-8"))["root"]
    return {tile["content"]["uri"].split("/")[1].split(".")[0]: tile for tile in walk(root)}


@pytest.mark.parametrize("compress", [True, False])
def test_ground_stands_at_its_height_above_the_ellipsoid(
    tmp_path: Path,
    compress: bool,  # noqa: FBT001 - pytest passes it by name
) -> None:
    """Every vertex is a sample of the terrain, 46.28 m higher, to a centimetre."""
    write(tmp_path, compress=compress)
    found = positions(tmp_path / tiles_of(tmp_path)["terrain-2-1-3"]["content"]["uri"])
    square = next(one for one in squares() if (one.level, one.x, one.y) == (2, 1, 3))
    to_degrees = pyproj.Transformer.from_crs(25832, 4326, always_xy=True)
    lon, lat = to_degrees.transform(square.vertices[:, 0], square.vertices[:, 1])
    to_earth = pyproj.Transformer.from_crs(4979, 4978, always_xy=True)
    earth = np.stack(to_earth.transform(lon, lat, square.vertices[:, 2] + UNDULATION_M), axis=1)
    away, nearest = cKDTree(FRAME.from_earth(earth)).query(found)
    assert away.max() < 0.01
    assert_array_equal(np.unique(nearest), np.arange(len(square.vertices)))


@pytest.mark.parametrize("compress", [True, False])
def test_neighbours_meet_also_after_rounding(
    tmp_path: Path,
    compress: bool,  # noqa: FBT001 - pytest passes it by name
) -> None:
    """Both tiles of a seam round its vertices to the same place, to the micrometre."""
    write(tmp_path, compress=compress)
    tiles = tiles_of(tmp_path)
    for one, other in (("2-1-1", "2-2-1"), ("2-1-1", "2-1-2"), ("1-0-0", "1-1-0")):
        left, right = (
            positions(tmp_path / tiles[f"terrain-{name}"]["content"]["uri"])
            for name in (one, other)
        )
        away, _ = cKDTree(right).query(left)
        # Vertices of the seam and of its skirt; all others are a metre away or more.
        assert (away < 1e-6).sum() >= 6
        assert not ((away > 1e-6) & (away < 0.2)).any()


def test_volumes_contain_and_errors_shrink(tmp_path: Path) -> None:
    """Each box holds its vertices and its children; what is stated was measured."""
    write(tmp_path)
    errors = {(one.level, one.x, one.y): one.max_error_m for one in squares()}
    for name, tile in tiles_of(tmp_path).items():
        box = np.array(tile["boundingVolume"]["box"])
        middle, half = box[:3], np.diag(box[3:].reshape(3, 3))
        found = positions(tmp_path / tile["content"]["uri"])
        assert (np.abs(found - middle) <= half + 0.002).all()
        level, x, y = map(int, name.split("-")[1:])
        assert 0 <= tile["geometricError"] - errors[level, x, y] < 0.02
        for child in tile.get("children", []):
            assert child["geometricError"] <= tile["geometricError"]
            inner = np.array(child["boundingVolume"]["box"])
            reach = np.abs(inner[:3] - middle) + np.diag(inner[3:].reshape(3, 3))
            assert (reach <= half + 0.003).all()
    assert [len(tile.get("children", [])) for tile in tiles_of(tmp_path).values()].count(4) == 5


def test_second_run_writes_nothing_but_the_list(tmp_path: Path) -> None:
    """The same ground gives the same bytes; contents of an older ground go."""
    first = write(tmp_path)
    content = tmp_path / "content"
    before = {path.name: path.read_bytes() for path in content.iterdir()}
    listed = (tmp_path / "tileset.json").read_bytes()
    again = write(tmp_path)
    assert again.bytes_written == len(listed) < first.bytes_written == first.bytes_in_all
    assert {path.name: path.read_bytes() for path in content.iterdir()} == before
    assert (tmp_path / "tileset.json").read_bytes() == listed
    write(tmp_path, colour="#00ff00")
    assert len(list(content.iterdir())) == 21
    assert not before.keys() & {path.name for path in content.iterdir()}


def test_report_counts_the_finest_ground(tmp_path: Path) -> None:
    """Triangles of the leaves without their skirts, and every tile told to the listener."""
    told: list[int] = []
    report = write(tmp_path, progress=told.append)
    leaves = [one for one in squares() if one.level == 2]
    assert report.triangles == sum(one.ground_triangles for one in leaves)
    assert (report.tiles, told) == (21, list(range(1, 22)))


def test_normals_follow_the_frame(tmp_path: Path) -> None:
    """A slope that falls due grid north lights from there, though the frame's north differs."""
    x, y = np.meshgrid(np.arange(65), np.arange(65))
    # Row 0 is the northernmost: 1 m down for 4 m north.
    slope = HeightGrid((95 + y / 4 + 0 * x).astype(np.float32), WEST, SOUTH + 65, 1.0, UTM)
    pyramid = list(triangulate_terrain(Terrain([slope]), leaf_m=64))
    write_terrain_tileset(pyramid, tmp_path, TO_EARTH, FRAME, town=TOWN, compress=False)
    expected = np.array([0.0, 0.25, 1.0]) / np.hypot(0.25, 1)
    assert_allclose(pyramid[0].normals, np.tile(expected, (8, 1)), atol=1e-6)
    north = FRAME.from_earth(TO_EARTH(np.array([[WEST, SOUTH + d, 95.0] for d in (0.0, 64.0)])))
    axis = (north[1] - north[0]) / np.linalg.norm(north[1] - north[0])
    data = (tmp_path / tiles_of(tmp_path)["terrain-0-0-0"]["content"]["uri"]).read_bytes()
    normals = plain_rows(data, "NORMAL")
    assert_allclose(normals @ axis, np.full(8, expected[1]), atol=1e-3)
    assert_allclose(np.linalg.norm(normals, axis=1), 1, atol=1e-6)


def test_ground_that_is_none_or_has_no_parent_is_refused(tmp_path: Path) -> None:
    """An empty pyramid, one without its root, a file in the way."""
    with pytest.raises(TilesetError, match="no ground to show"):
        write_terrain_tileset([], tmp_path, TO_EARTH, FRAME, town=TOWN)
    orphans = [one for one in squares() if one.level != 1]
    with pytest.raises(TilesetError, match=r"square 2/0/0 has no parent"):
        write_terrain_tileset(orphans, tmp_path, TO_EARTH, FRAME, town=TOWN)
    assert not (tmp_path / "tileset.json").exists()
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(TilesetError, match="cannot be written"):
        write(tmp_path / "file")
