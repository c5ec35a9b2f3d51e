"""Whether a header says at which organisation somebody answers, and not one of another time or of another relation to them."""

import re

from evaluation.waves.checks.likeness import words_of

ORGANISATION = {"organisation", "organization", "org", "trust", "provider", "employer", "site", "ods", "practice", "hospital"}
_OTHER_TIME = {"previous", "previously", "former", "formerly", "prior", "old", "original", "first", "last", "next", "future"}
"""Words of a header that say when somebody was at an organisation: not, or not surely, when they answered."""
_BESIDE_WORDS = """
access are at care clinic code council current currently data do employed employing for foundation group health i id in is main my
name nhs no now number of organisational organisations present q respondent school surgery the university what where which who
work working workplace you your
"""
_BESIDE = set(_BESIDE_WORDS.split())
"""Words beside an organisation that leave a header one of where somebody is who answers; 'Nearest trust' may be another one."""
_CODE = re.compile(r"[a-z]?\d+[a-z]?")
"""A word that is the number of a question or of a column: q3, v12."""


def of_another_time(column: str) -> bool:
    """Whether a header of organisations says when somebody was there: 'Previous trust'."""
    return bool(set(words_of(column)) & _OTHER_TIME)


def says_where(column: str, label: str = "") -> bool:
    """Whether a header and its label speak of an organisation, and in no other words than those of where somebody is."""
    words = {word for word in (*words_of(column), *words_of(label)) if not _CODE.fullmatch(word)}
    return bool(words & ORGANISATION) and words <= ORGANISATION | _BESIDE


def doubt_of(column: str) -> str:
    """Why a header leaves it open whether its organisations are those of the answers."""
    if of_another_time(column):
        return "its header may speak of another time than that of the answers"
    return "its header does not say, or not only, that the answers come from there"
