"""What the generated tests share: the world, and one test per operation."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

import pytest

from conformance.contract import Edition, SchemaChecker, load_contract
from conformance.contract.resources import load_resources
from conformance.properties.selection import GEARS
from conformance.world import Services, World

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.contract import Operation
    from conformance.peers import Peers
    from conformance.properties.adapter import Generator
    from conformance.properties.selection import Gear
    from conformance.run.worker import TargetInUse
    from conformance.wire import Wire


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test per Community operation for every test that asks for ``operation``; ids are operationIds."""
    hazards = load_resources().hazards
    if "enterprise_operation" in metafunc.fixturenames:
        metafunc.parametrize(
            "enterprise_operation",
            [
                pytest.param(o, id=o.id, marks=[] if o.reads() else [pytest.mark.destructive])
                for o in load_contract().of(Edition.ENTERPRISE)
            ],
        )
    if "operation" not in metafunc.fixturenames:
        return
    choose = getattr(metafunc.function, "applies_to", None)
    metafunc.parametrize(
        "operation",
        [
            pytest.param(o, id=o.id, marks=[pytest.mark.destructive] if o.id in hazards else [])
            for o in load_contract().of(Edition.COMMUNITY)
            if choose is None or choose(o)
        ],
    )


@pytest.fixture(scope="session")
def whole_world(wire: Wire, target: TargetInUse, peers: Peers) -> World:
    """The worker's world; read-only tests share its objects."""
    server = target.server
    services = Services(
        peers,
        url=target.url,
        callback_host=target.settings.callback_host,
        document_root=server.document_root if server else None,
    )
    return World(wire, services, data_dir=server.data_dir if server else None)


@pytest.fixture
def world(whole_world: World, request: pytest.FixtureRequest) -> Iterator[World]:
    """The world; a test of an operation that writes gets one of its own, removed after it."""
    operation: Operation | None = getattr(request.node, "callspec", None) and request.node.callspec.params.get(
        "operation"
    )
    if operation is not None and operation.reads():
        yield whole_world
        return
    restoring = whole_world.restoring(operation.id) if operation is not None else nullcontext()
    with restoring, whole_world.scope():
        yield whole_world


@pytest.fixture
def fresh_world(whole_world: World) -> Iterator[World]:
    """A world of the test's own, removed after it."""
    with whole_world.scope():
        yield whole_world


@pytest.fixture(scope="session")
def generator(seed: int) -> Generator:
    """Makes cases; loaded once per worker."""
    from conformance.properties.adapter import Generator  # noqa: PLC0415 - takes 2.5 s; not for runs that need none

    return Generator(load_contract(), seed)


@pytest.fixture(scope="session")
def schemas() -> SchemaChecker:
    """The second opinion on what breaks the contract."""
    return SchemaChecker(load_contract())


@pytest.fixture(scope="session")
def gear(request: pytest.FixtureRequest) -> Gear:
    """How much is generated (``--depth``)."""
    return GEARS[request.config.getoption("depth")]
