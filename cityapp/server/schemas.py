"""The answers' shapes, as the OpenAPI document states them."""

from __future__ import annotations

from apiflask import Schema
from apiflask.fields import Boolean, Float, Integer, List, Nested, String


class OriginSchema(Schema):
    """The place the town is drawn around."""

    longitude_deg = Float(required=True)
    latitude_deg = Float(required=True)
    height_ellipsoidal = Float(required=True, metadata={"description": "metres, GRS80"})


class HeightSchema(Schema):
    """How the heights were made."""

    vertical_crs = String(required=True)
    method = String(required=True)
    accuracy_m = Float(required=True, allow_none=True)
    undulation_m = Float(required=True)


class LayerSchema(Schema):
    """One tileset of the scene."""

    id = String(required=True)
    kind = String(required=True, metadata={"enum": ["buildings", "terrain"]})
    title = String(required=True)
    href = String(required=True, metadata={"description": "path of the tileset.json"})
    attribution = String(required=True)
    licence = String(required=True)
    visible = Boolean(required=True)


class SceneSchema(Schema):
    """A town as a viewer loads it."""

    version = Integer(required=True)
    id = String(required=True)
    title = String(required=True)
    notice = String(required=True, metadata={"description": "must stand on every picture"})
    origin = Nested(OriginSchema, required=True)
    crs = String(required=True)
    height = Nested(HeightSchema, required=True)
    layers = List(Nested(LayerSchema), required=True)


class SceneSummarySchema(Schema):
    """A scene in the list."""

    id = String(required=True)
    title = String(required=True)
    notice = String(required=True)
    href = String(required=True, metadata={"description": "path of the scene"})


class SceneListSchema(Schema):
    """All scenes of the server."""

    scenes = List(Nested(SceneSummarySchema), required=True)


class HealthSchema(Schema):
    """Whether the server lives or is ready."""

    status = String(required=True)


class ProblemSchema(Schema):
    """A problem document, RFC 9457."""

    type = String(required=True)
    title = String(required=True)
    status = Integer(required=True)
    detail = String(required=True)
    instance = String(required=True)
