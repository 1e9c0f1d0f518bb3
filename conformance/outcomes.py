"""Exceptions that end a test without a finding: blocked, unsupported, not measured, left alone."""

from __future__ import annotations

import pytest

from conformance.errors import ConformanceError
from conformance.judge.observation import Outcome


class NotMeasured(pytest.skip.Exception):  # type: ignore[name-defined,misc] # public, but a variable to mypy
    """Something that the test needs is not to be had here: the outcome is ``not-measured``, with the reason."""

    outcome = Outcome.NOT_MEASURED


class LeftAlone(NotMeasured):
    """What the test does could hurt others on a target that is not the run's own: the outcome is ``refused``."""

    outcome = Outcome.REFUSED


class Unsupported(NotMeasured):
    """The target says that it does not offer what the test is about: the outcome is ``unsupported``."""

    outcome = Outcome.UNSUPPORTED


class Blocked(ConformanceError):
    """What the test needs is broken on the target: the outcome is ``blocked``.

    Attributes:
        by: the requirement that is in the way.
        why: one sentence.
    """

    code = "blocked"

    def __init__(self, by: str, why: str) -> None:
        super().__init__(f"blocked by {by}: {why}")
        self.by = by
        self.why = why
