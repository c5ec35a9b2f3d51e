"""The caution that goes with every number that rests on a baseline which was locked only after the pilots had begun."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from evaluation.inference.estimate import Answer, Estimate
from evaluation.inference.flags import flag
from evaluation.protocol.documents import Documents


def with_late_baselines(answers: Iterable[Answer], documents: Documents, late: Mapping[str, str]) -> tuple[Answer, ...]:
    """The same answers, with the flag "late_baseline" at each estimate that compares with such a baseline.

    Args:
        answers: what inference says.
        documents: the plan.
        late: by population, when its baseline was locked and when the pilots began (`waves.lifecycle.late_baselines`).
    """
    return tuple(_flagged(answer, documents, late) for answer in answers) if late else tuple(answers)


def _flagged(answer: Answer, documents: Documents, late: Mapping[str, str]) -> Answer:
    protocol = documents.protocol
    population = protocol.measures[protocol.estimands[answer.estimand].measure].population
    if population not in late:
        return answer
    said, baseline = flag("late_baseline", late[population]), protocol.baseline
    rests = [one.wave_from == baseline for one in (answer.headline, *answer.beside, *answer.further)]
    return replace(
        answer,
        headline=_with(answer.headline, said, baseline),
        beside=tuple(_with(one, said, baseline) for one in answer.beside),
        further=tuple(_with(one, said, baseline) for one in answer.further),
        flags=(*answer.flags, said) if any(rests) else answer.flags,
    )


def _with(estimate: Estimate, said: str, baseline: str) -> Estimate:
    return replace(estimate, flags=(*estimate.flags, said)) if estimate.wave_from == baseline else estimate
