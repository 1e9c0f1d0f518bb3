"""Comments, reviews, and the history of annotations."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from tests.enterprise.areas import there
from tests.enterprise.areas.selecting import numbers
from tests.enterprise.facade.refusals import forbidden, invalid, not_found
from tests.enterprise.state.history import latest, note
from tests.enterprise.state.kernel import Resource, listed, page
from tests.enterprise.state.model import serves
from tests.enterprise.state.shapes import now

if TYPE_CHECKING:
    from tests.enterprise.state.model import Call
    from tests.enterprise.state.store import Item


def _place(call: Call, annotation: Any) -> dict[str, Any]:
    row = call.community.row("annotation", annotation) or {}
    return {"task": row.get("task_id"), "project": row.get("project_id")}


def _start_comment(call: Call, values: dict[str, Any]) -> dict[str, Any]:
    resolved = now() if values.get("is_resolved") else None
    return {**_place(call, values.get("annotation")), "resolved_at": resolved, "state": "CREATED"}


def _own(call: Call, item: Item) -> None:
    """Annotators change and delete their own comments."""
    if call.caller.role == "AN" and item.values["created_by"] != call.caller.id:
        raise forbidden()


def _check_comment(call: Call, item: Item | None, _sent: dict[str, Any]) -> None:
    if item is not None:
        _own(call, item)


def _resolve(_call: Call, item: Item) -> None:
    resolved = item.values.get("is_resolved")
    item.values["resolved_at"] = (item.values["resolved_at"] or now()) if resolved else None
    item.values["state"] = "RESOLVED" if resolved else "CREATED"


def _show_comment(call: Call, item: Item) -> dict[str, Any]:
    if not call.query.get("expand_created_by"):
        return {}
    schema = {"$ref": "#/components/schemas/LseUser"}
    return {"created_by": call.model.shapes.fill(schema, item.values["created_by"])}


COMMENTS = Resource(
    kind="comment",
    operations="comments",
    parents={"annotation": "annotation"},
    starts=_start_comment,
    checks=_check_comment,
    removing=_own,
    shows=_show_comment,
    changed=_resolve,
    searched=("text",),
)


def _annotator(call: Call, item: Item) -> Any:
    """Whose annotation is commented on."""
    row = call.community.row("annotation", item.values.get("annotation")) or {}
    return row.get("completed_by_id")


def _comments(call: Call) -> list[dict[str, Any]]:
    """The comments that the query asks for."""
    annotators, projects = numbers(call.query.get("annotators")), numbers(call.query.get("projects"))
    wanted = {k: call.query[k] for k in ("annotation", "draft") if k in call.query}
    return [
        COMMENTS.shown(call, item)
        for item in call.store.of("comment", organization=call.organization, **wanted)
        if (not projects or item.values["project"] in projects)
        and (not annotators or _annotator(call, item) in annotators)
    ]


@serves("comments.list")
def comments(call: Call) -> Any:
    """Comments, oldest first."""
    return listed(call, _comments(call), filtered=False)


@serves("comments.export")
def export_comments(call: Call) -> Any:
    """Comments as CSV."""
    names = ["id", "project", "task", "annotation", "text", "is_resolved", "created_by", "created_at"]
    text = io.StringIO()
    writer = csv.DictWriter(text, names, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(_comments(call))
    return text.getvalue()


COMMENTS.serve()


def _start_review(call: Call, values: dict[str, Any]) -> dict[str, Any]:
    before = latest(call.model, values["annotation"])
    return {
        **_place(call, values["annotation"]),
        "previous_annotation_history": before.id if before else None,
        "fixed_annotation_history": None,
        "state": "ACCEPTED" if values.get("accepted") else "REJECTED",
    }


def _check_review(call: Call, item: Item | None, sent: dict[str, Any]) -> None:
    """Where a rejection needs a comment, one without is refused."""
    place = _place(call, sent.get("annotation"))
    settings = call.model.settings_of("project", place["project"] or 0).get("review_settings")
    needed = isinstance(settings, dict) and settings.get("require_comment_on_reject")
    if item is None and needed and not sent.get("accepted") and not sent.get("comment"):
        raise invalid("comment", "A rejection needs a comment.")


def _reviewed(call: Call, item: Item) -> None:
    """A review is a step in the history of its annotation, and may mend it."""
    values = item.values
    action = "accepted" if values.get("accepted") else "rejected"
    mended = _regions(values.get("result"))
    if mended:
        call.ask("PATCH", f"/api/annotations/{values['annotation']}/", {"result": mended})
        action = "fixed_and_accepted"
        values |= {"accepted": True, "state": "ACCEPTED"}
    row = call.community.row("annotation", values["annotation"])
    if row is None:
        return
    step = note(call.model, row, action, call.caller.id, review_id=item.id, comment=values.get("comment"))
    if mended:
        values["fixed_annotation_history"] = step.id
    if values.get("comment"):
        sent = {"annotation": values["annotation"], "text": values["comment"], "created_by": call.caller.id}
        sent |= {"created_at": now(), "updated_at": now(), "is_resolved": False, "organization": call.organization}
        call.store.add("comment", {**sent, **_start_comment(call, sent)}, ("annotation", values["annotation"]))


def _regions(result: Any) -> list[dict[str, Any]]:
    """What can be the result of an annotation; a review takes anything."""
    if not isinstance(result, list) or not all(isinstance(r, dict) and {"type", "value"} <= set(r) for r in result):
        return []
    return result


def _changed(_call: Call, item: Item) -> None:
    item.values["state"] = "ACCEPTED" if item.values.get("accepted") else "REJECTED"


def _forgotten(call: Call, item: Item) -> None:
    row = call.community.row("annotation", item.values["annotation"])
    if row is not None:
        note(call.model, row, "deleted_review", call.caller.id, review_id=item.id)


REVIEWS = Resource(
    kind="review",
    operations="annotation_reviews",
    parents={"annotation": "annotation"},
    starts=_start_review,
    checks=_check_review,
    made=_reviewed,
    changed=_changed,
    removing=_forgotten,
    hidden=frozenset({"comment"}),
)


@serves("annotation_reviews.list")
def reviews(call: Call) -> Any:
    """Reviews, oldest first."""
    wanted = {"annotation": "annotation", "annotation__task__project": "project"}
    fields = {field: call.query[name] for name, field in wanted.items() if name in call.query}
    fields["organization"] = call.organization
    return listed(call, [REVIEWS.shown(call, item) for item in call.store.of("review", **fields)], filtered=False)


REVIEWS.serve()


@serves("annotation_history.list")
def history(call: Call) -> Any:
    """The steps of an annotation; of one that the façade did not see being made, that it was imported."""
    annotation = call.query.get("annotation")
    row = call.community.row("annotation", annotation) if there(call, "annotation", annotation) else None
    if (
        row is not None
        and latest(call.model, row["id"]) is None
        and not call.model.settings_of("annotation", row["id"])
    ):
        note(call.model, row, "imported", row["completed_by_id"] or call.caller.id)
    if row is not None:
        call.model.set("annotation", row["id"])["seen"] = True
    wanted = {"organization_id": call.organization} | ({} if annotation is None else {"annotation_id": annotation})
    return listed(call, [i.values for i in call.store.of("history", **wanted)], filtered=False)


@serves("annotation_history.retrieve")
def step(call: Call) -> Any:
    """One step."""
    return call.item("history", call.path["id"]).values


@serves("annotation_history.list_for_project")
def project_history(call: Call) -> Any:
    """The steps of all annotations of a project."""
    return page(call, [i.values for i in call.store.of("history", project_id=call.path["id"])])


@serves("annotation_history.delete")
def forget_history(call: Call) -> Any:
    """Forget the steps of an annotation, a task or a project."""
    fields = {f"{name}_id": call.query[name] for name in ("annotation", "task", "project") if name in call.query}
    if not fields:
        raise not_found("annotation history")
    found = list(call.store.of("history", organization_id=call.organization, **fields))
    for item in found:
        call.store.remove(item)
    return {"removed": len(found)}
