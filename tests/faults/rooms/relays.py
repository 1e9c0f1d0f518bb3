"""What the target sends to others: the proxy stands between it and its webhooks and its models, too."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import httpx

from tests.faults.messages import Answered, Asked, Call, answer
from tests.faults.rooms.making import act

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

_URL: Final = "url"


def _delivering(
    how: str, given: dict[str, Any], memory: dict[Any, Any], *, project: Any
) -> Callable[[str, Asked], Awaitable[Answered]]:
    async def deliver(base: str, asked: Asked) -> Answered:
        rest = asked.path.split("/", 4)[4] if asked.path.count("/") > 3 else ""
        memory["deliveries"] = number = memory.get("deliveries", 0) + 1
        asked, times = _spoiled(how, given, asked, number)
        if how == "stale":
            asked = _stale(asked, memory)
        hooks: list[tuple[Any, str]] = memory.get("hooks", [])
        strangers = [b for p, b in hooks if p != project][-1:] if how == "strangers" else []
        answered = answer(200, {})
        async with httpx.AsyncClient(timeout=60, trust_env=False) as client:
            for to in [*strangers, *[base] * times]:  # the hook's own comes last
                headers = [(k, v) for k, v in asked.headers if k not in {"host", "content-length", "connection"}]
                target = f"{to}/{rest}".rstrip("/") if not rest else f"{to}/{rest}"
                got = await client.request(asked.method, target, headers=headers, content=asked.body)
                kept = tuple((k, v) for k, v in got.headers.items() if k not in {"content-encoding", "connection"})
                answered = Answered(status=got.status_code, headers=kept, body=got.content)
        return answered

    return deliver


def _spoiled(how: str, given: dict[str, Any], asked: Asked, number: int) -> tuple[Asked, int]:
    """What is delivered, and how often."""
    body = asked.json
    times = {
        "twice": 2,
        "never": 0,
        "twice_of": 1 + int(isinstance(body, dict) and body.get("action") == given.get("action")),
        "one_in": int(bool(number % given.get("number", 1))),
        "skips": int(not (isinstance(body, dict) and body.get("action") == given.get("action"))),
    }
    if how in times:
        return asked, times[how]
    if how == "headerless":
        keep = {"content-type", "content-length", "accept", "host", "user-agent"}
        return replace(asked, headers=tuple((k, v) for k, v in asked.headers if k in keep)), 1
    if isinstance(body, dict):
        if how == "without":
            body.pop(given["field"], None)
        elif how == "renamed":
            body[given["to"]] = body.pop(given["field"], None)
        elif how == "set":
            body[given["field"]] = given["value"]
        return asked.with_json(body), 1
    return asked, 1


def _stale(asked: Asked, memory: dict[Any, Any]) -> Asked:
    """An annotation is told with the result that was told of it before."""
    body = asked.json
    one = body.get("annotation") if isinstance(body, dict) else None
    if not isinstance(one, dict):
        return asked
    before = memory.get(("result", one.get("id")), one.get("result"))
    memory["result", one.get("id")] = one.get("result")
    one["result"] = before
    return asked.with_json(body)


@act
async def delivers(call: Call, *, how: str, **given: Any) -> Answered:
    """What is told to an address (of a webhook, a model) is told twice, not at all, or otherwise.

    Args:
        call: the request that names the address.
        how: ``twice``, ``never``, ``one_in``, ``skips`` (an action), ``headerless``, ``without``, ``renamed``,
            ``set``, ``twice_of`` (an action), ``stale`` (of an annotation) or ``strangers`` (to another project's).
        given: its arguments.
    """
    known: dict[str, str] = call.memory.setdefault("known", {})
    sent = call.request.json
    request = call.request
    if request.method in {"POST", "PATCH"} and isinstance(sent, dict) and isinstance(sent.get(_URL), str):
        real = sent[_URL]
        if urlsplit(real).scheme in {"http", "https"}:
            name = str(len(call.relays))
            deliver = _delivering(how, given, call.memory, project=sent.get("project"))
            call.memory.setdefault("hooks", []).append((sent.get("project"), real))
            call.relays[name] = lambda asked, real=real: deliver(real, asked)
            relayed = f"{call.home}/__relay__/{name}/"
            known[relayed] = real
            request = request.with_json({**sent, _URL: relayed})
    answered = await call.forward(request)
    text = answered.plain.decode("utf-8", "surrogateescape")
    for relayed, real in known.items():
        text = text.replace(json.dumps(relayed)[1:-1], json.dumps(real)[1:-1])
    return answered.with_body(text.encode("utf-8", "surrogateescape")) if known else answered
