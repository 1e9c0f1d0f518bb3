"""Runs scenarios on recorded answers with one part spoiled: ``pytest -p tests.scenarios.faults.lacking --spoil N``.

Each scenario runs once against the real server, and its answers are kept. Then it runs N times on what was kept, each
time with one place of one answer dropped, nulled, retyped or emptied, or with one answer cut off. It may find what it
likes; what it may not do is to end in an error of Python that names no answer.
"""

from __future__ import annotations

import copy
import json
import random
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, cast

import pytest

import conformance.fixtures
import conformance.scenarios.steps
from conformance.contract.tables.budgets import load_budgets
from conformance.errors import ConformanceError
from conformance.run.case.failures import ConformanceFailure
from conformance.run.case.phases import seen_through
from conformance.run.state import STATE
from conformance.wire.exchanges.answers import forget
from conformance.wire.network.errors import ConnectionLost

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from pathlib import Path

    from conformance.wire.messages import RawRequest, RawResponse
    from conformance.wire.network.transport import Transport

WAYS: Final = ("dropped", "null", "text", "number", "list", "object", "empty", "true")
_VALUES: Final[dict[str, Any]] = {"null": None, "text": "?", "number": 7, "list": [7], "object": {"?": 7}, "true": True}
SHORT: Final = 0.02
COUNTS: Final = pytest.StashKey[dict[str, int]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """How often, and with which dice."""
    parser.addoption("--spoil", type=int, default=10, help="runs of each scenario on spoiled answers")
    parser.addoption("--spoil-seed", type=int, default=1)


def pytest_configure(config: pytest.Config) -> None:
    """Nobody waits for what a recorded answer does not have."""
    config.stash[COUNTS] = {"runs": 0, "tracebacks": 0}
    brief = {n: replace(b, seconds=SHORT) for n, b in load_budgets().items()}
    patched = pytest.MonkeyPatch()
    config.stash[_PATCHED] = (patched, brief)


_PATCHED: Final = pytest.StashKey[Any]()


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a JSON value, as keys from the outside in; of long lists the first ones."""
    yield at
    inner = value.items() if isinstance(value, dict) else enumerate(value[:3]) if isinstance(value, list) else ()
    for key, item in inner:
        yield from places(item, (*at, key))


def spoil(value: Any, at: tuple[Any, ...], way: str) -> Any:
    """The value with one place spoiled."""
    if not at:
        return {"empty": type(value)() if isinstance(value, dict | list | str) else None}.get(way, _VALUES.get(way))
    whole = copy.deepcopy(value)
    holder = whole
    for key in at[:-1]:
        holder = holder[key]
    if way == "dropped":
        del holder[at[-1]]
    else:
        holder[at[-1]] = spoil(holder[at[-1]], (), way)
    return whole


@dataclass(slots=True)
class Recorder:
    """Passes on, and keeps what came."""

    real: Transport
    kept: list[RawResponse] = field(default_factory=list)

    @property
    def settings(self) -> Any:
        """The real one's."""
        return self.real.settings

    def send(self, request: RawRequest, **more: Any) -> RawResponse:
        """Ask the real server."""
        response = self.real.send(request, **more)
        self.kept.append(response)
        return response

    def save(self, request: RawRequest, into: Path) -> RawResponse:
        """Large bodies are kept like small ones."""
        response = self.send(request)
        into.write_bytes(response.content)
        return response

    def close(self) -> None:
        """The real one closes itself."""


@dataclass(slots=True)
class Replay(Recorder):
    """Answers what was kept, in order; one of the answers is another."""

    spoiled: int = 0
    changed: RawResponse | None = None
    asked: int = 0

    def send(self, request: RawRequest, **more: Any) -> RawResponse:
        """The next answer; the last one for ever."""
        del more
        number, self.asked = min(self.asked, len(self.kept) - 1), self.asked + 1
        if number != self.spoiled:
            return self.kept[number]
        if self.changed is None:
            raise ConnectionLost("The connection broke.", code="body-incomplete", request=request)
        return self.changed


def variant(kept: list[RawResponse], dice: random.Random) -> tuple[int, RawResponse | None, str]:
    """Which answer is spoiled, what it is then, and what was done."""
    number = dice.randrange(len(kept))
    response = kept[number]
    try:
        value = json.loads(response.content)
    except (ValueError, RecursionError):
        cut = replace(response, content=response.content[: len(response.content) // 2])
        return number, cut, "cut in half"
    if dice.random() < 0.05:
        return number, None, "broken off"
    at, way = dice.choice(list(places(value))), dice.choice(WAYS)
    if not at and way == "dropped":
        return number, replace(response, content=b""), "no body"
    return number, replace(response, content=json.dumps(spoil(value, at, way)).encode()), f"{at} {way}"


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """The real run first, then those on spoiled answers."""
    worker = pyfuncitem.config.stash[STATE].worker
    wire = worker.wire
    real = wire.transport
    recording = Recorder(real)
    wire.transport = cast("Transport", recording)
    try:
        return (yield)
    finally:  # a scenario that is red on the real server reads answers as well
        wire.transport = real
        if recording.kept:
            _spoiled_runs(pyfuncitem, recording)


def _spoiled_runs(item: pytest.Function, recording: Recorder) -> None:
    worker = item.config.stash[STATE].worker
    wire, counts = worker.wire, item.config.stash[COUNTS]
    dice = random.Random(f"{item.config.getoption('spoil_seed')} {item.nodeid}")
    patched, brief = item.config.stash[_PATCHED]
    arguments: dict[str, Any] = {name: item.funcargs[name] for name in item._fixtureinfo.argnames}
    for module in (conformance.fixtures, conformance.scenarios.steps):
        patched.setattr(module, "load_budgets", lambda: brief)
    if "eventually" in arguments:
        arguments["eventually"]._budgets = brief
    try:
        for _ in range(item.config.getoption("spoil")):
            number, changed, done = variant(recording.kept, dice)
            replay = Replay(recording.real, recording.kept, spoiled=number, changed=changed)
            wire.transport = cast("Transport", replay)
            forget()
            wire.past.begin_test()
            with wire.recorder.aside():
                problem = _ended(item.obj, arguments)
            counts["runs"] += 1
            told = seen_through(problem, worker)
            if told is not None and not isinstance(told, ConformanceError | ConformanceFailure):
                counts["tracebacks"] += 1
                raise AssertionError(f"answer {number + 1} of {item.nodeid}, {done}: {problem!r}") from problem
    finally:
        wire.transport = recording.real


def _ended(test: Callable[..., None], arguments: dict[str, Any]) -> Exception | None:
    try:
        test(**arguments)
    except pytest.skip.Exception:
        return None
    except Exception as problem:  # noqa: BLE001 - any is what this is about
        return problem
    return None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """The figures."""
    counts = config.stash[COUNTS]
    terminalreporter.write_line(
        f"{counts['runs']} runs on spoiled answers, {counts['tracebacks']} ended in a traceback"
    )
