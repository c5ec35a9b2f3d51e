"""protocols/README.md lists what ships, and its grammar is the program's."""

import re
from pathlib import Path

from evaluation.protocol.decide import EVERY_GUARDRAIL, phrases
from evaluation.protocol.documents import read_documents, shipped_policies
from tests.conftest import REPOSITORY
from tests.protocol.changed import documents

FOLDER = REPOSITORY / "protocols"
TEXT = (FOLDER / "README.md").read_text(encoding="utf-8")


def test_every_study_and_policy_that_ships_is_listed_and_no_other() -> None:
    links = set(re.findall(r"\]\(([^)]+)\)", TEXT))
    studies = {path.parent.name for path in FOLDER.glob("*/protocol.yaml")}
    assert {link.split("/")[0] for link in links} - {".."} == studies | {"policies"}
    assert {link.removeprefix("policies/") for link in links if link.startswith("policies/")} == {
        path.name for path in shipped_policies().values()
    }
    assert all((FOLDER / link).exists() for link in links)


def test_the_words_of_decision_rules_are_all_listed(tmp_path: Path) -> None:
    rows = dict(
        re.findall(r"^\| (any estimand|pilots beside comparison|before and after|a guardrail) \| (.+) \|$", TEXT, re.MULTILINE)
    )
    listed = {about: set(words.split("; ")) for about, words in rows.items()}
    protocol = documents(
        tmp_path,
        replace={"measure: awareness, design: difference in differences": "measure: awareness, design: before and after"},
    ).protocol
    beyond = " by more than the change that matters"

    def known(subject: str) -> set[str]:
        return {words for words in phrases(protocol, subject) if not words.endswith(beyond)}

    assert listed["any estimand"] | listed["pilots beside comparison"] == known("lived_values_change")
    assert listed["any estimand"] | listed["before and after"] == known("awareness_change")
    assert listed["any estimand"] | listed["a guardrail"] == known("strain_not_worse")
    assert set(phrases(protocol, EVERY_GUARDRAIL)) == {"safe"}


def test_the_worked_study_reads_without_a_fault() -> None:
    assert read_documents(FOLDER / "values-pilot").protocol.arms
