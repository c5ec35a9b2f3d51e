"""Which column of a file holds what: taken from the header itself, or from a reviewed mapping."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from evaluation.protocol.mapping import ItemSource, Source, WaveSource
from evaluation.protocol.mapping import Mapping as MappingDocument
from evaluation.waves.checks.expected import Expected

KEYS = ("organisation", "unit", "arm", "respondent", "answered_on", "base")
NOT_PUBLISHED = "not published"
_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?")


@dataclass(frozen=True)
class Layout:
    """Sources of the canonical columns.

    `keys` are the columns that say who and when, `items` maps an item to its column and reading, `drop` are columns that
    identify people, `ignore` columns nobody needs, `missing_codes` what stands for no answer to any item. `mapped` says that
    a person reviewed it. `by_name`: organisations stand there by name, not by code. `untold` are keys that a mapping declares not
    to be published. `declared` are, by column, the codes that the file itself declares to be no answers.
    """

    keys: Mapping[str, Source]
    groups: Mapping[str, Source]
    items: Mapping[str, tuple[str, ItemSource]]
    wave: WaveSource | None = None
    missing_codes: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    mapped: bool = False
    by_name: bool = False
    untold: tuple[str, ...] = ()
    declared: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def columns(self) -> tuple[str, ...]:
        """Columns of the file that are read, each once."""
        return tuple(dict.fromkeys(self._columns()))

    def unsaid(self, source: Source | WaveSource) -> tuple[str, ...]:
        """What stands for nothing in a column of a key or a group.

        That is what the file declares to be no answer, what the mapping turns into '', and those of its missing codes that are no
        numbers: 'Not stated' is said of every column, but 99 of answers only, for elsewhere it may be a group or people.
        """
        words = [code for code in self.missing_codes if not _NUMBER.fullmatch(code.strip())]
        emptied = [code for code, meaning in source.codes.items() if not meaning.strip()]
        return (*self.declared.get(source.column or "", ()), *emptied, *words)

    def _columns(self) -> Iterator[str]:
        for source in (*self.keys.values(), *self.groups.values()):
            if source.column is not None:
                yield source.column
        if self.wave is not None:
            yield self.wave.column
        yield from (column for column, _ in self.items.values())


def layout_from_header(names: list[str], expected: Expected, organisation: str | None) -> Layout:
    """The layout of a file in canonical form: every column carries the name of what it holds.

    `organisation`, as the command names it, stands for a column that is not there.
    """
    present = set(names)
    keys = {key: Source(column=key) for key in KEYS if key in present and key in (*expected.required, *expected.optional)}
    if "organisation" not in keys and organisation is not None:
        keys["organisation"] = Source(constant=organisation)
    groups = {group: Source(column=group) for group in expected.groups if group in present}
    items = {item: (item, ItemSource(item=item)) for item in expected.questions if item in present}
    return Layout(keys, groups, items, WaveSource(column="wave") if "wave" in present else None)


def layout_from_mapping(mapping: MappingDocument) -> Layout:
    """The layout that a mapping declares."""
    stated = {
        "organisation": mapping.organisation,
        "unit": mapping.unit,
        "arm": mapping.arm,
        "respondent": mapping.respondent,
        "answered_on": mapping.answered_on,
        "base": mapping.base,
    }
    keys = {key: source for key, source in stated.items() if isinstance(source, Source)}
    untold = tuple(key for key, source in stated.items() if source == NOT_PUBLISHED)
    items = {source.item: (column, source) for column, source in mapping.items.items()}
    return Layout(
        keys, mapping.groups, items, mapping.wave, mapping.missing_codes, mapping.drop, mapping.ignore, mapped=True,
        by_name=mapping.organisation.by == "name", untold=untold,
    )  # fmt: skip
