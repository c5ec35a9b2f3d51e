"""The one sentence of a finding, from its verdict and its numbers; plain words, never a cause the design does not carry."""

from evaluation.findings.rates import told_rate
from evaluation.findings.subject import Subject, inside
from evaluation.findings.verdict import Kind
from evaluation.terms import Better, Design

PROBABLE = (Kind.PROBABLY_IMPROVED, Kind.PROBABLY_WORSE)
GUARDED = (Kind.SAFE, Kind.BREACHED, Kind.NOT_SHOWN_SAFE)
ONLY_A_CHANGE = "This is a change, not an effect: there is no comparison."


def told(subject: Subject, kind: Kind, estimate: float | None, interval: tuple[float | None, float | None],
         own_change: float | None, reason: str = "") -> str:
    """The sentence to the board.

    Args:
        subject: the words and the change that matters.
        kind: the verdict.
        estimate: the difference, in the measure's own direction; None where there is none.
        interval: its ends at the plan's confidence, or (None, None).
        own_change: how far pilots alone moved between the waves; None where only one wave counts.
        reason: why nothing can be said, a whole sentence; read only where something is missing.
    """
    low, high = interval
    if kind is Kind.NOT_YET:
        return f"Not yet evaluable. {reason}".strip()
    if subject.counted:
        return told_rate(subject, kind, estimate, interval, reason)
    if estimate is None or low is None or high is None:
        return _refused(subject, estimate, reason)
    numbers = f"({subject.interval_name} {subject.span(low, high)})"
    if kind is Kind.SO_FAR:
        best = f"{_difference(subject)} is {subject.signed_amount(estimate)} {numbers}"
        return f"So far, at {subject.to_label}, {best}; no verdict yet."
    if kind in GUARDED:
        return _guarded(subject, kind, estimate, numbers[1:-1])
    if kind is Kind.NO_DIFFERENCE:
        return _alike(subject, estimate, numbers[1:-1])
    if kind is Kind.CANNOT_TELL:
        return _unclear(subject, estimate, low, high)
    if estimate < 0:  # "less, by 0.6": the interval in the direction of the words
        numbers = f"({subject.interval_name} {subject.span(-high, -low)})"
    return _moved(subject, kind in PROBABLE, estimate, own_change, numbers)


def _moved(subject: Subject, probably: bool, estimate: float, own_change: float | None, numbers: str) -> str:
    up, size = estimate > 0, subject.amount(abs(estimate))
    if subject.design is Design.BEFORE_AFTER:
        return f"{_clause(subject, up, probably)} than before, by {size} {numbers}. {ONLY_A_CHANGE}"
    if subject.design is Design.COMPARISON:
        return f"{_clause(subject, up, probably)} than {_others(subject)}, by {size} {numbers}."
    if subject.design is Design.ANCOVA:
        return f"{_clause(subject, up, probably)} than {_others(subject)} who started alike, by {size} {numbers}."
    own = estimate if own_change is None else subject.shown(own_change)
    if own == 0:
        much = f"{_maybe(probably)}{size} {'more' if up else 'less'}"
        return f"{_as_before(subject)}; set against the change {subject.elsewhere} that is {much} {numbers}."
    if (own > 0) != up:
        but = f"but the {'rise' if own > 0 else 'fall'} was {_maybe(probably)}{size} smaller than {subject.elsewhere}"
        return f"{_clause(subject, own > 0, False)} than before, {but} {numbers}."
    return f"{_clause(subject, up, probably)} than before, by {size} beyond the change {subject.elsewhere} {numbers}."


def _clause(subject: Subject, up: bool, probably: bool) -> str:
    """"Staff in pilot organisations see values lived more", or with percentages "More staff ... know the values"."""
    if subject.percentages:
        return f"{'More' if up else 'Fewer'} {subject.people} {subject.where} {_maybe(probably)}{subject.says}"
    return f"{_opening(subject)} {_maybe(probably)}{subject.says} {'more' if up else 'less'}"


def _opening(subject: Subject) -> str:
    return f"{subject.people[:1].upper()}{subject.people[1:]} {subject.where}"


def _maybe(probably: bool) -> str:
    return "probably " if probably else ""


def _others(subject: Subject) -> str:
    short = subject.percentages and subject.design is not Design.ANCOVA
    return subject.elsewhere if short else f"{subject.people} {subject.elsewhere}"


def _as_before(subject: Subject) -> str:
    if subject.percentages:
        return f"About as many {subject.people} {subject.where} {subject.says} as before"
    return f"{_opening(subject)} {subject.says} about as much as before"


def _beside(subject: Subject, change: str) -> str:
    """What the pilots are set beside; `change` completes "the change elsewhere ..."."""
    return {
        Design.BEFORE_AFTER: "before", Design.COMPARISON: _others(subject),
        Design.ANCOVA: f"{_others(subject)} who started alike",
    }.get(subject.design, f"the change {subject.elsewhere} {change}")


def _alike(subject: Subject, estimate: float, numbers: str) -> str:
    alone = subject.design is Design.BEFORE_AFTER
    where = f"{subject.where[:1].upper()}{subject.where[1:]}"
    many, much = f"about as many {subject.people} {subject.says}", f"{subject.people} {subject.says} about as much"
    any_such = f"any {'change' if alone else 'difference'} is smaller than the {subject.important} that matter"
    best = f"(best estimate {subject.signed(estimate)}, {numbers})"
    beside = _beside(subject, "would lead us to expect")
    caution = f" {ONLY_A_CHANGE}" if alone else ""
    return f"{where}, {many if subject.percentages else much} as {beside}: {any_such} {best}.{caution}"


def _question(subject: Subject) -> str:
    clause = _clause(subject, subject.better is Better.HIGHER, False)
    return f"We cannot tell whether {inside(clause)} than {_beside(subject, 'would explain')}"


def _unclear(subject: Subject, estimate: float, low: float, high: float) -> str:
    best = f"the best estimate is {subject.signed_amount(estimate)}"
    fits = f"anything from {subject.span(low, high)} would fit the answers ({subject.interval_name})"
    return f"{_question(subject)}: {best}, and {fits}."


def _refused(subject: Subject, estimate: float | None, reason: str) -> str:
    seen = "" if estimate is None else f" {_seen(subject)} was {subject.signed_amount(estimate)}."
    return f"{_question(subject)}. {reason}".strip() + seen


def _seen(subject: Subject) -> str:
    return "The change seen" if subject.design is Design.BEFORE_AFTER else "The difference seen"


def _difference(subject: Subject) -> str:
    if subject.design is Design.BEFORE_AFTER:
        return "the change"
    return f"the difference from the change {subject.elsewhere}" if subject.design.beyond_others else "the difference"


def _guarded(subject: Subject, kind: Kind, estimate: float, numbers: str) -> str:
    allowed = f"by more than the {subject.amount(subject.margin or 0.0)} that the plan allows"
    beyond = f", beyond the change {subject.elsewhere}," if subject.design.beyond_others else ""
    best = f"(best estimate {subject.signed(estimate)}, {numbers})"
    if kind is Kind.NOT_SHOWN_SAFE:
        return f"We cannot rule out that {inside(subject.label)} got worse {subject.where}{beyond} {allowed} {best}."
    verb = "did not get worse" if kind is Kind.SAFE else "got worse"
    return f"{subject.label} {verb} {subject.where}{beyond} {allowed} {best}."
