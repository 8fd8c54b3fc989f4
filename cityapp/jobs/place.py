"""Where a town stands: the tileset's frame and its height reference."""

from __future__ import annotations

import re

import numpy as np

from citykernel.arrays import Float64Array
from citykernel.crs import CompoundCrs, Geocentric, check_area, outside_area, parse_crs
from citykernel.errors import CrsError, InputError, ReadError
from citykernel.frame import LocalFrame
from citykernel.geoid import Undulation, choose_undulation
from citykernel.settings import Settings
from citymodel import ReadOptions, UnitResult, WorkUnit, read_unit

from .gather import named

_CORNER = re.compile(rb"<[^<>]*(?:lower|upper)Corner[^<>]*>\s*([^<]*)<")
_POSITION = re.compile(rb"<[^<>]*\bpos(?:List)?(?:\s[^<>]*)?>\s*([^<>]{5,200})")
_HEAD_BYTES = 65536
# A declared undulation belongs to its municipality; around it the geoid has moved on.
BEYOND_MUNICIPALITY_M = 5_000.0
BBOX_EPSG = 25832


def first_point(
    units: list[WorkUnit], options: ReadOptions
) -> tuple[CompoundCrs, Float64Array]:
    """The system and a point of a town, from its first envelope or its first members.

    Parameters
    ----------
    units : list of WorkUnit
        At least one.
    options : ReadOptions
        How the source is read.

    Returns
    -------
    CompoundCrs, (3,) float64
        Easting (longitude) first.

    Raises
    ------
    ReadError, CrsError
        No unit can be read, or none says where it lies.
    """
    first: InputError | None = None
    for unit in units:
        try:
            found = _from_envelope(unit) or _from_members(unit, options)
        except InputError as error:
            first = first or error
            continue
        if found is not None:
            return found
    path = ", ".join(dict.fromkeys(unit.header.shown_path for unit in units))
    raise first or ReadError("no city object in it; wanted at least one", path=path)


def _from_members(
    unit: WorkUnit, options: ReadOptions
) -> tuple[CompoundCrs, Float64Array] | None:
    path = unit.header.shown_path
    try:
        result = read_unit(unit, options)
        model = result.model
        if model is None:
            return None
        places = model.vertices + model.origin
        near = ~outside_area(model.crs, *places.T[:2])
        if not near.any():
            check_area(model.crs, *places.T[:2])
            raise _without_surfaces(result, path)
    except CrsError as error:
        raise CrsError(named(path, error)) from error
    # One house at the end of the world must not carry the town there: a mean would.
    return model.crs, np.median(places[near], axis=0)


def _without_surfaces(result: UnitResult, path: str) -> ReadError:
    """Why no object of a unit has a surface: what the reader says of the first."""
    for issue in result.issues:
        if issue.severity == "error":
            return ReadError(
                issue.message, path=path, line=issue.line or None, gml_id=issue.gml_id or None
            )
    return ReadError("no city object with a surface at the level of detail wanted", path=path)


def _from_envelope(unit: WorkUnit) -> tuple[CompoundCrs, Float64Array] | None:
    """The middle of the envelope, if the first position lies in it: some are made up."""
    header = unit.header
    if not header.crs_name:
        return None
    with header.path.open("rb") as file:
        head = file.read(min(unit.start, _HEAD_BYTES))
        file.seek(unit.start)
        position = _POSITION.search(file.read(min(unit.stop - unit.start, _HEAD_BYTES)))
    corners = [text.split()[:3] for text in _CORNER.findall(head)[:2]]
    if position is None:
        return None
    try:
        crs = parse_crs(header.crs_name)
        points = np.array([*corners, position[1].split()[:3]], object).astype(np.float64)
    except (CrsError, ValueError):
        return None
    if points.shape != (3, 3) or not np.isfinite(points[:, :2]).all():
        return None
    low, high, inside = points[:, :2]
    # A house may overhang its square, but not by the square's own width.
    if ((inside < 2 * low - high) | (inside > 2 * high - low)).any():
        return None
    centre = np.nan_to_num(points[:2].mean(axis=0))
    if crs.latitude_first:
        centre = centre[[1, 0, 2]]
    return None if outside_area(crs, centre[:1], centre[1:2]).any() else (crs, centre)


def choose_frame(crs: CompoundCrs, point: Float64Array, undulation: Undulation) -> LocalFrame:
    """The tileset's frame: a round place near the town.

    Rounded to a hundredth of a degree and ten metres, so that a changed house does not
    move the frame and with it every tile.

    Parameters
    ----------
    crs : CompoundCrs
        System of the point.
    point : (3,) float64
        Easting (longitude) first.
    undulation : Undulation
        For the height.

    Returns
    -------
    LocalFrame
        Its height is the ellipsoid's, to ten metres below the point.
    """
    longitude, latitude, height = Geocentric(crs, undulation).degrees(point[None])[0].tolist()
    if not np.isfinite([longitude, latitude, height]).all():
        raise CrsError(f"{point[0]:.1f} {point[1]:.1f} is not a place in {crs}")
    return LocalFrame(
        round(longitude, 2), round(latitude, 2), float(np.floor(height / 10) * 10)
    )


def undulation_for(
    settings: Settings, crs: CompoundCrs, point: Float64Array, *, geoid: str, require_grid: bool
) -> Undulation:
    """Choose the source of undulations for a place.

    Parameters
    ----------
    settings : Settings
        With the municipality's declared undulation.
    crs : CompoundCrs
        System of the point.
    point : (3,) float64
        Easting (longitude) first.
    geoid : str
        A grid file or a number given by the user, or "".
    require_grid : bool
        Accept nothing less than a grid.

    Returns
    -------
    Undulation
        The municipality's own only where the town lies in it.

    Raises
    ------
    CrsError
        See :func:`~citykernel.geoid.choose_undulation`.
    """
    town = settings.municipality
    inside = False
    if town.bbox_m is not None and crs.horizontal == BBOX_EPSG:
        west, south, east, north = town.bbox_m
        margin = BEYOND_MUNICIPALITY_M
        inside = bool(
            west - margin <= point[0] <= east + margin
            and south - margin <= point[1] <= north + margin
        )
    if not inside:
        return choose_undulation(geoid, require_grid=require_grid)
    return choose_undulation(
        geoid,
        declared_m=town.undulation_m,
        declared_source=town.undulation_source,
        declared_accuracy_m=town.undulation_accuracy_m,
        require_grid=require_grid,
    )
