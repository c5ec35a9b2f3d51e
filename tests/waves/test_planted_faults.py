"""Faults as an evaluator meets them: the message alone says which file, which row or column, and what to do, and doing it is enough.

Each fault is planted in a sound file and refused; its message is read by a program that knows nothing else; then exactly what the
message says to do is done, as code, and the file loads. The claim is nine in ten; the list is held to all.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import xlsxwriter

from evaluation.errors import Problem
from evaluation.protocol.mapping import Mapping
from tests.studies import INSTRUMENT
from tests.waves.intake_study import ITEMS, load, other_study, refusal, wave_frame

How = dict[str, Any]
Frame = pd.DataFrame
FILE = "Trust export.csv"
MAPPING = {
    "mapping": "m", "version": 1, "reviewed_by": "Ana", "population": "staff", "file": {"format": "csv"},
    "organisation": {"column": "organisation"}, "respondent": {"column": "respondent"}, "answered_on": {"column": "answered_on"},
    "groups": {"staff_group": {"column": "staff_group"}}, "items": {item: {"item": item} for item in ITEMS},
}  # fmt: skip


def sound() -> Frame:
    return wave_frame().assign(answered_on="2025-10-07")


@dataclass(frozen=True)
class Mended:
    """What was done: the file's new text (None: as it was), and how it is then loaded."""

    content: bytes | None = None
    how: How = field(default_factory=dict)
    instrument: str = INSTRUMENT


@dataclass(frozen=True)
class Planted:
    """A fault, where it was planted, and what its message is read to say.

    `row` counts as a spreadsheet does; `place` is what else must be named where neither row nor column is. `fix` is the part of the
    message's advice that `mend` carries out, given the message.
    """

    name: str
    content: bytes
    fix: str
    mend: Callable[[Problem], Mended]
    row: int | None = None
    column: str | None = None
    place: str = ""
    how: How = field(default_factory=dict)
    file: str = FILE

    def __str__(self) -> str:
        return self.name


def csv(frame: Frame) -> bytes:
    return frame.to_csv(index=False, lineterminator="\n").encode()


def cell(row: int, column: str, value: str) -> bytes:
    frame = sound()
    frame.loc[row - 2, column] = value
    return csv(frame)


def put_right(_: Problem) -> Mended:
    """The sound file: its faulty cells corrected, or the export made once more."""
    return Mended(csv(sound()))


def blank(row: int, column: str) -> Callable[[Problem], Mended]:
    return lambda _: Mended(cell(row, column, ""))


def said(**how: Any) -> Callable[[Problem], Mended]:
    """The same file, and something said on the command line."""
    return lambda _: Mended(None, how)


def nearest(row: int, column: str) -> Callable[[Problem], Mended]:
    """The code that the message names as nearest."""

    def mend(problem: Problem) -> Mended:
        found = re.search(r"nearest: ([^)]+)\)", problem.what)
        assert found, problem
        return Mended(cell(row, column, found[1].strip("'")))

    return mend


def renamed(wrong: str) -> Callable[[Problem], Mended]:
    """The column gets the name that the message gives it."""

    def mend(problem: Problem) -> Mended:
        found = re.search(r"is not '([^']+)'", problem.what)
        assert found, problem
        return Mended(csv(sound().rename(columns={"lived_2": wrong}).rename(columns={wrong: found[1]})))

    return mend


def other_wave(problem: Problem) -> Mended:
    found = re.search(r"if they are wave '(\w+)'", problem.fix)
    assert found, problem
    return Mended(None, {"wave": found[1]})


def missing_code(problem: Problem) -> Mended:
    assert "in the scale in instruments/values.yaml: missing_codes: {CODE" in problem.fix
    return Mended(None, {}, INSTRUMENT.replace("missing_codes: {99:", "missing_codes: {98: Not asked, 99:"))


def mapped(**changes: Any) -> Mapping:
    return Mapping.model_validate({**MAPPING, **changes})


def workbook(folder: Path, change: Callable[[xlsxwriter.Workbook, Any], None]) -> bytes:
    path = folder / "made.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Answers")
        for place, row in enumerate([list(sound().columns), *sound().to_numpy().tolist()]):
            sheet.write_row(place, 0, row)
        change(book, sheet)
    return path.read_bytes()


TEXT = csv(sound()).decode()
LINES = TEXT.splitlines(keepends=True)
TWICE = csv(pd.concat([sound(), sound().iloc[[4]]]))


