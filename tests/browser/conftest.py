"""A town of a few askew houses, written by hand: what the page's tests look at."""

from __future__ import annotations

import io
import itertools
import json
import os
import re
import shutil
import struct
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image
from pyproj import Transformer

from cityapp.cli.demo import make_demo

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

ROOT = Path(__file__).resolve().parents[2]
CONTRACTS = ROOT / "tests" / "contracts"

CREAM, RED, GREY, PAPER = (239, 230, 214), (168, 67, 47), (190, 190, 184), (226, 224, 208)

# Footprint centre east and north, length, width, eaves, ridge, turn in radians, building.
HOUSES = [
    (0.0, 0.0, 14.0, 9.0, 6.0, 11.0, 0.3, 0),
    (11.5, 3.5, 8.0, 7.0, 4.0, 4.0, 0.3, 0),
    (-38.0, 12.0, 12.0, 9.0, 6.0, 10.5, -0.4, 1),
    (34.0, -14.0, 18.0, 10.0, 7.0, 12.5, 0.9, 2),
    (-12.0, 44.0, 10.0, 8.0, 5.0, 9.0, 1.2, 3),
    (40.0, 38.0, 24.0, 14.0, 8.0, 8.0, 0.15, 4),
    (-42.0, -34.0, 11.0, 9.0, 5.5, 10.0, 0.7, 5),
    (-66.0, 62.0, 9.0, 9.0, 22.0, 48.0, 0.2, 6),
]

TEXT_COLUMNS = {
    "gml_id": [f"DENW39AL1000{ix:04d}" for ix in range(8)],
    "building_id": [f"DENW39AL1000{house[7]:02d}aa" for house in HOUSES],
    "name": ["", "", "", "", "", "Kaufhalle", "", "St. Muster"],
    "function": [f"31001_{code}" for code in (1000, 1000, 1000, 2020, 1000, 2050, 1000, 3041)],
    "function_name": [
        *("Wohngebäude", "Wohngebäude", "Wohngebäude", "Bürogebäude"),
        *("Wohngebäude", "Geschäftsgebäude", "", "Kirche"),
    ],
    "roof_type": ["3100", "1000", "3100", "3100", "3100", "1000", "3100", "3500"],
    "roof_type_name": [
        *("Satteldach", "Flachdach", "Satteldach", "Satteldach"),
        *("Satteldach", "Flachdach", "Satteldach", "Turmdach"),
    ],
    "address": ["Musterstraße 12, 59494 Soest", *([""] * 7)],
    "municipality_key": ["05974040"] * 8,
}
NUMBER_COLUMNS = {
    "measured_height": ("FLOAT32", [11.0, 4.0, 10.5, 12.5, 9.0, 8.0, -9999.0, 48.0]),
    "storeys": ("INT32", [2, 1, 2, 3, 2, 2, -9999, -9999]),
    "ground_height_dhhn2016": ("FLOAT32", [95.2] * 8),
    "roof_height_dhhn2016": (
        "FLOAT32",
        [106.2, 99.2, 105.7, 107.7, 104.2, 103.2, 105.2, 143.2],
    ),
}


@dataclass(frozen=True)
class Visit:
    """What a browser saw: the answer of each step, and everything it complained of."""

    answers: list[Any]
    console: list[str]
    received: dict[str, int]
    failed: list[str]
    outside: list[str]


