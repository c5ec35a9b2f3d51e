"""A simulated study: known truth, planned variances, same seed same bytes, files that load, and it says that it is simulated."""

import json
from collections.abc import Callable
from pathlib import Path
from shutil import copytree

import numpy as np
import pandas as pd
import pytest

from evaluation.cli.main import main
from evaluation.errors import IntegrityError, ProtocolError, UsageError
from evaluation.organisations.headcounts import eligible_by_organisation, more_than_eligible
from evaluation.organisations.register import read_register
from evaluation.protocol.documents import read_documents, read_mapping
from evaluation.simulate.draw import draw_waves, published_means
from evaluation.simulate.files import SimulatedFile, simulate
from evaluation.simulate.model import StudyModel, study_model
from evaluation.simulate.truth import Truth, default_truth, read_truth
from evaluation.study import Study
from evaluation.waves.collect import Collected, collect
from evaluation.waves.made_up import refuse_unlisted
from evaluation.waves.store import version
from tests.conftest import REPOSITORY
from tests.studies import tiny_study

WORKED = REPOSITORY / "protocols" / "values-pilot"


@pytest.fixture(scope="module")
def worked() -> StudyModel:
    documents = read_documents(WORKED)
    return study_model(documents, read_truth(documents))


@pytest.fixture(scope="module")
def frames(worked: StudyModel) -> dict[tuple[str, str], pd.DataFrame]:
    return draw_waves(worked, read_register(worked.documents).units, 11)


def test_nobody_answers_who_is_not_in_the_worked_studys_headcounts(worked: StudyModel, frames: dict[tuple[str, str], pd.DataFrame]) -> None:
    register = read_register(worked.documents)
    for (population, wave), frame in frames.items():
        answered = {str(code): int(rows) for code, rows in frame.groupby("organisation").size().items()}
        eligible = eligible_by_organisation(worked.documents, register, population, wave)
        assert len(eligible) == (0 if population == "public" else 32)
        assert not list(more_than_eligible(answered, eligible, worked.documents, population, wave))
        shares = [answered[code] / number for code, number in eligible.items()]
        assert all(0.3 < share < 0.8 for share in shares)


def test_a_plan_that_expects_more_answers_than_there_are_people_gets_no_more_than_there_are(tmp_path: Path) -> None:
    root = tmp_path / "study"
    copytree(WORKED, root)
    plan = root / "protocol.yaml"
    plan.write_text(plan.read_text().replace("respondents_per_unit: 300", "respondents_per_unit: 2000"))
    documents = read_documents(root)
    register = read_register(documents)
    drawn = draw_waves(study_model(documents, read_truth(documents)), register.units, 3, ("staff",))
    answered = drawn["staff", "month_12"].groupby("organisation").size()
    eligible = eligible_by_organisation(documents, register, "staff", "month_12")
    assert all(0.85 * eligible[str(code)] < number <= eligible[str(code)] for code, number in answered.items())


def lived(model: StudyModel, frame: pd.DataFrame) -> pd.Series:
    """Scores of the main measure by hand: turn the reversed items, drop codes 99, put 1 to 5 on 0 to 10."""
    instrument = model.documents.instruments["values"]
    items = [name for name, item in instrument.items.items() if item.value]
    answers = frame[items].astype(float).where(lambda codes: codes <= 5)
    for name in items:
        if instrument.items[name].reverse:
            answers[name] = 6 - answers[name]
    return (answers.mean(axis=1) - 1) * 2.5


def test_the_truth_that_intervals_are_judged_by_is_the_difference_that_was_asked_for(worked: StudyModel) -> None:
    for measure, arms in worked.truth.effects.items():
        for arm, gain in arms.items():
            assert worked.effect(measure, arm, "baseline", "month_12") == pytest.approx(gain, abs=1e-9)
    assert worked.effect("lived_values", "develop", "baseline", "month_6") == pytest.approx(0.3, abs=1e-9)
    assert worked.change("lived_values", "comparison", "baseline", "month_12") == pytest.approx(0.1, abs=1e-9)


