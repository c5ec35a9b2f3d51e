"""What a framework of values may say: the values, what each looks like in daily work, and where it shows."""

from pydantic import Field

from evaluation.protocol.block import Block, Identifier, Label, Sentence, Sentences, Whole


class Value(Block):
    """One value. `surfaced_by` lists where a reader would meet it: stories, appraisal, complaints."""

    label: Label
    statement: Sentence
    behaviours: Sentences = ()
    surfaced_by: Sentences = ()


class Framework(Block):
    """A named and versioned set of values that several organisations share."""

    framework: Label
    name: Label | None = None
    version: Whole = Field(ge=1)
    values: dict[Identifier, Value] = Field(min_length=1)
