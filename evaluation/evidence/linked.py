"""People with a score in two waves: their baseline score becomes a column beside the outcome.

People are recognised by pseudonym inside their unit; who moved to another unit is not linked. Arm and groups are those of the
earlier wave: as first assigned.
"""

from collections.abc import Iterable, Mapping
from itertools import groupby

import ibis
import ibis.expr.types as ir

from evaluation.evidence.engine import fetched
from evaluation.evidence.evidence import LinkedKey
from evaluation.evidence.moments import KEYS, Moments
from evaluation.evidence.responses_table import placed
from evaluation.evidence.sums import Ask, all_sums, jointly_present, moments_from
from evaluation.measures.score import measures_of
from evaluation.organisations.register import Register
from evaluation.protocol.documents import Documents

PERSON = ("unit", "organisation", "respondent")


def pairs_of(population: str, documents: Documents) -> tuple[LinkedKey, ...]:
    """The (measure, wave_from, wave_to) for which linked people are summed; none where people cannot be recognised.

    Every measure from the baseline to each wave that is watched or decides, and every estimand from its own earlier wave to
    its own later wave and to those.
    """
    protocol = documents.protocol
    if not protocol.populations[population].linkage.recognises:
        return ()
    measures = measures_of(population, documents)
    looks = (*protocol.looks.watch, *protocol.looks.decide)
    pairs = {(name, protocol.baseline, wave) for name in measures for wave in looks}
    for name, estimand in protocol.estimands.items():
        earlier, later = protocol.waves_of(name)
        pairs |= {(estimand.measure, earlier, wave) for wave in (later, *looks) if estimand.measure in measures}
    waves = list(protocol.waves)
    return tuple(sorted(pair for pair in pairs if waves.index(pair[1]) < waves.index(pair[2])))


def linked_moments(
    scored: ir.Table, population: str, asks: Mapping[str, Ask], documents: Documents, register: Register
) -> dict[LinkedKey, Moments]:
    """Sums over linked people, one query per earlier wave (nearly always the baseline alone).

    Each cell is a unit (and arm) at `wave_to`; names are "1", covariates, "baseline", the outcome.
    """
    pairs = sorted(pairs_of(population, documents), key=lambda pair: pair[1])
    found: dict[LinkedKey, Moments] = {}
    for earlier, group in groupby(pairs, key=lambda pair: pair[1]):
        wanted = {key: _linked_ask(k, asks[key[0]]) for k, key in enumerate(group)}
        found |= _from_wave(scored, earlier, wanted, asks, documents, register)
    return found


def _linked_ask(number: int, ask: Ask) -> Ask:
    return Ask(f"_l{number}", ("baseline", *ask.names), ask.covariates, ask.centre, ask.half)


def _from_wave(
    scored: ir.Table, earlier: str, wanted: Mapping[LinkedKey, Ask], asks: Mapping[str, Ask], documents: Documents,
    register: Register,
) -> dict[LinkedKey, Moments]:
    covariates = sorted({name for ask in wanted.values() for name in ask.covariates})
    people = _people(_as_now(scored, register), earlier, wanted, asks, covariates)
    values = {
        ask: jointly_present(ask.unit_values([people[f"{asks[name].key}_{earlier}"], people[f"{asks[name].key}_{later}"]]))
        for (name, _, later), ask in wanted.items()
    }
    keys = ["unit", "organisation", "arm", *covariates]
    grouped = placed(fetched(people.aggregate(all_sums(values), by=keys).order_by(keys)), documents, register)
    return {key: moments_from(grouped.assign(wave=key[2]), ask, KEYS) for key, ask in wanted.items()}


def _people(
    scored: ir.Table, earlier: str, wanted: Iterable[LinkedKey], asks: Mapping[str, Ask], covariates: list[str]
) -> ir.Table:
    """One row per person: scores by wave, with arm and groups as they were in the earlier wave."""
    waves = sorted({earlier, *(later for _, _, later in wanted)})
    measures = sorted({name for name, _, _ in wanted})
    at_start = {name: _in_wave(scored, name, earlier) for name in ("arm", *covariates)}
    answers = {f"{asks[name].key}_{wave}": _in_wave(scored, asks[name].key, wave) for name in measures for wave in waves}
    return scored.filter(scored["respondent"].notnull() & scored["wave"].isin(waves)).aggregate(at_start | answers, by=PERSON)


def _as_now(scored: ir.Table, register: Register) -> ir.Table:
    """Rows under the unit and organisation that theirs became: a person stays one when an organisation gets a new code."""
    if not len(register.former):
        return scored
    became = {str(code): str(unit) for code, unit in register.former["became"].items()}
    owner = {code: str(register.units.loc[unit, "organisation"]) for code, unit in became.items()}
    unit, organisation = scored["unit"], scored["organisation"]
    return scored.mutate(unit=unit.substitute(became), organisation=unit.substitute(owner, else_=organisation))


def _in_wave(scored: ir.Table, column: str, wave: str) -> ir.Value:
    """A person's value in one wave; a person has one row in a wave."""
    value = scored[column]
    return ibis.ifelse(scored["wave"] == wave, value, ibis.null(value.type())).max()
