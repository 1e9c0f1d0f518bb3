"""The receivers that live in this process: webhooks, files, the ML backend."""

from __future__ import annotations

import hashlib
import socket
import threading
import time
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from conformance.peers import FileServer, MlBackend, Peers, Site, WebhookReceiver

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conformance.peers.http import HttpPeer


@pytest.fixture
def http() -> httpx.Client:
    return httpx.Client(trust_env=False, timeout=10)


@pytest.mark.parametrize("kind", [WebhookReceiver, FileServer, MlBackend])
def test_port_is_free_after_stop(kind: type[HttpPeer], tmp_path: Path, is_open: Callable[[int], bool]) -> None:
    peer = kind(Site(log_dir=tmp_path))
    with pytest.raises(RuntimeError, match=r"call start\(\) first"):
        _ = peer.port
    peer.start()
    peer.start()
    port = peer.port
    assert is_open(port)
    peer.stop()
    peer.stop()
    assert not is_open(port)


def test_a_delivery_is_recorded_exactly(peers: Peers, http: httpx.Client) -> None:
    inbox = peers.webhooks.inbox()
    body = '{"action": "TASKS_CREATED", "text": "שלום \\u0000"}'.encode()
    before = time.time()
    answer = http.post(
        f"{inbox.url}?a=1&a=%20", content=body, headers={"X-Mine": "yes", "Content-Type": "application/json"}
    )
    (delivery,) = inbox.deliveries()
    assert answer.status_code == 200
    assert (delivery.method, delivery.path, delivery.query) == ("POST", inbox.path, "a=1&a=%20")
    assert delivery.body == body
    assert delivery.headers["x-mine"] == "yes"
    assert delivery.json()["text"] == "שלום \x00"
    assert before <= delivery.at <= time.time()


def test_inboxes_do_not_see_each_other_and_keep_the_order(peers: Peers, http: httpx.Client) -> None:
    one, other = peers.webhooks.inbox(), peers.webhooks.inbox()
    for number in range(3):
        http.post(one.url, content=str(number))
    http.post(other.url, content=b"other")
    assert [each.body for each in one.deliveries()] == [b"0", b"1", b"2"]
    assert [each.body for each in other.deliveries()] == [b"other"]
    assert [each.body for each in peers.webhooks.deliveries() if each.path in {one.path, other.path}] == [
        b"0",
        b"1",
        b"2",
        b"other",
    ]


def test_a_delivery_that_is_read_late_is_never_overtaken(peers: Peers, http: httpx.Client) -> None:
    inbox = peers.webhooks.inbox()
    head = f"POST {inbox.path} HTTP/1.0\r\nContent-Length: 5\r\n\r\n".encode()
    with socket.create_connection((peers.webhooks.host, peers.webhooks.port)) as slow:
        slow.sendall(head)
        http.post(inbox.url, content=b"later")
        assert inbox.deliveries() == []
        slow.sendall(b"first")
        assert slow.recv(4096).startswith(b"HTTP/1.")
    assert [each.body for each in inbox.deliveries()] == [b"first", b"later"]


