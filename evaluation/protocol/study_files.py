"""What a study is, file by file: its documents, the tables that its plan names, its store, results, releases and log.

Everything else in the folder is somebody's own or may name people: files as received, wherever they lie, kept sums, notes. A list
of what belongs says so of names that nobody thought of; a list of what does not would let them through.
"""

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from evaluation.errors import IntegrityError, Problem
from evaluation.protocol.model import Protocol
from evaluation.protocol.policy_files import SUFFIXES
from evaluation.study import Study

_DOCUMENTS = ("values.yaml", "wave-checks.yaml", "simulation.yaml", "README.md")
"""Documents beside the plan, in the study's folder itself."""
_NOTES = ".md"


@dataclass(frozen=True)
class StudyFiles:
    """Files that belong to the study in folder `root`, and what else lies in the folder; both sorted."""

    root: Path
    belong: tuple[Path, ...]
    others: tuple[Path, ...]

    def counts(self) -> dict[str, int]:
        """How many other files there are, by the name of what they lie in."""
        return dict(Counter(path.relative_to(self.root).parts[0] for path in self.others))


def study_files(study: Study, protocol: Protocol) -> StudyFiles:
    """The files of a study and what else lies in its folder, the lock aside; links are listed among the others, not followed.

    Raises:
        IntegrityError: a file or folder that belongs to the study is a link to elsewhere; names every one.
    """
    belong = {path for path in _belonging(study, protocol) if path.is_file() or path.is_symlink()}
    if links := sorted({link for path in belong for link in _links(study.root, path)}):
        raise IntegrityError(_link(study.root, link) for link in links)
    strange = {path for path in _below(study.root) if not path.name.startswith(study.lock_file.name)} - belong
    return StudyFiles(study.root, tuple(sorted(belong)), tuple(sorted(strange)))


def tables_of(protocol: Protocol) -> tuple[str, ...]:
    """Names of the tables that a plan is made of: register, headcounts, records and national figures."""
    headcounts = (one.headcounts for one in protocol.populations.values())
    records = (one.records for one in protocol.measures.values())
    benchmarks = (one.benchmark for one in protocol.estimands.values())
    named = (name for name in (*headcounts, *records, *benchmarks) if name is not None)
    return tuple(dict.fromkeys([protocol.organisations, *named]))


def _belonging(study: Study, protocol: Protocol) -> Iterator[Path]:
    """Documents and tables, and what commands write that cannot be worked out again; not all of it need be there."""
    yield from (study.root / name for name in (study.protocol_file.name, *_DOCUMENTS, *tables_of(protocol)))
    for folder in (study.instruments, study.mappings, study.policies):
        yield folder
        yield from (path for path in _below(folder) if path.suffix in (*SUFFIXES, _NOTES) and path.parent == folder)
    for place in (study.frozen, study.store, study.results, study.releases, study.audit_file, study.simulated_file):
        yield place
        yield from _below(place)


def _below(folder: Path) -> Iterator[Path]:
    """Every file and every link in a folder, however deep; links are not followed."""
    for place, folders, files in os.walk(folder):
        yield from (Path(place, name) for name in files)
        yield from (path for name in folders if (path := Path(place, name)).is_symlink())


def _links(root: Path, path: Path) -> Iterator[Path]:
    """The parts of a path below the study's folder that are links."""
    parts = path.relative_to(root).parts
    yield from (place for depth in range(len(parts)) if (place := root.joinpath(*parts[: depth + 1])).is_symlink())


def _link(root: Path, link: Path) -> Problem:
    return Problem(
        "a part of the study is a link to another place.",
        link.relative_to(root).as_posix(),
        "put what it points to in its place: an archive holds files, and a link would be empty where it is unpacked.",
        "link",
    )
