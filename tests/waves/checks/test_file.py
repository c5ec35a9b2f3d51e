"""Headers and mappings: what is nearly right is named, what nobody needs is not taken in."""

from pathlib import Path

import pytest

from evaluation.protocol.documents import read_mapping
from evaluation.protocol.mapping import Mapping
from evaluation.waves.checks.likeness import difference, fold, likeness, names
from tests.waves.intake_study import ITEMS, codes, load, refusal, tiny, wave_frame


def mapping(**changes: object) -> Mapping:
    plain: dict[str, object] = {
        "mapping": "tiny", "version": 1, "reviewed_by": "Ana", "population": "staff", "file": {"format": "csv"},
        "organisation": {"column": "organisation"}, "respondent": {"column": "respondent"}, "groups": {"staff_group": {"column": "staff_group"}},
        "items": {item: {"item": item} for item in ITEMS},
    }  # fmt: skip
    return Mapping.model_validate(plain | changes)


def csv(folder: Path, **columns: object) -> Path:
    path = folder / "m.csv"
    wave_frame().assign(**columns).to_csv(path, index=False)
    return path


@pytest.mark.parametrize(("change", "code"), [
    ({"reviewed_by": None}, "mapping-not-reviewed"), ({"population": "patients"}, "mapping-population"), ({"waves": ["month_12"]}, "mapping-wave"),
])  # fmt: skip
def test_a_mapping_not_reviewed_or_for_something_else_reads_nothing(tmp_path: Path, change: dict[str, object], code: str) -> None:
    assert codes(refusal(csv(tmp_path), mapping=mapping(**change))) == [code]


def test_a_column_that_a_mapping_does_not_mention_is_refused(tmp_path: Path) -> None:
    assert codes(refusal(csv(tmp_path, shift="late"), mapping=mapping())) == ["extra-column"]
    assert load(csv(tmp_path, shift="late"), mapping=mapping(ignore=["shift"])).receipt.kept == 32


def test_a_column_that_a_mapping_reads_and_the_file_lacks_is_refused_with_the_nearest(tmp_path: Path) -> None:
    error = refusal(csv(tmp_path), mapping=mapping(respondent={"column": "respondent_code"}))
    assert codes(error)[0] in ("near-miss-column", "missing-column")
    assert "respondent" in str(error)


def test_an_item_that_a_mapping_forgets_is_missing(tmp_path: Path) -> None:
    items = {item: {"item": item} for item in ITEMS[:-1]}
    error = refusal(csv(tmp_path), mapping=mapping(items=items, ignore=["strain_1"]))
    assert codes(error) == ["missing-column"] and "strain_1" in str(error)


def test_dropped_identifiers_are_counted_and_their_values_are_nowhere(tmp_path: Path) -> None:
    collected = load(csv(tmp_path, email=[f"p{k}@x.org" if k else "" for k in range(32)]), mapping=mapping(drop=["email"]))
    assert collected.receipt.identifiers_dropped == {"email": 31}
    assert "email" not in collected.frame.columns and "x.org" not in repr(collected)


def test_an_identifier_that_the_supplier_no_longer_sends_is_not_missed(tmp_path: Path) -> None:
    assert load(csv(tmp_path), mapping=mapping(drop=["email"], ignore=["shift"])).receipt.identifiers_dropped == {}


def test_a_mapping_may_declare_identifying_ids_because_the_store_keeps_pseudonyms_only(tmp_path: Path) -> None:
    path = csv(tmp_path, respondent=[f"p{k}@x.org" for k in range(32)])
    assert codes(refusal(path)) == ["identifying-values"]
    assert "pseudonyms only" in "; ".join(load(path, mapping=mapping()).receipt.notes)


def test_a_mapping_file_in_the_study_is_read_and_used(tmp_path: Path) -> None:
    documents, _ = tiny()
    path = tmp_path / "tiny.yaml"
    lines = ["mapping: tiny", "version: 1", "reviewed_by: Ana", "population: staff", "file: {format: csv}", "organisation: {column: organisation}",
             "respondent: {column: respondent}", "groups: {staff_group: {column: staff_group}}", "items:",
             *[f"  {item}: {{item: {item}}}" for item in ITEMS]]  # fmt: skip
    path.write_text("\n".join(lines), encoding="utf-8")
    assert load(csv(tmp_path), mapping=read_mapping(path, documents)).receipt.kept == 32


def test_names_that_read_the_same_fold_to_the_same_and_their_difference_has_a_name() -> None:
    assert fold("Lived 1") == fold("lived_1") == fold("l\u0456ved-1")
    assert difference("LIVED_1", "lived_1") == "letter case"
    assert difference("lived_1 ", "lived_1") == "a space"
    assert difference("lived\u200b_1", "lived_1").startswith("a look-alike or invisible letter (ZERO WIDTH SPACE")


def test_wordings_are_compared_without_question_numbers() -> None:
    assert likeness("Q12. Colleagues act on our values", "Colleagues act on our values.") > 0.9
    assert likeness("My pay is fair", "Colleagues act on our values.") < 0.5
    assert (
        names("Q1 Listened to", "listened") and names("lived_1: Colleagues ...", "lived_1") and not names("lived_12", "lived_1")
    )
