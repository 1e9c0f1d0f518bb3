"""Turns what happened in one test into observations: what it claims to show never stays without an outcome."""

from __future__ import annotations

import re
import traceback
from typing import TYPE_CHECKING, Final

from conformance.judge.observation import Observation, Outcome, Verb
from conformance.outcomes import Blocked, NotMeasured
from conformance.peers import PeerUnavailable
from conformance.reproduce import script_now
from conformance.run.case.failures import ConformanceFailure
from conformance.wire import RefusedByGuard, TargetLost, Unexpected
from conformance.wire.checking.checks import cause_of, reason
from conformance.wire.exchanges.answers import AnswerLacks
from conformance.wire.exchanges.exchange import Exchange
from conformance.wire.sending.gateway import NotTheApplication

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

    from conformance.contract.tables.requirements import Requirement
    from conformance.wire import Recorder, Wire


_NUMBERS: Final = re.compile(r"/\d+(?=/|$)")


def is_about(observation: Observation, *, claimed: Container[str], rules: tuple[str, ...] | None) -> bool:
    """Return whether the test was to show this, and the wire did not merely notice it on the way.

    Args:
        observation: one of the test's.
        claimed: requirement ids of the test's marker; empty = whatever it shows.
        rules: those of its marker ``contract_rules``, none named = all; None = no such marker.
    """
    if "#" not in observation.requirement or observation.requirement in claimed:
        return True
    if rules is None:
        return not claimed
    return not rules or observation.rule in rules


def explain(
    problem: BaseException | None,
    *,
    recorder: Recorder,
    wire: Wire | None,
    claimed: tuple[str, ...],
    requirements: Mapping[str, Requirement],
) -> None:
    """Record what ended a test, and an outcome for every requirement that it claims but has not shown.

    Args:
        problem: what the test raised; None if it came to its end.
        recorder: holds the test's observations so far.
        wire: makes evidence; None if the target never got ready.
        claimed: requirement ids of the test's marker.
        requirements: all there are.
    """
    missing = [r for r in claimed if r not in recorder.shown()]
    problem = _seen_through(problem)
    match problem:
        case None | ConformanceFailure():
            outcome, message, by = (
                Outcome.ERROR,
                "The test came to its end without checking this requirement.",
                None,
            )
        case Unexpected() if wire is not None:
            by = _step(problem, recorder, wire)
            outcome, message = Outcome.BLOCKED, f"A step before the check went wrong: {problem}"
        case Blocked():
            outcome, message, by = Outcome.BLOCKED, problem.why, problem.by
        case NotMeasured() | PeerUnavailable():
            outcome, message, by = getattr(problem, "outcome", Outcome.NOT_MEASURED), str(problem), None
        case RefusedByGuard():
            outcome, message, by = Outcome.REFUSED, problem.message, None
        case TargetLost():
            outcome, message, by = Outcome.NOT_MEASURED, problem.message, None
        case AnswerLacks():
            by = _lacks(problem, wire) if wire is not None else None
            outcome, message = Outcome.BLOCKED if by else Outcome.FAIL, problem.message
        case _:
            outcome, by = Outcome.ERROR, None
            message = "".join(traceback.format_exception_only(problem)).strip()[:600]
            if not missing:
                recorder.observe(
                    Observation(
                        requirement="suite", outcome=outcome, rule="suite", message=message, signature=message[:80]
                    )
                )
    for requirement_id in missing:
        requirement = requirements.get(requirement_id)
        recorder.observe(
            Observation(
                requirement=requirement_id,
                outcome=outcome,
                verb=requirement.owed if requirement else Verb.MUST,
                operation=requirement.operations[0] if requirement and requirement.operations else None,
                message=message,
                signature=outcome.value if outcome is not Outcome.FAIL else "an answer lacks what the test reads",
                blocked_by=by if outcome is Outcome.BLOCKED else None,
            )
        )


def _seen_through(problem: BaseException | None) -> BaseException | None:
    """Return what it means: a step that a gateway answered in place of the target was not measured."""
    if isinstance(problem, Unexpected) and isinstance(problem.exchange.problem, NotTheApplication):
        return NotMeasured(problem.exchange.problem.message)
    return problem


def _lacks(problem: AnswerLacks, wire: Wire) -> str | None:
    """Record what an answer lacks; returns the requirement that is in the way of the rest.

    None where the answer is of no operation of the contract: then it is the test's own requirements that fail.
    """
    exchange = problem.exchange
    operation = exchange.operation
    if operation is None or not isinstance(exchange, Exchange):
        return None
    requirement = f"{operation.id}#readable"
    wire.recorder.observe(
        Observation(
            requirement=requirement,
            outcome=Outcome.FAIL,
            operation=operation.id,
            rule="readable",
            message=problem.message,
            expected=problem.expected,
            got=problem.got,
            pointer=f"{operation.pointer}/responses",
            signature=f"HTTP {exchange.status} at {_NUMBERS.sub('/*', problem.pointer) or '/'}",
            evidence=wire.evidence(exchange),
            script=script_now(wire, exchange, f"{requirement}: {problem.message}\n"),
            hint="Clients read this as the test does. If the answer is right, please report a defect of the suite.",
        )
    )
    return requirement


def _step(problem: Unexpected, recorder: Recorder, wire: Wire) -> str:
    """Record a step that went wrong; returns the requirement that is in the way of the rest."""
    exchange = problem.exchange
    operation = exchange.operation
    if operation is None:
        return "suite"
    broken = {Outcome.FAIL, Outcome.UNSUPPORTED}
    seen = [o for o in recorder.observations if o.operation == operation.id and o.outcome in broken]
    # what this very exchange showed; a refusal that went wrong before it is in the way only where that is all there is
    own = [o for o in seen if o.evidence is not None and o.evidence.request_id == exchange.request_id]
    if seen:
        return (own or seen)[0].requirement
    requirement = f"{operation.id}#success"
    if exchange.response is None:
        return f"{operation.id}#answered"
    recorder.observe(
        Observation(
            requirement=requirement,
            outcome=Outcome.FAIL,
            operation=operation.id,
            rule="success",
            message=f"{operation} was expected to answer {problem.expected} to this step, and did not.",
            expected=f"status {problem.expected}",
            got=f"{exchange.status} {reason(exchange)}",
            pointer=f"{operation.pointer}/responses",
            signature=f"HTTP {exchange.status} {cause_of(exchange)}",
            evidence=wire.evidence(exchange),
            script=script_now(wire, exchange, f"{requirement}: expected {problem.expected}, got {exchange.status}\n"),
        )
    )
    return requirement
