"""The attack corpus: each hostile file is refused, in bounded memory."""

from __future__ import annotations

import json
import os
import re
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "tests" / "attacks"
FAMILIES = ("xml_attacks", "archive_attacks")
ATTACKS: dict[str, dict[str, Any]] = {
    family: runpy.run_path(str(SCRIPTS / f"{family}.py"))["ATTACKS"] for family in FAMILIES
}
MOST_BYTES = 512 * 2**20
Results = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Results]:
    """What became of each attack, read in one child process a family."""
    return {family: _run(family, tmp_path_factory.mktemp(family)) for family in FAMILIES}


def _run(family: str, folder: Path) -> Results:
    for name, (generate, _) in ATTACKS[family].items():
        (folder / name).mkdir()
        source = generate(folder / name)
        (folder / name / "source.txt").write_text(str(source), "utf-8")
    script = SCRIPTS / f"{family}.py"
    done = subprocess.run(
        [sys.executable, str(SCRIPTS / "run_attacks.py"), str(script), str(folder)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return {line.get("name", "peak"): line for line in lines}


@pytest.mark.parametrize(
    ("family", "name"), [(family, name) for family in FAMILIES for name in ATTACKS[family]]
)
def test_an_attack_is_refused_with_file_and_reason(
    results: dict[str, Results], family: str, name: str
) -> None:
    """The message names the file and says why; nothing stays in the workspace."""
    result = results[family][name]
    said = ATTACKS[family][name][1]
    assert result["error"] == "ReadError", result
    assert re.search(said, result["message"]), result["message"]
    assert re.search(r"town\.(gml|zip|tar)", result["message"]), result["message"]
    assert "geheim" not in result["message"]
    assert "\x1b" not in result["message"], "no foreign letters that move the cursor"
    assert result["left"] == []


@pytest.mark.parametrize("family", FAMILIES)
def test_all_attacks_together_stay_within_512_megabytes(
    results: dict[str, Results], family: str
) -> None:
    """The child had a hard limit on its data, and its peak lies below it too."""
    assert results[family]["peak"]["peak_bytes"] <= MOST_BYTES
