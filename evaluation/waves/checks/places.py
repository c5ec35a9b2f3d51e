"""Where does a row belong? Organisation and unit of every row, against the register and the command."""

from collections.abc import Callable
from difflib import get_close_matches

import polars as pl

from evaluation.errors import Problem
from evaluation.organisations.register import plain_name
from evaluation.waves.checks.faults import FIRST, counted, listed, shown, shown_place
from evaluation.waves.checks.intake import Intake, first_values
from evaluation.waves.checks.mapping_text import value_flow
from evaluation.waves.checks.nobodys_rows import leave_out, nobodys_names
from evaluation.waves.checks.rows import Found, stated_of
from evaluation.waves.readers.redcap import EVENT


def organisations(intake: Intake, wanted: str | None) -> Found:
    """The organisation of every row, in the register and, when the command names one, that one."""
    text = intake.key("organisation")
    if text is None:
        return Found(pl.repeat(None, intake.total, dtype=pl.String, eager=True).alias("organisation"))
    if intake.layout.by_name:
        text, several = _by_name(intake, text)
        if several:
            return Found(text, tuple(several))
    else:
        text = _plainly_spaced(intake, text)
    known = text.is_in(intake.register.organisations).fill_null(False)
    problems = intake.fault(
        "organisation-blank",
        text.is_null(),
        "name no organisation",
        _once_asked(intake, text.is_null()) or "give the organisation's code in every row.",
        columns=intake.columns_of("organisation"),
    )
    problems += _unknown_organisations(intake, text, ~known & text.is_not_null())
    if wanted is not None and wanted not in intake.register.organisations:
        close = intake.register.nearest(wanted)
        problems.append(
            Problem(
                f"the command names organisation {shown(wanted)}, which the register does not hold.",
                "organisations.csv",
                f"did you mean '{close}'?" if close else "see organisations.csv.",
                "unknown-organisation",
            )
        )
    elif wanted is not None:
        other = known & (text != wanted)
        found = _several(text.filter(other), shown)
        problems += intake.fault(
            "organisation-differs",
            other,
            f"belong to {found}, but the command says '{wanted}'",
            "load the file of that organisation, or leave --organisation out.",
            columns=intake.columns_of("organisation"),
        )
    return Found(text, tuple(problems))


def _once_asked(intake: Intake, blank: pl.Series) -> str:
    """Of a record that REDCap asks in several events, how a mapping takes what is asked in one of them only; else nothing."""
    columns, record = intake.columns_of("organisation"), intake.cells.columns[0]
    if intake.form.format != "redcap" or EVENT not in intake.cells.columns or record in intake.form.same_for or not columns:
        return ""
    unsaid = intake.cells.filter(blank)
    groups = [name for name in intake.columns_of(*intake.layout.groups) if unsaid[name].null_count() == unsaid.height]
    declared = value_flow({record: [*columns, *groups]})
    how = f"declare 'same_for: {declared}' in the mapping's file block"
    return f"where another event of the same record says it, {how}; else give the organisation's code in every row."


def _by_name(intake: Intake, text: pl.Series) -> tuple[pl.Series, list[Problem]]:
    """Names as the codes of the register; one that it lacks stays as it is, and one that several organisations have is told."""
    meant = intake.register.by_name(intake.expected.opens)
    found = {name: meant.get(plain_name(name), ()) for name in text.drop_nulls().unique().to_list()}
    unclear = text.is_in([name for name, codes in found.items() if len(codes) > 1]).fill_null(False)
    problems = intake.fault(
        "several-organisations",
        unclear,
        "name an organisation by a name that several of the register have",
        "tell them apart in organisations.csv, or give the codes in the mapping: 'codes'.",
        columns=intake.columns_of("organisation"),
        values=text,
        shows=shown_place,
    )
    codes = {name: codes[0] for name, codes in found.items() if codes}
    return text.replace(codes).alias("organisation"), problems


def _plainly_spaced(intake: Intake, text: pl.Series) -> pl.Series:
    """Spellings that only their spaces, such as a no-break one, keep from being a code of the register or one under 'codes'."""
    codes = intake.layout.keys["organisation"].codes
    meant: dict[str, set[str]] = {}
    for spelling, code in [*codes.items(), *((code, code) for code in intake.register.organisations)]:
        meant.setdefault(" ".join(spelling.split()), set()).add(code)
    odd = [name for name in text.drop_nulls().unique().to_list() if name not in intake.register.organisations]
    found = {name: meant.get(" ".join(name.split()), set()) for name in odd}
    single = {name: next(iter(ones)) for name, ones in found.items() if len(ones) == 1}
    return text.replace(single) if single else text


