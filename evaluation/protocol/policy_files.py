"""Where a named policy lies: in the study's own folder, else among those that ship with the program."""

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from evaluation.errors import Problem
from evaluation.protocol.data_protection import NAME as DATA_PROTECTION
from evaluation.protocol.faults import Fault
from evaluation.protocol.model import Policies, Protocol
from evaluation.protocol.plain_yaml import read_yaml
from evaluation.protocol.policy import DisclosurePolicy
from evaluation.protocol.reading import Reading, gathered
from evaluation.protocol.wording import suggestion

SUFFIXES = (".yaml", ".yml", ".json")
"""Endings of documents."""


def document_files(folder: Path) -> list[Path]:
    """The documents in a folder, by name; none when there is no folder."""
    return sorted(path for path in folder.glob("*") if path.suffix in SUFFIXES)


def own_policies(root: Path) -> dict[str, Path]:
    """Disclosure policies that the study in folder `root` brings, by name."""
    return {path.stem: path for path in document_files(root / "policies") if path.stem != DATA_PROTECTION}


def shipped_policies() -> dict[str, Path]:
    """Policies that come with the program, by name."""
    return {path.stem: path for path in document_files(Path(str(files("protocols") / "policies")))}


def policy_file(root: Path, name: str) -> Path | None:
    """The file of policy `name` for the study in folder `root`; None when there is none."""
    return own_policies(root).get(name) or shipped_policies().get(name)


def read_policy(root: Path, plan: Protocol | None, problems: list[Problem]) -> Reading[DisclosurePolicy] | None:
    """The policy that the protocol names: the study's own, else one that ships with the program; None when there is none.

    Every policy of the study's own is read, so that a faulty one is told whether or not it is named.
    """
    own = {name: gathered(path, root, DisclosurePolicy, problems) for name, path in own_policies(root).items()}
    named = getattr(plan, "policies", None)
    if not isinstance(named, Policies):
        return None
    shipped = shipped_policies().get(named.disclosure)
    if named.disclosure in own or shipped is None:
        return own.get(named.disclosure)
    return gathered(shipped, root, DisclosurePolicy, problems)


def policy_faults(root: Path, plan: Protocol, policy: Reading[DisclosurePolicy] | None) -> Iterator[Fault]:
    """What the policy and the protocol that names it say about each other."""
    named = getattr(plan, "policies", None)
    if not isinstance(named, Policies):
        return
    name, shipped, own = named.disclosure, shipped_policies(), own_policies(root)
    if name not in own and name not in shipped:
        known = suggestion(name, sorted({*own, *shipped}), "Policies")
        yield Fault(f"there is no disclosure policy '{name}'.", known, ("policies", "disclosure"))
    if policy is None or policy.block is None:
        return
    if policy.block.policy != name:
        what = f"the file calls itself policy '{policy.block.policy}', but its name is '{name}'."
        yield Fault(what, "give both one name.", ("policy",), "policy")
    if name in own and name in shipped and policy.located.data != read_yaml(shipped[name]).data:
        what = f"policy '{name}' of this study is not the policy of that name that ships with the program."
        yield Fault(what, "a policy is known by its name: give this one another, and name it in the protocol.", (), "policy")
    if named.threshold is not None and named.threshold < policy.block.threshold:
        what = f"the protocol's threshold of {named.threshold} is below the {policy.block.threshold} of policy '{name}'."
        yield Fault(what, f"write {policy.block.threshold} or more, or take 'threshold' out.", ("policies", "threshold"))
