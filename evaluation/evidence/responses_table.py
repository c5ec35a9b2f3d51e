"""The stored answers of one population as a lazy table of scores: the only place where rows come from."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pandas as pd

from evaluation.errors import IntegrityError
from evaluation.evidence.engine import parquet
from evaluation.evidence.sums import Ask, stated
from evaluation.evidence.tallies import options_of
from evaluation.measures.score import routed_out, scores
from evaluation.organisations.register import Register
from evaluation.protocol.documents import Documents
from evaluation.terms import Assignment, Level


def scored(table: ir.Table, population: str, asks: Mapping[str, Ask], documents: Documents) -> ir.Table:
    """Keys, stated covariates, one column per score (named by its ask) and one per item that has options.

    The names that are not the store's begin with an underscore, which no document can use.
    """
    groups = {name: stated(table[name]) for name in documents.protocol.populations[population].groups}
    values = {asks[name].key: score for name, score in scores(table, documents, population).items()}
    answers = items(table, population, documents) | routed(table, population, documents)
    return table.select("unit", "organisation", "wave", "respondent", "base", arm=_arm(table, documents), **groups, **values,
                        **answers)


def items(table: ir.Table, population: str, documents: Documents) -> dict[str, ir.NumericValue]:
    """The answers of items with options, as `_q0`, `_q1` ...; an item without a column was answered by nobody."""
    return {
        f"_q{number}": table[item] if item in table.columns else ibis.null("float64")
        for number, item in enumerate(options_of(population, documents))
    }


def people_in(files: Sequence[Path], population: str, documents: Documents) -> ir.Table:
    """Stored rows as people: a published option stands for the people who chose it, a row each; other rows as they are."""
    table = parquet(files)
    if documents.protocol.populations[population].level is not Level.OPTION:
        return table
    each = table.mutate(_each=ibis.range(0, table["base"]).unnest()).drop("_each")
    return each.mutate(base=ibis.null("int64"))


def routed(table: ir.Table, population: str, documents: Documents) -> dict[str, ir.BooleanValue]:
    """Who was not asked an item with options because of another answer, as `_r0`, `_r1` ...; none for items asked of all."""
    owners = {item: one for one in documents.instruments.values() if one.population == population for item in one.items}
    found = {f"_r{k}": routed_out(table, item, owners[item]) for k, item in enumerate(options_of(population, documents))}
    return {name: out for name, out in found.items() if out is not None}


def placed(grouped: pd.DataFrame, documents: Documents, register: Register) -> pd.DataFrame:
    """`grouped` with each unit's arm from the register (people carry their own when people were assigned), and its role.

    Units that have become others since they answered (former rows of the register) stand under what they became.

    Raises:
        IntegrityError: answers are stored for a unit that the register does not list.
    """
    if len(register.former):
        unit = register.now(grouped["unit"])
        grouped = grouped.assign(unit=unit, organisation=unit.map(register.units["organisation"]).fillna(grouped["organisation"]))
    lost = sorted(set(grouped["unit"]) - set(register.units.index))
    if lost:
        raise IntegrityError(
            f"answers are stored for {', '.join(lost)}, which the register does not list.",
            where=documents.protocol.organisations, code="register",
            fix="put the unit back into the register, or take its organisation's answers out of the wave: pilot wave withdraw.",
        )
    if documents.protocol.assignment is not Assignment.RESPONDENT:
        grouped = grouped.assign(arm=grouped["unit"].map(register.units["arm"]).astype("str"))
    roles = {name: arm.role.value for name, arm in documents.protocol.arms.items()}
    return grouped.assign(role=grouped["arm"].map(roles).astype("str"))


def _arm(table: ir.Table, documents: Documents) -> ir.StringValue:
    if documents.protocol.assignment is Assignment.RESPONDENT:
        return table["arm"]
    return ibis.null("string")
