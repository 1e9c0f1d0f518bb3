"""What servers for many people do wrong: one role too many, things that were given and are not taken away again."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tests.faults.messages import Answered, Asked, value_of
from tests.faults.rooms.making import act, elements, objects, requests, values

if TYPE_CHECKING:
    from tests.faults.messages import Call


def _by_owner(call: Call, **changes: Any) -> Asked:
    """The request as the owner would send another one."""
    headers = (("authorization", f"Token {call.key}"), ("content-type", "application/json"))
    return replace(call.request, **{"query": "", "body": b"", "headers": headers, **changes})


async def _role(call: Call) -> str:
    own = tuple((k, v) for k, v in call.request.headers if k not in {"content-type", "content-length"})
    who = (await call.forward(Asked(method="GET", path="/api/current-user", headers=own))).json
    membership = who.get("organization_membership") if isinstance(who, dict) else None
    return str(membership.get("role")) if isinstance(membership, dict) else ""


@act
async def lets_in_as(call: Call, *, role: str) -> Answered:
    """Who has a certain role may what it may not; whoever has another one is refused as before."""
    answered = await call.plain()
    if answered.status != 403 or not value_of(call.request.headers, "authorization") or await _role(call) != role:
        return answered
    headers = tuple((k, v) for k, v in call.request.headers if k not in {"authorization", "cookie"})
    return await call.forward(replace(call.request, headers=(*headers, ("authorization", f"Token {call.key}"))))


@act
async def also_removes(
    call: Call, *, path: str, query: str = "", one: str, same: dict[str, str] | None = None
) -> Answered:
    """What is done takes something else away.

    Args:
        call: the request.
        path: where that is listed; ``{x}`` stands for a field of the answer, or of what is deleted.
        query: likewise.
        one: the address of each, with its ``{id}``.
        same: only what has in a field what was sent, or answered, in another one.
    """
    own = await call.read(call.request.path) if call.request.method == "DELETE" else None
    answered = await call.plain()
    told = own or answered.json
    if not answered.ok or not isinstance(told, dict):
        return answered
    sent = call.request.json
    known = {**told, **(sent if isinstance(sent, dict) else {})}
    if any(not known.get(name) for name in (same or {}).values()):
        return answered
    listed = elements(await call.read(path.format(**known), query.format(**known))) or []
    for item in listed:
        wanted = all(item.get(name) == known[of] for name, of in (same or {}).items())
        itself = call.request.path.startswith(path) and item.get("id") == told.get("id")
        if wanted and not itself:
            await call.forward(_by_owner(call, method="DELETE", path=one.format(**item)))
    return answered


@act
async def takes_back(call: Call, *, name: str, path: str, field: str) -> Answered:
    """What was done to another object is undone at once.

    Args:
        call: the request.
        name: of what is sent, that names the object.
        path: of the object; ``{}`` stands for its id.
        field: of it, that is again what it was.
    """
    sent = call.request.json
    named = isinstance(sent, dict) and type(sent.get(name)) is int
    place = path.format(sent[name]) if named else ""
    before = await call.read(place) if place else None
    answered = await call.plain()
    if answered.ok and isinstance(before, dict) and field in before:
        body = json.dumps({field: before[field]}).encode()
        await call.forward(_by_owner(call, method="PATCH", path=place, body=body))
    return answered


@act
async def extends(call: Call, *, field: str, path: str = "") -> Answered:
    """A list that is to be replaced is added to.

    Args:
        call: the request.
        field: of what is sent, and of what is there.
        path: where what is there is read, if not under the same address.
    """
    sent = call.request.json
    there = await call.read(path or call.request.path)
    before = there.get(field) if isinstance(there, dict) else None
    if not isinstance(sent, dict) or not isinstance(sent.get(field), list) or not isinstance(before, list):
        return await call.plain()
    both = [*before, *(i for i in sent[field] if i not in before)]
    return await call.forward(call.request.with_json({**sent, field: both}))


@act
async def also_sends(call: Call, *, path: str, fields: list[str]) -> Answered:
    """What is written to one place is written to another one, too."""
    answered = await call.plain()
    sent = call.request.json
    part = {k: sent[k] for k in fields if k in sent} if isinstance(sent, dict) else {}
    if answered.ok and part:
        await call.forward(replace(call.request, path=path, body=json.dumps(part).encode()))
    return answered


@act
async def settles(call: Call, *, path: str, fields: dict[str, Any]) -> Answered:
    """What was made has other settings than it should; the answer says so."""
    answered = await call.plain()
    made = answered.json
    if not answered.ok or not isinstance(made, dict):
        return answered
    body = json.dumps(fields).encode()
    await call.forward(_by_owner(call, method="PATCH", path=path.format(id=made.get("id")), body=body))
    return answered.with_json({**made, **{k: v for k, v in fields.items() if k in made}})


@act
async def widens(call: Call, *, parameter: str, to: str, path: str, field: str) -> Answered:
    """What is named by one parameter means all that belongs to the same.

    Args:
        call: the request.
        parameter: that was sent.
        to: the one that is understood.
        path: where the value of that is read; ``{}`` stands for what was sent.
        field: there.
    """
    asked = call.request.parameter(parameter)
    own = await call.read(path.format(asked)) if asked else None
    if not isinstance(own, dict) or own.get(field) is None:
        return await call.plain()
    others = [(k, v) for k, v in call.request.parameters if k not in {parameter, to}]
    return await call.forward(call.request.with_parameters([*others, (to, str(own[field]))]))


@values
def never_empties(call: Call, value: Any, *, field: str) -> Any:
    """A field that had a value once has it for ever."""
    for found in objects(value, name=field):
        if field in found and "id" in found:
            if found[field] is not None:
                call.memory[found["id"]] = found[field]
            found[field] = call.memory.get(found["id"], found[field])
    return value


@act
async def with_the_last(call: Call, *, parameter: str, only_with: str) -> Answered:
    """With another parameter beside it, one counts for nothing: what was listed for another value is there, too."""
    answered = await call.plain()
    items = elements(answered.json)
    asked = call.request.parameter(parameter)
    if not answered.ok or not isinstance(answered.json, list) or items is None:
        return answered
    known: dict[str | None, list[Any]] = call.memory.setdefault("listed", {})
    known[asked] = items
    if call.request.parameter(only_with) is None:
        return answered
    more = [i for other, listed in known.items() if other != asked for i in listed]
    return answered.with_json([*items, *more])


@act
async def quietly_first_part(call: Call, *, field: str) -> Answered:
    """Of several things the last one is not done, and answered as if it were."""
    sent = call.request.json
    part = sent.get(field) if isinstance(sent, dict) else None
    if not isinstance(part, list) or len(part) < 2:
        return await call.plain()
    answered = await call.forward(call.request.with_json({**sent, field: part[:-1]}))
    told = answered.json
    return answered.with_json({**told, field: part}) if answered.ok and isinstance(told, dict) else answered


@act
async def ends_the_ended(call: Call, *, slot: str, ending: str, field: str, value: Any) -> Answered:
    """What has ended can be ended in another way: it is told so from then on.

    Args:
        call: the request.
        slot: names it in the address of what ends it.
        ending: the operation that does.
        field: that is told otherwise.
        value: what it is then.
    """
    answered = await call.plain()
    ended: set[str] = call.memory.setdefault("ended", set())
    if call.name == ending:
        if answered.ok:
            ended.add(str(call.slots.get(slot)))
        return answered
    told = answered.json
    for found in objects(told):
        if str(found.get("id")) in ended and field in found:
            found[field] = value
    return answered.with_json(told) if answered.ok and told is not None else answered


@requests
def nothing_excluded(call: Call, request: Asked, *, within: str = "") -> Asked:
    """All but these are all."""
    del call
    sent = request.json
    holder = sent.get(within) if isinstance(sent, dict) and within else sent
    if not isinstance(sent, dict) or not isinstance(holder, dict) or not holder.get("all"):
        return request
    rest = {k: v for k, v in holder.items() if k != "excluded"}
    return request.with_json({**sent, within: rest} if within else rest)
