"""Summary: what is in models, added up unit by unit so that no town has to fit into memory."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from citykernel.arrays import Float64Array

from ..codes import ObjectType, SurfaceType
from ..german_names import function_name, roof_type_name
from ..model import CityModel, Column


@dataclass(slots=True)
class AttributeSummary:
    """How often an attribute has a value.

    Parameters
    ----------
    kind, unit, source : str
        As :class:`~citymodel.model.Column` has them.
    filled : int
        Objects with a value.
    """

    kind: str
    unit: str
    source: str
    filled: int = 0


@dataclass(slots=True)
class CrsSummary:
    """What lies in one coordinate reference system.

    Parameters
    ----------
    height_system : str
        Name of the system of heights; says so where the source names none.
    low, high : (3,) float64
        Envelope of all vertices: easting, northing, height (or longitude, latitude).
    objects : int
        City objects.
    """

    height_system: str
    low: Float64Array = field(default_factory=lambda: np.full(3, np.inf))
    high: Float64Array = field(default_factory=lambda: np.full(3, -np.inf))
    objects: int = 0


@dataclass(slots=True)
class Summary:
    """What is in models.

    Parameters
    ----------
    objects, lods, surfaces, functions, roof_types : Counter
        City objects by class, geometries by level of detail, surfaces by class, objects by
        code of their function and roof type.
    attributes : dict of str to AttributeSummary
        By name.
    systems : dict of str to CrsSummary
        By code.
    holes, addresses, materials, top_level : int
        Interior rings, addresses, appearances in use, objects without parent.
    """

    objects: Counter[str] = field(default_factory=Counter)
    lods: Counter[int] = field(default_factory=Counter)
    surfaces: Counter[str] = field(default_factory=Counter)
    functions: Counter[str] = field(default_factory=Counter)
    roof_types: Counter[str] = field(default_factory=Counter)
    attributes: dict[str, AttributeSummary] = field(default_factory=dict)
    systems: dict[str, CrsSummary] = field(default_factory=dict)
    holes: int = 0
    addresses: int = 0
    materials: int = 0
    top_level: int = 0

    def add(self, model: CityModel) -> None:
        """Add a model.

        Parameters
        ----------
        model : CityModel
            One unit's.
        """
        for row, count in _counted(model.objects.type):
            self.objects[ObjectType(row).citygml_name] += count
        for row, count in _counted(model.surface_type):
            self.surfaces[SurfaceType(row).citygml_name] += count
        self.lods.update(dict(_counted(model.geometry_lod)))
        self.holes += len(model.ring_offsets) - len(model.surface_offsets)
        self.addresses += len(model.objects.addresses.object_ix)
        self.top_level += int((model.objects.parent < 0).sum())
        if model.appearances is not None:
            self.materials += len(model.appearances.materials)
        self._add_attributes(model)
        system = self.systems.setdefault(str(model.crs), CrsSummary(model.crs.vertical_name))
        system.objects += len(model.objects)
        if len(model.vertices):
            low, high = model.vertices.min(axis=0), model.vertices.max(axis=0)
            system.low = np.minimum(system.low, low + model.origin)
            system.high = np.maximum(system.high, high + model.origin)

    def _add_attributes(self, model: CityModel) -> None:
        for name, column in model.objects.attributes.items():
            known = self.attributes.setdefault(
                name, AttributeSummary(column.kind, column.unit, column.source)
            )
            known.filled += _filled(column)
        for name, counter in (("function", self.functions), ("roof_type", self.roof_types)):
            codes = model.objects.attributes.get(name)
            if codes is not None:
                counter.update(str(code) for code in codes.values if code != "")

    def as_dict(self) -> dict[str, Any]:
        """Return the summary as plain data for JSON; the most frequent stands first."""
        total = self.objects.total()
        return {
            "objects": _ranked(self.objects),
            "top_level_objects": self.top_level,
            "lods": {str(lod): count for lod, count in sorted(self.lods.items())},
            "surfaces": _ranked(self.surfaces),
            "holes": self.holes,
            "functions": {
                code: {"name": function_name(code), "count": count}
                for code, count in _ranked(self.functions).items()
            },
            "roof_types": {
                code: {"name": roof_type_name(code), "count": count}
                for code, count in _ranked(self.roof_types).items()
            },
            "addresses": self.addresses,
            "materials": self.materials,
            "attributes": {
                name: {
                    "kind": entry.kind, "unit": entry.unit, "source": entry.source,
                    "filled": entry.filled, "fill_rate": round(entry.filled / total, 4),
                }
                for name, entry in sorted(self.attributes.items())
            },
            "systems": {
                code: {
                    "height_system": entry.height_system,
                    "objects": entry.objects,
                    "envelope": _envelope(entry),
                }
                for code, entry in sorted(self.systems.items())
            },
        }  # fmt: skip


def _counted(codes: np.ndarray[Any, Any]) -> list[tuple[int, int]]:
    return [(row, int(count)) for row, count in enumerate(np.bincount(codes)) if count]


def _filled(column: Column) -> int:
    if column.values.dtype.kind == "f":
        return int((~np.isnan(column.values.astype(np.float64))).sum())
    return sum(value != "" for value in column.values)


def _ranked(counter: Counter[str]) -> dict[str, int]:
    return dict(sorted(counter.items(), key=lambda entry: (-entry[1], entry[0])))


def _envelope(entry: CrsSummary) -> list[float] | None:
    bounds = [*entry.low.tolist(), *entry.high.tolist()]
    return [round(value, 6) for value in bounds] if np.isfinite(bounds).all() else None
