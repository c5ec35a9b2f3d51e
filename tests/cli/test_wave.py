"""`pilot wave`: the words, codes and counts a person or a script gets. Source: the command-line contract and rows 23-28 and 40."""

import json
import os
from pathlib import Path

import pandas as pd
import pytest

from evaluation.audit_log import verify
from evaluation.cli.main import main
from evaluation.study import Study, writing
from evaluation.waves import collect as collecting
from evaluation.waves import store
from evaluation.waves.readers import read_file
from tests.studies import tiny_frame, tiny_wave
from tests.waves.storing import study_in, tree


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return study_in(tmp_path)


@pytest.fixture
def baseline(study: Study) -> Path:
    return tiny_wave(study.root.parent, "baseline", people=6)


def pilot(*words: object) -> int:
    return main([str(word) for word in words])


def load(study: Study, file: Path, *more: object, wave: str = "baseline") -> int:
    return pilot("wave", "load", study.root, file, "--wave", wave, "--population", "staff", *more)


def check(study: Study, file: Path, *more: object, wave: str = "baseline") -> int:
    return pilot("wave", "check", study.root, file, "--wave", wave, "--population", "staff", *more)


Told = pytest.CaptureFixture[str]


def test_checking_says_ready_and_writes_nothing(study: Study, baseline: Path, capsys: Told) -> None:
    before = tree(study.root)
    assert check(study, baseline) == 0
    assert tree(study.root) == before
    told = capsys.readouterr().out
    assert [line for line in told.splitlines() if "lived_3 goes against" not in line] == [
        "READY WITH NOTES: baseline.csv: 48 rows of 8 organisations would be stored in wave 'baseline' of 'staff'.",
        "  rows read                    48",
        "  rows kept                    48",
        "  rows in the wave now         48",
        "Nothing was written.",
    ]
    assert check(study, baseline, "--json") == 0
    (noted,) = json.loads(capsys.readouterr().out)["compared"]
    assert f"  note: {noted}\n" in told


def test_a_file_without_anything_to_note_is_ready(study: Study, baseline: Path, capsys: Told) -> None:
    rows = pd.read_csv(baseline)
    rows["lived_3"] = 6 - rows["lived_3"]
    rows.to_csv(baseline, index=False)
    assert check(study, baseline) == 0
    assert capsys.readouterr().out.startswith("READY: baseline.csv: 48 rows of 8 organisations would be stored")


def test_a_receipt_shows_the_response_rate_where_headcounts_are_declared(study: Study, baseline: Path, capsys: Told) -> None:
    text = study.protocol_file.read_text()
    study.protocol_file.write_text(text.replace("pseudonym, groups", "pseudonym, headcounts: staff.csv, groups"))
    heads = ["P1,10", "P2,8", *(f"{code},12" for code in ("P3", "C1", "C2", "C3", "C4"))]
    (study.root / "staff.csv").write_text("\n".join(["organisation,eligible", *heads]))
    assert check(study, baseline) == 0
    told = capsys.readouterr().out
    assert "  response rate 54%: 42 of 78 answered; lowest C1 50%, highest P2 75%\n" in told
    assert "  no headcount, so not counted in the rate: C5\n" in told


def test_a_receipt_counts_answers_under_a_former_code_in_the_rate(study: Study, baseline: Path, capsys: Told) -> None:
    """C5 is C9 since July; the baseline, long before, came in as C5, and headcounts name C9."""
    text = study.protocol_file.read_text()
    study.protocol_file.write_text(text.replace("pseudonym, groups", "pseudonym, headcounts: staff.csv, groups"))
    heads = [f"{code},12" for code in ("P1", "P2", "P3", "C1", "C2", "C3", "C4", "C9")]
    (study.root / "staff.csv").write_text("\n".join(["organisation,eligible", *heads]))
    register = study.root / "organisations.csv"
    header, *rows = register.read_text().splitlines()
    rows = [f"{row},,".replace("C5,", "C9,") for row in rows]
    register.write_text("\n".join([f"{header},became,became_on", *rows, "C5,Old,,NHS Trust,North,,,,C9,2025-07-01\n"]))
    assert check(study, baseline) == 0
    told = capsys.readouterr().out
    assert "  response rate 50%: 48 of 96 answered\n" in told and "no headcount" not in told


def test_checking_a_bad_file_says_refused_and_every_reason(study: Study, baseline: Path, capsys: Told) -> None:
    rows = pd.read_csv(baseline)
    rows.loc[[0, 1], "lived_1"] = 9
    rows.drop(columns="strain_1").to_csv(baseline, index=False)
    assert check(study, baseline) == 3
    told = capsys.readouterr()
    assert told.out == "REFUSED: 2 problems, 3 faults. Nothing was written.\n"
    assert "2 of 48 rows in wave 'baseline' answer lived_1 outside its scale" in told.err
    assert "strain_1" in told.err


