"""From a scanned unit to a city model, column by column."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from citykernel.arrays import (
    Float64Array,
    Int64Array,
    least_and_most,
    offsets_from_counts,
    run_indices,
)
from citykernel.crs import CompoundCrs, parse_crs
from citykernel.errors import CrsError

from ...codes import GeometryType
from ...model import CityModel, ObjectTable
from ..reference import model_origin
from ..reference.rings import ABSURD, ABSURD_HEIGHT_M
from ..unit import UNIT_BYTES, ReadOptions, UnitResult, WorkUnit
from .lexical import measure_rings
from .names import FNV_PRIME, name_tables
from .scanned import NotKnownError, Scanned, check_letters, run_scan
from .texts import decode, make_addresses, make_columns, make_references, taken_texts

_LOD = 2
_VERSIONS = ("1.0", "2.0")
# Larger than any run of members: one giant member, which is no building of a survey.
_MOST_BYTES = 4 * UNIT_BYTES


def read_fast(unit: WorkUnit, options: ReadOptions) -> UnitResult | None:
    """Read a unit of buildings in the shape the surveys deliver.

    Parameters
    ----------
    unit : WorkUnit
        What to read.
    options : ReadOptions
        What is wanted.

    Returns
    -------
    UnitResult or None
        Exactly what the reference reader gives; None where the unit holds anything that
        only the reference reader knows.
    """
    known = unit.header.version in _VERSIONS and options.lod in (None, _LOD)
    whole = not unit.shared and unit.stop - unit.start <= _MOST_BYTES
    if not known or not whole or unit.reader != "citygml":
        return None
    with unit.header.path.open("rb") as file:
        file.seek(unit.start)
        data = file.read(unit.stop - unit.start)
    try:
        return _read(data, unit, options)
    except NotKnownError:
        return None


def _read(data: bytes, unit: WorkUnit, options: ReadOptions) -> UnitResult:
    header = unit.header
    encoding = check_letters(data, header.encoding)
    names = name_tables(header.opening, header.version)
    scanned = run_scan(data, encoding, names, want_terrain=options.terrain_lines)
    if not len(scanned.objects):
        return UnitResult(None)
    _check_references(scanned)
    model = _model(scanned, _crs(header.crs_name or options.crs))
    return UnitResult(model, polygons=len(scanned.surfaces))


def _crs(name: str) -> CompoundCrs:
    try:
        return parse_crs(name)
    except CrsError as error:
        raise NotKnownError(name) from error


def _check_references(scanned: Scanned) -> None:
    """Refuse double ids, and solids of anything but the object's own surfaces."""
    hashes = np.sort(scanned.ids[:, 0])
    if (hashes[1:] == hashes[:-1]).any():
        raise NotKnownError("an id that comes twice")
    of_polygon = scanned.ids[:, 1] > 0
    surface = scanned.ids[of_polygon, 1].astype(np.int64) - 1
    owner = scanned.surfaces[surface, 0].astype(np.uint64)
    own = scanned.ids[of_polygon, 0] ^ (owner * FNV_PRIME)
    wanted = scanned.hrefs[:, 0] ^ (scanned.hrefs[:, 1] * FNV_PRIME)
    if not np.isin(wanted, own).all():
        raise NotKnownError("a reference to what is not a surface of the same object")


def _model(scanned: Scanned, crs: CompoundCrs) -> CityModel:
    corners, lengths = _rings(scanned)
    terrain = scanned.terrain.reshape(-1, 3)
    if not np.isfinite(terrain).all():
        raise NotKnownError("a terrain line that is not finite")
    if crs.latitude_first:
        corners, terrain = corners[:, [1, 0, 2]], terrain[:, [1, 0, 2]]
    origin = model_origin(corners if len(corners) else terrain)
    owner = scanned.surfaces[:, 0]
    geometry_rows, surface_counts = np.unique(owner, return_counts=True)
    solid = scanned.objects[:, 4] > 0
    if np.setdiff1d(np.flatnonzero(solid), geometry_rows).size:
        raise NotKnownError("a solid without surfaces")
    ring_starts = np.append(scanned.surfaces[:, 2], len(lengths))
    return CityModel(
        crs=crs,
        origin=origin,
        vertices=corners - origin,
        ring_vertices=np.arange(len(corners), dtype=np.int32),
        ring_offsets=offsets_from_counts(lengths),
        surface_offsets=ring_starts.astype(np.int32),
        surface_type=scanned.surfaces[:, 1].astype(np.uint8),
        geometry_offsets=offsets_from_counts(surface_counts),
        geometry_lod=np.full(len(geometry_rows), _LOD, np.uint8),
        geometry_type=np.where(
            solid[geometry_rows], GeometryType.SOLID, GeometryType.MULTI_SURFACE
        ).astype(np.uint8),
        geometry_object=geometry_rows.astype(np.int32),
        objects=_objects(scanned),
        terrain_points=terrain - origin,
    )


def _rings(scanned: Scanned) -> tuple[Float64Array, Int64Array]:
    """Corners of all rings, first corners not repeated, (c, 3); corners a ring, (r,)."""
    lengths: NDArray[np.int64] = np.empty(len(scanned.ring_offsets) - 1, np.int64)
    if not measure_rings(scanned.values, scanned.ring_offsets, lengths):
        raise NotKnownError("a ring with fewer than three corners")
    corners = scanned.values.reshape(-1, 3)
    if len(corners):
        least, most = least_and_most(corners)
        largest = np.maximum(most, -least)
        if not (largest < (ABSURD, ABSURD, ABSURD_HEIGHT_M)).all():
            raise NotKnownError("absurd coordinates")
    return corners[run_indices(scanned.ring_offsets[:-1] // 3, lengths)], lengths


def _objects(scanned: Scanned) -> ObjectTable:
    table = scanned.objects
    types, parent = table[:, 0].astype(np.uint8), table[:, 1].astype(np.int32)
    texts = taken_texts(scanned)
    ids = np.empty(len(table), object)
    ids[:] = decode(scanned, table[:, 2], table[:, 3])
    return ObjectTable(
        id=ids,
        type=types,
        parent=parent,
        attributes=make_columns(scanned, texts, types, parent),
        addresses=make_addresses(scanned, texts),
        external_references=make_references(scanned, texts),
    )
