# Golden values: what R gives for the frames of frames.py and for public data, as one JSON on standard output.
#   usage: Rscript golden.R FOLDER_OF_FRAMES FOLDER_OF_SHARED_DATA
# Every case states its frame and formula, which the Python side reads. Where no package is named beside a method, it is written
# out here in plain R from the rows, as an implementation that shares nothing with the one it is held against.

suppressPackageStartupMessages(for (package in c("clubSandwich", "lme4", "lmerTest", "pbkrtest", "sandwich", "survey", "MASS"))
  library(package, character.only = TRUE))
options(digits = 17, warn = 2, contrasts = c("contr.treatment", "contr.poly"))
arguments <- commandArgs(trailingOnly = TRUE)
results <- list()

keep <- function(method, case, spec, values) results[[method]][[case]] <<- c(spec, list(values = values))
drawn <- function(name) read.csv(file.path(arguments[1], paste0(name, ".csv")), stringsAsFactors = FALSE)
shared <- function(...) read.csv(file.path(arguments[2], ...), stringsAsFactors = FALSE)
named <- function(values, names) setNames(as.list(as.numeric(values)), names)
plain <- function(names) !grepl("organisation|unit[A-Z]", names)   # coefficients that are not dummies of a cluster

# ---- public data ------------------------------------------------------------------------------------------------------------

trusts <- function() {
  folder <- "nhs_staff_survey_special_measures_2012_2015"
  review <- shared(folder, "keogh_review_trusts.csv")
  waves <- lapply(c(2012, 2014), function(year) {
    wave <- shared(folder, sprintf("nhs_staff_survey_acute_%d.csv.gz", year))
    data.frame(organisation = wave$Code, follow_up = as.integer(year == 2014),
               weight = wave$Responses, score = wave$Engagement.Index)
  })
  frame <- na.omit(do.call(rbind, waves))
  special <- review$Code[review$special_measures_july_2013 == 1]
  frame <- frame[!frame$organisation %in% setdiff(review$Code, special), ]
  frame <- frame[frame$organisation %in% names(which(table(frame$organisation) == 2)), ]
  frame$pilot <- as.integer(frame$organisation %in% special)
  frame
}
soldiers <- function() {
  frame <- shared("army_univbct_three_waves", "univbct.csv.gz")
  frame <- frame[!is.na(frame$JSAT), ]
  data.frame(organisation = paste0("B", frame$BTN), person = paste0("P", frame$SUBNUM), wave = paste0("w", frame$TIME),
             time = frame$TIME, score = frame$JSAT)
}
employees <- function(column) {
  frame <- shared("illinois_workplace_wellness_survey", "online_surveys.csv.gz")
  na.omit(data.frame(pilot = frame$treat, score = frame[[column]]))
}

# ---- least squares and cluster-robust errors: clubSandwich ------------------------------------------------------------------

fitted_by <- function(frame, formula, weights = NULL) {
  frame$.w <- if (is.null(weights)) 1 else frame[[weights]]
  if (is.null(weights)) lm(as.formula(formula), data = frame) else lm(as.formula(formula), data = frame, weights = .w)
}
whole <- "score ~ pilot * follow_up + nursing + age"
within <- "score ~ pilot:follow_up + follow_up + nursing + age"
inside <- paste(within, "+ organisation")
sandwiches <- list(
  "4 organisations" = list(frame = "did4", formula = whole),
  "8 organisations" = list(frame = "did8", formula = whole),
  "12 organisations" = list(frame = "did12", formula = whole),
  "40 organisations" = list(frame = "did40", formula = whole),
  "99 organisations" = list(frame = "did99", formula = whole),
  "12 organisations, interaction" = list(frame = "did12", formula = "score ~ pilot * follow_up * nursing + age"),
  "12 organisations, dummies" = list(frame = "did12", formula = inside),
  "40 organisations, dummies" = list(frame = "did40", formula = inside),
  "12 organisations, absorbed" = list(frame = "did12", formula = within, absorb = "organisation"),
  "40 organisations, absorbed" = list(frame = "did40", formula = within, absorb = "organisation"),
  "trusts, absorbed" = list(frame = "trusts", formula = "score ~ pilot:follow_up + follow_up", absorb = "organisation"),
  "8 organisations, weights" = list(frame = "did8", formula = whole, weights = "weight"),
  "12 organisations, weights" = list(frame = "did12", formula = whole, weights = "weight"),
  "40 organisations, weights" = list(frame = "did40", formula = whole, weights = "weight"),
  "12 organisations, weights, dummies" = list(frame = "did12", formula = inside, weights = "weight"),
  "trusts" = list(frame = "trusts", formula = "score ~ pilot * follow_up"),
  "trusts, weights" = list(frame = "trusts", formula = "score ~ pilot * follow_up", weights = "weight")
)
frame_of <- function(name) switch(name, trusts = trusts(), soldiers = soldiers(), drawn(name))

for (case in names(sandwiches)) {
  spec <- sandwiches[[case]]
  frame <- frame_of(spec$frame)
  fit <- fitted_by(frame, paste(c(spec$formula, spec$absorb), collapse = " + "), spec$weights)   # absorbed: a dummy each
  kept <- names(coef(fit))[plain(names(coef(fit)))]
  if (!is.null(spec$absorb)) kept <- setdiff(kept, "(Intercept)")
  keep("least squares", case, spec, list(coefficient = named(coef(fit)[kept], kept)))
  kinds <- c("CR0", "CR1", "CR1S", "CR2", if (!grepl("dummies|absorbed", case)) "CR3")   # CR3 inverts I - H, singular then
  for (kind in kinds) {
    table <- coef_test(fit, vcov = kind, cluster = frame$organisation, test = "Satterthwaite", coefs = kept)
    method <- paste0(kind, if (!is.null(spec$weights)) " of weighted rows")
    keep(method, case, spec, list(std_error = named(table$SE, kept), df = named(table$df, kept)))
  }
}

