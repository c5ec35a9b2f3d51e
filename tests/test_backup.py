"""A study backed up and restored is the same study: same bytes, same answers, same result ids; a damaged archive is refused.

Source: the storage goals (archive with hashes, without keys) and reproducibility goals R1 and R3 of docs/disclosure.md.
"""

import hashlib
import json
import random
import zipfile
from pathlib import Path

import pytest

import evaluation as ev
from evaluation import audit_log
from evaluation.backup import backup, restore
from evaluation.cli.main import main
from evaluation.errors import BusyError, IntegrityError, MachineError, ProtocolError, UsageError
from evaluation.findings import ledger
from evaluation.study import Study, writing
from evaluation.waves import store
from evaluation.waves.erase import erase
from evaluation.waves.load import Arriving, load_wave
from evaluation.waves.people.keys import key_file, make_key
from tests.studies import tiny_wave
from tests.waves.storing import ACTOR, study_in, tree

HEADCOUNTS = {"staff: {label: Staff,": "staff: {label: Staff, headcounts: headcounts/staff.csv,"}


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """Two waves as received, and one result on them."""
    folder = tmp_path_factory.mktemp("backed up")
    study = study_in(folder)
    for wave in ("baseline", "month_12"):
        load_wave(study, Arriving(tiny_wave(folder, wave, people=20), wave, "staff"), actor=ACTOR)
    ev.run(study)
    return study


