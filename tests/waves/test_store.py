"""Loading and reading responses: once, late, corrected, in order. Rows 25-28 of the table of bad inputs say what each gets."""

from dataclasses import replace
from pathlib import Path

import duckdb
import polars as pl
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable

from evaluation.audit_log import verify
from evaluation.errors import IntegrityError, UsageError, WaveError
from evaluation.study import Study
from evaluation.waves import store
from evaluation.waves.collect import Collected
from evaluation.waves.storage.compare import as_stored
from evaluation.waves.storage.read import read_rows
from tests.studies import PROTOCOL
from tests.waves.storing import ACTOR, arriving, only, some, study_in, tree


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return study_in(tmp_path)


@pytest.fixture
def baseline(study: Study) -> Collected:
    return arriving(study, "baseline")


def rows(study: Study, version: int | None = None) -> pl.DataFrame:
    return pl.concat([pl.read_parquet(path) for path in store.responses(study, "staff", version).files], how="diagonal")


def refused(study: Study, collected: Collected, **allowed: object) -> str:
    """The refusal's text, after checking that it left the store as it was."""
    before = tree(study.store)
    with pytest.raises(WaveError) as refusal:
        store.load(study, collected, actor=ACTOR, **allowed)  # type: ignore[arg-type]
    assert tree(study.store) == before
    return str(refusal.value)


def test_a_load_is_one_version_that_reads_back_as_it_came(study: Study, baseline: Collected) -> None:
    receipt = store.load(study, baseline, actor=ACTOR)
    assert (receipt.version, receipt.rows_added, receipt.rows_in_wave, receipt.already_loaded) == (1, 48, 48, False)
    assert store.version(study) == {"staff": 1}
    back = rows(study)
    assert back.columns == baseline.frame.columns == list(store.responses(study, "staff").columns)
    unnamed = [name for name in back.columns if name != "respondent"]
    assert back.select(unnamed).sort(unnamed).equals(baseline.frame.select(unnamed).sort(unnamed))


def test_other_engines_read_the_same_table(study: Study, baseline: Collected) -> None:
    store.load(study, baseline, actor=ACTOR)
    expected = baseline.frame["lived_1"].sum()
    assert DeltaTable(str(study.store / "staff")).to_pandas()["lived_1"].sum() == expected
    (path,) = store.responses(study, "staff").files
    assert duckdb.sql(f"SELECT sum(lived_1), min(wave) FROM '{path}'").fetchall() == [(expected, "baseline")]


def test_the_commit_says_what_it_holds(study: Study, baseline: Collected) -> None:
    store.load(study, baseline, actor=ACTOR)
    facts = DeltaTable(str(study.store / "staff")).history(1)[0]
    assert (facts["pilot.wave"], facts["pilot.population"], facts["pilot.rows"], facts["pilot.actor"]) == (
        "baseline",
        "staff",
        "48",
        ACTOR,
    )
    assert {f"pilot.{name}" for name in ("content", "files", "schema", "protocol", "when", "mode", "reason", "arrived")} <= set(
        facts
    )


def test_the_same_file_again_changes_nothing_and_says_so(study: Study, baseline: Collected) -> None:
    store.load(study, baseline, actor=ACTOR)
    before = tree(study.store)
    again = store.load(study, baseline, actor=ACTOR)
    assert (again.already_loaded, again.version, again.rows_added, again.rows_in_wave) == (True, 1, 0, 48)
    assert tree(study.store) == before


def test_shuffled_rows_are_the_same_content(study: Study, baseline: Collected) -> None:
    first = store.load(study, baseline, actor=ACTOR)
    shuffled = store.load(study, replace(baseline, frame=baseline.frame.sample(fraction=1.0, shuffle=True, seed=3)), actor=ACTOR)
    assert shuffled.already_loaded
    assert shuffled.content_hash == first.content_hash


