"""What must happen to every file of the folders of real exports: it loads as counted here, or there is one reason why it cannot.

Rows, columns and filled cells of text files were counted with Python's csv module, of SPSS files with pandas, of workbooks in the
published sheets. Cells that a platform's reader blanks or fills by rule are named in `changed`.
"""

from dataclasses import dataclass, field
from typing import Any

FOLDERS = {
    "format_qualtrics": "exports made by Qualtrics, answers invented",
    "format_limesurvey": "exports made by LimeSurvey of a real questionnaire, answers invented",
    "format_redcap": "exports made by REDCap, people invented",
    "format_spss": "a real survey of 1948 and small test files",
    "messy_excel_nhs": "NHS workbooks as published",
    "civil_service_people_survey_2009_2019": "UK Civil Service People Survey, organisation scores as published",
    "fevs_agency_2020_2022": "US Federal Employee Viewpoint Survey, reports by agency as published",
    "nhs_staff_survey_trusts_2021_2022": "NHS Staff Survey, organisation results",
    "nhs_analyst_survey_2022": "survey of NHS analysts, real respondents",
}


@dataclass(frozen=True)
class FormatFile:
    """A file and what becomes of it.

    `form` is what the mapping's file block says, which is what `pilot wave map` proposes when it is told the sheet. `rows`,
    `columns` and `cells` (filled ones) are the table's, `labels` and `value_labels` how many columns carry them; `changed` is by
    how many filled cells a platform's rule makes the table differ from the file. `refused` is the code of the one reason.
    """

    folder: str
    name: str
    form: dict[str, Any] = field(default_factory=dict)
    rows: int = 0
    columns: int = 0
    cells: int = 0
    labels: int = 0
    value_labels: int = 0
    changed: int = 0
    refused: str = ""


def _all(folder: str, *files: tuple[Any, ...]) -> tuple[FormatFile, ...]:
    return tuple(FormatFile(folder, *file[:8]) for file in files)


def _refused(folder: str, name: str, code: str) -> FormatFile:
    return FormatFile(folder, name, refused=code)


_QUALTRICS, _LEGACY = {"format": "qualtrics"}, {"format": "qualtrics", "header_rows": 2}
_PERCENT = {"format": "csv", "percent": "sign"}
_CSV, _SPSS, _REDCAP = {"format": "csv"}, {"format": "spss"}, {"format": "redcap"}


def _sheet(sheet: str | None = None, **head: Any) -> dict[str, Any]:
    return {"format": "excel"} | ({"sheet": sheet} if sheet else {}) | head


