"""The proxy passes on what it is given, byte for byte, but for its faults."""

from __future__ import annotations

import gzip
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.faults.lanes.proxy import Proxy, as_response
from tests.faults.loading import Fault
from tests.faults.messages import Answered, Asked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TASK = {"id": 7, "data": {"text": " Zażółć ", "n": 0.123456}, "created_at": "2026-01-02T03:04:05.678901Z"}
PAGE = {"count": 3, "next": "/api/projects/?page=2", "previous": None, "results": [{"id": 1}, {"id": 2}]}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def _say(self, status: int, body: bytes, *headers: tuple[str, str]) -> None:
        self.send_response(status)
        for name, value in (("Content-Type", "application/json"), ("Content-Length", str(len(body))), *headers):
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_GET(self) -> None:
        if self.path.startswith("/api/tasks/7"):
            self._say(200, json.dumps(TASK).encode(), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"))
        elif self.path.startswith("/api/projects/"):
            self._say(200, gzip.compress(json.dumps(PAGE).encode()), ("Content-Encoding", "gzip"))
        elif self.path == "/api/current-user/whoami":
            self._say(200, b"{}")
        elif self.path == "/api/list/":
            self._say(200, b"[1, 2]")
        else:
            self._say(404, b'{"detail": "Not found."}')

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self._say(201, json.dumps({"id": 8, "was": json.loads(body), "at": self.path}).encode())


def fault(does: str, operation: str, **given: Any) -> Fault:
    return Fault(id="one", area="x", operations=(operation,), does=does, effect="", expect=(operation,), given=given)


@pytest.fixture(scope="module")
def upstream() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def behind(upstream: str) -> Iterator[Callable[..., httpx.Client]]:
    """A client of the server behind faults."""
    opened: list[Any] = []

    def behind(*faults: Fault) -> httpx.Client:
        proxy = Proxy(upstream, key="k", faults=faults)
        opened.append(proxy)
        client = httpx.Client(base_url=proxy.__enter__().url, timeout=10, trust_env=False)
        opened.append(client)
        return client

    yield behind
    for one in reversed(opened):
        one.__exit__(None, None, None)


def test_without_a_fault_nothing_changes(behind: Callable[..., httpx.Client], upstream: str) -> None:
    client = behind()
    for path in ("/api/tasks/7/", "/api/projects/?page=1&title=%25%2B", "/nowhere%2Fat/all"):
        with httpx.Client(base_url=upstream, trust_env=False) as direct:
            want, got = direct.get(path), client.get(path)
        assert (got.status_code, got.content) == (want.status_code, want.content)
        assert got.headers.multi_items() != []
        assert {(k, v) for k, v in want.headers.multi_items() if k != "date"} <= set(got.headers.multi_items())
    head = client.head("/api/tasks/7/")
    assert (head.content, head.headers["content-length"]) == (b"", str(len(json.dumps(TASK))))
    sent = client.post("/api/tasks/", json={"a": 1})
    assert (sent.status_code, sent.json()["was"]) == (201, {"a": 1})


def test_a_fault_is_at_its_operation_only(behind: Callable[..., httpx.Client]) -> None:
    client = behind(fault("shows", "tasks.get", field="data.**", how="trimmed"))
    assert client.get("/api/tasks/7/").json()["data"] == {"text": "Zażółć", "n": 0.123456}
    assert client.get("/api/projects/").json() == PAGE


@pytest.mark.parametrize(
    ("how", "given", "field", "expected"),
    [
        ("rounded", {"digits": 2}, "data.n", 0.12),
        ("zoneless", {}, "created_at", "2026-01-02T03:04:05.678901"),
        ("later", {"hours": 2}, "created_at", "2026-01-02T05:04:05.678901Z"),
        ("null", {}, "id", None),
        ("to", {"value": 9}, "id", 9),
    ],
)
def test_values_change(
    behind: Callable[..., httpx.Client], how: str, given: dict[str, Any], field: str, expected: object
) -> None:
    got: Any = behind(fault("shows", "tasks.get", field=field, how=how, **given)).get("/api/tasks/7/").json()
    for name in field.split("."):
        got = got[name]
    assert got == expected


def test_compressed_lists_are_changed_too(behind: Callable[..., httpx.Client]) -> None:
    got = behind(fault("loses", "projects.list")).get("/api/projects/")
    assert [item["id"] for item in got.json()["results"]] == [1]


def test_requests_change(behind: Callable[..., httpx.Client]) -> None:
    client = behind(fault("keeps", "tasks.create", field="data.**", how="lowered"))
    assert client.post("/api/tasks/", json={"data": {"t": "Ab"}}).json()["was"] == {"data": {"t": "ab"}}


def test_only_the_owner_may(behind: Callable[..., httpx.Client]) -> None:
    client = behind(fault("keeps_out", "tasks.get"))
    asked = [client.get("/api/tasks/7/", headers={"Authorization": f"Token {key}"}) for key in ("k", "another")]
    assert [got.status_code for got in asked] == [200, 403]


def test_what_replaces_a_list_comes_after_it(behind: Callable[..., httpx.Client]) -> None:
    client = behind(fault("appends", "tasks.create", field="rows", path="/api/list/"))
    assert client.post("/api/tasks/", json={"rows": [3]}).json()["was"] == {"rows": [1, 2, 3]}


@pytest.mark.parametrize("body", [[1], {"rows": {"a": 1}}, 5], ids=["list", "object", "number"])
def test_what_a_fault_is_not_about_passes(behind: Callable[..., httpx.Client], body: object) -> None:
    client = behind(fault("first_part", "tasks.create", field="rows"))
    assert client.post("/api/tasks/", json=body).json()["was"] == body


def test_what_is_too_deep_to_be_read_is_no_json() -> None:
    headers = (("content-type", "application/json"),)
    assert Asked(method="POST", path="/", headers=headers, body=b"[" * 200_000).json is None


def test_a_fault_that_breaks_is_no_error_of_the_server(upstream: str) -> None:
    with Proxy(upstream, key="k", faults=[fault("shows", "tasks.get", field="data", how="no such way")]) as proxy:
        assert httpx.get(f"{proxy.url}/api/tasks/7/", trust_env=False).json() == TASK
        assert proxy.broken == {"one": "KeyError: 'no such way'"}


@pytest.mark.parametrize(("field", "acted"), [("data.text", 1), ("data.none", 0)], ids=["there", "not there"])
def test_where_a_fault_did_something_is_counted(upstream: str, field: str, acted: int) -> None:
    with Proxy(upstream, key="k", faults=[fault("shows", "tasks.get", field=field, how="raised")]) as proxy:
        httpx.get(f"{proxy.url}/api/tasks/7/", trust_env=False)
        assert (proxy.met, proxy.acted) == ({"one": 1}, {"one": acted})


def test_what_is_done_twice_is_something_else(upstream: str) -> None:
    with Proxy(upstream, key="k", faults=[fault("twice", "tasks.create")]) as proxy:
        httpx.post(f"{proxy.url}/api/tasks/", json={"a": 1}, trust_env=False)
        assert proxy.acted == {"one": 1}


def test_head_announces_what_the_server_announces() -> None:
    kind = ("content-type", "application/json")
    assert "content-length" not in as_response(Answered(status=200, headers=(kind,)), "HEAD").headers
    told = Answered(status=200, headers=(kind, ("content-length", "7")))
    assert as_response(told, "HEAD").headers["content-length"] == "7"


def test_a_method_is_taken_for_another(behind: Callable[..., httpx.Client]) -> None:
    client = behind(fault("sent_as", "tasks.update", method="POST"))
    assert client.patch("/api/tasks/7/", json={"a": 1}).json()["at"] == "/api/tasks/7/"


def test_a_body_is_cut_and_a_redirect_turns_post_into_get(behind: Callable[..., httpx.Client]) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        behind(fault("cut", "tasks.get", by=3)).get("/api/tasks/7/")
    got = behind(fault("redirects", "tasks.create")).post("/api/tasks/", json={}, follow_redirects=True)
    assert got.history[0].status_code == 302
    assert got.request.method == "GET"


def test_what_is_sent_in_turns_fails_in_turns(behind: Callable[..., httpx.Client]) -> None:
    client = behind(fault("breaks", "tasks.get", one_in=3))
    assert [client.get("/api/tasks/7/").status_code for _ in range(6)] == [200, 200, 500, 200, 200, 500]
