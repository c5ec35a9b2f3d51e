"""What `pilot wave verify|lock|diff|withdraw|erase|rekey|retire` do: each calls one function and says what came of it."""

import argparse
import getpass
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict

from evaluation.audit_log import actor
from evaluation.cli.output import counted, emit, progress
from evaluation.cli.wave_words import prospects, told_corrections, told_prospects, told_withdrawal
from evaluation.errors import PilotError, UsageError
from evaluation.organisations.register import read_register
from evaluation.protocol.documents import read_documents
from evaluation.study import Study
from evaluation.waves import store
from evaluation.waves.erase import erase
from evaluation.waves.lifecycle import check_stored, lock, reopen, today
from evaluation.waves.rekey import rekey
from evaluation.waves.retire import due, retire
from evaluation.waves.storage.diff import VersionDiff, diff_of
from evaluation.waves.storage.locks import NOT_VERIFIED
from evaluation.waves.withdraw import preview, withdraw


def verify_wave(args: argparse.Namespace) -> int:
    """Compare a wave's stored answers with what was written."""
    study = Study.open(args.study)
    found = check_stored(study, read_documents(study.root), args.population, args.wave, actor=actor(args.as_name))
    what = f"{counted(found.rows, 'row')} of {counted(found.organisations, 'organisation')}"
    emit(args, asdict(found), f"Checked: {what} in wave '{found.wave}' of '{found.population}' are what was written.")
    return 0


def lock_wave(args: argparse.Namespace) -> int:
    """Close a wave, or open it again."""
    study, place = Study.open(args.study), f"wave '{args.wave}' of '{args.population}'"
    documents, who = read_documents(study.root), actor(args.as_name)
    if args.reopen:
        reopen(study, documents, args.population, args.wave, args.reason, actor=who)
        emit(args, {"population": args.population, "wave": args.wave, "locked": False}, f"Open again: {place} takes loads.")
        return 0
    if args.reason:
        raise UsageError("a lock needs no reason.", fix="leave --reason out, or open the wave again with --reopen.")
    held = lock(study, documents, args.population, args.wave, actor=who)
    text = f"Locked: {place}, {held}. It takes no load until it is opened again."
    caution = () if held.verified else (f"{NOT_VERIFIED}: the same user of this computer loaded answers under another name.",)
    record = {"population": args.population, "wave": args.wave, "locked": True, "by": held.actor, "when": held.when}
    emit(args, {**record, "second_person_verified": held.verified}, "\n".join([text, *caution]))
    return 0


def diff(args: argparse.Namespace) -> int:
    """What changed between two versions of a wave."""
    found = diff_of(Study.open(args.study), args.population, args.wave, args.version_from, args.version_to)
    record = {**asdict(found), "corrections": found.corrections.as_record()}
    emit(args, record, "\n".join(_told_diff(found)))
    return 0


def withdraw_rows(args: argparse.Namespace) -> int:
    """Take an organisation's rows out of a wave, or say what would go."""
    study = Study.open(args.study)
    place = (study, args.population, args.wave, args.organisation, args.reason)
    if args.dry_run:
        found = preview(*place)
        lines = [*told_withdrawal(found, "would be withdrawn"), "Dry run: nothing was written."]
        emit(args, {"dry_run": True, **asdict(found)}, "\n".join(lines))
        return 0
    found = withdraw(*place, actor=actor(args.as_name))
    documents, register = read_documents(study.root), None
    with suppress(PilotError):
        register = read_register(documents)
    places = store.read_log(study, args.population).places
    possible, waiting = prospects(documents, store.loads(study), args.population, register, places)
    lines = [*told_withdrawal(found, "withdrawn"), *told_prospects(possible, waiting, study)]
    record = {"dry_run": False, **asdict(found), "can_be_estimated": possible, "waiting_for": waiting}
    emit(args, record, "\n".join(lines))
    return 0


def erase_respondent(args: argparse.Namespace) -> int:
    """Take a respondent out of the study; the answer does not say whether the id was known."""
    study = Study.open(args.study)
    found = erase(study, args.population, args.respondent or _asked(), actor=actor(args.as_name), organisations=args.organisation)
    lines = [f"Done: nothing that is kept of '{found.population}' in this study is of this respondent."]
    if found.unreadable:
        lines += [f"{counted(found.unreadable, 'received file')} that nobody can read went too, whoever the file was about."]
    if found.backups:
        lines += [f"Backups are not reached: delete those made before now ({', '.join(found.backups)}), and make a new one."]
    told = {"backups_made": list(found.backups), "unreadable_files_deleted": found.unreadable}
    emit(args, {"population": found.population, "done": True, **told}, "\n".join(lines))
    return 0


def rekey_study(args: argparse.Namespace) -> int:
    """Make all pseudonyms anew."""
    found = rekey(Study.open(args.study), actor=actor(args.as_name))
    versions = ", ".join(f"{name} version {number}" for name, number in found.versions.items()) or "nobody has a pseudonym yet"
    lines = [
        f"New key {found.mark}: {versions}.",
        "Keep a copy of the file of keys as it is now; earlier keys stay in it, and each is needed to recognise people.",
        "Backups made before now hold the old pseudonyms: delete them, and make a new one.",
    ]
    emit(args, asdict(found), "\n".join(lines))
    return 0


def retire_study(args: argparse.Namespace) -> int:
    """Delete what is past its day."""
    study, day = Study.open(args.study), today()
    found = due(study, day) if args.dry_run else retire(study, day, actor=actor(args.as_name))
    done = "Deleted." if found.files or found.populations else "Nothing is due."
    done = "Dry run: nothing was deleted." if args.dry_run else done
    emit(args, {**asdict(found), "deleted": not args.dry_run}, "\n".join([*found.sentences(), done]))
    return 0


ACTS: dict[str, Callable[[argparse.Namespace], int]] = {
    "verify": verify_wave,
    "lock": lock_wave,
    "diff": diff,
    "withdraw": withdraw_rows,
    "erase": erase_respondent,
    "rekey": rekey_study,
    "retire": retire_study,
}


def _told_diff(found: VersionDiff) -> Iterator[str]:
    yield f"Wave '{found.wave}' of '{found.population}', version {found.version_from} to {found.version_to}:"
    yield from told_corrections(found.corrections.as_record())
    if not found.corrections.organisations:
        yield "Nothing changed."
    if found.erased:
        yield f"{counted(found.erased, 'row was', 'rows were')} erased since and cannot be set side by side."


def _asked() -> str:
    """The id from the keyboard, unseen, or from standard input: never from the shell's history."""
    if sys.stdin.isatty():
        return getpass.getpass("Respondent's id (not shown): ")
    progress(1, 1, "reading the respondent's id from standard input")
    return sys.stdin.readline()
