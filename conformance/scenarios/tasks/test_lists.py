"""The task list: pages, fields and what it is about."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from conformance.contract.json_equal import any_order
from conformance.scenarios.data.configs import choice
from conformance.scenarios.steps import annotate, predict, tasks_page

if TYPE_CHECKING:
    from conformance.scenarios.conftest import Imported, NewProject
    from conformance.showing import Show
    from conformance.wire import Wire


@pytest.fixture
def seven(project: dict[str, Any], imported: Imported) -> list[dict[str, Any]]:
    """Seven tasks of ``project``."""
    return imported(project, [{"data": {"text": f"task {n}"}} for n in range(7)])


@pytest.mark.requirement("LS-TASK-012", "LS-TASK-013", "LS-TASK-032")
def test_pages_are_as_long_as_asked(
    api: Wire, show: Show, project: dict[str, Any], seven: list[dict[str, Any]]
) -> None:
    pages = [tasks_page(api, project["id"], page=n, page_size=3) for n in (1, 2, 3)]
    show.equal("LS-TASK-012", expected=[3, 3, 1], got=[len(p.json()["tasks"]) for p in pages], exchange=pages[-1])

    listed = [task["id"] for page in pages for task in page.json()["tasks"]]
    show.equal("LS-TASK-032", expected=sorted(t["id"] for t in seven), got=listed, exchange=pages[0])

    beyond = api.call("tasks.list", query={"project": project["id"], "page": 4, "page_size": 3}, expect=None)
    show(
        "LS-TASK-013",
        beyond.status == 404 or (beyond.ok and beyond.json()["tasks"] == []),
        expected="404, or a list without tasks",
        got=beyond.brief(),
        exchange=beyond,
    )


@pytest.mark.requirement("LS-TASK-014")
@pytest.mark.parametrize("page", ["0", "-1", "two", "1.5"])
def test_a_page_that_can_not_be_is_refused(api: Wire, show: Show, project: dict[str, Any], page: str) -> None:
    answer = api.call("tasks.list", query={"project": project["id"], "page": page}, expect=None)
    show.status("LS-TASK-014", answer, 400, 404)


@pytest.mark.requirement("LS-TASK-015", "LS-TASK-017", "LS-TASK-021")
def test_a_list_shows_and_counts_what_tasks_have(
    api: Wire, show: Show, project: dict[str, Any], seven: list[dict[str, Any]]
) -> None:
    made = [annotate(api, seven[n], choice("Positive")) for n in (0, 0, 1)]
    guess = predict(api, seven[2], choice("Negative"))
    full = tasks_page(api, project["id"], fields="all")
    tasks = {task["id"]: task for task in full.json()["tasks"]}
    show.equal(
        "LS-TASK-015",
        expected=[sorted([made[0]["id"], made[1]["id"]]), [guess["id"]]],
        got=[
            sorted(a["id"] for a in tasks[seven[0]["id"]].get("annotations", ())),
            [p["id"] for p in tasks[seven[2]["id"]].get("predictions", ())],
        ],
        exchange=full,
    )
    show.equal(
        "LS-TASK-017",
        expected=[3, 1],
        got=[full.json()["total_annotations"], full.json()["total_predictions"]],
        exchange=full,
    )
    annotated = tasks_page(api, project["id"], only_annotated=True)
    show.equal(
        "LS-TASK-021",
        expected=any_order([seven[0]["id"], seven[1]["id"]]),
        got=[task["id"] for task in annotated.json()["tasks"]],
        exchange=annotated,
    )


@pytest.mark.requirement("LS-TASK-016")
@pytest.mark.parametrize("fields", ["id", "id,data", "id,inner_id,total_annotations"])
def test_a_list_can_be_trimmed(
    api: Wire, show: Show, project: dict[str, Any], seven: list[dict[str, Any]], fields: str
) -> None:
    page = tasks_page(api, project["id"], include=fields)
    expected = [sorted(fields.split(","))] * len(seven)
    show.equal("LS-TASK-016", expected=expected, got=[sorted(t) for t in page.json()["tasks"]], exchange=page)


@pytest.mark.requirement("LS-TASK-018")
@pytest.mark.parametrize("query", ["{broken", "[]", "17", '"text"', "null"])
def test_a_query_that_makes_no_sense_is_refused(api: Wire, show: Show, project: dict[str, Any], query: str) -> None:
    answer = api.call("tasks.list", query={"project": project["id"], "query": query}, expect=None)
    show.status("LS-TASK-018", answer, 400)


@pytest.mark.requirement("LS-TASK-019", "LS-TASK-020")
def test_a_list_is_about_one_project(api: Wire, show: Show, new_project: NewProject, imported: Imported) -> None:
    first, second, gone = new_project(), new_project(), new_project()
    tasks = imported(first, [{"data": {"text": "mine"}}])
    imported(second, [{"data": {"text": "not mine"}}])
    page = tasks_page(api, first["id"])
    show.equal(
        "LS-TASK-019", expected=[t["id"] for t in tasks], got=[t["id"] for t in page.json()["tasks"]], exchange=page
    )
    api.call("projects.delete", id=gone["id"])
    nothing = api.call("tasks.list", query={"project": gone["id"]}, expect=None)
    show(
        "LS-TASK-020",
        nothing.gone or (nothing.ok and nothing.json()["total"] == 0),
        expected="404 or 410, or a list without tasks",
        got=nothing.brief(),
        exchange=nothing,
    )


@pytest.mark.requirement("LS-TASK-036")
def test_a_list_has_the_tasks_that_were_selected(
    api: Wire, show: Show, project: dict[str, Any], seven: list[dict[str, Any]]
) -> None:
    named = [seven[1]["id"], seven[4]["id"]]
    others = [task["id"] for task in seven if task["id"] not in named]
    for case, selected, expected in (
        ("included", {"all": False, "included": named}, named),
        ("excluded", {"all": True, "excluded": named}, others),
    ):
        page = tasks_page(api, project["id"], selectedItems=json.dumps(selected), include="id")
        got = [task["id"] for task in page.json()["tasks"]]
        show.equal("LS-TASK-036", expected=any_order(expected), got=any_order(got), exchange=page, signature=case)
