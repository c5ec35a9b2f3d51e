"""Nothing that changed after it was written is read: a flipped bit in Parquet is otherwise a silently wrong number.

Goals: every single-bit flip and truncation in data, commits and log of acts is found (storage goals I3 and I6).
"""

import random
from pathlib import Path

import pytest

from evaluation.errors import IntegrityError
from evaluation.study import Study
from evaluation.waves import store
from tests.waves.storing import ACTOR, arriving, only, study_in


@pytest.fixture(scope="module")
def intact(tmp_path_factory: pytest.TempPathFactory) -> Study:
    study = study_in(tmp_path_factory.mktemp("intact"))
    for wave in ("baseline", "month_6"):
        store.load(study, arriving(study, wave), actor=ACTOR)
    store.load(study, only(arriving(study, "month_6", seed=2), "P1"), actor=ACTOR, supersede=True, reason="corrected")
    return study


def files_of(study: Study) -> list[Path]:
    """Everything that the newest version is read from."""
    commits = sorted((study.store / "staff" / "_delta_log").glob("*.json"))
    return [*store.responses(study, "staff").files, *commits, study.audit_file]


def places(count: int) -> list[tuple[int, float, int]]:
    """Which file, where in it, and which bit; seeded, so that a failure can be repeated."""
    draw = random.Random(20250120)
    return [(draw.randrange(8), draw.random(), draw.randrange(8)) for _ in range(count)]


def test_the_undamaged_store_passes(intact: Study) -> None:
    assert store.responses(intact, "staff").version == 3
    assert store.rehash(intact).problems == ()
    assert len(files_of(intact)) == 7


@pytest.mark.parametrize(("file", "place", "bit"), places(40))
def test_a_flipped_bit_is_found_wherever_it_is(intact: Study, file: int, place: float, bit: int) -> None:
    files = files_of(intact)
    path = files[file % len(files)]
    whole = path.read_bytes()
    damaged = bytearray(whole)
    damaged[int(place * len(whole))] ^= 1 << bit
    refused(intact, path, bytes(damaged))


@pytest.mark.parametrize("bit", range(8))
def test_a_flip_in_the_last_line_end_of_the_log_is_no_unfinished_line(intact: Study, bit: int) -> None:
    whole = bytearray(intact.audit_file.read_bytes())
    whole[-1] ^= 1 << bit
    refused(intact, intact.audit_file, bytes(whole))


@pytest.mark.parametrize("share", [0.0, 0.3, 0.7, 0.99])
def test_a_file_cut_short_is_found(intact: Study, share: float) -> None:
    for path in files_of(intact)[:-1]:
        whole = path.read_bytes()
        refused(intact, path, whole[: int(share * len(whole))])


def refused(study: Study, path: Path, damaged: bytes) -> None:
    """Reading is refused while `path` holds `damaged`, naming the file, and `doctor` finds it too."""
    whole = path.read_bytes()
    path.write_bytes(damaged)
    try:
        with pytest.raises(IntegrityError) as refusal:
            store.responses(study, "staff")
        assert path.name in refusal.value.problems[0].where
        if path.suffix != ".jsonl":
            assert any(path.name in problem.where for problem in store.rehash(study).problems)
    finally:
        path.write_bytes(whole)


def test_a_missing_file_is_named(intact: Study) -> None:
    for path in files_of(intact)[:-1]:
        aside = path.rename(path.with_name("aside"))
        try:
            with pytest.raises(IntegrityError, match="is missing") as refusal:
                store.responses(intact, "staff")
            assert path.name in refusal.value.problems[0].where
        finally:
            aside.rename(path)


def test_a_store_without_its_log_of_acts_is_not_read(intact: Study) -> None:
    aside = intact.audit_file.rename(intact.root / "aside")
    try:
        with pytest.raises(IntegrityError, match="a commit that no load of this study made"):
            store.responses(intact, "staff")
    finally:
        aside.rename(intact.audit_file)


@pytest.mark.parametrize("name", ["00000000000000000004.json", "_last_checkpoint", "00000000000000000003.checkpoint.parquet"])
def test_a_commit_of_another_program_is_refused(intact: Study, name: str) -> None:
    folder = intact.store / "staff" / "_delta_log"
    (folder / name).write_bytes((folder / "00000000000000000003.json").read_bytes())
    try:
        with pytest.raises(IntegrityError, match="a commit that no load of this study made") as refusal:
            store.responses(intact, "staff")
        assert name in refusal.value.problems[0].where
    finally:
        (folder / name).unlink()


def test_damage_to_an_old_version_is_found_by_re_hashing_and_leaves_the_newest_readable(intact: Study) -> None:
    (old,) = set(store.responses(intact, "staff", version=2).files) - set(store.responses(intact, "staff").files)
    whole = old.read_bytes()
    old.write_bytes(whole[:-1])
    try:
        assert store.responses(intact, "staff").version == 3
        with pytest.raises(IntegrityError):
            store.responses(intact, "staff", version=2)
        (problem,) = store.rehash(intact).problems
        assert old.name in problem.where
    finally:
        old.write_bytes(whole)


def test_a_damaged_store_takes_no_further_load(intact: Study) -> None:
    path = store.responses(intact, "staff").files[0]
    commit = intact.store / "staff" / "_delta_log" / "00000000000000000002.json"
    whole = commit.read_bytes()
    commit.write_bytes(whole.replace(b"month_6", b"month_7"))
    try:
        with pytest.raises(IntegrityError, match="has changed since it was made"):
            store.load(intact, arriving(intact, "month_12"), actor=ACTOR)
        assert path.is_file()
    finally:
        commit.write_bytes(whole)
