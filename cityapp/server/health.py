"""Whether the process lives, and whether it can show its town."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apiflask import APIBlueprint

from citykernel.errors import CityError, SourceUnavailable

from .schemas import HealthSchema

if TYPE_CHECKING:
    from flask import Response

    from .town_folder import TownFolder


def health_blueprint(town: TownFolder) -> APIBlueprint:
    """Make the routes for whoever watches the server.

    Parameters
    ----------
    town : TownFolder
        What must be whole for the server to be ready.

    Returns
    -------
    APIBlueprint
        ``GET /healthz`` and ``GET /readyz``.
    """
    blueprint = APIBlueprint("health", __name__, tag="Health")

    @blueprint.get("/healthz")
    @blueprint.output(HealthSchema)
    def lives() -> dict[str, str]:
        """Say that the process lives."""
        return {"status": "ok"}

    @blueprint.get("/readyz")
    @blueprint.output(HealthSchema)
    @blueprint.doc(responses=[503])
    def is_ready() -> dict[str, str]:
        """Say whether the town can be shown."""
        try:
            town.check()
        except CityError as fault:
            raise SourceUnavailable(str(fault)) from fault
        return {"status": "ready"}

    @blueprint.after_request
    def never_kept(response: Response) -> Response:
        response.headers["Cache-Control"] = "no-store"
        return response

    return blueprint
