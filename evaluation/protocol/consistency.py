"""What one block of the documents says about another: every contradiction, each where it stands, with what puts it right."""

from evaluation.protocol.check_estimands import ESTIMAND_CHECKS
from evaluation.protocol.check_measures import MEASURE_CHECKS
from evaluation.protocol.check_plan import PLAN_CHECKS
from evaluation.protocol.check_published import PUBLISHED_CHECKS
from evaluation.protocol.check_weights import WEIGHT_CHECKS
from evaluation.protocol.decide import check_rules
from evaluation.protocol.faults import Check, Fault, Parts

CHECKS: tuple[Check, ...] = (*PLAN_CHECKS, *MEASURE_CHECKS, *PUBLISHED_CHECKS, *ESTIMAND_CHECKS, *WEIGHT_CHECKS, check_rules)


def faults_of(parts: Parts) -> list[Fault]:
    """All contradictions, in the order of the checks; empty when the documents agree."""
    return [fault for check in CHECKS if not check.needs & parts.absent for fault in check.find(parts)]
