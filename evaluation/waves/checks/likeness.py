"""When two texts are the same to a reader: case, spaces and look-alike letters folded away, and the difference put into words.

Letters alone do not tell: "satisfied" and "unsatisfied" are alike letter by letter and say the opposite, and so do "often" and
"rarely". Texts that contradict one another are not alike, and options are the same only where slips of the pen part them. Nor do
letters and digits: "< 5 years" is not "> 5 years", "1-2 times" is not "12 times", and 1.5 is not 15.
"""

import re
import unicodedata
from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import pairwise

from evaluation.waves.checks.question_text import bare, in_grid

WORDS = 3
"""Words from which a header is a question and no code."""
_NEGATIONS = frozenset(
    {"not", "no", "never", "none", "nobody", "nothing", "neither", "without", "cannot", "hardly", "rarely", "seldom", "fail",
     "fails", "failed", "lack", "lacks"}
)  # fmt: skip
_TURNING = ("un", "in", "im", "il", "ir", "dis", "non", "mis")
_PAIRS = (("more", "less"), ("better", "worse"), ("high", "low"), ("higher", "lower"), ("easy", "difficult"), ("easy", "hard"),
          ("good", "bad"), ("good", "poor"), ("increased", "decreased"), ("before", "after"), ("over", "under"), ("many", "few"),
          ("positive", "negative"), ("safe", "afraid"), ("top", "lowest"), ("highest", "lowest"), ("up", "down"),
          ("on", "against"), ("for", "against"))
_FILLERS = frozenset({"the", "a", "an", "of", "or", "nor", "and", "to", "with", "at", "is", "my"})
ALIKE = 0.72
"""Likeness from which a header is taken for a wording; below 0.9 the draft asks the reviewer to check."""
_TRUNCATED = 25
SLIP, SHORTEST = 0.75, 4
"""Two spellings of one word: this alike, from this many letters, and with the same first one."""
_TWINS = str.maketrans("авсԁеһіјӏкмнорԛгѕтухуѵωαβεικνορτυχ", "abcdehijlkmhopqrstyxyvwabeiknoptux")
_WRITTEN = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-") | {"≤": "<=", "≥": ">=", "\u2044": "/"})
_MEANT = re.compile(
    r"(?P<kept>(?<!\w)\d+(?:\s*[-+]\s*\d+|[.,:/]\d+)+(?!\d)"  # 1-2, 1 - 2, 1.5, 9:30
    r"|(?:[<>]=?|=[<>])(?=\s*[-+£$€.]?\s*\d)|(?<!\w)[-+](?=\.?\d)|(?<![\w.])\.(?=\d)|[£$€](?=\s*\d)"  # < 5, -2, .5, £50
    r"|(?<=\d)\s*(?:%|\++(?!\s*\d))|(?<=\w)\++(?!\w)|(?<=\b\w)-$)"  # 50%, 10+, A+, A-
    r"|[\W_]"
)
"""Signs, those first that change what a number or a mark says: in and before a number that stands by itself, and behind it."""

_TO = re.compile(r"(?<=\d)\s+to\s+(?=\d)", re.IGNORECASE)


def fold(name: str) -> str:
    """The name without case, spaces, accents, invisible signs, letters of other alphabets that look Latin, and punctuation.

    What a sign makes of a number stays: '< 5', '-2', '1-2', '1.5', '10+'. A name is not that: 'lived-1' folds as 'lived_1'.
    """
    plain = unicodedata.normalize("NFKD", name).casefold().translate(_TWINS).translate(_WRITTEN)
    visible = "".join(sign for sign in plain if unicodedata.category(sign) not in ("Mn", "Cf"))
    return _MEANT.sub(_without_spaces, visible)


def _without_spaces(sign: re.Match[str]) -> str:
    kept = "".join((sign["kept"] or "").split())
    return {"=<": "<=", "=>": ">="}.get(kept, kept)


def spelt(label: str) -> str:
    """A label folded; as it stands but for spaces where it is signs alone, as '+' and '-' or stars are."""
    return fold(label) or "".join(label.split())


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


def likeness(header: str, wording: str) -> float:
    """How alike a column's header and a question's wording are, 0 to 1; a leading question number does not count.

    0 where one says the opposite of the other.
    """
    found, wanted = " ".join(words_of(bare(header))), " ".join(words_of(wording))
    alike = _alike(found, wanted) if found and wanted else 0.0
    return 0.0 if alike and opposed(found, wanted) else alike


def same_wording(header: str, wording: str) -> bool:
    """Whether a header is a question's wording, its number, markup, case, spaces and punctuation aside.

    A wording of several words may stand in brackets behind a stem that does not turn it round, as tools write the rows of a grid:
    'How far do you agree? [I am heard at work]'. Any other words in front ('Importance: ') may ask something else of it.
    """
    if fold(wording) in (fold(header), fold(bare(header))):
        return True
    row = in_grid(header)
    return fold(wording) == fold(row) and len(words_of(wording)) >= WORDS and not opposed(bare(header), wording)


