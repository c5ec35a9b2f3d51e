"""Power before data: what the study could detect and how each method would behave, as planned and with more of each thing.

Closed forms say what is detectable; drawn studies of exactly that shape say how often each method of the panel is wrong, finds
what matters, finds it with the wrong sign or makes it look larger than it is.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from math import inf, isfinite
from pathlib import Path
from typing import Any

import pandas as pd

from evaluation.errors import UsageError
from evaluation.figures.power import PowerRow, power_picture
from evaluation.inference.algebra import Array
from evaluation.inference.refusals import Facts, Keeps, refusals, standing
from evaluation.inference.resolution import floor, floor_within
from evaluation.inference.simulation.closed_form import minimum_detectable_effect
from evaluation.inference.simulation.layout import Layout
from evaluation.inference.simulation.methods import HEADLINE, METHODS, methods_for
from evaluation.inference.simulation.rates import Told, rates, silent, simulate
from evaluation.organisations.register import Register, read_register
from evaluation.plan.comparison import Compared, QuestionPower
from evaluation.plan.designs import Fieldwork, designs, layout_of
from evaluation.plan.power_words import Basis, power_text
from evaluation.plan.shape import Shape, shapes_of
from evaluation.protocol.documents import Documents, read_documents
from evaluation.study import Study
from evaluation.terms import Status

DRAWS = 2000


@dataclass(frozen=True)
class Power:
    """What `pilot power` shows. `only_people` names questions whose arms were given to people: `pilot check` covers them."""

    title: str
    questions: tuple[QuestionPower, ...]
    draws: int
    seed: int
    confidence: float
    only_people: tuple[str, ...] = ()

    def as_record(self) -> dict[str, Any]:
        """Everything as a JSON object."""
        head = {"title": self.title, "draws": self.draws, "seed": self.seed, "confidence": self.confidence}
        return head | {"questions": [one.as_record() for one in self.questions], "people_assigned": list(self.only_people)}

    def tidy(self) -> pd.DataFrame:
        """One row an estimand, design and method; shares are of drawn studies."""
        return pd.DataFrame([row for question in self.questions for row in _rows(question)])

    def summary(self) -> str:
        """The tables as text."""
        basis = Basis(self.title, self.draws, self.seed, self.confidence)
        return power_text(basis, self.questions, self.only_people)

    def picture(self) -> str:
        """One picture of all designs, as SVG."""
        return power_picture([_drawn(question, design) for question in self.questions for design in question.designs])

    def _repr_html_(self) -> str:
        return self.picture()


def _rows(question: QuestionPower) -> Iterator[dict[str, Any]]:
    for design in question.designs:
        shape = {"n_pilot": design.layout.pilots, "n_comparison": design.layout.units - design.layout.pilots}
        head = {"estimand": question.name, "design": design.says, **shape, "resolution_floor": design.floor}
        head |= {"minimum_detectable_effect": design.detectable, "effect": question.effect}
        for method in design.null:
            null, true = design.null[method], design.true[method]
            shares = {"size": null.rejected, "coverage": null.covered, "power": true.rejected, "wrong_sign": true.wrong_sign}
            shares |= {"exaggeration": true.exaggeration, "width": null.width}
            yield head | {"method": method} | {name: pair[0] if pair else None for name, pair in shares.items()}


def _drawn(question: QuestionPower, design: Compared) -> PowerRow:
    pilots = design.layout.pilots
    units = f"{pilots} and {design.layout.units - pilots}" if design.layout.units > pilots else f"{pilots}"
    detectable = design.detectable if isfinite(design.detectable) else None
    return PowerRow(question.label, question.unit_words, design.says, units, detectable, question.effect, design.found)


def power(
    study: Study | Path | str | Layout, effect: float | None = None, *, every: bool = False, draws: int = DRAWS,
    seed: int | None = None, response_rate: float | None = None, attrition: float = 0.0, processes: int = 1, told: Told = silent,
) -> Power:
    """What a planned study can detect, and how every method of the panel would behave, before any data.

    Args:
        study: a study or its folder; or a layout of your own.
        effect: the effect that matters, in points; needed with a layout, and otherwise the protocol's smallest change that
            matters (of a guardrail its margin).
        every: all questions instead of primary ones.
        draws: studies drawn for each design and effect.
        seed: equal seeds give equal numbers; the protocol's when left out, 1 with a layout.
        response_rate: share of eligible people who answer; as the plan expects when left out.
        attrition: share of answers lost by the follow-up.
        processes: how many share the work; the numbers do not depend on it.
        told: told (studies done, of) after every block.

    Raises:
        UsageError: a layout without effect, a number out of range, an effect larger than a measure can change, or a response
            rate without headcounts.
        ProtocolError: the documents are wrong.
    """
    if draws < 100:
        raise UsageError(f"{draws} drawn studies say nothing of rates.", fix="draw 100 or more; 2,000 are usual.")
    if effect is not None and not 0 < effect < inf:
        raise UsageError(f"an effect of {effect:g} points cannot be looked for.", fix="give a finite number above 0.")
    if processes < 1 or (seed is not None and seed < 0):
        raise UsageError("processes count from 1 and seeds from 0.", fix="for example --processes 2 --seed 7.")
    if isinstance(study, Layout):
        asked = [_own(study, effect)]
        return _judged("a layout", asked, (), draws, seed if seed is not None else 1, 0.95, processes, told)
    place = study if isinstance(study, Study) else Study.open(study)
    documents = read_documents(place.root)
    protocol, fieldwork = documents.protocol, Fieldwork(response_rate, attrition)
    register = read_register(documents)
    shapes = [one for one in shapes_of(documents, register) if every or one.subject.status is Status.PRIMARY]
    people = tuple(one.subject.estimand for one in shapes if one.people_assigned)
    asked = [_planned(documents, register, shape, fieldwork, effect) for shape in shapes if not shape.people_assigned]
    chosen = protocol.seed if seed is None else seed
    return _judged(protocol.title, asked, people, draws, chosen, protocol.look_confidence, processes, told)


@dataclass(frozen=True)
class _Asked:
    """A question before anything is drawn, and the words for one thing that is compared and for several."""

    question: QuestionPower
    layouts: tuple[tuple[str, Layout], ...]
    one: str
    many: str


def _own(layout: Layout, effect: float | None) -> _Asked:
    if effect is None:
        raise UsageError("a layout does not say which effect matters.", fix="give effect=, in points and above 0.")
    question = QuestionPower("layout", "Layout", effect, "points", 2, "", ())
    layout = layout if layout.matters is not None else replace(layout, matters=effect)
    return _Asked(question, tuple(designs(layout, layout.noise.linked or 0.5)), "unit", "units")


def _planned(documents: Documents, register: Register, shape: Shape, fieldwork: Fieldwork, effect: float | None) -> _Asked:
    subject = shape.subject
    _refuse_beyond_scale(shape, effect)
    layout, source = layout_of(documents, register, shape, fieldwork)
    usual = subject.contrast in ("pilot - comparison", "pilot")
    name = subject.estimand if usual else f"{subject.estimand}: {subject.contrast}"
    matters = effect if effect is not None else shape.threshold
    guarded, decimals = subject.margin is not None, subject.decimals + 1
    question = QuestionPower(name, subject.label, matters, subject.unit_words, decimals, source, (), guarded)
    linked = documents.protocol.expected_of(subject.population).linked_correlation
    return _Asked(question, tuple(designs(layout, linked)), subject.one, subject.many)


def _refuse_beyond_scale(shape: Shape, effect: float | None) -> None:
    """As a protocol's smallest change that matters is refused."""
    subject = shape.subject
    length = subject.interval.high - subject.interval.low
    if effect is not None and effect >= length:
        raise UsageError(
            f"'{subject.measure}' can change by at most {length:g}, but the effect to look for is {effect:g}.",
            fix=f"give a smaller effect; the protocol's is {shape.threshold:g}.",
        )


