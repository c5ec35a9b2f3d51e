"""From an answer to a finding: the verdict, and every word that goes with it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

import pandas as pd

from evaluation.figures.numbers import day, listed, several
from evaluation.findings.decide import decide
from evaluation.findings.few import few_behind, why
from evaluation.findings.findings import Finding, Findings, SoFar
from evaluation.findings.flags import cautions, number_of
from evaluation.findings.grade import graded
from evaluation.findings.links import link_states
from evaluation.findings.people import answers_of
from evaluation.findings.rates import as_told
from evaluation.findings.reasons import cannot_tell, floor_words, how_sure, moved, was_it_enough, would_change
from evaluation.findings.sentence import told
from evaluation.findings.since import later_by
from evaluation.findings.subject import Subject, subject_of
from evaluation.findings.verdict import Kind, Reading, verdict
from evaluation.inference.design import Contrast, contrasts
from evaluation.inference.estimate import Answer
from evaluation.inference.flags import name_of
from evaluation.protocol.decide import rules
from evaluation.protocol.documents import Documents
from evaluation.terms import Assignment, Design, EstimateStatus, Status

Loaded = Mapping[str, Collection[str]]
"""Waves with answers, by population."""

NONE: Loaded = MappingProxyType({})

TELLING = ("below_floor", "panel_disagrees", "pilot_rank")
"""Flags that say something about the number."""
PROBABLY = (Kind.PROBABLY_IMPROVED, Kind.PROBABLY_WORSE)
SILENT = ("unbalanced_waves", "absent_at_follow_up")


def judge(
    answer: Answer, documents: Documents, loaded: Loaded, so_far: Sequence[Answer] = (), deleted: Loaded = NONE
) -> Finding:
    """Everything that `answer` means. Numbers of rates are told in percent (`rates.as_told`) and judged as they are told.

    Args:
        answer: what inference says to one contrast of one estimand.
        documents: the plan.
        loaded: which waves have answers, by population, or records (`subject.records_of`).
        so_far: the same contrast at waves that are only watched.
        deleted: waves whose answers were deleted at the end of their time, by population.
    """
    contrast = _contrast(answer, documents)
    subject = _counted(subject_of(documents, answer.estimand, contrast, answer.headline.wave_to), answer)
    few = few_behind(answer, documents.policy.threshold)
    kept, answer = answer, _without_numbers(answer) if few else as_told(subject, answer)
    reading = reading_of(subject, answer)
    found = verdict(reading, subject.manner, subject.better, subject.versus)
    interval = (None, None) if reading.low is None else (answer.headline.conf_low, answer.headline.conf_high)
    units = moved(subject, answer.units, contrast.left, documents.policy.threshold)
    missing = tuple(wave for wave in _waves(subject) if wave not in loaded.get(subject.source, ()))
    due = _due(documents, subject, missing, deleted.get(subject.source, ()))
    earlier = tuple(filter(None, (_watched(documents, one, subject.wave_to) for one in so_far)))
    together = _together(documents, subject, reading) if found.kind in PROBABLY else ()
    flags = cautions([*_flags(subject, found.kind, answer, interval), *together])
    grade = graded(subject, found.kind, interval[0] is not None, flags)
    floor = _floor(subject, found.kind, reading, answer)
    too_few = why(documents.policy.threshold, counted=subject.counted)
    reason = due if found.kind is Kind.NOT_YET else too_few if few else _reason(answer)
    sentence = told(subject, found.kind, answer.headline.estimate, interval, units.own_change, reason)
    meanwhile = [number.sentence for number in earlier if found.kind is Kind.NOT_YET]
    return Finding(
        subject, kept, reading, found, " ".join([sentence, *meanwhile]), grade, floor,
        how_sure=(
            *how_sure(subject, interval, units, grade, floor), *(one.sentence for one in cautions(together)),
        ) if found.kind is not Kind.NOT_YET else (),
        was_it_enough=was_it_enough(
            subject, found.kind, reading, answer.headline.estimate, answers_of(subject.measure, documents), units.own_change),
        would_change=("More answers.",) if few else would_change(
            subject, found.kind, answer, interval, firm=reading.design_tells, due=due or _later(documents, subject)),
        cannot_tell=cannot_tell(subject, _silent(subject, answer), _labels(documents, missing)),
        flags=flags, moved=units, people=_people(subject, kept), so_far=earlier, few=few,
    )


def judge_all(
    answers: Iterable[Answer], so_far: Iterable[Answer], documents: Documents, loaded: Loaded, simulated: str | None = None,
    deleted: Loaded = NONE,
) -> Findings:
    """Every answer judged, the decision rules applied, the theory of change marked.

    Args:
        answers: at the waves that decide, every contrast of every estimand.
        so_far: the same contrasts at waves that are only watched.
        documents: the plan.
        loaded: which waves have answers, by population.
        simulated: the sentence that every output of simulated data carries.
        deleted: waves whose answers were deleted at the end of their time, by population.
    """
    watched = list(so_far)
    items = tuple(
        judge(one, documents, loaded, [seen for seen in watched if _same_question(seen, one)], deleted) for one in answers)
    decision = decide(rules(documents.protocol), items, documents.protocol.asks)
    counted = [(one.subject.measure, one.verdict.kind) for one in items if _counts(one)]
    return Findings(documents.protocol.title, items, decision, link_states(documents.protocol, counted), simulated)


def _same_question(one: Answer, other: Answer) -> bool:
    return (one.estimand, one.contrast) == (other.estimand, other.contrast)


def _counts(finding: Finding) -> bool:
    """Whether a finding speaks for the theory of change: about all pilots, and not exploratory."""
    plan = finding.subject
    return plan.status is not Status.EXPLORATORY and plan.contrast in ("pilot", "pilot - comparison")


def reading_of(subject: Subject, answer: Answer) -> Reading:
    """The numbers of an answer as the verdict reads them.

    An interval beside a withheld p-value counts only before/after: elsewhere it rests on an assumption, not on these data.
    """
    head, status = answer.headline, EstimateStatus(answer.headline.status)
    counts = status is EstimateStatus.ESTIMATED or subject.design.alone
    low, high = (head.conf_low, head.conf_high) if counts else (None, None)
    low80, high80 = answer.interval80 if counts else (None, None)
    return Reading(
        estimate=head.estimate, low=low, high=high, low80=low80, high80=high80, minimum=subject.minimum,
        confidence=subject.confidence, floor=head.resolution_floor, margin=subject.margin, status=status,
        watched_only=subject.watched_only, adjusted_p=head.adjusted_p,
    ).turned(subject.better)


def _contrast(answer: Answer, documents: Documents) -> Contrast:
    return next(known for known in contrasts(documents.protocol, answer.estimand) if known.label == answer.contrast)


def _counted(subject: Subject, answer: Answer) -> Subject:
    """The subject in the words of what inference compared: organisations, where these have one arm each."""
    whole = answer.headline.unit == Assignment.ORGANISATION.value != subject.assignment.value
    return replace(subject, whole_organisations=whole)


def _floor(subject: Subject, kind: Kind, reading: Reading, answer: Answer) -> str:
    head = answer.headline
    if kind is Kind.NOT_YET or reading.low is None:
        return ""
    firm = reading.design_tells or subject.margin is not None  # a margin is judged by its interval alone
    return floor_words(subject, reading.floor, head.n_pilot or 0, head.n_comparison or 0, firm)


def _labels(documents: Documents, waves: Sequence[str]) -> tuple[str, ...]:
    return tuple(documents.protocol.waves[wave].label for wave in waves)


def _flags(subject: Subject, kind: Kind, answer: Answer, interval: tuple[float | None, float | None]) -> list[str]:
    flags = [*answer.flags, *answer.headline.flags]
    ends = [end for end in interval if end is not None]
    if kind in (Kind.IMPROVED, Kind.WORSE) and any(subject.shown(end) == 0 for end in ends):
        flags.append("rounding")
    return flags


def _together(documents: Documents, subject: Subject, reading: Reading) -> tuple[str, ...]:
    """The flag "family:3" where the interval leaves out zero, but three questions were asked together."""
    if not reading.one_of_many or reading.low is None or reading.high is None or reading.low <= 0 <= reading.high:
        return ()
    plan = documents.protocol
    family = plan.estimands[subject.estimand].family
    return (f"family:{sum(len(contrasts(plan, name)) for name, one in plan.estimands.items() if one.family == family)}",)


def _waves(subject: Subject) -> tuple[str, ...]:
    return (subject.wave_to,) if subject.design is Design.COMPARISON else (subject.wave_from, subject.wave_to)


def _due(documents: Documents, subject: Subject, missing: Sequence[str], deleted: Collection[str]) -> str:
    """"Answers of staff from 12 months (closes 22 May 2026) are not in yet."; empty when nothing is missing."""
    plan = documents.protocol.waves
    waves = [f"{plan[wave].label} (closes {day(plan[wave].closes)})" for wave in missing if wave not in deleted]
    gone = [plan[wave].label for wave in missing if wave in deleted]
    what = f"Records of {subject.says}" if subject.counted else f"Answers of {subject.people}"
    said = [f"{what} from {listed(gone)} were deleted, as the study promised."] if gone else []
    return " ".join([*said, f"{what} from {listed(waves)} are not in yet."] if waves else said)


def _later(documents: Documents, subject: Subject) -> str:
    """When the plan decides, for a wave that is only watched."""
    if not subject.watched_only:
        return ""
    wave = documents.protocol.waves[documents.protocol.deciding_wave]
    return f"The plan decides at {wave.label}, which closes on {day(wave.closes)}."


def _watched(documents: Documents, answer: Answer, decides: str) -> SoFar | None:
    """The number at a watched wave, before or after the one that `decides`, in words; none about few people."""
    head = answer.headline
    if head.estimate is None or head.wave_to is None or few_behind(answer, documents.policy.threshold):
        return None
    contrast = _contrast(answer, documents)
    subject = subject_of(documents, answer.estimand, contrast)
    head = as_told(subject, answer).headline
    if head.estimate is None or head.wave_to is None:
        return None
    low, high = head.conf_low, head.conf_high
    span = f" ({subject.interval_name} {subject.span(low, high)})" if low is not None and high is not None else ""
    what = "change" if subject.design is Design.BEFORE_AFTER else "difference"
    label = documents.protocol.waves[head.wave_to].label
    gap = later_by(documents.protocol, decides, head.wave_to)
    when = f"{gap.capitalize()} later ({label})" if gap else f"So far, at {label},"
    words = f"{when} the {what} was {subject.signed_amount(head.estimate)}{span}."
    return SoFar(head.wave_to, head.estimate, (low, high), words)


def _without_numbers(answer: Answer) -> Answer:
    """What may be judged of an answer with few people behind it: nothing can be told from it."""
    status = answer.headline.status
    none = status if status == EstimateStatus.NOT_YET.value else EstimateStatus.NOT_ESTIMABLE.value
    flags = tuple(flag for flag in answer.flags if name_of(flag) not in TELLING)
    head = replace(answer.headline.without_number(), status=none, flags=flags)
    return replace(answer, headline=head, units=answer.units.iloc[:0], interval80=(None, None), flags=flags, refusals=())


def _reason(answer: Answer) -> str:
    """Why no verdict can be given, from the strictest refusal."""
    return min(answer.refusals, key=lambda refusal: refusal.keeps).sentence if answer.refusals else ""


def _silent(subject: Subject, answer: Answer) -> str:
    """"2 organisations" that did not answer every time, from the flags that count them."""
    counts = [number_of(flag) for flag in answer.flags if name_of(flag) in SILENT]
    return several(max(counts), subject.unit, subject.units) if any(counts) else ""


def _people(subject: Subject, answer: Answer) -> tuple[int | None, int | None]:
    if answer.units.empty or subject.counted:
        return None, None
    start, end = (answer.units[side].sum(min_count=1) for side in ("n_from", "n_to"))
    alone = subject.design is Design.COMPARISON or pd.isna(start)
    return None if alone else int(start), None if pd.isna(end) else int(end)
