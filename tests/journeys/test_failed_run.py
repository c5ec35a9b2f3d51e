"""A run that fails leaves the last result and the last preview as they were, says why, and the next good run works.

Goals: bad-input table rows 47 to 51; exit codes of the command-line contract (4 integrity, 6 busy, 7 disk).
"""

import errno
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dashboards.reader import Reader
from evaluation import audit_log
from evaluation.release.publish import read_release
from evaluation.study import Study, writing
from tests.conftest import REPOSITORY
from tests.journeys.line import Said, load, pilot
from tests.studies import tiny_frame, tiny_study


@dataclass(frozen=True)
class Waiting:
    """A study with a result and a preview, and then new answers: the next run would make R-0002."""

    root: Path

    def published(self) -> dict[str, bytes]:
        """Every file of results and releases."""
        files = [path for part in ("results", "releases") for path in (self.root / part).rglob("*") if path.is_file()]
        return {str(path.relative_to(self.root)): path.read_bytes() for path in files}

    def preview(self) -> str:
        """Which result the board would be shown."""
        return read_release(self.root / "releases" / "preview").result_number

    def stored(self) -> Path:
        """A data file of the store."""
        return next((self.root / "store").rglob("*.parquet"))

    def run(self) -> Said:
        """One more run."""
        return pilot("run", self.root, "--json")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("failed")
    root = tiny_study(folder / "study")
    load(root, {wave: tiny_frame(wave, people=20) for wave in ("baseline", "month_12")})
    assert pilot("run", root).code == 0
    load(root, {"month_6": tiny_frame("month_6", people=20)})
    return root


@pytest.fixture
def study(made: Path, tmp_path: Path) -> Waiting:
    return Waiting(Path(shutil.copytree(made, tmp_path / "study")))


