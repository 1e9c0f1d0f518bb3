"""The harness's own cost, against a trivial server."""

from __future__ import annotations

import itertools
import time
from typing import TYPE_CHECKING

import httpx

from benchmarks.trivial import trivial_server
from conformance.contract import Edition, SchemaChecker, load_contract
from conformance.contract.tables.resources import load_resources
from conformance.contract.tables.safety import Safety
from conformance.properties.campaigns.selection import DEPTH_POLICIES, select
from conformance.properties.generation.adapter import Generator
from conformance.target.credentials import Credentials
from conformance.wire import Ledger, Recorder, Wire
from conformance.wire.messages import ConnectionSettings
from conformance.wire.network.transport import Transport

if TYPE_CHECKING:
    from collections.abc import Callable

EXCHANGES = 600
# `{}` keeps to the schema of this one: what is measured is the way of a good answer
OPERATION, PATH = "users.get_token", "/api/current-user/token"
ROUNDS = 3


def harness_cost() -> dict[str, float]:
    """Rates per second, on one core: the median of several rounds."""
    with trivial_server() as url:
        wire = _wire(url)
        bare = _median(lambda: _bare(url))
        hand_written = _median(lambda: _hand_written(wire))
        fuzz, coverage = _generated(wire, fuzz=True), _generated(wire, fuzz=False)
        wire.close()
    return {
        "bare httpx exchanges/s": bare,
        "hand-written exchanges/s": hand_written,
        "hand-written / bare": hand_written / bare,
        "fuzzed cases/s": fuzz,
        "coverage cases/s": coverage,
    }


def _wire(url: str) -> Wire:
    contract, resources = load_contract(), load_resources()
    transport = Transport(ConnectionSettings())
    return Wire(
        base_url=url,
        transport=transport,
        contract=contract,
        schemas=SchemaChecker(contract),
        resources=resources,
        credentials={"default": Credentials("0" * 40, base_url=url, transport=transport)},
        ledger=Ledger(resources),
        recorder=Recorder(),
        allow=Safety.ADMIN,
        thrown_away=True,
        run_id="benchmark",
    )


def _median(rate: Callable[[], float]) -> float:
    return sorted(rate() for _ in range(ROUNDS))[ROUNDS // 2]


def _bare(url: str) -> float:
    with httpx.Client(base_url=url, headers={"Authorization": "Token " + "0" * 40}) as client:
        client.get(PATH)
        started = time.perf_counter()
        for _ in range(EXCHANGES):
            client.get(PATH).json()
        return EXCHANGES / (time.perf_counter() - started)


def _hand_written(wire: Wire) -> float:
    wire.call(OPERATION)
    wire.recorder.begin("benchmark")
    started = time.perf_counter()
    for _ in range(EXCHANGES):
        wire.call(OPERATION).json()
    return EXCHANGES / (time.perf_counter() - started)


def _generated(wire: Wire, *, fuzz: bool) -> float:
    """Cases generated per second, while those that gate selects are sent and checked; loading is not counted."""
    generator = Generator(wire.contract, 1)
    operations = list(itertools.islice(wire.contract.of(Edition.COMMUNITY), 0, None, 4))
    next(iter(generator.coverage(operations[0])))
    generator.fuzz(operations[0], "positive", 1)
    count = 0
    started = time.perf_counter()
    for operation in operations:
        wire.recorder.begin(operation.id)
        made = generator.fuzz(operation, "positive", 20) if fuzz else list(generator.coverage(operation))
        for case in made if fuzz else select(made, DEPTH_POLICIES["gate"]):
            try:
                request = case.serialise(wire.base_url)
            except ValueError:
                continue
            wire.send(request, operation=operation, path_values={k: str(v) for k, v in case.path.items()})
        count += len(made)
    return count / (time.perf_counter() - started)
