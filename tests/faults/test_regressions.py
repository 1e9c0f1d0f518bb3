"""What a release may break: each function of the room spoils what it says, and nothing else."""

from __future__ import annotations

from typing import Any

from tests.faults.asking import asked, done
from tests.faults.messages import Answered, Asked, answer


def test_what_is_false_is_not_sent() -> None:
    got: list[Any] = []

    def server(sent: Asked) -> Answered:
        got.append(sent.json)
        return answer(200, {})

    done("drops_falsy", asked("PATCH", "/api/projects/1/", {"title": "", "color": "#1", "n": 0}), server, {})
    assert got == [{"color": "#1"}]


def test_a_counter_goes_up_only() -> None:
    memory: dict[Any, Any] = {}
    for value, shown in ((1, 1), (3, 3), (2, 3)):
        found = done(
            "only_grows",
            asked("GET", "/api/tasks/1/"),
            lambda _, value=value: answer(200, {"id": 1, "total_annotations": value}),  # type: ignore[misc]
            memory,
            field="total_annotations",
        )
        assert found.json["total_annotations"] == shown


def test_children_outlive_their_parent_and_nothing_else() -> None:
    memory: dict[Any, Any] = {}
    given = {"parent": "projects.delete"}
    task = asked("GET", "/api/tasks/7/")
    assert done("orphans", task, lambda _: answer(200, {"id": 7, "project": 1}), memory, **given).ok
    assert done("orphans", task, lambda _: answer(404, {}), memory, **given).status == 404, "deleted itself"
    assert done("orphans", asked("DELETE", "/api/projects/1/"), lambda _: answer(204), memory, **given).ok
    assert done("orphans", task, lambda _: answer(404, {}), memory, **given).json == {"id": 7, "project": 1}


def test_a_key_that_was_reset_lives_on() -> None:
    memory: dict[Any, Any] = {}
    reset = asked("POST", "/api/current-user/reset-token/")
    assert done("old_key_lives", reset, lambda _: answer(201, {"token": "new"}), memory, reset="users.reset_token").ok

    def server(sent: Asked) -> Answered:
        return answer(200, {}) if ("authorization", "Token new") in sent.headers else answer(401, {})

    assert done("old_key_lives", asked("GET", "/api/projects/"), server, memory, reset="users.reset_token").ok


def test_the_rest_of_a_list_is_lost() -> None:
    for page, size, kept in (("2", "3", []), ("1", "3", [{"id": 9}]), ("2", "1", [{"id": 9}])):
        found = done(
            "last_page_lost",
            asked("GET", "/api/tasks/", query=f"page={page}&page_size={size}"),
            lambda _: answer(200, {"total": 4, "tasks": [{"id": 9}]}),
            {},
        )
        assert found.json["tasks"] == kept
