"""From what a file writes for an answer to the instrument's code: labels, numbered labels and value labels are recognised."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from evaluation.protocol.instrument import Scale
from evaluation.waves.checks.answer_faults import NO_ANSWERS, code_of, number_of, says_no_answer
from evaluation.waves.checks.likeness import fold, slips_apart, spelt, words_of
from evaluation.waves.checks.turned_labels import turned_labels

_NUMBERED = re.compile(r"^\s*(-?\d+)\s*[-.:=)]?\s+(.+)$|^(.+?)\s*[(\[](-?\d+)[)\]]\s*$")
_MARKED = re.compile(r"^\s*-?\d+\s*[-.:=)]\s*[^\W\d_]|[(\[]-?\d+[)\]]\s*$")
"""A number that a sign sets apart from its label: '4 - Agree', and neither '1 to 2 times' nor '1 - 2 times'."""
_RANGE = re.compile(r"^\s*-?\d+\s*[-\u2010-\u2014\u2212]\s*\d")


@dataclass(frozen=True)
class Codes:
    """How a column's answers are read: the instrument's code by the file's answer, answers that are none, and unexplained ones.

    `at_face` are numbers that stay as they are although the file labels them in other words than the instrument; `nearly` are
    answers in words that no option has, taken for the one that they are a slip of the pen from, or whose number they carry;
    `moved` are numbers whose label, in the file or in the answer, is another option's: the instrument's code by that number.
    """

    read: Mapping[str, str]
    missing: tuple[str, ...]
    unknown: tuple[str, ...]
    at_face: tuple[str, ...] = ()
    nearly: tuple[str, ...] = ()
    moved: Mapping[str, str] = field(default_factory=dict)

    @property
    def codes(self) -> Mapping[str, str]:
        """What a mapping has to say: nothing where every answer is its own code."""
        return {} if all(answer == code for answer, code in self.read.items()) else self.read

    @property
    def bare(self) -> tuple[str, ...]:
        """Answers that are numbers, read as the code that they are."""
        return tuple(answer for answer, code in self.read.items() if number_of(answer) is not None and code_of(answer) == code)

    @property
    def worded(self) -> tuple[str, ...]:
        """Answers in words without a number beside them."""
        return tuple(answer for answer in self.read if number_of(answer) is None and not _MARKED.search(answer))

    def agrees(self, other: "Codes") -> bool:
        """Whether no answer that both columns know is read in two ways."""
        same = all(other.read.get(answer, code) == code for answer, code in self.read.items())
        return same and not {*self.read} & {*other.missing} and not {*self.missing} & {*other.read}


def match_answers(values: list[str], scale: Scale, labels: Mapping[str, str] | None = None) -> Codes:
    """How the different `values` of a column are read on `scale`; `labels` are the file's own labels of its codes.

    Numbers that are codes of the scale stay as they are, unless their labels say that they mean another option or none. Where
    labels, the file's or those beside numbers in the answers, move some of the numbers, those without one are not explained, nor
    are numbers whose labels, in other words, say the other end of the scale. What several options say alike is none of them, but
    that a number beside it may tell which.
    """
    said = labels or {}
    named = {value: code for value, label in said.items() if (code := _option(label, scale, value)) is not None}
    unclear = {value for value, label in said.items() if value not in named and codes_named(label, scale.options)}
    unclear |= {value for value in said if value not in named} if turned_labels(said, scale) else set()
    pairs = [pair for value in values if (pair := number_and_label(value)) is not None]
    beside = {number: code for number, label in pairs if (code := only(codes_named(label, scale.options), number)) is not None}
    moved = {number: code for number, code in [*named.items(), *beside.items()] if code != code_of(number)}
    read: dict[str, str] = {}
    missing: list[str] = []
    unknown: list[str] = []
    at_face: list[str] = []
    nearly: list[str] = []
    for value in values:
        code = named.get(value) or _code_of(value, scale)
        if value not in named and _is_missing(value, scale, said.get(value), is_answer=code is not None):
            missing.append(value)
        elif code is None or value in unclear or (moved and value not in named and number_of(value) is not None):
            unknown.append(value)
        else:
            read[value] = code
            at_face += [value] if value in said and value not in named else []
            text = said.get(value, value) if value in named else value
            nearly += [value] if number_of(text) is None and not codes_named(text, scale.options) else []
    return Codes(read, tuple(missing), tuple(unknown), tuple(at_face), tuple(nearly), moved)


def shared(own: Codes, columns: Sequence[Codes], scale: Scale) -> Codes:
    """What a column says together with others on its scale, so that an answer rare in it is still known there next time.

    Columns that read an answer otherwise are left out, for one may be coded the other way round; so are answers in which the rest
    disagree, and those of its own that it does not explain. Options that no column used are added under their own label.
    """
    alike = [column for column in columns if own.agrees(column)]
    codes, missing = dict(own.codes), dict.fromkeys(own.missing)
    for column in alike:
        known = {*own.read, *own.unknown}
        codes |= {answer: code for answer, code in column.codes.items() if answer not in known and _agreed(answer, alike)}
        missing |= dict.fromkeys(answer for answer in column.missing if _agreed(answer, alike))
    if codes:
        codes |= {label: code for code, label in scale.options.items() if code not in codes.values()}
    ordered = sorted(codes.items(), key=lambda pair: (number_of(pair[1]) or 0.0, pair[0]))
    return Codes(dict(ordered), tuple(missing), ())


def _agreed(answer: str, columns: Sequence[Codes]) -> bool:
    """Whether all columns that know an answer read it in one way."""
    ways = {column.read.get(answer, "") for column in columns if answer in column.read or answer in column.missing}
    return len(ways) <= 1


def _code_of(value: str, scale: Scale) -> str | None:
    number = number_of(value)
    if number is None:
        return _option(value, scale)
    code = code_of(value)
    fits = code in scale.options if scale.options else scale.interval.low <= number <= scale.interval.high
    return code if fits else None


def only(codes: Sequence[str], own: str) -> str | None:
    """Of codes that a label may mean, the one there is, or that which is the number beside it; None where that leaves several."""
    if len(codes) > 1:
        return code_of(own) if code_of(own) in codes else None
    return codes[0] if codes else None


def _option(text: str, scale: Scale, own: str = "") -> str | None:
    """The code of the one option that `text` names: by label, by a number set apart, or but for slips of the pen.

    `own` is the number that the file labels so.
    """
    if named := codes_named(text, scale.options):
        return only(named, own)
    numbered = number_and_label(text)
    if numbered is not None and _MARKED.search(text):
        return numbered[0] if numbered[0] in scale.options else None
    near = [code for code, label in scale.options.items() if slips_apart(text, label)]
    return near[0] if len(near) == 1 else None


def codes_named(text: str, labels: Mapping[str, str]) -> tuple[str, ...]:
    """Codes whose label `text` is, in any case and order of words, beside a number or not; several where labels repeat.

    Where they do, a number beside the label tells which. Of what may be a range, '1 - 2 times', 1 is such a number only where it
    is the code of '2 times'.
    """
    codes = next((codes for way in (str.strip, spelt, _sorted_words) if (codes := _saying(text, labels, way))), [])
    pair = _in_two(text)
    if pair is not None and not codes:
        codes = _saying(pair[1], labels, spelt)
        codes = [] if _RANGE.match(text) and pair[0] not in codes else codes
    return (pair[0],) if pair is not None and pair[0] in codes else tuple(codes)


def _saying(text: str, labels: Mapping[str, str], way: Callable[[str], str]) -> list[str]:
    """Codes whose label is this text, both written in one `way`; none where nothing is left of the text."""
    said = way(text)
    return [code for code, label in labels.items() if said and way(label) == said]


def _sorted_words(text: str) -> str:
    """The words of a text in alphabetical order; as it stands where numbers are among them, as in '5 to 10 or more'."""
    return fold(text) if any(map(str.isdigit, text)) else " ".join(sorted(words_of(text)))


def number_and_label(text: str) -> tuple[str, str] | None:
    """Code and label of an answer written '4 - Agree' or 'Agree (4)'; None when it is not, as '1 - 2 times'."""
    return None if _RANGE.match(text) else _in_two(text)


def _in_two(text: str) -> tuple[str, str] | None:
    match = _NUMBERED.match(text)
    return None if match is None else (match[1] or match[4], match[2] or match[3])


def _is_missing(value: str, scale: Scale, label: str | None, *, is_answer: bool) -> bool:
    """Whether an answer is declared as none, or is called so; one that may be an answer only by the label of its code."""
    declared = {spelt(text) for text in scale.missing_codes.values()}
    if label is not None and (says_no_answer(label) or spelt(label) in declared):
        return True
    said = [value, *([label] if label else [])]
    declared |= {spelt(code) for code in scale.missing_codes}
    plain = [text.casefold().strip().replace("’", "'") for text in said]
    return not is_answer and (any(spelt(text) in declared for text in said) or not NO_ANSWERS.isdisjoint(plain))
