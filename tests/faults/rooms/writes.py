"""Writes that do something else than they say."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tests.faults.messages import Answered, answer
from tests.faults.rooms.answers import how_of
from tests.faults.rooms.making import act, change, requests

if TYPE_CHECKING:
    from tests.faults.messages import Asked, Call


def _success(call: Call) -> int:
    return next((s for s in call.operation.success if s < 300), 200) if call.operation else 200


async def _pretended(call: Call, value: Any = None) -> Answered:
    """The answer that a write would have got."""
    if call.request.method == "PATCH":
        current = await call.read(call.request.path)
        if current is None:
            return await call.plain()
        sent = call.request.json
        return answer(_success(call), {**current, **sent} if isinstance(sent, dict) else current)
    return answer(_success(call), value if value is not None else {})


@act
async def forgets(call: Call, *, says: Any = None, one_in: int = 1) -> Answered:
    """A write is answered as done, and not done.

    Args:
        call: the request.
        says: the body of the answer; for PATCH, the object as it would be.
        one_in: each so-manieth only.
    """
    if (call.number + 1) % one_in or not await call.is_taken():
        return await call.plain()
    return await _pretended(call, says)


@act
async def forgets_field(call: Call, *, field: str, one_in: int = 1) -> Answered:
    """One field of what is sent is not kept, and answered as if it were."""
    sent = call.request.json
    if not isinstance(sent, dict) or field not in sent or (call.number + 1) % one_in:
        return await call.plain()
    rest = {k: v for k, v in sent.items() if k != field}
    answered = await call.forward(call.request.with_json(rest))
    value = answered.json
    if not answered.ok or not isinstance(value, dict):
        return answered
    return answered.with_json({**value, field: sent[field]})


@requests
def keeps(call: Call, request: Asked, *, field: str, how: str, **given: Any) -> Asked:
    """A field is kept otherwise than it was sent.

    Args:
        call: the request.
        request: the same.
        field: see :func:`tests.faults.rooms.making.change`.
        how: one of :data:`tests.faults.rooms.answers.HOWS`.
        given: its arguments.
    """
    del call
    sent = request.json
    if not isinstance(sent, dict | list):
        return request
    return request.with_json(change(copy.deepcopy(sent), field, how_of(how, given)))


@requests
def drops_field(call: Call, request: Asked, *, field: str) -> Asked:
    """A field that is sent is not read."""
    del call
    sent = request.json
    if isinstance(sent, list):
        rest: Any = [{k: v for k, v in s.items() if k != field} if isinstance(s, dict) else s for s in sent]
        return request.with_json(rest)
    if not isinstance(sent, dict) or field not in sent:
        return request
    return request.with_json({k: v for k, v in sent.items() if k != field})


@requests
def resets(call: Call, request: Asked, *, fields: dict[str, Any]) -> Asked:
    """What a change does not name falls back to its default."""
    del call
    sent = request.json
    if not isinstance(sent, dict):
        return request
    return request.with_json({**copy.deepcopy(fields), **sent})


@requests
def creates_with(call: Call, request: Asked, *, fields: dict[str, Any]) -> Asked:
    """Whatever is sent, some fields are what they are."""
    del call
    sent = request.json
    return request.with_json({**sent, **copy.deepcopy(fields)}) if isinstance(sent, dict) else request


@act
async def merges(call: Call, *, field: str) -> Answered:
    """An object in a field is merged into the one that is there, in place of it."""
    sent = call.request.json
    current = await call.read(call.request.path)
    if not isinstance(sent, dict) or not isinstance(sent.get(field), dict) or not isinstance(current, dict):
        return await call.plain()
    merged = {**(current.get(field) or {}), **sent[field]}
    return await call.forward(call.request.with_json({**sent, field: merged}))


@requests
def sent_as(call: Call, request: Asked, *, method: str) -> Asked:
    """What has one method is done as if it had another: PATCH as POST."""
    del call
    return replace(request, method=method)


@act
async def appends(call: Call, *, field: str, path: str) -> Answered:
    """What is to replace a list comes after what is in it.

    Args:
        call: the request.
        field: of the request, that has the list.
        path: where what is in it is read; ``{x}`` stands for a part of the request's own path.
    """
    sent = call.request.json
    before = await call.read(path.format(**call.slots))
    if not isinstance(sent, dict) or not isinstance(sent.get(field), list) or not isinstance(before, list):
        return await call.plain()
    return await call.forward(call.request.with_json({**sent, field: [*before, *sent[field]]}))


@act
async def twice(call: Call) -> Answered:
    """It is done twice."""
    answered = await call.plain()
    if answered.ok:
        await call.plain()
    return answered


@act
async def twice_on_repeat(call: Call, *, one_in: int = 3) -> Answered:
    """Now and then it is done twice."""
    answered = await call.plain()
    if answered.ok and not (call.number + 1) % one_in:
        await call.plain()
    return answered


@act
async def done_but_refused(call: Call, *, status: int = 400, body: Any = None) -> Answered:
    """It is done, and answered as refused."""
    answered = await call.plain()
    return answer(status, body or {"detail": "No."}) if answered.ok else answered


@act
async def first_part(call: Call, *, field: str = "", number: int = -1) -> Answered:
    """Of several things in a request, the last one is not done."""
    sent = call.request.json
    part = (sent.get(field) if isinstance(sent, dict) else None) if field else sent
    if not isinstance(part, list) or len(part) < 2:
        return await call.plain()
    kept = part[:number]
    return await call.forward(call.request.with_json({**sent, field: kept} if field else kept))


@act
async def leaves_in_lists(call: Call, *, id_slot: str = "id", lists: tuple[str, ...] = ()) -> Answered:
    """What is deleted is gone where it is read, and stays in lists."""
    gone: set[str] = call.memory.setdefault("gone", set())
    if call.request.method == "DELETE":
        if call.request.path in gone or not await call.is_taken():
            return answer(404, {"detail": "Not found."}) if call.request.path in gone else await call.plain()
        gone.add(call.request.path)
        return answer(204)
    if call.request.method != "GET" or call.name in lists:
        return await call.plain()
    del id_slot
    return answer(404, {"detail": "Not found."}) if call.request.path in gone else await call.plain()


@act
async def also_deletes(call: Call, *, path: str, query: str = "", field: str = "id", which: int = 0) -> Answered:
    """A deletion takes something with it that was not named.

    Args:
        call: the request.
        path: where it is listed; ``{x}`` stands for a field of what is deleted, ``{slots[x]}`` for one of its address.
        query: likewise.
        field: names the element in its own address.
        which: position in the list.
    """
    own = await call.read(call.request.path)
    answered = await call.plain()
    if not answered.ok or not isinstance(own, dict):
        return answered
    listed = await call.read(path.format(slots=call.slots, **own), query.format(**own))
    items = listed if isinstance(listed, list) else (listed or {}).get("results") or (listed or {}).get("tasks") or []
    others = [i for i in items if i.get("id") != own.get("id")]
    if others:
        base = call.request.path.rstrip("/").rsplit("/", 1)[0]
        slash = "/" if call.request.path.endswith("/") else ""
        await call.forward(replace(call.request, path=f"{base}/{others[which][field]}{slash}"))
    return answered


@act
async def answers_the_one_before(call: Call) -> Answered:
    """Each second creation makes nothing, and answers with what was made before."""
    before: Answered | None = call.memory.pop("before", None)
    if before is not None:
        return before
    answered = await call.plain()
    if answered.ok:
        call.memory["before"] = answered
    return answered


@act
async def dry(call: Call, *, path: str, says: dict[str, Any]) -> Answered:
    """A creation is answered with what would be, and made nowhere: it is deleted again."""
    answered = await call.plain()
    value = answered.json
    if answered.ok and isinstance(value, dict) and "id" in value:
        await call.forward(replace(call.request, method="DELETE", path=path.format(**value), body=b""))
        return answered.with_json({**value, **says})
    return answered


@act
async def accepts(call: Call, *, statuses: tuple[int, ...] = (400,), says: Any = None) -> Answered:
    """What is refused is answered as done."""
    answered = await call.plain()
    if answered.status not in statuses:
        return answered
    return answer(_success(call), says if says is not None else {"id": 1})


@act
async def then(call: Call, *, method: str, path: str, body: Any = None) -> Answered:
    """Something else is done besides."""
    own = await call.read(call.request.path) if call.request.method != "POST" else None
    answered = await call.plain()
    value = own or answered.json
    if answered.ok:
        place = path.format(**(value if isinstance(value, dict) else {}), **call.slots) if "{" in path else path
        content = b"" if body is None else json.dumps(body).encode()
        headers = (("authorization", f"Token {call.key}"), ("content-type", "application/json"))
        await call.forward(replace(call.request, method=method, path=place, query="", body=content, headers=headers))
    return answered


@requests
def body_ignored(call: Call, request: Asked, *, value: Any) -> Asked:
    """What is sent in the body does not count."""
    del call
    return request.with_json(value)


@requests
def reorders_body(call: Call, request: Asked) -> Asked:
    """Several things in a request are taken in the reverse order."""
    del call
    sent = request.json
    return request.with_json(sent[::-1]) if isinstance(sent, list) and len(sent) > 1 else request


@act
async def twice_fresh(call: Call) -> Answered:
    """A sync forgets what it brought before: it is done, and the tasks that it made are imported once more."""
    answered = await call.plain()
    value = answered.json
    if answered.ok and isinstance(value, dict) and value.get("last_sync_count"):
        project = value.get("project")
        listed = await call.read("/api/tasks/", f"project={project}&page_size=200&fields=all")
        headers = (("authorization", f"Token {call.key}"), ("content-type", "application/json"))
        for task in (listed or {}).get("tasks", []):
            body = json.dumps({"project": project, "data": task["data"]}).encode()
            await call.forward(replace(call.request, path="/api/tasks/", query="", headers=headers, body=body))
    return answered
