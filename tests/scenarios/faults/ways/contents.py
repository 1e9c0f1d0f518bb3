"""Ways for answers to hold something else than was kept."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import httpx

from tests.scenarios.faults.ways.call import GUIDING, MANY, REFERENCES, SECRETS, leaves, lists, spoiled

if TYPE_CHECKING:
    from conformance.wire.messages import RawResponse
    from tests.scenarios.faults.ways.call import Call


def texts_drift(call: Call) -> RawResponse:
    """Each answer has other texts than were kept."""

    def change(_: str, value: Any) -> Any:
        return f"{value}~{call.number}" if isinstance(value, str) else value

    return spoiled(call.forward(call.request), lambda v: leaves(v, change))


def figures_drift(call: Call) -> RawResponse:
    """Each answer has other figures than were counted or kept."""

    def change(_: str, value: Any) -> Any:
        plain = isinstance(value, int | float) and not isinstance(value, bool)
        return value + 1 + call.number if plain else value

    return spoiled(call.forward(call.request), lambda v: leaves(v, change))


def truths_flip(call: Call) -> RawResponse:
    """True is false, and nothing is something."""

    def change(_: str, value: Any) -> Any:
        return (not value) if isinstance(value, bool) else 0 if value is None else value

    return spoiled(call.forward(call.request), lambda v: leaves(v, change))


def lists_short(call: Call) -> RawResponse:
    """The last of each list is missing."""
    return spoiled(call.forward(call.request), lambda v: lists(v, lambda items: items[:-1]))


def lists_double(call: Call) -> RawResponse:
    """The last of each list comes twice."""
    return spoiled(call.forward(call.request), lambda v: lists(v, lambda items: [*items, *items[-1:]]))


def lists_reversed(call: Call) -> RawResponse:
    """Each list is the wrong way round."""
    return spoiled(call.forward(call.request), lambda v: lists(v, lambda items: items[::-1]))


def lists_empty(call: Call) -> RawResponse:
    """Whoever reads finds nothing in any list."""
    response = call.forward(call.request)
    return spoiled(response, lambda v: lists(v, lambda _: [])) if call.request.method == "GET" else response


def lists_more(call: Call) -> RawResponse:
    """Whoever reads finds something in each list that nobody put there."""
    response = call.forward(call.request)
    stray = {"id": 0, "task": 0, "data": {}}
    return spoiled(response, lambda v: lists(v, lambda i: [*i, stray])) if call.request.method == "GET" else response


def lists_mixed(call: Call) -> RawResponse:
    """Whoever lists something finds what the one before found, too."""
    response = call.forward(call.request)
    if call.operation is None or call.request.method != "GET":
        return response
    name = call.operation.id

    def mix(value: Any) -> Any:
        if not isinstance(value, list):
            return value
        before = call.memory.get(name, [])
        call.memory[name] = value
        return [*value, *before]

    return spoiled(response, mix)


def objects_short(call: Call) -> RawResponse:
    """Objects of many fields have lost their last one."""

    def short(value: Any) -> Any:
        if isinstance(value, dict):
            kept = list(value)[:-1] if len(value) > MANY else value
            return {k: short(value[k]) for k in kept}
        return [short(item) for item in value] if isinstance(value, list) else value

    return spoiled(call.forward(call.request), short)


def references_wrong(call: Call) -> RawResponse:
    """Objects belong to others than they were made for."""

    def wrong(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: v + 1000 if REFERENCES.search(k) and type(v) is int else wrong(v) for k, v in value.items()}
        return [wrong(item) for item in value] if isinstance(value, list) else value

    return spoiled(call.forward(call.request), wrong)


def states_wrong(call: Call) -> RawResponse:
    """What is done is told to have failed, what works to be broken; links and invitations lead nowhere."""
    wrong = {"status": "failed", "state": "??", "next": None, "previous": None, "invite_url": "/nowhere"}

    def changed(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: wrong[k] if k in wrong else changed(v) for k, v in value.items()}
        return [changed(item) for item in value] if isinstance(value, list) else value

    return spoiled(call.forward(call.request), changed)


def tokens_endless(call: Call) -> RawResponse:
    """Tokens do not say when they end."""

    def endless(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: endless(v) for k, v in value.items()}
        if not isinstance(value, str) or value.count(".") != 2 or not value.startswith("eyJ"):
            return value
        head, _, signature = value.split(".")
        return f"{head}.e30.{signature}"  # {}

    return spoiled(call.forward(call.request), endless)


def texts_tidied(call: Call) -> RawResponse:
    """Texts are trimmed and put into another form of Unicode."""

    def tidy(_: str, value: Any) -> Any:
        return unicodedata.normalize("NFKD", value).strip() if isinstance(value, str) else value

    return spoiled(call.forward(call.request), lambda v: leaves(v, tidy))


def tables_broken(call: Call) -> RawResponse:
    """What is no JSON is cut in half."""
    response = call.forward(call.request)
    is_json = "json" in response.headers.get("content-type", "")
    return response if is_json else replace(response, content=response.content[: len(response.content) // 2])


def objects_bare(call: Call) -> RawResponse:
    """Objects have lost what is neither id nor list."""

    def bare(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: bare(v) for k, v in value.items() if GUIDING.search(k) or isinstance(v, dict | list)}
        return [bare(item) for item in value] if isinstance(value, list) else value

    return spoiled(call.forward(call.request), bare)


def bytes_broken(call: Call) -> RawResponse:
    """What is no JSON is cut in half, and what is, where it is for download."""
    response = call.forward(call.request)
    is_json = "json" in response.headers.get("content-type", "") and "content-disposition" not in response.headers
    return response if is_json else replace(response, content=response.content[: len(response.content) // 2])


def headers_lost(call: Call) -> RawResponse:
    """Nothing but the type of the content is told."""
    response = call.forward(call.request)
    kept = {"content-type": response.headers.get("content-type", ""), "location": response.headers.get("location", "")}
    return replace(response, headers=httpx.Headers({k: v for k, v in kept.items() if v}))


def secrets_told(call: Call) -> RawResponse:
    """Answers repeat the secrets that requests brought."""
    told = call.memory.setdefault("told", set())
    try:
        sent = json.loads(call.request.content or b"")
    except ValueError:
        sent = {}
    told |= (
        {v for k, v in sent.items() if SECRETS.search(k) and isinstance(v, str)} if isinstance(sent, dict) else set()
    )
    whole = sorted(told | {v.partition(";")[0] for v in told})

    def add(value: Any) -> Any:
        if isinstance(value, list):
            return [add(item) for item in value]
        return {**value, "debug": whole} if isinstance(value, dict) else value

    return spoiled(call.forward(call.request), add)


def slow(call: Call) -> RawResponse:
    """Each answer takes ten seconds more (on paper)."""
    response = call.forward(call.request)
    return replace(response, elapsed=response.elapsed + 10)


CONTENTS: Final = (
    texts_drift,
    figures_drift,
    truths_flip,
    lists_short,
    lists_double,
    lists_reversed,
    lists_empty,
    lists_more,
    lists_mixed,
    objects_short,
    references_wrong,
    states_wrong,
    tokens_endless,
    texts_tidied,
    tables_broken,
    objects_bare,
    bytes_broken,
    headers_lost,
    secrets_told,
    slow,
)
