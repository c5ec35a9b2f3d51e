"""Cells of the workbook that must be yes or no, or reach somebody: what they may hold, and the problem when they do not."""

import re
from collections.abc import Iterator, Mapping

from evaluation.draft_study.sheets import YES_NO, Sheet
from evaluation.errors import Problem
from evaluation.registry import nearest

_YES_OR_NO = {"yes": True, "y": True, "true": True, "1": True, "no": False, "n": False, "false": False, "0": False}
_EMAIL = re.compile(r"^[^\s@]+@[^\s@]+\.[^\s@.]{2,}$")
_PHONE = re.compile(r"^\+?[\d ()./-]{6,}(\s*(ext\.?|x)\s*\d+)?$", re.IGNORECASE)


def yes_or_no(text: str) -> bool | None:
    """The truth of 'yes', 'Y', 'TRUE', '1' and their opposites; None for anything else."""
    return _YES_OR_NO.get(text.strip().removesuffix(".0").casefold())


def strange_cells(sheet: Sheet, cells: Mapping[str, str], origin: str) -> Iterator[Problem]:
    """Problems of one row: words that a column does not allow, and answers about the study that answer nothing."""
    for column in sheet.columns:
        said = cells.get(column.name)
        if said is None or not column.words or said in column.words:
            continue
        if column.words == YES_NO:
            if yes_or_no(said) is None:
                yield _no_truth(column.name, said, origin)
            continue
        close = nearest(said, list(column.words))
        hint = f"did you mean '{close}'? " if close else ""
        yield Problem(
            f"'{column.name}' cannot be '{said[:40]}'.", origin, f"{hint}Words: {', '.join(column.words)}.", "workbook-word"
        )
    if sheet.name == "About" and (said := cells.get("value")):
        yield from _strange_answer(cells.get("key", ""), said, f"{origin} ({cells.get('key', '')})")


def _strange_answer(key: str, said: str, origin: str) -> Iterator[Problem]:
    if key == "randomised" and yes_or_no(said) is None:
        yield _no_truth(key, said, origin)
    if key == "contact" and not (_EMAIL.match(said) or _PHONE.match(said)):
        yield Problem(
            "'contact' is neither an e-mail address nor a telephone number.",
            origin,
            "write how a reader reaches somebody, such as evaluation@example.org.",
            "workbook-word",
        )


def _no_truth(column: str, said: str, origin: str) -> Problem:
    return Problem(f"'{column}' is neither yes nor no: '{said[:40]}'.", origin, "write yes or no.", "workbook-word")
