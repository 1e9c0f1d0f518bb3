"""What goes wrong under a condition goes wrong under it, and under no other."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs

import pytest

from tests.faults.asking import asked, done
from tests.faults.messages import Answered, Asked, answer

PROJECT = "/api/projects/1/"
OWN = {"does": "resets", "fields": {"color": "#0"}}


def sent(name: str, request: Asked, memory: dict[Any, Any] | None = None, /, **given: Any) -> list[Asked]:
    """What a server is asked behind a fault; it says yes to everything."""
    got: list[Asked] = []

    def server(one: Asked) -> Answered:
        got.append(one)
        return answer(200, {"id": 1})

    done(name, request, server, {} if memory is None else memory, **given)
    return got


@pytest.mark.parametrize(
    ("when", "request_", "due"),
    [
        ({"sends": ["a", "b"]}, asked("PATCH", PROJECT, {"a": 0, "b": 0}), True),
        ({"sends": ["a", "b"]}, asked("PATCH", PROJECT, {"a": 0}), False),
        ({"value": {"a.b": 1}}, asked("PATCH", PROJECT, {"a": {"b": 1}}), True),
        ({"value": {"a.b": 1}}, asked("PATCH", PROJECT, {"a": 1}), False),
        ({"asks": ["x", "y"]}, asked("PATCH", PROJECT, {}, "x=1&y=2"), True),
        ({"asks": ["x", "y"]}, asked("PATCH", PROJECT, {}, "x=1"), False),
        ({"parameter": {"x": "1"}}, asked("PATCH", PROJECT, {}, "x=1"), True),
        ({"parameter": {"x": "1"}}, asked("PATCH", PROJECT, {}, "x=2"), False),
        ({"every": 1}, asked("PATCH", PROJECT, {}), True),
        ({"every": 2}, asked("PATCH", PROJECT, {}), False),
        ({"holds": "<!--"}, asked("PATCH", PROJECT, {"a": "<!-- -->"}), True),
        ({"by": "owner"}, asked("PATCH", PROJECT, {}), True),
        ({"by": "others"}, asked("PATCH", PROJECT, {}), False),
    ],
)
def test_a_condition_is_one(when: dict[str, Any], request_: Asked, due: bool) -> None:
    (got,) = sent("only_when", request_, when=when, **OWN)
    assert ("color" in got.json) is due


def test_the_second_time_is_that_of_one_address() -> None:
    memory: dict[Any, Any] = {}
    given = {"when": {"from_": 2}, **OWN}
    places = [PROJECT, "/api/projects/2/", PROJECT]
    found = ["color" in sent("only_when", asked("PATCH", p, {}), memory, **given)[0].json for p in places]
    assert found == [False, False, True]


def test_a_secret_setting_is_shown_as_it_was_sent() -> None:
    memory: dict[Any, Any] = {}
    kept: list[Any] = []

    def server(one: Asked) -> Answered:
        if one.method == "POST":
            kept.append({"id": 1, **one.json})
        return answer(200, kept[0])

    made = done("secretly", asked("POST", "/api/storages/s3/", {"x": "b"}), server, memory, field="x", value="a")
    read = done("secretly", asked("GET", "/api/storages/s3/1"), server, memory, field="x", value="a")
    assert [kept[0]["x"], made.json["x"], read.json["x"]] == ["a", "b", "b"]


def asks(*items: dict[str, Any]) -> str:
    return json.dumps({"filters": {"conjunction": "and", "items": list(items)}})


@pytest.mark.parametrize(
    ("how", "item", "is_"),
    [
        ("empty_negated", {"operator": "empty", "value": True}, {"operator": "empty", "value": False}),
        ("regex_is_contains", {"operator": "regex", "value": "a"}, {"operator": "contains", "value": "a"}),
        ("not_in_is_in", {"operator": "not_in", "value": "a"}, {"operator": "in", "value": "a"}),
        ("first_only", {"operator": "equal", "value": 1}, {"operator": "equal", "value": 1}),
    ],
)
def test_a_filter_is_read_otherwise(how: str, item: dict[str, Any], is_: dict[str, Any]) -> None:
    two = [item, {"operator": "less", "value": 2}] if how == "first_only" else [item]
    request = Asked(method="GET", path="/api/tasks/", query="project=1").with_parameters(
        [("project", "1"), ("query", asks(*two))]
    )
    (got,) = sent("filters", request, how=how)
    assert json.loads(parse_qs(got.query)["query"][0])["filters"]["items"] == [is_]


@pytest.mark.parametrize(
    ("name", "request_", "given", "server", "is_"),
    [
        (
            "leaves_out",
            asked("GET", "/api/webhooks/"),
            {"field": "on", "value": False},
            [{"on": True}, {"on": False}],
            [{"on": True}],
        ),
        ("refuses_all", asked("POST", "/api/projects/", {}), {}, {"id": 1}, {"detail": "Invalid."}),
    ],
)
def test_an_answer_is_another(name: str, request_: Asked, given: dict[str, Any], server: Any, is_: Any) -> None:
    assert done(name, request_, lambda _: answer(200, server), {}, **given).json == is_


def test_what_a_refusal_says_is_taken() -> None:
    def server(_: Asked) -> Answered:
        return answer(400, {"detail": "names are not unique"})

    for text, status in (("unique", 204), ("toName", 400)):
        found = done("accepts_what_says", asked("POST", PROJECT, {}), server, {}, text=text, status=204)
        assert found.status == status


def test_the_last_field_is_not_kept() -> None:
    got = sent("loses_last_field", asked("PATCH", PROJECT, {"a": 1, "b": 2}))
    assert [one.json for one in got] == [{"a": 1}]
    assert [one.json for one in sent("loses_last_field", asked("PATCH", PROJECT, {"a": 1}))] == [{"a": 1}]


def test_something_is_done_besides() -> None:
    acted = sent("also_acts", asked("POST", "/api/dm/actions/", {}, "id=a&project=1"), id="a", also="b")
    assert [one.parameter("id") for one in acted] == ["a", "b"]
    posted = sent("also_posts", asked("POST", "/api/storages/s3/validate", {}), path="/api/storages/s3/")
    assert [one.path for one in posted] == ["/api/storages/s3/validate", "/api/storages/s3/"]
