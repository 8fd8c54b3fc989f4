"""cityapp.jobs.fetch, against a server on this machine that behaves like the portal."""

from __future__ import annotations

import hashlib
import json
import threading
from collections import defaultdict
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from cityapp.cli.fetch import fetch as command
from cityapp.jobs.fetch import FetchReport, Portal, fetch
from cityapp.jobs.portal_area import Box
from cityapp.jobs.portal_http import Patience
from citykernel.errors import InputError, OutputError, SettingsError, SourceUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LOD2 = "/3dg/lod2_gml/lod2_gml/"
DGM1 = "/hm/dgm1_tiff/dgm1_tiff/"
STATION = "LoD2_32_437_5714_1_NW.gml"
CATHEDRAL = "LoD2_32_438_5713_1_NW.gml"
GML = (
    b"<?xml version='1.0'?><core:CityModel>" + bytes(range(65, 91)) * 400 + b"</core:CityModel>"
)
TIFF = b"II*\x00" + bytes(range(256)) * 20
OLD_TOWN = Box(437_300, 5_713_300, 438_700, 5_714_700)


class _Handler(BaseHTTPRequestHandler):
    """Answers like the portal, with entity tags and ranges, and with faults as scripted."""

    server: _Server

    def do_GET(self) -> None:
        """Answer, or misbehave as told."""
        portal = self.server.portal
        portal.requests.append((self.path, dict(self.headers)))
        if portal.faults[self.path] and portal.faults[self.path].pop(0)(self):
            return
        content = portal.files.get(self.path)
        if content is None:
            self.answer(404, b"")
            return
        tag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
        if self.headers.get("If-None-Match") == tag:
            self.answer(304, b"", ETag=tag)
        elif "Range" in self.headers and self.headers.get("If-Range") == tag:
            start = int(self.headers["Range"].removeprefix("bytes=").removesuffix("-"))
            place = f"bytes {start}-{len(content) - 1}/{len(content)}"
            self.answer(206, content[start:], ETag=tag, Content_Range=place)
        else:
            self.answer(200, content, ETag=tag)

    def answer(
        self, status: int, body: bytes, length: int | None = None, **headers: str
    ) -> None:
        """Send a response whose length may be a lie."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Keep the test's output clean."""


@dataclass
class FakePortal:
    """What the server has, what it does wrong, and what it was asked."""

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    faults: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    hung: threading.Event = field(default_factory=threading.Event)

    def publish(self, folder: str, *names: str) -> None:
        """Write the index of a folder."""
        files = [{"name": name, "size": "1"} for name in names]
        index = {"datasets": [{"name": "", "files": files}]}
        self.files[folder + "index.json"] = json.dumps(index).encode()

    def asked(self, name: str) -> list[dict[str, str]]:
        """Headers of all requests for a file."""
        return [headers for path, headers in self.requests if path.endswith(name)]


class _Server(ThreadingHTTPServer):
    portal: FakePortal


