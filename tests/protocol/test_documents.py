"""The documents read together: policy, register, fingerprint, places."""

import os
from pathlib import Path

import pytest

from evaluation.errors import MachineError
from evaluation.protocol.documents import read_documents, shipped_policies
from tests.protocol.changed import VALUES, documents, only, refused, study

OWN = "policy: ours\nversion: 1\nsays: A result needs 20 people.\nthreshold: 20\nremainder_cells: 2\nremainder_people: 20\nround_counts_to: 1\nextremes_until: 50\n"


def test_documents_say_where_they_say_something(tmp_path: Path) -> None:
    read = documents(tmp_path)
    assert read.where("protocol", ("measures", "awareness")) == "tiny/protocol.yaml, line 25, column 3"
    assert read.where("instruments/values", ("items", "lived_2")) == "tiny/instruments/values.yaml, line 12, column 3"
    assert read.where("protocol") == "tiny/protocol.yaml, line 1, column 1"


def test_the_fingerprint_is_of_what_is_said_not_of_how_it_is_laid_out(tmp_path: Path) -> None:
    first = documents(tmp_path / "a")
    assert len(first.fingerprint) == 64 and documents(tmp_path / "b").fingerprint == first.fingerprint
    root = study(tmp_path / "c")
    for file in ("protocol.yaml", "organisations.csv"):
        (root / file).write_bytes((root / file).read_bytes().replace(b"\n", b"\r\n"))
    (root / "protocol.yaml").write_text("# a comment\n" + (root / "protocol.yaml").read_text())
    assert read_documents(root).fingerprint == first.fingerprint


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("protocol.yaml", "A tiny pilot", "A small pilot"),
        ("protocol.yaml", "{from: people talk", "{from: People talk"),
        ("instruments/values.yaml", "Colleagues act", "Colleagues often act"),
        ("organisations.csv", "Organisation P1", "Organisation One"),
        ("protocol.yaml", "disclosure: threshold-11", "disclosure: threshold-10"),
        ("values.yaml", "We are kind.", "We try to be kind."),
    ],
)
def test_another_word_in_any_plan_document_is_another_fingerprint(tmp_path: Path, file: str, old: str, new: str) -> None:
    root = study(tmp_path)
    (root / "values.yaml").write_text(VALUES)
    before = read_documents(root).fingerprint
    (root / file).write_text((root / file).read_text().replace(old, new))
    assert read_documents(root).fingerprint != before


def test_three_policies_ship_and_each_hides_what_its_name_says(tmp_path: Path) -> None:
    """Names and thresholds: the usual rule for staff surveys (11), published tables (10), hospital statistics (8, rounded to 5)."""
    assert list(shipped_policies()) == ["threshold-10", "threshold-11", "threshold-8-round-5"]
    for number, (name, threshold) in enumerate([("threshold-10", 10), ("threshold-11", 11), ("threshold-8-round-5", 8)]):
        policy = documents(tmp_path / str(number), replace={"threshold-11": name}).policy
        assert (policy.policy, policy.threshold, policy.remainder_people, policy.round_counts_to) == (
            name,
            threshold,
            threshold,
            5,
        )


def test_a_study_brings_a_policy_of_its_own(tmp_path: Path) -> None:
    root = study(tmp_path, replace={"threshold-11": "ours"})
    (root / "policies").mkdir()
    (root / "policies" / "ours.yaml").write_text(OWN)
    assert read_documents(root).policy.threshold == 20


def test_an_unknown_policy_names_the_nearest(tmp_path: Path) -> None:
    problem = only(tmp_path, replace={"threshold-11": "threshold-12"})
    assert problem.what == "there is no disclosure policy 'threshold-12'." and "did you mean 'threshold-11'?" in problem.fix
    assert problem.where == "tiny/protocol.yaml, line 37, column 12"


def test_a_study_cannot_pass_its_own_policy_off_as_one_that_ships(tmp_path: Path) -> None:
    root = study(tmp_path)
    (root / "policies").mkdir()
    (root / "policies" / "threshold-11.yaml").write_text(
        shipped_policies()["threshold-11"].read_text().replace("threshold: 11", "threshold: 5")
    )
    (problem,) = refused(lambda: read_documents(root))
    assert "is not the policy of that name that ships" in problem.what and "give this one another" in problem.fix


def test_a_policy_is_known_by_one_name(tmp_path: Path) -> None:
    root = study(tmp_path, replace={"threshold-11": "theirs"})
    (root / "policies").mkdir()
    (root / "policies" / "theirs.yaml").write_text(OWN)
    assert refused(lambda: read_documents(root))[0].what == "the file calls itself policy 'ours', but its name is 'theirs'."


def test_a_missing_register_instrument_or_protocol_is_named(tmp_path: Path) -> None:
    root = study(tmp_path / "a")
    (root / "organisations.csv").unlink()
    assert refused(lambda: read_documents(root))[0].what == "the register of organisations is not there."
    root = study(tmp_path / "b")
    (root / "instruments" / "values.yaml").unlink()
    assert "uses instrument 'values', which is not there" in " ".join(one.what for one in refused(lambda: read_documents(root)))
    root = study(tmp_path / "c")
    (root / "protocol.yaml").unlink()
    assert refused(lambda: read_documents(root))[0].where == "tiny/protocol.yaml"


def test_an_instrument_that_is_no_yaml_does_not_make_its_items_unknown(tmp_path: Path) -> None:
    root = study(tmp_path)
    (root / "instruments" / "values.yaml").write_text("a: [\n")
    (problem,) = refused(lambda: read_documents(root))
    assert problem.what.startswith("this is not YAML")


def test_a_register_in_another_encoding_is_refused_with_its_line(tmp_path: Path) -> None:
    root = study(tmp_path)
    text = (root / "organisations.csv").read_text().replace("Organisation P2", "Organisation Pé")
    (root / "organisations.csv").write_bytes(text.encode("cp1252"))
    (problem,) = refused(lambda: read_documents(root))
    assert problem.where == "tiny/organisations.csv, line 3" and "CSV UTF-8" in problem.fix


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may read everything")
def test_a_document_that_may_not_be_read_is_the_machines_fault(tmp_path: Path) -> None:
    root = study(tmp_path)
    (root / "protocol.yaml").chmod(0)
    assert "cannot be read" in refused(lambda: read_documents(root), MachineError)[0].what


def test_json_serves_where_yaml_does(tmp_path: Path) -> None:
    import json

    from evaluation.protocol.documents import read_yaml

    root = study(tmp_path)
    yaml = root / "instruments" / "values.yaml"
    before = read_documents(root)
    (root / "instruments" / "values.json").write_text(json.dumps(read_yaml(yaml).data, indent="\t"))
    yaml.unlink()
    assert read_documents(root).fingerprint == before.fingerprint