def apart(header: str, wording: str) -> str:
    """In which words a header differs from a wording: "'3' for '12', 'always' added, 'line' left out"."""
    found, wanted = words_of(bare(header)), words_of(wording)
    said = []
    for change, *(a, b, c, d) in SequenceMatcher(None, wanted, found, autojunk=False).get_opcodes():
        ours, theirs = (_quoted(words) for words in (wanted[a:b], found[c:d]))
        ways = {"replace": f"{theirs} for {ours}", "insert": f"{theirs} added", "delete": f"{ours} left out"}
        said += [ways[change]] if change in ways else []
    return ", ".join(said[:3]) + (" and more" if len(said) > 3 else "") if said else "in its signs"


def _quoted(words: Sequence[str]) -> str:
    text = " ".join(words)
    return f"'{text if len(text) <= 40 else text[:37] + '...'}'"


def turned_round(header: str, wording: str, alike: float) -> bool:
    """Whether a header says the opposite of a question in words that are otherwise this alike; its number does not count."""
    found, wanted = " ".join(words_of(bare(header))), " ".join(words_of(wording))
    return bool(found and wanted) and opposed(found, wanted) and _alike(found, wanted) >= alike


def _alike(found: str, wanted: str) -> float:
    """How alike two texts are letter by letter, whatever they say; one that holds the other less for every word left over."""
    if len(min(found, wanted, key=len)) > 15 and (found in wanted or wanted in found):
        return 0.95 - 0.01 * min(max(0, found.count(" ") - wanted.count(" ")), 5)
    matcher = SequenceMatcher(None, found, wanted, autojunk=False)
    return matcher.ratio() if matcher.real_quick_ratio() > 0.6 and matcher.quick_ratio() > 0.6 else 0.0


def opposed(text: str, other: str) -> bool:
    """Whether one text contradicts the other by a word: "not", "unhappy" for "happy", "less" for "more".

    A text that breaks off, being the beginning of the other, is not held to contradict it.
    """
    if min(len(text), len(other)) > _TRUNCATED and (text.startswith(other) or other.startswith(text)):
        return False
    own, others = words_of(text), words_of(other)
    turned = sum(_turns(word, others) for word in set(own) - set(others))
    turned += sum(_turns(word, own) for word in set(others) - set(own))
    turned += sum(_parts(one, another, own, others) for pair in _PAIRS for one, another in (pair, pair[::-1]))
    return bool((_negations(own) + _negations(others) + turned) % 2)


def _turns(word: str, others: Sequence[str]) -> bool:
    """Whether a word is one of the others turned round: "unhappy" for "happy", "useless" for "useful"; not "into" for "to"."""
    plain = [word.removeprefix(prefix) for prefix in _TURNING if word.startswith(prefix)]
    turned = any(len(one) >= SHORTEST and one in others for one in plain)
    return turned or (word.endswith("less") and word.removesuffix("less") + "ful" in others)


def _negations(words: Sequence[str]) -> int:
    shortened = sum(word == "t" and before.endswith("n") for before, word in pairwise(words))
    return shortened + sum(word in _NEGATIONS for word in words)


def _parts(one: str, another: str, own: Sequence[str], others: Sequence[str]) -> bool:
    return one in own and another in others and one not in others and another not in own


def slips_apart(text: str, other: str) -> bool:
    """Whether two short texts are the same but for slips of the pen: the same words in their order, none of them another word.

    A number and its signs are never a slip, and neither is a word whose beginning differs: "disagree" is no spelling of "agree".
    """
    if _figures(text) != _figures(other):
        return False
    own, others = (_telling(words_of(one)) for one in (text, other))
    return len(own) == len(others) > 0 and all(_one_word(*pair) for pair in zip(own, others, strict=True))


def _figures(text: str) -> str:
    """The digits of a text with the signs that mean something, in their order; '1 to 2' as '1-2'."""
    return "".join(sign for sign in fold(_TO.sub("-", text)) if not sign.isalpha())


def _telling(words: Sequence[str]) -> Sequence[str]:
    """Without small words, where two others or more are left."""
    left = [word for word in words if word not in _FILLERS]
    return left if len(left) > 1 else words


def _one_word(word: str, other: str) -> bool:
    if word == other:
        return True
    spelt = min(len(word), len(other)) >= SHORTEST and word[0] == other[0] and word.isalpha() and other.isalpha()
    return spelt and SequenceMatcher(None, word, other, autojunk=False).ratio() >= SLIP


def names(header: str, item: str) -> bool:
    """Whether a header holds an item's identifier: 'Q3 lived_1', 'lived-1: Colleagues ...', 'Q1 Listened to' for listened."""
    identifier, found = words_of(item), words_of(header)
    length = len(identifier)
    return any(found[k : k + length] == identifier for k in range(len(found) - length + 1)) and bool(
        set(identifier) - set("0123456789")
    )
