"""The lines of a draft that say which column answers which item, what its answers mean, and what a person has to look at."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import polars as pl

from evaluation.waves.checks.answer_codes import Codes, match_answers, shared
from evaluation.waves.checks.answer_faults import says_no_answer
from evaluation.waves.checks.answer_numbers import as_numbers, on_scale
from evaluation.waves.checks.expected import ExpectedItem
from evaluation.waves.checks.faults import COMMON, listed, shown, shown_answer
from evaluation.waves.checks.mapping_text import codes_flow, comment, flow, text_scalar
from evaluation.waves.drafts.guesses import Guess
from evaluation.waves.drafts.proposal import Proposal

MOST_ANSWERS = 60
"""Different answers in a column beyond which it is not a list of options."""
WIDEST = 200
"""Signs of a column's name where two have to be told apart."""


def source_flow(guess: Guess, codes: Mapping[str, str], rest: Mapping[str, str] | None = None) -> str:
    """A key's column with the meanings of its values, as a block on one line."""
    parts = {"column": text_scalar(guess.column)} | ({"codes": codes_flow(codes)} if codes else {}) | dict(rest or {})
    return flow(parts)


def why(guess: Guess) -> str:
    """Why a column was taken, as a comment; with CHECK where there is doubt."""
    return comment(guess.reason if guess.sure else f"CHECK: {guess.reason}")


def item_lines(proposal: Proposal) -> Iterator[str]:
    """The block of items, and what could not be drafted in it."""
    yield "items:" if proposal.items else "items: {}   # DECIDE: no column looks like an item"
    questions = proposal.expected.questions
    read = {item: _codes(proposal, questions[item], proposal.table.frame[guess.column]) for item, guess in proposal.items.items()}
    for item, question in questions.items():
        if item in read:
            alike = {other: codes for other, codes in read.items() if questions[other].scale.options == question.scale.options}
            column = proposal.table.frame[proposal.items[item].column]
            together = shared(read[item], list(alike.values()), question.scale)
            labels = proposal.table.value_labels.get(column.name, {})
            yield from _item(question, column, proposal.items[item], read[item], together, labels)
            moved = {proposal.items[other].column: codes.moved for other, codes in alike.items() if codes.moved}
            yield from _doubted_numbers(question, read[item], moved, labels)
    yield from _open(proposal)


def _doubted_numbers(
    question: ExpectedItem, own: Codes, moved: Mapping[str, Mapping[str, str]], labels: Mapping[str, str]
) -> Iterator[str]:
    """Numbers that nothing explains, where words beside them or other columns on the scale may mean another order.

    `moved` are, by column, numbers that the file gives another meaning than the instrument.
    """
    bare = [answer for answer in own.bare if answer not in labels]
    if bare and own.worded:
        yield f"  # CHECK: in the column above {listed(bare, 8)} stand beside answers in words; do they run from the same end?"
    if question.scale.options and not own.moved and moved and (bare or not own.read):
        column, (number, code) = next((name, next(iter(ones.items()))) for name, ones in moved.items())
        says = f"in column {shown(column)} {number} is '{code} {question.scale.options[code]}'"
        yield f"  # CHECK: the numbers of the column above are taken at their face value, but {says}."


def _open(proposal: Proposal) -> Iterator[str]:
    """Items that no column was taken for."""
    questions = proposal.expected.questions
    for tie in proposal.ties:
        fix = "Map each to the item that it asks, or leave it out"
        yield f"  # DECIDE: {listed([shown(name, WIDEST) for name in tie.columns], 8)} could be {listed(tie.items)} alike. {fix}."
    tied = {item for tie in proposal.ties for item in tie.items}
    lost = [item for item in questions if item not in proposal.items and item not in tied]
    if lost:
        yield f"  # DECIDE: no column looks like {listed(lost)}. Map them, or say with 'asked_in' which waves ask them."
    for name, item in proposal.turned.items():
        says = f"the words of column {shown(name)} say the opposite of '{item}', or seem to; neither name nor place drafts it"
        fix = "An opposite wording is an item of its own, with 'reverse: true' in the instrument"
        yield f"  # CHECK: {says}. Compare the questionnaires. {fix}."


def _item(
    question: ExpectedItem, column: pl.Series, guess: Guess, own: Codes, scale_wide: Codes, labels: Mapping[str, str]
) -> Iterator[str]:
    said = scale_wide.missing if scale_wide.codes else own.missing
    missing = [code for code in said if code not in question.scale.missing_codes]
    parts = {"item": question.item}
    parts |= {"codes": codes_flow(scale_wide.codes)} if own.codes else {}
    parts |= {"missing_codes": f"[{', '.join(text_scalar(code) for code in missing)}]"} if missing else {}
    yield f"  {text_scalar(guess.column)}: {flow(parts)}{why(guess)}"
    if own.unknown:
        beside = {value: f" labelled {shown_answer(labels[value], COMMON)}" for value in own.unknown if value in labels}
        found = listed([shown_answer(value, int((column == value).sum())) + beside.get(value, "") for value in own.unknown], 8)
        options = "; ".join(f"{code} {label}" for code, label in question.scale.options.items()) or str(question.scale.interval)
        fix = "Correct the file, or add what they mean to codes or missing_codes"
        yield f"  # DECIDE: {found} in the column above: no answers on {options}. {fix}."
    if own.nearly:
        taken = {answer: f"{own.read[answer]} {question.scale.options[own.read[answer]]}" for answer in own.nearly}
        found = listed([f"{shown(answer)} is {code}" for answer, code in taken.items()], 8)
        yield f"  # CHECK: in the column above no option has these words: {found}."
    if own.at_face:
        found = listed([f"{code} is {shown(labels[code])}" for code in own.at_face], 8)
        yield f"  # CHECK: in the column above the file says that {found}; taken at the number."


def _codes(proposal: Proposal, question: ExpectedItem, column: pl.Series) -> Codes:
    """How the column's different answers, and those that it only labels, are read, and which mean none.

    Nothing when all of them are numbers on the scale without a label.
    """
    declared = proposal.table.missing.get(column.name, ())
    values = column.drop_nulls().unique(maintain_order=True)
    found = _read(proposal, question, values.filter(~values.is_in(declared)) if declared else values)
    return replace(found, missing=tuple(dict.fromkeys((*found.missing, *declared))))


def _read(proposal: Proposal, question: ExpectedItem, values: pl.Series) -> Codes:
    labels = proposal.table.value_labels.get(values.name, {})
    fits = on_scale(as_numbers(values, proposal.form), question.scale)
    if fits.all() and not labels:
        return Codes({}, (), ())
    if question.scale.range is not None or len(values) > MOST_ANSWERS:
        values = values.filter(~fits | values.is_in([code for code, label in labels.items() if says_no_answer(label)]))
        found = match_answers([str(value) for value in values.to_list()], question.scale, labels)
        return Codes({}, found.missing, found.unknown)
    present = [str(value) for value in values.to_list()]
    rare = [code for code in labels if code not in present and code not in proposal.table.missing.get(values.name, ())]
    found = match_answers([*present, *rare], question.scale, labels)
    unknown, at_face, nearly = (
        tuple(value for value in part if value in present) for part in (found.unknown, found.at_face, found.nearly)
    )
    return replace(found, unknown=unknown, at_face=at_face, nearly=nearly)
