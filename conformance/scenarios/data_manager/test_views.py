"""Views that are emptied again, and views that no list can follow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.contract.json_equal import any_order
from conformance.scenarios.steps import filters

if TYPE_CHECKING:
    from conformance.scenarios.conftest import Imported
    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

FULL: dict[str, Any] = {
    "title": "full",
    "ordering": ["-tasks:id"],
    "filters": filters(("data.text", "not_equal", "String", "b")),
    "hiddenColumns": {"explore": ["tasks:id"], "labeling": ["tasks:inner_id"]},
}
NONE: dict[str, Any] = {
    "ordering": [],
    "filters": filters(),
    "hiddenColumns": {"explore": [], "labeling": []},
}
WORDS = ("a", "b", "c")


@pytest.fixture
def three(project: dict[str, Any], imported: Imported) -> list[dict[str, Any]]:
    """Three tasks of ``project``."""
    return imported(project, [{"data": {"text": word}} for word in WORDS])


def listed(api: Wire, view: int, deed: str) -> Exchange:
    """The tasks of a view."""
    return api.call("tasks.list", query={"view": view, "fields": "all"}, expect=None, deed=deed)


def words(answer: Exchange) -> list[str] | str:
    """Which tasks came, in their order; or the answer."""
    return [task["data"]["text"] for task in answer.json()["tasks"]] if answer.ok else answer.brief()


@pytest.mark.requirement("LS-DM-049")
@pytest.mark.parametrize("part", NONE)
@pytest.mark.usefixtures("three")
def test_a_view_is_emptied(api: Wire, show: Show, project: dict[str, Any], part: str) -> None:
    """In an update that names all of its data, and one part of them as empty; it then lists what a new one lists."""
    view = api.call("views.create", json={"project": project["id"], "data": FULL}).json()["id"]
    before = words(listed(api, view, "a view"))
    if before != ["c", "a"]:
        show.blocked("LS-DM-007", f"the view lists {before} before anything of it is emptied")
    body = {"project": project["id"], "data": {**FULL, part: NONE[part]}}
    usual = words(listed(api, api.call("views.create", json=body).json()["id"], "a view without one part"))
    if not isinstance(usual, list) or not set(usual).issuperset(before):
        show.blocked("LS-DM-007", f"a view that was created without its {part} lists {usual}")
    update = api.call("views.update", id=view, json={"data": {**FULL, part: NONE[part]}})
    told = api.call("views.get", id=view).json()["data"]
    expected = {"data": NONE[part], "tasks": usual}
    got = {"data": told.get(part) or NONE[part], "tasks": words(listed(api, view, "a view that was emptied"))}
    show.equal("LS-DM-049", expected=expected, got=got, exchange=update, signature=part)


def one_filter(operator: str, value: object, conjunction: str = "and") -> dict[str, Any]:
    """A filter by the id of a task."""
    return filters(("id", operator, "Number", value), conjunction=conjunction)


# what is wrong, and the part of the view in which it is
WRONG: dict[str, tuple[str, Any]] = {
    "an ordering that is a text": ("ordering", "tasks:id"),
    "an ordering that is an object": ("ordering", {"tasks:id": "asc"}),
    "an ordering of null": ("ordering", [None]),
    "an ordering of a number": ("ordering", [1]),
    "an ordering by a column that is none": ("ordering", ["tasks:nothing"]),
    "an ordering by a name without its table": ("ordering", ["id"]),
    "hidden columns that are a text": ("hiddenColumns", "tasks:id"),
    "hidden columns that are a list": ("hiddenColumns", ["tasks:id"]),
    "hidden columns of one page only": ("hiddenColumns", {"explore": ["tasks:id"]}),
    "a conjunction that is none": ("filters", one_filter("equal", 1, "xor")),
    "a filter without a value": ("filters", one_filter("equal", None)),
    "a number that is a text": ("filters", one_filter("equal", "many")),
    "a range that is a list": ("filters", one_filter("in", [1, 2])),
}


@pytest.mark.requirement("LS-DM-050", "LS-DM-051")
@pytest.mark.parametrize("way", ["created", "updated"])
@pytest.mark.parametrize("case", WRONG)
@pytest.mark.usefixtures("three")
def test_a_view_that_no_list_can_follow(api: Wire, show: Show, project: dict[str, Any], case: str, way: str) -> None:
    """It is refused, or lists something; and if it does not, it can be mended."""
    part, value = WRONG[case]
    data = {"title": "wrong", part: value}
    if way == "created":
        made = api.call("views.create", json={"project": project["id"], "data": data}, expect=None, deed=case)
        if not made.ok:
            show("LS-DM-050", made.rejected, expected="a 4xx", got=made.brief(), exchange=made, signature=case)
            return
        view = made.json()["id"]
    else:
        view = api.call("views.create", json={"project": project["id"], "data": {"title": "right"}}).json()["id"]
        made = api.call("views.update", id=view, json={"data": data}, expect=None, deed=case)
        if made.server_error:
            show("LS-DM-050", holds=False, expected="a 4xx", got=made.brief(), exchange=made, signature=case)
            return
    answer = listed(api, view, "a view that no list can follow")
    show(
        "LS-DM-050",
        not answer.server_error,
        expected="a refusal of the view, or an answer other than a 5xx",
        got=f"{made.brief()}; then {answer.brief()}: {answer.text[:120]}",
        exchange=answer,
        signature=case,
    )
    api.call("views.update", id=view, json={"data": {"title": "mended", **NONE}})
    mended = listed(api, view, "a view that was mended")
    show.equal("LS-DM-051", expected=any_order(WORDS), got=words(mended), exchange=mended, signature=part)
