"""What further waves of a study say about one of its answers: every wave beside the last before the start, and staggered starts.

These rows go with a difference in differences of units that are compared with one another: where organisations hold both arms, or
gather their units, waves are left to the analyst. Source: docs/methods.md, section 16.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from evaluation.errors import DesignError
from evaluation.evidence.evidence import Evidence
from evaluation.inference.design import Contrast
from evaluation.inference.estimate import Estimate
from evaluation.inference.flags import counted, flag
from evaluation.inference.over_time.event_study import studied
from evaluation.inference.over_time.group_time import NEVER, NOT_YET
from evaluation.inference.over_time.staggered import DESIGN, effects_of
from evaluation.inference.over_time.starts import Starts
from evaluation.inference.over_time.unit_waves import UnitWaves, unit_waves
from evaluation.inference.question import Question
from evaluation.inference.restated import not_worked_out
from evaluation.organisations.register import Register
from evaluation.protocol.model import Wave
from evaluation.terms import Design


def over_time(
    question: Question, contrast: Contrast, evidence: Evidence, register: Register, blank: Estimate
) -> tuple[Estimate, ...]:
    """The rows that the study's other waves allow, or one that says why they allow nothing; none where a dose is compared.

    Args:
        question: the estimand.
        contrast: the arms compared.
        evidence: moments of every wave.
        register: says when each pilot began.
        blank: the row of the answer, before any number.
    """
    if question.design is not Design.DIFFERENCE_IN_DIFFERENCES or question.estimand.dose is not None:
        return ()
    whole = evidence.moments[question.estimand.measure].with_covariates(question.estimand.covariates)
    own = whole.select(contrast.side(whole.cells["arm"]).notna())
    waves = [name for name in question.protocol.waves if name in set(own.cells["wave"])]
    if len(waves) < 3:
        return ()
    blank = replace(blank, flags=(), adjusted_p=None)
    try:
        figures = unit_waves(own, waves)
        return (*_every_wave(question, contrast, figures, waves, blank), *_staggered(question, figures, register, waves, blank))
    except DesignError as fault:
        return (not_worked_out(replace(blank, term="other waves", wave_from=waves[0], wave_to=waves[-1]), fault),)


def _every_wave(
    question: Question, contrast: Contrast, figures: UnitWaves, waves: list[str], blank: Estimate
) -> Iterator[Estimate]:
    """An event study, where at least two waves were asked before the start."""
    before = [name for name in waves if question.protocol.waves[name].before == "start"]
    if len(before) < 2 or waves[-1] in before:
        return
    confidence = question.protocol.look_confidence
    yield from studied(figures, contrast, waves.index(before[-1]), blank, confidence).estimates


def _staggered(
    question: Question, figures: UnitWaves, register: Register, waves: list[str], blank: Estimate
) -> tuple[Estimate, ...]:
    """Effects by start, where pilots began between different waves."""
    places = _places(figures, register, [question.protocol.waves[name] for name in waves])
    if places is None or len(set(places[(places > 0) & (places < len(waves))])) < 2:
        return ()
    began = places == 0
    if began.any():
        said = flag("always_piloted", counted(unit for unit, early in zip(figures.units, began, strict=True) if early))
        figures, places, blank = figures.only(~began), places[~began], replace(blank, flags=(said,))
    comparison = NEVER if np.any(places == len(waves)) else NOT_YET
    rows = replace(blank, design=DESIGN, contrast=f"piloted - {comparison}", wave_from=None, wave_to=None)
    return effects_of(Starts(figures, places, ()), rows, comparison, question.protocol.seed)


def _places(figures: UnitWaves, register: Register, waves: list[Wave]) -> np.ndarray | None:
    """The first wave that opened after each unit began, (G,), T where none did; None where a pilot has no start."""
    units = register.units.set_axis(register.units.index.astype(str)).reindex(list(figures.units))
    if ((units["role"] == "pilot") & units["start"].isna()).any():
        return None
    return np.array([_place(start, waves) for start in units["start"]], dtype=np.intp)


def _place(start: date | None, waves: list[Wave]) -> int:
    if start is None or pd.isna(start):
        return len(waves)
    return next((place for place, wave in enumerate(waves) if wave.opens >= start), len(waves))
