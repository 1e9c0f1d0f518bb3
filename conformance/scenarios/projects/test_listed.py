"""The parameters of the lists of projects and of their counts: each does what it is called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.steps import import_tasks

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.scenarios.conftest import NewProject
    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

LISTS = ("projects.list", "projects.list_counts")


@pytest.fixture
def three(api: Wire, new_project: NewProject, new_name: Callable[[str], str]) -> list[dict[str, Any]]:
    """Three projects; the first is pinned, the last has two tasks."""
    made = [new_project(title=new_name(f"listed {n}"), description=f"about {n}") for n in range(3)]
    api.call("projects.update", id=made[0]["id"], json={"pinned_at": "2026-01-02T03:04:05Z"})
    import_tasks(api, made[2]["id"], [{"text": "a"}, {"text": "b"}])
    return made


def listed(api: Wire, operation: str, ours: list[dict[str, Any]], **query: object) -> tuple[Exchange, list[int]]:
    """Which of our projects (numbered from 0) a list has, in its order; -1 is any other one."""
    answer = api.call(operation, query={"ids": ",".join(str(p["id"]) for p in ours), "page_size": 100, **query})
    number = {project["id"]: n for n, project in enumerate(ours)}
    return answer, [number.get(one["id"], -1) for one in answer.json()["results"]]


@pytest.mark.requirement("LS-PROJECT-062", "LS-PROJECT-063", "LS-PROJECT-064", "LS-PROJECT-083")
@pytest.mark.parametrize("operation", LISTS)
def test_parameters_of_a_list_have_an_effect(
    api: Wire, show: Show, three: list[dict[str, Any]], operation: str
) -> None:
    for asked, expected in ((three[1]["title"], [1]), ("nowhere to be found at all", [])):
        answer, got = listed(api, operation, three, search=asked)
        show.equal("LS-PROJECT-062", expected=expected, got=got, exchange=answer, signature=operation)
    for chosen, expected in (("pinned_only", [0]), ("exclude_pinned", [1, 2])):
        answer, got = listed(api, operation, three, filter=chosen)
        show.equal("LS-PROJECT-063", expected=expected, got=sorted(got), exchange=answer, signature=operation)
    for order, expected in (("id", [0, 1, 2]), ("-id", [2, 1, 0])):
        answer, got = listed(api, operation, three, ordering=order)
        show.equal("LS-PROJECT-064", expected=expected, got=got, exchange=answer, signature=operation)
    query = {"ids": str(three[2]["id"]), "include": "finished_task_number", "ordering": "task_number"}
    with api.unchecked():
        answer = api.call(operation, query=query, expect=None)
    broke = f"{operation}: HTTP {answer.status}"
    show(
        "LS-PROJECT-083",
        not answer.server_error,
        expected="a list, or a 4xx",
        got=broke,
        exchange=answer,
        signature=broke,
    )


@pytest.mark.requirement("LS-PROJECT-065")
@pytest.mark.parametrize("operation", LISTS)
def test_ids_that_are_none_are_refused(api: Wire, show: Show, operation: str) -> None:
    for ids in ("x", "1,x", "1,", ","):
        with api.unchecked():
            answer = api.call(operation, query={"ids": ids}, expect=None)
        show(
            "LS-PROJECT-065",
            not answer.server_error,
            expected="a list, or a 4xx",
            got=answer.brief(),
            exchange=answer,
            signature=operation,
        )


@pytest.mark.requirement("LS-PROJECT-066")
def test_a_title_is_found_in_any_case(
    api: Wire, show: Show, new_project: NewProject, new_name: Callable[[str], str]
) -> None:
    for word, other in (("gamma", "GAMMA"), ("żółć", "ŻÓŁĆ"), ("дом", "ДОМ")):
        project = new_project(title=f"{new_name('case')[:40]} {word}")
        answer = api.call("projects.list", query={"title": other, "ids": str(project["id"])})
        got = [one["id"] == project["id"] for one in answer.json()["results"]]
        show.equal("LS-PROJECT-066", expected=[True], got=got, exchange=answer, signature=f"letters like {word[0]}")
