"""From what was found to a :class:`~citymodel.model.CityModel`."""

from __future__ import annotations

import numpy as np

from citykernel.arrays import Float64Array, Int32Array, least_and_most, offsets_from_counts
from citykernel.crs import CompoundCrs

from ...codes import GeometryType
from ...model import CityModel, ObjectTable
from .addresses import Registers
from .attributes import Attributes, inherit
from .document import Document
from .found import Found
from .geometry import Geometry
from .rings import Boundary, Rings
from .terrain import terrain_corners


def number_rows(tops: list[Found]) -> list[Found]:
    """Give each object its row: document order, parents before their parts.

    Parameters
    ----------
    tops : list of Found
        Top-level objects.

    Returns
    -------
    list of Found
        By row.
    """
    rows = [found for top in tops for found in top.tree()]
    for row, found in enumerate(rows):
        found.row = row
    return rows


def model_origin(corners: Float64Array) -> Float64Array:
    """Origin of a model: its smallest coordinates, rounded down.

    Parameters
    ----------
    corners : (c, 3) float64
        Easting (longitude), northing (latitude) and height.

    Returns
    -------
    (3,) float64
        Whole metres (degrees); zeros where there are no corners.
    """
    if not len(corners):
        return np.zeros(3)
    return np.asarray(np.floor(least_and_most(corners)[0]), np.float64)


def assemble(
    document: Document,
    rows: list[Found],
    crs: CompoundCrs,
    *,
    geometry: Geometry,
    attributes: Attributes,
    registers: Registers,
) -> tuple[CityModel, Boundary]:
    """Make the model.

    Parameters
    ----------
    document : Document
        For references and issues.
    rows : list of Found
        The objects by row, with their surfaces.
    crs : CompoundCrs
        System of the coordinates.
    geometry : Geometry
        Knows the placements of implicit geometries.
    attributes, registers
        What the objects say of themselves.

    Returns
    -------
    model : CityModel
        One vertex a ring corner, not welded; without appearances.
    boundary : Boundary
        Which element each surface and ring comes from, in the model's order; coordinates
        as in the source.
    """
    rings = Rings(document)
    for found in rows:
        for placed in found.placed:
            rings.add(found, placed)
    boundary = rings.boundary(geometry.placements)
    _tell_lost(document, rows, boundary)
    corners = _east_first(boundary.corners, crs)
    terrain = _east_first(terrain_corners(document, rows), crs)
    origin = model_origin(corners if len(corners) else terrain)
    geometry_rows, surface_counts = np.unique(boundary.surface_row, return_counts=True)
    model = CityModel(
        crs=crs,
        origin=origin,
        vertices=corners - origin,
        ring_vertices=np.arange(len(corners), dtype=np.int32),
        ring_offsets=boundary.ring_offsets,
        surface_offsets=boundary.surface_offsets,
        surface_type=boundary.surface_type,
        geometry_offsets=offsets_from_counts(surface_counts),
        geometry_lod=np.array([rows[row].lod for row in geometry_rows], np.uint8),
        geometry_type=np.array([rows[row].form for row in geometry_rows], np.uint8),
        geometry_object=np.asarray(geometry_rows, np.int32),
        objects=_objects(rows, attributes, registers),
        terrain_points=terrain - origin,
    )
    return model, boundary


def _objects(rows: list[Found], attributes: Attributes, registers: Registers) -> ObjectTable:
    columns = attributes.columns(len(rows))
    inherit(columns, rows)
    ids = np.empty(len(rows), object)
    ids[:] = [found.id for found in rows]
    parent: Int32Array = np.array(
        [-1 if found.parent is None else found.parent.row for found in rows], np.int32
    )
    return ObjectTable(
        id=ids,
        type=np.array([found.type for found in rows], np.uint8),
        parent=parent,
        attributes=columns,
        addresses=registers.address_table(),
        external_references=registers.reference_table(),
    )


def _tell_lost(document: Document, rows: list[Found], boundary: Boundary) -> None:
    left = np.zeros(len(rows), bool)
    left[boundary.surface_row] = True
    for found in rows:
        if found.placed and not left[found.row]:
            found.lod, found.form = -1, int(GeometryType.MULTI_SURFACE)
            document.issue(
                "object-without-surfaces", "error",
                "the object lost all its surfaces and cannot be shown",
                gml_id=found.id, at=found.element, dropped=True,
            )  # fmt: skip


def _east_first(corners: Float64Array, crs: CompoundCrs) -> Float64Array:
    return corners[:, [1, 0, 2]] if crs.latitude_first else corners
