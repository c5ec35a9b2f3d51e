"""What an instrument may say: items, scales, directions, missing codes, and the waves in which each item was asked."""

import re
from collections.abc import Sequence
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator

from evaluation.protocol.block import (
    Block,
    DocumentName,
    Identifier,
    Interval,
    IntervalText,
    Label,
    Names,
    Sentence,
    Truth,
    Whole,
)

_WHOLE_CODE = re.compile(r"-?(0|[1-9][0-9]{0,8})")


def _code(value: Any) -> Any:
    """A code as text: documents write 4, true or 'Agree' as it stands in files."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, (int, float)) else value


def _listed_codes(value: Any) -> Any:
    return tuple(_code(code) for code in value) if isinstance(value, (list, tuple)) else value


def _mapped_codes(value: Any) -> Any:
    return {_code(key): _code(code) for key, code in value.items()} if isinstance(value, dict) else value


def _labelled_codes(value: Any) -> Any:
    return {_code(code): label for code, label in value.items()} if isinstance(value, dict) else value


Written = str | int | float
CodeLabels = Annotated[dict[str, Label], BeforeValidator(_labelled_codes, json_schema_input_type=dict[str, Label])]
CodeList = Annotated[tuple[str, ...], BeforeValidator(_listed_codes, json_schema_input_type=list[Written])]
CodeMap = Annotated[dict[str, str], BeforeValidator(_mapped_codes, json_schema_input_type=dict[str, Written])]


class Scale(Block):
    """Response options by code, or a plain range of numbers.

    `options` maps whole-number codes to labels; `positive` lists the favourable ones. `range` is for numbers that are not
    choices (hours, a published mean); `whole: false` lets it have decimals. `missing_codes` are answers that are none.
    """

    options: CodeLabels = Field(default={})
    range: IntervalText | None = None
    whole: Truth = True
    positive: CodeList = ()
    missing_codes: CodeLabels = Field(default={})

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if bool(self.options) == (self.range is not None):
            raise ValueError("a scale has either 'options' or a 'range'")
        odd = [code for code in self.options if not _WHOLE_CODE.fullmatch(code)]
        if odd:
            raise ValueError(f"options are coded by whole numbers, not by {', '.join(odd)[:60]}")
        if self.range is None and len(self.options) < 2:
            raise ValueError("a scale has at least two options")
        unknown = [code for code in self.positive if code not in self.options]
        if unknown:
            raise ValueError(f"positive codes {', '.join(unknown)} are not among the options")
        answers = [code for code in self.missing_codes if code in self.options or self._is_in_range(code)]
        if answers:
            raise ValueError(f"codes {', '.join(answers)} are both answers and missing codes")
        return self

    def _is_in_range(self, code: str) -> bool:
        return self.range is not None and bool(_WHOLE_CODE.fullmatch(code)) and self.range.low <= float(code) <= self.range.high

    @property
    def interval(self) -> Interval:
        """Lowest and highest code or number."""
        if self.range is not None:
            return self.range
        codes = [float(code) for code in self.options]
        return Interval(low=min(codes), high=max(codes))

    @property
    def codes(self) -> tuple[float, ...]:
        """Allowed codes in rising order; empty for a range."""
        return tuple(sorted(float(code) for code in self.options))


class Item(Block):
    """One question. `reverse` says that a high code is the unfavourable end of what the scale measures.

    `changed_in` names waves from which on another question, or another scale, stands in its place: the item then leaves every
    measure, or, where nothing else is left of one, that measure ends before the change. `equivalent_in` names waves in which it
    is worded otherwise and was judged to ask the same. `asked_if` routes: by other items, the codes with which this one is asked
    (all must hold). Whoever answered otherwise was not asked, and is neither missing nor silent.
    """

    wording: Sentence
    scale: Identifier
    reverse: Truth = False
    value: Identifier | None = None
    asked_in: Names = ()
    changed_in: Names = ()
    equivalent_in: Names = ()
    asked_if: dict[Identifier, CodeList] = Field(default={})

    @model_validator(mode="after")
    def _one_judgement(self) -> Self:
        both = sorted({*self.changed_in} & {*self.equivalent_in})
        if both:
            raise ValueError(f"in {', '.join(both)} the question is both another one and the same")
        return self


class Instrument(Block):
    """A questionnaire for one population. `asked_in` left out means every wave."""

    instrument: DocumentName
    version: Whole = Field(ge=1)
    population: Identifier
    source: Sentence
    scales: dict[Identifier, Scale]
    items: dict[Identifier, Item]

    @model_validator(mode="after")
    def _scales_known(self) -> Self:
        lost = sorted({item.scale for item in self.items.values()} - set(self.scales))
        if lost:
            raise ValueError(f"items use scales that are not defined: {', '.join(lost)}")
        return self

    def scale_of(self, item: str) -> Scale:
        """The scale that `item` is answered on."""
        return self.scales[self.items[item].scale]

    def trend_items(self, items: Sequence[str]) -> tuple[str, ...]:
        """Those of a measure's items that ask the same in every wave; all of them where none does."""
        return tuple(item for item in items if not self.items[item].changed_in) or tuple(items)

    def alike_until(self, items: Sequence[str], waves: Sequence[str]) -> tuple[str, ...]:
        """The `waves`, in their order, before any of `items` became another question."""
        changes = [waves.index(wave) for item in items for wave in self.items[item].changed_in if wave in waves]
        return tuple(waves[: min(changes, default=len(waves))])

    def asked(self, wave: str) -> tuple[str, ...]:
        """Items asked in `wave`, in the order of the document."""
        return tuple(name for name, item in self.items.items() if not item.asked_in or wave in item.asked_in)