def test_a_file_tells_nothing_about_the_order_in_which_people_answered(study: Study, baseline: Collected) -> None:
    store.load(study, baseline, actor=ACTOR)
    assert rows(study)["respondent"].to_list() == rows(study).sort("organisation", "respondent")["respondent"].to_list()


def test_different_content_is_refused_naming_both_ways_out(study: Study, baseline: Collected) -> None:
    store.load(study, baseline, actor=ACTOR)
    text = refused(study, some(baseline, pl.col("respondent") != "P1-0003"))
    assert text.splitlines()[0] == "WaveError: 1 organisation already has other answers in wave 'baseline'."
    assert "P1: 6 rows stored, 5 in the file" in text
    assert "--append" in text
    assert "--supersede --reason" in text


def test_a_file_of_old_and_new_organisations_adds_the_new_ones(study: Study, baseline: Collected) -> None:
    store.load(study, only(baseline, "P1", "C1"), actor=ACTOR)
    receipt = store.load(study, baseline, actor=ACTOR)
    assert (receipt.rows_added, receipt.rows_in_wave, receipt.already) == (36, 48, ("C1", "P1"))
    assert store.load(study, baseline, actor=ACTOR).already_loaded


def test_late_answers_are_added_once(study: Study, baseline: Collected) -> None:
    late = pl.col("respondent").is_in(["P1-0004", "P1-0005"])
    store.load(study, some(baseline, ~late), actor=ACTOR)
    receipt = store.load(study, some(baseline, late), actor=ACTOR, append=True)
    assert (receipt.version, receipt.rows_added, receipt.rows_in_wave, receipt.mode) == (2, 2, 48, "append")
    assert store.load(study, some(baseline, late), actor=ACTOR, append=True).already_loaded
    assert store.load(study, baseline, actor=ACTOR).already_loaded  # the whole export later holds nothing new


def test_late_answers_of_people_already_stored_are_refused_with_their_number(study: Study, baseline: Collected) -> None:
    store.load(study, some(baseline, pl.col("respondent") != "P1-0005"), actor=ACTOR)
    text = refused(study, only(baseline, "P1"), append=True)
    assert "5 of 6 respondents in the file have already answered." in text
    assert "P1-00" not in text


def test_without_ids_a_whole_export_is_not_appended(tmp_path: Path) -> None:
    study = study_in(tmp_path, replace={"linkage: pseudonym": "linkage: none"})
    nameless = arriving(study, "baseline")
    nameless = replace(nameless, frame=nameless.frame.with_columns(respondent=pl.lit(None, pl.String)))
    store.load(study, some(nameless, pl.int_range(pl.len()) > 1), actor=ACTOR)
    assert "repeats all 4 stored rows of C1: a whole export" in refused(study, only(nameless, "C1"), append=True)


def test_a_published_table_takes_no_second_row(tmp_path: Path) -> None:
    study = study_in(tmp_path, replace={"linkage: pseudonym": "level: organisation, linkage: none"})
    table = arriving_table(study)
    store.load(study, table, actor=ACTOR)
    changed = replace(table, frame=table.frame.with_columns(lived_1=pl.col("lived_1") + 0.1))
    assert "one row an organisation" in refused(study, changed, append=True)


def arriving_table(study: Study) -> Collected:
    """One row an organisation, made from people's rows."""
    people = arriving(study_in(study.root / "people"), "baseline")
    items = ["lived_1", "lived_2", "lived_3", "know_values", "strain_1"]
    means = people.frame.group_by("organisation", maintain_order=True).agg(
        pl.col(items).mean(), pl.len().cast(pl.Int64).alias("n")
    )
    frame = (
        people.frame.group_by("organisation", maintain_order=True)
        .first()
        .select(people.frame.columns)
        .with_columns(respondent=pl.lit(None, pl.String), base=means["n"], **{item: means[item] for item in items})
    )
    return replace(people, frame=frame)


