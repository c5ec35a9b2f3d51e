"""What of a header or a label is the question: without the markup, the marks and the number that a survey tool puts around it.

These come and go when a questionnaire is built again, and ask nothing. A number in front is no word of the question where it is
written as one (Q3, Q3_1, 12., A1:); that of '24 Hours notice' or '3 or more colleagues' is. Nor does a stem ask anything that
only says how to answer: 'How far do you agree?', 'Please rate the following'.
"""

import re
from collections.abc import Iterator
from html import unescape

_TAGS = (
    "a|b|big|br|center|div|em|font|h[1-6]|hr|i|img|label|li|mark|o:p|ol|p|s|small|span|strike|strong|sub|sup|table|tbody|td|th|tr|u|ul"
)
_MARKUP = re.compile(rf"</?(?:{_TAGS})(?:\s[^<>]*)?/?>", re.IGNORECASE)
_MARK = r"(?:[(\[]\s*(?:required|mandatory|optional)\s*[)\]]|\*+\s*(?:required|mandatory)?)"
_MARKS = re.compile(rf"^\s*(?:{_MARK}\s*)+|(?:\s*{_MARK})+\s*:?\s*$", re.IGNORECASE)
_PARTS = r"\d+(?:[._-]\d+)*[A-Za-z]?"
_NUMBERED = re.compile(
    rf"^\s*(?:(?i:q(?:uestion)?)\s*{_PARTS}[\s.):_-]+|{_PARTS}(?:\s*[.):_-]+\s+|[.):](?!\d))"
    rf"|[A-Z]{{1,2}}{_PARTS}(?:\s*[.):](?!\d)|\s+[-–]\s)\s*)\s*"
)
_STEM = re.compile(r"\s[-–]|[:.?](?!\d)|[\[|>]")
"""What stands between the stem of several questions and one of them."""
_ANSWERING_WORDS = """
a about agree agreement an and answer answers below best box choose considering describes do each extent far following for
from how i in indicate is item items level line mark much of on one opinion option or per please question questions rate read
response row say scale select statement statements strongly tell that the these this thinking tick to us view what when
whether which with would you your
"""
_ANSWERING = frozenset(_ANSWERING_WORDS.split())
"""Words of a stem that says how to answer and asks nothing. 'Disagree' is one beside 'agree' only."""
_AT_PRESENT = re.compile(
    r"\b(?:about|at|in|of) your (?:current|present) (?:employer|job|organisation|post|role|team|trust|work|workplace)\b"
)
"""What such a stem may say of where and when."""
_GRID = re.compile(r"\S\s*\[([^\[\]]+)\]\s*$")
SHORTEST = 10
"""Signs of a question beyond which a number in front of it is no part of its code."""


def unmarked(text: str) -> str:
    """Text without HTML, runs of spaces, and what says that an answer is required."""
    plain = " ".join(_MARKUP.sub(" ", unescape(text)).split())
    return _MARKS.sub("", plain)


def bare(text: str) -> str:
    """Text without markup, marks and the number in front."""
    return _NUMBERED.sub("", unmarked(text))


def without_number(header: str) -> str:
    """A header without the number of the question in front of its wording; a short one, such as a code, as it is."""
    wording = bare(header)
    return wording if len(wording) > SHORTEST else header


def endings(text: str) -> Iterator[str]:
    """A bare question, and what follows each stem in it: 'How far do you agree? [I am heard]' ends in 'I am heard]'."""
    said = bare(text)
    yield said
    yield from (said[mark.end() :] for mark in _STEM.finditer(said))


def only_says_how(stem: str) -> bool:
    """Whether a stem in front of a question asks nothing of its own: an instruction to agree, to rate or to choose, or a code."""
    words = re.findall(r"[^\W_]+", _AT_PRESENT.sub(" ", stem.casefold()))
    is_code = len(stem.strip(" -–[|>:.?").split()) == 1 and any(map(str.isdigit, stem))
    return is_code or {*words} - ({"disagree", "disagreement"} if {"agree", "agreement"} & {*words} else set()) <= _ANSWERING


def in_grid(header: str) -> str:
    """What stands in brackets at the end of a header, as a row of a grid behind the stem of all rows; '' where nothing does."""
    return match[1] if (match := _GRID.search(unmarked(header))) else ""
