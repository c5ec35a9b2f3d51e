"""The analyst's formula interface: what a formula asks for, the fit from sums or from rows, and its tables."""