class Browser:
    """Chromium with software WebGL, driven by ``drive.mjs`` beside this file."""

    def __init__(self, address: str, node: str, chromium: str) -> None:
        self.address = address
        self._command = [node, str(Path(__file__).with_name("drive.mjs"))]
        self._chromium = chromium

    def visit(self, *steps: list[Any], **settings: Any) -> Visit:
        """Open the page, take the steps in their order, and tell what happened.

        Parameters
        ----------
        *steps : list
            A verb of ``drive.mjs`` and its values, such as ``["press", "Home"]``.
        **settings : Any
            ``size``, ``scheme``, ``webgl``, ``refuse``, ``hold``, ``motion``, ``touch``.

        Returns
        -------
        Visit
            One answer for each step.
        """
        order = {"url": self.address, "chromium": self._chromium, "steps": steps, **settings}
        done = subprocess.run(
            [*self._command, json.dumps(order)], check=False, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return Visit(**json.loads(done.stdout))


@pytest.fixture(scope="session")
def pictures() -> Path:
    """Folder for screenshots, for people to look at."""
    folder = ROOT / "test-output" / "browser"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def browser(small_town: Path) -> Iterator[Browser]:
    """Chromium in front of the houses below."""
    with _served(small_town) as found:
        yield found


@pytest.fixture(scope="session")
def sample_browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Chromium in front of the sample town, made and tiled as ``stadtbild demo`` does."""
    folder = tmp_path_factory.mktemp("sample_town")
    make_demo(folder / "source", folder / "tiles")
    with _served(folder / "tiles") as found:
        yield found


@contextmanager
def _served(folder: Path) -> Iterator[Browser]:
    """Start the real server by the real command, and stop it."""
    chromium = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    node = shutil.which("node")
    modules = ROOT / "viewer" / "frontend" / "node_modules"
    if not Path(chromium).exists():
        pytest.skip(f"no Chromium at {chromium}; set CHROMIUM")
    if node is None or not (modules / "playwright-core").is_dir():
        pytest.skip("no Node or no node_modules; run 'npm ci' in viewer/frontend")
    start = "from cityapp.cli import main; main()"
    command = [sys.executable, "-c", start, "serve", str(folder), "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=ROOT) as server:
        assert server.stderr is not None
        said = server.stderr.readline()
        address = re.search(r"http://127\.0\.0\.1:\d+/", said)
        assert address, said + server.stderr.read()
        yield Browser(address.group(), node, chromium)
        server.terminate()
        server.stderr.read()
        assert server.wait() == 0


@pytest.fixture(scope="session")
def small_town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as ``stadtbild tile`` leaves it, of one tile of houses and one of ground."""
    folder = tmp_path_factory.mktemp("small_town")
    scene = json.loads((CONTRACTS / "scene.json").read_text("utf-8"))
    shutil.copy(CONTRACTS / "scene.json", folder)
    frame = _frame(scene["origin"])
    triangles = [_house(ix) for ix in range(len(HOUSES))]
    corners, colours, ids = map(np.concatenate, zip(*triangles, strict=True))
    _write_tileset(folder, frame, _glb(corners, colours, ids, features=True))
    _write_tileset(folder / "terrain", frame, _glb(*_ground(), features=False))
    return folder


def _frame(origin: dict[str, float]) -> list[float]:
    """Matrix from metres east, north, up at the origin to ECEF, column by column."""
    lon, lat, h = origin["longitude_deg"], origin["latitude_deg"], origin["height_ellipsoidal"]
    place = Transformer.from_crs("EPSG:4979", "EPSG:4978", always_xy=True).transform(
        lon, lat, h
    )
    a, b = np.radians([lon, lat])
    east = [-np.sin(a), np.cos(a), 0]
    north = [-np.sin(b) * np.cos(a), -np.sin(b) * np.sin(a), np.cos(b)]
    up = [np.cos(b) * np.cos(a), np.cos(b) * np.sin(a), np.sin(b)]
    return [
        float(n)
        for axis, last in ((east, 0), (north, 0), (up, 0), (place, 1))
        for n in (*axis, last)
    ]


def _house(ix: int) -> tuple[Floats, Floats, Floats]:
    """Corners (n, 3), colours (n, 3) and feature ids (n,) of a house with a gabled roof."""
    east, north, length, width, eaves, ridge, turn, _ = HOUSES[ix]
    x, y = length / 2, width / 2
    a, b, c, d = (-x, -y), (x, -y), (x, y), (-x, y)
    walls = [
        [(*p, 0), (*q, 0), (*q, eaves), (*p, eaves)]
        for p, q in ((a, b), (b, c), (c, d), (d, a))
    ]
    west, east_end = (-x, 0, ridge), (x, 0, ridge)
    roofs = [
        [(*a, eaves), (*b, eaves), east_end, west],
        [(*c, eaves), (*d, eaves), west, east_end],
    ]
    gables = [[(*b, eaves), (*c, eaves), east_end], [(*d, eaves), (*a, eaves), west]]
    roof_colour = RED
    if ridge == eaves:
        roof_colour, gables = GREY, []
    corners, colours = [], []
    for polygons, colour in ((walls, CREAM), (gables, CREAM), (roofs, roof_colour)):
        for polygon in polygons:
            fan = [polygon[0], polygon[1], polygon[2]]
            if len(polygon) == 4:
                fan += [polygon[0], polygon[2], polygon[3]]
            corners += fan
            colours += [colour] * len(fan)
    cos, sin = np.cos(turn), np.sin(turn)
    spun = np.array(corners) @ np.array([[cos, sin, 0], [-sin, cos, 0], [0, 0, 1]])
    place = np.array([east, north, 0])
    return spun + place, np.array(colours, float), np.full(len(corners), float(ix))


def _ground() -> tuple[Floats, Floats, Floats]:
    """A gentle plain, 240 m wide, in triangles."""
    steps = np.linspace(-120, 120, 13)
    corners = []
    for west, east in itertools.pairwise(steps):
        for south, north in itertools.pairwise(steps):
            corners += [(west, south), (east, south), (east, north)]
            corners += [(west, south), (east, north), (west, north)]
    plan = np.array(corners)
    height = 0.4 * np.sin(plan[:, 0] / 30) * np.cos(plan[:, 1] / 40) - 0.2
    points = np.column_stack([plan, height])
    return points, np.tile(np.array(PAPER, float), (len(points), 1)), np.zeros(len(points))


def _glb(corners: Floats, colours: Floats, ids: Floats, *, features: bool) -> bytes:
    flat = corners.reshape(-1, 3, 3)
    normals = np.cross(flat[:, 1] - flat[:, 0], flat[:, 2] - flat[:, 0])
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    turned = corners[:, [0, 2, 1]] * [1, 1, -1]  # glTF is y up
    spun = np.repeat(normals, 3, axis=0)[:, [0, 2, 1]] * [1, 1, -1]
    # COLOR_0 is linear light; the colours above are sRGB as a reader writes them.
    linear = ((colours / 255 + 0.055) / 1.055) ** 2.4
    rgba = np.rint(np.column_stack([linear, np.ones(len(linear))]) * 255).astype(np.uint8)
    views: list[bytes] = []

    def view(data: bytes) -> int:
        views.append(data)
        return len(views) - 1

    points = turned.astype("<f4")
    low, high = points.min(0).tolist(), points.max(0).tolist()
    accessors: list[dict[str, Any]] = [
        {
            "bufferView": view(points.tobytes()),
            "componentType": 5126,
            "type": "VEC3",
            "min": low,
            "max": high,
        },
        {
            "bufferView": view(spun.astype("<f4").tobytes()),
            "componentType": 5126,
            "type": "VEC3",
        },
        {
            "bufferView": view(rgba.tobytes()),
            "componentType": 5121,
            "normalized": True,
            "type": "VEC4",
        },
    ]
    primitive: dict[str, Any] = {"attributes": {"POSITION": 0, "NORMAL": 1, "COLOR_0": 2}}
    document: dict[str, Any] = {"asset": {"version": "2.0"}}
    if not features:
        # A picture inside the tile: the content policy must let three.js read it.
        accessors.append(
            {
                "bufferView": view((points[:, [0, 2]] / 60).astype("<f4").tobytes()),
                "componentType": 5126,
                "type": "VEC2",
            }
        )
        primitive |= {"attributes": primitive["attributes"] | {"TEXCOORD_0": 3}, "material": 0}
        picture = {"baseColorTexture": {"index": 0}, "metallicFactor": 0}
        document["materials"] = [{"pbrMetallicRoughness": picture}]
        document["textures"] = [{"source": 0}]
        document["images"] = [{"bufferView": view(_picture()), "mimeType": "image/png"}]
    if features:
        accessors.append(
            {
                "bufferView": view(ids.astype("<f4").tobytes()),
                "componentType": 5126,
                "type": "SCALAR",
            }
        )
        primitive["attributes"]["_FEATURE_ID_0"] = 3
        feature_ids = [{"featureCount": len(HOUSES), "attribute": 0, "propertyTable": 0}]
        primitive["extensions"] = {"EXT_mesh_features": {"featureIds": feature_ids}}
        document["extensionsUsed"] = ["EXT_mesh_features", "EXT_structural_metadata"]
        document["extensions"] = {"EXT_structural_metadata": _metadata(view)}
    for accessor in accessors:
        accessor["count"] = len(corners)
    offsets = np.cumsum([0, *(len(data) + -len(data) % 8 for data in views)])
    document |= {
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [primitive]}],
        "accessors": accessors,
        "bufferViews": [
            {"buffer": 0, "byteOffset": int(offset), "byteLength": len(data)}
            for offset, data in zip(offsets[:-1], views, strict=True)
        ],
        "buffers": [{"byteLength": int(offsets[-1])}],
    }
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 8)
    body = b"".join(data + bytes(-len(data) % 8) for data in views)
    head = struct.pack("<4sIII4s", b"glTF", 2, 28 + len(text) + len(body), len(text), b"JSON")
    return head + text + struct.pack("<I4s", len(body), b"BIN\0") + body


