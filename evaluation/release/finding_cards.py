"""Findings as a release holds them: three significant digits, counts rounded by the policy, and nothing about few people."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from evaluation.figures.numbers import significant
from evaluation.findings.findings import Finding
from evaluation.findings.flags import Caution
from evaluation.findings.reasons import moved, rose_words
from evaluation.findings.verdict import Kind
from evaluation.inference.design import Contrast
from evaluation.inference.estimate import Estimate
from evaluation.organisations.register import Register
from evaluation.protocol.policy import DisclosurePolicy
from evaluation.release.cards import CellCard, EstimateRow, FindingCard, FlagCard, SoFar
from evaluation.release.display import nearest
from evaluation.terms import Assignment, Design

COUNTS_OF_PEOPLE = ("n_respondents", "pairs", "left_out")
NUMBERS = ("estimate", "conf_low", "conf_high", "low80", "high80", "n_from", "n_to", "units_rose", "units_counted")
COUNTS_OF_UNITS = ("n_units", "n_pilot", "n_comparison")


@dataclass(frozen=True)
class Around:
    """What a release shows around a finding: its cells, who was assigned to what, and the arms compared."""

    cells: tuple[CellCard, ...]
    register: Register
    contrast: Contrast


def finding_card(
    finding: Finding, policy: DisclosurePolicy, untold: Collection[tuple[str, str]] = (), around: Around | None = None,
) -> FindingCard:
    """One finding, ready to be published.

    Args:
        finding: exact.
        policy: thresholds and rounding.
        untold: (measure, wave) of which the number of all who answered is hidden.
        around: the rest of the release; without it units are counted as the finding does.
    """
    card = FindingCard.model_validate({**_words(finding), **_numbers(finding, policy), **_tables(finding, policy)})
    if finding.few:
        return _hidden(card, policy, counted=finding.subject.counted)
    subject = finding.subject
    card = _added_up(card, policy)
    if around is not None:
        card = card.model_copy(update=_assigned(finding, around) if finding.verdict.kind is Kind.NOT_YET else
                               _shown_units(finding, policy, around))
    if {(subject.measure, subject.wave_from), (subject.measure, subject.wave_to)} & set(untold):
        panel = tuple(row.model_copy(update={"n_respondents": None}) for row in card.panel)
        return card.model_copy(update={"n_from": None, "n_to": None, "n_respondents": 0, "panel": panel})
    return card


def _added_up(card: FindingCard, policy: DisclosurePolicy) -> FindingCard:
    """The total of all answers as the sum of its rounded parts, where only rounding sets them apart."""
    parts = [part for part in (card.n_from, card.n_to) if part is not None]
    apart = abs(sum(parts) - card.n_respondents)
    if not parts or apart == 0 or apart > policy.round_counts_to * len(parts):
        return card
    panel = tuple(
        row.model_copy(update={"n_respondents": sum(parts)}) if row.n_respondents == card.n_respondents else row
        for row in card.panel)
    return card.model_copy(update={"n_respondents": sum(parts), "panel": panel})


def _assigned(finding: Finding, around: Around) -> dict[str, Any]:
    """Before there is a result: how many were assigned to each side, and how many answered before, where cells show it."""
    subject, contrast = finding.subject, around.contrast
    found: dict[str, Any] = {}
    if subject.assignment is not Assignment.RESPONDENT:
        arms = around.register.units["arm"]
        pilots, others = (int(arms.isin(list(side)).sum()) for side in (contrast.left, contrast.right))
        found |= {"n_units": pilots + others, "n_pilot": pilots, "n_comparison": others}
    if subject.design is not Design.COMPARISON:
        counts = {
            cell.arm: cell.n for cell in around.cells
            if (cell.measure, cell.wave, cell.level) == (subject.measure, subject.wave_from, "arm")}
        before = [counts.get(arm) for arm in (*contrast.left, *contrast.right)]
        known = [number for number in before if number is not None]
        if known and len(known) == len(before):
            found |= {"n_from": sum(known), "n_respondents": sum(known)}
    return found


def _shown_units(finding: Finding, policy: DisclosurePolicy, around: Around) -> dict[str, Any]:
    """How many units rose, of those alone whose cells are shown in both waves: a count may tell nothing of a hidden one."""
    subject, units = finding.subject, finding.answer.units
    if not finding.moved.counted:
        return {}
    waves = (subject.wave_from, subject.wave_to)
    shown = {(cell.unit, cell.wave) for cell in around.cells
             if cell.measure == subject.measure and cell.level == "unit" and cell.suppressed is None}
    open_ = units["unit"].map(lambda unit: all((unit, wave) in shown for wave in waves))
    counted = moved(subject, units[open_], around.contrast.left, policy.threshold)
    hidden = int((units["arm"].isin(list(around.contrast.left)) & ~open_).sum())
    old, new = rose_words(subject, finding.moved), rose_words(subject, counted, hidden) if counted.counted else ""
    said = (new if line == old else line for line in finding.how_sure)
    return {
        "units_rose": counted.rose, "units_counted": counted.counted, "how_sure": tuple(line for line in said if line)}


def _words(finding: Finding) -> dict[str, Any]:
    subject = finding.subject
    return {
        "estimand": subject.estimand, "status": subject.status, "measure": subject.measure, "label": subject.label,
        "population": subject.population, "design": subject.design, "contrast": subject.contrast,
        "contrast_label": subject.contrast_label, "wave_from": subject.wave_from, "wave_to": subject.wave_to,
        "verdict": finding.verdict.words, "short": finding.verdict.short, "tone": finding.verdict.tone,
        "sentence": finding.sentence, "claim_change_not_effect": finding.change_not_effect,
        "compared": subject.compared if subject.whole_organisations else None,
        "unit_words": subject.unit_words, "better": subject.better, "decimals": subject.decimals,
        "grade": finding.grade.letter, "grade_reason": finding.grade.reason,
        "floor_words": finding.floor_words, "how_sure": finding.how_sure, "was_it_enough": finding.was_it_enough,
        "would_change": finding.would_change, "cannot_tell": finding.cannot_tell, "flags": tuple(map(_flag, finding.flags)),
    }


def _flag(flag: Caution) -> FlagCard:
    return FlagCard(id=flag.id, sentence=flag.sentence)


def _numbers(finding: Finding, policy: DisclosurePolicy) -> dict[str, Any]:
    head, subject = finding.headline, finding.subject
    ends = (None, None) if finding.reading.low is None else finding.interval
    ends80 = finding.interval80 if finding.reading.low is not None else (None, None)
    start, end = (None if people is None else nearest(people, policy) for people in finding.people)
    return {
        "estimate": _three(head.estimate), "conf_low": _three(ends[0]), "conf_high": _three(ends[1]),
        "low80": _three(ends80[0]), "high80": _three(ends80[1]), "confidence": subject.confidence,
        "minimum_important_difference": subject.minimum, "margin": subject.margin,
        **{name: value or 0 for name, value in _counts(asdict(head), finding, policy).items()},
        "n_from": start, "n_to": end, "units_rose": finding.moved.rose, "units_counted": finding.moved.counted,
    }


def _counts(row: Mapping[str, Any], finding: Finding, policy: DisclosurePolicy) -> dict[str, int | None]:
    """People rounded as the policy says; units exact, unless the units are people."""
    people_assigned = finding.subject.assignment is Assignment.RESPONDENT
    names = (*COUNTS_OF_PEOPLE, *(COUNTS_OF_UNITS if people_assigned else ()))
    counts = {name: row[name] for name in (*COUNTS_OF_PEOPLE, *COUNTS_OF_UNITS) if name in row}
    return {
        name: nearest(int(count), policy) if count is not None and name in names else count for name, count in counts.items()}


def _tables(finding: Finding, policy: DisclosurePolicy) -> dict[str, Any]:
    so_far = tuple(
        SoFar(wave=one.wave, estimate=significant(one.estimate), conf_low=_three(one.interval[0]),
              conf_high=_three(one.interval[1]), sentence=one.sentence)
        for one in finding.so_far)
    return {
        "so_far": so_far, "panel": tuple(_row(row, finding, policy) for row in finding.answer.estimates),
        "within_people": tuple(_within(finding, policy)),
    }


def _row(row: Estimate, finding: Finding, policy: DisclosurePolicy) -> EstimateRow:
    shown = {name: _three(value) if isinstance(value, float) else value for name, value in asdict(row).items()}
    flags = tuple(flag.partition(":")[0] for flag in row.flags)
    return EstimateRow.model_validate({**shown, **_counts(asdict(row), finding, policy), "flags": flags})


def _within(finding: Finding, policy: DisclosurePolicy) -> Iterator[dict[str, str | float | int | bool | None]]:
    """Rows of tests within people about enough pairs."""
    for row in finding.within_people():
        if row["pairs"] >= policy.threshold:
            shown = {name: _three(value) if isinstance(value, float) else value for name, value in row.items()}
            yield {**shown, **_counts(row, finding, policy)}


def _three(value: float | None) -> float | None:
    return None if value is None or pd.isna(value) else significant(value)


def _hidden(card: FindingCard, policy: DisclosurePolicy, *, counted: bool) -> FindingCard:
    """A finding without any number, because it would be about few people."""
    what = "events were counted" if counted else "people answered"
    said = f"Fewer than {policy.threshold} {what} on one side: hidden to protect {'people' if counted else 'them'}."
    return card.model_copy(update={
        **dict.fromkeys(NUMBERS), "sentence": said,
        "n_respondents": 0, "how_sure": (), "was_it_enough": card.was_it_enough[:1],
        "would_change": ("More events.",) if counted else ("More answers.",),
        "floor_words": "", "grade": "", "grade_reason": "", "so_far": (), "within_people": (), "panel": (),
    })
