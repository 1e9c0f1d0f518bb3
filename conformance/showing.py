"""How a scenario shows requirements: each check is an observation, and a failed one doesn't end the test."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, NoReturn

from conformance.contract.json_equal import equal
from conformance.judge.observation import Observation, Outcome, Verb
from conformance.outcomes import Blocked, LeftAlone, NotMeasured
from conformance.reproduce import script_now
from conformance.wire import Unexpected
from conformance.wire.exchanges.blame import at_fault, read_since

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.contract import Contract
    from conformance.contract.tables.requirements import Requirement
    from conformance.wire import Exchange, Wire

SHORT = 400
_BROKEN: Final = {Verb.MUST: Outcome.FAIL, Verb.SHOULD: Outcome.WARN, Verb.MAY: Outcome.UNSUPPORTED}


class Show:
    """Records whether the target does what requirements say.

    ``show("LS-TASK-001", task["data"] == sent, expected=..., got=..., exchange=e)``
    """

    def __init__(self, wire: Wire, requirements: Mapping[str, Requirement]) -> None:
        self._wire = wire
        self._requirements = requirements

    def __call__(
        self,
        requirement_id: str,
        holds: bool,  # noqa: FBT001 - the condition is what the call is about
        *,
        expected: object,
        got: object,
        exchange: Exchange | None = None,
        signature: str = "",
        hint: str | None = None,
    ) -> bool:
        """Record one check of a requirement.

        Args:
            requirement_id: as in ``spec/requirements``.
            holds: does the target do it?
            expected: what the requirement asks for in this case.
            got: what the target did.
            exchange: the one that shows it; by default the last one.
            signature: short and free of ids; tells two ways to fail apart.
            hint: what to do next.

        Returns:
            ``holds``, so that a scenario may go another way.

        Raises:
            KeyError: no such requirement.
        """
        requirement = self._requirements[requirement_id]
        verb = requirement.owed
        broken = _BROKEN[verb]
        named = exchange
        if exchange is None and self._wire.history:
            exchange = self._wire.history[-1]
        if exchange is not None and exchange.response is None and not holds:
            # what did not answer did nothing right or wrong
            raise Unexpected(exchange, "an answer")
        hint = hint or (None if holds else _hint(requirement))
        if exchange is not None and verb is not Verb.MAY and not holds:
            # no write is blamed, and no reader, for what another reader tells otherwise
            wrong = self._wire.contradicted(exchange, requirement_id)
            if wrong is not None and not told_by_itself(named, wrong.exchange):
                exchange = wrong.exchange
                about = exchange.operation.id if exchange.operation else exchange.brief()
                hint = f"{about} is not to be trusted here: {wrong.why}. {hint}"
        operation = _operation(exchange, requirement, holds=holds)
        about = "" if holds else asked_of(self._wire.contract, requirement, operation)
        seen = Observation(
            requirement=requirement_id,
            outcome=Outcome.PASS if holds else broken,
            verb=verb,
            operation=operation,
            asked=about,
            message="" if holds else requirement.statement,
            expected="" if holds else shorten(expected),
            got="" if holds else shorten(got),
            pointer=None if holds else f"spec/requirements/{requirement.file}#{requirement_id}",
            signature="" if holds else signature or "behaviour",
            through=() if holds else read_since(self._wire.history, exchange),
            evidence=self._wire.evidence(exchange) if exchange is not None else None,
            hint=hint,
        )
        if exchange is not None and not holds and not self._wire.recorder.knows(seen):
            heads = (
                f"{requirement.id} ({requirement.called}): {requirement.statement}",
                f"\nSource: {requirement.source}",
                f"Expected: {seen.expected}",
                f"Got: {seen.got}",
            )
            seen = replace(seen, script=script_now(self._wire, exchange, *heads))
        self._wire.recorder.observe(seen)
        return holds

    def equal(
        self,
        requirement_id: str,
        *,
        expected: object,
        got: object,
        exchange: Exchange | None = None,
        signature: str = "",
    ) -> bool:
        """Record whether what came equals what was expected, as JSON values (``contract.json_equal``).

        Where the write of it answered the wrong value already, the write is shown, and not the answer that repeats it.

        Lists are compared in order; ``any_order([...])`` is a list whose order nobody promised.
        """
        holds = equal(expected, got)
        last = exchange or (self._wire.history[-1] if self._wire.history else None)
        if last is not None and not holds:
            first = at_fault(self._wire.history, last, expected=expected, got=got)
            exchange = exchange if first is last else first
        return self(
            requirement_id,
            holds,
            expected=expected,
            got=got,
            exchange=exchange,
            signature=signature,
        )

    def status(self, requirement_id: str, exchange: Exchange, *statuses: int) -> bool:
        """Record whether the response has one of these statuses."""
        return self(
            requirement_id,
            exchange.status in statuses,
            expected="status " + " or ".join(map(str, statuses)),
            got=exchange.brief() + (f": {exchange.text[:200]}" if exchange.status not in statuses else ""),
            exchange=exchange,
            signature=f"HTTP {exchange.status}",
        )

    def not_measured(self, reason: str) -> NoReturn:
        """End the test: what it needs is not to be had here (a peer, a second account)."""
        raise NotMeasured(reason)

    def left_alone(self, reason: str) -> NoReturn:
        """End the test: others may use the target, and what the test does could hurt them."""
        raise LeftAlone(reason)

    def blocked(self, by: str, why: str) -> NoReturn:
        """End the test: what it needs is broken on the target.

        Args:
            by: the requirement that is in the way.
            why: one sentence.
        """
        raise Blocked(by, why)


def told_by_itself(named: Exchange | None, other: Exchange) -> bool:
    """Return whether a check was of a reader's own answer: what it tells is wrong, whatever another one tells."""
    if named is None or named.operation is None or not named.operation.reads():
        return False
    return other.operation is not named.operation


def _hint(requirement: Requirement) -> str:
    """Return where it is written; or that it is nowhere written yet."""
    if requirement.provisional:
        return f"Provisional, and in no verdict: {requirement.source}. A report of a real server would confirm it."
    return f"Source: {requirement.source}"


def _operation(exchange: Exchange | None, requirement: Requirement, *, holds: bool) -> str | None:
    """The operation that an observation is about: of a failure the one whose answer shows it."""
    if not holds and exchange is not None and exchange.operation is not None:
        return exchange.operation.id
    return requirement.operations[0] if requirement.operations else None


def asked_of(contract: Contract, requirement: Requirement, operation: str | None) -> str:
    """The operation that a requirement is about before all, where a failure shows in another one's answer.

    Where that is a reader, and its own answer shows the failure, it is the next one that the requirement names: a list
    lacks what was created.
    """
    first = next(iter(requirement.operations), "")
    if first != operation:
        return first
    return next((name for name in requirement.operations if name != first and contract[first].reads()), "")


def shorten(value: object) -> str:
    """A value on one screen line or few."""
    text = value if isinstance(value, str) else _json(value)
    return text if len(text) <= SHORT else f"{text[: SHORT - 80]} … {text[-60:]}"


def _json(value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, sort_keys=True, default=repr)
    except (TypeError, ValueError):
        return repr(value)
