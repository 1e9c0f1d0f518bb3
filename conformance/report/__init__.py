"""Renders what a run learned: JSON (the source of all others), Markdown, terminal, HTML, JUnit, badge.

``run.result`` comes here at the end of a run, ``ls-conformance`` for results that are there.
"""
