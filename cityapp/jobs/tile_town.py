"""A town's files become a tileset: units are read side by side, then tiles are written."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from citykernel.errors import ReadError, TilesetError
from citykernel.frame import LocalFrame
from citykernel.geoid import Undulation, as_report
from citykernel.scene import SAMPLE_NOTICE
from citykernel.settings import Settings
from citymodel import ReadOptions
from tiles import ContentOptions, TilesetReport, write_features_tileset

from .gather import gather
from .place import choose_frame, first_point, undulation_for
from .prepare import Prepared, PrepareOptions, prepare_unit
from .town_report import TownInput, town_report, town_scene, write_town
from .workers import workers

Progress = Callable[[str, float], None]
WORK_PREFIX = ".stadtbild-"
TERRAIN = "terrain"


@dataclass(frozen=True, slots=True)
class TileOptions:
    """How a town is tiled.

    Parameters
    ----------
    lod : int or None
        Level of detail; None = the highest of each object up to 3.
    crs : str
        For sources that name none.
    jobs : int
        Processes.
    compress : bool
        Quantisation and meshopt.
    geoid : str
        A grid file or an undulation in metres, "" to choose.
    require_grid : bool
        Refuse to go without a grid.
    terrain : tuple of Path
        Terrain models; without any the ground comes from the buildings.
    with_terrain : bool
        Whether a terrain is made at all.
    title : str
        What citizens read, "" to take it from the data.
    notice : str
        A warning for every screen; sample data are recognised without it.
    """

    lod: int | None = None
    crs: str = ""
    jobs: int = 1
    compress: bool = True
    geoid: str = ""
    require_grid: bool = False
    terrain: tuple[Path, ...] = ()
    with_terrain: bool = True
    title: str = ""
    notice: str = ""
    settings: Settings = field(default_factory=Settings)


def tile_town(
    sources: Sequence[Path],
    target: Path,
    options: TileOptions | None = None,
    *,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Read city models and write ``tileset.json``, ``scene.json`` and ``report.json``.

    Parameters
    ----------
    sources : sequence of Path
        Files, folders, archives.
    target : Path
        Folder; an old tileset in it stays usable until the new one is complete.
    options : TileOptions, optional
        How.
    progress : callable, optional
        Is told a step's German name and its share done.

    Returns
    -------
    dict
        The report, as written to ``report.json``.

    Raises
    ------
    ReadError
        No source can be read, or there is no city object in all of them; one that cannot be
        read among others is told in the report. A terrain model cannot be read.
    CrsError
        No source says where it lies, or heights cannot be had as wanted.
    TilesetError
        Nothing can be shown, or the target cannot be written.
    """
    options = options or TileOptions()
    tell = progress or (lambda _step, _share: None)
    started = time.monotonic()
    with ExitStack() as stack:
        work = stack.enter_context(_workspace(target))
        found = gather(sources, work, stack, limits=options.settings.limits)
        _require(found.units, sources, found.failures)
        read = ReadOptions(
            options.lod, options.crs, terrain_lines=options.with_terrain and not options.terrain
        )
        crs, point = first_point(found.units, read)
        undulation = undulation_for(
            options.settings, crs, point, geoid=options.geoid, require_grid=options.require_grid
        )
        frame = choose_frame(crs, point, undulation)
        prepare = PrepareOptions(read, undulation, frame, work / "features")
        run = stack.enter_context(workers(min(options.jobs, max(len(found.units), 2))))
        prepared: list[Prepared] = []
        for result in run(partial(prepare_unit, options=prepare), list(enumerate(found.units))):
            prepared.append(result)
            tell("Gebäude lesen", len(prepared) / len(found.units))
        given = TownInput(found, prepared)
        folders = [p.folder for p in prepared if p.folder is not None]
        _require(folders, sources, [*given.failed(), *given.lost()])
        town = _town_texts(options, given, undulation, frame)
        # The ground first: if a terrain model cannot be read, the old town still stands.
        terrain = _terrain(options, given, target, frame, undulation, town, tell)
        report = write_features_tileset(
            folders,
            target,
            frame,
            town=town,
            options=ContentOptions(options.compress, str(town["copyright"])),
            run=run,
            progress=partial(tell, "Kacheln schreiben"),
        )
    seconds = time.monotonic() - started
    return _finish(target, given, report, terrain, town, frame, undulation, seconds)


