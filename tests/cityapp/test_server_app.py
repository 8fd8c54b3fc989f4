"""cityapp.server: page, scenes, tiles and health over HTTP."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from flask.testing import FlaskClient

from cityapp.server import create_app
from citykernel.errors import InputError, InstallationError, SettingsError

if TYPE_CHECKING:
    from apiflask import APIFlask

CONTRACTS = Path(__file__).resolve().parents[1] / "contracts"
GLB = b"glTF" + bytes(range(96))
HASHED = "content/0-0-3f9a77c2b1d04e55.glb"


@pytest.fixture
def town(tmp_path: Path) -> Path:
    """A folder as ``stadtbild tile`` leaves it, with an empty tile."""
    folder = tmp_path / "town"
    (folder / "content").mkdir(parents=True)
    (folder / "terrain").mkdir()
    shutil.copy(CONTRACTS / "scene.json", folder)
    tileset = json.dumps({"asset": {"version": "1.1"}, "geometricError": 0, "root": {}})
    (folder / "tileset.json").write_text(tileset)
    (folder / "terrain/tileset.json").write_text(tileset)
    (folder / HASHED).write_bytes(GLB)
    (folder / "content/root.glb").write_bytes(GLB)
    (folder / "notes.txt").write_text("not for the public")
    (folder / ".hidden.json").write_text("{}")
    (tmp_path / "secret.json").write_text('{"secret": true}')
    return folder


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A page of three files."""
    folder = tmp_path / "bundle"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>Stadtbild</title>")
    (folder / "licences.txt").write_text("MIT")
    (folder / "assets/page-abc123.js").write_text("export {};")
    return folder


class ReadingClient(FlaskClient):
    """Reads every answer to its end at once, so that no file stays open."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        """Ask, and keep the whole answer in memory."""
        return super().open(*args, **{**kwargs, "buffered": True})


def client_of(app: APIFlask) -> FlaskClient:
    app.test_client_class = ReadingClient
    return app.test_client()


@pytest.fixture
def client(town: Path, bundle: Path) -> FlaskClient:
    return client_of(create_app(town, assets=bundle))


ROUTES = {
    "/": ("text/html; charset=utf-8", 200),
    "/assets/page-abc123.js": ("text/javascript; charset=utf-8", 200),
    "/licences.txt": ("text/plain; charset=utf-8", 200),
    "/api/v1/scenes": ("application/json", 200),
    "/api/v1/scenes/muster-soest": ("application/json", 200),
    "/api/v1/openapi.json": ("application/json", 200),
    "/tiles/tileset.json": ("application/json", 200),
    "/tiles/" + HASHED: ("model/gltf-binary", 200),
    "/healthz": ("application/json", 200),
    "/readyz": ("application/json", 200),
    "/nothing": ("application/problem+json", 404),
    "/tiles/nothing.glb": ("application/problem+json", 404),
    "/api/v1/scenes/atlantis": ("application/problem+json", 404),
}


@pytest.mark.parametrize("route", ROUTES)
def test_every_answer_has_its_type_and_the_security_headers(
    client: FlaskClient, route: str
) -> None:
    """No route is forgotten: errors and tiles say the same as the page."""
    answer = client.get(route)
    assert (answer.content_type, answer.status_code) == ROUTES[route]
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy
    assert "'unsafe-eval'" not in policy
    assert "http" not in policy
    assert "frame-ancestors 'self'" in policy
    assert "xr-spatial-tracking=(self)" in answer.headers["Permissions-Policy"]
    assert "camera=(self)" in answer.headers["Permissions-Policy"]
    assert "microphone=()" in answer.headers["Permissions-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"


@pytest.mark.parametrize("route", ROUTES)
def test_only_tiles_are_open_to_other_origins(client: FlaskClient, route: str) -> None:
    """Any 3D Tiles client may load the tiles; nothing else leaves this origin."""
    answer = client.get(route, headers={"Origin": "https://example.org"})
    is_tile = route.startswith("/tiles/")
    assert answer.headers.get("Access-Control-Allow-Origin") == ("*" if is_tile else None)
    resource_policy = "cross-origin" if is_tile else "same-origin"
    assert answer.headers["Cross-Origin-Resource-Policy"] == resource_policy


def test_another_origin_may_ask_for_a_range(client: FlaskClient) -> None:
    """The browser's question before a conditional or partial request is answered."""
    answer = client.options("/tiles/" + HASHED)
    assert "Range" in answer.headers["Access-Control-Allow-Headers"]


def test_the_town_portal_may_frame_the_page(town: Path, bundle: Path) -> None:
    """A town embeds its own page; the origin is a setting."""
    app = create_app(town, assets=bundle, frame_ancestors=["https://www.soest.de"])
    policy = client_of(app).get("/").headers["Content-Security-Policy"]
    assert policy.endswith("frame-ancestors 'self' https://www.soest.de")


