"""An evaluator's files on their way in, by the commands an evaluator types: what loads, what is refused, what stays as it was.

Rows are those of the table of bad inputs: each gets a named reason, exit code 3, a way to put it right, and an unchanged store.
"""

import pickle
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pandas as pd
import pytest

from evaluation.audit_log import verify
from evaluation.cli.main import main
from evaluation.organisations.register import read_register
from evaluation.protocol.documents import read_documents
from evaluation.study import Study
from evaluation.waves import store
from evaluation.waves.people.linkage import match_report
from tests.studies import tiny_frame
from tests.waves.storing import study_in, tree

Change = Callable[[str], bytes]
Told = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """A study whose baseline is in the store."""
    study = study_in(tmp_path_factory.mktemp("study"))
    file = study.root.parent / "baseline.csv"
    tiny_frame("baseline", people=6).to_csv(file, index=False)
    assert main(["wave", "load", str(study.root), str(file), "--wave", "baseline", "--population", "staff"]) == 0
    return study


def cell(row: int, column: str, value: object) -> Change:
    """One cell of the sound file changed."""

    def change(text: str) -> bytes:
        frame = pd.read_csv(StringIO(text), dtype=str)
        frame.loc[row, column] = str(value)
        return frame.to_csv(index=False).encode()

    return change


def column(name: str, values: Callable[[int], str]) -> Change:
    """One more column."""

    def change(text: str) -> bytes:
        frame = pd.read_csv(StringIO(text), dtype=str)
        return frame.assign(**{name: [values(row) for row in range(len(frame))]}).to_csv(index=False).encode()

    return change


def header(old: str, new: str) -> Change:
    return lambda text: text.replace(old, new, 1).encode()


def lines(change: Callable[[list[str]], list[str]]) -> Change:
    return lambda text: "\n".join(change(text.splitlines())).encode() + b"\n"


REFUSED: dict[str, tuple[Change, str]] = {
    "1 empty file": (lambda text: b"", "the file is empty"),
    "2 header only": (lambda text: text.splitlines()[0].encode() + b"\n", "holds no responses"),
    "3 cut in mid-record": (lambda text: text[:-9].encode(), "row"),
    "4 unclosed quote": (lines(lambda rows: [*rows[:5], '"' + rows[5], *rows[6:]]), "quotation mark is opened"),
    "5 a cell too many": (lines(lambda rows: [*rows[:7], rows[7] + ",4", *rows[8:]]), "row 8"),
    "7 Windows bytes said to be UTF-8": (lambda text: text.encode().replace(b"Nursing", b"Pr\xe4vention", 1), "cp1252"),
    "9 NUL bytes": (lambda text: text.encode().replace(b"Nursing", b"Nur\x00ing", 1), "NUL"),
    "12 a header twice": (header("lived_2", "lived_1"), "lived_1"),
    "13 a header in other letters": (header("lived_2", "Lived_2"), "lived_2"),
    "14 a column missing": (header("lived_2,", "other,"), "lived_2"),
    "15 a column nobody asked for": (column("age", lambda row: str(30 + row % 9)), "'age'"),
    "16 a label among codes": (cell(3, "lived_1", "Agree"), "lived_1"),
    "17 an answer outside its scale": (cell(3, "lived_1", 6), "outside its scale"),
    "17 an answer between two codes": (cell(3, "lived_1", 3.5), "lived_1"),
    "18 a missing code nobody declared": (cell(3, "lived_1", "N/A"), "lived_1"),
    "19 no number": (cell(3, "lived_1", "inf"), "lived_1"),
    "20 a comma for the decimal point": (cell(3, "lived_1", "3,5"), "lived_1"),
    "21 a date that may be two": (column("answered_on", lambda row: "03/04/2025"), "not written ISO"),
    "21 a date that is none": (column("answered_on", lambda row: "2025-02-31"), "a day that is not"),
    "22 an organisation nobody knows": (cell(3, "organisation", "P9"), "P9"),
    "23 another wave than the command's": (column("wave", lambda row: "month_12"), "month_12"),
    "24 one person twice": (cell(3, "respondent", "P1-0004"), "respondent"),
    "29 ids that are addresses": (cell(3, "respondent", "ann.example@nhs.example"), "respondent"),
    "30 free text": (
        column("remarks", lambda row: f"In week {row} my ward was so short that nobody had time to talk."),
        "'remarks'",
    ),
    "44 a pickle named .csv": (lambda text: pickle.dumps(text), "not"),
}


