"""Pseudonyms and the count of those who stayed, joined and left. Expected counts are counted by hand in each test."""

from pathlib import Path

import polars as pl
import pytest

from evaluation.organisations.register import read_register
from evaluation.protocol.documents import read_documents
from evaluation.terms import Design, Linkage
from evaluation.waves import store
from evaluation.waves.people.keys import Key
from evaluation.waves.people.linkage import (
    Recognised,
    designs_that_may_follow,
    match_rates,
    match_report,
    pseudonymise,
    recognised,
)
from evaluation.waves.storage.read import Responses
from tests.waves.storing import ACTOR, arriving, some, study_in, tree

KEY = Key(b"k" * 32)


def hidden(
    tmp_path: Path, *, linkage: str = "pseudonym", protocol: str = "tiny", key: Key = KEY, wave: str = "baseline"
) -> list[str]:
    name = f"{linkage}-{protocol}"
    study = study_in(
        tmp_path / name, replace={"linkage: pseudonym": f"linkage: {linkage}", "protocol: tiny": f"protocol: {protocol}"}
    )
    frame = pl.DataFrame({"wave": [wave] * 2, "organisation": ["P1", "C1"], "respondent": ["0001", "0001"]})
    return pseudonymise(frame, key, read_documents(study.root).protocol, "staff")["respondent"].to_list()


def test_a_person_keeps_the_pseudonym_from_wave_to_wave(tmp_path: Path) -> None:
    assert hidden(tmp_path) == hidden(tmp_path, wave="month_6")


def test_the_same_number_in_two_organisations_is_two_people(tmp_path: Path) -> None:
    first, second = hidden(tmp_path)
    assert first != second


def test_studies_and_keys_give_unrelated_pseudonyms(tmp_path: Path) -> None:
    found = [hidden(tmp_path)[0], hidden(tmp_path, protocol="other")[0], hidden(tmp_path, key=Key(b"j" * 32))[0]]
    assert len(set(found)) == 3


def test_a_population_without_linkage_cannot_be_followed(tmp_path: Path) -> None:
    assert hidden(tmp_path, linkage="none") != hidden(tmp_path, linkage="none", wave="month_6")


def test_an_absent_id_stays_absent(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {"wave": ["baseline"], "organisation": ["P1"], "respondent": [None]}, schema_overrides={"respondent": pl.String}
    )
    protocol = read_documents(study_in(tmp_path).root).protocol
    assert pseudonymise(frame, KEY, protocol, "staff")["respondent"].to_list() == [None]


def test_the_report_counts_stayers_joiners_and_leavers_by_unit_and_arm(tmp_path: Path) -> None:
    study = study_in(tmp_path)
    place = pl.col("respondent")
    store.load(study, some(arriving(study, "baseline"), ~place.is_in(["P1-0005", "C1-0004", "C1-0005"])), actor=ACTOR)
    store.load(study, some(arriving(study, "month_6"), ~place.is_in(["P1-0000", "P1-0001", "C1-0005"])), actor=ACTOR)
    register = read_register(read_documents(study.root))
    report = match_report(store.responses(study, "staff"), "baseline", "month_6", register).set_index("unit")
    counts = ["n_from", "n_to", "stayers", "leavers", "joiners", "without_id"]
    assert report.loc["P1", counts].tolist() == [5, 4, 3, 2, 1, 0]
    assert report.loc["C1", counts].tolist() == [4, 5, 4, 0, 1, 0]
    assert report.loc["P1", "share_matched"] == pytest.approx(3 / 5)
    assert report.loc[["P1", "C1"], "arm"].tolist() == ["develop", "comparison"]
    assert len(report) == 8


def test_those_recognised_are_counted_from_each_loaded_wave_to_the_next(tmp_path: Path) -> None:
    """48 staff in each wave; two stay away from the first, one from the second: 45 stay, 1 leaves, 2 join."""
    study, place = study_in(tmp_path), pl.col("respondent")
    store.load(study, some(arriving(study, "baseline"), ~place.is_in(["P1-0005", "C1-0004"])), actor=ACTOR)
    store.load(study, some(arriving(study, "month_12"), place != "P1-0000"), actor=ACTOR)
    protocol = read_documents(study.root).protocol
    found = recognised(store.responses(study, "staff"), protocol, {"month_12", "baseline"})
    assert found == (Recognised("staff", "baseline", "month_12", 45, 1, 2),)
    assert found[0].percent == pytest.approx(100 * 45 / 46)


def test_nobody_is_recognised_where_no_linkage_is_declared(tmp_path: Path) -> None:
    study = study_in(tmp_path, replace={"linkage: pseudonym": "linkage: none"})
    for wave in ("baseline", "month_12"):
        store.load(study, arriving(study, wave), actor=ACTOR)
    assert recognised(store.responses(study, "staff"), read_documents(study.root).protocol, {"baseline", "month_12"}) == ()


