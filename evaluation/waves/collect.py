"""From a file to checked canonical rows, or to one refusal that lists everything wrong with it. Nothing is written anywhere."""

from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import polars as pl

from evaluation.errors import Problem, WaveError
from evaluation.organisations.register import Register
from evaluation.protocol.documents import Documents
from evaluation.protocol.mapping import FileForm, Mapping
from evaluation.waves.checks.answers import Answers, check_answers, silence
from evaluation.waves.checks.asked import Asked, asked_in, misread
from evaluation.waves.checks.dates import answered_on
from evaluation.waves.checks.expected import Expected, expect
from evaluation.waves.checks.faults import counted
from evaluation.waves.checks.file import Columns, check_columns, check_mapping, seems_identifier
from evaluation.waves.checks.fractions import fraction_faults, fraction_notes
from evaluation.waves.checks.groups import groups
from evaluation.waves.checks.header_rows import header_below, without_headers
from evaluation.waves.checks.intake import Intake
from evaluation.waves.checks.key_labels import group_label_notes, place_label_faults
from evaluation.waves.checks.labels import label_faults, label_notes
from evaluation.waves.checks.layout import Layout, layout_from_header, layout_from_mapping
from evaluation.waves.checks.option_rows import option_faults
from evaluation.waves.checks.places import organisations, units
from evaluation.waves.checks.routing import asked_only
from evaluation.waves.checks.rows import Found, arms, of_this_wave, respondents
from evaluation.waves.checks.unfinished import unfinished_notes
from evaluation.waves.checks.values import base
from evaluation.waves.readers import Table, read_file
from evaluation.waves.readers.opening import format_of
from evaluation.waves.receipt import Receipt


@dataclass(frozen=True)
class CollectOptions:
    """What a person may allow or say about one file; `today` bounds the days on which people can have answered."""

    allow_empty: bool = False
    drop_extra: bool = False
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    today: date | None = None


@dataclass(frozen=True)
class Collected:
    """Checked rows of one wave and population, on their way to the store.

    `frame` has the canonical columns, in the file's order of rows, of which neither its hash nor the store keeps a trace:
    wave, organisation, unit, arm, respondent (the raw id), answered_on, base, groups, items (Int16 where all are whole numbers of
    three digits at most, else Float64, as which they are stored). `asked` says how each item was asked.
    """

    population: str
    wave: str
    organisations: tuple[str, ...]
    frame: pl.DataFrame
    receipt: Receipt
    asked: MappingOf[str, Asked] = field(default_factory=dict)

    @property
    def items(self) -> list[str]:
        """The columns of answers."""
        return [name for name, dtype in self.frame.schema.items() if dtype in (pl.Int16, pl.Float64)]


def collect(
    documents: Documents,
    register: Register,
    file: Path,
    *,
    wave: str,
    population: str,
    organisation: str | None = None,
    mapping: Mapping | None = None,
    options: CollectOptions | None = None,
    table: Table | None = None,
) -> Collected:
    """Read `file` as `population`'s answers in `wave`.

    Args:
        documents: the plan and its instruments.
        register: the organisations that may occur.
        file: a file of any format that is read (docs/formats.md), in canonical form or in the form that `mapping` declares.
        wave: a wave of the protocol.
        population: a population of the protocol.
        organisation: when given, the only organisation that the file may hold.
        mapping: a reviewed mapping; without one every column must carry its canonical name.
        options: what the person loading allows.
        table: the cells of `file` where they were read before; read here otherwise.

    Raises:
        UsageError: the protocol has no such wave or population.
        WaveError: anything wrong with the file: its mapping, else its form, else everything in its cells at once, equal problems
            as one line with a count.
    """
    allowed = options or CollectOptions()
    expected = expect(documents, population, wave)
    if mapping is not None and (unfit := check_mapping(mapping, expected, file.name)):
        raise WaveError(unfit)
    return _checked(table or read_arrived(file, mapping, allowed), expected, register, organisation, mapping, allowed)


def layout_of(table: Table, expected: Expected, mapping: Mapping | None, organisation: str | None) -> Layout:
    """Which column of a file holds what: as its mapping says, or by the canonical names of its columns."""
    return layout_from_mapping(mapping) if mapping else layout_from_header(table.cells.columns, expected, organisation)


def _checked(
    table: Table,
    expected: Expected,
    register: Register,
    organisation: str | None,
    mapping: Mapping | None,
    allowed: CollectOptions,
) -> Collected:
    """What `_read` makes of the table; where that refuses it, rows that are a header are told as such, and what else is wrong."""
    layout = layout_of(table, expected, mapping, organisation)
    if below := header_below(table, layout, expected):
        raise WaveError(below)
    try:
        return _read(table, layout, expected, register, organisation, allowed)
    except WaveError as refusal:
        others, problems = without_headers(table, layout, expected)
        if not problems:
            raise
        try:
            _read(others, layout, expected, register, organisation, allowed)
        except WaveError as rest:
            problems += rest.problems
        raise WaveError(problems) from refusal


