"""Files, views, tasks and exports that are removed together, or below the wrong project."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.checks import rejected
from conformance.scenarios.scope.selections import NOWHERE
from conformance.scenarios.scope.touching import missing, show_scope
from conformance.scenarios.steps import act, bring_in, import_tasks, list_tasks

if TYPE_CHECKING:
    from conformance.scenarios.conftest import NewProject
    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

UPLOAD = ("tasks.csv", "text\none\n", "text/csv")
# case → what is sent as the body; FIRST stands for the id of the project's first file, FOREIGN for another project's
FIRST, FOREIGN = "$first", "$foreign"
NOTHING_NAMED: list[tuple[str, Any]] = [
    ("no body", None),
    ("empty body", {}),
    ("null", {"file_upload_ids": None}),
    ("empty list", {"file_upload_ids": []}),
    ("another key", {"ids": [FIRST]}),
    ("elsewhere", {"file_upload_ids": [FOREIGN]}),
    ("nowhere", {"file_upload_ids": [NOWHERE]}),
]
BROKEN: list[tuple[str, Any]] = [
    ("a number", {"file_upload_ids": FIRST}),
    ("an object", {"file_upload_ids": {}}),
    ("words", {"file_upload_ids": ["all"]}),
    ("a truth", {"file_upload_ids": False}),
    ("a text", {"file_upload_ids": "all"}),
    ("a list as body", [FIRST]),
]


def upload(api: Wire, project: dict[str, Any], count: int = 1) -> list[int]:
    """Upload files; the ids of all files of the project."""
    for _ in range(count):
        bring_in(api, project["id"], files={"file": UPLOAD})
    return files(api, project)


def files(api: Wire, project: dict[str, Any]) -> list[int]:
    """The ids of a project's files."""
    return sorted(f["id"] for f in api.call("files.list", id=project["id"], query={"all": "true"}).json())


def left_of(api: Wire, show: Show, mine: list[int], project: dict[str, Any]) -> list[int]:
    """Which of some files are there still."""
    listed = files(api, project)
    gone = missing(api, show, "file", mine, listed=api.history[-1], there=listed)
    return [one for one in mine if one not in gone]


def put_in(body: Any, first: int, foreign: int) -> Any:
    """The body with real ids."""
    text = json.dumps(body).replace(f'"{FIRST}"', str(first)).replace(f'"{FOREIGN}"', str(foreign))
    return json.loads(text)


@pytest.mark.requirement("LS-SCOPE-020", "LS-SCOPE-021", "LS-SCOPE-022", "LS-SCOPE-023")
def test_files_are_deleted_that_were_named(api: Wire, show: Show, new_project: NewProject) -> None:
    project, other = new_project(), new_project()
    foreign = upload(api, other)
    mine = upload(api, project, 2)
    for requirement, case, body in [
        *(("LS-SCOPE-020", *row) for row in NOTHING_NAMED),
        *(("LS-SCOPE-021", *row) for row in BROKEN),
    ]:
        sent = put_in(body, mine[0], foreign[0])
        answer = api.call("files.delete_many", id=project["id"], json=sent, expect=None, deed=case)
        left = left_of(api, show, mine, project)
        show_scope(show, requirement, answer, [f for f in mine if f not in left], case)
        if requirement == "LS-SCOPE-021":
            show(
                "LS-SCOPE-022",
                answer.rejected,
                expected="4xx",
                got=answer.brief(),
                exchange=answer,
                signature=f"HTTP {answer.status}",
            )
        mine = left if len(left) > 1 else upload(api, project, 2 - len(left))
    sent = {"file_upload_ids": [mine[0], foreign[0]]}
    answer = api.call("files.delete_many", id=project["id"], json=sent, expect=None)
    strange = left_of(api, show, foreign, other)
    show.equal("LS-SCOPE-023", expected=foreign, got=strange, exchange=answer, signature="elsewhere")
    wanted = mine[1:] if answer.succeeded else mine
    left = left_of(api, show, mine, project)
    show.equal("LS-SCOPE-023", expected=wanted, got=left, exchange=answer, signature="named")


@pytest.mark.requirement("LS-SCOPE-024", "LS-SCOPE-025", "LS-SCOPE-033")
def test_views_are_deleted_and_ordered_that_were_named(api: Wire, show: Show, new_project: NewProject) -> None:
    project, other = new_project(), new_project()

    def make(place: dict[str, Any]) -> int:
        return int(api.call("views.create", json={"project": place["id"], "data": {"title": "a view"}}).json()["id"])

    def listed(place: dict[str, Any]) -> list[int]:
        return [v["id"] for v in api.call("views.list", query={"project": place["id"]}).json()]

    def gone(made: list[int], place: dict[str, Any]) -> list[int]:
        there = listed(place)
        return missing(api, show, "view", made, listed=api.history[-1], there=there)

    mine, foreign = [make(project) for _ in range(3)], [make(other) for _ in range(2)]
    deletions: list[tuple[str, dict[str, Any], Any]] = [
        ("no project", {}, None),
        ("empty", {"project": ""}, None),
        ("a word", {"project": "all"}, None),
        ("no such project", {"project": NOWHERE}, None),
        ("null in the body", {}, {"project": None}),
    ]
    for made, place in ((mine, project), (foreign, other)):
        gone(made, place)  # what the list does not show before is no witness of what happens then
    for case, query, body in deletions:
        answer = api.call("views.delete_all", query=query, json=body, expect=None)
        show_scope(show, "LS-SCOPE-024", answer, [*gone(mine, project), *gone(foreign, other)], case)
    order = [mine[2], foreign[1], foreign[0], mine[0], mine[1]]
    before = listed(other)
    answer = api.call("views.update_order", json={"project": project["id"], "ids": order}, expect=None)
    show.equal("LS-SCOPE-025", expected=before, got=listed(other), exchange=answer, signature="elsewhere")
    for case, ids in (("nowhere", [NOWHERE]), ("empty", []), ("of another project only", foreign)):
        kept = listed(project)
        answer = api.call("views.update_order", json={"project": project["id"], "ids": ids}, expect=None)
        show.equal("LS-SCOPE-025", expected=kept, got=listed(project), exchange=answer, signature=case)
        rejected(show, "LS-SCOPE-033", answer, about=case)


