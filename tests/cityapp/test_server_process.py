"""cityapp.server.process: the command ``stadtbild serve`` as a process."""

from __future__ import annotations

import http.client
import json
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
START = "from cityapp.cli import main; main()"


def command(*words: str) -> list[str]:
    return [sys.executable, "-c", START, "serve", *words]


@pytest.fixture
def town(tmp_path: Path) -> Path:
    """The least that can be served."""
    scene = json.loads((ROOT / "tests/contracts/scene.json").read_text("utf-8"))
    scene["layers"] = scene["layers"][:1]
    (tmp_path / "scene.json").write_text(json.dumps(scene))
    (tmp_path / "tileset.json").write_text('{"asset": {"version": "1.1"}}')
    return tmp_path


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_serves_at_the_address_it_names_until_it_is_stopped(
    town: Path, stop: signal.Signals
) -> None:
    """Port 0 takes a free one, stderr names it, stdout stays empty, stopping is no error."""
    if not (ROOT / "viewer/assets/index.html").is_file():
        pytest.skip("the page is not built; run 'npm run build' in viewer/frontend")
    with subprocess.Popen(
        command(str(town), "--port", "0"),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stderr is not None
        said = server.stderr.readline()
        address = re.search(r"http://127\.0\.0\.1:(\d+)/", said)
        assert address, said + server.stderr.read()
        connection = http.client.HTTPConnection("127.0.0.1", int(address.group(1)))
        connection.request("GET", "/readyz")
        assert json.load(connection.getresponse()) == {"status": "ready"}
        connection.close()
        server.send_signal(stop)
        out, rest = server.communicate(timeout=60)
    assert (server.returncode, out, rest) == (0, "", "")


@pytest.mark.parametrize("missing", ["tileset.json", "scene.json"])
def test_a_folder_without_a_town_ends_at_once_with_the_cure(town: Path, missing: str) -> None:
    """One line that names the folder and the command, exit code 1, no traceback."""
    (town / missing).unlink()
    done = subprocess.run(
        command(str(town), "--port", "0"), cwd=ROOT, check=False, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        f"stadtbild: no {missing} in {town}; make one with 'stadtbild tile'"
    ]


def test_a_port_in_use_is_said_plainly(town: Path) -> None:
    """The second server on one port ends with a line, not with retries and a traceback."""
    if not (ROOT / "viewer/assets/index.html").is_file():
        pytest.skip("the page is not built; run 'npm run build' in viewer/frontend")
    with subprocess.Popen(
        command(str(town), "--port", "0"), cwd=ROOT, stderr=subprocess.PIPE, text=True
    ) as first:
        assert first.stderr is not None
        port = first.stderr.readline().split("127.0.0.1:")[1].split("/")[0]
        second = subprocess.run(
            command(str(town), "--port", port),
            cwd=ROOT,
            check=False,
            capture_output=True,
            text=True,
        )
        first.terminate()
        first.communicate(timeout=60)
    assert second.returncode == 1
    assert second.stderr.splitlines() == [
        f"stadtbild: port {port} of 127.0.0.1 cannot be used: Address already in use"
    ]
