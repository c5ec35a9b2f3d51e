"""A number about few people decides nothing and is told to no board, neither now nor as a change since the last result.

Source: docs/disclosure.md, rule 4.
"""

from copy import deepcopy
from dataclasses import replace

import pandas as pd
import pytest

from evaluation.findings.decide import decide
from evaluation.findings.few import few_behind
from evaluation.findings.findings import Finding, Findings
from evaluation.findings.judge import judge
from evaluation.findings.since import since_last
from evaluation.findings.verdict import Kind
from evaluation.protocol.decide import rules
from evaluation.protocol.documents import Documents
from evaluation.release.finding_cards import finding_card
from tests.findings.answers import ALL_LOADED, answer_of, documents_of, finding_of, unit_rows

BIG = (2.0, (1.5, 2.5))


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Documents:
    return documents_of(tmp_path_factory.mktemp("tiny"))


def units_with(pilots: int) -> pd.DataFrame:
    """Three pilots of whom `pilots` people answered at follow-up."""
    units = unit_rows({"P1": 2.0, "P2": 2.0, "P3": 2.0, "C1": 0.0})
    units.loc[units["arm"] == "develop", "n_to"] = [pilots, 0, 0]
    return units


def few(documents: Documents, name: str = "lived_values_change") -> Finding:
    return finding_of(documents, name, *BIG, units=units_with(10), flags=("pilot_rank:1 of 4", "below_floor:0.02", "chosen_not_drawn"))


@pytest.mark.parametrize(("people", "expected"), [(0, False), (1, True), (10, True), (11, False)])
def test_few_are_somebody_below_the_threshold_on_one_side(documents: Documents, people: int, expected: bool) -> None:
    assert few_behind(answer_of(documents, units=units_with(people)), 11) is expected


@pytest.mark.parametrize(("pilots", "expected"), [(10, True), (11, False)])
def test_where_people_were_assigned_those_compared_count(documents: Documents, pilots: int, expected: bool) -> None:
    assert few_behind(answer_of(documents, unit="respondent", n_pilot=pilots, n_comparison=100), 11) is expected


def test_a_large_difference_between_few_people_is_no_verdict(documents: Documents) -> None:
    found = few(documents)
    assert (found.verdict.kind, found.few, found.headline.estimate) == (Kind.CANNOT_TELL, True, 2.0)
    assert found.sentence.endswith("Fewer than 11 people answered on one side, so the number would be about them.")
    assert found.would_change == ("More answers.",)
    assert [flag.id for flag in found.flags] == ["chosen_not_drawn"]
    assert not any("2.0" in line or "rose" in line for line in (found.sentence, *found.how_sure, *found.was_it_enough))


def test_a_guard_with_few_people_is_not_shown_safe(documents: Documents) -> None:
    found = finding_of(documents, "strain_not_worse", -2.0, (-2.5, -1.5), units=units_with(5))
    assert (found.verdict.kind, finding_card(found, documents.policy).verdict) == (Kind.NOT_SHOWN_SAFE, "Not shown safe")


def test_the_decision_does_not_rest_on_it(documents: Documents) -> None:
    safe = finding_of(documents, "strain_not_worse", -2.0, (-2.5, -1.5))
    told = decide(rules(documents.protocol), [few(documents), safe], "extend?")
    assert told.plan_says == "continue to one more wave"
    assert "cannot tell" in told.reason


def test_a_number_so_far_about_few_people_is_not_told(documents: Documents) -> None:
    early = replace(answer_of(documents, units=units_with(10)), headline=replace(answer_of(documents).headline, wave_to="month_6"))
    found = judge(answer_of(documents), documents, ALL_LOADED, [early])
    assert found.so_far == ()


def test_neither_the_number_before_nor_the_number_after_is_told_as_a_change(documents: Documents) -> None:
    def kept(finding: Finding) -> Findings:
        return Findings("Title", (finding,), decide(rules(documents.protocol), [finding], "extend?"), ())

    hidden, shown = kept(few(documents)), kept(finding_of(documents))
    contents = {
        name: deepcopy({"plan": "p", "data": name, "answers": {}, "findings": found.as_record()})
        for name, found in {"hidden": hidden, "shown": shown}.items()
    }
    for now, before, last in ((shown, "hidden", "shown"), (hidden, "shown", "hidden")):
        (line,) = since_last(now, documents, contents[before], contents[last])
        assert line.startswith("Values lived: was “") and "2.0" not in line and "0.5" not in line
