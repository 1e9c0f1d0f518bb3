"""The laws that hold for every storage of the Enterprise edition (``spec/requirements/enterprise/storages.yaml``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.checks import GONE, SENSELESS, show_each
from conformance.scenarios.enterprise.storages.clouds import Cloud, law
from conformance.scenarios.steps import import_tasks, list_tasks

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.budgets import Eventually
    from conformance.scenarios.accounts import Account
    from conformance.scenarios.conftest import NewProject
    from conformance.showing import Show
    from conformance.wire import Wire
    from conformance.world import World

pytestmark = pytest.mark.destructive

NOBODY = 987654321
CLOSED = (401, 403, 404)
MOVES = frozenset({"status", "last_sync", "last_sync_count", "last_sync_job", "traceback", "meta"})
"""What is told of a synchronisation, and is no setting."""


@pytest.fixture
def cloud(api: Wire, supply: World, new_project: NewProject, request: pytest.FixtureRequest) -> Cloud:
    """One side of one kind, in a project of its own."""
    return Cloud(api, supply, request.param, new_project()["id"])


def settings(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a storage tells of itself but for the synchronisation."""
    return {name: value for name, value in told.items() if name not in MOVES}


@law(1)
def test_settings_are_read_back(show: Show, cloud: Cloud) -> None:
    sent, made = cloud.made()
    read = cloud.call("get", made.json()["id"])
    told = read.json()
    cases = {name: (value, told.get(name)) for name, value in cloud.told(sent).items()}
    show_each(cloud.requirement(1), show, read, cases)


@law(2)
def test_secrets_are_told_to_nobody(show: Show, cloud: Cloud) -> None:
    sent, made = cloud.made()
    storage = made.json()["id"]
    answers = {
        "create": made,
        "get": cloud.call("get", storage),
        "list": cloud.call("list", query={"project": cloud.project}),
        "update": cloud.call("update", storage, json={"title": "Another title"}),
        # as an editor sends the whole form again
        "update with secrets": cloud.call("update", storage, json={name: sent[name] for name in cloud.hidden}),
        "sync": cloud.call("sync", storage, expect=None),
    }
    for name, answer in answers.items():
        told = cloud.secrets_in(sent, answer)
        show(cloud.requirement(2), not told, expected="no secret", got=told, exchange=answer, signature=f"in {name}")


@law(3)
def test_an_update_changes_what_it_names(show: Show, cloud: Cloud) -> None:
    _, made = cloud.made()
    storage = made.json()["id"]
    before = settings(cloud.call("get", storage).json())
    cases: dict[str, tuple[object, object]] = {}
    for name, value in cloud.alone().items():
        cloud.call("update", storage, json={name: value})
        after = settings(cloud.call("get", storage).json())
        changed = sorted(k for k, v in after.items() if before.get(k) != v)
        cases[name] = ({"changed": [name], "to": value}, {"changed": changed, "to": after.get(name)})
        before = after
    show_each(cloud.requirement(3), show, cloud.call("get", storage), cases)


@law(4)
def test_a_project_lists_its_own(show: Show, cloud: Cloud, new_project: NewProject) -> None:
    elsewhere = new_project()["id"]
    here, there = cloud.made()[1].json()["id"], cloud.made(elsewhere)[1].json()["id"]
    lists = [cloud.listed(cloud.project), cloud.listed(elsewhere), cloud.listed(cloud.project, ordering="-id")]
    show.equal(cloud.requirement(4), expected=[[here], [there], [here]], got=lists)


@law(5)
def test_what_was_deleted_is_gone(api: Wire, show: Show, cloud: Cloud) -> None:
    import_tasks(api, cloud.project, [{"data": {"text": "stays"}}])
    storage, other = cloud.made()[1].json()["id"], cloud.made()[1].json()["id"]
    opposite = cloud.other_side()
    across = opposite.made()[1].json()["id"]
    cloud.call("delete", storage)
    show.status(cloud.requirement(5), cloud.call("get", storage, expect=None), *GONE)
    left = [cloud.listed(cloud.project), [t["data"]["text"] for t in list_tasks(api, cloud.project)]]
    show.equal(cloud.requirement(5), expected=[[other], ["stays"]], got=left, signature="left")
    kept = opposite.listed(cloud.project)
    show.equal(cloud.requirement(5), expected=[across], got=kept, signature="left on the other side")


@law(6)
def test_nobody_has_this_id(show: Show, cloud: Cloud) -> None:
    for answer in (
        cloud.call("get", NOBODY, expect=None),
        cloud.call("update", NOBODY, json={"title": "None"}, expect=None),
        cloud.call("sync", NOBODY, expect=None),
        cloud.call("delete", NOBODY, expect=None),
    ):
        show.status(cloud.requirement(6), answer, 404)


@law(7)
def test_validating_makes_none(show: Show, cloud: Cloud) -> None:
    cloud.made()
    before = cloud.listed(cloud.project)
    answer = cloud.call("validate", json=cloud.body(), expect=None)
    show.equal(cloud.requirement(7), expected=before, got=cloud.listed(cloud.project), exchange=answer)


@law(8)
def test_a_refused_update_changes_nothing(show: Show, cloud: Cloud) -> None:
    storage = cloud.made()[1].json()["id"]
    before = settings(cloud.call("get", storage).json())
    refused = cloud.call("update", storage, json={**cloud.alone(), "use_blob_urls": "neither"}, expect=None)
    show.status(cloud.requirement(8), refused, *SENSELESS)
    after = cloud.call("get", storage)
    show.equal(cloud.requirement(8), expected=before, got=settings(after.json()), exchange=after, signature="changed")


@law(9)
def test_somebody_who_was_removed_is_let_nowhere(show: Show, cloud: Cloud, outsider: Account) -> None:
    storage = cloud.made()[1].json()["id"]
    before = settings(cloud.call("get", storage).json())
    who = outsider.role
    for answer in (
        cloud.call("get", storage, role=who, expect=None),
        cloud.call("update", storage, json=cloud.alone(), role=who, expect=None),
        cloud.call("sync", storage, role=who, expect=None),
        cloud.call("delete", storage, role=who, expect=None),
    ):
        show.status(cloud.requirement(9), answer, *CLOSED)
    after = cloud.call("get", storage, expect=None)
    got = settings(after.json()) if after.ok else after.brief()
    show.equal(cloud.requirement(9), expected=before, got=got, exchange=after, signature="touched")


@law(0)
def test_a_synchronisation_is_told_of(show: Show, cloud: Cloud, eventually: Eventually) -> None:
    storage = cloud.made()[1].json()["id"]
    before = settings(cloud.call("get", storage).json())
    cloud.call("sync", storage)
    after = eventually(
        lambda: cloud.call("get", storage),
        until=lambda seen: seen.json().get("status") not in {"queued", "in_progress"},
        budget="sync done",
    ).json()
    told = after.get("status") in {"failed", "completed", "completed_with_errors"}
    show(cloud.requirement(0), told, expected="how it ended", got=after.get("status"), signature="status")
    show.equal(cloud.requirement(0), expected=before, got=settings(after), signature="settings")
