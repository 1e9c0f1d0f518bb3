"""What the generated tests share: the world, and one test per operation."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

import pytest

from conformance.contract import Edition, SchemaChecker, load_contract
from conformance.contract.tables.resources import load_resources
from conformance.properties.campaigns.selection import DEPTH_POLICIES, CampaignOptions
from conformance.properties.examples.store import load_examples
from conformance.properties.judging.recording import Check, nothing_to_do
from conformance.properties.registry import binding_of
from conformance.run.options import DEPTHS, examples_folder, target_settings
from conformance.run.state import STATE
from conformance.target.settings import SettingsError
from conformance.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conformance.contract import Operation
    from conformance.contract.tables.resources import Resources
    from conformance.properties.campaigns.selection import DepthPolicy
    from conformance.properties.generation.adapter import Generator
    from conformance.run.time_budget import TimeSlice
    from conformance.run.worker import TargetInUse
    from conformance.wire import Wire
    from conformance.world import Services


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test per operation of the target's edition for every test that asks for ``operation``; ids are operationIds.

    An Enterprise server offers the Community operations as well. A Community server is asked once for each operation
    that it does not owe (``enterprise_operation``).
    """
    resources = load_resources(edition=edition_of(metafunc.config))
    if "enterprise_operation" in metafunc.fixturenames:
        metafunc.parametrize(
            "enterprise_operation",
            [
                pytest.param(o, id=o.id, marks=[] if o.reads() else [pytest.mark.destructive])
                for o in load_contract().of(Edition.ENTERPRISE)
                if not o.absent
            ],
        )
    if "example" in metafunc.fixturenames:
        _parametrize_examples(metafunc, resources)
    if "operation" not in metafunc.fixturenames:
        return
    binding = binding_of(metafunc.function)
    metafunc.parametrize(
        "operation",
        [
            pytest.param(o, id=o.id, marks=_marks(o.id, resources))
            for o in load_contract()
            if resources.offered(o) and (binding is None or binding.is_about(o))
        ],
    )


def _parametrize_examples(metafunc: pytest.Metafunc, resources: Resources) -> None:
    """One test per example that is kept; ids are operation, rule and a digest of the failure's signature."""
    contract = load_contract()
    metafunc.parametrize(
        "example",
        [
            pytest.param(
                example,
                id=f"{example.operation}-{example.id}",
                marks=[
                    pytest.mark.contract_rules(example.rule),
                    *_marks(example.operation, resources),
                ],
            )
            for example in load_examples(examples_folder(metafunc.config))
            if resources.offered(contract[example.operation])
        ],
    )


def _marks(operation_id: str, resources: Resources) -> list[pytest.MarkDecorator]:
    """Runs last what can do harm, and elsewhere only if it can be done to what the run made itself."""
    hazard = resources.hazards.get(operation_id)
    return [] if hazard is None else [pytest.mark.destructive(spared=bool(hazard.spared))]


def edition_of(config: pytest.Config) -> Edition:
    """Return what the target is; where nobody looked at it (``--collect-only``), what it is claimed to be."""
    state = config.stash.get(STATE, None)
    if state is not None:
        return state.edition
    try:
        return Edition(target_settings(config).edition or Edition.COMMUNITY)
    except SettingsError:
        return Edition.COMMUNITY  # settings that can't be used are told of when something is run


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """An Enterprise server gets the generated tests of its operations, not the probe."""
    if collection_path.name == "test_enterprise.py" and edition_of(config) is Edition.ENTERPRISE:
        return True
    return None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where there is no example, there is no test of one: pytest would make one that is skipped."""
    items[:] = [item for item in items if not item.name.startswith("test_example[NOTSET")]


@pytest.fixture(scope="session")
def whole_world(wire: Wire, target: TargetInUse, services: Services) -> Iterator[World]:
    """The worker's world; read-only tests share its objects."""
    server = target.server
    world = World(wire, services, insert=server.insert if server else None, present=target.settings.ids)
    yield world
    world.close()


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


@pytest.fixture(autouse=True)
def _deep_enough(request: pytest.FixtureRequest) -> None:
    """A test that is bound to rules runs from the depth on that it is worth its cost at."""
    binding = binding_of(request.function)
    if binding is not None and DEPTHS.index(request.config.getoption("depth")) < DEPTHS.index(binding.depth):
        nothing_to_do("not at this depth")


@pytest.fixture
def check(wire: Wire, operation: Operation, request: pytest.FixtureRequest) -> Check:
    """Records whether the rules hold that the test is bound to."""
    binding = binding_of(request.function)
    if binding is None:
        raise pytest.UsageError(f"{request.node.nodeid} is bound to no rule: decorate it with @shows")
    return Check(wire, operation, binding.rules)


@pytest.fixture(scope="session")
def generator(seed: int) -> Generator:
    """Makes cases; loaded once per worker."""
    from conformance.properties.generation.adapter import Generator  # noqa: PLC0415 - takes 2.5 s; not for runs that need none

    return Generator(load_contract(), seed)


@pytest.fixture(scope="session")
def schemas() -> SchemaChecker:
    """Validate against the contract, independently of Schemathesis."""
    return SchemaChecker(load_contract())


@pytest.fixture(scope="session")
def kept(request: pytest.FixtureRequest) -> set[tuple[str, str]]:
    """Operation and id of the examples that there are; what this worker finds is added."""
    return {(e.operation, e.id) for e in load_examples(examples_folder(request.config))}


@pytest.fixture(scope="session")
def policy(request: pytest.FixtureRequest) -> DepthPolicy:
    """How much is generated (``--depth``)."""
    return DEPTH_POLICIES[request.config.getoption("depth")]


@pytest.fixture
def time_slice(request: pytest.FixtureRequest) -> Iterator[TimeSlice]:
    """The time that an open-ended test has (``--time-budget``)."""
    time_budget = request.config.stash[STATE].time_budget
    time_slice = time_budget.begin(request.node.nodeid)
    yield time_slice
    time_budget.end(time_slice)


@pytest.fixture
def options(
    policy: DepthPolicy, target: TargetInUse, seed: int, kept: set[tuple[str, str]], time_slice: TimeSlice
) -> CampaignOptions:
    """How far the test goes (``--depth``, ``--time-budget``)."""
    return CampaignOptions(
        policy=policy, time_slice=time_slice, known=kept, found=f"Label Studio {target.version}, seed {seed}"
    )