def test_a_check_writes_a_report_and_nothing_else_where_it_is_asked(study: Study, baseline: Path, capsys: Told) -> None:
    before, report = tree(study.root), study.root.parent / "report.xlsx"
    assert check(study, baseline, "--report", report) == 0
    assert capsys.readouterr().out.endswith(f"Report: {report}. Nothing else was written.\n")
    assert report.read_bytes().startswith(b"PK")
    assert check(study, baseline, "--report", report) == 2
    assert "there is a file 'report.xlsx' already" in capsys.readouterr().err
    assert check(study, baseline, "--report", report.with_name("second.xlsx"), "--json") == 0
    assert json.loads(capsys.readouterr().out)["report"] == str(report.with_name("second.xlsx"))
    assert tree(study.root) == before


def test_a_refused_file_is_reported_by_check_and_by_load(study: Study, baseline: Path, capsys: Told) -> None:
    rows = pd.read_csv(baseline)
    rows.loc[[0, 1], "lived_1"] = 9
    rows.to_csv(baseline, index=False)
    for number, act in enumerate((check, load)):
        report = study.root.parent / f"{number}.xlsx"
        assert act(study, baseline, "--report", report) == 3
        told = capsys.readouterr()
        assert str(report) in told.out + told.err
        answers = pd.read_excel(report, sheet_name="Answers", dtype=str, engine="calamine")
        assert answers.loc[answers["problems"] == "1", "row in the file"].tolist() == ["2", "3"]
        if os.name == "posix":
            assert report.stat().st_mode & 0o777 == 0o600
    assert not study.store.exists()


def heading(report: Path) -> str:
    return str(pd.read_excel(report, sheet_name="Problems", header=None, engine="calamine").iloc[0, 0])


def test_a_report_gives_the_verdict_that_the_command_gives_and_counts_one_as_one(study: Study, baseline: Path) -> None:
    noted, refused = (study.root.parent / name for name in ("noted.xlsx", "refused.xlsx"))
    assert check(study, baseline, "--report", noted) == 0
    rows = pd.read_csv(baseline)
    rows.loc[0, "lived_1"] = 9
    rows.to_csv(baseline, index=False)
    assert check(study, baseline, "--report", refused) == 3
    assert heading(noted).endswith(": READY WITH NOTES.")
    assert heading(refused).endswith(": REFUSED, 1 problem, 1 fault; nothing was stored.")


def test_a_load_that_succeeds_and_a_dry_run_write_their_report_too(study: Study, baseline: Path, capsys: Told) -> None:
    dry, done = (study.root.parent / name for name in ("dry.xlsx", "done.xlsx"))
    assert load(study, baseline, "--dry-run", "--report", dry) == 0
    assert capsys.readouterr().out.endswith(f"Dry run. Report: {dry}. Nothing else was written.\n")
    assert load(study, baseline, "--report", done) == 0
    assert capsys.readouterr().out.endswith(f"Report: {done}.\n")
    assert heading(dry) == heading(done)


