"""`pilot power` as text that an evaluator can read without a statistician beside them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isfinite

from evaluation.figures.numbers import count, listed, percent, plain
from evaluation.inference.simulation.methods import HEADLINE
from evaluation.inference.simulation.rates import Rates
from evaluation.plan.chance_words import hundred
from evaluation.plan.comparison import Compared, QuestionPower
from evaluation.plan.layout import columns, paragraph

SAID = {HEADLINE: "unit change (headline)", "CR1": "CR1 (as a warning)"}


@dataclass(frozen=True)
class Basis:
    """What all tables rest on."""

    title: str
    draws: int
    seed: int
    confidence: float


def power_text(basis: Basis, questions: Sequence[QuestionPower], only_people: Sequence[str]) -> str:
    """Everything: for each question its assumptions, the designs compared, the cheapest lever, and every method."""
    lines = [f"POWER BEFORE DATA: {basis.title}", ""]
    lines += paragraph(
        f"Each line rests on {count(basis.draws)} drawn studies without an effect and as many with the one that matters (seed "
        f"{basis.seed}). 'finds' is the true difference found four times in five, by formula; the rest are counts in 100 drawn "
        f"studies, right to about {_error(basis.draws)}. 'overstated' is how many times too large a finding is on average.",
        "",
    )
    for question in questions:
        lines += ["", *_question(question, basis.confidence)]
    if only_people:
        said = f"{listed(only_people)}: people were assigned, not units; 'pilot check' says what is seen."
        lines += ["", *paragraph(said, "")]
    return "\n".join(line.rstrip() for line in lines)


def _error(draws: int) -> str:
    """Two Monte Carlo errors of a share of one half, in 100."""
    return plain(100 * 2 * (0.25 / draws) ** 0.5, 1)


def _question(question: QuestionPower, confidence: float) -> Iterator[str]:
    planned = question.planned
    yield f"{question.name} ({question.label}; what matters is {question.effect:g} {question.unit_words})"
    yield from paragraph(_assumed(question))
    yield ""
    yield from _designs(question)
    yield from paragraph(_not_firm(question, confidence))
    yield from paragraph(_lever(question))
    if planned.reasons:
        yield from paragraph(" ".join(planned.reasons))
    if planned.null:
        yield ""
        yield from _panel(planned, question, confidence)


def _assumed(question: QuestionPower) -> str:
    layout = question.planned.layout
    noise, people = layout.noise, layout.people
    least, most = people.min(), people.max()
    sizes = f"{count(round(least))}" if least == most else f"{count(round(least))} to {count(round(most))}"
    source = f", sizes as in {question.sizes}" if question.sizes else ""
    known = "" if noise.linked is None else f", {plain(noise.linked, 2)} between one person's two scores"
    return (
        f"Assumed: {sizes} answers from each unit and wave{source}; {percent(100 * noise.icc, 1)} of all variance lies between "
        f"units (ICC), whose levels in two waves correlate {plain(noise.cluster_autocorrelation, 2)}{known}."
    )


def _designs(question: QuestionPower) -> Iterator[str]:
    rows: list[tuple[str, ...]] = [
        ("", "", "smallest p", "", "false", "what matters", "wrong", "over-"),
        ("design", "units", "possible", "finds", "alarms", "is found", "sign", "stated"),
    ]
    for design in question.designs:
        others = design.layout.units - design.layout.pilots
        units = f"{design.layout.pilots} and {others}" if others else str(design.layout.pilots)
        lowest = "< 0.001" if design.floor < 0.001 else plain(design.floor, 3)
        rows.append((design.says, units, lowest, *_cells(design, question.decimals)))
    yield from columns(rows, "lrrrrrrr", "    ")


def _cells(design: Compared, decimals: int) -> tuple[str, ...]:
    if not design.null or not isfinite(design.detectable):
        return "no p-value", "", "", "", ""
    null, true = design.null[HEADLINE], design.true[HEADLINE]
    return plain(design.detectable, decimals), hundred(null.rejected[0]), hundred(true.rejected[0]), *_errors(true)


def _errors(true: Rates) -> tuple[str, str]:
    """How many findings have the wrong sign, in 100, and how many times too large findings are on average."""
    if true.wrong_sign is None or true.exaggeration is None:
        return "", ""
    return hundred(true.wrong_sign[0]), f"x {plain(true.exaggeration[0], 2)}"


def _not_firm(question: QuestionPower, confidence: float) -> str:
    """Which designs give a p-value whose floor lets no verdict go beyond "probably"."""
    level = 1 - confidence
    held = [design.says for design in question.designs if design.null and design.floor > level + 1e-9]
    if not held or question.guarded:
        return ""
    return f"No verdict goes beyond 'probably' where the smallest p possible is above {level:.3g}: {listed(held)}."


def _lever(question: QuestionPower) -> str:
    """What more comparisons would do: they cost answers, and no pilot need be run."""
    more = next((one for one in question.designs if one.says.endswith(("more comparison", "more comparisons"))), None)
    planned = question.planned
    if more is None or not isfinite(more.detectable):
        return "A comparison would turn a change into an effect." if planned.layout.design.alone else ""
    if not isfinite(planned.detectable):
        return f"Comparisons are the cheap lever: {more.says} would allow a p-value, for the cost of their answers alone."
    gain = f"from {plain(planned.detectable, question.decimals)} to {plain(more.detectable, question.decimals)}"
    return (
        f"Comparisons are the cheap lever: {more.says} bring what is found four times in five {gain}, and cost only their "
        f"answers; a pilot more costs the programme itself."
    )


def _panel(design: Compared, question: QuestionPower, confidence: float) -> Iterator[str]:
    yield "  The planned design by every method, if the truth is no difference and if it is what matters:"
    rows = [
        ("", "false", "interval", "interval", "what matters", "wrong", "over-"),
        ("method", "alarms", "holds", "is wide", "is found", "sign", "stated"),
    ]
    for name, null in design.null.items():
        true = design.true[name]
        holds = hundred(null.covered[0]) if null.covered else ""
        width = plain(null.width[0], question.decimals) if null.width else ""
        rows.append((SAID.get(name, name), hundred(null.rejected[0]), holds, width, hundred(true.rejected[0]), *_errors(true)))
    yield from columns(rows, "lrrrrrr", "    ")
    nominal = plain(100 * (1 - confidence), 0)
    yield from paragraph(
        f"An honest method gives false alarms about {nominal} times in 100 at most; finding more by giving more is no gain."
        f"{_fewer(design)}"
    )


def _fewer(design: Compared) -> str:
    """Which methods judged only some of the drawn studies, because each takes them long."""
    whole = design.null[HEADLINE].studies
    told = [f"the {name} judged {count(null.studies)}" for name, null in design.null.items() if null.studies < whole]
    return f" Of {count(whole)} drawn studies {listed(told)}, which takes long over each." if told else ""
