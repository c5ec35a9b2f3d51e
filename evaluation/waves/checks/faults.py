"""How a fault of a file is worded: counts, the first five rows, and values only where they cannot identify anyone."""

import re
from collections.abc import Sequence

FIRST = 5
COMMON = 5
NOT_SHOWN = "(text not shown)"
CELLS = 1_000
"""Rows of a fault that a report can mark."""

_WORDS = """
a agree all always and answer applicable at average bad below best better completely daily day days disagree
dissatisfied does dont excellent extent extremely fair fairly false fully good great had have high i know least less
likely little lot low maybe medium missing moderate moderately month monthly months more most much my na neither neutral
never no none nor not occasionally of often on or other partly poor prefer quite rarely rather refused response same
satisfied say seldom slightly some sometimes somewhat strongly sure tend than the time times to true undecided unknown
unlikely unsure usually very week weekly weeks well worse worst year years yes
"""
_ANSWER_WORDS = frozenset(_WORDS.split())
_IDENTIFYING = re.compile(r"@|\d{5}|\d[\d\s-]{7,}\d|^[A-Za-z]{2}\s?\d{2}\s?\d{2}\s?\d{2}\s?[A-Da-d]$")
_NUMBER = re.compile(r"^[+-]?\d+([.,]\d+)?$")
_DAY = re.compile(
    r"^(\d{4}[/.-]\d{1,2}[/.-]\d{1,2}|\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}|\d{4,5})"
    r"([T ][\d:.+Z]{4,24}|,? \d{1,2}:\d{2}(:\d{2})?[ \u202f]?([AaPp][Mm])?( ?[A-Z]{2,5}([+-]\d{1,2}(:\d{2})?)?)?)?$"
)
_NAME_LIKE = re.compile(r"^[^\W\d_][\w'’.-]*([ ,]+[^\W\d_][\w'’.-]*)+$")


def shown(text: str, limit: int = 60) -> str:
    """Text from a file in quotation marks: nothing unprintable, at most `limit` characters."""
    return f"'{plain(text, limit)}'"


def plain(text: str, limit: int = 60) -> str:
    """Text from a file: nothing unprintable, at most `limit` characters."""
    clean = "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in text)
    return clean if len(clean) <= limit else clean[: limit - 3] + "..."


def shown_answer(text: str, times: int = 1) -> str:
    """An answer for a message, or words in its place when it might identify a person or is free text.

    What stands in `COMMON` rows or more is an option that a questionnaire offered, not what one person wrote.
    """
    words = re.findall(r"[^\W\d_]+", text.casefold().replace("'", "").replace("’", ""))
    strange = [word for word in words if word not in _ANSWER_WORDS]
    if _IDENTIFYING.search(text) or len(text) > 40 or (_NAME_LIKE.match(text) and strange and times < COMMON):
        return NOT_SHOWN
    return text if _NUMBER.match(text) else shown(text)


def shown_day(text: str) -> str:
    """What stands in a column of days on which people answered: days as written, other text as an answer."""
    return shown(text) if _DAY.match(text) else shown_answer(text)


def shown_place(text: str) -> str:
    """What stands in a column of organisations or teams: its code or name as written, unless it has the form of an identifier."""
    return NOT_SHOWN if _IDENTIFYING.search(text) else shown(text)


def listed(words: Sequence[str], most: int = 20) -> str:
    """Words with commas; beyond `most`, how many more there are."""
    rest = len(words) - most
    return ", ".join(words[:most]) + (f" and {rest:,} more" if rest > 0 else "")


def first_rows(rows: Sequence[int], count: int | None = None) -> str:
    """'row 88' or 'rows 88, 412, 903 and 17 more': the first five of `count` rows (default: as many as given)."""
    count = len(rows) if count is None else count
    named = ", ".join(f"{row:,}" for row in rows[:FIRST])
    more = f" and {count - len(rows[:FIRST]):,} more" if count > FIRST else ""
    return f"{'row' if count == 1 else 'rows'} {named}{more}"


def of_rows(count: int, total: int) -> str:
    """'1 of 1,204 rows': how many of how many."""
    return f"{count:,} of {total:,} rows"


def counted(count: int, one: str, many: str) -> str:
    """'1 row' or '1,204 rows': how many of what, in the word for one or for several."""
    return f"{count:,} {one if count == 1 else many}"


def agreeing(says: str, count: int) -> str:
    """What several rows do ('belong to two waves'), its verb turned when only one row does it."""
    verb, _, rest = says.partition(" ")
    singular = {"were": "was", "are": "is", "have": "has", "do": "does"}.get(verb, f"{verb}s")
    return f"{singular if count == 1 else verb} {rest}"
