"""Answers with one thing changed, in flight: which does the suite notice? What nobody notices is what to check next.

A test runs once on a real server, and its exchanges are recorded. Then it runs again on the recording, once for each
mutant: one property of one operation's answers is dropped, nulled, of another type or of another valid value. ``python
-m tests.mutants.run`` makes the table (``reports/mutants/``).
"""