for (case in c("8 organisations, weights", "12 organisations, weights", "trusts, weights")) {   # survey's linearisation
  spec <- sandwiches[[case]]
  fit <- svyglm(as.formula(spec$formula), svydesign(~organisation, weights = ~weight, data = frame_of(spec$frame)))
  terms <- names(coef(fit))
  keep("linearisation", case, spec, list(coefficient = named(coef(fit), terms), std_error = named(SE(fit), terms)))
}

# ---- joint tests: clubSandwich HTZ ------------------------------------------------------------------------------------------

joint <- list(
  "4 organisations" = list(frame = "did4", formula = whole, terms = c("nursing", "age")),
  "8 organisations" = list(frame = "did8", formula = whole, terms = c("pilot:follow_up", "nursing")),
  "12 organisations" = list(frame = "did12", formula = whole, terms = c("pilot:follow_up", "nursing", "age")),
  "12 organisations, weights" = list(frame = "did12", formula = whole, terms = c("pilot", "pilot:follow_up"), weights = "weight"),
  "40 organisations" = list(frame = "did40", formula = whole, terms = c("pilot", "pilot:follow_up")),
  "three waves" = list(frame = "people", formula = "score ~ pilot * wave", terms = c("pilot:wavew1", "pilot:wavew2"))
)
for (case in names(joint)) {
  spec <- joint[[case]]
  frame <- frame_of(spec$frame)
  fit <- fitted_by(frame, spec$formula, spec$weights)
  zero <- constrain_zero(match(spec$terms, names(coef(fit))))
  test <- Wald_test(fit, zero, vcov = "CR2", cluster = frame$organisation, test = "HTZ")
  keep("HTZ", case, spec, list(statistic = test$Fstat, df_num = test$df_num, df = test$df_denom, p_value = test$p_val))
}

# ---- wild cluster bootstrap: every sign vector, on rows ---------------------------------------------------------------------

signs <- function(groups) as.matrix(expand.grid(rep(list(c(-1, 1)), groups)))
t_of <- function(X, Y, w, groups, column, null = 0) {   # CR0 t of one coefficient for every column of Y, from rows
  bread <- solve(crossprod(X, w * X))
  beta <- bread %*% crossprod(X, w * Y)
  scores <- rowsum((w * as.vector(X %*% bread[, column])) * (Y - X %*% beta), groups)
  (beta[column, ] - null) / sqrt(colSums(scores^2))
}
wild_t <- function(spec, restricted, null = 0, outcome = "score") {   # |t| of the data and of every draw
  frame <- frame_of(spec$frame)
  X <- model.matrix(as.formula(spec$formula), frame); y <- frame[[outcome]]
  w <- if (is.null(spec$weights)) rep(1, length(y)) else frame[[spec$weights]]
  column <- match(spec$terms, colnames(X)); groups <- frame$organisation
  solved <- function(X, y) solve(crossprod(X, w * X), crossprod(X, w * y))
  under <- function() X[, -column] %*% solved(X[, -column], y - null * X[, column]) + null * X[, column]
  start <- if (restricted) under() else X %*% solved(X, y)
  centre <- if (restricted) null else solved(X, y)[column]
  v <- signs(length(unique(groups)))[, match(groups, sort(unique(groups)))]
  drawn <- t_of(X, as.vector(start) + t(v) * as.vector(y - start), w, groups, column, centre)
  list(observed = as.numeric(t_of(X, as.matrix(y), w, groups, column, null)), drawn = abs(drawn))
}
beyond <- function(drawn, observed) {   # ties are as extreme, and no p-value is below that of one draw
  max(mean(drawn >= abs(observed) * (1 - 1e-10)), 1 / length(drawn))
}
wild <- function(spec, restricted, null = 0) {
  found <- wild_t(spec, restricted, null); size <- sort(found$drawn)
  at <- round(quantile(seq_along(size), c(0.05, 0.25, 0.5, 0.75, 0.95), type = 1))
  list(t = found$observed, p_value = beyond(size, found$observed), quantiles = named(size[at], names(at)))
}
step_down <- function(spec) {   # Romano & Wolf (2005), Econometrica 73, 1237: the same signs for all outcomes, largest |t| first
  found <- lapply(setNames(spec$outcomes, spec$outcomes), function(outcome) wild_t(spec, TRUE, outcome = outcome))
  order <- names(sort(sapply(found, function(one) -abs(one$observed))))
  p <- sapply(seq_along(order), function(k) {
    largest <- do.call(pmax, lapply(found[order[k:length(order)]], `[[`, "drawn"))
    beyond(largest, found[[order[k]]]$observed)
  })
  list(t = lapply(found, `[[`, "observed"), p_value = named(cummax(p), order)[spec$outcomes])
}
interval <- function(spec) {   # ends of the set of nulls whose restricted p is above 0.05, by bisection
  fit <- fitted_by(frame_of(spec$frame), spec$formula, spec$weights)
  centre <- coef(fit)[[spec$terms]]; reach <- 40 * sqrt(vcovCL(fit, frame_of(spec$frame)$organisation)[spec$terms, spec$terms])
  end <- function(side) {
    inner <- centre; outer <- centre + side * reach
    for (step in 1:44) {
      middle <- (inner + outer) / 2
      if (wild(spec, TRUE, middle)$p_value > 0.05) inner <- middle else outer <- middle
    }
    (inner + outer) / 2
  }
  list(low = end(-1), high = end(1))
}
bootstraps <- list(
  "8 organisations" = list(frame = "did8", formula = whole, terms = "pilot:follow_up"),
  "8 organisations, weights" = list(frame = "did8", formula = whole, terms = "pilot:follow_up", weights = "weight"),
  "12 organisations" = list(frame = "did12", formula = whole, terms = "pilot:follow_up"),
  "12 organisations, a covariate" = list(frame = "did12", formula = whole, terms = "nursing")
)
for (case in names(bootstraps)) {
  keep("wild bootstrap, restricted", case, bootstraps[[case]], wild(bootstraps[[case]], TRUE))
  keep("wild bootstrap, unrestricted", case, bootstraps[[case]], wild(bootstraps[[case]], FALSE))
}
for (case in c("8 organisations", "8 organisations, weights"))
  keep("wild bootstrap, interval", case, bootstraps[[case]], interval(bootstraps[[case]]))
