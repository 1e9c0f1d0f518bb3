"""Models that answer oddly, move, or are connected by somebody else."""
