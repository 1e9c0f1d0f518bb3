"""Project templates, and copies of projects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from conformance.scenarios.checks import SENSELESS, show_each
from conformance.scenarios.data.configs import TEXT_LABELS
from conformance.scenarios.enterprise.steps import NOBODY, REFUSED, ids
from conformance.scenarios.steps import import_tasks, list_tasks, texts

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.budgets import Eventually
    from conformance.scenarios.conftest import NewProject
    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

pytestmark = pytest.mark.destructive

SETTINGS: Final = {
    "expert_instruction": "<b>Read</b> it twice.",
    "show_instruction": True,
    "show_skip_button": False,
    "enable_empty_annotation": False,
    "maximum_annotations": 3,
    "color": "#A1B2C3",
}
TEXTS: Final = ("Zażółć gęślą jaźń", "שלום", 'with "quotes"')


@pytest.fixture
def source(api: Wire, new_project: NewProject) -> dict[str, Any]:
    """A project with settings, none at its default, and with tasks."""
    project = new_project(label_config=TEXT_LABELS, description="The source", **SETTINGS)
    import_tasks(api, project["id"], [{"data": {"text": text}} for text in TEXTS])
    return project


def made_from(api: Wire, template: int, workspace: int, title: str, *, expect: Any = "success") -> Exchange:
    """Create a project from a template."""
    body = {"title": title, "workspace_id": workspace, "description": "From a template"}
    return api.call("project_templates.create_project_from_template", id=template, json=body, expect=expect)


def template_of(api: Wire, project: dict[str, Any], name: str) -> int:
    """Make a template of a project."""
    made: int = api.call("project_templates.create", json={"name": name, "project_id": project["id"]}).json()["id"]
    return made


def in_workspace(api: Wire, workspace: dict[str, Any]) -> list[int]:
    """The ids of a workspace's projects."""
    return ids(api.call("workspaces.projects.list", id=workspace["id"]).json())


def settings(show: Show, requirement: str, now: Exchange, deed: Exchange) -> None:
    """Show that a project that was made has the source's settings."""
    show_each(requirement, show, deed, {k: (v, now.json().get(k)) for k, v in SETTINGS.items()})


@pytest.mark.requirement(*(f"LS-TEMPLATE-00{n}" for n in (1, 2, 3, 4, 5)))
def test_a_project_is_made_from_a_template(
    api: Wire, show: Show, source: dict[str, Any], workspace: dict[str, Any], new_name: Callable[[str], str]
) -> None:
    title = new_name("from a template")
    deed = made_from(api, template_of(api, source, new_name("template")), workspace["id"], title)
    made = deed.json()["id"]
    now = api.call("projects.get", id=made)
    told = now.json()
    show.equal("LS-TEMPLATE-001", expected=TEXT_LABELS.split(), got=told["label_config"].split(), exchange=deed)
    got = [told["title"], told["description"]]
    show.equal("LS-TEMPLATE-002", expected=[title, "From a template"], got=got, exchange=deed)
    show.equal("LS-TEMPLATE-003", expected=[made], got=in_workspace(api, workspace))
    show.equal("LS-TEMPLATE-004", expected=[], got=list_tasks(api, made))
    settings(show, "LS-TEMPLATE-005", now, deed)


@pytest.mark.requirement("LS-TEMPLATE-006", "LS-TEMPLATE-007")
def test_template_and_projects_go_apart(
    api: Wire, show: Show, source: dict[str, Any], workspace: dict[str, Any], new_name: Callable[[str], str]
) -> None:
    template = template_of(api, source, new_name("template"))
    api.call("projects.update", id=source["id"], json={"expert_instruction": "Read it once."})
    made = made_from(api, template, workspace["id"], new_name("later")).json()["id"]
    now = api.call("projects.get", id=made)
    kept = SETTINGS["expert_instruction"]
    show.equal("LS-TEMPLATE-006", expected=kept, got=now.json()["expert_instruction"], exchange=now)
    api.call("project_templates.delete", id=template)
    left = [api.call("projects.get", id=one, expect=None) for one in (made, source["id"])]
    show.equal("LS-TEMPLATE-007", expected=[200, 200], got=[one.status for one in left], exchange=left[0])
    show.equal("LS-TEMPLATE-007", expected=list(TEXTS), got=texts(list_tasks(api, source["id"])), signature="tasks")


