"""A town's files become a tileset: units are read side by side, then tiles are written."""

from __future__ import annotations

import multiprocessing
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from citykernel.errors import ReadError, TilesetError
from citykernel.frame import LocalFrame
from citykernel.geoid import Undulation, as_report
from citykernel.scene import SAMPLE_NOTICE
from citykernel.settings import Settings
from citymodel import ReadOptions, SourceFile, WorkUnit, list_units, open_source
from tiles import ContentOptions, TilesetReport, write_features_tileset

from .place import choose_frame, first_point, undulation_for
from .prepare import Prepared, PrepareOptions, prepare_unit
from .town_report import TownInput, town_report, town_scene, write_town

A = TypeVar("A")
B = TypeVar("B")
Progress = Callable[[str, float], None]
WORK_PREFIX = ".stadtbild-"


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
        A source is missing, or there is no city object in all of them.
    CrsError
        A source does not say where it lies.
    TilesetError
        Nothing can be shown, or the target cannot be written.
    """
    options = options or TileOptions()
    tell = progress or (lambda _step, _share: None)
    started = time.monotonic()
    with ExitStack() as stack:
        work = stack.enter_context(_workspace(target))
        files, passed_over = _open_all(sources, work, stack)
        read = ReadOptions(
            options.lod, options.crs, terrain_lines=options.with_terrain and not options.terrain
        )
        units, failures = _list_all(files)
        if not units:
            _refuse_nothing(sources, failures)
        crs, point = first_point(units, read)
        undulation = undulation_for(
            options.settings, crs, point, geoid=options.geoid, require_grid=options.require_grid
        )
        frame = choose_frame(crs, point, undulation)
        prepare = PrepareOptions(read, undulation, frame, work / "features")
        run = stack.enter_context(_runner(min(options.jobs, max(len(units), 2))))
        prepared: list[Prepared] = []
        for result in run(partial(prepare_unit, options=prepare), list(enumerate(units))):
            prepared.append(result)
            tell("Gebäude lesen", len(prepared) / len(units))
        given = TownInput(files, units, prepared, failures, passed_over)
        _require_objects(sources, given)
        town = _town_texts(options, given, undulation, frame)
        report = write_features_tileset(
            [p.folder for p in prepared if p.folder is not None],
            target,
            frame,
            town=town,
            options=ContentOptions(options.compress, str(town["attribution"])),
            run=run,
            progress=partial(tell, "Kacheln schreiben"),
        )
        terrain = None
        if options.with_terrain:
            from .tile_terrain import tile_terrain  # noqa: PLC0415 - workers need no scipy

            terrain = tile_terrain(
                options.terrain, given.prepared, target, frame, undulation,
                crs=options.crs or str(crs), town=town, compress=options.compress,
                progress=partial(tell, "Gelände"),
            )  # fmt: skip
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
    return document


@contextmanager
def _workspace(target: Path) -> Iterator[Path]:
    """Return a folder beside the target that goes away whatever happens."""
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


def _open_all(
    sources: Sequence[Path], work: Path, stack: ExitStack
) -> tuple[list[SourceFile], dict[str, int]]:
    files: list[SourceFile] = []
    passed_over: dict[str, int] = {}
    for source in sources:
        opened = stack.enter_context(open_source(source, workspace=work))
        files.extend(opened.files)
        for ending, count in opened.passed_over.items():
            passed_over[ending] = passed_over.get(ending, 0) + count
    return files, passed_over


def _list_all(
    files: list[SourceFile],
) -> tuple[list[WorkUnit], dict[str, str]]:
    """Return units of all files, and the reasons of files that cannot be read."""
    units: list[WorkUnit] = []
    failures: dict[str, str] = {}
    for file in files:
        try:
            units.extend(list_units(file.path, file.shown_path))
        except ReadError as error:
            failures[file.shown_path] = str(error)
    return units, failures


def _refuse_nothing(sources: Sequence[Path], failures: dict[str, str]) -> None:
    if failures:
        raise ReadError(next(iter(failures.values())))
    names = ", ".join(str(source) for source in sources)
    raise ReadError(
        f"no city object in it; wanted CityGML or CityJSON with at least one: {names}"
    )


def _require_objects(sources: Sequence[Path], given: TownInput) -> None:
    reasons = dict(given.failures)
    for unit, prepared in zip(given.units, given.prepared, strict=True):
        if prepared.failed:
            reasons.setdefault(unit.header.shown_path, prepared.failed)
    if not any(p.folder for p in given.prepared):
        _refuse_nothing(sources, reasons)


def _town_texts(
    options: TileOptions, given: TownInput, undulation: Undulation, frame: LocalFrame
) -> dict[str, Any]:
    crs = next(p.crs for p in given.prepared if p.crs is not None)
    sample = any(SAMPLE_NOTICE in unit.header.description for unit in given.units)
    official = any("urn:adv:crs" in unit.header.crs_name for unit in given.units)
    data = options.settings.data
    attribution, licence = "", ""
    if sample:
        attribution, licence = f"Muster-Soest. {SAMPLE_NOTICE}", "CC0-1.0"
    elif official:
        attribution, licence = data.attribution, data.licence
    return {
        "title": options.title or ("Muster-Soest" if sample else _title(given)),
        "notice": options.notice or (SAMPLE_NOTICE if sample else ""),
        "attribution": attribution,
        "licence": licence,
        "crs": str(crs),
        "vertical_crs": crs.vertical_name,
        "height_method": undulation.method,
        "height_accuracy_m": as_report(undulation)["accuracy_m"],
        "longitude_deg": frame.longitude_deg,
        "latitude_deg": frame.latitude_deg,
    }


def _title(given: TownInput) -> str:
    return given.files[0].path.stem if len(given.files) == 1 else "Stadtmodell"


@contextmanager
def _runner(jobs: int) -> Iterator[Callable[[Callable[[A], B], Iterable[A]], Iterable[B]]]:
    """Yield ``map``, over processes if there is more than one job."""
    if jobs <= 1:
        yield map
        return
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["cityapp.jobs.prepare"])
    with ProcessPoolExecutor(jobs, mp_context=context) as pool:
        yield pool.map