def test_means_of_simulated_answers_are_the_expected_ones(worked: StudyModel) -> None:
    """Comparison staff at baseline over 10 seeds: 240 units, so the mean is known to about 0.02 points; allowed 0.06."""
    units = read_register(worked.documents).units
    means = []
    for seed in range(10):
        frame = draw_waves(worked, units, seed, ("staff",))["staff", "baseline"]
        scores = lived(worked, frame).groupby(frame["organisation"]).mean()
        means.append(scores[units.index[units["arm"] == "comparison"]].mean())
    assert np.mean(means) == pytest.approx(worked.expected("lived_values", "comparison", "baseline"), abs=0.06)


def test_answers_vary_as_the_plan_expects(worked: StudyModel, frames: dict[tuple[str, str], pd.DataFrame]) -> None:
    """The protocol expects 18% of the scale between people: 1.8 points. One seed, 9,600 people: within 8%."""
    scores = lived(worked, frames["staff", "baseline"])
    assert scores.std() == pytest.approx(1.8, rel=0.08)


def test_units_and_their_waves_vary_as_the_plan_expects(worked: StudyModel) -> None:
    """Shares 3% and 0.6% of the variance: variance components of unit means over 12 seeds, within three tenths and a half."""
    units = read_register(worked.documents).units
    between, within = [], []
    for seed in range(12):
        drawn = draw_waves(worked, units, seed, ("staff",))
        means = {
            wave: lived(worked, drawn["staff", wave]).groupby(drawn["staff", wave]["organisation"]).mean()
            for wave in ("baseline", "month_6")
        }
        people = len(drawn["staff", "baseline"]) / len(units)
        comparison = units.index[units["arm"] == "comparison"]
        first, second = means["baseline"][comparison], means["month_6"][comparison]
        between.append(np.cov(first, second)[0, 1])
        within.append((second - first).var() / 2 - 0.964 * 1.8**2 / people * (1 - 0.5 * 0.55))
    assert np.mean(between) / 1.8**2 == pytest.approx(0.03, rel=0.3)
    assert np.mean(within) / 1.8**2 == pytest.approx(0.006, rel=0.5)


def test_people_stay_leave_and_join(frames: dict[tuple[str, str], pd.DataFrame]) -> None:
    first, last = (set(frames["staff", wave]["respondent"]) for wave in ("baseline", "month_12"))
    assert 0.3 < len(first & last) / len(first) < 0.8
    joined = last - set(frames["staff", "baseline"]["respondent"]) - set(frames["staff", "month_6"]["respondent"])
    assert joined and first - last


def test_respondents_are_unique_in_a_wave_and_patients_cannot_be_recognised(frames: dict[tuple[str, str], pd.DataFrame]) -> None:
    assert frames["staff", "month_6"]["respondent"].is_unique
    assert "respondent" not in frames["patients", "month_6"]


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    """With an Excel workbook and a file of late answers among them."""
    made = []
    for number, seed in enumerate((3, 3, 4)):
        study = Study(small(tmp_path / f"study-{number}"))
        files = simulate(study, tmp_path / f"files-{number}", seed).files
        made.append({file.path.name: file.path.read_bytes() for file in files})
    assert {"staff-baseline.csv", "staff-month_12-late.csv", "patients-month_6-harbour-light.xlsx"} <= set(made[0])
    assert made[0] == made[1]
    assert not any(made[0][name] == made[2][name] for name in made[0])


def small(folder: Path) -> Path:
    """The worked study with a tenth of the answers."""
    root = copytree(WORKED, folder)
    plan = root / "protocol.yaml"
    text = plan.read_text(encoding="utf-8")
    for people in (300, 200, 150):
        text = text.replace(f"respondents_per_unit: {people}", f"respondents_per_unit: {people // 10}")
    plan.write_text(text, encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], tuple[SimulatedFile, Collected]]:
    study = Study(copytree(WORKED, tmp_path_factory.mktemp("worked") / "study"))
    made = {file.path.stem: file for file in simulate(study, study.inbox, 5).files}
    documents = read_documents(study.root)
    register = read_register(documents)

    def read(stem: str) -> tuple[SimulatedFile, Collected]:
        file = made[stem]
        mapping = read_mapping(study.mappings / f"{file.mapping}.yaml", documents) if file.mapping else None
        return file, collect(documents, register, file.path, wave=file.wave, population=file.population, mapping=mapping)

    return read


