"""Observes exchanges for the wire, and makes the evidence that a result keeps of them."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from conformance.judge.observation import GUARD, Observation, Outcome
from conformance.wire.checking.expecting import SUCCESS
from conformance.wire.exchanges.evidence import evidence
from conformance.wire.exchanges.exchange import Exchange
from conformance.wire.exchanges.shell import shell_line
from conformance.wire.safety.guard import RefusedByGuard

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conformance.contract import Operation
    from conformance.judge.observation import Evidence
    from conformance.wire.checking.checks import ResponseCheck
    from conformance.wire.checking.recorder import Recorder
    from conformance.wire.checking.witness import Witness
    from conformance.wire.exchanges.redact import Redactor
    from conformance.wire.exchanges.shell import CurlOptions
    from conformance.wire.messages import RawRequest

HINT: Final = "Judge it on a target that may be changed and deleted (--disposable)."


class Observer:
    """Checks every response, and records what it shows.

    Args:
        check: of one response, against the contract.
        recorder: where observations go.
        redactor: takes secrets out of what is kept.
        curl: how curl comes to the target.
        witness: looks at what was observed of each exchange; None where nobody does.
    """

    def __init__(
        self,
        check: ResponseCheck,
        recorder: Recorder,
        redactor: Redactor,
        curl: CurlOptions,
        witness: Witness | None = None,
    ) -> None:
        self._check = check
        self.recorder = recorder
        self._redactor = redactor
        self._curl = curl
        self._witness = witness

    def observe(self, exchange: Exchange) -> None:
        """Check a response; evidence costs as much as the exchange, so it is made only where it is kept."""
        kept: Evidence | None = None
        found: Iterable[Observation] = self._check(exchange)
        if self._witness is not None:
            found = self._witness.look(exchange, tuple(found))
        for observation in found:
            wanted = observation.outcome is not Outcome.PASS or (
                observation.rule == SUCCESS and not self.recorder.knows(observation)
            )
            if wanted and kept is None:
                kept = self.evidence(exchange)
            self.recorder.observe(replace(observation, evidence=kept) if wanted else observation)

    def take(self, found: Iterable[tuple[Exchange, Observation]]) -> None:
        """Record what several answers show together, each with the exchange that shows it."""
        for exchange, observation in found:
            kept = None if observation.outcome is Outcome.PASS else self.evidence(exchange)
            self.recorder.observe(replace(observation, evidence=kept))

    def evidence(self, exchange: Exchange) -> Evidence:
        """Return what a result keeps of an exchange: trimmed, redacted, with a curl line."""
        return evidence(exchange, self._redactor, curl=shell_line(exchange, self._redactor, self._curl))

    def refused(self, request: RawRequest, operation: Operation | None, why: str, request_id: str) -> RefusedByGuard:
        """Record a request that the guard did not let leave; returns what to raise."""
        asked = f"{request.method} {self._redactor.url(request.url)}"
        self.recorder.statistics.refused += 1
        self.recorder.observe(
            Observation(
                requirement=f"{operation.id}#{GUARD}" if operation else GUARD,
                outcome=Outcome.REFUSED,
                operation=operation.id if operation else None,
                rule=GUARD,
                message=f"Not sent: {why}.",
                expected="a request that touches nothing but what this run created",
                got=asked,
                signature=re.sub(r"'[^']*'", "…", why),
                evidence=self.evidence(
                    Exchange(operation=operation, request=request, response=None, request_id=request_id)
                ),
                hint=HINT,
            )
        )
        return RefusedByGuard(code="refused", message=f"Not sent: {why}.", cause=asked, hint=HINT)