@pytest.fixture
def portal(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakePortal]:
    """A portal with two LoD2 tiles of Soest."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    server = _Server(("127.0.0.1", 0), _Handler)
    server.portal = FakePortal(f"http://127.0.0.1:{server.server_port}")
    server.portal.files = {LOD2 + STATION: GML, LOD2 + CATHEDRAL: GML + b"\n"}
    server.portal.publish(LOD2, STATION, CATHEDRAL)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server.portal
    server.portal.hung.set()
    server.shutdown()
    thread.join()
    server.server_close()


def run(portal: FakePortal, target: Path, *products: str, **options: Any) -> FetchReport:
    """Fetch from the fake portal, without pauses."""
    patience = options.pop("patience", Patience(attempts=3, timeout_s=5, sleep=lambda _: None))
    source = options.pop("source", Portal(portal.url, portal.url))
    return fetch(products or ("lod2",), target, box=OLD_TOWN, portal=source, patience=patience)


def statuses(report: FetchReport) -> dict[str, str]:
    """Status by file name."""
    return {file.name: file.status for one in report.products for file in one.files}


def cut_after(count: int) -> Any:
    """Fault: promise the whole file, send some bytes of it, and hang up."""

    def fault(handler: _Handler) -> bool:
        content = handler.server.portal.files[handler.path]
        tag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
        handler.answer(200, content[:count], len(content), ETag=tag)
        return True

    return fault


def say(status: int, body: bytes = b"", **headers: str) -> Any:
    """Fault: answer with this."""

    def fault(handler: _Handler) -> bool:
        handler.answer(status, body, None, **headers)
        return True

    return fault


def hang(handler: _Handler) -> bool:
    """Fault: accept the request and never answer."""
    return handler.server.portal.hung.wait(60)


def test_files_of_the_box_arrive_with_their_licence(portal: FakePortal, tmp_path: Path) -> None:
    """The tiles are byte for byte the portal's, and the folder says under which licence."""
    report = run(portal, tmp_path)
    assert (tmp_path / "lod2" / STATION).read_bytes() == GML
    assert (tmp_path / "lod2" / CATHEDRAL).read_bytes() == GML + b"\n"
    assert "Datenlizenz Deutschland - Zero" in (tmp_path / "lod2" / "LICENCE.txt").read_text(
        "utf-8"
    )
    assert not list(tmp_path.rglob("*.part"))
    assert report.products[0].counts == {"downloaded": 2}
    assert all(headers["User-Agent"].startswith("stadtbild") for _, headers in portal.requests)


def test_second_run_downloads_nothing(portal: FakePortal, tmp_path: Path) -> None:
    """A second run asks with If-None-Match and takes 304 for an answer, for the index too."""
    run(portal, tmp_path)
    portal.requests.clear()
    assert set(statuses(run(portal, tmp_path)).values()) == {"unchanged"}
    assert len(portal.requests) == 3
    assert all("If-None-Match" in headers for _, headers in portal.requests)


def test_changed_file_is_fetched_again(portal: FakePortal, tmp_path: Path) -> None:
    """Only the file that changed comes again."""
    run(portal, tmp_path)
    portal.files[LOD2 + STATION] = GML + b"<!-- new survey -->"
    assert statuses(run(portal, tmp_path)) == {STATION: "downloaded", CATHEDRAL: "unchanged"}
    assert (tmp_path / "lod2" / STATION).read_bytes().endswith(b"<!-- new survey -->")


def test_file_cut_on_disk_is_fetched_again(portal: FakePortal, tmp_path: Path) -> None:
    """A local file that lost its size is not believed to be the server's."""
    run(portal, tmp_path)
    (tmp_path / "lod2" / STATION).write_bytes(GML[:100])
    assert statuses(run(portal, tmp_path))[STATION] == "downloaded"
    assert (tmp_path / "lod2" / STATION).read_bytes() == GML


def test_cut_body_is_continued_not_repeated(portal: FakePortal, tmp_path: Path) -> None:
    """After a short body the rest is asked for by Range and If-Range."""
    portal.faults[LOD2 + STATION] = [cut_after(3000)]
    assert statuses(run(portal, tmp_path))[STATION] == "downloaded"
    again = portal.asked(STATION)[1]
    assert again["Range"] == "bytes=3000-"
    assert "If-Range" in again
    assert (tmp_path / "lod2" / STATION).read_bytes() == GML


def test_next_run_continues_what_the_last_one_left(portal: FakePortal, tmp_path: Path) -> None:
    """The part survives the run that gave up, and is nowhere to be taken for a whole file."""
    portal.faults[LOD2 + STATION] = [cut_after(3000)]
    once = Patience(attempts=1, sleep=lambda _: None)
    assert statuses(run(portal, tmp_path, patience=once))[STATION] == "failed"
    assert not (tmp_path / "lod2" / STATION).exists()
    portal.requests.clear()
    run(portal, tmp_path)
    assert portal.asked(STATION)[0]["Range"] == "bytes=3000-"
    assert (tmp_path / "lod2" / STATION).read_bytes() == GML


