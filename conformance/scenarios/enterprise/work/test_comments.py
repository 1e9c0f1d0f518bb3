"""Comments on annotations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance.scenarios.checks import show_none
from conformance.scenarios.enterprise.steps import CLOSED, NOBODY, REFUSED, mentions, table
from conformance.scenarios.steps import annotate, import_tasks

if TYPE_CHECKING:
    from conformance.scenarios.conftest import NewProject
    from conformance.scenarios.enterprise.people import Staff
    from conformance.scenarios.enterprise.work.conftest import Work
    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

pytestmark = pytest.mark.destructive

TEXTS = (
    'A "quoted", comma-ridden\nsecond line; and a semicolon',
    "Zażółć gęślą jaźń — 標註 — 🏷️👩\u200d🔬 — שלום",
    "=SUM(A1:A2) | <b>no markup</b> & 'apostrophes' \\ backslash",
)


@pytest.mark.requirement("LS-COMMENT-001", "LS-COMMENT-002", "LS-COMMENT-013")
def test_a_comment_says_where_it_belongs(api: Wire, show: Show, work: Work, staff: Staff) -> None:
    made = work.comment(work.annotations[0], "Why?", role=staff.reviewer.role)
    read = api.call("comments.get", id=made.json()["id"])
    got = [read.json()[name] for name in ("annotation", "task", "project")]
    expected = [work.annotations[0]["id"], work.tasks[0]["id"], work.project]
    show.equal("LS-COMMENT-001", expected=expected, got=got, exchange=read)
    show.equal("LS-COMMENT-002", expected=staff.reviewer.id, got=read.json()["created_by"], exchange=read)
    task = work.task()
    named = [mentions(task.json()["comment_authors"], staff.reviewer.id), task.json()["comment_authors_count"]]
    show.equal("LS-COMMENT-013", expected=[True, 1], got=named, exchange=task)


@pytest.mark.requirement("LS-COMMENT-003", "LS-COMMENT-004", "LS-COMMENT-012", "LS-COMMENT-014")
def test_a_comment_is_resolved_and_opened_again(api: Wire, show: Show, work: Work) -> None:
    first, second = (work.comment(work.annotations[0], text).json()["id"] for text in ("Why?", "How?"))

    def counted() -> list[int]:
        task = work.task().json()
        return [task["comment_count"], task["unresolved_comment_count"]]

    seen = [counted()]
    api.call("comments.update", id=first, json={"is_resolved": True})
    resolved = api.call("comments.get", id=first)
    since = resolved.json()["resolved_at"]
    show("LS-COMMENT-003", bool(since), expected="the time when it was resolved", got=since, exchange=resolved)
    seen.append(counted())
    show.equal("LS-COMMENT-012", expected=[[2, 2], [2, 1]], got=seen)
    api.call("comments.update", id=first, json={"is_resolved": False})
    opened = api.call("comments.get", id=first)
    show.equal(
        "LS-COMMENT-004", expected=[False, None], got=[opened.json()["is_resolved"], opened.json()["resolved_at"]]
    )
    api.call("comments.delete", id=second)
    show.equal("LS-COMMENT-014", expected=[1, 1], got=counted())


@pytest.mark.requirement(*(f"LS-COMMENT-0{n:02}" for n in (5, 6, 7, 18, 19, 20)))
def test_comments_are_listed(api: Wire, show: Show, work: Work, new_project: NewProject, staff: Staff) -> None:
    made = [work.comment(annotation, "Why?").json()["id"] for annotation in work.annotations]
    made.append(work.comment(work.annotations[0], "How?").json()["id"])
    other = new_project()["id"]
    elsewhere = annotate(api, import_tasks(api, other, [{"data": {"text": "elsewhere"}}])[0])
    foreign = work.comment(elsewhere, "Where?").json()["id"]

    def found(**query: object) -> list[int]:
        return [one["id"] for one in api.call("comments.list", query=query).json()]

    show.equal("LS-COMMENT-005", expected=[made[0], made[3]], got=sorted(found(annotation=work.annotations[0]["id"])))
    got = [sorted(found(projects=work.project)), found(projects=other)]
    show.equal("LS-COMMENT-006", expected=[sorted(made), [foreign]], got=got)
    orders = [found(projects=work.project, ordering=order) for order in ("id", "-id")]
    show.equal("LS-COMMENT-007", expected=[sorted(made), sorted(made, reverse=True)], got=orders)
    first = work.annotations[0]["id"]
    both = [sorted(found(annotation=first, projects=project)) for project in (work.project, other)]
    show.equal("LS-COMMENT-020", expected=[[made[0], made[3]], []], got=both)
    by_second = found(projects=work.project, annotators=staff.second.id)
    show.equal("LS-COMMENT-018", expected=[made[1]], got=by_second)
    # nobody has this draft: a server may say so, too
    on_draft = api.call("comments.list", query={"draft": NOBODY, "projects": work.project}, expect=None)
    listed = found(projects=work.project)
    if not on_draft.ok:
        show.not_measured(f"there is no list for a draft that does not exist: {on_draft.brief()}")
    seen = {one["id"] for one in on_draft.json()}
    show_none("LS-COMMENT-019", show, on_draft, [one for one in listed if one in seen], among=listed)


@pytest.mark.requirement("LS-COMMENT-008")
def test_authors_are_told_in_full(api: Wire, show: Show, work: Work, staff: Staff) -> None:
    made = work.comment(work.annotations[0], "Why?", role=staff.annotator.role).json()["id"]
    expected = [staff.annotator.id, staff.annotator.email]
    query = {"annotation": work.annotations[0]["id"], "expand_created_by": True}
    listed = api.call("comments.list", query=query)
    read = api.call("comments.get", id=made, query={"expand_created_by": True})
    for answer, comment in ((listed, listed.json()[0]), (read, read.json())):
        author = comment["created_by"]
        got = [author["id"], author["email"]] if isinstance(author, dict) else author
        show.equal("LS-COMMENT-008", expected=expected, got=got, exchange=answer)


def cells(exported: Exchange) -> list[str]:
    """All cells of an exported table but its head's."""
    return [cell for row in table(exported)[1:] for cell in row]


