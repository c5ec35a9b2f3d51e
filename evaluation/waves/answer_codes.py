"""From what a file writes for an answer to the instrument's code: labels, numbered labels and value labels are recognised."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evaluation.protocol.instrument import Scale
from evaluation.waves.answer_faults import MISSING_WORDS, code_of, number_of
from evaluation.waves.likeness import fold, likeness, words_of

_NUMBERED = re.compile(r"^\s*(-?\d+)\s*[-.:=)]?\s+(.+)$|^(.+?)\s*[(\[](-?\d+)[)\]]\s*$")
LABELS_ALIKE = 0.86


@dataclass(frozen=True)
class Codes:
    """File's answer -> instrument's code, answers that are declared missing, and answers that nothing explains."""

    codes: Mapping[str, str]
    missing: tuple[str, ...]
    unknown: tuple[str, ...]


def match_answers(values: list[str], scale: Scale, labels: Mapping[str, str] | None = None) -> Codes:
    """How the different `values` of a column are read on `scale`; `labels` are the file's own labels of its codes.

    Numbers that are codes of the scale stay as they are, unless the file's label says that they mean another option.
    """
    codes: dict[str, str] = {}
    missing: list[str] = []
    unknown: list[str] = []
    for value in values:
        code = _code_of(value, scale, (labels or {}).get(value))
        if code is not None:
            codes[value] = code
        elif _is_missing(value, scale, (labels or {}).get(value)):
            missing.append(value)
        else:
            unknown.append(value)
    if all(value == code for value, code in codes.items()):
        codes = {}
    return Codes(codes, tuple(missing), tuple(unknown))


def shared(columns: Sequence[Codes], scale: Scale) -> Codes:
    """What columns on one scale say together, so that an answer rare in one of them is still known there next time.

    Options that no column used are added under their own label.
    """
    codes = {value: code for column in columns for value, code in column.codes.items()}
    if codes:
        codes |= {label: code for code, label in scale.options.items() if code not in codes.values()}
    ordered = sorted(codes.items(), key=lambda pair: (number_of(pair[1]) or 0.0, pair[0]))
    missing = dict.fromkeys(value for column in columns for value in column.missing)
    return Codes(dict(ordered), tuple(missing), ())


def _code_of(value: str, scale: Scale, label: str | None) -> str | None:
    if label is not None and (by_label := _option(label, scale)) is not None:
        return by_label
    number = number_of(value)
    if number is not None:
        code = code_of(value)
        fits = code in scale.options if scale.options else scale.interval.low <= number <= scale.interval.high
        return code if fits else None
    return _option(value, scale)


def _option(text: str, scale: Scale) -> str | None:
    """The code of the option that `text` names: by label, by number and label, or by a label that is very like it."""
    if named := codes_named(text, scale.options):
        return named[0]
    numbered = number_and_label(text)
    if numbered is not None:
        return numbered[0] if numbered[0] in scale.options else None
    scored = sorted(((likeness(text, label), code) for code, label in scale.options.items()), reverse=True)
    clear = len(scored) > 1 and scored[0][0] >= LABELS_ALIKE and scored[0][0] - scored[1][0] > 0.08
    return scored[0][1] if clear else None


def codes_named(text: str, labels: Mapping[str, str]) -> tuple[str, ...]:
    """Codes whose label `text` is, in any case and order of words, beside a number or not; several where labels repeat."""
    numbered = number_and_label(text)
    spellings = [(fold, text), (_sorted_words, text), *([(fold, numbered[1])] if numbered else [])]
    found = ([code for code, label in labels.items() if spelt(said) and spelt(label) == spelt(said)] for spelt, said in spellings)
    return tuple(next((codes for codes in found if codes), ()))


def _sorted_words(text: str) -> str:
    return " ".join(sorted(words_of(text)))


def number_and_label(text: str) -> tuple[str, str] | None:
    """Code and label of an answer written '4 - Agree' or 'Agree (4)'; None when it is not."""
    match = _NUMBERED.match(text)
    return None if match is None else (match[1] or match[4], match[2] or match[3])


def _is_missing(value: str, scale: Scale, label: str | None) -> bool:
    declared = {fold(text) for pair in scale.missing_codes.items() for text in pair}
    said = [value, *([label] if label else [])]
    return any(fold(text) in declared or text.casefold().strip() in MISSING_WORDS for text in said)
