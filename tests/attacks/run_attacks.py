"""Read all attacks of one family in this process: ``python run_attacks.py SCRIPT FOLDER``.

Writes one JSON line for each attack: its name, the message of the refusal ("" if there was
none), the class of the error, seconds of CPU, files left in the workspace; then a last line
with the most memory the process ever held. The process may not take more than 512 MB of
data (RLIMIT_DATA; the address space of the libraries alone is larger).
"""

from __future__ import annotations

import json
import resource
import runpy
import sys
import time
from pathlib import Path

from citykernel.errors import CityError
from citymodel import read_citymodel

MOST_BYTES = 512 * 2**20


def read_attack(path: Path, workspace: Path) -> tuple[str, str]:
    """Name the error of one attack and what it says."""
    try:
        read_citymodel(path, workspace=workspace)
    except CityError as error:
        return type(error).__name__, str(error)
    return "", ""


def peak_bytes() -> int:
    """Most memory this program held: getrusage would count its parent's before exec too."""
    status = Path("/proc/self/status").read_text("ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


def main(script: str, folder: Path) -> None:
    """Run a family."""
    resource.setrlimit(resource.RLIMIT_DATA, (MOST_BYTES, MOST_BYTES))
    # Warm up: libraries are loaded and loops compiled once, whatever the file says.
    warm = folder / "warm.gml"
    warm.write_text("<a/>")
    read_attack(warm, folder)
    for name in runpy.run_path(script)["ATTACKS"]:
        source = Path((folder / name / "source.txt").read_text("utf-8"))
        workspace = folder / name / "workspace"
        workspace.mkdir()
        before = time.process_time()
        kind, message = read_attack(source, workspace)
        left = [path.name for path in workspace.iterdir()]
        seconds = time.process_time() - before
        line = {"name": name, "error": kind, "message": message, "left": left}
        print(json.dumps(line | {"cpu_s": round(seconds, 3)}), flush=True)  # noqa: T201 - a script
    print(json.dumps({"peak_bytes": peak_bytes()}))  # noqa: T201 - a script


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
