"""One person, one id, however a program writes numbers; and ids that only look alike are told before they are stored."""

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pandas as pd
import polars as pl
import pyreadstat
import pytest
import xlsxwriter

from evaluation.errors import WaveError
from evaluation.organisations.register import Register
from evaluation.protocol.documents import Documents, read_mapping
from evaluation.protocol.mapping import Mapping
from evaluation.waves import store
from evaluation.waves.checks.respondent_ids import ROUNDED, whole_id, whole_ids
from evaluation.waves.drafts.mapping import draft_mapping
from evaluation.waves.erase import erase
from evaluation.waves.load import Arriving, Loaded, check_wave, load_wave
from evaluation.waves.people.keys import Key
from evaluation.waves.people.linkage import pseudonymise
from evaluation.waves.people.spellings import unlike_stored
from evaluation.waves.storage.read import read_rows
from tests.studies import PROTOCOL, tiny_frame
from tests.waves.intake_study import ITEMS, codes, other_study, refusal, tiny
from tests.waves.intake_study import load as collected
from tests.waves.storing import ACTOR, study_in

KEY = Key(b"k" * 32)
LONG = 1234567890123400


@pytest.mark.parametrize(("written", "read"), [
    ("1000", "1000"), ("1000.0", "1000"), ("1000.00", "1000"), ("1.0e3", "1000"), ("1e+05", "100000"), ("1.003e3", "1003"),
    ("1.003000e+03", "1003"), ("1,003e3", "1003"), (" 0.0 ", "0"), (f"{LONG}.0", f"{LONG}"), (f"{2**53}.0", f"{2**53}"),
])  # fmt: skip
def test_a_whole_number_is_one_id_however_it_is_written(written: str, read: str) -> None:
    assert whole_id(written) == read


@pytest.mark.parametrize(
    "written", ["00012", "00012.0", "ab7", "AB7", "12.5", "1.00E+03", "9.87654E+15", f"{2**53 + 2}.0", "1e99", "P1-0003", "1.2.0"]
)
def test_what_may_be_another_person_or_was_rounded_stays_as_it_is_written(written: str) -> None:
    assert whole_id(written) == written


def numbered(wave: str, ids: list[object]) -> pd.DataFrame:
    return tiny_frame(wave, people=4).assign(respondent=pd.Series(ids))


def as_csv(folder: Path, wave: str, ids: list[object]) -> Path:
    file = folder / f"{wave}.csv"
    numbered(wave, ids).to_csv(file, index=False)
    return file


def as_workbook(frame: pd.DataFrame, file: Path) -> None:
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        for place, row in enumerate([list(frame.columns), *frame.to_numpy().tolist()]):
            sheet.write_row(place, 0, row)


WRITERS: dict[str, Callable[[pd.DataFrame, Path], object]] = {
    "ids.sav": lambda frame, file: pyreadstat.write_sav(frame.astype({"respondent": float}), str(file)),
    "ids.dta": lambda frame, file: pyreadstat.write_dta(frame.astype({"respondent": float}), str(file)),
    "ids.xlsx": as_workbook,
    "ids.parquet": lambda frame, file: frame.astype({"respondent": float}).to_parquet(file),
    "decimals.parquet": lambda frame, file: frame.assign(
        respondent=[Decimal(one).quantize(Decimal("0.00")) for one in frame["respondent"]]
    ).to_parquet(file),
    "floats.csv": lambda frame, file: frame.astype({"respondent": float}).to_csv(file, index=False),
}


@pytest.mark.parametrize(
    ("name", "first"), [*((name, LONG) for name in WRITERS), ("floats.csv", 1000), ("decimals.parquet", 1000)]
)
def test_ids_are_whole_numbers_whatever_kind_of_file_they_come_in(name: str, first: int, tmp_path: Path) -> None:
    ids = [first + k for k in range(32)]
    WRITERS[name](numbered("month_6", ids), tmp_path / name)
    assert sorted(collected(tmp_path / name).frame["respondent"]) == [f"{one}" for one in ids]


