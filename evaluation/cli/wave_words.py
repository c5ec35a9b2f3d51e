"""The words of `pilot wave`: receipts, what a load made possible, lists of loads, where waves stand, what changed."""

import shlex
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from evaluation.cli.output import counted, table
from evaluation.figures.numbers import percent
from evaluation.organisations.register import Register
from evaluation.protocol.documents import Documents
from evaluation.protocol.model import Protocol
from evaluation.study import Study
from evaluation.terms import Assignment, Design, Role
from evaluation.waves.checks.faults import listed
from evaluation.waves.lifecycle import WaveState
from evaluation.waves.load import Loaded
from evaluation.waves.people.linkage import Recognised
from evaluation.waves.receipt import Receipt
from evaluation.waves.response import ResponseRate, present_codes, response_rate, under_present_codes
from evaluation.waves.withdraw import Withdrawal

NO_CELLS = "People are not named on both sides, so rows are compared as a whole: a changed row is one removed and one added."


def told(found: Loaded, before: str, done: str, register: Register) -> Iterator[str]:
    """A file's receipt; `before` is its verdict, `done` 'stored' or 'would be stored', `register` says what codes became."""
    stored = found.stored
    place = f"wave '{stored.wave}' of '{stored.population}'"
    if stored.already_loaded:
        yield f"{before}{found.read.file} is already loaded, version {stored.version}: {place} stays as it is."
    else:
        added = f"{counted(stored.rows_added, 'row')} of {counted(len(stored.organisations), 'organisation')} {done}"
        version = f", version {stored.version}" if done == "stored" and stored.rows_added else ""
        yield f"{before}{found.read.file}: {added} in {place}{version}."
    rows = [
        *_receipt_rows(found.read),
        ("rows replaced", stored.rows_replaced, ""),
        ("rows in the wave now", stored.rows_in_wave, ""),
    ]
    shown = [(name, f"{number:>9,}", remark) for name, number, remark in rows if number or name in {"rows read", "rows kept"}]
    yield table(shown, indent="  ")
    answered = under_present_codes(stored.answered, register)
    yield from (f"  {words}" for words in _told_response(response_rate(answered, stored.eligible)))
    yield from (f"  note: {note}" for note in found.notes)
    if found.kept_as:
        yield f"  copy: inbox/{found.kept_as}"


def _told_response(rate: ResponseRate | None) -> Iterator[str]:
    """"response rate 52%: 13,460 of 25,900 answered; lowest NT-01 41%, highest CO-04 63%"."""
    if rate is None:
        return
    ends = [f"{word} {code} {percent(share)}" for word, (code, share) in (("lowest", rate.lowest), ("highest", rate.highest))]
    spread = f"; {', '.join(ends)}" if rate.lowest[0] != rate.highest[0] else ""
    yield f"response rate {percent(rate.percent)}: {rate.answered:,} of {rate.eligible:,} answered{spread}"
    if rate.unknown:
        yield f"no headcount, so not counted in the rate: {', '.join(rate.unknown)}"


def _receipt_rows(read: Receipt) -> Iterator[tuple[str, int, str]]:
    yield "rows read", read.read, ""
    yield "rows kept", read.kept, ""
    yield from (("rows set aside", number, reason) for reason, number in read.set_aside.items())
    yield from (("identifiers dropped", number, f"column {name}") for name, number in read.identifiers_dropped.items())
    yield from (("other columns left out", number, f"column {name}") for name, number in read.extra_dropped.items())
    yield from (("answers missing", number, code) for code, number in read.missing.items())


def prospects(
    documents: Documents, loads: pd.DataFrame, population: str, register: Register | None, places: Collection[tuple[str, str]]
) -> tuple[list[str], dict[str, list[str]]]:
    """Estimands of a population whose waves are all there, and those that wait, by what they wait for.

    Args:
        documents: the plan.
        loads: every load (`store.loads`).
        population: whom.
        register: says whose answers are compared; None where it cannot be read.
        places: wave and organisation of all that stands of the population (`Log.places`).
    """
    there = waves_held(loads, population)
    possible: list[str] = []
    waiting: dict[str, list[str]] = {}
    protocol = documents.protocol
    for name, estimand in protocol.estimands.items():
        measure = protocol.measures[estimand.measure]
        if measure.is_counted or measure.population != population:
            continue
        lacking = [wave for wave in dict.fromkeys(protocol.waves_of(name)) if wave not in there]
        absent = [] if lacking or register is None else _absent(protocol, name, register, places)
        if lacking or absent:
            waiting.setdefault(" and ".join(lacking or absent), []).append(name)
        else:
            possible.append(name)
    return possible, waiting


def _absent(protocol: Protocol, name: str, register: Register, places: Collection[tuple[str, str]]) -> list[str]:
    """What an estimand lacks although its waves are there: organisations of a role that answered in every wave compared.

    Nothing where people were assigned one by one, for their arms stand with their answers.
    """
    design, waves = protocol.estimands[name].design, list(dict.fromkeys(protocol.waves_of(name)))
    if design is Design.COMPARISON:
        waves = waves[-1:]
    became = present_codes(register)
    answered = [{became.get(code, code) for wave, code in places if wave == one} for one in waves]
    units = register.units[register.units["organisation"].isin(set.intersection(*answered))]
    roles = [Role.PILOT] if design.alone else [Role.PILOT, Role.COMPARISON]
    lacking = [role.value for role in roles if role.value not in set(units["role"])]
    is_known = protocol.assignment is not Assignment.RESPONDENT
    return [f"{' and '.join(lacking)} organisations with answers in {' and '.join(waves)}"] if lacking and is_known else []


