"""Groups of people: stored as they are, so names, other identifiers and free text are refused and values never shown.

A group is one of a few categories. What looks like people's names may be categories all the same ('Kingsley Court'): a reviewed
mapping that lists them under 'codes' says so, value by value. So it says of what looks like free text ('Feedback in person').
"""

import re
from collections.abc import Iterator

import polars as pl

from evaluation.errors import Problem
from evaluation.protocol.mapping import Source
from evaluation.waves.checks.answer_faults import WRITTEN_FOR_NOTHING
from evaluation.waves.checks.faults import NOT_SHOWN, listed, shown, shown_answer
from evaluation.waves.checks.identifiers import WHOLE_NAME, header_words, identifying_values, is_free_text, named_identifier
from evaluation.waves.checks.intake import Intake
from evaluation.waves.checks.mapping_text import scalar
from evaluation.waves.checks.rows import Found

_CATEGORIES = r"""
academic|accountant|acute|admin\w*|adult|afternoon|age|allied|ambulance|american|analyst|ancillary|apprentice|arab|area|asian|
assistant|associate|avenue|band|bangladeshi|bank|black|board|branch|british|business|campus|care|carer|caretaker|caribbean|
central|centre|charge|child\w*|chinese|christian|cleaner|clerical|clinic|clinical|college|community|consultant|controller|
corporate|council|county|critical|day|dental|department|depot|digital|director|directorate|disabled|district|division|doctor|
domestic|driver|early|east|eastern|education|electrician|emergencies|emergency|engineer|english|estates|european|evening|
executive|facilities|factory|faculty|family|female|finance|fixed|foundation|full|garage|general|greater|group|health\w*|
heterosexual|higher|home|hospital|housekeeper|human|humber|indian|infrastructure|inpatients?|instructor|irish|junior|kitchen|know|
laboratory|late|lead|learning|lecturer|library|london|long|lower|maintenance|male|management|manager|managers|married|maternity|
mechanic|medical|medicine|mental|middle|midlands|midwife|midwifery|mixed|morning|never|night|no|non|north|northern|not|nurse|
nurses|nursing|occupational|office|officer|older|operations|operator|other|outpatients?|overnight|paediatric\w*|pakistani|park|
part|patient|permanent|pharmacy|physio\w*|practice|practitioner|prefer|primary|prison|professional|programmer|project|public|
qualified|receptionist|records?|reg\w*|research\w*|resources|road|say|school|science|scientific|scottish|secondary|secretary|
senior|services?|shift|short|single|site|social|south|southern|specialist|staff|station|stay|store|street|student|supervisor|
support|surgery|surgical|teachers?|teaching|team|technical|technician|temporary|term|theatres?|therap\w*|time|trainee|transport|
treatment|trust|undergraduate|unit|university|upper|urgent|visit|visiting|volunteers?|ward|warehouse|welsh|west|western|white|
women\w*|work\w*|years?|yes|yorkshire|young
"""
_CATEGORY = rf"(?i)\b({''.join(_CATEGORIES.split())})\b"
_ANSWERS = r"""
a|agree|all|always|at|average|completely|deal|disagree|dissatisfied|excellent|extent|extremely|fair|fairly|false|frequently|good|
great|large|little|lot|moderately|most|neither|neutral|never|none|nor|not|occasionally|of|often|poor|quite|rarely|satisfied|seldom|
slightly|some|sometimes|somewhat|strongly|tend|the|time|to|true|undecided|unsure|usually|very
"""
_ANSWER = rf"(?i)^(({''.join(_ANSWERS.split())})( |$))+$"
_ONE_NAME = r"^\p{Lu}\p{Ll}{2,}$"
_TITLED = r"^(Dr|Mr|Mrs|Ms|Prof)\.? "
_OF_PEOPLE = re.compile(
    r"\b(manager|supervisor|mentor|matron|appraiser|consultant|interviewer|author|seen by|who (saw|treated) you)\b|\blead(er)?$"
)
"""Headers under which people stand; 'Ward manager' among them, and 'Lead organisation' not."""
_NAMES = re.compile(r"\b(names?|named)\b")
_OF_JOBS = re.compile(
    r"\b(job (title|role|family|group|category|grade|level)|occupation|profession)s?\b|\b(job|post|position|role|grade)$"
)
_OF_PLACES = re.compile(
    r"\b(organi[sz]ation|employer|trust|ward|site|unit|hospital|department|directorate|division|clinic|service|place|location|depot|"
    r"branch|office|school|college|factory|plant|shop|store|station|area|region|district)( (name|code|id|number))?$"
)
"""Headers that end on a place: 'Ward name', and not 'Ward sister'."""
_OF_THINGS = re.compile(
    r"\b(organi[sz]ation|employer|trust|ward|site|team|unit|group|hospital|department|clinic|service|place|depot|branch|office|school)\b"
)
_SENTENCE = r"^(\S+\s+){4,}\S+$"
_SAID = r"(?i)[.!?]['\"’”)]*$|[.!?] \p{Lu}|\b(i|i'm|i’m|i've|i’ve|my|me|we|our|us)\b"
SHORT = 40
"""Characters up to which a value of five words is a category."""


