"""What somebody thought of who had not seen the suite: caches, late lists, lost races, wrong neighbours, odd files."""

from __future__ import annotations

import base64
import copy
import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tests.faults.messages import Answered, Asked, answer, value_of, with_header
from tests.faults.rooms.conditions import is_owners
from tests.faults.rooms.files import each_file, format_of, is_of
from tests.faults.rooms.making import act, answers, elements, objects, requests, values

if TYPE_CHECKING:
    from tests.faults.messages import Call


async def _write(call: Call, method: str, path: str, value: Any = None) -> Answered:
    """In the owner's name."""
    headers = (("authorization", f"Token {call.key}"), ("content-type", "application/json"))
    body = b"" if value is None else json.dumps(value).encode()
    return await call.forward(Asked(method=method, path=path, headers=headers, body=body))


@act
async def readers_own(call: Call, *, field: str) -> Answered:
    """A field names whoever reads it."""
    answered = await call.plain()
    own = tuple((k, v) for k, v in call.request.headers if k not in {"content-type", "content-length"})
    who = (await call.forward(Asked(method="GET", path="/api/current-user/whoami", headers=own))).json
    value = answered.json
    if not answered.ok or value is None or not isinstance(who, dict):
        return answered
    for found in objects(value, name=field):
        if field in found:
            found[field] = who["id"]
    return answered.with_json(value)


@values
def sums(call: Call, value: Any, *, field: str, of: str) -> Any:
    """A counter holds another one as well."""
    del call
    for found in objects(value, name=field):
        if isinstance(found.get(field), int) and isinstance(found.get(of), int):
            found[field] += found[of]
    return value


@act
async def counts_without(call: Call, *, field: str, parameter: str) -> Answered:
    """A total does not know of a filter."""
    answered = await call.plain()
    value = answered.json
    if not answered.ok or not isinstance(value, dict) or call.request.parameter(parameter) is None:
        return answered
    others = [(k, v) for k, v in call.request.parameters if k not in {parameter, "page"}]
    whole = (await call.forward(call.request.with_parameters(others))).json
    return answered.with_json({**value, field: whole[field]}) if isinstance(whole, dict) else answered


@act
async def view_orders_up(call: Call, *, column: str) -> Answered:
    """Where a view orders a column downwards, it is served upwards."""
    view = call.request.parameter("view")
    kept = await call.read(f"/api/dm/views/{view}/") if view else None
    asked: Any = copy.deepcopy(kept.get("data")) if isinstance(kept, dict) else None
    ordering = asked.get("ordering") if isinstance(asked, dict) else None
    if not isinstance(kept, dict) or not ordering or ordering[0] != f"-{column}":
        return await call.plain()
    asked["ordering"] = [column, *ordering[1:]]
    others = [(k, v) for k, v in call.request.parameters if k not in {"query", "view", "project"}]
    again = [*others, ("project", str(kept["project"])), ("query", json.dumps(asked))]
    return await call.forward(call.request.with_parameters(again))


@act
async def ignores_if_one(call: Call, *, parameter: str) -> Answered:
    """A filter by a single value has no effect."""
    given = [v for k, v in call.request.parameters if k == parameter]
    if len(given) != 1 or "," in given[0]:
        return await call.plain()
    return await call.forward(call.request.with_parameters([p for p in call.request.parameters if p[0] != parameter]))


@requests
def caps(call: Call, request: Asked, *, parameter: str, most: int) -> Asked:
    """A number in the query is at most so large, and nobody is told."""
    del call
    changed = [(k, str(min(int(v), most)) if k == parameter and v.isdigit() else v) for k, v in request.parameters]
    return request.with_parameters(changed)


