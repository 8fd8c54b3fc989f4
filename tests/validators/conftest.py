"""Tilesets made freshly for the judges, and the judges themselves."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
CHECKS = ROOT.parent / "shared" / "checks"

Judge = Callable[..., dict[str, Any]]


@pytest.fixture(scope="session")
def probes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The independent probes beside the node packages they need."""
    if not CHECKS.is_dir():
        pytest.skip(f"the probes are not at {CHECKS}")
    if not (HERE / "node_modules").is_dir():
        pytest.skip("the judges' node packages are not installed: make validators")
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if chromium is None:
        pytest.skip("no Chromium: make chromium")
    folder = tmp_path_factory.mktemp("probes")
    for script in CHECKS.iterdir():
        if script.suffix in {".mjs", ".py"}:
            shutil.copy(script, folder)
    (folder / "node_modules").symlink_to(HERE / "node_modules")
    (folder / "package.json").write_text('{"type": "module"}')
    return folder


@pytest.fixture(scope="session")
def judge(probes: Path) -> Judge:
    """Run a probe and return its verdict; a fault fails the test with the probe's words."""

    def run(script: str, *arguments: object) -> dict[str, Any]:
        program = ["node"] if script.endswith(".mjs") else [sys.executable]
        done = subprocess.run(
            [*program, script, *map(str, arguments)],
            cwd=probes,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert done.stdout, done.stderr
        if script == "gltf_check.mjs":
            verdict: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])["summary"]
        elif script.endswith(".py"):
            verdict = {"lines": [json.loads(line) for line in done.stdout.splitlines()]}
        else:
            verdict = json.loads(done.stdout)
        assert done.returncode == 0, verdict.get("faults", verdict)
        return verdict

    return run


def tile(target: Path, *arguments: object) -> dict[str, Any]:
    """Run ``stadtbild tile`` as a user does and return its report."""
    subprocess.run(
        [sys.executable, "-m", "cityapp", "tile", *map(str, arguments), "-o", target],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    report: dict[str, Any] = json.loads((target / "report.json").read_text(encoding="utf-8"))
    return report


@pytest.fixture(scope="session")
def sample_source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample town's files."""
    folder = tmp_path_factory.mktemp("sample")
    subprocess.run(
        [sys.executable, "-m", "cityapp", "sample", "soest", "-o", folder],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    return folder


@pytest.fixture(scope="session")
def sample_town(sample_source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample town, tiled with its terrain."""
    target = tmp_path_factory.mktemp("sample-town")
    tile(target, sample_source, "--terrain", sample_source)
    return target


@pytest.fixture(scope="session")
def nrw_town(open_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Real tiles of neighbouring squares, one of them empty."""
    target = tmp_path_factory.mktemp("nrw-town")
    folder = open_data / "citygml" / "nrw"
    names = ("326_5726", "326_5727", "327_5726", "327_5727", "328_5727", "329_5725")
    tile(target, *(folder / f"LoD2_32_{name}_1_NW.gml" for name in names))
    return target
