"""Bad documents and what each gets: rows 45, 46 and 47 of the list of bad inputs.

Every one is refused with exit code 4, names the document with line and column, says what puts it right, and changes nothing.
"""

import json
import time
import tracemalloc
from hashlib import sha256
from pathlib import Path

import pytest

from evaluation.cli.main import main
from evaluation.errors import IntegrityError, ProtocolError
from evaluation.protocol.documents import read_documents
from evaluation.protocol.freeze import amend, check_frozen, freeze
from tests.studies import tiny_study

LAUGHS = "\n".join(["laugh0: &l0 ha", *(f"laugh{k}: &l{k} [{', '.join(f'*l{k - 1}' for _ in range(9))}]" for k in range(1, 12))])

ROW_45 = {
    "billion laughs": (lambda text: LAUGHS + "\n" + text, "line 1, column 9", "anchors are not read"),
    "a python object": (
        lambda text: text.replace("title: A tiny pilot", "title: !!python/object/apply:os.system ['touch owned']"),
        "line 3, column 8",
        "take it out",
    ),
    "a python name": (
        lambda text: text.replace("title: A tiny pilot", "title: !!python/name:os.system x"),
        "line 3, column 8",
        "take it out",
    ),
    "a duplicate key": (lambda text: text + "seed: 1\n", "line 38, column 1", "keep one; the other is on line 36"),
    "a duplicate measure": (
        lambda text: text.replace("  strain:", "  awareness:"),
        "line 26, column 3",
        "keep one; the other is on line 25",
    ),
    "a tab": (lambda text: text.replace("  develop:", "\tdevelop:"), "line 11, column 1", "indent with spaces"),
    "no for a claim": (lambda text: text.replace("randomised: false", "randomised: no"), "line 8, column 1", "write false"),
    "a claim for a text": (
        lambda text: text.replace("title: A tiny pilot", "title: false"),
        "line 3, column 1",
        "put it in quotes",
    ),
    "a scalar of 1 MB": (lambda text: text.replace("A tiny pilot", "x" * 1_000_000), None, "a document holds a plan, not data"),
    "a scalar of 100 KB": (lambda text: text.replace("A tiny pilot", "x" * 100_000), "line 3, column 8", "shorten it"),
    "nesting without end": (lambda text: text.replace("A tiny pilot", "[" * 50_000), "line 3, column 20", "check its brackets"),
}


def broken(folder: Path, change: object) -> Path:
    root = tiny_study(folder / "tiny")
    file = root / "protocol.yaml"
    file.write_text(change(file.read_text(encoding="utf-8")), encoding="utf-8")  # type: ignore[operator]
    return root


