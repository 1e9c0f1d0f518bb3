"""The suite in a process of its own, as a person would start it."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Final

from conformance.contract import SPEC

if TYPE_CHECKING:
    from collections.abc import Mapping

PYTEST: Final = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")


def run_suite(
    *arguments: str, timeout: float | None = None, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run pytest in the repository; whoever calls looks at the code that it ends with."""
    return subprocess.run(
        [*PYTEST, *arguments],
        cwd=SPEC.parent,
        env=environment,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
