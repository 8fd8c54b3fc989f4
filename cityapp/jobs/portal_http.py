"""One file over HTTP: only if it changed, resumed where it broke off, whole or not at all.

Bytes arrive in ``.NAME.part`` beside the target and take its name when all of them are
there. A part is continued only if the server proves by If-Range that it still has the same
version; otherwise the file starts anew.
"""

from __future__ import annotations

import hashlib
import http.client
import ssl
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from citykernel.errors import OutputError, SourceUnavailable

from .portal_opener import make_opener
from .portal_state import FolderState, Version

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from email.message import Message
    from pathlib import Path

Status = Literal["downloaded", "unchanged"]
CHUNK_BYTES = 1 << 16
# A connection that brings less than this within one timeout is as good as dead.
LEAST_BYTES_PER_TIMEOUT = 1024
NOT_MODIFIED, PARTIAL, OK = 304, 206, 200
# Told to wait or to come again: RFC 9110 sections 15.5.9 and 15.6, RFC 6585 section 4.
PASSING_STATUS = frozenset({408, 425, 429, 500, 502, 503, 504})
RANGE_NOT_SATISFIABLE = 416


class FileMissing(SourceUnavailable):
    """The server says that there is no such file."""


class PassingFault(SourceUnavailable):
    """A fault that may be gone at the next attempt.

    Parameters
    ----------
    message : str
        What happened.
    wait_s : float
        How long the server asked to wait, 0 if it did not.
    """

    def __init__(self, message: str, *, wait_s: float = 0.0) -> None:
        self.wait_s = wait_s
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait and how often to try.

    Parameters
    ----------
    attempts : int
        Requests for one file, the first included.
    timeout_s : float
        Seconds to wait for a connection and for each piece of an answer.
    first_wait_s, longest_wait_s : float
        Pause after the first fault, doubled after each further one up to the longest.
    sleep : callable
        Pauses for seconds.
    """

    attempts: int = 5
    timeout_s: float = 30.0
    first_wait_s: float = 0.5
    longest_wait_s: float = 30.0
    sleep: Callable[[float], None] = time.sleep

    def pause(self, fault: PassingFault, attempt: int) -> None:
        """Wait before the next attempt; ``attempt`` counts from 0."""
        wished_s = max(fault.wait_s, self.first_wait_s * 2**attempt)
        self.sleep(min(wished_s, self.longest_wait_s))


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file to get.

    Parameters
    ----------
    url : str
        Its address.
    name : str
        Its name in the folder; the caller has checked it.
    starts : tuple of bytes
        One of them begins every proper file, empty if anything may.
    most_bytes : int
        A longer file is refused.
    sha256 : str
        What its SHA-256 must be in hexadecimal digits, "" if that is not known.
    """

    url: str
    name: str
    starts: tuple[bytes, ...]
    most_bytes: int
    sha256: str = ""


def fetch_file(wanted: Wanted, state: FolderState, patience: Patience) -> Status:
    """Bring one file of a folder up to date.

    Parameters
    ----------
    wanted : Wanted
        The file.
    state : FolderState
        State of the folder it goes to; it is changed and written.
    patience : Patience
        Timeouts and attempts.

    Returns
    -------
    {"downloaded", "unchanged"}
        Whether bytes came.

    Raises
    ------
    FileMissing
        The server does not have the file (404, 410).
    SourceUnavailable
        It could not be had after all attempts, or is not what it should be.
    OutputError
        The folder cannot be written to.
    """
    for attempt in range(patience.attempts):
        try:
            return _Attempt(wanted, state, patience.timeout_s).run()
        except PassingFault as fault:
            if attempt + 1 == patience.attempts:
                raise SourceUnavailable(
                    f"{wanted.url}: {fault} ({patience.attempts} attempts)"
                ) from fault
            patience.pause(fault, attempt)
        except OSError as error:
            raise OutputError(f"{state.folder / wanted.name}: {error.strerror}") from error
    raise SourceUnavailable(f"{wanted.url}: no attempt was allowed")


