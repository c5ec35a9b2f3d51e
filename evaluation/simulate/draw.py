"""Draws of a whole study: a frame of answers for every population and wave."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evaluation.protocol.instrument import Instrument
from evaluation.simulate.answers import Array, opinions_to_codes
from evaluation.simulate.model import Construct, StudyModel, answering, level_offsets
from evaluation.simulate.people import Indices, Panel, draw_panel
from evaluation.terms import Assignment

GENERAL = 0.3


@dataclass(frozen=True)
class Effects:
    """What units, units in a wave, and people add to opinions, in standard deviations: (G, M), (G, W, M) and (N, M)."""

    unit: Array
    wave: Array
    person: Array


@dataclass(frozen=True)
class Fieldwork:
    """One population of one simulated study: its people, and what everything they share adds to their opinions."""

    model: StudyModel
    units: pd.DataFrame
    population: str
    panel: Panel
    constructs: tuple[Construct, ...]
    effects: Effects

    @property
    def instruments(self) -> tuple[Instrument, ...]:
        """The questionnaires that the population answers."""
        return tuple(one for one in self.model.documents.instruments.values() if one.population == self.population)


def draw_waves(
    model: StudyModel, units: pd.DataFrame, seed: int, populations: tuple[str, ...] = ()
) -> dict[tuple[str, str], pd.DataFrame]:
    """Answers of every (population, wave), in the columns of a wave file.

    Args:
        model: the study and its truth.
        units: the register's units, indexed by unit.
        seed: the same seed gives the same frames.
        populations: which to draw; all when left out. Drawing fewer does not change the others.
    """
    frames = {}
    for number, population in enumerate(model.documents.protocol.populations):
        if populations and population not in populations:
            continue
        rng = np.random.default_rng([seed, number])
        field = _fieldwork(model, units, population, rng)
        for wave in model.documents.protocol.waves:
            if any(document.asked(wave) for document in field.instruments):
                frames[population, wave] = _draw_wave(field, wave, rng)
    return frames


def _fieldwork(model: StudyModel, units: pd.DataFrame, population: str, rng: np.random.Generator) -> Fieldwork:
    panel = draw_panel(model, units, population, rng)
    constructs = tuple(built for built in model.constructs.values() if built.population == population)
    scale = {part: np.array([getattr(built.shares, part) for built in constructs]) for part in ("unit", "wave", "person")}
    waves = len(model.documents.protocol.waves)
    effects = Effects(
        _correlated(rng, (len(units),), scale["unit"]),
        _correlated(rng, (len(units), waves), scale["wave"]),
        _correlated(rng, (panel.people,), scale["person"]),
    )
    return Fieldwork(model, units, population, panel, constructs, effects)


def _correlated(rng: np.random.Generator, shape: tuple[int, ...], scale: Array) -> Array:
    """Normal draws with these standard deviations, correlated `GENERAL` over constructs."""
    general = rng.standard_normal((*shape, 1))
    special = rng.standard_normal((*shape, len(scale)))
    return np.asarray((np.sqrt(GENERAL) * general + np.sqrt(1 - GENERAL) * special) * scale)


def _draw_wave(field: Fieldwork, wave: str, rng: np.random.Generator) -> pd.DataFrame:
    position = list(field.model.documents.protocol.waves).index(wave)
    rows = np.flatnonzero(field.panel.answers[:, position])
    unit, effects, offset = field.panel.unit[rows], field.effects, _group_offsets(field, rows)
    columns: dict[str, Array] = {}
    for number, built in enumerate(field.constructs):
        lasting = effects.unit[unit, number] + effects.wave[unit, position, number] + effects.person[rows, number] + offset
        shared = lasting + built.shares.occasion * rng.standard_normal(len(rows))
        columns |= _answers(field, built, wave, field.panel.arm[rows], shared, rng)
    columns |= _unscored(field, columns, len(rows), rng)
    asked = [item for document in field.instruments for item in document.asked(wave)]
    items = _with_missing(pd.DataFrame(columns)[asked], field.instruments, field.model.truth.item_missing, rng)
    return pd.concat([_who(field, wave, rows, rng), items], axis=1)


def _group_offsets(field: Fieldwork, rows: Indices) -> Array:
    total, groups = np.zeros(len(rows)), field.model.groups[field.population]
    for group, levels in field.panel.levels.items():
        total += level_offsets(groups[group], field.model.truth.group_spread)[levels[rows]]
    return total


def _answers(
    field: Fieldwork, built: Construct, wave: str, arm: Indices, shared: Array, rng: np.random.Generator
) -> Mapping[str, Array]:
    at = np.array([built.locations[name, wave] for name in field.model.documents.protocol.arms])[arm]
    noise = built.shares.noise * rng.standard_normal((len(built.scoring.answering), len(shared)))
    return {
        item.item: opinions_to_codes(item, at + built.spread * (shared + own))
        for item, own in zip(built.scoring.answering, noise, strict=True)
    }


def _unscored(field: Fieldwork, drawn: Mapping[str, Array], rows: int, rng: np.random.Generator) -> Mapping[str, Array]:
    """Answers to questions that no measure scores."""
    return {
        name: opinions_to_codes(answering(document, name, 0.0), rng.normal(0.55, 0.25, rows))
        for document in field.instruments
        for name in document.items
        if name not in drawn
    }


def _with_missing(items: pd.DataFrame, instruments: Sequence[Instrument], share: float, rng: np.random.Generator) -> pd.DataFrame:
    """Put the last declared missing code, or a blank where none is declared, in place of a share of answers.

    Nobody loses all answers: whoever answers nothing is no respondent.
    """
    lost = rng.random(items.shape) < share
    lost &= ~lost.all(axis=1, keepdims=True)
    codes = [_missing_code(instruments, name) for name in items.columns]
    values = np.where(lost, np.array(codes, dtype=float), items.to_numpy(dtype=float))
    frame = pd.DataFrame(values, columns=items.columns)
    whole = [name for name in frame.columns if (frame[name].dropna() % 1 == 0).all()]
    return frame.astype(dict.fromkeys(whole, "Int64"))


def _missing_code(instruments: Sequence[Instrument], item: str) -> float:
    scale = next(document.scale_of(item) for document in instruments if item in document.items)
    return float(list(scale.missing_codes)[-1]) if scale.missing_codes else np.nan


def _who(field: Fieldwork, wave: str, rows: Indices, rng: np.random.Generator) -> pd.DataFrame:
    """The columns beside the items: organisation, unit or arm where the assignment needs them, respondent, date, groups."""
    protocol, panel, population = field.model.documents.protocol, field.panel, field.population
    frame = pd.DataFrame({"organisation": field.units["organisation"].to_numpy()[panel.unit[rows]]})
    if protocol.assignment in (Assignment.SITE, Assignment.TEAM):
        frame["unit"] = field.units.index.to_numpy()[panel.unit[rows]]
    if protocol.assignment is Assignment.RESPONDENT:
        frame["arm"] = np.array(list(protocol.arms))[panel.arm[rows]]
    if protocol.populations[population].linkage.recognises:
        frame["respondent"] = [f"{unit}-{number:05d}" for unit, number in zip(frame["organisation"], rows, strict=True)]
    opens, closes = protocol.waves[wave].opens, protocol.waves[wave].closes
    days = ((closes - opens).days + 1) * rng.beta(1, 1.6, len(rows))
    frame["answered_on"] = (np.datetime64(opens) + days.astype("timedelta64[D]")).astype(str)
    for group, levels in panel.levels.items():
        frame[group] = np.array(list(field.model.groups[population][group]))[levels[rows]]
    return frame


def published_means(frame: pd.DataFrame) -> pd.DataFrame:
    """A respondent frame as organisations publish it: one row each, item means and the number of people behind them."""
    items = frame.select_dtypes("number")
    means = items.astype(float).groupby(frame["organisation"]).mean().round(3)
    means.insert(0, "base", frame.groupby("organisation").size())
    return means.reset_index()
