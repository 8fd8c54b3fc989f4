"""cityapp.jobs.tile_town, run again: after a change, after a kill, where nothing may be."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import tiles.write
from cityapp.cli import main
from cityapp.jobs.tile_town import TileOptions, tile_town
from citykernel.errors import ReadError, TilesetError
from tiles.subdivide import subdivide

ROOT = Path(__file__).resolve().parents[2]
PLAIN = TileOptions(compress=False, with_terrain=False)


@pytest.fixture(autouse=True)
def _small_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    """A handful of houses shall be a tree of several levels."""
    monkeypatch.setattr(subdivide, "__kwdefaults__", {"leaf_weight": 500})


def stamps(target: Path) -> dict[str, tuple[int, int]]:
    """Inode and time of each content: a file that was written anew has another."""
    return {
        path.name: (path.stat().st_ino, path.stat().st_mtime_ns)
        for path in target.glob("**/content/*")
    }


def litter(target: Path) -> list[str]:
    """Workspaces, and parts of files."""
    return [path.name for path in target.rglob("*") if ".stadtbild" in path.name]


def test_a_changed_house_rewrites_its_leaf_and_the_leaf_s_parents(
    look: Any, nrw: Any, tmp_path: Path
) -> None:
    """All other contents keep their inode, and the report says how little was written."""
    sources, target = nrw.town(tmp_path / "in", 4, 40), tmp_path / "out"
    tile_town(sources, target, PLAIN)
    before, old = stamps(target), look.tileset(target)
    text = sources[2].read_text("utf-8")
    changed = nrw.square(437, 5713, 40)
    changed[17] = nrw.house("DENW4375713017", 437_500.3, 5_713_300.4, raised=5, length=40)
    nrw.write(tmp_path / "in", *changed, east_km=437, north_km=5713)
    assert sources[2].read_text("utf-8") != text
    report = tile_town(sources, target, PLAIN)
    after, new = stamps(target), look.tileset(target)
    kept = {name for name in after if before.get(name) == after[name]}
    written = {name for name in after if name not in kept}
    with_house = {
        Path(content.uri).name
        for content in new.contents()
        if "DENW4375713017" in content.tables[0].get("gml_id", [])
        or "DENW4375713017" in content.tables[0].get("building_id", [])
    }
    leaves = {Path(c.uri).name for c in new.contents() if c.leaf}
    assert len(written & leaves) == 1
    assert written <= with_house
    assert len(written) == len({c.level for c in new.contents()})
    assert len(kept) >= 3
    assert set(before) - set(after), "what is named no more is gone"
    sizes = sum((target / "content" / name).stat().st_size for name in written)
    expected = sizes + (target / "tileset.json").stat().st_size
    assert report["output"]["bytes_written"] == expected < report["output"]["bytes"]
    assert len(old.uris()) == len(new.uris())


def test_a_run_without_a_change_writes_no_content(nrw: Any, tmp_path: Path) -> None:
    """Neither of the buildings nor of the ground; caches stay warm."""
    sources, target = nrw.town(tmp_path / "in"), tmp_path / "out"
    tile_town(sources, target)
    before = stamps(target)
    report = tile_town(sources, target)
    assert stamps(target) == before
    assert report["output"]["bytes_written"] == (target / "tileset.json").stat().st_size
    ground = (target / "terrain" / "tileset.json").stat().st_size
    assert report["terrain"]["bytes_written"] == ground


def test_a_new_file_far_off_is_not_mixed_with_the_old_ones(
    look: Any, nrw: Any, tmp_path: Path
) -> None:
    """What an earlier run left in the folder is not named by the new tileset."""
    target = tmp_path / "out"
    one = nrw.write(tmp_path, nrw.house("one", 438_100, 5_714_100), name="one")
    two = nrw.write(tmp_path, nrw.house("two", 438_900, 5_714_900), name="two")
    tile_town([one], target, PLAIN)
    tile_town([two], target, PLAIN)
    assert look.tileset(target).texts("gml_id") == {"two"}
    assert {f"content/{name}" for name in stamps(target)} == look.tileset(target).uris()


def test_an_error_before_the_end_leaves_the_old_tileset(
    look: Any, nrw: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every content the old tileset.json names is there; the next run tidies up."""
    target = tmp_path / "out"
    old = nrw.write(tmp_path, nrw.house("old", 438_100, 5_714_100), name="old")
    new = nrw.write(tmp_path, nrw.house("new", 438_100, 5_714_100, raised=2), name="new")
    tile_town([old], target, PLAIN)
    before = look.hashes(target, "tileset.json", "content/*", "*.json")

    def full(path: Path, _document: dict[str, Any]) -> int:
        raise OSError(28, "No space left on device", str(path))

    with monkeypatch.context() as patch:
        patch.setattr(tiles.write, "write_json", full)
        with pytest.raises(TilesetError, match="No space left"):
            tile_town([new], target, PLAIN)
    after = look.hashes(target, "tileset.json", "content/*", "*.json")
    assert before.items() <= after.items()
    assert not look.missing(target)
    assert not litter(target)
    tile_town([new], target, PLAIN)
    assert look.tileset(target).texts("gml_id") == {"new"}
    assert {f"content/{name}" for name in stamps(target)} == look.tileset(target).uris()


