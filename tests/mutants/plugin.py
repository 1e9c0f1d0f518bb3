"""Runs each test once on the server, and then on its recording with mutants: ``pytest -p tests.mutants.plugin``."""

from __future__ import annotations

import inspect
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import pytest

import conformance.fixtures
import conformance.scenarios.steps
from conformance.contract.tables.requirements import load_requirements
from conformance.judge.deviations import acceptance
from conformance.run.case.phases import seen_through
from conformance.run.plan.selection import claimed
from conformance.run.state import STATE
from tests.mutants.forking import Mutant, Template
from tests.mutants.mutating import EACH, Way, changes, places
from tests.mutants.replaying import RecordingTransport, ReplayingTransport
from tests.mutants.table import Noticed, Table
from tests.scenarios.faults.plugin import impatient

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from conformance.wire.network.transport import Transport
    from tests.mutants.forking import Seen
    from tests.mutants.replaying import Recording

TABLE: Final = pytest.StashKey[Table]()
TRIES: Final = 12
"""So many tests that are about the operation may notice a mutant."""
SECONDS: Final = 20.0
"""For the mutants of one test."""
DEEPEST_LIST: Final = 3
"""Elements of lists within lists within lists are left alone."""
RED: Final = frozenset({"fail", "warn", "error"})


def pytest_addoption(parser: pytest.Parser) -> None:
    """Where the table goes."""
    parser.addoption("--mutants", type=Path, help="the table to write, and to go on with if it is there")
    parser.addoption("--mutants-lane", default="0/1", help="which of how many lanes this one is: 0/2")


def pytest_configure(config: pytest.Config) -> None:
    """Nobody waits long for what a recording can't bring."""
    if path := config.getoption("mutants"):
        config.stash[TABLE] = Table.read(path)
        patched = pytest.MonkeyPatch()
        patched.setattr(conformance.fixtures, "load_budgets", impatient)
        patched.setattr(conformance.scenarios.steps, "load_budgets", impatient)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave to other lanes what is theirs: the tests of one operation are all of the same lane."""
    number, lanes = map(int, config.getoption("mutants_lane").split("/"))
    items[:] = [item for item in items if lane_of(_first_operation(item), lanes) == number]


def lane_of(operation: str, lanes: int) -> int:
    """The lane that tests of an operation run in, the same in every process."""
    return zlib.crc32(operation.encode()) % lanes


def _first_operation(item: pytest.Item) -> str:
    return min(_about(item), default=item.nodeid) if isinstance(item, pytest.Function) else item.nodeid


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """Record the body, and run it on the recording."""
    table = pyfuncitem.config.stash.get(TABLE, None)
    if table is None:
        return (yield)
    wire = pyfuncitem.config.stash[STATE].worker.wire
    real = wire.transport
    template = Template(lambda recording, change: _body(pyfuncitem, recording, change))
    recorder = RecordingTransport(real)
    wire.transport = cast("Transport", recorder)
    try:
        return (yield)
    finally:
        wire.transport = real
        _measure(pyfuncitem, template, recorder.recording, table)
        template.end()
        table.write(pyfuncitem.config.getoption("mutants"))


def _measure(item: pytest.Function, template: Template, recording: Recording, table: Table) -> None:
    about = _about(item)
    mutants = [m for m in dict.fromkeys(_mutants(recording)) if m.operation in about and table.is_open(m, TRIES)]
    mutants.sort(key=table.tries)  # others have had their chances
    rows = template.run(recording, mutants, seconds=SECONDS) if mutants else []
    if not rows or rows[0] != _seen(item):  # what the test saw on the server did not come from there alone
        table.unusable += bool(mutants)
        return
    for mutant, seen in zip(mutants, rows[1:], strict=False):
        new = sorted(one for one in (seen or frozenset()) - rows[0] if one[2] in RED)
        table.add(mutant, Noticed.by(new) if new else None)


def _body(item: pytest.Function, recording: Recording, change: Callable[[str | None, Any], Any]) -> Seen:
    """Run a test's body on a recording; called in a process of its own."""
    worker = item.config.stash[STATE].worker
    worker.wire.transport = cast("Transport", ReplayingTransport(worker.wire.transport, recording, change))
    arguments = {name: item.funcargs[name] for name in inspect.signature(item.obj).parameters}
    try:
        item.obj(**arguments)
    except BaseException as problem:  # noqa: BLE001 - whatever ends a test
        through = seen_through(problem, worker)
        if through is None or type(through).__module__.partition(".")[0] not in {"conformance", "_pytest"}:
            return _seen(item) | {("error", type(problem).__name__, "error")}
    return _seen(item)


def _seen(item: pytest.Function) -> Seen:
    state = item.config.stash[STATE]
    return frozenset(
        (o.requirement, o.signature or "", o.outcome.value)
        for o in state.worker.recorder.observations
        if not acceptance(o, state.accepted)
    )


def _about(item: pytest.Function) -> frozenset[str]:
    """The operations that a test is about: its own, and those of the requirements that it shows."""
    requirements = load_requirements()
    named = (requirements[name].operations for name in claimed(item) if name in requirements)
    own = getattr(item.callspec.params.get("operation"), "id", None) if hasattr(item, "callspec") else None
    return frozenset(o for operations in named for o in operations) | ({own} if own else frozenset())


def _mutants(recording: Recording) -> Iterator[Mutant]:
    for operation, value in recording.told():
        for place in dict.fromkeys(place for place, _ in places(value)):
            ways = (Way.CHANGED,) if not place else tuple(Way)
            if place.count(EACH) < DEEPEST_LIST:
                yield from (Mutant(operation, place, way) for way in ways if changes(value, place, way))
