"""A new key: every pseudonym is another one, nobody is lost, and the old key alone recognises nobody. Source: privacy goal P1."""

import hmac
import os
import stat
from pathlib import Path

import polars as pl
import pytest

import evaluation as ev
from evaluation.audit_log import verify
from evaluation.cli.main import main
from evaluation.errors import BusyError, MachineError
from evaluation.study import Study, holding
from evaluation.waves import rekey as rekeying
from evaluation.waves import store
from evaluation.waves.erase import erase
from evaluation.waves.people.keys import Key, add_key, key_file, read_key
from evaluation.waves.rekey import rekey
from evaluation.waves.storage import rewrite as store_rewrite
from tests.waves.storing import ACTOR, arriving, only, pseudonym, study_in, tree

pytestmark = pytest.mark.usefixtures("own_key")


@pytest.fixture
def study(tmp_path: Path) -> Study:
    study = study_in(tmp_path)
    for wave in ("baseline", "month_6"):
        store.load(study, arriving(study, wave), actor=ACTOR)
    store.load(study, only(arriving(study, "month_6", seed=2), "P1"), actor=ACTOR, supersede=True, reason="corrected")
    return study


def people(study: Study, version: int | None = None) -> pl.DataFrame:
    files = store.responses(study, "staff", version).files
    return pl.concat([pl.read_parquet(path) for path in files], how="diagonal")


def test_a_chain_of_keys_makes_of_an_id_what_each_makes_of_the_pseudonym_before() -> None:
    first, second = Key(b"a" * 32), Key(b"b" * 32, (b"a" * 32,))
    third = Key(b"c" * 32, (b"a" * 32, b"b" * 32))
    parts = pl.DataFrame({"study": ["study"] * 2, "person": ["P1-0001", "P1-0002"]})
    of_first, of_id, of_third = (key.pseudonyms(parts) for key in (first, second, third))
    digits = (b"b" * 32).hex().encode()
    expected = [hmac.new(digits, one.encode(), "sha256").hexdigest()[:32] for one in of_first.to_list()]
    assert of_id.to_list() == second.taking_over(first.mark)(of_first).to_list() == expected
    assert not set(of_id) & set(of_first)
    assert third.taking_over(second.mark)(of_id).to_list() == of_third.to_list()
    assert len({first.mark, second.mark, third.mark}) == 3


def test_every_pseudonym_of_every_version_is_another_one_and_stands_for_the_same_person(study: Study) -> None:
    before, mark = {version: people(study, version) for version in (1, 2, 3)}, read_key(study.root).mark
    rekey(study, actor=ACTOR)
    made = read_key(study.root).taking_over(mark)
    for version, old in before.items():
        new = people(study, version)
        assert not set(old["respondent"]) & set(new["respondent"])
        expected = old.with_columns(respondent=made(old["respondent"]))
        assert new.sort(new.columns).equals(expected.sort(new.columns))
    assert store.rehash(study).problems == ()


def test_no_old_pseudonym_is_left_in_any_byte(study: Study) -> None:
    old = set(people(study)["respondent"])
    rekey(study, actor=ACTOR)
    for path in study.root.rglob("*.parquet"):
        assert not old & set(pl.read_parquet(path)["respondent"])
    assert not [name for name, content in tree(study.root).items() for one in old if one.encode() in content]


def test_people_are_recognised_in_waves_from_before_and_after(study: Study) -> None:
    rekey(study, actor=ACTOR)
    store.load(study, arriving(study, "month_12"), actor=ACTOR)
    rows = people(study)
    waves = {wave: set(part["respondent"]) for (wave,), part in rows.group_by("wave")}
    assert waves["month_12"] == waves["baseline"] == waves["month_6"]


def test_the_same_answers_are_still_recognised_and_the_results_are_the_same(study: Study) -> None:
    before = ev.run(study)
    rekey(study, actor=ACTOR)
    assert store.load(study, arriving(study, "baseline"), actor=ACTOR).already_loaded
    after = ev.run(study)
    columns = ["estimand", "estimate", "std_error", "p_value"]
    assert before.tidy()[columns].equals(after.tidy()[columns])


