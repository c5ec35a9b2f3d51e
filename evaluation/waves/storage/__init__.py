"""Rows on disk: a log of commits, data files verified on every read, changes that happen whole or not at all."""
