"""How generated tests record what they saw: one observation per rule of an operation."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

from conformance.judge.observation import Observation, Outcome, Verb
from conformance.outcomes import Blocked, NotMeasured
from conformance.peers import PeerUnavailable
from conformance.world import CannotMake

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.contract import Operation
    from conformance.wire import Exchange, Wire


def observe(  # noqa: PLR0913 - the parts of an observation
    wire: Wire,
    operation: Operation,
    rule: str,
    *,
    holds: bool,
    message: str = "",
    expected: str = "",
    got: str = "",
    signature: str = "",
    pointer: str | None = None,
    exchange: Exchange | None = None,
    verb: Verb = Verb.MUST,
    hint: str | None = None,
    script: str | None = None,
) -> None:
    """Record whether a rule holds; a broken *should* is a warning."""
    broken = Outcome.FAIL if verb is Verb.MUST else Outcome.WARN
    outcome = Outcome.PASS if holds else broken
    record(
        wire,
        Observation(
            requirement=f"{operation.id}#{rule}",
            outcome=outcome,
            verb=verb,
            operation=operation.id,
            rule=rule,
            message="" if holds else message,
            expected="" if holds else expected,
            got="" if holds else got,
            signature="" if holds else signature,
            pointer=None if holds else pointer or operation.pointer,
            evidence=wire.evidence(exchange) if exchange is not None and not holds else None,
            hint=None if holds else hint,
            script=None if holds else script,
        ),
    )


def record(wire: Wire, observation: Observation) -> None:
    """Hand an observation to the running test's record."""
    wire.recorder.observe(observation)


@contextmanager
def making(wire: Wire, operation: Operation, rule: str) -> Iterator[None]:
    """Around whatever makes objects: what can't be made leaves the rule blocked or not measured, and ends the test.

    Raises:
        Blocked: the target does not let an object be made.
        NotMeasured: a peer is not to be had here.
    """
    try:
        yield
    except CannotMake as problem:
        if problem.by in {"", f"{operation.id}#{rule}"}:
            _record_other(wire, operation, rule, Outcome.NOT_MEASURED, str(problem))
            raise NotMeasured(str(problem)) from None
        _record_other(wire, operation, rule, Outcome.BLOCKED, str(problem), blocked_by=problem.by)
        raise Blocked(problem.by, str(problem)) from None
    except PeerUnavailable as problem:
        _record_other(wire, operation, rule, Outcome.NOT_MEASURED, str(problem))
        raise NotMeasured(str(problem)) from None


def _record_other(
    wire: Wire, operation: Operation, rule: str, outcome: Outcome, message: str, *, blocked_by: str | None = None
) -> None:
    record(
        wire,
        Observation(
            requirement=f"{operation.id}#{rule}",
            outcome=outcome,
            operation=operation.id,
            rule=rule,
            message=message,
            signature=message[:80],
            blocked_by=blocked_by,
        ),
    )


def nothing_to_do(why: str) -> NoReturn:
    """End a test that does not apply, in plain sight: it is skipped with its reason and counts for nothing."""
    raise NotMeasured(why)
