"""The tiles as files: for our page, and for any 3D Tiles client on any host."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from apiflask import APIBlueprint
from flask import Response, abort, request, send_file
from werkzeug.security import safe_join

if TYPE_CHECKING:
    from pathlib import Path

    from .town_folder import TownFolder

# Only what a tileset is made of: a folder may hold more than it should show.
MEDIA_TYPES = {
    ".json": "application/json",
    ".glb": "model/gltf-binary",
    ".gltf": "model/gltf+json",
    ".bin": "application/octet-stream",
    ".subtree": "application/octet-stream",
    ".ktx2": "image/ktx2",
    ".webp": "image/webp",
    ".png": "image/png",
    ".jpg": "image/jpeg",
}

# A name that ends in a hash of its content never changes its content.
HASHED_NAME = re.compile(r"(?:^|[-._])[0-9a-f]{8,64}\.[a-z0-9]+$")
IMMUTABLE = "public, max-age=31536000, immutable"


def tiles_blueprint(town: TownFolder) -> APIBlueprint:
    """Make the routes below ``/tiles``.

    Parameters
    ----------
    town : TownFolder
        What is served.

    Returns
    -------
    APIBlueprint
        ``GET /tiles/<path>`` with ETag, ranges and conditions, open to other origins.
    """
    blueprint = APIBlueprint("tiles", __name__, url_prefix="/tiles", tag="Tiles")

    @blueprint.get("/<path:path>")
    @blueprint.doc(responses=[200, 206, 304, 404, 416])
    def read_tile(path: str) -> Response:
        """Read a tileset or the content of a tile."""
        file = _file_of(town, path)
        response = send_file(
            file, MEDIA_TYPES[file.suffix], conditional=True, etag=True, last_modified=None
        )
        response.headers["Cache-Control"] = (
            IMMUTABLE if HASHED_NAME.search(file.name) else "no-cache"
        )
        return response

    @blueprint.after_request
    def open_to_all(response: Response) -> Response:
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Expose-Headers"] = (
            "ETag, Content-Length, Content-Range"
        )
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        if request.method == "OPTIONS":
            response.headers["Access-Control-Allow-Methods"] = "GET, HEAD, OPTIONS"
            response.headers["Access-Control-Allow-Headers"] = "Range, If-None-Match, If-Range"
            response.headers["Access-Control-Max-Age"] = "86400"
        return response

    return blueprint


def _file_of(town: TownFolder, path: str) -> Path:
    """Find a file of the town; anything outside it does not exist."""
    joined = safe_join(str(town.path), path)
    if joined is None:
        abort(404, "there is no such tile")
    file = town.path.joinpath(joined)
    hidden = any(step.startswith(".") for step in path.split("/"))
    # A link inside the folder must not lead out of it either.
    inside = file.resolve().is_relative_to(town.path)
    if hidden or not inside or file.suffix not in MEDIA_TYPES or not file.is_file():
        abort(404, "there is no such tile")
    return file
