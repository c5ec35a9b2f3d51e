"""The documents of a study: read with line numbers, checked as models, fingerprinted."""
