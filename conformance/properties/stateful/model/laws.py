"""Checks one answer against the model: pure, from a step and its exchange to claims."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from conformance.contract.tables.rules import load_rules
from conformance.judge.observation import Verb
from conformance.properties.judging.comparing import at, differences, show
from conformance.wire.checking.checks import cause_of, reason, route_missing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.contract import Operation
    from conformance.contract.tables.resources import Kind, Resources
    from conformance.properties.stateful.model.objects import Model, Thing
    from conformance.properties.stateful.model.steps import Step
    from conformance.wire import Exchange

GONE = (404, 410)
CLIENT_ERROR, SERVER_ERROR = 400, 500
# The key, or the number of requests, is what these are about.
NOT_ABOUT_IT = (401, 429)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One rule of one operation, and whether it held.

    Attributes:
        operation: the operationId that the rule is about; not always the one that was sent.
        about: the thing that it is about, besides those that the step names.
    """

    operation: str
    rule: str
    holds: bool
    message: str = ""
    expected: str = ""
    got: str = ""
    signature: str = ""
    verb: Verb = Verb.MUST
    about: int | None = None


def names_gone(step: Step, model: Model) -> bool:
    """Return whether the step names an object that must be gone."""
    return any(model.things[n].gone for n in step.named())


def judge(step: Step, exchange: Exchange, model: Model) -> Iterator[Claim]:
    """Claims on an answer, by what the model knew before the step."""
    if exchange.response is None or exchange.status in NOT_ABOUT_IT:
        return
    if route_missing(exchange) and not names_gone(step, model):
        return
    named = [model.things[n] for n in step.named()]
    if any(t.doubtful for t in named):
        return
    in_path = [model.things[n] for n in step.in_path()]
    gone = next((t for t in in_path if t.gone), None)
    if gone is not None:
        yield _addressed_gone(step.operation, in_path[0], exchange, model.resources)
    elif any(t.gone for t in named):
        yield from _named_gone(step.operation, exchange, model.resources)
        yield from _listing(step, exchange, model)
    else:
        yield from _reading(step.operation, in_path, exchange, model.resources)
        yield from _listing(step, exchange, model)


def _addressed_gone(operation: Operation, thing: Thing, exchange: Exchange, resources: Resources) -> Claim:
    """A path that names something which is not there finds nothing.

    Args:
        operation: what was asked.
        thing: what the last slot of the path names; if it is there, what it hangs on is not (it can't be both).
        exchange: the answer.
        resources: says what the kinds of things are.
    """
    kind = resources.kinds[thing.kind]
    how = f"after {thing.gone_by}" + (" removed what it hung on" if thing.with_parent else "")
    subject, rule, fine = operation.id, "acts-on-gone", exchange.status in GONE
    verb = Verb.MUST
    if operation.id == kind.read:
        subject, rule = (operation.id, "gone-with-parent") if thing.with_parent else (_remover(thing, kind), "gone")
    elif operation.id == kind.delete:
        rule, fine = "delete-again", exchange.status in {*GONE, *operation.success, 204}
    elif operation.method == "PATCH":
        rule = "use-after-delete"
    elif resources.created_by(operation.id) is not None:
        rule, fine = "refuses-gone-parent", CLIENT_ERROR <= exchange.status < SERVER_ERROR
    elif CLIENT_ERROR <= exchange.status < SERVER_ERROR:
        verb = Verb.SHOULD  # refused, but not for the reason that there is
    return Claim(
        operation=subject,
        rule=rule,
        holds=fine,
        message=f"{operation} answered {exchange.status} for a {thing.kind} {how}.",
        expected="status 404",
        got=f"{exchange.brief()} {reason(exchange) if not exchange.succeeded else ''}".strip(),
        signature=_signature(exchange, operation, subject),
        verb=verb,
    )


def _remover(thing: Thing, kind: Kind) -> str:
    """The rule is about the kind's own DELETE, even if another operation removed the thing."""
    return kind.delete or str(thing.gone_by)


def _signature(exchange: Exchange, operation: Operation, subject: str) -> str:
    said = f"HTTP {exchange.status}"
    if exchange.status >= SERVER_ERROR:
        said = f"{said} {cause_of(exchange)}".strip()
    return said if operation.id == subject else f"{operation.id} {said}"


def _named_gone(operation: Operation, exchange: Exchange, resources: Resources) -> Iterator[Claim]:
    """Query or body name something which is not there."""
    if resources.created_by(operation.id) is not None:
        yield Claim(
            operation=operation.id,
            rule="refuses-gone-parent",
            holds=CLIENT_ERROR <= exchange.status < SERVER_ERROR,
            message=f"{operation} answered {exchange.status}, in something that was deleted before.",
            expected="a 4xx status",
            got=exchange.brief(),
            signature=_signature(exchange, operation, operation.id),
        )
    elif exchange.status >= SERVER_ERROR:
        yield Claim(
            operation=operation.id,
            rule="no-server-error",
            holds=False,
            message=f"{operation} answered {exchange.status}: the server broke on something that was deleted.",
            expected="any status below 500",
            got=f"{exchange.status} {reason(exchange)}".strip(),
            signature=_signature(exchange, operation, operation.id),
        )


