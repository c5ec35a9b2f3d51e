"""Since the last meeting: what changed from the result before to this one, and whether answers, plan or only rounding did it."""

from collections.abc import Iterator, Mapping
from typing import Any

from evaluation.figures.numbers import between, day, plain, rounded, several, signed
from evaluation.findings.findings import Finding, Findings, SoFar
from evaluation.findings.subject import Subject, inside
from evaluation.findings.verdict import Kind
from evaluation.protocol.documents import Documents
from evaluation.protocol.model import Protocol
from evaluation.terms import Status

Kept = Mapping[str, Any]
MOST = 6
DAYS_IN_A_MONTH = 30.44


def since_last(findings: Findings, documents: Documents, before: Kept | None, now: Kept) -> tuple[str, ...]:
    """Sentences for the board; `before` is the content of the result before, None for the first, `now` that of this one."""
    if before is None:
        return tuple(_first(findings, documents.protocol))
    old = {(one["estimand"], one["contrast"]): one for one in before["findings"]["findings"]}
    pairs = [(finding, old.get((finding.subject.estimand, finding.subject.contrast))) for finding in findings]
    moved = [line for finding, kept in pairs if kept is not None and (line := _moved(finding, kept))]
    lines = [*_causes(before, now, documents.policy.round_counts_to), *moved[:MOST]]
    return tuple(lines if moved else [*lines, "No number on these pages changed."])


def _first(findings: Findings, protocol: Protocol) -> Iterator[str]:
    main = next((finding for finding in findings if finding.subject.status is Status.PRIMARY), None)
    if main is None:
        return
    if main.verdict.kind is not Kind.NOT_YET:
        earlier = [_watched(protocol, main.subject, one) for one in main.so_far]
        yield "; ".join([f"First result at {main.subject.to_label}", *earlier]) + "."
        return
    due = protocol.waves[main.subject.wave_to]
    yield f"No result yet: {due.label} closes on {day(due.closes)}."


def _watched(protocol: Protocol, subject: Subject, seen: SoFar) -> str:
    """The number at a wave that is only watched: so far, where it came before the wave that decides, else that much later."""
    label, number = protocol.waves[seen.wave].label, _shown(subject, seen.estimate, seen.interval)
    gap = later_by(protocol, subject.wave_to, seen.wave)
    return f"{gap} later ({label}) it was {number}" if gap else f"at {label} the difference so far was {number}"


def later_by(protocol: Protocol, wave: str, other: str) -> str:
    """"a year", "6 months": how long after `wave` the wave `other` closed; empty where it did not come after."""
    order = list(protocol.waves)
    if order.index(other) <= order.index(wave):
        return ""
    days = (protocol.waves[other].closes - protocol.waves[wave].closes).days
    months = round(days / DAYS_IN_A_MONTH)
    if months < 1:
        return several(max(days, 1), "day")
    years, rest = divmod(months, 12)
    if rest:
        return several(months, "month")
    return "a year" if years == 1 else several(years, "year")


def _causes(before: Kept, now: Kept, step: int) -> Iterator[str]:
    """Why numbers may have moved; counts are rounded to `step`, so that nobody can see whether one person answered."""
    if before["plan"] != now["plan"]:
        yield "The plan was changed; the Protocol page says how."
    if before["data"] == now["data"]:
        yield "No answers were added or corrected."
    for population, counts in sorted(now["answers"].items()):
        more = counts["people"] - before["answers"].get(population, {"people": 0})["people"]
        if more:
            number = plain(rounded(abs(more) / step, 0) * step, 0) if abs(more) >= step else "a few"
            yield f"{counts['label']}: {number} {'more' if more > 0 else 'fewer'} answers."


def _moved(finding: Finding, old: Kept) -> str:
    """What changed in one finding; empty when nothing that is shown did."""
    subject, changed = finding.subject, old["verdict"] != finding.verdict.words
    was, now = None if old.get("few") else old["estimate"], None if finding.few else finding.headline.estimate
    if was is None or now is None:
        return f"{subject.label}: was “{old['verdict']}”, now “{finding.verdict.words}”." if changed else ""
    if subject.shown(was) == subject.shown(now) and not changed:
        return ""
    told = f"{subject.label}: from {subject.signed(was)} to {subject.signed(now)} {subject.unit_words}"
    verdict = f", now “{inside(finding.verdict.words)}”" if changed else ""
    return f"{told}{verdict}{_only_rounding(subject, was, now)}."


def _only_rounding(subject: Subject, was: float, now: float) -> str:
    """Says so when the shown numbers differ although the exact ones hardly do."""
    step = 10.0**-subject.decimals
    small = abs(now - was) < step / 2 and rounded(abs(now - was), subject.decimals + 1) < step / 2
    return " (mostly rounding)" if small and subject.shown(was) != subject.shown(now) else ""


def _shown(subject: Subject, estimate: float, interval: tuple[float | None, float | None]) -> str:
    low, high = interval
    span = f" ({between(low, high, subject.decimals)})" if low is not None and high is not None else ""
    return f"{signed(estimate, subject.decimals)}{span}"
