"""Names and answers that would run as code if anything read them as code: text from the file to the page and the spreadsheet.

Source of the rows: the table of bad inputs, 39 (cells that a spreadsheet would run) and 41 (names that are markup, an address or
SQL). That a browser shows them as text too is seen in tests/browser.
"""

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest
from dash.development.base_component import Component
from flask.testing import FlaskClient

import evaluation
from dashboards.app import create
from tests.dashboards.reading import page, walk
from tests.journeys.line import Line, leaves, pilot, run
from tests.studies import UNITS, tiny_frame, tiny_study

HOST = {"Host": "127.0.0.1"}
NAMES = (
    "<img src=x onerror=alert(1)>", "javascript:alert(1)", "'; DROP TABLE staff; --", '=HYPERLINK("http://evil.example","x")',
    "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", '<script>alert("x")</script>',
)
"""Of the eight organisations."""
GROUPS = (*NAMES, "\tx", "\rx", '"quoted"', "</script>")
"""Of staff: answers in a column that the plan adjusts for, so that they become names of columns in the engine."""
LABELS = {
    "label: Values lived": 'label: "=Values <script>alert(1)</script>"',
    "label: Knows the values": "label: \"'; DROP TABLE staff; --\"",
    "label: Workload strain": 'label: "@SUM(A1) <b>strain</b>"',
    "label: Develop own values": 'label: "<img src=x onerror=alert(1)>"',
    "label: 12 months": 'label: "+12 <i>months</i>"',
    "title: A tiny pilot": 'title: "<script>alert(1)</script>"',
    "name: Tiny Board, contact: evaluation@example.org": 'name: "<b>Board</b>", contact: "javascript:alert(1)"',
    "asks: extend the pilot?": 'asks: "<img src=x onerror=alert(1)> extend?"',
    "then: extend the pilot}": 'then: "<svg onload=alert(1)>"}',
    "estimator: unit change}": "estimator: unit change, covariates: [staff_group]}",
}
ADDRESSES = [("/", ""), ("/", "?show=table"), ("/m/lived_values", "?unit=P1&rows=all"), ("/m/strain", "?unit=C1&rows=all"), ("/protocol", "")]
RUNS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a spreadsheet takes for the start of a formula (OWASP, CSV injection)."""
MARKUP = re.compile(r"<\s*/?\s*(img|script|svg|a|i|iframe|object|embed|style|link)\b", re.IGNORECASE)


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Line:
    folder = tmp_path_factory.mktemp("hostile")
    root = tiny_study(folder / "study", replace=LABELS)
    write_register(root, NAMES)
    for wave in ("baseline", "month_12"):
        frame = tiny_frame(wave, people=36)
        frame["staff_group"] = [GROUPS[number % len(GROUPS)] for number in range(len(frame))]
        file = folder / f"{wave}.csv"
        frame.to_csv(file, index=False, quoting=csv.QUOTE_ALL)
        said = pilot("wave", "load", root, file, "--wave", wave, "--population", "staff")
        assert said.code == 0, said.err
    return run(root)


@pytest.fixture(scope="module")
def client(line: Line) -> FlaskClient:
    return create(line.root / "releases").server.test_client()


def write_register(root: Path, names: tuple[str, ...]) -> None:
    """The tiny study's organisations under other names."""
    frame = pd.read_csv(root / "organisations.csv", dtype=str, keep_default_na=False)
    frame.assign(name=list(names), region=list(names)).to_csv(root / "organisations.csv", index=False, quoting=csv.QUOTE_ALL)


def components(line: Line) -> Iterator[Component]:
    for path, search in ADDRESSES:
        yield from (each for each in walk(page(line.release, path, search)) if isinstance(each, Component))


def downloads(client: FlaskClient) -> dict[str, str]:
    addresses = ["/data/findings.csv", *(f"/data/{kind}/{measure}.csv" for kind in ("cells", "estimates") for measure in ("lived_values", "strain"))]
    return {address: client.get(address, headers=HOST).text for address in addresses}


def table(content: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content)))


def is_number(cell: str) -> bool:
    return re.fullmatch(r"-?\d+(\.\d+)?(e-?\d+)?", cell) is not None


def test_answers_are_stored_as_the_text_they_are(line: Line) -> None:
    stored = pl.concat([pl.read_parquet(file, hive_partitioning=False) for file in (line.root / "store").rglob("*.parquet")])
    assert set(stored["staff_group"]) == {group.replace("\r", "\n") for group in GROUPS}, "a line break is a line break"
    assert len(stored) == 2 * 36 * len(UNITS), "no table was dropped, no row lost"


def test_the_plan_is_carried_out_with_columns_of_such_names(line: Line) -> None:
    assert line.run.code == 0
    assert line.finding("lived_values_change").conf_low is not None
    assert "singular_dropped" not in line.flags("lived_values_change")


def test_the_release_holds_every_name_as_it_is(line: Line) -> None:
    names = dict(zip((unit for unit, _ in UNITS), NAMES, strict=True))
    assert {one.unit: one.name for one in line.release.organisations} == names
    assert line.release.arms[0].label == NAMES[0]
    assert line.release.study.title == "<script>alert(1)</script>"
    assert line.release.decision.plan_says in ("<svg onload=alert(1)>", "continue to one more wave")


def test_the_command_line_prints_names_and_nothing_else_happens(line: Line) -> None:
    shown, listed, as_json = (pilot("results", *words, line.root) for words in (["show"], ["list"], ["show", "--json"]))
    assert (shown.code, listed.code, as_json.code) == (0, 0, 0)
    assert "=Values <script>alert(1)</script>: " in shown.out
    assert "'; DROP TABLE staff; --" in listed.out + shown.out
    assert as_json.record["content"]["findings"]["title"] == "<script>alert(1)</script>"


