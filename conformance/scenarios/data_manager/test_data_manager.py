"""The data manager: views, and actions on selected tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.outcomes import Unsupported
from conformance.scenarios.checks import GONE, SENSELESS, told_gone
from conformance.scenarios.data.configs import choice
from conformance.scenarios.steps import annotate, filters, list_tasks, predict, texts

if TYPE_CHECKING:
    from conformance.scenarios.conftest import Imported, NewProject
    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

VIEW = {"title": "My view", "filters": filters(("data.text", "contains", "String", "b")), "ordering": ["-tasks:id"]}
WORDS = ("ab", "b", "c")
ACTIONS = {
    "delete_tasks",
    "delete_tasks_annotations",
    "delete_tasks_predictions",
    "predictions_to_annotations",
    "remove_duplicates",
    "retrieve_tasks_predictions",
}


@pytest.fixture
def three(project: dict[str, Any], imported: Imported) -> list[dict[str, Any]]:
    """Three tasks of ``project``."""
    return imported(project, [{"data": {"text": word}} for word in WORDS])


def new_view(api: Wire, project: dict[str, Any], **data: object) -> dict[str, Any]:
    """Create a view."""
    made: dict[str, Any] = api.call("views.create", json={"project": project["id"], "data": data}).json()
    return made


def views(api: Wire, project: dict[str, Any]) -> list[int]:
    """Ids of a project's views, in their order."""
    return [view["id"] for view in api.call("views.list", query={"project": project["id"]}).json()]


def act(api: Wire, action: str, project: dict[str, Any], *included: dict[str, Any], **body: object) -> Exchange:
    """Take an action on the included tasks, or on what ``body`` says."""
    selected = {"selectedItems": {"all": False, "included": [task["id"] for task in included]}} if included else {}
    return api.call("actions.create", query={"id": action, "project": project["id"]}, json={**selected, **body})


@pytest.mark.requirement("LS-DM-001", "LS-DM-002", "LS-DM-003", "LS-DM-004", "LS-DM-030")
def test_a_view_lives_and_dies(api: Wire, show: Show, new_project: NewProject) -> None:
    project, other = new_project(), new_project()
    made = api.call("views.create", json={"project": project["id"], "data": VIEW})
    view = made.json()
    told = api.call("views.get", id=view["id"]).json()
    show.equal("LS-DM-001", expected=[project["id"], VIEW], got=[told["project"], told["data"]], exchange=made)

    second, foreign = new_view(api, project, title="second"), new_view(api, other, title="other")
    show.equal(
        "LS-DM-002",
        expected=[sorted([view["id"], second["id"]]), [foreign["id"]]],
        got=[sorted(views(api, project)), views(api, other)],
    )
    changed = {"title": "Changed", "filters": filters(("data.text", "equal", "String", "c"))}
    updated = api.call("views.update", id=view["id"], json={"data": changed})
    got = api.call("views.get", id=view["id"]).json()["data"]
    show.equal("LS-DM-003", expected=changed, got={key: got.get(key) for key in changed}, exchange=updated)

    deleted = api.call("views.delete", id=view["id"])
    gone = api.call("views.get", id=view["id"], expect=None)
    show.equal(
        "LS-DM-004", expected=[404, [second["id"]]], got=[told_gone(gone), views(api, project)], exchange=deleted
    )

    api.call("projects.delete", id=project["id"])
    show.status("LS-DM-030", api.call("views.get", id=second["id"], expect=None), *GONE)


@pytest.mark.requirement("LS-DM-048")
def test_an_update_of_a_view_treats_what_it_does_not_name_alike(api: Wire, show: Show, project: dict[str, Any]) -> None:
    whole = {
        "title": "All of it",
        "filters": filters(("data.text", "contains", "String", "a")),
        "gridWidth": 7,
        "ordering": ["-tasks:data.text"],
        "hiddenColumns": {"explore": ["tasks:id"], "labeling": ["tasks:id"]},
    }
    view = api.call("views.create", json={"project": project["id"], "data": whole}).json()["id"]
    before = api.call("views.get", id=view).json()["data"]
    updated = api.call("views.update", id=view, json={"data": {"title": "Renamed"}})
    kept = api.call("views.get", id=view).json()["data"]
    lost = sorted(name for name in whole if name != "title" and kept.get(name) != before.get(name))
    show(
        "LS-DM-048",
        len(lost) in {0, len(whole) - 1},
        expected="all of the other keys are kept, or none is",
        got=f"lost: {', '.join(lost)}",
        exchange=updated,
        signature=", ".join(lost),
    )


