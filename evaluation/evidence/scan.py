"""The one scan: from stored answers to evidence, and the few rows that row estimators ask for.

`summarise` reads the rows of each population once; everything that can be answered from sums is answered from what it returns.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import pandas as pd

from evaluation.errors import DesignError
from evaluation.evidence.any_table import Source, opened, schema_of, sort_columns
from evaluation.evidence.asks import asks_of, centre_of, groups_told
from evaluation.evidence.centres import centres_in
from evaluation.evidence.complete import sets_of
from evaluation.evidence.engine import fetched
from evaluation.evidence.evidence import Evidence, fingerprint_of
from evaluation.evidence.items import item_moments, items_of
from evaluation.evidence.linked import linked_moments
from evaluation.evidence.merged import one_row_each
from evaluation.evidence.moments import KEYS, NOT_STATED, Moments, no_moments
from evaluation.evidence.responses_table import people_in, placed, scored
from evaluation.evidence.row_sums import AsTheyAre, row_sums
from evaluation.evidence.sums import Ask, all_sums, moments_from, with_levels
from evaluation.evidence.tallies import count_answers, no_tallies, options_of, people_of_options, tallies_from, unasked
from evaluation.evidence.types import count_people, no_types, types_from
from evaluation.evidence.weighting import line_weights, margins_of, report_of, weighted_moments
from evaluation.organisations.register import Register
from evaluation.protocol.documents import Documents
from evaluation.terms import Level
from evaluation.waves.storage.read import Responses

K = TypeVar("K")
V = TypeVar("V")


def summarise(responses: Mapping[str, Responses], documents: Documents, register: Register) -> Evidence:
    """Sum the answers of every population.

    Args:
        responses: the pinned answers by population; a population that is absent, or has no files, has not been loaded.
        documents: the plan, whose measures, covariates and designs say what is summed.
        register: which unit is in which arm.

    Returns:
        Evidence with moments for every measure of the protocol, without cells where nobody answered.

    Raises:
        IntegrityError: answers are stored for a unit that the register does not list.
        ProtocolError: weights are declared, and the headcounts are wrong.
    """
    loaded = {name: responses[name] for name in sorted(responses) if responses[name].files}
    parts = [_population(name, answers, documents, register) for name, answers in loaded.items()]
    evidence = Evidence(
        moments={name: no_moments(name, centre_of(name, documents)) for name in documents.protocol.measures}
        | _joined(part.moments for part in parts),
        linked=_joined(part.linked for part in parts),
        tallies=pd.concat([no_tallies(), *(part.tallies for part in parts)], ignore_index=True),
        types=pd.concat([no_types(), *(part.types for part in parts)], ignore_index=True),
        responses=loaded,
        fingerprint="",
        subgroups=_joined(part.subgroups for part in parts),
        items=_joined(part.items for part in parts),
        complete=_joined(part.complete for part in parts),
        weighted=_joined(part.weighted for part in parts),
        weighting=pd.concat([report_of(), *(part.weighting for part in parts)], ignore_index=True),
    )
    return replace(evidence, fingerprint=fingerprint_of(evidence))


def _joined(parts: Iterable[Mapping[K, V]]) -> dict[K, V]:
    return {key: value for part in parts for key, value in part.items()}


def rows(
    responses: Mapping[str, Responses], documents: Documents, register: Register, measure: str, waves: Sequence[str]
) -> pd.DataFrame:
    """Scores person by person, for estimators that declare that they need rows.

    Returns:
        One line per respondent with a score on `measure` in one of `waves`: unit, organisation, arm, role, wave, respondent
        (pseudonym or None), score in the measure's own units, and the population's groups ("not stated" where missing);
        sorted by all of these, so that equal answers give equal rows.
    """
    population = documents.protocol.measures[measure].population
    groups = documents.protocol.populations[population].groups
    columns = ["unit", "organisation", "arm", "role", "wave", "respondent", "score", *groups]
    if population not in responses or not responses[population].files:
        return pd.DataFrame({name: pd.Series(dtype="float64" if name == "score" else "str") for name in columns})
    asks = asks_of(population, documents)
    people = people_in(responses[population].files, population, documents)
    table = scored(people, population, asks, documents).rename(score=asks[measure].key)
    wanted = table.filter(table["score"].notnull() & table["wave"].isin(list(waves)))
    keys = [name for name in columns if name != "role"]
    return placed(fetched(wanted.select(keys).order_by(keys)), documents, register)[columns]


def _population(population: str, responses: Responses, documents: Documents, register: Register) -> Evidence:
    """The evidence on one population's answers."""
    asks, told, middles = asks_of(population, documents), groups_told(population, documents), items_of(population, documents)
    table = scored(people_in(responses.files, population, documents), population, asks, documents)
    options = options_of(population, documents)
    answers = {item: table[f"_q{number}"] for number, item in enumerate(options)}
    routed = unasked(table, population, documents)
    asked = {
        **all_sums({ask: ask.unit_values([table[ask.key]]) for ask in asks.values()}),
        **count_answers(answers, options, routed),
        **count_people(table),
    }
    margins = margins_of(population, documents)
    levels = sorted({name for ask in asks.values() for name in ask.covariates} | {group for _, group in told} | set(margins))
    keys = ["unit", "organisation", "arm", "wave", *levels]
    grouped = placed(fetched(table.aggregate(asked, by=keys).order_by(keys)), documents, register)
    level = documents.protocol.populations[population].level
    if level is Level.ORGANISATION:
        grouped = one_row_each(grouped, asks.values(), [*KEYS, *levels])
    if level is Level.OPTION:
        grouped = people_of_options(grouped, options)
    weights = line_weights(grouped, population, documents, register) if margins else None
    sets = sets_of(population, middles, documents)
    pairs, complete = item_moments(responses.files, middles, sets, documents, register) if middles else (None, {})
    return Evidence(
        moments={name: moments_from(grouped, ask, KEYS) for name, ask in asks.items()},
        linked=linked_moments(table, population, asks, documents, register),
        tallies=tallies_from(grouped, population, documents),
        types=types_from(grouped, population),
        responses={population: responses},
        fingerprint="",
        subgroups={(name, group): _told_by(grouped, asks[name], group) for name, group in told},
        items={} if pairs is None else {population: pairs},
        complete=complete,
        weighted={} if weights is None else weighted_moments(grouped, asks, weights.weights),
        weighting=report_of() if weights is None else weights.report,
    )


