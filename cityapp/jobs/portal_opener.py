"""The way to a web server: which addresses are taken and which redirects are followed."""

from __future__ import annotations

import urllib.request
from importlib.metadata import PackageNotFoundError, version
from typing import IO, TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from citykernel.errors import InputError, SourceUnavailable

if TYPE_CHECKING:
    import http.client


def checked_base_url(url: str) -> str:
    """Return an address that ends with a slash, if it is one of a web server.

    Parameters
    ----------
    url : str
        Address of a folder.

    Returns
    -------
    str
        The same with one slash at its end.

    Raises
    ------
    InputError
        It is not http or https, has no host, or carries a user name.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise InputError(f"{url!r} is no address of a web server: wanted http:// or https://")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise InputError(f"the address of {parts.hostname} has more than host and folder")
    return url.rstrip("/") + "/"


class _GuardedRedirect(urllib.request.HTTPRedirectHandler):
    """Follow within the host, to other hosts only over https, and never from https to http."""

    max_redirections = 5

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        """Check where a redirect leads before it is followed."""
        old, new = urlsplit(req.full_url), urlsplit(urljoin(req.full_url, newurl))
        same_host = new.hostname == old.hostname and old.scheme == "http"
        if new.scheme != "https" and not (new.scheme == "http" and same_host):
            fp.close()
            raise SourceUnavailable(
                f"{req.full_url}: refused to follow a redirect to {new.scheme}://{new.hostname}"
            )
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def make_opener() -> urllib.request.OpenerDirector:
    """Return an opener that knows http, https and proxies, and says who it is."""
    # Not build_opener: it would add ftp:, file: and data:.
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.HTTPDefaultErrorHandler(),
        _GuardedRedirect(),
    ):
        opener.add_handler(handler)
    try:
        name = f"stadtbild/{version('stadtbild')}"
    except PackageNotFoundError:
        name = "stadtbild"
    opener.addheaders = [("User-Agent", name)]
    return opener
