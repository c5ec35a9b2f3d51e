"""What the checks between documents are given, and what they give back."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from evaluation.protocol.instrument import Instrument
from evaluation.protocol.located import Key
from evaluation.protocol.model import Measure, Protocol
from evaluation.protocol.values_document import Framework
from evaluation.protocol.wording import suggestion


@dataclass(frozen=True)
class Fault:
    """One contradiction between blocks; `path` is where `document` says it."""

    what: str
    fix: str
    path: tuple[Key, ...]
    document: str = "protocol"


@dataclass(frozen=True)
class Parts:
    """The documents as far as they could be read.

    Names in `lost` stood in parts that could not be read: they are never unknown, and of a section among them nobody can say
    what it does not hold.
    """

    protocol: Protocol
    instruments: Mapping[str, Instrument]
    framework: Framework | None
    lost: frozenset[str] = frozenset()
    absent: frozenset[str] = frozenset()

    def knows(self, name: str, known: Iterable[str]) -> bool:
        """Whether `name` is among `known`, or may be, because its block could not be read."""
        return name in known or name in self.lost

    def is_whole(self, *sections: str) -> bool:
        """Whether all of these sections of the protocol could be read."""
        return not self.lost & {*sections}

    def items_of(self, measure: Measure) -> tuple[str, ...] | None:
        """The items that the measure is scored from; None where the instrument or an item is not known."""
        named = self.named_items(measure)
        return None if named is None else self.instruments[measure.instrument].trend_items(named)

    def named_items(self, measure: Measure) -> tuple[str, ...] | None:
        """The items that the measure names, `by value` resolved, among them those that changed and are left out of its score."""
        instrument = self.instruments.get(measure.instrument)
        if instrument is None:
            return None
        if measure.named == "by value":
            return tuple(name for name, item in instrument.items.items() if item.value is not None)
        return tuple(measure.named) if set(measure.named) <= set(instrument.items) else None


@dataclass(frozen=True)
class Check:
    """A check and the sections of the protocol that it reads; it is not made where one of them is absent."""

    needs: frozenset[str]
    find: Callable[[Parts], Iterator[Fault]]


def check(*needs: str) -> Callable[[Callable[[Parts], Iterator[Fault]]], Check]:
    """Decorator: the function is a check that reads these sections of the protocol."""
    return lambda find: Check(frozenset(needs), find)


def unknown(asker: str, word: str, name: str, known: Iterable[str], path: tuple[Key, ...], document: str = "protocol") -> Fault:
    """'asker' names a 'word' called 'name' that is not among `known`."""
    return Fault(f"{asker} {word} '{name}', which is not there.", suggestion(name, known, "Known"), path, document)
