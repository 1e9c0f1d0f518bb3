"""Generated tests: every operation, every rule of the contract."""
