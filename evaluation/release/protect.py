"""Protection: which cells must be hidden so that no number tells about few people.

Threshold: a cell in which fewer people answered than the policy allows is hidden; nobody looks the same as few. Remainder: what
a shown cell leaves over when all that is shown below it is subtracted must be at least two hidden cells and enough people, or the
next smallest cell below it is hidden too; repeated until nothing changes.

The attacker also knows the rules: the few are below the threshold, other hidden cells are not, and the smallest are hidden
first. She knows headcounts, which no number of answers is above. What is left over must keep every small number, and the mean
behind it, open over a range in spite of that.
Sources: Hundepool et al. (2012), Statistical Disclosure Control, chapter 4 (primary and secondary suppression);
docs/disclosure.md, section 1 (criteria a and b) and rules 1 to 3.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from evaluation.protocol.policy import DisclosurePolicy
from evaluation.terms import Suppression

OPEN = 5
"""A count of few people must stay possible over a range at least this wide."""

OPEN_SHARE = 0.2
"""A mean of few people must stay possible over a range at least this share of the scale."""

KEYS = {"all": (), "role": ("role",), "arm": ("role", "arm"), "unit": ("role", "arm", "unit")}
ABOVE = {"role": "all", "arm": "role", "unit": "arm"}


def protect(cells: pd.DataFrame, policy: DisclosurePolicy) -> pd.DataFrame:
    """The same cells with a column `suppressed`: None, or the value of `Suppression` that hides it.

    Args:
        cells: as `cells_of` gives them, with the level "all"; a column `most`, if there is one, holds what headcounts allow.
        policy: threshold and remainder; a study's stricter threshold holds for the remainder too.
    """
    reasons = pd.Series(None, index=cells.index, dtype=object)
    for _, group in cells.groupby(["measure", "wave"], sort=False):
        hidden = hide(Tree.of(group), policy)
        reasons[group.index] = [hidden[row].value if row in hidden else None for row in range(len(group))]
    return cells.assign(suppressed=reasons)


def hidden_totals(protected: pd.DataFrame) -> frozenset[tuple[str, str]]:
    """(measure, wave) of which not even the number of all who answered may be told."""
    totals = protected[(protected["level"] == "all") & protected["suppressed"].notna()]
    return frozenset(zip(totals["measure"], totals["wave"], strict=True))


@dataclass(frozen=True)
class Tree:
    """The cells of one measure and wave by number: what each holds, which add up to it, the most that it can hold as is known."""

    people: tuple[int, ...]
    sums: tuple[float, ...]
    children: tuple[tuple[int, ...], ...]
    parents: tuple[int | None, ...]
    scale: tuple[float, float]
    most: tuple[float, ...]

    @classmethod
    def of(cls, group: pd.DataFrame) -> "Tree":
        """The tree of rows of one measure and wave, numbered in their order."""
        rows = group.reset_index(drop=True)
        keys = [(level, *(rows.at[row, key] for key in KEYS[level])) for row, level in enumerate(rows["level"])]
        place = {key: row for row, key in enumerate(keys)}
        parents = tuple(place[(ABOVE[key[0]], *key[1:-1])] if key[0] in ABOVE else None for key in keys)
        children = tuple(tuple(row for row, above in enumerate(parents) if above == parent) for parent in range(len(keys)))
        people = tuple(int(number) for number in rows["people"])
        sums = tuple(float(total) for total in (rows["people"] * rows["mean"]).fillna(0.0))
        scale = (float(rows["lowest"].iloc[0]), float(rows["highest"].iloc[0]))
        return cls(people, sums, children, parents, scale, _headcounts(rows, children))


def _headcounts(rows: pd.DataFrame, children: tuple[tuple[int, ...], ...]) -> tuple[float, ...]:
    """The most people that each row can hold: its own headcount, or those of all that add up to it."""
    own = rows["most"].fillna(math.inf) if "most" in rows else [math.inf] * len(rows)

    def most(row: int) -> float:
        return sum(map(most, children[row])) if children[row] else float(own[row])

    return tuple(map(most, range(len(rows))))


Hidden = dict[int, Suppression]


def hide(tree: Tree, policy: DisclosurePolicy) -> Hidden:
    """Every cell to hide, with its reason."""
    hidden = {row: Suppression.SMALL for row, number in enumerate(tree.people) if number < policy.threshold}
    while (cell := _next(tree, hidden, policy)) is not None:
        hidden[cell] = Suppression.REMAINDER
    return hidden


def _next(tree: Tree, hidden: Hidden, policy: DisclosurePolicy) -> int | None:
    """The next cell to hide; None when nothing gives anything away."""
    wanted = (_to_hide(tree, hidden, policy, row) for row in range(len(tree.people)))
    return next((cell for cell in wanted if cell is not None), None)


def _to_hide(tree: Tree, hidden: Hidden, policy: DisclosurePolicy, row: int) -> int | None:
    """The next cell to hide because of cell `row`; None when it gives nothing away."""
    if not tree.children[row] or hidden.get(row) is Suppression.SMALL:
        return None
    left = tuple(left_over(tree, hidden, row))
    if row in hidden:
        return None if left else min(_shown_below(tree, hidden, row), key=lambda cell: (tree.people[cell], cell))
    if not left or is_safe(tree, hidden, policy, left):
        return None
    return min(_shown_below(tree, hidden, row), key=lambda cell: (tree.people[cell], cell), default=row)


def left_over(tree: Tree, hidden: Hidden, row: int) -> Iterator[int]:
    """The hidden cells below `row` that its number, less all that is shown below it, is the sum of."""
    for child in tree.children[row]:
        if hidden.get(child) is Suppression.SMALL or (child in hidden and not tree.children[child]):
            yield child
        elif child in hidden:
            yield from left_over(tree, hidden, child)


def _shown_below(tree: Tree, hidden: Hidden, row: int) -> Iterator[int]:
    """The largest shown cells below `row`."""
    for child in tree.children[row]:
        if child not in hidden:
            yield child
        else:
            yield from _shown_below(tree, hidden, child)


def is_safe(tree: Tree, hidden: Hidden, policy: DisclosurePolicy, left: tuple[int, ...]) -> bool:
    """Whether what is left over hides each of its cells: cells, people, counts and means."""
    together = sum(tree.people[cell] for cell in left)
    if len(left) < policy.remainder_cells or together < max(policy.remainder_people, policy.threshold):
        return False
    return _counts_are_open(tree, hidden, policy, left, together) and _means_are_open(tree, hidden, left, together)


def _counts_are_open(tree: Tree, hidden: Hidden, policy: DisclosurePolicy, left: tuple[int, ...], together: int) -> bool:
    """Whether the number of each few stays open, given the bounds that are known of the others and of itself."""
    few = [cell for cell in left if hidden[cell] is Suppression.SMALL]
    others = [cell for cell in left if hidden[cell] is Suppression.REMAINDER]
    bounds = {cell: min(policy.threshold - 1, tree.most[cell]) for cell in few}
    most_others = sum(_most(tree, hidden, cell, together) for cell in others)
    room = together - len(others) * policy.threshold
    widths = {cell: min(bound, room) - max(0, together - (sum(bounds.values()) - bound) - most_others)
              for cell, bound in bounds.items()}
    return all(widths[cell] >= min(OPEN, bounds[cell]) for cell in few)


def _most(tree: Tree, hidden: Hidden, cell: int, together: int) -> float:
    """The most that a cell hidden for the remainder can hold: the smallest are hidden first, and headcounts are known."""
    parent = tree.parents[cell]
    siblings = tree.children[parent] if parent is not None else ()
    return min(tree.most[cell], min((tree.people[other] for other in siblings if other not in hidden), default=together))


def _means_are_open(tree: Tree, hidden: Hidden, left: tuple[int, ...], together: int) -> bool:
    """Whether each small group's mean could lie anywhere in a fifth of the scale, given what is left of the sum."""
    total = sum(tree.sums[cell] for cell in left)
    few = [cell for cell in left if hidden[cell] is Suppression.SMALL and tree.people[cell] > 0]
    return all(_openness(tree, cell, total, together) >= OPEN_SHARE for cell in few)


def _openness(tree: Tree, cell: int, total: float, together: int) -> float:
    """How far a hidden group's mean is open, as a share of the scale."""
    low, high = tree.scale
    own, others = tree.people[cell], together - tree.people[cell]
    least, most = (total - high * others) / own, (total - low * others) / own
    return (min(high, most) - max(low, least)) / (high - low)