_CSPS = "Civil-Service-People-Survey-"
FILES: tuple[FormatFile, ...] = (
    _refused("format_qualtrics", "matrix_single_answer.qsf", "no-answers"),
    *_all(
        "format_qualtrics",
        ("matrix_single_answer_insights.csv", _QUALTRICS, 5, 30, 125, 30),
        ("matrix_single_answer_legacy.csv", _LEGACY, 5, 29, 130, 29),
        ("qualtrics_legacy_two_header_rows.csv", _LEGACY, 1, 15, 13, 15),
        ("qualtrics_three_header_rows_german_ui.csv", _QUALTRICS, 1, 20, 15, 20),
        ("sample_survey.csv", _QUALTRICS, 5, 74, 167, 74),
    ),
    _refused("format_qualtrics", "sample_survey.qsf", "no-answers"),
    *_all(
        "format_limesurvey",
        ("dummy_data_codeandtext.csv", {"format": "limesurvey", "headers": "code and text"}, 12, 559, 4476, 559),
        ("dummy_data_codeonly.csv", {"format": "limesurvey"}, 12, 559, 4476),
    ),
    _refused("format_limesurvey", "survey_structure.xml", "unknown-format"),
    _refused("format_limesurvey", "test_survey_structure.lss", "no-answers"),
    *_all(
        "format_redcap",
        ("checkboxes-1_data.csv", _REDCAP, 4, 13, 42, 0, 0, -9),
        ("checkboxes-1_dictionary.csv", _CSV, 4, 18, 18),
        ("longitudinal_arm.csv", _CSV, 2, 2, 4),
        ("longitudinal_data.csv", _REDCAP, 18, 125, 439),
        ("longitudinal_dictionary.csv", _CSV, 95, 18, 492),
        ("longitudinal_event.csv", _CSV, 12, 5, 48),
        ("survey_data.csv", _REDCAP, 2, 33, 20, 0, 0, -1),
        ("survey_dictionary.csv", _CSV, 25, 18, 132),
    ),
    *_all(
        "format_spss",
        ("missing_test.sav", _SPSS, 2, 1, 2, 0, 1),
        ("nes1948.por", _SPSS, 662, 67, 26489, 67, 63),
        ("nes1948.sav", _SPSS, 662, 67, 26489, 67, 63),
        ("ordered_category.sav", _SPSS, 4, 1, 4, 0, 1),
        ("sample.sav", _SPSS, 5, 7, 32, 7, 2),
        ("sample.zsav", _SPSS, 5, 7, 32, 7, 2),
        ("sample_missing.sav", _SPSS, 7, 7, 38, 7, 2),
        ("simple_alltypes.sav", _SPSS, 6, 12, 66, 7, 5),
    ),
    *_all(
        "messy_excel_nhs",
        ("nhs_hchs_staff_eu_uk_april_2017.xls", _sheet(header_row=4, header_rows=2, unnamed="by letter"), 460, 12, 4446),
        ("nhs_hchs_staff_eu_uk_september_2016.xlsx", _sheet(header_row=3, header_rows=3, unnamed="by letter"), 467, 11, 4494),
        ("nhs_staff_survey_2018_job1_sheet.xls", _sheet("job1_sheet1_mean", header_rows=5), 10, 101, 1010),
    ),
    *_all(
        "civil_service_people_survey_2009_2019",
        ("02_02-org_history.csv", _CSV, 273, 4, 1092),
        (f"{_CSPS}2018-All-Organisation-Scores-v2.0.csv", _PERCENT, 106, 89, 9434),
        (f"{_CSPS}2019-All-Organisation-Scores-CSV-format.csv", _PERCENT, 111, 95, 10545),
        (f"{_CSPS}2019-All-Organisation-Scores-Excel.xlsx", _sheet("Table 2 - Question scores", header_row=4, header_rows=2), 132, 80, 8901),
        ("Civil_Service_People_Survey_2009_2021_Benchmarks_v2.ods", _sheet("Table_3", header_row=5), 105, 130, 13562),
        ("Civil_Service_People_Survey_2017_All_Organisation_Scores__CSV_.csv", _PERCENT, 102, 87, 8874),
        ("civil_servcie_people_survey_2016_all_organisation_scores.xlsx", _sheet("Table 2.1 Question scores", header_row=2, header_rows=2), 125, 75, 7673),
        ("civil_service_peoples_survey_2016_all_org_scores.csv", _PERCENT, 102, 88, 8973),
        ("csps_organisation_scores_2009_2019_long.parquet", {"format": "parquet"}, 91244, 6, 492496),
    ),
    *_all(
        "fevs_agency_2020_2022",
        ("2020_fevs_report_by_agency.xlsx", _sheet("Q1", header_row=4, percent="sign"), 49, 7, 307),
        ("2021_fevs_report_by_agency.xlsx", _sheet("Q1", header_row=4, percent="sign"), 47, 7, 298),
        ("2022_fevs_report_by_agency.xlsx", _sheet("Q1", header_row=4, percent="sign"), 47, 7, 298),
        ("fevs_agency_2020_2022_tidy.csv.gz", _CSV, 59752, 6, 358502),
    ),
    *_all(
        "nhs_staff_survey_trusts_2021_2022",
        ("nhs_staff_survey_trusts_2021.csv.gz", _CSV, 280, 74, 20440),
        ("nhs_staff_survey_trusts_2022.csv.gz", _CSV, 264, 74, 19212),
    ),
    *_all("nhs_analyst_survey_2022", ("apha_cpd_survey.csv", _CSV, 237, 38, 9005)),
)  # fmt: skip
