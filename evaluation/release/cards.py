"""The parts of a release, as frozen models: what the board's site may know about a study, its findings and its cells."""

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from evaluation.terms import (
    Assignment,
    Better,
    Design,
    EstimateStatus,
    Level,
    Linkage,
    Role,
    ScoreRule,
    Selection,
    Status,
    Support,
    Suppression,
    Tone,
)

Words = tuple[str, ...]


class Part(BaseModel):
    """A frozen part of a release; unknown keys and numbers that are none are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, allow_inf_nan=False)


class Board(Part):
    """Who decides, and whom a reader asks."""

    name: str
    contact: str


class FrozenPlan(Part):
    """The seal on the plan: `number` counts plan 1 and its amendments."""

    fingerprint: str
    date: date
    number: int


class Policy(Part):
    """The disclosure policy this release was built under, in its own words."""

    name: str
    version: int
    threshold: int
    says: str


class StudyCard(Part):
    """What the study is and what it asks the board. `simulated` holds the sentence that every page of a simulation shows."""

    name: str
    title: str
    question: str
    asks: str
    board: Board
    assignment: Assignment
    unit_word: str
    unit_plural: str
    randomised: bool
    selection: Selection
    confidence: float
    fingerprint: str
    frozen: FrozenPlan | None
    simulated: str | None
    policy: Policy
    if_an_organisation_leaves: str
    cannot_tell: Words


class ArmCard(Part):
    """One arm."""

    id: str
    role: Role
    label: str


class WaveCard(Part):
    """One wave: `loaded` says that answers of at least one population are in; `retired` that answers were in and were deleted at
    the end of their time; `look` what the plan lets it decide."""

    id: str
    label: str
    opens: date
    closes: date
    loaded: bool
    retired: bool = False
    look: Literal["watch", "decide"] | None
    before_start: bool


class PopulationCard(Part):
    """Whom a survey asks."""

    id: str
    label: str
    level: Level
    linkage: Linkage


class LinkCard(Part):
    """One arrow of the theory of change and how the findings leave it."""

    from_: str = Field(alias="from")
    to: str
    measured_by: Words
    state: Support


class ItemCard(Part):
    """One question of a measure; `waves` in which it was asked, `reverse` where a high answer lowers the score."""

    id: str
    wording: str
    value: str | None
    waves: Words
    reverse: bool = False


class MeasureCard(Part):
    """How an outcome is measured; `low` and `high` bound its score, `unit_words` follow a number of it."""

    id: str
    label: str
    population: str
    score: ScoreRule
    low: float
    high: float
    unit_words: str
    better: Better
    minimum_important_difference: float
    items: tuple[ItemCard, ...]


class OrganisationCard(Part):
    """One unit of the register; `arm` is None where people, not organisations, were assigned."""

    unit: str
    organisation: str
    name: str
    arm: str | None
    role: Role | None
    type: str | None


class FlagCard(Part):
    """A caution on a finding, with the sentence that explains it."""

    id: str
    sentence: str


class EstimateRow(Part):
    """One estimate of the analyst's panel: the result columns, to three significant digits."""

    estimand: str | None = None
    measure: str | None = None
    population: str | None = None
    design: str | None = None
    estimator: str | None = None
    variance: str | None = None
    term: str | None = None
    contrast: str | None = None
    wave_from: str | None = None
    wave_to: str | None = None
    estimate: float | None = None
    std_error: float | None = None
    statistic: float | None = None
    df: float | None = None
    p_value: float | None = None
    adjusted_p: float | None = None
    confidence: float | None = None
    conf_low: float | None = None
    conf_high: float | None = None
    resolution_floor: float | None = None
    minimum_important_difference: float | None = None
    unit: str | None = None
    weighted: bool | None = None
    n_respondents: int | None = None
    n_units: int | None = None
    n_pilot: int | None = None
    n_comparison: int | None = None
    status: EstimateStatus | None = None
    flags: Words = ()
    result_id: str | None = None