def how_often(exported: Exchange, texts: tuple[str, ...]) -> list[int]:
    """Return how often each text is a cell of an exported table."""
    found = cells(exported)
    return [found.count(text) for text in texts]


@pytest.mark.requirement("LS-COMMENT-009", "LS-COMMENT-010", "LS-COMMENT-011")
def test_comments_are_exported(api: Wire, show: Show, work: Work, new_project: NewProject) -> None:
    for annotation, text in zip(work.annotations, TEXTS, strict=True):
        work.comment(annotation, text)
    elsewhere = annotate(api, import_tasks(api, new_project()["id"], [{"data": {"text": "elsewhere"}}])[0])
    work.comment(elsewhere, "A comment of another project")
    texts = (*TEXTS, "A comment of another project")
    whole = api.call("comments.export", query={"projects": work.project})
    got = how_often(whole, texts)
    show.equal("LS-COMMENT-009", expected=[1, 1, 1], got=got[:3], exchange=whole)
    if not any(got):
        show.not_measured("no comment is exported")
    show.equal("LS-COMMENT-011", expected=0, got=got[3], exchange=whole)
    one = api.call("comments.export", query={"annotation": work.annotations[1]["id"]})
    show.equal("LS-COMMENT-010", expected=[0, 1, 0, 0], got=how_often(one, texts), exchange=one)


@pytest.mark.requirement("LS-COMMENT-015")
def test_nothing_is_commented(show: Show, api: Wire) -> None:
    answer = api.call("comments.create", json={"annotation": NOBODY, "text": "Why?"}, expect=None)
    show.status("LS-COMMENT-015", answer, *REFUSED)


@pytest.mark.requirement("LS-COMMENT-016")
@pytest.mark.parametrize("text", TEXTS, ids=["quotes", "scripts", "signs"])
def test_texts_come_back(api: Wire, show: Show, work: Work, text: str) -> None:
    made = work.comment(work.annotations[0], text)
    read = api.call("comments.get", id=made.json()["id"])
    show.equal("LS-COMMENT-016", expected=text, got=read.json()["text"], exchange=read)


@pytest.mark.requirement("LS-COMMENT-017")
def test_annotators_keep_to_their_own_comments(api: Wire, show: Show, work: Work, staff: Staff) -> None:
    foreign = work.comment(work.annotations[0], "Of the reviewer", role=staff.reviewer.role).json()["id"]
    own = work.comment(work.annotations[0], "My own", role=staff.annotator.role).json()["id"]
    who = staff.annotator.role
    api.call("comments.update", id=own, json={"text": "Mine"}, role=who)
    for answer in (
        api.call("comments.update", id=foreign, json={"text": "Changed"}, role=who, expect=None),
        api.call("comments.delete", id=foreign, role=who, expect=None),
    ):
        show.status("LS-COMMENT-017", answer, *CLOSED)
    left = [api.call("comments.get", id=one, expect=None) for one in (foreign, own)]
    got = [one.json()["text"] if one.ok else one.brief() for one in left]
    show.equal("LS-COMMENT-017", expected=["Of the reviewer", "Mine"], got=got, exchange=left[0], signature="touched")
