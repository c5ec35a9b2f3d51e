"""Stopped anywhere, the store is at the old or the new version, never between; the next load puts things straight.

Goals: acknowledged loads lost 0, half loads seen 0, repairs by hand 0; a second writer is told within a second; a full or
read-only disk ends with exit code 7 and the old version served (storage goals I1, I2 and I4).
"""

import errno
import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl
import pytest
from deltalake import DeltaTable

from evaluation.audit_log import verify
from evaluation.errors import BusyError, MachineError
from evaluation.study import Study, writing
from evaluation.waves import store
from evaluation.waves.storage import write as store_write
from tests.waves.nursery import Nursery, nursery_open
from tests.waves.storing import ACTOR, arriving, only, study_in, tree


class PowerCut(BaseException):
    """The process ends here: nothing of it runs on, no handler, no clearing up."""


@pytest.fixture
def study(tmp_path: Path) -> Study:
    study = study_in(tmp_path)
    store.load(study, arriving(study, "baseline"), actor=ACTOR)
    return study


def cut(*_: object, **__: object) -> None:
    raise PowerCut


def cut_before(name: str, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(store_write, name, cut)


def cut_in_commit(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(DeltaTable, "create_write_transaction", cut)


def cut_after_commit(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(store_write, "confirm", cut)


def cut_with_a_torn_commit(patch: pytest.MonkeyPatch) -> None:
    def torn(table: DeltaTable, *_: object, **__: object) -> None:
        folder = Path(table.table_uri.removeprefix("file://")) / "_delta_log"
        (folder / f"{table.version() + 1:020d}.json").write_bytes(b"")
        (folder / "_commit_0.json.tmp").write_bytes(b"{")
        raise PowerCut

    patch.setattr(DeltaTable, "create_write_transaction", torn)


def cut_writing_the_file(patch: pytest.MonkeyPatch) -> None:
    def half(path: Path, content: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content[: len(content) // 2])
        raise PowerCut

    patch.setattr(store_write, "write", half)


CUTS: dict[str, tuple[Callable[[pytest.MonkeyPatch], None], bool]] = {
    "while the data file is written": (cut_writing_the_file, False),
    "before the line that it begins": (lambda patch: cut_before("append", patch), False),
    "before the commit": (cut_in_commit, False),
    "in the commit": (cut_with_a_torn_commit, False),
    "after the commit, before its confirmation": (cut_after_commit, True),
}
"""When, how, and whether the load is complete once the next one has settled it."""


@pytest.mark.parametrize("when", CUTS)
def test_a_power_cut_leaves_the_old_version_and_the_next_load_puts_things_straight(when: str, study: Study) -> None:
    how, complete = CUTS[when]
    later = arriving(study, "month_6")
    with pytest.MonkeyPatch.context() as patch, pytest.raises(PowerCut):
        how(patch)
        store.load(study, later, actor=ACTOR)
    seen = store.responses(study, "staff")
    assert (seen.version, len(seen.files)) == (1, 1)
    again = store.load(study, later, actor=ACTOR)
    assert again.already_loaded is complete
    assert again.rows_in_wave == 48
    parquet = set((study.store / "staff").rglob("*.parquet"))
    assert parquet == set(store.responses(study, "staff").files)
    assert all(path.suffix == ".json" for path in (study.store / "staff" / "_delta_log").iterdir())
    assert store.rehash(study).unfinished == 0


def test_a_cut_in_the_first_load_leaves_an_empty_table_that_the_next_load_fills(tmp_path: Path) -> None:
    study = study_in(tmp_path)
    baseline = arriving(study, "baseline")
    with pytest.MonkeyPatch.context() as patch, pytest.raises(PowerCut):
        cut_in_commit(patch)
        store.load(study, baseline, actor=ACTOR)
    assert store.version(study) == {}
    assert store.load(study, baseline, actor=ACTOR).version == 1
    assert [entry.act for entry in verify(study.audit_file)][1:] == [
        "wave load begun",
        "wave load given up",
        "wave load begun",
        "wave loaded",
    ]


def test_a_half_written_file_behind_a_whole_commit_is_refused_not_confirmed(study: Study) -> None:
    with pytest.MonkeyPatch.context() as patch, pytest.raises(PowerCut):
        cut_after_commit(patch)
        store.load(study, arriving(study, "month_6"), actor=ACTOR)
    (written,) = set((study.store / "staff").rglob("*.parquet")) - set(store.responses(study, "staff").files)
    written.write_bytes(written.read_bytes()[:-9])
    with pytest.raises(Exception, match="its data file is not what it began to write"):
        store.load(study, arriving(study, "month_6"), actor=ACTOR)
    assert store.responses(study, "staff").version == 1


def full_at(patch: pytest.MonkeyPatch, owner: object, name: str, skip: int = 0) -> None:
    """Let the disk be full at the call after `skip` ones of `owner.name`."""
    real, calls = getattr(owner, name), [0]

    def full(*given: object, **named: object) -> object:
        calls[0] += 1
        if calls[0] > skip:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(*given, **named)

    patch.setattr(owner, name, full)


FULL: dict[str, tuple[object, str, int, bool]] = {
    "making the folder": (Path, "mkdir", 0, False),
    "settling the data file": (os, "fsync", 0, False),
    "the line that it begins": (store_write, "append", 0, False),
    "Delta's commit": (DeltaTable, "create_write_transaction", 0, False),
    "the line that confirms": (store_write, "append", 1, True),
}


@pytest.mark.parametrize("where", FULL)
def test_a_full_disk_at_any_step_is_the_computers_fault_and_keeps_the_old_version(where: str, study: Study) -> None:
    owner, name, skip, complete = FULL[where]
    before, later = tree(study.store), arriving(study, "month_6")
    with pytest.MonkeyPatch.context() as patch, pytest.raises(MachineError, match="No space left on device") as refusal:
        full_at(patch, owner, name, skip)
        store.load(study, later, actor=ACTOR)
    assert refusal.value.exit_code == 7
    assert store.responses(study, "staff").version == 1
    if not complete:
        assert tree(study.store) == before
    assert store.load(study, later, actor=ACTOR).already_loaded is complete


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    if os.name != "posix":
        pytest.skip("forking, SIGKILL and file size limits are POSIX")
    with nursery_open() as nursery:
        yield nursery


def test_killed_at_random_no_acknowledged_load_is_lost_and_none_is_half_there(nursery: Nursery, tmp_path: Path) -> None:
    study, draw, acknowledged = study_in(tmp_path), random.Random(7), set[tuple[str, str]]()
    for _ in range(8):
        child = nursery.start("all", study)
        time.sleep(draw.uniform(0.0, 0.25))
        os.kill(child, signal.SIGKILL)
        told, ended = nursery.rest()
        assert ended in (0, -signal.SIGKILL)
        acknowledged |= {(wave, organisation) for wave, organisation, _ in told}
        assert acknowledged <= held(study)
    nursery.start("all", study)
    told, ended = nursery.rest()
    assert ended == 0
    assert all(was_there == "True" or (wave, organisation) not in acknowledged for wave, organisation, was_there in told)
    assert len(held(study)) == len(told) == 24
    assert store.rehash(study).problems == ()


def test_readers_beside_a_writer_see_whole_versions_only(study: Study, nursery: Nursery) -> None:
    nursery.start("all", study)
    reads = seen = 0
    while seen < 24:
        now = len(held(study))
        assert now >= max(seen, 8)
        reads, seen = reads + 1, now
    assert nursery.rest()[1] == 0
    assert reads > 3


def test_a_limit_on_file_size_is_met_by_every_writer_of_a_load(study: Study, nursery: Nursery) -> None:
    nursery.start("limits", study)
    told, ended = nursery.rest()
    assert (told, ended) == ([(limit, "7", "1") for limit in ("600", "1500", "4000", "8000")], 0)
    assert store.load(study, arriving(study, "month_6", people=30), actor=ACTOR).rows_in_wave == 240


def held(study: Study) -> set[tuple[str, str]]:
    """Organisations and waves in the store, each with all its six rows."""
    if "staff" not in store.version(study):
        return set()
    rows = pl.concat([pl.read_parquet(path) for path in store.responses(study, "staff").files])
    counts = rows.group_by("wave", "organisation").len()
    assert set(counts["len"]) == {6}
    return set(zip(counts["wave"], counts["organisation"], strict=True))


def test_a_second_writer_is_told_who_is_busy_and_readers_never_wait(study: Study) -> None:
    later = arriving(study, "month_6")
    with writing(study, "wave load month_6 staff"):
        with pytest.raises(BusyError, match=r"'wave load month_6 staff' \(process") as refusal:
            store.load(study, later, actor=ACTOR)
        assert store.responses(study, "staff").version == 1
    assert refusal.value.exit_code == 6
    assert store.load(study, later, actor=ACTOR).version == 2


def test_order_is_by_version_when_the_clock_is_set_back(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    year_ago = time.time() - 365 * 86400
    monkeypatch.setattr(store_write.time, "time", lambda: year_ago)
    mended = only(arriving(study, "baseline", seed=5), "P1")
    store.load(study, mended, actor=ACTOR, supersede=True, reason="corrected")
    assert store.loads(study)["state"].tolist() == ["partly replaced", "stands"]
    assert store.responses(study, "staff").version == 2
