"""Two years of one survey whose questions were renumbered and whose organisations are spelt in another way: one mapping each.

The public reports of the Federal Employee Viewpoint Survey give the percentage of every answer by agency. In 2022 the recommendation
was question 43, in 2020 question 17. Source of the other side: plain pandas on the same file.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import evaluation as ev
from evaluation.evidence.evidence import Evidence
from evaluation.evidence.of_study import stored_evidence
from evaluation.organisations.register import read_register
from evaluation.protocol.documents import read_documents
from evaluation.study import Study
from tests.conftest import REAL_DATA
from tests.journeys.line import pilot
from tests.journeys.recipes import missing

FEVS = "fevs_agency_2020_2022"
AGREE = ["Strongly Agree", "Agree", "Neither Agree nor Disagree", "Disagree", "Strongly Disagree"]
SATISFIED = ["Very Satisfied", "Satisfied", "Neither Satisfied nor Dissatisfied", "Dissatisfied", "Very Dissatisfied"]
QUESTIONS = {
    2020: {"recommend": ("Q17", AGREE), "accomplishment": ("Q3", AGREE), "satisfied": ("Q36", SATISFIED)},
    2022: {"recommend": ("Q43", AGREE), "accomplishment": ("Q3", AGREE), "satisfied": ("Q68", SATISFIED)},
}
MEASURES = tuple(QUESTIONS[2020])
TOTALS = ["All Responses", "DOD Overall", "Small Agencies"]
PEOPLE = "Item Response Total**"
PROTOCOL = """\
protocol: two_years
version: 1
title: Two years of one survey
question: Did staff answer otherwise in 2022 than in 2020?
asks: repeat the survey?
board: {name: Survey Group, contact: evaluation@example.org}
assignment: organisation
randomised: false
selection: purposive
arms:
  everyone: {role: pilot, label: All agencies}
if_an_organisation_leaves: analyse agencies with both waves; the others are counted
populations:
  staff: {label: Staff, level: organisation}
waves:
  y2020: {label: "2020", opens: 2020-09-14, closes: 2020-11-05, before: start}
  y2022: {label: "2022", opens: 2022-05-31, closes: 2022-07-22}
looks: {decide: [y2022]}
measures:
  recommend:      {label: Recommend, instrument: fevs, population: staff, score: single item, items: [recommend], minimum_important_difference: 0.1 points, says: would recommend their organisation}
  accomplishment: {label: Accomplishment, instrument: fevs, population: staff, score: single item, items: [accomplishment], minimum_important_difference: 0.1 points, says: feel that they accomplish something}
  satisfied:      {label: Satisfied, instrument: fevs, population: staff, score: single item, items: [satisfied], minimum_important_difference: 0.1 points, says: are satisfied with their job}
estimands:
  recommend_change: {status: primary, measure: recommend, design: before and after}
decide:
  - {when: recommend_change is above zero, then: repeat the survey}
  - {otherwise: stop}
confidence: 0.95
seed: 2022
policies: {disclosure: threshold-11}
"""
INSTRUMENT = """\
instrument: fevs
version: 1
population: staff
source: Percentages as published; the mean is worked out from the options.
scales:
  mean_1_5: {range: 1 to 5, whole: false}
items:
  recommend: {wording: I recommend my organization as a good place to work., scale: mean_1_5}
  accomplishment: {wording: My work gives me a feeling of personal accomplishment., scale: mean_1_5}
  satisfied: {wording: "Considering everything, how satisfied are you with your job?", scale: mean_1_5}
"""


def wide(year: int) -> pd.DataFrame:
    """One row an agency, one column an option of a question under the number it had that year."""
    tidy = pd.read_csv(REAL_DATA / FEVS / "fevs_agency_2020_2022_tidy.csv.gz")
    asked = [item for item, _ in QUESTIONS[year].values()]
    rows = tidy[(tidy["wave"] == year) & tidy["item"].isin(asked)]
    return rows.assign(column=rows["item"] + " " + rows["response"]).pivot(index="agency", columns="column", values="value")


def mapping(year: int, *, counts: bool = False) -> str:
    """One year's mapping, in which a question is known by its number; options as means, or as counts of each question's base."""
    means = ", ".join(
        f"{name}: {{options: {{{', '.join(f'{item} {option}: {5 - k}' for k, option in enumerate(options))}}}"
        + (f", base: {item} {PEOPLE}}}" if counts else "}")
        for name, (item, options) in QUESTIONS[year].items())
    first, *others = [item for item, _ in QUESTIONS[year].values()]
    others, base = ([first, *others], "people") if counts else (others, f"{first} {PEOPLE}")
    ignored = [f"{item} {option}" for item, options in QUESTIONS[year].values() for option in options]
    return f"""\
