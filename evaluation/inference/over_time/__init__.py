"""Designs with more waves than two: event studies, staggered starts, one pilot among many, series of one place."""
