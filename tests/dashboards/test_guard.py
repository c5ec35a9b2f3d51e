"""Every request the site did not offer is refused with a client error, never with data and never with a server error."""

import json
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboards.app import create
from dashboards.guard import CALLBACKS
from evaluation.release.publish import write_release
from tests.dashboards.sample import release

HOST = {"Host": "127.0.0.1"}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    folder = tmp_path_factory.mktemp("releases")
    write_release(release(), folder / "preview" / "release.json")
    app = create(folder)
    app.server.config["PROPAGATE_EXCEPTIONS"] = False
    client = app.server.test_client()
    client.get("/", headers=HOST)
    return client


def asked(pathname: Any = "/", search: Any = "") -> dict[str, Any]:
    return {
        "output": "page.children", "outputs": {"id": "page", "property": "children"}, "changedPropIds": ["address.pathname"],
        "inputs": [{"id": "address", "property": "pathname", "value": pathname}, {"id": "address", "property": "search", "value": search}],
    }


def send(client: FlaskClient, body: Any) -> int:
    return client.post(CALLBACKS, data=json.dumps(body), content_type="application/json", headers=HOST).status_code


def test_what_the_site_offers_is_answered(client: FlaskClient) -> None:
    for path in ("/", "/m/lived_values", "/protocol", "/nothing"):
        assert send(client, asked(path)) == 200


FORGED: list[Any] = [
    asked(["/"]), asked({"a": 1}), asked(7), asked(True), asked("/" * 3000), asked("/", ["?wave=x"]), asked("/", 3.5), [], {}, None, "text", 7,
    {**asked(), "output": "..page.children.."}, {**asked(), "output": "arrived.data"}, {**asked(), "outputs": []},
    {**asked(), "outputs": {"id": "page", "property": "style"}}, {**asked(), "inputs": []}, {**asked(), "inputs": asked()["inputs"][:1]},
    {**asked(), "inputs": asked()["inputs"][::-1]}, {**asked(), "inputs": "x"}, {**asked(), "state": [{"id": "page", "property": "children", "value": 1}]},
    {**asked(), "inputs": [*asked()["inputs"], asked()["inputs"][0]]}, {"output": None, "inputs": None},
]


@pytest.mark.parametrize("body", FORGED, ids=range(len(FORGED)))
def test_a_forged_callback_is_refused_with_400(client: FlaskClient, body: Any) -> None:
    assert send(client, body) == 400


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["id", "property", "value", "x"]), inner, max_size=4), max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(body=st.fixed_dictionaries({}, optional={"output": JSON, "outputs": JSON, "inputs": JSON, "state": JSON, "changedPropIds": JSON}), path=JSON, search=JSON)
def test_no_request_makes_the_server_stumble(client: FlaskClient, body: dict[str, Any], path: Any, search: Any) -> None:
    assert send(client, body) == 400
    assert send(client, asked(path, search)) in (200, 400)


def test_a_callback_must_be_json(client: FlaskClient) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded"):
        assert client.post(CALLBACKS, data=json.dumps(asked()), content_type=kind, headers=HOST).status_code in (400, 415)


def test_a_request_longer_than_any_the_site_sends_is_refused(client: FlaskClient) -> None:
    body = {**asked(), "padding": "x" * 100_000}
    assert send(client, body) in (400, 413)


@pytest.mark.parametrize("path", [
    "/_reload-hash", "/_dash-component-suites/evil/x.js", "/_dash-component-suites/dash/nope.js", "/_dash-component-suites/dash/../../app.py",
    "/assets/../app.py", "/assets/none.css", "/data/cells/unknown.csv", "/data/other/lived_values.csv", "/data/cells/..%2f..%2fprotocol.csv", "/static/x",
])
def test_files_that_are_not_there_are_not_found(client: FlaskClient, path: str) -> None:
    status = client.get(path, headers=HOST).status_code
    assert status == 404 or (status == 200 and client.get(path, headers=HOST).data.startswith(b"<!DOCTYPE html>"))
    assert b"import" not in client.get(path, headers=HOST).data


def test_another_host_name_is_refused(client: FlaskClient) -> None:
    """A page of another site that points its own name at this computer gets nothing (DNS rebinding)."""
    assert client.get("/data/findings.csv", headers={"Host": "attacker.example"}).status_code == 400


def test_every_answer_keeps_scripts_frames_and_referrers_out(client: FlaskClient) -> None:
    for path in ("/", "/data/findings.csv", "/assets/none.css"):
        headers = client.get(path, headers=HOST).headers
        rules = dict(rule.split(" ", 1) for rule in headers["Content-Security-Policy"].split("; "))
        assert "unsafe" not in rules["script-src"]
        assert rules["frame-ancestors"] == rules["base-uri"] == rules["default-src"] == "'none'"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
    assert client.get("/data/findings.csv", headers=HOST).headers["Cache-Control"] == "no-store"


def test_the_page_names_its_language_and_ships_no_development_tools(client: FlaskClient) -> None:
    index = client.get("/", headers=HOST).get_data(as_text=True)
    assert '<html lang="en-GB">' in index
    assert '"ui":false' in index
    assert client.get("/health", headers=HOST).get_data(as_text=True) == "OK"


def test_no_release_gives_no_downloads(tmp_path: Path) -> None:
    client = create(tmp_path).server.test_client()
    assert client.get("/data/findings.csv", headers=HOST).status_code == 404
    assert client.get("/", headers=HOST).status_code == 200
