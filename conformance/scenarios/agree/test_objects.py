"""An object is the same in each list and by itself; HEAD is GET without a body; refusals and times have one form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.agree.comparing.alike import (
    LISTS,
    items,
    show_alike,
    show_head,
    show_times,
)
from conformance.world import make_rich
from conformance.world.addresses import unused
from conformance.world.rich.objects import HOME

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.showing import Show
    from conformance.wire import Exchange, Wire
    from conformance.world import RichWorld, Services

XOR = {"conjunction": "xor", "items": []}


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


def beside(home: RichWorld, kind: str, name: str) -> bool:
    """Whether the list of its kind has to show an object: one of annotations has those of a task.

    Whether it has the skipped ones no source says.
    """
    made = home.home[name]
    if kind != "annotation":
        return True
    return made.answered["task"] == home.home["first"].id and not made.sent.get("was_cancelled")


def read(api: Wire, home: RichWorld, kind: str, identity: object) -> Exchange:
    """One object by itself."""
    operation = api.resources.kinds[kind].read or ""
    if kind == "export":
        return api.call(operation, id=home.project, export_pk=identity)
    return api.call(operation, id=identity)


@pytest.mark.requirement("LS-AGREE-030", "LS-AGREE-031", "LS-AGREE-032", "LS-AGREE-033", "LS-AGREE-034")
def test_each_object_is_one_however_it_is_asked_for(api: Wire, show: Show, home: RichWorld) -> None:
    for kind in LISTS:
        rich = next(iter(home.home.of(kind)), None)
        if rich is None:
            continue
        shown, alone = listed(api, home, kind), read(api, home, kind, rich.id)
        there = {one.get("id") for one in items(shown)}
        hidden = [one.name for one in home.home.of(kind) if one.id not in there and beside(home, kind, one.name)]
        show.equal("LS-AGREE-030", expected=[], got=hidden, exchange=shown, signature=f"{kind}: {', '.join(hidden)}")
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
        # the last one: a server that stores such data can not save this task, or a prediction of it, any more
        ("tasks", {"data": ["a"]}, {"project": project}, third),
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
