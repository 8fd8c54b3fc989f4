"""What stands in the town: the city model, its readers, transforms, checks and terrain."""

from .boundary import area_vectors, following_corners
from .codes import GeometryType, ObjectType, SurfaceType
from .concatenate import concatenate
from .german_names import function_name, object_type_name, roof_type_name, surface_type_name
from .model import Addresses, Appearances, CityModel, Column, Material, ObjectTable
from .readers import (
    OpenSource,
    ReadOptions,
    SourceFile,
    UnitResult,
    WorkUnit,
    iter_units,
    list_units,
    open_source,
    read_citymodel,
    read_unit,
)
from .transforms.triangulate import Triangulation, triangulate

__all__ = [
    "Addresses",
    "Appearances",
    "CityModel",
    "Column",
    "GeometryType",
    "Material",
    "ObjectTable",
    "ObjectType",
    "OpenSource",
    "ReadOptions",
    "SourceFile",
    "SurfaceType",
    "Triangulation",
    "UnitResult",
    "WorkUnit",
    "area_vectors",
    "concatenate",
    "following_corners",
    "function_name",
    "iter_units",
    "list_units",
    "object_type_name",
    "open_source",
    "read_citymodel",
    "read_unit",
    "roof_type_name",
    "surface_type_name",
    "triangulate",
]
