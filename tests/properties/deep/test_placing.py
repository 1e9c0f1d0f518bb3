"""Where the server breaks on a valid request is named, so that two causes at one operation are two signatures."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from conformance.contract import load_contract
from conformance.contract.reading import SPEC
from conformance.contract.tables.requests.prepared import NOTHING
from conformance.judge.observation import Outcome
from conformance.properties import test_fuzz
from conformance.properties.campaigns.placing import place_of
from conformance.properties.generation.adapter import GeneratedCase
from conformance.report.inputs import read_deviation_file
from conformance.wire.checking.deeds import VALID
from conformance.wire.messages import UNUSUAL

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.properties.conftest import Bench

CASE = GeneratedCase(
    operation=load_contract()["webhooks.create"],
    mode="positive",
    broken=None,
    parameter=None,
    what="Valid object",
    scenario="fuzz",
    place="",
    path={},
    query={},
    body=NOTHING,
    media_type="application/json",
)


def breaks_on(*names: str) -> Callable[[GeneratedCase], bool]:
    return lambda case: all(name in case.query or (case.body is not NOTHING and name in case.body) for name in names)


@pytest.mark.parametrize(
    ("case", "breaks", "place"),
    [
        ({"body": {"url": "x", "headers": {}, "is_active": True}}, breaks_on("headers"), "with headers"),
        ({"body": {"headers": {}, "is_active": True}}, breaks_on("headers", "is_active"), "with headers, is_active"),
        ({"query": {"page": 1, "ids": "x"}}, breaks_on("ids"), "with ids"),
        ({"operation": load_contract()["webhooks.list"]}, lambda _: True, VALID),
        ({"body": {}}, lambda _: True, "with an empty body"),
        ({"body": ["a", 1]}, lambda _: True, "with a list of number and text"),
        # the generator says more of the same place
        (
            {"body": {"headers": {}}, "what": "Object with valid 'headers' value: Long"},
            breaks_on("headers"),
            "Object with valid 'headers' value: Long",
        ),
        (
            {"body": {"headers": {}, "is_active": 1}, "what": "Object with valid 'is_active' value: Boolean"},
            breaks_on("headers"),
            "with headers",
        ),
    ],
)
def test_what_can_be_left_out_is_no_cause(
    case: dict[str, Any], breaks: Callable[[GeneratedCase], bool], place: str
) -> None:
    assert place_of(replace(CASE, **case), breaks) == place


def test_a_random_request_is_told_by_the_place_that_breaks_the_server(
    bench: Callable[..., Bench], generated: dict[str, Any]
) -> None:
    made = bench()

    def breaks(operation: Any, answer: Any) -> Any:
        asked = made.responder.requests[-1]
        return (500, {}) if operation.id == "projects.list" and "ordering=" in asked[1] else answer

    made.responder.answer = breaks
    found = made.run(test_fuzz.test_fuzz, "projects.list", mode="positive", **generated)
    failed = {o.signature for o in found if o.rule == "valid-never-fails" and o.outcome is Outcome.FAIL}
    assert failed == {"HTTP 500: with ordering"}


@pytest.mark.parametrize("path", sorted((SPEC / "deviations").glob("*.yaml")), ids=lambda path: path.stem)
def test_nothing_is_accepted_of_a_valid_request_that_names_no_place(path: Any) -> None:
    plain = (VALID, UNUSUAL, "a generated request", "Positive test case", "Valid object", "Valid array")
    wide = [entry.name for entry in read_deviation_file(path).deviations if entry.signature.endswith(plain)]
    assert wide == []
