"""The faults spoil what they say that they spoil, and leave alone what workflows find their way by."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from conformance.contract import load_contract
from conformance.wire.messages import RawRequest
from tests.scenarios.faults.spoiled import FAULTS, SpoiledTransport, broken
from tests.wire.conftest import response

if TYPE_CHECKING:
    from conformance.wire.messages import RawResponse

TASKS = [{"id": 1, "x": 0.5}, {"id": 2, "x": 1.5}]
BODY = {"id": 7, "title": "a", "count": 1, "done": True, "none": None, "tasks": TASKS}


class Server:
    """Answers the same each time, and counts."""

    def __init__(self, answer: RawResponse) -> None:
        self.answer = answer
        self.sent: list[RawRequest] = []

    def send(self, request: RawRequest) -> RawResponse:
        self.sent.append(request)
        return self.answer


def ask(
    fault: str,
    answer: RawResponse,
    method: str = "GET",
    path: str = "/api/projects/7/",
    *,
    times: int = 1,
    body: Any = None,
) -> tuple[RawResponse, Server]:
    server = Server(answer)
    content = None if body is None else json.dumps(body).encode()
    transport = SpoiledTransport(server, FAULTS[fault], memory={"owner": [("Authorization", "Token owner")]})  # type: ignore[arg-type] # a stand-in
    for _ in range(times):
        got = transport.send(RawRequest(method=method, url=f"http://t{path}", content=content))
    return got, server


def value(fault: str, body: Any = BODY, **more: Any) -> Any:
    return json.loads(ask(fault, response(200, body), **more)[0].content)


def test_each_fault_of_contents_spoils_one_thing() -> None:
    assert value("texts-drift") == {**BODY, "title": "a~0"}
    assert value("texts-drift", times=2)["title"] == "a~1"
    assert value("figures-drift")["count"] == 2
    assert value("figures-drift")["tasks"] == [{"id": 1, "x": 1.5}, {"id": 2, "x": 2.5}]
    assert value("truths-flip") == {**BODY, "done": False, "none": 0}
    assert value("lists-short")["tasks"] == TASKS[:1]
    assert [t["id"] for t in value("lists-double")["tasks"]] == [1, 2, 2]
    assert [t["id"] for t in value("lists-reversed")["tasks"]] == [2, 1]
    assert value("objects-bare") == {"id": 7, "tasks": [{"id": 1}, {"id": 2}]}
    assert value("lists-empty") == {**BODY, "tasks": []}
    assert [t["id"] for t in value("lists-more")["tasks"]] == [1, 2, 0]
    assert value("lists-mixed", [1], times=2) == [1, 1]
    assert list(value("objects-short")) == list(BODY)[:-1]
    assert value("references-wrong", {"id": 1, "task": 2, "x": {"project": 3}}) == {
        "id": 1, "task": 1002, "x": {"project": 1003}
    }  # fmt: skip
    assert value("states-wrong", {"status": "completed", "next": "/2"}) == {"status": "failed", "next": None}
    assert value("tokens-endless", {"access": "eyJh.eyJl.sig"}) == {"access": "eyJh.e30.sig"}
    assert value("texts-tidied", {"a": " é "}) == {"a": "e\u0301"}
    assert value("secrets-told", body={"a": 1}) == {"a": 1, "debug": []}


@pytest.mark.parametrize("fault", ["texts-drift", "figures-drift", "lists-short", "objects-bare", "truths-flip"])
def test_refusals_are_not_spoiled_by_them(fault: str) -> None:
    assert ask(fault, response(404, BODY))[0].content == response(404, BODY).content


def test_refusals_are_taken_back_or_worse() -> None:
    assert ask("accepts-everything", response(404, {}))[0].status == 200
    assert ask("accepts-everything", response(400, {}), "POST", "/api/projects/")[0].status == 201
    assert ask("fails-when-refusing", response(404, {}))[0].status == 500
    assert ask("refuses-everything", response(200, {}))[0].status == 403
    assert ask("breaks-after-2", response(200, {}), times=2)[0].status == 200
    assert ask("breaks-after-2", response(200, {}), times=3)[0].status == 500
    assert ask("refused-but-done", response(204), "DELETE")[0].status == 400


def test_writes_are_forgotten_doubled_and_lost() -> None:
    forgotten, server = ask("writes-forgotten", response(200, BODY), "DELETE")
    assert (forgotten.status, server.sent) == (204, [])
    forgotten, server = ask("writes-forgotten", response(200, BODY), "PATCH", body={"title": "b"})
    assert json.loads(forgotten.content)["title"] == "b"
    assert [r.method for r in server.sent] == ["GET"]
    assert len(ask("writes-twice", response(201, {}), "POST", "/api/projects/")[1].sent) == 2
    assert len(ask("writes-lost", response(201, {}), "POST", "/api/projects/", times=4)[1].sent) == 2


def test_keys_are_ignored() -> None:
    _, server = ask("keys-ignored", response(200, {}))
    assert server.sent[0].headers == (("Authorization", "Token owner"),)


def test_bytes_and_headers_are_lost() -> None:
    table = response(200, b"a,b\n1,2\n", "text/csv", content_disposition="attachment")
    assert ask("bytes-broken", table)[0].content == b"a,b\n"
    assert ask("tables-broken", table)[0].content == b"a,b\n"
    assert ask("tables-broken", response(200, BODY))[0].content == response(200, BODY).content
    assert "content-disposition" not in ask("headers-lost", table)[0].headers
    assert ask("slow", table)[0].elapsed > 10


def test_one_operation_can_be_broken() -> None:
    server = Server(response(200, {}))
    transport = SpoiledTransport(server, broken("projects.get"))  # type: ignore[arg-type] # a stand-in
    assert load_contract().match("GET", "/api/projects/7/") is not None
    assert transport.send(RawRequest(method="GET", url="http://t/api/projects/7/")).status == 500
    assert transport.send(RawRequest(method="GET", url="http://t/api/projects/")).status == 200


def test_what_laws_find_is_spoiled() -> None:
    _, server = ask("destroys-more", response(200, {}), "DELETE", "/api/dm/views/reset/?project=7")
    assert [httpx.URL(r.url).path for r in server.sent][1:] == [
        "/api/projects/7/tasks/", "/api/projects/7/file-uploads", "/api/dm/views/reset/",
    ]  # fmt: skip
    assert len(ask("destroys-more", response(200, {}))[1].sent) == 1
    assert ask("heads-unknown", response(200, {}), "HEAD")[0].status == 405
    assert ask("heads-unknown", response(200, {}))[0].status == 200
    times = {"created_at": "2026-01-01T00:00:00.5+02:00", "updated_at": "2026-01-01T00:00:00Z"}
    assert value("times-bare", times) == {"created_at": "2026-01-01T00:00:00.5", "updated_at": "2026-01-01T00:00:00"}
    assert value("times-swapped", [times])[0]["updated_at"] == "2001-01-01T00:00:00Z"
    sent = {"refresh": "a.b.c"}
    rotated = ask("tokens-shared", response(200, {}), "POST", "/api/token/rotate/", body=sent)[0]
    assert json.loads(rotated.content) == sent
    assert value("tokens-shared", [], path="/api/token/") == []
    assert ask("tokens-shared", response(401, {}), "POST", "/api/token/refresh/")[0].status == 401
    assert value("ids-reused", {"id": 1, "x": 2}, method="POST", path="/api/projects/", times=2) == {"id": 1, "x": 2}
    _, server = ask("queries-ignored", response(200, {}), path="/api/tasks/?project=1&query=%7B%7D")
    assert server.sent[0].url == "http://t/api/tasks/?project=1"
