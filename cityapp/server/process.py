"""The process behind ``stadtbild serve``: gunicorn with threads, stopped gracefully."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from gunicorn.app.base import BaseApplication

from .app import create_app

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from flask import Flask

# Files are read while others are sent; a page opens six connections at a time.
THREADS = 8
SECONDS_TO_FINISH = 10


def serve_town(
    folder: Path,
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    announce: Callable[[str], None] | None = None,
) -> None:
    """Serve a town until the process is asked to stop.

    Parameters
    ----------
    folder : Path
        Made by ``stadtbild tile``.
    host : str, optional
        Address to listen on.
    port : int, optional
        Port to listen on; 0 takes a free one.
    announce : callable, optional
        Called once with the page's address as soon as it can be opened.

    Raises
    ------
    CityError
        As :func:`create_app`, before anything is bound.
    """
    _Process(
        create_app(folder),
        {
            "bind": f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
            "worker_class": "gthread",
            "threads": THREADS,
            "graceful_timeout": SECONDS_TO_FINISH,
            "loglevel": "warning",
            "when_ready": _announcer(announce),
            # No socket in the user's home to steer the server with (gunicorn 25 and later).
            "control_socket_disable": True,
        },
    ).run()


def _announcer(announce: Callable[[str], None] | None) -> Callable[[Any], None]:
    def when_ready(arbiter: Any) -> None:
        # gunicorn's own lines would interrupt the two the user needs.
        logging.getLogger("gunicorn.error").setLevel(logging.WARNING)
        if announce:
            host, port = arbiter.LISTENERS[0].sock.getsockname()[:2]
            announce(f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/")

    return when_ready


class _Process(BaseApplication):  # type: ignore[misc] # gunicorn has no type information
    """Gunicorn with settings handed in instead of read from its command line."""

    def __init__(self, app: Flask, options: dict[str, Any]) -> None:
        self._app = app
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Flask:
        return self._app
