"""`make results`: what the program gave on public and simulated data, written down in docs/results.md from runs.

A section whose data, benchmark packages or browser are not on this machine stays as it was committed, and that is said.
"""

import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from tests.conftest import REPOSITORY

PAGE = REPOSITORY / "docs" / "results.md"
HEAD = """# Results: what it gave, and by which command

Written by `make results`; no number is typed by hand except the published or reference figures that ours stand beside, which are
those of the tests. Tests compare each section with a run. How numbers are made is in [methods.md](methods.md).
"""
BENCHMARK = REPOSITORY / "benchmarks" / "difference_in_differences.md"


class MissingError(Exception):
    """What a section needs is not on this machine."""


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> list[str]:
    """A Markdown table."""
    names = list(head)
    return [f"| {' | '.join(names)} |", "|---|" + (len(names) - 1) * "---|", *(f"| {' | '.join(map(str, row))} |" for row in rows)]


def illinois(found: pd.DataFrame) -> list[str]:
    """Published and ours, row by row."""
    from tests.journeys.test_illinois import PUBLISHED

    ours = found[(found["estimator"] == "robust least squares") & (found["variance"] == "HC1")].set_index("estimand")

    def row(name: str) -> tuple[object, ...]:
        _, effect, error, people = PUBLISHED[name]
        scale = 1 if name == "presenteeism_effect" else 100
        mine = ours.loc[name]
        exact = f"{mine['estimate'] / scale:.3f}", f"{mine['std_error'] / scale:.3f}", f"{mine['n_respondents']:,}"
        printed = f"{effect:.3f}", f"{error:.3f}", f"{people:,}"
        return name, *printed, *exact, "yes" if [float(x.replace(",", "")) for x in printed] == [float(x.replace(",", "")) for x in exact] else "NO"

    head = ("question", "published effect", "SE", "people", "our effect", "SE (HC1)", "people", "equal")
    return ["Command: the recipe of [protocols/illinois-wellness](../protocols/illinois-wellness/README.md). Shares, as printed; published:",
            "Jones, Molitor and Reif (2019), Appendix Table A.4d, \"No controls\".", "", *table(head, map(row, PUBLISHED))]


def special_measures(found: pd.DataFrame) -> list[str]:
    """The reference, the two sandwich errors and the headline of the five questions."""
    from tests.journeys.test_special_measures import REFERENCE

    whole = found[found["term"] == "pilot:follow_up"].set_index(["estimand", "estimator", "variance"])

    def row(name: str) -> tuple[object, ...]:
        effect, error, pilots, comparisons = REFERENCE[name]
        plain, reduced = (whole.loc[(name, "least squares", kind)] for kind in ("CR1S", "CR2"))
        head = whole.loc[(name, "unit change", "pooled t")]
        return (name, f"{pilots} and {comparisons}", f"{effect:.4f} ({error:.4f})", f"{plain['estimate']:.4f} ({plain['std_error']:.4f})",
                f"{reduced['std_error']:.4f}, df {reduced['df']:.1f}", f"{head['estimate']:.4f}",
                f"{head['conf_low']:.4f} to {head['conf_high']:.4f}")

    head = ("question", "trusts", "reference (SE)", "ours (CR1S)", "CR2", "headline", "its 95% interval")
    return ["Command: the recipe of [protocols/special-measures](../protocols/special-measures/README.md). Difference in differences,",
            "2012 to 2014; the reference is least squares computed once by other software from the same rows, not published. The headline",
            "is unit change at equal weights (`pooled t`), because only means are known.", "", *table(head, map(row, REFERENCE))]


def army(means: dict[str, tuple[float, int]], fits: dict[str, float]) -> list[str]:
    """Wave means from sums, and the mixed model on rows, beside the reference."""
    from tests.journeys.test_army import FITS, MEANS

    rows = [(f"mean, {wave} wave ({people} people)", f"{mean:.4f}", f"{MEANS[wave][0]:.4f}")
            for wave, (mean, people) in means.items()]
    rows += [(name, f"{value:.4f}", f"{FITS[name]:g}") for name, value in fits.items()]
    return ["Command: the recipe of [protocols/army-waves](../protocols/army-waves/README.md), then `ev.random_effects` on rows. The",
            "reference is REML, computed once and listed with the data.", "", *table(("figure", "ours", "reference"), rows)]


def moments() -> list[str]:
    """Sums against rows, on simulated answers."""
    from benchmarks.difference_in_differences import answers, by_statsmodels, estimate, sums

    def row(rows: int) -> tuple[object, ...]:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "answers.parquet"
            answers(rows, 1).to_parquet(file, index=False)
            plain, mine = by_statsmodels(file), estimate(sums(file), "CR1S")
        errors = abs(mine.estimate / plain.effect - 1), abs(mine.std_error / plain.std_error - 1)
        return f"{rows:,}", "statsmodels", *("less than 1e-10" if error < 1e-10 else f"{error:.0e}" for error in errors)

    text = BENCHMARK.read_text(encoding="utf-8").splitlines()
    race = [line.strip("| ").split(" | ") for line in text if line.count("|") == 4][2:]
    rows = [*map(row, (6_000, 60_000)), *(("1,000,000", *line) for line in race)]
    return ["Difference in differences with six covariates, 12 organisations, from sums and by others on the rows (CR1S). Command:",
            "`make results`; the last lines `make bench`. Held to 1e-10 by `tests/benchmarks`; CR2 with its degrees of freedom by",
            "`tests/inference/test_variance.py`.", "",
            *table(("rows", "against", "relative error of the effect", "of its standard error"), rows)]


