"""Every bad input that can reach intake: refused with a named problem and exit code 3, or accepted in exactly one way.

Numbers in the case names are the rows of the project's table of bad inputs.
"""

import csv
import gzip
import io
import pickle
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evaluation.study import Study
from evaluation.waves.readers.header import holds_answers
from evaluation.waves.storage.compare import content_hashes
from evaluation.waves.store import load as store
from evaluation.waves.store import version
from tests.studies import tiny_study, tiny_wave
from tests.waves.intake_study import codes, load, refusal, wave_frame


def text(change: Callable[[pd.DataFrame], pd.DataFrame | None] | None = None) -> str:
    """The wave as CSV after `change`, which may work in place."""
    frame = wave_frame()
    if change is not None:
        changed = change(frame)
        frame = frame if changed is None else changed
    return frame.to_csv(index=False, lineterminator="\n")


def put(row: int, column: str, value: str) -> Callable[[pd.DataFrame], None]:
    """A change that writes `value` into one cell; `row` counts as a spreadsheet does, the header being 1."""

    def change(frame: pd.DataFrame) -> None:
        frame.loc[row - 2, column] = value

    return change


def with_column(name: str, values: Callable[[int], str]) -> str:
    return text(lambda frame: frame.assign(**{name: [values(k) for k in range(len(frame))]}))


def renamed(old: str, new: str) -> str:
    return text(lambda frame: frame.rename(columns={old: new}))


def ids(make: Callable[[int], str]) -> str:
    return text(lambda frame: frame.assign(respondent=[make(k) for k in range(len(frame))]))


def dated(day: str) -> str:
    return text(lambda frame: frame.assign(answered_on=["2025-10-07", day] + ["2025-10-08"] * (len(frame) - 2)))


def nhs_number(seed: int) -> str:
    """A made-up number with a valid check digit (modulus 11)."""
    while True:
        nine = f"{900000000 + seed:09d}"
        check = (11 - sum(int(digit) * weight for digit, weight in zip(nine, range(10, 1, -1), strict=True)) % 11) % 11
        if check < 10:
            return f"{nine}{check}"
        seed += 1_000_000


PLAIN = text()
LINES = PLAIN.splitlines(keepends=True)


@dataclass(frozen=True)
class Bad:
    """A file, the problem it must meet, words its message must hold, and words it must not hold."""

    row: str
    content: str | bytes
    code: str
    says: tuple[str, ...] = ()
    hides: tuple[str, ...] = ()
    name: str = "month-6.csv"
    how: dict[str, object] = field(default_factory=dict)

    @property
    def data(self) -> bytes:
        return self.content.encode() if isinstance(self.content, str) else self.content


def zipped() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("answers.csv", PLAIN)
    return stream.getvalue()


def array(*, objects: bool) -> bytes:
    stream = io.BytesIO()
    np.save(stream, np.array([1, "a"], dtype=object) if objects else np.arange(3), allow_pickle=objects)
    return stream.getvalue()


