"""Actions on more tasks than a server takes at a time handle each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from conformance.scenarios.data.configs import choice
from conformance.scenarios.steps import act, bring_in, tasks_page

if TYPE_CHECKING:
    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

MANY: Final = 1_050
"""A little above a thousand, which is where servers like to begin a new batch."""
A_PAGE: Final = 350
KEPT: Final = 20
"""So many are left alone by each action."""


def there(api: Wire, project: int) -> tuple[Exchange, list[Any]]:
    """How many tasks and annotations a project has by its task list, and how many predictions are listed.

    LS-AGREE-020 and its neighbours ask whether the counter of predictions follows.
    """
    page = tasks_page(api, project, page_size=1)
    listed = api.call("predictions.list", query={"project": project})
    return page, [page.json().get("total"), page.json().get("total_annotations"), len(listed.json())]


@pytest.mark.requirement("LS-EFFECT-050", "LS-EFFECT-051")
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