@pytest.mark.requirement("LS-DM-005", "LS-DM-006", "LS-DM-047")
def test_views_are_ordered_and_removed_together(api: Wire, show: Show, new_project: NewProject) -> None:
    project, other = new_project(), new_project()
    first, second, third = (new_view(api, project, title=str(n))["id"] for n in range(3))
    foreign = new_view(api, other, title="other")["id"]
    wanted = [third, first, second]
    ordered = api.call("views.update_order", json={"project": project["id"], "ids": wanted})
    show.equal("LS-DM-005", expected=wanted, got=views(api, project), exchange=ordered)
    added = new_view(api, project, title="new")["id"]
    show.equal("LS-DM-047", expected=[*wanted, added], got=views(api, project), exchange=ordered)

    removed = api.call("views.delete_all", query={"project": project["id"]})
    show.equal("LS-DM-006", expected=[[], [foreign]], got=[views(api, project), views(api, other)], exchange=removed)


@pytest.mark.requirement("LS-DM-007", "LS-DM-008")
def test_a_view_shows_its_tasks(api: Wire, show: Show, new_project: NewProject, imported: Imported) -> None:
    project, gone = new_project(), new_project()
    imported(project, [{"data": {"text": word}} for word in WORDS])
    view = new_view(api, project, **VIEW)
    page = api.call("tasks.list", query={"view": view["id"]})
    show.equal("LS-DM-007", expected=["b", "ab"], got=texts(page.json()["tasks"]), exchange=page)

    api.call("projects.delete", id=gone["id"])
    answer = api.call("views.create", json={"project": gone["id"], "data": {}}, expect=None)
    show.status("LS-DM-008", answer, *SENSELESS, 403, *GONE)


@pytest.mark.requirement("LS-DM-021", "LS-DM-027")
def test_actions_are_listed(api: Wire, show: Show, project: dict[str, Any], three: list[dict[str, Any]]) -> None:
    listed = api.call("actions.list", query={"project": project["id"]})
    missing = sorted(ACTIONS - {action["id"] for action in listed.json()})
    show.equal("LS-DM-021", expected=[], got=missing, exchange=listed)

    body = {"selectedItems": {"all": True, "excluded": []}}
    query = {"id": "delete_everything", "project": project["id"]}
    unknown = api.call("actions.create", query=query, json=body, expect=None, deed="id: no action of this name")
    show(
        "LS-DM-027",
        400 <= unknown.status < 500 and len(list_tasks(api, project["id"])) == len(three),
        expected="a 4xx, and all tasks still there",
        got=unknown.brief(),
        exchange=unknown,
    )


@pytest.mark.requirement("LS-DM-022")
@pytest.mark.parametrize(
    ("everything", "named", "left"),
    [(False, [0, 2], ["b"]), (True, [], []), (True, [1], ["b"])],
    ids=["included", "all", "excluded"],
)
def test_selected_tasks_are_deleted(
    api: Wire,
    show: Show,
    project: dict[str, Any],
    three: list[dict[str, Any]],
    everything: bool,
    named: list[int],
    left: list[str],
) -> None:
    key = "excluded" if everything else "included"
    selected = {"all": everything, key: [three[n]["id"] for n in named]}
    done = act(api, "delete_tasks", project, selectedItems=selected)
    show.equal("LS-DM-022", expected=left, got=texts(list_tasks(api, project["id"])), exchange=done, signature=key)


@pytest.mark.requirement("LS-DM-028")
def test_an_action_keeps_to_its_filter(
    api: Wire, show: Show, project: dict[str, Any], three: list[dict[str, Any]]
) -> None:
    assert len(three) == len(WORDS)
    selected = {"all": True, "excluded": []}
    done = act(api, "delete_tasks", project, selectedItems=selected, filters=VIEW["filters"])
    show.equal("LS-DM-028", expected=["c"], got=texts(list_tasks(api, project["id"])), exchange=done)


@pytest.mark.parametrize("selection", ["included", "all", "excluded"])
@pytest.mark.parametrize(
    ("requirement", "what"),
    [
        pytest.param(i, what, marks=pytest.mark.requirement(i), id=what)
        for i, what in (("LS-DM-023", "annotations"), ("LS-DM-024", "predictions"))
    ],
)
def test_labels_of_selected_tasks_are_deleted(
    api: Wire,
    show: Show,
    project: dict[str, Any],
    three: list[dict[str, Any]],
    requirement: str,
    what: str,
    selection: str,
) -> None:
    for task in three:
        (annotate if what == "annotations" else predict)(api, task, choice("Positive"))
    selected, expected = {
        "included": ({"all": False, "included": [three[0]["id"], three[1]["id"]]}, [0, 0, 1]),
        "all": ({"all": True, "excluded": []}, [0, 0, 0]),
        "excluded": ({"all": True, "excluded": [three[2]["id"]]}, [0, 0, 1]),
    }[selection]
    done = act(api, f"delete_tasks_{what}", project, selectedItems=selected)
    left = [len(task[what]) for task in list_tasks(api, project["id"])]
    show.equal(requirement, expected=expected, got=left, exchange=done, signature=selection)