SWALLOWED = text(put(5, "staff_group", '"Nursing')).replace('"""Nursing"', '"Nursing')
REFUSED = [
    Bad("1 no bytes", "", "file-empty", ("the file is empty", "0 bytes")),
    Bad("1 blank lines only", "\n\n \n", "file-empty", ("the file is empty",)),
    Bad("2 header only", LINES[0], "no-responses", ("no responses", "--allow-empty")),
    Bad("3 cut in mid-record", PLAIN[:-9], "truncated", ("middle of row 33", "last complete row is 32")),
    Bad("3 cut after a delimiter", PLAIN[:-2], "truncated", ("middle of row 33",)),
    Bad("3 cut inside quotes", PLAIN + 'P1,"P1-99', "truncated", ("middle of row 34", "last complete row is 33")),
    Bad("4 unclosed quote", SWALLOWED + "".join(LINES[1:]) * 300, "unclosed-quote", ("row 5",)),
    Bad("4 quote closed by the next one", SWALLOWED.replace("Other", '"Other"'), "unclosed-quote", ("row 5",)),
    Bad("4 mark inside a field", text().replace("Nursing", 'Nurs"ing', 1), "stray-quote", ("row 2",)),
    Bad(
        "5 a field too many",
        PLAIN.replace(LINES[6], LINES[6].replace("\n", ",9\n")),
        "ragged-rows",
        ("row 7", "expected 8, found 9"),
    ),
    Bad(
        "5 fields too few",
        PLAIN.replace(LINES[6], "P1,x\n").replace(LINES[8], "P2\n"),
        "ragged-rows",
        ("2 rows", "rows 7, 9", "found 2, 1"),
    ),
    Bad("6 UTF-16 without mark", PLAIN.encode("utf-16-le"), "nul-bytes", ("byte offset 1", "UTF-16")),
    Bad("6 UTF-32", PLAIN.encode("utf-32"), "encoding", ("UTF-32",)),
    Bad(
        "7 cp1252",
        text(put(3, "staff_group", "Sant\u00e9")).encode("cp1252"),
        "encoding",
        ("line 3", "byte offset", "--encoding cp1252", "0xe9"),
    ),
    Bad(
        "7 UTF-8 read as cp1252",
        text(put(3, "staff_group", "Sant\u00e9")),
        "encoding",
        ("are UTF-8",),
        how={"encoding": "cp1252"},
    ),
    Bad("9 NUL bytes", PLAIN.replace("Nursing", "Nur\0sing", 1), "nul-bytes", ("1 NUL byte.", "byte offset")),
    Bad("11 two delimiters fit", "a;b,c\n" + "1;2,3\n" * 5, "delimiter-ambiguous", ("comma and by semicolon", "--delimiter")),
    Bad("12 duplicate names", PLAIN.replace("lived_2", "lived_1", 1), "duplicate-columns", ("'lived_1'", "where both hold the same, delete one", "under 'ignore'")),
    Bad("12 a name missing", PLAIN.replace("lived_2", "", 1), "unnamed-column", ("column 5",)),
    Bad(
        "12 no header",
        "Zebedee Wintersmouth,zeb@westmarsh.example,700000,Before,24/03/2025,Agree,5\n" * 4,
        "no-header",
        ("row 1 looks like answers", "not shown"),
        ("Zebedee", "zeb@", "700000"),
    ),
    Bad("12 no header, codes only", "".join(LINES[1:]), "no-header", ("row 1 looks like answers",), ("P1-0000",)),
    Bad("15 an address names a column", renamed("lived_1", "a@b.org"), "no-header", (), ("a@b.org",)),
    Bad("13 case", renamed("lived_1", "Lived_1"), "near-miss-column", ("'Lived_1' is not 'lived_1'", "letter case")),
    Bad("13 space", renamed("lived_1", "lived_1 "), "near-miss-column", ("'lived_1 ' is not 'lived_1'", "a space")),
    Bad("13 look-alike letter", renamed("lived_1", "l\u0456ved_1"), "near-miss-column", ("CYRILLIC", "position 2")),
    Bad("13 spelling", renamed("organisation", "organization"), "near-miss-column", ("'organization' is not 'organisation'",)),
    Bad(
        "14 columns missing",
        text(lambda frame: frame.drop(columns=["lived_2", "staff_group"])),
        "missing-column",
        ("2 columns", "staff_group, lived_2"),
    ),
    Bad("15 extra column", with_column("shift", lambda k: str(k % 2)), "extra-column", ("'shift'", "--drop-extra")),
    Bad(
        "15 extra identifier",
        with_column("E-mail", lambda k: f"p{k}@example.org"),
        "identifier-column",
        ("'E-mail'",),
        ("example.org",),
    ),
    Bad(
        "16 type drift",
        text(lambda frame: frame.replace({"lived_1": {"4": "Agree"}})),
        "type-drift",
        ("answer lived_1 in words", "1 to 5", "'Agree'", "rows "),
    ),
    *(
        Bad(
            f"17 Likert {value}",
            text(put(4, "lived_1", value)),
            "outside-scale",
            ("row 4", f"values {value}", "instruments/values.yaml", "1 to 5"),
        )
        for value in ("0", "6", "98", "-1")
    ),
    Bad(
        "17 Likert 3.5",
        text(put(4, "lived_1", "3.5")),
        "between-codes",
        ("row 4; values 3.5", "answers lived_1 with a fraction where its scale has whole numbers only (1 to 5)", "'whole: false'"),
        ("outside", "missing_codes"),
    ),
    *(
        Bad(
            f"18 missing code {value}",
            text(put(4, "lived_1", value)),
            "undeclared-missing",
            ("row 4", f"'{value}'", "missing_codes"),
        )
        for value in ("NA", "N/A", ".")
    ),
    Bad("18 missing code -9", text(put(4, "lived_1", "-9")), "outside-scale", ("-9", "missing_codes")),
    *(
        Bad(f"19 {value}", text(put(4, "lived_1", value)), "not-a-number", ("row 4", "no finite number"))
        for value in ("NaN", "inf", "-inf", "1e309")
    ),
    Bad("20 comma decimals", text(put(4, "lived_1", "3,5")), "number-locale", ("3,5", "decimal")),
    Bad("20 thousands", text(put(4, "lived_1", "1,000")), "number-locale", ("thousands",)),
    Bad("21 ambiguous day", dated("03/04/2025"), "date-format", ("row 3", "could mean two days", "dates: day first")),
    Bad(
        "21 day in another form, in one meaning",
        dated("13/10/2025"),
        "date-format",
        ("row 3; values '13/10/2025'", "not written ISO", "write the first one 2025-10-13"),
        ("could mean two days",),
    ),
    Bad("21 impossible day", dated("31/02/2025"), "date-impossible", ("row 3", "not one of the calendar")),
    Bad("21 impossible ISO day", dated("2025-02-31"), "date-impossible", ("row 3",)),
    Bad("21 serial number", dated("45934"), "date-serial", ("row 3", "Excel serial number")),
    Bad("21 year 1900", dated("1900-01-01"), "date-impossible", ("row 3",)),
    Bad("21 future", dated("2199-01-01"), "date-future", ("row 3", "has not come")),
    Bad("22 unknown organisation", text(put(4, "organisation", "P9")), "unknown-organisation", ("'P9' (nearest: P", "row 4")),
    Bad("22 an organisation's name", text(put(4, "organisation", "Westmarsh Trust")), "unknown-organisation", ("'Westmarsh Trust'",)),
    Bad("22 an address for an organisation", text(put(4, "organisation", "a@b.org")), "unknown-organisation", (), ("a@b.org",)),
    Bad("23 organisation differs", PLAIN, "organisation-differs", ("'P2'", "the command says 'P1'"), how={"organisation": "P1"}),
    Bad(
        "23 wave differs",
        with_column("wave", lambda k: "month_12" if k == 5 else "month_6"),
        "wave-differs",
        ("'month_12'", "the command says 'month_6'", "row 7"),
    ),
    Bad(
        "24 respondent twice",
        text(lambda frame: pd.concat([frame, frame.iloc[[0, 0, 9]]])),
        "duplicate-respondent",
        ("5 of 35 rows", "2 respondents"),
        ("P1-0000", "P3-0001"),
    ),
    Bad("29 e-mails", ids(lambda k: f"jo.bloggs{k}@nhs.example"), "identifying-values", ("e-mail addresses",), ("bloggs",)),
    Bad(
        "29 names",
        ids(lambda k: f"Jo Bloggs{'abcdefghijklmnopqrstuvwxyzabcdefghij'[k]}"),
        "identifying-values",
        ("names",),
        ("Bloggs",),
    ),
    Bad("29 NHS numbers", ids(nhs_number), "identifying-values", ("NHS numbers",), (nhs_number(0), nhs_number(1))),
    Bad(
        "29 NHS numbers with spaces",
        ids(lambda k: f"{nhs_number(k)[:3]} {nhs_number(k)[3:6]} {nhs_number(k)[6:]}"),
        "identifying-values",
        ("NHS numbers",),
    ),
    Bad(
        "29 one NHS number",
        ids(lambda k: nhs_number(7) if k == 7 else f"id{k}"),
        "identifying-values",
        ("NHS numbers",),
        (nhs_number(7),),
    ),
    Bad(
        "29 National Insurance numbers",
        ids(lambda k: f"JM{k:02d}4471C"),
        "identifying-values",
        ("National Insurance numbers",),
        ("4471C",),
    ),
    Bad("29 phone numbers", ids(lambda k: f"07700 9{k:05d}"), "identifying-values", ("phone numbers",), ("07700",)),
    Bad(
        "29 staff numbers",
        ids(lambda k: f"2{k * 7919 % 10_000:04d}{k * 613 % 1000:03d}"),
        "identifying-values",
        ("staff numbers",),
    ),
    Bad(
        "29 names in a group",
        text(lambda frame: frame.assign(staff_group=[f"Jo Bloggs{chr(97 + k % 26)}{chr(97 + k // 26)}" for k in range(32)])),
        "identifying-values",
        ("'staff_group' seems to hold names",),
        ("Bloggs",),
    ),
    Bad(
        "29 names in a group, repeated",
        text(lambda frame: frame.assign(staff_group=["Zebedee Wintersmouth", "Quintilla Jane Arkleberry"] * 16)),
        "identifying-values",
        ("'staff_group' seems to hold names of people", "codes"),
        ("Wintersmouth", "Arkleberry"),
    ),
    Bad(
        "30 sentences in a group, repeated",
        text(lambda frame: frame.assign(staff_group=["Nursing", "My manager told us off in front of the ward."] * 16)),
        "free-text-column",
        ("'staff_group' holds sentences",),
        ("told us",),
    ),
    Bad(
        "30 free text",
        with_column("comments", lambda k: f"I would say that on ward {k} things have got better since spring"),
        "free-text-column",
        ("'comments'",),
        ("ward",),
    ),
    Bad("32 a line over 1 MiB", PLAIN + "x" * (1024**2 + 1), "line-too-long", ("1,048,576 bytes",)),
    Bad("33 too many columns", ",".join(f"c{k}" for k in range(2001)) + "\n", "too-many-columns", ("2,001",)),
    Bad("44 pickle", pickle.dumps({"a": 1}, protocol=4), "not-this-format", ("pickle",)),
    Bad("44 NumPy array with objects", array(objects=True), "not-this-format", ("NumPy",)),
    Bad("44 NumPy array", array(objects=False), "not-this-format", ("NumPy",)),
    Bad("44 R data renamed", gzip.compress(b"RDX3\nX\n\0\0\0\3"), "not-this-format", ("gzip",)),
    Bad("44 R data renamed .csv.gz", gzip.compress(b"RDX3\nX\n\0\0\0\3"), "not-this-format", ("R data",), name="month-6.csv.gz"),
    Bad("44 zip renamed .csv", zipped(), "not-this-format", ("zip",)),
    Bad("44 zip renamed .xlsx", zipped(), "not-this-format", ("zip",), name="month-6.xlsx"),
    Bad("44 text renamed .xlsx", PLAIN, "not-this-format", (), name="month-6.xlsx"),
    Bad("44 text renamed .dta", PLAIN, "not-this-format", (), name="month-6.dta"),
    Bad("44 web page renamed .csv", "<html><table></table></html>", "not-this-format", ("web page",)),
]


