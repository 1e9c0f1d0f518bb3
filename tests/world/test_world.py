"""The world makes what is asked for, once, and again when it was consumed; scopes leave nothing behind."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from conformance.contract import ContractError, load_contract
from conformance.contract.tables.resources import load_resources
from conformance.peers import PeerUnavailable
from conformance.world import CannotMake, Services, load_requests
from conformance.world.services import NOWHERE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.properties.conftest import Bench


def test_what_hangs_on_something_is_made_after_it(bench: Callable[..., Bench]) -> None:
    made = bench()
    annotation = made.world.get("annotation")
    assert made.world.get("annotation") == annotation
    assert [m for m, _, _ in made.responder.requests] == ["POST", "POST", "POST"]
    assert {kind for kind, _ in made.responder.objects} == {"project", "task", "annotation"}


def test_what_was_deleted_is_made_again(bench: Callable[..., Bench]) -> None:
    made = bench()
    task = made.world.get("task")
    made.world.send(made.world.request("tasks.delete"))
    again = made.world.get("task")
    assert again != task
    made.world.send(made.world.request("projects.delete"))
    assert made.world.known("task") is None


def test_a_refused_delete_of_something_else_consumes_nothing(bench: Callable[..., Bench]) -> None:
    made = bench()
    task = made.world.get("task")
    made.world.note(made.wire.call("tasks.delete", id=999_999, expect=404))
    assert made.world.known("task") == task


def test_a_scope_leaves_nothing_behind(bench: Callable[..., Bench]) -> None:
    made = bench()
    outer = made.world.get("project")
    with made.world.scope():
        assert made.world.get("project") != outer
        made.world.get("annotation")
    assert made.world.get("project") == outer
    assert {key for key in made.responder.objects if key[0] == "project"} == {("project", str(outer))}
    assert [(e.kind, e.identity) for e in made.wire.ledger] == [("project", str(outer))]


def test_a_restart_empties_the_scope(bench: Callable[..., Bench]) -> None:
    made = bench()
    with made.world.scope():
        project = made.world.get("project")
        made.world.restart()
        assert ("project", str(project)) not in made.responder.objects
        assert made.world.known("project") is None


def test_what_can_t_be_made_says_by_what(bench: Callable[..., Bench]) -> None:
    def broken(operation: Any, answer: Any) -> Any:
        return (500, {"detail": "no"}) if operation.id == "tasks.create" else answer

    with pytest.raises(CannotMake, match="500") as problem:
        bench(answer=broken).world.get("annotation")
    assert problem.value.by == "tasks.create#success"


def test_making_is_not_observed(bench: Callable[..., Bench]) -> None:
    made = bench()
    made.world.get("annotation")
    assert made.wire.recorder.observations == ()


def test_every_reference_in_the_data_is_known() -> None:
    kinds = set(load_resources().kinds) | {"me", "new", "email", "text", "peer", "user"}
    table = load_requests()
    for operation_id, name in table.references():
        head, _, rest = name.partition(".")
        assert head in kinds, f"{operation_id}: ${name}"
        if head == "text":
            assert rest in table.texts


def test_every_operation_has_its_path_and_required_query() -> None:
    table, resources = load_requests(), load_resources()
    for operation in load_contract():
        template = table[operation.id]
        assert set(operation.slots) <= set(template.path) | set(resources.slot_kinds(operation)), operation.id
        required = {p.name for p in operation.parameters if p.location == "query" and p.required and not p.exploded}
        assert required <= set(template.query), operation.id


def test_an_unknown_operation_or_key_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "requests.yaml"
    file.write_text("texts: {}\noperations: {no.such: {}}\n")
    with pytest.raises(ContractError, match=r"no\.such"):
        load_requests(file)
    file.write_text("texts: {}\noperations: {projects.create: {body: {}}}\n")
    with pytest.raises(ContractError, match="body"):
        load_requests(file)


def test_without_peers_what_needs_none_still_works() -> None:
    services = Services(None, url="http://127.0.0.1:1")
    assert services.fact("webhooks.url") == NOWHERE
    for fact in ("s3.bucket", "redis.host", "gcs.bucket", "ml.url", "azure", "azure.account_key", "local.path"):
        with pytest.raises(PeerUnavailable):
            services.fact(fact)


def test_loopback_peers_are_no_use_to_a_target_elsewhere() -> None:
    class Explodes:
        def __getattr__(self, name: str) -> object:
            raise AssertionError(f"asked for {name}")

    services = Services(Explodes(), url="http://10.1.2.3:8080")  # type: ignore[arg-type]
    with pytest.raises(PeerUnavailable):
        services.fact("s3.bucket")


def test_what_changes_for_everybody_is_written_back(bench: Callable[..., Bench]) -> None:
    policy = {"max_session_age": 20160, "max_time_between_activity": 4320, "shown": "only shown"}

    def settings(operation: Any, answer: Any) -> Any:
        if operation.id == "session_policy.update":
            policy.update(json.loads(made.responder.requests[-1][2]), shown="another")
        return (200, dict(policy)) if operation.id == "session_policy.get" else answer

    made = bench(answer=settings)
    with made.world.restoring("session_policy.update"):
        made.wire.call("session_policy.update", json={"max_session_age": 1})
    method, path, body = made.responder.requests[-1]
    assert (method, path) == ("PATCH", "/api/session-policy/")
    assert json.loads(body) == {"max_session_age": 20160}


def test_what_stayed_as_it_was_is_not_written(bench: Callable[..., Bench]) -> None:
    made = bench()
    with made.world.restoring("session_policy.update"):
        made.wire.call("session_policy.update", json={})
    methods = [method for method, path, _ in made.responder.requests if path == "/api/session-policy/"]
    assert methods == ["GET", "PATCH", "GET"]


def test_what_one_operation_undoes_another_may_have_done(bench: Callable[..., Bench]) -> None:
    saml = {"domain": "example.com"}

    def settings(operation: Any, answer: Any) -> Any:
        if operation.id == "sso.saml.reset":
            saml["domain"] = ""
        return (200, dict(saml)) if operation.id == "sso.saml.get" else answer

    made = bench(answer=settings)
    with made.world.restoring("sso.saml.reset"):
        made.wire.call("sso.saml.reset")
    method, path, body = made.responder.requests[-1]
    assert (method, path) == ("POST", "/api/saml/settings")
    assert json.loads(body) == {"domain": "example.com"}
