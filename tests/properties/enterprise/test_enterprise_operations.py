"""All 400 operations on an Enterprise server that is right: green throughout; and the faults of one that is not."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import pytest

from conformance.contract import Edition, load_contract
from conformance.contract.tables.resources import load_resources
from conformance.judge.observation import Outcome
from conformance.properties import (
    test_access,
    test_addressing,
    test_coverage,
    test_enterprise,
    test_fuzz,
    test_lifecycle,
    test_listing,
    test_malformed,
    test_success,
    test_writing,
)
from conformance.properties.campaigns.selection import DEPTH_POLICIES, CampaignOptions
from conformance.properties.registry import binding_of
from tests.properties.conftest import AnyService
from tests.properties.enterprise.checks import CHECKS, ROLES

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.contract import Operation
    from tests.properties.conftest import Bench

# so that workers share the work
PARTS = 4


def operations(check: Callable[..., None]) -> list[Operation]:
    """Those that the generated test is about on an Enterprise server."""
    binding = binding_of(check)
    return [o for o in load_contract() if binding is None or binding.is_about(o)]


def bad(bench: Bench, check: Callable[..., None], **extra: Any) -> list[str]:
    """What is not a pass, over all operations."""
    return [
        f"{o.requirement} {o.outcome.value}: {o.message}"
        for operation in operations(check)
        for o in bench.run(check, operation.id, roles=ROLES, **extra)
        if o.outcome is not Outcome.PASS
    ]


def test_every_operation_reaches_its_success(bench: Callable[..., Bench]) -> None:
    made = bench(services=AnyService)
    reached: set[str] = set()
    for operation in operations(test_success.test_success):
        seen = made.run(test_success.test_success, operation.id)
        assert {o.outcome for o in seen} == {Outcome.PASS}, [o.message for o in seen]
        reached |= {str(o.operation) for o in seen if o.rule == "success"}
    assert reached == set(load_contract().operations)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_a_right_server_is_green(bench: Callable[..., Bench], check: Callable[..., None]) -> None:
    assert bad(bench(services=AnyService), check) == []


@pytest.mark.parametrize("part", range(PARTS))
def test_a_right_server_is_green_for_covering_cases(
    bench: Callable[..., Bench], generated: dict[str, Any], part: int
) -> None:
    made = bench(services=AnyService)
    extra = {
        **generated,
        "options": CampaignOptions(policy=dataclasses.replace(DEPTH_POLICIES["gate"], positive=1, negative=3, forms=0)),
    }
    positive = good = 0
    for operation in tuple(load_contract())[part::PARTS]:
        seen = made.run(test_coverage.test_coverage, operation.id, **extra)
        assert {o.outcome for o in seen} <= {Outcome.PASS}, [o.message for o in seen]
        positive += made.wire.recorder.statistics.generated["positive"]
        good += made.wire.recorder.statistics.generated["positive-2xx"]
    assert good == positive > 350 / PARTS


def test_a_right_server_is_green_for_random_cases(bench: Callable[..., Bench], generated: dict[str, Any]) -> None:
    made = bench(services=AnyService)
    extra = {**generated, "options": CampaignOptions(policy=dataclasses.replace(DEPTH_POLICIES["gate"], fuzz=1))}
    for operation in load_contract().of(Edition.ENTERPRISE)[::5]:
        for mode in ("positive", "negative"):
            seen = made.run(test_fuzz.test_fuzz, operation.id, mode=mode, **extra)
            assert {o.outcome for o in seen} <= {Outcome.PASS}, [o.message for o in seen]


@pytest.mark.parametrize(
    ("check", "operation", "rule", "fault"),
    [
        (test_access.test_access, "billing.info", "refuses-anonymous", "anonymous"),
        (test_addressing.test_unknown_id, "workspaces.get", "unknown-id", "unknown-found"),
        (test_addressing.test_unknown_id, "prompts.indicators.get", "unknown-id", "unknown-found"),
        (test_addressing.test_method, "comments.list", "allow", "no-allow"),
        (test_lifecycle.test_child_of_deleted_parent, "comments.get", "gone-with-parent", "keeps-orphans"),
        (
            test_lifecycle.test_child_of_deleted_parent,
            "annotation_history.retrieve",
            "gone-with-parent",
            "keeps-orphans",
        ),
        (test_lifecycle.test_write_to_what_is_gone, "workspaces.update", "use-after-delete", "deletes-nothing"),
        (test_listing.test_filter, "comments.list", "filter", "unfiltered"),
        (test_listing.test_pages, "prompts.list", "pages", "overlapping-pages"),
        (test_malformed.test_malformed, "annotation_reviews.create", "refuses-malformed", "lenient"),
        (test_writing.test_read_back, "prompts.versions.create", "read-back", "forgets-input"),
        (test_writing.test_patch, "workspaces.update", "patch-applies", "patch-ignored"),
        (test_writing.test_patch, "prompts.update", "patch-keeps-rest", "patch-forgets"),
        (test_writing.test_delete, "organizations.member_tags.delete", "gone", "deletes-nothing"),
        (test_coverage.test_coverage, "projects.roles.add", "refuses-body", "lenient"),
        (test_coverage.test_coverage, "workspaces.update", "refused-write-changes-nothing", "stores-refused"),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_a_fault_of_an_enterprise_operation_is_found(
    bench: Callable[..., Bench],
    generated: dict[str, Any],
    check: Callable[..., None],
    operation: str,
    rule: str,
    fault: str,
) -> None:
    extra = {"roles": ROLES, **generated}
    assert bench(services=AnyService).outcomes(check, operation, rule, **extra) <= {Outcome.PASS}
    assert Outcome.FAIL in bench(fault, services=AnyService).outcomes(check, operation, rule, **extra)


def test_what_a_server_lists_none_of_is_not_measured(bench: Callable[..., Bench]) -> None:
    def none(operation: Any, answer: Any) -> Any:
        return (200, []) if operation.id == "dimensions.list" else answer

    made = bench(answer=none, services=AnyService)
    assert made.outcomes(test_success.test_success, "dimensions.get", "success") == {Outcome.NOT_MEASURED}


def test_a_cloud_that_is_not_to_be_had_is_not_measured(bench: Callable[..., Bench]) -> None:
    outcomes = bench().outcomes(test_success.test_success, "import_storage.databricks.create", "success")
    assert outcomes == {Outcome.NOT_MEASURED}


def test_an_enterprise_operation_is_probed_on_a_community_server(bench: Callable[..., Bench]) -> None:
    made = bench(edition=Edition.COMMUNITY)
    contract = load_contract()
    answering, operation = contract["workspaces.list"], contract["workspaces.get"]
    seen = made.run(test_enterprise.test_probe, answering.id, enterprise_operation=answering)
    assert {o.rule for o in seen if o.outcome is Outcome.PASS} >= {"offered"}, "it answers: a finding"
    seen = made.run(test_enterprise.test_probe, operation.id, enterprise_operation=operation)
    assert [o.rule for o in seen] == [], "a 404 in JSON may be about an object or a route: it shows neither"
    made.responder.contract = dataclasses.replace(
        made.responder.contract,
        operations={o.id: o for o in load_contract().of(Edition.COMMUNITY)},
    )
    seen = made.run(test_enterprise.test_probe, operation.id, enterprise_operation=operation)
    assert {(o.rule, o.outcome) for o in seen} == {("offered", Outcome.UNSUPPORTED)}


def test_on_a_community_server_nothing_is_made_that_only_enterprise_has() -> None:
    community, whole = load_resources(edition=Edition.COMMUNITY), load_resources()
    contract = load_contract()
    assert "workspace" in whole.kinds
    for kind in community.kinds.values():
        named = {kind.create, kind.read, kind.delete, kind.found} - {None}
        assert {contract[str(o)].edition for o in named} <= {Edition.COMMUNITY}, kind.name
    assert set(community.hazards) == set(whole.hazards), "what can do harm is the same for both"