def waves_held(loads: pd.DataFrame, population: str) -> set[str]:
    """Waves of a population that rows are left of: not those whose answers were all withdrawn, erased or retired."""
    stands = (loads["state"] == "stands") | loads["state"].str.startswith("partly")
    return set(loads.loc[(loads["population"] == population) & (loads["rows"] > 0) & stands, "wave"])


def told_prospects(possible: list[str], waiting: Mapping[str, list[str]], study: Study) -> Iterator[str]:
    """What the load made possible, and what waits for what."""
    if possible:
        yield f"Can be estimated now: {', '.join(possible)}."
    yield from (f"Waiting for {waves}: {', '.join(names)}." for waves, names in waiting.items())
    if possible:
        yield f"Next: pilot run {study.root}"


def told_recognised(found: Sequence[Recognised]) -> Iterator[str]:
    """"Recognised from 'baseline' in 'month_6': 3,120 of 4,000 staff (78%); 900 joined." """
    for one in found:
        earlier = one.stayers + one.leavers
        share = f"{one.stayers:,} of {earlier:,} ({percent(one.percent)})" if one.percent is not None else "nobody"
        waves = f"of '{one.population}' from '{one.wave_from}' in '{one.wave_to}'"
        yield f"Recognised {waves}: {share}; {one.leavers:,} left, {one.joiners:,} joined."


def told_loads(records: Sequence[Mapping[Any, Any]], missing: Sequence[Mapping[str, str]]) -> Iterator[str]:
    """The loads as a table, and the waves that are not loaded."""
    heading = ("population", "wave", "rows", "organisations", "version", "how", "state", "when", "who")
    yield table([heading, *map(_load_row, records)]) if records else "No wave is loaded yet."
    if missing:
        yield "Not loaded: " + ", ".join(f"{one['wave']} of {one['population']}" for one in missing) + "."


def told_states(states: Sequence[WaveState]) -> str:
    """Where every wave stands, as a table."""
    heading = ("population", "wave", "state", "fieldwork", "rows", "version", "by", "on", "")
    return table([heading, *map(_state_row, states)])


def told_corrections(corrections: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """What rows that took the place of others changed, organisation by organisation."""
    rows = [
        (name, one["rows_added"], one["rows_removed"], one["rows_unchanged"], _items(one["answers_changed"]))
        for name, one in corrections.items()
    ]
    if rows:
        yield table([("organisation", "rows added", "removed", "unchanged", "answers changed"), *rows])
    if any(one["by"] == "rows" for one in corrections.values()):
        yield NO_CELLS


def told_withdrawal(found: Withdrawal, done: str) -> Iterator[str]:
    """What went of a wave and what stays; `done` is 'withdrawn' or 'would be withdrawn'."""
    place = f"wave '{found.wave}' of '{found.population}'"
    if found.already:
        many = f"{'is' if len(found.already) == 1 else 'are'} withdrawn already"
        yield f"{listed(found.already, 5)} {many}{'' if found.organisations else f', version {found.version}'}."
    if not found.organisations:
        yield f"Nothing is left to do: {place} stays as it is."
        return
    version = f", version {found.version}" if done == "withdrawn" else ""
    yield f"{counted(found.rows_withdrawn, 'row')} of {listed(found.organisations, 5)} {done} from {place}{version}."
    yield table([("rows before", f"{found.rows_before:>9,}"), ("rows after", f"{found.rows_after:>9,}")], indent="  ")
    if found.stay:
        names = listed([f"{name} {rows:,}" for name, rows in found.stay.items()])
        yield f"  {counted(len(found.stay), 'organisation stays', 'organisations stay')}: {names}"
    else:
        yield "No organisation stays: the wave is as if nothing had been loaded."
    yield from (f"  note: {note}" for note in found.notes)
    yield (
        "Nothing is erased: earlier versions keep these rows for reruns, and the received file stays in inbox/. "
        "'pilot wave erase' takes a person out of all of them; 'pilot wave retire' deletes what is past its day."
    )


def _items(changed: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {number:,}" for name, number in changed.items())


def _state_row(one: WaveState) -> tuple[object, ...]:
    stored = (f"{one.rows:,}", one.version) if one.version is not None else ("", "")
    when, notes = one.when[:16].replace("T", " "), "; ".join(one.notes)
    return one.population, one.wave, one.state.value, f"{one.opens} to {one.closes}", *stored, one.who, when, notes


def _load_row(load: Mapping[Any, Any]) -> tuple[object, ...]:
    count, when = len(load["organisations"].split(", ")), load["when"][:16].replace("T", " ")
    return (
        load["population"],
        load["wave"],
        f"{load['rows']:,}",
        count,
        load["version"],
        load["mode"],
        load["state"],
        when,
        load["who"],
    )


def told_draft(path: Path, study: Study, file: str, population: str, marks: Mapping[str, int]) -> str:
    """Where the draft lies, and what a person does with it."""
    places = f"{shlex.quote(str(study.root))} {shlex.quote(file)}"
    return "\n".join(
        [
            f"Drafted {path}: {counted(marks['CHECK'], 'line')} to check, {counted(marks['DECIDE'], 'line')} to decide.",
            "Read it beside the file, correct it, and put your name under 'reviewed_by'. Then:",
            f"  pilot wave check {places} --wave W --population {population} --mapping {path.stem}",
        ]
    )
