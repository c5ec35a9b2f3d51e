"""Real organisations: eleven years of the Civil Service People Survey loaded as waves, against plain pandas on the published files.

Nothing here goes through this program's readers, mappings or register: the other side reads the long file and the CSV files of 2016
to 2019 with pandas, and knows renamed organisations by the history's own identifiers.
"""

import re

import numpy as np
import pandas as pd
import pytest

import evaluation as ev
from evaluation.evidence.of_study import stored_evidence
from evaluation.inference.fit_estimand import answer
from evaluation.organisations.register import read_register
from evaluation.protocol.documents import read_documents, read_mapping
from evaluation.study import Study
from evaluation.waves import store
from tests.conftest import REAL_DATA, REPOSITORY
from tests.journeys.recipes import CIVIL_SERVICE, PROTOCOLS, civil_service, missing

YEARS = range(2009, 2020)
CSV = {
    2016: ("civil_service_peoples_survey_2016_all_org_scores.csv", "EES", "mw_ts", "pb_ts"),
    2017: ("Civil_Service_People_Survey_2017_All_Organisation_Scores__CSV_.csv", "Employee engagement index", "My work", "Pay and benefits"),
    2018: ("Civil-Service-People-Survey-2018-All-Organisation-Scores-v2.0.csv", "Employee engagement index", "My work", "Pay and benefits"),
    2019: ("Civil-Service-People-Survey-2019-All-Organisation-Scores-CSV-format.csv", "Employee Engagement Index", "My work", "Pay and benefits"),
}
LONG = {"engagement": r"(?i)employee engagement index$", "my_work": r"My work theme", "pay": r"Pay and benefits theme"}
GROUPS = ["CSBNCH", "CSMEAN", "HOFGRP", "JSTGRP", "STATGP"]
PAGE = REPOSITORY / "docs" / "published-surveys.md"


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    if missing(CIVIL_SERVICE):
        pytest.skip(missing(CIVIL_SERVICE))
    return civil_service(tmp_path_factory.mktemp("civil"))


@pytest.fixture(scope="module")
def trend(study: Study) -> ev.Trend:
    return ev.trend(study, "engagement")


def published(measure: str) -> pd.DataFrame:
    """Figures by organisation as it is now and year, from the files as published; changes of organisation from the README's table."""
    folder = REAL_DATA / CIVIL_SERVICE
    long = pd.read_parquet(folder / "csps_organisation_scores_2009_2019_long.parquet")
    long = long[long["question_measure"].str.contains(LONG[measure]) & (long["obj_year"] <= 2015)]
    parts = [long[["obj_year", "organisation", "value"]].set_axis(["year", "name", "value"], axis=1)]
    for year, (name, *columns) in CSV.items():
        table = pd.read_csv(folder / name, dtype=str, encoding="utf-8-sig")
        value = table[columns[list(LONG).index(measure)]].str.rstrip("%").astype(float)
        parts.append(pd.DataFrame({"year": year, "name": table.iloc[:, 1].str.strip(), "value": value}))
    figures = pd.concat(parts)
    names = pd.read_csv(folder / "02_02-org_history.csv", encoding="utf-8-sig").set_index("organisation")["uid"]
    figures["unit"] = figures["name"].map(names)
    assert figures["unit"].notna().all()
    figures = figures[~figures["unit"].isin(GROUPS)]
    for old, new in changes():
        figures["unit"] = figures["unit"].replace(old, new)
    return figures.pivot_table(index="unit", columns="year", values="value", aggfunc="mean")


