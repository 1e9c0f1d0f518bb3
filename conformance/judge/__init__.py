"""Turns observations, deviations and profiles into a verdict: pure functions, no I/O.

``run.result`` comes here at the end of a run, ``report`` and its commands whenever a result is judged or shown again.
"""

from conformance.judge.observation import Evidence, Observation, Outcome, Verb

__all__ = ["Evidence", "Observation", "Outcome", "Verb"]
