"""Mixed models from sums: random effects of nested groupings, by REML, with degrees of freedom for few organisations."""