def test_two_rows_of_one_person_are_refused_though_a_point_was_added_in_one(tmp_path: Path) -> None:
    error = refusal(as_csv(tmp_path, "month_6", [f"{1000 + k // 2}{'.0' * (k % 2)}" for k in range(32)]))
    assert codes(error) == ["duplicate-respondent"]


def test_nobody_is_counted_twice_in_a_wave_or_lost_by_an_erasure_because_a_point_was_added(tmp_path: Path) -> None:
    """32 staff under whole numbers, sent again with a point: the same wave, late answers, and the next wave."""
    study = study_in(tmp_path)

    def send(wave: str, ids: list[object], **intent: bool) -> Loaded:
        return load_wave(study, Arriving(as_csv(tmp_path, wave, ids), wave, "staff"), actor=ACTOR, intent=store.Intent(**intent))

    pointed = [f"{1000 + k}.0" for k in range(32)]
    send("baseline", [1000 + k for k in range(32)])
    again = send("baseline", [*pointed])
    assert again.stored.already_loaded and "32 respondent ids are whole numbers written with a point" in " ".join(again.notes)
    with pytest.raises(WaveError, match="3 of 4 respondents in the file have already answered"):
        send("baseline", [*pointed[:31], "7"], append=True)
    send("month_6", [*pointed])
    erase(study, "staff", "1003", actor=ACTOR)
    left = read_rows(store.responses(study, "staff").files).group_by("wave").agg(pl.col("respondent").n_unique())
    assert dict(left.iter_rows()) == {"baseline": 31, "month_6": 31} and not list(study.inbox.iterdir())


def test_ids_of_one_file_that_differ_in_case_or_noughts_only_are_told_and_stay_apart(tmp_path: Path) -> None:
    found = collected(as_csv(tmp_path, "month_6", ["ab1", "AB1", "007", "7", *(f"x{k}" for k in range(28))]))
    note = "4 respondent ids differ from another of their organisation in letter case or noughts in front only"
    assert found.receipt.notes == (note,) and found.frame["respondent"].n_unique() == 32


@pytest.mark.parametrize("name", ["Median", "TOTAL", "mean", "Grand total", "Mean score", "Overall average", "Mean (n=31)", "Std. dev.", "NT01 total", "TEST", "Test record", "dummy", "Demo", "pilot test", "asdf", "All staff", "Durchschnitt", "Gesamt", "Benchmark"])
def test_the_rows_of_a_table_or_of_a_trial_are_not_people(name: str, tmp_path: Path) -> None:
    with pytest.raises(WaveError) as caught:
        collected(as_csv(tmp_path, "month_6", [*(f"x{k}" for k in range(31)), name]))
    (problem,) = caught.value.problems
    assert (problem.code, problem.count) == ("summary-row", 1) and "leave_out" in problem.fix
    assert problem.what.startswith("1 of 32 rows in wave 'month_6' is called a total, a mean, a test or the like")


@pytest.mark.parametrize("name", ["SD", "MAX", "MIN", "SUM", "std", "Max"])
@pytest.mark.parametrize("place", [0, 15, 31])
def test_initials_that_may_be_a_summary_are_somebodys_where_the_row_answers_like_a_person(name: str, place: int, tmp_path: Path) -> None:
    ids = [f"x{k}" for k in range(31)]
    assert collected(as_csv(tmp_path, "month_6", [*ids[:place], name, *ids[place:]])).receipt.kept == 32


def ending(folder: Path, rows: dict[str, list[object]], groups: tuple[str, str] = ("", "")) -> Path:
    """28 people or more in front of these rows of answers, by what stands under the id; and the groups of people and of the rows."""
    frame = numbered("month_6", [*(f"x{k}" for k in range(32 - len(rows))), *rows])
    for place, answers in enumerate(rows.values(), start=32 - len(rows)):
        frame[ITEMS] = frame[ITEMS].astype(object)
        frame.loc[frame.index[place], ITEMS] = answers
    frame["staff_group"] = [groups[0]] * (32 - len(rows)) + [groups[1]] * len(rows)
    frame.to_csv(folder / "wave.csv", index=False)
    return folder / "wave.csv"


