"""The same answers once more: under another organisation's name, pasted under themselves, or as another wave with a row more."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest

from evaluation.errors import WaveError
from evaluation.study import Study
from evaluation.waves import store
from evaluation.waves.arriving import Arriving
from evaluation.waves.collect import Collected
from evaluation.waves.load import check_wave, load_wave
from evaluation.waves.storage.late import check_late
from evaluation.waves.storage.prepare import Intent
from evaluation.waves.storage.same_answers import NEARLY, equal_across, hashed, telling
from evaluation.waves.withdraw import withdraw
from tests.studies import INSTRUMENT, PROTOCOL, tiny_frame, tiny_study
from tests.waves.storing import ACTOR, arriving, only, study_in

LINKAGES = ("pseudonym", "none")
ITEMS = ("lived_1", "lived_2", "lived_3", "know_values", "strain_1")


def linked(folder: Path, linkage: str) -> Study:
    return study_in(folder, protocol=PROTOCOL.replace("linkage: pseudonym", f"linkage: {linkage}"))


def nameless(collected: Collected) -> Collected:
    return replace(collected, frame=collected.frame.with_columns(respondent=pl.lit(None, dtype=pl.String)))


def under(collected: Collected, name: str) -> Collected:
    frame = collected.frame.with_columns(pl.lit(name).alias("organisation"), pl.lit(name).alias("unit"))
    return replace(collected, organisations=(name,), frame=frame)


@pytest.mark.parametrize("linkage", LINKAGES)
def test_one_organisations_answers_are_not_stored_again_as_anothers(tmp_path: Path, linkage: str) -> None:
    """P1's export is loaded as P1 and then as P2; with every sixth row changed it is another file, and loads."""
    study = linked(tmp_path, linkage)
    first = only(arriving(study, "baseline", people=24), "P1")
    first = first if linkage == "pseudonym" else nameless(first)
    store.load(study, first, actor=ACTOR)
    with pytest.raises(WaveError) as caught:
        store.load(study, under(first, "P2"), actor=ACTOR)
    (problem,) = caught.value.problems
    assert (problem.code, problem.where) == ("copy-of-another-organisation", "baseline.csv, rows of P2")
    assert problem.what == f"all {first.frame.height} rows of P2 answer as rows of P1 do in wave 'baseline', one by one."
    moved = pl.when(pl.col("lived_1") == 1).then(2.0).otherwise(1.0)
    changed = pl.when(pl.int_range(pl.len()) < 4).then(moved).otherwise("lived_1")
    other = under(replace(first, frame=first.frame.with_columns(lived_1=changed)), "P2")
    assert store.load(study, other, actor=ACTOR).rows_added == first.frame.height


def test_rows_without_ids_that_come_twice_each_are_refused(tmp_path: Path) -> None:
    study = linked(tmp_path, "none")
    rows = nameless(arriving(study, "baseline"))
    with pytest.raises(WaveError, match=r"every row of the file comes twice: \d+ rows are \d+ different ones") as caught:
        store.load(study, replace(rows, frame=pl.concat([rows.frame, rows.frame])), actor=ACTOR)
    assert caught.value.problems[0].code == "rows-twice"


@pytest.mark.parametrize("again", [10, 47])
def test_rows_on_end_that_repeat_rows_before_them_are_refused(tmp_path: Path, again: int) -> None:
    """A part of the rows was pasted once more at the end; in any other order nothing says that these are not other people."""
    study = linked(tmp_path, "none")
    rows = nameless(arriving(study, "baseline"))
    part = rows.frame.slice(1, again)
    with pytest.raises(WaveError) as caught:
        store.load(study, replace(rows, frame=pl.concat([rows.frame, part])), actor=ACTOR)
    (problem,) = caught.value.problems
    assert problem.code == "rows-twice"
    assert problem.what == f"{again} rows on end repeat, in the same order, {again} rows before them."
    mixed = replace(rows, frame=pl.concat([rows.frame, part.reverse()]))
    assert store.load(study, mixed, actor=ACTOR).rows_added == 48 + again


def moved(rows: pl.DataFrame, **codes: str) -> pl.DataFrame:
    return rows.with_columns(pl.col("organisation", "unit").replace(codes))


