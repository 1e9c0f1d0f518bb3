"""What goes wrong under a condition only: two fields together, for some people, each so-manieth time, at a border."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from tests.faults.messages import Answered, Asked, answer, value_of
from tests.faults.rooms.making import ACTS, act, elements, objects, requests

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.faults.messages import Call


def _at(value: Any, path: str) -> Any:
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def is_owners(call: Call) -> bool:
    return value_of(call.request.headers, "authorization").split()[-1:] == [call.key]


def _is_due(call: Call, when: dict[str, Any]) -> bool:
    sent = call.request.json
    seen: dict[str, int] = call.memory.setdefault("seen", {})
    seen[call.request.path] = seen.get(call.request.path, 0) + 1
    found: dict[str, Callable[[Any], bool]] = {
        "sends": lambda fields: isinstance(sent, dict) and all(f in sent for f in fields),
        "value": lambda wanted: all(_at(sent, path) == v for path, v in wanted.items()),
        "asks": lambda names: all(call.request.parameter(n) is not None for n in names),
        "parameter": lambda wanted: all(call.request.parameter(n) == v for n, v in wanted.items()),
        "every": lambda number: not (call.number + 1) % number,
        "from_": lambda number: seen[call.request.path] >= number,
        "holds": lambda text: text.encode() in call.request.body,
        "by": lambda whom: is_owners(call) is (whom == "owner"),
    }
    return all(found[name](given) for name, given in when.items())


@act
async def only_when(call: Call, *, when: dict[str, Any], does: str, **given: Any) -> Answered:
    """Another function of the rooms, under a condition.

    Args:
        call: the request.
        when: all of these: ``sends`` (fields, together), ``value`` (of fields), ``asks`` (parameters, together),
            ``parameter`` (their values), ``every`` (so-manieth request), ``from_`` (the so-manieth to one address on),
            ``holds`` (a text in the body), ``by`` (``owner`` or ``others``).
        does: the function.
        given: its arguments.
    """
    return await ACTS[does](call, **given) if _is_due(call, when) else await call.plain()


@act
async def accepts_what_says(call: Call, *, text: str, status: int = 200, says: Any = None) -> Answered:
    """Of what is refused, that is taken of which the refusal says so."""
    answered = await call.plain()
    if answered.status != 400 or text not in answered.plain.decode(errors="replace"):
        return answered
    return answer(status, says)


@act
async def refuses_all(call: Call, *, status: int = 400, detail: str = "Invalid.") -> Answered:
    """It is refused, whoever asks."""
    return answer(status, {"detail": detail}) if await call.is_taken() else await call.plain()


@act
async def secretly(call: Call, *, field: str, value: Any) -> Answered:
    """A setting has no effect: it is shown as it was sent, and works as if it were another."""
    kept: dict[Any, Any] = call.memory.setdefault("kept", {})
    sent = call.request.json
    request = call.request
    if isinstance(sent, dict) and field in sent:
        request = request.with_json({**sent, field: copy.deepcopy(value)})
    answered = await call.forward(request)
    shown = answered.json
    if not answered.ok or shown is None:
        return answered
    for found in objects(shown, name=field):
        if isinstance(sent, dict) and field in sent and "id" in found:
            kept[found["id"]] = sent[field]
        if field in found and found.get("id") in kept:
            found[field] = kept[found["id"]]
    return answered.with_json(shown)


@act
async def loses_last_field(call: Call, *, of: int = 2) -> Answered:
    """Of several fields that are sent together the last one is answered, and not kept."""
    sent = call.request.json
    if not isinstance(sent, dict) or len(sent) < of:
        return await call.plain()
    last = list(sent)[-1]
    return await ACTS["forgets_field"](call, field=last)


@requests
def adds_to(call: Call, request: Asked, *, field: str, what: Any) -> Asked:
    """What was in a list of settings stays in it."""
    del call
    sent = request.json
    if not isinstance(sent, dict) or not isinstance(sent.get(field), list) or what in sent[field]:
        return request
    return request.with_json({**sent, field: [*sent[field], what]})


@act
async def signs_over(call: Call, *, field: str) -> Answered:
    """Whoever changes a thing is told to have made it."""
    own = tuple((k, v) for k, v in call.request.headers if k not in {"content-type", "content-length"})
    who = (await call.forward(Asked(method="GET", path="/api/current-user/whoami", headers=own))).json
    sent = call.request.json
    if not isinstance(sent, dict) or not isinstance(who, dict) or field in sent:
        return await call.plain()
    return await call.forward(call.request.with_json({**sent, field: who.get("id")}))


def _negated(item: dict[str, Any]) -> None:
    if item.get("operator") == "empty":
        item["value"] = str(item.get("value")).lower() not in {"true", "1"}


def _below_maximum(item: dict[str, Any]) -> None:
    span = item.get("value")
    if item.get("operator") == "in" and isinstance(span, dict) and isinstance(span.get("max"), int | float):
        span["max"] -= 1e-6


def _operator(old: str, new: str) -> Callable[[dict[str, Any]], None]:
    def changed(item: dict[str, Any]) -> None:
        item["operator"] = new if item.get("operator") == old else item.get("operator")

    return changed


FILTERS: Final[dict[str, Callable[[dict[str, Any]], None]]] = {
    "empty_negated": _negated,
    "without_maximum": _below_maximum,
    "regex_is_contains": _operator("regex", "contains"),
    "not_in_is_in": _operator("not_in", "in"),
}


@act
async def filters(call: Call, *, how: str) -> Answered:
    """Filters of tasks, in a query or a view, are read otherwise: one of :data:`FILTERS`, or ``first_only``."""
    view = call.request.parameter("view")
    text = call.request.parameter("query")
    project = call.request.parameter("project")
    if text is not None:
        try:
            asked = json.loads(text)
        except ValueError:
            return await call.plain()
    elif view is not None:
        answered = await call.plain()
        kept = await call.read(f"/api/dm/views/{view}/")
        if not answered.ok or not isinstance(kept, dict):
            return answered
        asked, project = kept.get("data"), str(kept.get("project"))
    else:
        return await call.plain()
    found = asked.get("filters") if isinstance(asked, dict) else None
    items = found.get("items") if isinstance(found, dict) else None
    if not items or not all(isinstance(i, dict) for i in items):
        return await call.plain()
    before = copy.deepcopy(items)
    if how == "first_only":
        del items[1:]
    else:
        for item in items:
            FILTERS[how](item)
    if items == before:
        return await call.plain()
    others = [(k, v) for k, v in call.request.parameters if k not in {"query", "view", "project"}]
    again = [*others, ("project", project or ""), ("query", json.dumps(asked))]
    return await call.forward(call.request.with_parameters(again))


@act
async def orders_data_as_text(call: Call) -> Answered:
    """Tasks that are ordered by a number of their data are ordered by its text."""
    answered = await call.plain()
    fields = [(k, v) for k, v in call.request.parameters if k not in {"include", "fields"}]
    whole = elements((await call.forward(call.request.with_parameters([*fields, ("fields", "all")]))).json) or []
    data: dict[Any, Any] = {t["id"]: t.get("data") for t in whole if isinstance(t, dict) and "id" in t}
    text = call.request.parameter("query") or ""
    view = call.request.parameter("view")
    kept = await call.read(f"/api/dm/views/{view}/") if view else None
    asked: Any = kept.get("data") if isinstance(kept, dict) else None
    if text:
        try:
            asked = json.loads(text)
        except ValueError:
            return answered
    ordering = asked.get("ordering") if isinstance(asked, dict) else None
    value = answered.json
    tasks = elements(value)
    if not answered.ok or not tasks or not ordering or "data." not in str(ordering[0]):
        return answered
    name = str(ordering[0]).partition("data.")[2]
    if all(isinstance(t, dict) and isinstance(data.get(t.get("id")), dict) for t in tasks):
        tasks.sort(key=lambda t: str((data[t["id"]] or {}).get(name)), reverse=str(ordering[0]).startswith("-"))
    return answered.with_json(value)


@act
async def beyond_is_first(call: Call) -> Answered:
    """A page beyond the last one is the first one once more."""
    answered = await call.plain()
    page = call.request.parameter("page") or "1"
    others = [(k, v) for k, v in call.request.parameters if k != "page"]
    number = int(page) if page.isdigit() else 1
    if answered.status != 404 or number < 2:
        return answered
    return await call.forward(call.request.with_parameters([*others, ("page", "1")]))


@act
async def live(call: Call) -> Answered:
    """What was kept at one time is what is so now: a snapshot is answered with the project as it is."""
    answered = await call.plain()
    form = call.request.parameter("exportType") or "JSON"
    frozen = answered.json
    if not answered.ok or form != "JSON" or not isinstance(frozen, list):
        return answered
    place = f"/api/projects/{call.slots.get('id')}/export"
    now = await call.read(place, "export_type=JSON&download_all_tasks=true")
    known = call.memory.setdefault(call.request.path, now)
    return answered.with_json(now) if isinstance(now, list) and now != known else answered


@act
async def leaves_out(call: Call, *, field: str, value: Any) -> Answered:
    """Lists hold only what has another value in a field."""
    answered = await call.plain()
    listed = answered.json
    items = elements(listed)
    if not answered.ok or items is None:
        return answered
    rest = [i for i in items if not (isinstance(i, dict) and i.get(field) == value)]
    if isinstance(listed, list):
        return answered.with_json(rest)
    name = next(k for k, v in listed.items() if v is items)
    return answered.with_json({**listed, name: rest})


@act
async def keeps_one(call: Call, *, path: str, query: str, one: str) -> Answered:
    """Of all that is to be deleted the first one stays.

    Args:
        call: the request.
        path: where it is listed.
        query: likewise; ``{id}`` stands for what is in the address.
        one: the address of each, with its ``{id}``.
    """
    listed = elements(await call.read(path, query.format(**call.slots))) or []
    if len(listed) < 2 or not await call.is_taken():
        return await call.plain()
    for item in listed[1:]:
        await call.forward(replace(call.request, path=one.format(**item), query="", body=b""))
    return answer(204)


@act
async def also_acts(call: Call, *, id: str, also: str) -> Answered:
    """An action does another one besides, to the same tasks."""
    also_asked = [(k, also if k == "id" else v) for k, v in call.request.parameters]
    answered = await call.plain()
    if answered.ok and call.request.parameter("id") == id:
        await call.forward(call.request.with_parameters(also_asked))
    return answered


@act
async def takes_strangers(call: Call, *, path: str, one: str, parameter: str = "project") -> Answered:
    """A deletion of all takes one of another place, too."""
    answered = await call.plain()
    place = call.request.parameter(parameter)
    others = [i for i in elements(await call.read(path)) or [] if str(i.get(parameter)) != place]
    if answered.ok and others and place:
        await call.forward(replace(call.request, path=one.format(**others[-1]), query="", body=b""))
    return answered


@act
async def done_by_owner(call: Call) -> Answered:
    """Whoever may do it, does it in the owner's name."""
    return await ACTS["lets_in"](call, whom="all") if await call.is_taken() else await call.plain()


@act
async def also_posts(call: Call, *, path: str) -> Answered:
    """What is only to be looked at is made."""
    answered = await call.plain()
    if answered.ok:
        await call.forward(replace(call.request, path=path))
    return answered
