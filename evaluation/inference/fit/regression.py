"""What every fitted regression can tell, whether it was fitted from sums or from rows."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from evaluation.errors import DesignError
from evaluation.figures.coefficients import Coefficient, coefficients
from evaluation.figures.looks import LIGHT, Look
from evaluation.inference.estimate import Estimate, Estimates
from evaluation.inference.flags import counted, sentence
from evaluation.registry import nearest

CONSTANT = "1"
ROUNDING = 1e-13
"""Of the outcome's variation: what is left below this is rounding, not people."""
_SHOWN = ["measure", "term", "estimate", "std_error", "df", "p_value", "conf_low", "conf_high", "status"]


@dataclass(frozen=True)
class Quality:
    """How a regression stands as a whole.

    Attributes:
        n_respondents: complete rows; `n_left_out` rows had something missing, or a weight of zero.
        n_units: clusters, or rows where every row was assigned by itself; `unit` is the word for them.
        sigma: the residual standard deviation, in points of the outcome.
        r_squared: the share of the outcome's (weighted) variation about its mean that the columns account for.
        condition_number: of the columns at unit length, after those that add nothing were dropped.
        dropped: why each of these was dropped.
        unmoved: for a factor of a term that compares clusters over it (waves), clusters in which it does not change: they
            stand on one side of the comparison only.
        absent: clusters of which no row counts: something is missing in each, or it has a weight of zero.
    """

    n_respondents: int
    n_left_out: int
    n_units: int
    unit: str
    weighted: bool
    sigma: float
    r_squared: float
    condition_number: float
    dropped: Mapping[str, str]
    unmoved: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    absent: tuple[str, ...] = ()

    @property
    def explains_all(self) -> bool:
        """Whether the columns leave nothing of the outcome unexplained, so that no error can be measured."""
        return 1 - self.r_squared < ROUNDING

    def as_record(self) -> dict[str, object]:
        """The fields as cells of a table, but for `absent`, of which a caution tells."""
        dropped = "; ".join(f"{name}: {reason}" for name, reason in self.dropped.items())
        unmoved = "; ".join(f"{name} in {counted(units)}" for name, units in self.unmoved.items())
        told = {name: value for name, value in vars(self).items() if name != "absent"}
        return {**told, "dropped": dropped, "unmoved": unmoved}


class Shown(ABC):
    """Tables, text and picture of estimates that come with a choice of standard errors."""

    @abstractmethod
    def estimates(self, variance: str | None = None, confidence: float = 0.95, df: str | None = None) -> Estimates:
        """One estimate a coefficient."""

    @property
    @abstractmethod
    def cautions(self) -> tuple[str, ...]:
        """What to know of the regression as a whole, in sentences."""

    @abstractmethod
    def glance(self) -> pd.DataFrame:
        """One row a regression."""

    def tidy(self, variance: str | None = None, confidence: float = 0.95, df: str | None = None) -> pd.DataFrame:
        """One row a coefficient, with the columns of `RESULT_COLUMNS`.

        Args:
            variance: CR0, CR1, CR1S, CR2 or CR3 with clusters; HC2, HC1 or classical without. CR2 and HC2 where not given.
            confidence: of the intervals.
            df: 'satterthwaite' asks for these degrees of freedom beside any cluster-robust error; where not given they stand
                beside CR2, and G - 1 beside the others, as their users report them.
        """
        return self.estimates(variance, confidence, df).tidy()

    def summary(self, variance: str | None = None, confidence: float = 0.95, df: str | None = None) -> str:
        """The regression for a terminal: its sizes, the coefficients, and every caution as a sentence."""
        found = self.estimates(variance, confidence, df)
        table = found.tidy()[_SHOWN].to_string(index=False, na_rep="", float_format=lambda value: f"{value:.5g}")
        cautions = dict.fromkeys(f"{row.term}: {sentence(text)}" for row in found for text in row.flags)
        sizes = self.glance().to_string(index=False, float_format=lambda value: f"{value:.5g}")
        return "\n\n".join([sizes, table, "\n".join([*cautions, *self.cautions])]).rstrip() + "\n"

    def plot(self, variance: str | None = None, confidence: float = 0.95, look: Look = LIGHT, df: str | None = None) -> Any:
        """The coefficients but the constant, with their intervals, as a `plotly.graph_objects.Figure`."""
        from evaluation.figures.plotting import as_figure  # plotly takes long to import

        rows = [row for row in self.estimates(variance, confidence, df) if row.estimate is not None and row.term != CONSTANT]
        several = len({row.measure for row in rows}) > 1
        return as_figure(coefficients([_drawn(row, several) for row in rows], look))

    def _repr_html_(self) -> str:
        return str(self.tidy().dropna(axis="columns", how="all").to_html(index=False))


def _drawn(row: Estimate, several: bool) -> Coefficient:
    label = f"{row.measure}: {row.term}" if several else str(row.term)
    return Coefficient(label, float(row.estimate or 0.0), row.conf_low, row.conf_high)


@dataclass(frozen=True)
class Fits(Shown):
    """The regressions of several outcomes on the same columns, from one scan; `fits["q1"]` is that of q1."""

    items: tuple["Regression", ...]

    def __iter__(self) -> Iterator["Regression"]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, outcome: str) -> "Regression":
        return self.items[place_of(outcome, [item.outcome for item in self.items], "outcome")]

    def estimates(self, variance: str | None = None, confidence: float = 0.95, df: str | None = None) -> Estimates:
        """One estimate a coefficient, outcome by outcome."""
        return Estimates(tuple(row for item in self.items for row in item.estimates(variance, confidence, df)))

    @property
    def cautions(self) -> tuple[str, ...]:
        """Those of every outcome."""
        return tuple(f"{item.outcome}: {said}" for item in self.items for said in item.cautions)

    def glance(self) -> pd.DataFrame:
        """One row an outcome."""
        return pd.concat([item.glance() for item in self.items], ignore_index=True)


@dataclass(frozen=True)
class Regression(Shown):
    """One outcome's regression."""

    formula: str
    outcome: str
    quality: Quality

    @property
    def cautions(self) -> tuple[str, ...]:
        """Which clusters do not take part in a change, and of which no row counts."""
        unmoved, unit, absent = self.quality.unmoved, self.quality.unit, self.quality.absent
        lost = f"No row of these {unit}s counts: something is missing in each, or its weight is 0 ({counted(absent)})."
        return (lost,) * bool(absent) + tuple(
            f"{name} is the same throughout these {unit}s, which tell nothing of its change: {counted(units)}."
            for name, units in unmoved.items()
        )

    def glance(self) -> pd.DataFrame:
        """One row: the formula, sizes, fit, condition number and what was dropped."""
        return pd.DataFrame([{"formula": self.formula, "measure": self.outcome, **self.quality.as_record()}])


def place_of(name: str, names: list[str], what: str) -> int:
    """Where a name stands.

    Raises:
        DesignError: it is not there.
    """
    if name in names:
        return names.index(name)
    close = nearest(name, names)
    hint = f"did you mean '{close}'? " if close else ""
    raise DesignError(f"there is no {what} '{name}'.", fix=f"{hint}There are: {', '.join(names)}.", code=what)
