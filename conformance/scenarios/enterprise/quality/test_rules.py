"""How agreement is measured, and where reviews are routed: dimensions, metric settings, routing rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.scenarios.checks import SENSELESS, show_each
from conformance.scenarios.data.configs import TEXT_LABELS
from conformance.scenarios.enterprise.steps import NOBODY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conformance.budgets import Eventually
    from conformance.scenarios.conftest import NewProject
    from conformance.showing import Show
    from conformance.wire import Exchange, Wire

pytestmark = pytest.mark.destructive


def dimensions(api: Wire, project: dict[str, Any], **query: object) -> list[dict[str, Any]]:
    """The dimensions of a project."""
    found: list[dict[str, Any]] = api.call("dimensions.list", project_pk=project["id"], query=query).json()
    return found


@pytest.mark.requirement("LS-DIMENSION-001", "LS-DIMENSION-002", "LS-DIMENSION-003", "LS-DIMENSION-004")
def test_control_tags_have_dimensions(api: Wire, show: Show, project: dict[str, Any], new_project: NewProject) -> None:
    other = new_project(label_config=TEXT_LABELS)
    listed = dimensions(api, project)
    got = [sorted({str(one["control_tag"]) for one in dimensions(api, where)}) for where in (project, other)]
    show.equal("LS-DIMENSION-001", expected=[["label"], ["ner"]], got=got)
    read = api.call("dimensions.get", project_pk=project["id"], id=listed[0]["id"])
    both = {name: (value, read.json()[name]) for name, value in listed[0].items() if name in read.json()}
    show_each("LS-DIMENSION-002", show, read, both)
    for asked in (True, False):
        expected = [one["id"] for one in listed if one["is_active"] is asked]
        found = [one["id"] for one in dimensions(api, project, is_active=asked)]
        show.equal("LS-DIMENSION-003", expected=expected, got=found)
    elsewhere = api.call("dimensions.get", project_pk=other["id"], id=listed[0]["id"], expect=None)
    show.status("LS-DIMENSION-004", elsewhere, 404)


@pytest.mark.requirement("LS-DIMENSION-005", "LS-DIMENSION-006", "LS-DIMENSION-009")
def test_agreement_is_computed_anew(api: Wire, show: Show, project: dict[str, Any], eventually: Eventually) -> None:
    made = api.call("dimensions.trigger_backfill", json={"project_id": project["id"]})
    status = eventually(
        lambda: api.call("dimensions.get_backfill_status", query={"project_id": project["id"]}),
        until=lambda seen: seen.json()["status"] in {"COMPLETED", "FAILED"},
        budget="import done",
    )
    job = status.json()["job_id"]
    by_job = api.call("dimensions.get_backfill_status", query={"job_id": job})
    listed = api.call("dimensions.list_backfills")
    jobs = {one["job_id"]: one["project_id"] for one in listed.json()}
    got = [made.json()["jobs_queued"], status.json()["project_id"], by_job.json()["project_id"], jobs.get(job)]
    show.equal("LS-DIMENSION-005", expected=[1, *[project["id"]] * 3], got=got, exchange=made)
    state = by_job.json()["status"]
    other = "FAILED" if state != "FAILED" else "COMPLETED"
    found = [
        job in [one["job_id"] for one in api.call("dimensions.list_backfills", query={"status": asked}).json()]
        for asked in (state, other)
    ]
    show.equal("LS-DIMENSION-006", expected=[True, False], got=found)
    done = api.call("dimensions.cancel_backfill", query={"project_id": project["id"]})
    show.equal("LS-DIMENSION-009", expected=0, got=done.json()["cancelled_count"], exchange=done)


@pytest.mark.requirement("LS-DIMENSION-007", "LS-DIMENSION-008")
def test_a_backfill_says_of_what(api: Wire, show: Show, project: dict[str, Any]) -> None:
    for body in ({}, {"project_id": project["id"], "num_projects": 1}):
        answer = api.call("dimensions.trigger_backfill", json=body, expect=None)
        show.status("LS-DIMENSION-007", answer, 400)
    refused = api.call("dimensions.trigger_backfill", json={"project_id": NOBODY}, expect=None)
    show.status("LS-DIMENSION-008", refused, 400, 404)
    of_nothing = api.call("dimensions.get_backfill_status", query={"project_id": NOBODY}, expect=None)
    show.status("LS-DIMENSION-008", of_nothing, 404)


def number(value: object) -> float | None:
    """A number, told as one or as text (contract: the threshold is a text)."""
    try:
        return float(str(value))
    except ValueError:
        return None


def metric(api: Wire, project: dict[str, Any]) -> list[object]:
    """The settings of a project's agreement."""
    told = api.call("projects.metrics.get", id=project["id"]).json()
    return [number(told["agreement_threshold"]), told["max_additional_annotators_assignable"]]


