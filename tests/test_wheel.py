"""The wheel: what is in it, and that it works alone in an empty environment."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
import venv
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

pytestmark = pytest.mark.wheel

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = {"citykernel", "citymodel", "tiles", "viewer", "cityapp"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built as for a release: front end included."""
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--outdir", folder, ROOT],
        check=True,
        capture_output=True,
    )
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command in an environment that holds nothing but the wheel and what it needs."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", wheel],
        check=True,
        capture_output=True,
    )
    return folder / "bin" / "stadtbild"


def run(command: Path, *arguments: object, cwd: Path) -> str:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    done = subprocess.run(
        [command, *map(str, arguments)],
        cwd=cwd,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_top_level_is_pinned(wheel: Path) -> None:
    """The wheel installs our packages and nothing else at its top level."""
    with zipfile.ZipFile(wheel) as archive:
        tops = {name.split("/")[0] for name in archive.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == PACKAGES


def test_wheel_holds_the_page_and_no_sources_of_it(wheel: Path) -> None:
    """The bundle and its licences are in; TypeScript, tests and node_modules are not."""
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert "viewer/assets/index.html" in names
    assert any("licen" in name.lower() for name in names if name.startswith("viewer/assets/"))
    assert not [name for name in names if name.startswith("viewer/frontend")]
    assert "citykernel/egm96_15min.i16.xz" in names
    assert all(f"{package}/py.typed" in names for package in PACKAGES)


@contextmanager
def serving(command: Path, folder: Path) -> Iterator[str]:
    process = subprocess.Popen(
        [command, "serve", folder, "--port", "0"],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        cwd=folder,
    )
    try:
        assert process.stderr is not None
        for line in process.stderr:
            if "http://" in line:
                yield line[line.index("http://") :].split()[0].rstrip("/")
                return
        pytest.fail("the server never said where it listens")
    finally:
        process.terminate()
        process.communicate(timeout=20)


def get(url: str) -> bytes:
    for _ in range(100):
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - loopback
                body: bytes = answer.read()
                return body
        except urllib.error.URLError:
            time.sleep(0.1)
    raise AssertionError(url)


def test_wheel_alone_goes_the_whole_way(installed: Path, tmp_path: Path) -> None:
    """Help, sample, tile and serve work from the wheel, far from the sources."""
    assert "tile" in run(installed, "--help", cwd=tmp_path)
    run(installed, "sample", "soest", "-o", "source", cwd=tmp_path)
    text = run(
        installed, "tile", "source", "-o", "town", "--terrain", "source", "--json", cwd=tmp_path
    )
    report = json.loads(text)
    assert report["output"]["top_level_objects"] == report["input"]["top_level_objects"] > 4000
    assert report["notice"] == "Musterdaten, nicht das amtliche Modell"
    with serving(installed, tmp_path / "town") as address:
        assert b"<html" in get(f"{address}/")
        scene = json.loads(get(f"{address}/api/v1/scenes"))
        assert "muster-soest" in json.dumps(scene)
        tileset = json.loads(get(f"{address}/tiles/tileset.json"))
        uri = tileset["root"]["content"]["uri"]
        assert get(f"{address}/tiles/{uri}")[:4] == b"glTF"
