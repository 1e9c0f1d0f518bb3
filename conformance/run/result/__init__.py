"""Makes the result of a run of what workers tell: collects, judges, checks for secrets, writes.

The controller comes here; ``--resume`` reads here what a stopped run left.
"""
