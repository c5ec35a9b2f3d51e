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
        own = self.coefficients[:, self.terms.index(term)]
        moved = own - self.whole[self.terms.index(term)]
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
        A unit without which a column says nothing of its own leaves NaN for every coefficient, with the reason.
    """
    grams, totals = fit.grams, fit.lifted.scores[:, list(fit.root.kept)]
    found, reasons = np.full((len(grams), len(fit.terms)), np.nan), {}
    for place, unit in enumerate(fit.lifted.units):
        rest = inverse_root(grams.sum(axis=0) - grams[place])
        if len(rest.kept) < len(fit.terms):
            lost = [fit.terms[k] for k in rest.explained_by]
            reasons[unit] = f"without {unit} nothing tells {', '.join(lost)}"
            continue
        found[place] = rest.inverse @ (totals.sum(axis=0) - totals[place])
    return LeaveOneOut(fit.lifted.units, fit.terms, fit.coefficients, found, reasons)