def _picture() -> bytes:
    """A pale chequered PNG."""
    squares = np.kron((np.indices((8, 8)).sum(0) % 2), np.ones((8, 8)))
    buffer = io.BytesIO()
    Image.fromarray((255 - 10 * squares).astype(np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def _metadata(view: Any) -> dict[str, Any]:
    schema: dict[str, Any] = {}
    values: dict[str, Any] = {}
    for name, texts in TEXT_COLUMNS.items():
        encoded = [text.encode() for text in texts]
        offsets = np.cumsum([0, *map(len, encoded)]).astype("<u4")
        schema[name] = {"type": "STRING", "noData": ""}
        values[name] = {
            "values": view(b"".join(encoded)),
            "stringOffsets": view(offsets.tobytes()),
        }
    for name, (kind, numbers) in NUMBER_COLUMNS.items():
        schema[name] = {"type": "SCALAR", "componentType": kind, "noData": -9999}
        column = np.array(numbers, "<f4" if kind == "FLOAT32" else "<i4")
        values[name] = {"values": view(column.tobytes())}
    return {
        "schema": {"id": "town", "classes": {"building": {"properties": schema}}},
        "propertyTables": [{"class": "building", "count": len(HOUSES), "properties": values}],
    }


def _write_tileset(folder: Path, frame: list[float], glb: bytes) -> None:
    (folder / "content").mkdir(parents=True)
    (folder / "content/root-00000000.glb").write_bytes(glb)
    box = {"box": [0, 0, 24, 121, 0, 0, 0, 121, 0, 0, 0, 26]}
    root = {
        "transform": frame,
        "boundingVolume": box,
        "geometricError": 0,
        "refine": "REPLACE",
        "content": {"uri": "content/root-00000000.glb"},
    }
    tileset = {"asset": {"version": "1.1"}, "geometricError": 100, "root": root}
    (folder / "tileset.json").write_text(json.dumps(tileset))
