"""Renders the phases of a test, and packs what the controller is told of them."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pytest

from conformance.contract.tables.aspects import told_of
from conformance.contract.tables.requirements import load_requirements
from conformance.errors import ConformanceError
from conformance.judge import Outcome
from conformance.judge.findings.impact import BROKEN
from conformance.judge.verdict import is_deviation
from conformance.outcomes import Blocked, NotMeasured
from conformance.peers import PeerUnavailable
from conformance.run.case.failures import ConformanceFailure, excuse
from conformance.run.case.testcase import explain, is_about
from conformance.run.messages import PhaseMessage
from conformance.run.plan.safety import note_unmeasured
from conformance.run.plan.selection import claimed
from conformance.run.time_budget import weight_of
from conformance.target.embedded import EmbeddedError
from conformance.wire import RefusedByGuard, TargetLost, Unexpected
from conformance.wire.checking.checks import route_missing
from conformance.wire.exchanges.answers import AnswerLacks
from conformance.wire.exchanges.stumbling import stumbled
from conformance.wire.safety.circuit_breaker import NothingWorks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from conformance.judge import Observation
    from conformance.judge.deviations import Deviation
    from conformance.run.worker import Worker
    from conformance.wire import Exchange
    from conformance.wire.exchanges.redact import Redactor

# Raised by the target's behaviour or by what is missing here: a person needs no traceback of the suite.
EXPLAINED = (ConformanceFailure, ConformanceError)


def about(item: pytest.Item) -> Callable[[Observation], bool]:
    """Return whether an observation is what the test is about."""
    marker = item.get_closest_marker("contract_rules")
    return partial(is_about, claimed=claimed(item), rules=None if marker is None else marker.args)


def seen_through(problem: BaseException | None, worker: Worker) -> BaseException | None:
    """Return what a problem means: whoever stumbles over an answer of the target tells of the answer, not of Python."""
    wire = worker.connected
    if wire is None or isinstance(problem, EXPLAINED):
        return problem
    return stumbled(problem, wire.history, wire.contract) or problem


def present(
    report: pytest.TestReport,
    problem: BaseException | None,
    item: pytest.Item,
    accepted: Sequence[Deviation],
    seen: Iterable[Observation],
) -> None:
    """Say what went wrong without a traceback, and skip or excuse what is no failure.

    Args:
        report: of the phase; changed.
        problem: what the phase raised.
        item: the test.
        accepted: the accepted deviations of the target.
        seen: what was observed in the phase; a step that went wrong for what is accepted fails no test.
    """
    if isinstance(problem, ConformanceFailure):
        failures: Iterable[Observation] = problem.observations
    else:
        failures = [o for o in seen if is_deviation(o)] if isinstance(problem, Unexpected | AnswerLacks) else ()
    if isinstance(problem, PeerUnavailable | RefusedByGuard | Blocked) or (
        isinstance(problem, Unexpected) and route_missing(problem.exchange)
    ):
        # not to be had, or not to be done, on this target: neither passed nor failed, wherever it was raised;
        # what is in the way has a test of its own, and what it blocks is counted apart
        report.outcome = "skipped"
        report.longrepr = (str(item.path), (item.location[1] or 0) + 1, f"Skipped: {problem}")
    elif known := excuse(failures, accepted):
        # known and accepted: shown as an expected failure, and counted apart by the judge
        report.outcome = "skipped"
        report.wasxfail = known
        report.longrepr = str(problem)
    elif report.failed and isinstance(problem, EXPLAINED):
        report.longrepr = problem.render() if isinstance(problem, ConformanceError) else str(problem)


def written_before(observation: Observation, history: Iterable[Exchange]) -> tuple[str, ...]:
    """The operations that changed something before the exchange that shows a failure, each where it was used last."""
    if observation.outcome not in BROKEN or observation.evidence is None:
        return ()
    written: dict[str, None] = {}
    for exchange in history:
        if exchange.request_id == observation.evidence.request_id:
            break
        if exchange.operation is not None and not exchange.operation.reads():
            written.pop(exchange.operation.id, None)
            written[exchange.operation.id] = None
    return tuple(written)


def without_secrets(observation: Observation, redactor: Redactor) -> Observation:
    """What an observation says, without the keys of the run: an answer is quoted where it should have been another."""
    if observation.outcome is Outcome.PASS:
        return observation
    return replace(
        observation,
        message=redactor.known(observation.message),
        expected=redactor.known(observation.expected),
        got=redactor.known(observation.got),
        signature=redactor.known(observation.signature),
    )


def tell(item: pytest.Item, phase: str, problem: BaseException | None, worker: Worker) -> PhaseMessage | None:
    """Return what the controller is told of a phase: nothing of a set-up that went well, since the body follows.

    Args:
        item: the test.
        phase: ``setup``, ``call`` or ``teardown``.
        problem: what the phase raised.
        worker: this process's.
    """
    recorder = worker.recorder
    if phase == "teardown":
        return PhaseMessage(
            claimed=claimed(item),
            open_ended=weight_of(item) is not None,
            statistics=recorder.drain_statistics(),
        )
    if phase == "setup" and problem is None:
        return None
    wire = None if isinstance(problem, EmbeddedError) else worker.wire
    skipped = isinstance(problem, pytest.skip.Exception) and not isinstance(problem, NotMeasured)
    told = NotMeasured(str(problem)) if skipped else problem
    if phase == "setup":
        note_unmeasured(item, told, recorder)
    explain(told, recorder=recorder, wire=wire, claimed=claimed(item), requirements=load_requirements())
    is_own = about(item)
    history = worker.wire.history if wire is not None else ()
    observed = [
        replace(told_of(o), incidental=not is_own(o), after=written_before(o, history)) for o in recorder.observations
    ]
    return PhaseMessage(
        claimed=claimed(item),
        observations=tuple(observed if wire is None else (without_secrets(o, wire.redactor) for o in observed)),
        operations=tuple(sorted({e.operation.id for e in history if e.operation})),
        open_ended=weight_of(item) is not None,
        statistics=recorder.drain_statistics(),
        lost=problem.render() if isinstance(problem, TargetLost) else None,
        stands=isinstance(problem, NothingWorks),
    )
