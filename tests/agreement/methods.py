"""Every method that R was asked for: what R computed it with, how close we must be, and which function of `ours` answers."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from tests.agreement.golden import Case
from tests.agreement.ours import bootstraps, measured, mixed, over_time, people, regressions, rows, units, weighted

CLOSED, WEIGHTED, ITERATED = 1e-8, 1e-6, 1e-4


@dataclass(frozen=True)
class Method:
    """`against`: what R computed it with; `ours`: the same numbers by our code, with the names that the golden values have."""

    against: str
    tolerance: float
    ours: Callable[[Case], dict[str, Any]]


def sandwich(kind: str) -> Method:
    return Method("clubSandwich::coef_test", CLOSED, partial(regressions.sandwich, kind))


METHODS: dict[str, Method] = {
    "least squares": Method("lm", CLOSED, regressions.coefficients),
    **{kind + rows: sandwich(kind) for rows in ("", " of weighted rows") for kind in ("CR0", "CR1", "CR1S", "CR2", "CR3")},
    "linearisation": Method("survey::svyglm", CLOSED, regressions.linearisation),
    "HTZ": Method("clubSandwich::Wald_test", CLOSED, regressions.together),
    "wild bootstrap, restricted": Method("all sign vectors on rows in plain R", CLOSED, partial(bootstraps.wild, restricted=True)),
    "wild bootstrap, unrestricted": Method("all sign vectors on rows in plain R", CLOSED, partial(bootstraps.wild, restricted=False)),
    "wild bootstrap, interval": Method("bisection of its p in plain R", CLOSED, bootstraps.interval),
    "wild bootstrap, Romano-Wolf": Method("step-down on rows in plain R", CLOSED, bootstraps.together),
    "leave one out": Method("lm without each organisation", CLOSED, regressions.without_each),
    "mixed model": Method("lme4", ITERATED, mixed.model),
    "Satterthwaite df of a mixed model": Method("lmerTest", ITERATED, partial(mixed.small_samples, df="satterthwaite")),
    "Kenward-Roger": Method("pbkrtest", ITERATED, partial(mixed.small_samples, df="kenward-roger")),
    "organisation effects of a mixed model": Method("lme4", ITERATED, mixed.organisations),
    "unit change, headline": Method("G x G matrices in plain R", ITERATED, units.decisive),
    "variance between units, REML": Method("G x G matrices in plain R", ITERATED, units.between),
    "partially pooled units": Method("Henderson's equations in plain R", ITERATED, units.pooled),
    "Bayesian reading": Method("integrate", ITERATED, units.bayes),
    "placebo reassignment": Method("every placement in plain R", ITERATED, units.reassigned),
    "unit change, pooled t": Method("t.test", CLOSED, units.pooled_t),
    "one-sample t": Method("t.test", CLOSED, units.one_sample),
    "signs and signed ranks": Method("wilcox.test, binom.test", CLOSED, units.signs),
    "HC1": Method("sandwich::vcovHC", CLOSED, partial(people.heteroskedastic, "HC1")),
    "HC2": Method("sandwich::vcovHC", CLOSED, partial(people.heteroskedastic, "HC2")),
    "Bell-McCaffrey df": Method("clubSandwich::coef_test", CLOSED, partial(people.heteroskedastic, "HC2")),
    "paired t": Method("t.test", CLOSED, people.paired),
    "cumulative logit": Method("MASS::polr", ITERATED, people.ordinal),
    "Brunner-Munzel": Method("ranks in plain R", CLOSED, people.ranked),
    "cumulative logit, covariates": Method("MASS::polr", ITERATED, rows.ordered),
    "McNemar": Method("mcnemar.test, binom.test", CLOSED, rows.changed),
    "Cochran's Q": Method("sums in plain R", CLOSED, rows.alike),
    "repeated measures": Method("aov with Error; epsilon in plain R", CLOSED, rows.repeated),
    "Rubin's rules": Method("formulas in plain R", CLOSED, rows.combined),
    "mediation": Method("lm, without each unit", CLOSED, rows.linked),
    "events over exposure": Method("glm, quasipoisson; plain R", ITERATED, people.recorded),
    "effect size": Method("lm, lgamma", CLOSED, people.sized),
    "Newey-West": Method("sandwich::NeweyWest", CLOSED, over_time.series),
    "pre-trend": Method("anova of lm, Hotelling-Lawley", CLOSED, over_time.alike_before),
    "response weights": Method("survey::rake, postStratify, trimWeights", WEIGHTED, weighted.weights),
    "weighted mean": Method("survey::svymean, calibrate", WEIGHTED, weighted.mean),
    "adjusted p": Method("p.adjust", CLOSED, people.multiplicity),
    "equivalence": Method("pt on the headline in plain R", ITERATED, units.within_margin),
    "detectable change": Method("pt with ncp, power.t.test", CLOSED, units.detectable),
    "alpha": Method("psych::alpha", CLOSED, measured.alpha),
    "alpha, Feldt's interval": Method("psych::alpha.ci", CLOSED, measured.feldt),
    "omega": Method("lavaan::cfa, delta method", ITERATED, measured.omega),
    "omega of correlations": Method("psych::fa, ml", ITERATED, measured.omega_of_correlations),
    "one factor in groups": Method("lavaan::cfa", ITERATED, measured.one_factor),
    "which item moves": Method("lavaan::lavTestScore", ITERATED, measured.moves),
    "ICC": Method("psych::ICC; anova of lm", CLOSED, measured.icc),
}
