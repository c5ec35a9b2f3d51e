"""What an instrument may say: items, scales, directions, missing codes, and the waves in which each item was asked."""

from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator

from evaluation.protocol.model import (
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


def _codes(value: Any) -> Any:
    return {str(code): label for code, label in value.items()} if isinstance(value, dict) else value


def _code_list(value: Any) -> Any:
    return tuple(str(code) for code in value) if isinstance(value, (list, tuple)) else value


class Scale(Block):
    """Response options by code, or a plain range of numbers.

    `options` maps whole-number codes to labels; `positive` lists the favourable ones. `range` is for numbers that are not
    choices (hours, a published mean); `whole: false` lets it have decimals. `missing_codes` are answers that are none.
    """

    options: Annotated[dict[str, Label], BeforeValidator(_codes)] = Field(default={})
    range: IntervalText | None = None
    whole: Truth = True
    positive: Annotated[tuple[str, ...], BeforeValidator(_code_list)] = ()
    missing_codes: Annotated[dict[str, Label], BeforeValidator(_codes)] = Field(default={})

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if bool(self.options) == (self.range is not None):
            raise ValueError("a scale has either 'options' or a 'range'")
        unknown = [code for code in self.positive if code not in self.options]
        if unknown:
            raise ValueError(f"positive codes {', '.join(unknown)} are not among the options")
        return self

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
    """One question. `reverse` says that a high code is the unfavourable end of what the scale measures."""

    wording: Sentence
    scale: Identifier
    reverse: Truth = False
    value: Identifier | None = None
    asked_in: Names = ()


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

    def asked(self, wave: str) -> tuple[str, ...]:
        """Items asked in `wave`, in the order of the document."""
        return tuple(name for name, item in self.items.items() if not item.asked_in or wave in item.asked_in)
