"""Operations that change or delete several objects touch what was named, and nothing else."""
