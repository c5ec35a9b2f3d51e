"""The analyst's mixed model: a formula, random intercepts of nested groupings, degrees of freedom for few organisations."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from evaluation.errors import DesignError
from evaluation.evidence.any_table import Source, opened, schema_of
from evaluation.evidence.centres import centres_in
from evaluation.evidence.moments import Moments
from evaluation.evidence.row_sums import row_sums
from evaluation.figures.coefficients import Coefficient, coefficients
from evaluation.figures.looks import LIGHT, Look
from evaluation.inference.estimate import Estimate, Estimates
from evaluation.inference.fit.asked import check_columns, columns_for
from evaluation.inference.fit.columns import Columns
from evaluation.inference.fit.formula import Formula, parse
from evaluation.inference.fit.people import UNITS
from evaluation.inference.fit.readings import Reading, lost, readings, still_units
from evaluation.inference.fit.regression import CONSTANT
from evaluation.inference.fit.sides import Sides, between
from evaluation.inference.fit.tables import refuse_empty, row_count
from evaluation.inference.mixed.effects import effects
from evaluation.inference.mixed.grouped_sums import grouped_sums
from evaluation.inference.mixed.model import At
from evaluation.inference.mixed.reml import fit
from evaluation.inference.mixed.repeated import refuse_one_intercept, refuse_without_unit
from evaluation.inference.mixed.small_samples import SmallSample, small_sample
from evaluation.inference.panel import filled, withheld
from evaluation.inference.refusals import Facts, refusals, standing
from evaluation.inference.resolution import floor
from evaluation.terms import Beside, Design

CAREFUL = "kenward-roger"
WAVE = "wave"
MOST = 3
AT_ZERO = (
    "The variance of {groups} was estimated at 0. Kenward and Roger's degrees of freedom are then very careful; Satterthwaite's "
    "leave it out."
)


def _five(value: float) -> str:
    """Five digits, whatever a library has told pandas to print."""
    return f"{value:.5g}"


@dataclass(frozen=True)
class RandomEffects:
    """A fitted mixed model: `groups` as asked, the `model`, the coefficients `told`, and whom each one compares.

    `unmoved` names by term the levels of the coarsest grouping that are on one side of it throughout, as those in one wave only.
    `n_left_out` rows had something missing.
    """

    formula: str
    outcome: str
    groups: tuple[str, ...]
    model: At
    told: tuple[Reading, ...]
    sides: Mapping[str, Sides]
    unmoved: Mapping[str, tuple[str, ...]]
    n_left_out: int

    @property
    def variances(self) -> dict[str, float]:
        """By grouping, then 'residual', in squared points of the outcome."""
        scale = self.model.squares / self.model.df
        found = {one.name: float(theta * scale) for one, theta in zip(self.model.sums.groupings, self.model.theta, strict=True)}
        return {name: found[name] for name in self.groups} | {"residual": float(scale)}

    @property
    def shares(self) -> dict[str, float]:
        """The share of the whole variance that lies between the levels of each grouping: the intraclass correlation of one."""
        whole = sum(self.variances.values())
        return {name: self.variances[name] / whole for name in self.groups}

    @property
    def levels(self) -> dict[str, int]:
        """How many levels each grouping has."""
        found = {one.name: len(one.levels) for one in self.model.sums.groupings}
        return {name: found[name] for name in self.groups}

    @property
    def unit(self) -> str:
        """The coarsest grouping, by which sides are counted."""
        return min(self.groups, key=self.levels.__getitem__)

    def estimates(self, df: str = CAREFUL, confidence: float = 0.95) -> Estimates:
        """One estimate a coefficient.

        Args:
            df: 'kenward-roger', whose standard errors are adjusted too, or 'satterthwaite'. Kenward and Roger's is very
                careful where a variance is near 0, as it often is with few organisations: see the sentence of `summary`.
            confidence: of the intervals.

        Raises:
            DesignError: other degrees of freedom.
        """
        sample = small_sample(self.model, df)
        return Estimates(tuple(self._row(reading, sample, df, confidence) for reading in self.told))

    def tidy(self, df: str = CAREFUL, confidence: float = 0.95) -> pd.DataFrame:
        """One row a coefficient, with the columns of `RESULT_COLUMNS`; arguments as of `estimates`."""
        return self.estimates(df, confidence).tidy()

    def glance(self) -> pd.DataFrame:
        """One row: sizes, the log restricted likelihood, and of every grouping its levels, variance and share."""
        record: dict[str, object] = {
            "formula": self.formula, "measure": self.outcome, "n_respondents": int(self.model.sums.n),
            "n_left_out": self.n_left_out, "log_likelihood": -self.model.criterion / 2,
        }  # fmt: skip
        for name in self.groups:
            record |= {f"levels {name}": self.levels[name], f"variance {name}": self.variances[name]}
            record[f"share {name}"] = self.shares[name]
        return pd.DataFrame([record | {"variance residual": self.variances["residual"]}])

    def units(self, confidence: float = 0.95) -> pd.DataFrame:
        """Every level's own effect, drawn towards 0 by how little is known of it, with interval (`mixed.effects`)."""
        table = effects(self.model, confidence)
        return pd.concat([table[table["group"] == name] for name in self.groups], ignore_index=True)

    def summary(self, df: str = CAREFUL, confidence: float = 0.95) -> str:
        """The model for a terminal: its variances, the coefficients, and a caution where a variance is 0."""
        shown = ["term", "estimate", "std_error", "df", "p_value", "conf_low", "conf_high", "status"]
        table = self.tidy(df, confidence)[shown].to_string(index=False, na_rep="", float_format=_five)
        parts = [self.glance().T.to_string(header=False, float_format=_five), table]
        flat = [name for name in self.groups if self.variances[name] == 0]
        return "\n\n".join([*parts, *([AT_ZERO.format(groups=", ".join(flat))] if flat else [])]) + "\n"

    def plot(self, df: str = CAREFUL, confidence: float = 0.95, look: Look = LIGHT) -> Any:
        """The coefficients but the constant, with their intervals, as a `plotly.graph_objects.Figure`."""
        from evaluation.figures.plotting import as_figure  # plotly takes long to import

        rows = [row for row in self.estimates(df, confidence) if row.estimate is not None and row.term != CONSTANT]
        drawn = [Coefficient(str(row.term), float(row.estimate or 0.0), row.conf_low, row.conf_high) for row in rows]
        return as_figure(coefficients(drawn, look))

    def _repr_html_(self) -> str:
        return str(self.tidy().dropna(axis="columns", how="all").to_html(index=False))

    def _row(self, reading: Reading, sample: SmallSample, df: str, confidence: float) -> Estimate:
        row = Estimate(
            measure=self.outcome, estimator=Beside.RANDOM_EFFECTS.value, term=reading.term, confidence=confidence, unit=self.unit,
            n_respondents=int(self.model.sums.n), n_units=self.levels[self.unit], flags=still_units(reading.term, self.unmoved),
        )  # fmt: skip
        if reading.contrast is None:
            return lost(row, reading.dropped)
        found = sample.infer(reading.contrast)
        centre = self.model.sums.centre if reading.term == CONSTANT else 0.0
        row = filled(row, replace(found, estimate=found.estimate + centre), df, confidence)
        return self._borne(row, self.sides[reading.term], confidence) if reading.term in self.sides else row

    def _borne(self, row: Estimate, sides: Sides, confidence: float) -> Estimate:
        """The row with what the number of units on either side cannot bear taken away (docs/methods.md, section 6)."""
        pilots, others = sides.pilots, sides.others
        row = replace(row, resolution_floor=floor(pilots, pilots + others), n_pilot=pilots, n_comparison=others)
        facts = Facts(Design.COMPARISON, pilots, others, 2, self.unit, f"{self.unit}s", confidence=confidence)
        return withheld([row], *standing(refusals(facts)))[0].beside_floor()


