"""Whose row is it? Wave, arm and respondent of every row, against the register and the command; where, in places.py."""

from dataclasses import dataclass

import polars as pl

from evaluation.errors import Problem
from evaluation.organisations.register import Register
from evaluation.terms import Level
from evaluation.waves.checks.answers import check_answers, silence
from evaluation.waves.checks.faults import counted, listed, shown
from evaluation.waves.checks.identifiers import SOME_FORM, identifying_values
from evaluation.waves.checks.intake import Intake, first_values, replaced, without
from evaluation.waves.checks.nobodys_rows import NOBODYS, leave_out, summaries_by_group, summary_rows, without_nobodys
from evaluation.waves.checks.respondent_ids import DAY_LIKE, POINTED, ROUNDED, as_days, failed, whole_ids

_UNUSUAL = rf"{POINTED}|{SOME_FORM}|{DAY_LIKE}|^0|^#|[A-Z]|^[a-z ]+$|[^\x20-\x7e]|{NOBODYS}"
"""Ids without any of this are no words, days or numbers with a point, identify nobody, and can be spelled in one way only."""

SHARED_BY = 3
"""Rows of an organisation from which one id on most of them may be a link's, as well as a person's who answered again."""


@dataclass(frozen=True)
class Found:
    """A canonical column (R,), what is wrong with it, and what is worth noting."""

    values: pl.Series
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()


def of_this_wave(intake: Intake) -> tuple[Intake, list[Problem], dict[str, int]]:
    """The rows of the wave that the command names, what is wrong with the others, and how many are set aside, by reason."""
    intake, set_aside = without_nobodys(intake)
    source = intake.layout.wave
    if source is None or not intake.total:
        return intake, [], set_aside
    wanted = intake.expected.wave
    text, strange = replaced(without(intake.column(source.column), intake.layout.unsaid(source)), source.codes)
    known = text.is_in(list(intake.expected.waves)).fill_null(False) & ~(strange if source.codes else strange & False)
    here = (text == wanted).fill_null(False) & known
    other = known & ~here
    kept, unknown = intake.where_holds(here), ~known
    if (unsaid := unknown & text.is_null()).any():
        silent = unsaid.clone().scatter(unsaid.arg_true(), check_answers(intake.where_holds(unsaid)).silent)
        unknown &= ~silent
        set_aside |= {silence(intake.expected): int(silent.sum())} if silent.any() else {}
    problems = intake.fault(
        "wave-unknown",
        unknown,
        f"name no wave of the protocol in column {shown(source.column)}",
        "correct the export, or give the wave's code in a mapping.",
        columns=(source.column,),
        values=intake.column(source.column),
    )
    if source.other_waves == "set aside" and intake.layout.mapped:
        count = int(other.sum())
        return kept, problems, set_aside | ({"another wave": count} if count else {})
    found = listed([shown(value) for value in first_values(text.filter(other))])
    problems += intake.fault(
        "wave-differs",
        other,
        f"belong to {found}, but the command says '{wanted}'",
        "load each wave under its name, or let a mapping set other waves aside.",
        columns=(source.column,),
    )
    return kept, problems, set_aside


def stated_of(register: Register, column: str) -> dict[str, str]:
    """What the register says of every unit that answers can be stored for, former ones too."""
    every = register.answering
    return dict(zip(every.index.astype(str), every[column].astype(str), strict=True))


def arms(intake: Intake, unit: pl.Series) -> Found:
    """The arm of every row where people were assigned; elsewhere null, and a column of that name must agree with the register."""
    text = intake.key("arm")
    nothing = pl.repeat(None, intake.total, dtype=pl.String, eager=True).alias("arm")
    if text is None:
        return Found(nothing)
    known = text.is_in(list(intake.expected.arms)).fill_null(False)
    names, column = listed(intake.expected.arms), intake.columns_of("arm")
    problems = intake.fault(
        "unknown-arm",
        ~known & text.is_not_null(),
        "name an arm that the protocol does not have",
        f"arms: {names}.",
        columns=column,
        values=text,
    )
    if "arm" in intake.expected.required:
        fix = f"give the arm of every respondent: {names}."
        problems += intake.fault("arm-blank", text.is_null(), "name no arm", fix, columns=column)
        return Found(text, tuple(problems))
    registered = unit.replace_strict(stated_of(intake.register, "arm"), default=None, return_dtype=pl.String)
    problems += intake.fault(
        "arm-differs",
        known & (registered != text).fill_null(False),
        "state another arm than the register",
        "correct the export, or organisations.csv; the arm is the one first assigned.",
        columns=column,
    )
    return Found(nothing, tuple(problems))


