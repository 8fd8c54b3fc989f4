"""What every answer tells the browser to allow: our own host, and AR on it, nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import request

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from flask import Response

POLICY = {
    "default-src": "'none'",
    # The meshopt decoder is WebAssembly inside the bundle.
    "script-src": "'self' 'wasm-unsafe-eval'",
    # three.js reads a texture embedded in a tile by fetching a blob of its own.
    "connect-src": "'self' blob:",
    "img-src": "'self' data: blob:",
    "style-src": "'self'",
    "font-src": "'self'",
    "manifest-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
}

# The usual hardening, camera=() and geolocation=(), would forbid AR on site.
PERMISSIONS = ", ".join(
    [
        *(
            f"{name}=(self)"
            for name in (
                "xr-spatial-tracking",
                "camera",
                "geolocation",
                "gyroscope",
                "accelerometer",
                "magnetometer",
            )
        ),
        "microphone=()",
        "payment=()",
        "usb=()",
    ]
)


def set_security_headers(frame_ancestors: Sequence[str]) -> Callable[[Response], Response]:
    """Make the function that sets the headers on every answer, errors included.

    Parameters
    ----------
    frame_ancestors : sequence of str
        Origins besides this one that may frame the page.

    Returns
    -------
    callable
        For Flask's ``after_request``.
    """
    policy = {**POLICY, "frame-ancestors": " ".join(["'self'", *frame_ancestors])}
    fixed = {
        "Content-Security-Policy": "; ".join(f"{key} {value}" for key, value in policy.items()),
        "Permissions-Policy": PERMISSIONS,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "strict-origin-when-cross-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
    }

    def set_headers(response: Response) -> Response:
        response.headers.update(fixed)
        # Public tiles have said "cross-origin" before.
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if request.is_secure:
            response.headers["Strict-Transport-Security"] = "max-age=31536000"
        return response

    return set_headers
