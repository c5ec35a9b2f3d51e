"""The headline method on any table, in two lines, without a study."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from evaluation.errors import DesignError
from evaluation.evidence.any_table import Source, label_in, opened
from evaluation.evidence.moments import Moments
from evaluation.evidence.scan import near_moments
from evaluation.inference.absent import Named, named_in, nobody_in_both, refuse_waves
from evaluation.inference.bayes import prior_sensitivity
from evaluation.inference.cautions import dropped_cautions, sized_cautions
from evaluation.inference.confidence import refuse_confidence
from evaluation.inference.design import TARGET_TERM, Contrast
from evaluation.inference.estimate import Estimate, Estimates
from evaluation.inference.flags import counted, flag, sentence
from evaluation.inference.level_row import estimated_each
from evaluation.inference.panel import ERRORS, absorbed_row, least_squares_rows, lifted, sign_rows, unit_rows, withheld
from evaluation.inference.placebo import PlaceboTest, placebo
from evaluation.inference.pooling import partially_pooled
from evaluation.inference.refusals import Facts, Keeps, borne, refusals
from evaluation.inference.resolution import floor
from evaluation.inference.unit_level import UnitLevel, balanced, changes, without_each
from evaluation.inference.variance import least_squares
from evaluation.terms import Design, Estimator

PILOT_WORDS = ("pilot", "true", "1", "1.0")


def unit_change(
    data: Source,
    score: str,
    *,
    unit: str,
    wave: str,
    baseline: object,
    follow_up: object,
    arm: str | None = None,
    pilot: str | None = None,
    adjust_for: Sequence[str] = (),
    weights: str | None = None,
    confidence: float = 0.95,
) -> "UnitChanges":
    """Compare how units changed between two waves (docs/methods.md, formula 4), with least squares beside it.

    Args:
        data: a pandas, polars or Arrow table, a DuckDB relation, or the path of a Parquet file; one row a respondent and wave,
            or a unit's mean.
        score: the numeric column that is compared.
        unit: the column that names what was assigned.
        wave: the column that names the wave.
        baseline: the earlier wave, as the column has it or as text.
        follow_up: the later wave.
        arm: the column that says which units are pilots; without it pilots' change is estimated, which is not an effect.
        pilot: the value of `arm` that means pilot; not needed where it is 'pilot', true or 1.
        adjust_for: covariates, as in `evidence.scan.moments_of`.
        weights: a column of weights. A unit's figure is then its weighted mean, whose sampling variance counts Kish's effective
            respondents; rows of weight zero are left out, and a unit that has no others is named in a flag.
        confidence: of the intervals.

    Returns:
        The headline first, then what stands beside it; with weights, no row with unit levels absorbed (docs/methods.md, rule 3).
        A p-value that few units cannot bear is missing, `status` says so.

    Raises:
        DesignError: a column is missing or holds no finite numbers, a weight is negative, the arm cannot be read or is not the
            same throughout a unit, or nothing can be estimated, with every reason.
    """
    source = opened(data)
    whole = near_moments(source, score, adjust_for, unit=unit, wave=wave, arm=arm, weights=weights)
    waves = labels_of(source, wave, baseline, follow_up)
    table = compared(whole, arm, pilot, waves, named_in(source, whole, unit, wave, waves))
    level = changes(table.usable, table.contrast, table.design, table.waves[1])
    facts = facts_of(level, table.design, confidence)
    status, keeps = borne(facts)
    blank = replace(blank_of(table, facts), measure=score, unit=unit, confidence=confidence)
    said = tuple(f"{refusal.sentence} {refusal.remedy}" for refusal in refusals(facts))
    rows = withheld(_rows(blank, table, level, confidence), status, keeps)
    return UnitChanges(tuple(row.beside_floor() for row in rows), level, keeps, said)


@dataclass(frozen=True)
class UnitChanges(Estimates):
    """Estimates with the unit-level figures behind them, for a second look by other methods in one line.

    `level` holds one figure a unit with its sampling variance; `keeps` what the refusals leave standing, None where all of it,
    and `refused` says why.
    """

    level: UnitLevel
    keeps: Keeps | None = None
    refused: tuple[str, ...] = ()

    def summary(self) -> str:
        """The table for a terminal, then why something is withheld, and every caution as a sentence."""
        cautions = dict.fromkeys(sentence(text) for row in self for text in row.flags)
        return "\n".join([super().summary(), *self.refused, *cautions])

    def placebo(self, *, seed: int = 0, confidence: float = 0.95) -> PlaceboTest:
        """The real placement of arms among all others (`placebo.placebo`).

        Raises:
            DesignError: the design has too few units for a p-value, or nothing to exchange.
        """
        refuse_confidence(confidence)
        if self.keeps is not None:
            fix = "read the changes unit by unit: `level.outcome` beside `level.units`."
            raise DesignError("so few units carry no p-value, by placebo or otherwise.", fix=fix, code="few")
        return placebo(self.level, seed=seed, confidence=confidence)

    def bayesian(self, scales: Sequence[float], important: float, confidence: float = 0.95) -> pd.DataFrame:
        """Posterior readings under several priors of the spread between units, one row a scale (`bayes.prior_sensitivity`)."""
        refuse_confidence(confidence)
        return prior_sensitivity(self.level, scales, important, confidence)

    def units(self, confidence: float = 0.95) -> pd.DataFrame:
        """Each unit's own change and the change drawn towards its arm's, with interval (`pooling.partially_pooled`)."""
        refuse_confidence(confidence)
        return partially_pooled(self.level, confidence)

    def without_each_unit(self) -> pd.DataFrame:
        """The headline without each unit: columns unit, estimate, std_error and df, missing where nothing is left to tell.

        Errors are missing too where the headline itself is withheld.
        """
        found = estimated_each(without_each(self.level))
        rows = [(None, None, None) if one is None else (one.estimate, one.std_error, one.df) for one in found]
        frame = pd.DataFrame(rows, columns=["estimate", "std_error", "df"], dtype=float)
        if self.keeps is not None:
            frame[["std_error", "df"]] = float("nan")
        frame.insert(0, "unit", list(self.level.units))
        return frame


def labels_of(source: Source, wave: str, *values: object) -> tuple[str, str]:
    """The two waves as cells name them."""
    first, second = (label_in(source, wave, value) for value in values)
    return first, second


@dataclass(frozen=True)
class Compared:
    """The cells of units that answered in both waves, what is compared, the names of units left out, and rows that name none."""

    usable: Moments
    contrast: Contrast
    design: Design
    waves: tuple[str, str]
    left_out: tuple[str, ...]
    unnamed: int


def compared(whole: Moments, arm: str | None, pilot: str | None, waves: tuple[str, str], named: Named) -> Compared:
    """The cells of `whole` that can be compared at `waves`, in whose rows are those `named`.

    Raises:
        DesignError: no unit answered twice, a unit has no arm, or more than one, or the arm cannot be read.
    """
    refuse_waves(whole.cells["wave"], waves)
    if arm:
        one_arm_each(whole.cells[whole.cells["wave"].isin(waves)], arm)
    contrast = contrast_of(whole.cells, arm, pilot)
    usable, _ = balanced(replace(whole, cells=whole.cells if arm else whole.cells.assign(arm="pilot")), waves)
    if not len(usable.cells):
        raise nobody_in_both(whole.cells["wave"], waves)
    left_out = tuple(sorted(named.units - set(usable.cells["unit"].astype(str))))
    design = Design.DIFFERENCE_IN_DIFFERENCES if arm else Design.BEFORE_AFTER
    return Compared(usable, contrast, design, waves, left_out, named.unnamed)


def one_arm_each(cells: pd.DataFrame, arm: str) -> None:
    """An arm belongs to a unit: the same in both waves and in every row."""
    missing = sorted(set(cells.loc[cells["arm"].isna(), "unit"].astype(str)))
    if missing:
        said = f"'{arm}' is empty in rows of units ({counted(missing)})."
        raise DesignError(said, fix="give these units an arm, or leave out all their rows.", code="arm")
    held = cells.groupby("unit")["arm"].nunique()
    double = held.index[held > 1]
    if not len(double):
        return
    inside = cells.groupby(["unit", "wave"])["arm"].nunique().max() > 1
    fix = "give the column of what was assigned as unit=." if inside else (
        "the column must say in both waves which units are pilots; one that is 'pilot' only after the start (treated x post) "
        "says nothing about who is compared."
    )
    raise DesignError(f"units stand in two arms ({counted(map(str, double))}).", fix=fix, code="arm")


def blank_of(table: Compared, facts: Facts) -> Estimate:
    """The row of what is compared, before any number, with the cautions that its sizes call for."""
    row = Estimate(
        design=table.design.value,
        estimator=Estimator.UNIT_CHANGE.value,
        term=TARGET_TERM[table.design],
        contrast=table.contrast.label,
        wave_from=table.waves[0],
        wave_to=table.waves[1],
        resolution_floor=floor(facts.n_pilot, facts.units, table.design),
        weighted=table.usable.weighted,
        n_respondents=int(table.usable.n.sum()),
        n_units=facts.units,
        n_pilot=facts.n_pilot,
        n_comparison=facts.n_comparison,
    )
    unnamed = [flag("rows_without_unit", f"{table.unnamed:,}")] if table.unnamed else []
    sized = sized_cautions(row, table.left_out, (), facts.unit_plural, 1 - facts.confidence)
    return replace(row, flags=(*sized, *unnamed))


def _rows(blank: Estimate, table: Compared, level: UnitLevel, confidence: float) -> tuple[Estimate, ...]:
    regression = lifted(table.usable, table.contrast, table.design, table.waves[1], ())
    fit = least_squares(regression)
    changed, squared = (replace(blank, flags=(*blank.flags, *dropped_cautions(own.dropped))) for own in (level, fit))
    squares = least_squares_rows(squared, fit, ERRORS, confidence)
    rest = () if table.usable.weighted else absorbed_row(squared, regression, table.design, confidence, {})
    signs = sign_rows(changed, level.outcome) if table.design.alone else ()
    return (*unit_rows(changed, level, confidence), *squares, *rest, *signs)


def contrast_of(cells: pd.DataFrame, arm: str | None, pilot: str | None) -> Contrast:
    """Which values of the column `arm` of `cells` stand on which side; `arm` is what messages call it."""
    if arm is None:
        return Contrast("pilot", ("pilot",), ())
    values = sorted({str(value) for value in cells["arm"].dropna()})
    left = [value for value in values if (value == str(pilot) if pilot is not None else value.casefold() in PILOT_WORDS)]
    right = [value for value in values if value not in left]
    if values == left:
        said = f"everybody is in '{left[0]}': there is nobody to compare with."
        fix = "add units without the pilot; unit_change without arm= tells pilots' change, which is not an effect."
        raise DesignError(said, fix=fix, code="arm")
    if len(left) != 1 or len(right) != 1:
        raise DesignError(
            f"'{arm}' holds {', '.join(values) or 'nothing'}: two values are compared, and one must be known to mean pilot.",
            fix="give pilot='...' and keep only the rows of the two arms.",
            code="arm",
        )
    return Contrast(f"{left[0]} - {right[0]}", (left[0],), (right[0],))


def facts_of(level: UnitLevel, design: Design, confidence: float) -> Facts:
    """What refusals look at."""
    alone = design.alone
    pilots = len(level.units) if alone else int((level.columns[:, level.target] == 1).sum())
    return Facts(
        design, pilots, len(level.units) - pilots, level.columns.shape[1], "unit", "units", no_spread=not level.varies,
        confidence=confidence,
    )  # fmt: skip
