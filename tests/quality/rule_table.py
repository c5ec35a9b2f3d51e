"""How often the rule on CFI and RMSEA says that a measure fails, where it does and where it does not: the table of docs/quality.md,
section 4.

`python -m tests.quality.rule_table` draws it and prints its rows; a test draws one of them anew.
"""

import sys

import numpy as np

from evaluation.quality.fit_indices import FitIndices, fit_indices
from evaluation.quality.item_set import Sums
from evaluation.quality.one_factor import fit_factor
from evaluation.quality.pattern import pattern
from evaluation.quality.rules import RULE, Outcome

DRAWS, SHIFT = 200, 0.3
CELLS = [(items, people) for items in (3, 6, 12) for people in (60, 150, 400, 1500)]


def drawn(rng: np.random.Generator, items: int, people: int, mean: float, shift: float) -> Sums:
    """Answers on five options from one factor with loadings from 0.54 to 0.81; the first item is `shift` higher."""
    factor = rng.normal(mean, 1, people)
    values = 3.3 + 0.9 * factor[:, None] * np.linspace(0.6, 0.9, items) + rng.normal(0, 0.54, (people, items))
    values[:, 0] += shift
    codes = np.clip(np.rint(values), 1, 5)
    return Sums(people, codes.mean(axis=0), np.cov(codes.T))


def steps(groups: list[Sums], items: int) -> list[FitIndices]:
    """Metric and scalar."""
    every, names = range(items), [str(k) for k in range(items)]
    shared = [pattern(len(groups), items, loadings=every), pattern(len(groups), items, loadings=every, intercepts=every)]
    return [fit_indices(fit_factor(groups, each, names)) for each in shared]


def shares(items: int, people: int) -> list[float]:
    """Share of draws in which the scalar level fails, and in which it fails or is doubtful: nothing differs, then one item does."""
    found: list[float] = []
    for shift in (0.0, SHIFT):
        rng = np.random.default_rng([items, people, int(10 * shift)])
        said = []
        for _ in range(DRAWS):
            groups = [drawn(rng, items, people, mean, moved) for mean, moved in ((0.0, 0.0), (0.2, shift))]
            metric, scalar = steps(groups, items)
            said.append(RULE.outcome(metric.cfi - scalar.cfi, scalar.rmsea - metric.rmsea))
        found += [float(np.mean([one is Outcome.FAILS for one in said])), float(np.mean([one is not Outcome.HOLDS for one in said]))]
    return found


def row(items: int, people: int) -> str:
    """One row of the table."""
    return f"| {items} | {people} | " + " | ".join(f"{share:.2f}" for share in shares(items, people)) + " |"


if __name__ == "__main__":
    for cell in CELLS:
        sys.stdout.write(row(*cell) + "\n")
        sys.stdout.flush()
