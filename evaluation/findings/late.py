"""Cautions that go with every number of what was settled too late: a baseline locked, or a plan sealed, after the event."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import TypeAlias

from evaluation.figures.numbers import day
from evaluation.inference.estimate import Answer, Estimate
from evaluation.inference.flags import flag
from evaluation.protocol.documents import Documents
from evaluation.protocol.seal import Seal

Said: TypeAlias = Callable[[Estimate], str | None]
"""The flag that an estimate deserves, if any."""


def with_late_baselines(answers: Iterable[Answer], documents: Documents, late: Mapping[str, str]) -> tuple[Answer, ...]:
    """The same answers, with the flag "late_baseline" at each estimate that compares with such a baseline.

    Args:
        answers: what inference says.
        documents: the plan.
        late: by population, when its baseline was locked and when the pilots began (`waves.lifecycle.late_baselines`).
    """
    protocol = documents.protocol

    def said(answer: Answer) -> Said:
        locked = late.get(protocol.measures[protocol.estimands[answer.estimand].measure].population)
        return lambda one: flag("late_baseline", locked) if locked and one.wave_from == protocol.baseline else None

    return tuple(_flagged(answer, said(answer)) for answer in answers)


def with_late_plan(answers: Iterable[Answer], documents: Documents, seals: Sequence[Seal]) -> tuple[Answer, ...]:
    """The same answers, with the flag "late_plan" at each estimate of a wave that had opened before the plan was first sealed.

    Args:
        answers: what inference says.
        documents: the plan.
        seals: every sealed plan, the oldest first (`protocol.freeze.seals`); none where the plan is not frozen, which pages say.
    """
    waves = documents.protocol.waves
    sealed = datetime.fromisoformat(seals[0].sealed_at).date() if seals else date.min

    def said(estimate: Estimate) -> str | None:
        wave = waves.get(estimate.wave_to or "")
        if wave is None or wave.opens >= sealed:
            return None
        return flag("late_plan", f"sealed on {day(sealed)}, and {wave.label} opened on {day(wave.opens)}")

    return tuple(_flagged(answer, said) for answer in answers)


def _flagged(answer: Answer, said: Said) -> Answer:
    estimates = (answer.headline, *answer.beside, *answer.further)
    flags = tuple(dict.fromkeys(found for one in estimates if (found := said(one))))
    if not flags:
        return answer
    return replace(
        answer,
        headline=_with(answer.headline, said),
        beside=tuple(_with(one, said) for one in answer.beside),
        further=tuple(_with(one, said) for one in answer.further),
        flags=(*answer.flags, *flags),
    )


def _with(estimate: Estimate, said: Said) -> Estimate:
    found = said(estimate)
    return replace(estimate, flags=(*estimate.flags, found)) if found else estimate
