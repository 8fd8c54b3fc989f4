"""The measurements can be repeated by anyone: one command, no peers needed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def test_one_command_measures_and_writes_ratios_without_naming_the_machine(
    tmp_path: Path,
) -> None:
    """A tiny town, one round: every promise has its figure; whether it is kept is not asked."""
    results = tmp_path / "results.json"
    told = subprocess.run(
        [
            sys.executable, "-m", "benchmarks", "--brief", "--no-peers", "--rounds", "1",
            "--sizes-mb", "0.5", "--date", "2026-01-31", "--folder", str(tmp_path),
            "--results", str(results),
        ],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert results.is_file(), told.stderr
    document = json.loads(results.read_text("utf-8"))
    figures = {figure["name"].split(": ")[1]: figure for figure in document["figures"]}
    promised = {name for name, figure in figures.items() if figure["target"] is not None}
    assert {
        "end to end / bare iterparse",
        "output with meshopt",
        "peak of a worker",
        "first view",
    } <= promised
    assert all(figure["value"] > 0 for figure in document["figures"])
    assert document["date"] == "2026-01-31"
    assert document["machine"] == {"cores": os.cpu_count()}
    assert str(tmp_path) not in results.read_text("utf-8")
    assert "end to end / bare iterparse" in told.stdout


def test_copies_of_the_sample_town_have_places_and_identifiers_of_their_own(
    tmp_path: Path,
) -> None:
    """What stands twice in a file is another town, and the reader would have to mend it."""
    from benchmarks.town import CLOSING, MEMBER_START, write_town  # noqa: PLC0415 - see above

    head = b'<gml:upperCorner srsDimension="3">438000.0 5714000.0 9.5</gml:upperCorner>\n'
    member = (
        b'<bldg:Building gml:id="DENW29AL000xEEfk"><gml:Polygon gml:id="UUID_f0"/>'
        b"<gml:posList>437980.66 5713980.99 108.24</gml:posList></bldg:Building>\n"
    )
    tile = tmp_path / "tile.gml"
    tile.write_bytes(head + MEMBER_START + member + CLOSING)
    text = write_town(tmp_path / "town.gml", (tile,), 600).read_bytes().decode()
    assert "DENW29AL000xEEfk" in text
    assert "DENW30AL000xEEfk" in text
    assert "UUID_f0" in text
    assert "UUID_00" in text
    assert "439980.66 5713980.99 108.24" in text
    assert text.count("DENW") == text.count("<core:cityObjectMember>")