@pytest.fixture(scope="module")
def archive(study: Study, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return backup(study, tmp_path_factory.mktemp("archive") / "study.zip", actor=ACTOR).file


def test_a_restored_study_gives_the_same_result_by_id_and_number(study: Study, archive: Path, tmp_path: Path) -> None:
    back = restore(archive, tmp_path / "back", actor=ACTOR)
    again = ev.run(back)
    kept = ledger.find(study.results, "R-0001")
    assert (again.result_id, again.result_number) == (kept.id, "R-0001")
    assert [one.id for one in ledger.all_results(back.results)] == [kept.id]
    assert store.version(back) == store.version(study)


def test_every_file_but_received_ones_and_kept_sums_comes_back_to_the_byte(study: Study, archive: Path, tmp_path: Path) -> None:
    back = restore(archive, tmp_path / "back", actor=ACTOR)
    before, after = tree(study.root), tree(back.root)
    left_out = {name.split("/")[0] for name in before.keys() - after.keys()}
    assert left_out == {"inbox", "evidence"}
    assert after.keys() <= before.keys()
    assert {name for name in after if after[name] != before[name]} == {"audit.jsonl"}
    assert [entry.act for entry in audit_log.verify(back.audit_file)][-2:] == ["run", "restored from a backup"]


def test_a_restored_study_takes_the_next_wave_and_recognises_people(archive: Path, tmp_path: Path) -> None:
    back = restore(archive, tmp_path / "back", actor=ACTOR)
    file = tiny_wave(tmp_path, "month_6", people=20)
    load_wave(back, Arriving(file, "month_6", "staff"), actor=ACTOR)
    assert load_wave(
        back, Arriving(tiny_wave(tmp_path, "baseline", people=20), "baseline", "staff"), actor=ACTOR
    ).stored.already_loaded
    assert store.rehash(back).problems == ()


def test_no_key_no_id_and_no_received_file_is_in_the_archive(archive: Path) -> None:
    with zipfile.ZipFile(archive) as packed:
        contents = [packed.read(name) for name in packed.namelist()]
    wanted = [*(line.encode() for line in key_file().read_text().split()), b"P1-0003"]
    assert not [content for content in contents for secret in wanted if secret in content]


def test_a_study_that_holds_its_key_is_not_backed_up(tmp_path: Path) -> None:
    study = study_in(tmp_path)
    store.rehash(study)
    if not key_file().exists():
        main(["wave", "rekey", str(study.root)])
    (study.root / "notes.txt").write_text(f"the key is {key_file().read_text()}")
    with pytest.raises(IntegrityError, match="holds the key of its pseudonyms"):
        backup(study, tmp_path / "study.zip", actor=ACTOR)
    assert not (tmp_path / "study.zip").exists()


def test_a_key_in_a_large_file_is_found_wherever_it_lies_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PILOT_KEY_FILE", str(tmp_path / "keys" / "pilot.key"))
    study = study_in(tmp_path)
    make_key(key_file())
    note, key = study.policies / "notes.md", key_file().read_bytes().strip()
    note.parent.mkdir()
    for before in (0, (1 << 20) - 30, (2 << 20) - 1, 3 << 20):
        note.write_bytes(b"x" * before + key + b"x" * (1 << 20))
        with pytest.raises(IntegrityError, match="holds the key of its pseudonyms") as refusal:
            backup(study, tmp_path / "study.zip", actor=ACTOR)
        assert refusal.value.problems[0].where == "policies/notes.md"
    note.write_bytes(b"x" * (4 << 20) + key[:-1])
    assert backup(study, tmp_path / "study.zip", actor=ACTOR).files == 4


def test_answers_that_lie_about_in_the_study_stay_out_and_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    study = study_in(tmp_path)
    for name in ("answers/a.csv", "answers/b.csv", "simulated/c.csv", "survey.csv"):
        (study.root / name).parent.mkdir(exist_ok=True)
        (study.root / name).write_text("respondent,lived_1\nP1-0003,4\n")
    assert main(["backup", str(study.root), str(tmp_path / "study.zip")]) == 0
    assert "Left out: answers (2 files), simulated (1 file), survey.csv (1 file).\n" in capsys.readouterr().out
    with zipfile.ZipFile(tmp_path / "study.zip") as packed:
        assert not [name for name in packed.namelist() if b"P1-0003" in packed.read(name)]


@pytest.mark.parametrize("link", ["store", "headcounts"])
def test_a_study_in_which_a_part_is_a_link_is_not_backed_up_and_nothing_is_written(link: str, tmp_path: Path) -> None:
    study = study_in(tmp_path, replace=HEADCOUNTS)
    for folder in ("there/store", "there/headcounts"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "there" / "headcounts" / "staff.csv").write_text("organisation,wave,eligible\nP1,,90\n")
    (study.root / link).symlink_to(tmp_path / "there" / link)
    with pytest.raises(IntegrityError, match="a link to another place") as refusal:
        backup(study, tmp_path / "study.zip", actor=ACTOR)
    assert [problem.where for problem in refusal.value.problems] == [link]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["there", "tiny"]


def test_a_restored_study_has_all_that_its_plan_names(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    study = study_in(tmp_path, replace=HEADCOUNTS)
    (study.root / "headcounts").mkdir()
    (study.root / "headcounts" / "staff.csv").write_text("organisation,wave,eligible\nP1,,90\n")
    restore(backup(study, tmp_path / "study.zip", actor=ACTOR).file, tmp_path / "back", actor=ACTOR)
    told = []
    for root in (study.root, tmp_path / "back"):
        assert main(["check", str(root), "--json"]) == 0
        told.append(json.loads(capsys.readouterr().out))
    assert told[0] == told[1]


def test_a_study_whose_plan_cannot_be_read_is_not_backed_up_for_nobody_can_say_what_belongs_to_it(tmp_path: Path) -> None:
    study = study_in(tmp_path)
    study.protocol_file.write_text("protocol: tiny\n")
    with pytest.raises(ProtocolError):
        backup(study, tmp_path / "study.zip", actor=ACTOR)
    assert [path.name for path in tmp_path.iterdir()] == ["tiny"]


def test_a_folder_that_is_not_there_is_told_before_the_store_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    study, read = study_in(tmp_path), []
    monkeypatch.setattr(store, "rehash", lambda study: read.append(study))
    with pytest.raises(MachineError, match="there is no such folder"):
        backup(study, tmp_path / "none" / "study.zip", actor=ACTOR)
    assert not read
    assert not study.audit_file.exists()


def test_every_flipped_bit_and_every_cut_is_found_before_anything_is_unpacked(archive: Path, tmp_path: Path) -> None:
    whole, draw = archive.read_bytes(), random.Random(20250120)
    damaged = tmp_path / "damaged.zip"
    for number in range(120):
        place = [draw.randrange(len(whole)), len(whole) - 1 - number][number % 2]
        content = bytearray(whole)
        content[place] ^= 1 << draw.randrange(8)
        damaged.write_bytes(content if number % 3 else whole[:place])
        with pytest.raises(IntegrityError, match="not a whole backup"):
            restore(damaged, tmp_path / "back", actor=ACTOR)
    assert [path.name for path in tmp_path.iterdir()] == ["damaged.zip"]


def test_an_archive_that_was_changed_and_sealed_again_does_not_pass_its_own_hashes(archive: Path, tmp_path: Path) -> None:
    """Whoever writes a new seal still has to write a log of acts whose hashes fit: here one answer file is another."""
    with zipfile.ZipFile(archive) as packed:
        contents = {name: packed.read(name) for name in packed.namelist()}
    data = next(name for name in contents if name.endswith(".parquet"))
    contents[data] = contents[data][:-1] + b"?"
    for how in ("the list says otherwise", "the list is mended too"):
        with pytest.raises(IntegrityError):
            restore(sealed(contents, tmp_path / f"{how}.zip", mend=how.endswith("too")), tmp_path / "back", actor=ACTOR)


@pytest.mark.parametrize("name", ["../outside.txt", "/etc/outside.txt", "a/../../b", "C:/x", "..\\x"])
def test_an_archive_writes_nothing_outside_its_folder(name: str, tmp_path: Path) -> None:
    file = sealed({"backup.json": b'{"files": {}}', name: b"x"}, tmp_path / "evil.zip", mend=True)
    with pytest.raises(IntegrityError, match="other files than it lists"):
        restore(file, tmp_path / "back", actor=ACTOR)
    assert [path.name for path in tmp_path.iterdir()] == ["evil.zip"]


def sealed(contents: dict[str, bytes], file: Path, *, mend: bool) -> Path:
    """An archive of these contents with a seal that holds, and with a list that fits them when it is mended."""
    listed = json.loads(contents["backup.json"])
    if mend:
        facts = {name: {"sha256": hashlib.sha256(raw).hexdigest(), "bytes": len(raw)} for name, raw in contents.items()}
        listed["files"] = {name: fact for name, fact in facts.items() if name != "backup.json"}
    with zipfile.ZipFile(file, "x") as packed:
        for name, raw in contents.items():
            packed.writestr(name, json.dumps(listed) if name == "backup.json" else raw)
        packed.comment = b"0" * 64
    whole = file.read_bytes()[:-64]
    file.write_bytes(whole + hashlib.sha256(whole).hexdigest().encode())
    return file


def test_a_damaged_study_is_not_backed_up(archive: Path, tmp_path: Path) -> None:
    back = restore(archive, tmp_path / "back", actor=ACTOR)
    (file, *_) = store.responses(back, "staff").files
    file.write_bytes(file.read_bytes()[:-1] + b"?")
    with pytest.raises(IntegrityError, match="has changed since it was written"):
        backup(back, tmp_path / "again.zip", actor=ACTOR)


def test_nothing_is_written_over_and_nothing_inside_the_study(study: Study, archive: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is there already"):
        backup(study, archive, actor=ACTOR)
    with pytest.raises(UsageError, match="inside the study"):
        backup(study, study.root / "study.zip", actor=ACTOR)
    with pytest.raises(UsageError, match="is there already"):
        restore(archive, study.root, actor=ACTOR)
    with pytest.raises(UsageError, match="there is no file"):
        restore(tmp_path / "none.zip", tmp_path / "back", actor=ACTOR)
    with writing(study, "wave load"), pytest.raises(BusyError):
        backup(study, tmp_path / "busy.zip", actor=ACTOR)
    with pytest.raises(MachineError):
        backup(study, tmp_path / "no such folder" / "a.zip", actor=ACTOR)
    assert list(tmp_path.iterdir()) == []


def test_the_commands_back_up_and_restore_and_an_erasure_names_the_backups_before(
    archive: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = tmp_path / "one", tmp_path / "two.zip"
    assert main(["restore", str(archive), str(first), "--as", "Ann Example"]) == 0
    assert main(["backup", str(first), str(second), "--json"]) == 0
    record = json.loads(capsys.readouterr().out.partition("\n")[2])
    assert record["sha256"] == second.read_bytes()[-64:].decode()
    assert main(["backup", str(first), str(second)]) == 2
    second.write_bytes(second.read_bytes()[:-1])
    assert main(["restore", str(second), str(tmp_path / "three")]) == 4
    told = erase(Study(first), "staff", "P1-0003", actor=ACTOR)
    assert len(told.backups) == 2, "the archive that it came from, and its own"
