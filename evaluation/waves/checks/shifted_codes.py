"""Files that count options from another number than the instrument: from 0 where its codes are 1 to 5, or the other way round."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from evaluation.protocol.instrument import Scale
from evaluation.waves.checks.answer_faults import gapless, number_of
from evaluation.waves.checks.answer_meanings import ItemRead
from evaluation.waves.checks.answer_numbers import as_numbers
from evaluation.waves.checks.fault_lines import AnswerFault
from evaluation.waves.checks.intake import Intake


def with_shifts(intake: Intake, read: Mapping[str, ItemRead], faults: Sequence[AnswerFault]) -> Iterator[AnswerFault]:
    """The faults, with their `shift` those of answers outside a scale whose codes the file seems to count one lower or higher."""
    shifts: dict[tuple[str, ...], int] = {}
    for fault in faults:
        scale = fault.question.scale
        options = tuple(scale.options)
        if fault.kind == "outside-scale" and options and options not in shifts:
            shifts[options] = _shift(intake, read, faults, scale)
        yield replace(fault, shift=shifts[options]) if fault.kind == "outside-scale" and options else fault


def _shift(intake: Intake, read: Mapping[str, ItemRead], faults: Sequence[AnswerFault], scale: Scale) -> int:
    """-1 where the file's codes are those of a scale less one in most items that have these, 1 where they are one more, else 0.

    The code beyond the scale stands in most of them, the code at its other end in none, and all between somewhere.
    """
    if not gapless(scale):
        return 0
    items = [item for item in read if _is_bare(intake, item, scale)]
    faulty = [fault for fault in faults if fault.question.item in items and fault.kind == "outside-scale"]
    used = {number for item in items for number in _numbers(intake, read[item])}
    for shift, beyond, end in ((-1, scale.codes[0] - 1, scale.codes[-1]), (1, scale.codes[-1] + 1, scale.codes[0])):
        holding = sum(any(number_of(value) == beyond for value in fault.values) for fault in faulty)
        if 2 * holding > len(items) and end not in used and used >= {*scale.codes} - {end}:
            return shift
    return 0


def _is_bare(intake: Intake, item: str, scale: Scale) -> bool:
    return tuple(intake.expected.questions[item].scale.options) == tuple(scale.options) and not intake.layout.items[item][1].codes


def _numbers(intake: Intake, one: ItemRead) -> list[float]:
    texts = one.cells.drop_nulls().unique().cast(str)
    return as_numbers(texts, intake.form).drop_nulls().to_list()
