"""The faults spoil what they say that they spoil, and leave alone what workflows find their way by."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from conformance.contract import load_contract
from conformance.wire.messages import RawRequest
from tests.scenarios.faults.spoiled import FAULTS, SpoiledTransport
from tests.scenarios.faults.ways.refusals import broken
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
    transport = SpoiledTransport(server, FAULTS[fault], memory={"owner": [("Authorization", "Token owner")]})
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
        "id": 1,
        "task": 1002,
        "x": {"project": 1003},
    }
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
    assert ask("failures-hidden", response(500, {}), "POST", "/api/projects/")[0].status == 201
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
    transport = SpoiledTransport(server, broken("projects.get"))
    assert load_contract().match("GET", "/api/projects/7/") is not None
    assert transport.send(RawRequest(method="GET", url="http://t/api/projects/7/")).status == 500
    assert transport.send(RawRequest(method="GET", url="http://t/api/projects/")).status == 200


def test_what_laws_find_is_spoiled() -> None:
    _, server = ask("destroys-more", response(200, {}), "DELETE", "/api/dm/views/reset/?project=7")
    assert [httpx.URL(r.url).path for r in server.sent][1:] == [
        "/api/projects/7/tasks/",
        "/api/projects/7/file-uploads",
        "/api/dm/views/reset/",
    ]
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


def download(fault: str, content: bytes, kind: str = "application/json") -> bytes:
    headers = httpx.Headers({"content-type": kind, "content-disposition": "attachment"})
    answer = replace(response(200, None), headers=headers, content=content)
    return ask(fault, answer, path="/api/projects/7/export")[0].content


def test_faults_of_downloads_spoil_one_thing() -> None:
    assert download("exports-latin", "ä€".encode()) == b"\xe4?"
    assert download("exports-rounded", b"[0.12345, 1.5]") == b"[0.12, 1.5]"
    assert download("exports-zoneless", b'"2024-01-01T00:00:00.5Z"') == b'"2024-01-01T00:00:00.5"'
    assert json.loads(download("exports-lose-some", json.dumps([*range(31)]).encode())) == [*range(29), 30]
    assert download("exports-lose-some", b"a\n" * 31, "text/csv") == b"a\n" * 30
    assert value("exports-rounded", {"score": 0.12345}) == {"score": 0.12345}, "an answer that is no download"


def archived(fault: str, name: str, body: str) -> str:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(name, body)
    with zipfile.ZipFile(io.BytesIO(download(fault, packed.getvalue(), "application/zip"))) as archive:
        return archive.read(name).decode()


def test_faults_of_archives_spoil_one_thing() -> None:
    assert archived("exports-relabelled", "classes.txt", "Car\nTree\n") == "Car?\nTree?\n"
    assert archived("exports-relabelled", "result.json", '{"name": "Car"}') == '{"name": "Car?"}'
    assert archived("exports-relabelled", "a.xml", "<name>Car</name>") == "<name>Car?</name>"
    assert archived("exports-swapped", "labels/a.txt", "0 0.1 0.2 0.3 0.4") == "0 0.2 0.1 0.4 0.3"
    assert archived("exports-swapped", "a.xml", "<xmin>1</xmin><ymin>2</ymin>") == "<ymin>1</ymin><xmin>2</xmin>"
    boxes = '{"annotations": [{"bbox": [1, 2, 3, 4]}]}'
    assert json.loads(archived("exports-swapped", "result.json", boxes))["annotations"][0]["bbox"] == [2, 1, 4, 3]


def test_archives_climb() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.txt", "a")
    content = download("archives-climb", packed.getvalue(), "application/zip")
    assert zipfile.ZipFile(io.BytesIO(content)).namelist() == ["../a.txt"]


def test_a_server_that_knows_no_skipping_hears_of_none() -> None:
    sent = {"result": [], "was_cancelled": True}
    _, server = ask("skips-ignored", response(201, {}), "POST", "/api/tasks/7/annotations/", body=sent)
    assert json.loads(server.sent[0].content or b"") == {**sent, "was_cancelled": False}


def test_a_server_that_misses_people_exports_nothing_then() -> None:
    headers = httpx.Headers({"content-type": "text/csv", "content-disposition": "attachment"})
    server = Server(replace(response(200, None), headers=headers, content=b"a"))
    transport = SpoiledTransport(server, FAULTS["people-missed"])
    asked = ("GET", "http://t/api/projects/7/export"), ("DELETE", "http://t/api/users/2/")
    got = [transport.send(RawRequest(method=m, url=url)).status for m, url in (*asked, asked[0])]
    assert got[::2] == [200, 500]


def test_a_server_that_lets_refused_imports_linger_makes_a_task() -> None:
    _, server = ask("imports-linger", response(400, {}), "POST", "/api/projects/7/import", body=[])
    assert [request.content for request in server.sent] == [b"[]", b'[{"text": "left behind"}]']


def test_addresses_of_uploads_wander() -> None:
    assert value("uploads-wander", {"image": "/data/upload/1/a.png"}) == {"image": "/data/upload/../1/a.png"}


def test_chosen_tasks_are_exported_whoever_has_them() -> None:
    headers = httpx.Headers({"content-type": "application/json", "content-disposition": "attachment"})
    whole = replace(response(200, None), headers=headers, content=b"[]")
    got, _ = ask("exports-heed-ids", whole, path="/api/projects/7/export?ids=3&ids=4")
    assert json.loads(got.content) == [{"id": 3}, {"id": 4}]
    assert ask("exports-heed-ids", whole, path="/api/projects/7/export?ids=x")[0].status == 500


def test_exports_heed_nothing_but_the_format() -> None:
    path = "/api/projects/7/export?export_type=CSV&download_all_tasks=true"
    _, server = ask("exports-heed-nothing", response(200, []), path=path)
    assert server.sent[0].url == "http://t/api/projects/7/export?export_type=CSV"


def test_files_are_not_listed() -> None:
    assert value("files-unlisted", [{"id": 1}], path="/api/projects/7/file-uploads") == []
    assert value("files-unlisted", [{"id": 1}]) == [{"id": 1}]


def test_downloads_are_cut() -> None:
    headers = httpx.Headers({"content-type": "text/csv", "content-disposition": "attachment"})
    whole = replace(response(200, None), headers=headers, content=b"0123456789abcdefghij")
    assert ask("downloads-cut", whole, "HEAD", "/api/projects/7/export")[0].status == 405
    assert ask("downloads-cut", whole, path="/api/projects/7/export")[0].headers["content-length"] == "21"


def test_imports_forget_all_but_results() -> None:
    sent = [{"data": {"a": 1}, "annotations": [{"result": [], "lead_time": 1}]}]
    _, server = ask("imports-forget", response(201, {}), "POST", "/api/projects/7/import", body=sent)
    assert json.loads(server.sent[0].content or b"") == [{"data": {"a": 1}, "annotations": [{"result": []}]}]
