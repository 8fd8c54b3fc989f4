"""Numbers for the types of CityGML, stable because tiles and tests carry them.

Names are those of CityGML; 3.0's renamed classes are mapped to the number of the class
that says the same in 2.0 where there is one.
"""

from __future__ import annotations

from enum import IntEnum


class SurfaceType(IntEnum):
    """What a surface is (thematic boundary surfaces and openings)."""

    SURFACE = 0  # no semantics stated
    GROUND_SURFACE = 1
    WALL_SURFACE = 2
    ROOF_SURFACE = 3
    CLOSURE_SURFACE = 4
    OUTER_CEILING_SURFACE = 5
    OUTER_FLOOR_SURFACE = 6
    WINDOW = 7
    DOOR = 8
    INTERIOR_WALL_SURFACE = 9
    CEILING_SURFACE = 10
    FLOOR_SURFACE = 11
    TRAFFIC_AREA = 12
    AUXILIARY_TRAFFIC_AREA = 13
    WATER_SURFACE = 14
    WATER_GROUND_SURFACE = 15
    WATER_CLOSURE_SURFACE = 16
    MARKING = 17

    @property
    def citygml_name(self) -> str:
        """The class name of CityGML, for example ``RoofSurface``."""
        return "".join(part.capitalize() for part in self.name.split("_"))


class ObjectType(IntEnum):
    """What a city object is."""

    BUILDING = 0
    BUILDING_PART = 1
    BUILDING_INSTALLATION = 2
    INT_BUILDING_INSTALLATION = 3
    ROOM = 4
    BUILDING_FURNITURE = 5
    STOREY = 6
    BUILDING_UNIT = 7
    BRIDGE = 10
    BRIDGE_PART = 11
    BRIDGE_INSTALLATION = 12
    BRIDGE_CONSTRUCTION_ELEMENT = 13
    TUNNEL = 20
    TUNNEL_PART = 21
    TUNNEL_INSTALLATION = 22
    ROAD = 30
    RAILWAY = 31
    SQUARE = 32
    TRACK = 33
    TRANSPORTATION_COMPLEX = 34
    WATERWAY = 35
    SECTION = 36
    INTERSECTION = 37
    TRAFFIC_SPACE = 38
    AUXILIARY_TRAFFIC_SPACE = 39
    LAND_USE = 50
    PLANT_COVER = 60
    SOLITARY_VEGETATION_OBJECT = 61
    WATER_BODY = 70
    CITY_FURNITURE = 80
    RELIEF_FEATURE = 90
    TIN_RELIEF = 91
    RASTER_RELIEF = 92
    MASS_POINT_RELIEF = 93
    BREAKLINE_RELIEF = 94
    GENERIC_CITY_OBJECT = 100
    CITY_OBJECT_GROUP = 110
    OTHER_CONSTRUCTION = 120
    UNKNOWN = 255  # an application's own class (ADE) that carries geometry

    @property
    def citygml_name(self) -> str:
        """The class name of CityGML 2.0, for example ``BuildingPart``."""
        special = {"TIN_RELIEF": "TINRelief"}
        return special.get(self.name) or "".join(p.capitalize() for p in self.name.split("_"))


class GeometryType(IntEnum):
    """How the surfaces of a geometry hang together."""

    MULTI_SURFACE = 0
    SOLID = 1
    COMPOSITE_SURFACE = 2
    TIN = 3


BUILDING_TYPES = frozenset({ObjectType.BUILDING, ObjectType.BUILDING_PART})