for (case in c("did8", "did12")) {
  spec <- list(frame = case, formula = "~ pilot * follow_up", terms = "pilot:follow_up", outcomes = c("score", "age", "nursing"))
  keep("wild bootstrap, Romano-Wolf", case, spec, step_down(spec))
}

# ---- leave one organisation out ---------------------------------------------------------------------------------------------

for (case in names(bootstraps)) {
  spec <- bootstraps[[case]]
  frame <- frame_of(spec$frame)
  left <- sort(unique(frame$organisation))
  refit <- function(name) fitted_by(frame[frame$organisation != name, ], spec$formula, spec$weights)
  without <- sapply(left, function(name) coef(refit(name))[[spec$terms]])
  keep("leave one out", case, spec, list(estimate = named(without, left)))
}

# ---- mixed models: lme4, pbkrtest, lmerTest ---------------------------------------------------------------------------------

strict <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhobeg = 0.2, rhoend = 1e-9, maxfun = 1e5), calc.derivs = FALSE,
                      check.conv.singular = "ignore")   # a variance of zero is an answer
groups <- function(bars) paste(sprintf("(1 | %s)", bars), collapse = " + ")
mixed <- list(
  "organisation" = list(frame = "did12", formula = "score ~ pilot + nursing + age", groups = "organisation"),
  "organisation, 40" = list(frame = "did40", formula = "score ~ pilot + nursing + age", groups = "organisation"),
  "organisation and wave" = list(frame = "did12", formula = whole, groups = c("organisation", "organisation:wave")),
  "organisation and wave, 40" = list(frame = "did40", formula = whole, groups = c("organisation", "organisation:wave")),
  "person in organisation" = list(frame = "people", formula = "score ~ pilot * follow_up",
                                  groups = c("organisation", "organisation:person")),
  "organisation and wave, same people" = list(frame = "people", formula = "score ~ pilot * wave",
                                              groups = c("organisation", "organisation:wave")),
  "soldiers" = list(frame = "soldiers", formula = "score ~ time", groups = "person"),
  "soldiers in battalions" = list(frame = "soldiers", formula = "score ~ time",
                                  groups = c("organisation", "organisation:person")),
  "battalions and waves" = list(frame = "soldiers", formula = "score ~ time", groups = c("organisation", "organisation:wave"))
)
for (case in names(mixed)) {
  spec <- mixed[[case]]
  frame <- frame_of(spec$frame)
  fit <- lmerTest::lmer(as.formula(paste(spec$formula, "+", groups(spec$groups))), frame, REML = TRUE, control = strict)
  terms <- names(fixef(fit)); spread <- as.data.frame(VarCorr(fit))
  satterthwaite <- coef(summary(fit, ddf = "Satterthwaite"))
  variances <- named(spread$vcov, spread$grp)
  keep("mixed model", case, spec, list(
    coefficient = named(fixef(fit), terms), std_error = named(satterthwaite[, "Std. Error"], terms),
    variance = variances[order(names(variances))], criterion = as.numeric(REMLcrit(fit))))
  keep("Satterthwaite df of a mixed model", case, spec, list(df = named(satterthwaite[, "df"], terms)))
  if (nrow(frame) < 1500) {   # pbkrtest inverts matrices of rows
    kenward <- coef(summary(fit, ddf = "Kenward-Roger"))
    keep("Kenward-Roger", case, spec, list(std_error = named(kenward[, "Std. Error"], terms), df = named(kenward[, "df"], terms)))
  }
  effects <- ranef(fit, condVar = TRUE)$organisation
  if (is.null(effects)) next
  spreads <- sqrt(attr(effects, "postVar")[1, 1, ])
  keep("organisation effects of a mixed model", case, spec,
       list(effect = named(effects[[1]], rownames(effects)), std_error = named(spreads, rownames(effects))))
}

# ---- the headline: REML and Hartung-Knapp with explicit G x G matrices ------------------------------------------------------

projection <- function(X, V) { W <- solve(V); W - W %*% X %*% solve(t(X) %*% W %*% X) %*% t(X) %*% W }
between <- function(frame, X, prior = 0) {   # tau2 by REML, under a prior that rises like tau2^(prior / 2)
  D <- frame$change
  slope <- function(tau2) {
    P <- projection(X, diag(frame$sampling + tau2))
    sum(diag(P)) - sum((P %*% D)^2) - if (prior > 0) prior / tau2 else 0
  }
  criterion <- function(tau2) {
    V <- diag(frame$sampling + tau2)
    fit <- determinant(V)$modulus + determinant(t(X) %*% solve(V) %*% X)$modulus + t(D) %*% projection(X, V) %*% D
    as.numeric(fit) - if (prior > 0) prior * log(tau2) else 0
  }
  grid <- c(if (prior > 0) 1e-12 else 0, exp(seq(log(1e-6), log(10 * var(D)), length.out = 400)))
  best <- which.min(sapply(grid, criterion))
  if (best == 1 && slope(0) >= 0) 0 else uniroot(slope, grid[c(max(best - 1, 1), best + 1)], tol = 1e-16)$root
}
headline <- function(frame, formula, term) {   # docs/methods.md, formula 4
  X <- model.matrix(as.formula(formula), frame); D <- frame$change; df <- nrow(X) - ncol(X)
  tau2 <- between(frame, X, prior = 0.75)
  W <- diag(1 / (frame$sampling + tau2)); bread <- solve(t(X) %*% W %*% X)
  beta <- as.vector(bread %*% t(X) %*% W %*% D); names(beta) <- colnames(X)
  ratio <- sum(diag(W) * (D - X %*% beta)^2) / df
  error <- sqrt(max(0.1, ratio) * bread[term, term]); reach <- qt(0.975, df) * error
  list(estimate = beta[[term]], std_error = error, tau2 = tau2, ratio = ratio, df = df,
       p_value = 2 * pt(-abs(beta[[term]] / error), df), low = beta[[term]] - reach, high = beta[[term]] + reach)
}
headlines <- list(
  "5 units" = list(frame = "units5", formula = "change ~ pilot"), "8 units" = list(frame = "units8", formula = "change ~ pilot"),
  "12 units" = list(frame = "units12", formula = "change ~ pilot"),
  "12 units, baseline" = list(frame = "units12", formula = "change ~ pilot + baseline"),
  "20 units, no spread" = list(frame = "units20", formula = "change ~ pilot + baseline")
)
for (case in names(headlines)) {
  spec <- headlines[[case]]
  keep("unit change, headline", case, spec, headline(drawn(spec$frame), spec$formula, "pilot"))
}
for (case in names(headlines)) {
  frame <- drawn(headlines[[case]]$frame)
  keep("variance between units, REML", case, headlines[[case]],
       list(tau2 = between(frame, model.matrix(as.formula(headlines[[case]]$formula), frame))))
}
pooled <- function(frame, formula) {   # Henderson's equations, Datta & Lahiri's (2000) third term; a spread of 0 stands as 1e-9
  X <- model.matrix(as.formula(formula), frame); tau2 <- max(between(frame, X), 1e-9)
  whole <- cbind(X, diag(nrow(X))); penalty <- diag(rep(c(0, 1 / tau2), c(ncol(X), nrow(X))))
  inverse <- solve(crossprod(whole, whole / frame$sampling) + penalty)
  P <- projection(X, diag(frame$sampling + tau2))
  estimated <- frame$sampling^2 / (frame$sampling + tau2)^3 * 2 / sum(diag(P %*% P))
  list(pooled = named(whole %*% inverse %*% crossprod(whole, frame$change / frame$sampling), frame$unit),
       std_error = named(sqrt(diag(whole %*% inverse %*% t(whole)) + 2 * estimated), frame$unit))
}
for (case in names(headlines))
  keep("partially pooled units", case, headlines[[case]], pooled(drawn(headlines[[case]]$frame), headlines[[case]]$formula))
