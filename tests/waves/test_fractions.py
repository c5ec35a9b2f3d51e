"""Percentages kept as fractions are wrong by a factor of 100 and yet on a scale of 0 to 100: refused where a workbook shows it."""

from pathlib import Path

import pytest
import xlsxwriter

from evaluation.organisations.register import Register
from evaluation.protocol.documents import Documents, read_mapping
from evaluation.protocol.mapping import FileForm
from evaluation.waves.drafts.mapping import draft_mapping
from evaluation.waves.readers import read_file
from tests.studies import INSTRUMENT
from tests.waves.intake_study import codes, load, other_study, refusal, wave_frame

SHARES = INSTRUMENT.replace("items:\n", "  share: {range: 0 to 100, whole: false}\nitems:\n").replace(
    "down., scale: agree_5", "down., scale: share"
)
FRACTIONS = [0.67, 0.5, 1, 0]


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> tuple[Documents, Register]:
    return other_study(tmp_path_factory.mktemp("shares"), instrument=SHARES)


def book(path: Path, shown_as: str, values: list[float]) -> Path:
    """Month 6 with strain_1 as numbers in a format; the lived items carry another format, which says nothing."""
    frame = wave_frame()
    with xlsxwriter.Workbook(path) as workbook:
        sheet, look, plain = (
            workbook.add_worksheet(),
            workbook.add_format({"num_format": shown_as}),
            workbook.add_format({"num_format": "0.00"}),
        )
        for place, name in enumerate(frame.columns):
            sheet.write_string(0, place, name, look)
            for row, cell in enumerate(frame[name], start=1):
                if name == "strain_1":
                    sheet.write_number(row, place, values[row % len(values)], look)
                elif name.startswith(("lived", "know")):
                    sheet.write_number(row, place, int(cell), plain)
                else:
                    sheet.write_string(row, place, cell, look)
    return path


def declared(folder: Path, study: tuple[Documents, Register], file: str) -> object:
    items = ", ".join(f"{item}: {{item: {item}}}" for item in ("lived_1", "lived_2", "lived_3", "know_values", "strain_1"))
    (folder / "m.yaml").write_text(
        f"mapping: m\nversion: 1\nreviewed_by: Ana\npopulation: staff\nfile: {file}\norganisation: {{column: organisation}}\n"
        f"respondent: {{column: respondent}}\ngroups: {{staff_group: {{column: staff_group}}}}\n"
        f"items: {{{items}}}\nignore: [wave]\n",
        encoding="utf-8",
    )
    return read_mapping(folder / "m.yaml", study[0])


@pytest.mark.parametrize("shown_as", ["0%", "0.00%", '0.0"about"%', "[Red]0%;-0%"])
def test_cells_shown_as_percentages_are_refused_on_a_scale_beyond_1_and_read_as_67_where_declared(
    tmp_path: Path, study: tuple[Documents, Register], shown_as: str
) -> None:
    path = book(tmp_path / "a.xlsx", shown_as, FRACTIONS)
    error = refusal(path, study=study)
    assert codes(error) == ["percent-cells"] and "'strain_1'" in str(error)
    mapping = declared(tmp_path, study, "{format: excel, fractions: [strain_1]}")
    assert set(load(path, study=study, mapping=mapping).frame["strain_1"]) == {67.0, 50.0, 100.0, 0.0}  # type: ignore[arg-type]


@pytest.mark.parametrize("shown_as", ["General", "0.00", '0"%"', "0\\%"])
def test_a_percent_sign_that_is_only_written_beside_the_number_changes_no_number(
    tmp_path: Path, study: tuple[Documents, Register], shown_as: str
) -> None:
    """Excel shows 67 as 67% under such a format, so 67 it is."""
    collected = load(book(tmp_path / "a.xlsx", shown_as, [67, 50]), study=study)
    assert set(collected.frame["strain_1"]) == {67.0, 50.0} and not collected.receipt.notes


def test_answers_that_all_lie_between_0_and_1_of_100_are_noted_and_whole_ones_are_not(
    tmp_path: Path, study: tuple[Documents, Register]
) -> None:
    (note,) = load(book(tmp_path / "a.xlsx", "0.00", FRACTIONS), study=study).receipt.notes
    assert "answers to strain_1 lie between 0 and 1 on a scale of 0 to 100" in note
    assert not load(book(tmp_path / "b.xlsx", "0.00", [0, 1]), study=study).receipt.notes


def test_a_workbook_of_fractions_on_a_scale_of_0_to_1_is_read_as_it_is(tmp_path: Path) -> None:
    own = other_study(tmp_path, instrument=SHARES.replace("0 to 100", "0 to 1"))
    assert set(load(book(tmp_path / "a.xlsx", "0%", FRACTIONS), study=own).frame["strain_1"]) == set(FRACTIONS)


def test_percentages_of_a_fraction_with_a_decimal_comma_are_read_as_percentages(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("share;other\n0,67;1\n", encoding="utf-8")
    form = FileForm.model_validate({"format": "csv", "decimal": ",", "fractions": ["share"]})
    assert read_file(tmp_path / "a.csv", form).frame["share"].to_list() == ["67"]


def test_a_percentage_with_its_sign_in_a_column_of_fractions_is_multiplied_once(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("share,n\n0.67,1\n67%,1\n", encoding="utf-8")
    form = FileForm.model_validate({"format": "csv", "percent": "sign", "fractions": ["share"]})
    assert [float(cell) for cell in read_file(tmp_path / "a.csv", form).frame["share"]] == [67.0, 67.0]


def test_a_draft_lists_the_columns_that_a_workbook_shows_as_percentages(tmp_path: Path, study: tuple[Documents, Register]) -> None:
    """As drafted the file is read without a further word: 0.67 is 67, and no other column is touched."""
    file = book(tmp_path / "shares.xlsx", "0%", FRACTIONS)
    text = draft_mapping(file, *study, "staff")
    assert "fractions: [strain_1]" in text
    assert "fractions" not in draft_mapping(book(tmp_path / "plain.xlsx", "0.00", FRACTIONS), *study, "staff")


@pytest.mark.parametrize("fractions", ["[strain_1]", "[]"])
def test_a_copy_of_a_column_shown_as_percentages_is_refused_like_the_column(
    tmp_path: Path, study: tuple[Documents, Register], fractions: str
) -> None:
    """The copy holds 0.67 too, whether the column itself is read as 67 or not; listed itself it is read as 67."""
    file = book(tmp_path / "shares.xlsx", "0%", FRACTIONS)
    form = {"format": "excel", "copies": {"once more": "strain_1"}}
    listed = [] if fractions == "[]" else ["strain_1"]
    assert "once more" in read_file(file, FileForm.model_validate(form | {"fractions": listed})).percents
    both = read_file(file, FileForm.model_validate(form | {"fractions": ["strain_1", "once more"]}))
    assert not both.percents and both.frame["once more"].to_list()[:3] == ["50.0", "100.0", "0.0"]
