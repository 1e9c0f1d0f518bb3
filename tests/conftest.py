"""What all self-tests share: the official client, which costs seconds per run, reads in tests of its own only."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

from conformance.run.options import CLIENT_VARIABLE

os.environ.setdefault(CLIENT_VARIABLE, "none")

# what a check says doesn't hang on how busy the machine is
settings.register_profile("self-tests", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("self-tests")
