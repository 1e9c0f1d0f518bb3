"""Updates that name another task, project, parent or author: rejected, or all counters stay right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.data.configs import choice
from conformance.scenarios.steps import annotate, import_tasks, list_tasks, predict
from conformance.world.addresses import unused

if TYPE_CHECKING:
    from conformance.scenarios.conftest import NewProject
    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

NOBODY = 2_000_000_001
NOT_FOUND = 404
KINDS = ("annotation", "prediction")


class Ground:
    """Two projects with two tasks each, annotated and predicted once."""

    def __init__(self, api: Wire, new_project: NewProject) -> None:
        self.api = api
        self.project, self.other = new_project()["id"], new_project()["id"]
        labelled = [{"data": {"text": str(n)}} for n in range(2)]
        self.tasks = import_tasks(api, self.project, labelled)
        self.foreign = import_tasks(api, self.other, labelled)
        self.made = {
            "annotation": annotate(api, self.tasks[0], choice("Positive"))["id"],
            "prediction": predict(api, self.tasks[0], choice("Negative"))["id"],
        }

    def write(self, kind: str, **fields: object) -> Exchange:
        """Update the annotation or the prediction."""
        return self.api.call(f"{kind}s.update", id=self.made[kind], json=fields, expect=None)

    def get(self, kind: str) -> dict[str, Any]:
        """The annotation or the prediction, as it is now."""
        told: dict[str, Any] = self.api.call(f"{kind}s.get", id=self.made[kind]).json()
        return told

    def sides(self, kind: str) -> tuple[list[list[Any]], list[int]]:
        """How much more than they show each task counts, and whether it is finished as that says; and each project."""
        tasks, projects = [], []
        for project in (self.project, self.other):
            counted = self.api.call("projects.get", id=project).json()[f"total_{kind}s_number"]
            listed = list_tasks(self.api, project)
            projects.append(counted - sum(len(t[f"{kind}s"]) for t in listed))
            for task in listed:
                finished = task["is_labeled"] == (len(task["annotations"]) >= task["overlap"])
                tasks.append([task[f"total_{kind}s"] - len(task[f"{kind}s"]), finished])
        return tasks, projects


@pytest.fixture
def ground(api: Wire, new_project: NewProject) -> Ground:
    """Two projects."""
    return Ground(api, new_project)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("where", ["a task beside", "a task elsewhere", "no task"])
@pytest.mark.requirement("LS-OWNED-020", "LS-OWNED-021", "LS-OWNED-022")
def test_what_belongs_to_a_task_stays_or_moves_as_a_whole(show: Show, ground: Ground, kind: str, where: str) -> None:
    to = {"a task beside": ground.tasks[1]["id"], "a task elsewhere": ground.foreign[0]["id"], "no task": NOBODY}[where]
    before = ground.get(kind)
    answer = ground.write(kind, task=to)
    now = ground.get(kind)
    case = f"{kind} to {where}"
    tasks, projects = ground.sides(kind)
    show.equal("LS-OWNED-020", expected=[[0, True]] * 4, got=tasks, exchange=answer, signature=case)
    show.equal("LS-OWNED-021", expected=[0, 0], got=projects, exchange=answer, signature=case)
    places = {t["id"]: t["project"] for t in [*ground.tasks, *ground.foreign]}
    home = places.get(now["task"])
    show.equal("LS-OWNED-022", expected=home, got=now["project"], exchange=answer, signature=case)
    if not answer.ok:
        kept = {k: before[k] for k in ("task", "project")}
        got = {k: now[k] for k in kept}
        show.equal("LS-OWNED-020", expected=kept, got=got, exchange=answer, signature=f"{case}: refused but done")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.requirement("LS-OWNED-022", "LS-OWNED-023")
def test_what_belongs_to_a_task_is_in_its_project(show: Show, ground: Ground, kind: str) -> None:
    answer = ground.write(kind, project=ground.other)
    now = ground.get(kind)
    got = [now["task"], now["project"]]
    expected = [ground.tasks[0]["id"], ground.project]
    show.equal("LS-OWNED-022", expected=expected, got=got, exchange=answer, signature=f"{kind} to a project")
    created: dict[str, Any] = {"result": [], "project": ground.other}
    if kind == "annotation":
        made = ground.api.call("annotations.create", id=ground.tasks[0]["id"], json=created, expect=None)
    else:
        made = ground.api.call("predictions.create", json={"task": ground.tasks[0]["id"], **created}, expect=None)
    if made.ok:
        told = made.json()["project"]
        show.equal("LS-OWNED-022", expected=ground.project, got=told, exchange=made, signature=f"new {kind}")
    answer = ground.write(kind, task=None)
    kept = ground.api.call(f"{kind}s.get", id=ground.made[kind], expect=None)
    show(
        "LS-OWNED-023",
        kept.ok and kept.json()["task"] is not None,
        expected="its task as it was",
        got=kept.brief(),
        exchange=answer,
        signature=f"{kind} to null",
    )


@pytest.mark.requirement("LS-OWNED-024")
@pytest.mark.parametrize("field", ["parent_annotation", "parent_prediction"])
def test_a_parent_is_of_the_same_task(api: Wire, show: Show, ground: Ground, field: str) -> None:
    kind = field.removeprefix("parent_")
    stranger = (annotate if kind == "annotation" else predict)(api, ground.foreign[0], choice("Positive"))["id"]
    for case, value in (("nowhere", NOBODY), ("itself", ground.made["annotation"]), ("of another project", stranger)):
        if case == "itself" and kind == "prediction":
            continue
        before = ground.get("annotation")[field]
        answer = ground.write("annotation", **{field: value})
        got = ground.get("annotation")[field]
        show.equal("LS-OWNED-024", expected=before, got=got, exchange=answer, signature=f"{field} {case}")


@pytest.mark.requirement("LS-OWNED-025", "LS-OWNED-029")
def test_what_belongs_to_a_project_stays_there(api: Wire, show: Show, ground: Ground) -> None:
    view = api.call("views.create", json={"project": ground.project, "data": {"title": "a"}}).json()["id"]
    hook = {"project": ground.project, "url": unused(api)}
    webhook = api.call("webhooks.create", json=hook).json()["id"]
    for kind, identity, body in (
        ("view", view, {"data": {"title": "a"}}),
        ("webhook", webhook, {}),
        ("task", ground.tasks[0]["id"], {}),
    ):
        answer = api.call(f"{kind}s.update", id=identity, json={**body, "project": ground.other}, expect=None)
        got = api.call(f"{kind}s.get", id=identity).json()["project"]
        show.equal("LS-OWNED-025", expected=ground.project, got=got, exchange=answer, signature=kind)
        told = answer.succeeded or (answer.rejected and answer.status != NOT_FOUND)
        show(
            "LS-OWNED-029",
            told,
            expected="2xx, or a 4xx other than 404",
            got=answer.brief(),
            exchange=answer,
            signature=kind,
        )


@pytest.mark.requirement("LS-OWNED-026")
def test_a_person_that_is_named_exists(api: Wire, show: Show, ground: Ground) -> None:
    for case, value in (("nobody", NOBODY), ("zero", 0), ("negative", -1)):
        answer = ground.write("annotation", completed_by=value)
        kept = api.call("annotations.get", id=ground.made["annotation"], expect=None)
        ok = answer.rejected and kept.ok
        show("LS-OWNED-026", ok, expected="4xx", got=answer.brief(), exchange=answer, signature=f"update, {case}")
        body = {"result": [], "completed_by": value}
        answer = api.call("annotations.create", id=ground.tasks[1]["id"], json=body, expect=None)
        ok = answer.rejected
        show("LS-OWNED-026", ok, expected="4xx", got=answer.brief(), exchange=answer, signature=f"creation, {case}")


@pytest.mark.requirement("LS-OWNED-027")
def test_numbers_are_not_used_twice(api: Wire, show: Show, ground: Ground) -> None:
    seen: dict[str, list[int]] = {"task": [], "annotation": [], "prediction": [], "view": []}
    place = ground.tasks[1]
    for _ in range(3):
        made = {
            "task": api.call("tasks.create", json={"project": ground.project, "data": {"text": "a"}}).json()["id"],
            "annotation": annotate(api, place)["id"],
            "prediction": predict(api, place)["id"],
            "view": api.call("views.create", json={"project": ground.project, "data": {}}).json()["id"],
        }
        for kind, identity in made.items():
            seen[kind].append(identity)
            api.call(f"{kind}s.delete", id=identity, expect=None)
    for kind, ids in seen.items():
        unique = sorted(set(ids))
        show.equal("LS-OWNED-027", expected=unique, got=ids, signature=kind)


@pytest.mark.requirement("LS-OWNED-028")
def test_inner_ids_are_not_used_twice(api: Wire, show: Show, ground: Ground) -> None:
    api.call("tasks.delete", id=ground.tasks[0]["id"])
    body = {"project": ground.project, "data": {"text": "a"}}
    made = [api.call("tasks.create", json=body).json()["id"] for _ in range(2)]
    import_tasks(api, ground.project, [{"data": {"text": "b"}}])
    listed = api.call("tasks.list", query={"project": ground.project})
    inner = [t["inner_id"] for t in listed.json()["tasks"]]
    assert made
    show.equal("LS-OWNED-028", expected=sorted(set(inner)), got=sorted(inner), exchange=listed)
