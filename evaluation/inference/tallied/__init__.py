"""Answers from counts: ordered options, the chance that one answer is higher, percentages on the logit scale."""
