"""The worked study that `pilot demo` builds: its documents, simulated answers, one run, and what it found in words."""

import json
import shutil
from pathlib import Path
from textwrap import wrap

from evaluation.audit_log import actor
from evaluation.cli.new_study import copy_template
from evaluation.cli.output import progress, table
from evaluation.errors import MachineError, UsageError
from evaluation.findings.findings import Finding, Findings
from evaluation.run import run
from evaluation.simulate.files import SimulatedFile, SimulatedFiles, simulate
from evaluation.study import Study, writing
from evaluation.terms import Design
from evaluation.waves.arriving import Arriving
from evaluation.waves.load import check_wave, load_wave
from evaluation.waves.store import Intent

TEMPLATE, MARKER, ANSWERS = "values-pilot", ".pilot-demo", "answers"
STEPS, WIDTH = 4, 100


def build(study: Study, seed: int) -> tuple[SimulatedFiles, Findings]:
    """The worked study in the study's folder: documents, simulated waves, result and preview.

    Raises:
        UsageError: the folder holds something that this command did not make.
        BusyError: another process is at work in it.
    """
    progress(1, STEPS, f"copying the worked study to {study.root}")
    prepare(study, seed)
    progress(2, STEPS, f"simulating its waves with seed {seed}")
    with writing(study, "simulate"):
        made = simulate(study, study.root / ANSWERS, seed)
    for file in made.files:
        progress(3, STEPS, f"checking and loading {file.path.name}")
        _load(study, file)
    findings = run(study, lambda step, of, words: progress(4, STEPS, f"running the plan ({step} of {of}): {words}"))
    return made, findings


def prepare(study: Study, seed: int) -> None:
    """A folder with the worked study's documents; one that an earlier demo made is emptied first, any other is left alone."""
    root = study.root
    if root.is_symlink() or (root.exists() and not root.is_dir()) or root.resolve() == Path.cwd():
        raise UsageError(f"'{root}' cannot be built anew.", fix="name a folder of its own: pilot demo DIR")
    if root.is_dir() and any(root.iterdir()) and not (root / MARKER).is_file():
        raise UsageError(
            f"'{root}' holds something that pilot demo did not make; nothing was touched.", fix="name another: pilot demo DIR"
        )
    try:
        if root.is_dir():
            with writing(study, "demo"):
                _empty(root, study.lock_file)
        copy_template(TEMPLATE, root, actor())
        marker = {"made_by": "pilot demo", "seed": seed, "says": "pilot demo builds this folder anew, whatever is in it."}
        (root / MARKER).write_text(json.dumps(marker) + "\n", encoding="utf-8")
    except OSError as fault:
        where, fix = str(fault.filename or root), "check free space and permissions, or name another folder: pilot demo DIR"
        raise MachineError(f"cannot build the demo: {fault.strerror}.", where=where, fix=fix) from fault


def _empty(root: Path, keep: Path) -> None:
    """Delete what an earlier demo left; its marker goes last, so that an interrupted demo can be built again."""
    marker = root / MARKER
    for path in [path for path in root.iterdir() if path not in (keep, marker)]:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    marker.unlink(missing_ok=True)


def _load(study: Study, file: SimulatedFile) -> None:
    arriving = Arriving(file.path, file.wave, file.population, mapping=file.mapping)
    intent = Intent(append=file.append)
    check_wave(study, arriving, intent)
    load_wave(study, arriving, actor=actor(), intent=intent)


def told(study: Study, made: SimulatedFiles, findings: Findings, address: str | None) -> str:
    """The main finding, every verdict, and where to look next."""
    root, main = study.root, findings.items[0]
    rows = [("", "verdict", "difference"), *((_label(one), one.verdict.short, _difference(one)) for one in findings.items)]
    pages = f"Board's pages: {address} (preview, not approved). Stop with Ctrl+C."
    return "\n".join(
        [
            f"{findings.title}, result {findings.result_number}",
            f"Simulated data. {made.sentence}",
            "",
            *wrap(main.sentence, WIDTH),
            "",
            table(rows, indent="  "),
            "",
            *wrap(f"For decision: {findings.decision.asks} The plan says: {findings.decision.plan_says}.", WIDTH),
            "",
            f"The study is in {root}, its answers in {root / ANSWERS}. Look round:",
            f"  pilot check {root}",
            f"  pilot wave list {root}",
            f"  pilot results show {root} {findings.result_number}",
            *([] if address else [f"  pilot serve {root}"]),
            *(["", pages] if address else []),
        ]
    )


def _label(finding: Finding) -> str:
    """The measure, with what sets this question apart from the usual one."""
    subject = finding.subject
    arm = "" if subject.contrast == "pilot - comparison" else f": {subject.contrast.removesuffix(' - comparison')}"
    design = "" if subject.design is Design.DIFFERENCE_IN_DIFFERENCES else f" ({subject.design.value})"
    return f"{subject.label}{arm}{design}"


def _difference(finding: Finding) -> str:
    (low, high), estimate = finding.interval, finding.headline.estimate
    if estimate is None or low is None or high is None:
        return ""
    subject = finding.subject
    return f"{subject.signed(estimate)} ({subject.span(low, high)}) {subject.unit_words}"