@pytest.mark.parametrize("row", REFUSED)
def test_a_bad_file_is_refused_with_its_reason_and_changes_nothing(row: str, loaded: Study, tmp_path: Path, capsys: Told) -> None:
    change, word = REFUSED[row]
    file = tmp_path / "month_6.csv"
    file.write_bytes(change(tiny_frame("month_6", people=6).to_csv(index=False)))
    before = {name: content for name, content in tree(loaded.root).items() if name != "audit.jsonl"}
    assert main(["wave", "load", str(loaded.root), str(file), "--wave", "month_6", "--population", "staff"]) == 3
    told = capsys.readouterr().err
    assert "WaveError: " in told
    assert "  fix:   " in told
    assert word in told
    assert "ann.example" not in told
    assert "P1-0004" not in told
    assert {name: content for name, content in tree(loaded.root).items() if name != "audit.jsonl"} == before
    assert store.version(loaded) == {"staff": 1}
    assert verify(loaded.audit_file)[-1].act == "wave refused"
    assert b"ann.example" not in loaded.audit_file.read_bytes()


READ: dict[str, Change] = {
    "6 UTF-16 with its mark": lambda text: text.encode("utf-16"),
    "8 the UTF-8 mark": lambda text: text.encode("utf-8-sig"),
    "10 old Macintosh line ends": lambda text: text.replace("\n", "\r").encode(),
    "10 mixed line ends": lambda text: text.replace("\n", "\r\n", 20).encode(),
    "11 semicolons": lambda text: text.replace(",", ";").encode(),
    "11 tabs": lambda text: text.replace(",", "\t").encode(),
}


@pytest.mark.parametrize("row", READ)
def test_the_same_answers_written_down_otherwise_are_the_same_content(
    row: str, loaded: Study, tmp_path: Path, capsys: Told
) -> None:
    file = tmp_path / "baseline.csv"
    file.write_bytes(READ[row](tiny_frame("baseline", people=6).to_csv(index=False)))
    assert main(["wave", "load", str(loaded.root), str(file), "--wave", "baseline", "--population", "staff"]) == 0
    assert "is already loaded, version 1" in capsys.readouterr().out


def test_an_empty_wave_is_accepted_when_said_so(loaded: Study, tmp_path: Path, capsys: Told) -> None:
    file = tmp_path / "month_6.csv"
    file.write_text(tiny_frame("month_6").to_csv(index=False).splitlines()[0] + "\n")
    words = ["wave", "check", str(loaded.root), str(file), "--wave", "month_6", "--population", "staff", "--allow-empty"]
    assert main(words) == 0
    assert "the file holds no responses; there is nothing to store" in capsys.readouterr().out


def test_a_year_of_waves_comes_in_as_suppliers_send_them(tmp_path: Path) -> None:
    """Baseline in two files, late answers, a corrected organisation, follow-ups; who stayed is counted by hand."""
    study = study_in(tmp_path)
    frames = {wave: tiny_frame(wave, people=6) for wave in ("baseline", "month_6", "month_12")}
    pilots = frames["baseline"]["organisation"].str.startswith("P")
    late = frames["baseline"]["respondent"].isin(["C1-0004", "C1-0005"])
    corrected = frames["baseline"].assign(strain_1=5)[frames["baseline"]["organisation"] == "P2"]
    gone = frames["month_12"]["respondent"].isin(["P3-0000", "P3-0001", "P3-0002"])

    sent(study, "baseline", frames["baseline"][pilots])
    sent(study, "baseline", frames["baseline"][~pilots & ~late])
    sent(study, "baseline", frames["baseline"][late], "--append")
    sent(study, "baseline", corrected, "--supersede", "--reason", "the scale was turned")
    sent(study, "month_6", frames["month_6"])
    sent(study, "month_12", frames["month_12"][~gone])

    told = store.loads(study)
    assert told["mode"].tolist() == ["new", "new", "append", "supersede", "new", "new"]
    assert told["state"].tolist() == ["partly replaced", "stands", "stands", "stands", "stands", "stands"]
    responses = store.responses(study, "staff")
    report = match_report(responses, "baseline", "month_12", read_register(read_documents(study.root))).set_index("unit")
    assert report.loc["P3", ["n_from", "n_to", "stayers", "leavers"]].tolist() == [6, 3, 3, 3]
    assert report.loc["C1", ["n_from", "n_to", "stayers"]].tolist() == [6, 6, 6]
    assert report["n_from"].sum() == 48
    assert len(store.responses(study, "staff", version=1).files) == 1
    assert main(["doctor", str(study.root)]) == 0


def sent(study: Study, wave: str, frame: pd.DataFrame, *how: str) -> None:
    file = study.root.parent / "sent.csv"
    frame.sample(frac=1, random_state=len(frame)).to_csv(file, index=False)
    assert main(["wave", "load", str(study.root), str(file), "--wave", wave, "--population", "staff", *how]) == 0
