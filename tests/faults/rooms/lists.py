"""Lists: pages, borders, orders, filters, counts."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tests.faults.messages import Answered, answer
from tests.faults.rooms.making import WRAPPINGS, act, elements, requests, values

if TYPE_CHECKING:
    from tests.faults.messages import Asked, Call


def _with(value: Any, items: list[Any]) -> Any:
    if isinstance(value, list):
        return items
    name = next(w for w in WRAPPINGS if isinstance(value.get(w), list))
    return {**value, name: items}


@values
def loses(call: Call, value: Any, *, which: int = -1, from_: int = 2, page: str = "") -> Any:
    """An element is not listed.

    Args:
        call: the request.
        value: the answer.
        which: its position.
        from_: the least number of elements.
        page: only of this page.
    """
    items = elements(value)
    if items is None or len(items) < from_ or (page and (call.request.parameter("page") or "1") != page):
        return value
    kept = list(items)
    del kept[which]
    return _with(value, kept)


@values
def doubles(call: Call, value: Any, *, which: int = -1, from_: int = 2) -> Any:
    """An element is listed twice."""
    del call
    items = elements(value)
    if items is None or len(items) < from_:
        return value
    return _with(value, [*items, items[which]])


@values
def at_most(call: Call, value: Any, *, number: int) -> Any:
    """However many there are, no more are listed."""
    del call
    items = elements(value)
    return value if items is None else _with(value, items[:number])


@values
def reorders(call: Call, value: Any, *, how: str = "reversed", only_with: str = "", from_: int = 2) -> Any:
    """The order is another: ``reversed``, ``shuffled`` (each time), ``ends`` (the last two change places)."""
    items = elements(value)
    if items is None or len(items) < from_ or (only_with and call.request.parameter(only_with) is None):
        return value
    moved = list(items)
    if how == "reversed":
        moved.reverse()
    elif how == "ends":
        moved[-2:] = moved[-2:][::-1]
    else:
        random.Random(call.number).shuffle(moved)
    return _with(value, moved)


@requests
def ignores(call: Call, request: Asked, *, parameter: str) -> Asked:
    """A parameter of the query has no effect."""
    del call
    return request.with_parameters([(k, v) for k, v in request.parameters if k != parameter])


@requests
def reads_parameter(call: Call, request: Asked, *, parameter: str, old: str, new: str) -> Asked:
    """A parameter is read otherwise: part of it is replaced (a minus, a comma …)."""
    del call
    changed = [(k, v.replace(old, new) if k == parameter else v) for k, v in request.parameters]
    return request.with_parameters(changed)


@requests
def first_of(call: Call, request: Asked, *, parameter: str) -> Asked:
    """Of a parameter's several values the first one counts."""
    del call
    changed = [(k, v.partition(",")[0] if k == parameter else v) for k, v in request.parameters]
    return request.with_parameters(changed)


@requests
def always(call: Call, request: Asked, *, parameter: str, value: str, only_with: str = "") -> Asked:
    """A parameter is what it is, whatever was sent."""
    del call
    others = [(k, v) for k, v in request.parameters if k != parameter]
    if only_with and all(k != only_with for k, _ in request.parameters):
        return request
    return request.with_parameters([*others, (parameter, value)])


@act
async def pages_overlap(call: Call, *, by: int = 1) -> Answered:
    """Each page but the first begins with the end of the one before, in place of its own end."""
    page = int(call.request.parameter("page") or 1)
    answered = await call.plain()
    value = answered.json
    items = elements(value)
    if page < 2 or not answered.ok or not items:
        return answered
    others = [(k, v) for k, v in call.request.parameters if k != "page"]
    before = (await call.forward(call.request.with_parameters([*others, ("page", str(page - 1))]))).json
    mixed = [*(elements(before) or [])[-by:], *items][: len(items)]
    return answered.with_json(_with(value, mixed))