def test_corrected_answers_replace_an_organisations_rows_and_the_old_version_stays(study: Study, baseline: Collected) -> None:
    store.load(study, baseline, actor=ACTOR)
    mended = only(replace(baseline, frame=baseline.frame.with_columns(strain_1=pl.lit(5.0))), "P1", "C2")
    receipt = store.load(study, mended, actor=ACTOR, supersede=True, reason="the supplier had turned the scale")
    assert (receipt.rows_added, receipt.rows_replaced, receipt.rows_in_wave) == (12, 12, 48)
    after, before = rows(study), rows(study, version=1)
    assert after.filter(pl.col("strain_1") == 5).height >= 12
    assert set(after.filter(pl.col("organisation").is_in(["P1", "C2"]))["strain_1"]) == {5.0}
    assert before["strain_1"].sum() == baseline.frame["strain_1"].sum()
    told = store.loads(study)
    assert told["state"].tolist() == ["partly replaced", "stands"]
    assert told["reason"].tolist() == ["", "the supplier had turned the scale"]
    assert "already has other answers" in refused(study, only(baseline, "P1"))


def test_replacing_needs_a_reason_and_excludes_adding(study: Study, baseline: Collected) -> None:
    with pytest.raises(UsageError, match="needs a reason"):
        store.load(study, baseline, actor=ACTOR, supersede=True, reason="  ")
    with pytest.raises(UsageError, match="exclude each other"):
        store.load(study, baseline, actor=ACTOR, supersede=True, append=True, reason="both")
    assert not study.store.exists()


def test_a_follow_up_before_its_baseline_is_refused_unless_declared(study: Study, baseline: Collected) -> None:
    later = arriving(study, "month_6")
    assert "comes before its baseline: 'baseline' is not loaded yet" in refused(study, later)
    assert store.load(study, later, actor=ACTOR, before_baseline=True).version == 1
    assert store.load(study, baseline, actor=ACTOR).version == 2


def test_a_follow_up_may_be_missing_or_come_later_than_the_next(study: Study, baseline: Collected) -> None:
    for version, wave in enumerate(("baseline", "month_12", "month_6"), start=1):
        assert store.load(study, arriving(study, wave), actor=ACTOR).version == version


def test_a_population_first_asked_after_the_start_has_no_baseline_to_wait_for(tmp_path: Path) -> None:
    study = study_in(tmp_path, replace={"design: difference in differences": "design: comparison at follow-up"})
    wave = arriving(study, "month_6")
    text = (study.instruments / "values.yaml").read_text()
    later = text.replace("scale: agree_5", "scale: agree_5, asked_in: [month_6, month_12]")
    (study.instruments / "values.yaml").write_text(later)
    assert store.load(study, wave, actor=ACTOR).version == 1


def test_a_pinned_version_does_not_see_later_loads(study: Study, baseline: Collected) -> None:
    store.load(study, baseline, actor=ACTOR)
    pinned = store.responses(study, "staff")
    store.load(study, arriving(study, "month_6"), actor=ACTOR)
    assert store.responses(study, "staff", version=1) == pinned
    assert len(store.responses(study, "staff").files) == 2


def test_what_was_never_loaded_is_told_apart_from_what_is_lost(study: Study, baseline: Collected) -> None:
    with pytest.raises(WaveError, match="no wave of 'staff' has been loaded"):
        store.responses(study, "staff")
    store.load(study, baseline, actor=ACTOR)
    with pytest.raises(IntegrityError, match="has no version 7"):
        store.responses(study, "staff", version=7)


