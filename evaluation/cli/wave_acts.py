"""What `pilot wave` does: each act calls one function of the waves' room and puts the answer into words."""

import argparse
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

import pandas as pd

from evaluation.audit_log import actor
from evaluation.cli.output import counted, emit, progress
from evaluation.cli.wave_words import (
    prospects,
    told,
    told_corrections,
    told_draft,
    told_loads,
    told_prospects,
    told_recognised,
    told_states,
    waves_held,
)
from evaluation.errors import Problem, UsageError, WaveError
from evaluation.organisations.register import Register, read_register
from evaluation.protocol.documents import Documents, read_documents
from evaluation.protocol.mapping import FileForm
from evaluation.study import Study
from evaluation.waves import store
from evaluation.waves.arriving import Arrived, Arriving, arrive
from evaluation.waves.collect import CollectOptions
from evaluation.waves.drafts.mapping import draft_mapping, slug
from evaluation.waves.lifecycle import today, wave_states
from evaluation.waves.load import Loaded, check_wave, load_wave
from evaluation.waves.people.linkage import Recognised, recognised
from evaluation.waves.readers.opening import format_of, shown_name
from evaluation.waves.report import refused, report_place, write_report
from evaluation.waves.retire import due


def map_file(args: argparse.Namespace) -> int:
    """Draft a mapping into the study's mappings; one that is there is never written over."""
    study = Study.open(args.study)
    documents = read_documents(study.root)
    population = args.population or _only_population(documents)
    file = Path(args.file)
    path = study.mappings / f"{args.name or slug(file.name)}.yaml"
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,62}", path.stem):
        raise UsageError(
            f"'{path.stem}' is no name for a mapping.", fix="use small letters, digits and hyphens: --name supplier-a"
        )
    if path.exists():
        raise UsageError(
            f"there is a mapping '{path.stem}' already.", where=str(path), fix="give the draft another name: --name NAME"
        )
    text = draft_mapping(file, documents, read_register(documents), population, form=_form(args, file))
    text = re.sub(r"(?m)^mapping: .*$", f"mapping: {path.stem}", text, count=1)
    path.parent.mkdir(exist_ok=True)
    with path.open("x", encoding="utf-8", newline="\n") as stream:
        stream.write(text)
    marks = _marks(text)
    record = {
        "mapping": path.stem,
        "path": str(path),
        "population": population,
        "check": marks["CHECK"],
        "decide": marks["DECIDE"],
    }
    emit(args, record, told_draft(path, study, args.file, population, marks))
    return 0


def check(args: argparse.Namespace) -> int:
    """Say what loading would do; a refusal is told like every other, after the verdict."""
    study, arriving, report = Study.open(args.study), _arriving(args), _report(args)
    arrived = _arrived(study, arriving, report)
    try:
        found = check_wave(study, arriving, _intent(args), arrived=arrived)
    except WaveError as refusal:
        _write_refusal(report, arriving, arrived, refusal.problems)
        if not args.json:
            faults = sum(problem.count for problem in refusal.problems)
            verdict = f"REFUSED: {counted(len(refusal.problems), 'problem')}, {counted(faults, 'fault')}."
            emit(args, {}, f"{verdict} {_nothing_else(report)}")
        raise
    _write_found(report, arriving, arrived, found)
    record = {
        "verdict": found.verdict,
        "read": found.read.as_record(),
        "would_store": asdict(found.stored),
        "compared": list(found.compared),
    }
    lines = [*told(found, f"{found.verdict}: ", "would be stored", _register(study)), _nothing_else(report)]
    emit(args, record | {"report": str(report) if report else None}, "\n".join(lines))
    return 0


def load(args: argparse.Namespace) -> int:
    """Store a file's answers, and say what has become possible; a refused file is reported where that was asked."""
    study, arriving, report = Study.open(args.study), _arriving(args), _report(args)
    if not args.dry_run:
        progress(1, 2, f"reading and checking {shown_name(arriving.file)}")
    arrived = _arrived(study, arriving, report)
    try:
        if args.dry_run:
            found = check_wave(study, arriving, _intent(args), arrived=arrived)
        else:
            found = load_wave(study, arriving, actor=actor(args.as_name), intent=_intent(args), arrived=arrived)
    except WaveError as refusal:
        _write_refusal(report, arriving, arrived, refusal.problems)
        if report:
            progress(2, 2, f"refused; report written to {report}")
        raise
    _write_found(report, arriving, arrived, found)
    said = {"read": found.read.as_record(), "stored": asdict(found.stored), "report": str(report) if report else None}
    if args.dry_run:
        done = f"Dry run. {_nothing_else(report)}" if report else "Dry run: nothing was written."
        lines = [*told(found, "", "would be stored", _register(study)), done]
        emit(args, {"dry_run": True, **said}, "\n".join(lines))
        return 0
    _tell_load(args, study, arriving, found, said)
    return 0


