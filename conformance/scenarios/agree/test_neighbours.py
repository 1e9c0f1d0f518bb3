"""Writes change nothing but what they name: every reader of the objects around is asked before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.agree.comparing.refusals import blamed, refused
from conformance.scenarios.steps import act, bring_in
from conformance.world import changes
from conformance.world.rich.neighbourhood import brief

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.showing import Show
    from conformance.wire import Exchange, Wire
    from conformance.world import RichWorld
    from conformance.world.rich.neighbourhood import Change, Facts

RESULT = [{"id": "w1", "from_name": "label", "to_name": "text", "type": "choices", "value": {"choices": ["Negative"]}}]
# rich object → operation, what is written, and what that changes besides: fields of its own, or of its parents
WRITES: dict[str, tuple[str, dict[str, Any], tuple[tuple[str, str], ...]]] = {
    "project": ("projects.update", {"description": "Wrïtten  “🜚” <b>\nin two lines"}, ()),  # and its title
    "third": ("tasks.update", {"meta": {"written": [1]}}, ()),
    "lonely": (
        "annotations.update",
        {"result": RESULT, "lead_time": 2.503125},
        (("second", "avg_lead_time"), ("second", "annotation_time")),
    ),
    "guess": ("predictions.update", {"score": 0.7503125}, (("first", "predictions_score"),)),
    "other_view": ("views.update", {}, ()),  # its own data, but for the title
    "silent": ("webhooks.update", {"headers": {"X-Written": "One  More"}}, ()),
    "person": ("users.update", {"first_name": "Wrïtten Ann"}, ()),
}
# told of an object by its readers whenever it is written to, or something in it
BESIDES = ("updated_at", "updated_by", "annotations_results", "predictions_results", "state")


@pytest.mark.requirement("LS-AGREE-040", "LS-AGREE-041", "LS-AGREE-042", "LS-AGREE-043")
def test_writes_change_what_they_name(api: Wire, show: Show, rich: RichWorld, new_name: Callable[[str], str]) -> None:
    home = rich.home
    there = {name: write for name, write in WRITES.items() if name in home}
    there["project"] = ("projects.update", {**WRITES["project"][1], "title": new_name("Wrïtten Anew")}, ())
    if "other_view" in there:
        data = {**home["other_view"].sent["data"], "title": "written"}
        there["other_view"] = ("views.update", {"data": data}, ())
    show_authors_stay(api, show, rich)
    before = refusals_change_nothing(api, show, rich)
    allowed: list[tuple[str, object, str]] = [("task", "*", "updated_at"), ("task", "*", "updated_by")]
    writes: dict[str, Exchange] = {}
    for name, (operation, body, others) in there.items():
        written = home[name]
        writes[written.kind] = api.call(operation, id=written.id, json=body)
        allowed += [(written.kind, written.id, field) for field in (*body, *BESIDES)]
        allowed += [(home[other].kind, home[other].id, field) for other, field in others]
        if written.kind == "user":
            allowed += [(written.kind, written.id, "initials"), ("annotation", "*", "created_username")]
            allowed += [("annotation", "*", "completed_by")]
            allowed += [("task", home["first"].id, "annotations_results")]
        if written.kind in {"annotation", "prediction"}:  # tables name its parts by columns of a row
            task = home["second" if written.kind == "annotation" else "first"]
            allowed += [("task", task.id, field) for field in (*BESIDES, "label", "lead_time", "result")]
    after = rich.neighbourhood.look()
    show_round_trips(api, show, rich, new_name("Gone again"), after)
    found = changes(before, after, but=allowed)
    # what changed of a kind of object, its own write did before any other
    of: dict[str, list[Change]] = {kind: [] for kind in writes}
    for change in found:
        of[change.fact[1] if change.fact[1] in writes else next(iter(writes))].append(change)
    for kind, changed in of.items():
        show(
            "LS-AGREE-040",
            not changed,
            expected="what was written, and nothing else",
            got=brief(changed),
            exchange=writes[kind],
            signature="; ".join(sorted({f"{c.fact[1]}.{c.fact[3]}" for c in changed})[:4]),
        )
    for name, (operation, body, _) in there.items():
        read = api.resources.kinds[home[name].kind].read or ""
        told = api.call(read, id=home[name].id)
        for field, written_value in body.items():
            got = told.json().get(field)
            show.equal("LS-AGREE-041", expected=written_value, got=got, exchange=told, signature=operation)


def show_authors_stay(api: Wire, show: Show, rich: RichWorld) -> None:
    """Show that whoever writes to what another person made does not become its author."""
    if "opinion" not in rich.home or "person" not in rich.home:
        return
    opinion = rich.home["opinion"]
    author = api.call("annotations.get", id=opinion.id).json()["completed_by"]
    answer = api.call("annotations.update", id=opinion.id, json={"lead_time": opinion.sent["lead_time"]})
    told = [answer.json()["completed_by"], api.call("annotations.get", id=opinion.id).json()["completed_by"]]
    show.equal("LS-AGREE-040", expected=[author] * 2, got=told, exchange=answer, signature="annotation.completed_by")


def refusals_change_nothing(api: Wire, show: Show, rich: RichWorld) -> Facts:
    """What all readers say after writes that were refused; what they said before is what they should say."""
    before = rich.neighbourhood.look()
    excused: list[tuple[str, object, str]] = [("task", "*", "updated_at"), ("annotation", "*", "updated_by")]
    answers = list(refused(api, rich, excused))
    after = rich.neighbourhood.look()
    of = blamed(rich, answers, changes(before, after, but=excused) if answers else ())
    for number, (_, answer) in enumerate(answers):
        changed = of[number]
        show(
            "LS-AGREE-042",
            not changed,
            expected="everything as before",
            got=brief(changed),
            exchange=answer,
            signature="; ".join(sorted({f"{c.fact[1]}.{c.fact[3]}" for c in changed})[:4]),
        )
    return after


def show_round_trips(api: Wire, show: Show, rich: RichWorld, title: str, before: Facts) -> None:
    """Show that what was made in the home, or beside it, and deleted again leaves everything as it was ``before``."""
    project, task = rich.project, rich.home["third"].id
    gone: dict[str, dict[str, Any]] = {
        "tasks.delete": {"json": {"project": project, "data": rich.home["third"].sent["data"]}},
        "annotations.delete": {"id": task, "json": {"result": RESULT}},
        "predictions.delete": {"json": {"task": task, "result": RESULT, "score": 0.5, "model_version": "gone"}},
        "views.delete": {"json": {"project": project, "data": {"title": title}}},
        "projects.exports.delete": {"id": project, "json": {"title": title}},
        "projects.delete": {"json": {"title": title}},
    }
    deleted: dict[str, Exchange] = {}
    for delete, arguments in gone.items():
        made = api.call(delete.replace(".delete", ".create"), **arguments).json()["id"]
        ids = {"id": project, "export_pk": made} if delete == "projects.exports.delete" else {"id": made}
        kind = api.resources.deleted_by(delete)
        deleted[kind.name if kind else ""] = last = api.call(delete, **ids)
    whole = {
        "data": rich.home["third"].sent["data"],
        "annotations": [{"result": RESULT}],
        "predictions": [{"result": RESULT, "model_version": "gone"}],
    }
    sent = bring_in(api, project, json=[whole, whole], query={"return_task_ids": True})
    if included := sent.json().get("task_ids"):
        last = act(api, "delete_tasks", int(project), *included)
    touched = [("task", str(task), field) for field in BESIDES]
    found = changes(before, rich.neighbourhood.look(), but=touched)
    # what is gone of one kind only, its own deletion took; tasks count and show what is in them
    kinds = {change.fact[1] for change in found} - {"task", "project"}
    show(
        "LS-AGREE-043",
        not found,
        expected="everything as it was",
        got=brief(found),
        exchange=deleted.get(min(kinds), last) if len(kinds) == 1 else last,
        signature="; ".join(sorted({f"{c.fact[1]}.{c.fact[3]}" for c in found})[:4]),
    )
