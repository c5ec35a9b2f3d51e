"""Kept evidence is what was summed, bit for bit, and is never trusted once anything it rests on has changed."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evaluation.errors import MachineError
from evaluation.evidence import kept
from evaluation.evidence.evidence import Evidence
from evaluation.evidence.kept import evidence_of, keep, key_of, recall
from evaluation.waves.storage.read import Responses
from tests.evidence.stored import Setting, opened, people, setting
from tests.studies import tiny_study

TOLD = {"estimator: unit change": "by: staff_group"}


@pytest.fixture
def study(tmp_path: Path) -> Setting:
    return setting(tmp_path, replace=TOLD)


@pytest.fixture
def responses(study: Setting) -> dict[str, Responses]:
    return {"staff": Responses("staff", 1, (study.write(people(seed=5)),), ())}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    study = setting(tmp_path_factory.mktemp("whole"))
    keep(study.folder / "evidence" / "one", study.summarise(study.write(people(seed=5))))
    return study.folder / "evidence" / "one"


@pytest.fixture
def place(whole: Path, tmp_path: Path) -> Path:
    """Kept evidence of one's own, to damage."""
    copied = shutil.copytree(whole, tmp_path / "one")
    assert recall(copied, {}) is not None
    return copied


def of(study: Setting, responses: dict[str, Responses]) -> Evidence:
    return evidence_of(study.folder / "evidence", responses, study.documents, study.register)


def test_a_second_run_reads_sums_and_no_rows(study: Setting, responses: dict[str, Responses], monkeypatch: pytest.MonkeyPatch) -> None:
    first = of(study, responses)
    monkeypatch.setattr(kept, "summarise", lambda *_: pytest.fail("rows were read again"))
    second = of(study, responses)
    assert second.fingerprint == first.fingerprint
    assert second.responses == first.responses
    assert list(first.sets) == list(second.sets)
    assert ("lived_values", "staff_group") in first.sets
    for key, one in first.sets.items():
        other = second.sets[key]
        assert (one.names, one.centre) == (other.names, other.centre)
        assert one.products.tobytes() == other.products.tobytes()
        pd.testing.assert_frame_equal(one.cells, other.cells)
    mine, theirs = first.items["staff"], second.items["staff"]
    assert (mine.names, mine.centres.tolist()) == (theirs.names, theirs.centres.tolist())
    assert [part.tobytes() for part in mine.parts] == [part.tobytes() for part in theirs.parts]
    pd.testing.assert_frame_equal(mine.cells, theirs.cells)
    pd.testing.assert_frame_equal(first.tallies, second.tallies)
    pd.testing.assert_frame_equal(first.types, second.types)


def test_evidence_of_nobody_is_kept_too(study: Setting) -> None:
    first, second = (of(study, {}) for _ in range(2))
    assert first.fingerprint == second.fingerprint
    pd.testing.assert_frame_equal(first.moments["strain"].cells, second.moments["strain"].cells)
    pd.testing.assert_frame_equal(first.tallies, second.tallies)


def test_the_key_changes_with_the_store_the_scoring_the_register_and_the_code(
    study: Setting, responses: dict[str, Responses], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    documents, register = study.documents, study.register
    moved = replace(register, units=register.units.assign(arm="comparison"))
    keys = [
        key_of(responses, documents, register),
        key_of({"staff": replace(responses["staff"], version=2)}, documents, register),
        key_of({"staff": replace(responses["staff"], files=(study.write(people(seed=6), "other"),))}, documents, register),
        key_of(responses, opened(tiny_study(tmp_path / "other", replace=TOLD | {"at_least: 2 of 3": "at_least: 3 of 3"})).documents, register),
        key_of(responses, documents, moved),
    ]
    monkeypatch.setattr(kept, "code_fingerprint", lambda: "another program")
    keys.append(key_of(responses, documents, register))
    assert len(set(keys)) == len(keys)


GUARDRAIL = "strain_not_worse: {status: guardrail, measure: strain, design: difference in differences, margin: 0.2 points}"


@pytest.mark.parametrize("change", [
    {GUARDRAIL: GUARDRAIL + "\n  again: {status: exploratory, measure: strain, design: comparison at follow-up}"},
    {"margin: 0.2 points": "margin: 0.3 points"},
    {"minimum_important_difference: 10 percentage points": "minimum_important_difference: 12 percentage points"},
    {"label: Workload strain": "label: Strain"},
])
def test_a_plan_that_asks_for_the_same_sums_reads_no_rows(
    study: Setting, responses: dict[str, Responses], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, change: dict[str, str]
) -> None:
    first = of(study, responses)
    monkeypatch.setattr(kept, "summarise", lambda *_: pytest.fail("rows were read again"))
    other = opened(tiny_study(tmp_path / "other", replace=TOLD | change))
    assert other.documents.fingerprint != study.documents.fingerprint
    found = evidence_of(study.folder / "evidence", responses, other.documents, other.register)
    assert found.fingerprint == first.fingerprint


@pytest.mark.parametrize("change", [
    {"measure: strain, design": "measure: strain, covariates: [staff_group], design"},
    {"measure: strain, design": "measure: strain, by: staff_group, design"},
    {"watch: [month_6]": "watch: []"},
    {"linkage: pseudonym": "linkage: none"},
])
def test_a_plan_that_asks_for_other_sums_has_another_key(
    study: Setting, responses: dict[str, Responses], tmp_path: Path, change: dict[str, str]
) -> None:
    other = opened(tiny_study(tmp_path / "other", replace=TOLD | change))
    assert key_of(responses, other.documents, other.register) != key_of(responses, study.documents, study.register)


def test_damaged_evidence_is_summed_again(study: Setting, responses: dict[str, Responses]) -> None:
    before = of(study, responses)
    (place,) = (study.folder / "evidence").iterdir()
    (place / "products.npz").write_bytes(b"")
    assert of(study, responses).fingerprint == before.fingerprint
    assert recall(place, responses) is not None


@pytest.mark.parametrize("name", ["kept.json", "products.npz", "cells.parquet", "tallies.parquet", "types.parquet"])
def test_what_has_been_cut_or_is_gone_is_not_read(place: Path, name: str) -> None:
    file = place / name
    file.write_bytes(file.read_bytes()[:-30])
    assert recall(place, {}) is None
    file.unlink()
    assert recall(place, {}) is None


@pytest.mark.parametrize("name", ["m0", "i0", "c0"])
def test_one_changed_sum_is_noticed(place: Path, name: str) -> None:
    with np.load(place / "products.npz") as arrays:
        changed = {name: array.copy() for name, array in arrays.items()}
    changed[name].flat[0] += 1
    np.savez(place / "products.npz", **changed)
    assert recall(place, {}) is None


def test_a_folder_that_cannot_be_written_is_the_machines_fault(study: Setting, responses: dict[str, Responses]) -> None:
    (study.folder / "evidence").write_text("a file where a folder should be", encoding="utf-8")
    with pytest.raises(MachineError, match="could not be kept"):
        of(study, responses)