class SoFar(Part):
    """The estimate at a wave that is watched: a number so far, never a verdict."""

    wave: str
    estimate: float
    conf_low: float | None
    conf_high: float | None
    sentence: str


class FindingCard(Part):
    """One answer to one question of the plan, in words and in numbers of three significant digits.

    `estimate` and its interval are in the measure's own direction; `tone` and the words know which way is better.
    `short` is the verdict in table words. `decimals` is how many a page shows. `compared` says what `n_units` counts where it
    is not what was assigned: organisations, where each has one arm for all its teams.
    """

    estimand: str
    status: Status
    measure: str
    label: str
    population: str
    design: Design
    contrast: str
    contrast_label: str
    wave_from: str
    wave_to: str
    verdict: str
    short: str
    tone: Tone
    sentence: str
    claim_change_not_effect: bool
    estimate: float | None
    conf_low: float | None
    conf_high: float | None
    confidence: float
    low80: float | None
    high80: float | None
    minimum_important_difference: float
    margin: float | None
    unit_words: str
    better: Better
    decimals: int
    n_units: int
    n_pilot: int
    n_comparison: int
    n_respondents: int
    n_from: int | None
    n_to: int | None
    units_rose: int | None
    units_counted: int | None
    grade: str
    grade_reason: str
    floor_words: str
    how_sure: Words
    was_it_enough: Words
    would_change: Words
    cannot_tell: Words
    flags: tuple[FlagCard, ...]
    compared: Assignment | None = None
    so_far: tuple[SoFar, ...] = ()
    panel: tuple[EstimateRow, ...] = ()
    within_people: tuple[dict[str, str | float | int | bool | None], ...] = ()


class RuleCard(Part):
    """One decision rule; `holds` is None where it cannot be told yet. The last rule may have no `when`."""

    when: str | None
    then: str
    holds: bool | None
    reason: str


class DecisionCard(Part):
    """What the board is asked, what the plan says now, and why."""

    asks: str
    plan_says: str
    reason: str
    rules: tuple[RuleCard, ...]


class CellCard(Part):
    """One shown or hidden cell at display precision: `n` rounded by the policy, `mean` to one decimal (percentages whole).

    A cell with `suppressed` has no number; a cell nobody answered looks the same. `extreme` says that `mean` is only a bound:
    few answered and nearly all alike, so the page writes "under 5%" or "over 95%" and no interval.
    """

    measure: str
    wave: str
    level: Literal["unit", "arm", "role"]
    unit: str | None = None
    arm: str | None = None
    role: Role | None = None
    n: int | None = None
    mean: float | None = None
    conf_low: float | None = None
    conf_high: float | None = None
    extreme: Literal["below", "above"] | None = None
    suppressed: Suppression | None = None


class ResponseCard(Part):
    """Of the people who could have answered, how many did: a whole `percent`, from a published count and public headcounts.

    `answered` is the count as the policy rounds it, of the measure that most answered; `eligible` counts units that took part.
    """

    population: str
    wave: str
    level: Literal["unit", "arm", "role"]
    unit: str | None = None
    arm: str | None = None
    role: Role | None = None
    answered: int
    eligible: int
    percent: int


class PlannedEstimand(Part):
    """One estimand as the plan states it."""

    name: str
    status: Status
    measure: str
    design: Design
    estimator: str
    contrast: Words
    wave_from: str
    wave_to: str
    mid: str
    margin: str | None
    family: str | None


class ValueCard(Part):
    """One value of the study's framework: what it means, what it looks like in daily work, where it shows."""

    label: str
    statement: str
    behaviours: Words
    surfaced_by: Words


class ProtocolPage(Part):
    """What the Protocol page shows; `document_text` is protocol.yaml verbatim."""

    estimands: tuple[PlannedEstimand, ...]
    decide: Words
    multiplicity: dict[str, str]
    versions: dict[str, str]
    values: tuple[ValueCard, ...] = ()
    document_text: str
