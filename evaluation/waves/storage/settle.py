"""What a crash left in the store: whole commits are confirmed, torn ones and files that no commit names are taken away."""

import shutil
from collections.abc import Mapping, Sequence

from evaluation.audit_log import Entry, append, verify
from evaluation.study import Study
from evaluation.waves.storage.loading import GIVEN_UP, load_of
from evaluation.waves.storage.log import Log, damaged, log_of, nonce_of, parse_commit, populations, sha256_of
from evaluation.waves.storage.rewritings import finish
from evaluation.waves.storage.write import confirm, hashes_of


def settle(study: Study, population: str, actor: str) -> Log:
    """Finish or clear what crashed loads, erasures and changes of key left, the study's lock held; the history afterwards.

    Raises:
        IntegrityError: what was left is not what the load had begun to write.
    """
    return settle_after(study, population, actor, finish(study, actor))


def settle_all(study: Study, actor: str) -> dict[str, Log]:
    """Every population that something was ever stored for, settled as by `settle`; the log of acts is read once."""
    entries = finish(study, actor)
    return {population: settle_after(study, population, actor, entries) for population in populations(study, entries)}


def settle_after(study: Study, population: str, actor: str, acts: Sequence[Entry]) -> Log:
    """What `settle` does and gives, after `finish` returned these acts and none came since for this population."""
    log = log_of(study, population, acts)
    for nonce, files in log.open.items():
        _settle_one(study, log, population, actor, nonce, files)
    if log.open:
        log = log_of(study, population, verify(study.audit_file))
    _sweep(study, log, population)
    return log


def _settle_one(study: Study, log: Log, population: str, actor: str, nonce: str, files: Mapping[str, str]) -> None:
    for path in log.unconfirmed:
        if nonce_of(path) is None:
            path.unlink()
    paths = [path for path in log.unconfirmed if path.exists() and nonce_of(path) == nonce]
    load = next((load for load in (load_of(parse_commit(path)) for path in paths) if load is not None), None)
    if load is None:
        append(study.audit_file, GIVEN_UP, actor, {"population": population, "nonce": nonce, "commits": hashes_of(paths)})
        return
    for name, digest in files.items():
        if load.files != files or not (log.table / name).is_file() or sha256_of(log.table / name) != digest:
            raise damaged(log.table / name, "a load was stopped in the middle and its data file is not what it began to write")
    confirm(study, log, load, {"settled_by": actor})


def _sweep(study: Study, log: Log, population: str) -> None:
    """Take away data files that no commit names, drafts of commits, and tables that were being made anew."""
    for table in (study.store / population, *study.store.glob(f"{population}.*")):
        if table != log.table and table.is_dir():
            shutil.rmtree(table)
    named = {path for _, load in log.loads for path in load.files}
    for path in log.table.glob("wave=*/*.parquet"):
        if path.relative_to(log.table).as_posix() not in named:
            path.unlink()
    for path in (log.table / "_delta_log").glob("*"):
        if path.suffix != ".json":
            path.unlink()