def groups(intake: Intake, name: str) -> Found:
    """One group column as text; values that may name or quote people are refused."""
    source = intake.layout.groups.get(name)
    if source is None:
        return Found(pl.repeat(None, intake.total, dtype=pl.String, eager=True).alias(name))
    text, strange = intake.text(source)
    different = text.drop_nulls().unique()
    nothing = different.filter(_says_nothing(different) & ~different.is_in(list(source.codes.values())))
    unsaid = text.is_in(nothing.to_list()).fill_null(False) if len(nothing) else text.is_null() & False
    text, strange = (text.set(unsaid, None), strange & ~unsaid) if len(nothing) else (text, strange)
    problems = intake.fault(
        "unknown-group",
        strange,
        f"hold a value of '{name}' that the mapping does not know",
        _known(text.filter(strange), source),
        columns=intake.columns_of(name),
        values=text,
    )
    where = f"{intake.name}, column {shown(source.column or '')}; values are not shown"
    fix = "a group is one of a few categories: export those."
    listing = f"{fix[:-1]}, or, if these are categories, list every one under 'codes' in a reviewed mapping."
    different = different.filter(~different.is_in(nothing.to_list()))
    if unfit := _unfit(text, different, source, name, closed=bool(source.codes) and not strange.any()):
        says, code, is_listable = unfit
        problems.append(
            Problem(f"the group '{name}' {says}.", where, listing if is_listable else fix, code, 1, intake.headings(name))
        )
    notes = (*_declared_note(name, intake.unsaid(source)), *_notes(name, different, int(unsaid.sum())))
    return Found(text.alias(name), tuple(problems), notes)


def _known(strange: pl.Series, source: Source) -> str:
    """Which values a mapping knows in a group's column, and what becomes of one that it does not."""
    value = scalar(strange[0]) if len(strange) and shown_answer(strange[0]) != NOT_SHOWN else "VALUE"
    known = listed([shown(code) for code in source.codes])
    line = f"{value}: CATEGORY"
    return f"the mapping knows {known}: correct the cell, or add {line} to its 'codes', with what the supplier says it is."


def _says_nothing(values: pl.Series) -> pl.Series:
    """What programs write where nothing was said; 'None' and 'Prefer not to say' may be categories."""
    return values.str.to_lowercase().is_in([*WRITTEN_FOR_NOTHING, "nan"]) | values.str.contains("^-+$")


def _declared_note(name: str, count: int) -> Iterator[str]:
    if count:
        cells = "cell that file or mapping declares" if count == 1 else "cells that file or mapping declare"
        yield f"group '{name}': {count:,} {cells} to be no answer, read as not stated"


def _notes(name: str, different: pl.Series, unsaid: int) -> Iterator[str]:
    """How many rows say nothing in a word, and how many categories are written in several ways; none of them is shown."""
    if unsaid:
        yield f"group '{name}': {unsaid:,} {'cell' if unsaid == 1 else 'cells'} such as 'N/A', '-' or 'nan' read as not stated"
    plain = different.str.strip_chars().str.replace_all(r"\s+", " ").str.to_lowercase()
    if several := plain.filter(plain.is_duplicated()).n_unique():
        are = "category is" if several == 1 else "categories are"
        yield (
            f"group '{name}': {several:,} {are} written in several ways that differ in letter case or spaces only, each "
            "counted as a group of its own; 'codes' in a mapping makes them one"
        )


def _unfit(text: pl.Series, different: pl.Series, source: Source, name: str, *, closed: bool) -> tuple[str, str, bool] | None:
    """What a group's values are instead of categories, its code, and whether a mapping's list of codes would allow them.

    `closed` says that every value is listed under the mapping's codes: such a vocabulary is no free text, whatever its header.
    """
    if kind := identifying_values(text, is_key=False):
        return f"seems to hold {kind}", "identifying-values", False
    if not closed and is_free_text(text):
        return "holds free text", "free-text-column", True
    if source.codes:
        return None
    if names_people(different, source.column or name):
        return "seems to hold names of people", "identifying-values", True
    return ("holds sentences", "free-text-column", True) if holds_sentences(different) else None


def names_people(values: pl.Series, header: str) -> bool:
    """Whether most values are people's names, of which no list can be made: two capitalised words or more, and no category.

    The header decides what looks alike. Under a job or a place ('Job title', 'Depot') capitals are 'Pot Washer' and 'Ash Lane',
    unless most have a title; under one of people ('Line manager') one whole name is enough, and a single word may be a name.
    """
    different = values.drop_nulls().unique()
    if not len(different):
        return False
    words = header_words(header)
    is_job, is_place = bool(_OF_JOBS.search(words)), bool(_OF_PLACES.search(words))
    asks_names = named_identifier(header) is not None or _NAMES.search(words) is not None
    of_people = not is_job and bool(_OF_PEOPLE.search(words) or (asks_names and not _OF_THINGS.search(words)))
    free = ~(different.str.contains(_CATEGORY) | different.str.contains(_ANSWER))
    is_whole = different.str.contains(WHOLE_NAME) & free
    if is_job or (is_place and not of_people):
        is_whole &= different.str.contains(_TITLED)
    whole = int(is_whole.sum())
    single = int((different.str.contains(_ONE_NAME) & free).sum()) if of_people else 0
    return bool(of_people and whole) or whole + single > len(different) / 2


def holds_sentences(values: pl.Series) -> bool:
    """Whether any value is a sentence: five words or more, long, and with a full stop or somebody who says 'I' or 'we'."""
    different = values.drop_nulls().unique()
    long = different.filter(different.str.len_chars() > SHORT)
    return bool((long.str.contains(_SENTENCE) & long.str.contains(_SAID)).any())
