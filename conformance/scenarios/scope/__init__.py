"""Operations on several objects affect those that were named, and nothing else."""
