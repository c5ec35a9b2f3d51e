"""The plan as a page of text: who is compared, when, on what, what can be seen, how likely each verdict is, what falls short."""

from collections.abc import Iterator, Sequence

from evaluation.figures.numbers import count, day, listed, several
from evaluation.measures.score import interval_of, items_of
from evaluation.plan.chance_words import chances_text, floor_text, named, shortfalls_text, sized
from evaluation.plan.layout import columns, paragraph
from evaluation.plan.page import PlannedQuestion, PlanPage
from evaluation.plan.shape import PERCENTAGE_DEVIATION, Shape
from evaluation.terms import Assignment, Better, Role, ScoreRule, Status

STANDINGS = {
    Status.PRIMARY: "Main",
    Status.SECONDARY: "Secondary",
    Status.GUARDRAIL: "Must not get worse",
    Status.EXPLORATORY: "Exploratory",
}


NOT_FIRM = "at best probably"


def page_text(page: PlanPage, *, every: bool = False) -> str:
    """The whole page; `every` shows verdicts and remedies of secondary and exploratory questions too."""
    parts = [part(page) for part in (_title, _arms, _waves, _people, _measures, _values, _questions)]
    parts += [chances_text(page, every=every), shortfalls_text(page, every=every), _decision(page)]
    said = filter(None, map(tuple, parts))
    return "\n".join(line.rstrip() for part in said for line in (*part, ""))


def _title(page: PlanPage) -> Iterator[str]:
    protocol = page.documents.protocol
    yield protocol.title
    state = "not yet frozen" if page.seal is None else f"frozen as plan {page.seal.number}"
    yield f"{protocol.protocol}, version {protocol.version}, {state}; fingerprint {page.documents.fingerprint[:12]}"
    yield ""
    yield from paragraph(protocol.question, "")
    yield from paragraph(f"For decision: {protocol.asks}", "")


def _arms(page: PlanPage) -> Iterator[str]:
    protocol, units = page.documents.protocol, page.register.units
    yield "WHO IS COMPARED"
    by_person = protocol.assignment is Assignment.RESPONDENT
    people = "people, by lot" if protocol.randomised else "people"
    rows = []
    for name, arm in protocol.arms.items():
        size = people if by_person else several(int((units["arm"] == name).sum()), protocol.assignment.value)
        rows.append((name, arm.role.value, size, arm.label))
    yield from columns(rows)
    yield f"  {protocol.selection.says.capitalize()}."


def _waves(page: PlanPage) -> Iterator[str]:
    protocol = page.documents.protocol
    yield "WHEN"
    looks = dict.fromkeys(protocol.looks.watch, "watched: an estimate so far, no verdict")
    looks |= dict.fromkeys(protocol.looks.decide, "decides")
    rows = []
    for name, wave in protocol.waves.items():
        when = f"{day(wave.opens)} to {day(wave.closes)}"
        rows.append((name, wave.label, when, "before the start" if wave.before else looks.get(name, "")))
    yield from columns(rows)


def _people(page: PlanPage) -> Iterator[str]:
    protocol = page.documents.protocol
    yield "WHO IS ASKED, AND WHAT THE PLAN EXPECTS OF THEM"
    rows = [("population", "answers", "between units", "between waves", "spread", "")]
    for name, population in protocol.populations.items():
        plan = protocol.expected_of(name)
        known = population.linkage.says
        shares = (
            _share(plan.unit_variance_share),
            _share(plan.wave_variance_share),
            f"{_share(plan.standard_deviation)} of scale",
        )
        rows.append((name, count(plan.respondents_per_unit), *shares, known))
    yield from columns(rows)
    place = "organisation" if protocol.assignment is Assignment.RESPONDENT else protocol.assignment.value
    yield from paragraph(
        f"'answers' are per {place} and wave; 'between units' and 'between waves' are shares of all variance; 'spread' is one "
        f"standard deviation (of percentages {100 * PERCENTAGE_DEVIATION:g} percentage points is taken, the most there can be)."
    )
    if page.unstated:
        yield from paragraph(
            f"The plan states nothing for {listed(page.unstated)}: these figures are assumed. Write them under 'expect'."
        )


