"""Updates the model by an answer: created, deleted, written, or listed objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.contract.tables.requests.prepared import load_requests
from conformance.contract.tables.rules import load_rules
from conformance.properties.judging.comparing import at
from conformance.properties.stateful.model.laws import SERVER_ERROR, shown
from conformance.properties.stateful.model.objects import Thing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.properties.stateful.model.objects import Model
    from conformance.properties.stateful.model.steps import Step
    from conformance.wire import Exchange


def learn(model: Model, step: Step, exchange: Exchange, *, sent: Any, kinds: tuple[str, ...]) -> None:
    """Change the model by one answer.

    Args:
        model: what is known so far.
        step: what was asked.
        exchange: the answer, or none.
        sent: the JSON body, with identities in it.
        kinds: those that the history is about.
    """
    for thing in list(_removed(model, step)):
        if exchange.succeeded:
            model.remove(thing, step.operation.id)
        elif exchange.response is None or exchange.status >= SERVER_ERROR:
            model.doubt(thing)
    if exchange.succeeded:
        _learn_fields(model, step, exchange, sent)
        _learn_made(model, step, exchange, sent, kinds)
        _learn_shown(model, step, exchange)


def _removed(model: Model, step: Step) -> Iterator[Thing]:
    """The things that the step removes, if it is accepted."""
    operation, resources = step.operation, model.resources
    named = [model.things[n] for n in step.named()]
    if any(t.gone for t in named):
        return
    last = step.last()
    if resources.deleted_by(operation.id) is not None and last is not None:
        yield model.things[last]
    kind = resources.empties.get(operation.id)
    if kind is not None:
        listed = [t for t in named if t.kind == kind]
        yield from listed or [t for t in model.latest(kind) if all(n in t.line() for n in named)]


def _learn_made(model: Model, step: Step, exchange: Exchange, sent: Any, kinds: tuple[str, ...]) -> None:
    made = model.resources.created_by(step.operation.id)
    kind, place = (made.name, f"/{made.identity}") if made is not None else (None, "")
    for name, maker in load_requests().makers.items():
        if maker.operation == step.operation.id and name in kinds:
            kind, place = name, maker.at
    if kind is None or kind not in kinds:
        return
    try:
        identities = at(exchange.json(), place)
    except ValueError:
        return
    named = [model.things[n] for n in step.named()]
    if not identities or any(t.gone for t in named):
        return  # an orphan: it was judged as one
    wanted = model.resources.kinds[kind].parent
    model.add(
        Thing(
            number=step.number,
            kind=kind,
            identity=identities[0],
            parent=next((t for t in named if t.kind == wanted), None),
            made_by=step.operation.id,
            sent=sent if isinstance(sent, dict) else {},
        )
    )


def _learn_shown(model: Model, step: Step, exchange: Exchange) -> None:
    """A list below something shows what the history knows nothing of: that, too, must be possible to read."""
    elements = shown(step, exchange)
    named = [model.things[n] for n in step.named()]
    if not elements or not named or any(t.gone for t in named):
        return
    listing = load_rules().lists[step.operation.id]
    identity = model.resources.kinds[listing.kind].identity
    strangers = [e[identity] for e in elements if identity in e and model.find(listing.kind, e[identity]) is None]
    if not strangers or listing.by is not None:
        return
    model.add(
        Thing(
            number=step.number,
            kind=listing.kind,
            identity=strangers[0],
            parent=named[0],
            made_by=step.operation.id,
            listed_only=True,
        )
    )


def _learn_fields(model: Model, step: Step, exchange: Exchange, sent: Any) -> None:
    last = step.last()
    if last is None:
        return
    thing = model.things[last]
    if step.operation.reads():
        if step.operation.id == model.resources.kinds[thing.kind].read and thing.shown is None:
            body = exchange.json() if "json" in exchange.content_type else None
            thing.shown = {k: body[k] for k in thing.sent if k in body} if isinstance(body, dict) else None
        return
    thing.shown = None
    if step.operation.method == "PATCH" and isinstance(sent, dict):
        thing.sent = {**thing.sent, **sent}