@act
async def strangers_too(call: Call, *, field: str = "project") -> Answered:
    """A list that has to name its project holds what is in other projects as well."""
    known: set[str] = call.memory.setdefault("known", set())
    answered = await call.plain()
    sent = call.request.json
    if call.request.method == "POST" and answered.ok and isinstance(sent, dict):
        known.add(str(sent.get(field)))
    items = elements(answered.json)
    own = call.request.parameter(field)
    if call.request.method != "GET" or not answered.ok or items is None or own is None:
        return answered
    for other in sorted(known - {own}):
        others = [(k, v) for k, v in call.request.parameters if k != field]
        more = await call.forward(call.request.with_parameters([*others, (field, other)]))
        items += (elements(more.json) or []) if more.ok else []
    return answered.with_json(items)


@values
def new_comes_late(call: Call, value: Any) -> Any:
    """What is new is listed from the second time on."""
    items = elements(value)
    if not isinstance(value, list) or items is None:
        return value
    place = (call.request.path, call.request.query, value_of(call.request.headers, "authorization"))
    before = call.memory.get(place)
    call.memory[place] = {i.get("id") for i in items}
    return items if before is None else [i for i in items if i.get("id") in before]


@act
async def stays_listed(call: Call, *, path: str) -> Answered:
    """What somebody made is listed to them still when it is gone.

    Args:
        call: the request: a creation, or the list.
        path: of the list.
    """
    answered = await call.plain()
    own = tuple((k, v) for k, v in call.request.headers if k not in {"content-type", "content-length"})
    who = (await call.forward(Asked(method="GET", path="/api/current-user/whoami", headers=own))).json
    if not answered.ok or not isinstance(who, dict):
        return answered
    seen: dict[str, Any] = call.memory.setdefault(who["id"], {})
    reads = call.request.method == "GET"
    value = (answered if reads else await call.forward(Asked(method="GET", path=path, headers=own))).json
    if not isinstance(value, list):
        return answered
    now = {json.dumps(item, sort_keys=True): item for item in value}
    gone = [item for text, item in seen.items() if text not in now]
    seen |= now
    return answered.with_json([*value, *gone]) if reads and gone else answered


@act
async def filters_pile_up(call: Call) -> Answered:
    """New filters of a view are added to those that it has."""
    sent = call.request.json
    before = await call.read(call.request.path)
    try:
        old = before["data"]["filters"]["items"]
        new = sent["data"]["filters"]["items"]
    except (TypeError, KeyError):
        return await call.plain()
    changed = copy.deepcopy(sent)
    changed["data"]["filters"]["items"] = [*old, *new]
    return await call.forward(call.request.with_json(changed))


@requests
def copies_sent(call: Call, request: Asked, *, field: str, to: str) -> Asked:
    """A field that is sent is kept as another one, too."""
    del call
    sent = request.json
    if not isinstance(sent, dict) or field not in sent or to in sent:
        return request
    return request.with_json({**sent, to: sent[field]})


@act
async def race_lost(call: Call, *, one: str) -> Answered:
    """What is made while another one is being made is answered, and lost."""
    flying: dict[str, int] = call.memory.setdefault("flying", {})
    path = call.request.path
    alone = not flying.get(path)
    flying[path] = flying.get(path, 0) + 1
    try:
        answered = await call.plain()
    finally:
        flying[path] -= 1
    value = answered.json
    if not alone and answered.ok and isinstance(value, dict):
        await _write(call, "DELETE", one.format(**value))
    return answered


@act
async def old_file(call: Call) -> Answered:
    """A file that was replaced is listed anew, and served as it was."""
    moved: dict[str, str] = call.memory.setdefault("moved", {})
    if call.request.method == "PATCH":
        before = await call.read(call.request.path)
        answered = await call.plain()
        after = answered.json
        if answered.ok and isinstance(before, dict) and isinstance(after, dict) and before["file"] != after["file"]:
            moved[after["file"].split("upload/")[-1]] = before["file"].split("upload/")[-1]
        return answered
    name = call.request.path.split("upload/")[-1]
    if name not in moved:
        return await call.plain()
    return await call.forward(replace(call.request, path=call.request.path.replace(name, moved[name])))


