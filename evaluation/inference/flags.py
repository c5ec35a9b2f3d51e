"""Cautions that travel with an estimate: a fixed list, each with the sentence that a reader gets.

A flag is written `id` or `id:detail`; the sentence shows the detail where it says {detail}. What a flag means for a
verdict is judged on the floor above.
"""

from collections.abc import Iterable

FLAGS: dict[str, str] = {
    "few_units": "There are only {detail}: the result rests on very few, and one of them can turn it.",
    "chosen_not_drawn": "Pilots were not drawn by lot, so they may have changed differently anyway.",
    "regression_to_the_mean": "Sites were picked for a poor start and there is one wave before: some improvement would be "
    "expected without any programme, and the trend before cannot be checked.",
    "unbalanced_waves": "Left out because they did not answer in every wave compared: {detail}.",
    "absent_at_follow_up": "Left out because they did not answer in this wave: {detail}.",
    "singular_dropped": "A column was left out of the adjustment: {detail}.",
    "panel_disagrees": "Two sound methods disagree about this result: {detail}.",
    "all_alike": "Nobody differs from anybody else in the same place ({detail}), which is rarely real: the spread between people "
    "is not known there.",
    "leverage_one": "One unit alone decides the least-squares figure, so it has no standard error.",
    "below_floor": "The p-value is smaller than the smallest that reassigning arms could give ({detail}).",
    "floor_above_level": "Even the most extreme result could not be told from chance at the plan's confidence "
    "(smallest possible p {detail}).",
    "change_not_effect": "There is no comparison: this is a change, not an effect.",
    "spread_unknown": "Only published means are known, not how people differ: every unit counts the same.",
    "option_counts": "Counts come from published percentages of one question, rounded: one item only, its spread included.",
    "shared_organisations": "{detail} hold both arms; teams are compared inside them, and word may have passed between teams.",
    "nested_units": "No organisation holds both arms, and what happens to an organisation happens to all its units: "
    "organisations are compared, not the units in them.",
    "unlinked_people": "The same people may have answered twice without being recognised; answers are treated as independent.",
    "rows_without_unit": "Left out because they name no unit: {detail} rows.",
    "half_event": "Without any event in a wave, and counted there as half an event: {detail}.",
    "still_units": "These are on one side throughout and tell nothing of this change: {detail}.",
    "always_piloted": "Left out because they had the pilot before the first wave: {detail}.",
    "incomplete_pairs": "Left out because they did not answer in both waves: {detail}.",
    "assumed_spread": "The interval rests on the spread between organisations that the plan assumed, not on these data.",
    "by_dose": "The number is the difference that a fully implemented pilot would make; pilots were implemented to {detail}.",
    "national_trend": "Set beside the published trend of organisations of the same type, which was not asked for this study.",
    "chance_important": "The chance that the effect is better than the change that matters is {detail}, under this prior.",
    "not_worked_out": "This could not be worked out: {detail}.",
    "not_adjusted": "Counts of answers are not adjusted for who answered: {detail}.",
    "too_few_answers": "Left out because fewer than two answered in one of the waves: {detail}.",
    "odds_not_proportional": "The odds ratio differs between thresholds ({detail}), so that one number does not sum it up.",
    "odds_not_tested": "Whether the odds ratio is the same at every threshold cannot be tested: {detail}.",
    "response_weights": "Answers are weighted to headcounts by {detail}.",
    "weights_matter": "Weighted and unweighted answers tell different things: {detail}.",
    "late_baseline": "Answers from before the pilots could still be changed after they began: {detail}.",
    "late_plan": "The plan may have been written with answers known: {detail}.",
    "meaning_not_checked": "Whether the items mean the same in the groups compared could not be checked: {detail}.",
    "other_meaning": "People who are alike on the measure answered its items differently in the groups compared: {detail}.",
    "items_changed": "Left out of the score in every wave, because they became another question: {detail}.",
    "pilot_rank": "Of all organisations' changes the pilot's is number {detail}, counted from the highest.",
}


def flag(name: str, detail: str = "") -> str:
    """A flag of the list, written `id` or `id:detail`."""
    if name not in FLAGS:
        raise KeyError(name)
    return f"{name}:{detail}" if detail else name


def name_of(text: str) -> str:
    """The id of a written flag."""
    return text.partition(":")[0]


def sentence(text: str) -> str:
    """What a written flag says to a reader."""
    name, _, detail = text.partition(":")
    return FLAGS[name].replace("{detail}", detail)


def counted(names: Iterable[str], most: int = 8) -> str:
    """'3: A, B, C', with the tail of a long list left as a number."""
    listed = list(names)
    rest = f" and {len(listed) - most} more" if len(listed) > most else ""
    return f"{len(listed)}: {', '.join(listed[:most])}{rest}"
