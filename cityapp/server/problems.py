"""Every error leaves as a problem document (RFC 9457) with a type that stays the same."""

from __future__ import annotations

import json

from apiflask import HTTPError
from flask import Response, current_app, request
from werkzeug.exceptions import HTTPException
from werkzeug.http import HTTP_STATUS_CODES

from citykernel.errors import CityError, InputError, LiveError

SERVER_FAULT = 500
UNPROCESSABLE = 422
UNAVAILABLE = 503


def answer_with_problem(error: Exception) -> Response:
    """Turn any exception into a problem document.

    Parameters
    ----------
    error : Exception
        An HTTP error, a :class:`CityError`, or a bug. The text of a bug, and of a fault
        of the server's own files, goes to the log only: it may name paths.

    Returns
    -------
    flask.Response
        ``application/problem+json``; an HTTP error keeps its own headers, such as
        ``Allow``.
    """
    status = _status(error)
    if status >= SERVER_FAULT:
        current_app.logger.error("%s %s", request.method, request.path, exc_info=error)
    title = HTTP_STATUS_CODES.get(status, "Unknown Error")
    body = {
        "type": f"urn:stadtbild:problem:{_slug(error, title)}",
        "title": title,
        "status": status,
        "detail": _detail(error, status),
        "instance": request.path,
    }
    response = Response(
        json.dumps(body, ensure_ascii=False), status, content_type="application/problem+json"
    )
    if isinstance(error, HTTPException):
        kept = {"Allow", "Content-Range", "Retry-After"}
        response.headers.extend([h for h in error.get_headers() if h[0] in kept])
    response.headers["Cache-Control"] = "no-store"
    return response


def _status(error: Exception) -> int:
    if isinstance(error, HTTPException):
        return error.code or SERVER_FAULT
    if isinstance(error, HTTPError):
        return error.status_code
    if isinstance(error, InputError):
        return UNPROCESSABLE
    return UNAVAILABLE if isinstance(error, LiveError) else SERVER_FAULT


def _slug(error: Exception, title: str) -> str:
    if isinstance(error, CityError):
        name = type(error).__name__
        return "".join(f"-{c.lower()}" if c.isupper() else c for c in name).lstrip("-")
    return title.lower().replace(" ", "-")


def _detail(error: Exception, status: int) -> str:
    if status >= SERVER_FAULT:
        return "The server cannot answer; the reason is in its log."
    if isinstance(error, HTTPException):
        return error.description or ""
    if isinstance(error, HTTPError):
        return error.message or ""
    return str(error)