@pytest.mark.requirement("LS-TEMPLATE-008", "LS-TEMPLATE-009")
def test_what_is_missing_is_refused(
    api: Wire, show: Show, source: dict[str, Any], workspace: dict[str, Any], new_name: Callable[[str], str]
) -> None:
    template = template_of(api, source, new_name("template"))
    nowhere = made_from(api, template, NOBODY, new_name("nowhere"), expect=None)
    show.status("LS-TEMPLATE-008", nowhere, *REFUSED)
    body = {"workspace_id": workspace["id"]}
    create = "project_templates.create_project_from_template"
    show.status("LS-TEMPLATE-008", api.call(create, id=template, json=body, expect=None), *SENSELESS)
    show.equal("LS-TEMPLATE-008", expected=[], got=in_workspace(api, workspace), signature="made one")
    of_nothing = {"name": new_name("template"), "project_id": NOBODY}
    show.status("LS-TEMPLATE-009", api.call("project_templates.create", json=of_nothing, expect=None), *REFUSED)


def duplicate(api: Wire, project: int, workspace: int, title: str, mode: str, *, expect: Any = "success") -> Exchange:
    """Copy a project."""
    body = {"title": title, "description": "A copy", "workspace": workspace, "mode": mode}
    return api.call("projects.duplicate", id=project, json=body, expect=expect)


def copied(api: Wire, eventually: Eventually, made: Exchange) -> Exchange:
    """The copy, once it is done."""
    return eventually(
        lambda: api.call("projects.get", id=made.json()["id"]),
        until=lambda seen: seen.json().get("duplication_done") is not False,
        budget="import done",
    )


@pytest.mark.requirement("LS-DUPLICATE-001", "LS-DUPLICATE-002", "LS-DUPLICATE-004", "LS-DUPLICATE-008")
def test_settings_are_copied(
    api: Wire,
    show: Show,
    source: dict[str, Any],
    workspace: dict[str, Any],
    new_name: Callable[[str], str],
    eventually: Eventually,
) -> None:
    title = new_name("copy")
    deed = duplicate(api, source["id"], workspace["id"], title, "settings")
    now = copied(api, eventually, deed)
    told = now.json()
    show.equal("LS-DUPLICATE-001", expected=TEXT_LABELS.split(), got=told["label_config"].split(), exchange=deed)
    settings(show, "LS-DUPLICATE-001", now, deed)
    show.equal("LS-DUPLICATE-002", expected=[], got=list_tasks(api, told["id"]))
    got = [told["title"], told["description"], in_workspace(api, workspace)]
    show.equal("LS-DUPLICATE-004", expected=[title, "A copy", [told["id"]]], got=got, exchange=now)
    show.equal("LS-DUPLICATE-008", expected=True, got=told["duplication_done"], exchange=now)


@pytest.mark.requirement("LS-DUPLICATE-003", "LS-DUPLICATE-005", "LS-DUPLICATE-006")
def test_tasks_are_copied(
    api: Wire,
    show: Show,
    source: dict[str, Any],
    workspace: dict[str, Any],
    new_name: Callable[[str], str],
    eventually: Eventually,
) -> None:
    before = api.call("projects.get", id=source["id"]).json()
    made = duplicate(api, source["id"], workspace["id"], new_name("copy"), "settings,data")
    copy = copied(api, eventually, made).json()["id"]
    tasks = list_tasks(api, copy)
    show.equal("LS-DUPLICATE-003", expected=sorted(TEXTS), got=sorted(texts(tasks)), exchange=made)
    after = api.call("projects.get", id=source["id"]).json()
    kept = ("title", "description", "label_config", *SETTINGS)
    got = [[after[name] for name in kept], texts(list_tasks(api, source["id"]))]
    show.equal("LS-DUPLICATE-005", expected=[[before[name] for name in kept], list(TEXTS)], got=got, exchange=made)
    api.call("tasks.update", id=tasks[0]["id"], json={"data": {"text": "changed"}})
    api.call("tasks.delete", id=tasks[1]["id"])
    show.equal("LS-DUPLICATE-006", expected=list(TEXTS), got=texts(list_tasks(api, source["id"])))


@pytest.mark.requirement("LS-DUPLICATE-007")
def test_an_unknown_way_is_refused(
    api: Wire, show: Show, source: dict[str, Any], workspace: dict[str, Any], new_name: Callable[[str], str]
) -> None:
    answer = duplicate(api, source["id"], workspace["id"], new_name("copy"), "everything", expect=None)
    show.status("LS-DUPLICATE-007", answer, *SENSELESS)
    show.equal("LS-DUPLICATE-007", expected=[], got=in_workspace(api, workspace), exchange=answer, signature="made one")