def test_file_changed_during_resume_starts_anew(portal: FakePortal, tmp_path: Path) -> None:
    """Two versions are never glued together, whether the server heeds If-Range or not."""
    new = GML.replace(b"ABC", b"xyz") + b"<!-- longer -->"

    def change(handler: _Handler) -> bool:
        handler.server.portal.files[handler.path] = new
        return False

    def ignore_if_range(handler: _Handler) -> bool:
        place = f"bytes 3000-{len(new) - 1}/{len(new)}"
        handler.answer(206, new[3000:], ETag='"another"', Content_Range=place)
        return True

    for path, fault in ((STATION, change), (CATHEDRAL, ignore_if_range)):
        portal.faults[LOD2 + path] = [cut_after(3000), fault]
    portal.files[LOD2 + CATHEDRAL] = new
    run(portal, tmp_path)
    assert (tmp_path / "lod2" / STATION).read_bytes() == new
    assert (tmp_path / "lod2" / CATHEDRAL).read_bytes() == new


def test_range_beyond_the_end_starts_anew(portal: FakePortal, tmp_path: Path) -> None:
    """416 throws the part away instead of asking for it for ever."""
    portal.faults[LOD2 + STATION] = [cut_after(3000), say(416)]
    assert statuses(run(portal, tmp_path))[STATION] == "downloaded"
    assert (tmp_path / "lod2" / STATION).read_bytes() == GML


def test_weak_mark_is_not_used_to_continue(portal: FakePortal, tmp_path: Path) -> None:
    """A weak ETag does not identify bytes (RFC 9110 section 13.1.5): the file starts anew."""

    def cut_with_weak_mark(handler: _Handler) -> bool:
        handler.answer(200, GML[:3000], len(GML), ETag='W/"1"')
        return True

    portal.faults[LOD2 + STATION] = [cut_with_weak_mark]
    run(portal, tmp_path)
    assert "Range" not in portal.asked(STATION)[1]
    assert (tmp_path / "lod2" / STATION).read_bytes() == GML


def test_server_fault_is_tried_again_after_the_wait_it_asks_for(
    portal: FakePortal, tmp_path: Path
) -> None:
    """500 and 503 pass; pauses double, and Retry-After lengthens them up to the limit."""
    pauses: list[float] = []
    portal.faults[LOD2 + STATION] = [
        say(500),
        say(503, Retry_After="7"),
        say(503, Retry_After="900"),
    ]
    patience = Patience(attempts=4, first_wait_s=0.5, longest_wait_s=20, sleep=pauses.append)
    assert statuses(run(portal, tmp_path, patience=patience))[STATION] == "downloaded"
    assert pauses == [0.5, 7, 20]


def test_hanging_server_is_given_up(portal: FakePortal, tmp_path: Path) -> None:
    """A server that accepts and says nothing costs a timeout, not the run."""
    portal.faults[LOD2 + STATION] = [hang, hang]
    patience = Patience(attempts=2, timeout_s=0.3, sleep=lambda _: None)
    assert statuses(run(portal, tmp_path, patience=patience)) == {
        CATHEDRAL: "downloaded",
        STATION: "failed",
    }


def test_trickling_server_is_given_up(portal: FakePortal, tmp_path: Path) -> None:
    """A byte now and then keeps a socket alive for ever; it does not keep the run."""

    def trickle(handler: _Handler) -> bool:
        handler.answer(200, b"<", len(GML))
        try:
            while not handler.server.portal.hung.wait(0.05):
                handler.wfile.write(b" ")
        except OSError:
            pass
        return True

    portal.faults[LOD2 + STATION] = [trickle]
    patience = Patience(attempts=1, timeout_s=0.4, sleep=lambda _: None)
    report = run(portal, tmp_path, patience=patience)
    assert any("bytes in 0.4 s" in file.reason for file in report.products[0].files)


def test_missing_tile_does_not_stop_the_run(portal: FakePortal, tmp_path: Path) -> None:
    """404 of one tile is reported as missing, is not repeated, and the other one comes."""
    del portal.files[LOD2 + CATHEDRAL]
    report = run(portal, tmp_path)
    assert statuses(report) == {CATHEDRAL: "missing", STATION: "downloaded"}
    assert len(portal.asked(CATHEDRAL)) == 1
    report.require_something()


