"""The golden values: what R gave, case by case, and how far a number of ours is from it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from tests.agreement import frames
from tests.conftest import REAL_DATA

FILE = Path(__file__).with_name("golden.json")
SHARED = {
    "trusts": "nhs_staff_survey_special_measures_2012_2015",
    "soldiers": "army_univbct_three_waves",
    "employees": "illinois_workplace_wellness_survey",
    "questions": "likert_scales_bfi",
}


@cache
def table(name: str, column: str | None = None) -> pd.DataFrame:
    """The rows of a drawn or public frame, `column` being the answer that is asked for; callers do not change them."""
    if name not in SHARED:
        return frames.frame(name)
    return frames.employees(REAL_DATA, column) if column else getattr(frames, name)(REAL_DATA)


@dataclass(frozen=True)
class Case:
    """One fit of one method: what R was asked (`spec`: frame, formula, ...) and the numbers it gave, nested by name."""

    method: str
    name: str
    spec: dict[str, Any]
    values: dict[str, Any]

    @property
    def available(self) -> bool:
        """Whether its frame can be had here: drawn, or public data that is on this machine."""
        place = SHARED.get(self.spec.get("frame", ""))
        return place is None or (REAL_DATA / place).is_dir()

    @property
    def frame(self) -> pd.DataFrame:
        """The rows that R read."""
        return table(self.spec["frame"], self.spec.get("column"))

    @property
    def terms(self) -> list[str]:
        """The coefficients that a test is about."""
        asked = self.spec["terms"]
        return [asked] if isinstance(asked, str) else list(asked)


@cache
def read() -> dict[str, Any]:
    """The committed file."""
    return dict(json.loads(FILE.read_text(encoding="utf-8")))


def cases(golden: Mapping[str, Any] | None = None) -> Iterator[Case]:
    """Every case of every method."""
    for method, by_name in (golden or read())["values"].items():
        for name, held in by_name.items():
            yield Case(method, name, {key: value for key, value in held.items() if key != "values"}, held["values"])


def flat(values: Mapping[str, Any], prefix: str = "") -> dict[str, float]:
    """Nested names joined by ' / '."""
    out: dict[str, float] = {}
    for name, value in values.items():
        out |= flat(value, f"{prefix}{name} / ") if isinstance(value, Mapping) else {f"{prefix}{name}": float(value)}
    return out


def errors(ours: Mapping[str, Any], golden: Mapping[str, Any]) -> dict[str, float]:
    """Relative error of every golden number; against a golden zero the number itself.

    Raises:
        KeyError: a golden number has no counterpart of ours, or ours none there.
    """
    mine, theirs = flat(ours), flat(golden)
    if mine.keys() != theirs.keys():
        raise KeyError(f"not on both sides: {sorted(mine.keys() ^ theirs.keys())}")
    return {name: abs(mine[name] - value) / (abs(value) or 1.0) for name, value in theirs.items()}