def respondents(intake: Intake, organisation: pl.Series) -> Found:
    """Who answered: given where people are linked, each once in a wave, and no identifier unless a mapping declares it."""
    text = intake.key("respondent")
    nothing = pl.repeat(None, intake.total, dtype=pl.String, eager=True).alias("respondent")
    if intake.expected.level is Level.ORGANISATION:
        return Found(nothing, tuple(_organisations_twice(intake, organisation)))
    summaries = _summaries(intake)
    if text is None:
        return Found(nothing, tuple(summaries))
    written, unusual = text, text.str.contains(_UNUSUAL).any()
    text = whole_ids(text) if unusual else text
    rounded = text.str.contains(ROUNDED).fill_null(False) if unusual else text.is_null() & False
    pairs = pl.DataFrame({"organisation": organisation, "respondent": text})
    firsts = text.is_first_distinct() & text.is_not_null()
    repeated = _repeated(text, firsts) & ~rounded
    problems = _duplicates(intake, pairs, repeated) if repeated.any() else []
    problems += intake.fault(
        "rounded-id",
        rounded,
        "name their respondent by a number that a spreadsheet rounded",
        "keep the ids as text: format the column as text before the ids are pasted, or export CSV from the survey tool.",
        columns=intake.columns_of("respondent"),
    )
    problems += (_no_people(intake, text) if unusual else []) + summaries
    if intake.expected.links:
        problems += intake.fault(
            "respondent-blank",
            text.is_null(),
            "name no respondent",
            "give every respondent the id that links the waves.",
            columns=intake.columns_of("respondent"),
        )
    kind = identifying_values(text, is_key=True) if unusual else None
    if kind and not intake.layout.mapped:
        problems.append(
            Problem(
                f"the respondent ids look like {kind}.",
                f"{intake.name}, column 'respondent'; values are not shown",
                "use ids made for the study, or declare the column in a reviewed mapping.",
                "identifying-values",
                cells=intake.headings("respondent"),
            )
        )
    notes = [f"respondent ids look like {kind}; the store keeps pseudonyms only"] if kind else []
    if pointed := 0 if text is written else int((written != text).sum()):
        are = counted(pointed, "respondent id is a whole number", "respondent ids are whole numbers")
        notes.append(f"{are} written with a point or a power (1000.0), and read without (1000)")
    if alike := _alike(pairs.drop_nulls("respondent"), int(firsts.sum())) if unusual else 0:
        notes.append(
            f"{alike:,} respondent ids differ from another of their organisation in letter case or noughts in front only"
        )
    if several := _in_several_organisations(pairs.filter(repeated)) if repeated.any() else 0:
        occur = counted(several, "respondent id occurs", "respondent ids occur")
        notes.append(f"{occur} in more than one organisation; each counts as a person of its own there")
    return Found(text, tuple(problems), tuple(notes))


def _organisations_twice(intake: Intake, organisation: pl.Series) -> list[Problem]:
    again = organisation.is_not_null() & organisation.is_duplicated()
    return intake.fault(
        "duplicate-organisation",
        again,
        "share their organisation with another row",
        "an organisation has one row in a wave.",
        columns=intake.columns_of("organisation"),
    )


def _repeated(ids: pl.Series, firsts: pl.Series) -> pl.Series:
    """(R,) whether a respondent's id stands in several rows, of whatever organisations; `firsts` are the first rows of ids."""
    again = ids.filter(~firsts & ids.is_not_null()).unique()
    return ids.is_in(again.implode()).fill_null(False) if len(again) else ids.is_null() & False


def _delete(columns: tuple[str, ...]) -> str:
    return f"delete them, or in a mapping's file block {leave_out(columns)}"


def _summaries(intake: Intake) -> list[Problem]:
    """Rows that are called a total or a mean in a group, and tell nothing else of anybody."""
    says = "are called a total, a mean or the like in a group, without a day, another group or an id as others have"
    found = {intake.columns_of(group): rows for group, rows in summaries_by_group(intake).items()}
    return [
        problem
        for columns, rows in found.items()
        for problem in intake.fault("summary-row", rows, says, f"{_delete(columns)}.", columns=columns)
    ]


