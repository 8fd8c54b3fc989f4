"""``stadtbild serve``: show a town in the browser."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument(
    "folder", metavar="[DIR]", default=".", type=click.Path(file_okay=False, path_type=Path)
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    default=8000,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="Port to listen on; 0 takes a free one.",
)
def serve(folder: Path, host: str, port: int) -> None:
    """Show the town in folder DIR, made by 'stadtbild tile', in the browser."""
    from cityapp.server import serve_town

    serve_town(folder, host=host, port=port, announce=announce)


def announce(address: str) -> None:
    """Say on stderr where the page is.

    Parameters
    ----------
    address : str
        The page's address.
    """
    click.echo(f"Stadtbild is at {address} (stop with Ctrl+C)", err=True)