def _finish(
    target: Path,
    given: TownInput,
    report: TilesetReport,
    terrain: dict[str, Any] | None,
    town: dict[str, Any],
    frame: LocalFrame,
    undulation: Undulation,
    seconds: float,
) -> dict[str, Any]:
    document = town_report(given, report, terrain, town, seconds=seconds)
    scene = town_scene(town, frame, undulation, terrain)
    write_town(target, document, scene)
    if terrain is None:
        _remove_terrain(target / TERRAIN)
    return document


def _remove_terrain(folder: Path) -> None:
    """Remove the ground of an earlier run, which no scene names any more."""
    with suppress(OSError):
        (folder / "tileset.json").unlink(missing_ok=True)
        for content in folder.glob("content/terrain-*.glb"):
            content.unlink()
        (folder / "content").rmdir()
        folder.rmdir()


@contextmanager
def _workspace(target: Path) -> Iterator[Path]:
    """Return a folder in the target that goes away whatever happens."""
    made = not target.exists()
    try:
        target.mkdir(parents=True, exist_ok=True)
        for old in target.glob(f"{WORK_PREFIX}*"):  # of a run that was killed
            shutil.rmtree(old, ignore_errors=True)
        work = Path(tempfile.mkdtemp(prefix=WORK_PREFIX, dir=target))
    except OSError as error:
        raise TilesetError(f"{target}: cannot be written: {error.strerror or error}") from error
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)
        if made:
            with suppress(OSError):  # goes only while it is empty: nothing could be made
                target.rmdir()


def _require(
    something: Sequence[object], sources: Sequence[Path], failures: Sequence[tuple[str, str]]
) -> None:
    """Say in one message why there is nothing to go on with."""
    if something:
        return
    if failures:
        more = f" (and {len(failures) - 1} more cannot be read)" if len(failures) > 1 else ""
        raise ReadError(failures[0][1] + more)
    names = ", ".join(source.name or str(source) for source in sources)
    raise ReadError("no city object in it; wanted CityGML with at least one", path=names)


def _terrain(
    options: TileOptions,
    given: TownInput,
    target: Path,
    frame: LocalFrame,
    undulation: Undulation,
    town: dict[str, Any],
    tell: Progress,
) -> dict[str, Any] | None:
    if not options.with_terrain:
        return None
    from .tile_terrain import tile_terrain  # noqa: PLC0415 - workers need no scipy

    return tile_terrain(
        options.terrain, given.prepared, target / TERRAIN, frame, undulation,
        crs=options.crs or str(town["crs"]), town=town, compress=options.compress,
        progress=partial(tell, "Gelände"),
    )  # fmt: skip


def _town_texts(
    options: TileOptions, given: TownInput, undulation: Undulation, frame: LocalFrame
) -> dict[str, Any]:
    crs = next(p.crs for p in given.prepared if p.crs is not None)
    sample = any(SAMPLE_NOTICE in unit.header.description for unit in given.found.units)
    official = any("urn:adv:crs" in unit.header.crs_name for unit in given.found.units)
    data = options.settings.data
    attribution, licence = "", ""
    if sample:
        attribution, licence = "Stadtbild (erzeugt)", "CC0-1.0"
    elif official:
        attribution, licence = data.attribution, data.licence
    notice = options.notice or (SAMPLE_NOTICE if sample else "")
    return {
        "title": options.title or ("Muster-Soest" if sample else _title(given)),
        "notice": notice,
        "attribution": attribution,
        "licence": licence,
        # For clients that show nothing else of a tileset.
        "copyright": ". ".join(text for text in (notice, attribution) if text),
        "crs": str(crs),
        "vertical_crs": crs.vertical_name,
        "height_method": undulation.method,
        "height_accuracy_m": as_report(undulation)["accuracy_m"],
        "longitude_deg": frame.longitude_deg,
        "latitude_deg": frame.latitude_deg,
    }


def _title(given: TownInput) -> str:
    return given.found.files[0].path.stem if len(given.found.files) == 1 else "Stadtmodell"
