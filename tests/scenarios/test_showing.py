"""A failure that a scenario shows says which operation it is asked of."""

from __future__ import annotations

import pytest

from conformance.contract import load_contract
from conformance.contract.tables.requirements import load_requirements
from conformance.showing import asked_of, told_by_itself
from conformance.wire import Exchange
from conformance.wire.messages import RawRequest


@pytest.mark.parametrize(
    ("requirement", "shown_by", "asked"),
    [
        ("LS-PROJECT-010", "projects.list", "projects.create"),
        ("LS-PROJECT-010", "projects.create", ""),
        ("LS-KEY-021", "tokens.list", "tokens.create"),
        ("LS-KEY-020", "users.whoami", load_requirements()["LS-KEY-020"].operations[0]),
    ],
    ids=["a write, in a list", "a write, in its own answer", "a list, of what was created", "another reader"],
)
def test_a_failure_is_asked_of_the_write_that_it_shows(requirement: str, shown_by: str, asked: str) -> None:
    assert asked_of(load_contract(), load_requirements()[requirement], shown_by) == asked


@pytest.mark.parametrize(
    ("named", "other", "told"),
    [
        ("tasks.get", "tasks.list", True),
        ("tasks.get", "tasks.get", False),
        ("tasks.update", "tasks.list", False),
        (None, "tasks.list", False),
    ],
    ids=["another reader", "itself, once more", "a write", "no answer in particular"],
)
def test_a_check_of_a_readers_own_answer_is_told_of_that_reader(named: str | None, other: str, *, told: bool) -> None:
    assert told_by_itself(_answered(named) if named else None, _answered(other)) is told


def _answered(operation: str) -> Exchange:
    request = RawRequest(method="GET", url="http://127.0.0.1:9/")
    return Exchange(request=request, operation=load_contract()[operation], response=None)
