"""Cautions in words that a board reads: every flag that inference may raise, and those that only judging can see.

The analyst's sentence for the same flag is in `inference/flags.py`; a test keeps the two lists alike.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from evaluation.inference.flags import name_of


@dataclass(frozen=True)
class Caution:
    """A flag and what it tells a board; `serious` lowers the grade of the evidence, for the reason given in few words."""

    id: str
    sentence: str
    serious: str = ""


SENTENCES: dict[str, str] = {
    "few_units": "There are only {detail}: the result rests on very few, and one of them can turn it.",
    "chosen_not_drawn": "Pilots were not drawn by lot, so they may have changed differently anyway.",
    "regression_to_the_mean": "Pilots were picked for a poor start and were asked only once before: some improvement would be "
    "expected without any programme.",
    "unbalanced_waves": "{number} left out because they did not answer in both waves.",
    "absent_at_follow_up": "{number} left out because they did not answer in this wave.",
    "rows_without_unit": "Answers that name no place are left out.",
    "half_event": "{number} had nothing to count at one time, and one half is put in its place there.",
    "still_units": "{number} answered in one wave only and tell nothing of the change.",
    "always_piloted": "{number} left out because they had the pilot before anybody was asked.",
    "incomplete_pairs": "People who did not answer in both waves are left out.",
    "singular_dropped": "One of the planned allowances for who answered could not be made.",
    "panel_disagrees": "Two sound ways of working this out disagree about whether it could be chance.",
    "all_alike": "Everybody in a place scored exactly alike ({detail}). That is rarely real; the interval may be too narrow.",
    "leverage_one": "One of the checks rests on a single place, so it cannot be judged.",
    "below_floor": "The calculation claims more certainty than so few places allow; the verdict claims only what they allow.",
    "floor_above_level": "With so few places even the clearest result could be chance, so no verdict goes beyond “Probably”.",
    "change_not_effect": "There is no comparison: this is a change, not an effect.",
    "spread_unknown": "Only published averages are known, not how people differ: every place counts the same.",
    "option_counts": "Answers are worked out from published percentages of one question, and are rounded.",
    "shared_organisations": "{detail} hold both pilots and comparisons, so word may have passed between them.",
    "nested_units": "No organisation holds both pilots and comparisons, and what else happens to an organisation happens to "
    "everyone in it: whole organisations are compared, not the places in them.",
    "unlinked_people": "The same people may have answered twice without being recognised.",
    "assumed_spread": "The interval rests on what the plan assumed about organisations, not on these answers.",
    "by_dose": "The number is what a pilot carried out in full would make; the pilots were carried out to {detail}.",
    "national_trend": "Pilots are set beside the published trend of organisations like them, not beside others that were asked.",
    "chance_important": "Read as a bet, the chance that the pilot achieved the change that matters is {detail}.",
    "not_worked_out": "One of the further readings could not be worked out.",
    "not_adjusted": "One of the further readings does not allow for who answered.",
    "too_few_answers": "{number} left out of a further reading because too few answered.",
    "odds_not_proportional": "Answers moved more at one end of the scale than at the other.",
    "odds_not_tested": "Whether answers moved alike at both ends of the scale cannot be checked.",
    "response_weights": "Answers count by how many people of each group could have answered.",
    "weights_matter": "Who answered matters here: counting answers by who could have answered changes the result.",
    "late_baseline": "Answers from before the pilots could still be changed after they began: {detail}.",
    "late_plan": "The plan may have been written with answers known: {detail}.",
    "meaning_not_checked": "Whether the questions mean the same to everybody compared could not be checked.",
    "other_meaning": "Some questions were answered differently by people who otherwise answered alike, so part of the difference "
    "may lie in the questions and not in what they ask about.",
    "items_changed": "Some questions were worded otherwise in one of the waves, so they are left out in all of them: {detail}.",
    "pilot_rank": "Of all the changes, the pilot's is number {detail}, counted from the highest.",
    "family": "This is one of {number} questions asked together; allowing for that, the result could be chance, so the verdict "
    "does not go beyond “Probably”.",
    "rounding": "The interval ends so close to no difference that the rounded number does not show on which side.",
}

_COUNT = re.compile(r"^\d+: ")

SERIOUS: dict[str, str] = {
    "late_plan": "the plan was sealed only after answers came in",
    "few_units": "very few took part",
    "regression_to_the_mean": "with one measure before, some improvement would be expected anyway",
    "floor_above_level": "with so few, even the clearest result could be chance",
    "panel_disagrees": "two sound ways of working it out disagree",
    "weights_matter": "the result depends on who answered",
    "assumed_spread": "the interval rests on an assumption",
}


def cautions(flags: Iterable[str]) -> tuple[Caution, ...]:
    """The flags `id` or `id:detail` in board words and in order; flags that say the same to a board are said once."""
    return tuple(dict.fromkeys(_caution(flag) for flag in flags))


def _caution(flag: str) -> Caution:
    name, detail = name_of(flag), flag.partition(":")[2]
    said = SENTENCES[name].replace("{number}", f"{number_of(flag):,}").replace("{detail}", _COUNT.sub("", detail))
    return Caution(name, said, SERIOUS.get(name, ""))


def number_of(flag: str) -> int:
    """How many a flag counts: 3 in "unbalanced_waves:3: P1, P2, P3"; 0 without a number."""
    found = re.match(r"[\d,]+", flag.partition(":")[2])
    return int(found[0].replace(",", "")) if found else 0