def test_a_client_that_says_nothing_holds_nobody_up_for_ever(
    peers: Peers, http: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox = peers.webhooks.inbox()
    with socket.create_connection((peers.webhooks.host, peers.webhooks.port)):
        http.post(inbox.url, content=b"x")
        assert inbox.deliveries() == []
        monkeypatch.setattr("conformance.peers.arrivals.SILENT_FOR", 0.0)
        assert [each.body for each in inbox.deliveries()] == [b"x"]


def test_an_inbox_can_fail_and_redirect(peers: Peers, http: httpx.Client) -> None:
    target = peers.webhooks.inbox()
    inbox = peers.webhooks.inbox(status=500)
    assert http.post(inbox.url).status_code == 500
    inbox.behave(status=307, redirect_to=target.url)
    assert http.post(inbox.url, content=b"x", follow_redirects=True).status_code == 200
    assert len(inbox.deliveries()) == 2
    assert [each.body for each in target.deliveries()] == [b"x"]


def test_an_unknown_path_is_404_but_recorded(peers: Peers, http: httpx.Client) -> None:
    assert http.post(f"{peers.webhooks.url}/nowhere").status_code == 404
    assert len(peers.webhooks.deliveries("/nowhere")) == 1


def test_a_slow_inbox_records_at_once_and_stops_in_time(tmp_path: Path, http: httpx.Client) -> None:
    receiver = WebhookReceiver(Site(log_dir=tmp_path))
    receiver.start()
    inbox = receiver.inbox(delay=60)
    with pytest.raises(httpx.ReadTimeout):
        http.post(inbox.url, content=b"slow", timeout=httpx.Timeout(5, read=0.2))
    assert [each.body for each in inbox.deliveries()] == [b"slow"]
    began = time.monotonic()
    receiver.stop()
    assert time.monotonic() - began < 5


def test_parallel_deliveries_are_all_there(peers: Peers) -> None:
    inbox = peers.webhooks.inbox()

    def deliver(number: int) -> None:
        httpx.post(inbox.url, content=str(number), trust_env=False)

    threads = [threading.Thread(target=deliver, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(int(each.body) for each in inbox.deliveries()) == list(range(16))


def test_files_are_served_byte_for_byte_and_counted(peers: Peers, http: httpx.Client) -> None:
    content = bytes(range(256)) * 10
    file = peers.files.serve("ünï code.bin", content, content_type="image/png")
    assert file.hits() == 0
    answer = http.get(file.url)
    assert (answer.status_code, answer.content, answer.headers["content-type"]) == (200, content, "image/png")
    assert http.head(file.url).headers["content-length"] == str(len(content))
    assert [each.method for each in file.requests()] == ["GET", "HEAD"]
    assert file.hits() == 2


def test_files_can_be_missing_failing_or_elsewhere(peers: Peers, http: httpx.Client) -> None:
    file = peers.files.serve("a.csv", b"x")
    moved = peers.files.redirect("b.csv", file.url)
    broken = peers.files.serve("c.csv", b"", status=503)
    assert http.get(moved.url, follow_redirects=True).content == b"x"
    assert (moved.hits(), file.hits()) == (1, 1)
    assert http.get(broken.url).status_code == 503
    assert http.get(f"{peers.files.url}/files/none").status_code == 404


def test_the_backend_speaks_the_protocol(peers: Peers, http: httpx.Client) -> None:
    def predictor(task: dict[str, Any], context: dict[str, Any]) -> dict[str, Any]:
        return {"result": [{"id": f"{task['id']}-{context.get('x')}"}], "score": 0.9}

    model = peers.ml.model(version="v1", predictor=predictor)
    model.versions = ["v1", "v0"]
    assert http.get(f"{model.url}/health").json()["status"] == "UP"
    setup = http.post(f"{model.url}/setup", json={"project": "1.2", "access_token": "s3cr3t"})
    assert setup.json() == {"model_version": "v1"}
    assert http.get(f"{model.url}/versions").json() == {"versions": ["v1", "v0"]}
    tasks = {"tasks": [{"id": 7}, {"id": 8}], "params": {"context": {"x": 1}}}
    assert http.post(f"{model.url}/predict", json=tasks).json()["results"] == [
        {"model_version": "v1", "result": [{"id": "7-1"}], "score": 0.9},
        {"model_version": "v1", "result": [{"id": "8-1"}], "score": 0.9},
    ]
    assert http.post(f"{model.url}/webhook", json={"action": "START_TRAINING"}).status_code == 200
    assert [call.endpoint for call in model.calls()] == ["health", "setup", "versions", "predict", "webhook"]
    assert model.calls("webhook")[0].body == {"action": "START_TRAINING"}
    assert "s3cr3t" not in repr(model.calls())


def test_the_backend_fails_when_told(peers: Peers, http: httpx.Client) -> None:
    model = peers.ml.model()
    model.fail("health", 503)
    assert http.get(f"{model.url}/health").status_code == 503
    assert [(call.endpoint, call.status) for call in model.calls()] == [("health", 503)]
    model.fail("health", 200)
    assert http.get(f"{model.url}/health").status_code == 200
    with pytest.raises(ValueError, match="no such endpoint: 'helth'; there are health"):
        model.fail("helth")


def test_the_backend_answers_what_it_is_told_to(peers: Peers, http: httpx.Client) -> None:
    model = peers.ml.model()
    model.told = {"setup": [1], "predict": None}
    assert http.post(f"{model.url}/setup", json={"access_token": "s3cr3t"}).json() == [1]
    assert http.post(f"{model.url}/predict", json={"tasks": []}).json() is None
    assert [call.key for call in model.calls()] == [hashlib.sha256(b"s3cr3t").hexdigest(), ""]
    model.told = {}
    assert http.post(f"{model.url}/setup", json={}).json() == {"model_version": model.version}


def test_the_backend_asks_for_basic_auth(peers: Peers, http: httpx.Client) -> None:
    model = peers.ml.model(basic_auth=("user", "pass:word"))
    answers = [
        http.get(f"{model.url}/health").status_code,
        http.get(f"{model.url}/health", auth=("user", "wrong")).status_code,
        http.get(f"{model.url}/health", auth=("user", "pass:word")).status_code,
    ]
    assert answers == [401, 401, 200]
    assert [call.authorised for call in model.calls()] == [False, False, True]
    assert "pass:word" in peers.secrets()


@pytest.mark.parametrize(
    ("method", "endpoint", "body", "status"),
    [("GET", "predict", b"", 405), ("POST", "nothing", b"", 404), ("POST", "setup", b"{", 400)],
)
def test_the_backend_refuses_what_is_not_protocol(
    peers: Peers, http: httpx.Client, method: str, endpoint: str, body: bytes, status: int
) -> None:
    model = peers.ml.model()
    assert http.request(method, f"{model.url}/{endpoint}", content=body).status_code == status
    assert [call.status for call in model.calls()] == [status]


def test_a_fault_of_the_predictor_is_a_500(peers: Peers, http: httpx.Client) -> None:
    def predictor(task: dict[str, Any], context: dict[str, Any]) -> dict[str, Any]:
        raise KeyError(task["id"], context)

    model = peers.ml.model(predictor=predictor)
    answer = http.post(f"{model.url}/predict", json={"tasks": [{"id": 1}]})
    assert answer.status_code == 500
    assert "KeyError" in answer.json()["error"]