@pytest.mark.requirement("LS-DM-052")
@pytest.mark.parametrize("action", ["delete_tasks", "delete_tasks_annotations", "delete_tasks_predictions"])
def test_an_action_counts_what_it_did(
    api: Wire, show: Show, project: dict[str, Any], three: list[dict[str, Any]], action: str
) -> None:
    for task in (*three, three[0]):  # two of one task: their number is not that of the tasks
        annotate(api, task, choice("Positive"))
        predict(api, task, choice("Positive"))
    before = how_many(api, project, action)
    done = act(api, action, project, three[0], three[2])
    told = (done.object() or {}).get("processed_items")
    if told is None:
        raise Unsupported("the answer to an action tells no count, and the contract asks for none")
    gone = before - how_many(api, project, action)
    if told == gone == 0:
        show.not_measured("the action deletes nothing, and says so")
    show.equal("LS-DM-052", expected=gone, got=told, exchange=done, signature=action)


def how_many(api: Wire, project: dict[str, Any], action: str) -> int:
    """Return how many there are of what an action deletes."""
    tasks = list_tasks(api, project["id"])
    what = action.removeprefix("delete_tasks").removeprefix("_")
    return sum(len(task[what]) for task in tasks) if what else len(tasks)


@pytest.mark.requirement("LS-DM-025")
def test_predictions_become_annotations(
    api: Wire, show: Show, project: dict[str, Any], three: list[dict[str, Any]]
) -> None:
    made = [
        predict(api, task, choice(label), score=0.5)["id"]
        for task, label in zip(three, ("Positive", "Negative", "Positive"), strict=True)
    ]
    done = act(api, "predictions_to_annotations", project, three[0], three[1])
    tasks = list_tasks(api, project["id"])
    got = [[region["value"]["choices"] for a in task["annotations"] for region in a["result"]] for task in tasks]
    show.equal("LS-DM-025", expected=[[["Positive"]], [["Negative"]], []], got=got, exchange=done)
    parents = [[a.get("parent_prediction") for a in task["annotations"]] for task in tasks]
    show.equal("LS-DM-025", expected=[[made[0]], [made[1]], []], got=parents, exchange=done, signature="parents")


@pytest.mark.requirement("LS-DM-026")
def test_duplicates_are_removed_and_their_annotations_kept(
    api: Wire, show: Show, project: dict[str, Any], imported: Imported
) -> None:
    tasks = imported(project, [{"data": {"text": word}} for word in ("same", "other", "same", "same")])
    made = [annotate(api, tasks[n], choice("Positive"))["id"] for n in (2, 3)]
    done = act(api, "remove_duplicates", project, selectedItems={"all": True, "excluded": []})
    left = list_tasks(api, project["id"])
    kept = sorted(a["id"] for task in left for a in task["annotations"])
    show.equal("LS-DM-026", expected=[["other", "same"], made], got=[sorted(texts(left)), kept], exchange=done)


@pytest.mark.requirement("LS-DM-041", "LS-DM-042")
def test_the_first_of_duplicates_stays_with_the_labels_of_all(
    api: Wire, show: Show, project: dict[str, Any], imported: Imported
) -> None:
    tasks = imported(project, [{"data": {"text": "same"}}] * 3)
    predict(api, tasks[1], choice("Negative"))
    annotate(api, tasks[2], choice("Positive"))
    done = act(api, "remove_duplicates", project, selectedItems={"all": True, "excluded": []})
    left = list_tasks(api, project["id"])
    show.equal("LS-DM-041", expected=[tasks[0]["id"]], got=[task["id"] for task in left], exchange=done)
    show.equal("LS-DM-042", expected=1, got=sum(len(task["predictions"]) for task in left), exchange=done)


@pytest.mark.requirement("LS-DM-043")
def test_duplicates_have_equal_data_and_nothing_else_has(
    api: Wire, show: Show, project: dict[str, Any], imported: Imported
) -> None:
    different = [{"text": "a", "n": 1}, {"text": "a", "n": "1"}, {"text": "a", "n": 2}, {"text": "A", "n": 1}]
    equal = {"n": 1, "text": "a"}
    imported(project, [{"data": data} for data in (*different, equal)])
    done = act(api, "remove_duplicates", project, selectedItems={"all": True, "excluded": []})
    got = [task["data"] for task in list_tasks(api, project["id"])]
    lost = [data for data in different if data not in got]
    show.equal("LS-DM-043", expected=[], got=lost, exchange=done, signature="what is no duplicate")
    show.equal("LS-DM-043", expected=len(different), got=len(got), exchange=done, signature="another order of keys")