def test_earlier_file_outlives_a_failed_update(portal: FakePortal, tmp_path: Path) -> None:
    """What was there stays when its new version cannot be had."""
    run(portal, tmp_path)
    portal.faults[LOD2 + STATION] = [say(500)] * 3
    failed = next(f for f in run(portal, tmp_path).products[0].files if f.name == STATION)
    assert (failed.status, failed.size_bytes) == ("failed", len(GML))
    assert "earlier file was kept" in failed.reason
    assert (tmp_path / "lod2" / STATION).read_bytes() == GML


def test_error_page_with_status_200_is_no_tile(portal: FakePortal, tmp_path: Path) -> None:
    """A proxy's page in place of a tile is refused by its first bytes."""
    portal.files[LOD2 + STATION] = b"<!DOCTYPE html><html><body>Wartungsarbeiten</body></html>"
    assert statuses(run(portal, tmp_path))[STATION] == "failed"
    assert not (tmp_path / "lod2" / STATION).exists()


def test_server_that_went_away_is_not_asked_for_every_tile(
    portal: FakePortal, tmp_path: Path
) -> None:
    """After three files in a row the rest is reported as not tried."""
    names = [
        f"LoD2_32_{east}_{north}_1_NW.gml" for north in (5713, 5714) for east in (437, 438)
    ]
    names.append("LoD2_32_438_5712_1_NW.gml")
    portal.publish(LOD2, *names)
    for name in names:
        portal.faults[LOD2 + name] = [say(500)] * 9
    box = Box(437_300, 5_712_300, 438_700, 5_714_700)
    patience = Patience(attempts=2, sleep=lambda _: None)
    report = fetch(["lod2"], tmp_path, box=box, portal=Portal(portal.url), patience=patience)
    not_tried = [file.reason.startswith("not tried") for file in report.products[0].files]
    assert not_tried == [False, False, False, True, True]
    with pytest.raises(SourceUnavailable, match=r"nothing could be fetched: .*answered 500"):
        report.require_something()


def test_year_comes_from_the_index_and_a_new_survey_replaces_the_old(
    portal: FakePortal, tmp_path: Path
) -> None:
    """Of two years the later is taken; the earlier file of the square goes."""
    old, new = (f"dgm1_32_437_5714_1_nw_{year}.tif" for year in (2019, 2024))
    portal.files |= {DGM1 + old: TIFF, DGM1 + new: TIFF + b"new"}
    portal.publish(DGM1, old)
    run(portal, tmp_path, "dgm1")
    portal.publish(DGM1, new, old)
    assert statuses(run(portal, tmp_path, "dgm1")) == {new: "downloaded"}
    assert [path.name for path in (tmp_path / "dgm1").glob("*.tif")] == [new]


@pytest.mark.parametrize(
    ("index", "message"),
    [
        (None, "answered 404"),
        (b"\xff\xfe garbage", "no index of files"),
        (b'{"datasets": 7}', "no index of files"),
        (b'{"datasets": [{"files": [{"name": "readme.html"}]}]}', "none of its 1 names"),
        (b"[" * 100_000, "no index of files"),
    ],
)
def test_bad_index_stops_its_product_only(
    portal: FakePortal, tmp_path: Path, index: bytes | None, message: str
) -> None:
    """Without an index there is no product; the next product is fetched all the same."""
    if index is not None:
        portal.files[DGM1 + "index.json"] = index
    report = run(portal, tmp_path, "dgm1", "lod2")
    assert message in report.products[0].fault
    assert report.products[1].had == 2
    portal.files[DGM1 + "dgm1_32_437_5714_1_nw_2024.tif"] = TIFF
    portal.publish(DGM1, "dgm1_32_437_5714_1_nw_2024.tif")
    assert run(portal, tmp_path, "dgm1").products[0].had == 1