reading <- function(frame, formula, scale, important) {   # flat coefficients, half-normal tau, by adaptive quadrature
  X <- model.matrix(as.formula(formula), frame); D <- frame$change
  at <- function(tau) {
    V <- diag(frame$sampling + tau^2); phi <- solve(t(X) %*% solve(V, X)); beta <- phi %*% t(X) %*% solve(V, D)
    fit <- -0.5 * as.numeric(determinant(V)$modulus - determinant(phi)$modulus + sum((D - X %*% beta)^2 / diag(V)))
    c(exp(fit) * dnorm(tau, 0, scale), beta[2], sqrt(phi[2, 2]))
  }
  over <- function(value) integrate(function(tau) apply(sapply(tau, at), 2, function(one) one[1] * value(one[2], one[3])), 0,
                                    12 * scale, rel.tol = 1e-12, subdivisions = 1000)$value
  mass <- over(function(...) 1)
  above <- function(mark) over(function(mean, sd, ...) pnorm(mark, mean, sd, lower.tail = FALSE)) / mass
  mean <- over(function(mean, ...) mean) / mass
  end <- function(share) uniroot(function(mark) above(mark) - share, mean + c(-20, 20) * sd(D), tol = 1e-13)$root
  list(estimate = mean, std_error = sqrt(over(function(mean, sd, ...) mean^2 + sd^2) / mass - mean^2), conf_low = end(0.975),
       conf_high = end(0.025), chance_above_zero = above(0), chance_important = above(important))
}
for (case in c("5 units", "8 units", "12 units")) for (scale in c(0.1, 0.5)) {
  spec <- c(headlines[[case]], scale = scale, important = 0.3)
  found <- reading(drawn(spec$frame), spec$formula, scale, spec$important)
  keep("Bayesian reading", sprintf("%s, prior %g", case, scale), spec, found)
}
placebo <- function(frame) {   # every reassignment of arms; weights stay with the unit, tau2 as if only the shift were an effect
  units <- nrow(frame); real <- which(frame$pilot == 1)
  weights <- function(D) 1 / (frame$sampling + between(replace(frame, "change", list(D)), matrix(1, units, 1)))
  difference <- function(D, w, pilots) weighted.mean(D[pilots], w[pilots]) - weighted.mean(D[-pilots], w[-pilots])
  over_error <- function(D, w, pilots) difference(D, w, pilots) / sqrt(1 / sum(w[pilots]) + 1 / sum(w[-pilots]))
  p_value <- function(shift) {
    D <- frame$change - shift * frame$pilot; w <- weights(D)
    beyond(abs(combn(units, length(real), function(pilots) over_error(D, w, pilots))), over_error(D, w, real))
  }
  shown <- function(shift) { D <- frame$change - shift * frame$pilot; difference(D, weights(D), real) }
  reach <- 20 * sd(frame$change); centre <- uniroot(shown, c(-reach, reach), tol = 1e-14)$root
  end <- function(outer) {
    inner <- centre
    for (step in 1:48) if (p_value((inner + outer) / 2) > 0.05) inner <- (inner + outer) / 2 else outer <- (inner + outer) / 2
    (inner + outer) / 2
  }
  list(estimate = centre, p_value = p_value(0), placements = choose(units, length(real)),
       low = end(centre - reach), high = end(centre + reach))
}
for (case in c("8 units", "12 units"))
  keep("placebo reassignment", case, headlines[[case]], placebo(drawn(headlines[[case]]$frame)))
for (case in c("8 units", "12 units")) {
  frame <- drawn(headlines[[case]]$frame)
  test <- t.test(change ~ I(1 - pilot), frame, var.equal = TRUE)
  keep("unit change, pooled t", case, headlines[[case]], list(
    estimate = test$estimate[[1]] - test$estimate[[2]], std_error = test$stderr, df = test$parameter[[1]], p_value = test$p.value,
    low = test$conf.int[1], high = test$conf.int[2]))
  changed <- t.test(frame$change)
  keep("one-sample t", case, headlines[[case]], list(estimate = changed$estimate[[1]], std_error = changed$stderr,
    df = changed$parameter[[1]], p_value = changed$p.value, low = changed$conf.int[1], high = changed$conf.int[2]))
  signs <- binom.test(sum(frame$change > 0), nrow(frame))$p.value
  keep("signs and signed ranks", case, headlines[[case]],
       list(signed_ranks = wilcox.test(frame$change, exact = TRUE)$p.value, signs = signs))
}