@pytest.mark.requirement("LS-SCOPE-026")
@pytest.mark.parametrize("case", ["ids in the body", "ids in the query", "selection in the body"])
def test_a_deletion_of_all_that_names_some(api: Wire, show: Show, new_project: NewProject, case: str) -> None:
    project = new_project()
    own = [t["id"] for t in import_tasks(api, project["id"], [{"data": {"text": str(n)}} for n in range(3)])]
    body: Any = {
        "ids in the body": {"ids": own[:1]},
        "selection in the body": {"selectedItems": {"all": False, "included": own[:1]}},
    }.get(case)
    query = {"ids": own[0]} if case == "ids in the query" else None
    answer = api.call("tasks.delete_all_tasks", id=project["id"], json=body, query=query, expect=None)
    left = [t["id"] for t in list_tasks(api, project["id"])]
    gone = missing(api, show, "task", own[1:], listed=api.history[-1], there=left)
    show_scope(show, "LS-SCOPE-026", answer, gone, case)


@pytest.mark.requirement("LS-SCOPE-027")
@pytest.mark.parametrize("kind", ["task", "annotation", "prediction", "view"])
def test_a_deletion_of_one_that_names_more(api: Wire, show: Show, new_project: NewProject, kind: str) -> None:
    project = new_project()
    labelled = {"data": {"text": "one"}, "annotations": [{"result": []}], "predictions": [{"result": []}]}
    tasks = import_tasks(api, project["id"], [labelled] * 2)
    if kind == "view":
        made = [api.call("views.create", json={"project": project["id"], "data": {}}).json()["id"] for _ in tasks]
    else:
        made = [t["id"] if kind == "task" else t[f"{kind}s"][0]["id"] for t in tasks]
    named = {"id": made[1], "ids": made, "selectedItems": {"all": True, "excluded": []}, "project": project["id"]}
    answer = api.call(f"{kind}s.delete", id=made[0], json=named, query={"ids": made[1]}, expect=None)
    there = [api.call(f"{kind}s.get", id=made[n], expect=None).status for n in (0, 1)]
    show.equal(
        "LS-SCOPE-027", expected=[404 if answer.succeeded else 200, 200], got=there, exchange=answer, signature=kind
    )


@pytest.mark.requirement("LS-SCOPE-028")
def test_an_export_below_another_project_is_not_found(api: Wire, show: Show, new_project: NewProject) -> None:
    project, other = new_project(), new_project()
    export = api.call("projects.exports.create", id=other["id"], json={"title": "another's"}).json()["id"]
    ways: list[tuple[str, dict[str, Any]]] = [
        ("projects.exports.get", {}),
        ("projects.exports.download", {"query": {"exportType": "JSON"}}),
        ("projects.exports.convert", {"json": {"export_type": "CSV"}}),
        ("projects.exports.delete", {}),
    ]
    for operation, more in ways:
        answer = api.call(operation, id=project["id"], export_pk=export, expect=None, **more)
        show.equal("LS-SCOPE-028", expected=404, got=answer.status, exchange=answer, signature=operation)
    there: Exchange = api.call("projects.exports.get", id=other["id"], export_pk=export, expect=None)
    show.equal("LS-SCOPE-028", expected=200, got=there.status, exchange=there, signature="gone")


@pytest.mark.requirement("LS-SCOPE-029")
@pytest.mark.parametrize("way", ["delete_tasks", "tasks.delete_all_tasks", "tasks.delete"])
def test_a_deletion_of_tasks_leaves_views(api: Wire, show: Show, project: dict[str, Any], way: str) -> None:
    made = import_tasks(api, project["id"], [{"text": "a"}])
    for title in ("first", "second"):
        api.call("views.create", json={"project": project["id"], "data": {"title": title}})
    query = {"project": project["id"]}
    before = [view["id"] for view in api.call("views.list", query=query).json()]
    if way == "delete_tasks":
        gone = act(api, way, project["id"])
    else:
        gone = api.call(way, id=made[0]["id"] if way == "tasks.delete" else project["id"])
    after = [view["id"] for view in api.call("views.list", query=query).json()]
    missing(api, show, "view", before, listed=api.history[-1], there=after)
    show.equal("LS-SCOPE-029", expected=before, got=after, exchange=gone, signature=way)
