"""People were assigned: from score rows of one contrast to its answer, with errors that allow people to differ in spread."""

from dataclasses import replace

import numpy as np
import pandas as pd

from evaluation.evidence.evidence import Evidence
from evaluation.evidence.moments import Moments
from evaluation.inference.cautions import alike
from evaluation.inference.design import Contrast
from evaluation.inference.estimate import Answer, Estimate, number
from evaluation.inference.fit_units import interval80
from evaluation.inference.flags import flag
from evaluation.inference.panel import filled, withheld
from evaluation.inference.question import Question
from evaluation.inference.refusals import Keeps, refusals, standing
from evaluation.inference.resolution import floor
from evaluation.inference.restated import restated
from evaluation.inference.rows.respondents import People, prepare, robust
from evaluation.inference.variance import Inference
from evaluation.terms import Design

ORDER = ("HC2", "HC1")


def answer_people(question: Question, contrast: Contrast, evidence: Evidence, frame: pd.DataFrame) -> Answer:
    """The answer to one contrast of an estimand whose people were assigned.

    Args:
        question: the estimand.
        contrast: the arms compared.
        evidence: says which waves exist, and the means by place and arm.
        frame: score rows of the waves that the design reads.
    """
    people = prepare(frame, contrast, question.design, question.waves, question.estimand.covariates, linked=question.linked)
    facts = question.facts(contrast, evidence, people.n_pilot, people.n_comparison, people.columns.shape[1])
    facts = replace(facts, contrast_lost=not people.has_contrast, no_spread=not people.varies)
    found = refusals(facts)
    status, keeps = standing(found)
    table = place_table(question, contrast, evidence)
    blank = replace(
        question.blank(contrast),
        n_units=people.n_pilot + people.n_comparison,
        n_pilot=people.n_pilot,
        n_comparison=people.n_comparison,
        n_respondents=len(people.outcome),
    )
    if keeps is Keeps.NOTHING:
        flags = question.cautions(evidence)
        nothing = replace(blank, status=status.value, flags=flags)
        return Answer(question.name, contrast.label, nothing, (), table, flags, refusals=found)
    blank = replace(blank, resolution_floor=floor(people.n_pilot, people.n_pilot + people.n_comparison, question.design))
    headline, *beside = withheld(_panel(blank, people, question.protocol.look_confidence, keeps), status, keeps)
    flags = (*question.cautions(evidence), *_flags(question, people, _alike(question, contrast, evidence)))
    ends, headline = interval80(headline), replace(headline, flags=flags)
    told = restated(question, _compared(question, contrast, evidence), headline)
    return Answer(question.name, contrast.label, headline, tuple(beside), table, flags, ends, refusals=found, further=told)


def _compared(question: Question, contrast: Contrast, evidence: Evidence) -> Moments:
    """The cells of the arms and waves that are compared."""
    moments = evidence.moments[question.estimand.measure]
    return moments.select(contrast.side(moments.cells["arm"]).notna() & moments.cells["wave"].isin(question.needed))


def _panel(blank: Estimate, people: People, confidence: float, keeps: Keeps | None) -> tuple[Estimate, ...]:
    if keeps is Keeps.ESTIMATE:
        alone = np.linalg.lstsq(people.columns, people.outcome, rcond=None)[0][0]
        return (replace(blank, estimate=number(alone)),)
    fit = robust(people)
    found = {kind: Inference(fit.estimate, fit.errors[kind], fit.df[kind]) for kind in ORDER}
    return tuple(filled(blank, found[kind], kind, confidence) for kind in ORDER)


def _alike(question: Question, contrast: Contrast, evidence: Evidence) -> str:
    moments = evidence.moments[question.estimand.measure]
    side = contrast.side(moments.cells["arm"])
    return alike(question, moments, {
        "the pilot group": (side == 1).to_numpy(), "the comparison group": (side == 0).to_numpy()}, by_unit=False)  # fmt: skip


def _flags(question: Question, people: People, all_alike: str) -> list[str]:
    rules = [
        (bool(all_alike), "all_alike", all_alike),
        (people.left_out > 0, "incomplete_pairs", f"{people.left_out:,} people"),
        (len(question.needed) == 2 and not people.linked, "unlinked_people", ""),
        (
            min(people.n_pilot, people.n_comparison or people.n_pilot) < 4,
            "few_units",
            f"{people.n_pilot} pilot and {people.n_comparison} comparison people",
        ),
    ]
    return [flag(name, detail) for holds, name, detail in rules if holds] + [
        flag("singular_dropped", f"{name} ({why})") for name, why in people.dropped.items()
    ]


def place_table(question: Question, contrast: Contrast, evidence: Evidence) -> pd.DataFrame:
    """One row a place and arm, from everybody with a score: people were assigned, so a place's change is a description only."""
    moments = evidence.moments[question.estimand.measure]
    own = moments.cells.assign(n=moments.n, mean=moments.means())[contrast.side(moments.cells["arm"]).notna().to_numpy()]
    keys = ["unit", "organisation", "arm", "role"]
    sides = [own[own["wave"] == wave].set_index(keys)[["n", "mean"]] for wave in question.waves]
    if question.design is Design.COMPARISON:
        sides[0] = sides[0].iloc[:0]
    table = sides[0].join(sides[1], how="outer", lsuffix="_from", rsuffix="_to").reset_index()
    empty = dict.fromkeys(("adjusted_change", "std_error", "conf_low", "conf_high"), np.nan)
    table = table.assign(change=table["mean_to"] - table["mean_from"], **empty)
    return table[[*keys, "n_from", "n_to", "mean_from", "mean_to", "change", *empty]]