def _judged(
    title: str, asked: list[_Asked], people: tuple[str, ...], draws: int, seed: int, confidence: float, processes: int, told: Told
) -> Power:
    """Draw every design of every question; the whole panel for the planned design, the headline for the others."""
    jobs, questions = 2 * sum(len(one.layouts) for one in asked), []
    done = 0

    def further(blocks: int, part: int, of: int) -> None:
        told(blocks * draws + part, jobs * draws)

    for one in asked:
        compared: list[Compared] = []
        for says, layout in one.layouts:
            methods = methods_for(layout) if not compared else {HEADLINE: METHODS[HEADLINE]}
            run = partial(simulate, layout, methods=methods, studies=draws, seed=seed, confidence=confidence, processes=processes)
            compared.append(_compared(says, layout, one, confidence, run, partial(further, done)))
            done += 2
        questions.append(replace(one.question, designs=tuple(compared)))
    return Power(title, tuple(questions), draws, seed, confidence, people)


def _compared(
    says: str, layout: Layout, asked: _Asked, confidence: float, run: Callable[..., Any], told: Callable[[int, int], None]
) -> Compared:
    pilots, lowest, effect = layout.pilots, _floor(layout), asked.question.effect
    columns, words = layout.columns.shape[1], (asked.one, asked.many)
    found = refusals(Facts(layout.design, pilots, layout.units - pilots, columns, *words, confidence=confidence, floor=lowest))
    reasons = tuple(one.sentence for one in found)
    if standing(found)[1] not in (None, Keeps.INTERVAL):
        return Compared(says, layout, lowest, float("inf"), reasons, {}, {})
    null, true = run(0.0, told=told), run(effect, told=told)
    return Compared(
        says, layout, lowest, minimum_detectable_effect(layout, confidence=confidence), reasons,
        {name: rates(one, 0.0, confidence) for name, one in null.items()},
        {name: rates(one, effect, confidence) for name, one in true.items()},
    )


def _floor(layout: Layout) -> float:
    if not layout.places:
        return floor(layout.pilots, layout.units, layout.design)
    places: Array = layout.levels
    return floor_within((int(layout.pilot @ place), int(place.sum())) for place in places.T)
