"""The activity log, and what billing counts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.accounts import signed_up
from conformance.scenarios.checks import show_none
from conformance.scenarios.enterprise.administration.pages import page_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.budgets import Eventually
    from conformance.scenarios.conftest import NewProject
    from conformance.scenarios.enterprise.people import Staff
    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

pytestmark = pytest.mark.destructive

SETTLED = "counters settled"


class Log:
    """The activity log, and one request in it that can be told from all others by its address."""

    def __init__(self, api: Wire, eventually: Eventually) -> None:
        self._api = api
        self._eventually = eventually

    def entries(self, **query: object) -> Exchange:
        """Return what a query finds."""
        asked = {"page": 1, "page_size": 100, "ordering": "-datetime", **query}
        return self._api.call("activity_logs.list", query=asked)

    def about(self, part: str, **query: object) -> tuple[Exchange, list[dict[str, Any]]]:
        """The entries whose address has a part, waited for; and the answer that has them."""
        answer = self._eventually(
            lambda: self.entries(search=part, **query), until=lambda seen: _with(seen, part) != [], budget=SETTLED
        )
        return answer, _with(answer, part)

    def has(self, part: str, **query: object) -> bool:
        """Return whether a query finds an entry whose address has a part, without waiting for it."""
        return _with(self.entries(**query), part) != []


def _with(answer: Exchange, part: str) -> list[dict[str, Any]]:
    return [one for one in page_of(answer)["data"] if part in one["request_url"]]


def _more(name: str, before: int, checks: dict[str, Any]) -> bool:
    return bool(checks[name]["count"] > before)


@pytest.fixture
def log(api: Wire, eventually: Eventually) -> Log:
    """The activity log."""
    return Log(api, eventually)


@pytest.mark.requirement(*(f"LS-ACTIVITY-00{n}" for n in (1, 2, 3, 4, 5, 9)))
def test_requests_are_remembered(
    api: Wire, show: Show, log: Log, staffed: dict[str, Any], new_project: NewProject, staff: Staff
) -> None:
    other = new_project()["id"]
    part = f"/api/projects/{staffed['id']}/members/"
    body = {"user": staff.second.id}
    api.call("projects.members.add", id=staffed["id"], json=body, role=staff.manager.role, expect=None)
    api.call("projects.members.remove", id=staffed["id"], query=body)
    answer, found = log.about(part, project=staffed["id"])
    deeds = [one for one in found if one["request_method"] == "DELETE"]
    me = api.call("users.whoami").json()["id"]
    got = [[one["request_method"], str(one["response_code"]), one["user_id"]] for one in deeds]
    show.equal("LS-ACTIVITY-001", expected=[["DELETE", "204", me]], got=got, exchange=answer)
    show.equal(
        "LS-ACTIVITY-002", expected=[True, False], got=[log.has(part, project=p) for p in (staffed["id"], other)]
    )
    mine = [log.has(part, user=user, project=staffed["id"]) for user in (staff.manager.id, staff.second.id)]
    show.equal("LS-ACTIVITY-003", expected=[True, False], got=mine)
    methods = [log.has(part, method=name, project=staffed["id"]) for name in ("DELETE", "PUT")]
    show.equal("LS-ACTIVITY-004", expected=[True, False], got=methods)
    searched = log.entries(search=part)
    data = page_of(searched)["data"]
    odd = [one["request_url"] for one in data if part not in one["request_url"]]
    show("LS-ACTIVITY-005", not odd and bool(data), expected=part, got=odd, exchange=searched)
    api.call("projects.members.add", id=other, json=body, role=staff.annotator.role, expect=None)
    answer, refused = log.about(f"/api/projects/{other}/members/", user=staff.annotator.id)
    codes = [str(one["response_code"])[:1] for one in refused]
    show.equal("LS-ACTIVITY-009", expected=["4"], got=codes, exchange=answer)


@pytest.mark.requirement("LS-ACTIVITY-006", "LS-ACTIVITY-007")
def test_the_log_is_asked_for_a_time(api: Wire, show: Show, log: Log, new_project: NewProject) -> None:
    project = new_project()["id"]
    part = f"/api/projects/{project}"
    for text in ("one", "two", "three"):
        api.call("projects.update", id=project, json={"description": text})
    _, found = log.about(part, method="PATCH")
    moment = datetime.fromisoformat(found[0]["datetime"]).astimezone(UTC)
    before, after = ((moment + timedelta(hours=h)).isoformat() for h in (-1, 1))
    got = [
        log.has(part, start_date=before, end_date=after, search=part),
        log.has(part, end_date=before, search=part),
        log.has(part, start_date=after, search=part),
    ]
    show.equal("LS-ACTIVITY-006", expected=[True, False, False], got=got)
    query = {"method": "PATCH", "project": project}
    whole = log.entries(**query)
    pages = [log.entries(page=page, page_size=2, **query) for page in (1, 2)]
    seen = [one["id"] for page in pages for one in page_of(page)["data"]]
    told = page_of(pages[0])
    known = {one["id"] for one in page_of(whole)["data"]}
    state = [len(known), len(seen), set(seen) == known, told["recordsFiltered"]]
    show.equal("LS-ACTIVITY-007", expected=[3, 3, True, 3], got=state, exchange=pages[1])
    total = told["recordsTotal"]
    show("LS-ACTIVITY-007", total >= 3, expected="all entries", got=total, exchange=pages[0], signature="total")


@pytest.mark.requirement("LS-ACTIVITY-008")
def test_the_log_tells_no_secret(api: Wire, show: Show, log: Log, new_project: NewProject) -> None:
    secret = "a-password-of-the-conformance-suite"  # noqa: S105 - to be looked for
    project = new_project()["id"]
    body = {"task_data_login": "reader", "task_data_password": secret}
    api.call("projects.update", id=project, json=body)
    if not log.about(f"/api/projects/{project}")[1]:
        show.not_measured("the log does not have the request that had the secret in it")
    whole = log.entries(project=project)
    keys = [key for credentials in api.credentials.values() for key in credentials.secrets() if key]
    told = [name for name, text in [("the password", secret), *(("a key", key) for key in keys)] if text in whole.text]
    show("LS-ACTIVITY-008", not told, expected="no secret", got=told, exchange=whole)


@pytest.mark.requirement("LS-BILLING-001", "LS-BILLING-002", "LS-BILLING-003")
def test_what_is_billed_is_counted(api: Wire, show: Show, new_project: NewProject, eventually: Eventually) -> None:
    def checks() -> dict[str, Any]:
        found: dict[str, Any] = api.call("billing.info").json()["billing_checks"]
        return found

    def joins() -> object:
        return signed_up(api)

    makes: dict[str, tuple[str, Callable[[], object]]] = {
        "LS-BILLING-001": ("projects", new_project),
        "LS-BILLING-002": ("users", joins),
    }
    for requirement, (name, make) in makes.items():
        before = checks()[name]["count"]
        make()
        after = eventually(checks, until=partial(_more, name, before), budget=SETTLED)
        more = after[name]["count"] - before
        show(requirement, more >= 1, expected="one more", got=more)
    limited = {name: one for name, one in checks().items() if isinstance(one, dict) and one["limit"] > 0}
    odd = [name for name, one in limited.items() if one["reached"] != (one["count"] >= one["limit"])]
    show_none("LS-BILLING-003", show, None, odd, among=limited)
