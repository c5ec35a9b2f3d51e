"""The documents of a study, read together: the plan, its instruments, values and policy, and one fingerprint of them all.

Every document is read before anything is refused, so that one message holds all that is wrong.
"""

import csv
import hashlib
import io
import json
from collections.abc import Mapping as MappingOf
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from evaluation.errors import MachineError, Problem, ProtocolError, WaveError
from evaluation.protocol.check_mapping import mapping_faults
from evaluation.protocol.check_plan import is_inside
from evaluation.protocol.consistency import faults_of
from evaluation.protocol.data_protection import data_protection_problems
from evaluation.protocol.faults import Fault, Parts
from evaluation.protocol.instrument import Instrument
from evaluation.protocol.located import Key, Located
from evaluation.protocol.mapping import Mapping
from evaluation.protocol.model import Protocol
from evaluation.protocol.plain_yaml import read_yaml
from evaluation.protocol.policy import DisclosurePolicy
from evaluation.protocol.policy_files import document_files, policy_faults, read_policy, shipped_policies
from evaluation.protocol.reading import Reading, gathered, shown_name
from evaluation.protocol.seal import changes_on_disk
from evaluation.protocol.values_document import Framework
from evaluation.protocol.wording import fold

__all__ = ["Documents", "Located", "read_documents", "read_mapping", "read_yaml", "shipped_policies"]

TABLE_LIMIT = 4 * 1024 * 1024
"""Bytes that organisations.csv may have."""


@dataclass(frozen=True)
class Documents:
    """All documents of a study, checked one by one and against one another.

    `policy` has the threshold that holds: the named policy's, or the protocol's own where that is stricter. `sources` has the
    located text of 'protocol', 'values', 'policy' and 'instruments/<name>'. `fingerprint` is the SHA-256 of the documents'
    canonical JSON: another layout or comment leaves it, another word or order changes it.
    """

    protocol: Protocol
    instruments: MappingOf[str, Instrument]
    policy: DisclosurePolicy
    values: Framework | None
    root: Path
    fingerprint: str
    sources: MappingOf[str, Located] = field(repr=False)

    def where(self, document: str, path: Sequence[Key] = ()) -> str:
        """Where `document` says `path`, or its nearest block: 'values-pilot/protocol.yaml, line 48, column 5'."""
        return self.sources[document].where(path)

    @property
    def register_file(self) -> Path:
        """organisations.csv, or what the protocol calls it."""
        return self.root / self.protocol.organisations


def read_documents(root: Path) -> Documents:
    """All documents of the study in folder `root`.

    Raises:
        ProtocolError: anything is wrong with any of them; holds all problems, each with document, line and column.
        MachineError: a document cannot be read from disk.
    """
    problems: list[Problem] = []
    protocol = gathered(root / "protocol.yaml", root, Protocol, problems)
    instruments = [gathered(file, root, Instrument, problems) for file in document_files(root / "instruments")]
    framework = gathered(root / "values.yaml", root, Framework, problems) if (root / "values.yaml").exists() else None
    plan = (protocol.block or protocol.partial) if protocol else None
    policy = read_policy(root, plan, problems)
    register = _register_text(root, plan, problems)
    named, sources = _by_name(instruments, problems)
    lost = _lost(protocol, framework, instruments, root) if protocol else frozenset[str]()
    problems += data_protection_problems(root, getattr(plan, "populations", {}), named, lost)
    sources |= {name: one.located for name, one in (("protocol", protocol), ("values", framework), ("policy", policy)) if one}
    if protocol and plan:
        values = framework.block if framework else None
        parts = Parts(plan, named, values, lost, protocol.absent)
        problems += [_located(fault, sources) for fault in (*faults_of(parts), *policy_faults(root, plan, policy))]
    if problems or plan is None or policy is None or policy.block is None:
        raise ProtocolError(fold([*problems, *changes_on_disk(root)]))
    strict = policy.block.model_copy(update={"threshold": max(policy.block.threshold, plan.policies.threshold or 0)})
    fingerprint = _fingerprint(sources, register, _benchmarks(root, plan))
    return Documents(plan, named, strict, framework.block if framework else None, root, fingerprint, sources)


def read_mapping(path: Path, documents: Documents) -> Mapping:
    """The mapping in file `path`, checked against the study's documents.

    Raises:
        WaveError: a key is wrong, or the mapping names what the study does not have; all problems at once.
    """
    problems: list[Problem] = []
    reading = gathered(path, documents.root, Mapping, problems)
    if reading and reading.block:
        problems += [
            Problem(fault.what, reading.located.where(fault.path), fault.fix, "mapping")
            for fault in mapping_faults(reading.block, documents.protocol, documents.instruments, _places(documents))
        ]
    if problems or reading is None or reading.block is None:
        raise WaveError(fold(problems))
    return reading.block


