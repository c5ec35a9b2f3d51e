"""Formulas: what 'score ~ pilot * follow_up + age' asks for.

Terms are parsed by formulaic in R's grammar and order; nothing is evaluated here. A text factor is coded as R codes it: by its
levels but the first where the term without it is in the model, by all its levels where it is not; without a constant the first
text factor of all stands in for it with all its levels (R's `terms.formula` and `model.matrix`).
"""

from dataclasses import dataclass

import formulaic
from formulaic.errors import FormulaicError
from formulaic.parser.types import Term

from evaluation.errors import DesignError

Factors = tuple[str, ...]


@dataclass(frozen=True)
class Formula:
    """`outcomes` left of the tilde; right of it, whether there is a `constant`, and each term as the tuple of its factors."""

    text: str
    outcomes: tuple[str, ...]
    constant: bool
    terms: tuple[Factors, ...]

    @property
    def factors(self) -> tuple[str, ...]:
        """Every factor of the right side once, in order."""
        return tuple(dict.fromkeys(factor for term in self.terms for factor in term))

    def has_reference(self, term: Factors, factor: str) -> bool:
        """Whether a text `factor` may leave out its first level in `term`: the term without it is in the model."""
        rest = frozenset(term) - {factor}
        return not rest or rest in {frozenset(other) for other in self.terms}


def parse(text: str) -> Formula:
    """Read a formula.

    Raises:
        DesignError: it is no formula, has no outcome, or asks for parts ('|', numbers that scale a term) that are not offered.
    """
    try:
        parsed = formulaic.Formula(text)
        left, right = _side(parsed, "lhs", text), _side(parsed, "rhs", text)
    except (FormulaicError, SyntaxError, AttributeError, ValueError) as fault:
        raise _unread(text) from fault
    outcomes = tuple(factor.expr for term in left for factor in term.factors)
    if not outcomes or len(outcomes) != len(left):
        raise _unread(text)
    terms = tuple(_factors(term, text) for term in right if str(term) != "1")
    return Formula(text, outcomes, len(terms) < len(right), terms)


def _side(parsed: object, side: str, text: str) -> list[Term]:
    terms = list(getattr(parsed, side))
    if not all(isinstance(term, Term) for term in terms):
        raise _unread(text)
    return terms


def _factors(term: Term, text: str) -> Factors:
    if any(factor.eval_method.value == "literal" for factor in term.factors):
        raise _unread(text)
    return tuple(factor.expr for factor in term.factors)


def _unread(text: str) -> DesignError:
    fix = "write the outcome, '~', and terms joined by +, : or *: 'score ~ pilot * follow_up + age'."
    return DesignError(f"'{text}' cannot be read as a formula.", fix=fix, code="formula")
