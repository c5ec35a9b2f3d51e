"""The layouts that `pilot power` compares: the study as planned, and with more of each thing that there could be more of.

People of each unit follow the headcounts of the population (as if the same share answered everywhere), else the sizes in the
register, else all units are alike; their mean is what the plan expects.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from evaluation.errors import UsageError
from evaluation.figures.numbers import count, several
from evaluation.inference.algebra import Array
from evaluation.inference.design import contrasts
from evaluation.inference.simulation.layout import Layout, Normal, Options, Percent, Scores
from evaluation.measures.score import items_of
from evaluation.organisations.headcounts import read_headcounts
from evaluation.organisations.register import Register
from evaluation.plan.shape import PERCENTAGE_DEVIATION, RECOGNISED, Shape
from evaluation.protocol.documents import Documents
from evaluation.terms import Design, ScoreRule

MORE = 0.5
"""What every lever adds: half as much again."""
FEWEST = 2


@dataclass(frozen=True)
class Sizes:
    """People expected to answer at the start, by unit in the order of the layout (pilots first), and where sizes come from."""

    people: Array
    source: str


@dataclass(frozen=True)
class Fieldwork:
    """What the caller assumes of fieldwork: share of eligible people who answer (None: as the plan expects), share lost later."""

    response_rate: float | None = None
    attrition: float = 0.0

    def __post_init__(self) -> None:
        if self.response_rate is not None and not 0 < self.response_rate <= 1:
            said = f"a response rate of {self.response_rate:g} is no share of people."
            raise UsageError(said, fix="give a number above 0, at most 1.")
        if not 0 <= self.attrition < 1:
            raise UsageError(f"attrition of {self.attrition:g} is no share of answers.", fix="give a number from 0 to below 1.")


def layout_of(documents: Documents, register: Register, shape: Shape, fieldwork: Fieldwork) -> tuple[Layout, str]:
    """The planned study of one contrast of units, and where its sizes come from.

    Raises:
        UsageError: a response rate is given and the population has no headcounts.
    """
    units = _units(documents, register, shape)
    sizes = _sizes(documents, register, shape, units, fieldwork)
    design = shape.subject.design
    first = np.maximum(FEWEST, np.rint(sizes.people * (RECOGNISED if design is Design.ANCOVA else 1.0)))
    last = np.maximum(FEWEST, np.rint(first * (1 - fieldwork.attrition)))
    people = last[:, None] if design is Design.COMPARISON else np.column_stack([first, last])
    if design is Design.ANCOVA:
        people = np.column_stack([last, last])
    scores, start = _scores(documents, shape)
    kept, places = float(design is Design.ANCOVA), _places(units, shape)
    layout = Layout(
        design, people, shape.pilots, shape.noise, kept=kept, start=start, scores=scores, places=places,
        matters=shape.subject.minimum,
    )  # fmt: skip
    return layout, sizes.source


def _units(documents: Documents, register: Register, shape: Shape) -> pd.DataFrame:
    """Units of either side, pilots first, one row an organisation where these are compared; columns organisation, size, side."""
    contrast = next(one for one in contrasts(documents.protocol, shape.subject.estimand) if one.label == shape.subject.contrast)
    units = register.units.assign(side=contrast.side(register.units["arm"])).dropna(subset="side")
    units = units.assign(unit=units["organisation"] if shape.subject.whole_organisations else units.index)
    return units.sort_values("side", ascending=False, kind="stable")


def _sizes(documents: Documents, register: Register, shape: Shape, units: pd.DataFrame, fieldwork: Fieldwork) -> Sizes:
    eligible, source = _eligible(documents, register, shape, units)
    if fieldwork.response_rate is not None:
        if source != documents.protocol.populations[shape.subject.population].headcounts or eligible is None:
            raise UsageError(
                f"a response rate says nothing of '{shape.subject.population}', whose headcounts are not known.",
                fix="name a table under 'headcounts' in the protocol, or leave out --response-rate.",
            )
        return Sizes(eligible * fieldwork.response_rate, source)
    if eligible is None:
        return Sizes(np.full(shape.units, float(shape.people)), source)
    return Sizes(shape.people * eligible / eligible.mean(), source)


def _eligible(documents: Documents, register: Register, shape: Shape, units: pd.DataFrame) -> tuple[Array | None, str]:
    """Eligible people by unit (gathered into organisations where these are compared), and the name of the source."""
    name = documents.protocol.populations[shape.subject.population].headcounts
    table = read_headcounts(documents, register, shape.subject.population)
    if table is not None and name is not None:
        stated = table[table["wave"] == shape.subject.wave_from].set_index("unit")["eligible"]
        known = stated.reindex(units.index)
        if known.notna().all():
            return _gathered(known, units), name
    if units["size"].notna().all():
        return _gathered(units["size"], units), documents.protocol.organisations
    return None, ""


def _gathered(known: pd.Series, units: pd.DataFrame) -> Array:
    return np.asarray(known.astype(float).groupby(units["unit"], sort=False).sum(), dtype=float)


def _places(units: pd.DataFrame, shape: Shape) -> tuple[int, ...]:
    """Organisations of units where some organisation holds both arms."""
    if shape.subject.whole_organisations or shape.subject.design.alone:
        return ()
    held = units.groupby("organisation")["side"].nunique()
    return tuple(int(code) for code in pd.factorize(units["organisation"])[0]) if (held > 1).any() else ()


def _scores(documents: Documents, shape: Shape) -> tuple[Scores, float]:
    """How scores come about, and where they start: a single question's answers and shares from counts, means as normal."""
    interval, measure = shape.subject.interval, documents.protocol.measures[shape.subject.measure]
    middle = (interval.low + interval.high) / 2
    if shape.subject.design is Design.ANCOVA:
        return Normal(), middle
    if shape.subject.percentages:
        return Percent(), 100 * PERCENTAGE_DEVIATION
    if measure.score is ScoreRule.SINGLE_ITEM:
        scale = documents.instruments[measure.instrument].scale_of(items_of(shape.subject.measure, documents)[0])
        if scale.codes:
            return Options(interval.low, interval.high, len(scale.codes)), middle
    return Normal(), middle


