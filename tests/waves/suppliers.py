"""Two invented suppliers: one sends a workbook in words, one a semicolon file in codes. The truth behind both is `wave_frame`."""

from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pyreadstat
import xlsxwriter

from tests.studies import INSTRUMENT
from tests.waves.intake_study import wave_frame

WITH_HOURS = INSTRUMENT.replace("items:\n", "  hours: {range: 0 to 60, whole: false}\nitems:\n") + (
    "  extra_hours: {wording: How many unpaid hours did you work last week?, scale: hours}\n"
)
LABELS = {"1": "Strongly disagree", "2": "Disagree", "3": "Neither", "4": "Agree", "5": "Strongly agree"}
WORDINGS = {
    "lived_1": "Q1. Colleagues act on our values",
    "lived_2": "Q2. Leaders act on our values.",
    "lived_3": "Q3. Our values are ignored when we are busy",
    "know_values": "Q4. I could name our values",
    "strain_1": "Q5. My workload wears me down",
}


def answers() -> pd.DataFrame:
    """The wave with unpaid hours, 64 rows, and some answers not given."""
    frame = wave_frame(people=8)
    frame["extra_hours"] = [f"{k % 12 + 0.5:g}" for k in range(len(frame))]
    frame.loc[[4, 20], "lived_2"] = "99"
    return frame


def canonical_csv(folder: Path) -> Path:
    """The same answers in canonical form."""
    path = folder / "canonical.csv"
    answers().to_csv(path, index=False)
    return path


def words_workbook(folder: Path) -> Path:
    """Headers are wordings, answers labels, hours with a decimal comma, days day first, names and e-mails nobody asked for."""
    frame = answers()
    sent = pd.DataFrame(
        {"Submission date": [(date(2025, 10, 6) + timedelta(days=k % 20)).strftime("%d/%m/%Y") for k in range(len(frame))]}
    )
    sent["Participant ID"] = frame["respondent"]
    sent["Full name"] = [f"Person {chr(65 + k % 26)}{chr(97 + k // 26)}son" for k in range(len(frame))]
    sent["Email address"] = [f"p{k}@trust.example" for k in range(len(frame))]
    sent["Your organisation"] = "Organisation " + frame["organisation"]
    sent["Staff group"] = frame["staff_group"]
    for item, wording in WORDINGS.items():
        sent[wording] = frame[item].map(LABELS | {"99": "Prefer not to say"})
    sent["Q6. How many unpaid hours did you work last week"] = frame["extra_hours"].str.replace(".", ",", regex=False)
    sent["Anything else you would like to tell us?"] = [
        "" if k % 3 else f"On ward {k} we talk about this far more than we did" for k in range(len(frame))
    ]
    path = folder / "Harbour Light export.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("Read me").write_string(0, 0, "Export of the staff survey")
        sheet = book.add_worksheet("Responses")
        for place, column in enumerate(sent.columns):
            sheet.write_string(0, place, column)
            for row, value in enumerate(sent[column], start=1):
                sheet.write_string(row, place, value)
    return path


def codes_csv(folder: Path) -> Path:
    """Semicolons, codes 0 to 4 with a legend in the answers, N/A for no answer, two waves in one file, an e-mail column."""
    frame = answers()
    sent = pd.DataFrame(
        {"record_no": range(1, len(frame) + 1), "respondent_ref": frame["respondent"], "e-mail": "someone@trust.example"}
    )
    sent["trust_code"] = frame["organisation"].str.lower()
    sent["survey_wave"] = "6 months"
    sent["staffgroup"] = frame["staff_group"]
    for item in WORDINGS:
        sent[f"{item}_score"] = frame[item].map(
            {code: f"{int(code) - 1} - {label}" for code, label in LABELS.items()} | {"99": "N/A"}
        )
    sent["extra_hours"] = frame["extra_hours"]
    later = sent.assign(survey_wave="12 months", respondent_ref=sent["respondent_ref"] + "x")
    path = folder / "datenhaus_2025.csv"
    pd.concat([sent, later]).to_csv(path, index=False, sep=";")
    return path


def spss_file(folder: Path) -> Path:
    """An SPSS file: codes 0 to 4 with value labels, no answer as user-missing 98, wordings as variable labels, real dates."""
    frame = answers()
    sent = pd.DataFrame({"pid": frame["respondent"], "site": frame["organisation"].str.lower(), "staff_group": frame["staff_group"]})
    sent["when"] = [date(2025, 10, 6) + timedelta(days=k % 20) for k in range(len(frame))]
    for number, item in enumerate(WORDINGS, start=1):
        sent[f"v{number}"] = [98.0 if code == "99" else float(code) - 1 for code in frame[item]]
    sent["v6"] = frame["extra_hours"].astype(float)
    labels = {float(code) - 1: label for code, label in LABELS.items()} | {98.0: "Prefer not to say"}
    questions = {f"v{number}": wording for number, wording in enumerate(WORDINGS.values(), start=1)}
    path = folder / "survey.sav"
    pyreadstat.write_sav(
        sent, str(path), column_labels=questions | {"v6": "How many unpaid hours did you work last week", "when": "Date completed"},
        variable_value_labels=dict.fromkeys(questions, labels), missing_ranges={name: [98] for name in questions},
    )  # fmt: skip
    return path


def parquet_file(folder: Path) -> Path:
    """The semicolon file's columns as a warehouse would hand them over: numbers as numbers, days as days, pages with checksums."""
    sent = pd.read_csv(codes_csv(folder), sep=";")
    sent["completed"] = [date(2025, 10, 6) + timedelta(days=k % 20) for k in range(len(sent))]
    for column in (name for name in sent if str(name).endswith("_score")):
        sent[column] = pd.to_numeric(sent[column].str[:1], errors="coerce").add(1).fillna(99).astype("int8")
    path = folder / "survey.parquet"
    sent.to_parquet(path, write_page_checksum=True)
    return path