def flip(path: Path) -> None:
    """Turn over one bit in the middle."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def rewrite(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def commit_of(study: Waiting) -> Path:
    return max((study.root / "store" / "staff" / "_delta_log").glob("*.json"))


BROKEN: dict[str, tuple[Callable[[Waiting], Path], Callable[[Path], object], str]] = {
    "one bit of a data file is flipped": (Waiting.stored, flip, "a data file has changed since it was written"),
    "a data file is gone": (Waiting.stored, Path.unlink, "a data file is missing"),
    "a commit of the store was edited": (commit_of, flip, "store/staff/_delta_log"),
    "a line of the log of acts was edited":
        (lambda s: s.root / "audit.jsonl", lambda f: rewrite(f, '"baseline"', '"month_6"'), "the log of acts is not what was written"),
    "a kept result was edited":
        (lambda s: s.root / "results" / "R-0001" / "result.json", lambda f: rewrite(f, "Improved", "Got worse"), "result R-0001 is not"),
    "the protocol has a key that nobody reads":
        (lambda s: s.root / "protocol.yaml", lambda f: rewrite(f, "confidence:", "confidance:"), "protocol.yaml, line 34"),
    "the protocol is no YAML": (lambda s: s.root / "protocol.yaml", lambda f: rewrite(f, "arms:", "arms: ["), "protocol.yaml, line"),
    "the protocol is empty": (lambda s: s.root / "protocol.yaml", lambda f: f.write_bytes(b""), "protocol.yaml"),
    "an instrument is gone": (lambda s: s.root / "instruments" / "values.yaml", Path.unlink, "instrument"),
    "the register is gone": (lambda s: s.root / "organisations.csv", Path.unlink, "organisations.csv"),
    "the note that data are simulated cannot be read":
        (lambda s: s.root / "simulated.json", lambda f: f.write_text("{"), "simulated.json"),
}
"""What is broken, where, and what the message names."""


@pytest.fixture(scope="module")
def broken(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Waiting:
    """One study that is broken and put right again and again."""
    return Waiting(Path(shutil.copytree(made, tmp_path_factory.mktemp("broken") / "study")))


@pytest.mark.parametrize("what", BROKEN)
def test_what_is_broken_is_refused_with_exit_4_and_named(what: str, broken: Waiting) -> None:
    place, damage, named = BROKEN[what]
    file = place(broken)
    whole = file.read_bytes() if file.exists() else None
    damage(file)
    published = broken.published()
    said = broken.run()
    assert said.code == 4, said.out + said.err
    problems = said.record["error"]["problems"]
    assert named in " ".join(f"{one['what']} {one['where']}" for one in problems)
    assert all(one["fix"] for one in problems), "every refusal says what puts it right"
    assert broken.published() == published
    assert broken.preview() == "R-0001"
    file.unlink(missing_ok=True) if whole is None else file.write_bytes(whole)


def test_once_all_is_put_right_the_next_run_works(broken: Waiting) -> None:
    assert broken.run().code == 0
    assert broken.preview() == "R-0002"


def test_a_plan_changed_by_one_byte_after_the_freeze_is_refused_until_it_is_amended(study: Waiting) -> None:
    assert pilot("freeze", study.root).code == 0
    published = study.published()
    rewrite(study.root / "protocol.yaml", "0.3 points, says: see", "0.4 points, says: see")
    said = study.run()
    assert said.code == 4
    assert "amend" in said.record["error"]["problems"][0]["fix"]
    assert study.published() == published
    assert pilot("amend", study.root, "--reason", "a slip of the pen").code == 0
    assert study.run().code == 0
    frozen = read_release(study.root / "releases" / "preview").study.frozen
    assert frozen is not None
    assert frozen.number == 2


FAILING = [
    pytest.param("kept.json", errno.ENOSPC, id="evidence, disk full"),
    pytest.param("result.json", errno.EDQUOT, id="result, quota"),
    pytest.param("audit.jsonl", errno.ENOSPC, id="log of acts, disk full"),
    pytest.param(".release.json", errno.ENOSPC, id="preview, disk full"),
    pytest.param(".release.json", errno.EACCES, id="preview, permission lost"),
]


def full_disk(patch: pytest.MonkeyPatch, part: str, fault: BaseException) -> None:
    """From now on a file whose path holds `part` takes a hundred characters and then fails."""
    real = Path.open

    def opened(self: Path, *args: Any, **kwargs: Any) -> Any:
        stream = real(self, *args, **kwargs)
        if part in str(self) and stream.writable():
            written = stream.write

            def write(content: Any) -> int:
                written(content[:100])
                stream.flush()
                raise fault

            stream.write = write
        return stream

    patch.setattr(Path, "open", opened)


@pytest.mark.parametrize(("part", "reason"), FAILING)
def test_a_disk_that_fails_at_any_step_ends_with_exit_7_and_the_preview_before(part: str, reason: int, study: Waiting) -> None:
    published = study.published()
    with pytest.MonkeyPatch.context() as patch:
        full_disk(patch, part, OSError(reason, os.strerror(reason)))
        said = study.run()
    assert said.code == 7, said.out + said.err
    assert os.strerror(reason) in said.record["error"]["problems"][0]["what"]
    now = study.published()
    assert now.items() >= published.items()
    assert set(now) - set(published) <= {"results/R-0002/result.json"}, "nothing half-written is left"
    assert study.preview() == "R-0001"
    assert study.run().code == 0
    assert study.preview() == "R-0002"
    logged = [entry.details["number"] for entry in audit_log.verify(study.root / "audit.jsonl") if entry.act == "run"]
    assert logged in (["R-0001", "R-0002"], ["R-0001", "R-0002", "R-0002"]), "a preview is logged before it is published"


PROGRAM = """
import os, signal, sys
import evaluation.run
from evaluation.cli.main import main
place = sys.modules["evaluation.run"]
place.compose = lambda *args, **kwargs: os.kill(os.getpid(), signal.SIGKILL)
main(["run", sys.argv[1]])
"""


def made_good(study: Waiting) -> None:
    """The next run gives the result that the broken one would have given, and leaves no litter."""
    assert pilot("results", "list", study.root).code == 0
    assert study.run().code == 0
    assert study.preview() == "R-0002"
    assert sorted(path.name for path in (study.root / "results").iterdir()) == ["R-0001", "R-0002"]
    assert [path.name for path in (study.root / "releases" / "preview").iterdir()] == ["release.json"]


def test_a_run_that_is_killed_between_result_and_preview_is_made_good_by_the_next(study: Waiting) -> None:
    published = study.published()
    killed = subprocess.run([sys.executable, "-c", PROGRAM, str(study.root)], cwd=REPOSITORY, capture_output=True, timeout=120)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert (study.root / ".lock").exists(), "the dead process still holds the lock"
    assert set(study.published()) - set(published) == {"results/R-0002/result.json"}
    assert study.preview() == "R-0001"
    made_good(study)


class PowerCut(BaseException):
    """The process ends here: no handler of it runs."""


@pytest.mark.parametrize("part", ["result.json", ".release.json"])
def test_what_a_power_cut_leaves_half_written_is_never_read_and_is_cleared_away(part: str, study: Waiting) -> None:
    published = study.published()
    with pytest.MonkeyPatch.context() as patch, pytest.raises(PowerCut):
        full_disk(patch, part, PowerCut())
        study.run()
    assert study.published().items() >= published.items()
    assert any(path.endswith(".new") or ".new/" in path for path in study.published()), "half of it is there"
    assert study.preview() == "R-0001"
    made_good(study)


def test_a_run_beside_another_writer_is_refused_with_exit_6_naming_it(study: Waiting) -> None:
    published = study.published()
    with writing(Study(study.root), "wave load month_6 staff"):
        said = study.run()
    assert said.code == 6
    assert "held by 'wave load month_6 staff'" in said.record["error"]["problems"][0]["what"]
    assert study.published() == published
    assert study.run().code == 0


def test_the_site_shows_the_last_good_preview_while_the_newest_cannot_be_read(study: Waiting) -> None:
    reader = Reader(study.root / "releases")
    assert reader.read().release is not None
    file = study.root / "releases" / "preview" / "release.json"
    file.write_bytes(file.read_bytes()[:500])
    shelf = reader.read()
    assert shelf.release is not None
    assert "cannot be read" in shelf.trouble
    assert study.run().code == 0
    shelf = reader.read()
    assert shelf.release is not None
    assert (shelf.release.result_number, shelf.trouble) == ("R-0002", "")


def test_the_same_answers_run_again_keep_their_number_and_the_log_says_so(study: Waiting) -> None:
    assert study.run().record["result_number"] == "R-0002"
    assert study.run().record["result_number"] == "R-0002"
    assert len(list((study.root / "results").iterdir())) == 2