def test_the_old_key_alone_recognises_nobody(study: Study) -> None:
    leaked = key_file().read_text().split()
    rekey(study, actor=ACTOR)
    (old,) = leaked
    guessed = pseudonym(Key(bytes.fromhex(old)), "P1-0003")
    assert guessed not in set(people(study)["respondent"])
    assert key_file().read_text().split()[0] == old


def test_a_study_that_was_not_changed_goes_on_with_its_own_key(study: Study, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = study_in(tmp_path / "other")
    store.load(other, arriving(other, "baseline"), actor=ACTOR)
    rekey(study, actor=ACTOR)
    store.load(other, arriving(other, "month_6"), actor=ACTOR)
    waves = {wave: set(part["respondent"]) for (wave,), part in people(other).group_by("wave")}
    assert waves["baseline"] == waves["month_6"]
    rekey(other, actor=ACTOR)
    store.load(other, arriving(other, "month_12"), actor=ACTOR)
    assert people(other)["respondent"].n_unique() == 48
    store.load(study, arriving(study, "month_12"), actor=ACTOR)
    assert people(study)["respondent"].n_unique() == 48


def test_a_new_key_twice_and_an_erasure_after(study: Study) -> None:
    rekey(study, actor=ACTOR)
    rekey(study, actor=ACTOR)
    erase(study, "staff", "P1-0003", actor=ACTOR)
    assert people(study).height == 94
    assert store.load(study, arriving(study, "month_12"), actor=ACTOR).rows_in_wave == 48
    assert people(study)["respondent"].n_unique() == 48


def test_the_act_is_logged_with_no_key_in_it(study: Study) -> None:
    found = rekey(study, actor="dpo")
    assert found.versions == {"staff": 4}
    assert (verify(study.audit_file)[-1].act, verify(study.audit_file)[-1].actor) == ("pseudonyms re-made", "dpo")
    for secret in key_file().read_text().split():
        assert not [name for name, content in tree(study.root).items() if secret.encode() in content]


@pytest.mark.skipif(os.name != "posix", reason="file modes are a POSIX matter")
def test_the_file_of_keys_stays_its_owners_only(study: Study) -> None:
    rekey(study, actor=ACTOR)
    assert stat.S_IMODE(key_file().stat().st_mode) == 0o600
    assert len(key_file().read_text().split()) == 2


def test_two_commands_that_add_a_key_at_once_do_not_lose_one(study: Study) -> None:
    beside = key_file().with_name(f"{key_file().name}.lock")
    with holding(beside, "adding a key"), pytest.raises(BusyError, match="the file of keys is busy: held by 'adding a key'"):
        add_key(study.root)
    key_file().with_name(f"{key_file().name}.next").write_text("left by a command that died")
    assert read_key(study.root).mark != add_key(study.root).mark
    assert len(key_file().read_text().split()) == 2
    assert sorted(path.name for path in key_file().parent.iterdir()) == [key_file().name]


class PowerCut(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("name", ["write", "begin", "finish"])
def test_a_power_cut_leaves_one_whole_table_under_a_key_that_is_in_the_file(study: Study, name: str) -> None:
    def cut(*_: object, **__: object) -> None:
        raise PowerCut

    with pytest.MonkeyPatch.context() as patch, pytest.raises(PowerCut):
        patch.setattr(store_rewrite, name, cut)
        rekey(study, actor=ACTOR)
    store.load(study, arriving(study, "month_12"), actor=ACTOR)
    assert people(study)["respondent"].n_unique() == 48
    assert len(list(study.store.iterdir())) == 1
    rekey(study, actor=ACTOR)
    assert people(study)["respondent"].n_unique() == 48


def test_without_the_key_in_use_nothing_is_changed(study: Study) -> None:
    before = tree(study.store)
    key_file().unlink()
    with pytest.raises(MachineError, match="is not there"):
        rekey(study, actor=ACTOR)
    assert tree(study.store) == before
    assert not key_file().exists()


def test_a_study_without_pseudonyms_gets_its_key_and_nothing_else(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    study = study_in(tmp_path)
    assert rekeying.rekey(study, actor=ACTOR).versions == {}
    assert main(["wave", "rekey", str(study.root)]) == 0
    assert "nobody has a pseudonym yet" in capsys.readouterr().out
