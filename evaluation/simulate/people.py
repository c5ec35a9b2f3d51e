"""Who could have answered, who did, who left and who joined: one panel of people for each population."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri

from evaluation.organisations.headcounts import read_headcounts
from evaluation.organisations.register import read_register
from evaluation.simulate.model import StudyModel
from evaluation.terms import Assignment

Indices = NDArray[np.int64]
SIZE_POWER = 0.25
HABIT = 0.5


@dataclass(frozen=True)
class Panel:
    """N people of one population. `answers[i, w]` says that person i answered wave w; `arm` and `levels` are indices."""

    unit: Indices
    arm: Indices
    answers: NDArray[np.bool_]
    levels: dict[str, Indices]

    @property
    def people(self) -> int:
        """N, everybody who was eligible in any wave."""
        return len(self.unit)


def draw_panel(model: StudyModel, units: pd.DataFrame, population: str, rng: np.random.Generator) -> Panel:
    """People of one population in all units and waves.

    Args:
        model: the study and its truth.
        units: the register's units, indexed by unit, with `arm` and `size`.
        population: whom the survey asks.
        rng: the population's own generator.
    """
    waves = list(model.documents.protocol.waves)
    rates = rng.normal(model.truth.response_rate, model.truth.response_spread, len(units))
    respondents, most = _respondents(model, units, population), _headcounts(model, units, population)
    rates = np.clip(np.maximum(rates, respondents / most), 0.1, 0.95)
    eligible = np.minimum(np.rint(respondents / rates), most).astype(np.int64)
    unit, first, last = _presence(model, population, eligible, len(waves), rng)
    wave = np.arange(len(waves))
    here = (wave >= first[:, None]) & (wave <= last[:, None])
    habit = rng.standard_normal(len(unit))
    mood = rng.standard_normal((len(unit), len(waves)))
    willing = np.sqrt(HABIT) * habit[:, None] + np.sqrt(1 - HABIT) * mood < ndtri(rates)[unit, None]
    levels = {
        group: rng.choice(len(shares), len(unit), p=list(shares.values())).astype(np.int64)
        for group, shares in model.groups[population].items()
    }
    return Panel(unit, _arms(model, units, unit, rng), here & willing, levels)


def _respondents(model: StudyModel, units: pd.DataFrame, population: str) -> NDArray[np.float64]:
    """Expected answers a wave in each unit: the plan's number, larger units a little more."""
    sizes = pd.to_numeric(units["size"], errors="coerce").fillna(1).to_numpy(dtype=float)
    relative = (sizes / sizes.mean()) ** SIZE_POWER
    return np.asarray(model.documents.protocol.expected_of(population).respondents_per_unit * relative / relative.mean())


def _headcounts(model: StudyModel, units: pd.DataFrame, population: str) -> NDArray[np.float64]:
    """Eligible people of each unit as the study's headcounts state them, the fewest of its waves; no limit without any."""
    documents = model.documents
    stated = read_headcounts(documents, read_register(documents), population)
    if stated is None:
        return np.full(len(units), np.inf)
    fewest = stated.groupby("unit")["eligible"].min().reindex(units.index)
    return fewest.to_numpy(dtype=float, na_value=np.inf)


def _presence(
    model: StudyModel, population: str, eligible: Indices, waves: int, rng: np.random.Generator
) -> tuple[Indices, Indices, Indices]:
    """(unit, first wave, last wave) of everybody; a survey that cannot link people asks new ones each time."""
    leavers = model.truth.leavers
    linkage = model.documents.protocol.populations[population].linkage
    if not linkage.recognises:
        leavers = 1.0
    units, firsts = [np.repeat(np.arange(len(eligible)), eligible)], [np.zeros(eligible.sum(), dtype=np.int64)]
    for wave in range(1, waves):
        joiners = np.rint(eligible * leavers).astype(np.int64)
        units.append(np.repeat(np.arange(len(eligible)), joiners))
        firsts.append(np.full(joiners.sum(), wave, dtype=np.int64))
    unit, first = np.concatenate(units), np.concatenate(firsts)
    stays = rng.geometric(leavers, len(unit)) if leavers > 0 else np.full(len(unit), waves)
    return unit, first, np.minimum(first + stays - 1, waves - 1)


def _arms(model: StudyModel, units: pd.DataFrame, unit: Indices, rng: np.random.Generator) -> Indices:
    arms = list(model.documents.protocol.arms)
    if model.documents.protocol.assignment is Assignment.RESPONDENT:
        return rng.integers(len(arms), size=len(unit))
    known = {name: number for number, name in enumerate(arms)}
    return np.array([known[arm] for arm in units["arm"]], dtype=np.int64)[unit]
