"""What stands in the town: the city model, its readers, transforms, checks and terrain."""

from .codes import GeometryType, ObjectType, SurfaceType
from .model import Addresses, Appearances, CityModel, Column, Material, ObjectTable

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
]