def _several(values: pl.Series, say: Callable[[str], str]) -> str:
    """The first five different values, and how many more there are."""
    rest = values.n_unique() - FIRST
    return listed([say(value) for value in first_values(values)]) + (f" and {rest:,} more" if rest > 0 else "")


def _unknown_organisations(intake: Intake, text: pl.Series, unknown: pl.Series) -> list[Problem]:
    spellings = intake.layout.keys["organisation"].codes
    known = [*spellings, *intake.register.names.values(), *([] if intake.layout.by_name else intake.register.organisations)]
    hints = _several(text.filter(unknown), lambda code: _with_nearest(code, known))
    different = counted(text.filter(unknown).n_unique(), "organisation", "organisations")
    says = f"belong to {different} unknown to the register: {hints}"
    fix = "correct the code, list the spelling under 'codes' in a mapping, or add the organisation to organisations.csv."
    if nobodys_names(text.filter(unknown)).any():
        fix += f" Rows of totals and means: in a mapping's file block, {leave_out(intake.columns_of('organisation'))}."
    columns = intake.columns_of("organisation")
    return intake.fault("unknown-organisation", unknown, says, fix, columns=columns)


def _with_nearest(code: str, known: list[str]) -> str:
    """A code or a name and the known one most like it; codes are short, so less likeness is asked than of words."""
    close = get_close_matches(code.casefold(), [name.casefold() for name in known], n=1, cutoff=0.4)
    same = {name.casefold(): name for name in reversed(known)}
    if code.casefold() in same:
        return f"{shown_place(code)} (a name in the register, where codes are read: list it under 'codes')"
    return f"{shown_place(code)} (nearest: {same[close[0]]})" if close else shown_place(code)


def units(intake: Intake, organisation: pl.Series) -> Found:
    """The assigned unit of every row: the organisation itself, or the team or site that the row names."""
    if not intake.expected.assigns_inside:
        return Found(organisation.alias("unit"), tuple(_ended(intake, organisation, "organisation")))
    text = intake.key("unit")
    if text is None:
        return Found(pl.repeat(None, intake.total, dtype=pl.String, eager=True).alias("unit"))
    word = intake.expected.assignment.value
    owner = stated_of(intake.register, "organisation")
    known = text.is_in(list(owner)).fill_null(False)
    column = intake.columns_of("unit")
    problems = intake.fault("unit-blank", text.is_null(), f"name no {word}", f"give the {word} in every row.", columns=column)
    unknown = ~known & text.is_not_null()
    hints = _several(text.filter(unknown), lambda code: _with_nearest(code, list(owner)))
    problems += intake.fault(
        "unknown-unit",
        unknown,
        f"belong to a {word} unknown to the register: {hints}",
        "correct the code, or add it to organisations.csv.",
        columns=column,
    )
    belongs = text.replace_strict(owner, default=None, return_dtype=pl.String)
    astray = known & organisation.is_not_null() & (belongs != organisation).fill_null(False)
    problems += intake.fault(
        "unit-astray",
        astray,
        f"name a {word} of another organisation than their own",
        "correct one of the two columns.",
        columns=intake.columns_of("unit", "organisation"),
    )
    problems += _ended(intake, text, "unit")
    return Found(text, tuple(problems))


def _ended(intake: Intake, unit: pl.Series, column: str) -> list[Problem]:
    """Rows of a unit that had become another before the wave opened."""
    former = intake.register.former
    since = {str(code): day for code, day in former["became_on"].items() if day <= intake.expected.opens}
    if not since:
        return []
    over = unit.is_in(list(since)).fill_null(False)
    now = {str(code): str(unit) for code, unit in former["became"].items()}
    says = _several(unit.filter(over), lambda code: f"{shown(code)} ('{now[code]}' since {since[code]})")
    return intake.fault(
        "organisation-ended",
        over,
        f"belong to what had become another before the wave opened: {says}",
        "correct the export or the day in organisations.csv, or give the new code in the mapping: 'codes'.",
        columns=intake.columns_of(column),
    )
