"""A plugin of a run: sends each shell line again by curl, while what it names is still there, and keeps what came.

Named with ``-p``; the file to write is in REPLAYED. Only what can be sent twice with one result is: reading, and
what was refused.
"""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from conformance.run.state import STATE

if TYPE_CHECKING:
    from collections.abc import Generator

    from conformance.judge.observation import Evidence

READING = ("GET", "HEAD", "OPTIONS")
REFUSED = 400


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """After the test, before its objects go."""
    try:
        return (yield)
    finally:
        state = pyfuncitem.config.stash.get(STATE, None)
        seen: set[str] = set()
        for observation in state.worker.recorder.observations if state is not None else ():
            evidence = observation.evidence
            if evidence is not None and evidence.curl not in seen and _repeatable(evidence):
                seen.add(evidence.curl)
                _replay(pyfuncitem.nodeid, evidence)


def _repeatable(evidence: Evidence) -> bool:
    if evidence.response is None or "***" in evidence.curl or "_OF_" in evidence.curl or "@body.bin" in evidence.curl:
        return False  # nothing came; a secret or a file that only the run has
    return evidence.request["method"] in READING or evidence.response["status"] >= REFUSED


def _replay(test: str, evidence: Evidence) -> None:
    done = subprocess.run(["/bin/bash", "-c", evidence.curl], capture_output=True, timeout=60, check=False)
    head = done.stdout.split(b"\r\n", 1)[0].split()
    response: dict[str, Any] = dict(evidence.response or {})
    kept = {
        "test": test,
        "curl": evidence.curl,
        "recorded": response["status"],
        "now": int(head[1]) if len(head) > 1 else 0,
        "error": done.stderr.decode(errors="replace"),
    }
    with open(os.environ["REPLAYED"], "a", encoding="utf-8") as out:  # noqa: PTH123 - a name from the environment
        out.write(json.dumps(kept) + "\n")
