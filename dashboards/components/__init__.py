"""Pieces that pages are lists of."""
