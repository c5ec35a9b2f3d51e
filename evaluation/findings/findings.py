"""What a run finds: one finding per question, all of them with the decision they lead to, as tables, text and JSON."""

import html
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import pandas as pd

from evaluation.figures.forest import ForestRow, forest
from evaluation.figures.looks import LIGHT, Look
from evaluation.findings.decide import Decision
from evaluation.findings.flags import Caution
from evaluation.findings.grade import Grade
from evaluation.findings.links import LinkState
from evaluation.findings.rates import as_told
from evaluation.findings.reasons import Lines, Moved
from evaluation.findings.subject import Subject
from evaluation.findings.verdict import Kind, Reading, Verdict
from evaluation.inference.estimate import Answer, Estimate, Estimates
from evaluation.terms import Design, Status

Interval = tuple[float | None, float | None]
WHOLE = ("Pilots", "Pilots, before and after")


@dataclass(frozen=True)
class SoFar:
    """The estimate at a wave that is only watched."""

    wave: str
    estimate: float
    interval: Interval
    sentence: str


@dataclass(frozen=True)
class Finding:
    """One answer with its meaning. `people` are those in the units compared at either wave, None where only one counts.

    `few` says that so few people are behind it that the policy hides it: no verdict, no number on a board's page.
    """

    subject: Subject
    answer: Answer
    reading: Reading
    verdict: Verdict
    sentence: str
    grade: Grade
    floor_words: str
    how_sure: Lines
    was_it_enough: Lines
    would_change: Lines
    cannot_tell: Lines
    flags: tuple[Caution, ...]
    moved: Moved
    people: tuple[int | None, int | None]
    so_far: tuple[SoFar, ...] = ()
    few: bool = False

    @property
    def headline(self) -> Estimate:
        """The number the finding is about, as it is told: of a rate a change in percent."""
        return as_told(self.subject, self.answer).headline

    @property
    def interval(self) -> Interval:
        """Its interval at the plan's confidence, in the measure's own direction."""
        return self.headline.conf_low, self.headline.conf_high

    @property
    def interval80(self) -> Interval:
        """Its 80% interval, likewise."""
        return as_told(self.subject, self.answer).interval80

    @property
    def change_not_effect(self) -> bool:
        """Whether the finding has no comparison."""
        return self.subject.design is Design.BEFORE_AFTER

    @property
    def heading(self) -> str:
        """The measure, which pilots and how the plan ranks the question, then the verdict, marked where it is only a change."""
        pilots = self.subject.contrast_label.removesuffix(" minus comparison")
        which = "" if pilots in WHOLE else f", {pilots}"
        standing = " (exploratory)" if self.subject.status is Status.EXPLORATORY else ""
        mark = " (change, not effect)" if self.change_not_effect and self.verdict.kind is not Kind.NOT_YET else ""
        return f"{self.subject.label}{which}{standing}: {self.verdict.words}{mark}"

    @property
    def is_estimated(self) -> bool:
        """Whether there is a number at all."""
        return self.headline.estimate is not None

    def as_record(self) -> dict[str, Any]:
        """The finding as JSON: words, numbers in full, and every estimate beside the headline."""
        low80, high80 = self.interval80
        subject, head = self.subject, self.headline
        return {
            "estimand": subject.estimand, "status": str(subject.status), "measure": subject.measure, "label": subject.label,
            "heading": self.heading, "contrast": subject.contrast, "contrast_label": subject.contrast_label,
            "wave_from": subject.wave_from, "wave_to": subject.wave_to, "kind": str(self.verdict.kind),
            "verdict": self.verdict.words, "tone": str(self.verdict.tone), "sentence": self.sentence,
            "claim_change_not_effect": self.change_not_effect, "estimate": head.estimate, "conf_low": head.conf_low,
            "conf_high": head.conf_high, "low80": low80, "high80": high80,
            "unit_words": subject.unit_words, "decimals": subject.decimals,
            "n_from": self.people[0], "n_to": self.people[1],
            "units_rose": self.moved.rose, "units_counted": self.moved.counted, "grade": self.grade.letter,
            "grade_reason": self.grade.reason, "how_sure": list(self.how_sure), "was_it_enough": list(self.was_it_enough),
            "would_change": list(self.would_change), "cannot_tell": list(self.cannot_tell),
            "flags": [{"id": flag.id, "sentence": flag.sentence} for flag in self.flags],
            "so_far": [asdict(number) for number in self.so_far], "estimates": [asdict(row) for row in self.answer.estimates],
            "further": [asdict(row) for row in self.answer.further],
            "within_people": self.within_people(), "few": self.few,
        }

    def within_people(self) -> list[dict[str, Any]]:
        """Paired tests on linked people, one record a row; none where nobody is linked."""
        table = self.answer.within_people
        records = [] if table is None else table.to_dict("records")
        return [{str(name): None if pd.isna(value) else value for name, value in row.items()} for row in records]