@pytest.mark.parametrize("bad", REFUSED, ids=[bad.row for bad in REFUSED])
def test_bad_input_is_refused_by_name_with_its_place_and_its_fix(bad: Bad, tmp_path: Path) -> None:
    file = tmp_path / bad.name
    file.write_bytes(bad.data)
    error = refusal(file, **bad.how)
    problem = next((problem for problem in error.problems if problem.code == bad.code), None)
    assert problem is not None, f"{codes(error)}\n{error}"
    words = str(problem)
    assert all(said in words for said in bad.says), words
    assert not any(hidden in str(error) for hidden in bad.hides), error
    assert problem.where and problem.fix


@dataclass(frozen=True)
class Fine:
    """A file that is odd and still read in one way only, and what the receipt then notes."""

    row: str
    content: str | bytes
    notes: str = ""
    how: dict[str, object] = field(default_factory=dict)

    @property
    def data(self) -> bytes:
        return self.content.encode() if isinstance(self.content, str) else self.content


MIXED = "".join(line.replace("\n", ("\r\n", "\r", "\n")[k % 3]) for k, line in enumerate(LINES))
ACCEPTED = [
    Fine("6 UTF-16 with mark", PLAIN.encode("utf-16"), "UTF-16"),
    Fine("8 UTF-8 mark", PLAIN.encode("utf-8-sig"), "byte-order mark"),
    Fine("10 CR only", PLAIN.replace("\n", "\r"), "line ends: 33 CR"),
    Fine("10 mixed line ends", MIXED, "line ends: 11 CR LF, 11 LF, 11 CR"),
    Fine("10 CR LF", PLAIN.replace("\n", "\r\n")),
    Fine("11 semicolons", PLAIN.replace(",", ";"), "semicolon (detected)"),
    Fine("11 tabs", PLAIN.replace(",", "\t"), "tab (detected)"),
    Fine("27 rows in another order", LINES[0] + "".join(reversed(LINES[1:]))),
    Fine("27 columns in another order", text(lambda frame: frame[frame.columns[::-1]])),
    Fine("no last line end", PLAIN[:-1], "no line end; it is complete as far as can be seen: compare the 32 rows read with how many were sent"),
    Fine("no last line end after a quoted field", PLAIN[:-2] + f'"{PLAIN[-2]}"', "no line end"),
    Fine("whole numbers written 4.0", text(lambda frame: frame.assign(lived_1=frame["lived_1"] + ".0"))),
]