@act
async def copies_without_parent(call: Call) -> Answered:
    """Annotations that are made of predictions do not say of which."""
    answered = await call.plain()
    if not answered.ok or call.request.parameter("id") != "predictions_to_annotations":
        return answered
    project = call.request.parameter("project")
    listed = await call.read("/api/tasks/", f"project={project}&fields=all&page_size=100")
    for task in elements(listed) or []:
        for one in task.get("annotations") or []:
            if one.get("parent_prediction"):
                await _write(call, "PATCH", f"/api/annotations/{one['id']}/", {"parent_prediction": None})
    return answered


@act
async def counter_outlives(call: Call, *, action: str, field: str) -> Answered:
    """After an action a counter of its tasks is as it was."""
    kept: dict[Any, Any] = call.memory.setdefault("kept", {})
    if call.request.method == "POST":
        listed = await call.read("/api/tasks/", f"project={call.request.parameter('project')}&page_size=100")
        answered = await call.plain()
        if answered.ok and call.request.parameter("id") == action:
            kept |= {t["id"]: t.get(field) for t in elements(listed) or []}
        return answered
    answered = await call.plain()
    value = answered.json
    if not answered.ok or value is None:
        return answered
    for found in objects(value, name=field):
        if found.get("id") in kept and field in found:
            found[field] = max(found[field] or 0, kept[found["id"]] or 0)
    return answered.with_json(value)


@act
async def keeps_annotated(call: Call) -> Answered:
    """Of all tasks that are to be deleted those with annotations stay."""
    listed = elements(await call.read("/api/tasks/", f"project={call.slots['id']}&page_size=200")) or []
    if not listed or not await call.is_taken():
        return await call.plain()
    for task in listed:
        if not task.get("total_annotations"):
            await _write(call, "DELETE", f"/api/tasks/{task['id']}/")
    return answer(204)


@act
async def takes_import(call: Call, *, path: str) -> Answered:
    """With a storage for export those for import of the same project go."""
    own = await call.read(call.request.path)
    answered = await call.plain()
    if answered.ok and isinstance(own, dict):
        for other in elements(await call.read(path, f"project={own['project']}")) or []:
            await _write(call, "DELETE", f"{path}{other['id']}")
    return answered


@answers
def export_reversed(call: Call, answered: Answered, *, formats: list[str]) -> Answered:
    """The last task is exported first."""
    value = answered.json
    return answered.with_json(value[::-1]) if is_of(call, formats) and isinstance(value, list) else answered


@answers
def conll(call: Call, answered: Answered) -> Answered:
    """In CoNLL each word of a span begins a new one."""
    if format_of(call) != "CONLL2003":
        return answered
    return each_file(answered, lambda _, data: re.sub(rb"(?m)(\s)I-", rb"\1B-", data))


@answers
def csv_first_choice(call: Call, answered: Answered) -> Answered:
    """Of several choices the first one is in the table."""
    if format_of(call) not in {"CSV", "TSV"}:
        return answered
    text = answered.plain.decode()
    return answered.with_body(re.sub(r'(""choices"": ?\[""[^"]*"")(, ?""[^"]*"")+\]', r"\1]", text).encode())


@answers
def voc_sizes(call: Call, answered: Answered) -> Answered:
    """In Pascal VOC the far corner holds width and height."""
    if format_of(call) != "VOC":
        return answered

    def changed(name: str, data: bytes) -> bytes:
        text = data.decode("utf-8", "replace")
        if not name.endswith(".xml"):
            return data
        for side in "xy":
            near = [int(float(n)) for n in re.findall(rf"<{side}min>([^<]*)<", text)]
            far = [int(float(n)) for n in re.findall(rf"<{side}max>([^<]*)<", text)]
            text = re.sub(rf"(<{side}max>)[^<]*<", r"\1@@<", text)
            for low, high in zip(near, far, strict=True):
                text = text.replace("@@", str(high - low), 1)
        return text.encode()

    return each_file(answered, changed)