def test_only_a_trusted_proxy_is_believed(town: Path, bundle: Path) -> None:
    """Anyone can claim TLS in a header: without a known proxy it changes nothing."""
    claim = {"X-Forwarded-Proto": "https"}
    alone = client_of(create_app(town, assets=bundle)).get("/", headers=claim)
    behind = create_app(town, assets=bundle, trusted_proxies=1)
    assert "Strict-Transport-Security" not in alone.headers
    answer = client_of(behind).get("/", headers=claim)
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_scenes_are_listed_and_read_with_paths_on_this_host(client: FlaskClient) -> None:
    """The answer is the contract's file, its hrefs made absolute."""
    listed = client.get("/api/v1/scenes").get_json()
    assert listed == {
        "scenes": [
            {
                "id": "muster-soest",
                "title": "Muster-Soest",
                "notice": "Musterdaten, nicht das amtliche Modell",
                "href": "/api/v1/scenes/muster-soest",
            }
        ]
    }
    expected: dict[str, Any] = json.loads((CONTRACTS / "scene.json").read_text("utf-8"))
    for layer in expected["layers"]:
        layer["href"] = "/tiles/" + layer["href"]
    assert client.get(listed["scenes"][0]["href"]).get_json() == expected


def test_paths_follow_the_prefix_of_the_proxy(town: Path, bundle: Path) -> None:
    """Behind a proxy at /stadtbild the tiles are found there too."""
    client = client_of(create_app(town, assets=bundle, trusted_proxies=1))
    scene = client.get("/api/v1/scenes/muster-soest", headers={"X-Forwarded-Prefix": "/stadt"})
    assert scene.get_json()["layers"][0]["href"] == "/stadt/tiles/tileset.json"


@pytest.mark.parametrize(
    ("route", "kept"),
    [
        ("/tiles/" + HASHED, "public, max-age=31536000, immutable"),
        ("/assets/page-abc123.js", "public, max-age=31536000, immutable"),
        ("/tiles/content/root.glb", "no-cache"),
        ("/tiles/tileset.json", "no-cache"),
        ("/api/v1/scenes", "no-cache"),
        ("/", "no-cache"),
        ("/readyz", "no-store"),
        ("/tiles/nothing.glb", "no-store"),
    ],
)
def test_only_names_with_a_hash_are_kept_for_ever(
    client: FlaskClient, route: str, kept: str
) -> None:
    """A plain name may hold new content tomorrow, a hashed one cannot."""
    assert client.get(route).headers["Cache-Control"] == kept


@pytest.mark.parametrize("route", ["/tiles/tileset.json", "/api/v1/scenes", "/"])
def test_the_unchanged_is_not_sent_again(client: FlaskClient, route: str) -> None:
    """A client that shows its ETag gets 304 without a body, another one the content."""
    tag = client.get(route).headers["ETag"]
    assert client.get(route, headers={"If-None-Match": tag}).status_code == 304
    assert client.get(route, headers={"If-None-Match": '"old"'}).status_code == 200


def test_a_tile_made_anew_has_another_tag(client: FlaskClient, town: Path) -> None:
    """A browser must notice that the town was tiled again."""
    tag = client.get("/tiles/tileset.json").headers["ETag"]
    (town / "tileset.json").write_text('{"asset": {"version": "1.1"}}')
    answer = client.get("/tiles/tileset.json", headers={"If-None-Match": tag})
    assert answer.status_code == 200


def test_a_part_of_a_tile_can_be_asked_for(client: FlaskClient) -> None:
    """Ranges are answered with the very bytes, impossible ones refused."""
    part = client.get("/tiles/" + HASHED, headers={"Range": "bytes=4-7"})
    assert (part.status_code, part.data) == (206, GLB[4:8])
    assert part.headers["Content-Range"] == "bytes 4-7/100"
    beyond = client.get("/tiles/" + HASHED, headers={"Range": "bytes=200-300"})
    assert beyond.status_code == 416
    assert beyond.headers["Content-Range"] == "bytes */100"


@pytest.mark.parametrize(
    "path",
    [
        "/tiles/../secret.json",
        "/tiles/content/../../secret.json",
        "/tiles/%2e%2e/secret.json",
        "/tiles/..%2fsecret.json",
        "/tiles/..%5csecret.json",
        "/tiles//etc/passwd.json",
        "/tiles/.hidden.json",
        "/tiles/notes.txt",
        "/tiles/content",
        "/tiles/link.json",
        "/assets/../index.html",
        "/assets/..%2findex.html",
    ],
)
def test_nothing_outside_the_tiles_is_served(
    client: FlaskClient, town: Path, path: str
) -> None:
    """No way of writing "upwards" leaves the folder, no link does, no other file shows."""
    (town / "link.json").symlink_to(town.parent / "secret.json")
    answer = client.get(path, follow_redirects=True)
    assert answer.status_code == 404
    assert b'secret": true' not in answer.data


