"""A new key for a study's pseudonyms: for the day on which the one in use may have leaked.

Respondents' ids are kept nowhere, so the new key is applied to the old pseudonyms (`keys.Key.taking_over`), in every version
of every table. People stay recognised from wave to wave, those of later waves too, and the leaked key alone recognises nobody
in the store. Earlier keys stay in the file of keys: an id passes through all of them. Backups made before keep the old
pseudonyms.
"""

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from evaluation.study import Study, writing
from evaluation.waves.people.keys import add_key, read_key
from evaluation.waves.storage.rewrite import Change, Plan, rewrite
from evaluation.waves.storage.rewritings import REKEYED
from evaluation.waves.storage.settle import settle_all
from evaluation.waves.storage.write import not_written


@dataclass(frozen=True)
class Rekeyed:
    """The mark of the new key, and the version it made of each population's table; none where nobody has a pseudonym."""

    mark: str
    versions: dict[str, int]


def rekey(study: Study, *, actor: str) -> Rekeyed:
    """Make every stored pseudonym anew with a key that nobody has seen.

    Stopped in the middle, each population stands wholly on its old or its new key, both of which are in the file; the next
    command clears what is left, and another `rekey` takes all of them further.

    Raises:
        MachineError: the key in use is not there or the file of keys cannot be written; or the computer refused.
        BusyError: another process writes to the study.
        IntegrityError: the store or the log is not what was written.
    """
    try:
        with writing(study, "wave rekey"):
            logs = settle_all(study, actor)
            for log in logs.values():
                read_key(study.root, known_mark=log.key_mark)
            key = add_key(study.root)
            made: dict[str, int] = {}
            for name, log in logs.items():
                if log.key_mark is not None:
                    plan = Plan(_anew(key.taking_over(log.key_mark)), REKEYED, key=key.mark, remove=(study.evidence.name,))
                    anew = rewrite(study, log, plan, actor)
                    made[name] = anew.version if anew else log.versions[-1]
    except OSError as fault:
        raise not_written(fault) from fault
    return Rekeyed(key.mark, made)


def _anew(of: Callable[[pl.Series], pl.Series]) -> Change:
    def change(rows: pl.DataFrame) -> pl.DataFrame:
        return rows.with_columns(of(rows["respondent"]).alias("respondent"))

    return change