def test_an_item_that_comes_with_an_amendment_widens_the_table(study: Study, baseline: Collected) -> None:
    store.load(study, baseline, actor=ACTOR)
    text = (study.instruments / "values.yaml").read_text()
    added = "  pride: {wording: I am proud to work here., scale: agree_5, asked_in: [month_6]}\n"
    (study.instruments / "values.yaml").write_text(text + added)
    assert store.load(
        study, replace(baseline, frame=baseline.frame.with_columns(pride=pl.lit(None, pl.Float64))), actor=ACTOR
    ).already_loaded
    later = arriving_with(study, "pride")
    store.load(study, later, actor=ACTOR)
    assert store.responses(study, "staff").columns[-1] == "pride"
    assert rows(study)["pride"].null_count() == 48
    assert rows(study, version=1).height == 48


def arriving_with(study: Study, item: str) -> Collected:
    first = arriving(study_in(study.root / "without"), "month_6")
    return replace(first, frame=first.frame.with_columns(pl.lit(4.0).alias(item)))


def test_an_empty_wave_stores_nothing_and_says_so(study: Study, baseline: Collected) -> None:
    receipt = store.load(study, some(baseline, pl.lit(False)), actor=ACTOR)
    assert (receipt.rows_added, receipt.already_loaded, receipt.notes) == (
        0,
        False,
        ("the file holds no responses; there is nothing to store.",),
    )
    assert store.version(study) == {}


def test_a_preview_tells_what_a_load_would_do_and_writes_nothing(study: Study, baseline: Collected) -> None:
    before = tree(study.root)
    assert store.preview(study, baseline).rows_added == 48
    assert tree(study.root) == before
    store.load(study, baseline, actor=ACTOR)
    assert store.preview(study, baseline).already_loaded
    with pytest.raises(WaveError, match="already has other answers"):
        store.preview(study, some(baseline, pl.col("respondent") != "P1-0003"))


def test_every_load_is_an_act_in_the_log(study: Study, baseline: Collected) -> None:
    store.load(study, baseline, actor="ann as Ann Example", received={"file": "abc"})
    _, begun, loaded = verify(study.audit_file)
    assert (begun.act, loaded.act, loaded.actor) == ("wave load begun", "wave loaded", "ann as Ann Example")
    assert (loaded.details["version"], loaded.details["rows"], loaded.details["file"]) == (1, 48, "abc")


def test_data_files_carry_page_checksums(study: Study, baseline: Collected) -> None:
    store.load(study, baseline, actor=ACTOR)
    (path,) = store.responses(study, "staff").files
    column = pq.ParquetFile(path).metadata.row_group(0).column(4)
    damaged = bytearray(path.read_bytes())
    damaged[column.dictionary_page_offset + column.total_compressed_size - 1] ^= 4
    path.write_bytes(bytes(damaged))
    with pytest.raises(OSError, match=r"(?i)crc|checksum"):
        pq.read_table(path, page_checksum_verification=True, partitioning=None)


def test_a_study_may_move_and_have_any_name(study: Study, baseline: Collected) -> None:
    store.load(study, baseline, actor=ACTOR)
    moved = study.root.rename(study.root.parent / "a=b ünï 100% #1")
    assert len(store.responses(Study(moved), "staff").files) == 1
    store.load(Study(moved), arriving(Study(moved), "month_6"), actor=ACTOR)
    assert store.version(Study(moved)) == {"staff": 2}


def resent(collected: Collected, wave: str) -> Collected:
    """The same rows under another wave's name."""
    return replace(collected, wave=wave, frame=collected.frame.with_columns(wave=pl.lit(wave)))


@pytest.mark.parametrize("linkage", ["pseudonym", "none"])
def test_a_wave_sent_again_as_another_wave_is_refused_with_both_named(tmp_path: Path, linkage: str) -> None:
    study = study_in(tmp_path, protocol=PROTOCOL.replace("linkage: pseudonym", f"linkage: {linkage}"))
    baseline = arriving(study, "baseline", people=24)
    store.load(study, baseline, actor=ACTOR)
    text = refused(study, resent(baseline, "month_6"))
    assert "stand in the store as wave 'baseline' already; the file was sent as wave 'month_6'" in text
    assert "in the store as wave 'baseline'" in refused(study, resent(only(baseline, "P1"), "month_6"))
    assert store.load(study, arriving(study, "month_6", people=24), actor=ACTOR).notes == ()