def _reading(operation: Operation, in_path: list[Thing], exchange: Exchange, resources: Resources) -> Iterator[Claim]:
    """What is there can be read, and reads as it was written."""
    thing = in_path[0] if in_path else None
    if thing is None or resources.kinds[thing.kind].read != operation.id:
        return
    if thing.listed_only:
        yield Claim(
            operation=thing.made_by,
            rule="no-ghosts",
            holds=exchange.succeeded,
            message=f"{thing.made_by} shows a {thing.kind} that {operation} answers with {exchange.status}.",
            expected="status 200",
            got=exchange.brief(),
            signature=f"{operation.id} HTTP {exchange.status}",
        )
        return
    if not exchange.succeeded:
        if exchange.status < SERVER_ERROR:  # of more the wire tells
            yield Claim(
                operation=thing.made_by,
                rule="stays",
                holds=False,
                message=f"{operation} answers {exchange.status} for a {thing.kind} that nothing deleted.",
                expected="status 200",
                got=f"{exchange.brief()} {reason(exchange)}",
                signature=f"{operation.id} HTTP {exchange.status}",
            )
        return
    yield Claim(operation=thing.made_by, rule="stays", holds=True)
    body = exchange.object()
    if thing.shown is None or body is None:
        return
    different = list(differences(thing.shown, body, ignoring=load_rules().volatile))
    yield Claim(
        operation=thing.made_by,
        rule="keeps",
        holds=not different,
        message=f"A {thing.kind} reads otherwise than before, and nothing was written to it.",
        expected=", ".join(f"{n}: {show(was)}" for n, was, _ in different),
        got=", ".join(f"{n}: {show(now)}" for n, _, now in different),
        signature=f"{operation.id} {', '.join(n for n, _, _ in different)}",
    )


def shown(step: Step, exchange: Exchange) -> list[Any] | None:
    """The elements of a list; None where the step is none, or was not answered with one."""
    listing = load_rules().lists.get(step.operation.id)
    if listing is None or not exchange.succeeded:
        return None
    try:
        return [e for e in at(exchange.json(), listing.at) if isinstance(e, dict)]
    except ValueError:
        return None


def expected_in(step: Step, model: Model) -> list[Thing]:
    """The things that a list has to show."""
    listing = load_rules().lists[step.operation.id]
    named = [model.things[n] for n in step.named()]
    if listing.by is not None:
        return [t for t in named if t.alive]
    return [t for t in model if t.kind == listing.kind and t.alive and all(n in t.line() for n in named)]


def _listing(step: Step, exchange: Exchange, model: Model) -> Iterator[Claim]:
    """A list shows what is there, and nothing that is not."""
    elements = shown(step, exchange)
    if elements is None:
        return
    listing = load_rules().lists[step.operation.id]
    kind = model.resources.kinds[listing.kind]
    present = {str(e.get(kind.identity)) for e in elements}
    gone = [t for t in model.latest(kind.name) if t.gone and str(t.identity) in present]
    if kind.delete is not None and any(t.gone for t in model.latest(kind.name)):
        yield Claim(
            operation=kind.delete,
            rule="unlisted",
            holds=not gone,
            message=f"{step.operation} still shows a {kind.name} that was deleted.",
            expected=f"no {', '.join(map(str, gone))}",
            got=f"{kind.identity}s {show(sorted(present))}",
            signature=f"{step.operation.id} shows it",
            about=gone[0].number if gone else None,
        )
    if _partial(step, exchange, elements):
        return
    for thing in expected_in(step, model):
        if kind.create is None or thing.listed_only:
            continue
        there = str(thing.identity) in present
        yield Claim(
            operation=kind.create,
            rule="listed",
            holds=there,
            message=f"{step.operation} does not show a {kind.name} that {thing.made_by} made and nothing deleted.",
            expected=f"an element with {kind.identity} {thing.identity}",
            got=f"{kind.identity}s {show(sorted(present))}",
            signature="not in the list",
            about=thing.number,
        )


def _partial(step: Step, exchange: Exchange, elements: list[Any]) -> bool:
    """Return whether the answer is one page of several."""
    paged = load_rules().paged.get(step.operation.id)
    totals = at(exchange.json(), paged["total"]) if paged else []
    return any(isinstance(t, int) and t > len(elements) for t in totals)
