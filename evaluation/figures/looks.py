"""Colours and type of every figure: light, dark and print.

Pilots and comparison differ by marker and line as well as by colour, because the dark pair of colours differs by little in
brightness; better and worse differ by mark and word. Contrast against the card is at least 3 to 1 for lines and 4.5 for text.
"""

from dataclasses import dataclass
from typing import Any

from evaluation.terms import Tone

Figure = dict[str, Any]

FONT = '"Frutiger W01", Arial, sans-serif'
NARROWEST = 250
"""Pixels a figure has on the smallest screen; what fits there fits everywhere."""
MARKS = {Tone.BETTER: "▲", Tone.WORSE: "▼", Tone.UNCLEAR: "●"}


@dataclass(frozen=True)
class Look:
    """One set of colours, by what they stand for, the size of text in pixels, and how tall rows are beside the screen's."""

    name: str
    text: str
    soft: str
    card: str
    grid: str
    band: str
    pilot: str
    comparison: str
    expected: str
    better: str
    worse: str
    unclear: str
    size: int = 15
    height: float = 1.0

    def of(self, tone: Tone) -> str:
        """The colour of a verdict."""
        return {Tone.BETTER: self.better, Tone.WORSE: self.worse, Tone.UNCLEAR: self.unclear}[tone]


LIGHT = Look(
    name="light", text="#212B32", soft="#4C6272", card="#FFFFFF", grid="#D8DDE0", band="#E3ECF6", pilot="#12436D",
    comparison="#F46A25", expected="#4C6272", better="#005EB8", worse="#B35A00", unclear="#4C6272",
)
DARK = Look(
    name="dark", text="#E8EDEE", soft="#B7C3CB", card="#1B272E", grid="#34444E", band="#20374C", pilot="#7AB8F5",
    comparison="#FFB347", expected="#B7C3CB", better="#7AB8F5", worse="#FFB347", unclear="#B7C3CB",
)
PRINT = Look(
    name="print", text="#212B32", soft="#4C6272", card="#FFFFFF", grid="#D8DDE0", band="#E3ECF6", pilot="#12436D",
    comparison="#F46A25", expected="#4C6272", better="#005EB8", worse="#B35A00", unclear="#4C6272", size=12, height=0.75,
)
LOOKS = (LIGHT, DARK, PRINT)


def template(look: Look) -> Figure:
    """The plotly template of a look: what all its figures share, under one kilobyte."""
    axis = {
        "gridcolor": look.grid, "zeroline": False, "showline": False, "ticks": "", "fixedrange": True,
        "tickfont": {"color": look.soft, "size": look.size - 1}, "automargin": False,
    }
    return {
        "layout": {
            "font": {"family": FONT, "size": look.size, "color": look.text},
            "paper_bgcolor": look.card, "plot_bgcolor": look.card, "showlegend": False, "dragmode": False, "hovermode": "closest",
            "hoverlabel": {
                "bgcolor": look.card, "bordercolor": look.soft, "align": "left", "namelength": 0,
                "font": {"family": FONT, "size": look.size, "color": look.text},
            },
            "xaxis": axis, "yaxis": axis,
        }
    }


def layout(look: Look, *, height: int, margin: tuple[int, int, int, int]) -> Figure:
    """The layout every figure begins with; `margin` is left, right, top, bottom in pixels, the width is the reader's."""
    left, right, top, bottom = margin
    return {
        "template": template(look), "autosize": True, "height": height,
        "margin": {"l": left, "r": right, "t": top, "b": bottom, "pad": 0},
    }
