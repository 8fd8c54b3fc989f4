"""cityapp.cli.settings."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from cityapp.cli import main


def test_each_value_is_printed_with_its_origin(tmp_path: Path) -> None:
    """Who wonders why a value holds finds the layer in the same line."""
    path = tmp_path / "town.toml"
    path.write_text("[server]\nport = 8123\n", encoding="utf-8")
    told = CliRunner().invoke(
        main,
        ["--settings", str(path), "settings"],
        env={"STADTBILD_SERVER_HOST": "::1"},
    )
    assert told.exit_code == 0, told.stderr
    lines = {line.split()[0]: line.split() for line in told.stdout.splitlines()}
    assert lines["server.port"][1:] == ["8123", "file", "town.toml"]
    assert lines["server.host"][1:] == ["::1", "environment", "STADTBILD_SERVER_HOST"]
    assert lines["limits.zip_members"][1:] == ["10000", "default"]


def test_json_holds_the_same_for_machines(monkeypatch: pytest.MonkeyPatch) -> None:
    """Key to value and origin; stdout is nothing but JSON."""
    monkeypatch.setenv("STADTBILD_MUNICIPALITY", "05974040")
    told = CliRunner().invoke(main, ["settings", "--json"])
    document = json.loads(told.stdout)
    chosen = {"value": "soest", "origin": "environment STADTBILD_MUNICIPALITY"}
    assert document["municipality"] == chosen
    assert document["municipality.bbox_m"]["value"] == [436000, 5711000, 441000, 5717000]


def test_an_unknown_key_ends_the_command(tmp_path: Path) -> None:
    """One line, exit code 1, the near name offered."""
    path = tmp_path / "town.toml"
    path.write_text("[server]\nprot = 8123\n", encoding="utf-8")
    told = CliRunner().invoke(main, ["settings"], env={"STADTBILD_SETTINGS": str(path)})
    assert told.exit_code == 1
    assert told.stderr.startswith("stadtbild: file town.toml: unknown setting 'server.prot'")
    assert "server.port" in told.stderr
