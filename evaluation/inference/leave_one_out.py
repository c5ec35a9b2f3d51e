"""Least squares without each unit, from sums: S - S_g takes the place of S, no row is read again.

The spread of these coefficients around the whole fit's is the cluster jackknife, which equals CR3 in clubSandwich's convention;
MacKinnon, Nielsen & Webb and Stata multiply it by (G - 1) / G. Source: docs/methods.md, section 2.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from evaluation.inference.algebra import Array, inverse_root
from evaluation.inference.variance import LeastSquares


@dataclass(frozen=True)
class LeaveOneOut:
    """Coefficients without each unit: `coefficients` (G, k), NaN where they cannot be told, with the `reasons` by unit."""

    units: tuple[str, ...]
    terms: tuple[str, ...]
    whole: Array
    coefficients: Array
    reasons: dict[str, str]

    def tidy(self) -> pd.DataFrame:
        """One row a unit: unit, a column for each term, and reason where something cannot be told."""
        frame = pd.DataFrame(self.coefficients, columns=list(self.terms))
        frame.insert(0, "unit", list(self.units))
        return frame.assign(reason=[self.reasons.get(unit, "") for unit in self.units])

    def of(self, term: str) -> pd.DataFrame:
        """One row a unit: the term's estimate without it and how far that moved, furthest first."""
        return self.along(np.eye(len(self.terms))[self.terms.index(term)])

    def along(self, contrast: Array) -> pd.DataFrame:
        """The same of a contrast (k,) of the coefficients."""
        asked = contrast != 0
        own = self.coefficients[:, asked] @ contrast[asked]
        moved = own - float(self.whole @ contrast)
        frame = pd.DataFrame({"unit": self.units, "estimate": own, "moved": moved})
        return frame.assign(size=np.abs(moved)).sort_values("size", ascending=False).drop(columns="size").reset_index(drop=True)

    def jackknife(self) -> Array:
        """The covariance (k, k) of the coefficients by the jackknife around the whole fit; NaN where one cannot be told."""
        moved = self.coefficients - self.whole
        return np.asarray(moved.T @ moved)


def leave_one_out(fit: LeastSquares) -> LeaveOneOut:
    """Fit without each unit in turn.

    Args:
        fit: G units, k kept columns.

    Returns:
        A unit without which a column says nothing of its own leaves NaN for its coefficient and for those of the columns that
        then say the same, with the reason; the others are told.
    """
    grams, totals = fit.grams, fit.lifted.scores[:, list(fit.root.kept)]
    found, reasons = np.full((len(grams), len(fit.terms)), np.nan), {}
    for place, unit in enumerate(fit.lifted.units):
        rest = inverse_root(grams.sum(axis=0) - grams[place])
        found[place, list(rest.kept)] = rest.inverse @ (totals.sum(axis=0) - totals[place])[list(rest.kept)]
        if rest.explained_by:
            reasons[unit] = f"without {unit} nothing tells {', '.join(fit.terms[k] for k in rest.explained_by)}"
            found[place, [*rest.explained_by, *(k for others in rest.explained_by.values() for k in others)]] = np.nan
    return LeaveOneOut(fit.lifted.units, fit.terms, fit.coefficients, found, reasons)