class _Attempt:
    """One request for one file."""

    def __init__(self, wanted: Wanted, state: FolderState, timeout_s: float) -> None:
        self.wanted, self.state, self.timeout_s = wanted, state, timeout_s
        self.target = state.folder / wanted.name
        self.part = state.folder / f".{wanted.name}.part"

    def run(self) -> Status:
        held = self._held_bytes()
        response = self._open(self._conditions(held))
        with response:
            if response.status == NOT_MODIFIED:
                return "unchanged"
            self._check_status(response)
            start = self._accept(response, held)
            received = self._receive(response, start)
        self._finish(start + received)
        return "downloaded"

    def _held_bytes(self) -> int:
        """Length of a part that may be continued, else 0."""
        mark = self.state.partial.get(self.wanted.name, Version())
        if not mark.for_range or not self.part.is_file():
            return 0
        return self.part.stat().st_size

    def _conditions(self, held: int) -> dict[str, str]:
        if held:
            mark = self.state.partial[self.wanted.name].for_range
            return {"Range": f"bytes={held}-", "If-Range": mark}
        known = self.state.complete.get(self.wanted.name)
        # A file that was cut or replaced by hand is asked for without a condition.
        if not known or not self.target.is_file():
            return {}
        if self.target.stat().st_size != known.size_bytes:
            return {}
        if self.wanted.sha256 and _sha256(self.target) != self.wanted.sha256:
            return {}
        return known.asking_for_news()

    def _open(self, headers: dict[str, str]) -> Any:
        request = urllib.request.Request(self.wanted.url, headers=headers)  # noqa: S310 - checked_base_url
        try:
            return make_opener().open(request, timeout=self.timeout_s)
        except urllib.error.HTTPError as answer:
            return answer
        except urllib.error.URLError as error:
            if isinstance(error.reason, ssl.SSLCertVerificationError):
                raise SourceUnavailable(
                    f"{self.wanted.url}: its certificate is not accepted: {error.reason}"
                ) from error
            raise PassingFault(f"no connection: {error.reason}") from error
        except (OSError, http.client.HTTPException) as error:
            raise PassingFault(f"no answer: {error or type(error).__name__}") from error

    def _check_status(self, response: Any) -> None:
        status = response.status
        if status in (OK, PARTIAL):
            return
        if status == RANGE_NOT_SATISFIABLE:
            self._forget_part()
            raise PassingFault("the server cannot continue the partial file")
        if status in PASSING_STATUS:
            raise PassingFault(
                f"the server answered {status}", wait_s=_retry_after_s(response.headers)
            )
        kind = FileMissing if status in (404, 410) else SourceUnavailable
        raise kind(f"{self.wanted.url}: the server answered {status}")

    def _accept(self, response: Any, held: int) -> int:
        """Return where the body starts in the file, and remember its version."""
        length = _content_length(response.headers)
        if response.status == OK:
            self.state.partial[self.wanted.name] = Version.from_headers(
                response.headers, length
            )
            self.part.write_bytes(b"")
            start = 0
        else:
            start = self._accept_rest(response, held)
        total = self.state.partial[self.wanted.name].size_bytes
        if total > self.wanted.most_bytes:
            self._forget_part()
            raise SourceUnavailable(
                f"{self.wanted.url}: {total} bytes are more than the "
                f"{self.wanted.most_bytes} allowed"
            )
        self.state.write()
        return start

    def _accept_rest(self, response: Any, held: int) -> int:
        known = self.state.partial.get(self.wanted.name, Version())
        offered = Version.from_headers(response.headers, known.size_bytes)
        begins = str(response.headers.get("Content-Range", "")).startswith(f"bytes {held}-")
        changed = offered.etag and offered.etag != known.etag
        if not held or not begins or changed:
            self._forget_part()
            raise PassingFault("the server continued another file than the one begun")
        return held

    def _receive(self, response: Any, start: int) -> int:
        received = 0
        with self.part.open("r+b") as part:
            part.seek(start)
            for chunk in self._chunks(response):
                received += len(chunk)
                if start + received > self.wanted.most_bytes:
                    break
                part.write(chunk)
            part.truncate()
        if start + received > self.wanted.most_bytes:
            self._forget_part()
            raise SourceUnavailable(
                f"{self.wanted.url}: more than the {self.wanted.most_bytes} bytes allowed"
            )
        return received

    def _chunks(self, response: Any) -> Iterator[bytes]:
        window_end, in_window = time.monotonic() + self.timeout_s, 0
        while True:
            try:
                chunk = response.read1(CHUNK_BYTES)
            except (OSError, http.client.HTTPException) as error:
                raise PassingFault(f"the answer broke off: {error!r}") from error
            if not chunk:
                return
            yield chunk
            in_window += len(chunk)
            now = time.monotonic()
            if now > window_end:
                if in_window < LEAST_BYTES_PER_TIMEOUT:
                    raise PassingFault(f"only {in_window} bytes in {self.timeout_s:g} s")
                window_end, in_window = now + self.timeout_s, 0

    def _finish(self, size_bytes: int) -> None:
        """Give the complete part its name."""
        mark = self.state.partial[self.wanted.name]
        if mark.size_bytes not in (-1, size_bytes):
            raise PassingFault(f"{size_bytes} of {mark.size_bytes} bytes came")
        with self.part.open("rb") as part:
            beginning = part.read(16)
        if not _proper(beginning, self.wanted.starts):
            self._forget_part()
            raise PassingFault(f"not the file it should be; it begins with {beginning!r}")
        if self.wanted.sha256 and (found := _sha256(self.part)) != self.wanted.sha256:
            self._forget_part()
            raise SourceUnavailable(
                f"{self.wanted.url}: SHA-256 is {found}, wanted {self.wanted.sha256}"
            )
        self.part.replace(self.target)
        del self.state.partial[self.wanted.name]
        self.state.complete[self.wanted.name] = Version(
            mark.etag, mark.last_modified, size_bytes
        )
        self.state.write()

    def _forget_part(self) -> None:
        self.state.partial.pop(self.wanted.name, None)
        self.part.unlink(missing_ok=True)


def _proper(beginning: bytes, starts: tuple[bytes, ...]) -> bool:
    # Portals behind a proxy answer with an error page and status 200.
    page = beginning.lstrip().lower().startswith((b"<!doctype", b"<html"))
    return not starts or (beginning.startswith(starts) and not page)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _content_length(headers: Message) -> int:
    text = str(headers.get("Content-Length", ""))
    return int(text) if text.isascii() and text.isdigit() else -1


def _retry_after_s(headers: Message) -> float:
    text = str(headers.get("Retry-After", ""))
    return float(text) if text.isascii() and text.isdigit() else 0.0
