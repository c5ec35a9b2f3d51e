"""Response rates of a release. Source: completes over eligible people; docs/disclosure.md, rule 6."""

from dataclasses import replace
from pathlib import Path

import pytest

from evaluation.errors import ProtocolError
from evaluation.protocol.documents import Documents
from evaluation.release.cards import CellCard, ResponseCard
from evaluation.release.display import display
from evaluation.release.protect import protect
from evaluation.release.publish import read_release
from evaluation.release.response import response_rates
from evaluation.run import run
from evaluation.study import Study
from tests.findings.answers import documents_of
from tests.release.loaded import load_waves, loaded_study
from tests.release.tables import POLICY, table
from tests.studies import tiny_study

ARMS = {"develop": {"P1": (83, 6.2), "P2": (30, 6.5), "P3": (8, 7.1)}, "comparison": {"C1": (60, 5.0), "C2": (44, 5.5)}}
HEADS = {"P1": 100, "P2": 90, "P3": 80, "C1": 120, "C2": 60}
NAMED = {"linkage: pseudonym, groups": "linkage: pseudonym, headcounts: staff.csv, groups"}


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Documents:
    return replace(documents_of(tmp_path_factory.mktemp("tiny")), policy=POLICY)


def cards(documents: Documents, arms: dict[str, dict[str, tuple[int, float]]] = ARMS) -> tuple[CellCard, ...]:
    return display(protect(table(arms, headcounts=HEADS), POLICY), documents)


def rates(published: tuple[CellCard, ...], heads: dict[str, int]) -> dict[str, ResponseCard]:
    eligible = {("staff", "month_12", unit): number for unit, number in heads.items()}
    found = response_rates(published, {"lived_values": "staff"}, eligible, POLICY)
    return {f"{one.level}:{one.unit or one.arm or one.role}": one for one in found}


def test_a_rate_is_of_the_published_count_in_whole_percent(documents: Documents) -> None:
    found = rates(cards(documents), HEADS)
    assert (found["unit:P1"].answered, found["unit:P1"].eligible, found["unit:P1"].percent) == (85, 100, 85)
    assert (found["role:comparison"].answered, found["role:comparison"].percent) == (105, 58)


def test_a_hidden_count_has_no_rate(documents: Documents) -> None:
    published = cards(documents)
    hidden = {card.unit for card in published if card.suppressed}
    assert {"P2", "P3"} <= hidden
    assert not {f"unit:{unit}" for unit in hidden} & rates(published, HEADS).keys()


def test_rates_do_not_change_with_what_is_not_published(documents: Documents) -> None:
    """Another study with other hidden numbers but the same published cells tells the same rates: they are made from those alone."""
    other = {**ARMS, "develop": {"P1": (84, 6.2), "P2": (31, 6.5), "P3": (7, 7.1)}}
    one, two = cards(documents), cards(documents, other)
    assert [(card.n, card.suppressed) for card in one] == [(card.n, card.suppressed) for card in two]
    assert rates(one, HEADS) == rates(two, HEADS)


def test_a_total_with_an_unknown_headcount_has_no_rate_and_none_is_made_up(documents: Documents) -> None:
    found = rates(cards(documents), {unit: number for unit, number in HEADS.items() if unit != "P3"})
    assert "role:pilot" not in found and "unit:P1" in found and "role:comparison" in found
    assert rates(cards(documents), {}) == {}


def test_few_people_have_no_percentage_and_rounding_never_passes_a_hundred(documents: Documents) -> None:
    assert "unit:C2" not in rates(cards(documents), {**HEADS, "C2": 49})
    assert rates(cards(documents), {**HEADS, "P1": 84})["unit:P1"].percent == 100


def study_with(folder: Path, eligible: int) -> Study:
    study = Study(tiny_study(folder, replace=NAMED))
    heads = [f"{code},{eligible}" for code in ("P1", "P2", "P3", "C1", "C2", "C3", "C4", "C5")]
    (study.root / "staff.csv").write_text("\n".join(["organisation,eligible", *heads]))
    return study


def test_a_run_puts_the_rates_into_the_release(tmp_path: Path) -> None:
    study = study_with(tmp_path / "tiny", 400)
    load_waves(study, ("baseline", "month_12"), people={"P3": 8})
    run(study)
    release = read_release(study.releases / "preview")
    told = [rate for rate in release.response_rates if (rate.level, rate.wave) == ("role", "month_12")]
    cells = {(cell.wave, cell.level, cell.unit): cell for cell in release.cells if cell.suppressed}
    assert {str(rate.role) for rate in told} == {"pilot", "comparison"}
    assert [rate.eligible for rate in sorted(told, key=lambda rate: rate.eligible)] == [1200, 2000]
    assert not [rate for rate in release.response_rates if (rate.wave, rate.level, rate.unit) in cells]
    (study.root / "staff.csv").write_text("organisation,eligible\nP1,5\n")
    with pytest.raises(ProtocolError, match="and only 5 could have"):
        run(study)


def test_a_study_without_headcounts_publishes_no_rate(tmp_path: Path) -> None:
    study = loaded_study(tmp_path / "tiny", waves=("baseline", "month_12"))
    run(study)
    assert read_release(study.releases / "preview").response_rates == ()
