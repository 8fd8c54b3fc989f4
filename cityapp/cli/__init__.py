"""The command ``stadtbild``: a table of commands, each loaded only when it is called.

``--help`` must be instant, so the short texts stand here and nothing heavy is imported:
numba alone costs seconds. Errors are spoken in one place, for all commands alike.
"""

from __future__ import annotations

import errno
import importlib
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import click

from citykernel.errors import CityError
from citykernel.install import DISTRIBUTION, check_owners

__all__ = ["COMMANDS", "main"]

INTERRUPTED = 128 + 2  # what a shell reports for SIGINT


class LazyCommand(NamedTuple):
    """Where a command lives, and what the overview says of it.

    Parameters
    ----------
    module, name : str
        The module below this package and the command in it.
    summary : str
        One line for ``stadtbild --help``.
    """

    module: str
    name: str
    summary: str


COMMANDS = {
    "fetch": LazyCommand(".fetch", "fetch", "Fetch official open data of NRW."),
    "inspect": LazyCommand(".inspect", "inspect", "Say what is in city model files."),
    "check": LazyCommand(".check", "check", "Look for faults in city model files."),
    "tile": LazyCommand(".tile", "tile", "Make a 3D Tiles tileset of city models."),
    "sample": LazyCommand(".sample", "sample", "Write a made-up town to try things on."),
    "serve": LazyCommand(".serve", "serve", "Show a tiled town in the browser."),
    "demo": LazyCommand(".demo", "demo", "Make the sample town, tile it and show it."),
    "settings": LazyCommand(".settings", "settings", "Print every setting and its origin."),
}


class LazyGroup(click.Group):
    """A group that knows its commands by a table and speaks their errors."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order in which a user needs them."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        entry = COMMANDS[cmd_name]
        command = getattr(importlib.import_module(entry.module, __name__), entry.name)
        if not isinstance(command, click.Command):
            raise TypeError(f"{entry.module}:{entry.name} is no command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the overview from the table, importing nothing."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.summary) for name, entry in COMMANDS.items()])

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Check the installation, unless only help is wanted."""
        rest = super().parse_args(ctx, list(args))
        if not ctx.resilient_parsing and not {"--help", "-h"} & set(args):
            with _Spoken(ctx):
                check_owners()
        return rest

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; what it raises on purpose becomes one line and an exit code."""
        with _Spoken(ctx):
            return super().invoke(ctx)


class _Spoken:
    """Turn errors into a line on stderr; bugs keep their traceback."""

    def __init__(self, ctx: click.Context) -> None:
        self.ctx = ctx

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, CityError):
            self._say(str(error))
        elif isinstance(error, KeyboardInterrupt):
            click.echo("stadtbild: stopped", err=True)
            self.ctx.exit(INTERRUPTED)
        elif isinstance(error, OSError) and error.errno not in {None, errno.EPIPE}:
            # Without an errno no system call failed: that is a library's misuse, a bug. A
            # broken pipe (| head) is click's to end quietly.
            text = error.strerror or str(error)
            self._say(f"{error.filename}: {text}" if error.filename is not None else text)

    def _say(self, message: str) -> NoReturn:
        # Names and ids come out of foreign files: no line break, no terminal command.
        line = "".join(sign if sign.isprintable() else " " for sign in message)
        click.echo(f"stadtbild: {line}", err=True)
        self.ctx.exit(1)


def _show_version(ctx: click.Context, _option: click.Parameter, wanted: bool) -> None:  # noqa: FBT001 - click's way of calling
    if wanted and not ctx.resilient_parsing:
        try:
            version = metadata.version(DISTRIBUTION)
        except metadata.PackageNotFoundError:
            version = "(a clone, not installed)"
        click.echo(f"{DISTRIBUTION} {version}")
        ctx.exit()


@click.group(cls=LazyGroup)
@click.option(
    "--settings",
    "settings_path",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    envvar="STADTBILD_SETTINGS",
    help="Settings in TOML; also by STADTBILD_SETTINGS.",
)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_show_version,
    help="Print the version.",
)  # fmt: skip
@click.pass_context
def main(ctx: click.Context, settings_path: Path | None) -> None:
    """Turn a town's official CityGML into 3D Tiles and look at it in the browser.

    Data go to stdout, talk goes to stderr. Every command has its own --help.
    """
    ctx.obj = settings_path
