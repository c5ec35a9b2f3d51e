"""Where a named policy lies: in the study's own folder, else among those that ship with the program."""

from importlib.resources import files
from pathlib import Path

from evaluation.errors import Problem
from evaluation.protocol.faults import Fault
from evaluation.protocol.model import Protocol
from evaluation.protocol.plain_yaml import read_yaml
from evaluation.protocol.policy import DisclosurePolicy
from evaluation.protocol.reading import Reading, gathered, shown_name
from evaluation.protocol.wording import suggestion

SUFFIXES = (".yaml", ".yml", ".json")
"""Endings of documents."""


def document_files(folder: Path) -> list[Path]:
    """The documents in a folder, by name; none when there is no folder."""
    return sorted(path for path in folder.glob("*") if path.suffix in SUFFIXES)


def own_policies(root: Path) -> dict[str, Path]:
    """Policies that the study in folder `root` brings, by name."""
    return {path.stem: path for path in document_files(root / "policies")}


def shipped_policies() -> dict[str, Path]:
    """Policies that come with the program, by name."""
    return {path.stem: path for path in document_files(Path(str(files("protocols") / "policies")))}


def policy_file(root: Path, name: str) -> Path | None:
    """The file of policy `name` for the study in folder `root`; None when there is none."""
    return own_policies(root).get(name) or shipped_policies().get(name)


def read_policy(root: Path, plan: Protocol | None, problems: list[Problem]) -> Reading[DisclosurePolicy] | None:
    """The policy that the protocol names: the study's own, else one that ships with the program."""
    if plan is None:
        for path in document_files(root / "policies"):
            gathered(path, root, DisclosurePolicy, problems)
        return None
    own, shipped, name = own_policies(root), shipped_policies(), plan.policies.disclosure
    found = policy_file(root, name)
    if found is None:
        known = suggestion(name, sorted({*own, *shipped}), "Policies")
        problems.append(
            Problem(
                f"there is no disclosure policy '{name}'.",
                f"{shown_name(root / 'protocol.yaml', root)}, under policies",
                known,
                "policy",
            )
        )
        return None
    reading = gathered(found, root, DisclosurePolicy, problems)
    if reading and name in own and name in shipped and reading.located.data != read_yaml(shipped[name]).data:
        problems.append(
            Problem(
                f"policy '{name}' of this study is not the policy of that name that ships with the program.",
                reading.located.where(),
                "a policy is known by its name: give this one another, and name it in the protocol.",
                "policy",
            )
        )
    return reading


def policy_faults(plan: Protocol, policy: Reading[DisclosurePolicy] | None) -> list[Fault]:
    """What the policy and the protocol that names it say about each other."""
    if policy is None or policy.block is None:
        return []
    faults, stated = [], plan.policies.threshold
    if policy.block.policy != plan.policies.disclosure:
        faults.append(
            Fault(
                f"the file calls itself policy '{policy.block.policy}', but its name is '{plan.policies.disclosure}'.",
                "give both one name.",
                ("policy",),
                "policy",
            )
        )
    if stated is not None and stated < policy.block.threshold:
        faults.append(
            Fault(
                f"the protocol's threshold of {stated} is below the {policy.block.threshold} of policy '{policy.block.policy}'.",
                f"write {policy.block.threshold} or more, or take 'threshold' out.",
                ("policies", "threshold"),
            )
        )
    return faults
