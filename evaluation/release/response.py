"""Response rates of a release, worked out from nothing but what it already tells: published counts and the public headcounts.

A rate made from an exact count would let a reader who knows the headcount undo the rounding, and a rate of a hidden cell would
undo the hiding. So a rate is a function of cards that are published anyway, and says nothing that they do not.
Source: docs/disclosure.md, section 1 (the lead of an organisation knows headcounts) and rule 6.
"""

from collections.abc import Iterable, Mapping

import pandas as pd

from evaluation.errors import Problem, ProtocolError
from evaluation.evidence.evidence import Evidence
from evaluation.figures.numbers import rounded
from evaluation.organisations.headcounts import eligible_by_organisation, more_than_eligible, read_headcounts
from evaluation.organisations.register import Register
from evaluation.protocol.documents import Documents
from evaluation.protocol.policy import DisclosurePolicy
from evaluation.protocol.wording import fold
from evaluation.release.cards import CellCard, ResponseCard

Eligible = Mapping[tuple[str, str, str], int]
"""People who could have answered, by population, wave and unit."""


def eligible_people(evidence: Evidence, documents: Documents, register: Register) -> dict[tuple[str, str, str], int]:
    """The study's headcounts; a population without any has no entry.

    Raises:
        ProtocolError: the headcounts break their schema, or more people answered than could have.
    """
    found: dict[tuple[str, str, str], int] = {}
    problems: list[Problem] = []
    for population in documents.protocol.populations:
        table = read_headcounts(documents, register, population)
        if table is None:
            continue
        numbers = zip(table["wave"], table["unit"], table["eligible"], strict=True)
        found |= {(population, str(wave), str(unit)): int(number) for wave, unit, number in numbers}
        mine = evidence.types[evidence.types["population"] == population]
        for wave, there in mine.groupby("wave"):
            answered = {str(code): int(n) for code, n in there.groupby("organisation")["n"].sum().items()}
            eligible = eligible_by_organisation(documents, register, population, str(wave))
            problems += more_than_eligible(answered, eligible, documents, population, str(wave))
    if problems:
        raise ProtocolError(fold(problems))
    return found


def response_rates(
    cards: Iterable[CellCard], populations: Mapping[str, str], eligible: Eligible, policy: DisclosurePolicy
) -> tuple[ResponseCard, ...]:
    """A rate for every role, arm and unit, and wave, whose count is published and whose units all have a headcount.

    Args:
        cards: cells as they are published; the hidden ones tell which units took part, and get no rate.
        populations: the population of each measure.
        eligible: headcounts; they are public.
        policy: percentages of fewer people than its `extremes_until` are not told.

    Returns:
        Whole percentages. Measures differ by people who skipped their questions; the one with most answers speaks for all.
    """
    best: dict[tuple[object, ...], ResponseCard] = {}
    cells = list(cards)
    for measure, wave in dict.fromkeys((card.measure, card.wave) for card in cells):
        population = populations[measure]
        group = [card for card in cells if (card.measure, card.wave) == (measure, wave)]
        units = [card for card in group if card.level == "unit"]
        for card in (card for card in group if card.n):
            could = _could(card, units, population, eligible)
            if could is None or could < policy.extremes_until:
                continue
            told = _told(card, population, could)
            key = (population, wave, card.level, card.role, card.arm, card.unit)
            if key not in best or told.answered > best[key].answered:
                best[key] = told
    return tuple(best.values())


def _could(card: CellCard, units: Iterable[CellCard], population: str, eligible: Eligible) -> int | None:
    """Headcount of all units of a cell that took part; None when one has none."""
    inside = [unit for unit in units if getattr(unit, card.level) == getattr(card, card.level)]
    each = [eligible.get((population, unit.wave, unit.unit or "")) for unit in inside]
    known = [number for number in each if number is not None]
    return sum(known) if known and len(known) == len(each) else None


def _told(card: CellCard, population: str, could: int) -> ResponseCard:
    answered = card.n or 0
    return ResponseCard(
        population=population, wave=card.wave, level=card.level, unit=card.unit, arm=card.arm, role=card.role,
        answered=answered, eligible=could, percent=int(rounded(min(100.0, 100 * answered / could), 0)),
    )


def with_headcounts(cells: pd.DataFrame, populations: Mapping[str, str], eligible: Eligible) -> pd.DataFrame:
    """The same cells with a column `most`: the most people each can hold, as headcounts say; infinite where they do not."""
    keys = zip(cells["measure"].map(populations), cells["wave"], cells["unit"], strict=True)
    return cells.assign(most=[float(eligible.get(key, float("inf"))) for key in keys])