def _tell_load(args: argparse.Namespace, study: Study, arriving: Arriving, found: Loaded, said: Mapping[str, object]) -> None:
    progress(2, 2, "stored" if found.stored.rows_added else "nothing to store")
    documents = read_documents(study.root)
    loads = store.loads(study)
    register, places = read_register(documents), store.read_log(study, arriving.population).places
    possible, waiting = prospects(documents, loads, arriving.population, register, places)
    followed = [one for one in _recognised(study, documents, loads, arriving.population) if arriving.wave in one.waves]
    record = {
        **said,
        "kept_as": found.kept_as,
        "compared": list(found.compared),
        "recognised": [one.as_record() for one in followed],
        "can_be_estimated": possible,
        "waiting_for": waiting,
    }
    corrected = told_corrections(found.stored.corrections)
    lines = [*told(found, "", "stored", register), *corrected, *told_recognised(followed)]
    lines += told_prospects(possible, waiting, study)
    lines += [f"Report: {said['report']}."] if said["report"] else []
    emit(args, record, "\n".join(lines))


def _register(study: Study) -> Register:
    return read_register(read_documents(study.root))


def list_loads(args: argparse.Namespace) -> int:
    """Every load, and what is still missing."""
    study = Study.open(args.study)
    documents = read_documents(study.root)
    loads = store.loads(study)
    records = loads.to_dict(orient="records")
    followed = [one for name in documents.protocol.populations for one in _recognised(study, documents, loads, name)]
    states, retention = wave_states(study, documents, today()), due(study, today())
    missing = [{"population": one.population, "wave": one.wave} for one in states if one.version is None]
    record = {
        "study": study.name,
        "waves": [one.as_record() for one in states],
        "loads": records,
        "missing": missing,
        "recognised": [one.as_record() for one in followed],
        "due": asdict(retention),
    }
    kept = f"Kept by promise: {'; '.join(retention.sentences())}."
    loaded = "\n".join([*told_loads(records, missing), *told_recognised(followed)])
    emit(args, record, "\n\n".join([told_states(states), loaded, kept]))
    return 0


ACTS: dict[str, Callable[[argparse.Namespace], int]] = {"map": map_file, "check": check, "load": load, "list": list_loads}


def _recognised(study: Study, documents: Documents, loads: pd.DataFrame, population: str) -> tuple[Recognised, ...]:
    """People followed from each loaded wave of a population to the next."""
    there = waves_held(loads, population)
    if len(there) < 2:
        return ()
    return recognised(store.responses(study, population), documents.protocol, there, read_register(documents))


def _report(args: argparse.Namespace) -> Path | None:
    return report_place(args.report) if args.report else None


def _arrived(study: Study, arriving: Arriving, report: Path | None) -> Arrived | None:
    """The file as read, held for its report; None where none is wanted, or where checking it will say why it cannot be read."""
    with suppress(WaveError):
        return arrive(study, arriving) if report else None
    return None


def _write_refusal(report: Path | None, arriving: Arriving, arrived: Arrived | None, problems: Sequence[Problem]) -> None:
    if report:
        write_report(report, arriving, arrived, refused(problems), problems=problems)


def _write_found(report: Path | None, arriving: Arriving, arrived: Arrived | None, found: Loaded) -> None:
    if report:
        write_report(report, arriving, arrived, found.verdict, notes=found.notes)


def _nothing_else(report: Path | None) -> str:
    return f"Report: {report}. Nothing else was written." if report else "Nothing was written."


def _arriving(args: argparse.Namespace) -> Arriving:
    options = CollectOptions(
        allow_empty=args.allow_empty,
        drop_extra=args.drop_extra,
        encoding=args.encoding,
        delimiter=_delimiter(args),
        sheet=args.sheet,
    )
    return Arriving(Path(args.file), args.wave, args.population, args.organisation, args.mapping, options)


def _intent(args: argparse.Namespace) -> store.Intent:
    return store.Intent(args.append, args.supersede, (args.reason or "").strip(), args.before_baseline)


def _form(args: argparse.Namespace, file: Path) -> FileForm | None:
    said = {"encoding": args.encoding, "delimiter": _delimiter(args), "sheet": args.sheet}
    stated = {key: value for key, value in said.items() if value is not None}
    return FileForm.model_validate({"format": format_of(file), **stated}) if stated else None


def _marks(text: str) -> dict[str, int]:
    """How many lines below the draft's heading say CHECK, and how many DECIDE."""
    below = text.partition("\nmapping:")[2].splitlines()
    return {mark: sum(mark in line for line in below) for mark in ("CHECK", "DECIDE")}


def _delimiter(args: argparse.Namespace) -> str | None:
    given: str | None = {"tab": "\t", "\\t": "\t"}.get(args.delimiter, args.delimiter)
    if given is not None and len(given) != 1:
        raise UsageError(
            f"a delimiter is one character, not {args.delimiter!r}.", fix="for example --delimiter ';' or --delimiter tab"
        )
    return given


def _only_population(documents: Documents) -> str:
    names = list(documents.protocol.populations)
    if len(names) > 1:
        raise UsageError("the study has several populations.", fix=f"say whom the file asks: --population {'|'.join(names)}")
    return names[0]