def _read(
    table: Table,
    layout: Layout,
    expected: Expected,
    register: Register,
    organisation: str | None,
    allowed: CollectOptions,
) -> Collected:
    columns = check_columns(table, layout, expected, drop_extra=allowed.drop_extra)
    intake, set_aside, problems = _rows(table, _present(layout, table), expected, register, allowed)
    intake, answers, silent = _answering(intake)
    columns_found, checks = _columns(intake, organisation, allowed.today or date.today())
    problems = [*columns.problems, *problems, *(problem for found in checks for problem in found.problems), *answers.problems]
    problems += label_faults(table, layout, expected)
    problems += place_label_faults(table, _present(layout, table), expected, register)
    problems += misread(table, layout, expected)
    problems += fraction_faults(table, _present(layout, table), expected)
    if problems:
        raise WaveError(problems)
    answered, routed = asked_only(answers.columns, expected.questions)
    frame = pl.DataFrame([*columns_found, *answered])
    if twice := option_faults(intake, frame):
        raise WaveError(twice)
    if silent:
        set_aside[silence(expected)] = set_aside.get(silence(expected), 0) + silent
    if not frame.height and not allowed.allow_empty:
        raise WaveError(_no_responses(table.name, expected.wave, set_aside))
    notes = (*table.notes, *(note for found in checks for note in found.notes), *answers.notes, *routed)
    notes += (*unfinished_notes(intake), *fraction_notes(answers.columns, expected.questions))
    notes += (*label_notes(table, layout, expected), *group_label_notes(table, layout))
    return Collected(
        expected.population,
        expected.wave,
        tuple(frame["organisation"].drop_nulls().unique().sort().to_list()),
        frame,
        _receipt(table, layout, columns, frame.height, set_aside, answers, notes),
        asked_in(table, layout, expected),
    )


def read_arrived(file: Path, mapping: Mapping | None, options: CollectOptions | None = None) -> Table:
    """The cells of a file in the form that its mapping, or whoever loads it, states.

    Raises:
        WaveError: the file is not what it says, is damaged, or cannot be read in one way only.
    """
    return read_file(file, _form(file, mapping, options or CollectOptions()))


def _form(file: Path, mapping: Mapping | None, allowed: CollectOptions) -> FileForm:
    stated = mapping.file if mapping else FileForm.model_validate({"format": format_of(file)})
    said = {"encoding": allowed.encoding, "delimiter": allowed.delimiter, "sheet": allowed.sheet}
    return stated.model_copy(update={key: value for key, value in said.items() if value is not None})


def _present(layout: Layout, table: Table) -> Layout:
    """The layout without sources whose column the file lacks (told by the header's check), with the file's own missing codes."""
    names = set(table.cells.columns)
    return replace(
        layout,
        keys={key: source for key, source in layout.keys.items() if source.column is None or source.column in names},
        groups={group: source for group, source in layout.groups.items() if source.column is None or source.column in names},
        items={item: (column, source) for item, (column, source) in layout.items.items() if column in names},
        wave=layout.wave if layout.wave and layout.wave.column in names else None,
        declared=table.missing,
    )


def _rows(
    table: Table, layout: Layout, expected: Expected, register: Register, allowed: CollectOptions
) -> tuple[Intake, dict[str, int], list[Problem]]:
    """The rows of this wave that hold anything, what was set aside, and what is wrong with the rest."""
    cells, rows, set_aside = table.cells, table.rows, {}
    if not cells.height and not allowed.allow_empty:
        raise WaveError(_no_responses(table.name, expected.wave, {}))
    blank = cells.select(pl.all_horizontal(pl.all().is_null())).to_series() if cells.height else pl.Series([], dtype=pl.Boolean)
    if blank.any():
        set_aside["every cell blank"] = int(blank.sum())
        cells, rows = cells.filter(~blank), rows.filter(~blank)
    intake = Intake(table.name, cells, rows, table.form, layout, expected, register)
    intake, problems, others = of_this_wave(intake)
    return intake, set_aside | others, problems


def _columns(intake: Intake, organisation: str | None, today: date) -> tuple[list[pl.Series], list[Found]]:
    """The canonical columns before the items, in their order, and the checks behind them."""
    place = organisations(intake, organisation)
    unit = units(intake, place.values)
    checks = [
        place,
        unit,
        arms(intake, unit.values),
        respondents(intake, place.values),
        answered_on(intake, today),
        base(intake),
        *(groups(intake, name) for name in intake.expected.groups),
    ]
    wave = pl.repeat(intake.expected.wave, intake.total, dtype=pl.String, eager=True).alias("wave")
    return [wave, *(found.values for found in checks)], checks


def _answering(intake: Intake) -> tuple[Intake, Answers, int]:
    """The rows that answer at least one item, their answers, and how many rows do not.

    Somebody who opened the survey and left has often not even said where they work: their rows are set aside before anything else
    of them is judged or counted. That other answers lead past a question leaves no row silent, for those stay.
    """
    answers = check_answers(intake)
    if not answers.silent.any():
        return intake, answers, 0
    kept = intake.where_holds(~answers.silent)
    return kept, replace(check_answers(kept), notes=answers.notes), int(answers.silent.sum())


def _no_responses(name: str, wave: str, set_aside: dict[str, int]) -> Problem:
    aside = "; ".join(f"{counted(count, 'row', 'rows')} set aside: {reason}" for reason, count in set_aside.items())
    return Problem(
        f"the file holds no responses for wave '{wave}'.",
        f"{name}{'; ' + aside if aside else ''}",
        "export the answers, or say --allow-empty when nobody answered.",
        "no-responses",
    )


def _receipt(
    table: Table, layout: Layout, columns: Columns, kept: int, set_aside: dict[str, int], answers: Answers, notes: tuple[str, ...]
) -> Receipt:
    filled = {
        name: table.cells.height - table.cells[name].null_count()
        for name in (*layout.drop, *columns.extra)
        if name in table.cells.columns
    }
    identifiers = [name for name in filled if name in layout.drop or seems_identifier(table, name)]
    missing = {code: count for code, count in answers.missing.items() if count}
    return Receipt(
        table.name,
        table.cells.height,
        kept,
        set_aside,
        {name: filled[name] for name in identifiers},
        {name: count for name, count in filled.items() if name not in identifiers},
        missing,
        notes,
    )
