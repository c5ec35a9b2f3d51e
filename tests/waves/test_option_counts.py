"""Counts of options from published percentages, against tables of people whose truth is known before it is rounded."""

from pathlib import Path

import numpy as np
import pytest

from evaluation.errors import WaveError
from evaluation.protocol.mapping import FileForm
from evaluation.waves.readers import read_file
from evaluation.waves.readers.option_counts import half_of, option_counts
from evaluation.waves.readers.table import Table
from tests.protocol.changed import refused
from tests.studies import INSTRUMENT, PROTOCOL
from tests.waves.intake_study import codes, load, other_study, refusal

CODES = np.array([5.0, 4.0, 3.0, 2.0, 1.0])
TABLE = "organisation,yes,no,n\nP1,67%,33 %,40\nP2,n<10,,4\nP3,100%,0%,\"1,200\"\nP4,50%,50%,\n"
MEANS = {"asked": {"options": {"yes": 1, "no": 0}, "base": "n"}}


def people(rows: int, most: int, seed: int) -> np.ndarray:
    """(rows, 5) counts of people, some options chosen by nobody."""
    rng = np.random.default_rng(seed)
    return np.array([rng.multinomial(rng.integers(1, most + 1), rng.dirichlet(np.full(5, 0.7))) for _ in range(rows)])


def printed(counts: np.ndarray, digits: int) -> np.ndarray:
    return np.round(100 * counts / counts.sum(axis=1, keepdims=True), digits)


@pytest.mark.parametrize(("most", "digits"), [(99, 0), (999, 1), (9999, 2)])
def test_counts_are_exact_as_long_as_a_percentage_tells_people_apart(most: int, digits: int) -> None:
    """3,000 tables: up to 99 people for whole percentages, up to 999 for one decimal; and it is known that they are."""
    truth = people(3000, most, seed=digits)
    found = option_counts(printed(truth, digits), truth.sum(axis=1), 0.5 * 10.0**-digits)
    np.testing.assert_array_equal(found.counts, truth)
    assert found.fits.all() and not found.off.any()


@pytest.mark.parametrize("digits", [0, 1])
def test_larger_counts_are_off_by_no_more_than_is_said_and_add_up(digits: int) -> None:
    truth = people(3000, 200_000, seed=7)
    found = option_counts(printed(truth, digits), truth.sum(axis=1), 0.5 * 10.0**-digits)
    gap = np.abs(found.counts - truth).max(axis=1)
    assert (found.counts.sum(axis=1) == truth.sum(axis=1)).all() and (found.counts >= 0).all()
    assert (gap <= found.off).all() and gap.max() > 10
    means = [counts @ CODES / counts.sum(axis=1) for counts in (found.counts, truth)]
    assert (np.abs(means[0] - means[1]) <= found.mean_off(CODES) + 1e-12).all()
    variances = [counts @ CODES**2 / counts.sum(axis=1) - mean**2 for counts, mean in zip((found.counts, truth), means, strict=True)]
    assert (np.abs(variances[0] - variances[1]) <= found.variance_off(CODES) + 1e-12).all()
    assert 0 < np.median(found.variance_off(CODES)) < (0.2 if digits == 0 else 0.02)


def test_percentages_of_weighted_answers_are_noticed() -> None:
    """345 people of whom 1.1% said so would be 3.8; four of them are 1.2%."""
    found = option_counts(np.array([[31.2, 52.0, 7.8, 7.9, 1.1]]), np.array([345]), 0.05)
    assert not found.fits[0] and found.off[0] >= 1 and found.counts.sum() == 345


def test_digits_are_those_that_were_printed() -> None:
    assert [half_of(texts) for texts in (["67", "3"], ["67.0", "3"], ["67.25"], [])] == pytest.approx([0.5, 0.05, 0.005, 0.5])


def read(folder: Path, content: str = TABLE, **form: object) -> Table:
    (folder / "published.csv").write_text(content, encoding="utf-8")
    form = {"format": "csv", "delimiter": ",", "percent": "sign", "thousands": ",", "means": MEANS} | form
    return read_file(folder / "published.csv", FileForm.model_validate(form))


def test_a_table_with_bases_becomes_a_row_for_every_option_that_somebody_chose(tmp_path: Path) -> None:
    """Rows without a percentage or a base have no counts, and what stands in the receipt says how exact the others are."""
    table = read(tmp_path)
    assert table.frame.select("organisation", "asked", "people").rows() == [("P1", "1", "27"), ("P3", "1", "1200"), ("P1", "0", "13")]
    assert table.rows.to_list() == [2, 4, 2]
    assert table.notes[-1].startswith("counts of 'asked' come from rounded percentages of one question and may be off by up to 6, a mean by")


def test_weighted_percentages_are_told_in_the_receipt(tmp_path: Path) -> None:
    note = read(tmp_path, TABLE.replace("67%,33 %,40", "67.1%,32.9%,40")).notes[-1]
    assert note.endswith("in 1 of 2 rows the percentages are not those of whole people, as weighted ones are")


@pytest.mark.parametrize("base", ["0", "many", "3.5"])
def test_a_base_that_is_no_whole_number_of_people_is_refused(tmp_path: Path, base: str) -> None:
    with pytest.raises(WaveError) as caught:
        read(tmp_path, TABLE.replace("33 %,40", f"33 %,{base}"))
    assert codes(caught.value) == ["base-wrong"]


def test_a_table_is_read_as_means_or_as_counts() -> None:
    both = {"a": MEANS["asked"], "b": {"options": {"yes": 1, "no": 0}}}
    with pytest.raises(ValueError, match="a table is read as means or as counts"):
        FileForm.model_validate({"format": "csv", "means": both})


# what a study may do with them

OPTIONS = PROTOCOL.replace("linkage: pseudonym, groups: [staff_group]", "level: option")
ONE = {"score: mean, items: [lived_1, lived_2, lived_3], at_least: 2 of 3, scale: 0 to 10": "score: single item, items: [lived_1]"}
HEADER = "organisation,base,lived_1,lived_2,lived_3,know_values,strain_1\n"


def single(text: str = OPTIONS) -> str:
    for old, new in ONE.items():
        text = text.replace(old, new)
    return text


def test_several_items_of_one_measure_are_refused_because_nobody_knows_who_gave_both(tmp_path: Path) -> None:
    problems = refused(lambda: other_study(tmp_path, protocol=OPTIONS))
    assert any("'lived_values' takes 3 items, but 'staff' is a table of options" in one.what for one in problems)


def test_a_scale_without_options_is_refused(tmp_path: Path) -> None:
    instrument = INSTRUMENT.replace("  agree_5:\n", "  hours: {range: 0 to 80}\n  agree_5:\n").replace("wears me down., scale: agree_5", "wears me down., scale: hours")
    problems = refused(lambda: other_study(tmp_path, protocol=single(), instrument=instrument))
    assert any("measure 'strain' is of a table of options, but its scale has none." in one.what for one in problems)


def test_a_row_counts_one_option_of_one_question(tmp_path: Path) -> None:
    study = other_study(tmp_path, protocol=single())
    file = tmp_path / "options.csv"
    file.write_text(HEADER + "P1,40,5,,,,\nP1,2,,,,,3\nP1,9,4,,,,\n", encoding="utf-8")
    assert load(file, study=study).frame.height == 3
    file.write_text(HEADER + "P1,40,5,,,,\nP1,2,5,,,,\nP1,9,4,3,,,\n", encoding="utf-8")
    assert codes(refusal(file, study=study)) == ["several-options", "duplicate-option"]
