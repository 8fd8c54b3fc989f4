"""``stadtbild sample``: a made-up town in the form of the official data."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click


@click.group()
def sample() -> None:
    """Write a made-up town in the form of the official data."""


@sample.command()
@click.option(
    "-o",
    "--output",
    "target",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Folder; files of the same names are replaced.",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=1,
    show_default=True,
    help="Another number, another town; the same number, the same bytes.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def soest(*, target: Path, seed: int, as_json: bool) -> None:
    """Write "Muster-Soest": four tiles of CityGML and terrain for the squares of Soest.

    Musterdaten, nicht das amtliche Modell: streets, houses and heights are made up.
    """
    from citymodel.sample_town import LABEL, write_sample_town

    with click.progressbar(length=1000, label="Muster-Soest", file=sys.stderr) as bar:

        def tell(share: float, what: str) -> None:
            bar.label = f"Muster-Soest: {what}"
            bar.update(round(share * 1000) - bar.pos)

        report = write_sample_town(target, seed=seed, progress=tell)
    if as_json:
        found = {
            "label": LABEL,
            "seed": seed,
            "files": [str(path) for path in report.files],
            "buildings": report.buildings,
            "parts": report.parts,
        }
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
        return
    click.echo(f"{LABEL}: {report.buildings} buildings, {report.parts} parts", err=True)
    for path in report.files:
        click.echo(path)
