"""Designs of one question side by side: what each can detect, and what drawn studies gave."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import isfinite
from typing import Any

from evaluation.inference.simulation.layout import Layout
from evaluation.inference.simulation.methods import HEADLINE
from evaluation.inference.simulation.rates import Rates


@dataclass(frozen=True)
class Compared:
    """One design: what it can detect in closed form, and by method what drawn studies gave without and with the effect.

    `reasons` says why the design gets no p-value; it is then not drawn, and `detectable` is infinite.
    """

    says: str
    layout: Layout
    floor: float
    detectable: float
    reasons: tuple[str, ...]
    null: Mapping[str, Rates]
    true: Mapping[str, Rates]

    @property
    def found(self) -> float | None:
        """How often the headline finds the effect that matters; None where no p-value is given."""
        return self.true[HEADLINE].rejected[0] if self.true else None

    def as_record(self) -> dict[str, Any]:
        """The design as a JSON object."""
        pilots, people = self.layout.pilots, self.layout.people
        return {
            "design": self.says, "n_pilot": pilots, "n_comparison": self.layout.units - pilots,
            "people_per_wave": {"least": float(people.min()), "mean": float(people.mean()), "most": float(people.max())},
            "resolution_floor": self.floor, "withheld": list(self.reasons),
            "minimum_detectable_effect": self.detectable if isfinite(self.detectable) else None,
            "methods": {name: {"no_effect": asdict(self.null[name]), "effect": asdict(self.true[name])} for name in self.null},
        }


@dataclass(frozen=True)
class QuestionPower:
    """One contrast of one estimand: the effect that matters, in `unit_words`, and the designs compared, the planned one first.

    `guarded` where something must not get worse, so that the interval alone decides.
    """

    name: str
    label: str
    effect: float
    unit_words: str
    decimals: int
    sizes: str
    designs: tuple[Compared, ...]
    guarded: bool = False

    @property
    def planned(self) -> Compared:
        """The design as it is planned."""
        return self.designs[0]

    def as_record(self) -> dict[str, Any]:
        """The question as a JSON object."""
        noise = self.planned.layout.noise
        assumed = asdict(noise) | {"icc": noise.icc, "cluster_autocorrelation": noise.cluster_autocorrelation}
        head = {"estimand": self.name, "effect": self.effect, "unit": self.unit_words, "sizes_from": self.sizes or None}
        return head | {"assumed": assumed, "designs": [design.as_record() for design in self.designs]}
