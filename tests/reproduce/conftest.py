"""A wire whose target answers from the contract, on a socket: scripts are to reach it as well."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from conformance.contract import SchemaChecker, load_contract
from conformance.contract.tables.requirements import load_requirements
from conformance.contract.tables.resources import load_resources
from conformance.contract.tables.safety import Safety
from conformance.showing import Show
from conformance.target.credentials import Credentials
from conformance.wire import Ledger, Recorder, Wire
from conformance.wire.network.transport import Transport
from tests.properties.responder.server import KEY, Responder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """A wire, what shows requirements through it, and the server behind."""

    wire: Wire
    show: Show
    server: Responder

    def script(self) -> str:
        """The only script of the test so far."""
        (found,) = {o.script for o in self.wire.recorder.observations if o.script is not None}
        return found


@pytest.fixture
def responder() -> Iterator[Callable[..., Responder]]:
    """Starts servers that answer from the contract."""
    with contextlib.ExitStack() as stack:

        def start(*faults: str, answer: Any = None) -> Responder:
            return stack.enter_context(Responder(*faults, answer=answer))

        yield start


@pytest.fixture
def desk(responder: Callable[..., Responder]) -> Iterator[Callable[..., Desk]]:
    """Makes desks; ``desk("patch-ignored")`` with a server that has that fault."""
    with contextlib.ExitStack() as stack:

        def make(*faults: str, answer: Any = None) -> Desk:
            server = responder(*faults, answer=answer)
            transport = Transport()
            stack.callback(transport.close)
            contract, resources = load_contract(), load_resources()
            wire = Wire(
                base_url=server.url,
                transport=transport,
                contract=contract,
                schemas=SchemaChecker(contract),
                resources=resources,
                credentials={"default": Credentials(KEY, base_url=server.url, transport=transport)},
                ledger=Ledger(resources),
                recorder=Recorder(),
                allow=Safety.ADMIN,
                run_id="selftest",
            )
            wire.recorder.begin("conformance/scenarios/test_it.py::test_it")
            return Desk(wire=wire, show=Show(wire, load_requirements()), server=server)

        yield make


@pytest.fixture
def execute(tmp_path: Path) -> Callable[[str, str], subprocess.CompletedProcess[str]]:
    """``execute(script, url)``: runs a script in a process of its own, as somebody else would."""

    def run(script: str, url: str) -> subprocess.CompletedProcess[str]:
        path = tmp_path / "script.py"
        path.write_text(script, encoding="utf-8")
        environment = {"LABEL_STUDIO_URL": url, "LABEL_STUDIO_API_KEY": KEY, "PATH": os.environ["PATH"]}
        return subprocess.run(
            [sys.executable, "-I", str(path)],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run
