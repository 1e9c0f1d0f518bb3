"""Trying generated cases: one alone, or all that a test sends, with what failed confirmed in a fresh world."""
