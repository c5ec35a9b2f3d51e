"""What an item says about who is asked it: other items of its instrument, with codes they have, in every wave, in no circle."""

from collections.abc import Iterator, Sequence

from evaluation.protocol.faults import Fault, unknown
from evaluation.protocol.instrument import Instrument


def routing_faults(item: str, instrument: Instrument, waves: Sequence[str], document: str) -> Iterator[Fault]:
    """Every contradiction in `asked_if` of one item."""
    for other, codes in instrument.items[item].asked_if.items():
        path = ("items", item, "asked_if", other)
        if other not in instrument.items:
            yield unknown(f"item '{item}'", "is asked because of item", other, instrument.items, path, document)
            continue
        known = list(instrument.scale_of(other).options)
        strange = [code for code in codes if code not in known]
        if strange or not codes:
            says = f"item '{item}' is asked of those who answer {', '.join(codes) or 'nothing'} to '{other}', which nobody can."
            yield Fault(says, f"write codes of its options: {', '.join(known) or 'it has none'}.", path, document)
        asked = [set(instrument.items[one].asked_in or waves) for one in (item, other)]
        if lost := [wave for wave in waves if wave in asked[0] - asked[1]]:
            says = f"item '{item}' is asked because of '{other}', which is not asked in {', '.join(lost)}."
            yield Fault(says, "correct 'asked_in' of one of the two.", path, document)
        if _leads_back(other, item, instrument):
            yield Fault(f"item '{item}' is asked because of itself in the end.", "take one of the steps out.", path, document)


def _leads_back(start: str, item: str, instrument: Instrument) -> bool:
    """Whether who is asked `start` depends on `item`."""
    seen, waiting = set[str](), [start]
    while waiting:
        name = waiting.pop()
        if name == item:
            return True
        if name not in seen and name in instrument.items:
            seen.add(name)
            waiting += instrument.items[name].asked_if
    return False
