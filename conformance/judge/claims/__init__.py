"""Computes features, profiles and levels: what a server claims, and how much of it holds in each aspect.

:mod:`~conformance.judge.verdict` and reports come here.
"""
