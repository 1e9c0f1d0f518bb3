"""Records what generated tests saw: one observation per rule of an operation."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypedDict, Unpack

from conformance.contract.tables.rules import load_rules
from conformance.judge.observation import Observation, Outcome, Verb
from conformance.outcomes import Blocked, NotMeasured
from conformance.peers import PeerUnavailable
from conformance.wire.exchanges.blame import read_since
from conformance.world import CannotMake

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager

    from conformance.contract import Operation
    from conformance.wire import Exchange, Wire


BY_READERS: Final = frozenset(
    {
        "filter",
        "gone",
        "gone-with-parent",
        "one-field-applies",
        "one-field-keeps-rest",
        "patch-applies",
        "patch-keeps-rest",
        "read-back",
        "spares",
    }
)
"""Rules about what is kept, which readers tell: where another reader tells otherwise, the reader is to blame."""


class Found(TypedDict, total=False):
    """What is told of a rule that does not hold."""

    message: str
    expected: str
    got: str
    signature: str
    pointer: str | None
    exchange: Exchange | None
    verb: Verb
    hint: str | None
    script: str | None
    blamed: str
    """The operation whose answer is wrong, where it is not the one that the rule is about."""


def observe(wire: Wire, operation: Operation, rule: str, *, holds: bool, **found: Unpack[Found]) -> None:
    """Record whether a rule holds; a broken *should* is a warning."""
    verb = found.get("verb", Verb.MUST)
    about: dict[str, Any] = {
        "requirement": f"{operation.id}#{rule}",
        "verb": verb,
        "operation": operation.id,
        "rule": rule,
    }
    if holds:
        record(wire, Observation(outcome=Outcome.PASS, **about))
        return
    exchange = found.get("exchange")
    about["operation"] = found.get("blamed") or operation.id
    record(
        wire,
        Observation(
            outcome=Outcome.FAIL if verb is Verb.MUST else Outcome.WARN,
            message=found.get("message", ""),
            expected=found.get("expected", ""),
            got=found.get("got", ""),
            signature=found.get("signature", ""),
            pointer=found.get("pointer") or operation.pointer,
            through=read_since(wire.history, exchange),
            evidence=wire.evidence(exchange) if exchange is not None else None,
            hint=found.get("hint"),
            script=found.get("script"),
            **about,
        ),
    )


def record(wire: Wire, observation: Observation) -> None:
    """Hand an observation to the running test's record."""
    wire.recorder.observe(observation)


@contextmanager
def prerequisites(wire: Wire, operation: Operation, rule: str) -> Iterator[None]:
    """Around whatever makes objects for a test: what can't be made leaves the rule blocked or not measured.

    That ends the test.

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


class Check:
    """Records for one test what it saw of one operation: ``check(holds=...)``.

    Args:
        wire: whose recorder.
        operation: what the test is about.
        rules: those that the test is bound to (``@shows``); the first one is meant unless another is named.
    """

    def __init__(self, wire: Wire, operation: Operation, rules: Sequence[str]) -> None:
        self.rule = rules[0]
        self._wire = wire
        self.operation = operation
        self._rules = tuple(rules)

    def __call__(self, *, holds: bool, rule: str | None = None, **found: Unpack[Found]) -> None:
        """Record whether a rule holds.

        Args:
            holds: does it?
            rule: which one; None for the first of the test.
            found: what else there is to say, as :func:`observe` takes it.

        Raises:
            ValueError: the test is not bound to the rule.
        """
        bound = self._bound(rule)
        found.setdefault("verb", load_rules()[bound].verb)
        exchange = found.get("exchange")
        if not holds and exchange is not None and bound in BY_READERS and not found.get("blamed"):
            wrong = self._wire.contradicted(exchange, bound)
            if wrong is not None and wrong.exchange.operation is not None:
                found["exchange"], found["blamed"], found["hint"] = (
                    wrong.exchange,
                    wrong.exchange.operation.id,
                    wrong.why,
                )
        observe(self._wire, self.operation, bound, holds=holds, **found)

    def prerequisites(self) -> AbstractContextManager[None]:
        """Around whatever makes objects: see :func:`prerequisites`."""
        return prerequisites(self._wire, self.operation, self.rule)

    def _bound(self, rule: str | None) -> str:
        if rule is not None and rule not in self._rules:
            raise ValueError(f"the test is bound to {', '.join(self._rules)} (@shows), not to {rule}")
        return rule or self.rule


def nothing_to_do(why: str) -> NoReturn:
    """End a test that does not apply, in plain sight: it is skipped with its reason and counts for nothing."""
    raise NotMeasured(why)
