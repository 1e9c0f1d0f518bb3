"""Sends generated cases, one alone or all of a test, and confirms failures in a fresh world.

The coverage, fuzz and example tests come here.
"""
