"""The process behind ``stadtbild serve``: gunicorn with threads, stopped gracefully."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

from gunicorn.app.base import BaseApplication

from citykernel.errors import SettingsError

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
    SettingsError
        The address cannot be used.
    CityError
        As :func:`create_app`.
    """
    app = create_app(folder)
    listener = _listen(host, port)
    address = _address(listener)
    _Process(
        app,
        {
            # Bound here, because gunicorn would try a used port five times and then exit.
            "bind": f"fd://{listener.detach()}",
            "worker_class": "gthread",
            "threads": THREADS,
            "graceful_timeout": SECONDS_TO_FINISH,
            "loglevel": "warning",
            "when_ready": lambda _arbiter: announce(address) if announce else None,
            # No socket in the user's home to steer the server with (gunicorn 25 and later).
            "control_socket_disable": True,
        },
    ).run()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    # A server stopped a moment ago must not block its port for minutes.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as fault:
        listener.close()
        raise SettingsError(
            f"port {port} of {host} cannot be used: {fault.strerror or fault}"
        ) from fault
    return listener


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


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
