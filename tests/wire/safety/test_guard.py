"""On a target that is not disposable, nothing leaves that could touch what this run did not create."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.judge import Outcome
from conformance.wire import RefusedByGuard
from tests.wire.conftest import FakeTransport, response

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.wire import Wire


@pytest.fixture
def guarded(make_wire: Callable[..., Wire]) -> Wire:
    wire = make_wire(disposable=False)
    wire.ledger.add("project", 7)
    wire.ledger.add("task", 70, ("project", "7"))
    return wire


FOREIGN: list[tuple[str, dict[str, Any]]] = [
    ("projects.update", {"id": 8, "json": {"title": "mine now"}}),
    ("projects.delete", {"id": 8}),
    ("tasks.create", {"json": {"project": 8, "data": {}}}),
    ("tasks.create", {"json": {"data": {}}}),
    ("tasks.delete_all_tasks", {"id": 8}),
    ("annotations.create", {"id": 80, "json": {"result": []}}),
    ("projects.import_tasks", {"id": 8, "json": [{"text": "x"}]}),
    ("projects.import_tasks", {"id": 8, "files": {"file": ("a.json", b"[]")}}),
    ("views.create", {"json": {"project": 8}}),
    ("views.delete_all", {"query": {"project": 8}}),
    ("views.delete_all", {}),
    ("webhooks.create", {"json": {"url": "http://x"}}),
    ("webhooks.create", {"json": {"url": "http://x", "project": 8}}),
    (
        "actions.create",
        {"query": {"id": "delete_tasks", "project": 8}, "json": {"selectedItems": {"all": True}}},
    ),
    (
        "actions.create",
        {"query": {"id": "x", "project": 7}, "json": {"selectedItems": {"all": False, "included": [80]}}},
    ),
    ("files.delete_many", {"id": 7, "json": {"file_upload_ids": [1]}}),
    ("import_storage.s3.create", {"json": {"project": "8", "bucket": "b"}}),
    ("import_storage.s3.sync", {"id": 3}),
    ("predictions.create", {"data": {"task": "80"}}),
    ("annotations.create", {"id": 70, "files": {"parent_annotation": (None, b"9")}}),
]


@pytest.mark.parametrize(("operation", "arguments"), FOREIGN, ids=lambda v: v if isinstance(v, str) else None)
def test_a_write_that_names_somebody_elses_object_is_refused(
    guarded: Wire, transport: FakeTransport, operation: str, arguments: dict[str, Any]
) -> None:
    with pytest.raises(RefusedByGuard):
        guarded.call(operation, **arguments)
    assert transport.sent == []
    assert [o.outcome for o in guarded.recorder.observations] == [Outcome.REFUSED]
    assert guarded.recorder.statistics.refused == 1


def test_everything_that_can_hurt_the_instance_is_refused(guarded: Wire, transport: FakeTransport) -> None:
    for operation_id, hazard in guarded.resources.hazards.items():
        if hazard.spared == "made":
            continue
        operation = guarded.contract[operation_id]
        slots: dict[str, Any] = dict.fromkeys(operation.slots, 7)
        with pytest.raises(RefusedByGuard):
            guarded.call(operation_id, json={} if operation.body else None, **slots)
    assert transport.sent == []


def test_an_account_of_the_run_may_do_to_itself_what_it_likes(guarded: Wire, transport: FakeTransport) -> None:
    with pytest.raises(RefusedByGuard):
        guarded.request("POST", "/user/signup/")
    with guarded.own_account():
        guarded.request("POST", "/user/signup/")
        guarded.call("tokens.create", expect=None)
        with pytest.raises(RefusedByGuard):
            guarded.call("projects.delete", id=8)
        with pytest.raises(RefusedByGuard):
            guarded.call("session_policy.update", json={})
    assert [r.url.partition("test")[2] for r in transport.sent] == ["/user/signup/", "/api/token/"]


def test_accounts_that_the_run_made_may_be_changed_and_removed(guarded: Wire, transport: FakeTransport) -> None:
    transport.answer = lambda _: response(201, {"id": 9})
    guarded.call("users.create", json={"email": "a@example.com"}, expect=None)
    guarded.call("users.update", id=9, json={"first_name": "Ann"}, expect=None)
    guarded.call("organizations.members.delete", id=1, user_pk=9, expect=None)
    guarded.call("users.delete", id=9, expect=None)
    with pytest.raises(RefusedByGuard):
        guarded.call("organizations.members.delete", id=1, user_pk=1)
    with pytest.raises(RefusedByGuard):
        guarded.call("users.update", id=1, json={"first_name": "Mallory"})
    assert len(transport.sent) == 4


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("tasks.update", {"id": 70, "json": {"project": None}}),
        ("tasks.update", {"id": 70, "data": {"project": ""}}),
        ("tasks.update", {"id": 70, "files": {"project": (None, "")}}),
        ("views.create", {"json": {"project": 7, "data": {"filters": {"conjunction": "and", "items": []}}}}),
        ("views.create", {"json": {"project": 7, "filter_group": {"conjunction": "and"}}}),
    ],
)
def test_what_nothing_undoes_is_not_done(
    guarded: Wire, transport: FakeTransport, operation: str, arguments: dict[str, Any]
) -> None:
    with pytest.raises(RefusedByGuard):
        guarded.call(operation, **arguments)
    assert transport.sent == []


def test_what_only_makes_something_may_name_nothing(guarded: Wire, transport: FakeTransport) -> None:
    guarded.call("predictions.create", json={"result": []}, expect=None)
    guarded.call("tasks.create", content=b"\xff", headers={"Content-Type": "application/json"}, expect=None)
    with pytest.raises(RefusedByGuard):
        guarded.call("annotations.delete_bulk", json={}, expect=None)
    assert len(transport.sent) == 2


def test_files_that_the_run_uploaded_are_the_runs(guarded: Wire, transport: FakeTransport) -> None:
    transport.answer = lambda _: response(201, {"task_count": 1, "file_upload_ids": [5]})
    guarded.call("projects.import_tasks", id=7, files={"file": ("a.csv", b"text\na\n")}, expect=None)
    guarded.call("files.delete", id=5, expect=None)
    with pytest.raises(RefusedByGuard):
        guarded.call("files.delete", id=6)


OWN: list[tuple[str, dict[str, Any]]] = [
    ("projects.create", {"json": {"title": "new"}}),
    ("projects.update", {"id": 7, "json": {"title": "other"}}),
    ("projects.delete", {"id": 7}),
    ("tasks.create", {"json": {"project": 7, "data": {}}}),
    ("tasks.delete", {"id": 70}),
    ("annotations.create", {"id": 70, "json": {"result": []}}),
    ("projects.import_tasks", {"id": 7, "files": {"file": ("a.json", b"[]")}}),
    ("views.delete_all", {"query": {"project": 7}}),
    ("projects.list", {}),
    ("projects.get", {"id": 8}),
]


@pytest.mark.parametrize(("operation", "arguments"), OWN, ids=lambda v: v if isinstance(v, str) else None)
def test_reading_and_writing_to_our_own_objects_is_allowed(
    guarded: Wire, transport: FakeTransport, operation: str, arguments: dict[str, Any]
) -> None:
    guarded.call(operation, expect=None, **arguments)
    assert len(transport.sent) == 1


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "MKCOL"])
@pytest.mark.parametrize("path", ["/api/unknown/", "/api/projects/8/", "/api/projects/8/undeclared", "/user/logout"])
def test_an_unsafe_method_outside_the_contract_is_refused(
    guarded: Wire, transport: FakeTransport, method: str, path: str
) -> None:
    with pytest.raises(RefusedByGuard):
        guarded.request(method, path)
    assert transport.sent == []


def test_an_encoded_identity_is_compared_as_the_server_reads_it(guarded: Wire, transport: FakeTransport) -> None:
    guarded.request("DELETE", "/api/projects/%37/")
    assert len(transport.sent) == 1
    with pytest.raises(RefusedByGuard):
        guarded.request("DELETE", "/api/projects/%38/")


def test_tasks_of_an_own_project_are_ours_once_seen(guarded: Wire, transport: FakeTransport) -> None:
    transport.answer = lambda _: response(200, {"tasks": [{"id": 71, "project": 7}, {"id": 81, "project": 8}]})
    guarded.call("tasks.list", query={"project": 7}, expect=None)
    guarded.call("tasks.delete", id=71, expect=None)
    with pytest.raises(RefusedByGuard):
        guarded.call("tasks.delete", id=81, expect=None)


def test_a_disposable_target_refuses_nothing(wire: Wire, transport: FakeTransport) -> None:
    wire.call("projects.delete", id=8, expect=None)
    assert len(transport.sent) == 1
