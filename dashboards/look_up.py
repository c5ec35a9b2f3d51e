"""Finding things in a release."""

from collections.abc import Sequence

from evaluation.figures.numbers import rounded
from evaluation.release.cards import CellCard, FindingCard, MeasureCard, OrganisationCard, PopulationCard, ResponseCard, WaveCard
from evaluation.release.publish import Release
from evaluation.terms import Role, Status


def measure_of(release: Release, name: str) -> MeasureCard | None:
    """The measure of that name."""
    return next((measure for measure in release.measures if measure.id == name), None)


def population_of(release: Release, name: str) -> PopulationCard | None:
    """The population of that name."""
    return next((population for population in release.populations if population.id == name), None)


def wave_of(release: Release, name: str) -> WaveCard | None:
    """The wave of that name."""
    return next((wave for wave in release.waves if wave.id == name), None)


def wave_label(release: Release, name: str) -> str:
    """How pages call a wave."""
    wave = wave_of(release, name)
    return wave.label if wave else name


def findings_of(release: Release, measure: str) -> tuple[FindingCard, ...]:
    """Every answer about one measure, in the plan's order, the main one first."""
    found = [finding for finding in release.findings if finding.measure == measure]
    return tuple(sorted(found, key=lambda finding: finding.status is not Status.PRIMARY))


def main_findings(release: Release) -> tuple[FindingCard, ...]:
    """The answer to each main question of the plan, by its first contrast; the first answer of all where none is main."""
    mains = [finding for finding in release.findings if finding.status is Status.PRIMARY]
    first = {finding.estimand: finding for finding in reversed(mains)}
    return tuple(finding for finding in mains if first[finding.estimand] is finding) or release.findings[:1]


def first_answers(release: Release) -> tuple[FindingCard, ...]:
    """One answer for each measure: its main or first one, about all pilots together where the plan asks that."""
    return tuple(findings_of(release, measure)[0] for measure in dict.fromkeys(found.measure for found in release.findings))


def routes_of(release: Release, main: FindingCard) -> tuple[FindingCard, ...]:
    """The answers about single arms of pilots, by the design of the main one: one for each route."""
    arms = {arm.id for arm in release.arms if arm.role is Role.PILOT}
    alike = (found for found in findings_of(release, main.measure) if found.design is main.design)
    return tuple(found for found in alike if found.contrast != main.contrast and found.contrast.split(" - ")[0] in arms)


def units_of(release: Release, role: Role) -> tuple[OrganisationCard, ...]:
    """The units of one side, in the order of the register."""
    return tuple(unit for unit in release.organisations if unit.role is role)


def unit_cell(release: Release, measure: str, wave: str, unit: str) -> CellCard | None:
    """The cell of one unit."""
    return _cell(release, measure, wave, "unit", unit)


def side_cell(release: Release, measure: str, wave: str, side: str) -> CellCard | None:
    """The cell of a role or of an arm, whichever `side` names."""
    return _cell(release, measure, wave, "role", side) or _cell(release, measure, wave, "arm", side)


def percent_answered(release: Release, population: str, wave: str, sides: Sequence[str]) -> int | None:
    """Of the people of these roles or arms who could have answered in a wave, the whole percentage who did; None if unknown."""
    rates = [_rate(release, population, wave, side) for side in sides]
    known = [rate for rate in rates if rate is not None]
    if not known or len(known) < len(rates):
        return None
    if len(known) == 1:
        return known[0].percent
    return int(rounded(min(100.0, 100 * sum(rate.answered for rate in known) / sum(rate.eligible for rate in known)), 0))


def _rate(release: Release, population: str, wave: str, side: str) -> ResponseCard | None:
    for rate in release.response_rates:
        if (rate.population, rate.wave) == (population, wave) and rate.level != "unit" and getattr(rate, rate.level) == side:
            return rate
    return None


def _cell(release: Release, measure: str, wave: str, level: str, who: str) -> CellCard | None:
    for cell in release.cells:
        if (cell.measure, cell.wave, cell.level) == (measure, wave, level) and getattr(cell, level) == who:
            return cell
    return None