# ---- people assigned one by one: sandwich, clubSandwich, t.test -------------------------------------------------------------

robust <- list("simulated" = list(frame = "assigned", formula = "after ~ pilot"),
               "simulated, covariates" = list(frame = "assigned", formula = "after ~ pilot + before + age"))
for (case in names(robust)) {
  frame <- drawn("assigned")
  fit <- lm(as.formula(robust[[case]]$formula), frame)
  for (kind in c("HC1", "HC2"))
    keep(kind, case, robust[[case]],
         list(coefficient = coef(fit)[["pilot"]], std_error = sqrt(vcovHC(fit, kind)["pilot", "pilot"])))
  keep("Bell-McCaffrey df", case, robust[[case]],
       list(df = coef_test(fit, vcov = "CR2", cluster = seq_len(nrow(frame)), test = "Satterthwaite", coefs = "pilot")$df))
}
for (column in c("sickdays_0717", "mgmtsafety_0717", "presenteeism_0717")) {
  fit <- lm(score ~ pilot, employees(column))
  for (kind in c("HC1", "HC2"))
    keep(kind, column, list(frame = "employees", column = column, formula = "score ~ pilot"),
         list(coefficient = coef(fit)[["pilot"]], std_error = sqrt(vcovHC(fit, kind)["pilot", "pilot"])))
}
people <- drawn("assigned")
paired <- t.test(people$after, people$before, paired = TRUE)
keep("paired t", "simulated", list(frame = "assigned"), list(estimate = paired$estimate[[1]], statistic = paired$statistic[[1]],
     df = paired$parameter[[1]], p_value = paired$p.value, low = paired$conf.int[1], high = paired$conf.int[2]))

# ---- ordinal answers: MASS::polr, ranks by hand -----------------------------------------------------------------------------

ordinal <- drawn("answers")
for (case in c("pilot * follow_up", "pilot + follow_up")) {
  fitted <- function(rows) polr(as.formula(paste("ordered(answer) ~", case)), rows, control = list(reltol = 1e-15, maxit = 1000))
  fit <- fitted(ordinal)
  without <- sapply(unique(ordinal$organisation), function(name) coef(fitted(ordinal[ordinal$organisation != name, ])))
  keep("cumulative logit", case, list(frame = "answers", formula = paste("answer ~", case)), list(
    coefficient = named(coef(fit), names(coef(fit))), threshold = named(fit$zeta, names(fit$zeta)), deviance = deviance(fit),
    jackknife = named(sqrt(rowSums((without - coef(fit))^2)), names(coef(fit)))))
}
superiority <- function(x, y) {   # P(y > x) + P(y = x) / 2; Brunner & Munzel (2000), Biometrical Journal 42, 17-25
  both <- rank(c(x, y)); m <- length(x); n <- length(y)
  sx <- var(both[1:m] - rank(x)) / n; sy <- var(both[-(1:m)] - rank(y)) / m
  p <- mean(outer(x, y, function(a, b) (b > a) + (b == a) / 2))
  error <- sqrt(sx / (m * n) + sy / (m * n))
  df <- (sx + sy)^2 / (sx^2 / (m - 1) + sy^2 / (n - 1))
  list(superiority = p, std_error = error, df = df, p_value = 2 * pt(-abs((p - 0.5) / error), df))
}
later <- ordinal[ordinal$follow_up == 1, ]
by_arm <- split(later$answer, later$pilot)
keep("Brunner-Munzel", "answers", list(frame = "answers"), superiority(by_arm[["0"]], by_arm[["1"]]))
by_arm <- split(people$after, people$pilot)
keep("Brunner-Munzel", "scores", list(frame = "assigned"), superiority(by_arm[["0"]], by_arm[["1"]]))

for (case in c("pilot * follow_up + age", "pilot + nursing + age")) {   # age has no cells: rows, one by one
  fitted <- function(rows) polr(as.formula(paste("ordered(answer) ~", case)), rows, control = list(reltol = 1e-15, maxit = 1000))
  fit <- fitted(ordinal)
  without <- sapply(unique(ordinal$organisation), function(name) coef(fitted(ordinal[ordinal$organisation != name, ])))
  keep("cumulative logit, covariates", case, list(frame = "answers", formula = paste("answer ~", case)), list(
    coefficient = named(coef(fit), names(coef(fit))), threshold = named(fit$zeta, names(fit$zeta)), deviance = deviance(fit),
    jackknife = named(sqrt(rowSums((without - coef(fit))^2)), names(coef(fit)))))
}

# ---- the same people, yes or no and in three waves; several completed sets; a link between units ----------------------------

panel <- drawn("people")
complete <- function(waves, rows) na.omit(sapply(waves, function(wave)
  with(rows[rows$wave == wave, ], score[match(unique(rows$person), person)])))
