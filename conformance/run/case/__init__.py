"""Handles one test: the outcome of each phase, and what the worker tells the controller of it.

``plugin`` comes here for each test.
"""
