"""Answers written by hand: the numbers a test wants, in the form that inference gives."""

from dataclasses import replace
from pathlib import Path

import pandas as pd

from evaluation.findings.findings import Finding
from evaluation.findings.judge import judge
from evaluation.inference.design import contrasts
from evaluation.inference.estimate import Answer, Estimate
from evaluation.protocol.documents import Documents, read_documents
from evaluation.terms import Design, EstimateStatus, Role
from tests.studies import tiny_study

ALL_LOADED = {"staff": ("baseline", "month_6", "month_12")}


def documents_of(folder: Path, **replacements: str) -> Documents:
    """The tiny study's documents with pieces of its protocol replaced: `old=new`, given as a dict."""
    return read_documents(tiny_study(folder, replace=replacements))


def unit_rows(changes: dict[str, float], n: int = 60, start: float = 6.0) -> pd.DataFrame:
    """A unit per code with its change; codes that begin with P are pilots."""
    rows = [
        {"unit": code, "organisation": code, "arm": "develop" if code.startswith("P") else "comparison",
         "role": Role.PILOT.value if code.startswith("P") else Role.COMPARISON.value, "n_from": n, "n_to": n,
         "mean_from": start, "mean_to": start + change, "change": change, "adjusted_change": change, "std_error": 0.15}
        for code, change in changes.items()
    ]
    return pd.DataFrame(rows)


RISING = unit_rows({"P1": 0.7, "P2": 0.6, "P3": -0.1, "C1": 0.1, "C2": 0.0, "C3": 0.1, "C4": 0.2, "C5": 0.1})


def answer_of(documents: Documents, name: str = "lived_values_change", estimate: float | None = 0.5,
              interval: tuple[float | None, float | None] = (0.2, 0.8),
              interval80: tuple[float | None, float | None] | None = None,
              floor: float | None = 0.018, units: pd.DataFrame = RISING, contrast: int = 0, **more: object) -> Answer:
    """One answer of the tiny study; the error follows from the interval unless given."""
    plan = documents.protocol.estimands[name]
    measure = documents.protocol.measures[plan.measure]
    wave_from, wave_to = documents.protocol.waves_of(name)
    low, high = interval
    error = (high - low) / (2 * 2.447) if low is not None and high is not None else None
    flags = tuple(more.pop("flags", ()))  # type: ignore[call-overload]
    refusals = tuple(more.pop("refusals", ()))  # type: ignore[call-overload]
    label = contrasts(documents.protocol, name)[contrast].label
    headline = Estimate(
        estimand=name, measure=plan.measure, population=measure.population, design=plan.design.value, estimator="unit change",
        variance="REML-HK", term="pilot:follow_up", contrast=label, wave_from=wave_from, wave_to=wave_to, estimate=estimate,
        std_error=error, df=6.0 if error else None, confidence=documents.protocol.confidence, conf_low=low, conf_high=high,
        resolution_floor=floor, minimum_important_difference=measure.minimum_important_difference.value, unit="organisation",
        n_respondents=960, n_units=8, n_pilot=3, n_comparison=0 if plan.design is Design.BEFORE_AFTER else 5,
        status=EstimateStatus.ESTIMATED.value, flags=flags,
    )
    headline = replace(headline, **more)  # type: ignore[arg-type]
    if interval80 is None:
        middle = [(estimate or 0.0) + side * (error or 0.0) * 1.44 for side in (-1, 1)]
        interval80 = (middle[0], middle[1]) if error else (None, None)
    return Answer(name, label, headline, (), units, flags, interval80, refusals=refusals)


def finding_of(documents: Documents, *args: object, **more: object) -> Finding:
    """The finding of a hand-written answer, every wave loaded."""
    return judge(answer_of(documents, *args, **more), documents, ALL_LOADED)  # type: ignore[arg-type]
