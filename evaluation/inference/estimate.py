"""What inference hands on: an estimate, several, and the answer to one estimand."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, SupportsFloat

import numpy as np
import pandas as pd

from evaluation.figures.coefficients import Coefficient, coefficients
from evaluation.figures.looks import LIGHT, Look
from evaluation.inference.confidence import refuse_confidence
from evaluation.inference.flags import flag
from evaluation.inference.refusals import Refusal
from evaluation.terms import RESULT_COLUMNS, Design, EstimateStatus


@dataclass(frozen=True)
class Estimate:
    """One number with all that must travel with it; the fields are the result columns, None where they do not apply.

    Estimates are in the measure's own direction and units. `unit` is the word for what was assigned; `flags` are
    entries of `flags.FLAGS`.
    """

    estimand: str | None = None
    measure: str | None = None
    population: str | None = None
    design: str | None = None
    estimator: str | None = None
    variance: str | None = None
    term: str | None = None
    contrast: str | None = None
    wave_from: str | None = None
    wave_to: str | None = None
    estimate: float | None = None
    std_error: float | None = None
    statistic: float | None = None
    df: float | None = None
    p_value: float | None = None
    adjusted_p: float | None = None
    confidence: float | None = None
    conf_low: float | None = None
    conf_high: float | None = None
    resolution_floor: float | None = None
    minimum_important_difference: float | None = None
    unit: str | None = None
    weighted: bool = False
    n_respondents: int | None = None
    n_units: int | None = None
    n_pilot: int | None = None
    n_comparison: int | None = None
    status: str = EstimateStatus.ESTIMATED.value
    flags: tuple[str, ...] = ()
    result_id: str | None = None

    def __post_init__(self) -> None:
        if self.confidence is not None:
            refuse_confidence(self.confidence)

    @property
    def alone(self) -> bool:
        """Whether only pilots' answers were read."""
        return self.design in [design.value for design in Design if design.alone]

    def without_p(self) -> "Estimate":
        """The same, with the p-value and its statistic taken out."""
        return replace(self, p_value=None, statistic=None)

    def without_error(self) -> "Estimate":
        """The same, with nothing left but the estimate."""
        return replace(self.without_p(), std_error=None, df=None, conf_low=None, conf_high=None)

    def without_number(self) -> "Estimate":
        """The same, without any result."""
        return replace(self.without_error(), estimate=None)

    def beside_floor(self) -> "Estimate":
        """The same, with a caution where the p-value is smaller than reassigning arms could give."""
        if self.p_value is None or self.resolution_floor is None or self.p_value >= self.resolution_floor:
            return self
        return replace(self, flags=(*self.flags, flag("below_floor", f"{self.resolution_floor:.2g}")))


if tuple(field.name for field in fields(Estimate)) != RESULT_COLUMNS:  # the contract of the results, checked once at import
    raise TypeError("Estimate and RESULT_COLUMNS differ")


@dataclass(frozen=True)
class Estimates:
    """Estimates as tables."""

    rows: tuple[Estimate, ...]

    def __iter__(self) -> Iterator[Estimate]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def tidy(self) -> pd.DataFrame:
        """One row an estimate, the columns of `RESULT_COLUMNS`; flags are joined by '; '."""
        records = [{**asdict(row), "flags": "; ".join(row.flags)} for row in self.rows]
        return pd.DataFrame(records, columns=list(RESULT_COLUMNS))

    def glance(self) -> pd.DataFrame:
        """One row for the whole: the headline (first) estimate's design, sizes, floor and status."""
        columns = [
            "design",
            "contrast",
            "wave_from",
            "wave_to",
            "n_units",
            "n_pilot",
            "n_comparison",
            "n_respondents",
            "resolution_floor",
            "status",
            "flags",
        ]
        return self.tidy().loc[:0, columns]

    def summary(self) -> str:
        """A plain table for a terminal, one line an estimate."""
        columns = ["estimator", "variance", "estimate", "std_error", "df", "p_value", "conf_low", "conf_high", "status"]
        table = self.tidy()[columns]
        return str(table.to_string(index=False, na_rep="", float_format=lambda value: f"{value:.4g}"))

    def plot(self, look: Look = LIGHT) -> Any:
        """Every row that has a number with its interval, as a `plotly.graph_objects.Figure`; methods stand below each other."""
        from evaluation.figures.plotting import as_figure  # plotly takes long to import

        rows = [row for row in self.rows if row.estimate is not None]
        several = [name for name in ("measure", "term") if len({getattr(row, name) for row in rows}) > 1]
        return as_figure(coefficients([_drawn(row, several) for row in rows], look))

    def _repr_html_(self) -> str:
        return str(self.tidy().dropna(axis="columns", how="all").to_html(index=False))


def _drawn(row: Estimate, several: Sequence[str]) -> Coefficient:
    """A row as it is drawn, named by its method and by what differs between rows."""
    words = [*(str(getattr(row, name)) for name in several), ", ".join(filter(None, (row.estimator, row.variance)))]
    return Coefficient(": ".join(filter(None, words)), float(row.estimate or 0.0), row.conf_low, row.conf_high)


@dataclass(frozen=True)
class Answer:
    """What the data say to one contrast of one estimand.

    `units`: one row a unit (for people assigned, one a place and arm) with columns unit, organisation, arm, role, n_from,
    n_to, mean_from, mean_to, change, adjusted_change, std_error, conf_low, conf_high. `adjusted_change` is what the headline
    used; the last three are its sampling error (people within the unit) and interval, missing where only means are known.
    `interval80` belongs to the headline, (None, None) where it has no interval. `beside` answers the same question by other
    methods; `further` answers others that go with it (groups, gaps, the answer without each unit), for the analyst only.
    """

    estimand: str
    contrast: str
    headline: Estimate
    beside: tuple[Estimate, ...]
    units: pd.DataFrame
    flags: tuple[str, ...] = ()
    interval80: tuple[float | None, float | None] = (None, None)
    within_people: pd.DataFrame | None = None
    refusals: tuple[Refusal, ...] = ()
    further: tuple[Estimate, ...] = ()

    @property
    def estimates(self) -> Estimates:
        """The headline first, then what stands beside it."""
        return Estimates((self.headline, *self.beside))


def number(value: SupportsFloat) -> float | None:
    """A plain Python float, None where it is not finite."""
    plain = float(value)
    return plain if np.isfinite(plain) else None
