"""Too few people on one side: the number would be about them, so it decides nothing and is shown to no board."""

from evaluation.inference.estimate import Answer
from evaluation.terms import Assignment


def few_behind(answer: Answer, threshold: int) -> bool:
    """Whether on some side, in some wave compared, somebody answered but fewer than `threshold` people.

    Where people were assigned, those compared may be fewer than those who answered: only they count.
    """
    head = answer.headline
    compared = (head.n_pilot, head.n_comparison) if head.unit == Assignment.RESPONDENT.value else ()
    sides = answer.units.groupby("arm")[["n_from", "n_to"]].sum().to_numpy().ravel() if len(answer.units) else ()
    return any(0 < number < threshold for number in (*sides, *(number or 0 for number in compared)))


def why(threshold: int, *, counted: bool = False) -> str:
    """Why there is no verdict; `counted` where records were counted, not people asked."""
    if counted:
        return f"Fewer than {threshold} events were counted on one side, so the number would be about the few behind them."
    return f"Fewer than {threshold} people answered on one side, so the number would be about them."
