"""Erasing a respondent: the person's rows go from every version, and with them all that was made of or received with them.

Rows are found by pseudonym, so the key is needed. Every version is made anew without them (`rewrite`), kept evidence
goes (the next run sums what remains), and so do copies of received files that may hold the person (`received`). The log proves
that it was done and never says of whom. Whether the id was known is not told: the answer is the same, and asking twice changes
nothing. How many copies went because nobody can read them is told, for they go whoever is asked for.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import polars as pl

from evaluation.audit_log import append
from evaluation.errors import UsageError
from evaluation.protocol.documents import read_documents
from evaluation.protocol.model import Protocol
from evaluation.study import Study, writing
from evaluation.waves.checks.respondent_ids import whole_id
from evaluation.waves.people.keys import read_key
from evaluation.waves.people.lines import ever_stored_under, stored_under
from evaluation.waves.people.linkage import pseudonymise
from evaluation.waves.received import Copies, copies_of
from evaluation.waves.storage.log import Log
from evaluation.waves.storage.read import check_file, read_rows
from evaluation.waves.storage.rewrite import Plan, rewrite
from evaluation.waves.storage.rewritings import ERASED, finish
from evaluation.waves.storage.settle import settle_after
from evaluation.waves.storage.write import not_written

BACKED_UP, RESTORED = "backup made", "restored from a backup"
"""Acts in the log after which an archive outside the study holds people who are erased later."""
PATIENCE = 120.0
"""Seconds an erasure stands in line behind another writer."""


@dataclass(frozen=True)
class Erased:
    """What may be told of an erasure, whether or not the id was known.

    Attributes:
        population: whom the respondent is, or would be, one of.
        backups: days on which backups were made that it cannot reach.
        unreadable: copies of received files that went because nobody can read them.
    """

    population: str
    backups: tuple[str, ...]
    unreadable: int


def erase(study: Study, population: str, respondent: str, *, actor: str, organisations: Collection[str] = ()) -> Erased:
    """Take a respondent out of the study, wherever they are.

    Args:
        study: the study.
        population: whom the respondent is one of.
        respondent: the id, as the supplier wrote it; 1000.0 is 1000.
        actor: who erases, for the log of acts.
        organisations: where the respondent answered; needed only where the id stands for people in several. An organisation that
            carries on another's history is one with it.

    Raises:
        UsageError: there is no such population or organisation, or the id stands for people in several organisations.
        MachineError: the key is not there, or the computer refused; the next command finishes what had begun.
        BusyError: another process wrote for longer than `PATIENCE`.
        IntegrityError: the store or the log is not what was written.
    """
    documents = read_documents(study.root)
    _check(documents.protocol, population, respondent)
    try:
        with writing(study, f"wave erase {population}", wait=PATIENCE):
            entries = finish(study, actor)
            log = settle_after(study, population, actor, entries)
            person = whole_id(respondent)
            people = _people(study, log, documents.protocol, population, {person, respondent.strip()}, organisations)
            _check_one(people, organisations, stored_under(log))
            places = people.select("wave", "organisation").rows()
            copies = copies_of(study, documents, population, person, places, entries)
            _erase(study, log, population, people, copies, actor)
    except OSError as fault:
        raise not_written(fault) from fault
    backups = tuple(entry.when[:10] for entry in entries if entry.act in (BACKED_UP, RESTORED))
    return Erased(population, backups, len(copies.unreadable))


def _check(protocol: Protocol, population: str, respondent: str) -> None:
    if population not in protocol.populations:
        known = ", ".join(protocol.populations)
        raise UsageError(f"there is no population '{population}'.", fix=f"name one of: {known}.")
    if not respondent.strip():
        raise UsageError("no respondent is named.", fix="type the id when asked for it, or give it on standard input.")


def _people(
    study: Study, log: Log, protocol: Protocol, population: str, spellings: Collection[str], organisations: Collection[str]
) -> pl.DataFrame:
    """Wave, organisation and pseudonym of every stored row of a respondent, whose id earlier versions took as it was written."""
    nobody = pl.DataFrame(schema={"wave": pl.String, "organisation": pl.String, "respondent": pl.String})
    if log.key_mark is None:
        return nobody
    key = read_key(study.root, known_mark=log.key_mark)
    stored = _stored(log)
    if unknown := sorted(set(organisations) - set(stored["organisation"].to_list())):
        raise UsageError(f"no answers of '{population}' are stored for {', '.join(unknown)}.", fix="see 'pilot wave list STUDY'.")
    lines = stored_under(log)
    chosen = {lines[name] for name in organisations}
    places = [place for place in stored.select("wave", "organisation").unique().rows() if not chosen or lines[place[1]] in chosen]
    named = pl.DataFrame([(*place, spelling) for place in places for spelling in spellings], schema=nobody.schema, orient="row")
    hidden = [pseudonymise(named, key, protocol, population, codes) for codes in ever_stored_under(log)]
    return pl.concat(hidden).unique(maintain_order=True).join(stored, on=nobody.columns, how="semi")


def _stored(log: Log) -> pl.DataFrame:
    """Wave, organisation and pseudonym of every row of every version."""
    parts = []
    for _, load in log.loads:
        for path, digest in load.files.items():
            check_file(log.table / path, digest)
            parts.append(read_rows([log.table / path], ["wave", "organisation", "respondent"]))
    return pl.concat(parts).unique()


def _check_one(people: pl.DataFrame, organisations: Collection[str], lines: Mapping[str, str]) -> None:
    several = len({lines[name] for name in people["organisation"]})
    if several > 1 and not organisations:
        raise UsageError(
            f"in {several} organisations somebody has this id, and they need not be one person.",
            fix="say where the respondent answered: --organisation CODE, once for each.",
            code="several-people",
        )


def _erase(study: Study, log: Log, population: str, people: pl.DataFrame, copies: Copies, actor: str) -> None:
    gone = (*copies.of_respondent, *copies.unreadable)
    evidence = (study.evidence.name,) if people.height else ()
    plan = Plan(
        lambda rows: rows.join(people, on=people.columns, how="anti", nulls_equal=False, maintain_order="left"),
        ERASED,
        remove=(*evidence, *gone),
        proof={"received_files_deleted": len(gone)},
    )
    if not people.height or rewrite(study, log, plan, actor) is None:
        for copy in gone:
            (study.root / copy).unlink(missing_ok=True)
        append(study.audit_file, ERASED, actor, {"population": population, "received_files_deleted": len(gone)})
