"""The town over HTTP: page, scenes, tiles, health.

``create_app`` is the application factory; ``serve_town`` runs it behind gunicorn.
"""

from .app import create_app
from .process import serve_town

__all__ = ["create_app", "serve_town"]
