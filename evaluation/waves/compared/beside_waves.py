"""What a wave looks like beside the others of its population: notes for whoever loads it, none of which refuses it."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

import polars as pl

from evaluation.organisations.headcounts import eligible_by_organisation
from evaluation.organisations.register import Register
from evaluation.protocol.documents import Documents
from evaluation.protocol.wave_checks import WaveChecks
from evaluation.study import Study
from evaluation.waves.checks.expected import set_beside
from evaluation.waves.collect import Collected
from evaluation.waves.compared.categories import category_notes
from evaluation.waves.compared.near_copies import near_copy_notes
from evaluation.waves.compared.response_compare import Answered, beside_baseline, beside_peers, fewer_rows, gone_since
from evaluation.waves.compared.turned_items import turned_notes
from evaluation.waves.response import present_codes, under_present_codes
from evaluation.waves.storage.compare import standing
from evaluation.waves.storage.log import Log, read_log
from evaluation.waves.storage.prepare import LoadReceipt
from evaluation.waves.storage.read import Stored, checked_pieces, files_by_wave


def beside_waves(
    study: Study, documents: Documents, register: Register, collected: Collected, receipt: LoadReceipt, bounds: WaveChecks
) -> tuple[str, ...]:
    """Notes on response rates that fell or are low, on rows that are nearly another wave's, on groups and items that changed.

    Args:
        study: the study, with what is stored.
        documents: its plan.
        register: its organisations, with their types.
        collected: the rows that come in.
        receipt: what storing them did, or would do.
        bounds: what is worth a note.

    Raises:
        IntegrityError: the store is not what was written.
    """
    if documents.protocol.populations[collected.population].level.is_published or not receipt.rows_added:
        return ()
    log, arriving = read_log(study, collected.population), (collected.wave, collected.frame)
    others, groups = _others(log, documents, collected.wave), documents.protocol.populations[collected.population].groups
    return (
        *_rates(log, documents, register, collected, receipt, bounds),
        *_near_copies(log, documents, register, collected, others),
        *category_notes(collected.frame, groups, {name: others[name] for name in [*others][-1:]}),
        *turned_notes(documents, collected.population, arriving, others, bounds),
    )


def _near_copies(
    log: Log, documents: Documents, register: Register, collected: Collected, others: Mapping[str, Stored]
) -> Iterator[str]:
    latest = set_beside(documents, others, collected.wave)
    stood = {name: {code: one.rows for code, one in standing(log.loads, name).items()} for name in latest}
    present = present_codes(register)
    yield from near_copy_notes(
        collected.frame.with_columns(pl.col("organisation").replace(present)),
        collected.items,
        documents.protocol.populations[collected.population].groups,
        {name: under_present_codes(counts, register) for name, counts in stood.items()},
        {name: _under(present, others[name]) for name in latest},
    )


def _under(present: Mapping[str, str], stored: Stored) -> Stored:
    """What reads a stored wave with organisations under their present codes."""

    def reading(columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        for rows in stored(columns):
            yield rows.with_columns(pl.col("organisation").replace(present))

    return reading


def _rates(
    log: Log, documents: Documents, register: Register, collected: Collected, receipt: LoadReceipt, bounds: WaveChecks
) -> Iterator[str]:
    now, baseline = Answered(under_present_codes(receipt.answered, register), receipt.eligible), documents.protocol.baseline
    arriving = set(under_present_codes(dict.fromkeys(collected.organisations, 1), register))
    if collected.wave != baseline:
        stood = under_present_codes({code: one.rows for code, one in standing(log.loads, baseline).items()}, register)
        taking_part = set(register.units["organisation"])
        held = {code: rows for code, rows in stood.items() if code in taking_part}
        if len(arriving) > 1:
            yield from gone_since(now.answered, held, baseline)
        if receipt.eligible:
            eligible = eligible_by_organisation(documents, register, collected.population, baseline)
            yield from beside_baseline(now, Answered(stood, eligible), baseline, arriving, bounds)
        else:
            yield from fewer_rows(now.answered, held, baseline, arriving, bounds)
    if not receipt.eligible:
        return
    types = register.units.drop_duplicates("organisation").set_index("organisation")["type"].dropna()
    yield from beside_peers(now, {str(code): str(kind) for code, kind in types.items()}, arriving, bounds)


def _others(log: Log, documents: Documents, wave: str) -> dict[str, Stored]:
    """Waves that are stored beside `wave`, in the protocol's order, and what reads some columns of one."""
    files = files_by_wave(log)
    others = [name for name in documents.protocol.waves if name in files and name != wave]
    return {name: partial(checked_pieces, log, files[name]) for name in others}
