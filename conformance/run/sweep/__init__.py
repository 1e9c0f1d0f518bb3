"""Implements ``ls-conformance sweep``: removes what a killed run left on a target, and nothing else.

``proof`` says what proves that an object is the run's, ``finding`` reads the target and names what is, ``command``
shows the list, and removes what is on it once that is confirmed.
"""
