"""Decision rules as a closed grammar: `when` claims about estimands hold, `then` do.

    rule   := claim ("and" claim)*
    claim  := subject ["is" | "has" | "shows"] words
    subject:= the name of an estimand | "every guardrail"
    words  := a verdict as findings write it, or "above zero", "below zero", "at least its minimum important difference",
              "smaller than its minimum important difference"

Nothing else is read, so a rule cannot mean two things.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from evaluation.protocol.faults import Fault, Parts, check
from evaluation.protocol.model import Protocol
from evaluation.registry import nearest
from evaluation.terms import Better, Design, Status

EVERY_GUARDRAIL = "every guardrail"


class ClaimKind(StrEnum):
    """What a rule may claim of a finding. The first nine are its verdict; the others compare its numbers."""

    IMPROVED = "improved"
    WORSE = "got worse"
    NO_DIFFERENCE = "no difference that matters"
    PROBABLY_IMPROVED = "probably improved"
    PROBABLY_WORSE = "probably got worse"
    CANNOT_TELL = "cannot tell"
    SAFE = "safe"
    BREACHED = "breached"
    NOT_SHOWN_SAFE = "not shown safe"
    IMPROVED_BEYOND_MINIMUM = "improved by more than the change that matters"
    WORSE_BEYOND_MINIMUM = "got worse by more than the change that matters"
    ABOVE_ZERO = "above zero"
    BELOW_ZERO = "below zero"
    AT_LEAST_MINIMUM = "at least its minimum important difference"
    BELOW_MINIMUM = "smaller than its minimum important difference"


@dataclass(frozen=True)
class Claim:
    """`claim` is said of `estimand`, or of 'every guardrail'."""

    estimand: str
    claim: ClaimKind

    def __str__(self) -> str:
        return f"{self.estimand} is {self.claim}"


@dataclass(frozen=True)
class Rule:
    """When all claims hold, `then`; the last rule holds when no other does, and says `otherwise`. `says` is the plan's text."""

    when: tuple[Claim, ...]
    then: str | None
    otherwise: str | None
    says: str


_EITHER = {
    "above zero": ClaimKind.ABOVE_ZERO,
    "below zero": ClaimKind.BELOW_ZERO,
    "at least its minimum important difference": ClaimKind.AT_LEAST_MINIMUM,
    "smaller than its minimum important difference": ClaimKind.BELOW_MINIMUM,
    "cannot tell": ClaimKind.CANNOT_TELL,
}
_GUARDED = {"safe": ClaimKind.SAFE, "breached": ClaimKind.BREACHED, "not shown safe": ClaimKind.NOT_SHOWN_SAFE}
_BEYOND = " by more than the change that matters"
_COMPARED = {
    "improved more than comparison": ClaimKind.IMPROVED,
    "better than comparison": ClaimKind.IMPROVED,
    "got worse than comparison": ClaimKind.WORSE,
    "worse than comparison": ClaimKind.WORSE,
    "no difference that matters": ClaimKind.NO_DIFFERENCE,
    "probably improved": ClaimKind.PROBABLY_IMPROVED,
    "probably better": ClaimKind.PROBABLY_IMPROVED,
    "probably got worse": ClaimKind.PROBABLY_WORSE,
    "probably worse": ClaimKind.PROBABLY_WORSE,
    f"improved more than comparison{_BEYOND}": ClaimKind.IMPROVED_BEYOND_MINIMUM,
    f"better than comparison{_BEYOND}": ClaimKind.IMPROVED_BEYOND_MINIMUM,
    f"got worse than comparison{_BEYOND}": ClaimKind.WORSE_BEYOND_MINIMUM,
    f"worse than comparison{_BEYOND}": ClaimKind.WORSE_BEYOND_MINIMUM,
}
_ROSE = {
    "rose in pilots": ClaimKind.IMPROVED,
    "fell in pilots": ClaimKind.WORSE,
    "no change that matters in pilots": ClaimKind.NO_DIFFERENCE,
    "probably rose in pilots": ClaimKind.PROBABLY_IMPROVED,
    "probably fell in pilots": ClaimKind.PROBABLY_WORSE,
    f"rose in pilots{_BEYOND}": ClaimKind.IMPROVED_BEYOND_MINIMUM,
    f"fell in pilots{_BEYOND}": ClaimKind.WORSE_BEYOND_MINIMUM,
}
_MIRROR = {
    ClaimKind.IMPROVED: ClaimKind.WORSE,
    ClaimKind.PROBABLY_IMPROVED: ClaimKind.PROBABLY_WORSE,
    ClaimKind.IMPROVED_BEYOND_MINIMUM: ClaimKind.WORSE_BEYOND_MINIMUM,
}
_MIRRORED = _MIRROR | {worse: better for better, worse in _MIRROR.items()}
_CLAIM = re.compile(r"(?P<subject>every guardrail|[a-z][a-z0-9_]*) (?:(?:is|has|shows) )?(?P<words>.+)")


