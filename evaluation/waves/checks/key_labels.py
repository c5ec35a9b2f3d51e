"""Do the labels that a file carries for codes of organisations, units, arms, waves and groups say what the codes are read as?

A mapping that says 1 is RAA was made for one file. In the next one the codes may be numbered anew, and only the labels tell: all
would load as somebody else's answers. Labels that name nothing of the study are no contradiction.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from evaluation.errors import Cells, Problem
from evaluation.organisations.register import Register
from evaluation.protocol.mapping import Source, WaveSource
from evaluation.waves.checks.answer_codes import number_and_label
from evaluation.waves.checks.expected import Expected
from evaluation.waves.checks.faults import FIRST, shown
from evaluation.waves.checks.layout import Layout
from evaluation.waves.checks.likeness import fold
from evaluation.waves.checks.mapping_text import codes_flow
from evaluation.waves.readers import Table

_REGISTER, _PROTOCOL, _MAPPING = "the register", "the protocol", "the mapping"


@dataclass(frozen=True)
class _Named:
    """What a column's codes are read as: `means` holds, by folded name, the codes of the study that have it; `by` says where."""

    says: str
    source: Source | WaveSource
    by: str
    means: Mapping[str, tuple[str, ...]]

    def read(self, text: str) -> tuple[str, ...]:
        """What a code of the file, or what the mapping has for it, is read as."""
        is_code = any(text in codes for codes in self.means.values())
        return (text,) if is_code else self.means.get(fold(text), ())

    def named(self, label: str) -> tuple[str, ...]:
        """What a label names, a number beside it left out; nothing where it names nothing of the study."""
        numbered = number_and_label(label)
        return self.means.get(fold(label), ()) or (self.means.get(fold(numbered[1]), ()) if numbered else ())


def place_label_faults(table: Table, layout: Layout, expected: Expected, register: Register) -> list[Problem]:
    """One line for every column in which the file's label of a code names another one than that as which it is read."""
    if not table.value_labels:
        return []
    labelled = [one for one in _columns(layout, expected, register) if table.value_labels.get(one.source.column or "")]
    return [problem for one in labelled for problem in _contradictions(table, layout, one, dict(register.former["became"]))]


def group_label_notes(table: Table, layout: Layout) -> Iterator[str]:
    """Groups that are stored by codes which only the file explains, so that no later wave can be held to them."""
    for group, source in layout.groups.items():
        if table.value_labels.get(source.column or "") and not source.codes:
            yield f"group '{group}' is stored by its codes, without the file's labels: a mapping may give them under 'codes'"


def _columns(layout: Layout, expected: Expected, register: Register) -> Iterator[_Named]:
    units = [(str(code), str(code)) for code in register.answering.index]
    units += [(name, code) for name, codes in register.by_name(expected.opens).items() for code in codes]
    places = [(code, code) for code in register.organisations] if expected.assigns_inside else units
    known = {
        "organisation": (_REGISTER, _folded(places)),
        "unit": (_REGISTER, _folded(units)),
        "arm": (_PROTOCOL, _folded(_and_labels(expected.arms, expected))),
    }
    for key, (by, means) in known.items():
        if key in layout.keys:
            yield _Named(key, layout.keys[key], by, means)
    if layout.wave is not None:
        yield _Named("wave", layout.wave, _PROTOCOL, _folded(_and_labels(expected.waves, expected)))
    for group, source in layout.groups.items():
        yield _Named(group, source, _MAPPING, _folded([(meaning, meaning) for meaning in source.codes.values()]))


def _and_labels(names: Sequence[str], expected: Expected) -> list[tuple[str, str]]:
    return [(written, name) for name in names for written in (name, expected.labels[name])]


def _folded(pairs: Sequence[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for name, code in pairs:
        found.setdefault(fold(name), {})[code] = None
    return {name: tuple(codes) for name, codes in found.items() if name}


def _contradictions(table: Table, layout: Layout, one: _Named, became: Mapping[str, str]) -> Iterator[Problem]:
    column, codes = one.source.column or "", one.source.codes
    unsaid, said, right = layout.unsaid(one.source), [], dict(codes)
    for code, label in table.value_labels[column].items():
        named, read = one.named(label), one.read(codes.get(code, code))
        if code in unsaid or not named or not read:
            continue
        right.setdefault(code, read[0])
        if not {became.get(each, each) for each in named} & {became.get(each, each) for each in read}:
            which = "" if fold(named[0]) == fold(label) else f", which {one.by} has for {named[0]},"
            said.append(f"{code} is labelled {shown(label)}{which} and is read as {shown(read[0])}")
            right[code] = named[0]
    if said:
        yield Problem(
            f"the file's labels of {one.says} contradict {one.by}: {'; '.join(said[:FIRST])}.",
            f"{table.name}, column {shown(column)}",
            f"say in a mapping of this file what its codes mean, under '{one.says}': 'codes: {codes_flow(right)}'; "
            "where the labels are wrong, correct them in the file.",
            "label-contradicts",
            1,
            (Cells(column),),
        )
