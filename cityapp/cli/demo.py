"""``stadtbild demo``: the whole way on made-up data, from CityGML to the browser."""

from __future__ import annotations

import os
from pathlib import Path

import click

from .bars import StepBar
from .serve import announce


@click.command()
@click.option(
    "-o",
    "--output",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default="town",
    show_default=True,
    help="Folder for the sample's files and its tiles; what is there is kept.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    default=8000,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="Port to listen on; 0 takes a free one.",
)
def demo(folder: Path, host: str, port: int) -> None:
    """Make the sample town "Muster-Soest", tile it and show it in the browser.

    Musterdaten, nicht das amtliche Modell: streets, houses and heights are made up.
    """
    from cityapp.server import serve_town

    tiles = folder / "tiles"
    if not (tiles / "tileset.json").is_file() or not (tiles / "scene.json").is_file():
        make_demo(folder / "source", tiles)
    serve_town(tiles, host=host, port=port, announce=announce)


def make_demo(source: Path, tiles: Path) -> None:
    """Write the sample town and tile it.

    Parameters
    ----------
    source : Path
        Folder for CityGML and terrain.
    tiles : Path
        Folder for the tileset.

    Raises
    ------
    CityError
        A folder cannot be written.
    """
    from cityapp.jobs.tile_town import TileOptions, tile_town
    from citymodel.sample_town import write_sample_town

    with StepBar("Muster-Soest") as bar:
        written = write_sample_town(
            source, seed=1, progress=lambda share, what: bar.tell(what, share)
        )
    files = written.files
    options = TileOptions(
        jobs=os.cpu_count() or 1,
        terrain=tuple(path for path in files if path.suffix == ".tif"),
    )
    with StepBar("Muster-Soest") as bar:
        tile_town(
            [path for path in files if path.suffix == ".gml"],
            tiles,
            options,
            progress=bar.tell,
        )