answered <- list("everybody" = panel, "pilots" = panel[panel$pilot == 1, ])
for (case in names(answered)) for (waves in list(c("w0", "w1"), c("w1", "w2"))) {
  yes <- complete(waves, answered[[case]]) > 5
  pair <- table(factor(yes[, 1], c(FALSE, TRUE)), factor(yes[, 2], c(FALSE, TRUE)))
  test <- mcnemar.test(pair, correct = FALSE)
  spec <- list(frame = "people", who = case, waves = waves, above = 5)
  keep("McNemar", paste(case, paste(waves, collapse = " to ")), spec, list(
    people = nrow(yes), to_yes = pair[1, 2], to_no = pair[2, 1], chi2 = test$statistic[[1]], p_chi2 = test$p.value,
    p_value = binom.test(pair[1, 2], pair[1, 2] + pair[2, 1])$p.value))
}
for (case in names(answered)) {
  scores <- complete(c("w0", "w1", "w2"), answered[[case]]); yes <- 1 * (scores > 5); k <- ncol(yes); n <- nrow(yes)
  spec <- list(frame = "people", who = case, waves = colnames(scores), above = 5)
  Q <- k * (k - 1) * sum((colSums(yes) - mean(colSums(yes)))^2) / sum(rowSums(yes) * (k - rowSums(yes)))
  keep("Cochran's Q", case, spec, list(people = n, q = Q, df = k - 1, p_value = pchisq(Q, k - 1, lower.tail = FALSE)))
  long <- data.frame(score = c(scores), person = factor(rep(1:n, k)), wave = factor(rep(1:k, each = n)))
  row <- summary(aov(score ~ wave + Error(person / wave), long))[["Error: person:wave"]][[1]]
  P <- diag(k) - 1 / k; S <- P %*% cov(scores) %*% P; epsilon <- sum(diag(S))^2 / ((k - 1) * sum(S^2)); f <- row[["F value"]][1]
  keep("repeated measures", case, spec, list(people = n, f = f, df = k - 1, df_error = (k - 1) * (n - 1),
    p_uncorrected = row[["Pr(>F)"]][1], epsilon = epsilon,
    p_value = pf(f, (k - 1) * epsilon, (k - 1) * (n - 1) * epsilon, lower.tail = FALSE)))
}
completed <- list(
  "few degrees of freedom" = list(estimates = c(0.42, 0.51, 0.38, 0.47, 0.6), errors = c(0.2, 0.22, 0.19, 0.2, 0.24), df = 6),
  "many" = list(estimates = c(1.1, 1.9, 0.4, 1.4), errors = c(0.3, 0.35, 0.3, 0.31), df = 200))
for (case in names(completed)) with(completed[[case]], {   # Rubin (1987), 3.1; Barnard & Rubin (1999), formula 3
  m <- length(estimates); W <- mean(errors^2); B <- var(estimates); total <- W + (1 + 1 / m) * B
  r <- (1 + 1 / m) * B / W; rubin <- (m - 1) * (1 + 1 / r)^2
  observed <- (df + 1) / (df + 3) * df * W / total; small <- 1 / (1 / rubin + 1 / observed)
  keep("Rubin's rules", case, completed[[case]], list(estimate = mean(estimates), std_error = sqrt(total), df = small,
    p_value = 2 * pt(-abs(mean(estimates)) / sqrt(total), small), relative_increase = r,
    fraction_missing = (r + 2 / (rubin + 3)) / (r + 1)))
})
for (name in c("did8", "did12", "did40")) {   # X -> M -> Y: the arm, a unit's change of mean age, its change of mean score
  means <- aggregate(cbind(age, score) ~ organisation + pilot + follow_up, drawn(name), mean)
  first <- means[means$follow_up == 0, ]; second <- means[means$follow_up == 1, ]
  units <- data.frame(X = first$pilot, M = second$age - first$age, Y = second$score - first$score)
  paths <- function(rows) {
    a <- coef(lm(M ~ X, rows))[["X"]]; both <- coef(lm(Y ~ X + M, rows)); b <- both[["M"]]
    c("X to M" = a, "M to Y" = b, direct = both[["X"]], indirect = a * b, total = coef(lm(Y ~ X, rows))[["X"]])
  }
  found <- paths(units)
  without <- sapply(seq_len(nrow(units)), function(g) paths(units[-g, ]))
  keep("mediation", name, list(frame = name, exposure = "pilot", mediator = "age", outcome = "score"), list(
    path = as.list(found), std_error = as.list(sqrt(rowSums((without - found)^2))),
    rho_at_zero = cor(resid(lm(M ~ X, units)), resid(lm(Y ~ X, units)))))
}

# ---- record measures: quasi-Poisson with an offset --------------------------------------------------------------------------

counted <- aggregate(cbind(events, exposure) ~ organisation + pilot + follow_up, drawn("records"), sum)
fit <- glm(events ~ pilot:follow_up + follow_up + organisation, quasipoisson, counted, offset = log(exposure),
           control = list(epsilon = 1e-14, maxit = 100))
rate <- log(counted$events / counted$exposure)
later <- counted$follow_up == 1   # rows of both waves are in the same order of organisations
changes <- data.frame(change = rate[later] - rate[!later], pilot = counted$pilot[later],
                      sampling = 1 / counted$events[later] + 1 / counted$events[!later])
keep("events over exposure", "quasi-Poisson", list(frame = "records"), list(
  estimate = coef(fit)[["pilot:follow_up"]], std_error = sqrt(vcov(fit)["pilot:follow_up", "pilot:follow_up"]),
  df = fit$df.residual))
keep("events over exposure", "headline on log rates", list(frame = "records"),
     headline(changes, "change ~ pilot", "pilot")[c("estimate", "std_error", "df")])

# ---- effect sizes -----------------------------------------------------------------------------------------------------------

for (name in c("did8", "did40")) {
  fit <- lm(score ~ interaction(organisation, wave), drawn(name)); df <- fit$df.residual
  keep("effect size", name, list(frame = name, estimate = 0.5), list(
    deviation = sigma(fit), size = 0.5 / sigma(fit) * exp(lgamma(df / 2) - lgamma((df - 1) / 2)) / sqrt(df / 2)))
}

# ---- interrupted series: Newey-West -----------------------------------------------------------------------------------------

monthly <- drawn("series")
for (window in list(c(1, 48), c(13, 48), c(21, 40))) {   # month 31 is the first after the start
  month <- monthly[monthly$month >= window[1] & monthly$month <= window[2], ]
  fit <- lm(value ~ I(month - 31) + after + I(after * (month - 31)), month)
  lag <- floor(4 * (nrow(month) / 100)^(2 / 9)); terms <- c("1", "trend", "level change", "slope change")
  keep("Newey-West", sprintf("months %d to %d", window[1], window[2]), list(frame = "series", window = window), list(
    coefficient = named(coef(fit), terms), classical = named(sqrt(diag(vcov(fit))), terms),
    std_error = named(sqrt(diag(NeweyWest(fit, lag = lag, prewhite = FALSE, adjust = TRUE))), terms)))
}

