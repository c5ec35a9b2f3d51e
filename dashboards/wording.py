"""The words of the board's pages. No method names here: those stand on the analyst's part of a page."""

from evaluation.figures import numbers
from evaluation.figures.looks import MARKS
from evaluation.release.cards import FindingCard, MeasureCard, Policy, StudyCard
from evaluation.release.publish import Release
from evaluation.terms import Better, ScoreRule, Status, Support, Suppression, Tone

PREVIEW = "Preview, not approved."
PREVIEW_SAYS = "For those who prepare the board's paper; nobody has approved these numbers."
NOT_AVAILABLE = f"{numbers.NOT_AVAILABLE} not available"
UNKNOWN_CHOICE = "Part of this address is not something this page can show. It shows its usual view instead."
STATUS_NOTES = {
    Status.PRIMARY: "main", Status.SECONDARY: "", Status.GUARDRAIL: "must not get worse", Status.EXPLORATORY: "exploratory",
}
STATUS_WORDS = {
    Status.PRIMARY: "main measure", Status.SECONDARY: "secondary measure", Status.GUARDRAIL: "must not get worse",
    Status.EXPLORATORY: "exploratory measure",
}
LINK_STATES = {
    Support.SUPPORTED: (Tone.BETTER, "Supported"), Support.PROBABLY: (Tone.BETTER, "Probably supported"),
    Support.NOT_SUPPORTED: (Tone.UNCLEAR, "Not supported so far"), Support.CANNOT_TELL: (Tone.UNCLEAR, "Cannot tell yet"),
    Support.UNTESTED: (Tone.UNCLEAR, "Not tested"),
}


def mark(tone: Tone) -> str:
    """The shape that stands beside a verdict."""
    return MARKS[tone]


def hidden(suppressed: Suppression, policy: Policy) -> str:
    """Why a cell shows no number."""
    if suppressed is Suppression.SMALL:
        return f"{numbers.HIDDEN} hidden to protect people (fewer than {policy.threshold})"
    return f"{numbers.HIDDEN} hidden so that another hidden number cannot be worked out"


def capital(text: str) -> str:
    """`text` with a capital first letter, the rest as it is."""
    return text[:1].upper() + text[1:]


def sentence(text: str) -> str:
    """`text` as a sentence: capital letter, full stop."""
    text = text.strip()
    return capital(text if text.endswith((".", "?", "!")) else f"{text}.") if text else ""


def notes(finding: FindingCard) -> str:
    """What is special about a measure in a list of measures."""
    said = [STATUS_NOTES[finding.status], "lower is better" if finding.better is Better.LOWER else ""]
    return ", ".join(word for word in said if word)


def units(finding: FindingCard, study: StudyCard) -> list[tuple[str, bool]]:
    """Pieces of "8 pilot and 24 comparison organisations"; True marks what is said strongly."""
    one, many = compared(finding, study)
    if not finding.n_comparison:
        return [(f"{finding.n_pilot} pilot", True), (f" {one if finding.n_pilot == 1 else many}", False)]
    others = f"{numbers.count(finding.n_comparison)} comparison"
    return [(f"{numbers.count(finding.n_pilot)} pilot", True), (" and ", False), (others, True), (f" {many}", False)]


def compared(finding: FindingCard, study: StudyCard) -> tuple[str, str]:
    """The words for one and for several of what the finding counts."""
    other = finding.compared
    return (study.unit_word, study.unit_plural) if other is None else (other.value, other.plural)


def answers(finding: FindingCard) -> str:
    """"14,120 then 13,460": how many answered in each wave; all answers together where that is not known."""
    if finding.n_from is not None and finding.n_to is not None:
        return f"{numbers.count(finding.n_from)} then {numbers.count(finding.n_to)}"
    return numbers.count(finding.n_respondents) if finding.n_respondents else numbers.NOT_AVAILABLE


def people(finding: FindingCard, population: str) -> str:
    """"14,120 staff at the start, 13,460 now", as far as it may be shown."""
    who = population.lower()
    if finding.unit_words == "percent":
        return "counted in records"
    if finding.n_from is not None and finding.n_to is not None:
        return f"{numbers.count(finding.n_from)} {who} at the start, {numbers.count(finding.n_to)} now"
    if finding.n_from is not None:
        return f"{numbers.count(finding.n_from)} {who} at the start"
    return f"{numbers.count(finding.n_respondents)} answers of {who}" if finding.n_respondents else f"number of {who} not shown"


def number(finding: FindingCard) -> str:
    """"+0.5", or that there is none."""
    return numbers.NOT_AVAILABLE if finding.estimate is None else numbers.signed(finding.estimate, finding.decimals)


def interval(finding: FindingCard) -> str:
    """"0.2 to 0.8", or that there is none."""
    if finding.conf_low is None or finding.conf_high is None:
        return numbers.NOT_AVAILABLE
    return numbers.between(finding.conf_low, finding.conf_high, finding.decimals)


def confidence(share: float) -> str:
    """"95% confidence interval"."""
    return f"{numbers.percent(100 * share)} confidence interval"


def score(measure: MeasureCard) -> str:
    """What a level of the measure is: "mean score, 0 to 10", "% who answered favourably" or "rate of events, from records"."""
    if measure.score is ScoreRule.EVENT_RATE:
        return "rate of events, from records"
    if measure.score is ScoreRule.PERCENT_POSITIVE and measure.better is Better.LOWER:
        return "% who said this"
    if measure.score is ScoreRule.PERCENT_POSITIVE:
        return "% who answered favourably"
    return f"mean score, {numbers.plain(measure.low, 0)} to {numbers.plain(measure.high, 0)}"


def scale_shown(measure: MeasureCard, shown: tuple[float, float], decimals: int) -> str:
    """That the axis shows only part of the scale, if so."""
    low, high = numbers.plain(measure.low, 0), numbers.plain(measure.high, 0)
    if shown == (measure.low, measure.high):
        return f"Scale {low} to {high}."
    digits = max(decimals, 1 if any(round(end) != round(end, 6) for end in shown) else 0)
    return f"Scale {low} to {high}, shown from {numbers.plain(shown[0], digits)} to {numbers.plain(shown[1], digits)}."


def snapshot(release: Release) -> str:
    """Which snapshot a figure comes from."""
    return f"Result {release.result_number} ({release.result_id}), {numbers.day(release.made.date())}"


def plan_state(study: StudyCard) -> str:
    """Whether the plan is sealed."""
    if study.frozen is None:
        return "plan not yet frozen"
    return f"plan {study.frozen.number} frozen {numbers.day(study.frozen.date)}"


def kilobytes(text: str) -> str:
    """The size of a download."""
    return f"{max(1, round(len(text.encode()) / 1000))} kB"
