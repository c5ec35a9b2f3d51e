"""What the numbers of this room do not allow for: a fixed list, each with the sentence that a reader gets.

A limit is written `id` or `id:detail`; the sentence shows the detail where it says {detail}.
"""

LIMITS: dict[str, str] = {
    "nested_people": "People of one organisation answer alike, which makes chi-square too large and its p-value too small; the "
    "rule reads differences in CFI and RMSEA instead, which suffer less.",
    "same_people": "Some people answered in several waves; here they count as different people.",
    "not_normal": "Answers on a few options are not normal, which makes chi-square too large; it is not corrected, because that "
    "needs more than means and covariances.",
    "few_options": "Items with fewer than five options are treated as numbers: {detail}. Their loadings are too low, and a shift "
    "of thresholds can look like a shift of the item.",
    "just_identified": "Three items always fit one factor: that they are one measure is assumed here, not tested.",
    "poor_fit": "One factor does not describe these items well in every group ({detail}), so comparing it says little.",
    "points_the_other_way": "Answers to {detail} fall where those to the other items rise: a reverse-worded item that was not "
    "turned, or one that was turned and should not be.",
    "few_people": "With fewer than {detail} people in a group the rule says now and then that a measure fails where nothing "
    "differs.",
    "people_left_out": "{detail} answered some of the items but not all, and are left out of the comparison of groups.",
    "shares_scored": "The score counts favourable answers; these figures are about the answers themselves.",
}


def limit(name: str, detail: str = "") -> str:
    """A limit of the list, written `id` or `id:detail`."""
    if name not in LIMITS:
        raise KeyError(name)
    return f"{name}:{detail}" if detail else name


def sentence(text: str) -> str:
    """What a written limit says to a reader."""
    name, _, detail = text.partition(":")
    return LIMITS[name].replace("{detail}", detail)
