"""Generated tests: each rule of ``spec/rules.yaml`` on every operation that it applies to.

pytest collects them; a new rule is bound to its test in :mod:`registry`.
"""
