"""Keeps the failing requests that deep runs found as files that people can read.

Deep runs write them, ``test_examples`` replays them at gate.
"""
