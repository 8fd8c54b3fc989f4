"""The sample town as a whole: plan, build, put on the ground, write."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from citykernel.errors import OutputError

from .chance import Chance
from .erect import CadastreIds, Structure, erect, number_houses
from .frontages import StreetFinder
from .landmarks import build_landmarks, landmark_grounds
from .old_town import build_old_town
from .places import LABEL, ORIGIN_EAST, ORIGIN_NORTH
from .plan import make_plan
from .site import Site
from .suburbs import build_suburbs
from .terrain import build_terrain
from .uses import is_for_works
from .works import build_works
from .write_dgm1 import dgm1_name, write_dgm1
from .write_nrw import Identifiers, tile_name, tile_text
from .yards import GARAGE, SHED, SUMMER_HOUSE, build_in_yards

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .plan import Plan
    from .terrain import Terrain

TILES_KM = ((437, 5713), (437, 5714), (438, 5713), (438, 5714))
# The town stops growing here: enough for honest measurements, little enough to try things.
MOST_BUILDINGS = 4540
PLAN, OLD_TOWN, YARDS, SUBURBS, WORKS, IDS, UUIDS = range(1, 8)

NOTE = f"""{LABEL}

Muster-Soest ist eine erfundene Stadt in der Form der amtlichen Daten: Gebäude (LoD2,
CityGML 1.0) und Gelände (DGM1) für die Kilometerquadrate 437-438 x 5713-5714 (EPSG:25832,
DHHN2016). Straßen, Häuser, Nummern und Höhen sind erzeugt, nicht vermessen. Nur wenige
Orte liegen ungefähr dort, wo die wirklichen liegen.