@pytest.mark.parametrize("fine", ACCEPTED, ids=[fine.row for fine in ACCEPTED])
def test_odd_input_gives_the_same_rows_and_a_note(fine: Fine, tmp_path: Path) -> None:
    (tmp_path / "plain.csv").write_text(PLAIN, encoding="utf-8")
    (tmp_path / "odd.csv").write_bytes(fine.data)
    plain, odd = load(tmp_path / "plain.csv"), load(tmp_path / "odd.csv", **fine.how)  # type: ignore[arg-type]
    assert content_hashes(odd.frame) == content_hashes(plain.frame)
    assert odd.frame.equals(plain.frame)
    assert fine.notes in "; ".join(odd.receipt.notes)


def test_a_declared_windows_encoding_is_read_as_such(tmp_path: Path) -> None:
    file = tmp_path / "cp1252.csv"
    file.write_bytes(text(put(3, "staff_group", "Sant\u00e9")).encode("cp1252"))
    assert "Sant\u00e9" in load(file, encoding="cp1252").frame["staff_group"].to_list()


def test_a_header_without_rows_loads_when_nobody_answered(tmp_path: Path) -> None:
    file = tmp_path / "empty.csv"
    file.write_text(LINES[0], encoding="utf-8")
    collected = load(file, allow_empty=True)
    assert collected.frame.height == 0 and collected.receipt.kept == 0


