"""The city model: columns of numpy arrays, rows referring to each other by offsets.

Vertices belong to rings, rings to surfaces (exterior first), surfaces to geometries,
geometries to objects; objects refer upwards to their parent. Everything is read-only: a
transform returns a new model and shares the columns it did not touch.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from citykernel.arrays import (
    Float32Array,
    Float64Array,
    Int32Array,
    ObjectArray,
    UInt8Array,
    read_only,
)
from citykernel.crs import CompoundCrs
from citykernel.errors import BoundaryError

ColumnKind = Literal["string", "number", "integer", "date", "uri", "measure"]


@dataclass(frozen=True, slots=True)
class Column:
    """One attribute of all objects.

    Parameters
    ----------
    values : (n,) object or float64
        One value an object. Texts are ``str`` with "" for missing; numbers are float64 with
        NaN for missing (integers too: a count of storeys fits).
    kind : str
        The type the source declares.
    unit : str
        UCUM unit of numbers ("m", "m2", "1"), the source's own text where it is none, ""
        without unit.
    source : {"citygml", "generic", "ade"}
        A property of the standard, a generic attribute, or an application's extension.
    """

    values: ObjectArray | Float64Array
    kind: ColumnKind = "string"
    unit: str = ""
    source: str = "citygml"


@dataclass(frozen=True, slots=True)
class Addresses:
    """Addresses, each of one object (an object may have several).

    Parameters
    ----------
    object_ix : (a,) int32
        Row in the object table.
    country, locality, postcode, thoroughfare, number : (a,) object
        Texts, "" where missing.
    """

    object_ix: Int32Array
    country: ObjectArray
    locality: ObjectArray
    postcode: ObjectArray
    thoroughfare: ObjectArray
    number: ObjectArray


def no_addresses() -> Addresses:
    """Return an address table without rows."""
    empty = np.empty(0, object)
    return Addresses(np.empty(0, np.int32), empty, empty, empty, empty, empty)


@dataclass(frozen=True, slots=True)
class ExternalReferences:
    """Links of objects into other registers.

    Parameters
    ----------
    object_ix : (e,) int32
        Row in the object table.
    system, name : (e,) object
        Information system (a URI) and the object's name or URI there.
    """

    object_ix: Int32Array
    system: ObjectArray
    name: ObjectArray


def no_external_references() -> ExternalReferences:
    """Return a reference table without rows."""
    empty = np.empty(0, object)
    return ExternalReferences(np.empty(0, np.int32), empty, empty)


@dataclass(frozen=True, slots=True)
class Material:
    """One appearance: a plain colour (X3DMaterial) or a picture.

    Parameters
    ----------
    diffuse : tuple of 3 float
        Red, green, blue, 0 to 1 (sRGB as X3D states them).
    opacity : float
        1 = opaque.
    image : str
        Path of the picture as found beside the source, "" for a plain colour.
    wrap : str
        CityGML's wrapMode: none, wrap, mirror, clamp, border.
    theme : str
        The theme it belongs to.
    """

    diffuse: tuple[float, float, float] = (0.8, 0.8, 0.8)
    opacity: float = 1.0
    image: str = ""
    wrap: str = "wrap"
    theme: str = ""


@dataclass(frozen=True, slots=True)
class Appearances:
    """Materials and which surface wears which.

    Parameters
    ----------
    materials : tuple of Material
        The palette.
    surface_material : (s,) int32
        Row in ``materials``, -1 = none.
    texture_coordinates : (c, 2) float32
        One pair a ring corner (aligned with ``ring_vertices``), NaN where none; CityGML's
        origin is the lower left of the picture.
    """

    materials: tuple[Material, ...]
    surface_material: Int32Array
    texture_coordinates: Float32Array


@dataclass(frozen=True, slots=True)
class ObjectTable:
    """The city objects.

    Parameters
    ----------
    id : (n,) object
        gml:id as ``str``; unique within a file unless an issue says otherwise.
    type : (n,) uint8
        :class:`~citymodel.codes.ObjectType`.
    parent : (n,) int32
        Row of the parent object, -1 for a top-level object; parents stand before children.
    attributes : dict of str to Column
        Standard properties in snake case (``function``, ``roof_type``, ``measured_height``,
        ``storeys_above_ground``, ``year_of_construction``, ``name``, ``creation_date``...);
        generic attributes under their own name.
    addresses, external_references
        Tables of their own.
    """

    id: ObjectArray
    type: UInt8Array
    parent: Int32Array
    attributes: dict[str, Column] = field(default_factory=dict)
    addresses: Addresses = field(default_factory=no_addresses)
    external_references: ExternalReferences = field(default_factory=no_external_references)

    def __len__(self) -> int:
        return len(self.id)


@dataclass(frozen=True, slots=True)
class CityModel:
    """A city model, or the part of one that a work unit holds.

    Parameters
    ----------
    crs : CompoundCrs
        The system of ``origin`` and ``vertices``; easting (longitude) first always: readers
        swap what comes latitude first.
    origin : (3,) float64
        Easting, northing, height; subtracted from all vertices.
    vertices : (v, 3) float64
        Metres from the origin (degrees for geographic systems), heights in metres.
    ring_vertices : (c,) int32
        Vertex of each ring corner; the first corner is not repeated.
    ring_offsets : (r + 1,) int32
        Ring to corners.
    surface_offsets : (s + 1,) int32
        Surface to rings; the exterior ring first.
    surface_type : (s,) uint8
        :class:`~citymodel.codes.SurfaceType`.
    geometry_offsets : (g + 1,) int32
        Geometry to surfaces.
    geometry_lod : (g,) uint8
        Level of detail, 0 to 4.
    geometry_type : (g,) uint8
        :class:`~citymodel.codes.GeometryType`.
    geometry_object : (g,) int32
        Row in ``objects``.
    objects : ObjectTable
        The city objects, also those without geometry.
    appearances : Appearances, optional
        None where the source has none.
    terrain_points : (t, 3) float64
        Metres from the origin: the corners of terrain intersection curves, where they were
        asked for.
    """

    crs: CompoundCrs
    origin: Float64Array
    vertices: Float64Array
    ring_vertices: Int32Array
    ring_offsets: Int32Array
    surface_offsets: Int32Array
    surface_type: UInt8Array
    geometry_offsets: Int32Array
    geometry_lod: UInt8Array
    geometry_type: UInt8Array
    geometry_object: Int32Array
    objects: ObjectTable
    appearances: Appearances | None = None
    terrain_points: Float64Array = field(default_factory=lambda: np.empty((0, 3)))

    def __post_init__(self) -> None:
        """Check the offsets against each other and forbid writing.

        Raises
        ------
        BoundaryError
            Offsets do not cover what they divide, or a row number points nowhere.
        """
        _check_offsets("ring_offsets", self.ring_offsets, len(self.ring_vertices))
        _check_offsets("surface_offsets", self.surface_offsets, len(self.ring_offsets) - 1)
        _check_offsets("geometry_offsets", self.geometry_offsets, len(self.surface_offsets) - 1)
        _check_rows("ring_vertices", self.ring_vertices, len(self.vertices), least=0)
        _check_rows("geometry_object", self.geometry_object, len(self.objects), least=0)
        _check_rows("parent", self.objects.parent, len(self.objects), least=-1)
        for array in (
            self.origin, self.vertices, self.ring_vertices, self.ring_offsets,
            self.surface_offsets, self.surface_type, self.geometry_offsets, self.geometry_lod,
            self.geometry_type, self.geometry_object, self.terrain_points,
        ):  # fmt: skip
            read_only(array)

    @property
    def surface_object(self) -> Int32Array:
        """Row in ``objects`` of each surface, (s,) int32."""
        counts = np.diff(self.geometry_offsets)
        return np.repeat(self.geometry_object, counts)

    @property
    def top_level(self) -> Int32Array:
        """Row of the top-level object above each object, (n,) int32."""
        top = np.arange(len(self.objects), dtype=np.int32)
        parent = self.objects.parent
        while True:
            above = parent[top]
            if (above < 0).all():
                return top
            top = np.where(above < 0, top, above).astype(np.int32)

    @property
    def corners(self) -> Float64Array:
        """Coordinates of each ring corner, (c, 3) float64, metres from the origin."""
        return self.vertices[self.ring_vertices]


def _check_offsets(name: str, offsets: Int32Array, count: int) -> None:
    if (
        not len(offsets)
        or offsets[0] != 0
        or offsets[-1] != count
        or (np.diff(offsets) < 0).any()
    ):
        found = f"{offsets[0]} to {offsets[-1]}" if len(offsets) else "nothing"
        raise BoundaryError(f"{name} run from {found}, but there are {count} to divide")


def _check_rows(name: str, rows: Int32Array, count: int, *, least: int) -> None:
    if len(rows) and (rows.min() < least or rows.max() >= count):
        raise BoundaryError(
            f"{name} holds {rows.min()} to {rows.max()}, wanted {least} to {count - 1}"
        )