def test_no_id_is_on_disk_outside_the_files_received(tmp_path: Path) -> None:
    study = study_in(tmp_path)
    store.load(study, arriving(study, "baseline"), actor=ACTOR)
    held = b"".join(tree(study.root).values())
    assert b"P1-0003" not in held
    frame = pl.concat([pl.read_parquet(path) for path in store.responses(study, "staff").files])
    assert frame["respondent"].str.contains("^[0-9a-f]{32}$").all()


def held(folder: Path, rows: list[tuple[str, str, str, str | None]]) -> Responses:
    """Stored rows as (wave, organisation, unit, pseudonym)."""
    frame = pl.DataFrame(rows, schema=["wave", "organisation", "unit", "respondent"], orient="row")
    frame.with_columns(arm=pl.lit("develop")).write_parquet(folder / "rows.parquet", use_pyarrow=True)
    return Responses("staff", 1, (folder / "rows.parquet",), tuple(frame.columns))


def test_a_pseudonym_that_two_rows_of_a_wave_share_is_counted_and_followed_nowhere(tmp_path: Path) -> None:
    """Ann and two people under one code at the start; the code again later: nobody can say whose it is."""
    rows = [("a", "O", "O", "ann"), ("a", "O", "O", "x"), ("a", "O", "O", "x"), ("b", "O", "O", "ann"), ("b", "O", "O", "x")]
    (found,) = match_report(held(tmp_path, rows), "a", "b").to_dict("records")
    assert (found["n_from"], found["n_to"], found["stayers"], found["leavers"], found["joiners"], found["ambiguous"]) == (3, 2, 1, 0, 0, 3)
    assert found["share_matched"] == 1.0


def test_who_moves_to_another_team_leaves_one_and_joins_the_other_and_is_counted_as_moved(tmp_path: Path) -> None:
    rows = [("a", "O", "T1", "ann"), ("a", "O", "T1", "bob"), ("b", "O", "T2", "ann"), ("b", "O", "T1", None)]
    report = match_report(held(tmp_path, rows), "a", "b").set_index("unit")
    assert report.loc["T1", ["stayers", "leavers", "moved", "joiners", "without_id"]].tolist() == [0, 2, 1, 0, 1]
    assert report.loc["T2", ["stayers", "leavers", "moved", "joiners", "without_id"]].tolist() == [0, 0, 0, 1, 0]


def test_rates_add_units_up_by_organisation_and_arm(tmp_path: Path) -> None:
    rows = [("a", "O", "T1", "ann"), ("a", "O", "T2", "bob"), ("a", "Q", "T3", "cy"), ("b", "O", "T1", "ann"), ("b", "Q", "T3", "di")]
    report = match_report(held(tmp_path, rows), "a", "b")
    by_organisation = match_rates(report, "organisation").set_index("organisation")
    assert by_organisation["share_matched"].to_dict() == {"O": 0.5, "Q": 0.0}
    assert match_rates(report, "arm")[["arm", "stayers", "leavers", "joiners"]].to_numpy().tolist() == [["develop", 1, 2, 1]]


@pytest.mark.parametrize("linkage", list(Linkage))
def test_only_recognised_people_carry_an_ancova_and_everybody_the_other_designs(linkage: Linkage) -> None:
    may = {one.design: one.may for one in designs_that_may_follow(linkage)}
    assert may.pop(Design.ANCOVA) is (linkage is not Linkage.NONE)
    assert all(may.values())


def test_an_ancova_may_not_follow_where_a_unit_has_nobody_to_follow(tmp_path: Path) -> None:
    rows = [("a", "O", "T1", "ann"), ("a", "O", "T1", "bob"), ("b", "O", "T1", "ann"), ("b", "O", "T1", "bob"), ("b", "O", "T1", None)]
    report = match_report(held(tmp_path, rows), "a", "b")
    (open_,) = [one for one in designs_that_may_follow(Linkage.MIXED, report) if one.design is Design.ANCOVA]
    assert open_.because == (
        "It follows 2 people who are recognised. Rows that name nobody, or not one person only, are left out: 1."
    )
    more = match_report(held(tmp_path, [*rows, ("a", "O", "T2", "cy")]), "a", "b")
    (closed,) = [one for one in designs_that_may_follow(Linkage.MIXED, more) if one.design is Design.ANCOVA]
    assert (closed.may, closed.because) == (False, "It follows people, and 1 of 2 units have fewer than two who are recognised.")


@pytest.mark.parametrize("linkage", ["panel", "mixed"])
def test_people_of_a_panel_and_of_the_named_part_of_a_mixed_sample_are_recognised(tmp_path: Path, linkage: str) -> None:
    study = study_in(tmp_path, replace={"linkage: pseudonym": f"linkage: {linkage}"})
    for wave in ("baseline", "month_12"):
        store.load(study, arriving(study, wave), actor=ACTOR)
    (found,) = recognised(store.responses(study, "staff"), read_documents(study.root).protocol, {"baseline", "month_12"})
    assert (found.stayers, found.leavers, found.joiners) == (48, 0, 0)
