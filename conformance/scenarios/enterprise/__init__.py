"""What only an Enterprise server offers; these run with ``--edition enterprise`` only."""
