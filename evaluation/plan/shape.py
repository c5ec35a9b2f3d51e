"""The shape of every question of a plan: units on either side, assumed variances, floor, detectable difference.

Nothing here looks at answers. Each wave's answers are taken to come from different people except where a design needs the same
ones, of whom half are taken to be recognised; a percentage is taken to vary as it does at 50%. All three err on the careful side.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import pandas as pd
from scipy import stats

from evaluation.findings.subject import Subject, subject_of
from evaluation.findings.verdict import Reading
from evaluation.inference.design import OWN_COLUMNS, Contrast, contrasts, whole_organisations
from evaluation.inference.power import Noise, chance_to_detect, minimum_detectable_effect, people_error
from evaluation.inference.refusals import Facts, Keeps, Refusal, refusals, standing
from evaluation.inference.resolution import floor, floor_within
from evaluation.organisations.register import Register
from evaluation.protocol.documents import Documents
from evaluation.protocol.model import Expectation
from evaluation.terms import Assignment, Design

PERCENTAGE_DEVIATION = 0.5
RECOGNISED = 0.5
POWER = 0.8


Places = tuple[tuple[int, int], ...]
"""(pilot, comparison) units wherever arms could be reassigned: one for the study, or one for each organisation with both arms."""


@dataclass(frozen=True)
class Shape:
    """One contrast of one estimand, as the plan has it. `people` answer per unit and wave; amounts are in the measure's units.

    `one_sided` where the protocol names no arm to compare with.
    """

    subject: Subject
    places: Places
    people: int
    noise: Noise
    one_sided: bool = False

    @property
    def pilots(self) -> int:
        """m, units with the pilot."""
        return sum(pilots for pilots, _ in self.places)

    @property
    def comparisons(self) -> int:
        """Units to compare them with."""
        return sum(comparisons for _, comparisons in self.places)

    @property
    def units(self) -> int:
        """G, all units compared."""
        return self.pilots + self.comparisons

    @cached_property
    def floor(self) -> float:
        """The smallest p-value that reassigning the arms within places can reach."""
        if self.subject.design.alone:
            return floor(self.pilots, 0, self.subject.design)
        return floor_within([(pilots, pilots + comparisons) for pilots, comparisons in self.places])

    @cached_property
    def refused(self) -> tuple[Refusal, ...]:
        """Why this many units get no p-value, or nothing at all."""
        subject = self.subject
        return refusals(Facts(
            subject.design, self.pilots, self.comparisons, OWN_COLUMNS[subject.design], unit_word=subject.one,
            unit_plural=subject.many, one_sided=self.one_sided and not self.comparisons, confidence=subject.confidence,
            floor=self.floor,
        ))  # fmt: skip

    @property
    def reasons(self) -> tuple[str, ...]:
        """The same as sentences."""
        return tuple(refusal.sentence for refusal in self.refused)

    @property
    def people_assigned(self) -> bool:
        """Whether people, not groups of people, were assigned."""
        return self.subject.assignment is Assignment.RESPONDENT

    @property
    def withheld(self) -> bool:
        """Whether too few units leave no interval that rests on data."""
        return standing(self.refused)[1] not in (None, Keeps.INTERVAL)

    @property
    def threshold(self) -> float:
        """The difference this question must be able to see: its margin, or its minimum important difference."""
        return self.subject.minimum if self.subject.margin is None else self.subject.margin

    @property
    def detectable(self) -> float:
        """The true difference that is found four times in five; infinite where no p-value can be given."""
        if self.withheld:
            return float("inf")
        if self.people_assigned:
            reach = stats.norm.ppf((1 + self.subject.confidence) / 2) + stats.norm.ppf(POWER)
            return float(reach) * self._people_error
        confidence = self.subject.confidence
        return minimum_detectable_effect(self.subject.design, self.noise, *self._sides, confidence=confidence, power=POWER)

    @property
    def firm(self) -> bool:
        """Whether a verdict may go beyond "probably"; what must not get worse is judged by its interval alone."""
        if self.withheld or self.subject.margin is not None:
            return not self.withheld
        return Reading(None, None, None, None, None, self.subject.minimum, self.subject.confidence, self.floor).design_tells

    @property
    def suffices(self) -> bool:
        """Whether a firm verdict on its threshold is found at least four times in five."""
        return self.firm and self.detectable <= self.threshold

    def chance(self, effect: float) -> float:
        """The chance that the interval leaves out zero when the true difference is `effect`, by formula."""
        if self.withheld:
            return 0.0
        if self.people_assigned:
            reach, shift = stats.norm.ppf((1 + self.subject.confidence) / 2), effect / self._people_error
            return float(stats.norm.sf(reach - shift) + stats.norm.cdf(-reach - shift))
        return chance_to_detect(effect, self.subject.design, self.noise, *self._sides, confidence=self.subject.confidence)

    def with_more(self, *, pilots: int = 0, comparisons: int = 0, people: int = 0) -> "Shape":
        """The same question with more units, given to its places in turn, or more people in each."""
        more = zip(self.places, _shared(pilots, len(self.places)), _shared(comparisons, len(self.places)), strict=True)
        places = tuple((m + further, c + others) for (m, c), further, others in more)
        return replace(self, places=places, people=self.people + people)

    @property
    def _people_error(self) -> float:
        return people_error(self.noise, self.subject.design, self.pilots, self.comparisons)

    @property
    def _sides(self) -> tuple[list[float], list[float]]:
        people = self.people * RECOGNISED if self.subject.design is Design.ANCOVA else self.people
        return [people] * self.pilots, [people] * self.comparisons


def _shared(number: int, places: int) -> list[int]:
    """`number` units given to `places` in turn."""
    each, rest = divmod(number, places)
    return [each + (place < rest) for place in range(places)]


def shapes_of(documents: Documents, register: Register) -> tuple[Shape, ...]:
    """Every contrast of every estimand that is asked, in the order of the protocol; what records count is not planned for."""
    return tuple(
        _shape(documents, register, name, contrast)
        for name, estimand in documents.protocol.estimands.items() if not documents.protocol.measures[estimand.measure].is_counted
        for contrast in contrasts(documents.protocol, name)
    )


def _shape(documents: Documents, register: Register, name: str, contrast: Contrast) -> Shape:
    protocol = documents.protocol
    subject = subject_of(documents, name, contrast)
    expectation = protocol.expected_of(subject.population)
    people = expectation.respondents_per_unit
    units = _sided(register.units, contrast, subject)
    if subject.assignment is not Assignment.RESPONDENT and whole_organisations(units, subject.design):
        people = people * len(units) // units["organisation"].nunique()
        subject, units = replace(subject, whole_organisations=True), units.drop_duplicates("organisation")
    places = _places(units, contrast, subject, people)
    return Shape(subject, places, people, _noise(subject, expectation), one_sided=not contrast.right)


def _noise(subject: Subject, expectation: Expectation) -> Noise:
    if subject.percentages:
        expectation = expectation.model_copy(update={"standard_deviation": PERCENTAGE_DEVIATION})
    return Noise.expected(expectation, subject.interval.high - subject.interval.low, linked=subject.design is Design.ANCOVA)


def _sided(units: pd.DataFrame, contrast: Contrast, subject: Subject) -> pd.DataFrame:
    """The units of either side, with column side; every place, where arms come with people."""
    sided = units.assign(side=contrast.side(units["arm"]))
    return sided if subject.assignment is Assignment.RESPONDENT else sided.dropna(subset="side")


def _places(units: pd.DataFrame, contrast: Contrast, subject: Subject, people: int) -> Places:
    if subject.assignment is Assignment.RESPONDENT:
        each = people * max(1, len(units)) // (len(contrast.left) + len(contrast.right))
        return ((each * len(contrast.left), each * len(contrast.right)),)
    held = units.groupby("organisation")["side"].agg(["sum", "size"])
    shared = held[(held["sum"] > 0) & (held["sum"] < held["size"])]
    if len(shared):
        return tuple((int(row["sum"]), int(row["size"] - row["sum"])) for _, row in shared.iterrows())
    return ((int(units["side"].sum()), int((units["side"] == 0).sum())),)
