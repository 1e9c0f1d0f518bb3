"""How an answer travels: status, headers, encoding, length, redirects, and a server that breaks now and then."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tests.faults.messages import Answered, answer, value_of
from tests.faults.rooms.making import act, answers

if TYPE_CHECKING:
    from tests.faults.messages import Call

PAGE = "<!doctype html><html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>"


@act
async def breaks(call: Call, *, one_in: int = 1, status: int = 500, kind: str = "json", done: bool = False) -> Answered:
    """Each so-manieth request breaks the server.

    Args:
        call: the request.
        one_in: how many.
        status: what is answered.
        kind: ``json`` or ``html``.
        done: what was asked for is done all the same.
    """
    if (call.number + 1) % one_in:
        return await call.plain()
    if done:
        await call.plain()
    if kind == "html":
        return answer(status, PAGE.format("Server Error (500)"), kind="text/html; charset=utf-8")
    return answer(status, {"detail": "'NoneType' object has no attribute 'id'"})


@act
async def breaks_with(call: Call, *, text: str, where: str = "body") -> Answered:
    """A request that holds something harmless breaks the server."""
    place = call.request.body if where == "body" else call.request.query.encode()
    if text.encode() in place or json.dumps(text)[1:-1].encode() in place:
        return answer(500, {"detail": f"invalid literal: {text}"})
    return await call.plain()


@act
async def breaks_beyond(call: Call, *, of: int = 0xFFFF) -> Answered:
    """A text with a character of a high number (an emoji, say) breaks the server."""
    text = json.dumps(call.request.json, ensure_ascii=False)
    if any(ord(c) > of for c in text):
        return answer(500, {"detail": "Incorrect string value"})
    return await call.plain()


@act
async def status(call: Call, *, of: int, to: int, body: str = "") -> Answered:
    """One status is another one; ``body`` = ``none``: without what came with it."""
    answered = await call.plain()
    if answered.status != of:
        return answered
    if body == "none":
        return replace(answered, status=to, body=b"")
    if to not in {204, 304} and not answered.body:
        return answer(to, {})
    return replace(answered, status=to)


@act
async def refuses_with(call: Call, *, as_: str, statuses: tuple[int, ...] = (400, 403, 404)) -> Answered:
    """The body of a refusal is HTML, empty, a bare text, another shape, or leaks how the server is made."""
    answered = await call.plain()
    if answered.status not in statuses:
        return answered
    if as_ == "html":
        return answer(answered.status, PAGE.format("Bad Request"), kind="text/html; charset=utf-8")
    if as_ == "text":
        return answer(answered.status, "No.", kind="text/plain")
    value: Any = {
        "empty": {},
        "list": ["No."],
        "string": "No.",
        "null": None,
        "other": {"error": {"code": 17, "text": "No."}},
        "leak": {
            "detail": 'Traceback (most recent call last):\n  File "/app/label_studio/core/views.py", line 17, in get\n'
            "django.db.utils.IntegrityError: NOT NULL constraint failed: task.data"
        },
    }[as_]
    return answer(answered.status, value)


@answers
def header(call: Call, answered: Answered, *, name: str, value: str | None) -> Answered:
    """A header is another, or (null) not there."""
    del call
    return answered.with_header(name, value)


@act
async def header_of_refusal(call: Call, *, name: str, value: str | None, statuses: tuple[int, ...]) -> Answered:
    """Likewise, of a refusal."""
    answered = await call.plain()
    return answered.with_header(name, value) if answered.status in statuses else answered


@answers
def cut(call: Call, answered: Answered, *, by: int = 1, at_least: int = 2, every: int = 1) -> Answered:
    """The body ends too early, and the connection with it."""
    if len(answered.body) < at_least or (call.number + 1) % every:
        return answered
    by = min(by, len(answered.body) - 1)
    return replace(answered, body=answered.body[:-by], cut=by)


@answers
def ends_early(call: Call, answered: Answered, *, after: int) -> Answered:
    """Nothing comes after so many bytes, and the announced length fits."""
    del call
    return answered.with_body(answered.plain[:after])


@answers
def says_gzip(call: Call, answered: Answered) -> Answered:
    """It says that the body is compressed, and it is not."""
    del call
    return answered.with_header("content-encoding", "gzip")


@answers
def gzips_silently(call: Call, answered: Answered) -> Answered:
    """The body is compressed, and it does not say so."""
    del call
    return answered.with_body(gzip.compress(answered.plain))


@answers
def encoded(call: Call, answered: Answered, *, as_: str, says: str = "") -> Answered:
    """The body is in another encoding."""
    del call
    try:
        text = answered.plain.decode()
    except UnicodeDecodeError:
        return answered
    if answered.is_json:
        text = json.dumps(json.loads(text), ensure_ascii=False)
    changed = answered.with_body(text.encode(as_, "replace"))
    return changed.with_header("content-type", says) if says else changed


@answers
def raw(call: Call, answered: Answered, *, before: str = "", after: str = "", old: str = "", new: str = "") -> Answered:
    """The bytes of the body are others: something before, after, or in place of something else."""
    del call
    body = answered.plain
    if old:
        body = body.replace(old.encode(), new.encode())
    return answered.with_body(before.encode() + body + after.encode())


@answers
def number_words(call: Call, answered: Answered, *, field: str, word: str) -> Answered:
    """A number is a word that JSON does not have (NaN, Infinity)."""
    del call
    value = answered.json
    if not isinstance(value, dict) or field not in value:
        return answered
    value[field] = "@@word@@"
    return answered.with_body(json.dumps(value).replace('"@@word@@"', word).encode())


@act
async def redirects(call: Call, *, status: int = 302, slash: bool = True, only_first: bool = False) -> Answered:
    """It sends elsewhere: a POST becomes a GET on its way."""
    if only_first and call.number:
        return await call.plain()
    path = call.request.path
    place = (path.rstrip("/") if path.endswith("/") else f"{path}/") if slash else path
    target = place + (f"?{call.request.query}" if call.request.query else "")
    return Answered(status=status, headers=(("location", target), ("content-type", "text/html; charset=utf-8")))


@act
async def slow(call: Call, *, seconds: float, one_in: int = 1) -> Answered:
    """It takes its time."""
    answered = await call.plain()
    return answered if (call.number + 1) % one_in else replace(answered, delay=seconds)


@act
async def drops(call: Call, *, one_in: int, done: bool = True) -> Answered:
    """Each so-manieth connection ends without an answer, after the work was done or before."""
    if (call.number + 1) % one_in:
        return await call.plain()
    answered = await call.plain() if done else answer(200, {})
    return replace(answered, body=b"", cut=max(1, len(answered.body)))


@act
async def head_says(call: Call, *, status: int = 0, length: int | None = None, kind: str = "") -> Answered:
    """HEAD says something else than GET: another status, length, or type."""
    answered = await call.plain()
    if call.request.method != "HEAD":
        return answered
    if status:
        return Answered(status=status, headers=(("content-type", "application/json"), ("content-length", "0")))
    if length is not None:
        answered = answered.with_header("content-length", str(length))
    return answered.with_header("content-type", kind) if kind else answered


@act
async def head_does(call: Call, *, number: int = 1) -> Answered:
    """HEAD is answered as if nothing were there."""
    answered = await call.plain()
    del number
    if call.request.method == "HEAD" and answered.ok:
        return Answered(status=404, headers=(("content-type", "application/json"), ("content-length", "23")))
    return answered


@act
async def throttles(call: Call, *, one_in: int, after: str | None = None) -> Answered:
    """Too many requests, after few."""
    if (call.number + 1) % one_in:
        return await call.plain()
    refused = answer(429, {"detail": "Request was throttled."})
    return refused.with_header("retry-after", after) if after else refused


@answers
def moves_type(call: Call, answered: Answered, *, to: str) -> Answered:
    """The content type is another, what comes is the same."""
    del call
    had = value_of(answered.headers, "content-type")
    return answered.with_header("content-type", to) if had else answered
