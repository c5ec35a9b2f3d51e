"""Decision rules applied. Source: the board's page standard, "Verdict grammar"; rules are about whole intervals."""

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from evaluation.findings.decide import Decision, decide
from evaluation.findings.subject import Subject
from evaluation.findings.verdict import Kind, Reading, Verdict
from evaluation.protocol.decide import Claim, ClaimKind, Rule
from evaluation.terms import Better, EstimateStatus, Tone
from tests.findings.answers import documents_of, finding_of


@dataclass(frozen=True)
class Stub:
    """A finding as a rule reads it."""

    subject: Subject
    reading: Reading
    verdict: Verdict


@pytest.fixture(scope="module")
def findings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Stub]:
    documents = documents_of(tmp_path_factory.mktemp("tiny"))
    numbers = {
        "lived_values_change": (0.5, (0.2, 0.8)), "awareness_change": (1.0, (-9.0, 11.0)), "strain_not_worse": (0.0, (-0.1, 0.1)),
    }
    found = {name: finding_of(documents, name, *values) for name, values in numbers.items()}
    return {name: Stub(one.subject, one.reading, one.verdict) for name, one in found.items()}


def rule(then: str, *claims: tuple[str, ClaimKind]) -> Rule:
    return Rule(tuple(Claim(*claim) for claim in claims), then, None, "as the plan says it")


EXTEND = rule("extend", ("lived_values_change", ClaimKind.ABOVE_ZERO), ("every guardrail", ClaimKind.SAFE))
STOP = rule("stop", ("lived_values_change", ClaimKind.BELOW_MINIMUM))
ELSE = Rule((), None, "continue", "otherwise")


def applied(findings: dict[str, Stub], *rules: Rule) -> Decision:
    return decide(rules, findings.values(), "extend the pilot?")


def kind(stub: Stub, new: Kind) -> Stub:
    return replace(stub, verdict=Verdict(new, new.value.capitalize(), new.value, Tone.UNCLEAR))


def test_the_first_rule_that_holds_decides_in_plain_words(findings: dict[str, Stub]) -> None:
    decision = applied(findings, EXTEND, STOP, ELSE)
    assert decision.plan_says == "extend"
    assert decision.reason == (
        "The difference in “Values lived” is above zero and nothing that the plan protects got worse by more than allowed. "
        "Both hold.")
    assert [outcome.holds for outcome in decision.rules] == [True, False, False]


def test_one_guardrail_not_shown_safe_stops_the_rule_and_is_named(findings: dict[str, Stub]) -> None:
    worse = findings | {"strain_not_worse": kind(findings["strain_not_worse"], Kind.NOT_SHOWN_SAFE)}
    decision = applied(worse, EXTEND, STOP, ELSE)
    assert decision.plan_says == "continue"
    assert decision.rules[0].holds is False
    assert "“Workload strain”: not shown safe" in decision.rules[0].reason


def test_what_is_missing_makes_a_rule_untold_and_holds_the_decision(findings: dict[str, Stub]) -> None:
    waiting = findings | {"lived_values_change": kind(findings["lived_values_change"], Kind.NOT_YET)}
    decision = applied(waiting, EXTEND, STOP, ELSE)
    assert decision.plan_says == "it cannot be told yet"
    assert [outcome.holds for outcome in decision.rules] == [None, None, None]


def test_a_breached_guardrail_ends_the_waiting_because_no_answer_could_make_the_rule_hold(findings: dict[str, Stub]) -> None:
    waiting = findings | {
        "lived_values_change": kind(findings["lived_values_change"], Kind.NOT_YET),
        "strain_not_worse": kind(findings["strain_not_worse"], Kind.BREACHED),
    }
    assert applied(waiting, EXTEND, ELSE).plan_says == "continue"


def test_what_can_never_be_told_does_not_hold_rather_than_wait(findings: dict[str, Stub]) -> None:
    refused = findings["lived_values_change"]
    blank = replace(refused.reading, low=None, high=None, status=EstimateStatus.WITHHELD)
    refused = replace(kind(refused, Kind.CANNOT_TELL), reading=blank)
    assert applied(findings | {"lived_values_change": refused}, EXTEND, ELSE).rules[0].holds is False


def measured(stub: Stub, new: Kind, estimate: float, low: float, high: float) -> Stub:
    """The stub with numbers turned so that more is better."""
    return replace(kind(stub, new), reading=replace(stub.reading, estimate=estimate, low=low, high=high))


