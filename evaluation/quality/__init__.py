"""Whether a measure measures, and whether those who answered speak for those who could have."""
