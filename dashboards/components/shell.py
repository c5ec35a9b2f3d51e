"""What stands round every page: header with navigation, banners, footer."""

import re
from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from dashboards import wording
from dashboards.components.attributes import aria
from dashboards.pages import PAGES, Page
from evaluation.release.cards import StudyCard
from evaluation.release.publish import Release

MAIL = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+")


def header(release: Release | None, here: Page | None) -> Component:
    """Study, board and the pages that registered."""
    title = release.study.title if release else "Pilot evaluation"
    board = [html.Small(f"for the {release.study.board.name}")] if release else []
    links = [html.Li(_link(page, release, here)) for page in PAGES] if release else []
    navigation = [html.Nav(html.Ul(links), **aria(label="Pages"))] if links else []
    return html.Header(html.Div([html.B(title), *board, *navigation], className="wrap"))


def _link(page: Page, release: Release, here: Page | None) -> Component:
    current = aria(current="page") if page is here else {}
    return html.A(page.name, href=page.address(release), **current)


def banners(release: Release | None, trouble: str) -> list[Component]:
    """Preview, simulated data, trouble: each a strip of its own."""
    strips = []
    if trouble and release:
        strips.append(_strip("Not the newest.", f"{trouble} {whom_to_tell(release.study)}", "trouble"))
    if release:
        strips.append(_strip(wording.PREVIEW, wording.PREVIEW_SAYS, "preview"))
    if release and release.study.simulated:
        strips.append(_strip("Simulated data.", release.study.simulated, "simulated"))
    return [html.Aside(strips, **aria(label="About these numbers"))] if strips else []


def _strip(strong: str, said: str, kind: str) -> Component:
    return html.Div(html.Div([html.B(strong), f" {said}"], className="wrap"), className=f"strip {kind}")


def whom_to_tell(study: StudyCard) -> str:
    """Who to tell when something is wrong."""
    return f"Please tell {study.board.contact}."


def footer(release: Release | None) -> Component:
    """Snapshot, plan, threshold, contact."""
    if release is None:
        return html.Footer(html.Div("Pilot evaluation", className="wrap"))
    study = release.study
    parts: Sequence[str] = [
        wording.snapshot(release), wording.capital(f"{wording.plan_state(study)} ({study.fingerprint[:8]})"),
        f"Groups of fewer than {study.policy.threshold} people are hidden ({study.policy.name}, version {study.policy.version})",
    ]
    return html.Footer(html.Div([f"{' · '.join(parts)} · Questions: ", contact(study)], className="wrap"))


def contact(study: StudyCard) -> Component | str:
    """The contact, as a link if it is a mail address and as plain text otherwise."""
    address = study.board.contact
    return html.A(address, href=f"mailto:{address}") if MAIL.fullmatch(address) else address
