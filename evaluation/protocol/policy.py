"""What a disclosure policy may say. Policies are named and versioned; a study names one and never lowers it."""

from pydantic import Field

from evaluation.protocol.block import Block, DocumentName, Sentence, Whole


class DisclosurePolicy(Block):
    """When a cell may be shown.

    `threshold` people must have answered; what remains hidden on a line that adds up needs `remainder_cells` cells and
    `remainder_people` people; shown counts are rounded to `round_counts_to` (1 leaves them).
    """

    policy: DocumentName
    version: Whole = Field(ge=1)
    says: Sentence
    threshold: Whole = Field(ge=2)
    remainder_cells: Whole = Field(ge=2)
    remainder_people: Whole = Field(ge=2)
    round_counts_to: Whole = Field(ge=1)
    extremes_until: Whole = Field(ge=0, description="Below this n, percentages under 5 or over 95 are shown as such.")
