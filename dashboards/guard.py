"""What a browser may ask of the site, and what it is told about it.

Dash checks neither the callbacks it is asked for nor the values it is given: here everything that this site did not offer is
refused with 400 before it reaches a callback. Every answer carries headers that keep scripts, frames and referrers out.
"""

from collections.abc import Sequence

from dash.exceptions import DependencyException
from flask import Flask, Response, abort, request

from dashboards.addresses import LONGEST

Inputs = Sequence[tuple[str, str]]
CALLBACKS = "/_dash-update-component"
UNUSED = ("/_reload-hash", "/_dash_jobs", "/static")
HOSTS = ["127.0.0.1", "localhost", "[::1]"]
SMALL_REQUEST = 64 * 1024


def guard(server: Flask, *, output: str, inputs: Inputs, script_hashes: Sequence[str]) -> None:
    """Watch over a Flask server: one callback `output` with `inputs` (id, property), inline scripts."""
    server.config.update(MAX_CONTENT_LENGTH=SMALL_REQUEST, TRUSTED_HOSTS=HOSTS)

    @server.before_request
    def refuse() -> None:
        if request.path.startswith(UNUSED):
            abort(404)
        if request.path == CALLBACKS and request.method == "POST" and not offered(request.get_json(silent=True), output, inputs):
            abort(400)

    @server.errorhandler(DependencyException)
    def missing(fault: DependencyException) -> tuple[str, int]:
        return "no such file", 404

    @server.after_request
    def protect(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = policy(script_hashes)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["X-Frame-Options"] = "DENY"
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
        if not request.path.startswith(("/_dash-component-suites/", "/assets/")):
            response.headers["Cache-Control"] = "no-store"
        return response


def policy(script_hashes: Sequence[str]) -> str:
    """The content security policy. Plotly writes inline styles; no script may be inline but those with a hash."""
    scripts = " ".join(["'self'", *script_hashes])
    return "; ".join([
        "default-src 'none'", f"script-src {scripts}", "style-src 'self' 'unsafe-inline'", "img-src 'self' data: blob:",
        "connect-src 'self'", "font-src 'self'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
    ])


def offered(body: object, output: str, inputs: Inputs) -> bool:
    """Whether a request asks for the one callback there is, with short text for each of its inputs."""
    if not isinstance(body, dict) or body.get("output") != output or body.get("state"):
        return False
    given = body.get("inputs")
    if not isinstance(given, list) or len(given) != len(inputs) or not _is_outputs(body.get("outputs"), output):
        return False
    return all(_is_input(each, *wanted) for each, wanted in zip(given, inputs, strict=True))


def _is_input(given: object, wanted: str, name: str) -> bool:
    if not isinstance(given, dict) or given.get("id") != wanted or given.get("property") != name:
        return False
    value = given.get("value")
    return value is None or (isinstance(value, str) and len(value) <= LONGEST)


def _is_outputs(given: object, output: str) -> bool:
    return isinstance(given, dict) and f"{given.get('id')}.{given.get('property')}" == output
