"""Other tools, each installed into a folder of its own and run on the same file."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .measure import Cost, run

SCRIPTS = Path(__file__).with_name("scripts")
PY3DTILES = ("py3dtiles==12.1.1", "lxml==6.1.3")
CITYGML_TO_3DTILES = "citygml-to-3dtiles@0.1.6"
# Node's own limit is too little for a document tree of a large file.
NODE_MEMORY = {"NODE_OPTIONS": "--max-old-space-size=12000"}
# citygml-to-3dtiles knows the survey's name without the geoid model, and no other.
UNKNOWN_ENDING = b"*DE_DHHN2016_NH*GCG2016"


@dataclass(frozen=True, slots=True)
class Peer:
    """Another tool.

    Parameters
    ----------
    name, version, note : str
        For the table.
    convert : callable
        Runs it from a CityGML file into a folder and tells what that took.
    """

    name: str
    version: str
    note: str
    convert: Callable[[Path, Path], Cost]


def install_peers(folder: Path) -> list[Peer]:
    """Install the peers that are on the package indexes, unless they are there.

    Parameters
    ----------
    folder : Path
        A virtual environment and a folder of node modules are made in it; nothing is
        installed into this program's own environment.

    Returns
    -------
    list of Peer
        Those that could be installed; about each other a line is printed.
    """
    peers = []
    for install in (_install_citygml_to_3dtiles, _install_py3dtiles):
        try:
            peers.append(install(folder))
        except (OSError, subprocess.CalledProcessError) as error:
            name = install.__name__.removeprefix("_install_")
            print(f"{name}: cannot be installed here ({error})", file=sys.stderr)
    return peers


def _install_citygml_to_3dtiles(folder: Path) -> Peer:
    modules = folder / "citygml-to-3dtiles"
    program = modules / "node_modules" / "citygml-to-3dtiles"
    if not program.is_dir():
        modules.mkdir(parents=True, exist_ok=True)
        options = ["--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
        subprocess.run(
            ["npm", "install", *options, "--prefix", modules, CITYGML_TO_3DTILES], check=True
        )
    package = json.loads((program / "package.json").read_text("utf-8"))
    command = program / package["bin"]["citygml-to-3dtiles"]

    def convert(source: Path, target: Path) -> Cost:
        return run(["node", command, _known(source), target], environment=NODE_MEMORY)

    note = "one b3dm, heights not converted; *GCG2016 taken out of srsName"
    return Peer("citygml-to-3dtiles", package["version"], note, convert)


def _install_py3dtiles(folder: Path) -> Peer:
    environment = folder / "py3dtiles"
    python = environment / "bin" / "python"
    if not python.is_file():
        subprocess.run([sys.executable, "-m", "venv", environment], check=True)
    missing = subprocess.run(
        [python, "-c", "import py3dtiles, lxml"], capture_output=True, check=False
    )
    if missing.returncode:
        quiet = ["--quiet", "--disable-pip-version-check"]
        subprocess.run([python, "-m", "pip", "install", *quiet, *PY3DTILES], check=True)
    asked = "import importlib.metadata as m; print(m.version('py3dtiles'))"
    version = subprocess.check_output([python, "-c", asked], text=True).strip()

    def convert(source: Path, target: Path) -> Cost:
        return run([python, SCRIPTS / "lxml_py3dtiles.py", source, target])

    note = "b3dm without attributes or heights, by a script of ours"
    return Peer("lxml + py3dtiles", version, note, convert)


def _known(source: Path) -> Path:
    """Return a copy that citygml-to-3dtiles can place, where it needs one."""
    with source.open("rb") as file:
        head = file.read(1 << 16)
    if UNKNOWN_ENDING not in head:
        return source
    copy = source.with_name(f"{source.stem}.known.gml")
    if not copy.is_file():
        with source.open("rb") as file, copy.open("wb") as target:
            first = file.read(1 << 16)
            target.write(
                first.replace(UNKNOWN_ENDING, UNKNOWN_ENDING.removesuffix(b"*GCG2016"))
            )
            shutil.copyfileobj(file, target)
    return copy
