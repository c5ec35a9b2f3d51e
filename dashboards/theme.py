"""The site's colours as style sheet variables, from the same looks that figures are drawn with, and the page they stand in."""

from evaluation.figures.looks import DARK, LIGHT, Look

PAGE = {
    "light": {"page": "#F0F4F5", "link": "#005EB8", "notice": "#FFF5CC", "notice-text": "#212B32", "edge": "#768692"},
    "dark": {"page": "#111B21", "link": "#9AD1FF", "notice": "#FFF5CC", "notice-text": "#212B32", "edge": "#768692"},
}

INDEX = """<!DOCTYPE html>
<html lang="en-GB">
<head>
{%metas%}
<meta name="color-scheme" content="light dark">
<title>{%title%}</title>
{%favicon%}
<style>@@variables@@</style>
{%css%}
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
{%app_entry%}
<noscript>This site draws its pages with JavaScript, which is switched off in this browser.</noscript>
{%config%}
{%scripts%}
{%renderer%}
</body>
</html>
"""


def variables(look: Look) -> str:
    """The declarations of one look."""
    own = {
        "text": look.text, "soft": look.soft, "card": look.card, "line": look.grid, "band": look.band, "pilot": look.pilot,
        "comparison": look.comparison, "better": look.better, "worse": look.worse, "unclear": look.unclear,
    }
    return ";".join(f"--{name}:{colour}" for name, colour in {**own, **PAGE[look.name]}.items())


def style() -> str:
    """Variables for light, for dark where the reader asks for it, and light again on paper."""
    light, dark = variables(LIGHT), variables(DARK)
    return (
        f":root{{color-scheme:light dark;{light}}}"
        f"@media (prefers-color-scheme:dark){{:root{{{dark}}}}}"
        f"@media print{{:root{{color-scheme:light;{light};--page:#FFFFFF}}}}"
    )


def index() -> str:
    """The page that Dash fills."""
    return INDEX.replace("@@variables@@", style())
