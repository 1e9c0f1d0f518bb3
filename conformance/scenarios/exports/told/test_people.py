"""Exports of annotations by several authors, and by users who were deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.accounts import full_member
from conformance.scenarios.checks import show_each
from conformance.scenarios.data.configs import TEXT_CHOICES, choice
from conformance.scenarios.exports.told.values import rows
from conformance.scenarios.steps import annotate, bring_in, export

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.budgets import Eventually
    from conformance.scenarios.accounts import Account
    from conformance.scenarios.conftest import Imported, NewProject
    from conformance.showing import Show
    from conformance.wire import Wire

FORMATS = ("JSON", "JSON_MIN", "CSV", "TSV")


@pytest.mark.requirement("LS-EXPORT-160", "LS-EXPORT-161", "LS-EXPORT-162")
def test_each_annotation_names_its_annotator(
    api: Wire, show: Show, member: Account, project: dict[str, Any], imported: Imported
) -> None:
    (task,) = imported(project, [{"data": {"text": "a"}}])
    own = annotate(api, task, choice("Positive"))
    theirs = api.call(
        "annotations.create", id=task["id"], json={"result": [choice("Negative")]}, role=member.role
    ).json()
    wanted = {str(own["id"]): str(own["completed_by"]), str(theirs["id"]): str(member.id)}
    for name in FORMATS[1:]:
        answer = export(api, project["id"], name, expect=None)
        got = {str(row.get("annotation_id")): str(row.get("annotator")) for row in rows(name, answer)}
        show.equal("LS-EXPORT-160", expected=wanted, got=got, exchange=answer, signature=name)

    api.call("users.delete", id=member.id)
    answers = {name: export(api, project["id"], name, expect=None) for name in FORMATS}
    show_each("LS-EXPORT-161", show, answers["CSV"], {name: (200, answer.status) for name, answer in answers.items()})
    for name in FORMATS[1:]:
        told = {str(row.get("annotation_id")): row.get("annotator") for row in rows(name, answers[name])}
        nobody = told.get(str(theirs["id"]), "no row")
        show(
            "LS-EXPORT-162",
            nobody in {None, "", member.id, str(member.id)},
            expected=f"no annotator, or {member.id} as before",
            got=nobody,
            exchange=answers[name],
            signature=name,
        )


@pytest.mark.requirement("LS-EXPORT-163")
def test_a_project_outlives_its_creator(
    api: Wire, show: Show, eventually: Eventually, new_name: Callable[[str], str]
) -> None:
    gone = full_member(api)
    described = {"title": new_name("creator"), "label_config": TEXT_CHOICES}
    project = api.call("projects.create", json=described, role=gone.role).json()["id"]
    annotation = {"result": [choice("Positive")], "ground_truth": False}
    bring_in(api, project, json=[{"data": {"text": "a"}, "annotations": [annotation]}])
    api.call("users.delete", id=gone.id)
    api.ledger.remove("user", gone.id)
    answers = {name: export(api, project, name, expect=None) for name in FORMATS}
    cases: dict[str, tuple[object, object]] = {name: (200, answer.status) for name, answer in answers.items()}
    made = api.call("projects.exports.create", id=project, json={}, expect=None)
    told = made.status
    if made.ok:
        told = eventually(
            lambda: api.call("projects.exports.get", id=project, export_pk=made.json()["id"]).json()["status"],
            until=lambda status: status in {"completed", "failed"},
            budget="export ready",
        )
    show_each("LS-EXPORT-163", show, answers["JSON"], {**cases, "snapshot": ("completed", told)})


@pytest.mark.requirement("LS-EXPORT-164")
def test_an_importer_names_people_by_id_or_address(
    api: Wire, show: Show, member: Account, new_project: NewProject
) -> None:
    """As an export of either kind names them."""
    cases: dict[str, tuple[object, object]] = {}
    for case, person in (
        ("id", member.id),
        ("address", {"email": member.email}),
        ("whole", {"id": member.id, "email": member.email, "first_name": "", "last_name": ""}),
        ("address in capitals", {"email": member.email.upper()}),
    ):
        project = new_project()["id"]
        annotation = {"result": [], "ground_truth": False, "completed_by": person}
        tasks = [{"data": {"text": "a"}, "annotations": [annotation]}]
        made = bring_in(api, project, json=tasks, expect=None)
        answer = export(api, project, "JSON", expect=None)
        (told,) = [a["completed_by"] for task in answer.json() for a in task["annotations"]] or [made.status]
        cases[case] = (member.id, told)
    show_each("LS-EXPORT-164", show, made, cases)