def test_errors_are_problem_documents(client: FlaskClient) -> None:
    """A program can tell errors apart by a type that does not change."""
    assert client.get("/api/v1/scenes/atlantis").get_json() == {
        "type": "urn:stadtbild:problem:not-found",
        "title": "Not Found",
        "status": 404,
        "detail": "there is no scene 'atlantis'",
        "instance": "/api/v1/scenes/atlantis",
    }
    wrong_method = client.post("/api/v1/scenes")
    assert wrong_method.get_json()["type"] == "urn:stadtbild:problem:method-not-allowed"
    assert "GET" in wrong_method.headers["Allow"]


def test_a_broken_scene_is_our_fault_and_names_no_path(client: FlaskClient, town: Path) -> None:
    """What went wrong in the server's own files stands in the log, not in the answer."""
    (town / "scene.json").write_text("{")
    answer = client.get("/api/v1/scenes")
    assert answer.status_code == 500
    assert answer.get_json()["type"] == "urn:stadtbild:problem:settings-error"
    assert str(town) not in answer.text


def test_a_bug_is_a_problem_document_too(town: Path, bundle: Path) -> None:
    """An exception nobody foresaw does not show its text to the world."""
    app = create_app(town, assets=bundle)

    @app.get("/bug")
    def bug() -> str:
        raise RuntimeError("/home/town/passwords")

    answer = client_of(app).get("/bug")
    assert answer.status_code == 500
    assert answer.get_json()["type"] == "urn:stadtbild:problem:internal-server-error"
    assert "passwords" not in answer.text


def test_readiness_ends_when_the_tiles_go(client: FlaskClient, town: Path) -> None:
    """A watcher sees a town without tiles, while the process still lives."""
    (town / "tileset.json").unlink()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.content_type) == (503, "application/problem+json")
    assert client.get("/healthz").status_code == 200


def test_the_interface_describes_itself(client: FlaskClient) -> None:
    """Every public route stands in the OpenAPI document with its answer's shape."""
    document = client.get("/api/v1/openapi.json").get_json()
    assert sorted(document["paths"]) == [
        "/api/v1/scenes",
        "/api/v1/scenes/{scene_id}",
        "/healthz",
        "/readyz",
        "/tiles/{path}",
    ]
    properties = document["components"]["schemas"]["SceneSchema"]["properties"]
    assert sorted(properties) == sorted(json.loads((CONTRACTS / "scene.json").read_text()))


def test_the_interface_says_what_each_answer_is(client: FlaskClient) -> None:
    """Errors are problem documents and tiles are files, not JSON."""
    paths = client.get("/api/v1/openapi.json").get_json()["paths"]
    scene, tile = (
        paths[path]["get"]["responses"]
        for path in ("/api/v1/scenes/{scene_id}", "/tiles/{path}")
    )
    assert list(scene["200"]["content"]) == ["application/json"]
    assert list(scene["404"]["content"]) == ["application/problem+json"]
    assert "model/gltf-binary" in tile["200"]["content"]
    assert "content" not in tile["304"]


def test_an_empty_folder_is_refused_with_the_cure(tmp_path: Path, bundle: Path) -> None:
    """Whoever serves the wrong folder learns what makes a right one."""
    with pytest.raises(InputError, match=r"no tileset\.json in .*'stadtbild tile'"):
        create_app(tmp_path, assets=bundle)


def test_tiles_without_a_scene_are_refused(town: Path, bundle: Path) -> None:
    """Without its scene a town has no source, no licence and perhaps no sample label."""
    (town / "scene.json").unlink()
    with pytest.raises(SettingsError, match=r"no scene\.json in .*'stadtbild tile'"):
        create_app(town, assets=bundle)


def test_a_layer_without_tiles_is_refused(town: Path, bundle: Path) -> None:
    """A layer that cannot load is found at the start, not by a citizen."""
    (town / "terrain/tileset.json").unlink()
    with pytest.raises(SettingsError, match="terrain"):
        create_app(town, assets=bundle)


def test_a_missing_page_names_the_cure(
    town: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a clone without a first build the server says how to build."""
    monkeypatch.setattr("viewer.__file__", str(tmp_path / "viewer/__init__.py"))
    with pytest.raises(InstallationError, match="npm run build"):
        create_app(town)