# ---- waves before the start: Hotelling's T2 ---------------------------------------------------------------------------------

early <- drawn("before12")
for (waves in list(2:4, 1:4)) {
  differences <- as.matrix(early[paste0("w", head(waves, -1))] - early$w4)
  test <- anova(lm(differences ~ early$pilot), test = "Hotelling-Lawley")
  keep("pre-trend", sprintf("%d waves before", length(waves)), list(frame = "before12", waves = waves), list(
    statistic = test[["approx F"]][2], df_num = test[["num Df"]][2], df = test[["den Df"]][2], p_value = test[["Pr(>F)"]][2]))
}

# ---- several questions, equivalence, power ----------------------------------------------------------------------------------

p <- c(0.001, 0.012, 0.02, 0.04, 0.04, 0.3, 0.8)
for (rule in c("holm", "BH"))
  keep("adjusted p", rule, list(p = p), list(p_value = named(p.adjust(p, rule), seq_along(p))))
for (margin in c(0.2, 0.8)) for (case in c("8 units", "12 units")) {
  found <- headline(drawn(headlines[[case]]$frame), headlines[[case]]$formula, "pilot")
  reach <- qt(0.95, found$df) * found$std_error
  keep("equivalence", paste0(case, ", margin ", margin), c(headlines[[case]], margin = margin), list(
    p_lower = pt((found$estimate + margin) / found$std_error, found$df, lower.tail = FALSE),
    p_upper = pt((found$estimate - margin) / found$std_error, found$df),
    low = found$estimate - reach, high = found$estimate + reach))
}
designs <- list("3 and 9" = c(3, 9), "4 and 4" = c(4, 4), "6 and 14" = c(6, 14))
for (case in names(designs)) {   # unit-level change of two waves, docs/methods.md formula 6
  m <- designs[[case]]; spread <- sqrt(2 * (0.05 + 1 / 40) * sum(1 / m)); df <- sum(m) - 2
  detectable <- (qt(0.975, df) + qt(0.8, df)) * spread
  found <- pt(qt(0.975, df), df, detectable / spread, lower.tail = FALSE) + pt(-qt(0.975, df), df, detectable / spread)
  keep("detectable change", case, list(units = m, between_waves = 0.05, between_people = 1, respondents = 40),
       list(detectable = detectable, chance = found))
}
balanced <- power.t.test(n = 4, delta = 0.8, sd = sqrt(2 * (0.05 + 1 / 40)), strict = TRUE)
keep("detectable change", "power.t.test, 4 and 4",
     list(units = c(4, 4), between_waves = 0.05, between_people = 1, respondents = 40, effect = 0.8),
     list(chance = balanced$power))

# ---- weights: survey --------------------------------------------------------------------------------------------------------

staff <- data.frame(staff = c("nursing", "medical", "other"), Freq = c(500, 200, 300))
age <- data.frame(age = c("to 40", "over 40"), Freq = c(450, 550))
joint <- data.frame(staff = rep(staff$staff, 2), age = rep(age$age, each = 3), Freq = c(210, 100, 140, 290, 100, 160))
totals <- function(table, names) as.list(setNames(table$Freq, names))
margins <- list(staff = totals(staff, staff$staff), age = totals(age, age$age))
strata <- list("staff, age" = totals(joint, paste(joint$staff, joint$age, sep = ", ")))
exactly <- list(maxit = 1000, epsilon = 1e-11)
model <- c("(Intercept)" = 1000, "staffnursing" = 500, "staffother" = 300, "ageto 40" = 450)
for (design in c("equal", "design")) {
  people <- drawn("respondents")
  start <- svydesign(~1, data = people, weights = if (design == "equal") rep(1, nrow(people)) else people$design)
  raked <- rake(start, list(~staff, ~age), list(staff, age), control = exactly)
  made <- list("raking" = raked, "post-stratification" = postStratify(start, ~staff + age, joint))
  made[["raking, trimmed"]] <- trimWeights(raked, upper = 6, lower = 2.2, strict = TRUE)
  for (case in names(made)) {
    trimmed <- if (grepl("trimmed", case)) list(trim = c(2.2, 6)) else list()
    spec <- c(list(frame = "respondents", design = design, margins = if (grepl("post", case)) strata else margins), trimmed)
    w <- weights(made[[case]])
    keep("response weights", paste0(case, ", ", design, " start"), spec, c(
      named(w[c(1, 2, 3, 50, 150, 300)], c(0, 1, 2, 49, 149, 299)),
      list(total = sum(w), squares = sum(w^2), lowest = min(w), highest = max(w), effective = sum(w)^2 / sum(w^2))))
  }
  calibrated <- calibrate(start, ~staff + age, model, calfun = "raking", epsilon = 1e-13, maxit = 200)
  for (case in c("raking", "post-stratification")) {
    found <- svymean(~score, if (case == "raking") calibrated else made[[case]])
    spec <- list(frame = "respondents", design = design, margins = if (case == "raking") margins else strata)
    keep("weighted mean", paste0(case, ", ", design, " start"), spec, list(mean = coef(found)[[1]], std_error = SE(found)[[1]]))
  }
}

# ---- quality of measures: psych, lavaan --------------------------------------------------------------------------------------

questions <- function() {
  frame <- shared("likert_scales_bfi", "bfi.csv.gz")
  frame$A1 <- 7 - frame$A1
  frame[c(paste0("A", 1:5), "gender")]
}
scales <- list("five items, some unanswered" = list(frame = "questions", items = paste0("A", 1:5)),
               "six items" = list(frame = "questionnaire", items = paste0("q", 1:6)))