def test_a_file_that_is_reported_is_read_once(study: Study, baseline: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Path] = []

    def counting(file: Path, *given: object) -> object:
        read.append(file)
        return read_file(file, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(collecting, "read_file", counting)
    check(study, baseline, "--report", study.root.parent / "good.xlsx")
    baseline.write_text(baseline.read_text().replace("lived_1", "lived_one"))
    check(study, baseline, "--report", study.root.parent / "bad.xlsx")
    assert read == [baseline, baseline]


def test_a_file_that_cannot_be_read_is_reported_too(study: Study, baseline: Path) -> None:
    baseline.write_bytes(b"\x80\x04pickle")
    report = study.root.parent / "report.xlsx"
    assert check(study, baseline, "--report", report) == 3
    assert pd.ExcelFile(report, engine="calamine").sheet_names == ["Problems"]


def test_a_load_is_a_receipt_and_says_what_it_made_possible(study: Study, baseline: Path, capsys: Told) -> None:
    assert load(study, baseline, "--as", "Ann Example") == 0
    first = capsys.readouterr()
    assert (
        first.out.splitlines()[0] == "baseline.csv: 48 rows of 8 organisations stored in wave 'baseline' of 'staff', version 1."
    )
    assert "Waiting for month_12: lived_values_change, awareness_change, strain_not_worse." in first.out
    assert first.err == "[1/2] reading and checking baseline.csv\n[2/2] stored\n"
    assert load(study, tiny_wave(study.root.parent, "month_12", people=6), wave="month_12") == 0
    last = capsys.readouterr().out
    assert "Can be estimated now: lived_values_change, awareness_change, strain_not_worse." in last
    assert last.endswith(f"Next: pilot run {study.root}\n")
    assert verify(study.audit_file)[-1].actor != verify(study.audit_file)[1].actor
    assert verify(study.audit_file)[1].actor.endswith(" as Ann Example")


def test_the_same_file_again_is_done_and_says_already_loaded(study: Study, baseline: Path, capsys: Told) -> None:
    assert load(study, baseline) == load(study, baseline) == 0
    assert "baseline.csv is already loaded, version 1: wave 'baseline' of 'staff' stays as it is." in capsys.readouterr().out
    assert check(study, baseline) == 0
    assert capsys.readouterr().out.startswith("READY WITH NOTES: baseline.csv is already loaded")


def test_json_holds_the_receipt_and_nothing_else_is_on_standard_output(study: Study, baseline: Path, capsys: Told) -> None:
    assert load(study, baseline, "--json") == 0
    record = json.loads(capsys.readouterr().out)
    assert record["read"]["kept"] == record["stored"]["rows_added"] == 48
    assert record["stored"]["version"] == 1
    assert record["waiting_for"] == {"month_12": ["lived_values_change", "awareness_change", "strain_not_worse"]}
    assert (study.inbox / record["kept_as"]).is_file()


def test_different_content_is_told_with_both_ways_out(study: Study, baseline: Path, capsys: Told) -> None:
    assert load(study, baseline) == 0
    pd.read_csv(baseline).iloc[1:].to_csv(baseline, index=False)
    capsys.readouterr()
    assert load(study, baseline) == 3
    assert capsys.readouterr().err.splitlines()[1:] == [
        "WaveError: 1 organisation already has other answers in wave 'baseline'.",
        "  where: P1: 6 rows stored, 5 in the file",
        '  fix:   --append adds answers of people not yet stored; --supersede --reason "..." replaces the stored ones.',
    ]
    assert load(study, baseline, "--supersede") == 2
    assert load(study, baseline, "--supersede", "--reason", "one answer was withdrawn") == 0
    assert store.loads(study)["reason"].tolist() == ["", "one answer was withdrawn"]
    assert load(study, baseline, "--append", "--supersede", "--reason", "both") == 2


def test_a_dry_run_writes_nothing(study: Study, baseline: Path, capsys: Told) -> None:
    before = tree(study.root)
    assert load(study, baseline, "--dry-run") == 0
    assert tree(study.root) == before
    assert capsys.readouterr().out.endswith("Dry run: nothing was written.\n")


def test_a_refused_load_leaves_store_and_inbox_alone_and_is_an_act_without_values(study: Study, baseline: Path) -> None:
    rows = pd.read_csv(baseline)
    rows.loc[3, "lived_2"] = 77
    rows.to_csv(baseline, index=False)
    assert load(study, baseline) == 3
    assert not study.store.exists()
    assert not study.inbox.exists()
    (refused,) = verify(study.audit_file)
    assert refused.act == "wave refused"
    assert refused.details["problems"][0]["count"] == 1
    assert "77" not in json.dumps(refused.details["problems"])


def test_the_copy_has_a_name_made_from_its_content_and_is_the_owners_only(study: Study, baseline: Path) -> None:
    named = baseline.rename(baseline.with_name("-=cmd' ü con..csv"))
    assert load(study, named) == 0
    (copy,) = study.inbox.iterdir()
    assert copy.read_bytes() == named.read_bytes()
    assert copy.suffix == ".csv"
    assert set(copy.stem) <= set("0123456789abcdef")
    if os.name == "posix":
        assert copy.stat().st_mode & 0o777 == 0o600


def test_identifiers_that_a_mapping_drops_reach_no_disk_but_the_inbox(study: Study, capsys: Told) -> None:
    file = supplier_file(study)
    mapping = mapped(study, file)
    capsys.readouterr()
    assert load(study, file, "--mapping", mapping) == 0
    assert "identifiers dropped          48  column E-mail" in capsys.readouterr().out
    secrets = [b"someone.7@example.org", b"P1-0003"]
    outside = {name: content for name, content in tree(study.root).items() if not name.startswith("inbox/")}
    assert not [name for name, content in outside.items() for secret in secrets if secret in content]


def supplier_file(study: Study) -> Path:
    frame = tiny_frame("baseline", people=6).rename(
        columns={"lived_1": "Colleagues act on our values", "respondent": "Reference"}
    )
    frame["E-mail"] = [f"someone.{number}@example.org" for number in range(len(frame))]
    file = study.root.parent / "Supplier A.csv"
    frame.to_csv(file, index=False)
    return file


def mapped(study: Study, file: Path, *, reviewed: bool = True) -> str:
    """A drafted mapping, put right and signed as a reviewer would."""
    assert pilot("wave", "map", study.root, file) == 0
    path = study.mappings / "supplier-a.yaml"
    if reviewed:
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("reviewed_by:", "reviewed_by: Ann Example", 1), encoding="utf-8")
    return path.stem


