"""Generates requests: chooses cases, puts real objects into them, and repairs what is invalid by accident.

Everybody who sends generated requests comes here, histories and campaigns among them.
"""
