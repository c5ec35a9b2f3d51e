"""What a wave looks like beside the others of its population: notes for whoever loads it, none of which refuses it."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial

import polars as pl

from evaluation.organisations.headcounts import eligible_by_organisation
from evaluation.organisations.register import Register
from evaluation.protocol.documents import Documents
from evaluation.protocol.wave_checks import WaveChecks
from evaluation.study import Study
from evaluation.waves.collect import Collected
from evaluation.waves.near_copies import near_copy_notes
from evaluation.waves.response_compare import Answered, beside_baseline, beside_peers
from evaluation.waves.store_compare import standing
from evaluation.waves.store_log import Log, read_log
from evaluation.waves.store_prepare import LoadReceipt
from evaluation.waves.store_read import checked_pieces, files_by_wave
from evaluation.waves.turned_items import turned_notes


def beside_waves(
    study: Study, documents: Documents, register: Register, collected: Collected, receipt: LoadReceipt, bounds: WaveChecks
) -> tuple[str, ...]:
    """Notes on response rates that fell or are low, on rows that are nearly another wave's, and on items that changed sides.

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
    others = _others(log, documents, collected.wave)
    return (
        *_rates(log, documents, register, collected, receipt, bounds),
        *_near_copies(log, documents, collected, others),
        *turned_notes(documents, collected.population, arriving, others, bounds),
    )


def _near_copies(
    log: Log, documents: Documents, collected: Collected, others: Mapping[str, Callable[[Sequence[str]], Iterable[pl.DataFrame]]]
) -> Iterator[str]:
    """Of baseline and the latest other wave, so that a load costs no more after many waves than after two."""
    latest = [name for name in (documents.protocol.baseline, *[*others][-1:]) if name in others]
    stood = {name: standing(log.loads, name) for name in dict.fromkeys(latest)}
    yield from near_copy_notes(collected.frame, collected.items, stood, others)


def _rates(
    log: Log, documents: Documents, register: Register, collected: Collected, receipt: LoadReceipt, bounds: WaveChecks
) -> Iterator[str]:
    names = _names_now(register)
    now, baseline = Answered(_under(names, receipt.answered), receipt.eligible), documents.protocol.baseline
    arriving = {names.get(code, code) for code in collected.organisations}
    if not receipt.eligible:
        return
    if collected.wave != baseline:
        stood = standing(log.loads, baseline)
        eligible = eligible_by_organisation(documents, register, collected.population, baseline)
        before = Answered(_under(names, {code: one.rows for code, one in stood.items()}), eligible)
        yield from beside_baseline(now, before, baseline, arriving, bounds)
    types = register.units.drop_duplicates("organisation").set_index("organisation")["type"].dropna()
    yield from beside_peers(now, {str(code): str(kind) for code, kind in types.items()}, arriving, bounds)


def _names_now(register: Register) -> dict[str, str]:
    """What organisations that take part under another code now are called, as headcounts call them."""
    owner, former = register.units["organisation"], register.former
    names = {str(code): str(owner[unit]) for code, unit in zip(former["organisation"], former["became"], strict=True)}
    return {code: name for code, name in names.items() if code not in set(owner)}


def _under(names: Mapping[str, str], answered: Mapping[str, int]) -> dict[str, int]:
    """People who answered, added up under the organisations' present codes."""
    found: Counter[str] = Counter()
    for code, number in answered.items():
        found[names.get(code, code)] += number
    return dict(found)


def _others(log: Log, documents: Documents, wave: str) -> dict[str, Callable[[Sequence[str]], Iterable[pl.DataFrame]]]:
    """Waves that are stored beside `wave`, in the protocol's order, and what reads some columns of one."""
    files = files_by_wave(log)
    others = [name for name in documents.protocol.waves if name in files and name != wave]
    return {name: partial(checked_pieces, log, files[name]) for name in others}
