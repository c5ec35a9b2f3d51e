"""Rates counted in records, as a board reads them: a change of the rate in percent, 100 (exp(log rate ratio) - 1).

The analyst's rows keep logs of rate ratios, on which errors are symmetric. Source: docs/methods.md, section 17.
"""

from dataclasses import replace
from math import expm1

import numpy as np

from evaluation.findings.subject import Subject
from evaluation.findings.verdict import Kind
from evaluation.inference.estimate import Answer

PROBABLE = (Kind.PROBABLY_IMPROVED, Kind.PROBABLY_WORSE)


def as_told(subject: Subject, answer: Answer) -> Answer:
    """The answer with its headline, its intervals and its units' changes in percent; itself where nothing was counted."""
    if not subject.counted:
        return answer
    head = answer.headline
    told = replace(
        head, estimate=_percent(head.estimate), conf_low=_percent(head.conf_low), conf_high=_percent(head.conf_high))
    units = answer.units.assign(change=100 * np.expm1(answer.units["change"].astype(float)))
    low, high = answer.interval80
    return replace(answer, headline=told, units=units, interval80=(_percent(low), _percent(high)))


def _percent(value: float | None) -> float | None:
    return None if value is None else 100 * expm1(value)


def told_rate(
    subject: Subject, kind: Kind, estimate: float | None, interval: tuple[float | None, float | None], reason: str
) -> str:
    """The sentence to the board about a rate; arguments as of `sentence.told`, of a finding that is due."""
    low, high = interval
    rate = f"the rate of {subject.says} {subject.where}"
    expected = f"the change {subject.elsewhere} would lead us to expect"
    if estimate is None or low is None or high is None:
        seen = "" if estimate is None else f" The difference seen was {subject.signed_amount(estimate)}."
        return f"We cannot tell whether {rate} is other than {expected}. {reason}".strip() + seen
    numbers = f"{subject.interval_name} {subject.span(low, high)}"
    best = f"(best estimate {subject.signed(estimate)}, {numbers})"
    if kind is Kind.SO_FAR:
        away = f"{subject.signed_amount(estimate)} from {expected}"
        return f"So far, at {subject.to_label}, {rate} is {away} ({numbers}); no verdict yet."
    if kind is Kind.NO_DIFFERENCE:
        smaller = f"any difference is smaller than the {subject.important} that matter"
        return f"{_opening(rate)} is about what {expected}: {smaller} {best}."
    if kind is Kind.CANNOT_TELL:
        best_estimate = f"the best estimate is {subject.signed_amount(estimate)}"
        fits = f"anything from {subject.span(low, high)} would fit the records ({subject.interval_name})"
        return f"We cannot tell whether {rate} is other than {expected}: {best_estimate}, and {fits}."
    if kind in (Kind.SAFE, Kind.BREACHED, Kind.NOT_SHOWN_SAFE):
        return _guarded(subject, kind, rate, best)
    maybe, way = "probably " if kind in PROBABLE else "", "higher" if estimate > 0 else "lower"
    span = subject.span(low, high) if estimate > 0 else subject.span(-high, -low)
    size = f"{subject.amount(abs(estimate))} {way}"
    return f"{_opening(rate)} is {maybe}{size} than {expected} ({subject.interval_name} {span})."


def _guarded(subject: Subject, kind: Kind, rate: str, best: str) -> str:
    allowed = f"by more than the {subject.amount(subject.margin or 0.0)} that the plan allows"
    beyond = f"beyond the change {subject.elsewhere}"
    if kind is Kind.NOT_SHOWN_SAFE:
        return f"We cannot rule out that {rate} got worse, {beyond}, {allowed} {best}."
    return f"{_opening(rate)} {'did not get worse' if kind is Kind.SAFE else 'got worse'}, {beyond}, {allowed} {best}."


def _opening(rate: str) -> str:
    return rate[:1].upper() + rate[1:]
