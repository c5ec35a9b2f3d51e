"""The framework beside its peers, measured in one run."""
