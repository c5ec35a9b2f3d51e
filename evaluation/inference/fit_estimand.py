"""From one estimand of the protocol to its answers, one for each contrast."""

from collections.abc import Callable
from dataclasses import replace

import pandas as pd

from evaluation.evidence.evidence import Evidence
from evaluation.inference.design import NEEDS_TWO_WAVES, Contrast, contrasts
from evaluation.inference.estimate import Answer
from evaluation.inference.fit_units import answer_units
from evaluation.inference.question import Question, ask
from evaluation.inference.weight_cautions import weight_cautions
from evaluation.organisations.register import Register
from evaluation.protocol.documents import Documents
from evaluation.terms import EstimateStatus

Rows = Callable[[str, tuple[str, ...]], pd.DataFrame]
"""(measure, waves) -> score rows, as `evidence.scan.rows` gives them."""


def answer(
    name: str,
    documents: Documents,
    evidence: Evidence,
    register: Register,
    rows: Rows | None = None,
    *,
    wave_to: str | None = None,
) -> tuple[Answer, ...]:
    """Answer one estimand from kept evidence.

    Args:
        name: an estimand of the protocol.
        documents: the plan.
        evidence: the sums of one version of the store.
        register: who was assigned to what.
        rows: gives score rows when people were assigned, and for the tests within people; without it those tests are left out.
        wave_to: look at this wave instead of the one that decides.

    Returns:
        One answer a contrast. What cannot be estimated comes back as an answer with the reason, never as an exception.
    """
    question = ask(name, documents, wave_to)
    return tuple(_answer(question, contrast, evidence, register, rows) for contrast in contrasts(documents.protocol, name))


def _answer(question: Question, contrast: Contrast, evidence: Evidence, register: Register, rows: Rows | None) -> Answer:
    if question.counted:
        from evaluation.inference.rows.of_records import answer_records  # statsmodels, as below

        return answer_records(question, contrast, evidence, register)
    if not question.people_assigned:
        found = _weighted_and_not(question, contrast, evidence, register)
        return _with_people(found, question, contrast, rows)
    from evaluation.inference.fit_people import answer_people  # statsmodels takes seconds to import, and few studies need it

    if rows is None:
        raise TypeError(f"'{question.name}' needs rows: people were assigned")
    frame = rows(question.estimand.measure, question.needed)
    return _with_people(answer_people(question, contrast, evidence, frame), question, contrast, rows, frame)


def _weighted_and_not(question: Question, contrast: Contrast, evidence: Evidence, register: Register) -> Answer:
    """The answer with the weights that the estimand asks for, and the headline without (or with) them beside it.

    What goes further with an answer is always unweighted.
    """
    plain = answer_units(question, contrast, evidence, register)
    if question.population.weights is None:
        return plain
    weighted = answer_units(replace(question, weighted=True), contrast, evidence.with_weights(), register)
    told, other = (plain, weighted) if question.estimand.weights is None else (weighted, plain)
    flags = told.flags + weight_cautions(question, evidence, weighted.headline, plain.headline)
    headline, beside = replace(told.headline, flags=flags), (other.headline, *told.beside)
    return replace(told, headline=headline, beside=beside, flags=flags, further=plain.further)


def _with_people(
    found: Answer, question: Question, contrast: Contrast, rows: Rows | None, frame: pd.DataFrame | None = None
) -> Answer:
    """Add the tests within people where people are recognised and the design looks at two waves."""
    evaluable = found.headline.status in (EstimateStatus.ESTIMATED, EstimateStatus.WITHHELD)
    if rows is None or not (question.linked and NEEDS_TWO_WAVES[question.design] and evaluable):
        return found
    from evaluation.inference.rows.paired import within_people  # pingouin takes seconds to import

    frame = rows(question.estimand.measure, question.needed) if frame is None else frame
    table = within_people(frame, question.waves, contrast.side(frame["arm"]), question.protocol.look_confidence)
    return replace(found, within_people=table if len(table) else None)
