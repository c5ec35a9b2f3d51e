"""How several questions share an error rate: Holm or Benjamini-Hochberg by statsmodels, and Romano and Wolf's step-down from
statistics drawn together, which keeps the dependence between outcomes. Source: Romano & Wolf (2005), Econometrica 73, 1237.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from evaluation.inference.algebra import Array
from evaluation.inference.estimate import Answer
from evaluation.protocol.model import Protocol
from evaluation.terms import Multiplicity

TIE = 1e-9
"""Statistics closer than this share of their size are the same one, computed in another order."""
METHODS = {Multiplicity.HOLM: "holm", Multiplicity.BENJAMINI_HOCHBERG: "fdr_bh"}


def adjusted(p_values: Sequence[float], rule: Multiplicity) -> list[float]:
    """p-values of one family, adjusted together, in the order given."""
    from statsmodels.stats.multitest import multipletests  # takes seconds to import

    return [float(p) for p in multipletests(p_values, method=METHODS[rule])[1]] if p_values else []


def step_down(observed: Array, drawn: Array, *, enumerated: bool) -> Array:
    """p-values of q outcomes adjusted together, (q,), in the order given.

    From the largest observed statistic down, each is set beside the largest drawn one among those that are left; a later p-value
    is never below an earlier one.

    Args:
        observed: (q,) absolute statistics.
        drawn: (B, q) absolute statistics under the null, a row drawn together.
        enumerated: whether the rows are all there are, the observed one among them; else one is added for it.
    """
    order = np.argsort(-observed, kind="stable")
    adjusted_p = np.empty(len(observed))
    least = 0.0
    for place, outcome in enumerate(order):
        largest = drawn[:, order[place:]].max(axis=1)
        extreme = int((largest >= observed[outcome] * (1 - TIE)).sum())
        least = max(least, extreme / len(drawn) if enumerated else (extreme + 1) / (len(drawn) + 1))
        adjusted_p[outcome] = least
    return adjusted_p


def adjust(answers: Sequence[Answer], protocol: Protocol) -> tuple[Answer, ...]:
    """The same answers, with `adjusted_p` in the headline of every estimand that belongs to a family.

    Withheld p-values take no part: a family is adjusted over the p-values that exist, and the reader sees which do not.
    """
    families: dict[str, list[int]] = defaultdict(list)
    for place, answer in enumerate(answers):
        family = protocol.estimands[answer.estimand].family
        if family is not None and answer.headline.p_value is not None:
            families[family].append(place)
    changed = list(answers)
    for family, places in families.items():
        rule: Mapping[str, Multiplicity] = protocol.multiplicity
        values = adjusted([answers[k].headline.p_value or 0.0 for k in places], rule[family])
        for place, value in zip(places, values, strict=True):
            changed[place] = replace(answers[place], headline=replace(answers[place].headline, adjusted_p=value))
    return tuple(changed)
