"""After an erasure the person is nowhere in the study: no version, no kept sum, no received file, no log; and it repeats.

Source: privacy goal P2 of docs/disclosure.md, row 58 of the table of bad inputs, and the store of the design.
"""

import gzip
import io
import json
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

import evaluation as ev
from evaluation.audit_log import verify
from evaluation.cli.main import main
from evaluation.errors import BusyError, CannotRepeatError, UsageError
from evaluation.protocol.documents import read_documents
from evaluation.study import Study, writing
from evaluation.waves import erase as erasing
from evaluation.waves import store
from evaluation.waves.erase import erase
from evaluation.waves.load import Arriving, load_wave
from evaluation.waves.people.keys import read_key
from evaluation.waves.storage import rewrite as store_rewrite
from evaluation.waves.storage import rewritings
from evaluation.waves.storage.read import read_rows
from evaluation.waves.withdraw import withdraw
from tests.studies import tiny_frame, tiny_wave
from tests.waves.storing import ACTOR, arriving, only, pseudonym, some, study_in, tree

PERSON = "P1-0003"


class PowerCut(BaseException):
    """The process ends here."""


@pytest.fixture
def study(tmp_path: Path) -> Study:
    """Two waves as received, a correction of P1 and late answers, so that the person is in five versions."""
    study = study_in(tmp_path)
    for wave in ("baseline", "month_6"):
        load_wave(study, Arriving(tiny_wave(tmp_path, wave, people=6), wave, "staff"), actor=ACTOR)
    mended = only(arriving(study, "month_6", seed=2), "P1")
    store.load(study, mended, actor=ACTOR, supersede=True, reason="corrected")
    late = some(arriving(study, "month_6", people=7), pl.col("respondent").str.ends_with("0006"))
    store.load(study, late, actor=ACTOR, append=True)
    return study


def pseudonym_of(study: Study, person: str = PERSON) -> str:
    return pseudonym(read_key(study.root), person)


def found_in(study: Study, text: str) -> list[str]:
    """Files in whose bytes the text stands, packed or plain; Parquet is read cell by cell."""
    return [name for name, content in tree(study.root).items() if text.encode() in content or holds(study.root / name, text)]


def holds(path: Path, text: str) -> bool:
    if path.suffix == ".parquet":
        cells = pl.read_parquet(path).select(pl.col(pl.String)).to_dict(as_series=False)
        return any(text in values for values in cells.values())
    return path.suffix == ".gz" and text.encode() in gzip.decompress(path.read_bytes())


def test_before_an_erasure_the_person_is_where_this_test_looks(study: Study) -> None:
    ev.run(study)
    assert len(found_in(study, pseudonym_of(study))) == 3, "both waves, and the correction of one"
    assert {name.split("/")[0] for name in found_in(study, PERSON)} == {"inbox"}
    assert len(found_in(study, PERSON)) == 2


def test_neither_id_nor_pseudonym_is_found_in_any_byte_afterwards(study: Study) -> None:
    hidden = pseudonym_of(study)
    ev.run(study)
    erase(study, "staff", PERSON, actor=ACTOR)
    assert found_in(study, PERSON) == found_in(study, hidden) == []
    assert store.rehash(study).problems == ()
    assert not any(path.name == "staff" for path in study.store.iterdir())
    ev.run(study)
    assert found_in(study, hidden) == []


def test_everybody_else_stays_in_every_version(study: Study) -> None:
    others = {version: rows_of(study, version) for version in (1, 2, 3, 4)}
    hidden = pseudonym_of(study)
    erase(study, "staff", PERSON, actor=ACTOR)
    for version, before in others.items():
        assert rows_of(study, version).equals(before.filter(pl.col("respondent") != hidden))
    assert rows_of(study, 5).equals(rows_of(study, 4))


def rows_of(study: Study, version: int) -> pl.DataFrame:
    found, _ = store.remains(study, "staff", version)
    rows = pl.concat([pl.read_parquet(path) for path in found.files], how="diagonal")
    return rows.sort("wave", "organisation", "respondent")


def test_an_old_version_says_that_it_cannot_be_repeated_and_how_many_rows_went(study: Study) -> None:
    erase(study, "staff", PERSON, actor=ACTOR)
    for version, rows in ((1, 1), (2, 2), (3, 2), (4, 2)):
        with pytest.raises(CannotRepeatError, match="CANNOT REPEAT") as refusal:
            store.responses(study, "staff", version)
        assert (refusal.value.rows, refusal.value.exit_code) == (rows, 4)
    assert store.responses(study, "staff").version == 5
    assert store.version(study) == {"staff": 5}


