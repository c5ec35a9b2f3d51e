"""What a protocol may say about weights: each contradiction is one sentence with what puts it right."""

from pathlib import Path

import pytest

from tests.protocol.changed import documents, only

LINE = "linkage: pseudonym, groups: [staff_group]"
HEADLINE = "design: difference in differences, estimator: unit change"


def weights(said: str, headcounts: str = "headcounts: headcounts/staff.csv, ") -> dict[str, str]:
    return {LINE: f"linkage: pseudonym, {headcounts}weights: {said}, groups: [staff_group]"}


CASES = {
    "no headcounts": (
        weights("{kind: raking, margins: [staff_group]}", headcounts=""),
        "the answers of 'staff' are weighted, but there are no headcounts to weight them to.",
        "under 'headcounts'",
    ),
    "no such group": (
        weights("{kind: raking, margins: [staff_grup]}"),
        "the answers of 'staff' are weighted by 'staff_grup', which is no group of the population.",
        "did you mean 'staff_group'?",
    ),
    "twice": (
        weights("{kind: raking, margins: [staff_group, staff_group]}"),
        "the weights of 'staff' name a margin twice.",
        "once",
    ),
    "bounds above": (
        weights("{kind: raking, margins: [staff_group], trim: 1.5 to 3}"),
        "the weights of 'staff' are trimmed to 1.5 to 3, but they have a mean of 1.",
        "'0.3 to 3'",
    ),
    "bounds below zero": (
        weights("{kind: raking, margins: [staff_group], trim: -1 to 3}"),
        "the weights of 'staff' are trimmed to -1 to 3, but they have a mean of 1.",
        "'0.3 to 3'",
    ),
    "no weights declared": (
        {HEADLINE: f"{HEADLINE}, weights: response"},
        "estimand 'lived_values_change' is weighted, but population 'staff' declares no weights.",
        "add 'weights: {kind: raking",
    ),
    "ancova": (
        {**weights("{kind: raking, margins: [staff_group]}"), HEADLINE: "design: ancova, weights: response"},
        "estimand 'lived_values_change' is an ancova of people who answered twice, whom headcounts say nothing about.",
        "take 'weights' out",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_contradiction_is_told_with_its_way_out(tmp_path: Path, name: str) -> None:
    changes, what, fix = CASES[name]
    found = only(tmp_path, replace=changes)
    assert found.what == what
    assert fix in found.fix


def test_people_assigned_one_by_one_are_not_weighted_by_unit(tmp_path: Path) -> None:
    changes = weights("{kind: raking, margins: [staff_group]}")
    robust = {HEADLINE: "design: difference in differences", "assignment: organisation": "assignment: respondent"}
    found = only(tmp_path, replace={**changes, **robust})
    assert found.what == "the answers of 'staff' are weighted unit by unit, but people were assigned one by one."


def test_weights_are_read_with_their_bounds(tmp_path: Path) -> None:
    found = documents(tmp_path, replace=weights("{kind: raking, margins: staff_group, trim: 0.3 to 3}"))
    declared = found.protocol.populations["staff"].weights
    assert declared is not None and declared.trim is not None
    assert (declared.kind.value, declared.margins, declared.trim.low, declared.trim.high) == ("raking", ("staff_group",), 0.3, 3)
