"""Protects others' objects, the target and the run: guard, ledger, journal, monitor, circuit breaker.

The wire asks it before and after each request; ``sweep`` reads the journal.
"""
