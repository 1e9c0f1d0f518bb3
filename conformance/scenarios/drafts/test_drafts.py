"""A draft is one person's unfinished work: nobody else's to read or to lose, and no annotation yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.contract.json_equal import any_order
from conformance.scenarios.data.configs import choice
from conformance.scenarios.drafts.making import ask, drafts_of, make_draft, needs_shown
from conformance.scenarios.steps import act, annotate, exported_tasks, import_tasks, list_tasks

if TYPE_CHECKING:
    from conformance.scenarios.accounts import Account
    from conformance.scenarios.conftest import NewProject
    from conformance.showing import Show
    from conformance.wire import Wire

DRAWN = choice("Negative")
NOBODY = 2_000_000_001
# what is no id of a draft, given as the draft that an annotation is made of
NO_DRAFT: dict[str, Any] = {"a word": "x", "a list": []}


@pytest.mark.requirement("LS-DRAFT-001", "LS-DRAFT-002", "LS-ANNOTATION-028")
def test_a_draft_is_no_annotation_until_it_is_one(
    api: Wire, show: Show, project: dict[str, Any], task: dict[str, Any]
) -> None:
    make_draft(api, task["id"], DRAWN)
    draft = make_draft(api, task["id"], choice("Positive"))
    seen = api.call("tasks.get", id=task["id"])
    two = any_order([[DRAWN], [choice("Positive")]])
    show.equal("LS-DRAFT-001", expected=two, got=any_order(drafts_of(seen)), exchange=seen)
    told = seen.json()
    figures = [told.get("total_annotations"), len(told["annotations"]), told.get("is_labeled")]
    show.equal("LS-DRAFT-002", expected=[0, 0, False], got=figures, exchange=seen, signature="task")
    exported = exported_tasks(api, project["id"])
    show.equal("LS-DRAFT-002", expected=[], got=exported, exchange=api.history[-1], signature="export")
    made = api.call("annotations.create", id=task["id"], json={"result": [choice("Positive")], "draft_id": draft})
    after = api.call("tasks.get", id=task["id"])
    show.equal("LS-ANNOTATION-028", expected=[[DRAWN]], got=drafts_of(after), exchange=made)
    show.equal(
        "LS-DRAFT-002", expected=1, got=after.json().get("total_annotations"), exchange=made, signature="afterwards"
    )


@pytest.mark.requirement("LS-DRAFT-003", "LS-DRAFT-004")
def test_a_draft_is_nobody_elses(
    api: Wire, show: Show, project: dict[str, Any], task: dict[str, Any], member: Account
) -> None:
    draft = make_draft(api, task["id"], DRAWN)
    needs_shown(api, task["id"])
    seen = api.call("tasks.get", id=task["id"], role=member.role)
    show.equal("LS-DRAFT-003", expected=[], got=drafts_of(seen), exchange=seen, signature="with the task")
    listed = api.call("tasks.list", query={"project": project["id"], "fields": "all"}, role=member.role)
    got = [task["drafts"] for task in listed.json()["tasks"]]
    show.equal("LS-DRAFT-003", expected=[[]], got=got, exchange=listed, signature="in the list")
    read = ask(api, "GET", f"/api/drafts/{draft}/", role=member.role)
    show("LS-DRAFT-003", read.rejected, expected="a refusal", got=read.brief(), exchange=read, signature="alone")
    body = {"result": [choice("Positive")], "draft_id": draft}
    writes = {
        "changed": ask(api, "PATCH", f"/api/drafts/{draft}/", {"result": []}, role=member.role),
        "made an annotation": api.call("annotations.create", id=task["id"], json=body, role=member.role, expect=None),
        "deleted": ask(api, "DELETE", f"/api/drafts/{draft}/", role=member.role),
    }
    for case, write in writes.items():
        show("LS-DRAFT-004", write.rejected, expected="a refusal", got=write.brief(), exchange=write, signature=case)
    left = api.call("tasks.get", id=task["id"])
    show.equal("LS-DRAFT-004", expected=[[DRAWN]], got=drafts_of(left), exchange=left, signature="left")


@pytest.mark.requirement("LS-DRAFT-005", "LS-DRAFT-006", "LS-DRAFT-007")
def test_a_draft_stays_where_it_is(api: Wire, show: Show, new_project: NewProject) -> None:
    project, other = new_project(), new_project()
    own, neighbour = import_tasks(api, project["id"], [{"text": "a"}, {"text": "b"}])
    foreign = import_tasks(api, other["id"], [{"text": "c"}])[0]
    elsewhere = annotate(api, neighbour, choice("Positive"))["id"]
    draft = make_draft(api, own["id"], DRAWN)
    needs_shown(api, own["id"])
    for case, place in {"another task": neighbour, "a task of another project": foreign}.items():
        ask(api, "PATCH", f"/api/drafts/{draft}/", {"task": place["id"]})
        seen = api.call("tasks.get", id=place["id"])
        show.equal("LS-DRAFT-005", expected=[], got=drafts_of(seen), exchange=seen, signature=case)
        ask(api, "PATCH", f"/api/drafts/{draft}/", {"task": own["id"]})
    below = f"/api/tasks/{own['id']}/annotations"
    for case, annotation in {"of another task": elsewhere, "that does not exist": NOBODY}.items():
        made = ask(api, "POST", f"{below}/{annotation}/drafts", {"result": [DRAWN]})
        show(
            "LS-DRAFT-006",
            made.rejected,
            expected="a refusal",
            got=made.brief(),
            exchange=made,
            signature=f"an annotation {case}",
        )
    nowhere = ask(api, "POST", f"/api/tasks/{NOBODY}/drafts", {"result": [DRAWN]})
    show(
        "LS-DRAFT-006",
        nowhere.rejected,
        expected="a refusal",
        got=nowhere.brief(),
        exchange=nowhere,
        signature="a task that does not exist",
    )
    before = len(list_tasks(api, project["id"])[0]["annotations"])
    for case, named in NO_DRAFT.items():
        body = {"result": [DRAWN], "draft_id": named}
        made = api.call("annotations.create", id=own["id"], json=body, expect=None, deed=f"the draft is {case}")
        after = len(list_tasks(api, project["id"])[0]["annotations"])
        show(
            "LS-DRAFT-007",
            made.rejected and after == before,
            expected="4xx, and no annotation",
            got=f"{made.brief()}, {after - before} annotations more",
            exchange=made,
            signature=case,
        )
        before = after


@pytest.mark.requirement("LS-DRAFT-008", "LS-DRAFT-009")
def test_drafts_outlive_what_is_done_to_others(api: Wire, show: Show, project: dict[str, Any], member: Account) -> None:
    first, second = import_tasks(api, project["id"], [{"text": "alike"}] * 2)

    def drafts() -> list[Any]:
        return [drafts_of(api.call("tasks.get", id=task["id"])) for task in (first, second)]

    make_draft(api, first["id"], DRAWN)
    api.call("annotations.create", id=first["id"], json={"result": [choice("Positive")]}, role=member.role)
    answer = act(api, "delete_tasks_annotations", project["id"], annotator=member.id)
    show.equal("LS-DRAFT-009", expected=[[[DRAWN]], []], got=drafts(), exchange=answer)
    make_draft(api, second["id"], choice("Positive"))
    answer = act(api, "remove_duplicates", project["id"])
    left = [draft["result"] for task in list_tasks(api, project["id"]) for draft in task["drafts"]]
    two = any_order([[DRAWN], [choice("Positive")]])
    show.equal("LS-DRAFT-008", expected=two, got=any_order(left), exchange=answer)