def test_a_breached_guardrail_is_told_with_its_numbers_and_not_as_not_shown(findings: dict[str, Stub]) -> None:
    """Source: a board member's audit: a double negative, "not shown" though known, and clauses of the other rule."""
    breached = findings | {"strain_not_worse": measured(findings["strain_not_worse"], Kind.BREACHED, -1.0, -1.2, -0.9)}
    assert applied(breached, EXTEND, STOP, ELSE).reason == (
        "The difference in “Values lived” is above zero, but “Workload strain” got worse by 1.0 (0.9 to 1.2); the plan allows 0.2.")


def test_one_guardrail_breached_is_told_before_another_that_is_open(findings: dict[str, Stub]) -> None:
    breached = measured(findings["strain_not_worse"], Kind.BREACHED, -1.0, -1.2, -0.9)
    unclear = kind(replace(breached, subject=replace(breached.subject, label="Days off sick")), Kind.NOT_SHOWN_SAFE)
    reason = applied(findings | {"strain_not_worse": breached, "sick": unclear}, EXTEND, ELSE).reason
    assert "got worse by 1.0" in reason and "Days off sick" not in reason


def test_what_got_worse_is_not_called_smaller_than_the_change_that_matters(findings: dict[str, Stub]) -> None:
    """Source: a board member's audit: beside "Got worse" a reason that sounded like no difference."""
    worse = findings | {"lived_values_change": measured(findings["lived_values_change"], Kind.WORSE, -0.6, -0.8, -0.4)}
    decision = applied(worse, EXTEND, STOP, ELSE)
    assert decision.reason == "The difference in “Values lived” is below the improvement that matters: it got worse."
    assert not decision.rules[0].reason.startswith("Not shown")


@pytest.mark.parametrize(("low", "high", "claim", "holds"), [
    (0.01, 0.8, ClaimKind.ABOVE_ZERO, True), (0.0, 0.8, ClaimKind.ABOVE_ZERO, False), (-0.8, -0.01, ClaimKind.BELOW_ZERO, True),
    (0.3, 0.8, ClaimKind.AT_LEAST_MINIMUM, True), (0.29, 0.8, ClaimKind.AT_LEAST_MINIMUM, False),
    (0.1, 0.29, ClaimKind.BELOW_MINIMUM, True), (0.1, 0.3, ClaimKind.BELOW_MINIMUM, False),
    (0.31, 0.8, ClaimKind.IMPROVED_BEYOND_MINIMUM, True), (0.3, 0.8, ClaimKind.IMPROVED_BEYOND_MINIMUM, False),
    (-0.8, -0.31, ClaimKind.WORSE_BEYOND_MINIMUM, True),
])
def test_claims_about_numbers_are_about_the_whole_interval(
    findings: dict[str, Stub], low: float, high: float, claim: ClaimKind, holds: bool
) -> None:
    one = findings["lived_values_change"]
    moved = findings | {"lived_values_change": replace(one, reading=replace(one.reading, low=low, high=high))}
    assert applied(moved, rule("do", ("lived_values_change", claim)), ELSE).rules[0].holds is holds


def test_above_zero_reads_the_number_on_the_page_where_less_is_better(findings: dict[str, Stub]) -> None:
    one = findings["lived_values_change"]
    fell = replace(one, subject=replace(one.subject, better=Better.LOWER))
    outcome = applied(findings | {"lived_values_change": fell}, rule("do", ("lived_values_change", ClaimKind.BELOW_ZERO)), ELSE)
    assert outcome.rules[0].holds is True


def test_a_design_that_cannot_tell_from_chance_cannot_hold_a_claim_of_a_difference(findings: dict[str, Stub]) -> None:
    one = findings["lived_values_change"]
    small = findings | {"lived_values_change": replace(one, reading=replace(one.reading, floor=0.1))}
    assert applied(small, EXTEND, ELSE).plan_says == "continue"


def test_verdict_claims_hold_for_the_firmer_verdict_too(findings: dict[str, Stub]) -> None:
    probably = rule("do", ("lived_values_change", ClaimKind.PROBABLY_IMPROVED))
    assert applied(findings, probably, ELSE).rules[0].holds is True


def test_the_rules_of_a_protocol_apply_as_read(tmp_path: Path, findings: dict[str, Stub]) -> None:
    from evaluation.protocol.decide import rules

    documents = documents_of(tmp_path)
    assert decide(rules(documents.protocol), findings.values(), documents.protocol.asks).plan_says == "extend the pilot"
