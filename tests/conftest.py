"""What all self-tests share: the official client, which costs seconds per run, reads in tests of its own only."""

from __future__ import annotations

import os

from conformance.run.options import CLIENT_VARIABLE

os.environ.setdefault(CLIENT_VARIABLE, "none")
