"""What a finding speaks about: who, where, beside whom, and the words for its numbers.

Everything here comes from the plan, nothing from data, so that a sentence can be written before an answer exists.
"""

from dataclasses import dataclass
from math import log1p

from evaluation.figures import numbers
from evaluation.findings.verdict import Manner
from evaluation.inference.design import Contrast
from evaluation.measures.score import interval_of
from evaluation.protocol.block import Interval
from evaluation.protocol.documents import Documents
from evaluation.protocol.model import Measure, Protocol
from evaluation.terms import Assignment, Better, Design, Role, ScoreRule, Selection, Status

NATIONAL, IN_NATIONAL_FIGURES = "the national trend", "in the national figures for their type"
WORDS_OF_UNITS = {Assignment.RESPONDENT: "person"}


@dataclass(frozen=True)
class Subject:
    """The fixed words and numbers of one contrast of one estimand.

    `people` is the population inside a sentence ("staff"), `where` who has the pilot ("in pilot organisations"),
    `elsewhere` who has not; `decimals` is how many of a number are shown, `unit_words` what follows it. Of what is `counted`
    in records numbers are changes of a rate in percent, where inference gave logs of rate ratios.
    """

    estimand: str
    status: Status
    measure: str
    label: str
    population: str
    people: str
    says: str
    design: Design
    contrast: str
    contrast_label: str
    versus: str
    where: str
    elsewhere: str
    wave_from: str
    wave_to: str
    to_label: str
    assignment: Assignment
    randomised: bool
    selection: Selection
    confidence: float
    percentages: bool
    interval: Interval
    better: Better
    minimum: float
    margin: float | None
    unit_words: str
    decimals: int
    watched_only: bool
    whole_organisations: bool = False
    counted: bool = False

    @property
    def unit(self) -> str:
        """The word for one thing that was assigned."""
        return WORDS_OF_UNITS.get(self.assignment, self.assignment.value)

    @property
    def units(self) -> str:
        """The word for several."""
        return self.assignment.plural

    @property
    def compared(self) -> Assignment:
        """What the numbers count: organisations where these have one arm each, whatever was named to be assigned."""
        return Assignment.ORGANISATION if self.whole_organisations else self.assignment

    @property
    def one(self) -> str:
        """The word for one thing that is compared."""
        return WORDS_OF_UNITS.get(self.compared, self.compared.value)

    @property
    def many(self) -> str:
        """The word for several things that are compared."""
        return self.compared.plural

    @property
    def source(self) -> str:
        """Where its numbers come from: the population that answers, or the records of the measure."""
        return records_of(self.measure) if self.counted else self.population

    def as_estimated(self, value: float) -> float:
        """A number of this page on the scale of the estimate and its error."""
        return log1p(value / 100) if self.counted else value

    @property
    def manner(self) -> Manner:
        """What the verdict's words compare."""
        if self.design is Design.BEFORE_AFTER:
            return Manner.CHANGE_ONLY
        levels_only = self.design is Design.COMPARISON and not self.randomised
        return Manner.BESIDE_OTHERS if levels_only else Manner.MORE_THAN_OTHERS

    def shown(self, value: float) -> float:
        """A number of this measure as a page rounds what a release holds."""
        return numbers.rounded(numbers.significant(value), self.decimals)

    def amount(self, value: float) -> str:
        """A number of this measure with its unit, as shown."""
        return numbers.amount(self.shown(value), self.unit_words, self.decimals)

    def signed_amount(self, value: float) -> str:
        """The same with its sign: "+0.4 points out of 10"."""
        return f"{self.signed(value)} {self.unit_words}"

    def signed(self, value: float) -> str:
        """The sign and the number only."""
        return numbers.signed(self.shown(value), self.decimals)

    def plain(self, value: float) -> str:
        """The number only."""
        return numbers.plain(self.shown(value), self.decimals)

    def span(self, low: float, high: float) -> str:
        """Both ends of an interval: "0.2 to 0.8"."""
        return f"{self.plain(low)} to {self.plain(high)}"

    @property
    def interval_name(self) -> str:
        """"95% confidence interval"."""
        return f"{100 * self.confidence:g}% confidence interval"

    @property
    def important(self) -> str:
        """The change that matters, with its unit."""
        return self.amount(self.minimum)


