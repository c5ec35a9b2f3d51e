"""The register guessed from one data file: a row an organisation, spellings that differ only in case taken for one."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from evaluation.waves.drafts.profile import Profile

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,31}")


def register_rows(found: Profile, arms: Mapping[str, Any]) -> list[dict[str, str]]:
    """Rows of organisations.csv; `arms` are the protocol's, by identifier."""
    taken: set[str] = set()
    rows = []
    labels = {str(block["label"]).removeprefix("Arm "): arm for arm, block in arms.items()}
    for number, spellings in enumerate(_spellings(found), start=1):
        name = spellings[0]
        code = name if _CODE.fullmatch(name) and name not in taken else f"ORG-{number:02d}"
        taken.add(code)
        said = {found.arms[spelling] for spelling in spellings if spelling in found.arms}
        rows.append(
            {
                "organisation": code,
                "name": name[:120],
                "arm": labels.get(said.pop(), "") if len(said) == 1 else "",
                "type": "other",
                "region": "",
                "size": "",
                "values_history": "not known",
                "start": "",
            }
        )
    return rows


def register_decisions(found: Profile) -> tuple[str, ...]:
    """What a person has to settle in the register, which holds no comments."""
    merged = [spellings for spellings in _spellings(found) if len(spellings) > 1]
    left = [
        f"organisations.csv: CHECK that '{spellings[0]}' is one organisation; the file writes it in {len(spellings)} ways."
        for spellings in merged
    ]
    if found.arms:
        return (f"organisations.csv: CHECK the arm of every organisation, taken from the column '{found.arm_column}'.", *left)
    return (
        tuple(left)
        if found.arm_inside
        else ("organisations.csv: the arm of every organisation; the file does not say it.", *left)
    )


def _spellings(found: Profile) -> list[Sequence[str]]:
    """The spellings of each organisation, the best first: neither all capitals nor all small letters."""
    alike: dict[str, list[str]] = {}
    for value in found.organisations or ("organisation",):
        alike.setdefault(" ".join(value.casefold().split()), []).append(value)
    return [
        sorted(values, key=lambda value: (value.isupper() and " " in value, value.islower(), value)) for values in alike.values()
    ]