@pytest.mark.requirement("LS-METRIC-001", "LS-METRIC-002", "LS-METRIC-003", "LS-METRIC-004")
def test_agreement_has_settings(api: Wire, show: Show, project: dict[str, Any], new_project: NewProject) -> None:
    other = new_project()
    beside = metric(api, other)

    def set_to(expect: Any = "success", **body: object) -> Exchange:
        return api.call("projects.metrics.update", id=project["id"], json=body, expect=expect)

    done = set_to(agreement_threshold=70, max_additional_annotators_assignable=3)
    show.equal("LS-METRIC-001", expected=[70.0, 3], got=metric(api, project), exchange=done)
    one = set_to(agreement_threshold=40)
    show.equal("LS-METRIC-002", expected=[40.0, 3], got=metric(api, project), exchange=one)
    more = set_to(max_additional_annotators_assignable=5)
    show.equal("LS-METRIC-002", expected=[40.0, 5], got=metric(api, project), exchange=more, signature="threshold")
    show.equal("LS-METRIC-003", expected=beside, got=metric(api, other))
    refused = set_to(expect=None, agreement_threshold="high")
    show.status("LS-METRIC-004", refused, *SENSELESS)
    show.equal("LS-METRIC-004", expected=[40.0, 5], got=metric(api, project), exchange=refused, signature="changed")


RULES: tuple[dict[str, Any], ...] = (
    {"operator": "lt", "agreement_threshold": "40.00", "sample_rate": "100.00"},
    {"operator": "gte", "agreement_threshold": "40.00", "sample_rate": "25.00"},
    {"operator": "gte", "agreement_threshold": "90.00", "sample_rate": "5.00"},
)


def told(rules: Sequence[dict[str, Any]]) -> list[list[object]]:
    """Rules as their values."""
    return [[r["operator"], number(r["agreement_threshold"]), number(r["sample_rate"])] for r in rules]


class Routing:
    """The routing rules of one project."""

    def __init__(self, api: Wire, project: dict[str, Any]) -> None:
        self._api = api
        self._project = project["id"]

    def set(self, *rules: dict[str, Any], expect: Any = "success") -> Exchange:
        """Set the rules."""
        body = {"rules": list(rules)}
        return self._api.call("projects.review_routing_rules.bulk_replace", id=self._project, json=body, expect=expect)

    def listed(self) -> list[dict[str, Any]]:
        """The rules."""
        found: list[dict[str, Any]] = self._api.call("projects.review_routing_rules.list", id=self._project).json()
        return found


@pytest.mark.requirement("LS-ROUTING-001", "LS-ROUTING-002", "LS-ROUTING-003")
def test_rules_are_kept_in_order(api: Wire, show: Show, project: dict[str, Any]) -> None:
    routing = Routing(api, project)
    made = routing.set(*RULES)
    now = routing.listed()
    show.equal("LS-ROUTING-001", expected=told(RULES), got=told(now), exchange=made)
    kept = {**RULES[2], "id": now[2]["id"], "sample_rate": "7.50"}
    changed = routing.set(kept, RULES[0])
    after = routing.listed()
    show.equal("LS-ROUTING-002", expected=[now[2]["id"], 7.5], got=[after[0]["id"], number(after[0]["sample_rate"])])
    got = [told(after), {now[0]["id"], now[1]["id"]} & {one["id"] for one in after} == set()]
    show.equal("LS-ROUTING-003", expected=[told([kept, RULES[0]]), True], got=got, exchange=changed)
    show.equal("LS-ROUTING-003", expected=[[], []], got=[routing.set().json(), routing.listed()], signature="none")


@pytest.mark.requirement("LS-ROUTING-004", "LS-ROUTING-005", "LS-ROUTING-006")
def test_a_wrong_rule_changes_nothing(api: Wire, show: Show, project: dict[str, Any], new_project: NewProject) -> None:
    routing, other = Routing(api, project), Routing(api, new_project())
    routing.set(*RULES)
    before, beside = routing.listed(), other.set(RULES[1]).json()
    wrong = {**RULES[0], "operator": "about"}
    refused = routing.set(RULES[2], wrong, expect=None)
    show.status("LS-ROUTING-004", refused, *SENSELESS)
    show.equal("LS-ROUTING-004", expected=before, got=routing.listed(), exchange=refused, signature="changed")
    show.equal("LS-ROUTING-005", expected=beside, got=other.listed())
    foreign = routing.set({**RULES[2], "id": beside[0]["id"]}, expect=None)
    show.equal("LS-ROUTING-006", expected=beside, got=other.listed(), exchange=foreign)
