"""Pseudonyms and the count of those who stayed, joined and left. Expected counts are counted by hand in each test."""

from pathlib import Path

import polars as pl
import pytest

from evaluation.organisations.register import read_register
from evaluation.protocol.documents import read_documents
from evaluation.waves import store
from evaluation.waves.keys import Key
from evaluation.waves.linkage import Recognised, match_report, pseudonymise, recognised
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