@pytest.mark.parametrize(
    "stem", ["staff-baseline", "staff-month_12", "staff-month_12-late", "patients-month_12", "public-month_6"]
)
def test_every_row_of_a_simulated_file_is_taken_in(loaded: Callable[[str], tuple[SimulatedFile, Collected]], stem: str) -> None:
    file, found = loaded(stem)
    assert found.receipt.kept == file.rows


def test_late_answers_are_of_people_who_are_not_in_the_first_file(
    loaded: Callable[[str], tuple[SimulatedFile, Collected]],
) -> None:
    first, late = (set(loaded(stem)[1].frame["respondent"]) for stem in ("staff-month_12", "staff-month_12-late"))
    assert not first & late
    assert loaded("staff-month_12-late")[0].append


def test_a_suppliers_file_reads_back_as_the_answers_it_was_made_from(
    loaded: Callable[[str], tuple[SimulatedFile, Collected]], worked: StudyModel
) -> None:
    file, found = loaded("patients-month_6-harbour-light")
    drawn = draw_waves(worked, read_register(worked.documents).units, 5, ("patients",))["patients", "month_6"]
    assert file.mapping == "harbour-light"
    assert found.receipt.identifiers_dropped == {"Patient name": file.rows, "E-mail": file.rows}
    for item in worked.documents.instruments["patient-experience"].items:
        wanted = drawn[item].astype(float).where(lambda codes: codes <= 4)
        assert found.frame[item].drop_nulls().len() == wanted.notna().sum()
        assert found.frame[item].mean() == pytest.approx(wanted.mean())


def test_the_study_says_that_its_data_are_simulated(tmp_path: Path) -> None:
    study = Study(small(tmp_path / "study"))
    simulate(study, tmp_path / "files", 1)
    record = json.loads(study.simulated_file.read_text(encoding="utf-8"))
    assert record["seed"] == 1
    assert record["sentence"] == "These organisations do not exist; the difference put into the simulation was 0.5 points."
    assert record["truth"]["effects"]["lived_values"] == {"develop": 0.5, "come_alive": 0.5}


def test_made_up_answers_never_join_real_ones(tmp_path: Path) -> None:
    study = Study(tiny_study(tmp_path))
    study.store.mkdir()
    (study.store / "staff").mkdir()
    with pytest.raises(UsageError, match="must not join"):
        simulate(study, tmp_path / "files", 1)


