"""The board's site: one release, read from one folder, as pages.

One callback runs on the server: from an address to the page it stands for. All else happens in the browser
(assets/site.js): which drawing of a figure fits, where focus goes, how a choice becomes an address.
"""

from pathlib import Path
from typing import Any

from dash import MATCH, ClientsideFunction, Dash, Input, Output, State, dcc, html
from dash.development.base_component import Component
from flask import Flask, Response, abort

from dashboards import downloads, theme
from dashboards.addresses import Asked
from dashboards.components import shell
from dashboards.components.attributes import data
from dashboards.components.chart import DRAWINGS, GRAPH, PICKED
from dashboards.guard import guard
from dashboards.look_up import measure_of
from dashboards.pages import Body, Page, open_pages, page_at
from dashboards.reader import Reader, Shelf
from evaluation.release.publish import Release

PAGE, ADDRESS = "page", "address"


def create(releases: Path) -> Dash:
    """The site over the folder `releases` of a study; nothing else of the study is opened."""
    open_pages()
    reader = Reader(releases)
    app = Dash(
        "dashboards", assets_folder=str(Path(__file__).parent / "assets"), pages_folder="", use_pages=False, compress=True,
        title="Pilot evaluation", update_title="", index_string=theme.index(), health_endpoint="health", enable_mcp=False,
        serve_locally=True, suppress_callback_exceptions=True, add_log_handler=False,
    )
    app.layout = _layout()
    _callbacks(app, reader)
    _files(app, reader)
    guard(
        app.server, output=f"{PAGE}.children", inputs=[(ADDRESS, "pathname"), (ADDRESS, "search")],
        script_hashes=app.csp_hashes(),
    )
    return app


def _layout() -> Component:
    return html.Div([
        dcc.Location(id=ADDRESS, refresh="callback-nav"), dcc.Store(id="arrived"),
        html.Div(html.Main(html.P("Loading the page", className="loading"), id="main"), id=PAGE),
    ])


def _callbacks(app: Dash, reader: Reader) -> None:
    @app.callback(Output(PAGE, "children"), Input(ADDRESS, "pathname"), Input(ADDRESS, "search"))
    def show(pathname: str | None, search: str | None) -> list[Component]:
        return whole_page(reader.read(), Asked.of(pathname or "/", search or ""))

    browser: Any = app.clientside_callback
    browser(
        ClientsideFunction("site", "arrive"), Output("arrived", "data"), Input(PAGE, "children"),
        State(ADDRESS, "pathname"), State(ADDRESS, "hash"),
    )
    browser(
        ClientsideFunction("site", "choose"), Output({"type": GRAPH, "name": MATCH}, "figure"),
        Input({"type": DRAWINGS, "name": MATCH}, "data"), State({"type": DRAWINGS, "name": MATCH}, "id"),
    )
    browser(
        ClientsideFunction("site", "pick"), Output({"type": PICKED, "name": MATCH}, "data"),
        Input({"type": GRAPH, "name": MATCH}, "clickData"), prevent_initial_call=True,
    )


def whole_page(shelf: Shelf, asked: Asked) -> list[Component]:
    """Header, banners, the page that was asked for, footer."""
    release = shelf.release
    page = page_at(asked.path)
    body = _body(shelf, page, asked)
    title = f"{body.title} – {release.study.title}" if release else body.title
    snapshot = f"{release.result_number} · {release.result_id} · Preview, not approved" if release else ""
    return [
        shell.header(release, page), *shell.banners(release, shelf.trouble),
        html.Main(body.main, id="main", className="wrap", tabIndex="-1", **data(title=title, snapshot=snapshot)),
        shell.footer(release),
    ]


def _body(shelf: Shelf, page: Page | None, asked: Asked) -> Body:
    if shelf.release is None:
        return _nothing(shelf.trouble)
    return (page.build(shelf.release, asked) if page else None) or _not_found(shelf.release)


def _nothing(trouble: str) -> Body:
    said = " Please tell the person who runs this site: the command is pilot run STUDY. After that, load this page again."
    return Body("No result", [
        html.H1("There is no result to show", tabIndex="-1"), html.P([html.B(trouble), said], className="notice"),
    ])


def _not_found(release: Release) -> Body:
    contact = ["If a link led here, please tell ", shell.contact(release.study), "."]
    return Body("Page not found", [
        html.H1("There is no such page", tabIndex="-1"),
        html.P(["Try the ", html.A("summary", href="/"), " instead. ", *contact], className="notice"),
    ])


def _files(app: Dash, reader: Reader) -> None:
    """Downloads: plain addresses, so that they work without scripts."""
    server: Flask = app.server

    @server.get("/data/findings.csv")
    def findings() -> Response:
        return _file(downloads.findings_csv(_release(reader)), "text/csv", "findings.csv")

    @server.get("/data/<any(cells, estimates):kind>/<measure>.csv")
    def of_measure(kind: str, measure: str) -> Response:
        release = _release(reader)
        if measure_of(release, measure) is None:
            abort(404)
        text = downloads.cells_csv(release, measure) if kind == "cells" else downloads.panel_csv(release, measure)
        return _file(text, "text/csv", f"{measure}-{kind}.csv")

    @server.get("/data/protocol.yaml")
    def protocol() -> Response:
        return _file(_release(reader).protocol_page.document_text, "application/yaml", "protocol.yaml")


def _release(reader: Reader) -> Release:
    release = reader.read().release
    return release if release is not None else abort(404)


def _file(text: str, kind: str, name: str) -> Response:
    response = Response(text, content_type=f"{kind}; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
