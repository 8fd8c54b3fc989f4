"""The page itself: the viewer's bundle, whose files are named by their content."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apiflask import APIBlueprint
from flask import Response, send_from_directory

from .tiles import IMMUTABLE

if TYPE_CHECKING:
    from pathlib import Path


def page_blueprint(assets: Path) -> APIBlueprint:
    """Make the routes of the page.

    Parameters
    ----------
    assets : Path
        The built bundle with its ``index.html``.

    Returns
    -------
    APIBlueprint
        ``GET /``, ``GET /assets/<path>`` and ``GET /licences.txt``.
    """
    # The page is not part of the interface other programs use.
    blueprint = APIBlueprint("page", __name__, enable_openapi=False)

    @blueprint.get("/")
    def read_page() -> Response:
        return _ask_again(send_from_directory(assets, "index.html"))

    @blueprint.get("/licences.txt")
    def read_licences() -> Response:
        return _ask_again(send_from_directory(assets, "licences.txt"))

    @blueprint.get("/assets/<path:path>")
    def read_asset(path: str) -> Response:
        response = send_from_directory(assets / "assets", path)
        response.headers["Cache-Control"] = IMMUTABLE
        return response

    return blueprint


def _ask_again(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-cache"
    return response
