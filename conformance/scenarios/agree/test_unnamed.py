"""Tasks of files that came in before the labelling config said what their content is called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.data.configs import TEXT_CHOICES
from conformance.scenarios.steps import filters, import_tasks, list_tasks, tasks_page, texts, upload

if TYPE_CHECKING:
    from conformance.scenarios.conftest import NewProject
    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

ANYTHING = "<View></View>"
# what comes in after the config → the data of the tasks
LATER: dict[str, list[dict[str, str]]] = {
    "nothing": [],
    "tasks with the field": [{"text": "b"}, {"text": "d"}],
    "tasks with more fields": [{"text": "b", "more": "x"}, {"text": "d", "more": "y"}],
}
FOUND: dict[str, tuple[str, str]] = {"equal": ("equal", "b"), "contains": ("contains", "b"), "regex": ("regex", "^b$")}


@pytest.fixture
def early(api: Wire, new_project: NewProject) -> int:
    """A project with a text in each task, whose config came later than they did."""
    project = new_project(label_config=ANYTHING)
    upload(api, project, ("words.txt", b"a\nb\nc\n"))
    api.call("projects.update", id=project["id"], json={"label_config": TEXT_CHOICES})
    number: int = project["id"]
    return number


def words(answer: Exchange) -> list[Any] | str:
    """The texts of the tasks that came, or what came instead."""
    return texts(answer.json()["tasks"]) if answer.ok else answer.brief()


@pytest.mark.requirement("LS-AGREE-053")
@pytest.mark.parametrize("case", LATER)
def test_tasks_are_found_by_what_the_list_shows(api: Wire, show: Show, early: int, case: str) -> None:
    if LATER[case]:
        import_tasks(api, early, [{"data": data} for data in LATER[case]])
    shown = texts(list_tasks(api, early))
    if shown[:3] != ["a", "b", "c"]:
        show.not_measured(f"the list shows {shown}, and not the lines of the file")
    deed = "tasks that came before the config"
    for name, (operator, value) in FOUND.items():
        asked = {"filters": filters(("data.text", operator, "String", value))}
        page = tasks_page(api, early, expect=None, deed=deed, query=asked, fields="all")
        expected = [text for text in shown if text == "b"]
        show.equal("LS-AGREE-053", expected=expected, got=words(page), exchange=page, signature=f"{case}: {name}")
    for sign in ("", "-"):
        order = {"ordering": [f"{sign}tasks:data.text"]}
        page = tasks_page(api, early, expect=None, deed=deed, query=order, fields="all")
        expected = sorted(shown, reverse=bool(sign))
        signature = f"{case}: in {'descending' if sign else 'ascending'} order"
        show.equal("LS-AGREE-053", expected=expected, got=words(page), exchange=page, signature=signature)