def _no_people(intake: Intake, ids: pl.Series) -> list[Problem]:
    """Ids that are no person's: what the last rows of a table are called, errors, days; and ids with signs that nobody sees."""
    columns = intake.columns_of("respondent")
    return (
        _damaged(intake, ids)
        + intake.fault(
            "summary-row",
            summary_rows(intake, ids),
            "are called a total, a mean, a test or the like where the respondent's id stands",
            f"{_delete(columns)}; where it is somebody's id, give another one under 'codes' of 'respondent' in a mapping.",
            columns=columns,
        )
        + intake.fault(
            "hidden-sign",
            ids.str.contains(r"[\p{Cc}\p{Cf}]").fill_null(False),
            "name their respondent with a sign that cannot be seen (a line break, a tab, a space of no width)",
            "delete it; the same person without it would be somebody else.",
            columns=columns,
        )
    )


def _damaged(intake: Intake, ids: pl.Series) -> list[Problem]:
    """What a spreadsheet put in the place of ids: two people may have come to have the same."""
    columns = intake.columns_of("respondent")
    return intake.fault(
        "failed-id",
        failed(ids),
        "name their respondent by an error of a spreadsheet (#N/A, #REF!, ####)",
        "mend the formula that looks the ids up, or widen the column, and export again; who it was is not in the file.",
        columns=columns,
    ) + intake.fault(
        "day-for-id",
        as_days(ids),
        "name their respondent by a day, and others do not: a spreadsheet makes 01-Mar of 1-3 and of MAR1",
        "keep the ids as text: format the column as text before the ids are pasted, or export CSV from the survey tool.",
        columns=columns,
    )


def _duplicates(intake: Intake, pairs: pl.DataFrame, repeated: pl.Series) -> list[Problem]:
    """Respondents with several rows in one organisation, and ids that are nobody's; ids are counted and never named."""
    twice = pairs.filter(repeated).is_duplicated()
    again = repeated.clone().scatter(repeated.arg_true(), twice)
    nobodys = again.clone().scatter(again.arg_true(), _of_most_rows(pairs.filter(again), pairs["organisation"]))
    again &= ~nobodys
    people = pairs.filter(again).n_unique()
    says = f"come from {people:,} {'respondent who has' if people == 1 else 'respondents who have'} more than one row"
    fix, columns = "keep one row a respondent and wave; ids are not shown.", intake.columns_of("respondent")
    return _one_for_all(intake, pairs, nobodys) + intake.fault("duplicate-respondent", again, says, fix, columns=columns)


def _of_most_rows(again: pl.DataFrame, organisation: pl.Series) -> pl.Series:
    """Of rows whose id has several, whether it stands in most rows of its organisation, of three at least."""
    here = again["organisation"].unique().implode()
    rows = organisation.filter(organisation.is_in(here)).alias("organisation").value_counts(name="rows")
    same = pl.len().over("organisation", "respondent")
    most = (same >= SHARED_BY) & (2 * same > pl.col("rows"))
    both = again.join(rows, on="organisation", how="left", maintain_order="left")
    return both.select(most.fill_null(False).alias("")).to_series()


def _one_for_all(intake: Intake, pairs: pl.DataFrame, nobodys: pl.Series) -> list[Problem]:
    """Ids that name a link or a collector, or say 'anonymous', and no person."""
    count = pairs.filter(nobodys)["respondent"].n_unique()
    shared = counted(count, "id", "ids")
    says = f"share {shared} with most rows of their organisation: a link's and no person's, or somebody's who answered again"
    leave = "leave the ids out (in a mapping take 'respondent' away, and list the column under 'ignore')"
    without = f"{leave}: rows without an id are read, and waves compared without recognising anybody"
    if intake.expected.links:
        declared = f"'linkage: {intake.expected.linkage}'"
        without = f"if nobody has one, declare 'linkage: none' in protocol.yaml instead of {declared}, and {without}"
    fix = f"read the column that holds each person's own id; where one person answered several times, keep one row; {without}."
    return intake.fault("one-id-for-all", nobodys, says, fix, columns=intake.columns_of("respondent"))


def _alike(pairs: pl.DataFrame, different: int) -> int:
    """Ids that another id of the organisation spells in another way, or may: each is a person of its own all the same."""
    plain = pl.col("respondent").str.to_lowercase().str.strip_chars_start("0")
    if pairs.select(plain.n_unique()).item() == different:
        return 0
    return int(pairs.unique().select("organisation", plain).is_duplicated().sum())


def _in_several_organisations(pairs: pl.DataFrame) -> int:
    pairs = pairs.drop_nulls().unique()
    return pairs["respondent"].filter(pairs["respondent"].is_duplicated()).n_unique()
