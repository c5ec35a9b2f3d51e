"""A made-up study with many waves of one population, and the files that its supplier sends: what both benchmarks load."""

import json
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from evaluation.study import Study

GROUPS = ("Nursing", "Medical", "Allied health", "Administration")
FIRST_DAY, WAVE_DAYS, BETWEEN = date(2015, 1, 5), 28, timedelta(days=91)
BAD_CODES = (0, 6, 7, 8, 77)
"""Whole numbers off the scale of 1 to 5."""
MOVED = 0.1
"""Share of the people of a wave who are in another organisation than in the other waves."""


def organisations(count: int) -> list[str]:
    """Their codes."""
    return [f"R{place:03d}" for place in range(count)]


def items(columns: int) -> list[str]:
    """The items of a file of so many columns: all but organisation, respondent, day and staff group."""
    return [f"q{place + 1:02d}" for place in range(columns - 4)]


def waves(count: int) -> list[str]:
    """Their names."""
    return [f"wave_{place + 1:02d}" for place in range(count)]


def opening(wave: int) -> date:
    """The first day of a wave, counted from 0."""
    return FIRST_DAY + BETWEEN * wave


def make_study(folder: Path, columns: int, wave_count: int, organisation_count: int) -> Study:
    """Write a study's documents: a tenth of the organisations are pilots, people keep their ids from wave to wave."""
    asked = items(columns)
    blocks = {
        name: {
            "label": f"Wave {place + 1}",
            "opens": f"{opening(place)}",
            "closes": f"{opening(place) + timedelta(days=WAVE_DAYS)}",
        }
        for place, name in enumerate(waves(wave_count))
    }
    blocks[waves(wave_count)[0]]["before"] = "start"
    measure = {"label": "Values lived", "instrument": "survey", "population": "staff", "score": "mean", "items": asked[:3]}
    measure |= {"at_least": "2 of 3", "scale": "0 to 10", "minimum_important_difference": "0.3 points", "says": "see them"}
    protocol = {
        "protocol": "made_up_history", "version": 1, "title": "Made up", "question": "How fast?", "asks": "how fast?",
        "board": {"name": "Nobody", "contact": "nobody@example.org"}, "assignment": "organisation", "randomised": False,
        "selection": "purposive", "if_an_organisation_leaves": "analyse as first assigned",
        "arms": {"pilot": {"role": "pilot", "label": "Pilot"}, "comparison": {"role": "comparison", "label": "Comparison"}},
        "populations": {"staff": {"label": "Staff", "linkage": "pseudonym", "groups": ["staff_group"]}},
        "waves": blocks, "looks": {"decide": [waves(wave_count)[-1]]},
        "theory_of_change": [{"from": "talk", "to": "values are lived", "measured_by": ["lived"]}],
        "measures": {"lived": measure},
        "estimands": {
            "change": {
                "status": "primary", "measure": "lived", "design": "difference in differences", "estimator": "unit change",
            }
        },
        "decide": [{"when": "change is above zero", "then": "go on"}, {"otherwise": "stop"}],
        "confidence": 0.95, "multiplicity": {}, "seed": 1, "policies": {"disclosure": "threshold-11"},
    }  # fmt: skip
    options = {f"{code}": f"option {code}" for code in range(1, 6)}
    instrument = {
        "instrument": "survey", "version": 1, "population": "staff", "source": "Made up.",
        "scales": {"agree_5": {"options": options, "positive": [4, 5]}},
        "items": {item: {"wording": f"Question {item}.", "scale": "agree_5"} for item in asked},
    }  # fmt: skip
    (folder / "instruments").mkdir(parents=True)
    (folder / "protocol.yaml").write_text(json.dumps(protocol, indent=1), encoding="utf-8")
    (folder / "instruments" / "survey.yaml").write_text(json.dumps(instrument, indent=1), encoding="utf-8")
    rows = ["organisation,name,arm,type,region,size,values_history,start"]
    for place, code in enumerate(organisations(organisation_count)):
        arm, start = ("pilot", f"{opening(1)}") if place % 10 == 0 else ("comparison", "")
        rows.append(f"{code},Organisation {code},{arm},NHS Trust,North,3000,never had,{start}")
    (folder / "organisations.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return Study(folder)


def answers(rows: int, columns: int, wave: int, organisation_count: int, seed: int) -> pl.DataFrame:
    """One wave as a supplier writes it, in no order: codes 1 to 5 with organisation effects, 2 or 3 in 100 answers blank.

    Four in five of all people answer a wave, and one in ten of these has come to another organisation than in the others.
    """
    rng, people = np.random.default_rng([seed, wave]), rows * 5 // 4
    person = rng.permutation(people)[:rows]
    home = np.random.default_rng(seed).integers(0, organisation_count, people)[person]
    place = np.where(rng.random(rows) < MOVED, rng.integers(0, organisation_count, rows), home)
    level = 3.2 + rng.normal(0, 0.2, organisation_count)
    frame: dict[str, object] = {
        "organisation": pl.Series(organisations(organisation_count)).gather(place),
        "respondent": pl.Series([f"p{number:07d}" for number in person]),
        "answered_on": pl.Series([opening(wave) + timedelta(days=day) for day in range(WAVE_DAYS)]).gather(
            rng.integers(0, WAVE_DAYS, rows)
        ),
        "staff_group": pl.Series(GROUPS).gather(rng.integers(0, len(GROUPS), rows)),
    }
    for item in items(columns):
        code = np.clip(np.rint(level[place] + rng.normal(0, 1, rows)), 1, 5).astype(np.int8)
        frame[item] = pl.Series(code).set(pl.Series(rng.random(rows) < rng.uniform(0.02, 0.03)), None)
    return pl.DataFrame(frame)


def with_faults(frame: pl.DataFrame, bad: int, twice: int, seed: int) -> tuple[pl.DataFrame, set[tuple[int, str]]]:
    """The same with `bad` cells off their scales and `twice` people twice; the faulty cells by row (from 0) and column."""
    rng = np.random.default_rng([seed, 99])
    asked = [name for name in frame.columns if name.startswith("q")]
    cells = rng.choice(frame.height * len(asked), bad, replace=False)
    found: set[tuple[int, str]] = set()
    by_item: dict[str, list[int]] = {}
    for row, column in zip((cells // len(asked)).tolist(), (cells % len(asked)).tolist(), strict=True):
        by_item.setdefault(asked[column], []).append(row)
        found.add((row, asked[column]))
    changed = [frame[item].scatter(rows, rng.choice(BAD_CODES, len(rows)).astype(np.int8)) for item, rows in by_item.items()]
    frame = frame.with_columns(changed)
    people = rng.choice(frame.height, (twice, 2), replace=False)
    for name in ("organisation", "respondent"):
        frame = frame.with_columns(frame[name].scatter(people[:, 1].tolist(), frame[name].gather(people[:, 0].tolist())))
    return frame, found


def write_waves(folder: Path, count: int, rows: int, columns: int, organisation_count: int, seed: int) -> Sequence[Path]:
    """One CSV file a wave, of `rows` rows each."""
    files = [folder / f"{name}.csv" for name in waves(count)]
    for place, file in enumerate(files):
        answers(rows, columns, place, organisation_count, seed).write_csv(file)
    return files