def test_a_version_from_before_the_person_answered_can_be_repeated(tmp_path: Path) -> None:
    study = study_in(tmp_path)
    baseline = arriving(study, "baseline")
    store.load(study, only(baseline, "C1"), actor=ACTOR)
    store.load(study, only(baseline, "P1"), actor=ACTOR)
    (file,) = store.responses(study, "staff", 1).files
    before = file.read_bytes()
    erase(study, "staff", PERSON, actor=ACTOR)
    (after,) = store.responses(study, "staff", 1).files
    assert (after.name, after.read_bytes()) == (file.name, before)
    with pytest.raises(CannotRepeatError, match="1 row was erased from version 2"):
        store.responses(study, "staff", 2)


def test_two_erasures_add_up(study: Study) -> None:
    erase(study, "staff", PERSON, actor=ACTOR)
    erase(study, "staff", "C2-0001", actor=ACTOR)
    with pytest.raises(CannotRepeatError, match="4 rows were erased from version 4"):
        store.responses(study, "staff", 4)
    with pytest.raises(CannotRepeatError, match="2 rows were erased from version 5"):
        store.responses(study, "staff", 5)
    assert store.responses(study, "staff").version == 6
    assert {path.name for path in study.store.iterdir()} == {"staff.2"}


def test_a_dozen_erasures_leave_a_log_that_holds_and_one_table(study: Study) -> None:
    for number, code in enumerate(("P1", "P2", "P3", "C1", "C2", "C3", "C4", "C5", "P2", "P3")):
        erase(study, "staff", f"{code}-{number % 6:04d}", actor=ACTOR)
    assert store.version(study) == {"staff": 14}
    assert len(verify(study.audit_file)) > 20
    assert [path.name for path in study.store.iterdir()] == ["staff.10"]
    with pytest.raises(CannotRepeatError):
        store.responses(study, "staff", 13)


def test_the_log_proves_the_erasure_without_saying_of_whom(study: Study) -> None:
    erase(study, "staff", PERSON, actor="dpo")
    begun, done = verify(study.audit_file)[-2:]
    assert (begun.act, done.act, done.actor) == ("store rewritten", "respondent erased", "dpo")
    assert done.details["rows_by_version"] == {"1": 1, "2": 2, "3": 2, "4": 2}
    assert done.details["received_files_deleted"] == 2
    text = study.audit_file.read_text()
    assert PERSON not in text
    assert pseudonym_of(study) not in text


def test_an_unknown_id_and_a_second_time_get_the_same_answer(study: Study) -> None:
    first = erase(study, "staff", PERSON, actor=ACTOR)
    before = tree(study.store)
    assert erase(study, "staff", PERSON, actor=ACTOR) == erase(study, "staff", "nobody at all", actor=ACTOR) == first
    assert tree(study.store) == before
    assert [entry.act for entry in verify(study.audit_file)[-3:]] == ["respondent erased"] * 3