SLOW = """
import sys, time
from pathlib import Path

import tiles.write
from cityapp.jobs.tile_town import TileOptions, tile_town

store = tiles.write.store_content

def slow(target, name, glb):
    done = store(target, name, glb)
    (target / "content" / "half.123.part").write_bytes(glb[:100])
    Path(sys.argv[1]).touch()
    time.sleep(60)
    return done

tiles.write.store_content = slow
tile_town([Path(sys.argv[2])], Path(sys.argv[3]), TileOptions(with_terrain=False))
"""


def test_a_killed_run_leaves_the_old_tileset(look: Any, nrw: Any, tmp_path: Path) -> None:
    """No farewell is possible at kill -9; the next run finds and removes what was left."""
    target, sign = tmp_path / "out", tmp_path / "writing"
    old = nrw.write(tmp_path, nrw.house("old", 438_100, 5_714_100), name="old")
    new = nrw.write(tmp_path, nrw.house("new", 438_100, 5_714_100, raised=2), name="new")
    tile_town([old], target, PLAIN)
    before = look.hashes(target, "*.json", "content/*")
    script = tmp_path / "slow.py"
    script.write_text(SLOW)
    arguments = [sys.executable, str(script), str(sign), str(new), str(target)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(arguments, env=environment) as process:
        _await(sign.exists, process)
        process.send_signal(signal.SIGKILL)
    assert before.items() <= look.hashes(target, "*.json", "content/*").items()
    assert not look.missing(target)
    assert litter(target), "the test is worthless if the kill came too late"
    tile_town([new], target, PLAIN)
    assert not litter(target)
    assert {f"content/{name}" for name in stamps(target)} == look.tileset(target).uris()


def _await(ready: Any, process: subprocess.Popen[bytes]) -> None:
    for _ in range(1200):
        if ready():
            return
        assert process.poll() is None, "it ended before"
        time.sleep(0.05)
    pytest.fail("it did not begin")


WAITING = """
import os, sys, time
from pathlib import Path
from cityapp.jobs.workers import workers

def sleep(path):
    Path(path).write_text(str(os.getpid()))
    time.sleep(120)

if __name__ == "__main__":
    with workers(2) as run:
        list(run(sleep, sys.argv[1:]))
"""


def test_the_processes_of_a_killed_run_end_with_it(tmp_path: Path) -> None:
    """They would wait for work until the machine is switched off."""
    script, signs = tmp_path / "waiting.py", [tmp_path / "a", tmp_path / "b"]
    script.write_text(WAITING)
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    arguments = [sys.executable, str(script), *map(str, signs)]
    with subprocess.Popen(arguments, env=environment) as process:
        _await(lambda: all(s.exists() and s.read_text() for s in signs), process)
        process.send_signal(signal.SIGKILL)
    workers = [int(sign.read_text()) for sign in signs]
    for _ in range(400):
        if not any(_lives(worker) for worker in workers):
            return
        time.sleep(0.05)
    pytest.fail("the workers live on")


def _lives(pid: int) -> bool:
    status = Path(f"/proc/{pid}/status")
    try:
        return "State:\tZ" not in status.read_text()
    except OSError:
        return False


DYING = """
import os, signal, sys
from cityapp.jobs.workers import workers
from citykernel.errors import TilesetError

def die(number):
    os.kill(os.getpid(), signal.SIGKILL)

if __name__ == "__main__":
    try:
        with workers(2) as run:
            list(run(die, range(8)))
    except TilesetError as error:
        sys.exit(str(error))
"""


def test_a_worker_that_is_killed_is_an_error_in_words(tmp_path: Path) -> None:
    """Linux kills what takes too much memory; the user reads what to do about it."""
    script = tmp_path / "dying.py"
    script.write_text(DYING)
    done = subprocess.run(
        [sys.executable, str(script)],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.strip().endswith("try again with fewer --jobs")
    assert "Traceback" not in done.stderr


STOPPED = """
import signal, sys, time
from pathlib import Path
import cityapp.jobs.tile_town as job
from cityapp.cli import main

def slow(numbered, options):
    Path(sys.argv[3]).touch()
    time.sleep(120)

if __name__ == "__main__":
    # A shell starts what runs in the background with the signal ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    job.prepare_unit = slow
    main(["tile", sys.argv[1], "-o", sys.argv[2], "--jobs", "2"])
"""


def test_a_stopped_run_says_so_at_once_and_leaves_nothing(nrw: Any, tmp_path: Path) -> None:
    """Ctrl+C reaches all processes of the group; one line, and no workspace stays."""
    sign, target = tmp_path / "reading", tmp_path / "out"
    nrw.town(tmp_path / "in")
    script = tmp_path / "stopped.py"
    script.write_text(STOPPED)
    process = subprocess.Popen(
        [sys.executable, str(script), str(tmp_path / "in"), str(target), str(sign)],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    with process:
        _await(sign.exists, process)
        os.killpg(process.pid, signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert said.decode() == "stadtbild: stopped\n"
    assert process.returncode == 130
    assert not target.exists()


def test_a_ground_that_is_made_no_more_is_removed(nrw: Any, tmp_path: Path) -> None:
    """A viewer that knows the old address must not get an old ground under a new town."""
    source, target = nrw.town(tmp_path / "in", 1), tmp_path / "out"
    tile_town(source, target)
    assert (target / "terrain" / "tileset.json").is_file()
    tile_town(source, target, PLAIN)
    assert not (target / "terrain").exists()
    scene = json.loads((target / "scene.json").read_text("utf-8"))
    assert [layer["id"] for layer in scene["layers"]] == ["buildings"]


def test_a_target_that_is_a_file_is_refused(nrw: Any, tmp_path: Path) -> None:
    """One line, exit code 1, and the file is as it was."""
    source, target = nrw.town(tmp_path / "in", 1), tmp_path / "out"
    target.write_text("mine")
    with pytest.raises(TilesetError, match=r"out: cannot be written: File exists"):
        tile_town(source, target, PLAIN)
    inside = target / "deeper"
    told = CliRunner().invoke(main, ["tile", str(source[0]), "-o", str(inside)])
    assert told.exit_code == 1
    assert told.stderr.strip().splitlines()[-1].startswith("stadtbild: ")
    assert "Not a directory" in told.stderr
    assert target.read_text() == "mine"


def test_a_target_that_cannot_be_written_is_refused(
    nrw: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder is read-only (for root nothing is, so the call is made to fail)."""
    source, target = nrw.town(tmp_path / "in", 1), tmp_path / "out"

    def refuse(*_: object, **__: object) -> str:
        raise PermissionError(13, "Permission denied", str(target))

    monkeypatch.setattr(tempfile, "mkdtemp", refuse)
    told = CliRunner().invoke(main, ["tile", str(source[0]), "-o", str(target)])
    assert told.exit_code == 1
    (line,) = told.stderr.strip().splitlines()
    assert line == f"stadtbild: {target}: cannot be written: Permission denied"


def test_a_run_that_fails_leaves_no_folder_behind(tmp_path: Path) -> None:
    """A folder that was not there is not there afterwards; one that was stays."""
    empty = tmp_path / "town.gml"
    empty.write_text("<nothing/>")
    target = tmp_path / "a" / "out"
    with pytest.raises(ReadError, match=r"town\.gml"):
        tile_town([empty], target, PLAIN)
    assert not target.exists()
    target.mkdir()
    with pytest.raises(ReadError):
        tile_town([empty], target, PLAIN)
    assert list(target.iterdir()) == []


def test_a_bad_terrain_model_leaves_the_old_town(look: Any, nrw: Any, tmp_path: Path) -> None:
    """The ground is made first: a town that cannot be had whole is not begun."""
    source, target = nrw.town(tmp_path / "in", 1), tmp_path / "out"
    tile_town(source, target)
    before = look.hashes(target, "*.json", "content/*", "terrain/**/*")
    terrain = tmp_path / "dgm1.tif"
    terrain.write_bytes(b"no picture")
    shutil.copy(source[0], tmp_path / "in" / "other.gml")
    with pytest.raises(ReadError, match=r"dgm1\.tif"):
        tile_town([tmp_path / "in"], target, TileOptions(terrain=(terrain,)))
    assert look.hashes(target, "*.json", "content/*", "terrain/**/*") == before
