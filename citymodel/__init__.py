"""What stands in the town: the city model, its readers, transforms, checks and terrain."""

from .boundary import area_vectors, following_corners
from .codes import GeometryType, ObjectType, SurfaceType
from .german_names import function_name, object_type_name, roof_type_name, surface_type_name
from .model import Addresses, Appearances, CityModel, Column, Material, ObjectTable
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
    "SurfaceType",
    "Triangulation",
    "area_vectors",
    "following_corners",
    "function_name",
    "object_type_name",
    "roof_type_name",
    "surface_type_name",
    "triangulate",
]
