"""Mappings drafted from a file, its labels and the instrument, for a person to review."""
