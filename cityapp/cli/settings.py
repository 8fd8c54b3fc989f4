"""``stadtbild settings``: every setting, and where its value comes from."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import click


@click.command()
@click.option("--municipality", metavar="NAME", help="A town by id, name or official key.")
@click.option("--json", "as_json", is_flag=True, help="Print the settings as JSON.")
@click.pass_obj
def settings(settings_path: Path | None, *, municipality: str | None, as_json: bool) -> None:
    """Print every setting, its value and where the value comes from.

    A flag beats the environment (STADTBILD_SERVER_PORT and the like), the environment beats
    the settings file ('stadtbild --settings FILE settings'), the file beats the default.
    """
    from citykernel.settings import load_settings

    found = load_settings(
        settings_path, environment=os.environ, flags={"municipality": municipality}
    )
    rows = list(found.rows())
    if as_json:
        document = {key: {"value": value, "origin": origin} for key, value, origin in rows}
        click.echo(json.dumps(document, indent=2, ensure_ascii=False))
        return
    shown = [(key, _text(value), origin) for key, value, origin in rows]
    widths = [max(len(row[column]) for row in shown) for column in (0, 1)]
    for key, value, origin in shown:
        click.echo(f"{key:{widths[0]}}  {value:{widths[1]}}  {origin}")


def _text(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, tuple):
        return " ".join(f"{part:.0f}" for part in value)
    return str(value)