def _told_by(grouped: pd.DataFrame, ask: Ask, group: str) -> Moments:
    """Moments whose cells are parted by the levels of a group, in their last column, `group`."""
    moments = moments_from(grouped, ask, (*KEYS, group))
    return replace(moments, cells=moments.cells.set_axis([*KEYS, "group"], axis=1))


def moments_of(
    source: Source, outcome: str, covariates: Sequence[str] = (), *, unit: str, wave: str | None = None, arm: str | None = None,
    weights: str | None = None, centre: float = 0.0,
) -> Moments:
    """Moments of any table, without a study.

    Args:
        source: a Parquet path, a pandas, polars or Arrow table, or a DuckDB relation.
        outcome: a numeric column.
        covariates: numeric or yes/no columns enter as they are; text columns as one 0/1 column per level but the first, with
            missing text as the level "not stated".
        unit: the column that names the unit of inference.
        wave: the column that names the wave; without it every row is in the same.
        arm: the column that names the arm.
        weights: a column of weights, used as they are; rows of weight zero are left out.
        centre: subtracted from the outcome before squaring; the middle of its scale keeps most digits.

    Returns:
        One cell per unit, wave and arm, over rows with a unit, an outcome and all numeric covariates. Sums are in
        double precision: exact for whole numbers while they stay below 2^53.

    Raises:
        DesignError: a column is not there, is not numeric where it must be, is infinite, or has a name that cells keep for
            themselves; a weight is missing, negative or infinite.
    """
    centres = {outcome: centre}
    return many_moments(source, [outcome], covariates, unit=unit, wave=wave, arm=arm, weights=weights, centres=centres)[outcome]


