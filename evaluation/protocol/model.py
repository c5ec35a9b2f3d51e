"""What a protocol may say.

Each class is one block of `protocol.yaml`; its fields are the only keys the block may have. Reading and line numbers are
`documents.py`; what one block says about another is checked in `consistency.py`.
"""

from typing import Literal, Self

from pydantic import Field, model_validator

from evaluation.protocol.block import (
    AmountText,
    Block,
    Day,
    DocumentName,
    Identifier,
    IntervalText,
    Label,
    Names,
    Number,
    Sentence,
    Sentences,
    ShareText,
    Truth,
    Whole,
)
from evaluation.terms import (
    Assignment,
    Better,
    Design,
    Estimator,
    Level,
    Linkage,
    Multiplicity,
    Role,
    ScoreRule,
    Selection,
    Status,
    WeightKind,
)


class Board(Block):
    """Who decides, and whom a reader asks."""

    name: Label
    contact: Label


class Arm(Block):
    """One arm: `pilot` has the intervention, `comparison` stands for what would have happened."""

    role: Role
    label: Label


class ResponseWeights(Block):
    """How answers are weighted to the headcounts of their unit and wave.

    `raking` meets the headcounts of every margin's levels; `post-stratification` those of the levels of all margins jointly.
    `trim` holds weights, whose mean is 1, between two bounds.
    """

    kind: WeightKind
    margins: Names = Field(min_length=1, description="Groups of the population, which headcounts are stated by.")
    trim: IntervalText | None = None


class Population(Block):
    """Who a survey asks. In a published table a row is an organisation's mean or one `option`'s count, `base` people behind it.

    `headcounts` names a CSV file of eligible people by unit and wave; without one no response rate is told. `weights` weights
    answers to them: every estimate is then told weighted and unweighted.
    """

    label: Label
    level: Level = Level.RESPONDENT
    linkage: Linkage = Linkage.NONE
    headcounts: Label | None = None
    weights: ResponseWeights | None = None
    groups: Names = ()


class Wave(Block):
    """One fieldwork occasion. `before: start` says that no pilot had begun."""

    label: Label
    opens: Day
    closes: Day
    before: Literal["start"] | None = None

    @model_validator(mode="after")
    def _opens_first(self) -> Self:
        if self.closes < self.opens:
            raise ValueError(f"closes on {self.closes}, before it opens on {self.opens}")
        return self


class Looks(Block):
    """Which waves are watched (an estimate so far) and which decide (a verdict)."""

    watch: Names = ()
    decide: Names


class Link(Block):
    """One arrow of the theory of change and the measures that would show it."""

    from_: Label = Field(alias="from")
    to: Label
    measured_by: Names


class SubScore(Block):
    """A part of a score: the mean of its items on the measure's scale, when `at_least` so many were answered (default: all)."""

    items: Names = Field(min_length=1)
    at_least: ShareText | None = None


class Measure(Block):
    """How an outcome is measured. `items` is a list, or `by value`: every item of the instrument that belongs to a value.
    With `score: mean of sub scores` items stand under `sub_scores`, and `at_least` counts sub-scores.
    With `score: event rate` it is not asked but counted: `records` names a CSV file of events and exposure by unit and wave,
    `instrument` and `items` are left out, changes are in percent of the rate, and `says` completes "the rate of ...".
    """

    label: Label
    instrument: DocumentName = ""
    population: Identifier
    score: ScoreRule
    items: Names | Literal["by value"] = ()
    sub_scores: dict[Identifier, SubScore] = Field(default={})
    records: Label | None = None
    at_least: ShareText | None = None
    scale: IntervalText | None = None
    better: Better = Better.HIGHER
    minimum_important_difference: AmountText
    says: Sentence = Field(description="What the sentence to the board says rose, e.g. 'see values lived'.")

    @model_validator(mode="after")
    def _asked_or_counted(self) -> Self:
        given = self.model_fields_set
        if (self.score is ScoreRule.EVENT_RATE) != self.is_counted:
            raise ValueError("a measure with 'score: event rate', and only such a one, names its table under 'records'")
        if self.is_counted and given & {"instrument", "items", "at_least", "scale"}:
            raise ValueError("a measure counted in records has no 'instrument', 'items', 'at_least' or 'scale'")
        if (self.score is ScoreRule.SUB_SCORES) != bool(self.sub_scores) or (self.sub_scores and "items" in given):
            raise ValueError("items stand under 'sub_scores' with 'score: mean of sub scores', and only with it")
        needed = ("instrument",) if self.sub_scores else ("instrument", "items")
        missing = [name for name in needed if name not in given and not self.is_counted]
        if missing:
            raise ValueError(f"{' and '.join(missing)} must be there: which questions are scored")
        return self

    @property
    def named(self) -> tuple[str, ...] | Literal["by value"]:
        """The items as the document names them, those of its sub-scores one after another."""
        return self.items or tuple(item for part in self.sub_scores.values() for item in part.items)

    @property
    def is_counted(self) -> bool:
        """Whether it is counted in records, not asked."""
        return self.records is not None


