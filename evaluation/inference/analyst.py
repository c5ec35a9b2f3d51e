"""The headline method on any table, in two lines, without a study."""

from collections.abc import Sequence
from dataclasses import replace

from evaluation.errors import DesignError, Problem
from evaluation.evidence.any_table import Source
from evaluation.evidence.moments import Moments
from evaluation.evidence.scan import moments_of
from evaluation.inference.design import TARGET_TERM, Contrast
from evaluation.inference.estimate import Estimate, Estimates
from evaluation.inference.flags import counted, flag
from evaluation.inference.panel import absorbed_row, least_squares_rows, lifted, sign_rows, unit_rows, withheld
from evaluation.inference.refusals import Facts, Keeps, refusals, standing
from evaluation.inference.resolution import floor
from evaluation.inference.unit_level import UnitLevel, balanced, changes
from evaluation.inference.variance import least_squares
from evaluation.terms import Design, Estimator

PILOT_WORDS = ("pilot", "true", "1", "1.0")
KINDS = ("CR2", "CR1", "CR1S")


def unit_change(
    data: Source,
    score: str,
    *,
    unit: str,
    wave: str,
    baseline: str,
    follow_up: str,
    arm: str | None = None,
    pilot: str | None = None,
    adjust_for: Sequence[str] = (),
    confidence: float = 0.95,
) -> Estimates:
    """Compare how units changed between two waves (methods note, formula 6), with least squares beside it.

    Args:
        data: a pandas, polars or Arrow table, or the path of a Parquet file; one row a respondent and wave, or a unit's mean.
        score: the numeric column that is compared.
        unit: the column that names what was assigned.
        wave: the column that names the wave.
        baseline: the earlier wave.
        follow_up: the later wave.
        arm: the column that says which units are pilots; without it pilots' change is estimated, which is not an effect.
        pilot: the value of `arm` that means pilot; not needed where it is 'pilot', true or 1.
        adjust_for: covariates, as in `evidence.scan.moments_of`.
        confidence: of the intervals.

    Returns:
        The headline first, then what stands beside it. A p-value that few units cannot bear is missing, `status` says so.

    Raises:
        DesignError: a column is missing, the arm cannot be read, or nothing can be estimated, with every reason.
    """
    whole = moments_of(data, score, adjust_for, unit=unit, wave=wave, arm=arm)
    contrast = _contrast(whole, arm, pilot)
    design = Design.DIFFERENCE_IN_DIFFERENCES if arm else Design.BEFORE_AFTER
    named = whole.cells.assign(arm=whole.cells["arm"] if arm else "pilot")
    usable, left_out = balanced(replace(whole, cells=named), (str(baseline), str(follow_up)))
    level = _level(usable, contrast, design, str(follow_up), (str(baseline), str(follow_up)))
    facts = _facts(level, design)
    found = refusals(facts)
    status, keeps = standing(found)
    if keeps is Keeps.NOTHING:
        raise DesignError([Problem(refusal.sentence, fix=refusal.remedy, code=refusal.rule) for refusal in found])
    blank = Estimate(
        measure=score,
        design=design.value,
        estimator=Estimator.UNIT_CHANGE.value,
        term=TARGET_TERM[design],
        contrast=contrast.label,
        wave_from=str(baseline),
        wave_to=str(follow_up),
        confidence=confidence,
        resolution_floor=floor(facts.n_pilot, facts.units, design),
        unit=unit,
        n_respondents=int(usable.n.sum()),
        n_units=facts.units,
        n_pilot=facts.n_pilot,
        n_comparison=facts.n_comparison,
        flags=(flag("unbalanced_waves", counted(left_out)),) if left_out else (),
    )
    regression = lifted(usable, contrast, design, str(follow_up), ())
    squares = least_squares_rows(blank, least_squares(regression), KINDS, confidence)
    rest = absorbed_row(blank, regression, design, confidence) + (sign_rows(blank, level.outcome) if arm is None else ())
    return Estimates(withheld((*unit_rows(blank, level, confidence), *squares, *rest), status, keeps))


def _contrast(moments: Moments, arm: str | None, pilot: str | None) -> Contrast:
    """Which values of the arm column stand on which side."""
    if arm is None:
        return Contrast("pilot", ("pilot",), ())
    values = sorted({str(value) for value in moments.cells["arm"].dropna()})
    left = [value for value in values if (value == str(pilot) if pilot is not None else value.casefold() in PILOT_WORDS)]
    right = [value for value in values if value not in left]
    if len(left) != 1 or len(right) != 1:
        raise DesignError(
            f"'{arm}' holds {', '.join(values) or 'nothing'}: two values are compared, and one must be known to mean pilot.",
            fix="give pilot='...' and keep only the rows of the two arms.",
            code="arm",
        )
    return Contrast(f"{left[0]} - {right[0]}", (left[0],), (right[0],))


def _level(usable: Moments, contrast: Contrast, design: Design, follow_up: str, waves: tuple[str, str]) -> UnitLevel:
    if not len(usable.cells):
        raise DesignError(
            f"no unit answered in both '{waves[0]}' and '{waves[1]}'.", fix="check the names of the waves.", code="empty"
        )
    double = usable.cells.groupby("unit").size() > len(waves)
    if double.any():
        names = ", ".join(map(str, double.index[double][:8]))
        raise DesignError(f"units stand in two arms: {names}.", fix="give the column of what was assigned as unit=.", code="arm")
    return changes(usable, contrast, design, follow_up)


def _facts(level: UnitLevel, design: Design) -> Facts:
    alone = design is Design.BEFORE_AFTER
    pilots = len(level.units) if alone else int((level.columns[:, level.target] == 1).sum())
    return Facts(design, pilots, len(level.units) - pilots, level.columns.shape[1], "unit", "units", no_spread=not level.varies)