def test_extra_columns_are_dropped_on_request_and_named_with_counts_not_values(tmp_path: Path) -> None:
    frame = wave_frame().assign(shift="late", email=[f"p{k}@example.org" if k % 2 else "" for k in range(32)])
    file = tmp_path / "extra.csv"
    frame.to_csv(file, index=False)
    receipt = load(file, drop_extra=True).receipt
    assert receipt.identifiers_dropped == {"email": 16}
    assert receipt.extra_dropped == {"shift": 32}
    assert "example.org" not in str(receipt)


def test_a_near_miss_is_refused_even_when_extra_columns_may_be_dropped(tmp_path: Path) -> None:
    file = tmp_path / "near.csv"
    file.write_text(renamed("lived_1", "Lived_1"), encoding="utf-8")
    assert codes(refusal(file, drop_extra=True)) == ["near-miss-column"]


def test_all_faults_of_a_file_are_told_at_once_and_equal_ones_once(tmp_path: Path) -> None:
    frame = wave_frame()
    frame.loc[:19, "lived_1"] = "7"
    frame.loc[3, "organisation"] = "Q1"
    frame["shift"] = "late"
    file = tmp_path / "many.csv"
    frame.drop(columns="lived_3").to_csv(file, index=False)
    error = refusal(file)
    assert codes(error) == ["missing-column", "extra-column", "unknown-organisation", "outside-scale"]
    assert str(error.problems[-1]).startswith("20 of 32 rows in wave 'month_6' answer lived_1 outside its scale (1 to 5).")
    assert "rows 2, 3, 4, 5, 6 and 15 more; values 7" in str(error)
    assert error.problems[-1].count == 20


