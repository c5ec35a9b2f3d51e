"""One wave as six survey platforms would export it, invented after their public help pages. The truth is `suppliers.answers`.

Qualtrics, "Understanding Your Dataset"; LimeSurvey manual, "Exporting results"; REDCap, "Data Exports"; SurveyMonkey, "Exporting
survey results": questions in the first row, options in the second; Microsoft Forms, "Check and share your form results": one
workbook, times in columns two and three, answers with several options parted by semicolons; Jisc Online Surveys, "Exporting your
data": a response number, then questions under their numbers.
"""

import csv
from datetime import datetime, timedelta
from pathlib import Path

import xlsxwriter

from tests.waves.suppliers import LABELS, WORDINGS, answers

HOURS = "How many unpaid hours did you work last week?"
START = datetime(2025, 10, 6, 9, 30)
CHANNELS = "How did you hear of the survey?"
FRAME = answers()
PEOPLE = FRAME.to_dict("records")


def _csv(path: Path, rows: list[list[str]]) -> Path:
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        csv.writer(stream).writerows(rows)
    return path


def _time(place: int) -> datetime:
    return START + timedelta(days=place % 20, minutes=place)


def _words(person: dict[str, str], item: str) -> str:
    return LABELS.get(person[item], "Prefer not to say")


def qualtrics(folder: Path) -> Path:
    """Three header rows, choice texts, personal columns that came along, and two previews."""
    names = ["StartDate", "EndDate", "Status", "IPAddress", "RecipientEmail", "ResponseId", "ExternalReference", "Organisation", "Staff group"]
    said = [*[f"Q1_{k}" for k in range(1, 6)], "Q2"]
    texts = [*[f"Please say how far you agree - {wording.split('. ', 1)[1]}" for wording in WORDINGS.values()], HOURS]
    rows = [[*names, *said], [*names, *texts], [f'{{"ImportId":"{name}"}}' for name in (*names, *said)]]
    for place, person in enumerate([*PEOPLE, *PEOPLE[:2]]):
        when = f"{_time(place):%Y-%m-%d %H:%M:%S}"
        status, reference = ("IP Address", person["respondent"]) if place < len(PEOPLE) else ("Survey Preview", "")
        row = [when, when, status, "192.0.2.7", f"p{place}@trust.example", f"R_{place:05d}", reference, person["organisation"], person["staff_group"]]
        rows.append([*row, *[_words(person, item) for item in WORDINGS], person["extra_hours"]])
    return _csv(folder / "qualtrics.csv", rows)


def limesurvey(folder: Path) -> Path:
    """Headers 'code. question', full answers, N/A for a question not shown, and one row that nobody finished."""
    head = ["id. Response ID", "submitdate. Date submitted", "lastpage. Last page", "startlanguage. Start language", "token. Access code"]
    head += ["trust. Your organisation", "grp. Staff group"]
    head += [f"A1[SQ00{k}]. How far do you agree? [{wording.split('. ', 1)[1]}]" for k, wording in enumerate(WORDINGS.values(), start=1)]
    rows = [[*head, f"A2. {HOURS}"]]
    for place, person in enumerate(PEOPLE):
        row = [str(place + 1), f"{_time(place):%Y-%m-%d %H:%M:%S}", "3", "en", person["respondent"], f"Organisation {person['organisation']}", person["staff_group"]]
        rows.append([*row, *["N/A" if person[item] == "99" else _words(person, item) for item in WORDINGS], person["extra_hours"]])
    rows.append(["65", "", "1", "en", "P1-9999", "Organisation P1", "Other", *[""] * 6])
    return _csv(folder / "limesurvey.csv", rows)


