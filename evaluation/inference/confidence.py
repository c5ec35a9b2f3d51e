"""What a confidence may be: a share between 0 and 1, not a percentage."""

from evaluation.errors import DesignError


def refuse_confidence(confidence: float) -> None:
    """Raise DesignError unless a confidence lies between 0 and 1, neither included."""
    if not 0 < confidence < 1:
        meant = f"{confidence / 100:g} for {confidence:g}%" if 1 < confidence < 100 else "0.95 for 95%"
        fix = f"give a share between 0 and 1: {meant}."
        raise DesignError(f"a confidence of {confidence:g} is none.", fix=fix, code="confidence")
