"""Pilot impact evaluation: from a protocol and survey waves to findings a board can trust.

The public names are fetched when they are first asked for, so that importing this package costs nothing.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from evaluation.evidence.scan import many_moments, moments_of
    from evaluation.findings.findings import Finding, Findings
    from evaluation.inference.analyst import UnitChanges, unit_change
    from evaluation.inference.attrition import attrition
    from evaluation.inference.effect_size import effect_size
    from evaluation.inference.equivalence import equivalence
    from evaluation.inference.estimate import Answer, Estimate, Estimates
    from evaluation.inference.fit.fit import fit
    from evaluation.inference.over_time.control_chart import control_chart
    from evaluation.inference.over_time.event_study import event_study
    from evaluation.inference.over_time.one_among_many import placebo_rank, synthetic_difference
    from evaluation.inference.over_time.series import interrupted_series
    from evaluation.inference.over_time.staggered import staggered
    from evaluation.inference.over_time.trend import Trend, trend
    from evaluation.inference.placebo_together import placebo_together
    from evaluation.inference.random_effects import RandomEffects, random_effects
    from evaluation.inference.rows.imputation import imputed_change
    from evaluation.inference.rows.mediation import mediation
    from evaluation.inference.rows.ordered import ordered_logit
    from evaluation.inference.rows.records import event_rates
    from evaluation.inference.rows.repeated import cochran_q, mcnemar, repeated_measures
    from evaluation.inference.tallied.on_table import ordered_change
    from evaluation.inference.tallied.ordinal import cumulative_logit
    from evaluation.measures.weighted_mean import weighted_mean
    from evaluation.measures.weights import Margin, post_stratify, rake, trim_weights
    from evaluation.plan.power import power
    from evaluation.protocol.documents import Documents, read_documents
    from evaluation.quality.change_split import change_split
    from evaluation.quality.intraclass import intraclass_correlation
    from evaluation.quality.invariance import invariance
    from evaluation.quality.non_response import tipping_point, who_answered
    from evaluation.quality.of_study import item_sets
    from evaluation.quality.quality import quality_of
    from evaluation.quality.reliability import reliability
    from evaluation.quality.weights_report import weights_report
    from evaluation.release.publish import Release, read_release
    from evaluation.report_on_answers import quality_report
    from evaluation.run import run
    from evaluation.study import Study
    from evaluation.waves.people.linkage import match_report

    __version__: str

_PLACES = {
    "Answer": "evaluation.inference.estimate",
    "Documents": "evaluation.protocol.documents",
    "Estimate": "evaluation.inference.estimate",
    "Estimates": "evaluation.inference.estimate",
    "Finding": "evaluation.findings.findings",
    "Findings": "evaluation.findings.findings",
    "Margin": "evaluation.measures.weights",
    "RandomEffects": "evaluation.inference.random_effects",
    "Release": "evaluation.release.publish",
    "Study": "evaluation.study",
    "Trend": "evaluation.inference.over_time.trend",
    "UnitChanges": "evaluation.inference.analyst",
    "attrition": "evaluation.inference.attrition",
    "change_split": "evaluation.quality.change_split",
    "cochran_q": "evaluation.inference.rows.repeated",
    "control_chart": "evaluation.inference.over_time.control_chart",
    "cumulative_logit": "evaluation.inference.tallied.ordinal",
    "effect_size": "evaluation.inference.effect_size",
    "equivalence": "evaluation.inference.equivalence",
    "event_rates": "evaluation.inference.rows.records",
    "event_study": "evaluation.inference.over_time.event_study",
    "fit": "evaluation.inference.fit.fit",
    "imputed_change": "evaluation.inference.rows.imputation",
    "interrupted_series": "evaluation.inference.over_time.series",
    "intraclass_correlation": "evaluation.quality.intraclass",
    "invariance": "evaluation.quality.invariance",
    "item_sets": "evaluation.quality.of_study",
    "many_moments": "evaluation.evidence.scan",
    "match_report": "evaluation.waves.people.linkage",
    "mcnemar": "evaluation.inference.rows.repeated",
    "mediation": "evaluation.inference.rows.mediation",
    "moments_of": "evaluation.evidence.scan",
    "ordered_change": "evaluation.inference.tallied.on_table",
    "ordered_logit": "evaluation.inference.rows.ordered",
    "placebo_rank": "evaluation.inference.over_time.one_among_many",
    "placebo_together": "evaluation.inference.placebo_together",
    "post_stratify": "evaluation.measures.weights",
    "power": "evaluation.plan.power",
    "quality_of": "evaluation.quality.quality",
    "rake": "evaluation.measures.weights",
    "quality_report": "evaluation.report_on_answers",
    "random_effects": "evaluation.inference.random_effects",
    "read_documents": "evaluation.protocol.documents",
    "read_release": "evaluation.release.publish",
    "reliability": "evaluation.quality.reliability",
    "repeated_measures": "evaluation.inference.rows.repeated",
    "run": "evaluation.run",
    "staggered": "evaluation.inference.over_time.staggered",
    "synthetic_difference": "evaluation.inference.over_time.one_among_many",
    "tipping_point": "evaluation.quality.non_response",
    "trend": "evaluation.inference.over_time.trend",
    "trim_weights": "evaluation.measures.weights",
    "unit_change": "evaluation.inference.analyst",
    "weighted_mean": "evaluation.measures.weighted_mean",
    "weights_report": "evaluation.quality.weights_report",
    "who_answered": "evaluation.quality.non_response",
}

__all__ = [
    "Answer", "Documents", "Estimate", "Estimates", "Finding", "Findings", "Margin", "RandomEffects", "Release", "Study",
    "Trend", "UnitChanges", "__version__", "attrition", "change_split", "cochran_q", "control_chart", "cumulative_logit",
    "effect_size", "equivalence", "event_rates", "event_study", "fit", "imputed_change", "interrupted_series",
    "intraclass_correlation", "invariance", "item_sets", "many_moments", "match_report", "mcnemar", "mediation", "moments_of",
    "ordered_change", "ordered_logit", "placebo_rank", "placebo_together", "post_stratify", "power", "quality_of",
    "quality_report", "rake", "random_effects", "read_documents", "read_release", "reliability", "repeated_measures", "run",
    "staggered", "synthetic_difference", "tipping_point", "trend", "trim_weights", "unit_change", "weighted_mean",
    "weights_report", "who_answered",
]


def __getattr__(name: str) -> Any:
    """A public name, from the file that defines it."""
    if name == "__version__":
        return importlib.import_module("importlib.metadata").version("pilot-evaluation")
    if name not in _PLACES:
        raise AttributeError(f"module 'evaluation' has no attribute '{name}'")
    return getattr(importlib.import_module(_PLACES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
