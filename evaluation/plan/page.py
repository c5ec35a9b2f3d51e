"""The plan as one value: documents, register, the shape of every question, chances of every verdict, and what falls short."""

from dataclasses import asdict, dataclass
from functools import cached_property
from math import isfinite
from typing import Any

from evaluation.organisations.headcounts import read_headcounts
from evaluation.organisations.register import Register, read_register
from evaluation.plan.chances import DRAWS, Chances, chances_of
from evaluation.plan.remedies import Shortfall, shortfall
from evaluation.plan.shape import Shape, shapes_of
from evaluation.protocol.documents import Documents
from evaluation.protocol.freeze import Seal, check_frozen
from evaluation.terms import Status
from evaluation.values.framework import items_by_value


@dataclass(frozen=True)
class PlannedQuestion:
    """One contrast of one estimand: its shape, the chances of its verdicts, and what is missing, if anything."""

    shape: Shape
    chances: tuple[Chances, ...]
    shortfall: Shortfall | None

    def as_record(self) -> dict[str, Any]:
        """The question as a JSON object; an infinite detectable difference is null."""
        shape, subject = self.shape, self.shape.subject
        return {
            "estimand": subject.estimand,
            "status": subject.status,
            "measure": subject.measure,
            "design": subject.design,
            "contrast": subject.contrast,
            "n_pilot": shape.pilots,
            "n_comparison": shape.comparisons,
            "people_per_unit": shape.people,
            "resolution_floor": shape.floor,
            "minimum_important_difference": subject.minimum,
            "margin": subject.margin,
            "unit": subject.unit_words,
            "minimum_detectable_effect": shape.detectable if isfinite(shape.detectable) else None,
            "withheld": list(shape.reasons),
            "beyond_probably": shape.firm,
            "chances": [
                {"times": one.times, "truth": one.truth, "verdicts": {str(kind): share for kind, share in one.shares.items()}}
                for one in self.chances
            ],
            "shortfall": None
            if self.shortfall is None
            else {
                "cheapest": self.shortfall.cheapest.lever if self.shortfall.cheapest else None,
                "fewest_more": {
                    "any_verdict": [asdict(more) for more in self.shortfall.openings],
                    "firm_verdict": [asdict(more) for more in self.shortfall.firmer or self.shortfall.openings],
                },
                "levers": [
                    {
                        "lever": remedy.lever,
                        "more": remedy.more,
                        "answers_per_wave": remedy.answers,
                        "minimum_detectable_effect": remedy.detectable if isfinite(remedy.detectable) else None,
                    }
                    for remedy in self.shortfall.remedies
                ],
            },
        }


@dataclass(frozen=True)
class PlanPage:
    """What `pilot check` shows."""

    documents: Documents
    register: Register
    questions: tuple[PlannedQuestion, ...]
    seal: Seal | None
    draws: int

    @cached_property
    def weighty(self) -> tuple[PlannedQuestion, ...]:
        """Questions that a decision may rest on: primary ones and guardrails."""
        return tuple(one for one in self.questions if one.shape.subject.status in (Status.PRIMARY, Status.GUARDRAIL))

    @property
    def unstated(self) -> tuple[str, ...]:
        """Populations of which the plan expects nothing, so that something had to be assumed."""
        asked = {one.shape.subject.population for one in self.questions}
        return tuple(name for name in self.documents.protocol.populations if name in asked - set(self.documents.protocol.expect))

    @property
    def values(self) -> dict[str, dict[str, Any]]:
        """Each value's label, and the items that ask about it by population; a value nobody asks about has no items."""
        framework = self.documents.values
        asked = {name: items_by_value(self.documents, name) for name in self.documents.protocol.populations}
        return {
            value: {"label": block.label, "items": {name: list(items[value]) for name, items in asked.items() if items[value]}}
            for value, block in (framework.values if framework else {}).items()
        }

    def as_record(self) -> dict[str, Any]:
        """The page as a JSON object."""
        protocol, units = self.documents.protocol, self.register.units
        return {
            "study": protocol.protocol,
            "version": protocol.version,
            "title": protocol.title,
            "question": protocol.question,
            "asks": protocol.asks,
            "fingerprint": self.documents.fingerprint,
            "frozen": None if self.seal is None else {"number": self.seal.number, "fingerprint": self.seal.fingerprint},
            "assignment": protocol.assignment,
            "randomised": protocol.randomised,
            "selection": protocol.selection,
            "confidence": protocol.look_confidence,
            "draws": self.draws,
            "seed": protocol.seed,
            "arms": {
                name: {"role": arm.role, "label": arm.label, "units": units.index[units["arm"] == name].tolist()}
                for name, arm in protocol.arms.items()
            },
            "waves": {name: wave.model_dump(mode="json", exclude_none=True) for name, wave in protocol.waves.items()},
            "populations": {
                name: {
                    "label": population.label,
                    "linkage": population.linkage,
                    **protocol.expected_of(name).model_dump(),
                    "assumed": name in self.unstated,
                }
                for name, population in protocol.populations.items()
            },
            "measures": {
                name: {
                    "label": measure.label,
                    "population": measure.population,
                    "score": measure.score,
                    "better": measure.better,
                    "minimum_important_difference": str(measure.minimum_important_difference),
                }
                for name, measure in protocol.measures.items()
            },
            "values": self.values,
            "questions": [question.as_record() for question in self.questions],
            "decide": [rule.model_dump(exclude_none=True) for rule in protocol.decide],
            "cannot_tell": list(protocol.cannot_tell),
        }


def plan_page(documents: Documents, draws: int = DRAWS) -> PlanPage:
    """The plan, what it can see and what it would say, before any data.

    Raises:
        ProtocolError: the register or the headcounts are wrong.
        IntegrityError: the plan was frozen and is not the one that was.
    """
    register = read_register(documents)
    for population in documents.protocol.populations:
        read_headcounts(documents, register, population)
    questions = tuple(
        PlannedQuestion(shape, chances_of(shape, documents.protocol.seed, draws), shortfall(shape))
        for shape in shapes_of(documents, register)
    )
    return PlanPage(documents, register, questions, check_frozen(documents), draws)
