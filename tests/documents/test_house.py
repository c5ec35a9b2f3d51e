"""CONTRIBUTING.md says where things are added; the names that it gives are there, and every one of a kind is in its list."""

import re
from importlib import import_module
from pkgutil import iter_modules
from typing import get_args

from evaluation.measures import rules
from evaluation.measures.rule import SCORING_RULES
from evaluation.protocol.mapping import FileForm
from evaluation.terms import ScoreRule
from evaluation.waves.readers import READERS
from tests.conftest import REPOSITORY

HOUSE = (REPOSITORY / "CONTRIBUTING.md").read_text(encoding="utf-8")
TABLE = dict(re.findall(r"^\| ([a-z][\w -]+) \| (.+) \|$", HOUSE, re.MULTILINE))


def test_a_scoring_rule_is_a_file_and_a_word() -> None:
    assert "`ScoreRule`" in TABLE["scoring rule"]
    assert set(SCORING_RULES) == {rule.value for rule in ScoreRule}
    assert {module.name.replace("_", " ") for module in iter_modules(rules.__path__)} == set(SCORING_RULES)


def test_an_import_format_is_a_file_and_a_word() -> None:
    assert "`FileForm.format`" in TABLE["import format"]
    assert set(READERS) == set(get_args(FileForm.model_fields["format"].annotation))


def test_the_registry_holds_what_its_docstring_says_and_estimators_are_not_among_it() -> None:
    said = import_module("evaluation.registry").__doc__ or ""
    registries = {kind for path in (REPOSITORY / "evaluation").rglob("*.py")
                  for kind in re.findall(r"= Registry\(\"([^\"]+)\"\)", path.read_text(encoding="utf-8"))}
    assert registries == {"scoring rule", "import format"}
    assert "estimator" not in said and "not registered by name" in TABLE["estimator"]


def test_every_name_in_the_table_is_in_the_file_beside_it() -> None:
    for words in TABLE.values():
        for name, file in re.findall(r"`(\w+)(?:\.\w+)?` \(`([\w/]+\.py)`\)", words):
            assert re.search(rf"\b{name}\b", (REPOSITORY / file).read_text(encoding="utf-8")), name
