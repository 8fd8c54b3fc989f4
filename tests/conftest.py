"""What all tests share: where open data lie, and no network beyond this machine."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
OPEN_DATA = ROOT.parent / "shared" / "data" / "open"
LOOPBACK = ("127.", "localhost", "::1", "0.0.0.0")  # noqa: S104 - compared, not bound


@pytest.fixture(scope="session")
def open_data() -> Path:
    """Folder of the open data, which is never part of the repository."""
    if not OPEN_DATA.is_dir():
        pytest.skip(f"the open data are not at {OPEN_DATA}")
    return OPEN_DATA


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse every connection that would leave this machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        host = address[0] if isinstance(address, tuple) else ""
        if isinstance(host, str) and host and not host.startswith(LOOPBACK):
            pytest.fail(f"a test tried to reach {host}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)
