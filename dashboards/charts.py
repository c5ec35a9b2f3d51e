"""From a release to the records that figures are drawn from. Nothing is estimated here."""

from collections.abc import Callable

from dashboards import wording
from dashboards.addresses import measure_address
from dashboards.look_up import findings_of, main_findings, measure_of, population_of, side_cell, unit_cell, units_of, wave_label
from evaluation.figures import numbers
from evaluation.figures.change_lines import ChangeLines, Gap, Side
from evaluation.figures.dumbbell import Pair, Pairs
from evaluation.figures.forest import ForestRow
from evaluation.figures.readings import Reading, difference
from evaluation.release.cards import CellCard, FindingCard, MeasureCard, OrganisationCard, Policy
from evaluation.release.publish import Release
from evaluation.terms import Design, Level, Role, ScoreRule

Link = Callable[[str], str]
ALONE = tuple(design for design in Design if design.alone)
TOO_MANY = 12


def level_decimals(release: Release, measure: MeasureCard) -> int:
    """Decimals of a mean: none for percentages, one for scores, as many as the change that matters has in published tables."""
    percentages = measure.score is ScoreRule.PERCENT_POSITIVE
    population = population_of(release, measure.population)
    if population is not None and population.level is Level.ORGANISATION:
        return numbers.decimals_for(measure.minimum_important_difference, percentages)
    return 0 if percentages else 1


def reading(cell: CellCard | None, policy: Policy) -> Reading:
    """A cell as it is shown."""
    if cell is None:
        return Reading(None, why=wording.NOT_AVAILABLE)
    if cell.suppressed is not None:
        return Reading(None, why=wording.hidden(cell.suppressed, policy))
    why = "" if cell.mean is not None else wording.NOT_AVAILABLE
    return Reading(cell.mean, cell.conf_low, cell.conf_high, cell.n, why, cell.extreme or "")


def forest_rows(release: Release) -> tuple[ForestRow, ...]:
    """A row for every answer, in the plan's order."""
    return tuple(_forest_row(release, finding) for finding in release.findings)


def finding_label(release: Release, finding: FindingCard) -> str:
    """"Values lived, staff": who was asked where several were; what sets it apart where the measure has an answer before it."""
    population = population_of(release, finding.population)
    several = len({found.population for found in release.findings}) > 1
    who = f", {population.label.lower()}" if population and several else ""
    apart = "" if found_same(findings_of(release, finding.measure)[0], finding) else f": {apart_label(release, finding)}"
    return f"{finding.label}{apart or who}"


def apart_label(release: Release, finding: FindingCard) -> str:
    """What sets an answer apart from others of its measure: the pilots it is about, else its name in the plan."""
    first = next(found for found in findings_of(release, finding.measure) if found.contrast == finding.contrast)
    if found_same(first, finding):
        return route_label(release, finding)
    own = finding.estimand.removeprefix(finding.measure).strip("_") or finding.estimand
    return own.replace("_", " ")


def finding_key(release: Release, finding: FindingCard) -> str:
    """The word that stands for an answer in an address: its contrast, or its name in the plan where that is taken."""
    first = next(found for found in findings_of(release, finding.measure) if found.contrast == finding.contrast)
    return finding.contrast if found_same(first, finding) else finding.estimand


def route_label(release: Release, finding: FindingCard) -> str:
    """The name of the arm that a contrast is about, or all of them."""
    left, _ = sides(finding.contrast)
    return next((arm.label for arm in release.arms if arm.id == left), "All pilots")


def sides(contrast: str) -> tuple[str, str]:
    """The two sides of "develop - comparison"; what has no right side is set beside the comparison."""
    left, _, right = (part.strip() for part in contrast.partition(" - "))
    return left, right or Role.COMPARISON.value


def _forest_row(release: Release, finding: FindingCard) -> ForestRow:
    many = wording.compared(finding, release.study)[1]
    units = f"{numbers.count(finding.n_units)} {many}, answers: {wording.answers(finding)}"
    return ForestRow(
        label=finding_label(release, finding), note=wording.notes(finding), estimate=finding.estimate, low=finding.conf_low,
        high=finding.conf_high, band=finding.margin or finding.minimum_important_difference, better=finding.better,
        unit_words=finding.unit_words, decimals=finding.decimals, verdict=finding.short, tone=finding.tone, people=units,
        main=finding in main_findings(release), key=finding_address(release, finding),
    )


def finding_address(release: Release, finding: FindingCard) -> str:
    """The page that shows an answer."""
    first = findings_of(release, finding.measure)[0]
    return measure_address(finding.measure, compare="" if found_same(first, finding) else finding_key(release, finding))


def found_same(one: FindingCard, other: FindingCard) -> bool:
    """Whether two cards are of the same answer."""
    return (one.estimand, one.contrast) == (other.estimand, other.contrast)