asked <- function(spec) if (spec$frame == "questions") questions() else drawn(spec$frame)
for (case in names(scales)) {
  spec <- scales[[case]]; items <- asked(spec)[spec$items]
  found <- psych::alpha(items, check.keys = FALSE, warnings = FALSE)
  keep("alpha", case, spec, list(
    alpha = found$total$raw_alpha, item_rest = named(found$item.stats$r.drop, spec$items),
    alpha_without = named(found$alpha.drop$raw_alpha, spec$items)))
  whole_rows <- na.omit(items); names_of <- spec$items
  interval <- psych::alpha.ci(psych::alpha(whole_rows, check.keys = FALSE, warnings = FALSE)$total$raw_alpha,
                              n.obs = nrow(whole_rows), n.var = ncol(whole_rows), digits = 17)
  keep("alpha, Feldt's interval", case, spec, list(low = interval$lower.ci[[1]], high = interval$upper.ci[[1]]))
  model <- paste0("f =~ ", paste0("l", seq_along(names_of), "*", names_of, collapse = " + "), "\n",
                  paste0(names_of, " ~~ u", seq_along(names_of), "*", names_of, collapse = "\n"), "\n",
                  "w := (", paste0("l", seq_along(names_of), collapse = " + "), ")^2 / ((",
                  paste0("l", seq_along(names_of), collapse = " + "), ")^2 + ", paste0("u", seq_along(names_of), collapse = " + "), ")")
  own <- subset(lavaan::parameterEstimates(lavaan::cfa(model, whole_rows, std.lv = TRUE)), lhs == "w")
  keep("omega", case, spec, list(omega = own$est, low = own$ci.lower, high = own$ci.upper))
  one <- psych::fa(whole_rows, nfactors = 1, fm = "ml")$loadings[, 1]
  keep("omega of correlations", case, spec, list(omega = sum(one)^2 / (sum(one)^2 + sum(1 - one^2))))
}
groups <- list("two groups, five items" = list(frame = "questions", items = paste0("A", 1:5), group = "gender"),
               "four groups, six items" = list(frame = "questionnaire", items = paste0("q", 1:6), group = "group"))
levels_of <- list(configural = "", metric = "loadings", scalar = c("loadings", "intercepts"))
for (case in names(groups)) {
  spec <- groups[[case]]; rows <- na.omit(asked(spec)[c(spec$items, spec$group)])
  rows <- rows[order(rows[[spec$group]]), ]   # lavaan takes groups as they come
  for (level in names(levels_of)) {
    fit <- lavaan::cfa(paste("f =~", paste(spec$items, collapse = " + ")), rows, group = spec$group, std.lv = TRUE,
                       group.equal = levels_of[[level]], meanstructure = TRUE)
    fitted_as <- c("chisq", "df", "cfi", "tli", "rmsea", "rmsea.ci.lower", "rmsea.ci.upper", "srmr")
    last <- tail(lavaan::lavInspect(fit, "est"), 1)[[1]]
    keep("one factor in groups", paste(case, level, sep = ", "), c(spec, level = level), c(
      named(lavaan::fitMeasures(fit, fitted_as), c("chi2", "df", "cfi", "tli", "rmsea", "rmsea_low", "rmsea_high", "srmr")),
      list(p_value = pchisq(lavaan::fitMeasures(fit, "chisq")[[1]], lavaan::fitMeasures(fit, "df")[[1]], lower.tail = FALSE),
           loading = named(last$lambda[, 1], spec$items), uniqueness = named(diag(last$theta), spec$items),
           intercept = named(last$nu[, 1], spec$items), variance = last$psi[1, 1], mean = last$alpha[1, 1])))
  }
  if (spec$frame == "questions")
    keep("which item moves", case, spec, list(statistic = named(tail(lavaan::lavTestScore(fit)$uni$X2, 5), spec$items)))
}
places <- aggregate(score ~ organisation, subset(drawn("did12"), wave == "w0"), function(x) x[1:5])
found <- subset(psych::ICC(places$score, lmer = FALSE)$results, type %in% c("ICC1", "ICC1k"))
keep("ICC", "places of one size", list(frame = "did12", people = 5), list(
  icc = found$ICC[1], low = found[["lower bound"]][1], high = found[["upper bound"]][1], of_a_place = found$ICC[2]))
rows <- subset(drawn("did12"), wave == "w0"); n <- table(rows$organisation); N <- nrow(rows); G <- length(n)
squares <- anova(lm(score ~ organisation, rows))[["Mean Sq"]]; size <- (N - sum(n^2) / N) / (G - 1)
share <- function(ratio) (ratio - 1) / (ratio + size - 1); centre <- tapply(rows$score, rows$organisation, mean)
wald <- function(chance) {   # exact whatever the sizes: Wald (1940)
  away <- function(q) { w <- n / (1 + n * q); sum(w * (centre - weighted.mean(centre, w))^2) / (G - 1) / squares[2] }
  q <- uniroot(function(q) away(q) - qf(chance, G - 1, N - G), c(-0.999 / max(n), 100), tol = 1e-15)$root
  q / (1 + q)
}
keep("ICC", "places of several sizes, plain R", list(frame = "did12"), list(
  icc = share(squares[1] / squares[2]), low = wald(0.975), high = wald(0.025), of_a_place = 1 - squares[2] / squares[1]))

# ---- writing ----------------------------------------------------------------------------------------------------------------

json <- function(x, lines = 0) {   # 17 significant digits, which jsonlite does not give; `lines` levels have a line an entry
  if (is.list(x)) {
    inner <- paste0("\"", names(x), "\": ", vapply(x, json, "", lines - 1))
    edge <- if (lines > 0) "\n" else ""
    return(paste0("{", edge, paste(inner, collapse = if (lines > 0) ",\n" else ", "), edge, "}"))
  }
  one <- if (is.character(x)) paste0("\"", x, "\"") else ifelse(is.finite(x), sprintf("%.17g", x), "null")
  if (length(x) == 1) one else paste0("[", paste(one, collapse = ", "), "]")
}
packages <- c("clubSandwich", "lme4", "lmerTest", "pbkrtest", "sandwich", "survey", "MASS", "psych", "lavaan")
versions <- lapply(setNames(packages, packages), function(package) as.character(packageVersion(package)))
about <- list(R = as.character(getRversion()), packages = versions)
cat(json(c(about, list(values = results)), 3), "\n", sep = "")
