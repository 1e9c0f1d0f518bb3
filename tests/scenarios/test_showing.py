"""A failure that a scenario shows says which operation it is asked of."""

from __future__ import annotations

import pytest

from conformance.contract import load_contract
from conformance.contract.tables.requirements import load_requirements
from conformance.showing import asked_of


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
