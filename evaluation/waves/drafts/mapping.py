"""Drafting a mapping: what the columns of a supplier's file probably are, as YAML that a person reviews once.

A draft never loads as it is: `reviewed_by` is empty. CHECK marks what was guessed from little, DECIDE what the file does not
say. Columns that identify people stand under `drop`, whatever they might be good for.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from evaluation.organisations.register import Register
from evaluation.protocol.documents import Documents
from evaluation.protocol.mapping import FileForm
from evaluation.terms import Level
from evaluation.waves.checks.day_orders import OTHER_WORD, written_in_two_ways
from evaluation.waves.checks.expected import expect
from evaluation.waves.checks.faults import listed, shown_place
from evaluation.waves.checks.identifiers import identifying_values, is_free_text
from evaluation.waves.checks.likeness import fold
from evaluation.waves.checks.mapping_text import comment, flow, listing, scalar, value_flow
from evaluation.waves.drafts.guesses import Guess, day_order, is_ambiguous_day
from evaluation.waves.drafts.item_lines import MOST_ANSWERS, item_lines, source_flow, why
from evaluation.waves.drafts.person_columns import quotes_people
from evaluation.waves.drafts.proposal import NAMED_GROUP, Proposal, propose
from evaluation.waves.readers import Table, read_file
from evaluation.waves.readers.recognise import recognised


def draft_mapping(file: Path, documents: Documents, register: Register, population: str, *, form: FileForm | None = None) -> str:
    """A mapping for `file`, drafted as YAML for a person to review.

    Args:
        file: a supplier's export.
        documents: the study's documents.
        register: its organisations, whose codes and names are looked for.
        population: whom the file asks.
        form: how the file is written down, where it has to be said (a sheet, an encoding).

    Raises:
        UsageError: the protocol has no such population.
        WaveError: the file cannot be read.
    """
    seen = recognised(file, form)
    return draft_from_table(read_file(file, seen.form), documents, register.names, population, seen.saw)


def draft_from_table(table: Table, documents: Documents, organisations: Mapping[str, str], population: str, saw: str = "") -> str:
    """The draft for cells already read; `organisations` are names by code, `saw` is what spoke for the form of the file."""
    expected = expect(documents, population, next(iter(documents.protocol.waves)))
    proposal = propose(table, expected, documents.protocol, organisations)
    lines = [*_head(proposal, saw), *_keys(proposal, organisations), *_groups(proposal), *item_lines(proposal), *_rest(proposal)]
    return "\n".join(lines) + "\n"


def _head(proposal: Proposal, saw: str) -> Iterator[str]:
    name = proposal.table.name
    yield f"# Draft: how {name} is read as answers of '{proposal.expected.population}'. Read it beside the file, line by line."
    yield "# CHECK: guessed from little. DECIDE: the file does not say. Number codes are taken at their face value."
    yield "# Every column is read, dropped (it identifies people; counted, never stored) or ignored (nobody needs it)."
    for note in proposal.table.notes:
        yield f"# Seen: {note}."
    yield f"mapping: {slug(name)}"
    yield "version: 1"
    yield "reviewed_by:   # your name, when you have read all of it; a mapping that nobody reviewed loads nothing"
    yield f"population: {proposal.expected.population}"
    form = proposal.form.model_dump(exclude_none=True, exclude_defaults=True)
    said = {key: value_flow(value) for key, value in form.items() if key != "format" and (key, value) != ("delimiter", ",")}
    yield f"file: {flow({'format': proposal.form.format} | said)}{comment(f'CHECK: {saw}' if saw else None)}"


def slug(name: str) -> str:
    """A document's name from a file's: small letters, digits and hyphens."""
    words = re.sub(r"[^a-z0-9]+", "-", Path(name.removesuffix(".gz")).stem.casefold()).strip("-")
    return (words if words[:1].isalpha() else f"file-{words}".strip("-"))[:60]


def _keys(proposal: Proposal, organisations: Mapping[str, str]) -> Iterator[str]:
    yield from _organisation(proposal, organisations)
    wave = proposal.keys.get("wave")
    if wave is not None:
        several = proposal.table.frame[wave.column].n_unique() > 1
        rest = {"other_waves": "set aside"} if several else {}
        yield f"wave: {source_flow(wave, proposal.codes.get('wave', {}), rest)}{why(wave)}"
    for key in ("unit", "arm", "respondent", "answered_on", "base"):
        guess = proposal.keys.get(key)
        if guess is not None:
            yield f"{key}: {source_flow(guess, proposal.codes.get(key, {}))}{_key_comment(proposal, key, guess)}"
        elif key in proposal.expected.required:
            yield f"# DECIDE: no column looks like '{key}', which this population needs. Add: '{key}: {{column: ...}}'"


def _key_comment(proposal: Proposal, key: str, guess: Guess) -> str:
    values = proposal.table.frame[guess.column].drop_nulls()
    if key == "answered_on" and is_ambiguous_day(values):
        return comment(f"{guess.reason}; CHECK: the days fit another order too, 'dates: {proposal.form.dates}' is a guess")
    if key == "answered_on" and written_in_two_ways(values):
        turned = "days are written in two ways, so that a program on the way may have turned day and month round in some"
        return comment(f"CHECK: {guess.reason}; {turned}")
    if key == "respondent" and (kind := identifying_values(values, is_key=True)):
        doubt = "" if guess.sure else f"{guess.reason}; "
        better = "they become pseudonyms when loaded, better is an id made for the study"
        return comment(f"CHECK: {doubt}the ids look like {kind}; {better}")
    return why(guess)


def _organisation(proposal: Proposal, organisations: Mapping[str, str]) -> Iterator[str]:
    guess = proposal.keys.get("organisation")
    if guess is None:
        if len(organisations) == 1:
            yield f"organisation: {flow({'constant': scalar(next(iter(organisations)))})}   # the only one in the register"
            return
        yield "# DECIDE: no column holds organisations of the register; name a column, or the code of one organisation."
        yield "organisation: {constant: DECIDE}"
        return
    meanings = {fold(code): code for code in organisations} | {fold(name): code for code, name in organisations.items()}
    values = [str(value) for value in proposal.table.frame[guess.column].drop_nulls().unique(maintain_order=True).to_list()]
    labels = proposal.table.value_labels.get(guess.column, {})
    own = {value for value in values if value in organisations and value not in labels}
    meant = {value: value if value in own else meanings.get(fold(labels.get(value, value))) for value in values}
    codes = {value: code for value, code in meant.items() if code is not None and code != value}
    known = [code for code in meant.values() if code is not None]
    alike = len(set(known)) < len(known)
    several = "CHECK: several spellings are taken for one organisation"
    yield f"organisation: {source_flow(guess, codes)}{comment(several) if alike and guess.sure else why(guess)}"
    if alike and not guess.sure:
        yield f"# {several}."
    unknown = [shown_place(labels.get(value, value)) for value, code in meant.items() if code is None]
    if unknown:
        hint = "Add them to 'codes' or to organisations.csv, or leave their rows out."
        yield f"# DECIDE: not in the register: {listed(unknown, 8)}. {hint}"


def _groups(proposal: Proposal) -> Iterator[str]:
    if not proposal.expected.groups:
        return
    yield "groups:"
    for group in proposal.expected.groups:
        guess = proposal.groups.get(group)
        if guess is None:
            yield f"  # DECIDE: no column looks like the group '{group}'. Add: '{group}: {{column: ...}}'"
            continue
        values = proposal.table.frame[guess.column].drop_nulls()
        many = values.n_unique() > MOST_ANSWERS
        note = f"{values.n_unique():,} different values" if many and guess.reason != NAMED_GROUP else guess.reason
        labels = proposal.table.value_labels.get(guess.column, {})
        codes = {value: label for value in sorted(values.unique().to_list()) if (label := labels.get(value)) is not None}
        yield f"  {group}: {source_flow(guess, {} if many else codes)}{comment(f'CHECK that it names nobody: {note}')}"


def _rest(proposal: Proposal) -> Iterator[str]:
    if proposal.drop:
        yield "drop:"
        yield from listing(list(proposal.drop), proposal.drop)
    ignored = {column: _why_ignored(proposal, column) for column in proposal.rest}
    if ignored:
        yield "ignore:   # CHECK that no answer of the questionnaire stands here"
        yield from listing(list(ignored), ignored)


def _why_ignored(proposal: Proposal, column: str) -> str:
    if column in proposal.timed:
        return "how long somebody took, as a survey tool measured it"
    values = proposal.table.frame[column].drop_nulls()
    if len(values) and values.str.contains(OTHER_WORD).all() and day_order(values) is None:
        return "days whose month is a word, and no English one: written as numbers (2025-01-05) they can be read"
    if is_free_text(values) or quotes_people(column, values):
        return "free text"
    if len(values) > MOST_ANSWERS and values.n_unique() == len(values) and proposal.expected.level is Level.RESPONDENT:
        return "every value is different; as 'respondent: {column: ...}' it would let nobody answer twice"
    return ""
