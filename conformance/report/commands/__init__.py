"""Implements the commands of ``ls-conformance`` on results: one module per command, each a function of reports."""
