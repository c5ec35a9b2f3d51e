"""When two names are the same to a reader: case, spaces and look-alike letters folded away, and the difference put into words."""

import re
import unicodedata
from difflib import SequenceMatcher

_NUMBERED = re.compile(r"^\s*(q(uestion)?\s*)?\d+[a-z]?\s*[.):_\-]?\s+", re.IGNORECASE)
_TWINS = str.maketrans("авсԁеһіјӏкмнорԛгѕтухуѵωαβεικνορτυχ", "abcdehijlkmhopqrstyxyvwabeiknoptux")


def fold(name: str) -> str:
    """The name without case, spaces, punctuation, accents, invisible signs and letters of other alphabets that look Latin."""
    plain = unicodedata.normalize("NFKD", name).casefold().translate(_TWINS)
    return "".join(sign for sign in plain if sign.isalnum())


def difference(found: str, wanted: str) -> str:
    """In what two names differ that fold to the same: 'letter case', 'a space', a look-alike letter by its Unicode name."""
    for place, sign in enumerate(found, start=1):
        if not sign.isascii() and sign not in wanted:
            name = unicodedata.name(sign, f"U+{ord(sign):04X}")
            return f"a look-alike or invisible letter ({name}, position {place})"
    if found.casefold() == wanted.casefold():
        return "letter case"
    if "".join(found.split()).casefold() == "".join(wanted.split()).casefold():
        return "a space"
    return "spaces or punctuation"


def words_of(text: str) -> list[str]:
    """The words of a header or a wording in lower case, camel case and underscores taken apart."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])|[_\W]+", " ", unicodedata.normalize("NFKD", text))
    return apart.casefold().split()


def without_number(header: str) -> str:
    """A header without the number of the question in front of its wording."""
    wording = _NUMBERED.sub("", header)
    return wording if len(wording) > 10 else header


def likeness(header: str, wording: str) -> float:
    """How alike a column's header and a question's wording are, 0 to 1; a leading question number does not count."""
    found, wanted = " ".join(words_of(_NUMBERED.sub("", header))), " ".join(words_of(wording))
    if not found or not wanted:
        return 0.0
    if len(min(found, wanted, key=len)) > 15 and (found in wanted or wanted in found):
        return 0.95
    matcher = SequenceMatcher(None, found, wanted, autojunk=False)
    return matcher.ratio() if matcher.real_quick_ratio() > 0.6 and matcher.quick_ratio() > 0.6 else 0.0


def names(header: str, item: str) -> bool:
    """Whether a header holds an item's identifier: 'Q3 lived_1', 'lived-1: Colleagues ...', 'Q1 Listened to' for listened."""
    identifier, found = words_of(item), words_of(header)
    length = len(identifier)
    return any(found[k : k + length] == identifier for k in range(len(found) - length + 1)) and bool(
        set(identifier) - set("0123456789")
    )
