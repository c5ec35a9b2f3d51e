"""Response options that surveys share, in their order from the unfavourable end to the favourable one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evaluation.waves.checks.likeness import fold

_NEITHER = "Neither agree nor disagree|Neither|Neutral|Undecided|Unsure|Neither agree or disagree"
_NEITHER_SATISFIED = "Neither satisfied nor dissatisfied|Neither|Neutral"
_LISTS: tuple[tuple[str, int, tuple[str, ...]], ...] = (
    ("yes_no", 1, ("No|False", "Yes|True")),
    ("agree_5", 2, (
        "Strongly disagree|Disagree strongly", "Disagree|Tend to disagree", _NEITHER, "Agree|Tend to agree",
        "Strongly agree|Agree strongly",
    )),
    ("agree_7", 3, (
        "Strongly disagree", "Disagree", "Slightly disagree|Somewhat disagree", _NEITHER, "Slightly agree|Somewhat agree",
        "Agree", "Strongly agree",
    )),
    ("satisfied_5", 2, (
        "Very dissatisfied", "Dissatisfied|Fairly dissatisfied", _NEITHER_SATISFIED, "Satisfied|Fairly satisfied",
        "Very satisfied",
    )),
    ("often_5", 2, ("Never", "Rarely|Seldom", "Sometimes|Occasionally", "Often|Usually|Frequently", "Always|Very often")),
    ("of_the_time_4", 2, ("Never|None of the time", "Some of the time", "Most of the time", "All of the time|Always")),
    ("quality_5", 2, ("Very poor", "Poor", "Fair|Average|Neither good nor poor", "Good", "Very good|Excellent")),
    ("extent_5", 2, (
        "Not at all", "A little|Slightly", "Somewhat|To some extent|Moderately", "Quite a lot|To a large extent|Very",
        "Completely|A great deal|Extremely",
    )),
)  # fmt: skip
"""Name, number of favourable options, and the options; a bar parts spellings of one option, the first being ours."""


@dataclass(frozen=True)
class Vocabulary:
    """A list of options: `options` by code in the words found, `positive` the codes of the favourable end."""

    name: str
    options: Mapping[str, str]
    positive: tuple[str, ...]

    def is_positive(self, label: str) -> bool:
        """Whether `label` is one of the favourable options."""
        return any(fold(label) == fold(self.options[code]) for code in self.positive)


def vocabulary_of(values: Sequence[str]) -> Vocabulary | None:
    """The shortest known list that holds all `values`, at least two of them; None when no list does."""
    folded = {fold(value): value for value in values}
    if len(folded) < 2:
        return None
    for name, favourable, places in sorted(_LISTS, key=lambda one: len(one[2])):
        synonyms = [{fold(word): word for word in place.split("|")} for place in places]
        if all(any(value in place for place in synonyms) for value in folded):
            first = 0 if name == "yes_no" else 1
            labels = [_label(place, folded, text) for place, text in zip(synonyms, places, strict=True)]
            options = {str(code): label for code, label in enumerate(labels, start=first)}
            return Vocabulary(name, options, tuple(list(options)[-favourable:]))
    return None


def _label(place: Mapping[str, str], found: Mapping[str, str], text: str) -> str:
    return next((found[word] for word in place if word in found), text.split("|")[0])
