"""An object is the same in each list and by itself; HEAD is GET without a body; refusals and times have one form."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any

import pytest

from conformance.contract.json_equal import equal
from conformance.world import make_rich
from conformance.world.addresses import unused
from conformance.world.rich.objects import HOME

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conformance.showing import Show
    from conformance.wire import Exchange, Wire
    from conformance.world import RichWorld, Services
    from conformance.world.rich.places import Rich

ZONED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)\Z")
LISTS = {
    "project": "projects.list",
    "task": "tasks.list",
    "prediction": "predictions.list",
    "view": "views.list",
    "webhook": "webhooks.list",
    "export": "projects.exports.list",
    "file": "files.list",
    "user": "users.list",
    "local_import": "import_storage.local.list",
    "local_export": "export_storage.local.list",
    "annotation": "annotations.list",
}
XOR = {"conjunction": "xor", "items": []}
# relative to now, or moved by being asked
LOOSE = {"created_ago", "last_activity"}
# what is in an object: each view on it tells as much of that as it likes, but not of something else
INSIDE = {"annotations", "predictions", "drafts"}


@pytest.fixture
def home(api: Wire, services: Services, new_name: Callable[[str], str]) -> RichWorld:
    """One place with everything that needs no service."""
    return make_rich(
        api, services, new_name, parts=("labels", "views", "webhooks", "files", "exports", "local"), places=(HOME,)
    )


def listed(api: Wire, home: RichWorld, kind: str) -> Exchange:
    """The list that shows objects of a kind at home."""
    operation = LISTS[kind]
    if kind in {"export", "file"}:
        return api.call(operation, id=home.project, query={"all": "true"} if kind == "file" else None)
    if kind == "annotation":
        return api.call(operation, id=home.home["first"].id)
    if kind == "task":
        return api.call(operation, query={"project": home.project, "fields": "all", "page_size": 100})
    query = {"user": None, "project": {"ids": home.project}}.get(kind, {"project": home.project})
    return api.call(operation, query=query)


def read(api: Wire, home: RichWorld, kind: str, identity: object) -> Exchange:
    """One object by itself."""
    operation = api.resources.kinds[kind].read or ""
    if kind == "export":
        return api.call(operation, id=home.project, export_pk=identity)
    return api.call(operation, id=identity)


def items(answer: Exchange) -> list[dict[str, Any]]:
    """Return what a list holds, with or without pages."""
    told = answer.json()
    found: list[dict[str, Any]] = (
        told if isinstance(told, list) else next(v for v in told.values() if isinstance(v, list))
    )
    return found


def times(value: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Every time in an answer, by the names that lead to it."""
    if isinstance(value, dict):
        for name, held in value.items():
            if name in {"data", "meta", "result", "sent"}:
                continue
            if isinstance(held, str) and name.endswith("_at"):
                yield f"{place}{name}", held
            else:
                yield from times(held, f"{place}{name}.")
    elif isinstance(value, list):
        for held in value:
            yield from times(held, place)


def wrong_one(made: Rich | None, field: str, shown: Exchange, alone: Exchange, listed: object) -> Exchange:
    """Of two answers that say different things of a field, the one that the creation does not bear out."""
    sources = [s for s in (made.sent, made.answered) if isinstance(s, dict)] if made else []
    return alone if any(equal(listed, source[field]) for source in sources if field in source) else shown


def show_alike(
    show: Show, kind: str, identity: object, shown: Exchange, alone: Exchange, *, made: Rich | None = None
) -> None:
    """Show that a list has the object, and says of it what the object says itself.

    Args:
        show: records it.
        kind: of the object.
        identity: of the object.
        shown: the list.
        alone: the object.
        made: how it was made, where that is known: so the one of the two that is wrong can be told.
    """
    item = next((i for i in items(shown) if i.get("id") == identity), None)
    show("LS-AGREE-030", item is not None, expected=f"the {kind}", got="none", exchange=shown, signature=kind)
    for field, value in alone.json().items():
        if item is None or field not in item or field in LOOSE:
            continue
        of_list, by_itself = (held(field, one) for one in (item[field], value))
        show(
            "LS-AGREE-031",
            of_list == by_itself,
            expected=f"{field}: {by_itself!r}",
            got=of_list,
            exchange=wrong_one(made, field, shown, alone, item[field]),
            signature=f"{kind}.{field}",
        )


def held(field: str, value: Any) -> Any:
    """Return what of a field is the same in each view: of what is inside, the ids; an empty text is no draft."""
    if field not in INSIDE or not isinstance(value, list | str | None):
        return value
    return sorted(one["id"] if isinstance(one, dict) else one for one in value or ())


def show_head(api: Wire, show: Show, get: Exchange) -> None:
    """Show that HEAD is answered as GET was."""
    head = api.request("HEAD", get.request.url.removeprefix(api.base_url))
    show.equal(
        "LS-AGREE-032",
        expected=[get.status, get.content_type, 0],
        got=[head.status, head.content_type, len(head.content)],
        exchange=head,
        signature=get.operation.id if get.operation else "",
    )


def in_zone(time: dt.datetime) -> dt.datetime:
    """The time; in UTC where it does not say in which zone it is."""
    return time if time.tzinfo else time.replace(tzinfo=dt.UTC)


def show_times(show: Show, kind: str, answer: Exchange) -> None:
    """Show that times have a zone, and that what changed was there before."""
    found = dict(times(answer.json()))
    for name, value in found.items():
        form = ZONED.match(value) is not None
        place = f"{kind}.{name}"
        show("LS-AGREE-033", form, expected="ISO 8601 with a zone", got=value, exchange=answer, signature=place)
    if {"created_at", "updated_at"} <= set(found):
        made, changed = (dt.datetime.fromisoformat(found[n]) for n in ("created_at", "updated_at"))
        order = in_zone(made) <= in_zone(changed)
        show("LS-AGREE-034", order, expected="created before changed", got=found, exchange=answer, signature=kind)