def test_real_answers_never_join_made_up_ones(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    study = Study(tiny_study(tmp_path / "study"))
    first = simulate(study, tmp_path / "files", 1).files[0]
    real = tmp_path / "real.csv"
    real.write_bytes(first.path.read_bytes() + b"\n")  # one byte more: not what was simulated
    words = [str(study.root), "--wave", first.wave, "--population", first.population]
    for act in ("check", "load"):
        assert main(["wave", act, words[0], str(real), *words[1:]]) == 3
        assert "this study holds simulated answers; real answers belong in a study of their own." in capsys.readouterr().err
    assert version(study) == {} and not study.inbox.exists()
    assert main(["wave", "load", words[0], str(first.path), *words[1:]]) == 0


def test_a_changed_file_is_told_its_own_faults_before_that_it_was_not_simulated(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    study = Study(tiny_study(tmp_path / "study"))
    first = simulate(study, tmp_path / "files", 1).files[0]
    changed = tmp_path / "changed.csv"
    changed.write_text(first.path.read_text(encoding="utf-8").replace("lived_1", "lived1", 1), encoding="utf-8")
    assert main(["wave", "check", str(study.root), str(changed), "--wave", first.wave, "--population", first.population]) == 3
    said = capsys.readouterr().err
    assert "column 'lived1'" in said
    assert "simulated" not in said


def test_files_of_an_earlier_seed_stay_loadable_and_a_broken_list_is_mended_by_simulating(tmp_path: Path) -> None:
    study = Study(tiny_study(tmp_path / "study"))
    first = simulate(study, tmp_path / "one", 1).files[0]
    simulate(study, tmp_path / "two", 2)
    refuse_unlisted(study, first.path)
    study.simulated_file.write_text("{", encoding="utf-8")
    with pytest.raises(IntegrityError, match="not what was written"):
        refuse_unlisted(study, first.path)
    simulate(study, tmp_path / "one", 1)
    refuse_unlisted(study, first.path)


def test_a_study_without_a_truth_of_its_own_gains_what_matters_on_everything_but_its_guardrails(tmp_path: Path) -> None:
    documents = read_documents(tiny_study(tmp_path))
    truth = read_truth(documents)
    assert truth == default_truth(documents.protocol)
    assert truth.effects == {"lived_values": {"develop": 0.3}, "awareness": {"develop": 10.0}}
    assert truth.effect(documents.protocol, "lived_values", "develop", "month_6") == pytest.approx(0.3 * 245 / 434)


def test_a_truth_that_names_what_the_protocol_lacks_is_refused_with_its_line(tmp_path: Path) -> None:
    root = tiny_study(tmp_path)
    (root / "simulation.yaml").write_text(
        "effects:\n  lived_value: {develop: 0.5}\n  awareness: {develope: 10}\n", encoding="utf-8"
    )
    with pytest.raises(ProtocolError) as refused:
        read_truth(read_documents(root))
    said = str(refused.value)
    assert "measure 'lived_value'" in said and "did you mean 'lived_values'" in said
    assert "arm 'develope'" in said and "line 3" in said


def test_an_effect_that_the_scale_cannot_hold_is_refused(tmp_path: Path) -> None:
    documents = read_documents(tiny_study(tmp_path))
    with pytest.raises(ProtocolError, match="cannot reach"):
        study_model(documents, Truth(effects={"awareness": {"develop": 80.0}}))


def test_a_published_table_is_one_row_an_organisation_with_the_people_behind_it() -> None:
    frame = pd.DataFrame({"organisation": ["A", "A", "B"], "q1": [1, 2, 5]}).astype({"q1": "Int64"})
    assert published_means(frame).to_dict("list") == {"organisation": ["A", "B"], "base": [2, 1], "q1": [1.5, 5.0]}


TEAMS = "organisation,unit,name,arm,type,region,size,values_history,start\n" + "".join(
    f"A1,T{k},Team {k},{'develop' if k < 4 else 'comparison'},NHS Trust,North,40,never had,{'2025-04-01' if k < 4 else ''}\n"
    for k in range(8)
)


@pytest.mark.parametrize(
    ("change", "register", "columns"),
    [
        ({"assignment: organisation": "assignment: team"}, TEAMS, {"organisation", "unit"}),
        ({"assignment: organisation": "assignment: respondent", "randomised: false": "randomised: true", "selection: purposive":
          "selection: by lot", ", estimator: unit change": ""}, None, {"organisation", "arm"}),
    ],
)  # fmt: skip
def test_teams_and_people_who_were_assigned_are_written_as_intake_wants_them(
    tmp_path: Path, change: dict[str, str], register: str | None, columns: set[str]
) -> None:
    root = tiny_study(tmp_path, replace=change)
    if register is None:
        register = "organisation,name,arm,type,region,size,values_history,start\nA1,One place,,NHS Trust,North,800,never had,\n"
    (root / "organisations.csv").write_text(register, encoding="utf-8")
    made = simulate(Study(root), tmp_path / "files", 1)
    documents = read_documents(root)
    file = made.files[0]
    found = collect(documents, read_register(documents), file.path, wave=file.wave, population=file.population)
    assert found.receipt.kept == file.rows
    assert columns <= set(pd.read_csv(file.path, nrows=1).columns)