def many_moments(
    source: Source, outcomes: Sequence[str], covariates: Sequence[str] = (), *, unit: str, wave: str | None = None,
    arm: str | None = None, weights: str | None = None, centres: Mapping[str, float] | None = None,
) -> dict[str, Moments]:
    """Moments of several outcomes of any table with the same covariates, from one scan, whichever rows each is missing in.

    Arguments and refusals are those of `moments_of`; `centres` has the centre of every outcome that has one.
    """
    asked = _asked(source, outcomes, covariates, {"unit": unit, "wave": wave, "arm": arm}, weights)
    return asked.sums(centres or {})


def near_moments(
    data: Source, outcome: str, covariates: Sequence[str] = (), *, unit: str, wave: str | None = None, arm: str | None = None,
    weights: str | None = None,
) -> Moments:
    """Moments for an estimate that does not depend on where numbers are counted from: far ones are moved, and keep their digits.

    Arguments and refusals are those of `moments_of`; the outcome's centre is that of the table's first rows, and covariates that
    lie far from 0 are told less theirs.

    Raises:
        DesignError: as `moments_of`, or no row has everything that is asked for.
    """
    asked = _asked(opened(data), [outcome], covariates, {"unit": unit, "wave": wave, "arm": arm}, weights)
    found = asked.sums(centres_in(asked.source, [outcome], asked.numeric))[outcome]
    if not len(found.cells):
        needed = ", ".join([outcome, *covariates, unit, *([f"{weights} above 0"] if weights else [])])
        raise DesignError(f"no row has '{outcome}' and all else that is needed.", fix=f"check: {needed}.", code="empty")
    return found


@dataclass(frozen=True)
class _Asked:
    """What is asked of a table: outcomes, covariates that are `numeric` and `text`, the column behind each key, weights."""

    source: Source
    outcomes: Sequence[str]
    numeric: tuple[str, ...]
    text: tuple[str, ...]
    keys: Mapping[str, str]
    weights: str | None

    def sums(self, centres: Mapping[str, float]) -> dict[str, Moments]:
        """The moments of every outcome, outcomes and numbers less their centres."""
        by = {key: self.keys[key] for key in KEYS if key in self.keys} | dict(zip(self.text, self.text, strict=True))
        columns = AsTheyAre(self.numeric, {name: centres.get(name, 0.0) for name in self.numeric})
        found = row_sums(self.source, columns, self.outcomes, by=by, weights=self.weights, centres=centres)
        return {outcome: _as_cells(moments, self.text) for outcome, moments in found.items()}


def _asked(
    source: Source, outcomes: Sequence[str], covariates: Sequence[str], keys: Mapping[str, str | None], weights: str | None
) -> _Asked:
    """Raises DesignError as `sort_columns`."""
    given = {key: name for key, name in keys.items() if name is not None}
    others = [*given.values(), *([weights] if weights else [])]
    return _Asked(source, outcomes, *sort_columns(schema_of(source), outcomes, covariates, others), given, weights)


def _as_cells(moments: Moments, text: Sequence[str]) -> Moments:
    """The levels of text covariates as columns, and cells with every key that cells of a study have."""
    absent = {key: pd.Series([None] * len(moments.cells), dtype="str") for key in KEYS if key not in moments.cells}
    levels = {name: moments.cells[name].fillna(NOT_STATED) for name in text}
    cells = moments.cells.assign(**absent | levels | {"organisation": moments.cells["unit"]})
    if not text:  # nothing parts the cells but their keys: they are what they shall be, and in order
        return replace(moments, cells=cells[list(KEYS)])
    return with_levels(replace(moments, cells=cells), text).pool(KEYS)
