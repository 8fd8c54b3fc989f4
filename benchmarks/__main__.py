"""``python -m benchmarks``: make a town, measure, print a table, keep the results."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import platform
import subprocess
import sys
import time
from importlib import metadata
from pathlib import Path

from .measure import adopt_orphans
from .peers import Peer, install_peers
from .subject import ROOT
from .suite import Inputs, Suite, run_suite
from .targets import table
from .town import sample_town, town_path

LIBRARIES = ("numpy", "numba", "lxml", "pyproj", "meshopt", "shapely")
OPEN_DATA = ROOT.parent / "shared" / "data" / "open" / "citygml" / "nrw"


def _absolute(text: str) -> Path:
    return Path(text).resolve()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "stadtbild"
    parser.add_argument(
        "--folder", type=_absolute, default=cache / "benchmarks", help="for inputs"
    )
    parser.add_argument("--sizes-mb", default="50,200", help="of the two towns, in MB")
    parser.add_argument("--rounds", type=int, default=3, help="runs of what is cheap")
    parser.add_argument("--brief", action="store_true", help="only what takes seconds")
    parser.add_argument("--no-peers", action="store_true", help="install and run no others")
    parser.add_argument("--date", default="", help="of the results; today without it")
    parser.add_argument(
        "--results", type=Path, default=ROOT / "benchmarks" / "results.json", help="to write"
    )
    return parser.parse_args()


def _inputs(arguments: argparse.Namespace) -> Inputs:
    folder: Path = arguments.folder
    sizes = [round(float(size) * 1e6) for size in arguments.sizes_mb.split(",")]
    command = [sys.executable, "-m", "benchmarks.town", str(folder), *map(str, sizes)]
    subprocess.run(command, cwd=ROOT, check=True)
    small, large = (town_path(folder, size) for size in (sizes[0], sizes[-1]))
    real = tuple(sorted(OPEN_DATA.glob("LoD2_*.gml")))
    return Inputs(sample_town(folder / "sample"), small, large, real)


def _versions(peers: list[Peer]) -> dict[str, str]:
    versions = {name: metadata.version(name) for name in LIBRARIES}
    versions["python"] = platform.python_version()
    return {**versions, **{peer.name: peer.version for peer in peers}}


def main() -> int:
    """Run everything. Promises are told as met or not; noise of a machine fails nothing."""
    arguments = _arguments()
    started = time.monotonic()

    def tell(what: str) -> None:
        print(f"[{time.monotonic() - started:5.0f} s] {what}", file=sys.stderr)

    tell("making the towns")
    inputs = _inputs(arguments)
    peers = [] if arguments.no_peers else install_peers(arguments.folder / "peers")
    adopt_orphans()
    suite = Suite(arguments.folder, arguments.rounds, tell)
    run_suite(suite, inputs, peers, brief=arguments.brief)
    print(table(suite.figures))
    for note in (*suite.notes, *(f"{peer.name}: {peer.note}" for peer in peers)):
        print(note)
    document = {
        "date": arguments.date or dt.datetime.now(tz=dt.UTC).date().isoformat(),
        "machine": {"cores": os.cpu_count()},
        "versions": _versions(peers),
        "how": "CPU seconds, user and system, of whole processes; best of "
        f"{arguments.rounds} runs, of peers one; x = ratio within this one run",
        "notes": [*suite.notes, *(f"{peer.name}: {peer.note}" for peer in peers)],
        "figures": [figure.as_dict() for figure in suite.figures],
    }
    text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
    arguments.results.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
