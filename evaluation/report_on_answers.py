"""How good a study's answers are: how reliable its measures are and whether they mean the same everywhere, who answered beside
who could have, and who was followed or lost. For the analyst: it speaks of small groups, and nothing of it is released.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd

from evaluation.errors import DesignError
from evaluation.evidence.kept import evidence_of
from evaluation.figures.numbers import percent
from evaluation.inference.attrition import attrition
from evaluation.inference.estimate import Estimates
from evaluation.organisations.register import Register, read_register
from evaluation.protocol.documents import Documents, read_documents
from evaluation.quality.limits import sentence
from evaluation.quality.non_response import dissimilarity, who_answered
from evaluation.quality.quality import EVERYBODY, Quality, quality_of
from evaluation.study import Study
from evaluation.terms import Design, Role
from evaluation.waves import store
from evaluation.waves.people.linkage import MayFollow, designs_that_may_follow, match_rates, match_report
from evaluation.waves.storage.read import Responses

SHOWN = ("measure", "wave", "items", "n", "alpha", "omega", "weakest_item", "item_rest", "icc")
ESTIMATED = "estimated"


@dataclass(frozen=True, eq=False)
class Followed:
    """People of one population from one loaded wave to the next.

    Attributes:
        population, wave_from, wave_to: whom, and when.
        rates: `match_rates` by arm.
        lost: pilots' percentage lost less the others', or None.
        why: why `lost` is None; empty where it is not.
        may: which designs may follow.
    """

    population: str
    wave_from: str
    wave_to: str
    rates: pd.DataFrame
    lost: Estimates | None
    why: str
    may: tuple[MayFollow, ...]


@dataclass(frozen=True, eq=False)
class QualityReport:
    """The quality of every measure; by population who answered (`non_response.who_answered` by unit, or why there is none); how
    weights came about (`weights_report`); and who was followed from wave to wave.
    """

    quality: Quality
    answered: dict[str, pd.DataFrame | str]
    weights: pd.DataFrame
    followed: tuple[Followed, ...]

    def as_record(self) -> dict[str, Any]:
        """Everything as a JSON object of tables."""
        return {
            "measures": _records(self.quality.tidy()), "items": _records(self.quality.items()),
            "models": _records(self.quality.models()), "comparisons": list(self.quality.sentences()),
            "answered": {name: table if isinstance(table, str) else _records(table) for name, table in self.answered.items()},
            "weights": _records(self.weights),
            "followed": [
                {
                    "population": one.population, "wave_from": one.wave_from, "wave_to": one.wave_to,
                    "by_arm": _records(one.rates), "why": one.why,
                    "lost": None if one.lost is None else _records(one.lost.tidy()),
                    "designs": [{"design": may.design.value, "may": may.may, "because": may.because} for may in one.may],
                }
                for one in self.followed
            ],
        }

    def summary(self) -> str:
        """The report for a terminal."""
        return "\n".join([*self._measures(), *self._answered(), *self._followed()]) + "\n"

    def _measures(self) -> Iterator[str]:
        table = self.quality.tidy()
        whole = table[table["arm"] == EVERYBODY]
        yield "Measures, by wave (by arm, item by item and with intervals: --json)"
        shown = whole[list(SHOWN)].to_string(index=False, na_rep="", float_format=lambda value: f"{value:.2f}")
        yield "No answers are in the store." if whole.empty else shown
        limits = dict.fromkeys(text for texts in table["limits"] for text in texts.split("; ") if text)
        refused = dict.fromkeys(text for text, items in zip(whole["status"], whole["items"], strict=True)
                                if items > 1 and text != ESTIMATED)
        yield from (f"note: {text}" for text in (*refused, *map(sentence, limits)))
        compared = self.quality.comparisons
        same = [one for one in compared if one.found is not None and one.found.holds]
        yield f"Across waves, and across arms at each wave, {len(same)} of {len(compared)} comparisons of measures hold."
        yield from (one.sentence for one in compared if one not in same)

    def _answered(self) -> Iterator[str]:
        for population, table in self.answered.items():
            yield ""
            if isinstance(table, str):
                yield f"Who answered of {population}: {table}"
                continue
            yield f"Who answered of {population}: percent of those who answered that would have to be of another level, by unit"
            apart = dissimilarity(table).groupby(["wave", "group"])["dissimilarity"].agg(["median", "max"])
            yield apart.to_string(float_format=lambda value: f"{value:.1f}")
        if len(self.weights):
            kept = self.weights.groupby(["population", "wave"])[["people", "effective"]].sum()
            yield "Weights: people, and as many equal ones as tell as much"
            yield kept.to_string(float_format=lambda value: f"{value:.0f}")
            failed = self.weights[self.weights["problem"] != ""]
            yield from ("note: " + failed["unit"] + " at " + failed["wave"] + ": " + failed["problem"] + ".")

    def _followed(self) -> Iterator[str]:
        for one in self.followed:
            yield ""
            yield f"Followed from '{one.wave_from}' to '{one.wave_to}': {one.population}"
            shown = one.rates[["arm", "stayers", "leavers", "joiners", "moved", "ambiguous", "without_id", "share_matched"]]
            yield shown.to_string(index=False, na_rep="", float_format=lambda value: percent(100 * value))
            row = next(iter(one.lost), None) if one.lost is not None else None
            if row is not None and row.estimate is not None:
                interval = "" if row.conf_low is None else f" ({row.conf_low:+.1f} to {row.conf_high:+.1f})"
                yield f"Lost in pilots less lost elsewhere: {row.estimate:+.1f} percentage points{interval}."
            elif one.why:
                yield f"Lost, pilots beside others: {one.why}"
            follows = [may for may in one.may if may.design is Design.ANCOVA or not may.may]
            yield from (f"{may.design.value}: {'may' if may.may else 'may not'} follow. {may.because}" for may in follows)


def quality_report(study: Study | Path | str) -> QualityReport:
    """How good the answers are that a study has loaded.

    Raises:
        ProtocolError, IntegrityError: the documents or headcounts are wrong, or the store is not what was written.
        DesignError: no wave has been loaded.
    """
    place = study if isinstance(study, Study) else Study.open(study)
    documents = read_documents(place.root)
    register, held = read_register(documents), store.version(place)
    if not held:
        fix = "load one: pilot wave load STUDY FILE --wave W --population P."
        raise DesignError("no wave has been loaded.", fix=fix, code="empty")
    responses = {population: store.responses(place, population) for population in held}
    evidence = evidence_of(place.evidence, responses, documents, register)
    answered = {name: _who(documents, register, own) for name, own in responses.items()}
    followed = tuple(one for own in responses.values() for one in _pairs(own, documents, register, evidence.types))
    return QualityReport(quality_of(evidence, documents), answered, evidence.weighting, followed)


def _who(documents: Documents, register: Register, responses: Responses) -> pd.DataFrame | str:
    try:
        return who_answered(documents, register, responses)
    except DesignError as refused:
        return refused.problems[0].what


def _pairs(responses: Responses, documents: Documents, register: Register, types: pd.DataFrame) -> Iterator[Followed]:
    """Each loaded wave of a population beside the one before, where people are recognised."""
    protocol = documents.protocol
    linkage = protocol.populations[responses.population].linkage
    there = set(types.loc[types["population"] == responses.population, "wave"])
    if not linkage.recognises:
        return
    for earlier, later in pairwise(wave for wave in protocol.waves if wave in there):
        report = match_report(responses, earlier, later, register)
        lost, why = _lost(report, {name for name, arm in protocol.arms.items() if arm.role is Role.PILOT}, protocol.confidence)
        yield Followed(
            responses.population, earlier, later, match_rates(report, "arm"), lost, why, designs_that_may_follow(linkage, report))


def _lost(report: pd.DataFrame, pilot_arms: set[str], confidence: float) -> tuple[Estimates | None, str]:
    try:
        return Estimates((attrition(report, pilot_arms, confidence).difference,)), ""
    except DesignError as refused:
        return None, refused.problems[0].what


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """A table as JSON, nothing where nothing is known."""
    rows = table.astype("object").where(table.notna(), None).to_dict("records")
    return [{str(name): value for name, value in row.items()} for row in rows]