def redcap(folder: Path) -> Path:
    """Two events, raw codes, a repeated instrument of the same people, and boxes that nobody mapped."""
    head = ["record_id", "redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance", "redcap_data_access_group", "survey_date", "staff_group"]
    head += [*WORDINGS, "extra_hours", "helped___1", "helped___2", "wellbeing_complete", "visit_note", "visit_complete"]
    rows = [head]
    for event in ("month_6_arm_1", "month_12_arm_1"):
        for place, person in enumerate(PEOPLE):
            who = [person["respondent"], event, "", "", person["organisation"].lower(), f"{_time(place):%Y-%m-%d}", person["staff_group"]]
            rows.append([*who, *[person[item] for item in WORDINGS], person["extra_hours"], "1", "0", "2", "", ""])
        rows.append([PEOPLE[0]["respondent"], event, "visit", "1", "p1", "", "", *[""] * 6, "0", "0", "", "seen", "2"])
    return _csv(folder / "redcap.csv", rows)


def surveymonkey(folder: Path) -> Path:
    """Questions in the first row, options in the second; the first columns have no second row."""
    first = ["Respondent ID", "Collector ID", "Start Date", "End Date", "IP Address", "Email Address", "First Name", "Last Name", "Custom Data 1"]
    first += ["Which organisation do you work for?", "Staff group", "Please say how far you agree:", *[""] * 4, HOURS]
    second = [*[""] * 9, "Response", "Response", *[wording.split(". ", 1)[1] for wording in WORDINGS.values()], "Open-Ended Response"]
    rows = [first, second]
    for place, person in enumerate(PEOPLE):
        when = f"{_time(place):%m/%d/%Y %I:%M:%S %p}"
        row = [person["respondent"], "400112233", when, when, "192.0.2.7", "", "", "", "", f"Organisation {person['organisation']}", person["staff_group"]]
        rows.append([*row, *[_words(person, item) for item in WORDINGS], person["extra_hours"]])
    return _csv(folder / "surveymonkey.csv", rows)


def microsoft_forms(folder: Path) -> Path:
    """A workbook with times as times, no-break spaces in headers, and several options in one cell."""
    head = ["ID", "Start time", "Completion time", "Email", "Name", "Your participant code", "Your organisation", "Staff group"]
    head += [wording.split(". ", 1)[1].replace(" ", "\u00a0", 1) for wording in WORDINGS.values()]
    path = folder / "Staff survey(1-64).xlsx"
    with xlsxwriter.Workbook(path) as book:
        time = book.add_format({"num_format": "m/d/yy h:mm:ss"})
        sheet = book.add_worksheet("Sheet1")
        sheet.write_row(0, 0, [*head, HOURS, CHANNELS])
        for place, person in enumerate(PEOPLE):
            sheet.write_number(place + 1, 0, place + 1)
            sheet.write_datetime(place + 1, 1, _time(place), time)
            sheet.write_datetime(place + 1, 2, _time(place) + timedelta(minutes=4), time)
            row = ["anonymous", "", person["respondent"], f"Organisation {person['organisation']}", person["staff_group"]]
            sheet.write_row(place + 1, 3, [*row, *[_words(person, item) for item in WORDINGS]])
            sheet.write_number(place + 1, 13, float(person["extra_hours"]))
            sheet.write_string(place + 1, 14, ("Email;Poster;", "Email;", "")[place % 3])
    return path


def jisc(folder: Path) -> Path:
    """A response number, questions under their numbers, statements of a grid under theirs."""
    head = ["Unique Response Number", "Respondent code", "Completion date", "1. Your organisation", "2. Staff group"]
    head += [f"3.{k}. How far do you agree? - {wording.split('. ', 1)[1]}" for k, wording in enumerate(WORDINGS.values(), start=1)]
    rows = [[*head, f"4. {HOURS}"]]
    for place, person in enumerate(PEOPLE):
        row = [f"{812345 + place}-{812300 + place}-9", person["respondent"], f"{_time(place):%d/%m/%Y}", person["organisation"], person["staff_group"]]
        rows.append([*row, *[_words(person, item) for item in WORDINGS], person["extra_hours"]])
    return _csv(folder / "jisc.csv", rows)


PLATFORMS = {
    "Qualtrics": qualtrics, "LimeSurvey": limesurvey, "REDCap": redcap, "SurveyMonkey": surveymonkey, "Microsoft Forms": microsoft_forms, "Jisc": jisc,
}  # fmt: skip