def random_effects(formula: str, data: Source, groups: Sequence[str], *, wave: str | None = None) -> RandomEffects:
    """Fit a mixed model by restricted maximum likelihood, from sums of one scan.

    Args:
        formula: the outcome, '~', terms, as `fit` takes them: "score ~ pilot * follow_up".
        data: a pandas, polars or Arrow table, a DuckDB relation, or the path of a Parquet file.
        groups: one to three random intercepts, each named by the columns that make its levels: "organisation",
            "organisation:wave", "organisation:person". All must be nested in the coarsest.
        wave: the column of waves; not needed where it is called 'wave'.

    Returns:
        The model with `.tidy(df="kenward-roger")`, `.glance()`, `.summary()`, `.plot()` and `.units()`. Rows with something
        missing are left out and counted.

    Raises:
        DesignError: a column is missing; waves are compared with a random intercept for organisations alone, or organisations
            with one for people alone; or the data cannot settle the variances, with the grouping that is to blame.
    """
    asked, source = parse(formula), opened(data)
    schema, keys = schema_of(source), [group.split(":") for group in groups]
    wave = wave or (WAVE if WAVE in schema.names else None)
    units = [name for name in UNITS if name in schema.names]
    by = list(dict.fromkeys([*(name for key in keys for name in key), *units, *([wave] if wave else [])]))
    if len(asked.outcomes) != 1 or not 1 <= len(set(groups)) == len(groups) <= MOST:
        raise DesignError(
            f"a mixed model takes one outcome and one to {MOST} different groups.", fix="fit outcomes one by one.", code="groups"
        )
    check_columns(asked, schema, by)
    columns, outcome = columns_for(asked, source, schema), asked.outcomes[0]
    centres = centres_in(source, asked.outcomes) if asked.constant else {}
    found = row_sums(source, columns, [outcome], by=dict(zip(by, by, strict=True)), centres=centres)[outcome]
    moments = found.select(found.cells[[name for key in keys for name in key]].notna().all(axis=1))
    refuse_empty(outcome, len(moments.cells), columns.names)
    refuse_without_unit(moments, columns, keys, units, wave)
    return _fitted(asked, moments, columns, keys, wave, row_count(source))


def _fitted(
    asked: Formula, moments: Moments, columns: Columns, keys: Sequence[Sequence[str]], wave: str | None, rows: int
) -> RandomEffects:
    by_size = sorted(keys, key=lambda key: len(moments.cells[list(key)].drop_duplicates()))
    refuse_one_intercept(moments, columns, by_size[-1], wave)
    q = 1 + columns.terms
    at = [*range(q), len(moments.names) - 1]
    regression = replace(moments, names=tuple(moments.names[k] for k in at), products=moments.products[:, at][:, :, at])
    constant = np.ones((len(moments.cells), int(asked.constant)))
    model = fit(grouped_sums(regression, constant, (CONSTANT,) * int(asked.constant), keys))
    root = model.sums.root
    told = readings(columns, root.kept, root.explained_by, constant=asked.constant)
    compared = between(moments.pool(by_size[0]), columns)
    sides = {reading.term: two for reading in told if (two := compared.sides(reading.piece)) is not None}
    groups = tuple(":".join(key) for key in keys)
    unmoved = {name: units for reading in told for name, units in compared.unmoved(reading.piece).items()}
    return RandomEffects(asked.text, moments.outcome, groups, model, tuple(told), sides, unmoved, rows - int(moments.n.sum()))