def subject_of(documents: Documents, estimand: str, contrast: Contrast, wave: str | None = None) -> Subject:
    """The words of one contrast of `estimand`, at `wave` or at the wave that the plan names."""
    protocol = documents.protocol
    plan = protocol.estimands[estimand]
    measure = protocol.measures[plan.measure]
    wave_from, planned = protocol.waves_of(estimand)
    wave_to = wave or planned
    interval = interval_of(plan.measure, documents)
    percentages = measure.score is ScoreRule.PERCENT_POSITIVE
    return Subject(
        estimand=estimand, status=plan.status, measure=plan.measure, label=measure.label, population=measure.population,
        people=inside(protocol.populations[measure.population].label), says=measure.says, design=plan.design,
        contrast=contrast.label, contrast_label=_contrast_label(protocol, contrast, plan.design),
        versus=NATIONAL if plan.design is Design.BENCHMARK else _versus(protocol, contrast),
        where=_where(protocol, contrast.left),
        elsewhere=IN_NATIONAL_FIGURES if plan.design is Design.BENCHMARK else _elsewhere(protocol, contrast.right),
        wave_from=wave_from, wave_to=wave_to,
        to_label=protocol.waves[wave_to].label, assignment=protocol.assignment,
        randomised=protocol.randomised, selection=protocol.selection, confidence=protocol.look_confidence,
        percentages=percentages, interval=interval, better=measure.better, minimum=measure.minimum_important_difference.value,
        margin=plan.margin.value if plan.margin else None, unit_words=unit_words(measure, interval),
        decimals=numbers.decimals_for(measure.minimum_important_difference.value, percentages or measure.is_counted),
        watched_only=wave_to in protocol.looks.watch and wave_to not in protocol.looks.decide, counted=measure.is_counted,
    )


def records_of(measure: str) -> str:
    """The name under which waves of a measure's records are known, which no population can have."""
    return f"records of {measure}"


def source_of(protocol: Protocol, measure: str) -> str:
    """The population that answers `measure`, or its records."""
    return records_of(measure) if protocol.measures[measure].is_counted else protocol.measures[measure].population


def unit_words(measure: Measure, interval: Interval) -> str:
    """What follows a number of this measure: "points out of 10", "percentage points", "points" or, of a rate, "percent"."""
    if measure.minimum_important_difference.unit != "points":
        return measure.minimum_important_difference.unit
    return f"points out of {interval.high:g}" if interval.low == 0 else "points"


def inside(label: str) -> str:
    """A label as it reads inside a sentence: "Staff" is "staff", "NHS staff" and "I am proud" stay."""
    first, _, _ = label.partition(" ")
    return label if first == "I" or first[1:] != first[1:].lower() else label[:1].lower() + label[1:]


def _whole_role(protocol: Protocol, arms: tuple[str, ...]) -> Role | None:
    return next((role for role in Role if arms and set(arms) == set(protocol.arms_with(role))), None)


def _labels(protocol: Protocol, arms: tuple[str, ...]) -> str:
    return numbers.listed([f"‘{protocol.arms[arm].label}’" for arm in arms])


def _where(protocol: Protocol, arms: tuple[str, ...]) -> str:
    plural = protocol.assignment.plural
    place = "in the pilot group" if protocol.assignment is Assignment.RESPONDENT else f"in pilot {plural}"
    return place if _whole_role(protocol, arms) is Role.PILOT else f"{place} ({_labels(protocol, arms)})"


def _elsewhere(protocol: Protocol, arms: tuple[str, ...]) -> str:
    if not arms or _whole_role(protocol, arms) is Role.COMPARISON:
        return "in the comparison group" if protocol.assignment is Assignment.RESPONDENT else "elsewhere"
    return f"under {_labels(protocol, arms)}"


def _versus(protocol: Protocol, contrast: Contrast) -> str:
    plain = not contrast.right or _whole_role(protocol, contrast.right) is Role.COMPARISON
    return "comparison" if plain else _labels(protocol, contrast.right)


def _contrast_label(protocol: Protocol, contrast: Contrast, design: Design) -> str:
    left = "Pilots" if _whole_role(protocol, contrast.left) is Role.PILOT else _named(protocol, contrast.left)
    if design is Design.BENCHMARK:
        return f"{left} minus {NATIONAL}"
    if not contrast.right:
        return f"{left}, before and after"
    right = "comparison" if _whole_role(protocol, contrast.right) is Role.COMPARISON else _named(protocol, contrast.right)
    return f"{left} minus {right}"


def _named(protocol: Protocol, arms: tuple[str, ...]) -> str:
    return numbers.listed([protocol.arms[arm].label for arm in arms])
