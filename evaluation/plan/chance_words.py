"""Chances of verdicts, warnings and remedies in words."""

from collections.abc import Iterator, Sequence

from evaluation.figures.numbers import count, decimals_for, listed, plain, several
from evaluation.findings.remedy import More
from evaluation.findings.subject import Subject
from evaluation.findings.verdict import Kind, short_words
from evaluation.plan.chances import Chances
from evaluation.plan.layout import columns, paragraph, stacked
from evaluation.plan.page import PlannedQuestion, PlanPage
from evaluation.plan.remedies import Lever, Remedy, Shortfall
from evaluation.plan.shape import Shape

ORDER = (Kind.IMPROVED, Kind.PROBABLY_IMPROVED, Kind.NO_DIFFERENCE, Kind.CANNOT_TELL, Kind.PROBABLY_WORSE, Kind.WORSE)
GUARDED = (Kind.SAFE, Kind.NOT_SHOWN_SAFE, Kind.BREACHED)
TIMES = {0.0: "no difference", 0.5: "half of it", 1.0: "exactly that", 2.0: "twice that"}


def named(question: PlannedQuestion) -> str:
    """The estimand, with the arm where it does not compare all pilots with all comparisons."""
    subject = question.shape.subject
    usual = subject.contrast in ("pilot - comparison", "pilot")
    return subject.estimand if usual else f"{subject.estimand}: {subject.contrast.removesuffix(' - comparison')}"


def sized(subject: Subject, value: float) -> str:
    """A number of the question's measure, one decimal finer than findings show it."""
    return plain(value, decimals_for(subject.minimum, subject.percentages) + 1)


def amount(subject: Subject, value: float) -> str:
    """A stated amount with its unit, as exact as it was stated: "0.15 points"."""
    unit = "percentage points" if subject.percentages else "points"
    return f"{value:g} {unit[:-1] if value == 1 else unit}"


def floor_text(floor: float) -> str:
    """A resolution floor, as exact as its size asks for."""
    return "< 0.001" if floor < 0.001 else plain(floor, 3 if floor < 0.01 else 2)


def chances_text(page: PlanPage, *, every: bool) -> Iterator[str]:
    """Tables of verdicts for the questions that a decision may rest on, one line for each of the others."""
    yield "HOW LIKELY EACH VERDICT IS"
    seed = page.documents.protocol.seed
    yield f"  Out of 100 studies like this one ({count(page.draws)} were simulated, with seed {seed}):"
    for question in page.questions if every else page.weighty:
        yield ""
        yield from _table(question)
    rest = [] if every else [one for one in page.questions if one not in page.weighty]
    if rest:
        yield ""
        yield "  The other questions, counting improvements found (--all shows their other verdicts too):"
        head = ("", *(TIMES[one.times] for one in rest[0].chances))
        yield from columns(
            [head, *((named(one), *(hundred(chance.found) for chance in one.chances)) for one in rest)], "lrrrr", "    "
        )


def _table(question: PlannedQuestion) -> Iterator[str]:
    subject = question.shape.subject
    kinds = _kinds(question)
    if subject.margin is None:
        yield f"  {named(question)} ({subject.label}; what matters is {amount(subject, subject.minimum)})"
    else:
        yield f"  {named(question)} ({subject.label}; may worsen by up to {amount(subject, subject.margin)})"
    heads = stacked([short_words(kind, subject.manner, subject.better) for kind in kinds])
    heads = [[*([""] if line < len(heads) - 1 else ["if the truth is"]), *cells] for line, cells in enumerate(heads)]
    rows = [(_truth(subject, one), *(hundred(one.shares.get(kind, 0.0)) for kind in kinds)) for one in question.chances]
    yield from columns([*heads, *rows], "l" + "r" * len(kinds), "    ")


def _kinds(question: PlannedQuestion) -> Sequence[Kind]:
    reached = {kind for chance in question.chances for kind in chance.shares}
    return [kind for kind in (*GUARDED, *ORDER) if kind in reached]


def _truth(subject: Subject, chance: Chances) -> str:
    if chance.times == 0:
        return TIMES[0.0]
    size = f"{abs(chance.truth):g}"
    return f"worse by {size}" if subject.margin is not None else f"{TIMES[chance.times]} ({size})"


