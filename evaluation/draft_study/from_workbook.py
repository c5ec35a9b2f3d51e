"""A study from the filled workbook: every row becomes a block, and keeps the sheet and row that it came from."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from evaluation.draft_study.cells import strange_cells, yes_or_no
from evaluation.draft_study.document import Noted, StudyDraft
from evaluation.draft_study.naming import identifier
from evaluation.draft_study.sheets import ABOUT, SHEETS, Sheet
from evaluation.errors import Problem, ProtocolError
from evaluation.protocol.mapping import FileForm
from evaluation.protocol.wording import fold
from evaluation.registry import nearest
from evaluation.waves.readers import read_file

_PAIR = re.compile(r"^\s*(?P<code>[^=]+?)\s*=\s*(?P<label>.+?)\s*$")
_NUMBERS = {
    "respondents_per_unit": int,
    "unit_variance_share": float,
    "wave_variance_share": float,
    "standard_deviation": float,
    "linked_correlation": float,
}


@dataclass(frozen=True)
class Row:
    """One filled row of a sheet: cells by column, blanks left out, and where it stands."""

    cells: Mapping[str, str]
    origin: str

    def get(self, column: str) -> str:
        """The cell's text, empty when it is blank."""
        return self.cells.get(column, "")


Rows = Mapping[str, Sequence[Row]]


def draft_from_workbook(path: Path, *, name: str) -> StudyDraft:
    """Documents for the study that the workbook describes.

    Raises:
        ProtocolError: a sheet or column is missing or unknown, or a required cell is blank; every problem by sheet and row.
    """
    problems: list[Problem] = []
    rows = {sheet.name: list(_rows(path, sheet, problems)) for sheet in SHEETS}
    empty = [name for name, found in rows.items() if not found]
    problems += [
        Problem("the sheet has no rows.", f"{path.name}, sheet {name}", "fill it in.", "workbook-blank") for name in empty
    ]
    about = {row.get("key"): row for row in rows["About"]}
    for key, _ in ABOUT:
        if key != "cannot tell" and not (about[key].get("value") if key in about else ""):
            place = about[key].origin if key in about else f"{path.name}, sheet About"
            problems.append(Problem("an answer is blank.", f"{place} ({key})", "fill it in.", "workbook-blank"))
    if problems:
        raise ProtocolError(fold(problems))
    instruments = _instruments(rows, problems)
    protocol = _protocol({key: Noted(row.get("value"), origin=row.origin) for key, row in about.items()}, rows, name, problems)
    if problems:
        raise ProtocolError(fold(problems))
    columns = [column.name for sheet in SHEETS if sheet.name == "Organisations" for column in sheet.columns]
    organisations = [{column: row.get(column) for column in columns} for row in rows["Organisations"]]
    used = (
        organisations
        if any(row["unit"] for row in organisations)
        else [{k: v for k, v in row.items() if k != "unit"} for row in organisations]
    )
    return StudyDraft(protocol, instruments, used, origins=tuple(row.origin for row in rows["Organisations"]))


def _rows(path: Path, sheet: Sheet, problems: list[Problem]) -> Iterator[Row]:
    table = read_file(path, FileForm.model_validate({"format": "excel", "sheet": sheet.name}))
    names = [column.name for column in sheet.columns]
    place = f"{path.name}, sheet {sheet.name}"
    for found in table.frame.columns:
        if found not in names:
            close = nearest(found, names)
            problems.append(
                Problem(
                    f"the sheet has no column '{found[:40]}'.",
                    f"{place}, row 1",
                    f"did you mean '{close}'?" if close else f"columns: {', '.join(names)}.",
                    "workbook-column",
                )
            )
    absent = [column.name for column in sheet.columns if column.required and column.name not in table.frame.columns]
    if absent:
        problems.append(
            Problem(f"the sheet lacks: {', '.join(absent)}.", f"{place}, row 1", "add the columns.", "workbook-column")
        )
        return
    for number, record in zip(table.rows.to_list(), table.frame.to_dicts(), strict=True):
        cells = {name: str(value).strip() for name, value in record.items() if value is not None and str(value).strip()}
        origin = f"{place}, row {number}"
        problems.extend(_blank(origin, column.name) for column in sheet.columns if column.required and column.name not in cells)
        problems.extend(strange_cells(sheet, cells, origin))
        yield Row(cells, origin)