@pytest.mark.requirement("LS-AGREE-030", "LS-AGREE-031", "LS-AGREE-032", "LS-AGREE-033", "LS-AGREE-034")
def test_each_object_is_one_however_it_is_asked_for(api: Wire, show: Show, home: RichWorld) -> None:
    for kind in LISTS:
        rich = next(iter(home.home.of(kind)), None)
        if rich is None:
            continue
        shown, alone = listed(api, home, kind), read(api, home, kind, rich.id)
        show_alike(show, kind, rich.id, shown, alone, made=rich)
        show_times(show, kind, alone)
        for get in (shown, alone):
            show_head(api, show, get)


@pytest.mark.requirement("LS-AGREE-035", "LS-AGREE-036")
def test_refusals_have_one_form_and_name_the_field(api: Wire, show: Show, home: RichWorld) -> None:
    project, task = home.project, home.home["first"].id
    cases: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
        ("projects.create", "sampling", {"title": "refused", "sampling": "by taste"}, {}),
        ("projects.update", "maximum_annotations", {"maximum_annotations": "many"}, {"id": project}),
        ("tasks.create", "data", {"project": project}, {}),
        ("tasks.update", "overlap", {"overlap": "many"}, {"id": task}),
        ("annotations.create", "lead_time", {"result": [], "lead_time": "long"}, {"id": task}),
        ("annotations.update", "completed_by", {"completed_by": "me"}, {"id": home.home["truth"].id}),
        ("predictions.create", "score", {"task": task, "result": [], "score": "high"}, {}),
        ("predictions.update", "score", {"score": "high"}, {"id": home.home["guess"].id}),
        ("views.create", "project", {"project": "mine", "data": {}}, {}),
        ("webhooks.create", "url", {"project": project}, {}),
        ("webhooks.update", "url", {"url": "no address"}, {"id": home.home["silent"].id}),
        ("webhooks.update", "actions", {"actions": ["SOMETHING"]}, {"id": home.home["silent"].id}),
        ("projects.exports.create", "title", {"title": ["a"]}, {"id": project}),
        ("import_storage.local.create", "path", {"project": project}, {}),
        ("users.create", "username", {"email": "refused@example.com"}, {}),
    ]
    for operation, field, body, path in cases:
        answer = api.call(operation, json=body, expect=None, **path)
        if answer.succeeded:
            continue  # whether it is to be refused is another question
        try:
            told = answer.json()
        except ValueError:
            told = None
        form = (
            isinstance(told, dict) and told.get("status_code") == answer.status and isinstance(told.get("detail"), str)
        )
        show(
            "LS-AGREE-035",
            form,
            expected="an object with status_code and detail",
            got=answer.text[:200],
            exchange=answer,
            signature=operation,
        )
        show(
            "LS-AGREE-036",
            field in answer.text,
            expected=f"the name of the field: {field}",
            got=answer.text[:300],
            exchange=answer,
            signature=f"{operation}: {field}",
        )


@pytest.mark.requirement("LS-AGREE-037")
def test_what_creation_refuses_an_update_refuses(api: Wire, show: Show, home: RichWorld) -> None:
    """The same body, once for a new object and once for one that is there."""
    project, task = home.project, home.home["first"].id
    hook = {"project": project, "url": unused(api)}
    silent, third, alone = ({"id": home.home[name].id} for name in ("silent", "third", "alone"))
    cases: list[tuple[str, dict[str, Any], dict[str, Any], dict[str, Any]]] = [
        ("webhooks", {"actions": ["PROJECT_DELETED"]}, hook, silent),
        ("webhooks", {"actions": ["PROJECT_CREATED"]}, hook, silent),
        ("webhooks", {"headers": ["a"]}, hook, silent),
        ("webhooks", {"url": "ftp://192.175.48.1"}, {"project": project}, silent),
        ("tasks", {"data": ["a"]}, {"project": project}, third),
        ("tasks", {"data": {}}, {"project": project}, third),
        ("tasks", {"overlap": -1}, {"project": project, "data": {"text": "a"}}, third),
        ("projects", {"maximum_annotations": -1}, {}, {"id": project}),
        ("projects", {"overlap_cohort_percentage": 1000}, {}, {"id": project}),
        ("projects", {"label_config": "<View><Choices name='a' toName='b'/></View>"}, {}, {"id": project}),
        ("projects", {"color": "#" * 30}, {}, {"id": project}),
        ("predictions", {"result": "a"}, {"task": task}, alone),
        ("predictions", {"score": "high"}, {"task": task, "result": []}, alone),
        ("users", {"username": "x" * 300}, {"email": "refused@example.com"}, {"id": home.home["person"].id}),
        ("views", {"data": {"filters": XOR}}, {"project": project}, {"id": home.home["view"].id}),
    ]
    for kind, body, needed, path in cases:
        deed = ", ".join(f"{name}: {str(value)[:40]}" for name, value in body.items())
        made = api.call(f"{kind}.create", json={**needed, **body}, expect=None, deed=deed)
        changed = api.call(f"{kind}.update", json=body, expect=None, deed=deed, **path)
        show(
            "LS-AGREE-037",
            made.succeeded == changed.succeeded,
            expected=f"the same of both; creation: {made.status}",
            got=f"{changed.brief()}: {changed.text[:120]}",
            exchange=changed,
            signature=f"{kind} {next(iter(body))} {made.status // 100}xx, then {changed.status // 100}xx",
        )
