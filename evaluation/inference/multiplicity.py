"""How a family of estimands shares its error rate: Holm or Benjamini-Hochberg, computed by statsmodels."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from statsmodels.stats.multitest import multipletests

from evaluation.inference.estimate import Answer
from evaluation.protocol.model import Protocol
from evaluation.terms import Multiplicity

METHODS = {Multiplicity.HOLM: "holm", Multiplicity.BENJAMINI_HOCHBERG: "fdr_bh"}


def adjusted(p_values: Sequence[float], rule: Multiplicity) -> list[float]:
    """p-values of one family, adjusted together, in the order given."""
    return [float(p) for p in multipletests(p_values, method=METHODS[rule])[1]] if p_values else []


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
