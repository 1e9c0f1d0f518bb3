"""Whose answer went wrong first."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from conformance.wire.exchanges.blame import at_fault
from conformance.wire.exchanges.exchange import Exchange
from conformance.wire.messages import RawRequest, RawResponse


def exchange(method: str, sent: Any, told: Any, status: int = 200) -> Exchange:
    content = None if sent is None else json.dumps(sent).encode()
    headers = httpx.Headers({"content-type": "application/json"})
    return Exchange(
        operation=None,
        request=RawRequest(method=method, url="http://x/api/tasks/7/", content=content),
        response=RawResponse(
            status=status, headers=headers, content=json.dumps(told).encode(), elapsed=0.01, http_version="HTTP/1.1"
        ),
    )


READ = exchange("GET", None, {"data": {"text": "a"}, "id": 7})


@pytest.mark.parametrize(
    ("write", "blamed"),
    [
        pytest.param(exchange("POST", {"data": {"text": " a "}}, {"data": {"text": "a"}}, 201), True, id="said so"),
        pytest.param(exchange("POST", {"data": {"text": " a "}}, {"data": {"text": " a "}}, 201), False, id="said not"),
        pytest.param(exchange("POST", {"data": {"text": "b"}}, {"data": {"text": "a"}}, 201), False, id="another"),
        pytest.param(exchange("POST", {"data": {"text": " a "}}, {"data": {"text": "a"}}, 400), False, id="refused"),
        pytest.param(exchange("POST", {"data": {"text": " a "}}, [1], 201), False, id="a list"),
        pytest.param(exchange("GET", {"data": {"text": " a "}}, {"data": {"text": "a"}}), False, id="no write"),
    ],
)
def test_a_write_that_answered_the_wrong_value_is_to_blame(write: Exchange, blamed: bool) -> None:
    found = at_fault([write, READ], READ, expected=" a ", got="a")
    assert (found is write) is blamed


def test_what_came_later_is_not_to_blame() -> None:
    write = exchange("POST", {"data": {"text": " a "}}, {"data": {"text": "a"}}, 201)
    assert at_fault([READ, write], READ, expected=" a ", got="a") is READ


def test_of_several_things_that_were_compared_one_is_enough() -> None:
    write = exchange("POST", {"parent": 5, "lead": 1}, {"parent": None, "lead": 1}, 201)
    assert at_fault([write, READ], READ, expected=[1, 5], got=[1, None]) is write
    assert at_fault([write, READ], READ, expected={"parent": 5}, got={"parent": None}) is write
    assert at_fault([write, READ], READ, expected=[5], got=[6]) is READ