def planted(folder: Path) -> list[Planted]:
    """Every fault; workbooks are made in `folder`."""
    day_first = csv(sound().assign(answered_on="08/10/2025"))
    plain = workbook(folder, lambda book, sheet: None)
    return [
        Planted("an answer off its scale", cell(5, "lived_1", "6"), "correct the export", put_right, 5, "lived_1"),
        Planted("a code for no answer that nobody declared", cell(5, "lived_1", "98"), "means no answer is listed in", missing_code, 5, "lived_1"),
        Planted("half a point", cell(9, "lived_2", "3.5"), "correct the export", put_right, 9, "lived_2"),
        Planted("a label among codes", cell(7, "strain_1", "Agree"), "export answer codes", put_right, 7, "strain_1"),
        Planted("N/A", cell(7, "lived_3", "N/A"), "leave the cells blank", blank(7, "lived_3"), 7, "lived_3"),
        Planted("a full stop for no answer", cell(8, "lived_3", "."), "leave the cells blank", blank(8, "lived_3"), 8, "lived_3"),
        Planted("infinity", cell(3, "lived_1", "inf"), "leave cells without an answer blank", blank(3, "lived_1"), 3, "lived_1"),
        Planted("a decimal comma", cell(3, "lived_1", "3,0"), "export plain numbers", put_right, 3, "lived_1"),
        Planted("an organisation misspelt", cell(6, "organisation", "P22"), "correct the code", nearest(6, "organisation"), 6, "organisation"),
        Planted("an organisation left blank", cell(6, "organisation", ""), "give the organisation's code", put_right, 6, "organisation"),
        Planted("another organisation than the command's", csv(sound()), "leave --organisation out", said(), 6, "organisation", how={"organisation": "P1"}),
        Planted("two waves in one file", csv(sound().assign(wave=["month_12"] + ["month_6"] * 31)), "load each wave under its name",
                lambda _: Mended(csv(sound().iloc[1:].assign(wave="month_6"))), 2, "wave"),
        Planted("one person twice", TWICE, "keep one row a respondent", put_right, 6, "respondent"),
        Planted("a person without id", cell(4, "respondent", ""), "give every respondent the id", put_right, 4, "respondent"),
        Planted("an id rounded by a spreadsheet", cell(4, "respondent", "9.87654E+15"), "keep the ids as text", put_right, 4, "respondent"),
        Planted("ids that are e-mail addresses", csv(sound().assign(respondent=[f"p{k}@nhs.example" for k in range(32)])), "use ids made for the study",
                put_right, None, "respondent"),
        Planted("a day that may be two", cell(6, "answered_on", "03/04/2025"), "export ISO dates", put_right, 6, "answered_on"),
        Planted("days written day first", day_first, "declare 'dates: day first'",
                lambda _: Mended(None, {"mapping": mapped(file={"format": "csv", "dates": "day first"})}), 2, "answered_on"),
        Planted("a day of no calendar", cell(6, "answered_on", "2025-02-30"), "write days as ISO", put_right, 6, "answered_on"),
        Planted("a spreadsheet's number for a day", cell(6, "answered_on", "45934"), "export ISO dates", put_right, 6, "answered_on"),
        Planted("a day to come", cell(6, "answered_on", "2199-01-01"), "correct the date", put_right, 6, "answered_on"),
        Planted("baseline sent as follow-up", csv(sound().assign(answered_on="2025-02-20")), "load them as such", other_wave, place="2025-02-20"),
        Planted("a column missing", csv(sound().drop(columns="lived_2")), "export them too", put_right, None, "lived_2"),
        Planted("a column in other letters", csv(sound().rename(columns={"lived_2": "Lived_2"})), "rename it", renamed("Lived_2"), None, "Lived_2"),
        Planted("a column with a letter of another alphabet", csv(sound().rename(columns={"lived_2": "l\u0456ved_2"})), "rename it", renamed("l\u0456ved_2"),
                None, "l\u0456ved_2"),
        Planted("a column nobody asked for", csv(sound().assign(shift="late")), "--drop-extra", said(drop_extra=True), None, "shift"),
        Planted("e-mail addresses nobody asked for", csv(sound().assign(email=[f"p{k}@nhs.example" for k in range(32)])), "leave it out of the export",
                put_right, None, "email"),
        Planted("comments nobody asked for", csv(sound().assign(comments=[f"On ward {k} I think that we are all a good deal better off" for k in range(32)])),
                "leave it out of the export", put_right, None, "comments"),
        Planted("names of people in a group", csv(sound().assign(staff_group=["Zebedee Wintersmouth", "Quintilla Arkleberry"] * 16)), "export those",
                put_right, None, "staff_group"),
        Planted("a column twice", TEXT.replace("lived_2", "lived_1", 1).encode(), "give each column a name of its own", put_right, None, "lived_1"),
        Planted("a cell too many", TEXT.replace(LINES[6], LINES[6].replace("\n", ",9\n")).encode(), "", put_right, 7),
        Planted("a file cut off", TEXT[:-15].encode(), "export it again", put_right, 33),
        Planted("a file cut off inside its last cell", TEXT[:-9].encode(), "write days as ISO", put_right, 33, "answered_on"),
        Planted("a quotation mark left open", TEXT.replace(LINES[6], LINES[6].replace("P", '"P', 1)).encode(), "", put_right, 7),
        Planted("NUL bytes", TEXT.replace("Nursing", "Nur\0sing", 1).encode(), "export it again", put_right, place="byte offset"),
        Planted("a Windows encoding", cell(3, "staff_group", "Sant\u00e9").decode().encode("cp1252"), "--encoding cp1252", said(encoding="cp1252"), place="line 3"),
        Planted("no answers", LINES[0].encode(), "--allow-empty", said(allow_empty=True), place="no responses"),
        Planted("two sheets", workbook(folder, lambda book, _: book.add_worksheet("Notes").write(0, 0, "read me")), "--sheet",
                said(sheet="Answers"), place="'Answers'", file="Trust export.xlsx"),
        Planted("a formula that failed", workbook(folder, lambda _, sheet: sheet.write_formula("D3", "=1/0", None, "#DIV/0!")), "correct the formulas",
                lambda _: Mended(plain), place="D3", file="Trust export.xlsx"),
        Planted("merged answers", workbook(folder, lambda _, sheet: sheet.merge_range("D3:D4", "4")), "take the merging apart", lambda _: Mended(plain),
                place="D3:D4", file="Trust export.xlsx"),
        Planted("another kind of file under the name of a workbook", TEXT.encode(), "say 'file: {format: csv}' in a mapping",
                lambda _: Mended(None, {"mapping": mapped()}), place="first bytes", file="Trust export.xlsx"),
    ]  # fmt: skip


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> list[Planted]:
    return planted(tmp_path_factory.mktemp("made"))