def _share(value: float) -> str:
    return f"{100 * value:.2g}%"


def _measures(page: PlanPage) -> Iterator[str]:
    documents = page.documents
    yield "WHAT IS MEASURED"
    rows = [("measure", "asked of", "score", "smallest change that matters")]
    for name, measure in documents.protocol.measures.items():
        questions = several(len(items_of(name, documents)), "question")
        favourable = measure.score is ScoreRule.PERCENT_POSITIVE
        score = f"share favourable, {questions}" if favourable else f"mean of {questions}, {interval_of(name, documents)}"
        parts = f"mean of {several(len(measure.sub_scores), 'sub-score')} of {questions}, {interval_of(name, documents)}"
        score = parts if measure.sub_scores else score
        score = f"rate of events, counted in {measure.records}" if measure.is_counted else score
        lower = "; lower is better" if measure.better is Better.LOWER else ""
        least = measure.minimum_important_difference
        size = str(least).removesuffix("s") if least.value == 1 else str(least)
        rows.append((name, measure.population, score, f"{size}{lower}"))
    yield from columns(rows)


def _values(page: PlanPage) -> Iterator[str]:
    if page.values:
        yield "WHICH QUESTIONS ASK ABOUT WHICH VALUE"
    for value in page.values.values():
        said = [f"{population} ({', '.join(items)})" for population, items in value["items"].items()]
        yield from paragraph(f"{value['label']}: {listed(said) or 'nobody is asked'}", hanging="  ")


def _questions(page: PlanPage) -> Iterator[str]:
    yield "WHAT IS ASKED, AND WHAT CAN BE SEEN"
    rows: list[Sequence[str]] = [("question", "design", "units", "floor", "finds", "matters")]
    for status, words in STANDINGS.items():
        asked = [one for one in page.questions if one.shape.subject.status is status]
        rows += [(words, "", "", "", "", "")] if asked else []
        rows += [_question_row(one) for one in asked]
    yield from columns(rows)
    yield from paragraph(
        "'units' are pilot and comparison; 'floor' is the smallest p-value that reassigning arms can reach; 'finds' is the "
        "true difference found four times in five; 'matters' is the smallest difference that matters, or the margin allowed."
    )
    if any(not one.shape.firm and not one.shape.withheld for one in page.questions):
        yield from paragraph(f"'{NOT_FIRM}': chance alone gives the clearest result too often for any verdict beyond 'probably'.")
    counted = [name for name, one in page.documents.protocol.estimands.items()
               if page.documents.protocol.measures[one.measure].is_counted]
    if counted:
        yield from paragraph(f"Counted in records, so that nothing is expected of them here: {listed(counted)}.")
    for reason in dict.fromkeys(reason for one in page.questions for reason in one.shape.reasons):
        yield from paragraph(reason)


def _question_row(question: PlannedQuestion) -> tuple[str, ...]:
    shape, subject = question.shape, question.shape.subject
    alone = subject.design.alone
    units = count(shape.pilots) if alone else f"{count(shape.pilots)} and {count(shape.comparisons)}"
    matters = sized(subject, shape.threshold)
    return f"  {named(question)}", subject.design.value, units, floor_text(shape.floor), _finds(shape), matters


def _finds(shape: Shape) -> str:
    if shape.withheld:
        return "nothing"
    return sized(shape.subject, shape.detectable) if shape.firm else NOT_FIRM


def _decision(page: PlanPage) -> Iterator[str]:
    protocol = page.documents.protocol
    yield "WHAT THE PLAN WILL SAY"
    for rule in protocol.decide:
        text = f"Otherwise: {rule.otherwise}." if rule.when is None else f"If {rule.when}: {rule.then}."
        yield from paragraph(text, hanging="  ")
    if protocol.arms_with(Role.COMPARISON) and not protocol.randomised:
        yield from paragraph("Findings will say 'beyond the change elsewhere', never 'because of'.")
    for sentence in protocol.cannot_tell:
        yield from paragraph(f"Cannot tell: {sentence[:1].lower()}{sentence[1:]}", hanging="  ")
