"""What docs/ and the code say of one another holds: citations resolve, paths and the names of methods exist."""

import re
from pathlib import Path

import pytest

from evaluation.findings.verdict import RULES_VERSION
from evaluation.inference.variance import KINDS
from evaluation.measures.rule import SCORING_RULES
from tests.conftest import REPOSITORY

PAGES = sorted((REPOSITORY / "docs").glob("*.md"))
DOCUMENTS = [*PAGES, REPOSITORY / "README.md", REPOSITORY / "CONTRIBUTING.md"]
FOLDERS = ("evaluation", "dashboards", "data_schemas", "protocols", "tests", "benchmarks", "docs")
SOURCES = sorted(path for folder in FOLDERS for path in (REPOSITORY / folder).rglob("*") if path.suffix in {".py", ".md", ".yaml"})
PLACE = r"(?:section|formula|rule)s? \d+(?:(?:, | to | and )\d+)*"
CITATION = re.compile(rf"docs/(\w+)\.md,\s+((?:{PLACE})(?:\s*(?:\([^)]*\))?,?\s+and\s+(?:{PLACE}))?)")
BY_LINK = re.compile(rf"\[\w+\]\((\w+)\.md\),\s+({PLACE})")


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def places(page: str) -> set[tuple[str, int]]:
    """What a page numbers: headings, formulas and rules."""
    written = text(REPOSITORY / "docs" / f"{page}.md")
    sections = {("section", int(number)) for number in re.findall(r"^## (\d+)\. ", written, re.MULTILINE)}
    marked = re.findall(r"^\*\*(Formula|Rule) (\d+)\.", written, re.MULTILINE)
    return sections | {(kind.lower(), int(number)) for kind, number in marked}


def cited(words: str) -> set[tuple[str, int]]:
    """(kind, number) of every place in 'section 1 and rules 1 to 3'."""
    found: set[tuple[str, int]] = set()
    for kind, numbers in re.findall(r"(section|formula|rule)s? ((?:\d+(?:, | to | and )?)+)", words):
        ends = [int(number) for number in re.findall(r"\d+", numbers)]
        found |= {(kind, number) for number in (range(ends[0], ends[-1] + 1) if " to " in numbers else ends)}
    return found


def test_every_citation_of_a_page_in_docs_resolves() -> None:
    known = {path.stem: places(path.stem) for path in PAGES}
    citations = [(path.name, page, place) for path in SOURCES for pattern in (CITATION, BY_LINK)
                 for page, words in pattern.findall(text(path)) for place in cited(words)]
    assert len(citations) > 30
    assert [each for each in citations if each[2] not in known.get(each[1], set())] == []


def test_no_source_cites_a_note_that_is_not_here() -> None:
    """Notes and boards of a drawer elsewhere: whoever reads the code could not look them up."""
    missing = re.compile("|".join((r"(?:methods|disclosure|design) " + "notes?", "board" + r"\.md", "design" + r"\.md")), re.IGNORECASE)
    assert [path.name for path in SOURCES if path.suffix == ".py" and missing.search(text(path))] == []


@pytest.mark.parametrize("page", DOCUMENTS, ids=lambda page: page.name)
def test_every_path_that_a_page_names_exists(page: Path) -> None:
    written = text(page)
    named = set(re.findall(rf"`((?:{'|'.join(FOLDERS)})/[\w./*-]*)`", written))
    linked = {link for link in re.findall(r"\]\(([^)#]+)\)", written) if "://" not in link}
    assert [path for path in named if not (REPOSITORY / path).exists()] == []
    assert [link for link in linked if not (page.parent / link).exists()] == []


def test_every_estimator_and_variance_of_the_methods_page_is_one_that_rows_carry() -> None:
    """A row's names are strings of the code, so each name in section 4 must be written there."""
    code = "".join(text(path) for path in (REPOSITORY / "evaluation").rglob("*.py"))
    table = text(REPOSITORY / "docs" / "methods.md").split("## 4.")[1].split("## 5.")[0]
    names = {name for row in re.findall(r"^\| (.+?) \|", table, re.MULTILINE) for name in re.findall(r"`([^`]+)`", row)}
    names -= {name for name in names if "|" in name}
    assert {"least squares", "unit change", "CR2", "HC2"} <= names
    assert [name for name in names if f'"{name}"' not in code] == []


@pytest.mark.parametrize("page", DOCUMENTS, ids=lambda page: page.name)
def test_no_page_names_an_error_that_is_not_computed(page: Path) -> None:
    people = set(re.findall(r'"(HC\d)"', text(REPOSITORY / "evaluation" / "inference" / "rows" / "respondents.py")))
    assert set(re.findall(r"\b(?:CR\d\w?|HC\d)\b", text(page))) <= set(KINDS) | people


def test_the_methods_page_lists_the_scoring_rules_and_the_headlines_forms() -> None:
    written = text(REPOSITORY / "docs" / "methods.md")
    panel = text(REPOSITORY / "evaluation" / "inference" / "panel.py")
    assert all(f"`{rule}`" in written for rule in SCORING_RULES)
    assert all(f"`{form}`" in written and f'"{form}"' in panel for form in ("REML-HK", "pooled t", "one-sample t"))


def test_the_verdict_page_names_the_version_of_the_rules() -> None:
    assert f"(`RULES_VERSION`, today {RULES_VERSION})" in text(REPOSITORY / "docs" / "verdicts.md")
