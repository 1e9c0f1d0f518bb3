"""What a killed run left is found and removed, and nothing else."""
