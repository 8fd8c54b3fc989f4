"""Stadtbild as its users run it, and stage by stage within one process."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .measure import Cost, run

ROOT = Path(__file__).resolve().parents[1]
BARE_ITERPARSE = Path(__file__).with_name("scripts") / "bare_iterparse.py"


def bare_iterparse(sources: Sequence[Path]) -> Cost:
    """Run the yardstick: lxml alone reads the files."""
    return run([sys.executable, BARE_ITERPARSE, *sources])


def tile(
    sources: Sequence[Path],
    target: Path,
    *options: str | Path,
    jobs: int = 1,
    numba_cache: Path | None = None,
) -> Cost:
    """Run ``stadtbild tile`` into an empty folder.

    Parameters
    ----------
    sources : sequence of Path
        City models.
    target : Path
        Is emptied first.
    options : str or Path
        More arguments.
    jobs : int
        Processes.
    numba_cache : Path, optional
        Where compiled code is kept, for a first run.

    Returns
    -------
    Cost
        What it took.
    """
    shutil.rmtree(target, ignore_errors=True)
    command: list[str | Path] = [sys.executable, "-m", "cityapp", "tile", *sources]
    environment = {"NUMBA_CACHE_DIR": str(numba_cache)} if numba_cache else {}
    return run(
        [*command, "-o", target, "--jobs", str(jobs), *options],
        folder=ROOT,
        environment=environment,
    )


def report_of(target: Path) -> dict[str, Any]:
    """Return the report that a run left in its folder."""
    report: dict[str, Any] = json.loads((target / "report.json").read_text("utf-8"))
    return report


def first_view_bytes(target: Path) -> int:
    """Bytes a client loads before it shows the whole town: both trees and their roots."""
    total = 0
    for tree in (target / "tileset.json", target / "terrain" / "tileset.json"):
        if tree.is_file():
            content = json.loads(tree.read_text("utf-8"))["root"].get("content")
            total += tree.stat().st_size
            total += (tree.parent / content["uri"]).stat().st_size if content else 0
    return total


@dataclass(frozen=True, slots=True)
class Stages:
    """CPU seconds of one process, by what it did.

    Parameters
    ----------
    start, read, features, tiles : float
        Imports and compiled code from the cache; XML to model; model to features on disk;
        features to glb.
    """

    start: float
    read: float
    features: float
    tiles: float


def measure_stages(source: Path, folder: Path) -> Stages:
    """Run the stages in a process of their own.

    Parameters
    ----------
    source : Path
        A city model.
    folder : Path
        Is emptied and written to.

    Returns
    -------
    Stages
        CPU seconds; what the process took before its own clock began is in ``start``.
    """
    shutil.rmtree(folder, ignore_errors=True)
    cost = run([sys.executable, "-m", "benchmarks.stages", source, folder], folder=ROOT)
    return Stages(**json.loads(cost.output))