PEOPLE = numbered("month_6", [*range(32)]).head(30)[ITEMS].astype(int)
LOWEST, HIGHEST = PEOPLE.min().to_list(), PEOPLE.max().to_list()


@pytest.mark.parametrize(("rows", "count"), [
    ({"SD": [0.83, 1.2, 0.9, 1.1, 1.04]}, 1), ({"SUM": [96, 101, 99, 87, 90]}, 1), ({"Mean": [3, 3, 4, 4, 3], "SD": [1, 1, 1, 1, 1]}, 2),
    ({"MIN": [1, 1, 1, 1, 1], "MAX": [5, 5, 5, 5, 5], "SD": [0.8, 1.1, 1.2, 0.7, 0.9]}, 3), ({"MAX": HIGHEST}, 1),
    ({"MIN": LOWEST, "MAX": HIGHEST}, 2), ({"SD": [1, 1, 1, 2, 1], "MAX": HIGHEST}, 2), ({"N": [3, 3, 3, 2, 3], "Mode": [3, 3, 3, 3, 3]}, 2),
])  # fmt: skip
def test_initials_are_a_summary_where_the_row_looks_like_one_and_the_file_tells_nothing_of_people(rows: dict[str, list[object]], count: int, tmp_path: Path) -> None:
    found = {problem.code: problem.count for problem in refusal(ending(tmp_path, rows)).problems}
    assert found["summary-row"] == count


@pytest.mark.parametrize("name", ["SD", "Max", "N", "Mode", "Var", "SE", "All", "SUM"])
def test_initials_are_somebodys_where_the_row_has_a_group_and_a_summary_where_it_has_none(name: str, tmp_path: Path) -> None:
    """The answers say nothing: a person may answer the lowest to everything, and a rounded deviation may be a person's answers."""
    for answers in (LOWEST, HIGHEST, [2, 2, 1, 2, 1]):
        assert collected(ending(tmp_path, {name: answers}, ("Nursing", "Other"))).receipt.kept == 32
        (problem,) = refusal(ending(tmp_path, {name: answers}, ("Nursing", ""))).problems
        assert (problem.code, problem.count) == ("summary-row", 1) and "row 33" in problem.where
    assert "under 'codes' of 'respondent' in a mapping" in problem.fix


def test_summaries_of_a_group_are_none_of_its_people(tmp_path: Path) -> None:
    """A mean and a deviation of the nurses, without a day as people have; whoever is called MAX above them has one."""
    frame = numbered("month_6", [*(f"x{k}" for k in range(29)), "MAX", "Mean", "SD"]).assign(staff_group="Nursing", answered_on="2025-10-10")
    frame.loc[30:, "answered_on"] = ""
    frame.to_csv(tmp_path / "wave.csv", index=False)
    (problem,) = refusal(tmp_path / "wave.csv").problems
    assert (problem.code, problem.count) == ("summary-row", 2) and "rows 32, 33" in problem.where


@pytest.mark.parametrize("name", ["test01", "TEST-7", "meaning", "totally", "countess", "summer"])
def test_an_id_that_only_begins_like_a_total_or_a_test_is_somebodys(name: str, tmp_path: Path) -> None:
    assert collected(as_csv(tmp_path, "month_6", [*(f"x{k}" for k in range(31)), name])).receipt.kept == 32


@pytest.mark.parametrize("sign", ["\u200b", "\u00ad", "\ufeff", "\t", "\n"])
def test_an_id_with_a_sign_that_nobody_sees_is_refused_and_not_shown(sign: str, tmp_path: Path) -> None:
    """Without the sign it would be somebody else, and the person would be lost between waves."""
    with pytest.raises(WaveError) as caught:
        collected(as_csv(tmp_path, "month_6", [f"secret{sign}", *(f"x{k}" for k in range(31))]))
    assert [problem.code for problem in caught.value.problems] == ["hidden-sign"] and "secret" not in str(caught.value)


@pytest.mark.parametrize("error", ["#REF!", "#N/A", "#NAME?", "#VALUE!", "#DIV/0!", "#BEZUG!", "#NV", "########", "Err:502"])
def test_an_error_of_a_spreadsheet_is_nobodys_id(error: str, tmp_path: Path) -> None:
    (problem,) = refusal(as_csv(tmp_path, "month_6", [error, *(f"x{k}" for k in range(31))])).problems
    assert (problem.code, problem.count) == ("failed-id", 1) and "row 2" in problem.where and "formula" in problem.fix


