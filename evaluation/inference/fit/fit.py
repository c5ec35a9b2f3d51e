"""The analyst's formula interface: one line to a regression, one more to its numbers."""

from collections.abc import Sequence

from evaluation.evidence.any_table import Source, opened, schema_of
from evaluation.inference.fit.asked import check_columns, columns_for
from evaluation.inference.fit.clustered import ClusteredFits, Fit
from evaluation.inference.fit.clusters import fit_clusters
from evaluation.inference.fit.formula import parse
from evaluation.inference.fit.people import UNITS, PeopleFit, fit_people
from evaluation.inference.fit.regression import Fits
from evaluation.inference.fit.tables import refuse_empty, row_count


def fit(
    formula: str, data: Source, *, cluster: str | None = None, weights: str | None = None, absorb: Sequence[str] = ()
) -> Fit | PeopleFit | Fits:
    """Least squares by a formula.

    With `cluster` the rows are summed once by cluster and everything after works on the sums. Without it every row counts as
    assigned by itself (people drawn one by one, or one row an organisation): the rows are fitted by QR.

    Args:
        formula: outcomes, '~', terms, in R's grammar: "score ~ pilot * follow_up + age", "q1 + q2 ~ pilot". Numbers and yes/no
            enter as they are, text (and `C(x)`) as one 0/1 column a level but the first, 'not stated' being a level; arithmetic
            and functions of one row (`I(age**2)`, `np.log(pay)`) are worked out, what looks at a whole column is refused.
        data: a pandas, polars or Arrow table, a DuckDB relation, or the path of a Parquet file.
        cluster: the column of what was assigned: organisations, sites, teams. Rows without one are left out.
        weights: a column of weights, none below zero; rows of weight zero are left out.
        absorb: columns whose every level gets an effect of its own, which is not told; the constant is not told either.

    Returns:
        A `Fit` (by clusters) or a `PeopleFit` (by rows), for several outcomes a `Fits` of them; each has `.tidy()`, `.glance()`,
        `.summary()` and `.plot()`. Rows with something missing are left out, outcome by outcome, and counted.

    Raises:
        DesignError: what is asked is not in the table, or the table cannot answer it: numbers are infinite or do not vary,
            weights are negative, nobody has a complete row, columns are so nearly collinear that sums would lose the digits
            (with the condition number), or, without `cluster`, a term does not vary inside organisations.
    """
    asked, source = parse(formula), opened(data)
    schema = schema_of(source)
    check_columns(asked, schema, [name for name in (cluster, *absorb) if name is not None], weights)
    refuse_empty(", ".join(asked.outcomes), row_count(source), asked.factors)
    entered = [name for name in absorb if weights or name != cluster]
    columns = columns_for(asked, source, schema, entered)
    if cluster is None:
        units = [name for name in UNITS if name in schema.names]
        people = fit_people(source, asked, columns, weights, units)
        return people[0] if len(people) == 1 else Fits(tuple(people))
    fits = fit_clusters(source, asked, columns, cluster, weights, absorb=len(entered) < len(absorb))
    return fits[0] if len(fits) == 1 else ClusteredFits(tuple(fits))
