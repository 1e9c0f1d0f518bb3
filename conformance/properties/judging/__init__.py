"""Judges answers and their effects by the rules, and records observations.

All generated tests come here, histories included.
"""
