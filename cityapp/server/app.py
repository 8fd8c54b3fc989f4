"""The application factory: one blueprint per resource, one handler for every error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apiflask import APIFlask
from werkzeug.middleware.proxy_fix import ProxyFix

from viewer import assets_folder

from .headers import set_security_headers
from .health import health_blueprint
from .page import page_blueprint
from .problems import answer_with_problem
from .scenes import scenes_blueprint
from .schemas import ProblemSchema
from .spec import name_media_types
from .tiles import tiles_blueprint
from .town_folder import TownFolder

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

# Nothing is uploaded yet: whatever is longer than a small JSON is a mistake or an attack.
LONGEST_REQUEST_BYTES = 64 * 1024


def create_app(
    folder: Path,
    *,
    assets: Path | None = None,
    frame_ancestors: Sequence[str] = (),
    trusted_proxies: int = 0,
) -> APIFlask:
    """Make the server of one town.

    Parameters
    ----------
    folder : Path
        Made by ``stadtbild tile``: ``tileset.json``, ``scene.json``, ``content/``.
    assets : Path, optional
        The viewer's bundle; by default the one inside the installation.
    frame_ancestors : sequence of str, optional
        Origins besides this one that may show the page in a frame, such as the town's
        portal ("https://www.soest.de").
    trusted_proxies : int, optional
        How many proxies in front are ours, so that their ``X-Forwarded-*`` is believed.
        Anyone can send these headers, therefore 0 by default.

    Returns
    -------
    APIFlask
        A WSGI application that reads ``folder`` at each request: tiles made anew are
        served without a restart.

    Raises
    ------
    InputError
        There is no tileset in the folder.
    SettingsError
        The scene is missing or says what the contract does not know.
    InstallationError
        The viewer's bundle is missing.
    """
    town = TownFolder(folder.resolve())
    town.check()
    app = APIFlask(
        __name__,
        title="Stadtbild",
        version="1",
        spec_path="/api/v1/openapi.json",
        # The interactive page would load its scripts from another host.
        docs_path=None,
        json_errors=False,
        static_folder=None,  # type: ignore[arg-type] # Flask knows None, APIFlask's annotation not
    )
    app.config["MAX_CONTENT_LENGTH"] = LONGEST_REQUEST_BYTES
    app.config["HTTP_ERROR_SCHEMA"] = ProblemSchema
    app.spec_processor(name_media_types)
    app.register_error_handler(Exception, answer_with_problem)
    app.register_blueprint(page_blueprint(assets or assets_folder()))
    app.register_blueprint(scenes_blueprint(town))
    app.register_blueprint(tiles_blueprint(town))
    app.register_blueprint(health_blueprint(town))
    app.after_request(set_security_headers(frame_ancestors))
    if trusted_proxies:
        proxy = ProxyFix(
            app.wsgi_app,
            x_for=trusted_proxies,
            x_proto=trusted_proxies,
            x_host=trusted_proxies,
            x_prefix=trusted_proxies,
        )
        app.wsgi_app = proxy  # type: ignore[method-assign] # Flask's documented way
    return app
