"""Several city models become one: the parts of a file, the files of a town."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from citykernel.arrays import Int32Array, ObjectArray
from citykernel.crs import CompoundCrs
from citykernel.errors import CrsError

from .model import (
    Addresses,
    Appearances,
    CityModel,
    Column,
    ExternalReferences,
    Material,
    ObjectTable,
)


def concatenate(models: Sequence[CityModel]) -> CityModel:
    """Put city models one after the other.

    Parameters
    ----------
    models : sequence of CityModel
        At least one, all in one coordinate reference system (one that states no heights goes
        with any).

    Returns
    -------
    CityModel
        Objects in the order of the models. Its origin is the least of the origins, so that a
        file read in parts gives the same model as the file read whole; metres from it are
        exact, since origins are whole numbers.

    Raises
    ------
    CrsError
        Two systems.
    ValueError
        No model at all.
    """
    if not models:
        raise ValueError("there is no model to begin with")
    if len(models) == 1:
        return models[0]
    crs = _one_crs(models)
    # A model without coordinates has no place: its zeros must not move the others.
    placed = [m.origin for m in models if len(m.vertices) or len(m.terrain_points)]
    origin = np.min(placed, axis=0) if placed else models[0].origin
    objects = np.cumsum([0, *(len(m.objects) for m in models)])
    vertices = np.cumsum([0, *(len(m.vertices) for m in models)])
    return CityModel(
        crs=crs,
        origin=np.array(origin),
        vertices=np.concatenate([m.vertices + (m.origin - origin) for m in models]),
        ring_vertices=_shifted(models, lambda m: m.ring_vertices, vertices),
        ring_offsets=_joined_offsets([m.ring_offsets for m in models]),
        surface_offsets=_joined_offsets([m.surface_offsets for m in models]),
        surface_type=np.concatenate([m.surface_type for m in models]),
        geometry_offsets=_joined_offsets([m.geometry_offsets for m in models]),
        geometry_lod=np.concatenate([m.geometry_lod for m in models]),
        geometry_type=np.concatenate([m.geometry_type for m in models]),
        geometry_object=_shifted(models, lambda m: m.geometry_object, objects),
        objects=_objects(models, objects),
        appearances=_appearances(models),
        terrain_points=np.concatenate([m.terrain_points + (m.origin - origin) for m in models]),
    )


def _one_crs(models: Sequence[CityModel]) -> CompoundCrs:
    chosen = models[0].crs
    for other in (model.crs for model in models[1:]):
        same = (chosen.horizontal, chosen.latitude_first) == (
            other.horizontal,
            other.latitude_first,
        )
        if not same or len({chosen.vertical, other.vertical} - {0}) > 1:
            raise CrsError(
                f"'{chosen.name}' ({chosen}) and '{other.name}' ({other}) are two coordinate "
                "reference systems; wanted one for all that is put together"
            )
        if not chosen.vertical:
            chosen = other
    return chosen


def _joined_offsets(parts: Sequence[Int32Array]) -> Int32Array:
    counts = np.concatenate([np.diff(part) for part in parts])
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)


def _shifted(
    models: Sequence[CityModel],
    rows_of: Callable[[CityModel], Int32Array],
    starts: NDArray[np.int64],
) -> Int32Array:
    """Row numbers into tables that now stand one after the other; -1 stays -1."""
    parts = []
    for model, start in zip(models, starts.tolist(), strict=False):
        rows = rows_of(model)
        parts.append(np.where(rows < 0, rows, rows + start))
    return np.concatenate(parts).astype(np.int32)


def _objects(models: Sequence[CityModel], starts: NDArray[np.int64]) -> ObjectTable:
    tables = [model.objects for model in models]
    return ObjectTable(
        id=np.concatenate([table.id for table in tables]),
        type=np.concatenate([table.type for table in tables]),
        parent=_shifted(models, lambda m: m.objects.parent, starts),
        attributes=_columns(tables),
        addresses=Addresses(
            _shifted(models, lambda m: m.objects.addresses.object_ix, starts),
            *(
                np.concatenate([getattr(table.addresses, name) for table in tables])
                for name in ("country", "locality", "postcode", "thoroughfare", "number")
            ),
        ),
        external_references=ExternalReferences(
            _shifted(models, lambda m: m.objects.external_references.object_ix, starts),
            *(
                np.concatenate([getattr(table.external_references, name) for table in tables])
                for name in ("system", "name")
            ),
        ),
    )


def _columns(tables: Sequence[ObjectTable]) -> dict[str, Column]:
    """Columns by name in the order of their first appearance; a second unit makes a second."""
    found: dict[str, list[tuple[int, Column]]] = {}
    for number, table in enumerate(tables):
        for name, column in table.attributes.items():
            known = found.get(name)
            other_unit = (
                known is not None
                and known[0][1].unit != column.unit
                and _is_number(column)
                and _is_number(known[0][1])
            )
            key = f"{name} [{column.unit}]" if other_unit else name
            found.setdefault(key, []).append((number, column))
    return {name: _merged(tables, parts) for name, parts in found.items()}


def _is_number(column: Column) -> bool:
    return column.values.dtype != object


def _merged(tables: Sequence[ObjectTable], parts: list[tuple[int, Column]]) -> Column:
    given = dict(parts)
    first = parts[0][1]
    numbers = all(_is_number(column) for column in given.values())
    kinds = {column.kind for column in given.values()}
    values: list[Any] = []
    for number, table in enumerate(tables):
        column = given.get(number)
        if column is None:
            missing: Any = np.full(len(table), np.nan) if numbers else _no_texts(len(table))
            values.append(missing)
        else:
            values.append(column.values if numbers else _as_texts(column))
    kind = first.kind if len(kinds) == 1 else "number" if numbers else "string"
    unit = first.unit if numbers else ""
    return Column(np.concatenate(values), kind, unit, first.source)


def _no_texts(count: int) -> ObjectArray:
    return np.full(count, "", object)


def _as_texts(column: Column) -> ObjectArray:
    """Values as texts, where another file states texts under the same name."""
    if not _is_number(column):
        return np.asarray(column.values, object)
    texts = _no_texts(len(column.values))
    for row, value in enumerate(column.values.tolist()):
        if value == value:  # noqa: PLR0124 - not NaN
            texts[row] = str(int(value)) if value == int(value) else repr(value)
    return texts


def _appearances(models: Sequence[CityModel]) -> Appearances | None:
    if all(model.appearances is None for model in models):
        return None
    palette: dict[Material, int] = {}
    rows: list[Int32Array] = []
    coordinates: list[NDArray[np.float32]] = []
    for model in models:
        worn = model.appearances
        if worn is None:
            rows.append(np.full(len(model.surface_type), -1, np.int32))
            coordinates.append(np.full((len(model.ring_vertices), 2), np.nan, np.float32))
            continue
        numbers = [palette.setdefault(material, len(palette)) for material in worn.materials]
        # The last place of the table stands for "no material" (-1).
        table = np.array([*numbers, -1], np.int32)
        rows.append(table[worn.surface_material])
        coordinates.append(worn.texture_coordinates)
    return Appearances(tuple(palette), np.concatenate(rows), np.concatenate(coordinates))
