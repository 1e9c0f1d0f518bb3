"""Plans a run: which tests run, in which order, and what they are known to cost.

``plugin`` comes here at collection, before the first request.
"""
