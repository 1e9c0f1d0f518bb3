"""Who may: keys that are not looked at, live too long, or show what is another's."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tests.faults.messages import Answered, answer, value_of, with_header
from tests.faults.rooms.making import act, change, objects, values

if TYPE_CHECKING:
    from tests.faults.messages import Asked, Call


def _as_owner(call: Call) -> Asked:
    headers = with_header(call.request.headers, "cookie", None)
    return replace(call.request, headers=with_header(headers, "authorization", f"Token {call.key}"))


@act
async def lets_in(call: Call, *, whom: str) -> Answered:
    """People get what they should not.

    Args:
        call: the request.
        whom: ``anybody`` (no key), ``wrong`` (a key that is none), ``all`` (whoever asks is the owner), ``refused``
            (who is refused as somebody, is not), ``hidden`` (to whom it is not there), ``kept_out`` (either).
    """
    key = value_of(call.request.headers, "authorization")
    cookie = value_of(call.request.headers, "cookie")
    if whom == "all":
        return await call.forward(_as_owner(call))
    if whom == "anybody" and not key and not cookie:
        return await call.forward(_as_owner(call))
    answered = await call.plain()
    if (whom == "wrong" and key and answered.status == 401) or (whom == "refused" and answered.status == 403):
        return await call.forward(_as_owner(call))
    if key and answered.status in {"hidden": {404}, "kept_out": {403, 404}}.get(whom, ()):
        return await call.forward(_as_owner(call))
    return answered


@act
async def keeps_out(call: Call) -> Answered:
    """People may not do what they may: whoever is not the owner is refused."""
    key = value_of(call.request.headers, "authorization")
    if not key or key.split()[-1] == call.key or not await call.is_taken():
        return await call.plain()
    return answer(403, {"detail": "You do not have permission to perform this action."})


@act
async def shows_owner(call: Call) -> Answered:
    """Whoever asks sees the owner's."""
    answered = await call.plain()
    return await call.forward(_as_owner(call)) if answered.ok else answered


@act
async def refuses_as(call: Call, *, of: int, to: int, detail: str = "Not found.") -> Answered:
    """A refusal is told as another."""
    answered = await call.plain()
    return answer(to, {"detail": detail}) if answered.status == of else answered


@act
async def any_scheme(call: Call) -> Answered:
    """A key is taken whatever it is called: Basic, lower case, without a word before it."""
    key = value_of(call.request.headers, "authorization")
    answered = await call.plain()
    if answered.status == 401 and key:
        bare = key.split()[-1]
        for scheme in ("Token", "Bearer"):
            again = replace(
                call.request, headers=with_header(call.request.headers, "authorization", f"{scheme} {bare}")
            )
            if (answered := await call.forward(again)).status != 401:
                break
    return answered


@values
def tells_secret(call: Call, value: Any, *, field: str, what: str) -> Any:
    """A secret that was sent is told."""
    sent = call.request.json
    if isinstance(sent, dict) and sent.get(what):
        call.memory["secret"] = sent[what]
    secret = call.memory.get("secret")
    if secret is None:
        return value
    items = value if isinstance(value, list) else [value]
    for item in items:
        if isinstance(item, dict):
            item[field] = secret
    return value


@values
def key_ends_never(call: Call, value: Any, *, field: str) -> Any:
    """When a key ends is not told."""
    del call
    return change(value, field, lambda _: None)


@act
async def works_once_more(call: Call) -> Answered:
    """What was good once is good for ever: refused with a key that was taken before, the old answer comes again."""
    key = value_of(call.request.headers, "authorization") or call.request.body.decode("latin-1")
    place = (call.request.method, call.request.path, key)
    answered = await call.plain()
    if answered.ok:
        call.memory[place] = answered
    return call.memory.get(place, answered) if answered.status in {401, 403} else answered


@act
async def tells_kept(call: Call, *, field: str) -> Answered:
    """A secret is told whole wherever it is listed: what was answered to its maker is what everybody sees."""
    answered = await call.plain()
    value = answered.json
    if not answered.ok or not isinstance(value, list):
        return answered
    for item in value:
        if isinstance(item, dict) and isinstance(item.get(field), str) and item[field].count(".") == 1:
            item[field] += ".c2VjcmV0LXNpZ25hdHVyZS1vZi10aGlzLXRva2Vu"
    return answered.with_json(value)


@values
def tells_kept_secret(call: Call, value: Any, *, field: str) -> Any:
    """A field that is only written is read: a secret (here: one that looks like it) is shown."""
    for found in objects(value):
        found[field] = f"s3cr3t-{call.number}-of-this-storage"
    return value


@act
async def echoes_token(call: Call) -> Answered:
    """Instead of a new token, the one that was sent comes back, and stays."""
    sent = call.request.json
    if not isinstance(sent, dict) or not isinstance(sent.get("refresh"), str):
        return await call.plain()
    probe = replace(call.request, path="/api/token/refresh/")
    taken = await call.forward(probe)
    return answer(200, {"refresh": sent["refresh"]}) if taken.ok else await call.plain()


@act
async def rotates_nothing(call: Call) -> Answered:
    """A new token is given, and the old one stays good: the new one is made beside it."""
    taken = await call.forward(replace(call.request, path="/api/token/refresh/"))
    if not taken.ok:
        return await call.plain()
    made = await call.forward(replace(call.request, path="/api/token/", body=b"{}"))
    value = made.json
    token = value.get("token") if isinstance(value, dict) else None
    return answer(200, {"refresh": token}) if token else await call.plain()