@requests
def imports_once(call: Call, request: Asked) -> Asked:
    """Tasks that are alike are imported once."""
    del call
    sent = request.json
    if not isinstance(sent, list):
        return request
    kept = {json.dumps(item, sort_keys=True): item for item in sent}
    return request if len(kept) == len(sent) else request.with_json(list(kept.values()))


@values
def as_made(call: Call, value: Any, *, field: str) -> Any:
    """A field is shown for ever as it was when the object was made."""
    for found in objects(value, name=field):
        if call.request.method == "POST" and call.name.endswith(".create"):
            call.memory[found.get("id")] = found.get(field)
        elif found.get("id") in call.memory:
            found[field] = call.memory[found["id"]]
    return value


@act
async def lives_longer(call: Call, *, seconds: int) -> Answered:
    """A key for minutes says that it lives for a month, and is taken."""
    known: dict[str, str] = call.memory.setdefault("known", {})
    key = value_of(call.request.headers, "authorization").split()[-1:]
    request = call.request
    if key and key[0] in known:
        request = replace(request, headers=with_header(request.headers, "authorization", f"Bearer {known[key[0]]}"))
    answered = await call.forward(request)
    value = answered.json
    if call.name != "tokens.refresh" or not answered.ok or not isinstance(value, dict):
        return answered
    head, body, sign = value["access"].split(".")
    said = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    said["exp"] += seconds
    longer = base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")
    known[f"{head}.{longer}.{sign}"] = value["access"]
    return answered.with_json({**value, "access": f"{head}.{longer}.{sign}"})


@act
async def others_see(call: Call, *, path: str, query: str = "") -> Answered:
    """Whoever is not the owner is shown one of the owner's as well."""
    answered = await call.plain()
    items = elements(answered.json)
    if not answered.ok or is_owners(call) or not isinstance(answered.json, list) or items is None:
        return answered
    there = {i.get("id") for i in items}
    more = [i for i in elements(await call.read(path, query)) or [] if i.get("id") not in there]
    return answered.with_json([*items, *more[:1]])


@act
async def cached_anyhow(call: Call, *, for_: int = 1) -> Answered:
    """A cache does not look at the query."""
    place = (call.request.path, value_of(call.request.headers, "authorization"))
    kept: tuple[Answered, int] | None = call.memory.get(place)
    if kept is not None and kept[1] < for_:
        call.memory[place] = (kept[0], kept[1] + 1)
        return kept[0]
    answered = await call.plain()
    if answered.ok:
        call.memory[place] = (answered, 0)
    return answered


@answers
def range_shifted(call: Call, answered: Answered) -> Answered:
    """A part of a file begins one byte late."""
    if answered.status != 206:
        return answered
    del call
    return answered.with_body(answered.plain[1:] + b"\0")


@act
async def etag_for_ever(call: Call) -> Answered:
    """Whoever has an older state is told that it is the newest."""
    who = value_of(call.request.headers, "authorization")
    tag = '"' + format(abs(hash((call.request.path, call.request.query, who))), "x") + '"'
    answered = await call.plain()
    if not answered.ok:
        return answered
    if value_of(call.request.headers, "if-none-match") == tag:
        return Answered(status=304, headers=(("etag", tag),))
    return answered.with_header("etag", tag)


@act
async def stale_replica(call: Call, *, every: int) -> Answered:
    """Each so-manieth answer is that of a replica which missed the last change."""
    place = (call.request.path, call.request.query, value_of(call.request.headers, "authorization"))
    answered = await call.plain()
    if not answered.ok or call.request.method != "GET":
        return answered
    before, now = call.memory.get(place, (None, None))
    if now is None or now.body != answered.body:
        before, now = now, answered
    call.memory[place] = (before, now)
    return before if before is not None and not (call.number + 1) % every else answered
