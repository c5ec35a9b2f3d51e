"""`pilot simulate`: wave files with a known truth, or one file with a fault planted in it."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evaluation.audit_log import actor, append
from evaluation.cli.output import counted, emit, table, verb
from evaluation.study import Study, writing

if TYPE_CHECKING:
    from evaluation.simulate.files import SimulatedFile, SimulatedFiles

SAYS = "write wave files whose truth is known: effect, clustering, missing answers, leavers and joiners as simulation.yaml says"


def add(subparsers: Any) -> None:
    """Enter the verb."""
    parser = verb(subparsers, "simulate", SAYS, acts=True)
    parser.add_argument("study", help="folder of the study; every output made from it will say that its data are simulated")
    parser.add_argument("--seed", type=int, help="the same seed gives the same files (default: the protocol's seed)")
    parser.add_argument("--out", metavar="DIR", help="where to write (default: 'simulated' in the study)")
    parser.add_argument(
        "--trap", metavar="NAME", help="write one file with one planted fault instead; a name it does not know is told all names"
    )


def handler(args: argparse.Namespace) -> int:
    """Simulate, and say how to load what was written."""
    from evaluation.protocol.documents import read_documents  # these take seconds to import; help must not wait for them
    from evaluation.simulate.files import simulate

    study = Study.open(args.study)
    folder = Path(args.out) if args.out else study.root / "simulated"
    seed = args.seed if args.seed is not None else read_documents(study.root).protocol.seed
    with writing(study, "simulate"):
        if args.trap:
            return _trap(args, study, folder, seed)
        made = simulate(study, folder, seed)
        details = {"seed": seed, "files": {file.path.name: file.as_record()["sha256"] for file in made.files}}
        append(study.audit_file, "simulate", actor(args.as_name), details)
    emit(args, made.as_record(), _told(made, study, folder))
    return 0


def _told(made: "SimulatedFiles", study: Study, folder: Path) -> str:
    rows = [
        ("file", "answers", "wave", "asked of", ""),
        *((file.path.name, f"{file.rows:,}", file.wave, file.population, _remark(file)) for file in made.files),
    ]
    first = made.files[0]
    return "\n".join(
        [
            f"{counted(len(made.files), 'file')} in {folder}, simulated with seed {made.seed}. {made.sentence}",
            "",
            table(rows, indent="  "),
            "",
            "Look at the first one, then load it:",
            f"  {first.command(study.root, 'check')}",
            f"  {first.command(study.root)}",
        ]
    )


def _remark(file: "SimulatedFile") -> str:
    if file.mapping:
        return f"as the supplier wrote it: --mapping {file.mapping}"
    return "late answers: --append" if file.append else ""


def _trap(args: argparse.Namespace, study: Study, folder: Path, seed: int) -> int:
    from evaluation.simulate.files import simulate_trap

    made = simulate_trap(study, folder, seed, args.trap)
    append(study.audit_file, "simulate", actor(args.as_name), {"seed": seed, "trap": made.trap.name})
    record = {**made.file.as_record(), "trap": made.trap.name, "planted": made.trap.says, "expect": made.trap.expect}
    first = [f"  {made.honest.command(study.root)}"] if made.honest else []
    lines = [
        f"{made.file.path} holds {made.trap.says}.",
        f"It should be {made.trap.expect}. Try it:",
        *first,
        f"  {made.file.command(study.root)}",
    ]
    emit(args, record, "\n".join(lines))
    return 0
