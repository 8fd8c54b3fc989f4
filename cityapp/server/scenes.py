"""The scenes: which there are, and what each is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from apiflask import APIBlueprint
from flask import Response, abort, request, url_for

from .schemas import SceneListSchema, SceneSchema

if TYPE_CHECKING:
    from .town_folder import TownFolder


def scenes_blueprint(town: TownFolder) -> APIBlueprint:
    """Make the routes below ``/api/v1/scenes``.

    Parameters
    ----------
    town : TownFolder
        Where the scene lies.

    Returns
    -------
    APIBlueprint
        ``GET /api/v1/scenes`` and ``GET /api/v1/scenes/<id>``.
    """
    blueprint = APIBlueprint("scenes", __name__, url_prefix="/api/v1/scenes", tag="Scenes")

    @blueprint.get("")
    @blueprint.output(SceneListSchema)
    def list_scenes() -> dict[str, Any]:
        """List the scenes."""
        scene = town.read_scene()
        summary = {"id": scene.id, "title": scene.title, "notice": scene.notice}
        href = url_for("scenes.read_scene", scene_id=scene.id)
        return {"scenes": [{**summary, "href": href}]}

    @blueprint.get("/<scene_id>")
    @blueprint.output(SceneSchema)
    @blueprint.doc(responses=[404])
    def read_scene(scene_id: str) -> dict[str, Any]:
        """Read one scene; the layers' paths are absolute on this host."""
        scene = town.read_scene()
        if scene_id != scene.id:
            abort(404, f"there is no scene {scene_id!r}")
        plain = scene.as_dict()
        for layer in plain["layers"]:
            layer["href"] = url_for("tiles.read_tile", path=layer["href"])
        return plain

    @blueprint.after_request
    def let_the_browser_ask_again(response: Response) -> Response:
        if response.status_code == 200:  # noqa: PLR2004 - the one status with a body to keep
            response.headers["Cache-Control"] = "no-cache"
            response.add_etag()
            response.make_conditional(request)
        return response

    return blueprint
