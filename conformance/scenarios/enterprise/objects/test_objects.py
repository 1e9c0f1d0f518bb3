"""The laws that hold for every kind of object (``spec/requirements/enterprise/objects.yaml``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.checks import GONE, SENSELESS, show_each
from conformance.scenarios.enterprise.objects.kinds import CREATED, NOBODY, Objects, creator, law, requirement
from conformance.world.making import CannotMake

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.scenarios.accounts import Account
    from conformance.showing import Show
    from conformance.wire import Exchange, Wire
    from conformance.world import World

pytestmark = pytest.mark.destructive

CLOSED = (401, 403, 404)


@pytest.fixture
def objects(api: Wire, show: Show, supply: World, kind: str) -> Objects:
    """The kind's objects, in a place of the test's own."""
    found = Objects(api, supply, kind)
    try:
        _ = found.path
    except CannotMake as problem:
        show.blocked(problem.by, str(problem))
    return found


def pairs(expected: Mapping[str, Any], got: Mapping[str, Any]) -> dict[str, tuple[object, object]]:
    """Return what was expected and what came, by name."""
    return {name: (value, got.get(name, "(not there)")) for name, value in expected.items()}


def same(show: Show, requirement_id: str, before: Mapping[str, Any], after: Exchange, *, about: str = "") -> bool:
    """Show that an object is as it was."""
    if not after.ok:
        return show.status(requirement_id, after, 200)
    return show_each(requirement_id, show, after, pairs(before, after.json()), about=about)


@law(1)
def test_it_is_read_back_as_it_was_sent(show: Show, objects: Objects, supply: World, kind: str) -> None:
    sent, made = objects.made()
    read = objects.get(made["id"])
    show_each(requirement(kind, 1), show, read, pairs(objects.told(sent), read.json()))
    if kind in CREATED:
        told = read.json()["created_by"]
        me = told["id"] if isinstance(told, dict) else told
        show.equal(creator(kind), expected=supply.get("me"), got=me, exchange=read)


@law(2)
def test_the_list_has_it_once(show: Show, objects: Objects, kind: str) -> None:
    sent, made = objects.made()
    objects.made()
    listed = objects.listing(sent)
    items = [item for item in objects.listed(listed) if item["id"] == made["id"]]
    cases: dict[str, tuple[object, object]] = {"how often": (1, len(items))}
    if items:
        cases |= pairs({k: v for k, v in objects.told(sent).items() if k in items[0]}, items[0])
    show_each(requirement(kind, 2), show, listed, cases)


@law(3)
def test_an_update_changes_what_it_names(show: Show, objects: Objects, kind: str) -> None:
    _, made = objects.made()
    before = objects.get(made["id"]).json()
    cases: dict[str, tuple[object, object]] = {}
    for name, value in objects.values(objects.kind.alone).items():
        objects.update(made["id"], {name: value})
        after = objects.get(made["id"]).json()
        changed = sorted(k for k, v in after.items() if before.get(k) != v and k not in objects.kind.moves)
        cases[name] = ({"changed": [name], "to": value}, {"changed": changed, "to": after.get(name)})
        before = after
    show_each(requirement(kind, 3), show, objects.get(made["id"]), cases)


@law(4)
def test_those_beside_it_stay_as_they_are(show: Show, objects: Objects, kind: str) -> None:
    _, neighbour = objects.made()
    _, made = objects.made()
    before = objects.get(neighbour["id"]).json()
    objects.update(made["id"], objects.values(objects.kind.alone))
    if same(show, requirement(kind, 4), before, objects.get(neighbour["id"], expect=None), about="after an update"):
        objects.delete(made["id"])
        same(show, requirement(kind, 4), before, objects.get(neighbour["id"], expect=None), about="after a deletion")


@law(5)
def test_what_was_deleted_is_gone(show: Show, objects: Objects, kind: str) -> None:
    sent, made = objects.made()
    objects.delete(made["id"])
    read = objects.get(made["id"], expect=None)
    listed = objects.listing(sent)
    there = made["id"] in [item["id"] for item in objects.listed(listed)]
    show.status(requirement(kind, 5), read, *GONE)
    show(requirement(kind, 5), not there, expected="not in the list", got="in the list", exchange=listed)


@law(6)
def test_nobody_has_this_id(show: Show, objects: Objects, kind: str) -> None:
    answers = {
        "get": objects.get(NOBODY, expect=None),
        "update": objects.update(NOBODY, objects.values(objects.kind.alone), expect=None),
        "delete": objects.delete(NOBODY, expect=None),
    }
    for answer in answers.values():
        show.status(requirement(kind, 6), answer, 404)


@law(7)
def test_without_what_is_required_none_is_made(show: Show, objects: Objects, kind: str) -> None:
    sent, _ = objects.made()
    before = len(objects.listed(objects.listing(sent)))
    body = {k: v for k, v in objects.values(objects.kind.body).items() if k != objects.kind.required}
    refused = objects.create(body, expect=None)
    show.status(requirement(kind, 7), refused, *SENSELESS)
    after = objects.listing(sent)
    show.equal(
        requirement(kind, 7), expected=before, got=len(objects.listed(after)), exchange=after, signature="made one"
    )


@law(8)
def test_a_refused_update_changes_nothing(show: Show, objects: Objects, kind: str) -> None:
    _, made = objects.made()
    before = objects.get(made["id"]).json()
    body = {**objects.values(objects.kind.alone), **objects.kind.wrong}
    refused = objects.update(made["id"], body, expect=None)
    show.status(requirement(kind, 8), refused, *SENSELESS)
    same(show, requirement(kind, 8), before, objects.get(made["id"]), about="refused")


@law(9)
def test_somebody_who_was_removed_is_let_nowhere(show: Show, objects: Objects, outsider: Account, kind: str) -> None:
    sent, made = objects.made()
    before = objects.get(made["id"]).json()
    asked = {
        "get": objects.get(made["id"], role=outsider.role, expect=None),
        "update": objects.update(made["id"], objects.values(objects.kind.alone), role=outsider.role, expect=None),
        "delete": objects.delete(made["id"], role=outsider.role, expect=None),
    }
    for answer in asked.values():
        show.status(requirement(kind, 9), answer, *CLOSED)
    listed = objects.listing(sent, role=outsider.role, expect=None)
    seen = listed.ok and made["id"] in [item["id"] for item in objects.listed(listed)]
    show(
        requirement(kind, 9),
        not seen,
        expected="not in their list",
        got=listed.brief(),
        exchange=listed,
        signature="listed",
    )
    same(show, requirement(kind, 9), before, objects.get(made["id"], expect=None), about="touched")


@law(0)
def test_what_the_server_decides_is_not_updated(show: Show, objects: Objects, kind: str) -> None:
    _, made = objects.made()
    before = objects.get(made["id"]).json()
    cases: dict[str, tuple[object, object]] = {}
    answer = objects.get(made["id"])
    for name, value in objects.kind.owned.items():
        answer = objects.update(made["id"], {name: value}, expect=None)
        after = objects.get(made["id"], expect=None)
        cases[name] = (before.get(name), after.json().get(name) if after.ok else after.brief())
    show_each(requirement(kind, 0), show, answer, cases)