def lacks(case: Planted, problem: Problem) -> list[str]:
    """What a reader who has the message and nothing else would still have to ask."""
    text = f"{problem.what} {problem.where}"
    numbers = re.findall(r"\d+", text.replace(",", ""))
    return [
        ask
        for ask, is_there in {
            "which file": case.file in problem.where,
            "which row": case.row is None or ("row" in text and str(case.row) in numbers),
            "which column": case.column is None or case.column in text,
            "where": bool(case.row or case.column) or case.place in str(problem),
            "what to do": bool(problem.fix) and case.fix in problem.fix,
        }.items()
        if not is_there
    ]


def first_fault(case: Planted, folder: Path) -> Problem:
    file = folder / case.file
    file.write_bytes(case.content)
    return refusal(file, **case.how).problems[0]


def test_forty_one_faults_are_planted_and_no_two_alike(cases: list[Planted]) -> None:
    assert len({case.name for case in cases}) == len(cases) == 41
    assert len({case.content for case in cases}) >= 38


@pytest.mark.parametrize("number", range(41))
def test_the_message_alone_says_file_place_and_remedy_and_the_remedy_is_enough(
    number: int, cases: list[Planted], tmp_path: Path
) -> None:
    case = cases[number]
    problem = first_fault(case, tmp_path)
    assert lacks(case, problem) == [], f"{case}: {problem}"
    mended = case.mend(problem)
    file = tmp_path / case.file
    if mended.content is not None:
        file.write_bytes(mended.content)
    study = other_study(tmp_path, instrument=mended.instrument)
    collected = load(file, study=study, **mended.how)
    assert collected.receipt.kept >= (0 if "allow_empty" in mended.how else 31)


def test_a_message_that_lacks_any_of_them_is_noticed(cases: list[Planted]) -> None:
    case = cases[0]
    whole = Problem("answer lived_1 outside its scale", f"{FILE}, row 5", "correct the export")
    assert lacks(case, whole) == []
    assert lacks(case, Problem("something is wrong", "", "")) == ["which file", "which row", "which column", "what to do"]
