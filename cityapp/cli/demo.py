"""``stadtbild demo``: the whole way on made-up data, from CityGML to the browser."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Self

import click

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
        _make(folder / "source", tiles)
    serve_town(tiles, host=host, port=port, announce=announce)


def _make(source: Path, tiles: Path) -> None:
    from cityapp.jobs.tile_town import TileOptions, tile_town
    from citymodel.sample_town import write_sample_town

    with _Bar() as bar:
        written = write_sample_town(
            source, seed=1, progress=lambda share, what: bar.tell(what, share)
        )
    files = written.files
    options = TileOptions(
        jobs=os.cpu_count() or 1,
        terrain=tuple(path for path in files if path.suffix == ".tif"),
    )
    with _Bar() as bar:
        tile_town(
            [path for path in files if path.suffix == ".gml"],
            tiles,
            options,
            progress=bar.tell,
        )


class _Bar:
    """A bar on stderr that takes a step's name and its share done."""

    def __init__(self) -> None:
        self._step = ""
        self._done = 0
        self._bar = click.progressbar(length=1000, label="Muster-Soest", file=sys.stderr)

    def __enter__(self) -> Self:
        self._bar.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._bar.render_finish()

    def tell(self, step: str, share: float) -> None:
        # A bar only grows: the next step begins where the last one ended, at the left.
        if step != self._step:
            self._step, self._done = step, 0
            self._bar.pos = 0
            self._bar.label = f"Muster-Soest: {step}"
        self._bar.update(round(share * 1000) - self._bar.pos)