def hundred(share: float) -> str:
    """A share as a number out of 100."""
    return "< 1" if 0 < share < 0.005 else plain(100 * share, 0)


def shortfalls_text(page: PlanPage, *, every: bool) -> Iterator[str]:
    """Warnings for the questions that a decision may rest on, with every lever compared; the names of the others."""
    short = [one for one in page.questions if one.shortfall is not None]
    told = [one for one in short if every or one in page.weighty]
    rest = [named(one) for one in short if one not in told]
    if not told:
        yield "The questions that a decision rests on see the difference that matters at least four times in five."
    else:
        yield "WARNINGS"
    for question in told:
        if question.shortfall is not None:
            yield from _shortfall(question.shortfall, named(question))
    if rest:
        yield from paragraph(f"Less often than that: {listed(rest)}. --all says what would help.", "" if not told else "  ")


def _shortfall(short: Shortfall, name: str) -> Iterator[str]:
    yield from paragraph(f"! {_warning(short.shape, name)}", hanging="  ")
    for verdict, fewest in (("any", short.openings), ("a firm", short.firmer)):
        if fewest:
            yield from paragraph(f"For {verdict} verdict: {', or '.join(_both(short.shape, more) for more in fewest)}.", "    ")
    cheapest = short.cheapest
    if cheapest is not None:
        yield from paragraph(f"Cheapest remedy: {_remedy(short.shape, cheapest)}.", "    ")
    else:
        yield from paragraph(f"Nothing alone is enough: combine remedies{_or_agree(short.shape)}.", "    ")
    for remedy in short.remedies:
        if remedy is not cheapest:
            yield from paragraph(f"{'Or' if remedy.more else 'Too little'}: {_remedy(short.shape, remedy)}.", "    ")


def _or_agree(shape: Shape) -> str:
    return f", or agree on a smallest difference of {sized(shape.subject, shape.detectable)}" if shape.firm else ""


def _warning(shape: Shape, name: str) -> str:
    subject = shape.subject
    if shape.withheld:
        return f"{name} can get no verdict. {shape.reasons[0]}"
    reached = f"what it finds four times in five is {sized(subject, shape.detectable)}"
    if subject.margin is not None:
        return (
            f"{name} may not be shown safe even if nothing got worse: its margin is {amount(subject, subject.margin)}, {reached}."
        )
    if not shape.firm:
        level = f"{1 - subject.confidence:.3g}"
        low = floor_text(shape.floor)
        return f"{name} can get no verdict beyond 'probably': its floor is {low}, and a firm one needs {level} or less."
    found = hundred(shape.chance(subject.minimum))
    return (
        f"{name} may miss what matters: a true {amount(subject, subject.minimum)} would be found {found} times in 100; {reached}."
    )


def _remedy(shape: Shape, remedy: Remedy) -> str:
    if remedy.more is not None:
        return f"{_more(shape, remedy.lever, remedy.more)}; {count(remedy.answers)} more answers a wave"
    grown = _more(shape, remedy.lever, remedy.most)
    if remedy.grown.withheld:
        return f"{grown}, with which there would still be no verdict"
    if not remedy.grown.firm:
        return f"{grown}, with which none would go beyond 'probably'"
    return f"{grown}, which would find {sized(shape.subject, remedy.detectable)} four times in five"


def _more(shape: Shape, lever: Lever, number: int) -> str:
    unit, units = shape.subject.one, shape.subject.many
    if shape.people_assigned:
        return (
            f"{count(number)} more people on each side ({count(shape.pilots + number)} and {count(shape.comparisons + number)})"
        )
    if lever is Lever.PEOPLE:
        return f"{count(number)} more answers from each {unit} ({count(shape.people + number)} in all)"
    side, now = ("pilot", shape.pilots) if lever is Lever.PILOTS else ("comparison", shape.comparisons)
    return f"{several(number, f'more {side} {unit}', f'more {side} {units}')} ({now + number} in all)"


def _both(shape: Shape, more: More) -> str:
    """"1 more pilot organisation (2 in all) and 2 more comparison organisations (3 in all)"."""
    levers = ((Lever.PILOTS, more.pilots), (Lever.COMPARISONS, more.comparisons))
    return " and ".join(_more(shape, lever, number) for lever, number in levers if number)
