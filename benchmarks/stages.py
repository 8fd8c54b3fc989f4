"""The stages of one run, timed within it: ``python -m benchmarks.stages FILE FOLDER``.

The same calls as ``stadtbild tile --jobs 1 --no-terrain``, one stage after the other for all
units. Compiled code is loaded by a run over the first unit, which counts as the start.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from cityapp.jobs.place import choose_frame, first_point, undulation_for
from citykernel.crs import Geocentric
from citykernel.settings import Settings
from citymodel import ReadOptions, WorkUnit, list_units, read_unit
from tiles import build_features, write_features, write_features_tileset

SMALL_UNIT_BYTES = 1 << 18


def main(source: Path, folder: Path) -> None:
    """Print the seconds of each stage as JSON."""
    units = list_units(source)
    options = ReadOptions()
    crs, point = first_point(units, options)
    undulation = undulation_for(Settings(), crs, point, geoid="", require_grid=False)
    frame = choose_frame(crs, point, undulation)
    seconds = dict.fromkeys(("start", "read", "features", "tiles"), 0.0)

    def through(units: list[WorkUnit], folder: Path) -> None:
        clock = time.process_time()

        def tell(stage: str) -> None:
            nonlocal clock
            now = time.process_time()
            seconds[stage] += now - clock
            clock = now

        folders = []
        for number, unit in enumerate(units):
            model = read_unit(unit, options).model
            tell("read")
            if model is None:
                continue
            folders.append(folder / "features" / f"{number:06d}")
            geocentric = Geocentric(model.crs, undulation)
            write_features(build_features(model, geocentric, frame)[0], folders[-1])
            tell("features")
        write_features_tileset(folders, folder / "tiles", frame, town={"title": "benchmark"})
        tell("tiles")

    small = list_units(source, unit_bytes=SMALL_UNIT_BYTES)[:1]
    through(small, folder / "first")
    seconds = dict.fromkeys(seconds, 0.0)
    seconds["start"] = time.process_time()
    through(units, folder / "all")
    print(json.dumps(seconds))


main(Path(sys.argv[1]), Path(sys.argv[2]))
