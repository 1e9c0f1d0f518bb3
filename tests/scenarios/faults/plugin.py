"""Runs scenarios against the embedded server with one fault: ``pytest -p tests.scenarios.faults.plugin --fault NAME``.

Only the body of a test meets the fault: what its fixtures make, and what is cleaned up, a server does that is right.
"""

from __future__ import annotations

import random
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

import conformance.fixtures
import conformance.scenarios.steps
from conformance.contract.tables.budgets import load_budgets
from conformance.run.state import STATE
from tests.scenarios.faults import peers
from tests.scenarios.faults.spoiled import FAULTS, SpoiledTransport
from tests.scenarios.faults.ways.refusals import broken, only_at

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping

    from conformance.contract.tables.budgets import Budget
    from conformance.scenarios.storages.stores import Store
    from conformance.wire.network.transport import Transport

NAMES = sorted({*FAULTS, *peers.PEER_FAULTS})
SHORT = 1.0


def pytest_addoption(parser: pytest.Parser) -> None:
    """Which fault, and in which order."""
    parser.addoption("--fault", choices=NAMES, help="a way for the target to be wrong")
    parser.addoption("--at", metavar="OPERATION", help="the one operation that has the fault; without it all have")
    parser.addoption("--broken", metavar="OPERATION", help="an operation that always answers 500, to fixtures as well")
    parser.addoption("--only", metavar="FILE", help="run the tests that the file names, one per line")
    parser.addoption("--shuffle", type=int, metavar="SEED", help="run the tests in another order")


def impatient() -> Mapping[str, Budget]:
    """The budgets, cut short: what a fault has lost does not come later."""
    return {name: replace(budget, seconds=min(budget.seconds, SHORT)) for name, budget in load_budgets().items()}


def pytest_configure(config: pytest.Config) -> None:
    """What is the same for every test."""
    del config
    patched = pytest.MonkeyPatch()
    patched.setattr(conformance.fixtures, "load_budgets", impatient)
    patched.setattr(conformance.scenarios.steps, "load_budgets", impatient)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Shuffle whole files and the tests in them, destructive ones still last; leave out what is not wanted."""
    if only := config.getoption("only"):
        wanted = set(Path(only).read_text(encoding="utf-8").splitlines())
        items[:] = [item for item in items if item.nodeid in wanted]
    seed = config.getoption("shuffle")
    if seed is None:
        return
    dice = random.Random(seed)
    place: dict[str, float] = {}
    for item in items:
        place.setdefault(str(item.path), dice.random())
        place[item.nodeid] = dice.random()
    last = {item.nodeid: item.get_closest_marker("destructive") is not None for item in items}
    items.sort(key=lambda item: (last[item.nodeid], place[str(item.path)], place[item.nodeid]))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Break an operation for the whole test."""
    name = item.config.getoption("broken")
    if name is None:
        return (yield)
    wire = item.config.stash[STATE].worker.wire
    real = wire.transport
    wire.transport = cast("Transport", SpoiledTransport(real, broken(name)))
    try:
        return (yield)
    finally:
        wire.transport = real


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """Let scenarios about storages see exported objects through the fault."""
    for module in {getattr(item, "module", None) for item in session.items}:
        if hasattr(module, "open_store"):
            opened = module.open_store  # type: ignore[union-attr] # it was looked for

            def watched(*arguments: Any, opened: Any = opened) -> Iterator[Store]:
                for store in opened(*arguments):
                    yield peers.watched(store)

            module.open_store = watched  # type: ignore[union-attr] # likewise


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """Put the fault between while the body of a test runs."""
    name = pyfuncitem.config.getoption("fault")
    if name is None:
        return (yield)
    wire = pyfuncitem.config.stash[STATE].worker.wire
    with ExitStack() as stack:
        if name in peers.PEER_FAULTS:
            stack.enter_context(peers.PEER_FAULTS[name]())
        else:
            real = wire.transport
            operation = pyfuncitem.config.getoption("at")
            fault = FAULTS[name] if operation is None else only_at(operation, FAULTS[name])
            memory = {"owner": list(wire.credentials["default"].header().items())}
            wire.transport = cast("Transport", SpoiledTransport(real, fault, memory=memory))
            stack.callback(setattr, wire, "transport", real)
        return (yield)
