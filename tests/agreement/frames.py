"""Seeded frames that R and we both read; numbers are rounded when drawn, so that a text file holds them exactly."""

import hashlib
from collections.abc import Callable
from functools import cache
from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd

DIGITS = 6


def did(organisations: int, pilots: int, people: tuple[int, int], seed: int) -> pd.DataFrame:
    """Two waves of different people: sizes between `people`, a level and a wave of its own for every organisation, weights."""
    rng = np.random.default_rng(seed)
    sizes = np.geomspace(*people, organisations).round().astype(int)
    rng.shuffle(sizes)
    parts = []
    for number, size in enumerate(sizes):
        level, pilot = rng.normal(0, 0.4), int(number < pilots)
        for follow_up in (0, 1):
            n = int(size + rng.integers(0, 4))
            nursing, age = rng.integers(0, 2, n), rng.normal(42, 11, n).round(1)
            mean = 6 + level + rng.normal(0, 0.3) + 0.3 * follow_up + 0.5 * pilot * follow_up + 0.4 * nursing - 0.01 * age
            parts.append(
                pd.DataFrame(
                    {
                        "organisation": f"O{number + 1:02d}",
                        "wave": f"w{follow_up}",
                        "pilot": pilot,
                        "follow_up": follow_up,
                        "nursing": nursing,
                        "age": age,
                        "weight": rng.uniform(0.4, 2.5, n).round(3),
                        "score": (mean + rng.normal(0, 1 + 0.3 * pilot, n)).round(DIGITS),
                    }
                )
            )
    return pd.concat(parts, ignore_index=True)


def people(seed: int) -> pd.DataFrame:
    """The same people over three waves in twelve organisations, some answers missing."""
    rng = np.random.default_rng(seed)
    sizes = rng.integers(6, 18, 12)
    organisation = np.repeat(np.arange(12), sizes)
    start, level = rng.normal(0, 0.8, len(organisation)), rng.normal(0, 0.5, 12)
    parts = []
    for time in range(3):
        moved = 0.2 * time + 0.4 * (organisation < 4) * (time > 0) + rng.normal(0, 0.3, 12)[organisation]
        score = 5 + level[organisation] + start + moved + rng.normal(0, 0.9, len(organisation))
        frame = pd.DataFrame({"organisation": organisation, "person": np.arange(len(organisation)), "time": time, "score": score})
        parts.append(frame[rng.random(len(frame)) < 0.85])
    frame = pd.concat(parts, ignore_index=True)
    frame["pilot"], frame["follow_up"] = (frame["organisation"] < 4).astype(int), (frame["time"] > 0).astype(int)
    names = {column: frame[column].map(f"{letter}{{:03d}}".format) for column, letter in (("organisation", "O"), ("person", "P"))}
    return frame.assign(**names, wave=frame["time"].map("w{}".format), score=frame["score"].round(DIGITS))


def units(count: int, pilots: int, spread: float, seed: int) -> pd.DataFrame:
    """One change a unit with its sampling variance; `spread` is the standard deviation of true changes."""
    rng = np.random.default_rng(seed)
    pilot, sampling = (np.arange(count) < pilots).astype(int), rng.uniform(0.01, 0.2, count).round(DIGITS)
    baseline = rng.normal(6, 0.5, count).round(3)
    change = 0.1 + 0.4 * pilot - 0.2 * (baseline - 6) + rng.normal(0, spread, count) + rng.normal(0, np.sqrt(sampling))
    return pd.DataFrame(
        {
            "unit": [f"U{k + 1:02d}" for k in range(count)],
            "pilot": pilot,
            "baseline": baseline,
            "sampling": sampling,
            "change": change.round(DIGITS),
        }
    )


def assigned(seed: int) -> pd.DataFrame:
    """240 people assigned to arms one by one, asked twice, of unequal spread; answers on 0 to 4 beside the score."""
    rng = np.random.default_rng(seed)
    n = 240
    pilot, age = (rng.random(n) < 0.35).astype(int), rng.normal(42, 11, n).round(1)
    before = rng.normal(6, 1, n).round(DIGITS)
    after = before + 0.2 + 0.35 * pilot + 0.01 * (age - 42) + rng.normal(0, 0.6 + 0.5 * pilot, n)
    return pd.DataFrame(
        {
            "respondent": [f"R{k + 1:03d}" for k in range(n)],
            "organisation": [f"O{k % 12 + 1:02d}" for k in range(n)],
            "pilot": pilot,
            "age": age,
            "weight": rng.uniform(0.5, 2, n).round(3),
            "before": before,
            "after": after.round(DIGITS),
            "answer": np.clip(np.digitize(after, [5, 6, 7, 8]), 0, 4),
        }
    )