def _blank(origin: str, column: str) -> Problem:
    return Problem(f"'{column}' is blank.", origin, "fill it in.", "workbook-blank")


def _protocol(said: Mapping[str, Noted], rows: Rows, name: str, problems: list[Problem]) -> dict[str, Any]:
    looks = {look: [row.get("wave") for row in rows["Waves"] if row.get("look") == look] for look in ("watch", "decide")}
    families = {row.get("family"): row.get("family_rule") or "holm" for row in rows["Estimands"] if row.get("family")}
    expect = {
        row.get("population"): _expectation(row, problems) for row in rows["Populations"] if row.get("respondents_per_unit")
    }
    last = said.get("cannot tell")
    return {
        "protocol": identifier(name),
        "version": 1,
        "title": said["title"],
        "question": said["question"],
        "asks": said["asks"],
        "board": Noted({"name": said["board"].value, "contact": said["contact"].value}, origin=said["board"].origin),
        "assignment": said["assignment"],
        "randomised": replace(said["randomised"], value=yes_or_no(said["randomised"].value)),
        "selection": said["selection"],
        "arms": _blocks(rows["Arms"], "arm", _arm),
        "organisations": "organisations.csv",
        "if_an_organisation_leaves": said["if an organisation leaves"],
        "populations": _blocks(rows["Populations"], "population", _population),
        "waves": _blocks(rows["Waves"], "wave", _wave),
        "looks": Noted(looks, origin=_column(rows["Waves"][0], "look")),
        "measures": _blocks(rows["Measures"], "measure", _measure),
        "estimands": _blocks(rows["Estimands"], "estimand", _estimand),
        "decide": [Noted(_some(row, ("when", "then", "otherwise")), origin=row.origin) for row in rows["Decide"]],
        "confidence": replace(said["confidence"], value=_number(said["confidence"].value, float)),
        **({"multiplicity": Noted(families, origin=_column(rows["Estimands"][0], "family"))} if families else {}),
        **({"expect": expect} if expect else {}),
        **({"cannot_tell": replace(last, value=[last.value])} if last is not None and last.value else {}),
        "seed": replace(said["seed"], value=_number(said["seed"].value, int)),
        "policies": Noted({"disclosure": said["disclosure policy"].value}, origin=said["disclosure policy"].origin),
    }


def _column(row: Row, column: str) -> str:
    """Where a whole column of the row's sheet stands."""
    return f"{row.origin.split(', row')[0]}, column {column}"


def _blocks(rows: Sequence[Row], key: str, block: Callable[[Row], dict[str, Any]]) -> dict[str, Noted]:
    return {row.get(key): Noted(block(row), origin=row.origin) for row in rows}


def _arm(row: Row) -> dict[str, Any]:
    return _some(row, ("role", "label"))


def _some(row: Row, columns: Sequence[str]) -> dict[str, Any]:
    return {column: row.get(column) for column in columns if row.get(column)}


def _names(text: str, separator: str = ",") -> list[str]:
    return [part.strip() for part in text.split(separator) if part.strip()]


def _number(text: str, kind: type) -> Any:
    """The number that a cell holds; the text itself when it holds none, for the protocol's own check to name."""
    try:
        return kind(float(text)) if kind is int and float(text).is_integer() else float(text)
    except ValueError:
        return text


def _population(row: Row) -> dict[str, Any]:
    groups = _names(row.get("groups"))
    return _some(row, ("label", "level", "linkage")) | ({"groups": groups} if groups else {})