def test_hostile_names_of_the_index_reach_neither_disk_nor_address(
    portal: FakePortal, tmp_path: Path
) -> None:
    """A name counts only if the whole of it matches the product's pattern."""
    evil = [
        "../../evil.gml",
        f"../{STATION}",
        f"/etc/{STATION}",
        STATION + "\n",
        "LoD2_32_٤٣٧_5714_1_NW.gml",
    ]
    portal.publish(LOD2, *evil, f"{STATION}/../x", CATHEDRAL)
    assert statuses(run(portal, tmp_path / "target")) == {CATHEDRAL: "downloaded"}
    assert {path for path, _ in portal.requests} == {LOD2 + "index.json", LOD2 + CATHEDRAL}
    assert [path.name for path in tmp_path.iterdir()] == ["target"]


@pytest.mark.parametrize(
    "place", ["http://localhost:{port}/x", "file:///etc/passwd", "ftp://127.0.0.1/x"]
)
def test_redirect_to_another_host_without_tls_is_refused(
    portal: FakePortal, tmp_path: Path, place: str
) -> None:
    """A redirect may stay on the host or go to https, nowhere else."""
    target = place.format(port=portal.url.rsplit(":", 1)[1])
    portal.faults[LOD2 + STATION] = [say(302, Location=target)]
    assert statuses(run(portal, tmp_path))[STATION] == "failed"
    assert not portal.asked("/x")


def test_redirect_within_the_host_is_followed(portal: FakePortal, tmp_path: Path) -> None:
    """The portal may move its folders."""
    portal.files["/moved.gml"] = GML
    portal.faults[LOD2 + STATION] = [say(301, Location="/moved.gml")]
    assert statuses(run(portal, tmp_path))[STATION] == "downloaded"


def test_older_address_of_the_photographs_is_tried(portal: FakePortal, tmp_path: Path) -> None:
    """Where the present folder answers 404, the one of older code is asked."""
    folder, name = "/lusat/dop/dop_jp2_f10/", "dop10rgbi_32_437_5714_1_nw_2023.jp2"
    portal.files[folder + name] = b"\x00\x00\x00\x0cjP  \r\n\x87\n"
    portal.publish(folder, name)
    assert statuses(run(portal, tmp_path, "dop")) == {name: "downloaded"}


def test_geoid_is_kept_only_with_the_right_sum(portal: FakePortal, tmp_path: Path) -> None:
    """The grid's SHA-256 decides; its folder names BKG and CC BY 4.0."""
    portal.files["/de_bkg_gcg2016.tif"] = TIFF
    wrong = run(portal, tmp_path, "geoid").products[0].files[0]
    assert wrong.status == "failed"
    assert "SHA-256 is" in wrong.reason
    assert not (tmp_path / "geoid" / "de_bkg_gcg2016.tif").exists()
    right = Portal(portal.url, portal.url, hashlib.sha256(TIFF).hexdigest())
    assert run(portal, tmp_path, "geoid", source=right).products[0].had == 1
    assert "CC BY 4.0" in (tmp_path / "geoid" / "LICENCE.txt").read_text("utf-8")
    grid = tmp_path / "geoid" / "de_bkg_gcg2016.tif"
    grid.write_bytes(TIFF[:-1] + b"?")
    assert run(portal, tmp_path, "geoid", source=right).products[0].had == 1
    assert grid.read_bytes() == TIFF


def test_target_that_cannot_be_written_is_an_output_error(
    portal: FakePortal, tmp_path: Path
) -> None:
    """A file in place of the folder is named."""
    (tmp_path / "lod2").write_text("in the way")
    with pytest.raises(OutputError, match="lod2: cannot be made"):
        run(portal, tmp_path)
    (tmp_path / "other" / "lod2" / STATION).mkdir(parents=True)
    with pytest.raises(OutputError, match=STATION):
        run(portal, tmp_path / "other")