def test_the_command_says_the_same_whether_or_not_the_id_is_known(
    study: Study, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    command = ["wave", "erase", str(study.root), "--population", "staff"]
    told = []
    for given in (PERSON, PERSON, "nobody"):
        assert main([*command, "--respondent", given]) == 0
        told.append(capsys.readouterr())
    assert told[0] == told[1] == told[2]
    assert told[0].out == "Done: nothing that is kept of 'staff' in this study is of this respondent.\n"
    monkeypatch.setattr("sys.stdin", io.StringIO("P2-0001\n"))
    assert main([*command, "--json"]) == 0
    told_of = json.loads(capsys.readouterr().out)
    assert told_of == {"population": "staff", "done": True, "backups_made": [], "unreadable_files_deleted": 0}
    assert found_in(study, pseudonym_of(study, "P2-0001")) == []
    assert main(["wave", "erase", str(study.root), "--population", "patients", "--respondent", "x"]) == 2
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert main(command) == 2


def test_the_command_says_how_many_files_went_that_nobody_can_read(study: Study, capsys: pytest.CaptureFixture[str]) -> None:
    (study.inbox / "torn.xlsx").write_bytes(b"PK\x03\x04 and no more")
    assert main(["wave", "erase", str(study.root), "--population", "staff", "--respondent", "nobody"]) == 0
    assert "1 received file that nobody can read went too, whoever the file was about." in capsys.readouterr().out
    assert [path.suffix for path in study.inbox.iterdir()] == [".csv", ".csv"]


def test_the_same_file_again_does_not_bring_the_person_back(study: Study, tmp_path: Path) -> None:
    erase(study, "staff", PERSON, actor=ACTOR)
    again = load_wave(study, Arriving(tiny_wave(tmp_path, "baseline", people=6), "baseline", "staff"), actor=ACTOR)
    assert again.stored.already_loaded
    assert found_in(study, PERSON) == found_in(study, pseudonym_of(study)) == []


def test_a_load_and_a_withdrawal_say_that_a_file_from_before_may_bring_the_person_back(study: Study, tmp_path: Path) -> None:
    """A withdrawal makes the file one that is stored anew; whether an erased id was known is not told."""
    file = tiny_wave(tmp_path, "baseline", people=6)
    erase(study, "staff", PERSON, actor=ACTOR)
    (day,) = store.read_log(study, "staff").erasures
    note = f"of 'staff' 1 erasure was made on {day}: a file exported before may bring the person back; if it did, erase again with 'pilot wave erase'."
    assert withdraw(study, "staff", "baseline", ["P1"], "wrong", actor=ACTOR).notes == (note,)
    erase(study, "staff", "nobody's id", actor=ACTOR)
    found = load_wave(study, Arriving(file, "baseline", "staff"), actor=ACTOR)
    assert found.stored.organisations == ("P1",) and pseudonym_of(study) in str(read_rows(store.responses(study, "staff").files).to_dicts())
    told = [note for note in found.notes if "erasure" in note]
    assert told == [note.replace("1 erasure was made on", "2 erasures were made, the last on")]
    assert not any("erasure" in note for note in load_wave(study, Arriving(file, "baseline", "staff"), actor=ACTOR).notes)


def test_a_file_without_the_person_is_what_is_stored(study: Study) -> None:
    erase(study, "staff", PERSON, actor=ACTOR)
    without = some(arriving(study, "baseline"), pl.col("respondent") != PERSON)
    assert store.load(study, without, actor=ACTOR).already_loaded


def test_later_waves_load_into_the_table_made_anew(study: Study) -> None:
    erase(study, "staff", PERSON, actor=ACTOR)
    assert store.load(study, arriving(study, "month_12"), actor=ACTOR).version == 6
    assert store.loads(study)["version"].tolist() == [1, 2, 3, 4, 6]
    assert store.rehash(study).problems == ()


def test_the_last_person_of_an_organisation_leaves_it_empty(tmp_path: Path) -> None:
    study = study_in(tmp_path)
    alone = some(arriving(study, "baseline", people=6), pl.col("respondent").is_in([PERSON, "C1-0001", "C1-0002"]))
    store.load(study, alone, actor=ACTOR)
    erase(study, "staff", PERSON, actor=ACTOR)
    assert rows_of(study, 2)["organisation"].unique().to_list() == ["C1"]
    assert store.load(study, arriving(study, "month_6"), actor=ACTOR).rows_in_wave == 48


def test_an_id_that_several_organisations_use_needs_the_organisation(tmp_path: Path) -> None:
    study = study_in(tmp_path)
    frame = tiny_frame("baseline", people=6).assign(respondent=lambda rows: "person-" + rows["respondent"].str[-1])
    frame.to_csv(tmp_path / "numbers.csv", index=False)
    load_wave(study, Arriving(tmp_path / "numbers.csv", "baseline", "staff"), actor=ACTOR)
    with pytest.raises(UsageError, match="in 8 organisations somebody has this id"):
        erase(study, "staff", "person-3", actor=ACTOR)
    assert store.version(study) == {"staff": 1}
    erase(study, "staff", "person-3", actor=ACTOR, organisations=["P2"])
    counts = dict(rows_of(study, 2).group_by("organisation").len().rows())
    assert counts == {"P1": 6, "P2": 5, "P3": 6, **{f"C{number}": 6 for number in range(1, 6)}}
    with pytest.raises(UsageError, match="no answers of 'staff' are stored for XX"):
        erase(study, "staff", "person-3", actor=ACTOR, organisations=["XX"])


def test_an_id_that_was_stored_with_a_point_is_found_as_it_was_written(tmp_path: Path) -> None:
    """Such ids are whole numbers now; a store may hold pseudonyms that were made of what the file said."""
    study = study_in(tmp_path)
    written = {f"P1-000{k}": f"{k}.0" for k in range(6)}
    found = only(arriving(study, "baseline"), "P1")
    store.load(study, replace(found, frame=found.frame.with_columns(pl.col("respondent").replace(written))), actor=ACTOR)
    erase(study, "staff", "3.0", actor=ACTOR)
    assert sum(len(pl.read_parquet(path)) for path in store.responses(study, "staff").files) == 5


def test_where_waves_are_not_linked_the_person_goes_from_each(tmp_path: Path) -> None:
    study = study_in(tmp_path, replace={"linkage: pseudonym": "linkage: none"})
    for wave in ("baseline", "month_6"):
        store.load(study, arriving(study, wave), actor=ACTOR)
    erase(study, "staff", PERSON, actor=ACTOR)
    assert rows_of(study, 3).group_by("wave").len().sort("wave")["len"].to_list() == [47, 47]


def test_received_files_are_searched_even_where_no_row_was_stored(study: Study) -> None:
    packed = study.inbox / "orphan.csv.gz"
    packed.write_bytes(gzip.compress(b"respondent,q1\nP1-0003,4\n"))
    other = study.inbox / "other.csv"
    other.write_bytes(b"respondent,q1\nP1-0004,4\n")
    erase(study, "staff", PERSON, actor=ACTOR)
    assert [path.name for path in study.inbox.iterdir()] == ["other.csv"]


def cut(*_: object, **__: object) -> None:
    raise PowerCut


CUTS: dict[str, tuple[Callable[[pytest.MonkeyPatch], None], bool]] = {
    "while files are written": (lambda patch: patch.setattr(store_rewrite, "write", cut), False),
    "before the line that switches tables": (lambda patch: patch.setattr(store_rewrite, "begin", cut), False),
    "after the line that switches tables": (lambda patch: patch.setattr(store_rewrite, "finish", cut), True),
    "while old files are deleted": (lambda patch: patch.setattr(rewritings, "_take_away", cut), True),
    "before the line that proves it": (lambda patch: patch.setattr(rewritings, "append", second_cut()), True),
}


def second_cut() -> Callable[..., str]:
    real, calls = rewritings.append, [0]

    def once(*given: object) -> str:
        calls[0] += 1
        if calls[0] == 2:
            raise PowerCut
        return real(*given)  # type: ignore[arg-type]

    return once


@pytest.mark.parametrize("when", CUTS)
def test_a_power_cut_leaves_all_of_the_person_or_nothing_once_the_next_command_has_written(when: str, study: Study) -> None:
    how, switched = CUTS[when]
    hidden = pseudonym_of(study)
    with pytest.MonkeyPatch.context() as patch, pytest.raises(PowerCut):
        how(patch)
        erase(study, "staff", PERSON, actor=ACTOR)
    assert (hidden in rows_of(study, store.version(study)["staff"])["respondent"]) is not switched
    store.load(study, some(arriving(study, "month_12"), pl.col("respondent") != PERSON), actor=ACTOR)
    assert store.rehash(study).problems == ()
    assert len(list(study.store.iterdir())) == 1
    if switched:
        assert found_in(study, hidden) == found_in(study, PERSON) == []
        assert verify(study.audit_file)[-1].act == "wave loaded"
        assert "respondent erased" in [entry.act for entry in verify(study.audit_file)]
    erase(study, "staff", PERSON, actor=ACTOR)
    assert found_in(study, PERSON) == found_in(study, hidden) == []


def test_an_erasure_stands_in_line_behind_a_load(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    started = threading.Event()

    def load() -> None:
        with writing(study, "wave load"):
            started.set()
            time.sleep(1.5)

    other = threading.Thread(target=load)
    other.start()
    started.wait()
    erase(study, "staff", PERSON, actor=ACTOR)
    other.join()
    assert store.version(study) == {"staff": 5}
    monkeypatch.setattr(erasing, "PATIENCE", 0.1)
    with writing(study, "wave load"), pytest.raises(BusyError):
        erase(study, "staff", PERSON, actor=ACTOR)


def test_results_stay_as_they_were_kept(study: Study) -> None:
    before = ev.run(study)
    kept = tree(study.results)
    erase(study, "staff", PERSON, actor=ACTOR)
    assert tree(study.results) == kept
    after = ev.run(study)
    assert (before.result_number, after.result_number) == ("R-0001", "R-0002")


def test_documents_are_needed_and_unchanged(study: Study) -> None:
    plan = read_documents(study.root).fingerprint
    erase(study, "staff", PERSON, actor=ACTOR)
    assert read_documents(study.root).fingerprint == plan