@dataclass(frozen=True)
class Findings:
    """All findings of one run. `result_id` and `result_number` are set once the ledger has kept them."""

    title: str
    items: tuple[Finding, ...]
    decision: Decision
    links: tuple[LinkState, ...]
    simulated: str | None = None
    result_id: str | None = None
    result_number: str | None = None

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    @property
    def any_estimated(self) -> bool:
        """Whether at least one question got a number."""
        return any(finding.is_estimated for finding in self.items)

    def kept_as(self, result_id: str, result_number: str) -> "Findings":
        """The same, under the id and number that the ledger gave."""
        return replace(self, result_id=result_id, result_number=result_number)

    def tidy(self) -> pd.DataFrame:
        """One row an estimate, the headline of each question first, then what stands beside it and goes further."""
        answers = [finding.answer for finding in self.items]
        rows = (replace(row, result_id=self.result_id) for one in answers for row in (*one.estimates, *one.further))
        return Estimates(tuple(rows)).tidy()

    def glance(self) -> pd.DataFrame:
        """One row a finding: its question, verdict, number, interval and grade."""
        return pd.DataFrame([_glanced(finding) for finding in self.items], columns=list(GLANCE))

    def plot(self, look: Look = LIGHT) -> Any:
        """The forest of all findings as a `plotly.graph_objects.Figure`: each number over what is too small to matter."""
        from evaluation.figures.plotting import as_figure  # plotly takes long to import

        return as_figure(forest([_drawn(finding) for finding in self.items if not finding.few], look))

    def summary(self) -> str:
        """The findings as sentences, main questions first as the plan has them, then what the plan says."""
        number = f"{self.result_number} ({self.result_id})\n" if self.result_number else ""
        banner = f"Simulated data. {self.simulated}\n" if self.simulated else ""
        return f"{self.title}\n{number}{banner}\n" + "\n\n".join([*map(_told, self.items), _decided(self.decision)]) + "\n"

    def as_record(self) -> dict[str, Any]:
        """All of it as JSON."""
        return {
            "title": self.title, "simulated": self.simulated, "findings": [finding.as_record() for finding in self.items],
            "decision": self.decision.as_record(), "links": [asdict(link) for link in self.links],
        }

    def _repr_html_(self) -> str:
        banner = f"<p><strong>Simulated data.</strong> {html.escape(self.simulated)}</p>" if self.simulated else ""
        return banner + str(self.glance().to_html(index=False))


GLANCE = (
    "estimand", "contrast", "status", "verdict", "estimate", "conf_low", "conf_high", "unit_words", "grade", "n_units",
    "n_respondents",
)


def _drawn(finding: Finding) -> ForestRow:
    subject, counted = finding.subject, finding.reading.low is not None
    low, high = finding.interval if counted else (None, None)
    return ForestRow(
        label=subject.label, note="" if subject.contrast_label == "Pilots minus comparison" else subject.contrast_label,
        estimate=finding.headline.estimate, low=low, high=high, band=subject.margin or subject.minimum, better=subject.better,
        unit_words=subject.unit_words, decimals=subject.decimals, verdict=finding.verdict.short, tone=finding.verdict.tone,
        people=f"{finding.headline.n_units or 0} {subject.many}", main=subject.status is Status.PRIMARY,
    )


def _glanced(finding: Finding) -> Mapping[str, object]:
    numbers = finding.headline
    return {
        "estimand": finding.subject.estimand, "contrast": finding.subject.contrast, "status": str(finding.subject.status),
        "verdict": finding.verdict.words, "estimate": numbers.estimate, "conf_low": numbers.conf_low,
        "conf_high": numbers.conf_high, "unit_words": finding.subject.unit_words,
        "grade": finding.grade.letter, "n_units": numbers.n_units, "n_respondents": numbers.n_respondents,
    }


def _told(finding: Finding) -> str:
    return "\n".join([finding.heading, f"  {finding.sentence}", *(f"  {line}" for line in finding.how_sure)])


def _decided(decision: Decision) -> str:
    return f"Asked: {decision.asks}\nThe plan says: {decision.plan_says}\n  {decision.reason}"
