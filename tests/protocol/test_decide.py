"""Decision rules are a closed grammar: claims over the verdict words and four numbers, joined by 'and'."""

from pathlib import Path

import pytest

from evaluation.protocol.decide import EVERY_GUARDRAIL, Claim, ClaimKind, rules
from tests.protocol.changed import documents, only, problems

WHEN = "lived_values_change is above zero and every guardrail is safe"
BEFORE_AFTER = "status: secondary, measure: awareness, design: before and after"
LOWER = "status: secondary, measure: strain, design: before and after"


def read(folder: Path, when: str, estimand: str = "") -> tuple[Claim, ...]:
    replace = {WHEN: when} | (
        {"status: secondary, measure: awareness, design: difference in differences": estimand} if estimand else {}
    )
    return rules(documents(folder, replace=replace).protocol)[0].when


def test_the_rules_of_the_plan_are_claims_then_and_otherwise(tmp_path: Path) -> None:
    first, last = rules(documents(tmp_path).protocol)
    assert first.when == (Claim("lived_values_change", ClaimKind.ABOVE_ZERO), Claim(EVERY_GUARDRAIL, ClaimKind.SAFE))
    assert (first.then, first.otherwise, first.says) == ("extend the pilot", None, WHEN)
    assert (last.when, last.then, last.otherwise) == ((), None, "continue to one more wave")


WORDS = {
    "improved more than comparison": ClaimKind.IMPROVED,
    "is improved more than comparison": ClaimKind.IMPROVED,
    "has improved more than comparison, by more than the change that matters": ClaimKind.IMPROVED_BEYOND_MINIMUM,
    "got worse than comparison": ClaimKind.WORSE,
    "is better than comparison": ClaimKind.IMPROVED,
    "is worse than comparison by more than the change that matters": ClaimKind.WORSE_BEYOND_MINIMUM,
    "shows no difference that matters": ClaimKind.NO_DIFFERENCE,
    "probably improved": ClaimKind.PROBABLY_IMPROVED,
    "probably got worse": ClaimKind.PROBABLY_WORSE,
    "is cannot tell": ClaimKind.CANNOT_TELL,
    "is above zero": ClaimKind.ABOVE_ZERO,
    "is below zero": ClaimKind.BELOW_ZERO,
    "is at least its minimum important difference": ClaimKind.AT_LEAST_MINIMUM,
    "is smaller than  its minimum important difference": ClaimKind.BELOW_MINIMUM,
}


@pytest.mark.parametrize("words", WORDS)
def test_every_verdict_and_number_that_a_finding_can_say_is_a_claim(tmp_path: Path, words: str) -> None:
    assert read(tmp_path, f"'lived_values_change {words}'") == (Claim("lived_values_change", WORDS[words]),)


@pytest.mark.parametrize(
    ("words", "kind"),
    [("is safe", "safe"), ("is breached", "breached"), ("is not shown safe", "not shown safe"), ("is below zero", "below zero")],
)
def test_a_guardrail_is_safe_breached_or_not_shown_safe(tmp_path: Path, words: str, kind: str) -> None:
    assert read(tmp_path, f"strain_not_worse {words}") == (Claim("strain_not_worse", ClaimKind(kind)),)


@pytest.mark.parametrize(
    ("words", "higher", "lower"),
    [
        ("rose in pilots", ClaimKind.IMPROVED, ClaimKind.WORSE),
        ("fell in pilots", ClaimKind.WORSE, ClaimKind.IMPROVED),
        ("probably rose in pilots", ClaimKind.PROBABLY_IMPROVED, ClaimKind.PROBABLY_WORSE),
        (
            "rose in pilots by more than the change that matters",
            ClaimKind.IMPROVED_BEYOND_MINIMUM,
            ClaimKind.WORSE_BEYOND_MINIMUM,
        ),
        ("shows no change that matters in pilots", ClaimKind.NO_DIFFERENCE, ClaimKind.NO_DIFFERENCE),
    ],
)
def test_before_and_after_rose_and_fell_are_good_or_bad_by_the_measures_direction(
    tmp_path: Path, words: str, higher: ClaimKind, lower: ClaimKind
) -> None:
    assert read(tmp_path / "higher", f"awareness_change {words}", BEFORE_AFTER)[0].claim is higher
    assert read(tmp_path / "lower", f"awareness_change {words}", LOWER)[0].claim is lower


REFUSED = {
    "free text": ("we are content", "a decision rule is about 'we', which is no estimand.", "Estimands: lived_values_change"),
    "one word": ("success", "the rule says 'success', which is not a claim.", "write the name of an estimand"),
    "or": (
        "lived_values_change is above zero or awareness_change is above zero",
        "a decision rule says that lived_values_change 'above zero or awareness_change is above zero', which no finding can say.",
        "Words: ",
    ),
    "not": (
        "lived_values_change is not above zero",
        "a decision rule says that lived_values_change 'not above zero', which no finding can say.",
        "did you mean 'above zero'?",
    ),
    "significant": (
        "lived_values_change is significant",
        "a decision rule says that lived_values_change 'significant', which no finding can say.",
        "Words: ",
    ),
    "misspelt": (
        "lived_values_change is above zeros",
        "a decision rule says that lived_values_change 'above zeros', which no finding can say.",
        "did you mean 'above zero'?",
    ),
    "unknown estimand": (
        "lived_value_change is above zero",
        "a decision rule is about 'lived_value_change', which is no estimand.",
        "did you mean 'lived_values_change'?",
    ),
    "guardrails improved": (
        "every guardrail is improved more than comparison",
        "a decision rule says that every guardrail 'improved more than comparison', which no finding can say.",
        "Words: safe.",
    ),
    "a verdict that is no guardrail's": (
        "strain_not_worse probably improved",
        "a decision rule says that strain_not_worse 'probably improved', which no finding can say.",
        "safe",
    ),
    "safe though no guardrail": (
        "lived_values_change is safe",
        "a decision rule says that lived_values_change 'safe', which no finding can say.",
        "Words: ",
    ),
    "rose though compared": (
        "lived_values_change rose in pilots",
        "a decision rule says that lived_values_change 'rose in pilots', which no finding can say.",
        "Words: ",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_other_text_is_an_error_with_its_line(tmp_path: Path, name: str) -> None:
    when, what, fix = REFUSED[name]
    problem = only(tmp_path, replace={WHEN: when})
    assert problem.what == what and fix in problem.fix
    assert problem.where.startswith("tiny/protocol.yaml, line 32, column 6")


def test_nothing_is_decided_on_what_is_exploratory(tmp_path: Path) -> None:
    replace = {WHEN: "awareness_change is above zero", "status: secondary": "status: exploratory"}
    assert only(tmp_path, replace=replace).what == "a decision rule rests on 'awareness_change', which is exploratory."


def test_guardrails_are_not_counted_where_there_are_none(tmp_path: Path) -> None:
    replace = {"status: guardrail": "status: secondary", ", margin: 0.2 points": ""}
    assert only(tmp_path, replace=replace).what == "a decision rule counts guardrails, but the protocol has none."


def test_otherwise_stands_last_and_must_be_there(tmp_path: Path) -> None:
    last = "  - {otherwise: continue to one more wave}\n"
    first = problems(tmp_path / "first", replace={"decide:\n": f"decide:\n{last}"})
    assert [one.what for one in first] == ["a decision rule stands after 'otherwise' and can never be reached."]
    none = problems(tmp_path / "none", replace={last: ""})
    assert [one.what for one in none] == ["the decision rules do not say what to do when none holds."]
