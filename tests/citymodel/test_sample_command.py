"""cityapp.cli.sample: what it refuses; what it writes stands in test_sample_town."""

from __future__ import annotations

from click.testing import CliRunner

from cityapp.cli.sample import sample


def test_town_without_a_folder_is_a_usage_error() -> None:
    """Nothing is written to a place nobody named."""
    result = CliRunner().invoke(sample, ["soest"])
    assert result.exit_code == 2
    assert "--output" in result.stderr


def test_negative_seed_is_a_usage_error() -> None:
    """The generator takes none."""
    result = CliRunner().invoke(sample, ["soest", "-o", "town", "--seed", "-1"])
    assert result.exit_code == 2
    assert "--seed" in result.stderr