def snapshot(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


@pytest.mark.parametrize("name", ROW_45)
def test_row_45_a_document_that_is_not_plain_is_refused_at_its_line_and_column(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    change, where, fix = ROW_45[name]
    root = broken(tmp_path, change)
    before = snapshot(root)
    monkeypatch.chdir(tmp_path)
    assert main(["check", str(root), "--json"]) == 4
    told = json.loads(capsys.readouterr().out)["error"]
    problem = next(one for one in told["problems"] if fix in one["fix"])
    assert problem["where"].startswith("tiny/protocol.yaml") and (where is None or problem["where"].endswith(where))
    assert snapshot(root) == before and not (tmp_path / "owned").exists()


def test_row_45_no_as_a_label_stays_the_word_no(tmp_path: Path) -> None:
    """Where text is expected the bare word is text: an answer labelled No is not a claim that is false."""
    root = broken(tmp_path, lambda text: text.replace("label: 6 months", "label: no"))
    assert read_documents(root).protocol.waves["month_6"].label == "no"


@pytest.mark.parametrize("name", ["billion laughs", "nesting without end", "a scalar of 1 MB"])
def test_row_45_a_bomb_costs_neither_time_nor_memory(tmp_path: Path, name: str) -> None:
    root = broken(tmp_path, ROW_45[name][0])
    tracemalloc.start()
    started = time.process_time()
    with pytest.raises(ProtocolError):
        read_documents(root)
    taken, (_, most) = time.process_time() - started, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert taken < 5 and most < 20_000_000


POLICY = """\
policy: ours
version: 1
says: A result is shown when enough people answered.
threshold: {threshold}
remainder_cells: 2
remainder_people: 11
round_counts_to: 5
extremes_until: 50
"""

ROW_46 = {
    "0": "'threshold' must be at least 2, not '0'.",
    "1": "'threshold' must be at least 2, not '1'.",
    "-5": "'threshold' must be at least 2, not '-5'.",
    "eleven": "'threshold' must be a whole number, not 'eleven'.",
    "'11'": "'threshold' must be a whole number, not '11'.",
    "11.5": "'threshold' must be a whole number, not '11.5'.",
    "true": "'threshold' must be a whole number, not 'true'.",
    "": "'threshold' must be a whole number, not nothing.",
}


@pytest.mark.parametrize("threshold", ROW_46)
def test_row_46_a_policy_with_no_real_threshold_is_refused(
    tmp_path: Path, threshold: str, capsys: pytest.CaptureFixture[str]
) -> None:
    root = broken(tmp_path, lambda text: text.replace("threshold-11", "ours"))
    (root / "policies").mkdir()
    (root / "policies" / "ours.yaml").write_text(POLICY.format(threshold=threshold))
    assert main(["check", str(root), "--json"]) == 4
    (problem,) = json.loads(capsys.readouterr().out)["error"]["problems"]
    assert problem["what"] == ROW_46[threshold] and problem["where"] == "tiny/policies/ours.yaml, line 4, column 1"


@pytest.mark.parametrize("threshold", [one for one in ROW_46 if one])
def test_row_46_a_protocol_with_no_real_threshold_is_refused(tmp_path: Path, threshold: str) -> None:
    root = broken(
        tmp_path, lambda text: text.replace("{disclosure: threshold-11}", f"{{disclosure: threshold-11, threshold: {threshold}}}")
    )
    with pytest.raises(ProtocolError) as caught:
        read_documents(root)
    (problem,) = caught.value.problems
    assert problem.what == ROW_46[threshold] and problem.where.startswith("tiny/protocol.yaml, line 37, column 38")


def test_row_46_a_protocol_may_be_stricter_than_its_policy_never_laxer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stricter = broken(
        tmp_path / "a", lambda text: text.replace("{disclosure: threshold-11}", "{disclosure: threshold-11, threshold: 20}")
    )
    assert read_documents(stricter).policy.threshold == 20
    laxer = broken(
        tmp_path / "b", lambda text: text.replace("{disclosure: threshold-11}", "{disclosure: threshold-11, threshold: 8}")
    )
    assert main(["check", str(laxer), "--json"]) == 4
    (problem,) = json.loads(capsys.readouterr().out)["error"]["problems"]
    assert problem["what"] == "the protocol's threshold of 8 is below the 11 of policy 'threshold-11'."
    assert problem["where"] == "tiny/protocol.yaml, line 37, column 38" and "11 or more" in problem["fix"]


@pytest.mark.parametrize("key", ["version: 1\n", "policy: ours\n"])
def test_row_46_a_policy_is_named_and_versioned(tmp_path: Path, key: str) -> None:
    root = broken(tmp_path, lambda text: text.replace("threshold-11", "ours"))
    (root / "policies").mkdir()
    (root / "policies" / "ours.yaml").write_text(POLICY.format(threshold=11).replace(key, ""))
    with pytest.raises(ProtocolError, match=f"a disclosure policy needs the key '{key.split(':')[0]}'"):
        read_documents(root)


def test_row_46_a_sealed_policy_is_never_lowered(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = tiny_study(tmp_path / "tiny")
    freeze(root, "mary")
    file = root / "protocol.yaml"
    file.write_text(file.read_text().replace("threshold-11", "threshold-10"))
    assert main(["amend", str(root), "--reason", "more to show", "--json"]) == 4
    (problem,) = json.loads(capsys.readouterr().out)["error"]["problems"]
    assert problem["what"] == "the disclosure threshold falls from 11 to 10: what people were promised is kept."


def test_row_47_one_byte_after_the_freeze_is_refused_with_both_hashes_and_the_way_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tiny_study(tmp_path / "tiny")
    freeze(root, "mary")
    file = root / "protocol.yaml"
    sealed = file.read_bytes()
    file.write_bytes(sealed.replace(b"A tiny pilot", b"A tinypilot"))
    with pytest.raises(IntegrityError) as caught:
        check_frozen(read_documents(root))
    (problem,) = caught.value.problems
    assert caught.value.exit_code == 4
    assert sha256(sealed).hexdigest() in problem.where and sha256(file.read_bytes()).hexdigest() in problem.where
    assert "pilot amend tiny --reason '...'" in problem.fix
    assert main(["freeze", str(root), "--json"]) == 4
    assert json.loads(capsys.readouterr().out)["error"]["problems"][0]["what"] == problem.what
    assert amend(root, "a space too many", "mary").number == 2
    assert check_frozen(read_documents(root)) is not None


def test_row_47_the_plan_that_was_frozen_can_be_put_back_from_its_seal(tmp_path: Path) -> None:
    root = tiny_study(tmp_path / "tiny")
    seal = freeze(root, "mary")
    (root / "protocol.yaml").write_bytes((root / "protocol.yaml").read_bytes() + b"#")
    (root / "protocol.yaml").write_bytes(seal.documents["protocol.yaml"].encode())
    assert check_frozen(read_documents(root)) == seal
