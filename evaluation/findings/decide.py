"""The decision rules applied: what the plan says now, and for each rule whether it holds, does not, or cannot be told yet.

A claim about a number is about its whole interval, never about the best estimate alone: "above zero" holds when the interval
lies above zero and the design can tell such a result from chance; "smaller than its minimum important difference" when even
the better end is smaller. Zero is zero of the number on the page; the minimum important difference is in the good direction.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from evaluation.figures.numbers import listed
from evaluation.findings.subject import Subject, inside
from evaluation.findings.verdict import Kind, Manner, Reading, Verdict
from evaluation.protocol.decide import EVERY_GUARDRAIL, Claim, ClaimKind, Rule
from evaluation.terms import Better, Design, Status


class Judged(Protocol):
    """What a rule reads of a finding."""

    @property
    def subject(self) -> Subject:
        """What the finding is about."""

    @property
    def reading(self) -> Reading:
        """Its numbers, more being better."""

    @property
    def verdict(self) -> Verdict:
        """Its verdict."""


@dataclass(frozen=True)
class RuleOutcome:
    """One rule in plain words; `holds` is None where it cannot be told yet, `when` None for the last resort."""

    when: str | None
    then: str
    holds: bool | None
    reason: str


@dataclass(frozen=True)
class Decision:
    """What the board is asked, what the plan says, why, and every rule on the way."""

    asks: str
    plan_says: str
    reason: str
    rules: tuple[RuleOutcome, ...]

    def as_record(self) -> dict[str, Any]:
        """The decision as JSON."""
        return asdict(self)


@dataclass(frozen=True)
class _Told:
    """A claim in plain words, whether it holds, what is known instead, and whether that rules the claim out."""

    words: str
    holds: bool | None
    fact: str
    ruled_out: bool = False


UNKNOWN_YET = (Kind.NOT_YET, Kind.SO_FAR)
NOTHING_YET = "nothing yet: answers are missing"

_KINDS: Mapping[ClaimKind, tuple[Kind, ...]] = {
    ClaimKind.IMPROVED: (Kind.IMPROVED,), ClaimKind.WORSE: (Kind.WORSE,), ClaimKind.NO_DIFFERENCE: (Kind.NO_DIFFERENCE,),
    ClaimKind.PROBABLY_IMPROVED: (Kind.PROBABLY_IMPROVED, Kind.IMPROVED),
    ClaimKind.PROBABLY_WORSE: (Kind.PROBABLY_WORSE, Kind.WORSE),
    ClaimKind.CANNOT_TELL: (Kind.CANNOT_TELL,), ClaimKind.SAFE: (Kind.SAFE,), ClaimKind.BREACHED: (Kind.BREACHED,),
    ClaimKind.NOT_SHOWN_SAFE: (Kind.NOT_SHOWN_SAFE,),
}

_NUMBERS: Mapping[ClaimKind, Callable[[float, float, Reading, bool], bool]] = {
    ClaimKind.IMPROVED_BEYOND_MINIMUM: lambda low, high, r, turned: r.firm and low > r.minimum,
    ClaimKind.WORSE_BEYOND_MINIMUM: lambda low, high, r, turned: r.firm and high < -r.minimum,
    ClaimKind.ABOVE_ZERO: lambda low, high, r, turned: r.firm and (high < 0 if turned else low > 0),
    ClaimKind.BELOW_ZERO: lambda low, high, r, turned: r.firm and (low > 0 if turned else high < 0),
    ClaimKind.AT_LEAST_MINIMUM: lambda low, high, r, turned: r.firm and low >= r.minimum,
    ClaimKind.BELOW_MINIMUM: lambda low, high, r, turned: high < r.minimum,
}

_RULED_OUT: Mapping[ClaimKind, Callable[[float, float, Reading, bool], bool]] = {
    ClaimKind.IMPROVED_BEYOND_MINIMUM: lambda low, high, r, turned: high <= r.minimum,
    ClaimKind.WORSE_BEYOND_MINIMUM: lambda low, high, r, turned: low >= -r.minimum,
    ClaimKind.ABOVE_ZERO: lambda low, high, r, turned: low >= 0 if turned else high <= 0,
    ClaimKind.BELOW_ZERO: lambda low, high, r, turned: high <= 0 if turned else low >= 0,
    ClaimKind.AT_LEAST_MINIMUM: lambda low, high, r, turned: high < r.minimum,
    ClaimKind.BELOW_MINIMUM: lambda low, high, r, turned: low >= r.minimum,
}
"""When a claim about a number is known to be untrue, not only not shown."""

_SETTLED = (Kind.IMPROVED, Kind.WORSE, Kind.NO_DIFFERENCE, Kind.SAFE, Kind.BREACHED)

_FAVOURABLE = (
    ClaimKind.IMPROVED, ClaimKind.PROBABLY_IMPROVED, ClaimKind.IMPROVED_BEYOND_MINIMUM, ClaimKind.ABOVE_ZERO,
    ClaimKind.AT_LEAST_MINIMUM, ClaimKind.SAFE,
)

_WORDS: Mapping[ClaimKind, str] = {
    ClaimKind.IMPROVED: "{label} improved{more}", ClaimKind.WORSE: "{label} got worse{more}",
    ClaimKind.NO_DIFFERENCE: "{label} shows no {what} that matters",
    ClaimKind.PROBABLY_IMPROVED: "{label} at least probably improved",
    ClaimKind.PROBABLY_WORSE: "{label} at least probably got worse", ClaimKind.CANNOT_TELL: "we cannot tell about {label}",
    ClaimKind.SAFE: "{label} did not get worse by more than allowed",
    ClaimKind.BREACHED: "{label} got worse by more than allowed",
    ClaimKind.NOT_SHOWN_SAFE: "{label} may have got worse by more than allowed",
    ClaimKind.IMPROVED_BEYOND_MINIMUM: "{label} improved{more} by more than the change that matters",
    ClaimKind.WORSE_BEYOND_MINIMUM: "{label} got worse{more} by more than the change that matters",
    ClaimKind.ABOVE_ZERO: "the {what} in {label} is above zero", ClaimKind.BELOW_ZERO: "the {what} in {label} is below zero",
    ClaimKind.AT_LEAST_MINIMUM: "the {what} in {label} is at least the change that matters",
    ClaimKind.BELOW_MINIMUM: "the {what} in {label} is below the improvement that matters",
}
_NOTHING_WORSE = "nothing that the plan protects got worse by more than allowed"


def decide(rules: Sequence[Rule], findings: Iterable[Judged], asks: str) -> Decision:
    """What the rules say of the findings: the first rule that holds, unless one before it cannot be told yet."""
    known = tuple(findings)
    outcomes: list[RuleOutcome] = []
    for rule in rules:
        outcomes.append(_outcome(rule, known) if rule.when else _last_resort(rule, rules, outcomes))
    waiting = next((outcome for outcome in outcomes if outcome.holds is not False), None)
    if waiting is None:
        return Decision(asks, "nothing: no rule holds", "None of the plan's rules holds.", tuple(outcomes))
    says = waiting.then if waiting.holds else "it cannot be told yet"
    return Decision(asks, says, waiting.reason, tuple(outcomes))


def _outcome(rule: Rule, findings: Sequence[Judged]) -> RuleOutcome:
    told = [_tell(claim, findings) for claim in rule.when]
    when = " and ".join(claim.words for claim in told)
    holds = _all(claim.holds for claim in told)
    return RuleOutcome(when, rule.then or "", holds, _why(told, holds))


def _last_resort(rule: Rule, rules: Sequence[Rule], outcomes: Sequence[RuleOutcome]) -> RuleOutcome:
    """What is left when no rule holds, and what stopped the rules that speak for the pilot (all of them where none does)."""
    then, before = rule.otherwise or rule.then or "", [outcome.holds for outcome in outcomes]
    if True in before:
        return RuleOutcome(None, then, False, "A rule before it holds.")
    if None in before:
        return RuleOutcome(None, then, None, "A rule before it cannot be told yet.")
    hoped = [outcome.reason for one, outcome in zip(rules, outcomes, strict=False)
             if all(claim.claim in _FAVOURABLE for claim in one.when)]
    stumbles = dict.fromkeys(hoped or [outcome.reason for outcome in outcomes])
    return RuleOutcome(None, then, True, " ".join(stumbles) or "No rule before it holds.")


def _all(parts: Iterable[bool | None]) -> bool | None:
    """True when all are, False when any is, else None."""
    known = list(parts)
    return False if False in known else None if None in known else True


def _why(told: Sequence[_Told], holds: bool | None) -> str:
    if holds:
        said = " and ".join(claim.fact for claim in told)
        return f"{_sentence(said)}{' Both hold.' if len(told) == 2 else ' All hold.' if len(told) > 2 else ''}"
    in_the_way = [claim for claim in told if claim.holds is holds]
    if holds is None:
        return f"Not known yet: {_with_facts(in_the_way)}."
    known = "; ".join(dict.fromkeys(claim.fact for claim in in_the_way if claim.ruled_out))
    still_open = [claim for claim in in_the_way if not claim.ruled_out]
    although = " and ".join(claim.fact for claim in told if claim.holds)
    lines = [_sentence(f"{although}, but {known}" if although else known)] if known else []
    lines += [f"Not shown: {_with_facts(still_open)}."] if still_open else []
    return " ".join(lines)


def _with_facts(claims: Sequence[_Told]) -> str:
    return f"{listed([claim.words for claim in claims])} ({'; '.join(dict.fromkeys(claim.fact for claim in claims))})"


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}."


def _tell(claim: Claim, findings: Sequence[Judged]) -> _Told:
    if claim.estimand == EVERY_GUARDRAIL:
        return _guarded([_claimed(claim.claim, one) for one in findings if one.subject.status is Status.GUARDRAIL])
    about = [finding for finding in findings if finding.subject.estimand == claim.estimand]
    return _claimed(claim.claim, about[0]) if about else _Told(claim.estimand, None, NOTHING_YET)


def _guarded(guards: Sequence[_Told]) -> _Told:
    """All that the plan protects, as one claim: what is known to be worse is told before what is open."""
    holds = _all(guard.holds for guard in guards)
    if holds:
        return _Told(_NOTHING_WORSE, True, _NOTHING_WORSE)
    in_the_way = [guard for guard in guards if guard.holds is holds]
    known = [guard for guard in in_the_way if guard.ruled_out]
    return _Told(_NOTHING_WORSE, holds, "; ".join(guard.fact for guard in known or in_the_way), bool(known))


def _claimed(kind: ClaimKind, finding: Judged) -> _Told:
    subject, reading = finding.subject, finding.reading
    alone = subject.design is Design.BEFORE_AFTER
    more = " in pilots" if alone else f" more than {subject.versus}"
    words = _WORDS[kind].format(label=f"“{subject.label}”", what="change" if alone else "difference", more=more)
    words = words.replace("got worse more than", "got worse than")
    holds = _holds(kind, finding)
    if holds:
        worse = kind is ClaimKind.BELOW_MINIMUM and reading.high is not None and reading.high < 0
        return _Told(words, True, f"{words}: it got worse" if worse else words)
    return _Told(words, holds, _fact(finding), holds is False and _is_ruled_out(kind, finding))


def _is_ruled_out(kind: ClaimKind, finding: Judged) -> bool:
    reading = finding.reading
    if kind in _KINDS:
        return finding.verdict.kind in _SETTLED
    if reading.low is None or reading.high is None:
        return False
    return _RULED_OUT[kind](reading.low, reading.high, reading, finding.subject.better is Better.LOWER)


def _fact(finding: Judged) -> str:
    """What is known of a finding: "“Workload strain” got worse by 1.0 (0.9 to 1.2); the plan allows 0.3"."""
    subject, reading, kind = finding.subject, finding.reading, finding.verdict.kind
    name = f"“{subject.label}”"
    if kind is Kind.SAFE:
        return f"{name} did not get worse by more than allowed"
    if kind is Kind.BREACHED and reading.estimate is not None and reading.low is not None and reading.high is not None:
        size = f"{subject.plain(-reading.estimate)} ({subject.span(-reading.high, -reading.low)})"
        return f"{name} got worse by {size}; the plan allows {subject.plain(reading.margin or 0.0)}"
    if kind not in _SETTLED:
        return f"{name}: {inside(finding.verdict.words)}"
    beside = subject.manner is Manner.BESIDE_OTHERS
    verb = "shows " if kind is Kind.NO_DIFFERENCE else "is " if beside else ""
    return f"{name} {verb}{inside(finding.verdict.words)}"


def _holds(kind: ClaimKind, finding: Judged) -> bool | None:
    reading = finding.reading
    if finding.verdict.kind in UNKNOWN_YET:
        return None
    if kind in _KINDS:
        return finding.verdict.kind in _KINDS[kind]
    if reading.low is None or reading.high is None:
        return False
    return _NUMBERS[kind](reading.low, reading.high, reading, finding.subject.better is Better.LOWER)
