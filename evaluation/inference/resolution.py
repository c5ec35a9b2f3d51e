"""The resolution floor: the smallest two-sided p-value that a design can reach by reassigning arms or signs.

No model's p-value is better founded than this: three pilots against three comparisons can be split in 20 ways, and each
split has a mirror image, so the floor is 2/20 = 0.10. Source: docs/methods.md, formula 5.
"""

from collections.abc import Iterable
from math import comb, prod

from evaluation.terms import Design


def floor(pilots: int, units: int, design: Design = Design.DIFFERENCE_IN_DIFFERENCES) -> float:
    """The floor of a comparison of `pilots` among `units`, or of a before/after design with `pilots` units.

    Args:
        pilots: m, units with the intervention.
        units: G, all units; not read for before/after, whose floor is that of the sign test, 2 / 2^m.
        design: what is compared.

    Returns:
        1 / C(G, m), or 2 / C(G, m) when 2 m = G, because an allocation and its mirror image are then equally extreme;
        1.0 when there is nothing to reassign.
    """
    if design.alone:
        return min(1.0, 2.0 / float(2**pilots))
    return floor_within([(pilots, units)])


def floor_within(places: Iterable[tuple[int, int]]) -> float:
    """The floor when arms are reassigned only within each place; `places` are its (pilots, units)."""
    listed = list(places)
    ways = prod(comb(units, pilots) for pilots, units in listed)
    mirrored = all(2 * pilots == units for pilots, units in listed if 0 < pilots < units)
    return min(1.0, (2 if mirrored else 1) / ways)
