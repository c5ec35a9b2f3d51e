"""What is put into a simulation: effects, trends, who answers, who leaves.

A study may keep it in `simulation.yaml`, which is no part of the plan: nothing that estimates or judges reads it. Variances
come from the plan's own `expect`, so that simulated scores behave as the plan assumes. Percentages cluster less: the shares are
those of the opinion behind an answer, and cutting an opinion of share s into yes and no leaves (2/pi) asin(s), about two thirds.
"""

from collections.abc import Iterable, Iterator
from typing import Self

from pydantic import Field, model_validator

from evaluation.errors import Problem, ProtocolError
from evaluation.protocol.block import Block, DocumentName, Identifier, Label, Number
from evaluation.protocol.documents import Documents
from evaluation.protocol.located import Located
from evaluation.protocol.model import Protocol
from evaluation.protocol.plain_yaml import read_yaml
from evaluation.protocol.reading import read_as
from evaluation.protocol.wording import suggestion
from evaluation.terms import Role, ScoreRule

FILE = "simulation.yaml"


class LateAnswers(Block):
    """Answers of one wave that arrive after its first file: `share` of them, in a file of their own."""

    population: Identifier
    wave: Identifier
    share: Number = Field(default=0.05, gt=0, lt=1)


class SupplierFile(Block):
    """One wave that arrives as a supplier writes it, names and all: in the form that a mapping of the study reads."""

    wave: Identifier
    mapping: DocumentName


class Truth(Block):
    """The known truth of a simulation. Differences are in each measure's own points or percentage points.

    `effects` is what a pilot arm gains over comparison by the last wave that decides; `so_far` the share of it present in
    other follow-up waves. `trends` is what every arm gains by then. `starts_at` is the expected score at baseline.
    `groups` gives each declared group its levels and their shares.
    """

    effects: dict[Identifier, dict[Identifier, Number]] = Field(default_factory=dict)
    so_far: dict[Identifier, Number] = Field(default_factory=dict)
    trends: dict[Identifier, Number] = Field(default_factory=dict)
    starts_at: dict[Identifier, Number] = Field(default_factory=dict)
    groups: dict[Identifier, dict[Label, Number]] = Field(default_factory=dict)
    group_spread: Number = Field(default=0.3, ge=0, description="Standard deviations between the outermost levels of a group.")
    response_rate: Number = Field(default=0.55, gt=0, le=1)
    response_spread: Number = Field(default=0.06, ge=0, description="Standard deviation of response rates between units.")
    leavers: Number = Field(default=0.1, ge=0, lt=1, description="Share of people who leave between two waves; as many join.")
    item_missing: Number = Field(default=0.02, ge=0, lt=1)
    late: LateAnswers | None = None
    supplier: SupplierFile | None = None

    @model_validator(mode="after")
    def _shares_add_up(self) -> Self:
        wrong = [name for name, levels in self.groups.items() if abs(sum(levels.values()) - 1) > 1e-9]
        if wrong:
            raise ValueError(f"the shares of {', '.join(wrong)} do not add up to 1")
        return self

    def effect(self, protocol: Protocol, measure: str, arm: str | None, wave: str) -> float:
        """What `arm` gains over comparison on `measure` by `wave`, in the measure's units."""
        if arm is None or wave == protocol.baseline or protocol.arms[arm].role is not Role.PILOT:
            return 0.0
        return self.effects.get(measure, {}).get(arm, 0.0) * self.share_by(protocol, wave)

    def share_by(self, protocol: Protocol, wave: str) -> float:
        """Share of the full effect, or trend, that is there in `wave`: stated, else by the calendar, and 0 before the start."""
        if wave in self.so_far:
            return self.so_far[wave]
        start, full, now = (protocol.waves[name].opens for name in (protocol.baseline, protocol.deciding_wave, wave))
        if now <= start or full <= start:
            return 0.0
        return min(1.0, (now - start).days / (full - start).days)


def default_truth(protocol: Protocol, times: float = 1.0) -> Truth:
    """Every measure of a non-guardrail estimand gains `times` its minimum important difference in every pilot arm."""
    guarded = {plan.measure for plan in protocol.estimands.values() if plan.margin is not None}
    gains = {
        name: times * measure.minimum_important_difference.value * (1 if measure.better == "higher" else -1)
        for name, measure in protocol.measures.items()
        if name not in guarded and not measure.is_counted
    }
    return Truth(effects={name: dict.fromkeys(protocol.arms_with(Role.PILOT), gain) for name, gain in gains.items()})


def read_truth(documents: Documents) -> Truth:
    """The study's `simulation.yaml`, or the default truth when it keeps none.

    Raises:
        ProtocolError: a key is unknown, a value out of range, or a name not in the protocol; all problems at once.
    """
    file = documents.root / FILE
    if not file.is_file():
        return default_truth(documents.protocol)
    reading = read_as(read_yaml(file, name=f"{documents.root.resolve().name}/{FILE}"), Truth)
    problems = list(reading.problems)
    if reading.block is not None:
        problems += _unknown_names(reading.block, documents.protocol, reading.located)
    if problems or reading.block is None:
        raise ProtocolError(problems)
    return reading.block


def _unknown_names(truth: Truth, protocol: Protocol, located: Located) -> Iterator[Problem]:
    measures, waves, populations = list(protocol.measures), list(protocol.waves), list(protocol.populations)
    spoken: list[tuple[str, tuple[str, ...], Iterable[str], list[str]]] = [
        ("measure", ("effects",), truth.effects, measures),
        ("measure", ("trends",), truth.trends, measures),
        ("measure", ("starts_at",), truth.starts_at, measures),
        ("wave", ("so_far",), truth.so_far, waves),
        *[("arm", ("effects", name), arms, list(protocol.arms)) for name, arms in truth.effects.items()],
    ]
    if truth.late is not None:
        spoken += [("wave", ("late",), [truth.late.wave], waves), ("population", ("late",), [truth.late.population], populations)]
    if truth.supplier is not None:
        spoken.append(("wave", ("supplier",), [truth.supplier.wave], waves))
    for word, path, names, known in spoken:
        for name in names:
            if name not in known:
                yield Problem(
                    f"the simulation names {word} '{name}', which the protocol does not have.",
                    located.where((*path, name)),
                    suggestion(name, known, f"Known {word}s"),
                    "unknown-name",
                )


def default_start(protocol: Protocol, measure: str, low: float, high: float) -> float:
    """Where a measure starts when the truth does not say: three fifths of its interval, half for a percentage."""
    share = 0.5 if protocol.measures[measure].score is ScoreRule.PERCENT_POSITIVE else 0.6
    return low + share * (high - low)