def coverage() -> list[str]:
    """The committed table of recovery."""
    from tests.truth.table import FILE

    kept = json.loads(FILE.read_text(encoding="utf-8"))
    rows = [(f"{one['estimand']}: {one['contrast']}", one["truth"], f"{one['held']} of {one['studies']}", _share(one),
             f"{one['mean_error']:+.4f}", f"{one['spread']:.4f}", f"{one['mean_std_error']:.4f}") for one in kept["table"]]
    head = ("question", "truth", "intervals that hold it", "coverage", "mean error", "spread of estimates", "mean standard error")
    return [f"Command: `make truth` (about {kept['seconds'] / 60:.0f} minutes); seeds {kept['seeds'][0]} to {kept['seeds'][1]} of",
            f"{kept['study']}.", "", *table(head, rows),
            *(line for one in kept["table"] if "note" in one for line in ("", f"{one['estimand']}: {one['note']}"))]


def _share(line: dict[str, Any]) -> str:
    """A coverage as 0.935 (0.892 to 0.965): with its binomial interval, where the table keeps one."""
    low, high = line.get("coverage_interval", (None, None))
    return f"{line['coverage']:.3f}" + ("" if low is None else f" ({low:.3f} to {high:.3f})")


def speed() -> list[str]:
    """The ratios of the committed race."""
    text = BENCHMARK.read_text(encoding="utf-8").splitlines()
    rows = [line for line in text if line.startswith("| ") and line.count("|") == 7]
    return ["Command: `make bench`; from [benchmarks/difference_in_differences.md](../benchmarks/difference_in_differences.md):", "",
            f"> {text[2]}", "", rows[0], "|---|" + 5 * "---|", *rows[1:]]


def accessibility(counts: dict[tuple[str, str, int], int]) -> list[str]:
    """axe violations by page, theme and width."""
    looks = list(dict.fromkeys((scheme, width) for _, scheme, width in counts))
    pages = list(dict.fromkeys(page for page, _, _ in counts))
    rows = [(page, *(counts[(page, *look)] for look in looks)) for page in pages]
    return ["Command: `make results`. Violations found by axe-core (WCAG 2.0 to 2.2, A and AA, best practices) in Chromium, folded parts open; width in pixels.",
            "Held at none by `tests/browser/test_accessibility.py`.", "",
            *table(("page", *(f"{scheme}, {width}" for scheme, width in looks)), rows)]


@cache
def _folder() -> Path:
    folder = Path(tempfile.mkdtemp())
    os.environ["PILOT_KEY_FILE"] = str(folder / "pilot.key")
    return folder


def _run(name: str, recipe: str) -> pd.DataFrame:
    from evaluation.run import run
    from tests.journeys import recipes

    if why := recipes.missing(name):
        raise MissingError(why)
    return run(getattr(recipes, recipe)(_folder())).tidy()


def _army() -> list[str]:
    from tests.journeys import recipes
    from tests.journeys.test_army import fits_of, means_of

    if why := recipes.missing(recipes.ARMY):
        raise MissingError(why)
    study = recipes.army(_folder())
    return army(means_of(study), fits_of(study))


def _accessibility() -> list[str]:
    from tests.browser.counts import counts

    return accessibility(counts(_folder()))


Maker = Callable[[], list[str]]

SECTIONS: dict[str, Maker] = {
    "People drawn by lot: the Illinois table": lambda: illinois(_run("illinois_workplace_wellness_survey", "illinois")),
    "Organisations: special measures": lambda: special_measures(_run("nhs_staff_survey_special_measures_2012_2015", "special_measures")),
    "Three waves: the army study": _army,
    "Sums against rows": moments,
    "Simulated truth": coverage,
    "Speed beside peers": speed,
    "Accessibility of the board": _accessibility,
}


def section(title: str) -> list[str]:
    """A section as it is committed."""
    after = PAGE.read_text(encoding="utf-8").partition(f"\n## {title}\n\n")[2]
    return after.partition("\n## ")[0].rstrip("\n").splitlines()


def main() -> None:
    """Make every section that can be made here."""
    parts = [HEAD]
    for title, make in SECTIONS.items():
        try:
            lines = make()
        except (MissingError, ImportError) as error:
            sys.stderr.write(f"'{title}' stays as committed: {error}\n")
            lines = section(title)
        parts.append("\n".join([f"## {title}", "", *lines, ""]))
    PAGE.write_text("\n".join(parts), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
