"""Running a command and telling what it took, its children's children included."""

from __future__ import annotations

import ctypes
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h
# Linux tells kilobytes, macOS bytes (getrusage(2)).
_PEAK_UNIT_BYTES = 1 if sys.platform == "darwin" else 1024


class RunFailedError(Exception):
    """A command ended with an error; the message holds the end of what it said."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run took.

    Parameters
    ----------
    cpu_s : float
        Seconds of all its processes, user and system.
    wall_s : float
        Seconds until the command returned.
    peak_bytes : int
        Largest resident memory of any one of its processes.
    output : str
        What it wrote to stdout.
    """

    cpu_s: float
    wall_s: float
    peak_bytes: int
    output: str = ""


def adopt_orphans() -> None:
    """Let processes that outlive their parent be counted here: a fork server does.

    Does nothing where the system is not Linux; workers are missing from the CPU seconds of
    runs with several jobs there.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def run(
    command: Sequence[str | Path],
    *,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Cost:
    """Run a command to its end.

    Parameters
    ----------
    command : sequence of str or Path
        The program and its arguments.
    folder : Path, optional
        Where it runs.
    environment : mapping, optional
        Variables to add.

    Returns
    -------
    Cost
        What it took.

    Raises
    ------
    RunFailedError
        It ended with an error.
    """
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        started = time.perf_counter()
        process = subprocess.Popen(
            [str(part) for part in command],
            cwd=folder,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=errors,
        )
        # Not process.wait(): only wait4 tells the resources of this one process.
        _, status, used = os.wait4(process.pid, 0)
        wall_s = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        every = [used, *_orphans()]
        if process.returncode:
            errors.seek(0)
            said = errors.read().decode(errors="replace")[-2000:]
            raise RunFailedError(f"{command[0]} ended with {process.returncode}: {said}")
        output.seek(0)
        return Cost(
            sum(one.ru_utime + one.ru_stime for one in every),
            wall_s,
            max(one.ru_maxrss for one in every) * _PEAK_UNIT_BYTES,
            output.read().decode(errors="replace"),
        )


def _orphans() -> list[resource.struct_rusage]:
    """Resources of the processes that the command left behind."""
    found: list[resource.struct_rusage] = []
    while True:
        try:
            found.append(os.wait4(-1, 0)[2])
        except ChildProcessError:
            return found


def cheapest(costs: Sequence[Cost]) -> Cost:
    """Return the run with the fewest CPU seconds: noise of other programs only adds."""
    return min(costs, key=lambda cost: cost.cpu_s)
