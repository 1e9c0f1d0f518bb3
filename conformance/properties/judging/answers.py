"""Judges one answer to a generated case by the rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.contract.validate import FORMATS
from conformance.judge.observation import Observation, Outcome, Verb
from conformance.properties.judging.recording import observe
from conformance.properties.judging.refusal import breach, verb_of
from conformance.wire.checking.checks import reason, route_missing

if TYPE_CHECKING:
    from collections import Counter

    from conformance.contract import SchemaChecker
    from conformance.properties.generation.adapter import GeneratedCase
    from conformance.properties.judging.refusal import Breach
    from conformance.wire import Exchange, Wire
    from conformance.wire.messages import RawRequest

SERVER_ERROR = 500


def judge_case(
    case: GeneratedCase,
    request: RawRequest,
    exchange: Exchange,
    *,
    wire: Wire,
    schemas: SchemaChecker,
    generated: GeneratedCase,
) -> None:
    """Record whether what breaks the contract was refused; the wire has judged the answer itself.

    Args:
        case: as it was sent.
        request: its bytes.
        exchange: what came.
        wire: records.
        schemas: validates against the contract, independently of Schemathesis.
        generated: the case before real objects were put in.
    """
    if exchange.response is None or route_missing(exchange):
        return
    if case.mode == "positive":
        _valid(case, exchange, wire)
        return
    found = breach(case, request, schemas)
    accepted = exchange.succeeded
    if found is not None:
        _refusal(found, case, exchange, wire, accepted=accepted)
    elif accepted and case.broken == "body" and _is_json(request) and not _breaks(generated, schemas):
        _disagreement(case, exchange, wire)


def _valid(case: GeneratedCase, exchange: Exchange, wire: Wire) -> None:
    """Record whether what the contract allows was taken. A server knows more than a contract says: a should."""
    if not (exchange.ok or exchange.rejected):
        return  # the wire recorded it
    observe(
        wire,
        case.operation,
        "accepts-valid",
        holds=exchange.ok,
        message=f"{case.operation} refused what the contract allows: {case.deed}.",
        expected="a documented 2xx",
        got=f"{exchange.status} {reason(exchange)}",
        signature=f"HTTP {exchange.status}: {case.deed}",
        exchange=exchange,
        verb=Verb.SHOULD,
        hint="If the server is right, add the restriction to the contract: see spec/README.md.",
    )


def count_case(case: GeneratedCase, exchange: Exchange, statistics: Counter[str]) -> None:
    """Count a case that was generated for this run, and sent for the first time: no replay, no example."""
    if case.symbolic or exchange.response is None or route_missing(exchange):
        return
    statistics[case.mode] += 1
    if case.mode == "positive":
        statistics["positive-2xx"] += exchange.ok


def _breaks(case: GeneratedCase, schemas: SchemaChecker) -> bool:
    """Return whether the generated body breaks its schema before real objects are put into it."""
    body = case.operation.body
    media = body.content.get(case.media_type or "") if body else None
    return media is not None and bool(schemas.violations(media.pointer, case.body))


def _refusal(found: Breach, case: GeneratedCase, exchange: Exchange, wire: Wire, *, accepted: bool) -> None:
    if exchange.status >= SERVER_ERROR:
        return  # neither refused nor accepted: the wire recorded it
    observe(
        wire,
        case.operation,
        found.rule,
        holds=not accepted,
        message=f"{case.operation} accepted what the contract forbids: {found.what}.",
        expected="a 4xx status",
        got=str(exchange.status),
        signature=found.signature,
        pointer=found.pointer,
        exchange=exchange,
        verb=verb_of(found, exchange),
        hint="If the server is right, correct the contract: see spec/README.md.",
    )


def _disagreement(case: GeneratedCase, exchange: Exchange, wire: Wire) -> None:
    """The generator says that the request is wrong, the second validator that it is right: our problem.

    Unless it is about a format that has many readings: the second validator has no opinion on it.
    """
    if case.scenario == "invalid_format" and not any(f"'{name}'" in case.what for name in FORMATS):
        return
    wire.recorder.observe(
        Observation(
            requirement=f"{case.operation.id}#refuses-body",
            outcome=Outcome.ERROR,
            operation=case.operation.id,
            rule="refuses-body",
            message=f"Two validators disagree on whether a request breaks the contract: {case.what}.",
            expected="one opinion",
            got=str(exchange.status),
            signature=f"disagreement {case.scenario} {case.place}",
            evidence=wire.evidence(exchange),
        )
    )


def _is_json(request: RawRequest) -> bool:
    return any(n.lower() == "content-type" and "json" in v for n, v in request.headers)
