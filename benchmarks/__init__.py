"""What the generated tests reach, and what the harness costs: ``python -m benchmarks.run``."""
