"""Writes hard values, asks every reader afterwards, and finds the value that is to blame.

``test_hard_values`` comes here.
"""