Lizenz: CC0 1.0 (https://creativecommons.org/publicdomain/zero/1.0/deed.de)
Quelle: Stadtbild, "stadtbild sample soest --seed {{seed}}"

Sample data, not the official model. Made up in the form of the official data; free for
any use (CC0 1.0).
"""


@dataclass(frozen=True, slots=True)
class SampleTownReport:
    """What has been written.

    Parameters
    ----------
    files : tuple of Path
        In order of writing.
    buildings : int
        Buildings in all four tiles.
    parts : int
        Building parts in all four tiles.
    """

    files: tuple[Path, ...]
    buildings: int
    parts: int


@dataclass(frozen=True, slots=True)
class SampleTown:
    """The town before it is written.

    Parameters
    ----------
    plan : Plan
        Streets and blocks.
    terrain : Terrain
        Heights.
    structures : tuple of Structure
        Buildings.
    """

    plan: Plan
    terrain: Terrain
    structures: tuple[Structure, ...]


def make_sample_town(
    *, seed: int = 1, progress: Callable[[float, str], None] | None = None
) -> SampleTown:
    """Make the town in memory.

    Parameters
    ----------
    seed : int
        The same seed gives the same town.
    progress : callable, optional
        Called with a share from 0 to 1 and what is being done.

    Returns
    -------
    SampleTown
        Plan, terrain and buildings.
    """
    tell = progress or (lambda _share, _what: None)
    tell(0.0, "Straßen")
    plan = make_plan(Chance(seed, PLAN), landmark_grounds())
    tell(0.05, "Gelände")
    terrain = build_terrain(plan.streets)
    tell(0.3, "Häuser")
    finder = StreetFinder(plan.streets)
    site = _built(seed, plan, finder)
    number_houses(site.buildings, finder)
    ids = CadastreIds(Chance(seed, IDS))
    structures = []
    for k, building in enumerate(site.buildings):
        if k % 200 == 0:
            tell(0.4 + 0.2 * k / len(site.buildings), "Dächer")
        structure = erect(building, terrain, ids.next(own=building.own_id))
        if structure.tile() in TILES_KM:
            structures.append(structure)
    return SampleTown(plan, terrain, tuple(structures))


def _built(seed: int, plan: Plan, finder: StreetFinder) -> Site:
    """Everything that stands in the town; landmarks first, the rest finds room between."""
    site = Site()
    build_landmarks(site, plan)
    build_old_town(site, Chance(seed, OLD_TOWN), plan.old_blocks, finder)
    chance = Chance(seed, YARDS)
    for block in plan.old_blocks:
        build_in_yards(
            site,
            chance,
            block,
            area_per_building_m2=900.0,
            functions={SHED: 6.0, GARAGE: 3.0, SUMMER_HOUSE: 1.0},
        )
    works = [block for block in plan.new_blocks if is_for_works(block)]
    build_works(site, Chance(seed, WORKS), works, finder)
    build_suburbs(
        site,
        Chance(seed, SUBURBS),
        [block for block in plan.new_blocks if not is_for_works(block)],
        finder,
        most_buildings=MOST_BUILDINGS,
    )
    return site


def write_sample_town(
    folder: Path,
    *,
    seed: int = 1,
    progress: Callable[[float, str], None] | None = None,
) -> SampleTownReport:
    """Write "Muster-Soest": four CityGML tiles in the NRW form, four DGM1 tiles, a note.

    Parameters
    ----------
    folder : Path
        Is made when it is missing; files of the same names are replaced.
    seed : int
        The same seed gives the same bytes.
    progress : callable, optional
        Called with a share from 0 to 1 and what is being done, in German.

    Returns
    -------
    SampleTownReport
        Files and counts.

    Raises
    ------
    OutputError
        The folder cannot be written to.
    """
    tell = progress or (lambda _share, _what: None)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        town = make_sample_town(seed=seed, progress=progress)
        files = [*_write_citygml(folder, town, seed, tell), *_write_terrain(folder, town, tell)]
        note = folder / "LIESMICH.txt"
        _replaced(note, lambda beside: _write_text(beside, NOTE.format(seed=seed)))
        files.append(note)
    except OSError as error:
        raise OutputError(
            f"{folder}: the sample town cannot be written here: {error}"
        ) from error
    tell(1.0, "fertig")
    bodies = [len(s.bodies) for s in town.structures]
    return SampleTownReport(tuple(files), len(bodies), sum(n for n in bodies if n > 1))


def _replaced(path: Path, write: Callable[[Path], None]) -> None:
    """Write beside the file, then rename, so that no half file is ever seen."""
    beside = path.with_name(f".{path.name}.part")
    try:
        write(beside)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def _write_citygml(
    folder: Path, town: SampleTown, seed: int, tell: Callable[[float, str], None]
) -> list[Path]:
    identifiers = Identifiers(Chance(seed, UUIDS))
    files = []
    for k, (east_km, north_km) in enumerate(TILES_KM):
        tell(0.6 + 0.35 * k / len(TILES_KM), "CityGML")
        inside = [s for s in town.structures if s.tile() == (east_km, north_km)]
        path = folder / f"{tile_name(east_km, north_km)}.gml"
        text = tile_text(east_km, north_km, inside, identifiers)

        def write(beside: Path, text: object = text) -> None:
            with beside.open("w", encoding="utf-8", newline="\n") as file:
                file.writelines(text)  # type: ignore[arg-type]

        _replaced(path, write)
        files.append(path)
    return files


def _write_terrain(
    folder: Path, town: SampleTown, tell: Callable[[float, str], None]
) -> list[Path]:
    files = []
    for east_km, north_km in TILES_KM:
        tell(0.96, "Gelände")
        heights = town.terrain.tile(
            east_km * 1000 - ORIGIN_EAST, north_km * 1000 - ORIGIN_NORTH
        )
        path = folder / dgm1_name(east_km, north_km)

        def write(
            beside: Path, heights: object = heights, at: tuple[int, int] = (east_km, north_km)
        ) -> None:
            write_dgm1(beside, heights, *at)  # type: ignore[arg-type]

        _replaced(path, write)
        files.append(path)
    return files
