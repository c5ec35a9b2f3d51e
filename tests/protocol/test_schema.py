"""The schemas and the list of documents say what the models say, and documents that run are valid by them."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from evaluation.cli.schema import more_documents
from evaluation.protocol.documents import read_yaml, shipped_policies
from evaluation.protocol.schema import DOCUMENTS, TABLES, DocumentModel, generated, json_schema, write_schemas
from evaluation.protocol.values_document import Value
from tests.conftest import REPOSITORY
from tests.protocol.changed import VALUES, study

SCHEMAS = REPOSITORY / "data_schemas"


def valid(name: str, data: Any) -> list[str]:
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return [error.message for error in Draft202012Validator(schema).iter_errors(data)]


def stale(folder: Path, more: Sequence[DocumentModel] = ()) -> list[str]:
    """Generated files in `folder` that are missing or no longer say what the models say."""
    kept = {file.name: file.read_text(encoding="utf-8") for file in folder.iterdir() if file.is_file()}
    return [name for name, text in generated(more).items() if kept.get(name) != text]


def test_no_generated_schema_is_stale() -> None:
    """When this fails: pilot schema --write data_schemas"""
    assert not stale(SCHEMAS, more_documents())


def test_the_readme_lists_every_document_and_table_and_nothing_else() -> None:
    text = (SCHEMAS / "README.md").read_text(encoding="utf-8")
    present = {path.name for path in SCHEMAS.glob("*.schema.json")}
    listed = {line.split("](")[1].split(")")[0] for line in text.splitlines() if line.startswith("| `") and "](" in line}
    assert listed == present
    for document in (*DOCUMENTS, *more_documents()):
        assert f"## {document.where}" in text and document.says in text


def test_the_readme_names_every_key_of_every_document() -> None:
    text = (SCHEMAS / "README.md").read_text(encoding="utf-8")
    for document in DOCUMENTS:
        for key in json_schema(document)["properties"]:
            assert key in text, f"{document.name}: {key}"


def test_the_worked_documents_are_valid_by_their_schemas(tmp_path: Path) -> None:
    root = study(tmp_path)
    (root / "values.yaml").write_text(VALUES)
    assert not valid("protocol", read_yaml(root / "protocol.yaml").data)
    assert not valid("instrument", read_yaml(root / "instruments" / "values.yaml").data)
    assert not valid("values", read_yaml(root / "values.yaml").data)
    for path in shipped_policies().values():
        assert not valid("policy", read_yaml(path).data)


@pytest.mark.parametrize("folder", sorted(path.parent.name for path in (REPOSITORY / "protocols").glob("*/protocol.yaml")))
def test_the_documents_that_ship_are_valid_by_their_schemas(folder: str) -> None:
    root = REPOSITORY / "protocols" / folder
    assert not valid("protocol", read_yaml(root / "protocol.yaml").data)
    for kind in ("instrument", "mapping"):
        for path in sorted((root / f"{kind}s").glob("*.yaml")):
            assert not valid(kind, read_yaml(path).data), path.name


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("protocol", "board:", "bord:"),
        ("protocol", "0.3 points", "0.3"),
        ("protocol", "randomised: false", "randomised: no"),
        ("protocol", "role: pilot", "role: pilots"),
    ],
)
def test_an_editor_marks_what_the_program_would_refuse(tmp_path: Path, name: str, old: str, new: str) -> None:
    root = study(tmp_path)
    text = (root / f"{name}.yaml").read_text().replace(old, new)
    (root / "changed.yaml").write_text(text)
    assert valid(name, read_yaml(root / "changed.yaml").data)


def test_a_changed_model_makes_its_schema_stale(tmp_path: Path) -> None:
    written = write_schemas(tmp_path)
    assert {path.name for path in written} == {*(document.file for document in DOCUMENTS), "README.md"}
    assert not stale(tmp_path)
    (tmp_path / "policy.schema.json").write_text("{}")
    (tmp_path / "values.schema.json").unlink()
    assert stale(tmp_path) == ["values.schema.json", "policy.schema.json"]


def test_documents_of_higher_floors_are_generated_beside_them(tmp_path: Path) -> None:
    more = (DocumentModel("value", "one value", Value),)
    assert "value.schema.json" in generated(more) and "| `one value` |" in generated(more)["README.md"]


@pytest.mark.parametrize("name", [name for name, _ in TABLES])
def test_every_table_schema_describes_every_column(name: str) -> None:
    """Keys of the Frictionless Table Schema specification."""
    table = json.loads((SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8"))
    assert {"name", "title", "description", "fields", "missingValues"} <= set(table)
    for field in table["fields"]:
        assert set(field) <= {"name", "type", "title", "description", "constraints"}
        assert field["type"] in ("string", "integer", "number", "date") and field["description"]
        assert set(field.get("constraints", {})) <= {"required", "pattern", "enum", "minimum", "maximum", "maxLength"}
