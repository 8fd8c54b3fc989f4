"""One work unit from bytes to features on disk: what a worker process does."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from citykernel.arrays import Float64Array
from citykernel.crs import CompoundCrs, Geocentric, check_area, outside_area
from citykernel.errors import CityError, CrsError
from citykernel.frame import LocalFrame
from citykernel.geoid import Undulation
from citykernel.issues import Issue
from citymodel import CityModel, ObjectType, ReadOptions, SurfaceType, WorkUnit, read_unit
from citymodel.transforms import clip_by_object
from tiles import Features, build_features, write_features

from .gather import named


@dataclass(frozen=True, slots=True)
class PrepareOptions:
    """What all units of a run share.

    Parameters
    ----------
    read : ReadOptions
        For the reader.
    undulation : Undulation
        Where heights above the ellipsoid come from.
    frame : LocalFrame
        The tileset's frame.
    spool : Path
        Folder for features.
    """

    read: ReadOptions
    undulation: Undulation
    frame: LocalFrame
    spool: Path


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a unit gave.

    Parameters
    ----------
    folder : Path or None
        Features on disk, None if there are none.
    objects : Counter
        City objects by CityGML class.
    polygons : int
        Read.
    top_level, drawn : int
        Top-level objects read, and those of them that are drawn.
    issues : tuple of Issue
        All that was dropped or mended.
    skipped : Counter
        Elements of application schemas that were not understood.
    crs : CompoundCrs or None
        Of the unit.
    ground : (k, 3) float64
        Ground points in the source's coordinates, where they were asked for.
    bases : (b, 3) float64
        Place and lowest height of each drawn object, in the source's coordinates.
    ids : tuple of str
        Of the top-level objects.
    failed : str
        The reason where nothing of the unit could be read.
    """

    folder: Path | None
    objects: Counter[str] = field(default_factory=Counter)
    polygons: int = 0
    top_level: int = 0
    drawn: int = 0
    issues: tuple[Issue, ...] = ()
    skipped: Counter[str] = field(default_factory=Counter)
    crs: CompoundCrs | None = None
    ground: Float64Array = field(default_factory=lambda: np.empty((0, 3)))
    bases: Float64Array = field(default_factory=lambda: np.empty((0, 3)))
    ids: tuple[str, ...] = ()
    failed: str = ""


def prepare_unit(numbered: tuple[int, WorkUnit], options: PrepareOptions) -> Prepared:
    """Read a unit, build its features and lay them on disk.

    Parameters
    ----------
    numbered : tuple of int and WorkUnit
        The unit and its number in the run, which names its folder.
    options : PrepareOptions
        What all units share.

    Returns
    -------
    Prepared
        Counts and issues; a fault of this unit is told in ``failed``, because one bad file
        never stops a town.
    """
    number, unit = numbered
    try:
        return _prepare(number, unit, options)
    except CityError as error:
        return Prepared(None, failed=named(unit.header.shown_path, error))


def _prepare(number: int, unit: WorkUnit, options: PrepareOptions) -> Prepared:
    result = read_unit(unit, options.read)
    model = result.model
    if model is None:
        return Prepared(
            None, polygons=result.polygons, issues=result.issues, skipped=result.skipped
        )
    within, outside = _within_area(model)
    geocentric = Geocentric(model.crs, options.undulation)
    features, report = build_features(
        within, geocentric, options.frame, picture_folder=unit.header.path.parent
    )
    folder = options.spool / f"{number:06d}"
    if len(features):
        write_features(features, folder)
    without, top_level = _without_features(model, features)
    issues = tuple(
        issue if issue.path else replace(issue, path=unit.header.shown_path)
        for issue in (*result.issues, *outside, *report.issues)
    )
    named = {issue.gml_id for issue in issues if issue.dropped}
    missing = tuple(
        Issue(
            "no-geometry",
            "warning",
            "it has no surface at the level of detail wanted",
            gml_id,
            path=unit.header.shown_path,
            dropped=True,
        )
        for gml_id in without
        if gml_id not in named
    )
    return Prepared(
        folder if len(features) else None,
        objects=_by_class(model),
        polygons=result.polygons,
        top_level=top_level,
        drawn=top_level - len(without),
        issues=(*issues, *missing),
        skipped=result.skipped,
        crs=model.crs,
        ids=tuple(map(str, model.objects.id[model.objects.parent < 0])),
        bases=_bases(within),
        ground=_ground_points(within) if options.read.terrain_lines else np.empty((0, 3)),
    )