def phrases(protocol: Protocol, subject: str) -> dict[str, ClaimKind]:
    """The words that may be said of an estimand (or of every guardrail), and the claim each makes."""
    if subject == EVERY_GUARDRAIL:
        return {"safe": ClaimKind.SAFE}
    asked = protocol.estimands[subject]
    if asked.status is Status.GUARDRAIL:
        return _GUARDED | _EITHER
    if asked.design is not Design.BEFORE_AFTER:
        return _COMPARED | _EITHER
    measure = protocol.measures.get(asked.measure)
    turned = measure is not None and measure.better is Better.LOWER
    return {words: _MIRRORED.get(kind, kind) if turned else kind for words, kind in _ROSE.items()} | _EITHER


def rules(protocol: Protocol) -> tuple[Rule, ...]:
    """The decision rules of a protocol that `read_documents` accepted, in order.

    Raises:
        ValueError: a rule is outside the grammar, so the protocol was never checked.
    """
    return tuple(
        Rule(() if rule.when is None else _claims(rule.when, protocol), rule.then, rule.otherwise, rule.when or "otherwise")
        for rule in protocol.decide
    )


@check("decide", "estimands", "measures")
def check_rules(parts: Parts) -> Iterator[Fault]:
    """Rules outside the grammar, about estimands that are not there, or out of order."""
    protocol = parts.protocol
    if not parts.is_whole("decide"):
        return
    for number, rule in enumerate(protocol.decide):
        if rule.when is not None:
            yield from _claim_faults(rule.when, parts, ("decide", number, "when"))
        elif number < len(protocol.decide) - 1:
            yield Fault(
                "a decision rule stands after 'otherwise' and can never be reached.", "put 'otherwise' last.", ("decide", number)
            )
    if protocol.decide and protocol.decide[-1].otherwise is None:
        yield Fault(
            "the decision rules do not say what to do when none holds.", "add a last rule '- {otherwise: ...}'.", ("decide",)
        )


def _claims(when: str, protocol: Protocol) -> tuple[Claim, ...]:
    claims = []
    for text in _texts(when):
        match = _CLAIM.fullmatch(text)
        if match is None:
            raise ValueError(f"'{text}' is not a claim")
        known = phrases(protocol, match["subject"])
        claims.append(Claim(match["subject"], known[match["words"]]))
    return tuple(claims)


def _texts(when: str) -> list[str]:
    return " ".join(when.replace(",", " ").split()).split(" and ")


def _claim_faults(when: str, parts: Parts, path: tuple[str | int, ...]) -> Iterator[Fault]:
    for text in _texts(when):
        match = _CLAIM.fullmatch(text)
        if match is None:
            yield Fault(
                f"the rule says '{text}', which is not a claim.", "write the name of an estimand, 'is', and a verdict.", path
            )
        else:
            yield from _one_claim(match["subject"], match["words"], parts, path)


def _one_claim(subject: str, words: str, parts: Parts, path: tuple[str | int, ...]) -> Iterator[Fault]:
    estimands = parts.protocol.estimands
    if subject != EVERY_GUARDRAIL and subject not in estimands:
        if subject not in parts.lost:
            close = nearest(subject, [*estimands, EVERY_GUARDRAIL])
            hint = f"did you mean '{close}'? " if close else ""
            yield Fault(
                f"a decision rule is about '{subject}', which is no estimand.", f"{hint}Estimands: {', '.join(estimands)}.", path
            )
        return
    known = phrases(parts.protocol, subject)
    if words not in known:
        close = nearest(words, list(known))
        hint = f"did you mean '{close}'? " if close else ""
        yield Fault(
            f"a decision rule says that {subject} '{words}', which no finding can say.", f"{hint}Words: {'; '.join(known)}.", path
        )
    yield from _unfit_subject(subject, parts, path)


def _unfit_subject(subject: str, parts: Parts, path: tuple[str | int, ...]) -> Iterator[Fault]:
    estimands = parts.protocol.estimands
    if subject == EVERY_GUARDRAIL:
        if not any(asked.status is Status.GUARDRAIL for asked in estimands.values()) and parts.is_whole("estimands"):
            yield Fault(
                "a decision rule counts guardrails, but the protocol has none.",
                "add an estimand with 'status: guardrail', or take the claim out.",
                path,
            )
        return
    if estimands[subject].status is Status.EXPLORATORY:
        yield Fault(
            f"a decision rule rests on '{subject}', which is exploratory.",
            "make it secondary, or decide on another estimand.",
            path,
        )
    if len(estimands[subject].contrast) > 1:
        yield Fault(
            f"a decision rule is about '{subject}', which makes several comparisons: it could mean any of them.",
            "give each comparison an estimand of its own.",
            path,
        )
