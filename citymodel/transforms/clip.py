"""Clip: a part of a model, made of whole objects."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TypeVar

import numpy as np

from citykernel.arrays import BoolArray, Int32Array
from citykernel.errors import BoundaryError

from ..model import Addresses, CityModel, ExternalReferences, ObjectTable
from ..solids import corner_geometry
from .subset import keep_corners

_Table = TypeVar("_Table", Addresses, ExternalReferences)


def clip_by_object(model: CityModel, keep: BoolArray) -> CityModel:
    """Keep some objects with all that belongs to them.

    Parameters
    ----------
    model : CityModel
        The model.
    keep : (n,) bool
        Objects to keep. An object whose parent goes stays and becomes a top-level one;
        whoever means whole buildings marks by ``model.top_level``.

    Returns
    -------
    CityModel
        The objects in their order, with their geometries, attributes, addresses,
        references and appearances. Terrain points belong to no object and stay.

    Raises
    ------
    BoundaryError
        ``keep`` has not one value an object.

    Examples
    --------
    >>> from citymodel.testing import askew_hamlet
    >>> hamlet = askew_hamlet()
    >>> clip_by_object(hamlet, hamlet.top_level == 1).objects.id.tolist()
    ['parts', 'parts-main', 'parts-annex']
    """
    if keep.shape != (len(model.objects),):
        raise BoundaryError(
            f"keep has the shape {keep.shape}, wanted one value for each of the "
            f"{len(model.objects)} objects"
        )
    row = np.where(keep, np.cumsum(keep) - 1, -1).astype(np.int32)
    stays = keep[model.geometry_object]
    part = keep_corners(model, stays[corner_geometry(model)])
    return replace(
        part,
        geometry_object=row[part.geometry_object],
        objects=_clipped_objects(model.objects, keep, row),
    )


def _clipped_objects(objects: ObjectTable, keep: BoolArray, row: Int32Array) -> ObjectTable:
    parent = objects.parent[keep]
    return ObjectTable(
        id=objects.id[keep],
        type=objects.type[keep],
        # row[-1] of a top-level object would be the last object's row.
        parent=np.where(parent < 0, -1, row[parent]).astype(np.int32),
        attributes={
            name: replace(column, values=column.values[keep])
            for name, column in objects.attributes.items()
        },
        addresses=_clipped_rows(objects.addresses, keep, row),
        external_references=_clipped_rows(objects.external_references, keep, row),
    )


def _clipped_rows(table: _Table, keep: BoolArray, row: Int32Array) -> _Table:
    stays = keep[table.object_ix]
    columns = {item.name: getattr(table, item.name)[stays] for item in fields(table)}
    columns["object_ix"] = row[columns["object_ix"]]
    return replace(table, **columns)
