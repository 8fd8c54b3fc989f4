"""cityapp.cli."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn, TypeAlias

import click
import pytest
from click.testing import CliRunner, Result

from cityapp import cli
from cityapp.cli import COMMANDS, LazyCommand, main
from citykernel.errors import InstallationError, ReadError

Raising: TypeAlias = Callable[[BaseException], Result]
HEAVY = ("numpy", "numba", "pyproj", "lxml", "shapely", "scipy", "rasterio", "flask")


@pytest.fixture
def raising(monkeypatch: pytest.MonkeyPatch) -> Raising:
    """Make a command ``stadtbild fail`` that raises what it is given."""

    def run(error: BaseException) -> Result:
        @click.command()
        def fail() -> NoReturn:
            raise error

        monkeypatch.setattr(cli, "fail", fail, raising=False)
        monkeypatch.setitem(COMMANDS, "fail", LazyCommand("cityapp.cli", "fail", "Fail."))
        return CliRunner().invoke(main, ["fail"])

    return run


def _python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    root = Path(__file__).resolve().parents[2]
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=root,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_help_lists_every_command_and_imports_nothing_heavy() -> None:
    """The overview comes from the table: no library of arrays or geometry is loaded."""
    code = (
        "import sys\nfrom cityapp.cli import main\n"
        "main(['--help'], standalone_mode=False)\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    told = _python(code)
    assert told.returncode == 0, told.stderr
    assert told.stdout.splitlines()[-1] == "[]"
    for name, entry in COMMANDS.items():
        assert f"  {name} " in told.stdout
        assert entry.summary in told.stdout


@pytest.mark.parametrize("name", list(COMMANDS))
def test_every_command_of_the_table_is_there_under_its_name(name: str) -> None:
    """The table and the module agree; the command's own help tells more than the overview."""
    told = CliRunner().invoke(main, [name, "--help"])
    assert told.exit_code == 0, told.output
    assert told.stdout.startswith(f"Usage: main {name} ")


@pytest.mark.parametrize("name", list(COMMANDS))
def test_the_help_of_a_command_imports_nothing_heavy(name: str) -> None:
    """Whoever looks up an option does not wait for numba."""
    code = (
        "import sys\nfrom cityapp.cli import main\n"
        f"main([{name!r}, '--help'], standalone_mode=False)\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    told = _python(code)
    assert told.returncode == 0, told.stderr
    assert told.stdout.splitlines()[-1] == "[]"


def test_an_error_of_ours_is_one_line_and_exit_code_1(raising: Raising) -> None:
    """CityError is spoken as 'stadtbild: ...' on stderr, without traceback."""
    result = raising(ReadError("is empty", path="town.gml", line=3))
    assert result.exit_code == 1
    assert result.stderr == "stadtbild: town.gml:3: is empty\n"
    assert result.stdout == ""


def test_a_message_cannot_drive_the_terminal(raising: Raising) -> None:
    """Ids come out of foreign files: escapes and line breaks are blanked."""
    result = raising(ReadError("bad\nline", gml_id="\x1b[2Jid"))
    assert result.stderr == "stadtbild: [ [2Jid]: bad line\n"


def test_a_fault_of_the_file_system_is_spoken_with_the_file(raising: Raising) -> None:
    """What the system refuses is the user's to know, not a bug."""
    result = raising(PermissionError(errno.EACCES, "Permission denied", "town.gml"))
    assert (result.exit_code, result.stderr) == (1, "stadtbild: town.gml: Permission denied\n")
    full = raising(OSError(errno.ENOSPC, "No space left on device"))
    assert full.stderr == "stadtbild: No space left on device\n"


def test_a_bug_keeps_its_traceback(raising: Raising) -> None:
    """Only what is raised on purpose is spoken; an OSError without errno is a bug, too."""
    for bug in (ZeroDivisionError("bug"), OSError("no errno")):
        assert raising(bug).exception is bug


def test_interrupting_gives_130(raising: Raising) -> None:
    """Ctrl+C ends a command as shells expect it."""
    result = raising(KeyboardInterrupt())
    assert (result.exit_code, result.stderr) == (130, "stadtbild: stopped\n")


def test_a_command_does_not_start_in_a_broken_installation(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A second owner of 'tiles' is an error of one line; --help still works."""

    def broken() -> NoReturn:
        raise InstallationError("the distribution 'tiles' also installs a package 'tiles'")

    monkeypatch.setattr(cli, "check_owners", broken)
    result = CliRunner().invoke(main, ["settings"])
    assert result.exit_code == 1
    assert result.stderr.startswith("stadtbild: the distribution 'tiles'")
    assert CliRunner().invoke(main, ["settings", "--help"]).exit_code == 0
    assert CliRunner().invoke(main, ["--help"]).exit_code == 0


def test_version_names_the_distribution() -> None:
    """--version says what runs, also from a clone."""
    result = CliRunner().invoke(main, ["--version"])
    assert result.exit_code == 0
    assert result.stdout.startswith("stadtbild ")


def test_an_unknown_command_is_a_usage_error() -> None:
    """Exit code 2 and the name, as click does it."""
    result = CliRunner().invoke(main, ["frobnicate"])
    assert result.exit_code == 2
    assert "frobnicate" in result.stderr


def test_python_m_cityapp_is_the_command() -> None:
    """The package can be started where the script is not on the path."""
    told = subprocess.run(
        [sys.executable, "-m", "cityapp", "--version"],
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.startswith("stadtbild ")
