"""When a number, an interval or a p-value is not given, why, and what would help: rules as data.

Each rule reads the facts of one contrast. The strictest standing among the rules that apply wins; every reason is kept.
Sources: docs/methods.md, section 6 and rule 5; in a prototype, with one pilot organisation CR1, CR2 and CR3 rejected a true
null 52 to 77 times in 100, with two against two the headline never rejected and CR1 did 24 times in 100.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from itertools import count

from evaluation.errors import DesignError, Problem
from evaluation.inference.confidence import refuse_confidence
from evaluation.inference.resolution import floor
from evaluation.terms import Design, EstimateStatus

_NUMBERS = {2: "two", 3: "three", 4: "four"}


class Keeps(IntEnum):
    """What a refusal leaves standing, from least to most."""

    NOTHING = 0
    ESTIMATE = 1
    INTERVAL = 2


@dataclass(frozen=True)
class Facts:
    """What the rules look at. Counts are of assigned units that can be used; `missing` names waves without any answer.

    `floor` is the smallest p-value the design can reach where arms are reassigned within places; else all units are reassigned.
    """

    design: Design
    n_pilot: int
    n_comparison: int
    columns: int
    unit_word: str = "organisation"
    unit_plural: str = "organisations"
    missing: tuple[str, ...] = ()
    unasked: tuple[str, ...] = ()
    opens: str = ""
    one_sided: bool = False
    needs_links: bool = False
    estimator_unfit: str = ""
    unweighted: str = ""
    dose_unknown: tuple[str, ...] = ()
    no_benchmark: tuple[str, ...] = ()
    contrast_lost: bool = False
    no_spread: bool = False
    leverage_one: bool = False
    confidence: float = 0.95
    floor: float | None = None

    def __post_init__(self) -> None:
        refuse_confidence(self.confidence)

    @property
    def units(self) -> int:
        """Usable units in all."""
        return self.n_pilot + self.n_comparison

    @property
    def enough_alone(self) -> int:
        """Units without comparison whose resolution floor is at most 1 - confidence: 6 at 95%."""
        return next(m for m in count(2) if floor(m, m, Design.BEFORE_AFTER) <= 1 - self.confidence + 1e-9)

    @property
    def odds(self) -> str:
        """How often chance alone gives the most extreme result: "one time in three"."""
        lowest = floor(self.n_pilot, self.units, self.design) if self.floor is None else self.floor
        times = round(1 / lowest) if lowest else 0
        return "every time" if times == 1 else f"one time in {_NUMBERS.get(times, times)}"

    def words(self) -> dict[str, str | int]:
        """What sentences may quote."""
        return {
            "pilots": self.n_pilot,
            "comparisons": self.n_comparison,
            "units": self.units,
            "unit": self.unit_word,
            "every": f"Every {self.unit_word}" if self.design.alone else f"On each side every {self.unit_word}",
            "plural": self.unit_plural,
            "missing": ", ".join(self.missing),
            "unasked": ", ".join(self.unasked),
            "opens": self.opens,
            "unfit": self.estimator_unfit,
            "unweighted": self.unweighted,
            "undosed": ", ".join(self.dose_unknown),
            "unmatched": ", ".join(self.no_benchmark),
            "columns": self.columns,
            "level": f"{100 * (1 - self.confidence):.3g}",
            "enough": self.enough_alone,
            "odds": self.odds,
        }


@dataclass(frozen=True)
class Rule:
    """One reason to refuse; `says` and `remedy` are templates over `Facts.words`."""

    name: str
    status: EstimateStatus
    keeps: Keeps
    applies: Callable[[Facts], bool]
    says: str
    remedy: str


@dataclass(frozen=True)
class Refusal:
    """A rule that applied, with its sentence and what to do."""

    rule: str
    status: EstimateStatus
    keeps: Keeps
    sentence: str
    remedy: str


_NOT_YET, _NONE, _WITHHELD = EstimateStatus.NOT_YET, EstimateStatus.NOT_ESTIMABLE, EstimateStatus.WITHHELD

RULES: tuple[Rule, ...] = (
    Rule(
        "wave_missing",
        _NOT_YET,
        Keeps.NOTHING,
        lambda f: bool(f.missing),
        "There are no answers yet from {missing}.",
        "Load this wave when it has closed{opens}.",
    ),
    Rule(
        "not_weighted",
        _NONE,
        Keeps.NOTHING,
        lambda f: bool(f.unweighted),
        "{unweighted}",
        "Look up the reason in the report on weights, or read the unweighted estimate.",
    ),
    Rule(
        "not_asked",
        _NONE,
        Keeps.NOTHING,
        lambda f: bool(f.unasked),
        "Nobody has a score on this measure in {unasked}: its questions were not asked, or too few were answered.",
        "Choose waves in which the questions were asked, or a design that does not need {unasked}.",
    ),
    Rule(
        "no_comparison_arm",
        _NONE,
        Keeps.NOTHING,
        lambda f: f.one_sided and not f.design.alone,
        "The protocol has no comparison arm, and this design needs one.",
        "Name comparison {plural}, or ask for 'before and after': a change, not an effect.",
    ),
    Rule(
        "estimator_unfit",
        _NONE,
        Keeps.NOTHING,
        lambda f: bool(f.estimator_unfit),
        "{unfit}",
        "Leave 'estimator' out of the estimand: the assignment then chooses the right one.",
    ),
    Rule(
        "nobody_linked",
        _NONE,
        Keeps.NOTHING,
        lambda f: f.needs_links and f.units == 0,
        "Nobody who answered in one wave can be recognised in the other.",
        "Collect with a personal code (linkage: pseudonym), or use 'difference in differences', which needs none.",
    ),
    Rule(
        "empty_arm",
        _NONE,
        Keeps.NOTHING,
        lambda f: f.n_pilot == 0 or (f.n_comparison == 0 and not f.design.alone),
        "Of those that answered in every wave compared, {pilots} are pilot and {comparisons} comparison {plural}.",
        "Find out why an arm is missing; load its answers if they exist.",
    ),
    Rule(
        "one_unit",
        _NONE,
        Keeps.NOTHING,
        lambda f: f.design.alone and f.n_pilot == 1,
        "One {unit} cannot show how much {plural} differ.",
        "Report its own figures as a description, without an inference.",
    ),
    Rule(
        "dose_unknown",
        _NOT_YET,
        Keeps.NOTHING,
        lambda f: bool(f.dose_unknown),
        "How far the pilot was implemented is not known for {undosed}.",
        "Write it into the column 'implemented' of organisations.csv, from 0 to 1.",
    ),
    Rule(
        "no_benchmark",
        _NOT_YET,
        Keeps.NOTHING,
        lambda f: bool(f.no_benchmark),
        "The national figures have no trend between these waves for {unmatched}.",
        "Add the mean of their type in both waves to the file that 'benchmark' names.",
    ),
    Rule(
        "too_many_columns",
        _NONE,
        Keeps.NOTHING,
        lambda f: f.units > 0 and (f.units < f.columns or (f.units == f.columns and f.columns > 2)),
        "{units} {plural} are too few to estimate {columns} quantities.",
        "Ask for a simpler design, or add {plural}.",
    ),
    Rule(
        "contrast_lost",
        _NONE,
        Keeps.NOTHING,
        lambda f: f.contrast_lost,
        "The arms differ in nothing that other columns do not already say, so their difference cannot be told.",
        "Leave out the covariate that separates the arms, or compare inside organisations that hold both.",
    ),
    Rule(
        "no_spread",
        _NONE,
        Keeps.NOTHING,
        lambda f: f.no_spread,
        "{every} gave exactly the same figure, so there is nothing to measure uncertainty with.",
        "Check the file for a constant column; identical answers everywhere are rarely real.",
    ),
    Rule(
        "one_on_a_side",
        _WITHHELD,
        Keeps.ESTIMATE,
        lambda f: not f.design.alone and 1 in (f.n_pilot, f.n_comparison),
        "With {pilots} pilot and {comparisons} comparison {plural}, the programme cannot be told from one {unit}'s own luck.",
        "Read the changes {unit} by {unit}; at least two on either side, five in all, are needed for a p-value.",
    ),
    Rule(
        "four_units",
        _WITHHELD,
        Keeps.ESTIMATE,
        lambda f: not f.design.alone and 2 <= f.units <= 4,
        "With {units} {plural} in all, even the most extreme result would happen by chance {odds}.",
        "Read the changes {unit} by {unit}; five or more {plural} are needed for a p-value.",
    ),
    Rule(
        "leverage_one",
        _WITHHELD,
        Keeps.ESTIMATE,
        lambda f: f.leverage_one and 1 not in (f.n_pilot, f.n_comparison),
        "One {unit} alone decides the difference, so its error cannot be judged from the others.",
        "Read the changes {unit} by {unit}, or ask for a design in which no arm rests on one.",
    ),
    Rule(
        "few_before_after",
        _WITHHELD,
        Keeps.INTERVAL,
        lambda f: f.design.alone and 2 <= f.n_pilot < f.enough_alone,
        "With {pilots} {plural} and no comparison, a sign test could not reach {level} in 100 even if all moved the same way.",
        "Read the interval; {enough} or more {plural}, or a comparison, are needed for a p-value.",
    ),
)


def refusals(facts: Facts) -> tuple[Refusal, ...]:
    """Every rule that applies; once a rule leaves nothing standing, the rules after it are not asked."""
    found: list[Refusal] = []
    for rule in RULES:
        if not rule.applies(facts):
            continue
        words = facts.words()
        found.append(Refusal(rule.name, rule.status, rule.keeps, rule.says.format(**words), rule.remedy.format(**words)))
        if rule.keeps is Keeps.NOTHING:
            break
    return tuple(found)


def standing(found: tuple[Refusal, ...]) -> tuple[EstimateStatus, Keeps | None]:
    """The status after all refusals, and what they leave; (ESTIMATED, None) when there is none."""
    if not found:
        return EstimateStatus.ESTIMATED, None
    strictest = min(found, key=lambda refusal: refusal.keeps)
    return strictest.status, strictest.keeps


def refused(found: tuple[Refusal, ...]) -> DesignError:
    """Refusals as an error, every reason a problem of its own."""
    return DesignError([Problem(one.sentence, fix=one.remedy, code=one.rule) for one in found])


def borne(facts: Facts) -> tuple[EstimateStatus, Keeps | None]:
    """The standing of an answer by these rules.

    Raises:
        DesignError: nothing is left standing, with every reason.
    """
    found = refusals(facts)
    status, keeps = standing(found)
    if keeps is Keeps.NOTHING:
        raise refused(found)
    return status, keeps
