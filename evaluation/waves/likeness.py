"""When two names are the same to a reader: case, spaces and look-alike letters folded away, and the difference put into words."""

import unicodedata

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
