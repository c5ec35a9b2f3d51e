"""What a study promised about people's data: until when files and answers are kept, and by what right it asks what it asks.

`policies/data-protection.yaml` is the study's own and is not part of the sealed plan: an earlier date must never need an
amendment. Special categories are those of article 9(1) of the UK GDPR. A group whose name says that it is one, and a group or
item that the document lists, needs its legal basis here before any answer is collected.
"""

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import Field

from evaluation.errors import Problem, ProtocolError
from evaluation.protocol.block import Block, Day, Identifier, Sentence, Whole
from evaluation.protocol.instrument import Instrument
from evaluation.protocol.located import Located
from evaluation.protocol.model import Population
from evaluation.protocol.reading import gathered, shown_name
from evaluation.protocol.wording import suggestion

NAME = "data-protection"

SPECIAL_WORDS = frozenset({
    "belief", "beliefs", "biometric", "disability", "disabled", "ethnic", "ethnicity", "genetic", "health", "illness",
    "political", "politics", "race", "racial", "religion", "religious", "sexual", "sexuality", "union",
})  # fmt: skip
"""Words in a group's name that say that it is a special category."""


class Retention(Block):
    """The last day on which received files, and answers, are kept. `pilot wave retire` deletes what is past its day."""

    received_files_until: Day
    answers_until: Day | None = None


class SpecialCategory(Block):
    """By what right a special category of data is asked for: the article 6 basis and the article 9 condition, in words."""

    legal_basis: Sentence


class DataProtection(Block):
    """What the study promised about people's data: until when it is kept, and the legal basis of every special category.

    `special_categories` lists, by population, the groups and items that are one.
    """

    version: Whole = Field(ge=1)
    says: Sentence
    retention: Retention | None = None
    special_categories: dict[Identifier, dict[Identifier, SpecialCategory]] = Field(default={})


def data_protection_file(root: Path) -> Path:
    """Where the document lies in the study in folder `root`."""
    return root / "policies" / f"{NAME}.yaml"


def read_data_protection(root: Path) -> DataProtection | None:
    """The study's document; None when it has none.

    Raises:
        ProtocolError: it breaks its schema.
    """
    problems: list[Problem] = []
    found = _gathered(root, problems)
    if problems:
        raise ProtocolError(problems)
    return found[0] if found else None


def data_protection_problems(
    root: Path, populations: Mapping[str, Population], instruments: Mapping[str, Instrument], lost: Collection[str]
) -> Iterator[Problem]:
    """What is wrong with the document, and special categories of the plan that it gives no legal basis for.

    Args:
        root: the study's folder.
        populations: those of the plan, by name.
        instruments: the study's, by name.
        lost: names that may stand in documents that cannot be read ('instruments': whole ones), which are not missed here.
    """
    problems: list[Problem] = []
    found = _gathered(root, problems)
    yield from problems
    declared: Mapping[str, Mapping[str, Any]] = found[0].special_categories if found else {}
    if found:
        yield from _unknown(found[1], declared, populations, instruments, lost)
    if problems:
        return
    for name, population in populations.items():
        for group in population.groups:
            if set(group.split("_")) & SPECIAL_WORDS and group not in declared.get(name, {}):
                yield Problem(
                    f"group '{group}' of '{name}' is a special category of personal data, and no legal basis is declared for it.",
                    shown_name(data_protection_file(root), root),
                    f"write it under 'special_categories': {{{name}: {{{group}: {{legal_basis: ...}}}}}}.",
                    "legal-basis",
                )


def _unknown(
    located: Located,
    declared: Mapping[str, Mapping[str, Any]],
    populations: Mapping[str, Population],
    instruments: Mapping[str, Instrument],
    lost: Collection[str],
) -> Iterator[Problem]:
    """A problem for every population, group or item that is listed and that the study does not have."""
    for name, categories in declared.items():
        if name not in populations:
            where, fix = located.where(("special_categories", name)), suggestion(name, populations, "Populations")
            yield Problem(f"there is no population '{name}' in the protocol.", where, fix, "legal-basis")
            continue
        items = (item for one in instruments.values() if one.population == name for item in one.items)
        known = [*populations[name].groups, *items]
        for category in [one for one in categories if "instruments" not in lost and one not in (*known, *lost)]:
            where = located.where(("special_categories", name, category))
            fix = suggestion(category, known, "Groups and items")
            yield Problem(f"'{name}' has no group or item '{category}'.", where, fix, "legal-basis")


def _gathered(root: Path, problems: list[Problem]) -> tuple[DataProtection, Located] | None:
    file = data_protection_file(root)
    reading = gathered(file, root, DataProtection, problems) if file.is_file() else None
    return (reading.block, reading.located) if reading and reading.block else None
