"""Transforms: from a city model to a city model; nothing is changed in place."""

from .clip import clip_by_object
from .orient import orient
from .triangulate import Triangulation, surface_area_vectors, triangulate
from .weld import weld

__all__ = [
    "Triangulation",
    "clip_by_object",
    "orient",
    "surface_area_vectors",
    "triangulate",
    "weld",
]
