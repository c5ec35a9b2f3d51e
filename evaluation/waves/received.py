"""Copies of received files that may hold a respondent: cells as their formats give them, never bytes.

A number in an SPSS, Stata or Parquet file stands in no byte as it is typed, and a short id stands in the bytes of every file; so
a copy is read, and whole cells are compared. It is read in every way in which the study may have read it: in the forms that its
mappings state, and in the one that its ending means; of a workbook every sheet is read, hidden ones too. Columns known to hold
answers, groups, places or days are passed over. What nobody can read may hold anybody.
"""

from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from evaluation.audit_log import Entry
from evaluation.errors import PilotError, WaveError
from evaluation.protocol.documents import Documents, read_mapping
from evaluation.protocol.mapping import FileForm, Mapping
from evaluation.study import Study
from evaluation.waves.checks.intake import is_code
from evaluation.waves.checks.layout import KEYS, layout_from_mapping
from evaluation.waves.readers import READERS, read_file
from evaluation.waves.readers.excel import first_rows, sheet_names
from evaluation.waves.readers.opening import format_of, open_file
from evaluation.waves.storage.loading import LOADED

_ENCODINGS = ("utf-8", "cp1252")
_ALL_ROWS = 1 << 21
"""More rows than a sheet can have."""
_NO_CELLS = {"file-empty", "sheet-unknown"}


@dataclass(frozen=True)
class Copies:
    """Received files of one population, as paths in the study: those that may hold a respondent, and those nobody can read."""

    of_respondent: tuple[str, ...]
    unreadable: tuple[str, ...]


@dataclass(frozen=True)
class _Ways:
    """How copies of a population may be read: forms that its mappings state, and names of columns that hold no ids."""

    forms: tuple[FileForm, ...]
    answers: frozenset[str]


def copies_of(
    study: Study,
    documents: Documents,
    population: str,
    respondent: str,
    places: Collection[tuple[str, str]],
    entries: Iterable[Entry],
) -> Copies:
    """Received files that were loaded where a respondent answered, that hold the id, or that cannot be read.

    Files that were loaded for other populations only are passed over. Every file is read whoever is asked for, so that what is
    unreadable does not tell whether the id is known.

    Args:
        study: the study.
        documents: its documents.
        population: whom the respondent is one of.
        respondent: the id, as the supplier wrote it.
        places: wave and organisation of every stored row of the respondent.
        entries: the acts of the log, which say what each copy was loaded as.
    """
    ways = _ways(study, documents, population)
    loads = [entry.details for entry in entries if entry.act == LOADED]
    holding, unreadable = [], []
    for path in received_files(study):
        of = [load for load in loads if load.get("kept_as") == path.name]
        mine = [load for load in of if load["population"] == population]
        if of and not mine:
            continue
        answered = {(load["wave"], organisation) for load in mine for organisation in load["organisations"]}
        found = _holds(path, respondent, ways)
        name = path.relative_to(study.root).as_posix()
        if found is None:
            unreadable.append(name)
        elif found or answered & set(places):
            holding.append(name)
    return Copies(tuple(holding), tuple(unreadable))


def received_files(study: Study) -> list[Path]:
    """Every file in the inbox, as received or half copied when a load was stopped, in folders that somebody made there too."""
    return sorted(path for path in study.inbox.rglob("*") if path.is_symlink() or not path.is_dir())


def _ways(study: Study, documents: Documents, population: str) -> _Ways:
    mappings = list(_mappings(study, documents, population))
    layouts = [layout_from_mapping(mapping) for mapping in mappings]
    items = {item for one in documents.instruments.values() if one.population == population for item in one.items}
    named = {"respondent"} | {layout.keys["respondent"].column for layout in layouts if "respondent" in layout.keys}
    answers = {*KEYS, "wave", *documents.protocol.populations[population].groups, *items}
    answers |= {column for layout in layouts for column in layout.columns()}
    plain = {"leave_out": {}, "boxes": {}, "means": {}, "percent": "refuse"}
    forms = [mapping.file.model_copy(update=plain) for mapping in mappings]
    return _Ways(tuple(form for place, form in enumerate(forms) if form not in forms[:place]), frozenset(answers - named))


def _mappings(study: Study, documents: Documents, population: str) -> Iterator[Mapping]:
    for file in sorted(study.mappings.glob("*.yaml")):
        with suppress(PilotError):
            mapping = read_mapping(file, documents)
            if mapping.population == population:
                yield mapping


def _holds(path: Path, respondent: str, ways: _Ways) -> bool | None:
    """Whether a file holds the id in a cell that may name somebody; None when it cannot be read."""
    try:
        frames = _sheets(path) if format_of(path) == "excel" else _readings(path, ways.forms)
    except WaveError:
        return None
    return any(_names(frame, respondent, ways.answers) for frame in frames)


def _sheets(path: Path) -> list[pl.DataFrame]:
    """The cells of every sheet as they stand, headings and titles among them."""
    frames = []
    for sheet in sheet_names(path):
        content = open_file(path, READERS["excel"].signatures)
        try:
            rows = first_rows(content, FileForm(format="excel", sheet=sheet), _ALL_ROWS)
        except WaveError as refusal:
            if {problem.code for problem in refusal.problems} <= _NO_CELLS:
                continue
            raise
        names = [f"{place}" for place in range(len(rows[0]))]
        frames.append(pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row"))
    return frames


def _readings(path: Path, forms: Iterable[FileForm]) -> list[pl.DataFrame]:
    """The cells by each stated form that fits, and by the first that needs no mapping; headings are the first row.

    Raises:
        WaveError: no form fits.
    """
    kind = format_of(path)
    bare = [FileForm(format="csv", encoding=one, unnamed="by letter") for one in _ENCODINGS] if kind == "csv" else []
    usual = next(_fitting(path, bare or [FileForm.model_validate({"format": kind})]), None)
    frames = [*_fitting(path, forms), *([] if usual is None else [usual])]
    return frames or [_with_headings(path, None)]


def _fitting(path: Path, forms: Iterable[FileForm]) -> Iterator[pl.DataFrame]:
    for form in forms:
        with suppress(WaveError):
            yield _with_headings(path, form)


def _with_headings(path: Path, form: FileForm | None) -> pl.DataFrame:
    frame = read_file(path, form).frame
    heads = pl.DataFrame([pl.Series(name, [name], dtype=pl.String) for name in frame.columns])
    return pl.concat([heads, frame])


def _names(frame: pl.DataFrame, respondent: str, answers: Collection[str]) -> bool:
    """Whether the id is a cell of a column in which no name of an answer stands."""
    return any(is_code(column, [respondent]).any() and not column.is_in(list(answers)).any() for column in frame)
