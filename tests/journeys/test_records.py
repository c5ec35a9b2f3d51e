"""Sickness days from the table of records to the board's page: counts in, a change of the rate in percent out."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evaluation.errors import ProtocolError
from evaluation.findings import ledger
from evaluation.inference.rows.records import event_rates
from evaluation.organisations.records import read_records
from evaluation.organisations.register import read_register
from evaluation.protocol.documents import read_documents
from evaluation.release.publish import Release, read_release
from evaluation.run import run
from evaluation.study import Study
from tests.dashboards.reading import page
from tests.dashboards.reading import text as text_of
from tests.release.loaded import loaded_study
from tests.studies import UNITS, tiny_study

MEASURES = "measures:\n"
SICKNESS = "  sickness: {label: Sickness absence, population: staff, score: event rate, records: records/sickness.csv, better: lower, minimum_important_difference: 10 percent, says: days lost to sickness}\n"
ESTIMAND = "estimands:\n"
ASKED = "  sickness_change: {status: STATUS, measure: sickness, design: difference in differences}\n"


def plan(status: str = "secondary", **swaps: str) -> dict[str, str]:
    asked = ASKED.replace("STATUS", status)
    for old, new in swaps.items():
        asked = asked.replace(old, new)
    return {MEASURES: MEASURES + SICKNESS, ESTIMAND: ESTIMAND + asked}


def counts(ratio: float = 0.7, level: float = 4.0, seed: int = 3, waves: tuple[str, ...] = ("baseline", "month_12")) -> pd.DataFrame:
    """Days lost and staff of every organisation and wave; pilots' rates fall to `ratio`, all others' rise by a tenth."""
    rng, rows = np.random.default_rng(seed), []
    for unit, arm in UNITS:
        staff = float(rng.integers(800, 3000))
        for wave in waves:
            moved = (1.1 if wave != "baseline" else 1.0) * (ratio if arm == "develop" and wave != "baseline" else 1.0)
            rows.append([unit, wave, rng.poisson(level * moved * staff * np.exp(rng.normal(0, 0.02))), staff])
    return pd.DataFrame(rows, columns=["organisation", "wave", "events", "exposure"])


def with_records(study: Study, frame: pd.DataFrame) -> Study:
    (study.root / "records").mkdir(exist_ok=True)
    frame.to_csv(study.root / "records" / "sickness.csv", index=False)
    return study


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return loaded_study(tmp_path_factory.mktemp("stored") / "tiny", waves=("baseline", "month_12"), replace=plan()).root


@pytest.fixture
def study(stored: Path, tmp_path: Path) -> Study:
    return Study(Path(shutil.copytree(stored, tmp_path / "tiny")))


def kept(study: Study) -> dict[str, object]:
    findings = list(ledger.all_results(study.results))[-1].content["findings"]["findings"]
    return next(one for one in findings if one["measure"] == "sickness")


def test_the_rows_of_a_study_are_those_of_the_analysts_call_on_the_same_table(study: Study) -> None:
    frame = counts()
    run(with_records(study, frame))
    table = frame.assign(arm=frame["organisation"].map(dict(UNITS)))
    same = event_rates(table, unit="organisation", wave="wave", arm="arm", pilot="develop", events="events", exposure="exposure",
                       baseline="baseline", follow_up="month_12")
    rows = kept(study)["estimates"]
    assert [(row["estimator"], row["variance"]) for row in rows] == [(row.estimator, row.variance) for row in same]
    for row, other in zip(rows, same, strict=True):
        assert [row[name] for name in ("estimate", "std_error", "df", "p_value", "conf_low", "resolution_floor")] == pytest.approx(
            [getattr(other, name) for name in ("estimate", "std_error", "df", "p_value", "conf_low", "resolution_floor")])
        assert row["term"] == "log rate ratio"


def test_the_board_reads_percent_of_the_rate_with_its_interval_and_the_plans_change_in_the_same_unit(study: Study) -> None:
    finding = next(one for one in run(with_records(study, counts())) if one.subject.measure == "sickness")
    log = finding.answer.headline
    ends = [100 * (np.exp(value) - 1) for value in (log.estimate, log.conf_low, log.conf_high)]
    assert [finding.headline.estimate, *finding.interval] == pytest.approx(ends)
    assert ends[1] < -30 < ends[2] < -10
    assert finding.verdict.words == "Improved more than comparison, by more than the change that matters"
    low, high = (f"{-end:.0f}" for end in (ends[2], ends[1]))
    assert finding.sentence == (
        f"The rate of days lost to sickness in pilot organisations is {-ends[0]:.0f} percent lower than the change elsewhere would "
        f"lead us to expect (95% confidence interval {low} to {high}).")
    card = next(one for one in preview(study).findings if one.measure == "sickness")
    assert (card.estimate, card.unit_words, card.minimum_important_difference) == (pytest.approx(ends[0], rel=5e-3), "percent", 10.0)
    assert card.panel[0].estimate == pytest.approx(log.estimate, rel=5e-3)
    assert (card.n_from, card.n_to, card.n_respondents) == (None, None, 0)


def preview(study: Study) -> Release:
    return read_release(study.releases / "preview")


def test_no_count_of_any_unit_leaves_the_study(study: Study) -> None:
    frame = counts()
    run(with_records(study, frame))
    release = preview(study)
    assert not [cell for cell in release.cells if cell.measure == "sickness"]
    text = release.model_dump_json(exclude={"protocol_page"})
    assert not [number for number in frame["events"] if f":{number}," in text or f"{number:,}" in text]


def test_the_pages_of_the_board_show_it(study: Study) -> None:
    run(with_records(study, counts()))
    text = text_of(page(preview(study), "/m/sickness"))
    assert "counted in records" in text and "The rate of days lost to sickness" in text
    assert "Only how rates compare is shown" in text and "percent" in text


def test_before_the_records_are_there_the_finding_says_what_is_awaited(study: Study) -> None:
    finding = next(one for one in run(study) if one.subject.measure == "sickness")
    assert finding.verdict.words == "Not yet evaluable"
    assert finding.sentence.startswith("Not yet evaluable. Records of days lost to sickness from Start")
    first = list(ledger.all_results(study.results))[-1].id
    run(with_records(study, counts()))
    assert list(ledger.all_results(study.results))[-1].id != first


def test_other_counts_make_another_result_and_the_same_counts_the_same(study: Study) -> None:
    first = run(with_records(study, counts())).result_id
    assert run(study).result_id == first
    assert run(with_records(study, counts(seed=4))).result_id != first


def test_few_events_are_about_few_people_and_decide_nothing(study: Study) -> None:
    finding = next(one for one in run(with_records(study, counts(level=0.0006))) if one.subject.measure == "sickness")
    assert finding.few and "Fewer than 11 events were counted on one side" in finding.sentence
    card = next(one for one in preview(study).findings if one.measure == "sickness")
    assert card.estimate is None and not card.panel and "events were counted" in card.sentence


def test_a_guardrail_on_a_rate_has_its_margin_in_percent_on_both_scales(tmp_path: Path) -> None:
    made = loaded_study(tmp_path / "tiny", waves=("baseline", "month_12"), replace=plan("guardrail", **{"sickness, design": "sickness, margin: 10 percent, design"}))
    finding = next(one for one in run(with_records(made, counts(ratio=1.0))) if one.subject.measure == "sickness")
    rows = {row.estimator: row for row in finding.answer.further}
    safe = finding.interval[1] < 10
    assert (finding.verdict.words == "Safe") == safe == (rows["non-inferiority"].p_value < 0.025)
    assert rows["non-inferiority"].term == "log rate ratio no worse than 10 percent"
    assert "The rate of days lost to sickness in pilot organisations" in finding.sentence


def test_records_without_any_event_tell_nothing(study: Study) -> None:
    finding = next(one for one in run(with_records(study, counts().assign(events=0))) if one.subject.measure == "sickness")
    assert (finding.answer.headline.estimate, finding.answer.headline.p_value) == (None, None)
    assert {refusal.rule for refusal in finding.answer.refusals} == {"no_spread"}


def test_an_organisation_without_a_wave_is_left_out_by_name(study: Study) -> None:
    frame = counts()
    finding = next(one for one in run(with_records(study, frame[(frame["organisation"] != "C3") | (frame["wave"] == "baseline")]))
                   if one.subject.measure == "sickness")
    assert "unbalanced_waves:1: C3" in finding.answer.flags
    assert finding.headline.n_comparison == 4


def test_one_pilot_keeps_its_number_and_no_p_value(study: Study) -> None:
    finding = next(one for one in run(with_records(study, counts().query("organisation not in ('P1', 'P2')"))) if one.subject.measure == "sickness")
    assert finding.answer.headline.status == "p-value withheld" and finding.answer.headline.p_value is None
    assert finding.verdict.words == "Cannot tell" and "The difference seen was" in finding.sentence


@pytest.mark.parametrize(
    ("row", "words", "line"),
    [
        ("X9,baseline,3,100", "the register has no organisation 'X9'", 3), ("P1,spring,3,100", "there is no wave 'spring'", 3),
        ("P1,month_12,3.5,100", "not a whole number", 3), ("P1,month_12,-3,100", "'events' is -3", 3),
        ("P1,month_12,3,0", "'exposure' is 0", 3), ("P1,month_12,3,", "'exposure' is empty", 3),
        ("P1,baseline,4,100", "'P1' has two rows for one wave", 3),
    ],
)
def test_a_bad_row_is_refused_with_its_line(tmp_path: Path, row: str, words: str, line: int) -> None:
    made = loaded_study(tmp_path / "tiny", waves=(), replace=plan())
    (made.root / "records").mkdir()
    (made.root / "records" / "sickness.csv").write_text(f"organisation,wave,events,exposure\nP1,baseline,3,100\n{row}\n")
    documents = read_documents(made.root)
    with pytest.raises(ProtocolError) as refused:
        read_records(documents, read_register(documents), "sickness")
    (problem,) = refused.value.problems
    assert words in problem.what and f"line {line}" in problem.where


@pytest.mark.parametrize(
    ("swap", "words"),
    [
        ({SICKNESS: SICKNESS.replace(", records: records/sickness.csv", "")}, "names its table under 'records'"),
        ({SICKNESS: SICKNESS.replace("population: staff", "population: staff, instrument: values")}, "has no 'instrument'"),
        ({SICKNESS: SICKNESS.replace("10 percent", "10 points")}, "in percent of it"),
        ({SICKNESS: SICKNESS.replace("records/sickness.csv", "../sickness.csv")}, "not a CSV file inside the study"),
        ({"sickness, design: difference in differences": "sickness, design: before and after"}, "a rate counted in records"),
        ({"sickness, design": "sickness, covariates: [staff_group], design"}, "'covariates' means nothing"),
        ({"sickness, design": "sickness, estimator: least squares, design"}, "'estimator' means nothing"),
        ({"items: [know_values], ": ""}, "items must be there"),
    ],
)
def test_a_plan_that_says_what_a_rate_cannot_have_is_refused(tmp_path: Path, swap: dict[str, str], words: str) -> None:
    ((old, new),) = swap.items()
    known = any(old in value for value in plan().values())
    text = {key: value.replace(old, new) for key, value in plan().items()} if known else {**plan(), old: new}
    root = tiny_study(tmp_path / "tiny", replace=text)
    with pytest.raises(ProtocolError, match=words):
        read_documents(root)


def test_the_plan_on_a_page_says_that_records_are_not_planned_for(tmp_path: Path) -> None:
    from evaluation.plan.page import plan_page
    from evaluation.plan.words import page_text

    made = loaded_study(tmp_path / "tiny", waves=(), replace=plan())
    text = " ".join(page_text(plan_page(read_documents(made.root), draws=100)).split())
    assert "Counted in records, so that nothing is expected of them here: sickness_change." in text
    assert "rate of events, counted in records/sickness.csv" in text


TEAMS = {f"T{k}": ("A" if k < 6 else "B", "develop" if k in (0, 1, 2, 6, 7) else "comparison") for k in range(12)}


def team_study(folder: Path, teams: dict[str, tuple[str, str]]) -> Study:
    root = tiny_study(folder, replace=plan() | {"assignment: organisation": "assignment: team"})
    rows = ["organisation,unit,name,arm,type", *(f"{place},{team},Team {team},{arm},NHS Trust" for team, (place, arm) in teams.items())]
    (root / "organisations.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    rng = np.random.default_rng(5)
    frame = pd.DataFrame([(teams[team][0], team, wave, rng.poisson(90), 30.0) for team in teams for wave in ("baseline", "month_12")],
                         columns=["organisation", "unit", "wave", "events", "exposure"])
    return with_records(Study(root), frame)


def answered(study: Study):
    from evaluation.evidence.evidence import Evidence
    from evaluation.evidence.moments import no_moments
    from evaluation.evidence.recorded import with_records as recorded
    from evaluation.inference.fit_estimand import answer

    documents = read_documents(study.root)
    register = read_register(documents)
    nothing = Evidence({name: no_moments(name) for name in documents.protocol.measures}, {}, pd.DataFrame(), pd.DataFrame(
        columns=["population", "organisation", "unit", "arm", "wave", "n", "people"]), {}, "f")
    evidence = recorded(nothing, documents, register)
    (found,) = answer("sickness_change", documents, evidence, register)
    return found, evidence.records["sickness"]


def test_teams_are_compared_inside_organisations_that_hold_both_arms(tmp_path: Path) -> None:
    """Plain numpy: least squares of teams' changes of log rates on the arm and a level for each organisation, at equal weights."""
    found, table = answered(team_study(tmp_path / "tiny", TEAMS))
    rate = table.assign(rate=np.log(table["events"] / table["exposure"])).pivot(index="unit", columns="wave", values="rate")
    change = (rate["month_12"] - rate["baseline"]).to_numpy()
    side = np.array([TEAMS[team][1] == "develop" for team in rate.index], dtype=float)
    places = np.array([[TEAMS[team][0] == name for name in "AB"] for team in rate.index], dtype=float)
    pooled = next(row for row in found.beside if row.variance == "pooled t")
    assert pooled.estimate == pytest.approx(np.linalg.lstsq(np.column_stack([places, side]), change, rcond=None)[0][2])
    assert (pooled.df, found.headline.n_pilot, found.headline.n_comparison) == (9.0, 5, 7)
    assert "shared_organisations:2: A, B" in found.flags
    assert found.headline.resolution_floor == pytest.approx(1 / (20 * 15), rel=1e-9)


def test_counts_of_teams_are_added_up_where_organisations_have_one_arm_each(tmp_path: Path) -> None:
    teams = {f"T{k}": (f"O{k // 2}", "develop" if k // 2 < 3 else "comparison") for k in range(14)}
    found, table = answered(team_study(tmp_path / "tiny", teams))
    sums = table.groupby(["organisation", "wave"])[["events", "exposure"]].sum()
    rate = np.log(sums["events"] / sums["exposure"]).unstack("wave")
    change = rate["month_12"] - rate["baseline"]
    side = change.index.isin(["O0", "O1", "O2"])
    pooled = next(row for row in found.beside if row.variance == "pooled t")
    assert pooled.estimate == pytest.approx(change[side].mean() - change[~side].mean())
    assert (found.headline.unit, found.headline.n_pilot, found.headline.n_comparison) == ("organisation", 3, 4)
    assert found.units["unit"].tolist() == [f"O{k}" for k in range(7)]
