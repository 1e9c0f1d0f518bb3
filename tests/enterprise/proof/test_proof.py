"""Each must of the Enterprise edition has a fault of the stand-in that its check finds; and faults do what they say."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from conformance.contract import load_contract
from conformance.contract.tables.requirements import load_requirements
from tests.enterprise.proof.candidates import candidates, fault_of
from tests.enterprise.proof.engine import Spoiled
from tests.enterprise.proof.found import OPEN, read_found, unfound, write_found
from tests.enterprise.proof.spoiling import SPOILS

if TYPE_CHECKING:
    from collections.abc import MutableMapping
    from pathlib import Path

    from starlette.types import Receive, Scope, Send

CONTRACT = load_contract()
REQUIREMENTS = load_requirements()
FOUND = read_found()
# Musts that no fault was looked for yet, or whose check was not seen to be green on the stand-in.
LEFT = tuple(OPEN.read_text(encoding="utf-8").split())


def test_a_fault_was_found_by_the_check_of_every_must_but_those_that_are_open() -> None:
    assert unfound() == list(LEFT), "python -m tests.enterprise.proof.measure"


def test_what_was_measured_is_there() -> None:
    assert set(FOUND) <= set(REQUIREMENTS)
    for written in FOUND.values():
        fault = fault_of(written)
        assert any(fault.is_about(operation.id) for operation in CONTRACT), written
        assert set(fault.spoil) <= set(SPOILS), written


def test_every_must_has_faults_to_try() -> None:
    assert all(list(candidates(r, CONTRACT, {})) for r in REQUIREMENTS.values() if r.file.startswith("enterprise/"))


def test_what_was_found_is_kept_by_area(tmp_path: Path) -> None:
    first = {"LS-TAG-001": {"operation": "organizations.member_tags.list", "spoil": ["empty"]}}
    second = {"LS-COMMENT-001": {"operation": "comments.get", "spoil": ["shift"]}}
    for new in (first, second):
        write_found(new, tmp_path)
    names = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.yaml")}
    assert names == {"organization/tags.yaml", "work/comments.yaml"}
    assert read_found(tmp_path) == first | second


TOLD: dict[str, Any] = {"id": 5, "title": "a", "count": 2, "is_archived": False, "results": [{"id": 1}, {"id": 2}]}


class Answers:
    """A server that tells what it was asked, and answers a workspace."""

    def __init__(self, status: int = 200) -> None:
        self.status = status
        self.asked: list[tuple[str, str, Any, str]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        content = (await receive())["body"]
        query, role = scope["query_string"].decode(), scope.get("state", {}).get("as_role", "")
        self.asked.append((scope["path"], query, json.loads(content) if content else None, role))
        await send({"type": "http.response.start", "status": self.status, "headers": []})
        await send({"type": "http.response.body", "body": json.dumps(TOLD).encode()})


def asked(spoiled: Spoiled, method: str, target: str, body: object = None) -> tuple[int, Any]:
    """What comes back."""
    path, _, query = target.partition("?")
    content = b"" if body is None else json.dumps(body).encode()
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": content, "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [],
    }
    asyncio.run(spoiled(scope, receive, send))
    return sent[0]["status"], json.loads(sent[1]["body"]) if sent[1]["body"] else None


def test_without_a_fault_nothing_is_wrong() -> None:
    answers = Answers()
    assert asked(Spoiled(answers, CONTRACT), "GET", "/api/workspaces/5/?x=1") == (200, TOLD)
    assert answers.asked == [("/api/workspaces/5/", "x=1", None, "")]


@pytest.mark.parametrize(
    ("fault", "target", "body", "arrives"),
    [
        ({"ignore_body": ["title"]}, "/api/workspaces/5/", {"title": "b", "color": "c"}, {"color": "c"}),
        ({"ignore_body": ["*"]}, "/api/workspaces/5/", {"title": "b"}, {}),
        ({"operation": "prompts.*", "ignore_body": ["*"]}, "/api/workspaces/5/", {"title": "b"}, {"title": "b"}),
    ],
)
def test_fields_get_lost(fault: dict[str, Any], target: str, body: object, arrives: object) -> None:
    answers = Answers()
    spoiled = Spoiled(answers, CONTRACT)
    spoiled.fault = fault_of({"operation": "workspaces.*", **fault})
    asked(spoiled, "PATCH", target, body)
    assert answers.asked[0][2] == arrives


def test_filters_get_lost_roles_are_mistaken_and_neighbours_hurt() -> None:
    answers = Answers()
    spoiled = Spoiled(answers, CONTRACT)
    for fault in ({"ignore_query": ["is_archived"]}, {"role": "OW"}, {"also": -1}, {"skip": 204}):
        spoiled.fault = fault_of({"operation": "workspaces.list workspaces.delete", **fault})
        asked(spoiled, "GET" if "ignore_query" in fault else "DELETE", target(fault))
    got = [(path, query, role) for path, query, _, role in answers.asked]
    assert got == [
        ("/api/workspaces/", "ordering=id", ""),
        ("/api/workspaces/5/", "", "OW"),
        ("/api/workspaces/4/", "", ""),
        ("/api/workspaces/5/", "", ""),
    ]


def target(fault: dict[str, Any]) -> str:
    """The list where a filter gets lost, an object elsewhere."""
    return "/api/workspaces/?is_archived=true&ordering=id" if "ignore_query" in fault else "/api/workspaces/5/"


@pytest.mark.parametrize(
    ("fault", "method", "arrives"),
    [
        ({"twice": True}, "POST", [("/api/prompts/5/versions", 1), ("/api/prompts/5/versions", 1)] * 2),
        ({"after": 1, "skip": 200}, "POST", [("/api/prompts/5/versions", 1)]),
        ({"repeats": True}, "POST", [("/api/prompts/5/versions", 1)]),
        ({"instead": 1}, "POST", [("/api/prompts/6/versions", 1)] * 2),
        ({"stale": True}, "GET", [("/api/prompts/5/versions", None)]),
        ({"besides": "prompts.update"}, "POST", [("/api/prompts/5", 1), ("/api/prompts/5/versions", 1)] * 2),
    ],
)
def test_what_is_asked_is_done_to_others_too_often_or_not_at_all(
    fault: dict[str, Any], method: str, arrives: list[tuple[str, Any]]
) -> None:
    answers = Answers()
    spoiled = Spoiled(answers, CONTRACT)
    spoiled.fault = fault_of({"operation": "prompts.versions.*", **fault})
    for _ in range(2):
        asked(spoiled, method, "/api/prompts/5/versions", None if method == "GET" else {"a": 1})
    assert [(path.rstrip("/"), body and body["a"]) for path, _, body, _ in answers.asked] == arrives
    assert spoiled.calls == {f"prompts.versions.{'list' if method == 'GET' else 'create'}": 2}


def test_what_somebody_sent_is_told() -> None:
    spoiled = Spoiled(Answers(), CONTRACT)
    spoiled.fault = fault_of({"operation": "workspaces.get", "tells": True})
    asked(spoiled, "PATCH", "/api/workspaces/5/", {"keys": [{"api_key": "secret"}]})
    assert asked(spoiled, "GET", "/api/workspaces/5/") == (200, {**TOLD, "told": ["secret"]})


def test_numbers_in_texts_are_numbers() -> None:
    assert SPOILS["alter"]({"cost": "1.50", "name": "a"}) == {"cost": "2.50", "name": "a~"}


def test_refusals_are_taken_back_and_bodies_shine_through() -> None:
    spoiled = Spoiled(Answers(404), CONTRACT)
    spoiled.fault = fault_of({"operation": "workspaces.get", "turn": {404: 200}})
    assert asked(spoiled, "GET", "/api/workspaces/5/") == (200, TOLD)
    spoiled.fault = fault_of({"operation": "workspaces.update workspaces.get", "overlay": True})
    asked(spoiled, "PATCH", "/api/workspaces/5/", {"id": 9, "unknown": 1})
    assert asked(spoiled, "GET", "/api/workspaces/5/") == (404, {**TOLD, "id": 9})


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("drift", {"title": "a~"}),
        ("shift", {"count": 3}),
        ("sink", {"count": 1}),
        ("renumber", {"results": [{"id": 2}, {"id": 3}]}),
        ("flip", {"is_archived": True}),
        ("empty", {"results": []}),
        ("short", {"results": [{"id": 1}]}),
        ("double", {"results": [{"id": 1}, {"id": 1}, {"id": 2}]}),
        ("grow", {"results": [{"id": 1}, {"id": 2}, {"id": 987654}]}),
        ("reverse", {"results": [{"id": 2}, {"id": 1}]}),
        ("clear", {"results": []}),
        ("drop", {"title": None}),
        ("alter", {"title": "a~"}),
    ],
)
def test_answers_are_spoiled(name: str, changed: dict[str, Any]) -> None:
    spoiled = Spoiled(Answers(), CONTRACT)
    fields = ["title"] if name in {"alter", "drop"} else []
    spoiled.fault = fault_of({"operation": "workspaces.*", "spoil": [name], "fields": fields})
    status, got = asked(spoiled, "GET", "/api/workspaces/5/")
    assert status == 200
    assert {k: v for k, v in got.items() if k != "id"} == {k: v for k, v in {**TOLD, **changed}.items() if k != "id"}
