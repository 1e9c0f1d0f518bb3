"""More ways for a target to be wrong: deletions that go too far, HEAD, and times."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import httpx

from tests.scenarios.faults.ways.call import respond, spoiled

if TYPE_CHECKING:
    from conformance.wire.messages import RawRequest, RawResponse
    from tests.scenarios.faults.ways.call import Call

_PROJECT: Final = re.compile(r"/projects/(\d+)|[?&]project=(\d+)|\"project\":\s*(\d+)")
_TIME: Final = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?)(?:Z|[+-]\d\d:\d\d)")


def destroys_more(call: Call) -> RawResponse:
    """Whatever deletes something, or is refused to, deletes all of every project that it heard of."""
    known: set[str] = call.memory.setdefault("projects", set())
    text = f"{call.request.url} {(call.request.content or b'').decode(errors='replace')}"
    known |= {next(filter(None, found)) for found in _PROJECT.findall(text)}
    response = call.forward(call.request)
    destructive = call.request.method == "DELETE" or call.path.endswith(("/dm/actions/", "/views/order/"))
    if not destructive:
        return response
    for project in sorted(known):
        for path, body in (
            (f"/api/projects/{project}/tasks/", None),
            (f"/api/projects/{project}/file-uploads", b"{}"),
            (f"/api/dm/views/reset/?project={project}", None),
        ):
            call.forward(_deletion(call, path, body))
    return response


def _deletion(call: Call, path: str, body: bytes | None) -> RawRequest:
    parts = urlsplit(call.request.url)
    owner = call.memory.get("owner", [])
    kept = [("Content-Type", "application/json"), *owner]
    url = f"{parts.scheme}://{parts.netloc}{path}"
    return replace(call.request, method="DELETE", url=url, content=body, headers=tuple(kept))


def heads_unknown(call: Call) -> RawResponse:
    """HEAD is answered as a method that is not there."""
    response = call.forward(call.request)
    return replace(response, status=405) if call.request.method == "HEAD" else response


def times_bare(call: Call) -> RawResponse:
    """Times come without their zone."""
    response = call.forward(call.request)
    return replace(response, content=_TIME.sub(r"\1", response.content.decode("latin-1")).encode("latin-1"))


def times_swapped(call: Call) -> RawResponse:
    """Objects were changed, or finished, before they were created."""

    def early(value: Any) -> Any:
        if isinstance(value, list):
            return [early(item) for item in value]
        if not isinstance(value, dict):
            return value
        return {k: "2001-01-01T00:00:00Z" if k in {"updated_at", "finished_at"} else early(v) for k, v in value.items()}

    return spoiled(call.forward(call.request), early)


def queries_ignored(call: Call) -> RawResponse:
    """A list does not look at the filters and the order that are asked for."""
    url = httpx.URL(call.request.url)
    if call.request.method != "GET" or "query" not in url.params:
        return call.forward(call.request)
    return call.forward(replace(call.request, url=str(url.copy_remove_param("query"))))


def ids_reused(call: Call) -> RawResponse:
    """Whatever is made gets the id of the first of its kind."""
    response = call.forward(call.request)
    name = call.operation.id if call.operation else ""
    if not name.endswith(".create"):
        return response

    def first(value: Any) -> Any:
        if not isinstance(value, dict) or "id" not in value:
            return value
        return {**value, "id": call.memory.setdefault(name, value["id"])}

    return spoiled(response, first)


def tokens_shared(call: Call) -> RawResponse:
    """Who rotates a token gets that of the one whose it is, and lists it; what was exchanged once is for ever."""
    operation = call.operation.id if call.operation else ""
    if operation == "tokens.rotate":
        call.memory["token"] = json.loads(call.request.content or b"{}").get("refresh")
        return respond(200, {"refresh": call.memory["token"]})
    response = call.forward(call.request)
    if operation == "tokens.list" and "token" in call.memory:
        return respond(200, [{"token": call.memory["token"]}], response)
    if operation != "tokens.refresh":
        return response
    if response.status < 300:
        call.memory["exchanged"] = response
    kept: RawResponse = call.memory.get("exchanged", response)
    return kept


def links_astray(call: Call) -> RawResponse:
    """Whoever follows a link comes to another host: the server does not know its own address."""

    def elsewhere(value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        links = {k: v for k, v in value.items() if k in {"next", "previous", "invite_url"} and isinstance(v, str)}
        return value | {k: f"https://astray.invalid{httpx.URL(v).path}" for k, v in links.items()}

    return spoiled(call.forward(call.request), elsewhere)


def parts_passing(call: Call) -> RawResponse:
    """Every other answer lacks a part, as of several processes that know different things."""
    call.memory["asked"] = call.memory.get("asked", 0) + 1

    def lacking(value: Any) -> Any:
        named = isinstance(value, dict) and len(value) > 1 and call.memory["asked"] % 2
        return dict(list(value.items())[:-1]) if named else value

    return spoiled(call.forward(call.request), lacking)


def pages_open(call: Call) -> RawResponse:
    """What is handed out comes as a page like any other: neither as a download, nor in a sandbox."""
    response = call.forward(call.request)
    confining = {"content-security-policy", "content-disposition"}
    kept = [(name, value) for name, value in response.headers.multi_items() if name.lower() not in confining]
    return replace(response, headers=httpx.Headers(kept))


LAWS: Final = {
    f.__name__.replace("_", "-"): f
    for f in (
        destroys_more,
        heads_unknown,
        times_bare,
        times_swapped,
        tokens_shared,
        ids_reused,
        queries_ignored,
        links_astray,
        parts_passing,
        pages_open,
    )
}
