"""The weather is as it says, and a table of it tells what it changed."""

from __future__ import annotations

import datetime as dt
import socket
import threading
import time
from typing import TYPE_CHECKING

import httpx
import pytest
from werkzeug import Request, Response
from werkzeug.serving import make_server

from tests.weather.proxy import WEATHERS, Weather, WeatherProxy
from tests.weather.table import Row, table
from tests.weather.within import AFTER, EVERY, JUMPS, Clock, Names

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def upstream() -> Iterator[tuple[str, list[str]]]:
    """A server that is well, and what it was asked."""
    asked: list[str] = []

    @Request.application
    def answer(request: Request) -> Response:
        asked.append(request.method)
        return Response("well")

    server = make_server("127.0.0.1", 0, answer, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()


def ask(url: str, times: int) -> list[int | str]:
    """Ask so often; a status, or what went wrong."""
    found: list[int | str] = []
    for _ in range(times):
        try:
            found.append(httpx.post(url, content=b"a", trust_env=False).status_code)
        except httpx.TransportError:
            found.append("broken")
    return found


def test_fine_weather_changes_nothing(upstream: tuple[str, list[str]]) -> None:
    with WeatherProxy(upstream[0], WEATHERS["fine"]) as proxy:
        assert ask(proxy.url, 3) == [200, 200, 200]
    assert proxy.disturbed == 0


def test_a_connection_breaks_before_the_request_is_through(upstream: tuple[str, list[str]]) -> None:
    with WeatherProxy(upstream[0], Weather(says="", every=2, after=0)) as proxy:
        assert ask(proxy.url, 4) == [200, "broken", 200, "broken"]
    assert (proxy.disturbed, len(upstream[1])) == (2, 2)


def test_an_answer_is_lost_after_the_server_had_the_request(upstream: tuple[str, list[str]]) -> None:
    with WeatherProxy(upstream[0], Weather(says="", every=2, after=0, loses_answer=True)) as proxy:
        assert ask(proxy.url, 2) == [200, "broken"]
        assert len(upstream[1]) == 2


def test_a_gateway_answers_in_the_place_of_the_server(upstream: tuple[str, list[str]]) -> None:
    with WeatherProxy(upstream[0], Weather(says="", every=1, after=0, answer=WEATHERS["429"].answer)) as proxy:
        answer = httpx.get(proxy.url, trust_env=False)
    assert (answer.status_code, answer.headers["retry-after"], upstream[1]) == (429, "1", [])


def row(**other: object) -> Row:
    given: dict[str, object] = {"weather": "fine", "exit_code": 0, "seconds": 1.0, "disturbed": 0, "errors": 0}
    held = {"held": frozenset({"LS-A-001"}), "broken": frozenset({("LS-A-002", "known")})}
    return Row(**{**given, **held, **other})  # type: ignore[arg-type] # of a row


def test_names_come_and_go() -> None:
    resolve = socket.getaddrinfo
    names = Names()
    try:
        for asked in range(1, AFTER + 2 * EVERY + 1):
            if asked > AFTER and asked % EVERY == 0:
                with pytest.raises(socket.gaierror) as caught:
                    socket.getaddrinfo("localhost", 80)
                assert caught.value.errno == socket.EAI_AGAIN
            else:
                assert socket.getaddrinfo("localhost", 80)
    finally:
        names.pytest_unconfigure()
    assert names.disturbed == 2
    assert socket.getaddrinfo is resolve


def test_the_clock_jumps_and_seconds_go_on() -> None:
    began, seconds, clock = dt.datetime.now(dt.UTC), time.monotonic(), Clock()
    try:
        shown = []
        for _ in range(max(JUMPS)):
            clock.pytest_runtest_setup()
            shown.append(round((dt.datetime.now(dt.UTC) - began) / dt.timedelta(hours=1)))
    finally:
        clock.pytest_unconfigure()
    assert {0, 2, -72} == set(shown)
    assert shown[-1] == 0
    assert clock.disturbed == len(JUMPS)
    assert time.monotonic() - seconds < dt.timedelta(hours=1).total_seconds()


def test_what_the_weather_changed_is_told() -> None:
    worse = row(weather="429", broken=frozenset({("LS-A-001", "HTTP 429")}), held=frozenset({"LS-A-002"}))
    lines = list(table([row(), worse]))
    assert "| none | none | 0 |" in lines[2]
    assert "| LS-A-001 (HTTP 429) | LS-A-002 | 0 |" in lines[3]
