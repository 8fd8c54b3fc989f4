"""CityJSON 1.1 and 2.0 and CityJSONSeq: a thin reader into the same model."""

from __future__ import annotations

import numpy as np

from citykernel.arrays import Float64Array, Int32Array, offsets_from_counts
from citykernel.crs import CompoundCrs, parse_crs
from citykernel.errors import CrsError
from citykernel.issues import Issue

from ..model import CityModel, ObjectTable
from .cityjson_appearance import Wardrobe, make_appearances
from .cityjson_attributes import make_addresses, make_columns
from .cityjson_document import Entry, order_objects, read_sheets
from .cityjson_geometry import Shapes
from .reference.assemble import model_origin
from .reference.rings import ABSURD, ABSURD_HEIGHT_M
from .unit import ReadOptions, UnitResult, WorkUnit


def read_cityjson(unit: WorkUnit, options: ReadOptions) -> UnitResult:
    """Read a CityJSON file, or some lines of a CityJSONSeq file.

    Parameters
    ----------
    unit : WorkUnit
        The whole file for CityJSON; for a sequence, ``header.opening`` is its first line.
    options : ReadOptions
        Level of detail and system for sources that name none.

    Returns
    -------
    UnitResult
        ``polygons`` counts the surfaces of the chosen levels of detail; vertices are shared
        as in the source, those that no ring uses are left out.

    Raises
    ------
    ReadError
        No valid JSON, another version, or a malformed document.
    CrsError
        No usable coordinate reference system.
    """
    head, sheets = read_sheets(unit)
    entries = order_objects(sheets)
    path = unit.header.shown_path
    if not entries:
        return UnitResult(None)
    metadata = head.get("metadata")
    name = metadata.get("referenceSystem") if isinstance(metadata, dict) else None
    crs = _crs(str(name or ""), options, path)
    shapes = Shapes(path, options, crs)
    shapes.collect(entries)
    wardrobe = Wardrobe(unit.header.path.parent, path)
    model = _model(entries, shapes, crs, wardrobe)
    issues = [*shapes.issues, *wardrobe.issues, *_lost(entries, shapes)]
    return UnitResult(model, tuple(issues), len(model.surface_type))


def _crs(name: str, options: ReadOptions, path: str) -> CompoundCrs:
    if not (name or options.crs):
        raise CrsError(
            f"{path}: metadata.referenceSystem is missing; give one with --crs, for example "
            "EPSG:25832+7837"
        )
    try:
        return parse_crs(name or options.crs)
    except CrsError as error:
        if options.crs and name:
            return parse_crs(options.crs)
        raise CrsError(f"{path}: {error}") from error


def _model(
    entries: list[Entry], shapes: Shapes, crs: CompoundCrs, wardrobe: Wardrobe
) -> CityModel:
    vertices = np.concatenate(shapes.blocks) if shapes.blocks else np.empty((0, 3))
    if crs.latitude_first:
        vertices = vertices[:, [1, 0, 2]]
    _drop_absurd(entries, shapes, vertices)
    surfaces = shapes.surfaces
    rings = [ring for _, surface, _ in surfaces for ring in surface.rings]
    corners = [
        corner + base
        for _, surface, base in surfaces
        for ring in surface.rings
        for corner in ring
    ]
    used, ring_vertices = np.unique(np.array(corners, np.int64), return_inverse=True)
    origin = model_origin(vertices[used])
    rows: Int32Array = np.array([row for row, _, _ in surfaces], np.int32)
    geometry_rows, surface_counts = np.unique(rows, return_counts=True)
    kept = [surface for _, surface, _ in surfaces]
    sheets = [entries[row].sheet for row in rows]
    ids = np.empty(len(entries), object)
    ids[:] = [entry.id for entry in entries]
    return CityModel(
        crs=crs,
        origin=origin,
        vertices=vertices[used] - origin,
        ring_vertices=ring_vertices.astype(np.int32),
        ring_offsets=offsets_from_counts(np.array([len(ring) for ring in rings], np.int64)),
        surface_offsets=offsets_from_counts(np.array([len(s.rings) for s in kept], np.int64)),
        surface_type=np.array([s.surface_type for s in kept], np.uint8),
        geometry_offsets=offsets_from_counts(surface_counts),
        geometry_lod=np.array([shapes.lods[row][0] for row in geometry_rows], np.uint8),
        geometry_type=np.array([shapes.lods[row][1] for row in geometry_rows], np.uint8),
        geometry_object=geometry_rows.astype(np.int32),
        objects=ObjectTable(
            id=ids,
            type=np.array([entry.type for entry in entries], np.uint8),
            parent=np.array([entry.parent for entry in entries], np.int32),
            attributes=make_columns(entries),
            addresses=make_addresses(entries),
        ),
        appearances=make_appearances(list(zip(sheets, kept, strict=True)), wardrobe),
    )


def _drop_absurd(entries: list[Entry], shapes: Shapes, vertices: Float64Array) -> None:
    bounds = np.array([ABSURD, ABSURD, ABSURD_HEIGHT_M])
    sane = np.less(np.abs(vertices), bounds).all(axis=1)
    if sane.all():
        return
    kept = []
    for row, surface, base in shapes.surfaces:
        if all(sane[corner + base] for ring in surface.rings for corner in ring):
            kept.append((row, surface, base))
            continue
        message = "a surface was dropped: a coordinate lies outside of any place on Earth"
        found = Issue("absurd-coordinates", "error", message, entries[row].id, shapes.path)
        shapes.issues.append(found)
    shapes.surfaces[:] = kept


def _lost(entries: list[Entry], shapes: Shapes) -> list[Issue]:
    """Tell which objects had a geometry, but lost all its surfaces."""
    shown = {row for row, _, _ in shapes.surfaces}
    return [
        Issue(
            "object-without-surfaces", "error",
            "the object lost all its surfaces and cannot be shown",
            entries[row].id, shapes.path, entries[row].sheet.line, dropped=True,
        )
        for row in sorted(shapes.wanted - shown)
    ]  # fmt: skip
