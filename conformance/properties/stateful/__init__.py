"""Runs histories: sequences of requests, checked against a model of what must exist.

pytest collects them here; ``model`` knows what must exist, ``walking`` sends the steps.
"""