@pytest.mark.parametrize("day", ["01-Mar", "1-Mar", "Mar-01", "01-Mar-26", "2026-03-01", "01/03/2026", "12/3/26", "2026-03-01 00:00:00"])
def test_a_day_among_ids_that_are_none_is_what_a_spreadsheet_made_of_one(day: str, tmp_path: Path) -> None:
    (problem,) = refusal(as_csv(tmp_path, "month_6", [*(f"{k}-40" for k in range(31)), day])).problems
    assert (problem.code, problem.count) == ("day-for-id", 1) and "row 33" in problem.where and "as text" in problem.fix


@pytest.mark.parametrize("ids", [
    [f"{k % 28 + 1:02d}-{'Mar' if k < 16 else 'Apr'}" for k in range(32)],
    ["Mar-01", *(f"{('Wil', 'Tom', 'Ann', 'Zoe')[k % 4]}-{k:02d}" for k in range(31))],
    [f"{k % 28 + 1:02d}/03/{2020 + k // 28}" for k in range(32)],
    [f"{k}.12.2026" for k in range(32)],
    [f"3.{k % 4 + 1}.{k // 4 + 5}" for k in range(32)],
    [f"{2000 + k}-{k % 20 + 1:02d}-07" for k in range(32)],
    [f"{k + 1}-{'Mar' if k == 2 else 'Abc'}" for k in range(32)],
    ["#A12", "#7", *(f"x{k}" for k in range(30))],
    ["01-MAR", "MAR-02", *(f"x{k}" for k in range(30))],
])  # fmt: skip
def test_ids_that_somebody_gave_in_a_form_like_a_day_or_an_error_are_taken(ids: list[object], tmp_path: Path) -> None:
    assert collected(as_csv(tmp_path, "month_6", ids)).frame["respondent"].n_unique() == 32


@pytest.mark.parametrize("number", ["1.23E+10", "1.23e+10", "9.87654E+15", "1.00E+05", "9,87654E+15", "4,4E+15"])
def test_an_id_that_lost_its_digits_is_refused(number: str, tmp_path: Path) -> None:
    assert codes(refusal(as_csv(tmp_path, "month_6", [number, *(f"x{k}" for k in range(31))]))) == ["rounded-id"]


def test_ids_rounded_under_a_decimal_comma_are_refused_though_each_is_different(tmp_path: Path) -> None:
    (problem,) = refusal(as_csv(tmp_path, "month_6", [f"4,{40000 + k}E+15" for k in range(32)])).problems
    assert (problem.code, problem.count) == ("rounded-id", 32)


def test_one_id_on_every_row_is_a_link_and_no_person(tmp_path: Path) -> None:
    (problem,) = refusal(as_csv(tmp_path, "month_6", ["anonymous"] * 32)).problems
    assert (problem.code, problem.count) == ("one-id-for-all", 32)
    assert "share 1 id with most rows of their organisation: a link's and no person's, or somebody's who answered again" in problem.what
    assert "where one person answered several times, keep one row" in problem.fix
    assert "each person's own id" in problem.fix and "'linkage: none'" in problem.fix and "anonymous'" not in str(problem)


def test_links_by_organisation_are_told_apart_from_people_who_answered_twice(tmp_path: Path) -> None:
    """Four rows an organisation: three carry P1's link, and one person of P2 stands there twice."""
    ids = ["L1", "L1", "L1", "a", "b", "b", "c", "d", *(f"x{k}" for k in range(24))]
    found = refusal(as_csv(tmp_path, "month_6", [*ids])).problems
    assert [(problem.code, problem.count) for problem in found] == [("one-id-for-all", 3), ("duplicate-respondent", 2)]


