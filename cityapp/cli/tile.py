"""``stadtbild tile``: city models become a tileset."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from .bars import StepBar
from .heavy import heavy_imports

MOST_LINES = 20  # of files that cannot be read; the report has them all


@click.command()
@click.argument(
    "sources", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path)
)
@click.option(
    "-o", "--output", "target", required=True,
    type=click.Path(file_okay=False, path_type=Path), help="Folder of the tileset.",
)  # fmt: skip
@click.option(
    "--terrain", multiple=True, type=click.Path(exists=True, path_type=Path),
    help="Terrain model: GeoTIFF, ASCII grid or XYZ, a file or a folder; may be repeated. "
    "Without it the ground comes from the buildings.",
)  # fmt: skip
@click.option("--no-terrain", is_flag=True, help="Make no ground at all.")
@click.option(
    "--lod", type=click.IntRange(0, 4), default=None,
    help="Level of detail; by default the highest each object has, up to 3.",
)  # fmt: skip
@click.option("--crs", default="", help="System of sources that name none: EPSG:25832+7837.")
@click.option(
    "--jobs", type=click.IntRange(1), default=None, help="Processes; by default all cores."
)
@click.option("--plain", is_flag=True, help="Write glb without quantisation and meshopt.")
@click.option(
    "--geoid", default="", metavar="FILE|METRES",
    help="Geoid grid (GeoTIFF, GTX) or one undulation in metres.",
)  # fmt: skip
@click.option("--require-grid", is_flag=True, help="Fail rather than go without a geoid grid.")
@click.option("--title", default="", help="What citizens read above the town.")
@click.option("--municipality", metavar="NAME", help="A town by id, name or official key.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.pass_obj
def tile(
    settings_path: Path | None, /, sources: tuple[Path, ...], target: Path,
    terrain: tuple[Path, ...], *, municipality: str | None, as_json: bool, **given: Any,
) -> None:  # fmt: skip
    """Make a 3D Tiles tileset in folder OUTPUT of the city models SOURCES.

    SOURCES are CityGML or CityJSON files, folders or archives (.zip, .gz). Beside the tiles
    OUTPUT gets report.json (everything read, written and lost) and scene.json (for viewers).
    """
    import os

    jobs = given["jobs"] or os.cpu_count() or 1
    with heavy_imports():
        if jobs > 1:
            from cityapp.jobs.workers import ready_workers

            ready_workers()
        from cityapp.jobs.tile_town import TileOptions, tile_town
        from citykernel.settings import load_settings

    options = TileOptions(
        lod=given["lod"],
        crs=given["crs"],
        jobs=jobs,
        compress=not given["plain"],
        geoid=given["geoid"],
        require_grid=given["require_grid"],
        terrain=terrain,
        with_terrain=not given["no_terrain"],
        title=given["title"],
        settings=load_settings(
            settings_path, environment=os.environ, flags={"municipality": municipality}
        ),
    )
    with StepBar(target.name) as bar:
        report = tile_town(sources, target, options, progress=bar.tell)
    if as_json:
        click.echo(json.dumps(report, ensure_ascii=False, indent=2))
        return
    _speak(report, target)


def _speak(report: dict[str, Any], target: Path) -> None:
    output, height = report["output"], report["height"]
    click.echo(
        f"{output['top_level_objects']} of {report['input']['top_level_objects']} objects in "
        f"{output['tiles']} tiles, {output['bytes'] / 1e6:.2f} MB, {report['seconds']:.1f} s: "
        f"{target / 'tileset.json'}"
    )
    accuracy = (
        f"± {height['accuracy_m']} m"
        if height["accuracy_m"] is not None
        else "accuracy unknown"
    )
    say = [report["notice"]] if report["notice"] else []
    say += [f"heights: {height['vertical_crs']} by {height['method']}, {accuracy}"]
    failed = report["input"]["failed"]
    say += [f"not read: {entry['reason']}" for entry in failed[:MOST_LINES]]
    if len(failed) > MOST_LINES:
        say.append(f"not read: {len(failed) - MOST_LINES} more")
    if report["dropped"]:
        first = report["dropped"][0]
        say.append(
            f"missing: {len(report['dropped'])}, first {first['path']} [{first['id']}]: "
            f"{first['reason']}"
        )
    if report["issues"]:
        found = ", ".join(f"{i['count']} {i['code']}" for i in report["issues"])
        say.append(f"issues: {found} (see {target / 'report.json'})")
    for line in say:
        # Names and ids come out of foreign files: no line break, no terminal command.
        click.echo("".join(sign if sign.isprintable() else " " for sign in line), err=True)
