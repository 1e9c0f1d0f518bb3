"""A server that breaks on one valid request in five is red on every operation, whatever was accepted of it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from conformance.contract import Edition, load_contract
from conformance.contract.tables.resources import load_resources
from conformance.judge.deviations import acceptance
from conformance.judge.observation import Outcome, Verb
from conformance.properties import test_success
from conformance.report.inputs import load_deviations
from tests.properties.conftest import AnyService

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.contract import Operation
    from tests.properties.conftest import Bench

FIFTH = 5
WORDS = "'list' object has no attribute 'get'"
OFFERED = [o.id for o in load_contract() if load_resources(edition=Edition.COMMUNITY).offered(o)]


def breaks(operation_id: str) -> Callable[[Operation, Any], Any]:
    """One in five of the successful answers of an operation is an exception's text, as Label Studio words it."""
    asked: Counter[str] = Counter()

    def answer(operation: Operation, answer: Any) -> Any:
        if operation.id != operation_id or not 200 <= answer[0] < 300:
            return answer
        asked[operation_id] += 1
        broken = {"id": "0", "status_code": 500, "version": "1.23.2", "detail": WORDS, "exc_info": None}
        return (500, broken) if asked[operation_id] % FIFTH == 1 else answer

    return answer


@pytest.fixture(scope="module")
def accepted() -> Any:
    return load_deviations(product="label-studio", edition="community", version="1.23.2")


@pytest.mark.parametrize("operation", OFFERED)
def test_one_in_five_is_red_and_accepted_by_nobody(bench: Callable[..., Bench], accepted: Any, operation: str) -> None:
    made = bench(answer=breaks(operation), services=AnyService)
    # the one in five may be one that made something for the test
    runs = (made.run(test_success.test_success, operation) for _ in range(FIFTH))
    found = next(seen for seen in runs if any(o.outcome is Outcome.FAIL for o in seen))
    failed = [o for o in found if o.rule == "valid-never-fails" and o.outcome is Outcome.FAIL]
    assert {(o.requirement, o.signature) for o in failed} == {
        (f"{operation}#valid-never-fails", "HTTP 500: a valid request")
    }
    assert {o.verb for o in failed} == {Verb.MUST}
    assert [d.name for o in failed if (d := acceptance(o, accepted))] == []