def test_rows_of_an_anonymous_link_are_read_once_the_ids_are_left_out(tmp_path: Path) -> None:
    """As the message says: where nobody is linked it asks for no change of the protocol."""
    study = other_study(tmp_path, protocol=PROTOCOL.replace("linkage: pseudonym", "linkage: none"))
    (problem,) = refusal(as_csv(tmp_path, "month_6", ["R_3kjQ1"] * 32), study=study).problems
    assert problem.code == "one-id-for-all" and "protocol.yaml" not in problem.fix
    file = tmp_path / "left-out.csv"
    numbered("month_6", ["R_3kjQ1"] * 32).drop(columns="respondent").to_csv(file, index=False)
    assert collected(file, study=study).frame.height == 32


SPELT: dict[str, tuple[Callable[[int], str], Callable[[int], str]]] = {
    "with noughts in front": (lambda k: f"{k:05d}", str),
    "without the noughts in front": (str, lambda k: f"{k:05d}"),
    "in capitals": (lambda k: f"AB{k}", lambda k: f"ab{k}"),
    "in small letters": (lambda k: f"ab{k}", lambda k: f"AB{k}"),
    "without spaces, hyphens and other signs": (lambda k: f"P{k}", lambda k: f"'P - {k}"),
    "with accents as signs of their own": (lambda k: f"Zoe\u0301{k}", lambda k: f"Zo\u00e9{k}"),
    "with letters and accents as one": (lambda k: f"Zo\u00e9{k}", lambda k: f"Zoe\u0301{k}"),
}


def told(then: list[str], now: list[str]) -> tuple[str, ...]:
    """The notes on ids `now`, all of one organisation, where those of `then` are stored as pseudonyms."""
    protocol = tiny()[0].protocol
    rows = [
        pl.DataFrame({"respondent": ids}).with_columns(wave=pl.lit("month_6"), organisation=pl.lit("P1")) for ids in (then, now)
    ]
    stored = pseudonymise(rows[0], KEY, protocol, "staff")
    near, far = stored.gather_every(5), stored.filter(pl.int_range(pl.len()) % 5 != 0)
    return unlike_stored(rows[1], {"P1"}, [near], [far], protocol, "staff", KEY)


@pytest.mark.parametrize("how", SPELT)
def test_ids_that_would_be_recognised_if_they_were_written_in_another_way_are_told_and_not_shown(how: str) -> None:
    then, now = SPELT[how]
    (note,) = told([then(k) for k in range(100, 132)], [now(k) for k in range(116, 148)])
    assert f"of 32 respondent ids, 0 are in the store, and 16 would be if they were written {how}" in note
    assert "116" not in note


@pytest.mark.parametrize("now", [[f"{k:05d}" for k in range(116, 148)], [f"{k}" for k in range(500, 519)], []])
def test_people_who_are_recognised_and_a_small_team_of_others_are_no_matter_of_spelling(now: list[str]) -> None:
    assert told([f"{k:05d}" for k in range(100, 132)], now) == ()


def test_ids_of_which_none_is_stored_are_told() -> None:
    (note,) = told([f"{k:05d}" for k in range(100, 132)], [f"{k}" for k in range(500, 520)])
    assert note.startswith("none of 20 respondent ids that were looked for is stored")


def test_stored_waves_are_read_only_until_half_of_the_people_are_recognised() -> None:
    protocol = tiny()[0].protocol
    wave = pl.DataFrame({"respondent": [f"a{k}" for k in range(20)]}).with_columns(wave=pl.lit("w"), organisation=pl.lit("P1"))
    first = pseudonymise(wave, KEY, protocol, "staff")

    def stored() -> Iterator[pl.DataFrame]:
        yield first.head(5)
        yield first[5:12]
        raise AssertionError("a third wave was read")

    assert unlike_stored(wave, {"P1"}, stored(), [], protocol, "staff", KEY) == ()


def test_other_waves_are_not_read_where_nobody_is_met_under_another_spelling() -> None:
    protocol = tiny()[0].protocol
    wave = pl.DataFrame({"respondent": [f"a{k}" for k in range(20)]}).with_columns(wave=pl.lit("w"), organisation=pl.lit("P1"))
    known = pseudonymise(wave, KEY, protocol, "staff")

    def unread() -> Iterator[pl.DataFrame]:
        raise AssertionError("another wave was read")
        yield

    assert unlike_stored(wave, {"P1"}, [known.head(5)], unread(), protocol, "staff", KEY) == ()