def test_a_second_export_in_which_an_organisations_code_was_put_right_stores_nobody_twice(tmp_path: Path) -> None:
    """P1's rows come again as P2's beside those of C1, which stand; ids and days are those of before."""
    study = linked(tmp_path, "pseudonym")
    first = only(arriving(study, "baseline", people=24), "P1", "C1")
    store.load(study, first, actor=ACTOR)
    again = replace(first, organisations=("C1", "P2"), frame=moved(first.frame, P1="P2"))
    with pytest.raises(WaveError) as caught:
        store.load(study, again, actor=ACTOR)
    (problem,) = caught.value.problems
    assert problem.what == "all 24 rows of P2 answer as rows of P1 do in wave 'baseline', one by one."


@pytest.mark.parametrize("beside", [1, 5])
def test_a_small_organisation_without_ids_is_not_stored_twice_when_its_code_was_put_right_among_others(
    tmp_path: Path, beside: int
) -> None:
    """Fifteen rows; the others stand and come again unchanged in the same export. Hardly two rows are alike."""
    study = linked(tmp_path, "none")
    others = ("C1", "C2", "C3", "C4", "P3")[:beside]
    first = nameless(only(arriving(study, "baseline", people=15), "P1", *others))
    digit = {name: (pl.int_range(pl.len()) // 5**place % 5 + 1).cast(pl.Int16) for place, name in enumerate(ITEMS)}
    first = replace(first, frame=first.frame.with_columns(**digit))
    store.load(study, first, actor=ACTOR)
    again = replace(first, organisations=(*others, "P2"), frame=moved(first.frame, P1="P2"))
    with pytest.raises(WaveError, match="all 15 rows of P2 answer as rows of P1 do in wave 'baseline', one by one"):
        store.load(study, again, actor=ACTOR)


def test_four_people_are_known_under_another_organisation_by_ids_and_answers_together(tmp_path: Path) -> None:
    """Their answers alone may be met by chance; other people who answered as they did are stored."""
    study = linked(tmp_path, "pseudonym")
    first = only(arriving(study, "baseline", people=4), "P1", "C1")
    store.load(study, first, actor=ACTOR)
    again = replace(first, organisations=("C1", "P2"), frame=moved(first.frame, P1="P2"))
    with pytest.raises(WaveError, match="all 4 rows of P2 answer as rows of P1 do in wave 'baseline', one by one"):
        store.load(study, again, actor=ACTOR)
    others = replace(again, frame=again.frame.with_columns(respondent=pl.format("x{}", pl.col("respondent"))))
    assert store.load(study, only(others, "P2"), actor=ACTOR).rows_added == 4


def test_rows_that_were_stored_under_the_wrong_name_move_to_the_right_one_when_that_is_replaced(tmp_path: Path) -> None:
    """Half of P1's rows were P2's; the corrected file holds both, and takes the place of P1's."""
    study = linked(tmp_path, "pseudonym")
    first = only(arriving(study, "baseline", people=20), "P1")
    store.load(study, first, actor=ACTOR)
    frame = pl.concat([first.frame.head(10), moved(first.frame.tail(10), P1="P2")])
    right = replace(first, organisations=("P1", "P2"), frame=frame)
    assert store.load(study, right, actor=ACTOR, supersede=True, reason="P2's rows were under P1").rows_in_wave == 20


def test_another_organisations_file_with_two_rows_more_is_not_stored(tmp_path: Path) -> None:
    study = linked(tmp_path, "none")
    first = nameless(only(arriving(study, "baseline", people=40), "P1"))
    store.load(study, first, actor=ACTOR)
    others = under(nameless(only(arriving(study, "baseline", seed=5, people=2), "P2")), "P1")
    longer = under(replace(first, frame=pl.concat([first.frame, others.frame])), "P2")
    with pytest.raises(WaveError, match="40 of 42 rows of P2 answer as rows of P1 do"):
        store.load(study, longer, actor=ACTOR)


def test_an_organisations_rows_that_stand_in_the_file_as_anothers_too_are_refused(tmp_path: Path) -> None:
    study = linked(tmp_path, "none")
    rows = nameless(arriving(study, "baseline", people=10))
    kept = rows.frame.filter(pl.col("organisation") != "P2")
    twice = moved(only(rows, "P1").frame.reverse(), P1="P2")
    with pytest.raises(WaveError) as caught:
        store.load(study, replace(rows, frame=pl.concat([kept, twice])), actor=ACTOR)
    (problem,) = caught.value.problems
    assert problem.what.startswith("all 10 rows of P1 answer as rows of P2 do in wave 'baseline', one by one; so do rows of P2 as P1")
    assert problem.where == "baseline.csv, rows of P1, P2"


CHANGED = {
    "groups spelt anew": pl.lit("nursing").alias("staff_group"),
    "another day": pl.lit("2025-03-01").str.to_date().alias("answered_on"),
    "other ids": pl.format("new-{}", pl.int_range(pl.len())).alias("respondent"),
    "ids in capitals": pl.format("X{}", pl.col("respondent").str.to_lowercase()).alias("respondent"),
}


@pytest.mark.parametrize("what", CHANGED)
@pytest.mark.parametrize("linkage", LINKAGES)
def test_a_whole_export_is_not_appended_whatever_changed_beside_the_answers(tmp_path: Path, linkage: str, what: str) -> None:
    """Twenty rows stand and come again with five late ones; of other people it would be nearly impossible that half agree."""
    study = linked(tmp_path, linkage)
    everybody = only(arriving(study, "baseline", people=25), "P1")
    everybody = everybody if linkage == "pseudonym" or "ids" in what else nameless(everybody)
    store.load(study, replace(everybody, frame=everybody.frame.head(20)), actor=ACTOR)
    again = everybody.frame.with_columns(CHANGED[what])
    again = again if linkage == "none" or "ids" in what else again.with_columns(pl.format("n{}", pl.col("respondent")).alias("respondent"))
    with pytest.raises(WaveError) as caught:
        store.load(study, replace(everybody, frame=again), actor=ACTOR, append=True)
    assert {problem.code for problem in caught.value.problems} == {"already-answered"}
    late = replace(everybody, frame=everybody.frame.tail(5))
    assert store.load(study, late, actor=ACTOR, append=True).rows_in_wave == 25


@pytest.mark.parametrize("what", ["groups spelt anew", "another day"])
def test_of_two_questions_a_whole_export_is_told_by_all_of_it(tmp_path: Path, what: str) -> None:
    study = linked(tmp_path, "none")
    rows = nameless(only(arriving(study, "baseline", people=50), "P1"))
    nothing = pl.lit(None, pl.Int16)
    days = (pl.int_range(pl.len()) % 20).cast(pl.Date)
    rows = replace(rows, frame=rows.frame.with_columns(lived_3=nothing, know_values=nothing, strain_1=nothing, answered_on=days))
    rows = replace(rows, frame=rows.frame.with_columns(staff_group=pl.format("group {}", pl.int_range(pl.len()) % 10)))
    store.load(study, replace(rows, frame=rows.frame.head(40)), actor=ACTOR)
    with pytest.raises(WaveError, match="40 of 50 rows of P1 answer as rows do that are stored"):
        store.load(study, replace(rows, frame=rows.frame.with_columns(CHANGED[what])), actor=ACTOR, append=True)


PLACES = ("P1", "P2", "P3", "C1", "C2", "C3")


def published(folder: Path, wave: str, changed: float = 0.0) -> Path:
    """A table of one mean an organisation and question, for six organisations."""
    figures = [[2.1 + (3 * place + item) % 17 / 10 for item in range(5)] for place in range(6)]
    figures[0][0] += changed
    rows = [",".join([code, "50", *(f"{one:.1f}" for one in some)]) for code, some in zip(PLACES, figures, strict=True)]
    file = folder / f"{wave}.csv"
    file.write_text("\n".join(["organisation,base,lived_1,lived_2,lived_3,know_values,strain_1", *rows]) + "\n")
    return file


def published_study(folder: Path) -> Study:
    """A study of published means."""
    means = "  agree_5:\n    range: 1 to 5\n    whole: false\n"
    instrument = INSTRUMENT[: INSTRUMENT.index("  agree_5:")] + means + INSTRUMENT[INSTRUMENT.index("items:") :]
    protocol = PROTOCOL.replace("linkage: pseudonym, groups: [staff_group]", "level: organisation").replace(
        "score: percent positive, items: [know_values], minimum_important_difference: 10 percentage points",
        "score: single item, items: [know_values], minimum_important_difference: 0.3 points",
    )
    return Study(tiny_study(folder / "published", protocol=protocol, instrument=instrument))


def test_a_published_table_is_not_stored_as_another_wave_and_one_with_a_figure_changed_is_noted(tmp_path: Path) -> None:
    study = published_study(tmp_path)
    load_wave(study, Arriving(published(tmp_path, "baseline"), "baseline", "staff"), actor=ACTOR)
    with pytest.raises(WaveError, match="the file's rows stand in the store as wave 'baseline' already") as caught:
        load_wave(study, Arriving(published(tmp_path, "month_6"), "month_6", "staff"), actor=ACTOR)
    assert "if these figures were published for it, say --reason" in str(caught.value)
    reason = store.Intent(reason="the publisher confirmed by letter")
    same = load_wave(study, Arriving(published(tmp_path, "month_12"), "month_12", "staff"), actor=ACTOR, intent=reason)
    assert "6 of the file's organisations gave exactly the answers that stand in wave 'baseline'." in same.notes
    assert same.stored.rows_added == 6 and "the publisher confirmed by letter" in [*store.loads(study)["reason"]]
    with pytest.raises(WaveError, match="already"):
        replaced = store.Intent(supersede=True, reason="figures were corrected")
        load_wave(study, Arriving(published(tmp_path, "month_12"), "month_6", "staff"), actor=ACTOR, intent=replaced)
    with pytest.raises(WaveError, match="already has other answers") as caught:
        load_wave(study, Arriving(published(tmp_path, "month_12", 0.1), "month_12", "staff"), actor=ACTOR)
    assert caught.value.problems[0].fix == '--supersede --reason "..." replaces the stored ones.'
    assert caught.value.problems[0].where == "P1: 1 row stored, 1 in the file"
    found = load_wave(study, Arriving(published(tmp_path, "month_6", 0.1), "month_6", "staff"), actor=ACTOR)
    assert "5 of the file's organisations gave exactly the answers that stand in wave 'baseline'." in found.notes


def test_a_corrected_table_that_is_the_same_as_another_waves_is_stored_by_the_way_that_its_refusal_names(tmp_path: Path) -> None:
    """A reason for replacing figures is no reason why they are last year's: the rows go first, and come again for a reason of theirs."""
    study = published_study(tmp_path)
    load_wave(study, Arriving(published(tmp_path, "baseline"), "baseline", "staff"), actor=ACTOR)
    load_wave(study, Arriving(published(tmp_path, "month_6", 0.1), "month_6", "staff"), actor=ACTOR)
    corrected = Arriving(published(tmp_path, "month_6"), "month_6", "staff")
    with pytest.raises(WaveError) as caught:
        load_wave(study, corrected, actor=ACTOR, intent=store.Intent(supersede=True, reason="correction"))
    fix = caught.value.problems[0].fix
    assert "take out what stands in their place, with 'pilot wave withdraw'; then load them anew and say --reason" in fix
    withdraw(study, "staff", "month_6", PLACES, "figures were wrong", actor=ACTOR)
    assert load_wave(study, corrected, actor=ACTOR, intent=store.Intent(reason="correction")).stored.rows_added == 6


@pytest.mark.parametrize("linkage", LINKAGES)
def test_another_waves_file_with_an_organisation_more_is_not_stored(tmp_path: Path, linkage: str) -> None:
    """Four organisations' answers of the baseline and P2's own come as month_6, whole or beside a part that was withdrawn."""
    study = linked(tmp_path, linkage)
    names = ("C1", "C2", "P1", "P3")
    first = only(arriving(study, "baseline", people=15), *names, "P2")
    first = first if linkage == "pseudonym" else nameless(first)
    store.load(study, only(first, *names), actor=ACTOR)
    undated = replace(first, wave="month_6", frame=first.frame.with_columns(wave=pl.lit("month_6")))
    with pytest.raises(WaveError) as caught:
        store.load(study, undated, actor=ACTOR)
    (problem,) = caught.value.problems
    assert problem.what.startswith("the rows of 4 of the file's 5 organisations stand in the store as wave 'baseline' already")
    assert (problem.code, problem.where) == ("copy-of-another-wave", "population 'staff', rows of C1, C2, P1, P3")
    withdraw(study, "staff", "baseline", ["C1", "C2"], "wrong", actor=ACTOR)
    with pytest.raises(WaveError, match="the rows of 2 of the file's 5 organisations stand in the store as wave 'baseline'"):
        store.load(study, undated, actor=ACTOR)


def test_people_who_answer_alike_because_there_is_little_to_answer_are_not_taken_for_copies(tmp_path: Path) -> None:
    """Forty people of one organisation and two patterns of answers, twenty each."""
    study = linked(tmp_path, "none")
    two = nameless(only(arriving(study, "baseline"), "P1")).frame.unique(maintain_order=True).head(2)
    rows = replace(only(arriving(study, "baseline"), "P1"), frame=pl.concat([two] * 20))
    assert store.load(study, rows, actor=ACTOR).rows_added == 40


@pytest.mark.parametrize("linkage", LINKAGES)
def test_a_wave_that_is_another_one_with_a_row_more_or_less_is_noted_before_it_is_stored(tmp_path: Path, linkage: str) -> None:
    """A row of every organisation; where most organisations are as they were, the file is refused."""
    study = linked(tmp_path, linkage)
    sent = tiny_frame("baseline", people=12).drop(columns=["respondent"] if linkage == "none" else [])
    sent.to_csv(tmp_path / "baseline.csv", index=False)
    load_wave(study, Arriving(tmp_path / "baseline.csv", "baseline", "staff"), actor=ACTOR)
    last = sent.groupby("organisation").tail(1)
    for name, frame in (("more", pd.concat([sent, last])), ("less", sent.drop(last.index))):
        ids = {} if linkage == "none" else {"respondent": [f"x{number}" for number in range(len(frame))]}
        file = tmp_path / f"{name}.csv"
        frame.assign(wave="month_6", **ids).to_csv(file, index=False)
        (note,) = check_wave(study, Arriving(file, "month_6", "staff")).compared
        equal = min(len(frame), len(sent))
        assert note.startswith(f"{equal} of {len(frame)} rows are, answer for answer, rows of wave 'baseline'")
    tiny_frame("month_6", people=12).drop(columns=["respondent"] if linkage == "none" else []).to_csv(tmp_path / "next.csv", index=False)
    assert check_wave(study, Arriving(tmp_path / "next.csv", "month_6", "staff")).compared == ()


def test_one_organisations_file_of_the_wave_before_is_noted_where_others_stand_beside_it(tmp_path: Path) -> None:
    study = linked(tmp_path, "none")
    sent = tiny_frame("baseline", people=40).drop(columns=["respondent"])
    sent.to_csv(tmp_path / "baseline.csv", index=False)
    load_wave(study, Arriving(tmp_path / "baseline.csv", "baseline", "staff"), actor=ACTOR)
    other = tiny_frame("month_6", people=2, seed=7).drop(columns=["respondent"])
    both = pd.concat([sent[sent["organisation"] == "P1"], other[other["organisation"] == "P1"]])
    both.to_csv(tmp_path / "p1.csv", index=False)
    (note,) = check_wave(study, Arriving(tmp_path / "p1.csv", "month_6", "staff", organisation="P1")).compared
    assert note.startswith("40 of 42 rows of P1 are, answer for answer, rows of wave 'baseline'")
    mixed = pd.concat([both, tiny_frame("month_6", people=40).query("organisation == 'C1'").drop(columns=["respondent"])])
    mixed.to_csv(tmp_path / "two.csv", index=False)
    notes = " ".join(check_wave(study, Arriving(tmp_path / "two.csv", "month_6", "staff")).compared)
    assert "40 of 42 rows of P1 are, answer for answer, rows of wave 'baseline'" in notes


@pytest.mark.parametrize("items", [1, 2, 3, 5, 8])
@pytest.mark.parametrize("people", [6, 15, 40, 200])
def test_other_people_are_not_taken_for_those_that_are_stored(items: int, people: int) -> None:
    """Thirty organisations whose people answer much alike, half of them new in the wave, and late answers of all."""
    rng = np.random.default_rng([items, people])
    stored, late = (answered(rng, items, people) for _ in range(2))
    columns = [f"q{number}" for number in range(items)]
    old, new = (stored.filter((pl.col("organisation") < "R15") == first) for first in (True, False))
    mine, theirs = (hashed([rows], ["answered_on", "group", *columns] if items < 3 else columns) for rows in (new, old))
    counts = dict(pl.concat([mine, theirs]).group_by("organisation").len().iter_rows())
    near = [(own, other) for own, other, equal in equal_across(mine, theirs) if equal >= NEARLY * max(counts[own], counts[other])]
    assert telling(new, columns, [own for own, _ in near]) == set()
    assert check_late(late, stored, "baseline", ["group"]) is not None


def answered(rng: np.random.Generator, items: int, people: int) -> pl.DataFrame:
    """Rows of thirty organisations of uneven size, without ids."""
    place = np.repeat([f"R{number:02}" for number in range(30)], rng.integers(people // 2, 2 * people, 30))
    latent = 3.4 + rng.normal(0, 0.8, (len(place), 1)) + rng.normal(0, 0.5, (len(place), items))
    answers = {f"q{number}": np.clip(np.rint(latent[:, number]), 1, 5) for number in range(items)}
    keys = {"organisation": place, "respondent": pl.repeat(None, len(place), dtype=pl.String, eager=True)}
    days = pl.Series(rng.integers(0, 20, len(place))).cast(pl.Date)
    return pl.DataFrame({**keys, "answered_on": days, "group": rng.choice(list("abcd"), len(place)), **answers})


def cards(*rows: tuple[str, int, str]) -> pl.DataFrame:
    """Rows of a small questionnaire without ids: organisation, how many people, and what each answered."""
    answers = [(place, *map(int, said)) for place, count, said in rows for _ in range(count)]
    items = ["lived_1", "lived_2", "lived_3", "know_values"]
    return pl.DataFrame(answers, schema={"organisation": pl.String, **dict.fromkeys(items, pl.Int16)}, orient="row")


def sent(study: Study, wave: str, frame: pl.DataFrame) -> Arriving:
    file = study.root.parent / f"{wave}-{frame.height}.csv"
    frame.with_columns(strain_1=pl.col("know_values"), staff_group=pl.lit("Other")).write_csv(file)
    return Arriving(file, wave, "staff")


def test_small_teams_that_answer_alike_are_not_one_another_nor_themselves_a_wave_before(tmp_path: Path) -> None:
    study = linked(tmp_path, "none")
    alike = [(place, count, said) for place in ("P1", "P2") for count, said in ((3, "5555"), (1, "5554"), (1, "5545"))]
    assert load_wave(study, sent(study, "baseline", cards(*alike)), actor=ACTOR).stored.rows_added == 10
    again = load_wave(study, sent(study, "month_6", cards(*alike[:3])), actor=ACTOR)
    assert again.stored.rows_added == 5
    assert "1 of the file's organisations gave exactly the answers that stand in wave 'baseline'." in again.notes


def test_late_cards_that_equal_stored_ones_by_chance_are_noted_and_stored(tmp_path: Path) -> None:
    study, late = linked(tmp_path, "none"), Intent(append=True)
    load_wave(study, sent(study, "baseline", cards(("P1", 40, "5555"), ("P1", 10, "1111"), ("P2", 1, "5555"))), actor=ACTOR)
    found = load_wave(study, sent(study, "baseline", cards(("P1", 6, "5555"), ("P1", 1, "1111"))), actor=ACTOR, intent=late)
    assert found.stored.rows_added == 7 and any("7 of 7 rows without an id equal rows of P1" in note for note in found.notes)
    one = cards(("P2", 1, "5555"), ("P2", 2, "4444"))
    assert load_wave(study, sent(study, "baseline", one), actor=ACTOR, intent=late).stored.rows_added == 3


def test_late_rows_without_ids_are_never_dropped_because_equal_ones_are_stored(tmp_path: Path) -> None:
    """P1's three late cards are those of Monday; whether other people gave them nobody can tell."""
    study = linked(tmp_path, "none")
    load_wave(study, sent(study, "baseline", cards(("P1", 3, "5555"), ("P2", 3, "4554"))), actor=ACTOR)
    tuesday = cards(("P1", 3, "5555"), ("P2", 4, "3524"))
    with pytest.raises(WaveError, match="3 rows of P1 equal rows that are stored, and name nobody"):
        load_wave(study, sent(study, "baseline", tuesday), actor=ACTOR, intent=Intent(append=True))


def test_rows_of_a_few_kinds_in_turn_are_not_pasted(tmp_path: Path) -> None:
    """Six groups in turn, nine answers in ten alike."""
    study = linked(tmp_path, "none")
    turns = cards(*(("P1", 1, "1111" if number in (7, 40, 77) else "5555") for number in range(100)))
    assert load_wave(study, sent(study, "baseline", turns), actor=ACTOR).stored.rows_added == 100
