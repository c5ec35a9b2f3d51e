"""The board's site. It reads a release and nothing else."""