def _places(documents: Documents) -> dict[str, tuple[str, ...]]:
    """The register's codes of organisations and units, for the mappings that name them; its rows are checked elsewhere."""
    text = _register_text(documents.root, documents.protocol, [])
    rows = list(csv.DictReader(io.StringIO(text), strict=False))
    found = {key: tuple(dict.fromkeys(row[key].strip() for row in rows if row.get(key))) for key in ("organisation", "unit")}
    return {key: codes for key, codes in found.items() if codes}


def _register_text(root: Path, plan: Protocol | None, problems: list[Problem]) -> str:
    """The register as text, for the fingerprint; its rows are read by organisations/register.py."""
    name = getattr(plan, "organisations", "organisations.csv")
    where = shown_name(root / name, root)
    if not is_inside(name):
        return ""
    try:
        with (root / name).open("rb") as stream:
            raw = stream.read(TABLE_LIMIT + 1)
        if len(raw) > TABLE_LIMIT:
            problems.append(
                Problem(
                    f"the register is larger than {TABLE_LIMIT // 2**20} MiB.",
                    where,
                    "keep one row an organisation or team.",
                    "register",
                )
            )
        return "\n".join(raw.decode("utf-8-sig").splitlines())
    except FileNotFoundError:
        problems.append(
            Problem("the register of organisations is not there.", where, f"write {name}, one row an organisation.", "register")
        )
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        problems.append(
            Problem("the register is not UTF-8 text.", f"{where}, line {line}", "save it as 'CSV UTF-8'.", "register")
        )
    except OSError as error:
        raise MachineError(
            f"the register cannot be read: {error.strerror}.", where=where, fix="check the file's permissions."
        ) from error
    return ""


def _by_name(
    readings: Sequence[Reading[Instrument] | None], problems: list[Problem]
) -> tuple[dict[str, Instrument], dict[str, Located]]:
    named: dict[str, Instrument] = {}
    sources: dict[str, Located] = {}
    for reading in readings:
        if reading is None or reading.block is None:
            continue
        name = reading.block.instrument
        if name in named:
            problems.append(
                Problem(
                    f"two documents are instrument '{name}'.",
                    reading.located.where(("instrument",)),
                    "give one another name.",
                    "instrument",
                )
            )
            continue
        named[name], sources[f"instruments/{name}"] = reading.block, reading.located
    return named, sources


def _lost(
    protocol: Reading[Protocol],
    framework: Reading[Framework] | None,
    instruments: Sequence[Reading[Instrument] | None],
    root: Path,
) -> frozenset[str]:
    """Names that may stand in what could not be read; 'instruments' or 'values' when such a document says nothing at all."""
    lost = set(protocol.lost)
    for section in protocol.absent:
        lost |= _every_name(protocol.located.data.get(section))
    for reading in (framework, *instruments):
        if reading is not None:
            lost |= reading.lost if reading.block else _every_name(reading.located.data)
    lost |= {"instruments"} if None in instruments else set()
    return frozenset(lost | ({"values"} if framework is None and (root / "values.yaml").exists() else set()))


def _every_name(data: Any) -> set[str]:
    if isinstance(data, dict):
        return {str(key) for key in data} | {name for part in data.values() for name in _every_name(part)}
    if isinstance(data, list):
        return {name for part in data for name in _every_name(part)}
    return {data} if isinstance(data, str) else set()


def _located(fault: Fault, sources: MappingOf[str, Located]) -> Problem:
    return Problem(fault.what, sources[fault.document].where(fault.path), fault.fix, "contradiction")


def _benchmarks(root: Path, plan: Protocol) -> dict[str, str]:
    """SHA-256 of every file of national figures that is there; its rows are read by organisations/benchmark.py."""
    named = sorted({one.benchmark for one in plan.estimands.values() if one.benchmark})
    return {name: hashlib.sha256((root / name).read_bytes()).hexdigest() for name in named if (root / name).is_file()}


def _fingerprint(sources: MappingOf[str, Located], register: str, benchmarks: MappingOf[str, str]) -> str:
    plan = {name: source.data for name, source in sorted(sources.items())}
    text = json.dumps({**plan, "organisations": register, **benchmarks}, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
