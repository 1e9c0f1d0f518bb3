"""Checks every exchange against the contract, and records observations.

The wire comes here with each answer; tests come for the recorder.
"""