def answers(seed: int) -> pd.DataFrame:
    """One item on 0 to 4 in twelve organisations and two waves."""
    rng = np.random.default_rng(seed)
    frame = did(12, 4, (15, 45), seed).drop(columns=["score", "weight"])
    level = dict(zip(sorted(set(frame["organisation"])), rng.normal(0, 0.4, 12), strict=True))
    latent = frame["organisation"].map(level) + 0.3 * frame["follow_up"] + 0.6 * frame["pilot"] * frame["follow_up"]
    return frame.assign(answer=np.digitize(latent + rng.logistic(0, 1, len(frame)), [-1.5, -0.5, 0.6, 1.8]))


def records(seed: int) -> pd.DataFrame:
    """Events over exposure, eight organisations, two waves of six months."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        [(f"O{g + 1:02d}", int(g < 3), int(month >= 6), month) for g in range(8) for month in range(12)],
        columns=["organisation", "pilot", "follow_up", "month"],
    )
    exposure = rng.uniform(80, 900, len(frame)).round(1)
    rate = np.exp(-2.5 + np.repeat(rng.normal(0, 0.3, 8), 12) + 0.1 * frame["follow_up"] - 0.3 * frame["pilot"] * frame["follow_up"])
    return frame.assign(exposure=exposure, events=rng.negative_binomial(8, 8 / (8 + exposure * rate)))


def series(seed: int) -> pd.DataFrame:
    """48 months of one figure with memory, a step and a bend after month 30."""
    rng = np.random.default_rng(seed)
    month, noise = np.arange(1, 49), np.zeros(48)
    for k in range(1, 48):
        noise[k] = 0.5 * noise[k - 1] + rng.normal(0, 0.4)
    after = (month > 30).astype(int)
    value = 5 + 0.02 * month + 0.6 * after + 0.03 * after * (month - 30) + noise
    return pd.DataFrame({"month": month, "after": after, "since": after * (month - 30), "value": value.round(DIGITS)})


def before(count: int, pilots: int, seed: int) -> pd.DataFrame:
    """Means of units in four waves before the start."""
    rng = np.random.default_rng(seed)
    means = rng.normal(6, 0.5, count)[:, None] + rng.normal(0, 0.2, (count, 4)) + np.array([0, 0.1, 0.15, 0.1])
    waves = {f"w{k + 1}": means[:, k].round(DIGITS) for k in range(4)}
    return pd.DataFrame({"unit": [f"U{k + 1:02d}" for k in range(count)], "pilot": (np.arange(count) < pilots).astype(int), **waves})


def respondents(seed: int) -> pd.DataFrame:
    """300 people who answered in two groups that differ in how many did, with design weights and a score."""
    rng = np.random.default_rng(seed)
    staff, age = rng.choice(["nursing", "medical", "other"], 300, p=[0.6, 0.1, 0.3]), rng.choice(["to 40", "over 40"], 300, p=[0.3, 0.7])
    mean = 6 + 0.8 * (staff == "nursing") - 0.5 * (age == "to 40")
    design = rng.uniform(2, 5, 300).round(3)
    return pd.DataFrame({"staff": staff, "age": age, "design": design, "score": (mean + rng.normal(0, 1, 300)).round(DIGITS)})


def questionnaire(seed: int) -> pd.DataFrame:
    """Six items on 1 to 5 in two waves and two arms, 240 to 330 people each; the fifth is answered higher after the pilot began."""
    rng = np.random.default_rng(seed)
    parts = []
    for place, (arm, wave) in enumerate((arm, wave) for arm in ("comparison", "pilot") for wave in ("w0", "w1")):
        n = 240 + 30 * place
        factor = rng.normal(0.2 * place, 1 + 0.1 * place, n)
        latent = 3.1 + factor[:, None] * np.linspace(0.5, 0.9, 6) + rng.normal(0, 0.7, (n, 6))
        latent[:, 4] += 0.5 * (place == 3)
        codes = np.clip(np.rint(latent), 1, 5)
        part = pd.DataFrame(codes.astype(int), columns=[f"q{k + 1}" for k in range(6)])
        parts.append(part.assign(group=f"{arm} {wave}"))
    return pd.concat(parts, ignore_index=True)


DRAWN: dict[str, Callable[[], pd.DataFrame]] = {
    "did4": lambda: did(4, 2, (10, 25), 4),
    "did8": lambda: did(8, 3, (5, 40), 8),
    "did12": lambda: did(12, 3, (5, 40), 12),
    "did40": lambda: did(40, 12, (3, 14), 40),
    "did99": lambda: did(99, 30, (2, 8), 99),
    "people": lambda: people(3),
    "respondents": lambda: respondents(19),
    "units5": lambda: units(5, 2, 0.3, 5),
    "units8": lambda: units(8, 3, 0.4, 8),
    "units12": lambda: units(12, 3, 0.2, 12),
    "units20": lambda: units(20, 5, 0.0, 20),
    "assigned": lambda: assigned(1),
    "answers": lambda: answers(2),
    "records": lambda: records(7),
    "series": lambda: series(9),
    "before12": lambda: before(12, 4, 6),
    "questionnaire": lambda: questionnaire(15),
}


@cache
def frame(name: str) -> pd.DataFrame:
    """A drawn frame by name; callers do not change it."""
    return DRAWN[name]()


def text_of(table: pd.DataFrame) -> str:
    """The frame as the CSV that R reads."""
    room = StringIO()
    table.to_csv(room, index=False, lineterminator="\n")
    return room.getvalue()


def fingerprint(name: str) -> str:
    """SHA-256 of a drawn frame's CSV."""
    return hashlib.sha256(text_of(frame(name)).encode()).hexdigest()


