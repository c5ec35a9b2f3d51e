"""The sheets of the workbook that an evaluator fills instead of writing YAML, and their columns."""

from dataclasses import dataclass
from typing import Any

from evaluation.terms import (
    Assignment,
    Better,
    Design,
    Estimator,
    Level,
    Linkage,
    Multiplicity,
    Role,
    ScoreRule,
    Selection,
    Status,
)


@dataclass(frozen=True)
class Column:
    """One column of a sheet: what to write there, the words it allows, and whether a row must have it."""

    name: str
    says: str
    words: tuple[str, ...] = ()
    required: bool = False


@dataclass(frozen=True)
class Sheet:
    """One sheet of the workbook; each row is one block of the study's documents."""

    name: str
    says: str
    columns: tuple[Column, ...]


def _words(enumeration: Any) -> tuple[str, ...]:
    return tuple(member.value for member in enumeration)


YES_NO = ("yes", "no")
ABOUT: tuple[tuple[str, str], ...] = (
    ("title", "The study's title."),
    ("question", "What the pilot is to show, in one sentence."),
    ("asks", "The decision the board is asked to take, such as: extend the pilots for a second year?"),
    ("board", "Name of the board."),
    ("contact", "Whom a reader asks: an e-mail address."),
    ("assignment", f"What was assigned to an arm: {', '.join(_words(Assignment))}."),
    ("randomised", "yes only if a lottery chose the pilots; else no."),
    ("selection", f"How pilots came to be pilots: {', '.join(_words(Selection))}."),
    ("if an organisation leaves", "What happens to its answers, such as: analysed as first assigned."),
    ("confidence", "Confidence of intervals, such as 0.95."),
    ("disclosure policy", "Name of the disclosure policy, such as threshold-11."),
    ("seed", "A whole number for everything drawn by chance, such as today's date."),
    ("cannot tell", "What this design cannot tell, one sentence; may stay empty."),
)
SHEETS: tuple[Sheet, ...] = (
    Sheet(
        "About",
        "The study in a few lines.",
        (
            Column("key", "Do not change this column.", required=True),
            Column("value", "Your answer."),
            Column("help", "What to write."),
        ),
    ),
    Sheet(
        "Arms",
        "What is compared.",
        (
            Column("arm", "Short name: small letters, digits, underscores.", required=True),
            Column("role", "pilot has the intervention; comparison stands for what would have happened.", _words(Role), True),
            Column("label", "As pages show it.", required=True),
        ),
    ),
    Sheet(
        "Waves",
        "Occasions of fieldwork, in order of time.",
        (
            Column("wave", "Short name.", required=True),
            Column("label", "As pages show it.", required=True),
            Column("opens", "First day, 2025-02-03.", required=True),
            Column("closes", "Last day.", required=True),
            Column("before start", "yes when no pilot had begun.", YES_NO),
            Column("look", "watch gives an estimate so far; decide gives a verdict.", ("watch", "decide")),
        ),
    ),
    Sheet(
        "Organisations",
        "Who takes part. One row an organisation, or a team or site when those were assigned.",
        (
            Column("organisation", "Code, for NHS bodies the ODS code.", required=True),
            Column("name", "As pages show it.", required=True),
            Column("unit", "Code of the team or site; only when those were assigned."),
            Column("arm", "An arm; empty when people were assigned."),
            Column("type", "Such as NHS Trust, Foundation Trust, commissioner, private provider, other.", required=True),
            Column("region", "Any words."),
            Column("size", "People employed."),
            Column("values_history", "Values of its own before the pilot.", ("never had", "has values", "not known")),
            Column("start", "Day on which its pilot began; empty for comparison."),
        ),
    ),
    Sheet(
        "Populations",
        "Who is asked, and what you expect of them.",
        (
            Column("population", "Short name, such as staff.", required=True),
            Column("label", "As pages show it.", required=True),
            Column("level", "respondent: a row is a person; organisation: a mean; option: a count.", _words(Level)),
            Column("linkage", "pseudonym when people are recognised from wave to wave.", _words(Linkage)),
            Column("groups", "Columns that group people, with commas, such as staff_group, age_band."),
            Column("respondents_per_unit", "Expected answers a unit and wave."),
            Column("unit_variance_share", "Share of variance between units, such as 0.03."),
            Column("wave_variance_share", "Share of variance between waves of a unit, such as 0.01."),
            Column("standard_deviation", "Between people, as a share of the scale's length, such as 0.2."),
            Column("linked_correlation", "Between a person's answers in two waves, such as 0.5."),
        ),
    ),
    Sheet(
        "Measures",
        "What is measured, from which items.",
        (
            Column("measure", "Short name.", required=True),
            Column("label", "As pages show it.", required=True),
            Column("instrument", "Name of the questionnaire, as on the sheet Items.", required=True),
            Column("population", "Who is asked.", required=True),
            Column("score", "How items become a score.", _words(ScoreRule), True),
            Column("items", "Items with commas.", required=True),
            Column("at_least", "Answers needed, such as 2 of 3."),
            Column("scale", "Where a mean is shown on another scale: 0 to 10."),
            Column("better", "Which way is good.", _words(Better)),
            Column(
                "minimum_important_difference", "Smallest change that matters: 0.3 points, 10 percentage points.", required=True
            ),
            Column("says", "What rose, for the board's sentence: see values lived.", required=True),
        ),
    ),
    Sheet(
        "Items",
        "Every question, with its options.",
        (
            Column("item", "Short name.", required=True),
            Column("instrument", "Name of the questionnaire: letters and hyphens.", required=True),
            Column("population", "Who is asked.", required=True),
            Column("wording", "As asked.", required=True),
            Column("options", "Codes and labels: 1 = Strongly disagree; 2 = Disagree; ..."),
            Column("range", "Instead of options, for numbers: 0 to 100."),
            Column("whole", "no when numbers have decimals.", YES_NO),
            Column("positive", "Favourable codes with commas: 4, 5."),
            Column("missing_codes", "Answers that are none: 99 = Prefer not to say"),
            Column("reverse", "yes when a high code is unfavourable.", YES_NO),
            Column("asked_in", "Waves with commas; empty means every wave."),
            Column("source", "Where the questionnaire comes from."),
        ),
    ),
    Sheet(
        "Estimands",
        "The questions to the data.",
        (
            Column("estimand", "Short name.", required=True),
            Column("status", "One at least is primary.", _words(Status), True),
            Column("measure", "A measure.", required=True),
            Column("design", "What is compared.", _words(Design), True),
            Column("estimator", "How; empty takes the usual one.", _words(Estimator)),
            Column("covariates", "Groups to adjust for, with commas."),
            Column(
                "contrast", "Arms compared: develop - comparison. Several with semicolons; empty: all pilots - all comparisons."
            ),
            Column("wave_from", "Empty: the baseline."),
            Column("wave_to", "Empty: the last deciding wave."),
            Column("margin", "Of a guardrail: 0.2 points."),
            Column("family", "Estimands that share an error rate."),
            Column("family_rule", "How the family shares it.", _words(Multiplicity)),
        ),
    ),
    Sheet(
        "Decide",
        "What follows from which finding; the first rule that holds counts, the last row is 'otherwise'.",
        (
            Column("when", "main_change is above zero and every guardrail is safe"),
            Column("then", "What the board does."),
            Column("otherwise", "In the last row: what the board does when no rule holds."),
        ),
    ),
)