@pytest.mark.parametrize(
    "cell",
    [
        '=HYPERLINK("http://x")',
        "+cmd|' /C calc'!A0",
        "@SUM(A1:A9)",
        "-1+1",
        "\t=1+1",
        "\r=1+1",
        "<img src=x onerror=alert(1)>",
        "javascript:alert(1)",
        "'; DROP TABLE responses; --",
    ],
)
def test_text_that_looks_like_a_formula_or_markup_stays_text(cell: str, tmp_path: Path) -> None:
    frame = wave_frame()
    frame.loc[0, "staff_group"] = cell
    file = tmp_path / "formula.csv"
    frame.to_csv(file, index=False, quoting=csv.QUOTE_ALL)
    assert cell.replace("\r", "\n") in load(file).frame["staff_group"].to_list()


def test_a_hostile_organisation_code_is_shown_as_text_and_refused(tmp_path: Path) -> None:
    file = tmp_path / "hostile.csv"
    file.write_text(text(put(2, "organisation", "<img onerror=alert(1)>\x1b[2J")), encoding="utf-8")
    error = refusal(file)
    assert codes(error) == ["unknown-organisation"]
    assert "\x1b" not in str(error)


def test_only_regular_files_are_read(tmp_path: Path) -> None:
    real = tmp_path / "real.csv"
    real.write_text(PLAIN, encoding="utf-8")
    link = tmp_path / "link.csv"
    link.symlink_to(real)
    folder = tmp_path / "folder.csv"
    folder.mkdir()
    assert codes(refusal(link)) == codes(refusal(folder)) == ["not-a-regular-file"]
    assert codes(refusal(tmp_path / "absent.csv")) == ["no-such-file"]


def test_a_file_over_the_size_limit_is_refused_before_it_is_read(tmp_path: Path) -> None:
    file = tmp_path / "huge.csv"
    with file.open("wb") as stream:
        stream.truncate(2 * 1024**3 + 1)
    assert codes(refusal(file)) == ["file-too-large"]


def test_loading_twice_changing_and_reordering_are_told_apart(tmp_path: Path) -> None:
    study = Study.open(tiny_study(tmp_path / "study"))
    first = tiny_wave(tmp_path, "baseline", people=4)
    rows = pd.read_csv(first, dtype=str)
    shuffled, changed = tmp_path / "shuffled.csv", tmp_path / "changed.csv"
    rows.sample(frac=1, random_state=1).to_csv(shuffled, index=False)
    rows.assign(lived_1=rows["lived_1"].replace({"3": "4"})).to_csv(changed, index=False)
    stored = store(study, load(first, wave="baseline"), actor="tester")
    assert not stored.already_loaded
    for same in (first, shuffled):
        again = store(study, load(same, wave="baseline"), actor="tester")
        assert again.already_loaded and again.version == stored.version
    with pytest.raises(Exception, match="--append") as caught:
        store(study, load(changed, wave="baseline"), actor="tester")
    assert caught.value.exit_code == 3  # type: ignore[attr-defined]
    assert version(study) == {"staff": stored.version}


def test_a_refused_file_and_a_wave_before_its_baseline_leave_the_store_as_it_was(tmp_path: Path) -> None:
    study = Study.open(tiny_study(tmp_path / "study"))
    bad = tmp_path / "bad.csv"
    bad.write_text(text(put(4, "lived_1", "7")), encoding="utf-8")
    refusal(bad)
    assert not study.store.exists() or not any(study.store.iterdir())
    with pytest.raises(Exception, match="baseline") as caught:
        store(study, load(tiny_wave(tmp_path, "month_6", people=4)), actor="tester")
    assert caught.value.exit_code == 3  # type: ignore[attr-defined]


def test_a_last_answer_left_blank_without_a_line_end_is_a_whole_record_where_others_are_blank_too(tmp_path: Path) -> None:
    file = tmp_path / "blank.csv"
    file.write_text(text(put(9, "strain_1", ""))[:-2], encoding="utf-8")
    receipt = load(file).receipt
    assert receipt.kept == 32 and receipt.missing == {"blank": 2}
    assert "no line end" in receipt.notes[0]


@pytest.mark.parametrize("header", [["Staff Group", "1", "2", "3"], ["organisation", "2023", "2024"], ["P1", "Q1", "4"], ["code", "name"]])
def test_numbered_questions_and_years_are_headers(header: list[str]) -> None:
    assert not holds_answers(header)


def test_a_name_in_any_letters_beside_numbers_is_an_answer() -> None:
    assert holds_answers(["Zoë Ångström", "4", "2", "x", "y"])
