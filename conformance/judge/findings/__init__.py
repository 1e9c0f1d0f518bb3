"""Groups failures into findings: what belongs together, what caused it, and whom it hurts.

Reports come here, and :mod:`~conformance.judge.verdict`.
"""