mapping: report-{year}
version: 1
reviewed_by: The test
population: staff
waves: [y{year}]
file: {{format: csv, leave_out: {{agency: [{", ".join(TOTALS)}]}}, means: {{{means}}}}}
organisation: {{column: agency, by: name}}
base: {{column: {base}}}
items: {{{", ".join(f"{name}: {{item: {name}}}" for name in MEASURES)}}}
ignore: [{", ".join([*ignored, *(f"{item} {PEOPLE}" for item in others)])}]
"""


def study_of(folder: Path, protocol: str = PROTOCOL, instrument: str = INSTRUMENT) -> Path:
    """The documents, with a register of the agencies of 2022 and one that was there in 2020 only."""
    root = folder / "two-years"
    (root / "instruments").mkdir(parents=True)
    (root / "mappings").mkdir()
    (root / "protocol.yaml").write_text(protocol, encoding="utf-8")
    (root / "instruments" / "fevs.yaml").write_text(instrument, encoding="utf-8")
    names = sorted({*wide(2022).index, "NASA"} - set(TOTALS))
    codes = [name.replace(" ", "_") for name in names]
    register = pd.DataFrame({"organisation": codes, "name": names, "arm": "everyone", "type": "other"})
    register.to_csv(root / "organisations.csv", index=False)
    return root


def loaded(root: Path, year: int, text: str) -> None:
    file, document = root.parent / f"{year}.csv", root / "mappings" / f"{year}.yaml"
    wide(year).to_csv(file)
    document.write_text(text, encoding="utf-8")
    said = pilot("wave", "load", root, file, "--wave", f"y{year}", "--population", "staff", "--mapping", document)
    assert said.code == 0, said.err


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    if missing(FEVS):
        pytest.skip(missing(FEVS))
    root = study_of(tmp_path_factory.mktemp("fevs"))
    for year in QUESTIONS:
        loaded(root, year, mapping(year))
    return Study.open(root)


def by_hand(measure: str, year: int) -> pd.Series:
    """The mean by agency: 5 for the best answer to 1 for the worst, over what the percentages add up to."""
    item, options = QUESTIONS[year][measure]
    table = wide(year).drop(index=TOTALS)
    shares = table[[f"{item} {option}" for option in options]].to_numpy()
    return pd.Series(shares @ [5, 4, 3, 2, 1] / shares.sum(axis=1), index=table.index.str.split().str.join(" "))


@pytest.mark.parametrize("measure", MEASURES)
def test_both_years_are_on_the_same_measure_and_their_change_is_that_of_plain_pandas(study: Study, measure: str) -> None:
    told = ev.trend(study, measure)
    both = pd.concat([by_hand(measure, 2020), by_hand(measure, 2022)], axis=1, keys=["y2020", "y2022"])
    table = told.tidy().set_index("wave")
    assert list(table["all_units"]) == [40, 39] and len(told.units) == 39
    assert table["mean_of_all"].to_numpy() == pytest.approx(both.mean().to_numpy(), abs=1e-6)
    whole = both.dropna()
    assert told.change == pytest.approx((whole["y2022"] - whole["y2020"]).mean(), abs=1e-6)
    assert abs(told.change) > 0.01


def test_an_agency_spelt_with_two_spaces_in_one_year_is_the_same(study: Study) -> None:
    assert "Marine  Corps" in wide(2020).index and "Marine Corps" in wide(2022).index
    assert {"Marine_Corps", "DOD_4th_Estate"} <= set(ev.trend(study, "recommend").units)


def test_headers_of_the_other_year_are_refused_with_the_column_that_is_not_there(study: Study) -> None:
    file = study.root.parent / "2022.csv"
    said = pilot("wave", "check", study.root, file, "--wave", "y2020", "--population", "staff", "--mapping",
                 study.root / "mappings" / "2020.yaml")
    assert said.code == 3
    assert "names columns that the file lacks: 'Q17 Strongly Agree'" in said.out + said.err


# the same tables as counts

COUNTED = PROTOCOL.replace("level: organisation", "level: option")
CODED = INSTRUMENT.replace("mean_1_5: {range: 1 to 5, whole: false}", "mean_1_5: {options: {1: Worst, 2: Bad, 3: Neither, 4: Good, 5: Best}}")


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    if missing(FEVS):
        pytest.skip(missing(FEVS))
    root = study_of(tmp_path_factory.mktemp("counted"), COUNTED, CODED)
    for year in QUESTIONS:
        loaded(root, year, mapping(year, counts=True))
    documents = read_documents(root)
    return stored_evidence(Study.open(root), documents, read_register(documents))


@pytest.mark.parametrize("measure", MEASURES)
def test_counts_give_means_spread_and_numbers_of_people_within_their_rounding(counted: Evidence, measure: str) -> None:
    """The other side works both out of the shares. Percentages are weighted and of one decimal: among agencies of a hundred people a
    whole person is a percent, among large ones nothing is left but the rounding, six times 0.05 points: 0.003 of a mean."""
    moments = counted.moments[measure]
    cells = moments.cells.assign(mean=moments.means(), variance=moments.variance(), n=moments.n)
    for year in QUESTIONS:
        item, options = QUESTIONS[year][measure]
        table = wide(year).drop(index=TOTALS)
        shares = table[[f"{item} {option}" for option in options]].to_numpy() / 100
        shares, codes = shares / shares.sum(axis=1, keepdims=True), np.array([5, 4, 3, 2, 1])
        names = table.index.str.split().str.join("_")
        own = cells[cells["wave"] == f"y{year}"].set_index("unit").loc[names]
        people = table[f"{item} {PEOPLE}"].to_numpy()
        mean = shares @ codes
        np.testing.assert_array_equal(own["n"], people)
        np.testing.assert_allclose(own["mean"], mean, atol=0.01)
        np.testing.assert_allclose(own["variance"], shares @ codes**2 - mean**2, atol=0.02)
        large = people > 10_000
        np.testing.assert_allclose(own["mean"][large], mean[large], atol=0.003)
        assert large.sum() >= 10


def test_tallies_hold_as_many_people_as_answered_in_both_years(counted: Evidence) -> None:
    """All agencies together: 2020 and 2022 as printed for each question, totals left out."""
    totals = counted.tallies.groupby(["wave", "item"])["n"].sum()
    for year in QUESTIONS:
        for measure, (item, _) in QUESTIONS[year].items():
            assert totals[f"y{year}", measure] == wide(year).drop(index=TOTALS)[f"{item} {PEOPLE}"].sum()
