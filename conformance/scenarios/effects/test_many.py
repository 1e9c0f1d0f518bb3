"""Actions on more tasks than a server takes at a time handle each of them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

import pytest

from conformance.scenarios.data.configs import choice
from conformance.scenarios.steps import act, bring_in, filters, tasks_page

if TYPE_CHECKING:
    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

MANY: Final = 1_050
"""A little above a thousand, which is where servers like to begin a new batch."""
A_PAGE: Final = 350
KEPT: Final = 20
"""So many are left alone by each action."""
MULTIPLE: Final = 5
TIMES: Final = 3
# On a busy machine a request may take three times as long as another.


def there(api: Wire, project: int) -> tuple[Exchange, list[Any]]:
    """How many tasks and annotations a project has by its task list, and how many predictions are listed.

    LS-AGREE-020 and its neighbours ask whether the counter of predictions follows.
    """
    page = tasks_page(api, project, page_size=1)
    listed = api.call("predictions.list", query={"project": project})
    return page, [page.json().get("total"), page.json().get("total_annotations"), len(listed.json())]


def found(api: Wire, project: int, column: str) -> tuple[float, Exchange]:
    """Ask once which tasks have a label in a column of results; returns how long the answer took."""
    asked = {"filters": filters((column, "contains", "String", "Positive"))}
    begun = time.monotonic()
    page = tasks_page(api, project, query=asked, include="id", page_size=1)
    return time.monotonic() - begun, page


def show_cost(api: Wire, show: Show, project: int) -> None:
    """Show what a filter on annotations costs, where each task has one with the result of its prediction."""
    usual = [found(api, project, "predictions_results") for _ in range(TIMES)]
    took, page = found(api, project, "annotations_results")
    if page.json().get("total") != usual[0][1].json().get("total"):
        show.not_measured("the two filters do not find the same number of tasks")
    times = took / max(seconds for seconds, _ in usual)
    got, expected = f"{times:.0f} times", f"at most {MULTIPLE} times the filter on predictions"
    show("LS-COST-004", times <= MULTIPLE, expected=expected, got=got, exchange=page, signature="quadratic")


@pytest.mark.requirement("LS-EFFECT-050", "LS-EFFECT-051", "LS-COST-004")
def test_each_of_many(api: Wire, show: Show, project: dict[str, Any]) -> None:
    number = project["id"]
    sent = [{"data": {"text": f"t{n}"}, "predictions": [{"result": [choice("Positive")]}]} for n in range(MANY)]
    made = bring_in(api, number, json=sent)
    page, got = there(api, number)
    show.equal("LS-EFFECT-050", expected=[MANY, 0, MANY], got=got, exchange=made)
    pages = [tasks_page(api, number, page_size=A_PAGE, page=n + 1, include="id") for n in range(MANY // A_PAGE)]
    ids = [task["id"] for one in pages for task in one.json()["tasks"]]
    once = (len(ids), len(set(ids)))
    show.equal("LS-EFFECT-050", expected=(MANY, MANY), got=once, exchange=pages[-1], signature="pages")
    for action, chosen, expected in (
        ("predictions_to_annotations", ids, [MANY, MANY, MANY]),
        ("delete_tasks_predictions", ids[KEPT:], [MANY, MANY, KEPT]),
        ("delete_tasks_annotations", ids[:-KEPT], [MANY, KEPT, KEPT]),
        ("delete_tasks", ids[KEPT:-KEPT], [2 * KEPT, KEPT, KEPT]),
    ):
        act(api, action, number, *chosen)
        page, got = there(api, number)
        show.equal("LS-EFFECT-051", expected=expected, got=got, exchange=page, signature=action)
        if action == "predictions_to_annotations" and got == expected:
            show_cost(api, show, number)