def test_on_pages_a_name_is_a_piece_of_text(line: Line) -> None:
    told = {each for path, search in ADDRESSES for each in walk(page(line.release, path, search)) if isinstance(each, str)}
    for name in NAMES:
        assert any(name in piece for piece in told), name
    kinds = {type(each).__name__ for each in components(line)}
    assert not kinds & {"Markdown", "DangerouslySetInnerHTML", "Iframe", "Script", "Embed", "ObjectEl", "Base", "Meta", "Img"}


def test_no_name_becomes_an_address_or_a_handler(line: Line) -> None:
    for each in components(line):
        properties = each.to_plotly_json()["props"]
        assert not [name for name in properties if name.lower().startswith("on") or name == "dangerously_allow_html"]
        for name in ("href", "src", "action", "formAction", "target"):
            assert str(properties.get(name, "/")).startswith(("/", "#", "mailto:")), properties[name]


def test_figures_hold_names_escaped_because_plotly_reads_markup(line: Line) -> None:
    drawn = [value for each in components(line) if type(each).__name__ == "Store" for _, value in leaves(getattr(each, "data", None))]
    words = [value for value in drawn if isinstance(value, str)]
    assert any("&lt;img src=x" in word for word in words)
    assert not [word for word in words if MARKUP.search(word) or "<b>strain" in word]


def test_what_the_site_sends_is_json_and_never_sniffed(client: FlaskClient) -> None:
    first = client.get("/", headers=HOST).text
    assert not [name for name in (*NAMES, "<b>Board</b>") if name in first], "the first answer holds nothing of the study"
    for path, search in ADDRESSES:
        inputs = [{"id": "address", "property": name, "value": value} for name, value in (("pathname", path), ("search", search))]
        asked: dict[str, Any] = {"output": "page.children", "outputs": {"id": "page", "property": "children"}, "inputs": inputs,
                                 "changedPropIds": ["address.pathname"]}  # fmt: skip
        answer = client.post("/_dash-update-component", data=json.dumps(asked), content_type="application/json", headers=HOST)
        assert (answer.status_code, answer.content_type) == (200, "application/json")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "script-src 'self'" in answer.headers["Content-Security-Policy"]


def test_no_cell_of_any_download_starts_a_formula(client: FlaskClient) -> None:
    for address, content in downloads(client).items():
        rows = table(content)
        assert rows, address
        for cell in (cell for row in rows for cell in (*row, *row.values())):
            assert not cell.startswith(RUNS) or is_number(cell), f"{address}: {cell!r}"


def test_downloads_hold_every_name_neutral_and_whole(client: FlaskClient) -> None:
    files = downloads(client)
    names = {row["name"] for row in table(files["/data/cells/lived_values.csv"])} - {""}
    assert names == {f"'{name}" if name.startswith(RUNS) else name for name in NAMES}
    labels = {row["label"] for row in table(files["/data/findings.csv"])}
    assert labels == {"'=Values <script>alert(1)</script>", "'; DROP TABLE staff; --", "'@SUM(A1) <b>strain</b>"}


def test_downloads_are_attachments_of_plain_names(client: FlaskClient) -> None:
    for address in (*downloads(client), "/data/protocol.yaml"):
        headers = client.get(address, headers=HOST).headers
        assert re.fullmatch(r'attachment; filename="[a-z_-]+\.(csv|yaml)"', headers["Content-Disposition"])
        assert headers["Content-Type"].startswith(("text/csv", "application/yaml"))


def test_a_notebook_shows_names_as_text(line: Line) -> None:
    findings = evaluation.run(line.root)
    assert not MARKUP.search(findings._repr_html_())
    assert findings.result_number == "R-0001"


def test_the_note_on_simulated_data_is_text_too(line: Line) -> None:
    told = replace(evaluation.run(line.root), simulated="<script>alert(1)</script>")
    assert not MARKUP.search(told._repr_html_())


@pytest.mark.parametrize("name", ["Trust\t=1+1", "Trust\r=1+1", "Trust\n=1+1", "Trust\x1b[2J", "Trust\x00", "Trust\u202e"])
def test_a_name_with_a_control_character_inside_is_refused_by_line_and_column(tmp_path: Path, name: str) -> None:
    root = tiny_study(tmp_path / "study")
    write_register(root, (name, *NAMES[1:]))
    said = pilot("check", root)
    assert said.code == 4
    assert "organisations.csv, line 2, column name" in said.err
    assert name not in said.err


def test_a_hostile_code_is_refused_and_told_without_harm(tmp_path: Path) -> None:
    root, file = tiny_study(tmp_path / "study"), tmp_path / "wave.csv"
    frame = tiny_frame("baseline", people=2)
    frame["organisation"] = "<img src=x onerror=alert(1)>"
    frame.to_csv(file, index=False)
    said = pilot("wave", "load", root, file, "--wave", "baseline", "--population", "staff", "--json")
    assert said.code == 3
    assert said.record["error"]["problems"][0]["code"] == "unknown-organisation"
    assert not (root / "store").exists()


@pytest.mark.parametrize("escape", ["\\e[31m", "\\x1b]0;title\\x07", "\\u202e"])
def test_a_label_that_would_steer_a_terminal_or_turn_text_round_is_refused(tmp_path: Path, escape: str) -> None:
    root = tiny_study(tmp_path / "study", replace={"label: Values lived": f'label: "Values {escape} lived"'})
    said = pilot("check", root)
    assert said.code == 4
    assert "protocol.yaml, line" in said.err