def later_waves(release: Release, finding: FindingCard) -> tuple[str, ...]:
    """Waves that hold any number of the measure and can be compared with the first one, or by themselves."""
    order = [wave.id for wave in release.waves]
    first = 0 if finding.design is Design.COMPARISON else order.index(finding.wave_from) + 1
    return tuple(wave for wave in order[first:] if wave in waves_known(release, finding.measure))


def usual_wave(release: Release, finding: FindingCard) -> str:
    """The later wave a page shows by itself: the one the plan decides at, or the last that is in."""
    later = later_waves(release, finding)
    return finding.wave_to if finding.wave_to in later or not later else later[-1]


def waves_known(release: Release, measure: str) -> set[str]:
    """Waves that hold any number of a measure."""
    return {cell.wave for cell in release.cells if cell.measure == measure}


def lines_of(release: Release, finding: FindingCard, wave_to: str) -> ChangeLines | None:
    """The lines of one answer up to `wave_to`, with the gap there; None where there is no number at all."""
    measure = measure_of(release, finding.measure)
    known = waves_known(release, finding.measure)
    order = [wave.id for wave in release.waves]
    upto = release.waves[: order.index(wave_to) + 1]
    waves = tuple((wave.label, wave.opens) for wave in upto if wave.id in known)
    if measure is None or not waves:
        return None
    left, right = sides(finding.contrast)
    return ChangeLines(
        waves=waves, pilots=_side(release, finding, left, "Pilots"),
        others=None if finding.design in ALONE else _side(release, finding, right, "Others"),
        wave_from=wave_label(release, finding.wave_from), wave_to=wave_label(release, wave_to), gap=_gap(finding, wave_to),
        low=measure.low, high=measure.high, unit_words=measure.unit_words, decimals=level_decimals(release, measure),
        gap_decimals=finding.decimals, anchored=finding.design is not Design.COMPARISON,
    )


def _side(release: Release, finding: FindingCard, side: str, name: str) -> Side:
    known = waves_known(release, finding.measure)
    cells = {wave.label: side_cell(release, finding.measure, wave.id, side) for wave in release.waves if wave.id in known}
    return Side(name, {label: reading(cell, release.study.policy) for label, cell in cells.items()})


def _gap(finding: FindingCard, wave_to: str) -> Gap | None:
    if wave_to == finding.wave_to and finding.estimate is not None:
        return Gap(finding.estimate, finding.conf_low, finding.conf_high)
    so_far = next((each for each in finding.so_far if each.wave == wave_to), None)
    return Gap(so_far.estimate, so_far.conf_low, so_far.conf_high) if so_far else None


def pairs_of(
    release: Release, finding: FindingCard, wave_to: str, *, chosen: str = "", everyone: bool = False, link: Link = str,
) -> Pairs | None:
    """A row for each organisation: pilots by change, then the comparison, together unless few, chosen or all asked for.

    `link` makes the address that picks a unit out. None where organisations have no arm, because people were assigned.
    """
    measure = measure_of(release, finding.measure)
    pilots = units_of(release, Role.PILOT)
    if measure is None or not pilots:
        return None
    left, _ = sides(finding.contrast)
    decimals = level_decimals(release, measure)
    pilots = tuple(unit for unit in pilots if left in (unit.arm, unit.role)) or pilots
    others = () if finding.design in ALONE else units_of(release, Role.COMPARISON)
    shown = others if everyone or len(others) <= TOO_MANY else tuple(unit for unit in others if unit.unit == chosen)
    rows = [_by_change([_pair(release, finding, wave_to, unit, chosen, link) for unit in side]) for side in (pilots, shown)]
    together = [_together(release, finding, wave_to)] if others and len(shown) < len(others) else []
    return Pairs(
        (*rows[0], *together, *rows[1]), wave_label(release, finding.wave_from), wave_label(release, wave_to), measure.low,
        measure.high, decimals,
    )


def _by_change(rows: list[Pair]) -> list[Pair]:
    """Rows from the greatest rise to the greatest fall, those without both numbers last."""
    changes = {row.key: difference(row.before, row.after, 3) for row in rows}
    return sorted(rows, key=lambda row: (changes[row.key] is None, -(changes[row.key] or 0.0), row.label))


def _pair(release: Release, finding: FindingCard, wave_to: str, unit: OrganisationCard, chosen: str, link: Link) -> Pair:
    cells = [unit_cell(release, finding.measure, wave, unit.unit) for wave in (finding.wave_from, wave_to)]
    before, after = (reading(cell, release.study.policy) for cell in cells)
    role = unit.role or Role.COMPARISON
    return Pair(unit.unit, unit.name, role, before, after, chosen=unit.unit == chosen, link=link(unit.unit))


def _together(release: Release, finding: FindingCard, wave_to: str) -> Pair:
    _, right = sides(finding.contrast)
    cells = [side_cell(release, finding.measure, wave, right) for wave in (finding.wave_from, wave_to)]
    before, after = (reading(cell, release.study.policy) for cell in cells)
    return Pair("", f"Comparison {release.study.unit_plural} together", Role.COMPARISON, before, after, together=True)
