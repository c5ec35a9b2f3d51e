"""Draws of a whole study: a frame of answers for every population and wave."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evaluation.protocol.instrument import Instrument
from evaluation.simulate.answers import Array, opinions_to_codes
from evaluation.simulate.model import Construct, StudyModel, answering, level_offsets
from evaluation.simulate.people import Indices, Panel, draw_panel
from evaluation.terms import Assignment, Linkage

GENERAL = 0.3


@dataclass(frozen=True)
class Effects:
    """What units, units in a wave, and people add to opinions, in standard deviations: (G, M), (G, W, M) and (N, M)."""

    unit: Array
    wave: Array
    person: Array


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
        panel = draw_panel(model, units, population, rng)
        constructs = [built for built in model.constructs.values() if built.population == population]
        effects = _draw_effects(constructs, len(units), len(model.documents.protocol.waves), panel.people, rng)
        for position, wave in enumerate(model.documents.protocol.waves):
            frame = _draw_wave(model, units, population, wave, panel, constructs, effects, position, rng)
            if frame is not None:
                frames[population, wave] = frame
    return frames


def _draw_effects(constructs: list[Construct], units: int, waves: int, people: int, rng: np.random.Generator) -> Effects:
    scale = {part: np.array([getattr(built.shares, part) for built in constructs]) for part in ("unit", "wave", "person")}
    return Effects(
        _correlated(rng, (units,), scale["unit"]),
        _correlated(rng, (units, waves), scale["wave"]),
        _correlated(rng, (people,), scale["person"]),
    )


def _correlated(rng: np.random.Generator, shape: tuple[int, ...], scale: Array) -> Array:
    """Normal draws with these standard deviations, correlated `GENERAL` over constructs."""
    general = rng.standard_normal((*shape, 1))
    special = rng.standard_normal((*shape, len(scale)))
    return np.asarray((np.sqrt(GENERAL) * general + np.sqrt(1 - GENERAL) * special) * scale)


def _draw_wave(
    model: StudyModel,
    units: pd.DataFrame,
    population: str,
    wave: str,
    panel: Panel,
    constructs: list[Construct],
    effects: Effects,
    position: int,
    rng: np.random.Generator,
) -> pd.DataFrame | None:
    instruments = [document for document in model.documents.instruments.values() if document.population == population]
    asked = [item for document in instruments for item in document.asked(wave)]
    if not asked:
        return None
    rows = np.flatnonzero(panel.answers[:, position])
    offset = sum(
        (
            level_offsets(model.groups[population][group], model.truth.group_spread)[levels[rows]]
            for group, levels in panel.levels.items()
        ),
        np.zeros(len(rows)),
    )
    columns: dict[str, Array] = {}
    for number, built in enumerate(constructs):
        shared = (
            effects.unit[panel.unit[rows], number]
            + effects.wave[panel.unit[rows], position, number]
            + effects.person[rows, number]
        )
        shared = shared + offset + built.shares.occasion * rng.standard_normal(len(rows))
        columns |= _answers(model, built, wave, panel.arm[rows], shared, rng)
    columns |= _unscored(model, instruments, columns, len(rows), rng)
    items = _with_missing(pd.DataFrame(columns)[asked], instruments, model.truth.item_missing, rng)
    return pd.concat([_who(model, units, population, wave, panel, rows, rng), items], axis=1)


def _answers(
    model: StudyModel, built: Construct, wave: str, arm: Indices, shared: Array, rng: np.random.Generator
) -> Mapping[str, Array]:
    at = np.array([built.locations[name, wave] for name in model.documents.protocol.arms])[arm]
    noise = built.shares.noise * rng.standard_normal((len(built.scoring.answering), len(shared)))
    return {
        item.item: opinions_to_codes(item, at + built.spread * (shared + own))
        for item, own in zip(built.scoring.answering, noise, strict=True)
    }


def _unscored(
    model: StudyModel, instruments: list[Instrument], drawn: Mapping[str, Array], rows: int, rng: np.random.Generator
) -> Mapping[str, Array]:
    """Answers to questions that no measure scores."""
    return {
        name: opinions_to_codes(answering(document, name, 0.0), rng.normal(0.55, 0.25, rows))
        for document in instruments
        for name in document.items
        if name not in drawn
    }


def _with_missing(items: pd.DataFrame, instruments: list[Instrument], share: float, rng: np.random.Generator) -> pd.DataFrame:
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


def _missing_code(instruments: list[Instrument], item: str) -> float:
    scale = next(document.scale_of(item) for document in instruments if item in document.items)
    return float(list(scale.missing_codes)[-1]) if scale.missing_codes else np.nan


def _who(
    model: StudyModel, units: pd.DataFrame, population: str, wave: str, panel: Panel, rows: Indices, rng: np.random.Generator
) -> pd.DataFrame:
    """The columns beside the items: organisation, unit or arm where the assignment needs them, respondent, date, groups."""
    protocol = model.documents.protocol
    frame = pd.DataFrame({"organisation": units["organisation"].to_numpy()[panel.unit[rows]]})
    if protocol.assignment in (Assignment.SITE, Assignment.TEAM):
        frame["unit"] = units.index.to_numpy()[panel.unit[rows]]
    if protocol.assignment is Assignment.RESPONDENT:
        frame["arm"] = np.array(list(protocol.arms))[panel.arm[rows]]
    if protocol.populations[population].linkage is Linkage.PSEUDONYM:
        frame["respondent"] = [f"{unit}-{number:05d}" for unit, number in zip(frame["organisation"], rows, strict=True)]
    opens, closes = protocol.waves[wave].opens, protocol.waves[wave].closes
    days = ((closes - opens).days + 1) * rng.beta(1, 1.6, len(rows))
    frame["answered_on"] = (np.datetime64(opens) + days.astype("timedelta64[D]")).astype(str)
    for group, levels in panel.levels.items():
        frame[group] = np.array(list(model.groups[population][group]))[levels[rows]]
    return frame


def published_means(frame: pd.DataFrame) -> pd.DataFrame:
    """A respondent frame as organisations publish it: one row each, item means and the number of people behind them."""
    items = frame.select_dtypes("number")
    means = items.astype(float).groupby(frame["organisation"]).mean().round(3)
    means.insert(0, "base", frame.groupby("organisation").size())
    return means.reset_index()