def test_broken_state_costs_a_download_only(portal: FakePortal, tmp_path: Path) -> None:
    """A state file of garbage, or one with line breaks in its marks, is not believed."""
    run(portal, tmp_path)
    state = tmp_path / "lod2" / ".fetch-state"
    state.write_text(state.read_text("utf-8").replace('\\"', "\\r\\nX-Evil: 1"), "utf-8")
    assert set(statuses(run(portal, tmp_path)).values()) == {"downloaded"}
    state.write_text("[]")
    assert set(statuses(run(portal, tmp_path)).values()) == {"downloaded"}
    assert not any("X-Evil" in headers for _, headers in portal.requests)


def test_unknown_product_missing_box_and_foreign_address_are_refused(tmp_path: Path) -> None:
    """Nothing is asked of anybody before the request makes sense."""
    with pytest.raises(InputError, match="no product 'lod9'; there are lod2"):
        fetch(["lod9"], tmp_path)
    with pytest.raises(InputError, match="lod2 needs a municipality or a box"):
        fetch(["lod2"], tmp_path)
    for url in ("file:///etc", "//host/x", "https://user:word@host/x", "ftp://host"):
        with pytest.raises(InputError, match="address"):
            fetch(["geoid"], tmp_path, portal=Portal(url))


def test_command_reports_on_stdout_and_talks_on_stderr(
    portal: FakePortal, tmp_path: Path
) -> None:
    """--json leaves stdout to the machine."""
    box = "437300,5713300,438700,5714700"
    options = [
        "--bbox",
        box,
        "--product",
        "lod2",
        "-o",
        str(tmp_path),
        "--base-url",
        portal.url,
    ]
    done = CliRunner().invoke(command, [*options, "--json"])
    assert done.exit_code == 0
    product = json.loads(done.stdout)["products"][0]
    assert (product["counts"], product["outside"]) == ({"downloaded": 2}, 2)
    assert f"lod2 2/2 {STATION} downloaded" in done.stderr
    assert "lod2: 2 unchanged ->" in CliRunner().invoke(command, options).stdout


def test_command_fails_if_nothing_could_be_had(portal: FakePortal, tmp_path: Path) -> None:
    """Outside of the index there is nothing: the error names the place and the reason."""
    options = [
        "--bbox",
        "300000,5700000,301000,5701000",
        "-o",
        str(tmp_path),
        "--base-url",
        portal.url,
    ]
    done = CliRunner().invoke(command, options)
    assert isinstance(done.exception, SourceUnavailable)
    assert "none of the 9 squares" in str(done.exception)


@pytest.mark.parametrize(
    "options",
    [
        ["--bbox", "1,2,3"],
        ["--bbox", "5,5,4,4"],
        [],
        ["--municipality", "soest", "--bbox", "1,1,2,2"],
        ["--product", ","],
    ],
)
def test_command_refuses_a_box_that_is_none(tmp_path: Path, options: list[str]) -> None:
    """A slip on the command line is a usage error."""
    assert CliRunner().invoke(command, [*options, "-o", str(tmp_path)]).exit_code == 2


def test_command_knows_towns_by_the_settings(portal: FakePortal, tmp_path: Path) -> None:
    """A town of a settings file is fetched by name; without a box or unknown it is refused."""
    rows = [
        "[municipalities.klein-soest]",
        'name = "Klein-Soest"',
        'municipality_key = "99999999"',
        "bbox_m = [437300, 5713300, 438700, 5714700]",
        "[municipalities.nirgends]",
        'name = "Nirgends"',
        'municipality_key = "99999998"',
    ]
    (tmp_path / "town.toml").write_text("\n".join(rows))

    def call(town: str) -> Any:
        options = ["--municipality", town, "--product", "lod2", "--base-url", portal.url]
        target = ["-o", str(tmp_path / "out")]
        return CliRunner().invoke(command, options + target, obj=tmp_path / "town.toml")

    assert "lod2: 2 downloaded" in call("klein-soest").stdout
    for town, message in (
        ("nirgends", "give --bbox"),
        ("atlantis", "no municipality 'atlantis'"),
    ):
        refused = call(town).exception
        assert isinstance(refused, SettingsError)
        assert message in str(refused)
