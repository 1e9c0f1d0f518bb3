"""Observations, deviations and profiles in, a verdict out: pure functions, no I/O."""

from conformance.judge.observation import Evidence, Observation, Outcome, Verb

__all__ = ["Evidence", "Observation", "Outcome", "Verb"]