def changes() -> list[tuple[str, str]]:
    text = (PROTOCOLS / "civil-service-trend" / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([A-Z, ]+) \| ([A-Z]+) \| (\d{4}-\d\d-\d\d) \|$", text, re.MULTILINE)
    return [(old, new) for olds, new, _ in sorted(rows, key=lambda row: row[2]) for old in olds.split(", ")]


def test_every_year_has_one_mapping_of_its_own_and_is_loaded_as_a_wave(study: Study) -> None:
    documents = read_documents(study.root)
    mappings = [read_mapping(path, documents) for path in sorted((study.root / "mappings").glob("*.yaml"))]
    assert [mapping.waves for mapping in mappings] == [(f"y{year}",) for year in YEARS]
    assert {mapping.file.format for mapping in mappings} == {"parquet", "csv", "excel"}
    assert len({(mapping.file.format, *mapping.items) for mapping in mappings}) >= 5, "headers change from year to year"
    loads = store.loads(study)
    assert list(loads["wave"]) == [f"y{year}" for year in YEARS]
    assert list(loads["rows"]) == [93, 102, 97, 97, 98, 101, 95, 98, 98, 102, 106]


def test_answers_stay_stored_under_the_name_of_the_day(study: Study) -> None:
    """Two departments had become one by 2016; the organisation of 2019 has no row before."""
    stored = store.loads(study).set_index("wave")["organisations"].str.split(", ")
    register = read_register(read_documents(study.root))
    assert {"BUSINV", "ENGCLM"} <= set(stored["y2015"]) and "BUSENG" not in stored["y2015"]
    assert "BUSENG-1" in stored["y2016"] and "BUSENG" in stored["y2019"]
    assert register.former.loc["BUSINV-1", "became"] == register.former.loc["ENGCLM", "became"] == "BUSENG"
    assert len(register.former) > 80


@pytest.mark.parametrize("measure", ["engagement", "my_work", "pay"])
def test_the_trend_equals_what_plain_pandas_works_out_from_the_published_files(study: Study, measure: str) -> None:
    """Merged organisations have the mean of what was published for their parts: no numbers of people are published."""
    told, by_hand = ev.trend(study, measure), published(measure)
    whole = by_hand.dropna()
    assert set(told.units) == set(whole.index) and len(whole) == 58
    table = told.tidy()
    np.testing.assert_allclose(table["mean"], whole.mean(), rtol=1e-12)
    np.testing.assert_allclose(table[["low", "high"]], whole.quantile([0.25, 0.75]).T, rtol=1e-12)
    np.testing.assert_allclose(table["mean_of_all"], by_hand.mean(), rtol=1e-12)
    assert list(table["all_units"]) == list(by_hand.notna().sum())


def test_renamed_and_merged_organisations_are_what_keeps_the_line_long(trend: ev.Trend) -> None:
    """Without the register's rows of changes, the organisations that they name would have no whole line."""
    joined = {new for _, new in changes()} & set(trend.units)
    assert len(trend.units) - len(joined) == 50
    assert joined == {"EDUCAT", "CRTTRB", "ANPHEL", "PSSOFF", "DRVVCH", "BUSENG", "DGCLMD", "HSCMLG"}


def test_medians_of_all_organisations_are_near_those_that_were_published(study: Study) -> None:
    """The benchmarks' workbook gives the median of organisations, before rounding and without our leaving groups out."""
    medians = published("engagement").median()
    book = pd.read_excel(
        REAL_DATA / CIVIL_SERVICE / "Civil_Service_People_Survey_2009_2021_Benchmarks_v2.ods", sheet_name="Table_1", header=4, engine="calamine")
    told = book.set_index("Measure").loc["EES", [str(year) for year in YEARS]].astype(float)
    assert np.abs(medians.to_numpy() - told.to_numpy()).max() < 1.0


def test_the_change_told_is_the_mean_of_the_organisations_own_changes(trend: ev.Trend) -> None:
    whole = published("engagement").dropna()
    own = whole[2019] - whole[2009]
    assert trend.change == pytest.approx(own.mean(), rel=1e-12)
    assert f"changed by {own.mean():.1f}; {(own > 0).sum()} rose, {(own < 0).sum()} fell. This is a change, not an effect." in trend.summary()


def test_the_headline_is_the_change_of_the_organisations_with_both_ends_of_the_line(study: Study) -> None:
    """As `pilot run` tells it, by a one-sample t; every organisation counts the same, because no numbers of people are published."""
    documents = read_documents(study.root)
    register = read_register(documents)
    (found,) = answer("engagement_change", documents, stored_evidence(study, documents, register), register)
    both = published("engagement")[[2009, 2019]].dropna()
    own = both[2019] - both[2009]
    assert found.headline.n_units == len(own) == 60
    assert found.headline.estimate == pytest.approx(own.mean(), abs=1e-9)
    assert found.headline.std_error == pytest.approx(own.std() / np.sqrt(len(own)), rel=1e-9)
    flags = {name.partition(":")[0] for name in found.headline.flags}
    assert {"change_not_effect", "spread_unknown", "unbalanced_waves"} <= flags
    told = f"{own.mean():.1f} points ({found.headline.conf_low:.1f} to {found.headline.conf_high:.1f})"
    assert told in PAGE.read_text(encoding="utf-8")


def test_the_page_shows_the_line_of_this_run(trend: ev.Trend) -> None:
    """`docs/pictures/civil-service-trend.svg` is `ev.trend(...).picture()`; the page tells first, last and number."""
    assert (REPOSITORY / "docs" / "pictures" / "civil-service-trend.svg").read_text(encoding="utf-8") == trend.picture()
    means, text = trend.tidy()["mean"], PAGE.read_text(encoding="utf-8")
    assert f"the {len(trend.units)} organisations present throughout" in text
    assert f"{means.iloc[0]:.1f} in 2009, {means.min():.1f} in 2011 and {means.iloc[-1]:.1f} in 2019" in text