def test_a_draft_loads_only_after_one_review(study: Study, capsys: Told) -> None:
    file = supplier_file(study)
    mapping = mapped(study, file, reviewed=False)
    assert f"pilot wave check {study.root} '{file}' --wave W --population staff --mapping supplier-a" in capsys.readouterr().out
    assert load(study, file, "--mapping", mapping) == 3
    assert "put your name under 'reviewed_by'" in capsys.readouterr().err
    path = study.mappings / "supplier-a.yaml"
    path.write_text(path.read_text().replace("reviewed_by:", "reviewed_by: Ann Example", 1))
    assert load(study, file, "--mapping", path) == 0


def test_a_mapping_is_never_written_over(study: Study, capsys: Told) -> None:
    file = supplier_file(study)
    mapped(study, file)
    before = tree(study.mappings)
    assert pilot("wave", "map", study.root, file) == 2
    assert tree(study.mappings) == before
    assert "there is a mapping 'supplier-a' already" in capsys.readouterr().err
    assert pilot("wave", "map", study.root, file, "--name", "second") == 0
    assert "mapping: second\n" in (study.mappings / "second.yaml").read_text()


def test_a_file_that_needs_a_mapping_names_the_one_that_fits(study: Study, capsys: Told) -> None:
    file = supplier_file(study)
    mapped(study, file)
    assert check(study, file) == 3
    refusal = capsys.readouterr().err
    assert "--mapping supplier-a" in refusal
    assert "no mapping was named" not in refusal.splitlines()[0], "a hint is a fix, not a fault of its own"


def test_an_unknown_mapping_is_refused_with_the_nearest(study: Study, baseline: Path, capsys: Told) -> None:
    mapped(study, supplier_file(study))
    capsys.readouterr()
    assert check(study, baseline, "--mapping", "suplier-a") == 2
    assert "did you mean 'supplier-a'?" in capsys.readouterr().err


def test_listing_shows_loads_and_what_is_missing(study: Study, baseline: Path, capsys: Told) -> None:
    assert pilot("wave", "list", study.root) == 0
    missing = "No wave is loaded yet.\nNot loaded: baseline of staff, month_6 of staff, month_12 of staff.\n"
    assert missing in capsys.readouterr().out
    assert load(study, baseline) == 0
    capsys.readouterr()
    assert pilot("wave", "list", study.root, "--json") == 0
    record = json.loads(capsys.readouterr().out)
    assert [(one["wave"], one["rows"], one["version"], one["state"]) for one in record["loads"]] == [
        ("baseline", 48, 1, "stands")
    ]
    assert record["missing"] == [{"population": "staff", "wave": "month_6"}, {"population": "staff", "wave": "month_12"}]


def test_a_later_wave_says_how_many_were_recognised(study: Study, baseline: Path, capsys: Told) -> None:
    """Eight organisations of six staff, the same in both waves of the tiny study: 48 stay."""
    later = tiny_wave(study.root.parent, "month_12", people=6)
    assert load(study, baseline) == 0
    assert "Recognised" not in capsys.readouterr().out
    assert load(study, later, wave="month_12") == 0
    line = "Recognised of 'staff' from 'baseline' in 'month_12': 48 of 48 (100%); 0 left, 0 joined.\n"
    assert line in capsys.readouterr().out
    assert pilot("wave", "list", study.root, "--json") == 0
    (found,) = json.loads(capsys.readouterr().out)["recognised"]
    assert (found["stayers"], found["leavers"], found["joiners"], found["percent_recognised"]) == (48, 0, 0, 100.0)


def test_a_busy_study_ends_with_six(study: Study, baseline: Path, capsys: Told) -> None:
    with writing(study, "run"):
        assert load(study, baseline) == 6
    assert "BusyError: the study is busy: held by 'run'" in capsys.readouterr().err


def test_a_frozen_plan_that_changed_takes_no_wave(study: Study, baseline: Path, capsys: Told) -> None:
    assert pilot("freeze", study.root) == 0
    text = study.protocol_file.read_text(encoding="utf-8")
    study.protocol_file.write_text(text.replace("0.3 points", "0.2 points"), encoding="utf-8")
    assert load(study, baseline) == 4
    assert "amend" in capsys.readouterr().err
    assert not store.version(study)


@pytest.mark.parametrize("words", [("--delimiter", ";;"), ("--wave", "month_7"), ("--population", "stuff")])
def test_what_the_command_does_not_offer_ends_with_two(
    words: tuple[str, str], study: Study, baseline: Path, capsys: Told
) -> None:
    assert check(study, baseline, *words) == 2
    assert capsys.readouterr().err.startswith("UsageError: ")


def test_a_file_that_is_not_there_is_named(study: Study, capsys: Told) -> None:
    assert load(study, study.root / "nowhere.csv") == 3
    assert "nowhere.csv" in capsys.readouterr().err