@pytest.mark.parametrize(("wave", "append"), [("month_6", False), ("baseline", True)])
def test_another_spelling_is_told_before_anything_is_stored(wave: str, append: bool, tmp_path: Path) -> None:
    study = study_in(tmp_path)
    load_wave(study, Arriving(as_csv(tmp_path, "baseline", [f"ab{k}" for k in range(32)]), "baseline", "staff"), actor=ACTOR)
    arriving = Arriving(as_csv(tmp_path, wave, [f"AB{k}" for k in range(32)]), wave, "staff")
    checked = check_wave(study, arriving, store.Intent(append=append))
    assert any("32 would be if they were written in small letters" in note for note in checked.notes)
    assert checked.verdict == "READY WITH NOTES" and len(store.loads(study)) == 1


def drafted(folder: Path, study: tuple[Documents, Register], file: Path, more: str = "") -> Mapping:
    """The mapping that is drafted for a file, as if somebody had reviewed it, and `more` behind it."""
    text = draft_mapping(file, *study, "staff").replace("reviewed_by:", "reviewed_by: Ana", 1) + more
    path = folder / "drafted.yaml"
    path.write_text(re.sub("^mapping: .*$", "mapping: drafted", text, flags=re.MULTILINE), encoding="utf-8")
    return read_mapping(path, study[0])


@pytest.mark.parametrize("linkage", ["pseudonym", "mixed"])
def test_a_draft_reads_ids_wherever_people_may_be_recognised(linkage: str, tmp_path: Path) -> None:
    study = other_study(tmp_path, protocol=PROTOCOL.replace("linkage: pseudonym", f"linkage: {linkage}"))
    mapping = drafted(tmp_path, study, as_csv(tmp_path, "month_6", [f"a{k}" for k in range(32)]))
    assert mapping.respondent and mapping.respondent.column == "respondent" and "respondent" not in mapping.ignore


def test_a_code_for_no_answer_is_somebodys_id(tmp_path: Path) -> None:
    file, study = as_csv(tmp_path, "month_6", list(range(70, 102))), tiny()
    mapping = drafted(tmp_path, study, file, 'missing_codes: ["99"]\n')
    assert "99" in collected(file, study=study, mapping=mapping).frame["respondent"].to_list()


@pytest.mark.parametrize("code", ["4E12", "3e4", "7E0"])
def test_a_code_that_could_be_a_power_of_ten_is_as_somebody_gave_it(code: str) -> None:
    """Programs write 4E+12 or 4.0e12."""
    assert whole_ids(pl.Series([code, "A3F9"])).to_list() == [code, "A3F9"]
    assert not pl.Series([code]).str.contains(ROUNDED).any()


@pytest.mark.parametrize("ids", [["a", "a", "a", "b", "c"], ["L1"] * 5])
def test_of_a_small_team_one_id_on_most_rows_may_be_a_links_or_a_persons(ids: list[str], tmp_path: Path) -> None:
    """Five rows tell nobody which, so that both ways out are named."""
    frame = numbered("month_6", [*ids, *(f"x{k}" for k in range(27))]).iloc[:5].assign(organisation="P1")
    frame.to_csv(tmp_path / "wave.csv", index=False)
    (problem,) = refusal(tmp_path / "wave.csv").problems
    assert problem.code == "one-id-for-all" and "a link's and no person's, or somebody's who answered again" in problem.what
    assert "keep one row" in problem.fix and "leave the ids out" in problem.fix


def test_one_id_and_several_are_told_in_words_that_agree(tmp_path: Path) -> None:
    one = collected(as_csv(tmp_path, "month_6", ["1000.0", *(f"x{k}" for k in range(31))])).receipt.notes
    assert one == ("1 respondent id is a whole number written with a point or a power (1000.0), and read without (1000)",)
    both = collected(as_csv(tmp_path, "month_6", [*(f"x{k}" for k in range(31)), "x0"])).receipt.notes
    assert both == ("1 respondent id occurs in more than one organisation; each counts as a person of its own there",)
