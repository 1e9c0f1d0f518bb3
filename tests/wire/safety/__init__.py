"""What keeps others' things safe: guard, ledger, journal, and a run that ends early."""
