"""What a difference means in people: how many more in every hundred, or how many moved up one answer.

A difference of s answer steps on every question is the same total movement as a share s of people moving one step on every
question. The sentence says "as if": the mean does not know who moved.
"""

from dataclasses import dataclass
from itertools import pairwise

from evaluation.findings.subject import Subject, inside
from evaluation.measures.score import items_of
from evaluation.protocol.documents import Documents
from evaluation.terms import Better

FRACTIONS: tuple[tuple[float, str], ...] = (
    (1 / 20, "one in twenty"), (1 / 15, "one in fifteen"), (1 / 12, "one in twelve"), (1 / 10, "one in ten"),
    (1 / 8, "one in eight"),
    (1 / 7, "one in seven"), (1 / 6, "one in six"), (1 / 5, "one in five"), (1 / 4, "one in four"), (1 / 3, "one in three"),
    (2 / 5, "two in five"), (1 / 2, "half of"), (3 / 5, "three in five"), (2 / 3, "two in three"), (3 / 4, "three in four"),
    (4 / 5, "four in five"), (9 / 10, "nine in ten"),
)


@dataclass(frozen=True)
class Answers:
    """How a measure is answered: how many questions, how many steps from the first answer to the last, any turned round."""

    questions: int
    steps: int
    turned: bool


def answers_of(measure: str, documents: Documents) -> Answers | None:
    """How `measure` is answered; None where it is not a mean of choices on scales of equal length."""
    plan = documents.protocol.measures[measure]
    if plan.is_counted:
        return None
    instrument = documents.instruments[plan.instrument]
    items = items_of(measure, documents)
    scales = [instrument.scale_of(item) for item in items]
    steps = {len(scale.codes) - 1 for scale in scales}
    even = all(_evenly_spaced(scale.codes) for scale in scales)
    if len(steps) != 1 or steps == {-1} or not even:
        return None
    return Answers(len(items), steps.pop(), any(instrument.items[item].reverse for item in items))


def in_people(subject: Subject, estimate: float, answers: Answers | None) -> str:
    """A sentence such as "It is as if about one in five staff moved up one answer on every question."; empty where none fits."""
    if subject.percentages:
        return _in_every_hundred(subject, estimate)
    if answers is None or answers.steps < 1:
        return ""
    length = subject.interval.high - subject.interval.low
    return _moved(subject, abs(estimate) / length * answers.steps, _way(subject, estimate, answers), answers.questions)


def _in_every_hundred(subject: Subject, estimate: float) -> str:
    people = round(abs(subject.shown(estimate)))
    if people == 0:
        return f"That is fewer than one in every 100 {subject.people}."
    return f"That is about {people} {'more' if estimate > 0 else 'fewer'} in every 100 {subject.people}."


def _way(subject: Subject, estimate: float, answers: Answers) -> str:
    if answers.turned or subject.better is Better.LOWER:
        return "moved one answer for the " + ("better" if (estimate > 0) == (subject.better is Better.HIGHER) else "worse")
    return f"moved {'up' if estimate > 0 else 'down'} one answer"


def _moved(subject: Subject, share: float, way: str, questions: int) -> str:
    where = "on every question" if questions > 1 else "on the question"
    if share >= 0.95:
        return f"It is as if every one of the {inside(subject.people)} {way.replace('one answer', _steps(share))} {where}."
    if share < 0.045:
        if questions > 1 and share * questions >= 0.045:
            return f"It is as if about {_fraction(share * questions)} {subject.people} {way} on one question of the {questions}."
        return f"It is as if fewer than one in twenty {subject.people} {way} {where}."
    return f"It is as if about {_fraction(share)} {subject.people} {way} {where}."


def _steps(share: float) -> str:
    return "one answer" if share < 1.05 else f"{share:.1f} answers"


def _fraction(share: float) -> str:
    return min(FRACTIONS, key=lambda pair: abs(pair[0] - share) / pair[0])[1]


def _evenly_spaced(codes: tuple[float, ...]) -> bool:
    gaps = {round(after - before, 9) for before, after in pairwise(codes)}
    return len(gaps) == 1
