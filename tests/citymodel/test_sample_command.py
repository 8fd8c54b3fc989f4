"""cityapp.cli.sample: data on stdout, talk on stderr."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from cityapp.cli.sample import sample


def test_writes_the_town_and_reports_it_as_json(tmp_path: Path) -> None:
    """Stdout is one JSON document; the progress stands on stderr."""
    result = CliRunner().invoke(sample, ["soest", "-o", str(tmp_path / "town"), "--json"])
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    assert report["label"] == "Musterdaten, nicht das amtliche Modell"
    assert report["buildings"] > 4000
    assert all(Path(path).is_file() for path in report["files"])
    assert "Muster-Soest" in result.stderr


def test_town_without_a_folder_is_a_usage_error() -> None:
    """Nothing is written to a place nobody named."""
    result = CliRunner().invoke(sample, ["soest"])
    assert result.exit_code == 2
    assert "--output" in result.stderr