def _expectation(row: Row, problems: list[Problem]) -> Noted:
    blank = [column for column in list(_NUMBERS)[:4] if not row.get(column)]
    problems.extend(_blank(row.origin, column) for column in blank)
    return Noted(
        {column: _number(row.get(column), kind) for column, kind in _NUMBERS.items() if row.get(column)}, origin=row.origin
    )


def _wave(row: Row) -> dict[str, Any]:
    return _some(row, ("label", "opens", "closes")) | ({"before": "start"} if yes_or_no(row.get("before start")) else {})


def _measure(row: Row) -> dict[str, Any]:
    block = _some(
        row,
        (
            "label",
            "instrument",
            "population",
            "score",
            "items",
            "at_least",
            "scale",
            "better",
            "minimum_important_difference",
            "says",
        ),
    )
    return block | {"items": _names(row.get("items"))}


def _estimand(row: Row) -> dict[str, Any]:
    block = _some(
        row, ("status", "measure", "design", "estimator", "covariates", "contrast", "wave_from", "wave_to", "margin", "family")
    )
    block |= {"covariates": _names(row.get("covariates"))} if row.get("covariates") else {}
    return block | ({"contrast": _names(row.get("contrast"), ";")} if row.get("contrast") else {})


def _instruments(rows: Rows, problems: list[Problem]) -> dict[str, dict[str, Any]]:
    """Questionnaires from the rows of Items; items with the same options share a scale."""
    instruments: dict[str, dict[str, Any]] = {}
    for row in rows["Items"]:
        name = row.get("instrument")
        block = instruments.setdefault(
            name,
            {
                "instrument": name,
                "version": 1,
                "population": row.get("population"),
                "source": "Stated in the study's workbook.",
                "scales": {},
                "items": {},
            },
        )
        block["source"] = row.get("source") or block["source"]
        scale = _scale_name(block["scales"], _scale(row, problems), row)
        asked = _names(row.get("asked_in"))
        item = {"wording": row.get("wording"), "scale": scale} | ({"reverse": True} if yes_or_no(row.get("reverse")) else {})
        if row.get("item") in block["items"]:
            problems.append(Problem(f"item '{row.get('item')}' stands twice.", row.origin, "keep one row.", "workbook-twice"))
        block["items"][row.get("item")] = Noted(item | ({"asked_in": asked} if asked else {}), origin=row.origin)
    return instruments


def _scale_name(scales: dict[str, Any], scale: dict[str, Any], row: Row) -> str:
    """The name of an equal scale that is there already, or of a new one."""
    for name, other in scales.items():
        if other.value == scale:
            return str(name)
    name = identifier(f"scale_{len(scales) + 1}", scales)
    scales[name] = Noted(scale, origin=row.origin)
    return name


def _scale(row: Row, problems: list[Problem]) -> dict[str, Any]:
    scale: dict[str, Any] = {}
    if row.get("options"):
        scale["options"] = _pairs(row, "options", problems)
    if row.get("range"):
        scale["range"] = row.get("range")
    if yes_or_no(row.get("whole")) is False:
        scale["whole"] = False
    if row.get("positive"):
        scale["positive"] = _names(row.get("positive"))
    if row.get("missing_codes"):
        scale["missing_codes"] = _pairs(row, "missing_codes", problems)
    return scale


def _pairs(row: Row, column: str, problems: list[Problem]) -> dict[str, str]:
    pairs = {}
    for part in _names(row.get(column), ";"):
        match = _PAIR.match(part)
        if match is None:
            problems.append(
                Problem(
                    f"'{column}' holds '{part[:40]}', which is no code with a label.",
                    row.origin,
                    "write 1 = Strongly disagree; 2 = Disagree.",
                    "workbook-options",
                )
            )
        else:
            pairs[match["code"]] = match["label"]
    return pairs
