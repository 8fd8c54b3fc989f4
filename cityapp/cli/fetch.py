"""``stadtbild fetch``: official data of a town or a box onto this disk."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .bars import StepBar

if TYPE_CHECKING:
    from cityapp.jobs.fetch import FetchReport, Progress
    from cityapp.jobs.portal_area import Box

BOX_SIDES = 4


def _read_box(
    _context: click.Context, _option: click.Parameter, text: str | None
) -> Box | None:
    if text is None:
        return None
    from cityapp.jobs.portal_area import Box
    from citykernel.errors import InputError

    try:
        sides = [float(side) for side in text.split(",")]
    except ValueError:
        sides = []
    if len(sides) != BOX_SIDES:
        raise click.BadParameter(f"wanted four numbers E1,N1,E2,N2, found {text!r}")
    try:
        return Box(*sides)
    except InputError as error:
        raise click.BadParameter(str(error)) from error


@click.command()
@click.option(
    "--municipality", metavar="NAME", help="A town by name or official key, e.g. soest."
)
@click.option(
    "--bbox",
    "box",
    metavar="E1,N1,E2,N2",
    callback=_read_box,
    help="West, south, east, north in metres of EPSG:25832.",
)
@click.option(
    "--product",
    "products",
    metavar="LIST",
    default="lod2,dgm1",
    show_default=True,
    help="Out of lod2, dgm1, dop, geoid; several with commas.",
)
@click.option(
    "-o",
    "--output",
    "target",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Folder; each product gets a folder of its name in it.",
)
@click.option("--base-url", metavar="URL", help="Another server with the portal's folders.")
@click.option("--geoid-url", metavar="URL", help="Another folder with de_bkg_gcg2016.tif.")
@click.option(
    "--timeout",
    "timeout_s",
    type=click.FloatRange(min=0, min_open=True),
    default=30.0,
    show_default=True,
    help="Seconds to wait for an answer before the next attempt.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.pass_obj
def fetch(
    settings_path: Path | None,
    /,
    *,
    municipality: str | None,
    box: Box | None,
    products: str,
    target: Path,
    base_url: str | None,
    geoid_url: str | None,
    timeout_s: float,
    as_json: bool,
) -> None:
    """Fetch official open data of NRW for a town or a box.

    The box is grown by 200 m, because buildings reach out of their tile. A second run asks
    only for what changed, an interrupted one goes on where it stopped. A tile that is not to
    be had is reported and does not stop the others.
    """
    from cityapp.jobs.fetch import GEOID_URL, Portal
    from cityapp.jobs.fetch import fetch as run
    from cityapp.jobs.portal_http import Patience
    from cityapp.jobs.portal_scheme import BASE_URL

    if municipality and box:
        raise click.UsageError("give --municipality or --bbox, not both")
    names = [name.strip() for name in products.split(",") if name.strip()]
    if not names:
        raise click.BadParameter("no product", param_hint="--product")
    if municipality:
        box = _box_of(municipality, settings_path)
    if box is None and names != ["geoid"]:
        raise click.UsageError("give --municipality or --bbox")
    with _told() as progress:
        report = run(
            names,
            target,
            box=box,
            portal=Portal(base_url or BASE_URL, geoid_url or GEOID_URL),
            patience=Patience(timeout_s=timeout_s),
            progress=progress,
        )
    if as_json:
        click.echo(json.dumps(report.as_dict(), indent=2, ensure_ascii=False))
    else:
        _print(report)
    report.require_something()


def _box_of(municipality: str, settings_path: Path | None) -> Box:
    import os

    from cityapp.jobs.portal_area import Box
    from citykernel.errors import SettingsError
    from citykernel.settings import load_settings

    flags = {"municipality": municipality}
    town = load_settings(settings_path, environment=os.environ, flags=flags).municipality
    if town.bbox_m is None:
        raise SettingsError(f"{town.name} has no bbox_m in the settings; give --bbox")
    return Box(*town.bbox_m)


@contextmanager
def _told() -> Iterator[Callable[[Progress], None]]:
    """Tell of progress: a bar for a person who watches, a line each file for a log."""
    if not sys.stderr.isatty():
        yield _speak
        return
    with StepBar("fetch") as bar:
        yield lambda step: bar.tell(step.product, step.done / step.total)


def _speak(step: Progress) -> None:
    file = step.file
    text = f"{step.product} {step.done}/{step.total} {file.name} {file.status}"
    if file.status == "downloaded":
        text += f" ({file.size_bytes / 1e6:.1f} MB)"
    click.echo(text, err=True)


def _print(report: FetchReport) -> None:
    for product in report.products:
        counts = ", ".join(f"{count} {status}" for status, count in product.counts.items())
        click.echo(f"{product.product}: {counts or 'nothing'} -> {product.folder}")
        if product.outside:
            click.echo(f"  {product.outside} squares of the box are not in the index")
        if product.fault:
            click.echo(f"  {product.fault}")
        for file in product.files:
            if file.reason:
                click.echo(f"  {file.name}: {file.status}: {file.reason}")
