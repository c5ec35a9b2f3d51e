"""The truth table as a picture: every base cell is a dot, one row an (organisations, pilots) pair, one panel a method."""

from pathlib import Path
from typing import Any

from tests.conftest import REPOSITORY

PICTURE: Path = REPOSITORY / "docs" / "pictures" / "truth.svg"
METHODS = (("headline", "headline", "#12436D"), ("CR2", "CR2, Satterthwaite", "#4C6272"), ("pooled t", "pooled t", "#F46A25"))
LEFT, PANEL, GAP, ROW, TOP, MOST = 96, 300, 24, 22, 74, 0.18


def picture(record: dict[str, Any]) -> str:
    """The SVG text."""
    cells = [cell for cell in record["cells"] if cell["part"] == "base"]
    rows = list(dict.fromkeys((cell["units"], cell["pilots"]) for cell in cells))
    foot, wide = TOP + ROW * len(rows), LEFT + len(METHODS) * (PANEL + GAP)
    shapes = [f'<text x="10" y="{TOP - 14}" fill="#4C6272">units (pilots)</text>']
    shapes += [f'<text x="10" y="{TOP + ROW * k + 15}">{units} ({pilots})</text>' for k, (units, pilots) in enumerate(rows)]
    for number, (method, label, colour) in enumerate(METHODS):
        shapes += _panel(LEFT + number * (PANEL + GAP), foot, label)
        shapes += [
            f'<circle cx="{_x(number, cell["methods"][method]["size"]["rejected"]):.1f}" '
            f'cy="{TOP + ROW * rows.index((cell["units"], cell["pilots"])) + 11}" r="3.5" fill="{colour}" fill-opacity=".55"/>'
            for cell in cells
        ]
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {foot + 40}" font-family="Arial, sans-serif" font-size="14" '
        'fill="#212B32">',
        "<title>How often a true null is rejected at nominal .05: the headline, CR2 and the pooled t, in every base cell</title>",
        f'<rect width="{wide}" height="{foot + 40}" fill="#fff"/>',
        '<text x="10" y="24" font-size="16">How often a true null is rejected (nominal .05); a dot is a cell of ICC and sizes</text>',
        *shapes, "</svg>", "",
    ])


def _x(number: int, share: float) -> float:
    return LEFT + number * (PANEL + GAP) + PANEL * min(share, MOST) / MOST


def _panel(left: float, foot: float, label: str) -> list[str]:
    """Name, band up to .065, line at .05 and ticks of one method's panel."""
    at = {share: left + PANEL * share / MOST for share in (0.0, 0.05, 0.065, 0.10, 0.15)}
    ticks = [f'<text x="{at[s]:.0f}" y="{foot + 20}" text-anchor="middle" fill="#4C6272">{s:g}</text>' for s in (0.0, 0.05, 0.10, 0.15)]
    return [
        f'<text x="{left}" y="{TOP - 14}" font-weight="bold">{label}</text>',
        f'<rect x="{left}" y="{TOP}" width="{at[0.065] - left:.1f}" height="{foot - TOP}" fill="#E3ECF6"/>',
        f'<path d="M{at[0.05]:.1f} {TOP}V{foot}" stroke="#212B32"/>', f'<path d="M{left} {foot}h{PANEL}" stroke="#D8DDE0"/>', *ticks,
    ]


def write_picture(record: dict[str, Any]) -> None:
    """Draw the committed picture."""
    PICTURE.write_text(picture(record), encoding="utf-8", newline="\n")