@act
async def page_lost(call: Call, *, page: int = 2) -> Answered:
    """What should be a page is the one after it."""
    asked = int(call.request.parameter("page") or 1)
    if asked < page:
        return await call.plain()
    others = [(k, v) for k, v in call.request.parameters if k != "page"]
    return await call.forward(call.request.with_parameters([*others, ("page", str(asked + 1))]))


@act
async def page_repeated(call: Call) -> Answered:
    """Each page is the first one."""
    others = [(k, v) for k, v in call.request.parameters if k != "page"]
    return await call.forward(call.request.with_parameters(others))


@act
async def beyond_is_empty(call: Call) -> Answered:
    """A page beyond the last one is empty, and no error."""
    answered = await call.plain()
    if answered.status == 404 and call.request.parameter("page"):
        return answer(200, {"count": 0, "next": None, "previous": None, "results": []})
    return answered


@values
def counts(call: Call, value: Any, *, field: str = "count", as_: str = "page", by: int = 1) -> Any:
    """A total is that of the page, off by some, or that of the first time.

    Args:
        call: the request.
        value: the answer.
        field: where it stands.
        as_: ``page``, ``off`` or ``first``.
        by: how far off.
    """
    items = elements(value)
    if not isinstance(value, dict) or field not in value:
        return value
    if as_ == "page" and items is not None:
        return {**value, field: len(items)}
    if as_ == "first":
        place = (call.request.path, call.request.parameter("project"))
        return {**value, field: call.memory.setdefault(place, value[field])}
    return {**value, field: max(0, value[field] + by)}


@values
def links(call: Call, value: Any, *, field: str, as_: str) -> Any:
    """The link to another page is missing, keeps to the page, loses the query, or leads elsewhere."""
    link = value.get(field) if isinstance(value, dict) else None
    if not isinstance(link, str):
        return value
    new: Any = {
        "missing": None,
        "same": f"{call.home}{call.request.path}?{call.request.query}",
        "bare": link.partition("?")[0] + "?page=" + (link.partition("page=")[2].partition("&")[0] or "2"),
        "elsewhere": link.replace("http://127.0.0.1", "http://internal.example", 1),
        "relative": link.replace(call.home, "", 1),
    }[as_]
    return {**value, field: new}


@act
async def takes_in(
    call: Call, *, path: str, query: str = "", where: str = "", number: int = 1, only_with: str = ""
) -> Answered:
    """Something is listed that is another's.

    Args:
        call: the request.
        path: where it is read.
        query: likewise.
        where: a field of which the value differs from that of the first element.
        number: at most so many.
        only_with: where this parameter is sent.
    """
    answered = await call.plain()
    value = answered.json
    items = elements(value)
    if not answered.ok or items is None or (only_with and call.request.parameter(only_with) is None):
        return answered
    others = elements(await call.read(path, query)) or []
    there = [i.get("id") for i in items if isinstance(i, dict)]
    own = items[0].get(where) if items and where else object()
    more = [o for o in others if o.get("id") not in there and (not where or o.get(where) != own)]
    return answered.with_json(_with(value, [*items, *more[:number]]))


@values
def only_first_known(call: Call, value: Any) -> Any:
    """Whoever lists the second time misses what came since."""
    items = elements(value)
    if items is None:
        return value
    place = (call.request.path, call.request.query)
    known = call.memory.setdefault(place, {i.get("id") for i in items if isinstance(i, dict)})
    return _with(value, [i for i in items if not isinstance(i, dict) or i.get("id") in known])


@act
async def empty_is_missing(call: Call) -> Answered:
    """Where nothing is to be listed, it is said that nothing is there."""
    answered = await call.plain()
    if answered.ok and elements(answered.json) == []:
        return answer(404, {"detail": "Not found."})
    return answered


@act
async def quoted_names(call: Call, *, parameter: str) -> Answered:
    """A parameter is decoded twice."""
    request = call.request
    changed = request.query.replace("%25", "%").replace("%2B", "+")
    del parameter
    return await call.forward(replace(request, query=changed))