def test_one_organisation_that_sent_its_baseline_again_is_noted(study: Study, baseline: Collected) -> None:
    store.load(study, baseline, actor=ACTOR)
    later = arriving(study, "month_6")
    mixed = pl.concat([later.frame.filter(pl.col("organisation") != "P1"), resent(only(baseline, "P1"), "month_6").frame])
    (note,) = store.load(study, replace(later, frame=mixed), actor=ACTOR).notes
    assert note == "1 of the file's organisations gave exactly the answers that stand in wave 'baseline'."


def test_without_ids_late_answers_that_are_stored_are_refused_and_a_few_are_noted(tmp_path: Path) -> None:
    study = study_in(tmp_path, protocol=PROTOCOL.replace("linkage: pseudonym", "linkage: none"))
    named = arriving(study, "baseline", people=12)
    rows = only(replace(named, frame=named.frame.with_columns(respondent=pl.lit(None, dtype=pl.String))), "P1")
    store.load(study, rows, actor=ACTOR)
    again = replace(rows, frame=rows.frame.head(7))
    assert "7 of 7 rows without an id equal rows of P1 that are stored" in refused(study, again, append=True)
    known = as_stored(rows.frame)
    new = known.head(3).with_columns(lived_1=pl.lit(5.0), lived_2=pl.lit(1.0), lived_3=pl.lit(5.0), know_values=pl.lit(1.0))
    late = replace(rows, frame=pl.concat([known.head(2), new]))
    (note,) = store.load(study, late, actor=ACTOR, append=True).notes
    assert note.startswith("2 of 5 rows without an id equal rows of P1 that are stored")


@pytest.mark.parametrize(
    ("again", "said"), [(6, "6 of 6 rows without an id equal rows of P1"), (3, "3 of 3 rows without an id equal rows of P1")]
)
def test_rows_without_an_id_are_looked_at_though_others_of_the_file_have_one(again: int, said: str, tmp_path: Path) -> None:
    """P1 stores eight people of whom seven have no id; late come some of the seven and one new id."""
    study = study_in(tmp_path, protocol=PROTOCOL.replace("linkage: pseudonym", "linkage: mixed"))
    rows = only(arriving(study, "baseline", people=9), "P1")
    named = pl.when(pl.col("respondent").is_in(["P1-0000", "P1-0008"])).then("respondent")
    frame = rows.frame.with_columns(respondent=named)
    store.load(study, replace(rows, frame=frame.filter(pl.col("respondent").fill_null("") != "P1-0008")), actor=ACTOR)
    new = frame.filter(pl.col("respondent") == "P1-0008")
    late = replace(rows, frame=pl.concat([frame.filter(pl.col("respondent").is_null()).head(again), new]))
    if again > 5:
        assert said in refused(study, late, append=True)
    else:
        assert any(note.startswith(said) for note in store.load(study, late, actor=ACTOR, append=True).notes)


def test_a_column_that_a_file_lacks_is_null_in_its_rows_and_no_damage(tmp_path: Path) -> None:
    """A later wave may ask what an earlier one did not."""
    with_item = pl.DataFrame({"organisation": ["P1"], "q1": [1.0], "q2": [2.0]})
    files = [tmp_path / "first.parquet", tmp_path / "second.parquet"]
    for rows, file in zip((with_item.drop("q2"), with_item), files, strict=True):
        rows.write_parquet(file)
    assert read_rows(files, ["q2", "organisation"]).select("q2", "organisation").rows() == [(None, "P1"), (2.0, "P1")]
    assert read_rows(files[:1], ["q2", "q1"]).columns == ["q1"]
    assert read_rows(files[:1], ["q2"]).columns == []
