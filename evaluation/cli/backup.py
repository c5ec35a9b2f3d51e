"""`pilot backup` and `pilot restore`: one sealed archive of a study without keys, and the study back from it."""

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

from evaluation.cli.output import counted, emit, progress, verb
from evaluation.study import Study

BACKUP = "write one sealed archive of a study: documents, store, results, releases and log; no key and no received file"
RESTORE = "unpack an archive into a new folder, once every byte of it is proven to be what was backed up"


def add(subparsers: Any) -> None:
    """Enter both verbs."""
    backup = verb(subparsers, "backup", BACKUP, acts=True)
    backup.add_argument("study", help="folder of the study")
    backup.add_argument("file", help="archive to write, e.g. study-2026-06-30.zip; never over one that is there")
    restore = verb(subparsers, "restore", RESTORE, codes=(0, 2, 4, 7), acts=True)
    restore.add_argument("file", help="archive that 'pilot backup' wrote")
    restore.add_argument("dir", metavar="DIR", help="new or empty folder for the study")


def handler(args: argparse.Namespace) -> int:
    """Back up, or restore."""
    return _backup(args) if args.verb == "backup" else _restore(args)


def _backup(args: argparse.Namespace) -> int:
    from evaluation.audit_log import actor
    from evaluation.backup import backup  # takes a second to import; help must not wait for it

    study = Study.open(args.study)
    progress(1, 1, f"reading every byte of {study.name}")
    made = backup(study, Path(args.file), actor=actor(args.as_name))
    lines = [
        f"Backed up {made.files:,} files to {made.file} ({made.bytes / 1e6:,.1f} MB, SHA-256 {made.sha256[:16]}).",
        "The key of the pseudonyms is not in it: keep a copy of the file of keys in another place.",
        "Received files are not in it either. Whoever is erased later is still in this archive: delete it then.",
    ]
    others = [f"{name} ({counted(number, 'file')})" for name, number in made.left_out.items()]
    lines += [f"Left out: {', '.join(others)}."] if others else []
    emit(args, asdict(made), "\n".join(lines))
    return 0


def _restore(args: argparse.Namespace) -> int:
    from evaluation.audit_log import actor
    from evaluation.backup import restore

    progress(1, 1, f"checking every byte of {Path(args.file).name}")
    study = restore(Path(args.file), Path(args.dir), actor=actor(args.as_name))
    emit(args, {"study": str(study.root), "restored": True}, f"Restored to {study.root}; every byte is what was backed up.")
    return 0
