"""Which faults of the stand-in do checks find? ``python -m tests.enterprise.proof.measure [PATH …]`` measures.

Starts the stand-in, runs scenarios as they are, and again with one fault after the other that is about an operation of
theirs, until each must that they show was seen to turn red. Writes ``found/``: requirement -> the fault,
and ``open.txt``: what is left.
"""

from __future__ import annotations

import sys
import tempfile
from typing import TYPE_CHECKING

import pytest

from tests.enterprise.proof.found import write_open
from tests.enterprise.proof.plugin import Measuring
from tests.enterprise.proof.server import SpoiledStandIn

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str]) -> int:
    """Measure and write."""
    with SpoiledStandIn() as server, tempfile.TemporaryDirectory(prefix="ls-conformance-faults-") as folder:
        settings = [
            "-q",
            "-p",
            "no:cacheprovider",
            f"--report-dir={folder}",
            f"--target={server.url}",
            f"--api-key={server.api_key}",
            "--edition=enterprise",
            "--disposable",
            "--services=tests/enterprise/services.toml",
            f"--roles=other={server.other_key}",
        ]
        pytest.main([*settings, *(arguments or ["conformance/scenarios/enterprise"])], plugins=[Measuring(server)])
    write_open()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
