"""Since the last meeting. Source: the board's page standard, "The summary page, in order" and the mock."""

from copy import deepcopy
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from evaluation.findings.decide import Decision
from evaluation.findings.findings import Finding, Findings
from evaluation.findings.judge import judge
from evaluation.findings.since import later_by, since_last
from evaluation.protocol.documents import Documents
from tests.findings.answers import ALL_LOADED, answer_of, documents_of, finding_of


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Documents:
    return documents_of(tmp_path_factory.mktemp("tiny"))


def findings(*items: Finding) -> Findings:
    return Findings("Title", items, Decision("extend?", "continue", "", ()), ())


def content(found: Findings, people: int = 960, data: str = "d1") -> dict[str, Any]:
    return deepcopy({"plan": "p", "data": data, "answers": {"staff": {"label": "Staff", "people": people}}, "findings": found.as_record()})


def test_the_first_result_names_the_wave_and_the_number_so_far(documents: Documents) -> None:
    seen = replace(answer_of(documents), headline=replace(answer_of(documents, estimate=0.3).headline, wave_to="month_6"))
    found = findings(judge(answer_of(documents), documents, ALL_LOADED, [seen]))
    assert since_last(found, documents, None, content(found)) == (
        "First result at 12 months; at 6 months the difference so far was +0.3 (0.2 to 0.8).",)


def test_a_wave_watched_after_the_one_that_decides_is_later_and_not_so_far(tmp_path: Path) -> None:
    """Source: a board member's audit: "so far" of a wave a year after the one that decided."""
    decided_early = documents_of(tmp_path, **{"looks: {watch: [month_6], decide: [month_12]}": "looks: {watch: [month_12], decide: [month_6]}"})
    seen = replace(answer_of(decided_early), headline=replace(answer_of(decided_early, estimate=0.3).headline, wave_to="month_12"))
    finding = judge(answer_of(decided_early), decided_early, ALL_LOADED, [seen])
    (line,) = since_last(findings(finding), decided_early, None, content(findings(finding)))
    assert line == "First result at 6 months; 6 months later (12 months) it was +0.3 (0.2 to 0.8)."
    assert finding.so_far[0].sentence.startswith("6 months later (12 months) the difference was +0.3")


@pytest.mark.parametrize(("closes", "said"), [(date(2027, 5, 21), "a year"), (date(2028, 5, 22), "2 years"), (date(2026, 6, 5), "14 days")])
def test_how_much_later_is_told_as_people_would(documents: Documents, closes: date, said: str) -> None:
    waves = dict(documents.protocol.waves)
    last = waves["month_12"].model_copy(update={"opens": closes, "closes": closes})
    plan = documents.protocol.model_copy(update={"waves": {**waves, "later": last}})
    assert later_by(plan, "month_12", "later") == said
    assert later_by(plan, "month_12", "month_6") == ""


def test_before_the_deciding_wave_it_says_when_a_result_is_due(documents: Documents) -> None:
    waiting = judge(answer_of(documents, estimate=None, interval=(None, None), status="not yet evaluable"), documents, {"staff": ("baseline",)})
    found = findings(waiting)
    assert since_last(found, documents, None, content(found)) == ("No result yet: 12 months closes on 22 May 2026.",)


def test_more_answers_and_what_they_moved(documents: Documents) -> None:
    old, new = findings(finding_of(documents, estimate=0.2, interval=(-0.3, 0.7))), findings(finding_of(documents))
    assert since_last(new, documents, content(old), content(new, 1172, "d2")) == (
        "Staff: 210 more answers.",
        "Values lived: from +0.2 to +0.5 points out of 10, now “improved more than comparison”.")


def test_a_single_added_answer_cannot_be_seen(documents: Documents) -> None:
    same = findings(finding_of(documents))
    said = [since_last(same, documents, content(same), content(same, 960 + more, "d2")) for more in (1, 4)]
    assert said[0] == said[1] == ("Staff: a few more answers.", "No number on these pages changed.")


def test_a_change_that_only_rounding_made_says_so(documents: Documents) -> None:
    old, new = findings(finding_of(documents, estimate=0.448)), findings(finding_of(documents, estimate=0.452))
    assert "from +0.4 to +0.5 points out of 10 (mostly rounding)." in since_last(new, documents, content(old), content(new))[-1]


def test_a_changed_plan_is_said_first(documents: Documents) -> None:
    same = findings(finding_of(documents))
    assert since_last(same, documents, content(same) | {"plan": "other"}, content(same))[0].startswith("The plan was changed")


def test_a_verdict_that_changes_without_a_number_is_told(documents: Documents, tmp_path: Path) -> None:
    waiting = judge(answer_of(documents, estimate=None, interval=(None, None), status="not yet evaluable"), documents, {"staff": ("baseline",)})
    old, new = findings(waiting), findings(finding_of(documents))
    assert since_last(new, documents, content(old), content(new))[-1] == (
        "Values lived: was “Not yet evaluable”, now “Improved more than comparison”.")