class Estimand(Block):
    """One question to the data: which measure, which comparison, which waves, and its standing in the plan.

    `by` names a group of the population: the effect is then also told for each of its levels, and so is the change in the gap
    between them. `dose` compares not pilots with others but how far the pilot was implemented: the difference that all of it
    makes. `benchmark` names a CSV file of national means, for a benchmark-adjusted change. `weights: response` makes the weighted
    estimate the headline and sets the unweighted one beside it; without it they change places.
    """

    status: Status
    measure: Identifier
    design: Design
    estimator: Estimator | None = None
    covariates: Names = ()
    weights: Literal["response"] | None = None
    by: Identifier | None = None
    dose: Literal["implemented"] | None = Field(default=None, description="The column of organisations.csv that holds it.")
    benchmark: Label | None = None
    contrast: Sentences = ()
    wave_from: Identifier | None = None
    wave_to: Identifier | None = None
    margin: AmountText | None = None
    family: Identifier | None = None

    @model_validator(mode="after")
    def _guardrail_has_margin(self) -> Self:
        if (self.status is Status.GUARDRAIL) != (self.margin is not None):
            raise ValueError("a guardrail, and only a guardrail, states its margin, e.g. 'margin: 0.2 points'")
        return self


class DecisionRule(Block):
    """`when` a closed sentence about estimands holds, `then` do; the last rule may be `otherwise`."""

    when: Sentence | None = None
    then: Sentence | None = None
    otherwise: Sentence | None = None

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        pair = self.when is not None and self.then is not None and self.otherwise is None
        last = self.otherwise is not None and self.when is None and self.then is None
        if not (pair or last):
            raise ValueError("a rule is either 'when' with 'then', or 'otherwise' alone")
        return self


class Policies(Block):
    """Named, versioned policies that this study is bound by. `threshold` may only be stricter than the disclosure policy's."""

    disclosure: DocumentName
    threshold: Whole | None = Field(default=None, ge=2, description="People who must answer, if stricter than the policy.")


class Expectation(Block):
    """What the plan assumes about one population, to say before any data what the study could see."""

    respondents_per_unit: Whole = Field(ge=1)
    unit_variance_share: Number = Field(ge=0, lt=1, description="Intra-class correlation between units.")
    wave_variance_share: Number = Field(ge=0, lt=1, description="Share of variance between waves of one unit.")
    standard_deviation: Number = Field(gt=0, description="Between respondents, as a share of the scale's length.")
    linked_correlation: Number = Field(default=0.5, ge=0, lt=1)


ASSUMED = Expectation(respondents_per_unit=100, unit_variance_share=0.05, wave_variance_share=0.0125, standard_deviation=0.2)
"""What is expected of a population where the plan states nothing; whoever uses it says so."""


class Protocol(Block):
    """The pre-stated plan of a pilot, whole."""

    protocol: Identifier
    version: Whole = Field(ge=1)
    title: Label
    question: Sentence
    asks: Sentence = Field(description="The decision the board is asked to take, e.g. 'extend the pilots for a second year?'")
    board: Board
    assignment: Assignment
    randomised: Truth
    selection: Selection
    arms: dict[Identifier, Arm]
    organisations: Label = "organisations.csv"
    organisation_types: Sentences = Field(default=(), description="Types of organisation besides those of the table schema.")
    if_an_organisation_leaves: Sentence
    populations: dict[Identifier, Population]
    waves: dict[Identifier, Wave]
    looks: Looks
    theory_of_change: tuple[Link, ...] = ()
    measures: dict[Identifier, Measure]
    estimands: dict[Identifier, Estimand]
    decide: tuple[DecisionRule, ...]
    confidence: Number = Field(default=0.95, gt=0.5, lt=1)
    multiplicity: dict[Identifier, Multiplicity] = Field(default={})
    expect: dict[Identifier, Expectation] = Field(default={})
    cannot_tell: tuple[Sentence, ...] = ()
    seed: Whole = Field(ge=0)
    policies: Policies

    @property
    def baseline(self) -> str:
        """The last wave declared `before: start`, or the first wave when none is."""
        before = [name for name, wave in self.waves.items() if wave.before == "start"]
        return before[-1] if before else next(iter(self.waves))

    @property
    def deciding_wave(self) -> str:
        """The last wave of `looks: decide`."""
        return self.looks.decide[-1]

    @property
    def look_confidence(self) -> float:
        """The confidence of every interval: waves that decide share the plan's error rate in equal parts (Bonferroni)."""
        looks = len(self.looks.decide)
        return self.confidence if looks == 1 else 1 - (1 - self.confidence) / looks

    def expected_of(self, population: str) -> Expectation:
        """What the plan expects of a population, or what is assumed where it states nothing."""
        return self.expect.get(population, ASSUMED)

    def arms_with(self, role: Role) -> tuple[str, ...]:
        """Identifiers of the arms that play `role`, in the order of the document."""
        return tuple(name for name, arm in self.arms.items() if arm.role is role)

    def waves_of(self, estimand: str) -> tuple[str, str]:
        """The waves compared: stated, else baseline and the last deciding wave."""
        stated = self.estimands[estimand]
        return stated.wave_from or self.baseline, stated.wave_to or self.deciding_wave