def _by_class(model: CityModel) -> Counter[str]:
    codes, counts = np.unique(model.objects.type, return_counts=True)
    names = [ObjectType(code).citygml_name for code in codes.tolist()]
    return Counter(dict(zip(names, counts.tolist(), strict=True)))


def _within_area(model: CityModel) -> tuple[CityModel, tuple[Issue, ...]]:
    """Leave out objects that cannot stand where they say; refuse if none can."""
    try:
        check_area(model.crs, *(model.vertices + model.origin).T[:2])
    except CrsError:
        lost = _far_places(model)
        if not len(np.setdiff1d(model.top_level[model.geometry_object], list(lost))):
            raise
    else:
        return model, ()
    issues = tuple(
        Issue(
            "outside-area",
            "error",
            f"its coordinates {place[0]:.1f} {place[1]:.1f} cannot be in {model.crs}",
            str(model.objects.id[row]),
            dropped=True,
        )
        for row, place in lost.items()
    )
    clipped = clip_by_object(model, ~np.isin(model.top_level, list(lost)))
    near = ~outside_area(model.crs, *(model.terrain_points + model.origin).T[:2])
    return replace(clipped, terrain_points=clipped.terrain_points[near]), issues


def _far_places(model: CityModel) -> dict[int, Float64Array]:
    """Top-level objects (rows) with a corner outside of the system's area, and that corner."""
    places = model.vertices + model.origin
    far = outside_area(model.crs, *places.T[:2])[model.ring_vertices]
    firsts = model.ring_offsets[model.surface_offsets[model.geometry_offsets]]
    owners = np.repeat(model.top_level[model.geometry_object], np.diff(firsts))
    rows, first = np.unique(owners[far], return_index=True)
    corners = places[model.ring_vertices[far][first]]
    return dict(zip(rows.tolist(), corners, strict=True))


def _without_features(model: CityModel, features: Features) -> tuple[list[str], int]:
    """Top-level objects of which nothing is drawn, and how many there are in all."""
    top = model.top_level
    owners = np.unique(top)
    ids = set(map(str, model.objects.id[owners].tolist()))
    column = features.columns.get("building_id")
    shown = set(column.texts()) if column is not None and hasattr(column, "texts") else set()
    is_group = model.objects.type[owners] == ObjectType.CITY_OBJECT_GROUP
    groups = set(map(str, model.objects.id[owners[is_group]].tolist()))
    return sorted(ids - shown - groups), len(owners)


def _bases(model: CityModel) -> Float64Array:
    """A corner of the ground surface of each object that has one."""
    grounds = np.flatnonzero(model.surface_type == SurfaceType.GROUND_SURFACE)
    _, first = np.unique(model.surface_object[grounds], return_index=True)
    grounds = grounds[first]
    starts = model.ring_offsets[model.surface_offsets[:-1]][grounds]
    # A corner, not the middle: the middle of a court lies outside of its building.
    corners = model.vertices[model.ring_vertices[starts]]
    return np.asarray(corners + model.origin, np.float64)


def _ground_points(model: CityModel) -> Float64Array:
    """Corners of terrain intersections, thinned to one in a square metre."""
    points = model.terrain_points + model.origin
    if not len(points):
        return points
    cells = np.floor(points[:, :2]).astype(np.int64)
    _, first = np.unique(cells, axis=0, return_index=True)
    return points[np.sort(first)]
