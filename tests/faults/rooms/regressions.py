"""What a release breaks that worked before: conditions that treat 0 and "" as nothing, cascades, one-way counters."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tests.faults.messages import Answered, Asked, value_of, with_header
from tests.faults.rooms.making import act, elements, objects, requests, values

if TYPE_CHECKING:
    from tests.faults.messages import Call


@requests
def drops_falsy(call: Call, request: Asked, *, fields: list[str] | None = None) -> Asked:
    """``if value:`` where ``if value is not None:`` was meant: false, 0, "" and [] are taken as not sent."""
    del call
    sent = request.json
    if not isinstance(sent, dict):
        return request
    return request.with_json({k: v for k, v in sent.items() if v or (fields is not None and k not in fields)})


@values
def only_grows(call: Call, value: Any, *, field: str) -> Any:
    """A counter or a flag goes up, and never down again."""
    for found in objects(value, name=field):
        if found.get(field) is not None and "id" in found:
            place = (found["id"], field)
            found[field] = call.memory[place] = max(found[field], call.memory.get(place, found[field]))
    return value


@values
def copies(call: Call, value: Any, *, field: str, of: str) -> Any:
    """A field has the value of another one of the same object."""
    del call
    for found in objects(value, name=field):
        if field in found and of in found:
            found[field] = found[of]
    return value


@values
def omits_nulls(call: Call, value: Any) -> Any:
    """Fields without a value are left out."""
    del call
    for found in objects(value):
        for name in [k for k, v in found.items() if v is None]:
            del found[name]
    return value


@act
async def ghosts(call: Call) -> Answered:
    """What was read once is read still when it is gone."""
    answered = await call.plain()
    if call.request.method != "GET":
        return answered
    who = value_of(call.request.headers, "authorization")
    place = (call.request.path, call.request.query, who)
    if answered.ok:
        call.memory[place] = answered
    return call.memory.get(place, answered) if answered.status == 404 else answered


@act
async def orphans(call: Call, *, parent: str, field: str = "project") -> Answered:
    """When the parent is deleted, what belongs to it stays readable.

    Args:
        call: the request.
        parent: the operation that deletes it.
        field: of the child, that names the parent.
    """
    answered = await call.plain()
    gone: set[str] = call.memory.setdefault("gone", set())
    if call.name == parent:
        if answered.ok:
            gone.add(str(call.slots.get("id")))
        return answered
    if call.request.method != "GET":
        return answered
    value = answered.json
    if answered.ok and isinstance(value, dict):
        call.memory[call.request.path] = (str(value.get(field)), answered)
    owner, before = call.memory.get(call.request.path, ("", answered))
    return before if answered.status == 404 and owner in gone else answered


@act
async def old_key_lives(call: Call, *, reset: str) -> Answered:
    """A key that was replaced is good still."""
    key = value_of(call.request.headers, "authorization")
    answered = await call.plain()
    if call.name == reset and answered.ok and key:
        value = answered.json
        call.memory[key] = f"Token {value['token']}" if isinstance(value, dict) else key
    elif answered.status == 401 and key in call.memory:
        headers = with_header(call.request.headers, "authorization", call.memory[key])
        return await call.forward(replace(call.request, headers=headers))
    return answered


@act
async def page_size_off(call: Call, *, by: int = 1) -> Answered:
    """A page has one more, or one less, than was asked for; nothing is lost, as each page begins where it should."""
    size = call.request.parameter("page_size")
    if size is None or not size.isdigit() or (call.request.parameter("page") or "1") != "1":
        return await call.plain()
    others = [(k, v) for k, v in call.request.parameters if k != "page_size"]
    return await call.forward(call.request.with_parameters([*others, ("page_size", str(max(1, int(size) + by)))]))


@act
async def last_page_lost(call: Call) -> Answered:
    """What is left over after the last whole page is not listed."""
    answered = await call.plain()
    value = answered.json
    size = call.request.parameter("page_size")
    items = elements(value)
    if not answered.ok or items is None or size is None or not isinstance(value, dict) or not size.isdigit():
        return answered
    if (call.request.parameter("page") or "1") == "1" or len(items) >= int(size):
        return answered
    name = next(k for k, v in value.items() if v is items)
    return answered.with_json({**value, name: []})


@values
def sorts_as_text(call: Call, value: Any, *, field: str = "id") -> Any:
    """Numbers are ordered as texts: 10 comes before 9."""
    del call
    items = elements(value)
    if items is not None and all(isinstance(i, dict) and field in i for i in items):
        items.sort(key=lambda i: str(i[field]))
    return value
