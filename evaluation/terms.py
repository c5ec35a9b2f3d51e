"""The field's words as enumerations. Values are the words that documents and screens use."""

from enum import StrEnum


class Role(StrEnum):
    """What an arm stands for."""

    PILOT = "pilot"
    COMPARISON = "comparison"


class Assignment(StrEnum):
    """What was assigned to an arm, and so the unit of inference."""

    ORGANISATION = "organisation"
    SITE = "site"
    TEAM = "team"
    RESPONDENT = "respondent"

    @property
    def plural(self) -> str:
        """The word for several, as screens write it."""
        return "people" if self is Assignment.RESPONDENT else f"{self.value}s"


class Selection(StrEnum):
    """How pilots came to be pilots."""

    BY_LOT = "by lot"
    PURPOSIVE = "purposive"
    VOLUNTEERS = "volunteers"
    POOR_BASELINE = "poor baseline"

    @property
    def says(self) -> str:
        """How pilots came about, inside a sentence."""
        return {
            Selection.BY_LOT: "pilots were drawn by lot",
            Selection.PURPOSIVE: "pilots were chosen, not drawn by lot",
            Selection.VOLUNTEERS: "pilots volunteered and were not drawn by lot",
            Selection.POOR_BASELINE: "pilots were picked for a poor start, not drawn by lot",
        }[self]


class Linkage(StrEnum):
    """How the waves of a population hang together: who was asked again, and whether a respondent can be recognised.

    `none` is a repeated cross-section. `pseudonym` asks everybody again and every row names its respondent. `panel` asks only
    the people of the first wave again. `mixed` has rows with and without a name: part panel, part cross-section.
    """

    NONE = "none"
    PSEUDONYM = "pseudonym"
    PANEL = "panel"
    MIXED = "mixed"

    @property
    def recognises(self) -> bool:
        """Whether anybody can be recognised from wave to wave."""
        return self is not Linkage.NONE

    @property
    def names_everybody(self) -> bool:
        """Whether every row must name its respondent."""
        return self in (Linkage.PSEUDONYM, Linkage.PANEL)

    @property
    def says(self) -> str:
        """In words, for a page."""
        return {
            Linkage.NONE: "other people each wave", Linkage.PSEUDONYM: "recognised from wave to wave",
            Linkage.PANEL: "the same people each wave", Linkage.MIXED: "some recognised from wave to wave",
        }[self]  # fmt: skip


class Level(StrEnum):
    """What one row of a wave file is: a person who answered, an organisation's published mean, or one option of one question and
    how many people of an organisation chose it, as published."""

    RESPONDENT = "respondent"
    ORGANISATION = "organisation"
    OPTION = "option"

    @property
    def is_published(self) -> bool:
        """Whether rows are figures that somebody published, with the people behind them under `base`."""
        return self is not Level.RESPONDENT


class Status(StrEnum):
    """Standing of an estimand in the plan."""

    PRIMARY = "primary"
    SECONDARY = "secondary"
    GUARDRAIL = "guardrail"
    EXPLORATORY = "exploratory"


class Design(StrEnum):
    """What is compared with what."""

    BEFORE_AFTER = "before and after"
    COMPARISON = "comparison at follow-up"
    DIFFERENCE_IN_DIFFERENCES = "difference in differences"
    ANCOVA = "ancova"
    BENCHMARK = "benchmark-adjusted change"

    @property
    def alone(self) -> bool:
        """Whether only pilots' answers are read: nobody else was asked."""
        return self in (Design.BEFORE_AFTER, Design.BENCHMARK)

    @property
    def beyond_others(self) -> bool:
        """Whether what is told is a change beyond the change elsewhere."""
        return self in (Design.DIFFERENCE_IN_DIFFERENCES, Design.BENCHMARK)


class Estimator(StrEnum):
    """How a design is turned into a number. The headline is named in the protocol; the others stand beside it."""

    UNIT_CHANGE = "unit change"
    LEAST_SQUARES = "least squares"
    ROBUST_LEAST_SQUARES = "robust least squares"


class Beside(StrEnum):
    """Methods of another kind that stand beside a headline and are never one."""

    PLACEBO = "placebo reassignment"
    RANDOM_EFFECTS = "random effects"
    BAYESIAN = "Bayesian"
    POOLED = "partial pooling"
    STANDARDISED = "standardised effect"
    EQUIVALENCE = "equivalence"
    NO_WORSE = "non-inferiority"
    SUPERIORITY = "probability of superiority"
    CUMULATIVE_LOGIT = "cumulative logit"
    LOGIT_SHARE = "percent positive as logit"
    QUASI_POISSON = "quasi-Poisson"


class Better(StrEnum):
    """Which way of a measure is good."""

    HIGHER = "higher"
    LOWER = "lower"


class ScoreRule(StrEnum):
    """Scoring rules a measure may name."""

    MEAN = "mean"
    SUB_SCORES = "mean of sub scores"
    SINGLE_ITEM = "single item"
    PERCENT_POSITIVE = "percent positive"
    EVENT_RATE = "event rate"


class WeightKind(StrEnum):
    """How answers are weighted to headcounts: to every stratum's, or to those of several margins at once."""

    POST_STRATIFICATION = "post-stratification"
    RAKING = "raking"


class Multiplicity(StrEnum):
    """How a family of estimands shares its error rate."""

    HOLM = "holm"
    BENJAMINI_HOCHBERG = "benjamini-hochberg"


class EstimateStatus(StrEnum):
    """Whether an estimate carries a p-value, or why not."""

    ESTIMATED = "estimated"
    WITHHELD = "p-value withheld"
    NOT_ESTIMABLE = "not estimable"
    NOT_YET = "not yet evaluable"


class Suppression(StrEnum):
    """Why a published cell shows no number."""

    SMALL = "fewer people answered than the policy allows"
    REMAINDER = "hidden so that another hidden cell cannot be worked out"


class Tone(StrEnum):
    """How a verdict is drawn; the words carry the meaning."""

    BETTER = "better"
    WORSE = "worse"
    UNCLEAR = "unclear"


class Support(StrEnum):
    """How the findings leave one arrow of the theory of change."""

    SUPPORTED = "supported"
    PROBABLY = "probably supported"
    NOT_SUPPORTED = "not supported"
    CANNOT_TELL = "cannot tell"
    UNTESTED = "untested"


RESULT_COLUMNS: tuple[str, ...] = (
    "estimand", "measure", "population", "design", "estimator", "variance", "term", "contrast", "wave_from", "wave_to",
    "estimate", "std_error", "statistic", "df", "p_value", "adjusted_p", "confidence", "conf_low", "conf_high",
    "resolution_floor", "minimum_important_difference", "unit", "weighted", "n_respondents", "n_units", "n_pilot",
    "n_comparison", "status", "flags", "result_id",
)