def write(folder: Path) -> None:
    """All drawn frames as CSV files."""
    for name in DRAWN:
        (folder / f"{name}.csv").write_text(text_of(frame(name)), encoding="utf-8")


def trusts(data: Path) -> pd.DataFrame:
    """Engagement of acute trusts in 2012 and 2014; reviewed trusts that were not put into special measures are left out."""
    folder = data / "nhs_staff_survey_special_measures_2012_2015"
    review = pd.read_csv(folder / "keogh_review_trusts.csv")
    special = set(review.loc[review["special_measures_july_2013"] == 1, "Code"])
    waves = [pd.read_csv(folder / f"nhs_staff_survey_acute_{year}.csv.gz").assign(year=year) for year in (2012, 2014)]
    both = pd.concat(waves, ignore_index=True)
    table = pd.DataFrame(
        {
            "organisation": both["Code"],
            "follow_up": (both["year"] == 2014).astype(int),
            "weight": both["Responses"].astype(float),
            "score": both["Engagement.Index"],
        }
    ).dropna()
    table = table[~table["organisation"].isin(set(review["Code"]) - special)]
    table = table[table.groupby("organisation")["score"].transform("size") == 2].reset_index(drop=True)
    return table.assign(pilot=table["organisation"].isin(special).astype(int))


def soldiers(data: Path) -> pd.DataFrame:
    """Job satisfaction of soldiers at three times."""
    table = pd.read_csv(data / "army_univbct_three_waves" / "univbct.csv.gz").dropna(subset=["JSAT"]).reset_index(drop=True)
    names = {"organisation": table["BTN"].map("B{}".format), "person": table["SUBNUM"].map("P{}".format)}
    return pd.DataFrame({**names, "wave": table["TIME"].map("w{}".format), "time": table["TIME"], "score": table["JSAT"]})


def employees(data: Path, column: str) -> pd.DataFrame:
    """One answer of the employees of the Illinois study, with their arm."""
    table = pd.read_csv(data / "illinois_workplace_wellness_survey" / "online_surveys.csv.gz")
    return pd.DataFrame({"pilot": table["treat"], "score": table[column]}).dropna().reset_index(drop=True)


def questions(data: Path) -> pd.DataFrame:
    """Five items on agreeableness and who answered; the first is reverse-worded, and turned."""
    table = pd.read_csv(data / "likert_scales_bfi" / "bfi.csv.gz")
    return table[["A1", "A2", "A3", "A4", "A5", "gender"]].assign(A1=7 - table["A1"])