def designs(planned: Layout, linked: float) -> Iterator[tuple[str, Layout]]:
    """The layout as planned and with more of each thing, with words for each.

    Args:
        planned: the study as it is.
        linked: the assumed correlation of a person's two scores given the unit.
    """
    yield "as planned", planned
    pilots, others = planned.pilots, planned.units - planned.pilots
    if not planned.places:
        more = max(1, round(MORE * pilots))
        yield several(more, "more pilot", "more pilots"), _with_units(planned, pilots=more)
        if others:
            more = max(1, round(MORE * others))
            yield several(more, "more comparison", "more comparisons"), _with_units(planned, comparisons=more)
    mean = float(planned.people.mean())
    yield f"{count(round(MORE * mean))} more answers each", replace(planned, people=planned.people * (1 + MORE))
    if planned.design in (Design.COMPARISON, Design.ANCOVA):
        return
    yield "one more wave before", replace(planned, people=planned.people[:, [0, *range(planned.people.shape[1])]], before=2)
    if isinstance(planned.scores, Normal):
        yield "half the people recognised", replace(planned, kept=RECOGNISED, noise=replace(planned.noise, linked=linked))


def _with_units(planned: Layout, *, pilots: int = 0, comparisons: int = 0) -> Layout:
    """More units like those that are there, their sizes taken in turn from the whole range."""
    first, rest = planned.people[: planned.pilots], planned.people[planned.pilots :]
    people = np.concatenate([first, _more(first, pilots), rest, _more(rest, comparisons)])
    return planned.with_people(people, planned.pilots + pilots)


def _more(people: Array, number: int) -> Array:
    """`number` rows spread evenly over `people` sorted by size, repeated where more are wanted than there are."""
    ordered = people[people[:, 0].argsort()]
    return ordered[np.rint(np.linspace(0, len(people) - 1, number + 2)[1:-1]).astype(int)] if number else people[:0]
